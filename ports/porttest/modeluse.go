package porttest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/ports"
)

// NewModelUse returns what the entity's clinic used of a model on a day of 2026.
func (f *Fixtures) NewModelUse(entity clinic.EntityID, month time.Month, day int) metering.ModelUse {
	f.t.Helper()
	return metering.ModelUse{
		TenantID: f.ClinicOf(entity).ID, EntityID: entity, Day: agenda.Date{Year: 2026, Month: month, Day: day},
		Provider: "api.openai.com", Model: "gpt-4.1-mini", Calls: 3, Failures: 1, InputTokens: 2400, CachedInputTokens: 512, OutputTokens: 180,
	}
}

func testModelUses(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "FiguresOfADayAddUp", testModelUseAdds)
	try(t, open, "DaysAreInOrderAndThoseAskedFor", testModelUseDays)
	try(t, open, "AnotherClinicsAreOutOfScope", testModelUseScope)
	try(t, open, "ConcurrentAdditionsAllCount", testModelUseRace)
	try(t, open, "AnUnknownClinicIsRefused", func(t *testing.T, f *Fixtures) {
		v := f.NewModelUse(f.Entity().ID, time.March, 9)
		v.TenantID = id.New[agenda.Clinic]()
		wantError(t, "add", f.ModelUses.Add(t.Context(), v), errs.Invalid, "unknown-reference")
	})
	try(t, open, "ATransactionThatFailsAddsNothing", func(t *testing.T, f *Fixtures) {
		v := f.NewModelUse(f.Entity().ID, time.March, 9)
		failed := errs.New(errs.Conflict, "other", "something else failed")
		err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			if err := r.ModelUses.Add(ctx, v); err != nil {
				return err
			}
			return failed
		})
		wantError(t, "transaction", err, errs.Conflict, "other")
		wantSame(t, "after it", f.modelUses(identity.AllEntities(), v.TenantID), nil)
	})
	try(t, open, "ACancelledContextEndsBoth", func(t *testing.T, f *Fixtures) {
		v := f.NewModelUse(f.Entity().ID, time.March, 9)
		wantCancelled(t, "Add", f.ModelUses.Add(cancelled(t), v))
		_, err := f.ModelUses.Days(cancelled(t), identity.AllEntities(), v.TenantID, v.Day, v.Day)
		wantCancelled(t, "Days", err)
	})
}

// modelUses is what a clinic used in 2026.
func (f *Fixtures) modelUses(scope identity.Scope, tenant agenda.TenantID) []metering.ModelUse {
	f.t.Helper()
	first, last := agenda.Date{Year: 2026, Month: time.January, Day: 1}, agenda.Date{Year: 2026, Month: time.December, Day: 31}
	return ok[[]metering.ModelUse](f.t, "days")(f.ModelUses.Days(f.ctx(), scope, tenant, first, last))
}

func testModelUseAdds(t *testing.T, f *Fixtures) {
	v := f.NewModelUse(f.Entity().ID, time.March, 9)
	okay(t, "add", f.ModelUses.Add(t.Context(), v))
	wantSame(t, "once", f.modelUses(identity.AllEntities(), v.TenantID), []metering.ModelUse{v})
	more := v
	more.Calls, more.Failures, more.InputTokens, more.CachedInputTokens, more.OutputTokens = 1, 0, 800, 0, 60
	okay(t, "add", f.ModelUses.Add(t.Context(), more))
	v.Calls, v.InputTokens, v.OutputTokens = 4, 3200, 240
	wantSame(t, "twice", f.modelUses(identity.AllEntities(), v.TenantID), []metering.ModelUse{v})
}

func testModelUseDays(t *testing.T, f *Fixtures) {
	entity := f.Entity().ID
	first, second, third := f.NewModelUse(entity, time.February, 28), f.NewModelUse(entity, time.March, 9), f.NewModelUse(entity, time.March, 10)
	bigger, elsewhere := second, second
	bigger.Model, elsewhere.Provider = "gpt-5", "llm.example.com"
	for _, v := range []metering.ModelUse{third, elsewhere, bigger, first, second} {
		okay(t, "add", f.ModelUses.Add(t.Context(), v))
	}
	wantSame(t, "all", f.modelUses(identity.OnlyEntity(entity), first.TenantID), []metering.ModelUse{first, second, bigger, elsewhere, third})
	some, err := f.ModelUses.Days(t.Context(), identity.AllEntities(), first.TenantID, first.Day.AddDays(1), second.Day)
	wantSame(t, "some", ok[[]metering.ModelUse](t, "days")(some, err), []metering.ModelUse{second, bigger, elsewhere})
	none, err := f.ModelUses.Days(t.Context(), identity.AllEntities(), first.TenantID, third.Day.AddDays(1), third.Day.AddDays(9))
	wantSame(t, "none", ok[[]metering.ModelUse](t, "days")(none, err), nil)
}

func testModelUseScope(t *testing.T, f *Fixtures) {
	ours, theirs := f.NewModelUse(f.Entity().ID, time.March, 9), f.NewModelUse(f.Entity().ID, time.March, 9)
	okay(t, "add", f.ModelUses.Add(t.Context(), ours))
	okay(t, "add", f.ModelUses.Add(t.Context(), theirs))
	wantSame(t, "ours", f.modelUses(identity.OnlyEntity(ours.EntityID), ours.TenantID), []metering.ModelUse{ours})
	wantSame(t, "theirs, by us", f.modelUses(identity.OnlyEntity(ours.EntityID), theirs.TenantID), nil)
}

func testModelUseRace(t *testing.T, f *Fixtures) {
	v := f.NewModelUse(f.Entity().ID, time.March, 9)
	failed := make([]error, racers)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() { failed[i] = f.ModelUses.Add(t.Context(), v) })
	}
	wg.Wait()
	for _, err := range failed {
		okay(t, "add", err)
	}
	v.Calls, v.Failures, v.InputTokens, v.CachedInputTokens, v.OutputTokens = 3*racers, racers, 2400*racers, 512*racers, 180*racers
	wantSame(t, "all of them", f.modelUses(identity.AllEntities(), v.TenantID), []metering.ModelUse{v})
}
