package porttest

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

// NewBudget returns a budget of a new department of the entity.
func (f *Fixtures) NewBudget(entity clinic.EntityID) metering.Budget {
	f.t.Helper()
	return metering.Budget{
		EntityID: entity, DepartmentID: f.Department(entity).ID, LimitMicros: 1_500_000_000 + int64(f.next()), Currency: "USD",
		WarnPercent: 75, Refuse: true, Active: true, WarnedFor: "2026-02", ExceededFor: "2026-01",
		CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

func testBudgets(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[metering.Budget, metering.BudgetFilter]
	records[metering.Budget, metering.BudgetID, metering.BudgetFilter]{
		what: "budget",
		of: func(f *Fixtures) repository[metering.Budget, metering.BudgetID, metering.BudgetFilter] {
			return f.Budgets
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) metering.Budget {
			v := f.NewBudget(entity)
			v.Active = n%4 != 1
			return v
		},
		id: func(v *metering.Budget) *metering.BudgetID { return &v.ID }, missing: nowhere,
		order:  func(v metering.Budget) string { return rising(v.ID) },
		entity: func(_ *Fixtures, v metering.Budget) clinic.EntityID { return v.EntityID },
		at:     func(v *metering.Budget) *time.Time { return &v.UpdatedAt },
		change: func(v *metering.Budget) {
			v.LimitMicros, v.Currency, v.WarnPercent, v.Refuse, v.Active = 9_223_372_036_854_775_807, "BRL", 100, false, !v.Active
			v.WarnedFor, v.ExceededFor, v.UpdatedAt = "2026-03", "", v.UpdatedAt.Add(time.Hour)
		},
		bare: func(v *metering.Budget) { v.DepartmentID, v.WarnedFor, v.ExceededFor, v.LimitMicros = 0, "", "", 1 },
		filters: func(_ *Fixtures, rows []metering.Budget) list {
			some := rows[0]
			return list{
				{"entity", metering.BudgetFilter{EntityID: some.EntityID}, func(v metering.Budget) bool { return v.EntityID == some.EntityID }},
				{"department", metering.BudgetFilter{DepartmentID: some.DepartmentID}, func(v metering.Budget) bool {
					return v.DepartmentID == some.DepartmentID
				}},
				{"active", metering.BudgetFilter{Active: new(true)}, func(v metering.Budget) bool { return v.Active }},
				{"not active", metering.BudgetFilter{Active: new(false)}, func(v metering.Budget) bool { return !v.Active }},
			}
		},
		conflicts: []conflict[metering.Budget]{{"budget-exists", func(first metering.Budget, second *metering.Budget) {
			second.EntityID, second.DepartmentID = first.EntityID, first.DepartmentID
		}, true}},
		unknown: []unknown[metering.Budget]{
			{"entity", func(v *metering.Budget) { v.EntityID, v.DepartmentID = nowhere, 0 }},
			{"department", func(v *metering.Budget) { v.DepartmentID = nowhere }},
		},
	}.run(t, open)

	try(t, open, "OneOfRacersMakesTheBudgetOfAnEntity", func(t *testing.T, f *Fixtures) {
		v := f.NewBudget(f.Entity().ID)
		v.DepartmentID = 0
		race(t, "budget-exists", func(int) error {
			_, err := f.Budgets.Create(t.Context(), v)
			return err
		})
	})
	try(t, open, "ForReturnsTheActiveOnesThatASessionCountsTowards", testBudgetsFor)
}

func testBudgetsFor(t *testing.T, f *Fixtures) {
	entity, other := f.Entity().ID, f.Entity().ID
	add := func(v metering.Budget) metering.Budget { return store(f, f.Budgets.Create, v) }
	first, second, idle := f.NewBudget(entity), f.NewBudget(entity), f.NewBudget(entity)
	whole, theirs := f.NewBudget(entity), f.NewBudget(other)
	idle.Active, whole.DepartmentID, theirs.DepartmentID = false, 0, 0
	first, whole, second, idle, theirs = add(first), add(whole), add(second), add(idle), add(theirs)
	for _, c := range []struct {
		what       string
		entity     clinic.EntityID
		department clinic.DepartmentID
		want       []metering.Budget
	}{
		{"a department with a budget", entity, first.DepartmentID, []metering.Budget{first, whole}},
		{"another one", entity, second.DepartmentID, []metering.Budget{whole, second}},
		{"one whose budget is not active", entity, idle.DepartmentID, []metering.Budget{whole}},
		{"no department", entity, 0, []metering.Budget{whole}},
		{"another entity", other, first.DepartmentID, []metering.Budget{theirs}},
		{"no entity", 0, 0, nil},
	} {
		wantSame(t, c.what, ok[[]metering.Budget](t, "budgets")(f.Budgets.For(t.Context(), c.entity, c.department)), c.want)
	}
	okay(t, "deactivate", func() error {
		_, err := f.Budgets.Update(t.Context(), identity.AllEntities(), whole.ID, func(v *metering.Budget) error { v.Active = false; return nil })
		return err
	}())
	wantSame(t, "after the whole's was deactivated", ok[[]metering.Budget](t, "budgets")(f.Budgets.For(t.Context(), entity, 0)), nil)
	_, err := f.Budgets.For(cancelled(t), entity, 0)
	wantCancelled(t, "For", err)
}
