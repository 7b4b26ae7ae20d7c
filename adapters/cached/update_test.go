package cached_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/cached"
	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

// knower notes what it is told to be known of departments.
type knower struct {
	ports.DepartmentRepository
	known []string
}

func (k *knower) UpdateKnown(ctx context.Context, scope identity.Scope, known clinic.Department, change func(*clinic.Department) error) (clinic.Department, error) {
	k.known = append(k.known, known.Name)
	return k.Update(ctx, scope, known.ID, change)
}

func TestAChangeIsToldWhatIsKnown(t *testing.T) {
	t.Parallel()
	s := memory.New()
	inner := s.Repositories()
	told := &knower{DepartmentRepository: inner.Departments}
	inner.Departments = told
	w := cached.Wrap(inner, s, deaf{}, cached.Options{Staleness: time.Minute})
	t.Cleanup(w.Close)
	f := porttest.NewFixtures(t, storeOf(w))
	d := f.Department(f.Entity().ID)
	mine, departments := identity.OnlyEntity(d.EntityID), w.Repositories().Departments
	rename := func(scope identity.Scope, name string, err error) error {
		_, got := departments.Update(t.Context(), scope, d.ID, func(v *clinic.Department) error {
			v.Name = name
			return err
		})
		return got
	}
	want := func(when string, names ...string) {
		t.Helper()
		if len(told.known) != len(names) || len(names) > 0 && told.known[0] != names[0] {
			t.Errorf("%s: told that %q is known, want %q", when, told.known, names)
		}
		told.known = nil
	}

	_ = rename(mine, "first", nil)
	want("nothing is known of it")
	_ = rename(mine, "second", nil)
	want("it was changed before", "first")
	if err := rename(identity.OnlyEntity(d.EntityID+1), "theirs", nil); errs.KindOf(err) != errs.NotFound {
		t.Errorf("in another scope: got error %v, want NotFound", err)
	}
	want("another scope does not hold it")
	if _, err := told.Update(t.Context(), mine, d.ID, func(v *clinic.Department) error { v.Name = "third"; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := departments.Get(t.Context(), mine, d.ID); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	if err := rename(mine, "fourth", boom); !errors.Is(err, boom) {
		t.Errorf("got error %v, want that of the change", err)
	}
	want("it was read", "third")
	_ = rename(mine, "fifth", nil)
	want("a change of it failed")
}
