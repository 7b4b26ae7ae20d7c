package service_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

func contextPatch(o jsonobj.Object) patch.Of[jsonobj.Object] { return patch.Set(o) }

// history is what happened in a room, as "name data".
func (o *office) history(t *testing.T, room conference.RoomID) []string {
	t.Helper()
	var out []string
	for _, e := range items(o.rooms.Events(t.Context(), o.manager, conference.EventFilter{RoomID: room}, page.Request{}))(t) {
		out = append(out, e.Name+" "+string(sorted(t, e.Data)))
	}
	return out
}

func TestRoomsLifeIsWrittenDown(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room, rita := o.newRoom(t, o.ana, "visit"), o.newParticipant(t, o.ana, "Rita")
	if room.EntityID != o.north.ID || room.Status != conference.Open || !strings.HasPrefix(room.LiveKitName, "room-") || len(room.LiveKitName) != 5+36 {
		t.Errorf("got %+v, want an open room of the own entity", room)
	}
	update := func(p conference.RoomPatch) { must(o.rooms.Update(t.Context(), o.ana, room.ID, p, version.Match{}))(t) }
	must(o.rooms.AddParticipant(t.Context(), o.ana, room.ID, rita.ID, `{"rawContext":"x"}`))(t)
	update(conference.RoomPatch{Name: patch.Set("a visit")})
	update(conference.RoomPatch{Status: patch.Set(conference.InProgress)})
	update(conference.RoomPatch{Status: patch.Set(conference.InProgress)}) // it is already
	if err := o.rooms.RemoveParticipant(t.Context(), o.ana, room.ID, rita.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is closed already
		if err := o.rooms.Delete(t.Context(), o.ana, room.ID, version.Match{}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`room_opened {}`,
		`participant_added {"participant_id":1}`,
		`room_status_changed {"from":"OPEN","to":"IN_PROGRESS"}`,
		`participant_removed {"participant_id":1}`,
		`room_status_changed {"from":"IN_PROGRESS","reason":"requested","to":"CLOSED"}`,
	}
	if diff := cmp.Diff(want, o.history(t, room.ID)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	closed := must(o.rooms.Get(t.Context(), o.ana, room.ID))(t)
	if closed.Status != conference.Closed || !closed.ClosedAt.Equal(o.clock.Now()) {
		t.Errorf("got %+v, want it closed", closed)
	}
}

func TestRefusedChangesWriteNothingDown(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room, theirs := o.newRoom(t, o.ana, "visit"), o.newParticipant(t, o.bruno, "Rui")
	_, err := o.rooms.Update(t.Context(), o.ana, room.ID, conference.RoomPatch{Status: patch.Set(conference.Closed), Name: patch.Set("")}, version.Match{})
	wantFields(t, err, "name")
	_, err = o.rooms.AddParticipant(t.Context(), o.manager, room.ID, theirs.ID, "")
	wantFields(t, err, "participant_id")
	err = o.rooms.RemoveParticipant(t.Context(), o.ana, room.ID, theirs.ID, version.Match{})
	wantRefusal(t, err, errs.NotFound, "room-participant-not-found")
	if got := o.history(t, room.ID); len(got) != 1 {
		t.Errorf("got history %v, want only that the room was opened", got)
	}
}

func TestClosedRoomStaysClosed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room, rita := o.newRoom(t, o.ana, "visit"), o.newParticipant(t, o.ana, "Rita")
	if err := o.rooms.Delete(t.Context(), o.ana, room.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	_, err := o.rooms.Update(t.Context(), o.ana, room.ID, conference.RoomPatch{Status: patch.Set(conference.Open)}, version.Match{})
	wantRefusal(t, err, errs.Conflict, "room-closed")
	_, err = o.rooms.AddParticipant(t.Context(), o.ana, room.ID, rita.ID, "")
	wantRefusal(t, err, errs.Conflict, "room-closed")
	must(o.rooms.AppendAgentEvents(t.Context(), o.ana, room.ID, someEvents(1)))(t) // a late transcript
}

func TestRoomRefersToWhatTheActorSees(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d, theirs := o.newDepartment(t, o.ana, "Cardiologia", ""), o.newDepartment(t, o.bruno, "Dermatologia", "")
	joao, maria := o.newProfessional(t, o.ana, "Dr. João"), o.newProfessional(t, o.bruno, "Dra. Maria")
	for name, row := range map[string]struct {
		actor identity.Actor
		p     service.NewRoom
		code  string // "" for wrong input
	}{
		"entity of another":                   {o.ana, service.NewRoom{EntityID: o.south.ID}, "entity-not-found"},
		"absent entity":                       {o.ana, service.NewRoom{EntityID: nowhere}, "entity-not-found"},
		"department of another":               {o.ana, service.NewRoom{DepartmentID: theirs.ID}, "department-not-found"},
		"absent department":                   {o.ana, service.NewRoom{DepartmentID: nowhere}, "department-not-found"},
		"professional of another":             {o.ana, service.NewRoom{ProfessionalID: maria.ID}, "professional-not-found"},
		"manager, department without entity":  {o.manager, service.NewRoom{DepartmentID: d.ID}, ""},
		"manager, department of other entity": {o.manager, service.NewRoom{EntityID: o.south.ID, DepartmentID: d.ID}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.p.Name = "visit"
			_, err := o.rooms.Create(t.Context(), row.actor, row.p)
			if row.code == "" {
				wantFields(t, err, "department_id")
				return
			}
			wantRefusal(t, err, errs.NotFound, row.code)
		})
	}
	room := must(o.rooms.Create(t.Context(), o.ana, service.NewRoom{
		Name: "visit", DepartmentID: d.ID, ProfessionalID: joao.ID, Type: conference.Client, PhoneNumber: "11955550011", ExternalID: "17",
	}))(t)
	if room.DepartmentID != d.ID || room.ProfessionalID != joao.ID || room.Type != conference.Client || room.PhoneNumber != "+5511955550011" || room.ExternalID != "17" {
		t.Errorf("got %+v", room)
	}
	_, err := o.rooms.Update(t.Context(), o.ana, room.ID, conference.RoomPatch{ProfessionalID: patch.Set(maria.ID)}, version.Match{})
	wantRefusal(t, err, errs.NotFound, "professional-not-found")
	if room := must(o.rooms.Update(t.Context(), o.ana, room.ID, conference.RoomPatch{ProfessionalID: patch.Clear[clinic.ProfessionalID]()}, version.Match{}))(t); room.ProfessionalID != 0 {
		t.Errorf("got professional %v, want none", room.ProfessionalID)
	}
}

func TestRoomOfAnotherIsAbsent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	rita := o.newParticipant(t, o.ana, "Rita")
	standalone := o.newRoom(t, o.manager, "standalone")
	if standalone.EntityID != 0 {
		t.Fatalf("the manager's room is of entity %v, want none", standalone.EntityID)
	}
	for _, room := range []conference.RoomID{o.newRoom(t, o.bruno, "theirs").ID, standalone.ID} {
		calls := func(room conference.RoomID) []error {
			ctx, in := t.Context(), conference.EventFilter{RoomID: room}
			_, get := o.rooms.Get(ctx, o.ana, room)
			_, update := o.rooms.Update(ctx, o.ana, room, conference.RoomPatch{Status: patch.Set(conference.Closed)}, version.Match{})
			_, instructions := o.rooms.Instructions(ctx, o.ana, room)
			_, participants := o.rooms.Participants(ctx, o.ana, room, page.Request{})
			_, add := o.rooms.AddParticipant(ctx, o.ana, room, rita.ID, "")
			_, change := o.rooms.UpdateParticipant(ctx, o.ana, room, rita.ID, contextPatch(`{}`), version.Match{})
			_, appended := o.rooms.AppendEvents(ctx, o.ana, room, someEvents(1))
			_, events := o.rooms.Events(ctx, o.ana, in, page.Request{})
			_, agentAppended := o.rooms.AppendAgentEvents(ctx, o.ana, room, someEvents(1))
			_, agentEvents := o.rooms.AgentEvents(ctx, o.ana, in, page.Request{})
			return []error{
				get, update, instructions, participants, add, change, appended, events, agentAppended, agentEvents,
				o.rooms.RemoveParticipant(ctx, o.ana, room, rita.ID, version.Match{}), o.rooms.Delete(ctx, o.ana, room, version.Match{}),
			}
		}
		absent := calls(nowhere)
		for i, err := range calls(room) {
			wantAbsent(t, err, absent[i])
		}
		if got := must(o.rooms.Get(t.Context(), o.manager, room))(t); got.Status != conference.Open {
			t.Errorf("got status %v, want OPEN: nothing was changed", got.Status)
		}
	}
	if got := items(o.rooms.List(t.Context(), o.ana, conference.RoomFilter{}, page.Request{}))(t); len(got) != 0 {
		t.Errorf("got %+v, want none", got)
	}
	if got := items(o.rooms.List(t.Context(), o.manager, conference.RoomFilter{}, page.Request{}))(t); len(got) != 2 {
		t.Errorf("the manager got %d rooms, want 2", len(got))
	}
}

func TestInstructions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.newDepartment(t, o.ana, "Cardiologia", `{"prompt":"cardio","rules":["a"]}`)
	silent := o.newDepartment(t, o.ana, "Recepção", "")
	open := func(actor identity.Actor, entity clinic.EntityID, department clinic.DepartmentID) conference.RoomID {
		return must(o.rooms.Create(t.Context(), actor, service.NewRoom{Name: "visit", EntityID: entity, DepartmentID: department}))(t).ID
	}
	north := clinic.Source{Level: clinic.LevelEntity, ID: int64(o.north.ID)}
	for name, row := range map[string]struct {
		room conference.RoomID
		want clinic.Instructions
	}{
		"entity and department": {open(o.ana, 0, d.ID), clinic.Instructions{
			Merged: `{"prompt":"north\n\ncardio","rules":["a"]}`, Text: "north\n\ncardio\n\nrules:\n- a",
			Sources: []clinic.Source{north, {Level: clinic.LevelDepartment, ID: int64(d.ID)}},
		}},
		"entity":                  {open(o.ana, 0, 0), clinic.Instructions{Merged: `{"prompt":"north"}`, Text: "north", Sources: []clinic.Source{north}}},
		"department says nothing": {open(o.ana, 0, silent.ID), clinic.Instructions{Merged: `{"prompt":"north"}`, Text: "north", Sources: []clinic.Source{north}}},
		"entity says nothing":     {open(o.manager, o.south.ID, 0), clinic.Instructions{Merged: `{}`, Sources: []clinic.Source{}}},
		"standalone": {open(o.manager, 0, 0), clinic.Instructions{
			Merged: `{"prompt":"platform"}`, Text: "platform", Sources: []clinic.Source{{Level: clinic.LevelPlatform}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := must(o.rooms.Instructions(t.Context(), o.manager, row.room))(t)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("instructions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChangedInstructionsShowAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.newDepartment(t, o.ana, "Cardiologia", `{"prompt":"cardio"}`)
	room := must(o.rooms.Create(t.Context(), o.ana, service.NewRoom{Name: "visit", DepartmentID: d.ID}))(t)
	text := func() string { return must(o.rooms.Instructions(t.Context(), o.ana, room.ID))(t).Text }
	if got := text(); got != "north\n\ncardio" {
		t.Errorf("got %q", got)
	}
	must(o.departments.Update(t.Context(), o.ana, d.ID, clinic.DepartmentPatch{Instructions: contextPatch(`{"prompt":"heart"}`)}, version.Match{}))(t)
	if got := text(); got != "north\n\nheart" {
		t.Errorf("after the department changed: got %q", got)
	}
	must(o.entities.Update(t.Context(), o.ana, o.north.ID, clinic.EntityPatch{Instructions: patch.Clear[jsonobj.Object]()}, version.Match{}))(t)
	if got := text(); got != "heart" {
		t.Errorf("after the entity changed: got %q", got)
	}
}

func TestParticipantsOfARoom(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room, rita := o.newRoom(t, o.ana, "visit"), o.newParticipant(t, o.ana, "Rita")
	agent := o.newParticipant(t, o.manager, "Agent")
	theirs := o.newParticipant(t, o.bruno, "Rui")

	must(o.rooms.AddParticipant(t.Context(), o.ana, room.ID, rita.ID, ""))(t)
	must(o.rooms.AddParticipant(t.Context(), o.manager, room.ID, agent.ID, ""))(t) // the platform's may enter every room
	_, err := o.rooms.AddParticipant(t.Context(), o.ana, room.ID, rita.ID, "")
	wantRefusal(t, err, errs.Conflict, "already-in-room")
	_, err = o.rooms.AddParticipant(t.Context(), o.ana, room.ID, theirs.ID, "")
	wantRefusal(t, err, errs.NotFound, "participant-not-found")

	change := func(p patch.Of[jsonobj.Object]) jsonobj.Object {
		return must(o.rooms.UpdateParticipant(t.Context(), o.ana, room.ID, rita.ID, p, version.Match{}))(t).Context
	}
	change(contextPatch(`{"a":1,"b":{"c":2}}`))
	if got := change(contextPatch(`{"a":null,"b":{"d":3}}`)); got != `{"b":{"c":2,"d":3}}` {
		t.Errorf("got context %s, want it merged", got)
	}
	if got := change(patch.Clear[jsonobj.Object]()); got != `{}` {
		t.Errorf("got context %s, want it empty", got)
	}
	got := items(o.rooms.Participants(t.Context(), o.ana, room.ID, page.Request{}))(t)
	if len(got) != 2 || got[0].ParticipantID != rita.ID || got[1].ParticipantID != agent.ID || got[1].Context != `{}` {
		t.Errorf("got %+v, want Rita and the agent", got)
	}
	if err := o.rooms.RemoveParticipant(t.Context(), o.ana, room.ID, rita.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	_, err = o.rooms.UpdateParticipant(t.Context(), o.ana, room.ID, rita.ID, contextPatch(`{}`), version.Match{})
	wantRefusal(t, err, errs.NotFound, "room-participant-not-found")
}

// withoutEvents is a store that cannot append room events.
type withoutEvents struct{ ports.Transactor }

type brokenEvents struct{ ports.RoomEventRepository }

func (w withoutEvents) InTx(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	return w.Transactor.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		r.RoomEvents = brokenEvents{}
		return fn(ctx, r)
	})
}

func (brokenEvents) Append(context.Context, ...conference.RoomEvent) ([]conference.RoomEvent, error) {
	return nil, errors.New("no partition")
}

func TestWhatCannotBeWrittenDownDoesNotHappen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room, rita, rui := o.newRoom(t, o.ana, "visit"), o.newParticipant(t, o.ana, "Rita"), o.newParticipant(t, o.ana, "Rui")
	must(o.rooms.AddParticipant(t.Context(), o.ana, room.ID, rita.ID, ""))(t)

	d := service.Deps{Repositories: o.repos, Tx: withoutEvents{o.store}, Now: o.clock.Now}
	broken := service.NewRooms(d, recordsOnly(d, ""))
	_, create := broken.Create(t.Context(), o.ana, service.NewRoom{Name: "another"})
	_, add := broken.AddParticipant(t.Context(), o.ana, room.ID, rui.ID, "")
	for _, err := range []error{
		create, add, broken.RemoveParticipant(t.Context(), o.ana, room.ID, rita.ID, version.Match{}), broken.Delete(t.Context(), o.ana, room.ID, version.Match{}),
	} {
		if err == nil || err.Error() != "no partition" {
			t.Errorf("got %v, want the error of the event", err)
		}
	}
	if got := items(o.rooms.List(t.Context(), o.ana, conference.RoomFilter{}, page.Request{}))(t); len(got) != 1 || got[0].Status != conference.Open {
		t.Errorf("got rooms %+v, want the one there was, open", got)
	}
	if got := items(o.rooms.Participants(t.Context(), o.ana, room.ID, page.Request{}))(t); len(got) != 1 || got[0].ParticipantID != rita.ID {
		t.Errorf("got participants %+v, want Rita", got)
	}
}
