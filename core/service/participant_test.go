package service_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/version"
)

func TestParticipantBelongsToTheActorsEntity(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if got := o.newParticipant(t, o.ana, "Rita"); got.EntityID != o.north.ID {
		t.Errorf("the administrator's is of entity %v, want %v", got.EntityID, o.north.ID)
	}
	if got := o.newParticipant(t, o.manager, "Agent"); got.EntityID != 0 {
		t.Errorf("the manager's is of entity %v, want none", got.EntityID)
	}
	in := participantNamed("Rui")
	in.EntityID = o.south.ID
	if got := must(o.participants.Create(t.Context(), o.manager, in))(t); got.EntityID != o.south.ID {
		t.Errorf("got entity %v, want %v", got.EntityID, o.south.ID)
	}
	_, err := o.participants.Create(t.Context(), o.ana, in)
	wantRefusal(t, err, errs.NotFound, "entity-not-found")
	in.EntityID = nowhere
	_, absent := o.participants.Create(t.Context(), o.ana, in)
	wantAbsent(t, err, absent)
	if got := items(o.participants.List(t.Context(), o.ana, conference.ParticipantFilter{}, page.Request{}))(t); len(got) != 1 || got[0].Name != "Rita" {
		t.Errorf("got %+v, want the one of the own entity", got)
	}
}

func TestParticipantsProfessionalIsOneThatTheActorSees(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ours, theirs := o.newProfessional(t, o.ana, "Dr. João"), o.newProfessional(t, o.bruno, "Dra. Maria")
	p := participantNamed("Dr. João")
	p.Type, p.ProfessionalID = conference.Professional, theirs.ID
	_, err := o.participants.Create(t.Context(), o.ana, p)
	wantRefusal(t, err, errs.NotFound, "professional-not-found")
	p.ProfessionalID = ours.ID
	v := must(o.participants.Create(t.Context(), o.ana, p))(t)

	_, err = o.participants.Update(t.Context(), o.ana, v.ID, conference.ParticipantPatch{ProfessionalID: patch.Set(theirs.ID)}, version.Match{})
	wantRefusal(t, err, errs.NotFound, "professional-not-found")
	v = must(o.participants.Update(t.Context(), o.ana, v.ID, conference.ParticipantPatch{ProfessionalID: patch.Clear[clinic.ProfessionalID](), Name: patch.Set("João")}, version.Match{}))(t)
	if v.ProfessionalID != 0 || v.Name != "João" {
		t.Errorf("got %+v", v)
	}
	p.Type = conference.Client
	_, err = o.participants.Create(t.Context(), o.ana, p)
	wantFields(t, err, "professional_id")
}

func TestParticipantOfAnotherIsAbsent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, absent := o.participants.Get(t.Context(), o.ana, nowhere)
	for _, other := range []conference.Participant{o.newParticipant(t, o.bruno, "Rui"), o.newParticipant(t, o.manager, "Agent")} {
		_, err := o.participants.Get(t.Context(), o.ana, other.ID)
		wantAbsent(t, err, absent)
		_, err = o.participants.Update(t.Context(), o.ana, other.ID, conference.ParticipantPatch{Name: patch.Set("mine")}, version.Match{})
		wantAbsent(t, err, absent)
	}
}
