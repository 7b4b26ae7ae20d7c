package service

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// ModelPrices is what users may do with prices: everybody reads the platform's and those of its own entity, a MANAGER
// makes and changes them. What was priced before stays as it was, until a repricing.
type ModelPrices struct {
	reader[metering.ModelPrice, metering.PriceID, metering.ModelPriceFilter]
	d Deps
}

// NewModelPrices makes the use cases of prices.
func NewModelPrices(d Deps) *ModelPrices {
	return &ModelPrices{reader[metering.ModelPrice, metering.PriceID, metering.ModelPriceFilter]{d.Repositories.ModelPrices, identity.UsageRead}, d}
}

// Create makes a price, of the platform's list when no entity is named. Errors: NotFound "entity-not-found", Conflict
// "price-exists", Invalid "invalid-input".
func (s *ModelPrices) Create(ctx context.Context, actor identity.Actor, p metering.ModelPriceParams) (metering.ModelPrice, error) {
	if err := actor.Require(identity.PlatformWrite); err != nil {
		return metering.ModelPrice{}, err
	}
	price, err := metering.NewModelPrice(p, s.d.Now())
	if err != nil {
		return metering.ModelPrice{}, err
	}
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (metering.ModelPrice, error) {
		if p.EntityID != 0 {
			if err := activeEntity(ctx, r, actor, p.EntityID); err != nil {
				return metering.ModelPrice{}, err
			}
		}
		return r.ModelPrices.Create(ctx, price)
	})
}

// Update changes a price. Errors: NotFound "price-not-found", Conflict "price-exists", Stale "version-mismatch", Invalid
// "invalid-input".
func (s *ModelPrices) Update(ctx context.Context, actor identity.Actor, id metering.PriceID, p metering.ModelPricePatch, match version.Match) (metering.ModelPrice, error) {
	return s.change(ctx, actor, id, match, func(v *metering.ModelPrice, now time.Time) error { return v.Change(p, now) })
}

// Delete deactivates a price: no session goes by it any more. Errors: NotFound "price-not-found", Stale
// "version-mismatch".
func (s *ModelPrices) Delete(ctx context.Context, actor identity.Actor, id metering.PriceID, match version.Match) error {
	_, err := s.change(ctx, actor, id, match, func(v *metering.ModelPrice, now time.Time) error {
		v.Deactivate(now)
		return nil
	})
	return err
}

func (s *ModelPrices) change(ctx context.Context, actor identity.Actor, id metering.PriceID, match version.Match, fn func(*metering.ModelPrice, time.Time) error) (metering.ModelPrice, error) {
	if err := actor.Require(identity.PlatformWrite); err != nil {
		return metering.ModelPrice{}, err
	}
	now := s.d.Now()
	return s.d.Repositories.ModelPrices.Update(ctx, actor.Scope(), id, func(v *metering.ModelPrice) error {
		if err := match.Check(v.UpdatedAt); err != nil {
			return err
		}
		return fn(v, now)
	})
}
