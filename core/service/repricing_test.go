package service_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// march is the period of the tests.
func march() metering.RepricingParams {
	return metering.RepricingParams{
		From: time.Date(2026, time.March, 1, 3, 0, 0, 0, time.UTC), To: time.Date(2026, time.April, 1, 3, 0, 0, 0, time.UTC),
	}
}

// used starts a session of a model and has it consume so many input tokens.
func (m *meter) used(t *testing.T, model string, input int64) metering.AgentUsage {
	t.Helper()
	u := m.start(t, must(jsonobj.From(map[string]any{"model": model}))(t))
	return m.update(t, u.ID, service.UsageUpdate{Add: tokens(input, 0)})
}

// listPrice makes a price of the platform and returns a function that changes its amount.
func (m *meter) listPrice(t *testing.T, p metering.ModelPriceParams) func(amount string) {
	t.Helper()
	prices := service.NewModelPrices(m.deps())
	v := must(prices.Create(t.Context(), m.manager, p))(t)
	return func(amount string) {
		t.Helper()
		change := metering.ModelPricePatch{Amount: patch.Set(must(metering.ParseAmount(amount))(t))}
		must(prices.Update(t.Context(), m.manager, v.ID, change, version.Match{}))(t)
	}
}

// reprice orders a repricing and has the job done.
func (m *meter) reprice(t *testing.T, p metering.RepricingParams) metering.Repricing {
	t.Helper()
	repricings := service.NewRepricings(m.deps())
	v := must(repricings.Start(t.Context(), m.manager, p))(t)
	if v.Status != metering.RepricingPending || v.RequestedBy != m.manager.String() {
		t.Errorf("ordered: got %+v", v)
	}
	if handled, err := repricings.Do(t.Context(), ports.Job{Kind: service.JobReprice, Arg: v.ID.String()}); !handled || err != nil {
		t.Fatalf("handled %v, error %v", handled, err)
	}
	return must(repricings.Get(t.Context(), m.manager, v.ID))(t)
}

// trail are the entries that repricings left, the oldest first.
func (m *meter) trail(t *testing.T) []identity.AuditEntry {
	t.Helper()
	found := m.audited(t, identity.AuditFilter{Action: "reprice"})
	slices.Reverse(found)
	return found
}

func TestOldSessionsKeepTheirCostUntilTheyArePricedAgain(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	begun := m.clock.Now().Add(-time.Hour)
	change := m.listPrice(t, dollars(t, 0, "gpt-4", "40", begun))
	m.listPrice(t, dollars(t, 0, "gpt-5", "10", begun))
	old, other := m.used(t, "gpt-4", 1_000_000), m.used(t, "gpt-5", 1_000_000)
	unpriced := m.used(t, "new-model", 500_000)
	if old.CostEstimateMicros != 40_000_000 || other.CostEstimateMicros != 10_000_000 || !unpriced.Unpriced {
		t.Fatalf("began with %+v, %+v and %+v", old, other, unpriced)
	}
	m.clock.advance(time.Minute)
	change("50") // in the middle of the month
	m.listPrice(t, dollars(t, 0, "new-model", "2", begun))
	fresh := m.used(t, "gpt-4", 1_000_000)
	if got := m.get(t, old.ID); fresh.CostEstimateMicros != 50_000_000 || got.CostEstimateMicros != 40_000_000 {
		t.Errorf("a new session costs %d, the old one %d", fresh.CostEstimateMicros, got.CostEstimateMicros)
	}

	done := m.reprice(t, march())
	want := []metering.Money{{Currency: "USD", Micros: 51_000_000}}
	before := []metering.Money{{Currency: "USD", Micros: 40_000_000}}
	if done.Status != metering.RepricingDone || done.FinishedAt.IsZero() || done.Sessions != 4 || done.Changed != 2 ||
		!cmp.Equal(done.Before, before) || !cmp.Equal(done.After, want) || done.LastUsageID != fresh.ID {
		t.Errorf("got %+v, want 2 of 4 changed, from 40 to 51 USD", done)
	}
	repriced := m.get(t, old.ID)
	if repriced.CostEstimateMicros != 50_000_000 || version.Of(repriced.UpdatedAt) == version.Of(old.UpdatedAt) || repriced.UpdatedAt.Sub(old.UpdatedAt) > time.Millisecond {
		t.Errorf("priced again: %+v, want another version, and no later activity", repriced)
	}
	if got := m.get(t, unpriced.ID); got.CostEstimateMicros != 1_000_000 || got.Unpriced || got.Currency != "USD" {
		t.Errorf("what had no price: %+v", got)
	}
	for _, same := range []metering.AgentUsage{other, fresh} {
		if diff := cmp.Diff(same, m.get(t, same.ID)); diff != "" {
			t.Errorf("what costs the same was written:\n%s", diff)
		}
	}
	trail := m.trail(t)
	if len(trail) != 2 {
		t.Fatalf("the trail is %+v, want 2 entries", trail)
	}
	first := trail[0]
	if first.Actor != m.manager.String() || first.Table != "agent_usages" || first.RowID != old.ID.String() || first.EntityID != m.north.ID || first.Detail["repricing"] != done.ID.String() {
		t.Errorf("the first entry is %+v", first)
	}
	for i, want := range []jsonobj.Object{
		`{"cost_estimate":{"old":40.000000,"new":50.000000}}`,
		`{"cost_estimate":{"old":0.000000,"new":1.000000},"currency":{"old":null,"new":"USD"},"unpriced":{"old":true,"new":false}}`,
	} {
		if got := sorted(t, trail[i].Changes); got != sorted(t, want) {
			t.Errorf("entry %d tells %s, want %s", i, got, want)
		}
	}
	if again := m.reprice(t, march()); again.Changed != 0 || again.Sessions != 4 || len(m.trail(t)) != 2 {
		t.Errorf("again: got %+v, want nothing changed", again)
	}
}

func TestARepricingGoesByWhatWasValidThenAndByTheEntitysOwn(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	begun := m.clock.Now()
	m.listPrice(t, dollars(t, 0, "gpt-4", "40", begun))
	u := m.used(t, "gpt-4", 1_000_000)
	m.clock.advance(time.Hour)
	m.listPrice(t, dollars(t, 0, "gpt-4", "50", m.clock.Now())) // for sessions from now on
	m.listPrice(t, dollars(t, m.south.ID, "gpt-4", "1", begun)) // another entity's
	if done := m.reprice(t, march()); done.Changed != 0 || done.Sessions != 1 {
		t.Errorf("got %+v, want nothing changed", done)
	}
	own := dollars(t, m.north.ID, "gpt-4", "200", begun)
	own.Currency = "BRL"
	m.listPrice(t, own)
	done := m.reprice(t, march())
	if got := m.get(t, u.ID); got.CostEstimateMicros != 200_000_000 || got.Currency != "BRL" {
		t.Errorf("by the entity's own: got %d %s", got.CostEstimateMicros, got.Currency)
	}
	before, after := []metering.Money{{Currency: "USD", Micros: 40_000_000}}, []metering.Money{{Currency: "BRL", Micros: 200_000_000}}
	if !cmp.Equal(done.Before, before) || !cmp.Equal(done.After, after) {
		t.Errorf("from %v to %v, want from %v to %v", done.Before, done.After, before, after)
	}
}

func TestARepricingIsOfItsPeriodAndItsEntity(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	change := m.listPrice(t, dollars(t, 0, "gpt-4", "40", m.clock.Now()))
	early := m.used(t, "gpt-4", 10)
	m.clock.advance(time.Hour)
	in := m.used(t, "gpt-4", 1_000_000)
	m.clock.advance(time.Hour)
	m.used(t, "gpt-4", 10)
	legacy := m.session(t, m.room, in.SessionStart, 5) // nothing was told of it: its figures came from elsewhere
	change("1")
	period := metering.RepricingParams{EntityID: m.south.ID, From: in.SessionStart, To: in.SessionStart.Add(time.Hour)}
	if done := m.reprice(t, period); done.Sessions != 0 || done.Status != metering.RepricingDone {
		t.Errorf("of another entity: got %+v", done)
	}
	period.EntityID = m.north.ID
	if done := m.reprice(t, period); done.Sessions != 2 || done.Changed != 1 {
		t.Errorf("got %+v, want the one session of the period, and the one without readings passed", done)
	}
	if got := m.get(t, early.ID); got.CostEstimateMicros != early.CostEstimateMicros {
		t.Errorf("a session before the period costs %d", got.CostEstimateMicros)
	}
	if diff := cmp.Diff(legacy, m.get(t, legacy.ID)); diff != "" {
		t.Errorf("a session without readings was changed:\n%s", diff)
	}
}

// dyingTx fails once it has run so many transactions: the process was killed.
type dyingTx struct {
	ports.Transactor
	left atomic.Int32
}

var errKilled = errors.New("killed")

func (f *dyingTx) InTx(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	if f.left.Add(-1) < 0 {
		return errKilled
	}
	return f.Transactor.InTx(ctx, fn)
}

func TestARepricingGoesOnWhereItWasKilled(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	change := m.listPrice(t, dollars(t, 0, "gpt-4", "40", m.clock.Now()))
	const sessions, priced = 430, 20 // of several pages, the most of which have no other cost
	for n := range sessions {
		if n%(sessions/priced) == 0 && n/(sessions/priced) < priced {
			m.used(t, "gpt-4", 1_000_000)
			continue
		}
		m.session(t, m.room, m.clock.Now(), 7)
	}
	change("50")
	d := m.deps()
	repricings := service.NewRepricings(d)
	v := must(repricings.Start(t.Context(), m.manager, march()))(t)
	job := ports.Job{Kind: service.JobReprice, Arg: v.ID.String()}
	for run := range priced {
		tx := &dyingTx{Transactor: m.store}
		tx.left.Store(3)
		d.Tx = tx
		_, err := service.NewRepricings(d).Do(t.Context(), job)
		if err == nil {
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatalf("run %d: %v", run, err)
		}
		if got := must(repricings.Get(t.Context(), m.manager, v.ID))(t); got.Status != metering.RepricingRunning || got.Changed != int64(3*(run+1)) {
			t.Fatalf("after run %d: got %+v, want 3 more", run, got)
		}
	}
	for range 2 { // done again, it changes nothing
		got := must(repricings.Get(t.Context(), m.manager, v.ID))(t)
		if got.Status != metering.RepricingDone || got.Sessions != sessions || got.Changed != priced ||
			!cmp.Equal(got.Before, []metering.Money{{Currency: "USD", Micros: priced * 40_000_000}}) ||
			!cmp.Equal(got.After, []metering.Money{{Currency: "USD", Micros: priced * 50_000_000}}) {
			t.Errorf("got %+v, want each of %d counted once", got, sessions)
		}
		if trail := m.trail(t); len(trail) != priced {
			t.Errorf("%d entries, want %d", len(trail), priced)
		}
		must(repricings.Do(t.Context(), job))(t)
	}
}

func TestTwoWorkersOfARepricingCountNothingTwice(t *testing.T) {
	t.Parallel()
	m := newMeter(t)
	change := m.listPrice(t, dollars(t, 0, "gpt-4", "40", m.clock.Now()))
	for range 20 {
		m.used(t, "gpt-4", 1_000_000)
	}
	change("50")
	repricings := service.NewRepricings(m.deps())
	v := must(repricings.Start(t.Context(), m.manager, march()))(t)
	job := ports.Job{Kind: service.JobReprice, Arg: v.ID.String()}
	done := make(chan error)
	for range 2 {
		go func() {
			var err error
			for range 50 { // as a job that failed is tried again
				if _, err = repricings.Do(t.Context(), job); errs.CodeOf(err) != "repricing-elsewhere" {
					break
				}
			}
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	got := must(repricings.Get(t.Context(), m.manager, v.ID))(t)
	if got.Status != metering.RepricingDone || got.Sessions != 20 || got.Changed != 20 || len(m.trail(t)) != 20 {
		t.Errorf("got %+v and %d entries, want 20 of each", got, len(m.trail(t)))
	}
}

func TestRepricingsAreOrderedByManagersAndDoneByAJob(t *testing.T) {
	t.Parallel()
	w := open(t)
	d := w.deps()
	repricings, ctx := service.NewRepricings(d), t.Context()
	of := march()
	of.EntityID = w.clinic.EntityID
	one, all := must(repricings.Start(ctx, w.manager, of))(t), must(repricings.Start(ctx, w.manager, march()))(t)
	w.jobs(func(ctx context.Context, j ports.Job) error {
		if handled, err := repricings.Do(ctx, j); handled {
			return err
		}
		return w.desk.Do(ctx, j)
	})
	admin := identity.User{Role: identity.EntityAdmin, EntityID: w.clinic.EntityID, ID: 77, Active: true}.Actor()
	for who, c := range map[string]struct {
		actor identity.Actor
		want  []metering.RepricingID
	}{"a manager": {w.manager, []metering.RepricingID{all.ID, one.ID}}, "the administrator": {admin, []metering.RepricingID{one.ID}}} {
		var got []metering.RepricingID
		for _, v := range items(repricings.List(ctx, c.actor, metering.RepricingFilter{}, page.Request{}))(t) {
			if got = append(got, v.ID); v.Status != metering.RepricingDone {
				t.Errorf("the job left %+v", v)
			}
		}
		if !cmp.Equal(got, c.want) && len(got) != len(c.want) {
			t.Errorf("%s sees %v, want %v", who, got, c.want)
		}
	}
	_, err := repricings.Get(ctx, admin, all.ID)
	wantRefusal(t, err, errs.NotFound, "repricing-not-found")
	_, err = repricings.Start(ctx, admin, of)
	wantRefusal(t, err, errs.Forbidden, "manager-only")
	of.EntityID = 1 << 40
	_, err = repricings.Start(ctx, w.manager, of)
	wantRefusal(t, err, errs.NotFound, "entity-not-found")
	_, err = repricings.Start(ctx, w.manager, metering.RepricingParams{From: of.To, To: of.From})
	wantRefusal(t, err, errs.Invalid, "invalid-input")
	if handled, err := repricings.Do(ctx, ports.Job{Kind: service.JobSendReply}); handled || err != nil {
		t.Errorf("another's job: handled %v, error %v", handled, err)
	}
}
