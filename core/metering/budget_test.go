package metering_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/patch"
)

func budget(tb testing.TB, p metering.BudgetParams) metering.Budget {
	tb.Helper()
	b, err := metering.NewBudget(p, begun())
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// hundred is a budget of 100 a month.
func hundred() metering.BudgetParams {
	return metering.BudgetParams{EntityID: 3, LimitMicros: 100_000_000, Currency: "BRL"}
}

func TestNewBudgetWarnsAtEightyPercent(t *testing.T) {
	t.Parallel()
	p := hundred()
	p.DepartmentID, p.Refuse = 9, true
	want := metering.Budget{
		EntityID: 3, DepartmentID: 9, LimitMicros: 100_000_000, Currency: "BRL", WarnPercent: 80, Refuse: true, Active: true,
		CreatedAt: begun(), UpdatedAt: begun(),
	}
	if got := budget(t, p); got != want {
		t.Error(cmp.Diff(want, got))
	}
}

func TestBudgetsAreChecked(t *testing.T) {
	t.Parallel()
	_, err := metering.NewBudget(metering.BudgetParams{DepartmentID: -1, WarnPercent: 101, Currency: "R$"}, begun())
	if got, want := wrongPaths(t, err), []string{"entity_id", "department_id", "limit_amount", "warn_percent", "currency"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
	b := budget(t, hundred())
	err = b.Change(metering.BudgetPatch{LimitMicros: patch.Clear[int64](), WarnPercent: patch.Set(0), Currency: patch.Clear[string]()}, begun())
	if got, want := wrongPaths(t, err), []string{"limit_amount", "warn_percent", "currency"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
	if err := b.Change(metering.BudgetPatch{LimitMicros: patch.Set[int64](1_000_000_000_000_001), WarnPercent: patch.Set(1), Currency: patch.Set("USD")}, begun()); !slices.Equal(wrongPaths(t, err), []string{"limit_amount"}) {
		t.Errorf("more than a billion: %v", err)
	}
}

func TestBudgetState(t *testing.T) {
	t.Parallel()
	b := budget(t, hundred())
	for spent, want := range map[int64]metering.BudgetState{
		0:           metering.BudgetOK,
		79_999_999:  metering.BudgetOK,
		80_000_000:  metering.BudgetWarning,
		99_999_999:  metering.BudgetWarning,
		100_000_000: metering.BudgetExceeded,
		1 << 62:     metering.BudgetExceeded,
	} {
		if got := b.State(spent); got != want {
			t.Errorf("%d spent: %s, want %s", spent, got, want)
		}
	}
	b.LimitMicros, b.WarnPercent = 1_000_000_000_000_000, 100
	if got := b.State(b.LimitMicros - 1); got != metering.BudgetOK {
		t.Errorf("one below the largest limit: %s, want ok", got)
	}
}

func TestAMonthIsToldOnce(t *testing.T) {
	t.Parallel()
	const ok, warning, exceeded = metering.BudgetOK, metering.BudgetWarning, metering.BudgetExceeded
	b := budget(t, hundred())
	for i, step := range []struct {
		state metering.BudgetState
		month string
		news  bool
	}{
		{ok, "2026-10", false},
		{warning, "2026-10", true},
		{warning, "2026-10", false},
		{exceeded, "2026-10", true},
		{exceeded, "2026-10", false},
		{warning, "2026-10", false}, // something was priced lower
		{ok, "2026-11", false},
		{exceeded, "2026-11", true},
		{warning, "2026-11", false},
		{warning, "2026-10", false}, // a month that is over
		{warning, "2026-12", true},
	} {
		before := b
		news := b.Note(step.state, step.month, begun())
		if news != step.news || news != b.UpdatedAt.After(before.UpdatedAt) || !news && b != before {
			t.Errorf("step %d, %s in %s: news %t, %s", i, step.state, step.month, news, cmp.Diff(before, b))
		}
	}
	if b.WarnedFor != "2026-12" || b.ExceededFor != "2026-11" {
		t.Errorf("warned for %s, exceeded for %s", b.WarnedFor, b.ExceededFor)
	}
	if err := b.Change(metering.BudgetPatch{Refuse: patch.Set(true), Active: patch.Set(false)}, begun()); err != nil || b.WarnedFor != "2026-12" || !b.Refuse || b.Active {
		t.Errorf("after a change of another kind: %v, %+v", err, b)
	}
	if err := b.Change(metering.BudgetPatch{LimitMicros: patch.Set[int64](1)}, begun()); err != nil || !b.Note(exceeded, "2026-12", begun()) {
		t.Errorf("another limit was not told: %v, %+v", err, b)
	}
	if b.Deactivate(begun().Add(time.Hour)); b.Active || !b.UpdatedAt.Equal(begun().Add(time.Hour)) {
		t.Errorf("deactivated: %+v", b)
	}
}
