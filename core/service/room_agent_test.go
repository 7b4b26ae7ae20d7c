package service_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

// dispatched is a room of north with an agent who has its token, and a session of its own.
type dispatched struct {
	*mediaWorld
	usages *service.Usages
	room   conference.Room
	token  string
	usage  metering.AgentUsage
}

func newDispatched(t *testing.T) *dispatched {
	t.Helper()
	d := &dispatched{mediaWorld: newMediaWorld(t)}
	d.usages = service.NewUsages(service.Deps{Repositories: d.repos, Tx: d.store, Now: d.clock.Now})
	d.room = d.newRoom(t, d.ana, "visit")
	d.token = d.send(t, d.room)
	d.usage = must(d.usages.Start(t.Context(), d.actor(t), d.room.ID, service.StartUsage{ParticipantID: d.who()}))(t)
	return d
}

// send has an agent sent into a room, and returns its token.
func (d *dispatched) send(t *testing.T, room conference.Room) string {
	t.Helper()
	d.request(t, room)
	var handed struct{ Token string }
	if err := json.Unmarshal([]byte(d.dispatches(room)[0].metadata), &handed); err != nil {
		t.Fatal(err)
	}
	return handed.Token
}

// who is the agent's participant.
func (d *dispatched) who() conference.ParticipantID {
	d.t.Helper()
	return d.mediaWorld.room(d.room.ID).Agent.ParticipantID
}

func (d *dispatched) actor(t *testing.T) identity.Actor {
	t.Helper()
	return must(d.sessions.Authenticate(t.Context(), d.token))(t)
}

// deeds are all that a room agent may do, in a room and with a session; late says whether it may when its time has ended.
func (d *dispatched) deeds(room conference.RoomID, usage metering.UsageID) map[string]struct {
	do   func(context.Context, identity.Actor) error
	late bool
} {
	return map[string]struct {
		do   func(context.Context, identity.Actor) error
		late bool
	}{
		"Rooms.Instructions": {do: func(ctx context.Context, a identity.Actor) error {
			_, err := d.rooms.Instructions(ctx, a, room)
			return err
		}},
		"Rooms.AppendAgentEvents": {do: func(ctx context.Context, a identity.Actor) error {
			_, err := d.rooms.AppendAgentEvents(ctx, a, room, twoEvents())
			return err
		}},
		"Usages.Start": {do: func(ctx context.Context, a identity.Actor) error {
			_, err := d.usages.Start(ctx, a, room, service.StartUsage{ParticipantID: d.who()})
			return err
		}},
		"Usages.Update": {late: true, do: func(ctx context.Context, a identity.Actor) error {
			_, err := d.usages.Update(ctx, a, usage, service.UsageUpdate{Key: "one", Add: tokens(1, 1)}, version.Match{})
			return err
		}},
		"Usages.Report": {late: true, do: func(ctx context.Context, a identity.Actor) error {
			_, err := d.usages.Report(ctx, a, usage, []byte(`{"model_usage":[{"type":"llm_usage","provider":"p","model":"m","input_tokens":5}]}`))
			return err
		}},
		"Usages.End": {late: true, do: func(ctx context.Context, a identity.Actor) error {
			_, err := d.usages.End(ctx, a, usage, time.Time{}, version.Match{})
			return err
		}},
	}
}

func TestRoomAgentDoesItsWork(t *testing.T) {
	t.Parallel()
	d := newDispatched(t)
	agent := d.actor(t)
	for name, deed := range d.deeds(d.room.ID, d.usage.ID) {
		if err := deed.do(t.Context(), agent); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	told := items(d.rooms.AgentEvents(t.Context(), d.ana, conference.EventFilter{RoomID: d.room.ID}, page.Request{}))(t)
	if len(told) != 2 {
		t.Errorf("%d agent events were stored, want 2", len(told))
	}
	got := must(d.usages.Get(t.Context(), d.ana, d.usage.ID))(t)
	if got.ParticipantID != d.who() || got.EntityID != d.north.ID || got.TotalTokensOutput != 1 || got.SessionEnd.IsZero() {
		t.Errorf("the session is %+v, want the agent's, counted and ended", got)
	}
}

func TestRoomAgentDoesNothingElsewhere(t *testing.T) {
	t.Parallel()
	d := newDispatched(t)
	agent := d.actor(t)
	other := d.newRoom(t, d.ana, "another")
	d.send(t, other)
	colleague := d.mediaWorld.room(other.ID).Agent.ParticipantID
	foreign := must(d.usages.Start(t.Context(), d.ana, other.ID, service.StartUsage{ParticipantID: colleague}))(t)
	second := must(d.usages.Start(t.Context(), d.ana, d.room.ID, service.StartUsage{ParticipantID: colleague}))(t)

	for name, deed := range d.deeds(other.ID, foreign.ID) {
		absent := d.deeds(9999, 9999)[name].do(t.Context(), agent)
		wantAbsent(t, deed.do(t.Context(), agent), absent)
	}
	for _, name := range []string{"Usages.Update", "Usages.Report", "Usages.End"} { // of another agent in its own room
		wantAbsent(t, d.deeds(d.room.ID, second.ID)[name].do(t.Context(), agent), d.deeds(d.room.ID, 9999)[name].do(t.Context(), agent))
	}
	_, err := d.usages.Start(t.Context(), agent, d.room.ID, service.StartUsage{ParticipantID: colleague})
	wantRefusal(t, err, errs.NotFound, "participant-not-found")
	for _, usage := range []metering.AgentUsage{foreign, second} {
		if got := must(d.usages.Get(t.Context(), d.ana, usage.ID))(t); got.UpdatedAt != usage.UpdatedAt || !got.SessionEnd.IsZero() {
			t.Errorf("the session of another agent became %+v", got)
		}
	}
}

// wantEnded checks that the agent may tell what it consumed, and nothing else any more.
func (d *dispatched) wantEnded(t *testing.T) {
	t.Helper()
	agent := d.actor(t)
	for name, deed := range d.deeds(d.room.ID, d.usage.ID) {
		err := deed.do(t.Context(), agent)
		if deed.late && err != nil {
			t.Errorf("%s: %v, want it done", name, err)
		}
		if !deed.late && (errs.KindOf(err) != errs.Forbidden || errs.CodeOf(err) != "room-agent-ended") {
			t.Errorf("%s: %v, want Forbidden room-agent-ended", name, err)
		}
	}
}

func (d *dispatched) wantInvalid(t *testing.T) {
	t.Helper()
	_, err := d.sessions.Authenticate(t.Context(), d.token)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-token")
}

func TestRoomAgentOfAClosedRoomOnlyReports(t *testing.T) {
	t.Parallel()
	d := newDispatched(t)
	agent := d.actor(t)
	if err := d.rooms.Delete(t.Context(), d.ana, d.room.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	d.wantEnded(t)
	d.clock.advance(10 * time.Minute)
	d.wantEnded(t)
	d.clock.advance(time.Microsecond)
	d.wantInvalid(t)
	if got := agent.RoomAgent(); got.Room != d.room.ID {
		t.Errorf("the agent was that of %+v", got)
	}
	must(d.rooms.AppendAgentEvents(t.Context(), d.ana, d.room.ID, twoEvents()))(t) // users may still
}

func TestRoomAgentThatIsNotTheRoomsAnyMoreOnlyReports(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *dispatched){
		"dismissed": func(t *testing.T, d *dispatched) {
			t.Helper()
			if err := d.media.DismissAgent(t.Context(), d.ana, d.room.ID, version.Match{}); err != nil {
				t.Fatal(err)
			}
		},
		"superseded": func(t *testing.T, d *dispatched) {
			t.Helper()
			if err := d.media.DismissAgent(t.Context(), d.ana, d.room.ID, version.Match{}); err != nil {
				t.Fatal(err)
			}
			d.request(t, d.room)
		},
		"given up": func(_ *testing.T, d *dispatched) {
			for range 3 {
				d.later(20 * time.Second)
			}
		},
		"gone": func(_ *testing.T, d *dispatched) {
			d.comes(d.room, "PA_1")
			d.mustReconcile()
			d.live.leave(d.room.LiveKitName, "PA_1")
			d.mustReconcile()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDispatched(t)
			end(t, d)
			d.wantEnded(t)
		})
	}
}

func TestRoomAgentThatComesBackHasItsRightsAgain(t *testing.T) {
	t.Parallel()
	d := newDispatched(t)
	for range 3 {
		d.later(20 * time.Second)
	}
	d.wantEnded(t)
	d.comes(d.room, "PA_late")
	d.mustReconcile()
	if _, err := d.rooms.AppendAgentEvents(t.Context(), d.actor(t), d.room.ID, twoEvents()); err != nil {
		t.Errorf("an agent that came late: %v, want its events taken", err)
	}
}

func TestTokenOfARoomAgentThatIsOfNoUseAnyMore(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]func(*testing.T, *dispatched) string{
		"expired": func(_ *testing.T, d *dispatched) string {
			d.clock.advance(6 * time.Hour)
			return d.token
		},
		"of no room": func(t *testing.T, d *dispatched) string {
			t.Helper()
			return must(plainTokens{}.IssueRoomAgent(identity.RoomAgent{Room: 9999, Participant: d.who(), Number: 1}, d.clock.Now(), d.clock.Now().Add(time.Hour)))(t)
		},
		"of an inactive entity": func(t *testing.T, d *dispatched) string {
			t.Helper()
			must(d.repos.Entities.Update(t.Context(), identity.AllEntities(), d.north.ID, func(e *clinic.Entity) error {
				e.Active = false
				return nil
			}))(t)
			return d.token
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDispatched(t)
			actor, err := d.sessions.Authenticate(t.Context(), token(t, d))
			if errs.KindOf(err) != errs.Unauthenticated || actor != (identity.Actor{}) {
				t.Errorf("got %v, %v, want nobody", actor, err)
			}
		})
	}
}

func TestRoomAgentsTokenOfAnotherParticipantIsEnded(t *testing.T) {
	t.Parallel()
	d := newDispatched(t)
	for _, agent := range []identity.RoomAgent{
		{Room: d.room.ID, Participant: d.who() + 1, Number: 1},
		{Room: d.room.ID, Participant: d.who(), Number: 2},
	} {
		token := must(plainTokens{}.IssueRoomAgent(agent, d.clock.Now(), d.clock.Now().Add(time.Hour)))(t)
		_, err := d.rooms.Instructions(t.Context(), must(d.sessions.Authenticate(t.Context(), token))(t), d.room.ID)
		wantRefusal(t, err, errs.Forbidden, "room-agent-ended")
	}
}

func TestRoomAgentInARoomOfNoEntity(t *testing.T) {
	t.Parallel()
	d := newDispatched(t)
	room := d.newRoom(t, d.manager, "platform")
	if _, _, err := d.media.RequestAgent(t.Context(), d.manager, room.ID, ""); err != nil {
		t.Fatal(err)
	}
	agent := identity.RoomAgent{Room: room.ID, Participant: d.mediaWorld.room(room.ID).Agent.ParticipantID, Number: 1}
	actor := must(d.sessions.Authenticate(t.Context(), must(plainTokens{}.IssueRoomAgent(agent, d.clock.Now(), d.clock.Now().Add(time.Hour)))(t)))(t)
	if got := must(d.rooms.Instructions(t.Context(), actor, room.ID))(t); got.Text != "platform" {
		t.Errorf("is told %q, want the platform's instructions", got.Text)
	}
	usage := must(d.usages.Start(t.Context(), actor, room.ID, service.StartUsage{ParticipantID: agent.Participant}))(t)
	must(d.usages.End(t.Context(), actor, usage.ID, time.Time{}, version.Match{}))(t)
	_, err := d.usages.End(t.Context(), actor, d.usage.ID, time.Time{}, version.Match{})
	wantRefusal(t, err, errs.NotFound, "usage-not-found")
	_, err = d.rooms.Instructions(t.Context(), actor, d.room.ID)
	wantRefusal(t, err, errs.NotFound, "room-not-found")
}

func TestRoomAgentsShareNoIdempotencyKeys(t *testing.T) {
	t.Parallel()
	d := newDispatched(t)
	keys := service.NewIdempotency(service.Deps{Repositories: d.repos, Tx: service.Remembering(d.store), Now: d.clock.Now})
	first := d.actor(t)
	ctx, _, err := keys.Begin(t.Context(), first, under("start"))
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.End(ctx, service.Answer{Status: 201, Body: "first"}); err != nil {
		t.Fatal(err)
	}
	other := d.newRoom(t, d.ana, "another")
	colleague := must(d.sessions.Authenticate(t.Context(), d.send(t, other)))(t)
	if err := d.media.DismissAgent(t.Context(), d.ana, d.room.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	successor := must(d.sessions.Authenticate(t.Context(), d.send(t, d.room)))(t)
	for _, actor := range []identity.Actor{colleague, successor} {
		if _, answer, err := keys.Begin(t.Context(), actor, under("start")); answer != nil || err != nil {
			t.Errorf("%s got the answer %v, %v, want a key of its own", actor, answer, err)
		}
	}
	if _, answer, err := keys.Begin(t.Context(), first, under("start")); err != nil || answer == nil || answer.Body != "first" {
		t.Errorf("%s got %v, %v, want its answer", first, answer, err)
	}
}
