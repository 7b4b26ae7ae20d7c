package service_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

func TestAdministratorsProfessionalIsAMemberOfItsEntity(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.newDepartment(t, o.ana, "Cardiologia", "")
	p := professionalNamed("Dr. João")
	p.DepartmentID = d.ID
	joao := must(o.professionals.Create(t.Context(), o.ana, p))(t)
	got := items(o.memberships.List(t.Context(), o.ana, clinic.MembershipFilter{ProfessionalID: joao.ID}, page.Request{}))(t)
	if len(got) != 1 || got[0].EntityID != o.north.ID || got[0].DepartmentID != d.ID || !got[0].Active {
		t.Errorf("got memberships %+v, want one in the entity and department", got)
	}
	joao = must(o.professionals.Update(t.Context(), o.ana, joao.ID, clinic.ProfessionalPatch{LicenseNumber: patch.Set("CRM 1")}, version.Match{}))(t)
	if joao.LicenseNumber != "CRM 1" {
		t.Errorf("got %+v", joao)
	}
	for range 2 { // the second time it is inactive already
		if err := o.professionals.Delete(t.Context(), o.ana, joao.ID, version.Match{}); err != nil {
			t.Error(err)
		}
	}
	if joao := must(o.professionals.Get(t.Context(), o.ana, joao.ID))(t); joao.Active {
		t.Error("the professional is active, want it deactivated")
	}
}

func TestManagersProfessionalMayBeIndependent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.newProfessional(t, o.manager, "Dra. Independente")
	if got := items(o.memberships.List(t.Context(), o.manager, clinic.MembershipFilter{}, page.Request{}))(t); len(got) != 0 {
		t.Errorf("got memberships %+v, want none", got)
	}
	_, err := o.professionals.Get(t.Context(), o.ana, p.ID)
	wantRefusal(t, err, errs.NotFound, "professional-not-found")

	in := professionalNamed("Dr. do Norte")
	in.EntityID = o.north.ID
	must(o.professionals.Create(t.Context(), o.manager, in))(t)
	if got := items(o.professionals.List(t.Context(), o.ana, clinic.ProfessionalFilter{}, page.Request{}))(t); len(got) != 1 || got[0].Name != "Dr. do Norte" {
		t.Errorf("the administrator got %+v, want the one of its entity", got)
	}
}

func TestProfessionalWhoseMembershipFailsIsNotMade(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	theirs := o.newDepartment(t, o.bruno, "Cardiologia", "")
	closed := o.newDepartment(t, o.ana, "Fechada", "")
	if err := o.departments.Delete(t.Context(), o.ana, closed.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	create := func(change func(*service.NewProfessional)) error {
		p := professionalNamed("x")
		change(&p)
		_, err := o.professionals.Create(t.Context(), o.ana, p)
		return err
	}
	wantRefusal(t, create(func(p *service.NewProfessional) { p.EntityID = o.south.ID }), errs.NotFound, "entity-not-found")
	wantRefusal(t, create(func(p *service.NewProfessional) { p.EntityID = nowhere }), errs.NotFound, "entity-not-found")
	wantRefusal(t, create(func(p *service.NewProfessional) { p.DepartmentID = theirs.ID }), errs.NotFound, "department-not-found")
	wantFields(t, create(func(p *service.NewProfessional) { p.DepartmentID = closed.ID }), "department_id")
	wantFields(t, create(func(p *service.NewProfessional) { p.PhoneNumber = "x" }), "phone_number")
	p := professionalNamed("x")
	p.DepartmentID = closed.ID
	_, err := o.professionals.Create(t.Context(), o.manager, p)
	wantFields(t, err, "department_id") // no entity
	p.DepartmentID, p.EntityID = theirs.ID, o.north.ID
	_, err = o.professionals.Create(t.Context(), o.manager, p)
	wantFields(t, err, "department_id") // of another entity
	if got := items(o.professionals.List(t.Context(), o.manager, clinic.ProfessionalFilter{}, page.Request{}))(t); len(got) != 0 {
		t.Errorf("got %+v, want no professional", got)
	}
}

func TestSharedProfessionalIsTheManagersToChange(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	joao := o.newProfessional(t, o.ana, "Dr. João")
	elsewhere := must(o.memberships.Create(t.Context(), o.manager, service.NewMembership{ProfessionalID: joao.ID, EntityID: o.south.ID}))(t)
	rename := clinic.ProfessionalPatch{Name: patch.Set("João Silva")}

	_, err := o.professionals.Update(t.Context(), o.ana, joao.ID, rename, version.Match{})
	wantRefusal(t, err, errs.Forbidden, "shared-professional")
	wantRefusal(t, o.professionals.Delete(t.Context(), o.bruno, joao.ID, version.Match{}), errs.Forbidden, "shared-professional")
	must(o.professionals.Update(t.Context(), o.manager, joao.ID, clinic.ProfessionalPatch{ExternalID: patch.Set("17")}, version.Match{}))(t)

	if err := o.memberships.Delete(t.Context(), o.bruno, elsewhere.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	if got := must(o.professionals.Update(t.Context(), o.ana, joao.ID, rename, version.Match{}))(t); got.Name != "João Silva" || got.ExternalID != "17" {
		t.Errorf("got %+v, want it renamed: no other entity is left", got)
	}
}

func TestProfessionalOfAnotherIsAbsent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	joao := o.newProfessional(t, o.bruno, "Dr. João")
	_, absent := o.professionals.Get(t.Context(), o.ana, nowhere)
	_, err := o.professionals.Get(t.Context(), o.ana, joao.ID)
	wantAbsent(t, err, absent)
	_, err = o.professionals.Update(t.Context(), o.ana, joao.ID, clinic.ProfessionalPatch{Name: patch.Set("mine")}, version.Match{})
	wantAbsent(t, err, absent)
	wantAbsent(t, o.professionals.Delete(t.Context(), o.ana, joao.ID, version.Match{}), absent)
	if got := items(o.professionals.List(t.Context(), o.ana, clinic.ProfessionalFilter{}, page.Request{}))(t); len(got) != 0 {
		t.Errorf("got %+v, want none", got)
	}
}
