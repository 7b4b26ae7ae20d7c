package service

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// InstalledPrices is what came of installing the starter list.
type InstalledPrices struct {
	AsOf    string // the day that the list is of, "2026-11-01"
	Created int
	Skipped int // those that the platform's list had, active or not
}

// InstallExamples puts the starter list that the service ships into the platform's list, marked as examples.
func (s *ModelPrices) InstallExamples(ctx context.Context, actor identity.Actor) (InstalledPrices, error) {
	if err := actor.Require(identity.PlatformWrite); err != nil {
		return InstalledPrices{}, err
	}
	asOf, params, err := metering.ExamplePrices()
	if err != nil {
		return InstalledPrices{}, err
	}
	now := s.d.Now()
	for attempt := 0; ; attempt++ {
		done, err := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (InstalledPrices, error) {
			return installPrices(ctx, r, asOf, params, now)
		})
		if attempt < 2 && errs.CodeOf(err) == "price-exists" {
			continue // somebody else is installing it, or made one of its prices: look again
		}
		return done, err
	}
}

func installPrices(ctx context.Context, r ports.Repositories, asOf string, params []metering.ModelPriceParams, now time.Time) (InstalledPrices, error) {
	done := InstalledPrices{AsOf: asOf}
	there, err := platformPrices(ctx, r)
	if err != nil {
		return done, err
	}
	for _, p := range params {
		price, err := metering.NewModelPrice(p, now)
		if err != nil {
			return done, err
		}
		if there[keyOf(price)] {
			done.Skipped++
			continue
		}
		if _, err := r.ModelPrices.Create(ctx, price); err != nil {
			return done, err
		}
		done.Created++
	}
	return done, nil
}

// priceKey is what a price is for, from when on.
type priceKey struct {
	provider, pattern string
	unit              metering.Unit
	validFrom         int64 // in microseconds
}

func keyOf(v metering.ModelPrice) priceKey {
	return priceKey{v.Provider, v.ModelPattern, v.Unit, v.ValidFrom.UnixMicro()}
}

// platformPrices is what the platform's list has.
func platformPrices(ctx context.Context, r ports.Repositories) (map[priceKey]bool, error) {
	there := map[priceKey]bool{}
	req := page.Request{Limit: page.MaxLimit}
	for {
		found, err := r.ModelPrices.List(ctx, identity.AllEntities(), metering.ModelPriceFilter{Platform: true}, req)
		if err != nil {
			return nil, err
		}
		for _, v := range found.Items {
			there[keyOf(v)] = true
		}
		if found.NextCursor == "" {
			return there, nil
		}
		req.Cursor = found.NextCursor
	}
}
