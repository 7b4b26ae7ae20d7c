package service_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

func TestTheAuditLogIsReadByManagersAndOnesOwnAdministrators(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx, log := t.Context(), service.NewAuditLog(o.deps())
	o.newDepartment(t, o.ana, "Cardiologia", "")
	for _, c := range []struct {
		who  identity.Actor
		sees map[string]bool // entity ids, as text
	}{
		{o.manager, map[string]bool{"0": true, o.north.ID.String(): true, o.south.ID.String(): true}},
		{o.ana, map[string]bool{o.north.ID.String(): true}},
		{o.bruno, map[string]bool{o.south.ID.String(): true}},
	} {
		got := map[string]bool{}
		for _, e := range items(log.List(ctx, c.who, identity.AuditFilter{}, page.Request{}))(t) {
			got[e.EntityID.String()] = true
		}
		if diff := cmp.Diff(c.sees, got); diff != "" {
			t.Errorf("%v: -want +got\n%s", c.who, diff)
		}
	}
	found := items(log.List(ctx, o.manager, identity.AuditFilter{Table: "departments", EntityID: o.north.ID}, page.Request{}))(t)
	if len(found) != 1 || found[0].Action != identity.AuditCreate {
		t.Errorf("got %+v, want the new department", found)
	}
	if got := items(log.List(ctx, o.bruno, identity.AuditFilter{EntityID: o.north.ID}, page.Request{}))(t); len(got) != 0 {
		t.Errorf("bruno sees %+v of north", got)
	}
	for _, who := range []identity.Actor{identity.FrontDesk(o.north.ID), {}} {
		_, err := log.List(ctx, who, identity.AuditFilter{}, page.Request{})
		wantRefusal(t, err, errs.Forbidden, "users-only")
	}
	now := o.clock.Now()
	for _, f := range []identity.AuditFilter{{RowID: "1"}, {From: now, To: now}, {From: now, To: now.Add(-time.Hour)}} {
		_, err := log.List(ctx, o.manager, f, page.Request{})
		wantRefusal(t, err, errs.Invalid, "invalid-input")
	}
}

// readings are the entries that tell of readings, oldest first, in short.
func readings(t *testing.T, r ports.Repositories) []string {
	t.Helper()
	var out []string
	for _, e := range auditEntries(t, r, identity.AllEntities()) {
		if e.Action == identity.AuditReading {
			line := fmt.Sprintf("%s %s/%s of %d", e.Actor, e.Table, e.RowID, e.EntityID)
			for _, k := range []string{"items", "participant_id"} {
				if v, ok := e.Detail[k]; ok {
					line += fmt.Sprintf(" %s=%s", k, v)
				}
			}
			out = append([]string{line}, out...)
		}
	}
	return out
}

func TestReadingsOfPatientsInTheBackOfficeAreLogged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	room, p := o.newRoom(t, o.ana, "Sala"), o.newParticipant(t, o.ana, "Maria")
	must(o.rooms.AddParticipant(ctx, o.ana, room.ID, p.ID, `{"complaint":"dor"}`))(t)
	must(o.rooms.AppendAgentEvents(ctx, o.ana, room.ID, []conference.EventParams{{Name: "transcript"}}))(t)
	key := o.newKey(t, o.ana, identity.ParticipantsRead)
	who := must(o.sessions.Authenticate(ctx, key.Key))(t)

	must(o.participants.Get(ctx, o.ana, p.ID))(t)
	must(o.participants.List(ctx, who, conference.ParticipantFilter{EntityID: o.south.ID}, page.Request{}))(t)
	must(o.participants.List(ctx, o.manager, conference.ParticipantFilter{EntityID: o.north.ID}, page.Request{}))(t)
	must(o.participants.List(ctx, o.manager, conference.ParticipantFilter{}, page.Request{}))(t)
	must(o.rooms.AgentEvents(ctx, o.manager, conference.EventFilter{RoomID: room.ID}, page.Request{}))(t)
	must(o.rooms.Participants(ctx, o.ana, room.ID, page.Request{}))(t)
	must(o.rooms.Participant(ctx, o.ana, room.ID, p.ID))(t)
	must(o.rooms.Timeline(ctx, o.ana, room.ID, page.Request{}))(t)
	// Neither what one may not read, nor what happened in a room, nor a change.
	_, err := o.participants.Get(ctx, o.bruno, p.ID)
	wantRefusal(t, err, errs.NotFound, "participant-not-found")
	must(o.rooms.Events(ctx, o.ana, conference.EventFilter{RoomID: room.ID}, page.Request{}))(t)

	north := o.north.ID
	want := []string{
		fmt.Sprintf("%v participants/%d of %d", o.ana, p.ID, north),
		fmt.Sprintf("%v participants/ of %d items=0", who, north),
		fmt.Sprintf("%v participants/ of %d items=1", o.manager, north),
		fmt.Sprintf("%v participants/ of 0 items=1", o.manager),
		fmt.Sprintf("%v agent_session_events/%d of %d items=1", o.manager, room.ID, north),
		fmt.Sprintf("%v room_participants/%d of %d items=1", o.ana, room.ID, north),
		fmt.Sprintf("%v room_participants/%d of %d participant_id=%d", o.ana, room.ID, north, p.ID),
		fmt.Sprintf("%v rooms/%d of %d items=", o.ana, room.ID, north),
	}
	got := readings(t, o.repos)
	if n := len(got) - 1; n >= 0 {
		got[n] = strings.TrimRight(got[n], "0123456789") // how long a timeline is, is tested elsewhere
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestReadingsOfPatientsAtTheFrontDeskAreLogged(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx, tenant, entity := t.Context(), w.clinic.ID, w.clinic.EntityID
	w.talk(ana, "Quero marcar com o Dr. João", anaData, "1", "sim")
	a := w.wantOnly(w.joao)
	repos := w.store.Repositories()
	if got := readings(t, repos); len(got) > 0 {
		t.Errorf("what the front desk read is logged: %v", got)
	}
	c := must(w.desk.Conversation(ctx, w.manager, tenant, ana))(t)
	must(w.desk.Messages(ctx, w.manager, tenant, ana, page.Request{Limit: 2}))(t)
	must(w.desk.Conversations(ctx, w.manager, reception.ConversationFilter{TenantID: tenant}, page.Request{}))(t)
	must(w.agenda.Get(ctx, w.manager, tenant, a.ID))(t)
	must(w.agenda.List(ctx, w.manager, agenda.AppointmentFilter{TenantID: tenant}, page.Request{}))(t)
	for _, operation := range []string{"list-events", "get-event", "get-freebusy"} {
		must(w.agenda.Route(ctx, w.manager, service.RouteParams{
			Tenant: tenant, Professional: w.joao.ID, Operation: operation, EventID: a.EventID(), Start: a.Start.Add(-time.Hour),
		}))(t)
	}
	who := w.manager
	want := []string{
		fmt.Sprintf("%v conversations/%v of %d", who, c.ID, entity),
		fmt.Sprintf("%v conversation_messages/%v of %d items=2", who, c.ID, entity),
		fmt.Sprintf("%v conversations/ of %d items=1", who, entity),
		fmt.Sprintf("%v appointments/%v of %d", who, a.ID, entity),
		fmt.Sprintf("%v appointments/ of %d items=1", who, entity),
		fmt.Sprintf("%v calendar_events/%v of %d items=1", who, w.joao.ID, entity),
		fmt.Sprintf("%v calendar_events/%v of %d items=1", who, w.joao.ID, entity),
	}
	if diff := cmp.Diff(want, readings(t, repos)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// fullLog is an audit log that takes nothing more.
type fullLog struct{ ports.AuditLogRepository }

var errLogFull = errors.New("the log is full")

func (fullLog) Append(context.Context, identity.AuditEntry) (identity.AuditEntry, error) {
	return identity.AuditEntry{}, errLogFull
}

func TestNothingIsShownThatIsNotLogged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx, d := t.Context(), o.deps()
	d.Repositories.AuditLog = fullLog{}
	room, p := o.newRoom(t, o.ana, "Sala"), o.newParticipant(t, o.ana, "Maria")
	must(o.rooms.AddParticipant(ctx, o.ana, room.ID, p.ID, ""))(t)
	participants, rooms := service.NewParticipants(d), service.NewRooms(d, recordsOnly(d, ""))
	got, gotErr := participants.Get(ctx, o.ana, p.ID)
	list, listErr := participants.List(ctx, o.ana, conference.ParticipantFilter{}, page.Request{})
	in, inErr := rooms.Participants(ctx, o.ana, room.ID, page.Request{})
	one, oneErr := rooms.Participant(ctx, o.ana, room.ID, p.ID)
	_, eventsErr := rooms.AgentEvents(ctx, o.ana, conference.EventFilter{RoomID: room.ID}, page.Request{})
	for what, err := range map[string]error{
		"get": gotErr, "list": listErr, "list of a room": inErr, "get of a room": oneErr, "agent events": eventsErr,
	} {
		if !errors.Is(err, errLogFull) {
			t.Errorf("%s: got error %v, want that the log is full", what, err)
		}
	}
	if got.ID != 0 || len(list.Items) > 0 || len(in.Items) > 0 || one.ParticipantID != 0 {
		t.Errorf("got %+v, %+v, %+v and %+v, want nothing", got, list, in, one)
	}
}
