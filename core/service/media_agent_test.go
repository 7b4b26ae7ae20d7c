package service_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
)

// request asks for an agent in a room of north.
func (w *mediaWorld) request(t *testing.T, room conference.Room) conference.Room {
	t.Helper()
	v, fresh, err := w.media.RequestAgent(t.Context(), w.ana, room.ID, "")
	if err != nil || !fresh {
		t.Fatalf("asked for an agent: fresh %v, %v", fresh, err)
	}
	return v
}

// dispatches are those that LiveKit has of a room.
func (w *mediaWorld) dispatches(room conference.Room) []liveDispatch {
	v, _ := w.live.has(room.LiveKitName)
	return v.dispatches
}

// wantSent checks how far the agent has come, why it ended, and how many dispatches of it there are.
func (w *mediaWorld) wantSent(t *testing.T, room conference.Room, status conference.AgentStatus, reason string, alive int) {
	t.Helper()
	agent := w.room(room.ID).Agent
	if agent.Status != status || agent.Reason != reason {
		t.Errorf("the agent is %s because of %q, want %s because of %q", agent.Status, agent.Reason, status, reason)
	}
	if got := w.dispatches(room); len(got) != alive {
		t.Errorf("LiveKit has %d dispatches, want %d: %v", len(got), alive, got)
	}
}

// agentEvents are what was told of agents in a room.
func (w *mediaWorld) agentEvents(room conference.Room) []string {
	return slices.DeleteFunc(w.told(room.ID), func(e string) bool { return !strings.HasPrefix(e, "agent_") })
}

func (w *mediaWorld) wantAgentEvents(t *testing.T, room conference.Room, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.agentEvents(room)); diff != "" {
		t.Errorf("told of the agent (-want +got):\n%s", diff)
	}
}

// comes has the agent of a room join it on LiveKit, which does not tell.
func (w *mediaWorld) comes(room conference.Room, sid string) {
	agent := w.room(room.ID).Agent
	w.live.join(room.LiveKitName, conference.MediaParticipant{
		Identity: agent.ParticipantID.LiveKitIdentity(), SID: sid, Kind: conference.KindAgent, JoinedAt: w.clock.Now(),
	})
}

// later lets time pass, and does the jobs that are due then.
func (w *mediaWorld) later(d time.Duration) {
	w.t.Helper()
	w.clock.advance(d)
	w.do()
}

func TestAnAgentIsDispatched(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	got := w.request(t, room)
	now := w.clock.Now()
	want := conference.RoomAgent{
		Status: conference.AgentDispatched, ParticipantID: got.Agent.ParticipantID, Name: "secretary", Number: 1, DispatchID: "AD_1", Attempts: 1,
		RequestedAt: now, Deadline: now.Add(20 * time.Second),
	}
	if diff := cmp.Diff(want, got.Agent); diff != "" {
		t.Errorf("the agent (-want +got):\n%s", diff)
	}
	if stored := w.room(room.ID); stored != got {
		t.Errorf("got %+v, want it as it is stored: %+v", got, stored)
	}
	who := must(w.participants.Get(t.Context(), w.ana, got.Agent.ParticipantID))(t)
	if who.Type != conference.Agent || who.Name != "secretary" || who.EntityID != w.north.ID || who.PhoneNumber != "" {
		t.Errorf("the agent is there as %+v", who)
	}
	must(w.rooms.Participant(t.Context(), w.ana, room.ID, who.ID))(t)
	w.do()
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
	if diff := cmp.Diff([]string{"room_opened", "livekit_room_started RM_1", "participant_added", "agent_requested", "agent_dispatched 1"}, w.told(room.ID)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if calls := w.live.called("dispatch"); len(calls) != 1 || calls[0] != "dispatch "+room.LiveKitName+" secretary" {
		t.Errorf("asked LiveKit for %q, want one dispatch", calls)
	}
}

func TestWhatAnAgentIsHanded(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	department := w.newDepartment(t, w.ana, "Cardiologia", `{"prompt":"heart","rules":["a <b>"]}`)
	room := must(w.rooms.Create(t.Context(), w.ana, service.NewRoom{Name: "visit", DepartmentID: department.ID}))(t)
	agent := w.request(t, room).Agent
	var got map[string]any
	if err := json.Unmarshal([]byte(w.dispatches(room)[0].metadata), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"secretary_url": "https://secretary.example.com", "room_id": float64(room.ID), "participant_id": float64(agent.ParticipantID),
		"identity": agent.ParticipantID.LiveKitIdentity(), "entity_id": float64(w.north.ID), "department_id": float64(department.ID),
		"instructions":      map[string]any{"prompt": "north\n\nheart", "rules": []any{"a <b>"}},
		"instructions_text": "north\n\nheart\n\nrules:\n- a <b>",
		"token":             got["token"], "token_expires_at": w.clock.Now().Add(6 * time.Hour).Format(time.RFC3339),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	actor := must(w.sessions.Authenticate(t.Context(), got["token"].(string)))(t)
	if want := (identity.RoomAgent{Room: room.ID, Participant: agent.ParticipantID, Number: 1}); actor.RoomAgent() != want {
		t.Errorf("the token is that of %+v, want %+v", actor.RoomAgent(), want)
	}
}

func TestLargeInstructionsAreFetched(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	big := `{"prompt":"` + strings.Repeat("é", 5000) + `"}` // twice, as an object and as text, it is 20 kB
	must(w.entities.Update(t.Context(), w.ana, w.north.ID, clinic.EntityPatch{Instructions: patch.Set(jsonobj.Object(big))}, version.Match{}))(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	var got map[string]any
	metadata := w.dispatches(room)[0].metadata
	if err := json.Unmarshal([]byte(metadata), &got); err != nil {
		t.Fatal(err)
	}
	_, object := got["instructions"]
	_, text := got["instructions_text"]
	if object || text || len(metadata) > 16<<10 || got["token"] == "" || got["department_id"] != nil {
		t.Errorf("got %d bytes of metadata, with instructions: %v, as text: %v, want neither", len(metadata), object, text)
	}
}

func TestASecondRequestIsTheFirst(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	first := w.request(t, room)
	again, fresh, err := w.media.RequestAgent(t.Context(), w.manager, room.ID, "another")
	if err != nil || fresh || again != first {
		t.Errorf("got %+v, fresh %v, %v, want the first", again, fresh, err)
	}
	w.comes(room, "PA_1")
	w.mustReconcile()
	again, fresh, err = w.media.RequestAgent(t.Context(), w.ana, room.ID, "")
	if err != nil || fresh || again.Agent.Status != conference.AgentJoined {
		t.Errorf("with an agent there: got %+v, fresh %v, %v, want it", again.Agent, fresh, err)
	}
	w.do()
	w.wantSent(t, room, conference.AgentJoined, "", 1)
}

func TestManyRequestsAtOnceAreOne(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	var news atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			v, fresh, err := w.media.RequestAgent(t.Context(), w.ana, room.ID, "")
			if err != nil || v.Agent.Number != 1 {
				t.Errorf("got %+v, %v, want request 1", v.Agent, err)
			}
			if fresh {
				news.Add(1)
			}
		})
	}
	w.do() // the job of the request may be done meanwhile
	wg.Wait()
	w.do()
	if news.Load() != 1 {
		t.Errorf("%d of the requests were new, want 1", news.Load())
	}
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1")
	if got := len(w.live.called("dispatch")); got != 1 {
		t.Errorf("LiveKit was asked %d times, want once", got)
	}
	if links := items(w.rooms.Participants(t.Context(), w.ana, room.ID, page.Request{}))(t); len(links) != 1 {
		t.Errorf("%d are in the room, want the agent", len(links))
	}
}

func TestTheAgentIsWhoWasPutThereForIt(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.participant(room.ID, conference.Client)
	put := w.participant(room.ID, conference.Agent)
	if got := w.request(t, room).Agent; got.ParticipantID != put.ID {
		t.Errorf("the agent is %d, want %d, who is in the room", got.ParticipantID, put.ID)
	}
	w.participant(room.ID, conference.Agent)
	if err := w.media.DismissAgent(t.Context(), w.ana, room.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	if got := w.request(t, room).Agent; got.ParticipantID != put.ID || got.Number != 2 {
		t.Errorf("the next agent is %d by request %d, want the one before, %d, by request 2", got.ParticipantID, got.Number, put.ID)
	}
	added := slices.DeleteFunc(w.told(room.ID), func(e string) bool { return e != "participant_added" })
	if len(added) != 3 {
		t.Errorf("%d were added, want the three that the test added", len(added))
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room, closed := w.newRoom(t, w.ana, "visit"), w.newRoom(t, w.ana, "over")
	if err := w.rooms.Delete(t.Context(), w.ana, closed.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		actor identity.Actor
		room  conference.RoomID
		agent string
		kind  errs.Kind
		code  string
	}{
		"another tenant's": {w.bruno, room.ID, "", errs.NotFound, "room-not-found"},
		"no room":          {w.ana, 999, "", errs.NotFound, "room-not-found"},
		"a closed room":    {w.ana, closed.ID, "", errs.Conflict, "room-closed"},
		"too long a name":  {w.ana, room.ID, strings.Repeat("x", 101), errs.Invalid, "invalid-input"},
		"no name":          {w.ana, room.ID, "a\nb", errs.Invalid, "invalid-input"},
		"nobody":           {identity.Actor{}, room.ID, "", errs.Forbidden, "users-only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, fresh, err := w.media.RequestAgent(t.Context(), row.actor, row.room, row.agent)
			wantRefusal(t, err, row.kind, row.code)
			if v != (conference.Room{}) || fresh {
				t.Errorf("got %+v, fresh %v, want nothing", v, fresh)
			}
			_, err = w.media.Agent(t.Context(), row.actor, row.room)
			if row.kind != errs.Conflict && row.kind != errs.Invalid {
				wantRefusal(t, err, row.kind, row.code)
			} else {
				wantRefusal(t, err, errs.NotFound, "agent-not-found")
			}
		})
	}
}

func TestWithoutLiveKitThereAreNoAgents(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.live.unset = true
	_, fresh, err := w.media.RequestAgent(t.Context(), w.ana, room.ID, "")
	wantRefusal(t, err, errs.Unavailable, "livekit-unconfigured")
	wantRefusal(t, w.media.DismissAgent(t.Context(), w.ana, room.ID, version.Match{}), errs.Unavailable, "livekit-unconfigured")
	if got := w.room(room.ID); fresh || got.Agent != (conference.RoomAgent{}) {
		t.Errorf("fresh %v, the agent is %+v, want none", fresh, got.Agent)
	}
}

func TestClosedRoomEndsItsAgent(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	if err := w.rooms.Delete(t.Context(), w.ana, room.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	w.later(20 * time.Second)
	w.later(time.Hour)
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonRoomClosed, 0)
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1", "agent_failed 1 room-closed")
}

func TestRoomOfNoEntityHasAnAgentToo(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.manager, "visit")
	v, fresh, err := w.media.RequestAgent(t.Context(), w.manager, room.ID, "reception")
	if err != nil || !fresh || v.Agent.Name != "reception" {
		t.Fatalf("got %+v, fresh %v, %v", v.Agent, fresh, err)
	}
	who := must(w.participants.Get(t.Context(), w.manager, v.Agent.ParticipantID))(t)
	if who.EntityID != 0 || who.Name != "reception" {
		t.Errorf("the agent is there as %+v, want one of no entity", who)
	}
	metadata := w.dispatches(room)[0].metadata
	for _, part := range []string{`"entity_id":null`, `"department_id":null`, `"instructions":{"prompt":"platform"}`} {
		if !strings.Contains(metadata, part) {
			t.Errorf("the metadata %s is without %s", metadata, part)
		}
	}
	if got := must(w.media.Agent(t.Context(), w.manager, room.ID))(t); got != v {
		t.Errorf("got %+v, want %+v", got, v)
	}
}
