package memory

import (
	"context"
	"slices"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
)

// priceTables is what sessions cost, and what they may cost.
type priceTables struct {
	prices         *table[metering.ModelPrice]
	pricesByEntity *index[metering.ModelPrice]

	budgets         *table[metering.Budget]
	budgetsByEntity *index[metering.Budget]

	repricings         *table[metering.Repricing]
	repricingsByID     *index[metering.Repricing]
	repricingsByEntity *index[metering.Repricing]

	modelUses         *table[metering.ModelUse]
	modelUsesByClinic *index[metering.ModelUse]
}

func (s *schema) addPrices() {
	s.prices = newTable(s, table[metering.ModelPrice]{
		name: "model_prices", what: "price",
		id: serial(func(v *metering.ModelPrice) *metering.PriceID { return &v.ID }),
		inScope: func(_ *data, scope identity.Scope, v *metering.ModelPrice) bool {
			return scope.Includes(v.EntityID) || v.EntityID == 0 && scope.EntityID() > 0
		},
		tidy: func(v *metering.ModelPrice) { tidyTimes(&v.ValidFrom, &v.CreatedAt, &v.UpdatedAt) },
		refs: func(d *data, v *metering.ModelPrice) bool { return s.hasEntity(d, v.EntityID) },
	})
	s.prices.unique("price-exists", "there is a price for this from the same moment on", func(v *metering.ModelPrice) (string, bool) {
		return intKey(v.EntityID) + textKey(v.Provider) + textKey(v.ModelPattern) + textKey(string(v.Unit)) + timeKey(v.ValidFrom), true
	})
	s.pricesByEntity = s.prices.index(func(v *metering.ModelPrice) (string, bool) { return intKey(v.EntityID), true })

	s.budgets = newTable(s, table[metering.Budget]{
		name: "budgets", what: "budget",
		id:      serial(func(v *metering.Budget) *metering.BudgetID { return &v.ID }),
		inScope: func(_ *data, scope identity.Scope, v *metering.Budget) bool { return scope.Includes(v.EntityID) },
		tidy:    func(v *metering.Budget) { tidyTimes(&v.CreatedAt, &v.UpdatedAt) },
		refs: func(d *data, v *metering.Budget) bool {
			return s.entities.has(d, intKey(v.EntityID)) && s.hasDepartment(d, v.DepartmentID)
		},
	})
	s.budgets.unique("budget-exists", "there is a budget for this", func(v *metering.Budget) (string, bool) {
		return intKey(v.EntityID) + intKey(v.DepartmentID), true
	})
	s.budgetsByEntity = s.budgets.index(func(v *metering.Budget) (string, bool) { return intKey(v.EntityID), true })

	s.repricings = newTable(s, table[metering.Repricing]{
		name: "repricings", what: "repricing",
		id:      given(func(v *metering.Repricing) id.UUID { return v.ID.UUID }),
		inScope: func(_ *data, scope identity.Scope, v *metering.Repricing) bool { return scope.Includes(v.EntityID) },
		tidy: func(v *metering.Repricing) {
			tidyTimes(&v.From, &v.To, &v.CreatedAt, &v.FinishedAt, &v.UpdatedAt)
		},
		clone: func(v metering.Repricing) metering.Repricing {
			v.Before, v.After = slices.Clone(v.Before), slices.Clone(v.After)
			return v
		},
		refs: func(d *data, v *metering.Repricing) bool { return s.hasEntity(d, v.EntityID) },
	})
	s.repricingsByID = s.repricings.index(func(*metering.Repricing) (string, bool) { return "", true })
	s.repricingsByEntity = s.repricings.index(func(v *metering.Repricing) (string, bool) { return intKey(v.EntityID), true })
}

type modelPrices struct{ session }

func (r modelPrices) Get(ctx context.Context, scope identity.Scope, key metering.PriceID) (metering.ModelPrice, error) {
	return get(ctx, r.session, r.tables().prices, scope, intKey(key))
}

func (r modelPrices) List(ctx context.Context, scope identity.Scope, f metering.ModelPriceFilter, req page.Request) (page.Page[metering.ModelPrice], error) {
	t := r.tables()
	rows := everything(t.prices)
	switch {
	case f.Platform:
		rows = group(t.prices, t.pricesByEntity, intKey(clinic.EntityID(0)))
	case f.EntityID != 0:
		rows = group(t.prices, t.pricesByEntity, intKey(f.EntityID))
	}
	return list(ctx, r.session, t.prices, req, listing[metering.ModelPrice]{
		scope: scope, list: page.Fingerprint("model_prices", scope, f), rows: rows,
		filter: func(v *metering.ModelPrice) bool {
			return wants(f.EntityID, v.EntityID) && (!f.Platform || v.EntityID == 0) &&
				wants(f.Provider, v.Provider) && wants(f.Unit, v.Unit) && wantsFlag(f.Active, v.Active)
		},
	})
}

func (r modelPrices) For(ctx context.Context, entity clinic.EntityID) ([]metering.ModelPrice, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var found []metering.ModelPrice
	for _, owner := range slices.Compact([]clinic.EntityID{0, entity}) {
		for v := range t.prices.in(d, t.pricesByEntity, intKey(owner), "") {
			if v.Active {
				found = append(found, *v)
			}
		}
	}
	slices.SortFunc(found, func(a, b metering.ModelPrice) int { return int(a.ID - b.ID) })
	return found, nil
}

func (r modelPrices) Create(ctx context.Context, v metering.ModelPrice) (metering.ModelPrice, error) {
	return create(ctx, r.session, r.tables().prices, v)
}

// Update sees less than Get does: the platform's prices are everybody's to read, and not to change.
func (r modelPrices) Update(ctx context.Context, scope identity.Scope, key metering.PriceID, change func(*metering.ModelPrice) error) (metering.ModelPrice, error) {
	var stored metering.ModelPrice
	err := r.change(ctx, func(tx *tx) (err error) {
		mine := func(v *metering.ModelPrice) bool { return scope.Includes(v.EntityID) }
		stored, err = r.tables().prices.update(tx, intKey(key), mine, change)
		return err
	})
	return orZero(stored, err)
}

type budgets struct{ session }

func (r budgets) Get(ctx context.Context, scope identity.Scope, key metering.BudgetID) (metering.Budget, error) {
	return get(ctx, r.session, r.tables().budgets, scope, intKey(key))
}

func (r budgets) List(ctx context.Context, scope identity.Scope, f metering.BudgetFilter, req page.Request) (page.Page[metering.Budget], error) {
	t := r.tables()
	return list(ctx, r.session, t.budgets, req, listing[metering.Budget]{
		scope: scope, list: page.Fingerprint("budgets", scope, f),
		rows: ofEntity(t.budgets, t.budgetsByEntity, scope, f.EntityID),
		filter: func(v *metering.Budget) bool {
			return wants(f.EntityID, v.EntityID) && wants(f.DepartmentID, v.DepartmentID) && wantsFlag(f.Active, v.Active)
		},
	})
}

func (r budgets) For(ctx context.Context, entity clinic.EntityID, department clinic.DepartmentID) ([]metering.Budget, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var found []metering.Budget
	for v := range t.budgets.in(d, t.budgetsByEntity, intKey(entity), "") {
		if v.Active && (v.DepartmentID == 0 || v.DepartmentID == department) {
			found = append(found, *v)
		}
	}
	return found, nil
}

func (r budgets) Create(ctx context.Context, v metering.Budget) (metering.Budget, error) {
	return create(ctx, r.session, r.tables().budgets, v)
}

func (r budgets) Update(ctx context.Context, scope identity.Scope, key metering.BudgetID, change func(*metering.Budget) error) (metering.Budget, error) {
	return update(ctx, r.session, r.tables().budgets, scope, intKey(key), change)
}

type repricings struct{ session }

func (r repricings) Get(ctx context.Context, scope identity.Scope, key metering.RepricingID) (metering.Repricing, error) {
	return get(ctx, r.session, r.tables().repricings, scope, uuidKey(key.UUID))
}

func (r repricings) List(ctx context.Context, scope identity.Scope, f metering.RepricingFilter, req page.Request) (page.Page[metering.Repricing], error) {
	t := r.tables()
	by, of, wanted := t.repricingsByID, "", f.EntityID
	if !scope.All() {
		wanted = scope.EntityID()
	}
	if wanted != 0 {
		by, of = t.repricingsByEntity, intKey(wanted)
	}
	return list(ctx, r.session, t.repricings, req, listing[metering.Repricing]{
		scope: scope, list: page.Fingerprint("repricings", scope, f), rows: groupBack(t.repricings, by, of),
		filter: func(v *metering.Repricing) bool { return wants(f.EntityID, v.EntityID) },
	})
}

func (r repricings) Create(ctx context.Context, v metering.Repricing) (metering.Repricing, error) {
	return create(ctx, r.session, r.tables().repricings, v)
}

func (r repricings) Update(ctx context.Context, scope identity.Scope, key metering.RepricingID, change func(*metering.Repricing) error) (metering.Repricing, error) {
	return update(ctx, r.session, r.tables().repricings, scope, uuidKey(key.UUID), change)
}
