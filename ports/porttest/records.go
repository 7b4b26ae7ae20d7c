package porttest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

type repository[T, ID, F any] interface {
	ports.Reader[T, ID, F]
	ports.Writer[T, ID]
}

// records tells how the rows of a repository are made and changed, for the tests that all repositories share.
type records[T any, ID comparable, F any] struct {
	what    string // as in "user-not-found"
	of      func(*Fixtures) repository[T, ID, F]
	build   func(f *Fixtures, n int, entity clinic.EntityID) T        // a row like no other; rows vary with n
	add     func(f *Fixtures, v T, entity clinic.EntityID) (T, error) // nil: Create
	id      func(*T) *ID
	missing ID
	order   func(T) string // sorts as the list does
	entity  func(*Fixtures, T) clinic.EntityID
	at      func(*T) *time.Time // one of its times
	change  func(*T)            // what an update may change
	bare    func(*T)            // takes away what need not be there
	damage  func(*T)            // changes what the row refers to in place; nil when it is all values
	whole   F                   // the filter of a list that has all of every row

	homeless  bool // rows of no entity exist
	alone     bool // each row has an entity for itself
	given     bool // whoever creates a row gives its id
	known     bool // a store may have [ports.KnownUpdater] for it
	filters   func(f *Fixtures, rows []T) []filter[T, F]
	conflicts []conflict[T]
	unknown   []unknown[T]
}

// filter is a list that asks for some rows.
type filter[T, F any] struct {
	name    string
	filter  F
	matches func(T) bool
}

// conflict is a value that a second row may not have.
type conflict[T any] struct {
	code     string
	clash    func(first T, second *T)
	onUpdate bool // it may be changed later, too
}

// unknown is a reference to a row that is not there.
type unknown[T any] struct {
	name  string
	point func(*T)
}

// nowhere is the number of no row.
const nowhere = 1 << 40

func (r records[T, ID, F]) run(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "WhatIsCreatedComesBack", r.testRoundTrip)
	try(t, open, "TimesAreKeptInUTCToTheMicrosecond", r.testTimes)
	try(t, open, "AbsentIsNotFound", r.testAbsent)
	try(t, open, "UpdateSavesWhatChangeLeft", r.testUpdate)
	try(t, open, "ErrorOfChangeComesBackAndNothingIsSaved", r.testChangeError)
	if r.known {
		try(t, open, "UpdateOfAKnownRow", r.testKnown)
		try(t, open, "UpdateOfARowThatIsKnownNoMore", r.testOutdated)
	}
	if r.damage != nil { // otherwise a row is all values, and nothing can be shared
		try(t, open, "ReturnedAndGivenValuesAreCopies", r.testCopies)
	}
	try(t, open, "AnotherTenantsRowIsNotThere", r.testIsolation)
	try(t, open, "EmptyScopeSeesNothing", r.testEmptyScope)
	try(t, open, "IDsAreUnique", r.testIDs)
	try(t, open, "CancelledContextStops", r.testCancelled)
	try(t, open, "FiltersWithinTheScope", r.testFilters)
	for _, c := range r.conflicts {
		try(t, open, "Repeated/"+c.code, func(t *testing.T, f *Fixtures) { r.testConflict(t, f, c) })
	}
	for _, u := range r.unknown {
		try(t, open, "UnknownReference/"+u.name, func(t *testing.T, f *Fixtures) { r.testUnknown(t, f, u) })
	}
	r.runPaging(t, open)
}

// home is the entity of the next row, which would rather be in one that exists.
func (r records[T, ID, F]) home(f *Fixtures, rather clinic.EntityID) clinic.EntityID {
	if r.alone {
		return f.Entity().ID
	}
	return rather
}

func (r records[T, ID, F]) create(f *Fixtures, v T, entity clinic.EntityID) (T, error) {
	if r.add != nil {
		return r.add(f, v, entity)
	}
	return r.of(f).Create(f.ctx(), v)
}

// row stores the nth row in an entity, as far as it may be in that one.
func (r records[T, ID, F]) row(f *Fixtures, n int, entity clinic.EntityID) T {
	f.t.Helper()
	entity = r.home(f, entity)
	return ok[T](f.t, "create")(r.create(f, r.build(f, n, entity), entity))
}

func (r records[T, ID, F]) get(f *Fixtures, v T) T {
	f.t.Helper()
	return ok[T](f.t, "get")(r.of(f).Get(f.ctx(), identity.AllEntities(), *r.id(&v)))
}

func (r records[T, ID, F]) testRoundTrip(t *testing.T, f *Fixtures) {
	entity := f.Entity().ID
	for n, strip := range []func(*T){func(*T) {}, r.bare} {
		home := r.home(f, entity)
		want := r.build(f, n, home)
		strip(&want)
		created := ok[T](t, "create")(r.create(f, want, home))
		*r.id(&want) = *r.id(&created)
		wantSame(t, "what Create returned", created, want)
		wantSame(t, "what Get returned", r.get(f, created), want)
		var zero ID
		if *r.id(&created) == zero {
			t.Errorf("the id is zero")
		}
		found := ok[page.Page[T]](t, "list")(r.of(f).List(t.Context(), identity.OnlyEntity(r.entity(f, created)), r.whole, page.Request{}))
		for _, v := range found.Items {
			if *r.id(&v) == *r.id(&want) {
				wantSame(t, "what List returned", v, want)
				found.NextCursor = "seen"
			}
		}
		if found.NextCursor != "seen" {
			t.Errorf("List does not have the row that was created")
		}
	}
}

func (r records[T, ID, F]) testTimes(t *testing.T, f *Fixtures) {
	entity := r.home(f, f.Entity().ID)
	v := r.build(f, 0, entity)
	given := time.Date(2026, time.March, 9, 9, 30, 0, 123456789, time.FixedZone("-03", -3*60*60))
	want := time.Date(2026, time.March, 9, 12, 30, 0, 123456000, time.UTC)
	*r.at(&v) = given
	created := ok[T](t, "create")(r.create(f, v, entity))
	read := r.get(f, created)
	for what, got := range map[string]time.Time{"created": *r.at(&created), "read": *r.at(&read)} {
		if !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
}

func (r records[T, ID, F]) testAbsent(t *testing.T, f *Fixtures) {
	r.row(f, 0, f.Entity().ID)
	_, err := r.of(f).Get(t.Context(), identity.AllEntities(), r.missing)
	wantError(t, "Get", err, errs.NotFound, r.what+"-not-found")
	_, err = r.of(f).Update(t.Context(), identity.AllEntities(), r.missing, func(*T) error {
		t.Error("change was called for a row that is not there")
		return nil
	})
	wantError(t, "Update", err, errs.NotFound, r.what+"-not-found")
}

func (r records[T, ID, F]) testUpdate(t *testing.T, f *Fixtures) {
	entity := f.Entity().ID
	other := r.row(f, 0, entity)
	v := r.row(f, 1, entity)
	want := r.get(f, v)
	r.change(&want)
	if same(want, v) {
		t.Fatal("the change of this test changes nothing")
	}
	scope := identity.OnlyEntity(r.entity(f, v))
	got := ok[T](t, "update")(r.of(f).Update(t.Context(), scope, *r.id(&v), func(row *T) error {
		if !same(*row, v) {
			t.Errorf("change was given another row than was stored")
		}
		r.change(row)
		return nil
	}))
	wantSame(t, "what Update returned", got, want)
	wantSame(t, "what Get returned after", r.get(f, v), want)
	wantSame(t, "another row", r.get(f, other), other)
}

func (r records[T, ID, F]) testChangeError(t *testing.T, f *Fixtures) {
	v := r.row(f, 1, f.Entity().ID)
	boom := errs.Wrap(errs.Conflict, "of-the-domain", "it is full", errors.New("boom"))
	_, err := r.of(f).Update(t.Context(), identity.AllEntities(), *r.id(&v), func(row *T) error {
		r.change(row)
		return boom
	})
	if got, is := errors.AsType[*errs.Error](err); !is || got != boom || err.Error() != boom.Error() {
		t.Errorf("got error %v, want the error of change itself", err)
	}
	wantSame(t, "the row", r.get(f, v), v)
}

func (r records[T, ID, F]) testCopies(t *testing.T, f *Fixtures) {
	entity, everyone := r.home(f, f.Entity().ID), identity.AllEntities()
	given := r.build(f, 0, entity)
	created := ok[T](t, "create")(r.create(f, given, entity))
	want := snapshot(t, r.get(f, created))
	wantKept := func(when string) {
		t.Helper()
		if got := snapshot(t, r.get(f, created)); got != want {
			t.Errorf("after %s was changed: got the row %s, want %s", when, got, want)
		}
	}
	r.damage(&given)
	wantKept("the given value")
	returned := created
	r.damage(&returned)
	wantKept("the created value")
	read := r.get(f, created)
	r.damage(&read)
	wantKept("the read value")
	listed := ok[page.Page[T]](t, "list")(r.of(f).List(t.Context(), everyone, *new(F), page.Request{}))
	r.damage(&listed.Items[0])
	wantKept("the listed value")
	var kept T
	updated := ok[T](t, "update")(r.of(f).Update(t.Context(), everyone, *r.id(&created), func(row *T) error {
		kept = *row
		return nil
	}))
	r.damage(&kept)
	wantKept("the value that was given to change")
	r.damage(&updated)
	wantKept("the updated value")
	boom := errors.New("boom")
	_, err := r.of(f).Update(t.Context(), everyone, *r.id(&created), func(row *T) error {
		r.damage(row)
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("got error %v, want %v", err, boom)
	}
	wantKept("the value of a change that failed")
}

// snapshot is a row as text, which shares nothing with it.
func snapshot(t *testing.T, row any) string {
	t.Helper()
	text, err := json.Marshal(row)
	okay(t, "write a row as text", err)
	return string(text)
}

func (r records[T, ID, F]) testIsolation(t *testing.T, f *Fixtures) {
	a, b := f.Entity().ID, f.Entity().ID
	mine, theirs := r.row(f, 0, a), r.row(f, 1, b)
	r.wantHidden(t, f, identity.OnlyEntity(r.entity(f, mine)), theirs)
	r.wantHidden(t, f, identity.OnlyEntity(r.entity(f, theirs)), mine)
	got := ok[T](t, "get in its own scope")(r.of(f).Get(t.Context(), identity.OnlyEntity(r.entity(f, mine)), *r.id(&mine)))
	wantSame(t, "the row in its own scope", got, mine)
	if !r.homeless {
		return
	}
	platform := r.row(f, 2, 0)
	r.wantHidden(t, f, identity.OnlyEntity(a), platform)
	r.wantHidden(t, f, identity.OnlyEntity(0), platform)
	wantSame(t, "a row of no entity in the scope of all", r.get(f, platform), platform)
}

func (r records[T, ID, F]) testEmptyScope(t *testing.T, f *Fixtures) {
	v := r.row(f, 0, f.Entity().ID)
	r.wantHidden(t, f, identity.Scope{}, v)
	if r.homeless {
		r.wantHidden(t, f, identity.Scope{}, r.row(f, 1, 0))
	}
}

// wantHidden checks that a scope gives nothing away of a row.
func (r records[T, ID, F]) wantHidden(t *testing.T, f *Fixtures, scope identity.Scope, hidden T) {
	t.Helper()
	repo, key := r.of(f), *r.id(&hidden)
	_, err := repo.Get(t.Context(), scope, key)
	wantError(t, "Get of a hidden row", err, errs.NotFound, r.what+"-not-found")
	_, err = repo.Update(t.Context(), scope, key, func(v *T) error {
		t.Error("change was called for a hidden row")
		r.change(v)
		return nil
	})
	wantError(t, "Update of a hidden row", err, errs.NotFound, r.what+"-not-found")
	wantSame(t, "the hidden row", r.get(f, hidden), hidden)
	filters := append(r.filters(f, []T{hidden}), filter[T, F]{name: "none"})
	for _, c := range filters {
		found := ok[page.Page[T]](t, "list")(repo.List(t.Context(), scope, c.filter, page.Request{}))
		for _, v := range found.Items {
			if *r.id(&v) == key {
				t.Errorf("List with filter %s has the hidden row", c.name)
			}
		}
	}
}

func (r records[T, ID, F]) testIDs(t *testing.T, f *Fixtures) {
	entity := f.Entity().ID
	first, second := r.row(f, 0, entity), r.row(f, 1, entity)
	if *r.id(&first) == *r.id(&second) {
		t.Errorf("two rows have the id %v", *r.id(&first))
	}
	if !r.given {
		if r.order(second) <= r.order(first) {
			t.Errorf("the id of the second row, %v, does not rise from %v", *r.id(&second), *r.id(&first))
		}
		return
	}
	home := r.home(f, entity)
	again := r.build(f, 2, home)
	*r.id(&again) = *r.id(&first)
	_, err := r.create(f, again, home)
	wantError(t, "a repeated id", err, errs.Conflict, "id-taken")
	wantSame(t, "the row that has the id", r.get(f, first), first)
}

func (r records[T, ID, F]) testCancelled(t *testing.T, f *Fixtures) {
	entity := f.Entity().ID
	v, ctx, repo := r.row(f, 0, entity), cancelled(t), r.of(f)
	added := r.build(f, 1, r.home(f, entity))
	before := r.everything(t, f)
	_, err := repo.Get(ctx, identity.AllEntities(), *r.id(&v))
	wantCancelled(t, "Get", err)
	_, err = repo.List(ctx, identity.AllEntities(), *new(F), page.Request{})
	wantCancelled(t, "List", err)
	_, err = repo.Create(ctx, added)
	wantCancelled(t, "Create", err)
	_, err = repo.Update(ctx, identity.AllEntities(), *r.id(&v), func(v *T) error { r.change(v); return nil })
	wantCancelled(t, "Update", err)
	wantSame(t, "everything after", r.everything(t, f), before)
}

func (r records[T, ID, F]) testConflict(t *testing.T, f *Fixtures, c conflict[T]) {
	entity := f.Entity().ID
	first, third := r.row(f, 0, entity), r.row(f, 2, entity)
	home := r.home(f, entity)
	second := r.build(f, 1, home)
	c.clash(first, &second)
	before := r.everything(t, f)
	_, err := r.of(f).Create(t.Context(), second)
	wantError(t, "Create", err, errs.Conflict, c.code)
	wantSame(t, "everything after", r.everything(t, f), before)
	if !c.onUpdate {
		return
	}
	_, err = r.of(f).Update(t.Context(), identity.AllEntities(), *r.id(&third), func(v *T) error {
		c.clash(first, v)
		return nil
	})
	wantError(t, "Update", err, errs.Conflict, c.code)
	wantSame(t, "everything after", r.everything(t, f), before)
	same := ok[T](t, "update that leaves the value")(r.of(f).Update(t.Context(), identity.AllEntities(), *r.id(&first), func(v *T) error {
		c.clash(first, v)
		return nil
	}))
	wantSame(t, "a row that keeps its own value", same, first)
}

func (r records[T, ID, F]) testUnknown(t *testing.T, f *Fixtures, u unknown[T]) {
	v := r.build(f, 0, r.home(f, f.Entity().ID))
	u.point(&v)
	before := r.everything(t, f)
	_, err := r.of(f).Create(t.Context(), v)
	wantError(t, "Create", err, errs.Invalid, "unknown-reference")
	wantSame(t, "everything after", r.everything(t, f), before)
}

// everything is what the scope of all holds.
func (r records[T, ID, F]) everything(t *testing.T, f *Fixtures) []T {
	t.Helper()
	return r.listed(t, f, identity.AllEntities(), *new(F))
}

func (r records[T, ID, F]) listed(t *testing.T, f *Fixtures, scope identity.Scope, by F) []T {
	t.Helper()
	found := ok[page.Page[T]](t, "list")(r.of(f).List(t.Context(), scope, by, page.Request{Limit: page.MaxLimit}))
	if found.NextCursor != "" {
		t.Fatal("the test has too many rows for one page")
	}
	return found.Items
}
