package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
)

// Budget is what the agents of an entity or a department may cost in a calendar month.
type Budget struct {
	ID           int64     `json:"id" example:"9"`
	EntityID     int64     `json:"entity_id" example:"3"`
	DepartmentID *int64    `json:"department_id" example:"5" doc:"null: of the entity as a whole."`
	LimitAmount  Decimal   `json:"limit_amount" example:"500"`
	Currency     string    `json:"currency" example:"USD" doc:"ISO 4217. Costs in another currency do not count."`
	WarnPercent  int       `json:"warn_percent" example:"80" doc:"The share of the limit at which a warning is given."`
	Refuse       bool      `json:"refuse" example:"false" doc:"Whether new sessions are refused at the limit."`
	Active       bool      `json:"active" example:"true"`
	Month        string    `json:"month" example:"2025-11" doc:"This month, in the clinic's time zone."`
	Spent        Decimal   `json:"spent" example:"123.45" doc:"In this month so far, by the sessions that began in it."`
	State        string    `json:"state" enum:"ok,warning,exceeded" example:"ok"`
	CreatedAt    time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt    time.Time `json:"updated_at" example:"2025-11-03T14:30:00Z"`
}

// changedAt implements changeable.
func (v Budget) changedAt() time.Time { return v.UpdatedAt }

// NewBudget is what a budget is made of.
type NewBudget struct {
	EntityID     *int64  `json:"entity_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"3" doc:"Left out: the entity of an ENTITY_ADMIN or an API key."`
	DepartmentID *int64  `json:"department_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"5" doc:"Left out: the entity as a whole."`
	LimitAmount  Decimal `json:"limit_amount" exclusiveMinimum:"0" example:"500" doc:"With at most 6 places after the point."`
	Currency     string  `json:"currency" pattern:"^[A-Z]{3}$" patternDescription:"three upper-case letters" example:"USD" doc:"ISO 4217."`
	WarnPercent  int     `json:"warn_percent,omitempty" minimum:"1" maximum:"100" default:"80" example:"80"`
	Refuse       bool    `json:"refuse,omitempty" example:"false" doc:"Whether new sessions are refused at the limit."`
}

// BudgetPatch changes parts of a budget; whose it is, is for good.
type BudgetPatch struct {
	LimitAmount Patch[Decimal] `json:"limit_amount,omitzero" exclusiveMinimum:"0" example:"500" doc:"With at most 6 places after the point."`
	Currency    Patch[string]  `json:"currency,omitzero" pattern:"^[A-Z]{3}$" patternDescription:"three upper-case letters" example:"USD"`
	WarnPercent Patch[int]     `json:"warn_percent,omitzero" minimum:"1" maximum:"100" example:"80"`
	Refuse      Patch[bool]    `json:"refuse,omitzero"`
	Active      Patch[bool]    `json:"active,omitzero"`
}

func budgetOf(v service.BudgetStatus) Budget {
	return Budget{
		ID: int64(v.ID), EntityID: int64(v.EntityID), DepartmentID: nullID(v.DepartmentID), LimitAmount: money(v.LimitMicros),
		Currency: v.Currency, WarnPercent: v.WarnPercent, Refuse: v.Refuse, Active: v.Active, Month: v.Month, Spent: money(v.SpentMicros),
		State: string(v.State), CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
}

func (n NewBudget) params() (metering.BudgetParams, error) {
	limit, err := limitOf(n.LimitAmount)
	return metering.BudgetParams{
		EntityID: idOf[clinic.EntityID](n.EntityID), DepartmentID: idOf[clinic.DepartmentID](n.DepartmentID), LimitMicros: limit,
		Currency: n.Currency, WarnPercent: n.WarnPercent, Refuse: n.Refuse,
	}, err
}

func (p BudgetPatch) patch() (metering.BudgetPatch, error) {
	limit, err := patch.Map(p.LimitAmount.Of, limitOf)
	return metering.BudgetPatch{
		LimitMicros: limit, Currency: p.Currency.Of, WarnPercent: p.WarnPercent.Of, Refuse: p.Refuse.Of, Active: p.Active.Of,
	}, err
}

func limitOf(d Decimal) (int64, error) {
	micros, err := metering.ParseMicros(string(d))
	return micros, inField("limit_amount", err)
}

// BudgetQuery selects budgets.
type BudgetQuery struct {
	PageQuery
	ActiveQuery
	EntityID     int64 `query:"entity_id" minimum:"1" maximum:"2147483647"`
	DepartmentID int64 `query:"department_id" minimum:"1" maximum:"2147483647"`
}

func (q BudgetQuery) filter() metering.BudgetFilter {
	return metering.BudgetFilter{
		EntityID: clinic.EntityID(q.EntityID), DepartmentID: clinic.DepartmentID(q.DepartmentID), Active: q.Active.pointer(),
	}
}

func (s *server) registerBudgets() {
	tags := []string{"usage"}
	handle(s, huma.Operation{
		OperationID: "list-budgets", Method: http.MethodGet, Path: "/v1/budgets", Tags: tags,
		Summary: "List budgets, and what is spent of them",
	}, func(ctx context.Context, in *BudgetQuery) (*answer[List[Budget]], error) {
		v, err := s.Budgets.List(ctx, actor(ctx), in.filter(), in.request())
		return listed(v, err, budgetOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-budget", Method: http.MethodPost, Path: "/v1/budgets", Tags: tags,
		Summary: "Make a budget",
		Description: "There is one at most for an entity, and one for each department. What is running out is told in the service's log and " +
			"in the audit log, once a month for each budget (`budget-warning`, `budget-exceeded`).",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *struct{ Body NewBudget }) (*created[Budget], error) {
		params, err := in.Body.params()
		if err != nil {
			return nil, err
		}
		v, err := s.Budgets.Create(ctx, actor(ctx), params)
		return createdAt("/v1/budgets/", v.ID, v, err, budgetOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-budget", Method: http.MethodGet, Path: "/v1/budgets/{id}", Tags: tags,
		Summary: "Get a budget, and what is spent of it",
	}, func(ctx context.Context, in *ByID) (*answer[Budget], error) {
		v, err := s.Budgets.Get(ctx, actor(ctx), metering.BudgetID(in.ID))
		return reply(v, err, budgetOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-budget", Method: http.MethodPatch, Path: "/v1/budgets/{id}", Tags: tags,
		Summary:     "Change a budget",
		Description: "With another limit, currency or share, what was told of this month may be told again.",
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
		Body BudgetPatch
	},
	) (*answer[Budget], error) {
		change, err := in.Body.patch()
		if err != nil {
			return nil, err
		}
		v, err := s.Budgets.Update(ctx, actor(ctx), metering.BudgetID(in.ID), change, in.match())
		return reply(v, err, budgetOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-budget", Method: http.MethodDelete, Path: "/v1/budgets/{id}", Tags: tags,
		Summary:     "Deactivate a budget",
		Description: "A soft delete: the record stays, with `active` false. It warns of nothing and refuses nothing any more.",
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Budgets.Delete(ctx, actor(ctx), metering.BudgetID(in.ID), in.match())
	})
}
