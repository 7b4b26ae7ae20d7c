package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
)

// ModelPrice is what one unit of a model costs, for sessions that start from a moment on.
type ModelPrice struct {
	ID           int64     `json:"id" example:"61"`
	EntityID     *int64    `json:"entity_id" example:"3" doc:"null: of the platform's list, by which the sessions of entities go that have no price of their own for it."`
	Provider     string    `json:"provider" example:"openai" doc:"Empty: any."`
	ModelPattern string    `json:"model_pattern" example:"gpt-4o*" doc:"The model's name, in which * stands for any characters. Upper and lower case are the same."`
	Unit         string    `json:"unit" example:"input_tokens"`
	Price        Decimal   `json:"price" example:"2.5" doc:"Of per units, exactly."`
	Per          int64     `json:"per" enum:"1,1000,1000000" example:"1000000"`
	Currency     string    `json:"currency" example:"USD" doc:"ISO 4217."`
	ValidFrom    time.Time `json:"valid_from" example:"2025-11-01T00:00:00Z"`
	Active       bool      `json:"active" example:"true"`
	Example      bool      `json:"example" example:"false" doc:"Of the starter list, which nobody vouches for."`
	CreatedAt    time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt    time.Time `json:"updated_at" example:"2025-11-03T14:30:00Z"`
}

// changedAt implements changeable.
func (v ModelPrice) changedAt() time.Time { return v.UpdatedAt }

// NewModelPrice is what a price is made of.
type NewModelPrice struct {
	EntityID     *int64     `json:"entity_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"3" doc:"Left out: of the platform's list."`
	Provider     string     `json:"provider,omitempty" maxLength:"100" example:"openai" doc:"Left out: any."`
	ModelPattern string     `json:"model_pattern" minLength:"1" maxLength:"200" example:"gpt-4o*" doc:"The model's name, in which * stands for any characters."`
	Unit         PriceUnit  `json:"unit" example:"input_tokens"`
	Price        Decimal    `json:"price" minimum:"0" example:"2.5" doc:"Of per units, with at most 10 places after the point."`
	Per          int64      `json:"per,omitempty" enum:"1,1000,1000000" default:"1" example:"1000000"`
	Currency     string     `json:"currency" pattern:"^[A-Z]{3}$" patternDescription:"three upper-case letters" example:"USD" doc:"ISO 4217."`
	ValidFrom    *time.Time `json:"valid_from,omitempty" nullable:"true" example:"2025-11-01T00:00:00Z" doc:"Left out: now."`
}

// ModelPricePatch changes parts of a price; what it is for is for good.
type ModelPricePatch struct {
	Price     Patch[Decimal]   `json:"price,omitzero" minimum:"0" example:"2.5" doc:"Of per units, with at most 10 places after the point."`
	Per       Patch[int64]     `json:"per,omitzero" enum:"1,1000,1000000"`
	ValidFrom Patch[time.Time] `json:"valid_from,omitzero"`
	Active    Patch[bool]      `json:"active,omitzero"`
}

// PriceUnit is what a price is for.
type PriceUnit string

// Schema implements huma.SchemaProvider.
func (PriceUnit) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{
		Type: huma.TypeString,
		Description: "A cached or an audio token without a price of its own costs what the token that it is part of costs. Characters, " +
			"audio, requests and connection time are measures of the same: a price for one is enough.",
	}
	for _, unit := range metering.Units() {
		s.Enum = append(s.Enum, string(unit))
	}
	return s
}

// InstalledPrices is what came of installing the starter list.
type InstalledPrices struct {
	AsOf    string `json:"as_of" format:"date" example:"2025-11-01" doc:"The day that the list is of."`
	Created int    `json:"created" example:"57"`
	Skipped int    `json:"skipped" example:"0" doc:"Prices that the platform's list had."`
}

func modelPriceOf(v metering.ModelPrice) ModelPrice {
	return ModelPrice{
		ID: int64(v.ID), EntityID: nullID(v.EntityID), Provider: v.Provider, ModelPattern: v.ModelPattern, Unit: string(v.Unit),
		Price: Decimal(v.Amount.String()), Per: v.Per, Currency: v.Currency, ValidFrom: v.ValidFrom, Active: v.Active,
		Example: v.Example, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
}

func (n NewModelPrice) params() (metering.ModelPriceParams, error) {
	amount, err := amountOf(n.Price)
	if err != nil {
		return metering.ModelPriceParams{}, err
	}
	p := metering.ModelPriceParams{
		EntityID: idOf[clinic.EntityID](n.EntityID), Provider: n.Provider, ModelPattern: n.ModelPattern, Unit: metering.Unit(n.Unit),
		Amount: amount, Per: n.Per, Currency: n.Currency,
	}
	if n.ValidFrom != nil {
		p.ValidFrom = n.ValidFrom.UTC()
	}
	return p, nil
}

func (p ModelPricePatch) patch() (metering.ModelPricePatch, error) {
	amount, err := patch.Map(p.Price.Of, amountOf)
	return metering.ModelPricePatch{
		Amount: amount, Per: p.Per.Of, ValidFrom: converted(p.ValidFrom.Of, time.Time.UTC), Active: p.Active.Of,
	}, err
}

func amountOf(d Decimal) (metering.Amount, error) {
	amount, err := metering.ParseAmount(string(d))
	return amount, inField("price", err)
}

// inField is an error of one field of the body.
func inField(path string, err error) error {
	var c errs.Check
	c.Note(path, err)
	return c.Err()
}

// ModelPriceQuery selects prices.
type ModelPriceQuery struct {
	PageQuery
	ActiveQuery
	EntityID int64  `query:"entity_id" minimum:"1" maximum:"2147483647" doc:"Only those of an entity's own."`
	Platform bool   `query:"platform" doc:"true: only the platform's list."`
	Provider string `query:"provider" maxLength:"100" example:"openai"`
	Unit     string `query:"unit" maxLength:"50" example:"input_tokens"`
}

func (q ModelPriceQuery) filter() metering.ModelPriceFilter {
	return metering.ModelPriceFilter{
		EntityID: clinic.EntityID(q.EntityID), Platform: q.Platform, Provider: q.Provider, Unit: metering.Unit(q.Unit), Active: q.Active.pointer(),
	}
}

func (s *server) registerModelPrices() {
	tags := []string{"usage"}
	handle(s, huma.Operation{
		OperationID: "list-model-prices", Method: http.MethodGet, Path: "/v1/model-prices", Tags: tags,
		Summary: "List what models cost",
		Description: "The platform's list, and prices of the entity's own. Of several that fit, the entity's own wins, then one that names " +
			"the provider, then the model's exact name or else the longest pattern, then the latest.",
	}, func(ctx context.Context, in *ModelPriceQuery) (*answer[List[ModelPrice]], error) {
		v, err := s.ModelPrices.List(ctx, actor(ctx), in.filter(), in.request())
		return listed(v, err, modelPriceOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-model-price", Method: http.MethodPost, Path: "/v1/model-prices", Tags: tags,
		Summary: "Set what a model costs",
		Description: "Only for a MANAGER. It is for sessions that start from `valid_from` on, and for what those that have started tell from " +
			"now on; what was priced before stays as it was until it is priced again.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *struct{ Body NewModelPrice }) (*created[ModelPrice], error) {
		params, err := in.Body.params()
		if err != nil {
			return nil, err
		}
		v, err := s.ModelPrices.Create(ctx, actor(ctx), params)
		return createdAt("/v1/model-prices/", v.ID, v, err, modelPriceOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-model-price", Method: http.MethodGet, Path: "/v1/model-prices/{id}", Tags: tags,
		Summary: "Get a price",
	}, func(ctx context.Context, in *ByID) (*answer[ModelPrice], error) {
		v, err := s.ModelPrices.Get(ctx, actor(ctx), metering.PriceID(in.ID))
		return reply(v, err, modelPriceOf)
	})
	s.registerModelPriceChanges(tags)
}

func (s *server) registerModelPriceChanges(tags []string) {
	handle(s, huma.Operation{
		OperationID: "update-model-price", Method: http.MethodPatch, Path: "/v1/model-prices/{id}", Tags: tags,
		Summary:     "Change a price",
		Description: "Only for a MANAGER. What was priced before stays as it was until it is priced again.",
		Errors:      []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
		Body ModelPricePatch
	},
	) (*answer[ModelPrice], error) {
		change, err := in.Body.patch()
		if err != nil {
			return nil, err
		}
		v, err := s.ModelPrices.Update(ctx, actor(ctx), metering.PriceID(in.ID), change, in.match())
		return reply(v, err, modelPriceOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-model-price", Method: http.MethodDelete, Path: "/v1/model-prices/{id}", Tags: tags,
		Summary:     "Deactivate a price",
		Description: "Only for a MANAGER. A soft delete: the record stays, with `active` false.",
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.ModelPrices.Delete(ctx, actor(ctx), metering.PriceID(in.ID), in.match())
	})
	handle(s, huma.Operation{
		OperationID: "install-example-prices", Method: http.MethodPost, Path: "/v1/model-prices/example", Tags: tags,
		Summary: "Install the starter list of prices",
		Description: "Only for a MANAGER. Puts public list prices of well-known models into the platform's list, as they were around `as_of` " +
			"and marked as examples: check them before you rely on them. A price that is there already is left alone.",
		Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, _ *struct{}) (*answer[InstalledPrices], error) {
		done, err := s.ModelPrices.InstallExamples(ctx, actor(ctx))
		return reply(done, err, func(v service.InstalledPrices) InstalledPrices { return InstalledPrices(v) })
	})
}
