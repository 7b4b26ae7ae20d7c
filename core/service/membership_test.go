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

func TestMembershipIsMadeBetweenWhatTheActorSees(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ours, theirs := o.newProfessional(t, o.ana, "Dr. João"), o.newProfessional(t, o.bruno, "Dra. Maria")
	ourDepartment, theirDepartment := o.newDepartment(t, o.ana, "Cardiologia", ""), o.newDepartment(t, o.bruno, "Dermatologia", "")

	m := must(o.memberships.Create(t.Context(), o.ana, service.NewMembership{ProfessionalID: ours.ID, DepartmentID: ourDepartment.ID}))(t)
	if m.EntityID != o.north.ID || m.DepartmentID != ourDepartment.ID || !m.Active {
		t.Errorf("got %+v, want an active membership of the own entity", m)
	}
	for name, row := range map[string]struct {
		p    service.NewMembership
		code string
	}{
		"professional of another": {service.NewMembership{ProfessionalID: theirs.ID}, "professional-not-found"},
		"absent professional":     {service.NewMembership{ProfessionalID: nowhere}, "professional-not-found"},
		"entity of another":       {service.NewMembership{ProfessionalID: ours.ID, EntityID: o.south.ID}, "entity-not-found"},
		"absent entity":           {service.NewMembership{ProfessionalID: ours.ID, EntityID: nowhere}, "entity-not-found"},
		"department of another":   {service.NewMembership{ProfessionalID: ours.ID, DepartmentID: theirDepartment.ID}, "department-not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := o.memberships.Create(t.Context(), o.ana, row.p)
			wantRefusal(t, err, errs.NotFound, row.code)
		})
	}
	_, err := o.memberships.Create(t.Context(), o.ana, service.NewMembership{ProfessionalID: ours.ID, EntityID: o.north.ID})
	wantRefusal(t, err, errs.Conflict, "membership-exists")
	_, err = o.memberships.Create(t.Context(), o.manager, service.NewMembership{})
	wantFields(t, err, "professional_id", "entity_id")
	_, err = o.memberships.Create(t.Context(), o.manager, service.NewMembership{ProfessionalID: ours.ID, EntityID: o.south.ID, DepartmentID: ourDepartment.ID})
	wantFields(t, err, "department_id")
	must(o.memberships.Create(t.Context(), o.manager, service.NewMembership{ProfessionalID: ours.ID, EntityID: o.south.ID}))(t)
}

func TestMembershipIsTheEntitysToEndAndToTakeUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	joao := o.newProfessional(t, o.ana, "Dr. João")
	must(o.memberships.Create(t.Context(), o.manager, service.NewMembership{ProfessionalID: joao.ID, EntityID: o.south.ID}))(t)
	list := items(o.memberships.List(t.Context(), o.ana, clinic.MembershipFilter{ProfessionalID: joao.ID}, page.Request{}))(t)
	if len(list) != 1 || list[0].EntityID != o.north.ID {
		t.Fatalf("got memberships %+v, want the one of the own entity", list)
	}
	id := list[0].ID
	for range 2 { // the second time it has ended already; that the professional is shared does not matter
		if err := o.memberships.Delete(t.Context(), o.ana, id, version.Match{}); err != nil {
			t.Error(err)
		}
	}
	_, err := o.professionals.Get(t.Context(), o.ana, joao.ID)
	wantRefusal(t, err, errs.NotFound, "professional-not-found")
	if m := must(o.memberships.Update(t.Context(), o.ana, id, service.MembershipChange{Active: patch.Set(true)}, version.Match{}))(t); !m.Active {
		t.Errorf("got %+v, want it active", m)
	}
	must(o.professionals.Get(t.Context(), o.ana, joao.ID))(t)
	if m := must(o.memberships.Update(t.Context(), o.ana, id, service.MembershipChange{}, version.Match{}))(t); !m.Active {
		t.Errorf("an empty change gave %+v", m)
	}
}

func TestMembershipOfAnotherIsAbsent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.newProfessional(t, o.bruno, "Dr. João")
	theirs := items(o.memberships.List(t.Context(), o.bruno, clinic.MembershipFilter{}, page.Request{}))(t)[0]
	_, absent := o.memberships.Get(t.Context(), o.ana, nowhere)
	_, err := o.memberships.Get(t.Context(), o.ana, theirs.ID)
	wantAbsent(t, err, absent)
	_, err = o.memberships.Update(t.Context(), o.ana, theirs.ID, service.MembershipChange{Active: patch.Set(false)}, version.Match{})
	wantAbsent(t, err, absent)
	wantAbsent(t, o.memberships.Delete(t.Context(), o.ana, theirs.ID, version.Match{}), absent)
	if m := must(o.memberships.Get(t.Context(), o.manager, theirs.ID))(t); !m.Active {
		t.Error("the membership ended, want it untouched")
	}
}
