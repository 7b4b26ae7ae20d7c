package service_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/version"
)

func TestAdministratorRunsItsDepartments(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.newDepartment(t, o.ana, "Cardiologia", "")
	if d.EntityID != o.north.ID || !d.Active {
		t.Errorf("got %+v, want an active department of the own entity", d)
	}
	d = must(o.departments.Update(t.Context(), o.ana, d.ID, clinic.DepartmentPatch{Name: patch.Set("Cardio")}, version.Match{}))(t)
	if d.Name != "Cardio" {
		t.Errorf("got %+v", d)
	}
	for range 2 { // the second time it is inactive already
		if err := o.departments.Delete(t.Context(), o.ana, d.ID, version.Match{}); err != nil {
			t.Error(err)
		}
	}
	if d := must(o.departments.Get(t.Context(), o.ana, d.ID))(t); d.Active {
		t.Error("the department is active, want it deactivated")
	}
}

func TestDepartmentIsMadeInAnEntityThatTheActorSees(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, absent := o.departments.Create(t.Context(), o.ana, clinic.DepartmentParams{Name: "x", EntityID: nowhere})
	_, err := o.departments.Create(t.Context(), o.ana, clinic.DepartmentParams{Name: "x", EntityID: o.south.ID})
	wantAbsent(t, err, absent)
	wantRefusal(t, err, errs.NotFound, "entity-not-found")
	_, err = o.departments.Create(t.Context(), o.manager, clinic.DepartmentParams{Name: "x"})
	wantFields(t, err, "entity_id")
	d := must(o.departments.Create(t.Context(), o.manager, clinic.DepartmentParams{Name: "x", EntityID: o.south.ID}))(t)
	if d.EntityID != o.south.ID {
		t.Errorf("got %+v, want a department of the south", d)
	}
}

func TestDepartmentOfAnotherIsAbsent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.newDepartment(t, o.bruno, "Cardiologia", "")
	_, absent := o.departments.Get(t.Context(), o.ana, nowhere)
	_, err := o.departments.Get(t.Context(), o.ana, d.ID)
	wantAbsent(t, err, absent)
	_, err = o.departments.Update(t.Context(), o.ana, d.ID, clinic.DepartmentPatch{Name: patch.Set("mine")}, version.Match{})
	wantAbsent(t, err, absent)
	wantAbsent(t, o.departments.Delete(t.Context(), o.ana, d.ID, version.Match{}), absent)
	if got := items(o.departments.List(t.Context(), o.ana, clinic.DepartmentFilter{EntityID: o.south.ID}, page.Request{}))(t); len(got) != 0 {
		t.Errorf("got %+v, want none", got)
	}
	if got := items(o.departments.List(t.Context(), o.manager, clinic.DepartmentFilter{}, page.Request{}))(t); len(got) != 1 || got[0].Name != "Cardiologia" {
		t.Errorf("the manager got %+v, want the unchanged department", got)
	}
}
