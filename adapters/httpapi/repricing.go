package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/metering"
)

// Repricing prices the sessions that started in a period again, by the prices of now.
type Repricing struct {
	ID          metering.RepricingID `json:"id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de008"`
	EntityID    *int64               `json:"entity_id" example:"3" doc:"null: all."`
	From        time.Time            `json:"from" example:"2025-11-01T03:00:00Z"`
	To          time.Time            `json:"to" example:"2025-12-01T03:00:00Z"`
	Status      string               `json:"status" enum:"pending,running,done" example:"done"`
	RequestedBy string               `json:"requested_by" example:"user:7"`
	Sessions    int64                `json:"sessions" example:"1200" doc:"That were looked at so far."`
	Changed     int64                `json:"changed" example:"37" doc:"Whose cost is another one now. Each has an entry in the audit log."`
	Before      []Money              `json:"before" nullable:"false" doc:"What those that changed cost before."`
	After       []Money              `json:"after" nullable:"false" doc:"What those that changed cost now."`
	CreatedAt   time.Time            `json:"created_at" example:"2025-12-01T14:30:00Z"`
	UpdatedAt   time.Time            `json:"updated_at" example:"2025-12-01T14:30:02Z"`
	FinishedAt  *time.Time           `json:"finished_at" example:"2025-12-01T14:30:02Z" doc:"null until it is done."`
}

// Money is an exact amount in a currency.
type Money struct {
	Currency string  `json:"currency" example:"USD" doc:"ISO 4217."`
	Amount   Decimal `json:"amount" example:"2.35"`
}

// NewRepricing is what a repricing is made of.
type NewRepricing struct {
	EntityID *int64    `json:"entity_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"3" doc:"Left out: all, and the sessions of no entity."`
	From     time.Time `json:"from" example:"2025-11-01T03:00:00Z" doc:"The first moment at which a session may have started."`
	To       time.Time `json:"to" example:"2025-12-01T03:00:00Z" doc:"The moment after the last."`
}

func repricingOf(v metering.Repricing) Repricing {
	return Repricing{
		ID: v.ID, EntityID: nullID(v.EntityID), From: v.From, To: v.To, Status: string(v.Status), RequestedBy: v.RequestedBy,
		Sessions: v.Sessions, Changed: v.Changed, Before: moneyOf(v.Before), After: moneyOf(v.After), CreatedAt: v.CreatedAt,
		UpdatedAt: v.UpdatedAt, FinishedAt: nullTime(v.FinishedAt),
	}
}

func moneyOf(list []metering.Money) []Money {
	out := make([]Money, 0, len(list))
	for _, m := range list {
		out = append(out, Money{m.Currency, money(m.Micros)})
	}
	return out
}

func (n NewRepricing) params() metering.RepricingParams {
	return metering.RepricingParams{EntityID: idOf[clinic.EntityID](n.EntityID), From: n.From.UTC(), To: n.To.UTC()}
}

// ByRepricing is the id of a repricing in a path. huma ignores the fields of an unexported embedded struct, so this is
// exported.
type ByRepricing struct {
	ID metering.RepricingID `path:"id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de008"`
}

// RepricingQuery selects repricings.
type RepricingQuery struct {
	PageQuery
	EntityID int64 `query:"entity_id" minimum:"1" maximum:"2147483647"`
}

func (s *server) registerRepricings() {
	tags := []string{"usage"}
	handle(s, huma.Operation{
		OperationID: "create-repricing", Method: http.MethodPost, Path: "/v1/usage/repricings", Tags: tags,
		Summary: "Price past sessions again",
		Description: "Only for a MANAGER. The sessions that started in the period get the prices of now that are valid for when they started. " +
			"It is done in the background: read how far it is at `Location`.",
		DefaultStatus: http.StatusAccepted, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct{ Body NewRepricing }) (*created[Repricing], error) {
		v, err := s.Repricings.Start(ctx, actor(ctx), in.Body.params())
		return createdAt("/v1/usage/repricings/", v.ID, v, err, repricingOf)
	})
	handle(s, huma.Operation{
		OperationID: "list-repricings", Method: http.MethodGet, Path: "/v1/usage/repricings", Tags: tags,
		Summary:     "List repricings",
		Description: "The newest first. Those of all entities are shown to a MANAGER only.",
	}, func(ctx context.Context, in *RepricingQuery) (*answer[List[Repricing]], error) {
		v, err := s.Repricings.List(ctx, actor(ctx), metering.RepricingFilter{EntityID: clinic.EntityID(in.EntityID)}, in.request())
		return listed(v, err, repricingOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-repricing", Method: http.MethodGet, Path: "/v1/usage/repricings/{id}", Tags: tags,
		Summary: "Get a repricing, and how far it is",
	}, func(ctx context.Context, in *ByRepricing) (*answer[Repricing], error) {
		v, err := s.Repricings.Get(ctx, actor(ctx), in.ID)
		return reply(v, err, repricingOf)
	})
}
