package service_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/version"
)

// wantFields checks that an error is Invalid "invalid-input" about these parts of the input.
func wantFields(t *testing.T, err error, paths ...string) {
	t.Helper()
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || e.Code != "invalid-input" {
		t.Errorf("got error %v, want invalid-input", err)
		return
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Path)
	}
	if !slices.Equal(got, paths) {
		t.Errorf("got wrong fields %v, want %v", got, paths)
	}
}

func TestOnlyManagersMakeAndDeleteEntities(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, err := o.entities.Create(t.Context(), o.ana, clinic.EntityParams{Name: "West"})
	wantRefusal(t, err, errs.Forbidden, "manager-only")
	wantRefusal(t, o.entities.Delete(t.Context(), o.ana, o.north.ID, version.Match{}), errs.Forbidden, "manager-only")
	_, err = o.entities.Create(t.Context(), o.manager, clinic.EntityParams{Name: " "})
	wantFields(t, err, "name")

	for range 2 { // the second time it is inactive already
		if err := o.entities.Delete(t.Context(), o.manager, o.north.ID, version.Match{}); err != nil {
			t.Error(err)
		}
	}
	if e := must(o.entities.Get(t.Context(), o.manager, o.north.ID))(t); e.Active {
		t.Error("the entity is active, want it deactivated")
	}
}

func TestAdministratorChangesItsEntity(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	e := must(o.entities.Update(t.Context(), o.ana, o.north.ID, clinic.EntityPatch{
		Name: patch.Set("North Clinic"), Type: patch.Set("medical_clinic"), Active: patch.Set(true), // said again, not changed
		Instructions: patch.Set[jsonobj.Object](`{"rules":["a"]}`),
	}, version.Match{}))(t)
	if e.Name != "North Clinic" || e.Type != "medical_clinic" || sorted(t, e.Instructions) != `{"prompt":"north","rules":["a"]}` {
		t.Errorf("got %+v", e)
	}
	_, err := o.entities.Update(t.Context(), o.ana, o.north.ID, clinic.EntityPatch{Active: patch.Set(false)}, version.Match{})
	wantRefusal(t, err, errs.Forbidden, "manager-only")
	_, err = o.entities.Update(t.Context(), o.ana, o.north.ID, clinic.EntityPatch{Instructions: patch.Set[jsonobj.Object](`{"prompt":1}`)}, version.Match{})
	wantFields(t, err, "instructions.prompt")
	if e := must(o.entities.Update(t.Context(), o.manager, o.north.ID, clinic.EntityPatch{Active: patch.Set(false)}, version.Match{}))(t); e.Active {
		t.Error("the manager's change did nothing")
	}
}

func TestEntityOfAnotherIsAbsent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, absent := o.entities.Get(t.Context(), o.ana, nowhere)
	_, err := o.entities.Get(t.Context(), o.ana, o.south.ID)
	wantAbsent(t, err, absent)
	_, err = o.entities.Update(t.Context(), o.ana, o.south.ID, clinic.EntityPatch{Active: patch.Set(false)}, version.Match{})
	wantAbsent(t, err, absent)
	wantAbsent(t, o.entities.Delete(t.Context(), o.ana, o.south.ID, version.Match{}), absent)
	if got := items(o.entities.List(t.Context(), o.ana, clinic.EntityFilter{}, page.Request{}))(t); len(got) != 1 || got[0].ID != o.north.ID {
		t.Errorf("got %+v, want only the own entity", got)
	}
	if got := items(o.entities.List(t.Context(), o.manager, clinic.EntityFilter{}, page.Request{}))(t); len(got) != 2 {
		t.Errorf("the manager got %d entities, want 2", len(got))
	}
}
