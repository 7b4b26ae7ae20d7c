package porttest

import (
	"fmt"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// NewPrice returns a price of the entity's own, or of the platform's list for entity 0.
func (f *Fixtures) NewPrice(entity clinic.EntityID) metering.ModelPrice {
	n := f.next()
	return metering.ModelPrice{
		EntityID: entity, Provider: fmt.Sprintf("openai-%d", n), ModelPattern: "gpt-4o*", Unit: metering.Units()[n%3],
		Amount: metering.Amount(25_000 + n), Per: 1_000_000, Currency: "USD", ValidFrom: f.Now().Add(-time.Hour),
		Active: true, CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// Price stores a price.
func (f *Fixtures) Price(entity clinic.EntityID) metering.ModelPrice {
	f.t.Helper()
	return store(f, f.ModelPrices.Create, f.NewPrice(entity))
}

func testModelPrices(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[metering.ModelPrice, metering.ModelPriceFilter]
	records[metering.ModelPrice, metering.PriceID, metering.ModelPriceFilter]{
		what: "price",
		of: func(f *Fixtures) repository[metering.ModelPrice, metering.PriceID, metering.ModelPriceFilter] {
			return f.ModelPrices
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) metering.ModelPrice {
			v := f.NewPrice(entity)
			v.Active, v.Example = n%4 != 1, n%3 == 1
			return v
		},
		id: func(v *metering.ModelPrice) *metering.PriceID { return &v.ID }, missing: nowhere,
		order:  func(v metering.ModelPrice) string { return rising(v.ID) },
		entity: func(_ *Fixtures, v metering.ModelPrice) clinic.EntityID { return v.EntityID },
		at:     func(v *metering.ModelPrice) *time.Time { return &v.ValidFrom },
		change: func(v *metering.ModelPrice) {
			v.Amount, v.Per, v.ValidFrom, v.Active = 9_223_372_036_854_775_807, 1, v.ValidFrom.Add(time.Hour), !v.Active
			v.UpdatedAt = v.UpdatedAt.Add(time.Hour)
		},
		bare: func(v *metering.ModelPrice) { v.Provider, v.Amount = "", 0 },
		filters: func(_ *Fixtures, rows []metering.ModelPrice) list {
			some := rows[0]
			return list{
				{"entity", metering.ModelPriceFilter{EntityID: some.EntityID}, func(v metering.ModelPrice) bool { return v.EntityID == some.EntityID }},
				{"provider", metering.ModelPriceFilter{Provider: some.Provider}, func(v metering.ModelPrice) bool { return v.Provider == some.Provider }},
				{"unit", metering.ModelPriceFilter{Unit: some.Unit}, func(v metering.ModelPrice) bool { return v.Unit == some.Unit }},
				{"active", metering.ModelPriceFilter{Active: new(true)}, func(v metering.ModelPrice) bool { return v.Active }},
				{"not active", metering.ModelPriceFilter{Active: new(false)}, func(v metering.ModelPrice) bool { return !v.Active }},
			}
		},
		conflicts: []conflict[metering.ModelPrice]{{"price-exists", func(first metering.ModelPrice, second *metering.ModelPrice) {
			second.EntityID, second.Provider, second.ModelPattern = first.EntityID, first.Provider, first.ModelPattern
			second.Unit, second.ValidFrom = first.Unit, first.ValidFrom
		}, true}},
		unknown: []unknown[metering.ModelPrice]{
			{"entity", func(v *metering.ModelPrice) { v.EntityID = nowhere }},
		},
	}.run(t, open)

	try(t, open, "PricesThatDifferInOnePartAreSeveral", testPricesDiffer)
	try(t, open, "ThePlatformsAreReadInEveryScopeAndChangedInThatOfAll", testPlatformPrices)
	try(t, open, "ForReturnsTheActiveOnesOfTheEntityAndThePlatform", testPricesFor)
}

func testPricesDiffer(t *testing.T, f *Fixtures) {
	first := f.Price(0)
	again := first
	again.Amount, again.Active = 1, false
	_, err := f.ModelPrices.Create(t.Context(), again)
	wantError(t, "the same of the platform's list again", err, errs.Conflict, "price-exists")
	entity := f.Entity().ID
	for name, change := range map[string]func(*metering.ModelPrice){
		"entity":     func(v *metering.ModelPrice) { v.EntityID = entity },
		"provider":   func(v *metering.ModelPrice) { v.Provider = "" },
		"pattern":    func(v *metering.ModelPrice) { v.ModelPattern = "gpt-4o" },
		"unit":       func(v *metering.ModelPrice) { v.Unit = metering.ConnectionMinutes },
		"valid from": func(v *metering.ModelPrice) { v.ValidFrom = v.ValidFrom.Add(time.Microsecond) },
	} {
		other := first
		change(&other)
		ok[metering.ModelPrice](t, "another "+name)(f.ModelPrices.Create(t.Context(), other))
	}
}

func testPlatformPrices(t *testing.T, f *Fixtures) {
	platform, mine, theirs := f.Price(0), f.Price(f.Entity().ID), f.Price(f.Entity().ID)
	everyone, me := identity.AllEntities(), identity.OnlyEntity(mine.EntityID)
	get := func(scope identity.Scope) error {
		_, err := f.ModelPrices.Get(t.Context(), scope, platform.ID)
		return err
	}
	wantSame(t, "the platform's price", ok[metering.ModelPrice](t, "get")(f.ModelPrices.Get(t.Context(), me, platform.ID)), platform)
	for what, scope := range map[string]identity.Scope{"the empty scope": {}, "the scope of entity 0": identity.OnlyEntity(0)} {
		wantError(t, "Get in "+what, get(scope), errs.NotFound, "price-not-found")
		found := ok[page.Page[metering.ModelPrice]](t, "list")(f.ModelPrices.List(t.Context(), scope, metering.ModelPriceFilter{}, page.Request{}))
		wantSame(t, what, found.Items, nil)
	}
	_, err := f.ModelPrices.Update(t.Context(), me, platform.ID, func(*metering.ModelPrice) error {
		t.Error("change was called for a price of the platform in an entity's scope")
		return nil
	})
	wantError(t, "Update in an entity's scope", err, errs.NotFound, "price-not-found")

	for what, c := range map[string]struct {
		scope  identity.Scope
		filter metering.ModelPriceFilter
		want   []metering.ModelPrice
	}{
		"all":                        {everyone, metering.ModelPriceFilter{}, []metering.ModelPrice{platform, mine, theirs}},
		"all of the platform":        {everyone, metering.ModelPriceFilter{Platform: true}, []metering.ModelPrice{platform}},
		"an entity's scope":          {me, metering.ModelPriceFilter{}, []metering.ModelPrice{platform, mine}},
		"the platform's in it":       {me, metering.ModelPriceFilter{Platform: true}, []metering.ModelPrice{platform}},
		"its own":                    {me, metering.ModelPriceFilter{EntityID: mine.EntityID}, []metering.ModelPrice{mine}},
		"another's":                  {me, metering.ModelPriceFilter{EntityID: theirs.EntityID}, nil},
		"its own and the platform's": {me, metering.ModelPriceFilter{EntityID: mine.EntityID, Platform: true}, nil},
	} {
		found := ok[page.Page[metering.ModelPrice]](t, "list")(f.ModelPrices.List(t.Context(), c.scope, c.filter, page.Request{}))
		wantSame(t, what, found.Items, c.want)
	}
	listed := func(req page.Request) (page.Page[metering.ModelPrice], error) {
		return f.ModelPrices.List(t.Context(), me, metering.ModelPriceFilter{}, req)
	}
	wantWalk(t, listed, 1, []metering.ModelPrice{platform, mine})

	changed := ok[metering.ModelPrice](t, "update")(f.ModelPrices.Update(t.Context(), everyone, platform.ID, func(v *metering.ModelPrice) error {
		v.Amount++
		return nil
	}))
	if changed.Amount != platform.Amount+1 {
		t.Errorf("got the amount %d, want %d", changed.Amount, platform.Amount+1)
	}
}

func testPricesFor(t *testing.T, f *Fixtures) {
	entity, other := f.Entity().ID, f.Entity().ID
	var prices []metering.ModelPrice
	for i, owner := range []clinic.EntityID{entity, 0, other, entity, 0, entity, 0} {
		v := f.NewPrice(owner)
		v.Active = i < 5
		prices = append(prices, store(f, f.ModelPrices.Create, v))
	}
	for _, c := range []struct {
		entity clinic.EntityID
		want   []metering.ModelPrice
	}{
		{entity, []metering.ModelPrice{prices[0], prices[1], prices[3], prices[4]}},
		{other, []metering.ModelPrice{prices[1], prices[2], prices[4]}},
		{0, []metering.ModelPrice{prices[1], prices[4]}},
		{nowhere, []metering.ModelPrice{prices[1], prices[4]}},
	} {
		got := ok[[]metering.ModelPrice](t, "prices")(f.ModelPrices.For(t.Context(), c.entity))
		wantSame(t, fmt.Sprintf("the prices of entity %d", c.entity), got, c.want)
	}
	_, err := f.ModelPrices.For(cancelled(t), entity)
	wantCancelled(t, "For", err)
}

func testAuditedPrices(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	audited[metering.ModelPrice, metering.PriceID]{
		name: "model_prices", of: func(f *Fixtures) ports.Writer[metering.ModelPrice, metering.PriceID] { return f.ModelPrices },
		build: func(f *Fixtures, entity clinic.EntityID) metering.ModelPrice { return f.NewPrice(entity) },
		id:    func(v metering.ModelPrice) metering.PriceID { return v.ID }, entity: func(v metering.ModelPrice) clinic.EntityID { return v.EntityID },
		change: func(v *metering.ModelPrice) {
			v.EntityID, v.Provider, v.ModelPattern, v.Unit, v.Amount, v.Per = 0, "", "gpt-4", metering.AudioMinutes, 20_000_000_000, 1
			v.Currency, v.ValidFrom, v.Active, v.Example = "BRL", v.ValidFrom.Add(time.Hour), false, true
		},
		touch: func(v *metering.ModelPrice) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		both: map[string]string{
			"provider":   `{"old":"openai-2","new":""}`,
			"price":      `{"old":0.0000025002,"new":2.0000000000}`,
			"valid_from": `{"old":"2026-03-02T11:00:00.123456+00:00","new":"2026-03-02T12:00:00.123456+00:00"}`,
		},
	}.run(t, open)
	audited[metering.Budget, metering.BudgetID]{
		name: "budgets", of: func(f *Fixtures) ports.Writer[metering.Budget, metering.BudgetID] { return f.Budgets },
		build: func(f *Fixtures, entity clinic.EntityID) metering.Budget { return f.NewBudget(entity) },
		id:    func(v metering.Budget) metering.BudgetID { return v.ID }, entity: func(v metering.Budget) clinic.EntityID { return v.EntityID },
		change: func(v *metering.Budget) {
			v.DepartmentID, v.LimitMicros, v.Currency, v.WarnPercent, v.Refuse, v.Active = 0, 2_350_000, "BRL", 1, false, false
			v.WarnedFor, v.ExceededFor = "2026-12", ""
		},
		touch: func(v *metering.Budget) { v.UpdatedAt = v.UpdatedAt.Add(1e9) },
		both: map[string]string{
			"limit_amount": `{"old":1500.000003,"new":2.350000}`,
			"warned_for":   `{"old":"2026-02","new":"2026-12"}`,
			"exceeded_for": `{"old":"2026-01","new":null}`,
		},
	}.run(t, open)
}
