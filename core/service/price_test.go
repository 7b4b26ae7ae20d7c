package service_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

// dollars is a price per million input tokens of a model.
func dollars(t *testing.T, entity clinic.EntityID, model, amount string, from time.Time) metering.ModelPriceParams {
	t.Helper()
	return metering.ModelPriceParams{
		EntityID: entity, ModelPattern: model, Unit: metering.InputTokens, Amount: must(metering.ParseAmount(amount))(t), Per: 1_000_000,
		Currency: "USD", ValidFrom: from,
	}
}

func TestPricesAreReadByAllAndMadeByManagers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	prices, ctx := service.NewModelPrices(o.deps()), t.Context()
	platform := must(prices.Create(ctx, o.manager, dollars(t, 0, "gpt-4", "40", time.Time{})))(t)
	own := must(prices.Create(ctx, o.manager, dollars(t, o.north.ID, "gpt-4", "30", time.Time{})))(t)
	if !platform.Active || platform.EntityID != 0 || !platform.ValidFrom.Equal(o.clock.Now()) || own.EntityID != o.north.ID {
		t.Errorf("got %+v and %+v", platform, own)
	}
	key := o.newKey(t, o.ana, identity.UsageRead).Actor()
	for who, c := range map[string]struct {
		actor identity.Actor
		want  int
	}{"a manager": {o.manager, 2}, "its administrator": {o.ana, 2}, "its key": {key, 2}, "another's administrator": {o.bruno, 1}} {
		if got := items(prices.List(ctx, c.actor, metering.ModelPriceFilter{}, page.Request{}))(t); len(got) != c.want {
			t.Errorf("%s sees %+v, want %d prices", who, got, c.want)
		}
	}
	must(prices.Get(ctx, o.bruno, platform.ID))(t)
	_, err := prices.Get(ctx, o.bruno, own.ID)
	_, absent := prices.Get(ctx, o.bruno, 1<<40)
	wantAbsent(t, err, absent)
	_, err = prices.Get(ctx, o.newKey(t, o.ana, identity.RoomsRead).Actor(), platform.ID)
	wantRefusal(t, err, errs.Forbidden, "scope-missing")

	for _, actor := range []identity.Actor{o.ana, o.bruno} {
		_, err := prices.Create(ctx, actor, dollars(t, o.north.ID, "gpt-5", "1", time.Time{}))
		wantRefusal(t, err, errs.Forbidden, "manager-only")
		_, err = prices.Update(ctx, actor, own.ID, metering.ModelPricePatch{Active: patch.Set(false)}, version.Match{})
		wantRefusal(t, err, errs.Forbidden, "manager-only")
		wantRefusal(t, prices.Delete(ctx, actor, own.ID, version.Match{}), errs.Forbidden, "manager-only")
		_, err = prices.InstallExamples(ctx, actor)
		wantRefusal(t, err, errs.Forbidden, "manager-only")
	}
	_, err = prices.Create(ctx, o.manager, dollars(t, 0, "gpt-4", "1", platform.ValidFrom))
	wantRefusal(t, err, errs.Conflict, "price-exists")
	_, err = prices.Create(ctx, o.manager, dollars(t, 1<<40, "gpt-4", "1", time.Time{}))
	wantRefusal(t, err, errs.NotFound, "entity-not-found")
	_, err = prices.Create(ctx, o.manager, metering.ModelPriceParams{Amount: -1})
	wantRefusal(t, err, errs.Invalid, "invalid-input")
}

func TestAPriceIsChangedInTheStateItWasReadIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	prices, ctx := service.NewModelPrices(o.deps()), t.Context()
	v := must(prices.Create(ctx, o.manager, dollars(t, 0, "gpt-4", "40", time.Time{})))(t)
	read := version.Exactly(version.Of(v.UpdatedAt))
	cheaper := metering.ModelPricePatch{Amount: patch.Set(must(metering.ParseAmount("0.0000025"))(t)), Per: patch.Set(int64(1))}
	changed := must(prices.Update(ctx, o.manager, v.ID, cheaper, read))(t)
	if changed.Amount.String() != "0.0000025" || changed.Per != 1 || !changed.UpdatedAt.After(v.UpdatedAt) {
		t.Errorf("got %+v", changed)
	}
	_, err := prices.Update(ctx, o.manager, v.ID, cheaper, read)
	wantRefusal(t, err, errs.Stale, "version-mismatch")
	wantRefusal(t, prices.Delete(ctx, o.manager, v.ID, read), errs.Stale, "version-mismatch")
	for range 2 {
		if err := prices.Delete(ctx, o.manager, v.ID, version.Existing()); err != nil {
			t.Fatal(err)
		}
	}
	if got := must(prices.Get(ctx, o.manager, v.ID))(t); got.Active {
		t.Error("a deleted price is active")
	}
}

func TestTheStarterListIsInstalledOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	prices, ctx := service.NewModelPrices(o.deps()), t.Context()
	asOf, params, err := metering.ExamplePrices()
	if err != nil {
		t.Fatal(err)
	}
	mine := must(prices.Create(ctx, o.manager, func() metering.ModelPriceParams {
		p := params[3]
		p.Amount, p.Example = 7, false
		return p
	}()))(t)
	done := must(prices.InstallExamples(ctx, o.manager))(t)
	if want := (service.InstalledPrices{AsOf: asOf, Created: len(params) - 1, Skipped: 1}); done != want {
		t.Errorf("got %+v, want %+v", done, want)
	}
	if got := must(prices.Get(ctx, o.manager, mine.ID))(t); got != mine {
		t.Errorf("somebody's own price became %+v", got)
	}
	all := must(o.repos.ModelPrices.For(ctx, 0))(t)
	if examples := slices.DeleteFunc(all, func(v metering.ModelPrice) bool { return !v.Example }); len(examples) != len(params)-1 {
		t.Errorf("%d prices are marked as examples, want %d", len(examples), len(params)-1)
	}
	if err := prices.Delete(ctx, o.manager, all[0].ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	done = must(prices.InstallExamples(ctx, o.manager))(t)
	if done.Created != 0 || done.Skipped != len(params) {
		t.Errorf("again: got %+v, want all of %d skipped, deactivated ones too", done, len(params))
	}
}

func TestTheStarterListInstalledByManyAtOnceIsThereOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	prices := service.NewModelPrices(o.deps())
	created := make([]int, 4)
	var all sync.WaitGroup
	for i := range created {
		all.Go(func() {
			done, err := prices.InstallExamples(t.Context(), o.manager)
			if err != nil {
				t.Error(err)
			}
			created[i] = done.Created
		})
	}
	all.Wait()
	_, params, err := metering.ExamplePrices()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, n := range created {
		total += n
	}
	if got := must(o.repos.ModelPrices.For(t.Context(), 0))(t); total != len(params) || len(got) != len(params) {
		t.Errorf("created %v, and there are %d prices, want %d", created, len(got), len(params))
	}
}
