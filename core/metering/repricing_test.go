package metering_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/audit"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/metering"
)

func TestARepricingHasAPeriod(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	for name, p := range map[string]metering.RepricingParams{
		"no from":        {To: now},
		"no to":          {From: now},
		"backwards":      {From: now, To: now.Add(-time.Microsecond)},
		"empty":          {From: now, To: now},
		"no such entity": {EntityID: -1, From: now, To: now.Add(1)},
	} {
		if got, err := metering.NewRepricing(p, "user:7", now); errs.CodeOf(err) != "invalid-input" || !got.ID.IsZero() {
			t.Errorf("%s: got %+v, error %v, want invalid-input", name, got, err)
		}
	}
}

func TestARepricingAddsUp(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	v, err := metering.NewRepricing(metering.RepricingParams{From: now.AddDate(0, -1, 0), To: now}, "user:7", now)
	if err != nil {
		t.Fatal(err)
	}
	if v.ID.IsZero() || v.Status != metering.RepricingPending || v.RequestedBy != "user:7" {
		t.Errorf("new: got %+v", v)
	}
	cost := func(id metering.UsageID, currency string, micros int64) metering.AgentUsage {
		return metering.AgentUsage{ID: id, Currency: currency, CostEstimateMicros: micros}
	}
	v.Begin(now)
	v.Count(cost(3, "", 0), cost(3, "USD", 5), now)
	kept := v // shares nothing with what comes after
	v.Pass(4, 9, now)
	v.Count(cost(10, "USD", 7), cost(10, "BRL", 40), now)
	v.Count(cost(11, "USD", 1), cost(11, "USD", 2), now)
	if !v.FinishedAt.IsZero() || v.Status != metering.RepricingRunning {
		t.Errorf("before the end: got %+v", v)
	}
	v.Finish(now)
	want := kept
	want.Status, want.Sessions, want.Changed, want.LastUsageID = metering.RepricingDone, 7, 3, 11
	want.Before = []metering.Money{{Currency: "USD", Micros: 8}}
	want.After = []metering.Money{{Currency: "BRL", Micros: 40}, {Currency: "USD", Micros: 7}}
	want.UpdatedAt, want.FinishedAt = now.Add(6*time.Microsecond), now.Add(6*time.Microsecond) // each change has a moment of its own
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]metering.Money{{Currency: "USD", Micros: 5}}, kept.After); diff != "" {
		t.Errorf("an earlier state was changed: -want +got\n%s", diff)
	}
}

func TestRepriceLeavesWhatCostsTheSame(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	price := metering.ModelPrice{
		ID: 1, ModelPattern: "gpt-4", Unit: metering.InputTokens, Amount: 400_000_000_000, Per: 1_000_000, Currency: "USD",
		ValidFrom: at, Active: true,
	}
	u := metering.AgentUsage{SessionStart: at, UpdatedAt: at, Model: "gpt-4", Readings: []metering.Reading{{
		Model: metering.Model{Kind: metering.General, Model: "gpt-4"}, Source: metering.Counted,
		Quantities: metering.Quantities{InputTokens: 1_000_000},
	}}}
	if !u.Reprice([]metering.ModelPrice{price}) || u.CostEstimateMicros != 40_000_000 || !u.UpdatedAt.Equal(at.Add(time.Microsecond)) {
		t.Errorf("a first price: got %+v", u)
	}
	before := u.Clone()
	if u.Reprice([]metering.ModelPrice{price}) || !cmp.Equal(before, u) {
		t.Errorf("the same price: got %+v", u)
	}
	price.Currency = "BRL"
	if !u.Reprice([]metering.ModelPrice{price}) || u.Currency != "BRL" {
		t.Errorf("another currency: got %+v", u)
	}
	if got, want := audit.Changes(before.Cost(), u.Cost()), jsonobj.Object(`{"currency":{"old":"USD","new":"BRL"}}`); got != want {
		t.Errorf("the audit log is told %s, want %s", got, want)
	}
	bare := metering.AgentUsage{SessionStart: at, TotalTokensInput: 10, CostEstimateMicros: 5, Currency: "USD"}
	if kept := bare.Clone(); bare.Reprice([]metering.ModelPrice{price}) || !cmp.Equal(kept, bare) {
		t.Errorf("a session of which nothing was told: got %+v", bare)
	}
}
