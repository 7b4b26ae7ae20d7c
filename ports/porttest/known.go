package porttest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// updateKnown changes a row that was known, in the scope of its entity.
func (r records[T, ID, F]) updateKnown(f *Fixtures, known T, change func(*T) error) (T, error) {
	scope := identity.OnlyEntity(r.entity(f, known))
	return ports.UpdateKnown(f.ctx(), ports.Writer[T, ID](r.of(f)), scope, *r.id(&known), known, change)
}

// testKnown has a row changed that is still as it is known.
func (r records[T, ID, F]) testKnown(t *testing.T, f *Fixtures) {
	entity := f.Entity().ID
	other, v := r.row(f, 0, entity), r.row(f, 1, entity)
	want := v
	r.change(&want)
	got := ok[T](t, "update")(r.updateKnown(f, v, func(row *T) error {
		r.change(row)
		return nil
	}))
	wantSame(t, "what UpdateKnown returned", got, want)
	wantSame(t, "what Get returned after", r.get(f, v), want)
	wantSame(t, "another row", r.get(f, other), other)

	boom := errors.New("boom")
	_, err := r.updateKnown(f, got, func(row *T) error {
		r.bare(row)
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("got error %v, want that of change", err)
	}
	wantSame(t, "the row after a change that failed", r.get(f, v), want)

	missing := v
	*r.id(&missing) = r.missing
	_, err = ports.UpdateKnown(f.ctx(), ports.Writer[T, ID](r.of(f)), identity.AllEntities(), r.missing, missing, func(*T) error { return nil })
	wantError(t, "of a row that is not there", err, errs.NotFound, r.what+"-not-found")
}

// testOutdated has a row changed that is not as it is known any more.
func (r records[T, ID, F]) testOutdated(t *testing.T, f *Fixtures) {
	known := r.row(f, 1, f.Entity().ID)
	stored := ok[T](t, "update")(r.of(f).Update(f.ctx(), identity.AllEntities(), *r.id(&known), func(row *T) error {
		r.bare(row)
		*r.at(row) = r.at(row).Add(time.Minute)
		return nil
	}))
	got := ok[T](t, "what was refused for the known row and not for the stored one")(r.updateKnown(f, known, func(row *T) error {
		if !same(*row, stored) {
			return errs.New(errs.Stale, "version-mismatch", "it is not the stored one")
		}
		return nil
	}))
	wantSame(t, "the stored row", got, stored)
	_, err := r.updateKnown(f, known, func(row *T) error {
		if same(*row, stored) {
			return errs.New(errs.Stale, "version-mismatch", "it is not the known one")
		}
		r.change(row)
		return nil
	})
	wantError(t, "what is refused for the stored row", err, errs.Stale, "version-mismatch")
	wantSame(t, "the stored row", r.get(f, known), stored)
}

// testChangesAtOnce has many change a department at once, and half of them know it as it was before.
func testChangesAtOnce(t *testing.T, f *Fixtures) {
	known := f.Department(f.Entity().ID)
	scope, now := identity.OnlyEntity(known.EntityID), f.Now()
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range racers {
		change := func(d *clinic.Department) (err error) {
			d.UpdatedAt = version.Next(d.UpdatedAt, now)
			d.Instructions, err = d.Instructions.MergePatch(jsonobj.Object(fmt.Sprintf(`{"%d":true}`, i)))
			return err
		}
		all.Go(func() {
			<-start
			var err error
			if i%2 == 0 {
				_, err = f.Departments.Update(t.Context(), scope, known.ID, change)
			} else {
				_, err = ports.UpdateKnown(t.Context(), f.Departments, scope, known.ID, known, change)
			}
			if err != nil {
				t.Errorf("a change: got error %v", err)
			}
		})
	}
	close(start)
	all.Wait()
	stored := ok[clinic.Department](t, "get")(f.Departments.Get(t.Context(), scope, known.ID))
	m := stored.Instructions.Map()
	for i := range racers {
		if m[fmt.Sprint(i)] != true {
			t.Errorf("the change of the %dth is lost", i)
		}
	}
	if stored.UpdatedAt.Before(now.Add(time.Duration(racers-1) * time.Microsecond)) {
		t.Errorf("changed last at %v: not every change had a moment of its own", stored.UpdatedAt)
	}
}

// testMoved has a department changed by who knew it in a scope that it has left.
func testMoved(t *testing.T, f *Fixtures) {
	known, elsewhere := f.Department(f.Entity().ID), f.Entity().ID
	moved := ok[clinic.Department](t, "update")(f.Departments.Update(t.Context(), identity.AllEntities(), known.ID, func(d *clinic.Department) error {
		d.EntityID, d.UpdatedAt = elsewhere, d.UpdatedAt.Add(time.Minute)
		return nil
	}))
	_, err := ports.UpdateKnown(t.Context(), f.Departments, identity.OnlyEntity(known.EntityID), known.ID, known, func(d *clinic.Department) error {
		d.Name, d.UpdatedAt = "Outro nome", d.UpdatedAt.Add(time.Hour)
		return nil
	})
	wantError(t, "of who knew it before", err, errs.NotFound, "department-not-found")
	wantSame(t, "the row", ok[clinic.Department](t, "get")(f.Departments.Get(t.Context(), identity.AllEntities(), known.ID)), moved)
}
