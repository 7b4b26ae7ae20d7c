package service

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

// longestModelUse is how many days are told of at once.
const longestModelUse = 366

// PricedModelUse is what a clinic used of a model on a day, and what it cost.
type PricedModelUse struct {
	metering.ModelUse
	metering.ModelCost
}

// ModelUseReport is what a clinic used of language models in some days.
type ModelUseReport struct {
	First, Last agenda.Date // both included
	TimeZone    string      // in which days begin: the clinic's
	Rows        []PricedModelUse
}

// ModelUse tells what a clinic's front desk used of language models from one day to another, both included, by day and model.
// A zero last is today, in the clinic's zone, and a zero first the beginning of the last one's month. Errors: NotFound
// "clinic-not-found"; Invalid "invalid-input".
func (s *Reports) ModelUse(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, first, last agenda.Date) (ModelUseReport, error) {
	if err := actor.Require(identity.ReportsRead); err != nil {
		return ModelUseReport{}, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
	if err != nil {
		return ModelUseReport{}, err
	}
	if last.IsZero() {
		last = agenda.DateOf(s.d.Now(), c.Location())
	}
	if first.IsZero() {
		first = agenda.Date{Year: last.Year, Month: last.Month, Day: 1}
	}
	var check errs.Check
	check.That(!first.After(last), "query.from", "must not be after the last day")
	check.That(!last.After(first.AddDays(longestModelUse-1)), "query.from", "must not be more than 366 days before the end")
	if err := check.Err(); err != nil {
		return ModelUseReport{}, err
	}
	prices, err := s.d.Repositories.ModelPrices.For(ctx, c.EntityID)
	if err != nil {
		return ModelUseReport{}, err
	}
	days, err := s.d.Repositories.ModelUses.Days(ctx, actor.Scope(), tenant, first, last)
	if err != nil {
		return ModelUseReport{}, err
	}
	out := ModelUseReport{First: first, Last: last, TimeZone: c.TimeZone}
	for _, u := range days {
		out.Rows = append(out.Rows, PricedModelUse{u, u.Cost(prices, c.Location())})
	}
	return out, nil
}
