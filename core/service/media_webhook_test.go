package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// data is what the first event of a name holds.
func (w *mediaWorld) data(room conference.RoomID, name string) map[string]any {
	w.t.Helper()
	list := items(w.rooms.Events(w.t.Context(), w.ana, conference.EventFilter{RoomID: room, Name: name}, page.Request{}))(w.t)
	if len(list) == 0 {
		w.t.Fatalf("there is no event %s", name)
	}
	return list[0].Data.Map()
}

func TestACallIsToldFromItsBeginningToItsEnd(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	rita := w.participant(room.ID, conference.Client)
	agent := w.expectAgent(room.ID)
	person, bot := w.person("PA_1"), w.agent("PA_2")
	person.Identity, bot.Identity = rita.ID.LiveKitIdentity(), agent.ID.LiveKitIdentity()

	w.mustPost(w.event(room, conference.MediaRoomStarted), w.came(room, bot))
	w.wantStatus(room.ID, conference.Open, "")
	w.wantAgent(room.ID, conference.AgentJoined, "")
	w.mustPost(w.came(room, person))
	w.wantStatus(room.ID, conference.InProgress, "")
	w.mustPost(w.went(room, person, "CLIENT_INITIATED"), w.went(room, bot, "ROOM_CLOSED"), w.event(room, conference.MediaRoomFinished))
	w.wantStatus(room.ID, conference.Closed, conference.ClosedByLiveKit)
	w.wantAgent(room.ID, conference.AgentLeft, conference.AgentReasonRoomClosed)
	w.wantTold(room.ID,
		"livekit_room_started RM_1",
		"participant_joined PA_2 RM_1", "agent_joined",
		"participant_joined PA_1 RM_1", "room_status_changed OPEN IN_PROGRESS",
		"participant_left PA_1 RM_1 CLIENT_INITIATED",
		"participant_left PA_2 RM_1 ROOM_CLOSED", "agent_left room-closed",
		"room_finished RM_1", "room_status_changed IN_PROGRESS CLOSED livekit-finished")

	at := w.clock.Now().Format(time.RFC3339)
	want := map[string]any{
		"participant_id": json.Number(agent.ID.String()), "identity": agent.ID.LiveKitIdentity(), "kind": "AGENT",
		"livekit_participant_sid": "PA_2", "livekit_sid": "RM_1", "at": at, "source": "webhook",
	}
	if diff := cmp.Diff(want, w.data(room.ID, "participant_joined")); diff != "" {
		t.Errorf("participant_joined (-want +got):\n%s", diff)
	}
	want = map[string]any{"participant_id": json.Number(agent.ID.String()), "agent_name": "secretary", "request": json.Number("1"), "reason": "room-closed"}
	if diff := cmp.Diff(want, w.data(room.ID, "agent_left")); diff != "" {
		t.Errorf("agent_left (-want +got):\n%s", diff)
	}
	w.live.called("")
	w.do()
	if calls := w.live.called("close"); len(calls) != 0 {
		t.Errorf("LiveKit was asked %v, which closed the room itself", calls)
	}
}

func TestStrangersAreToldAsSuch(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room, other := w.newRoom(t, w.ana, "visit"), w.newRoom(t, w.ana, "other")
	elsewhere := w.participant(other.ID, conference.Client) // a participant, but not of this room
	p := w.person("PA_1")
	p.Identity = elsewhere.ID.LiveKitIdentity()
	w.mustPost(w.came(room, p))
	if got := w.data(room.ID, "participant_joined"); got["participant_id"] != nil || got["identity"] != p.Identity {
		t.Errorf("got %v, want no participant", got)
	}
	w.wantStatus(room.ID, conference.InProgress, "")
}

func TestAWebhookIsTakenInOnce(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	e := w.came(room, w.person("PA_1"))
	w.mustPost(e, e)
	w.clock.advance(time.Minute)
	w.mustPost(e)
	told := w.told(room.ID)
	w.clock.advance(time.Microsecond)
	wantRefusal(t, w.post(e), errs.Unauthenticated, "replayed-webhook")
	unknown := w.event(room, "room_started")
	unknown.Room.Name = "somebody-elses"
	w.mustPost(unknown)
	w.clock.advance(time.Hour)
	wantRefusal(t, w.post(unknown), errs.Unauthenticated, "replayed-webhook")
	if diff := cmp.Diff(told, w.told(room.ID)); diff != "" {
		t.Errorf("repeated webhooks changed what was told (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotLiveKitsChangesNothing(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	told := w.told(room.ID)
	body := must(json.Marshal(w.event(room, conference.MediaRoomFinished)))(t)
	wantRefusal(t, w.media.Receive(t.Context(), "forged", body), errs.Unauthenticated, "invalid-signature")
	wantRefusal(t, w.media.Receive(t.Context(), "signed", []byte("x")), errs.Invalid, "invalid-event")
	for name, spoil := range map[string]func(*conference.MediaEvent){
		"no id":         func(e *conference.MediaEvent) { e.ID = "" },
		"no name":       func(e *conference.MediaEvent) { e.Name = "" },
		"a strange SID": func(e *conference.MediaEvent) { e.Room.SID = strings.Repeat("x", 101) },
	} {
		e := w.event(room, conference.MediaRoomFinished)
		spoil(&e)
		if err := w.post(e); errs.CodeOf(err) != "invalid-event" {
			t.Errorf("%s: got %v, want invalid-event", name, err)
		}
	}
	w.live.unset = true
	wantRefusal(t, w.post(w.event(room, conference.MediaRoomFinished)), errs.Unavailable, "livekit-unconfigured")
	w.live.unset = false
	if diff := cmp.Diff(told, w.told(room.ID)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	w.wantStatus(room.ID, conference.Open, "")
}

func TestAWebhookThatCouldNotBeStoredIsTakenInWhenItComesAgain(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	flaky := &flakyTx{Transactor: w.store, fail: func(ports.Repositories) error { return errBroken }}
	d := w.deps()
	d.Tx = flaky
	media := service.NewMedia(d, w.live, w.live, plainTokens{}, service.MediaOptions{})
	body := must(json.Marshal(w.came(room, w.person("PA_1"))))(t)
	if err := media.Receive(t.Context(), "signed", body); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want the store's error", err)
	}
	w.wantTold(room.ID, "livekit_room_started RM_1")
	if err := w.media.Receive(t.Context(), "signed", body); err != nil {
		t.Fatal(err)
	}
	w.wantTold(room.ID, "livekit_room_started RM_1", "participant_joined PA_1 RM_1", "room_status_changed OPEN IN_PROGRESS")
}

func TestLeavingThatIsToldBeforeTheComing(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.expectAgent(room.ID)
	bot, person := w.agent("PA_1"), w.person("PA_2")
	w.mustPost(w.went(room, bot, "CLIENT_INITIATED"), w.came(room, bot), w.went(room, person, "SIGNAL_CLOSE"), w.came(room, person))
	w.wantAgent(room.ID, conference.AgentLeft, "CLIENT_INITIATED")
	w.wantStatus(room.ID, conference.InProgress, "")
	w.wantTold(room.ID, "livekit_room_started RM_1",
		"participant_left PA_1 RM_1 CLIENT_INITIATED", "agent_joined", "agent_left CLIENT_INITIATED", "participant_joined PA_1 RM_1",
		"participant_left PA_2 RM_1 SIGNAL_CLOSE", "room_status_changed OPEN IN_PROGRESS", "participant_joined PA_2 RM_1")
	if present := must(w.repos.Presences.Present(t.Context(), room.ID))(t); len(present) != 0 {
		t.Errorf("%v are present, want nobody", present)
	}
}

func TestWhoComesAgainIsThereWhicheverIsToldFirst(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]int{"in order": {0, 1, 2}, "left late": {0, 2, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMediaWorld(t)
			room := w.newRoom(t, w.ana, "visit")
			w.expectAgent(room.ID)
			first, again := w.agent("PA_1"), w.agent("PA_2")
			again.Identity = first.Identity
			events := []conference.MediaEvent{w.came(room, first), w.went(room, first, "DUPLICATE_IDENTITY"), w.came(room, again)}
			for _, i := range order {
				w.mustPost(events[i])
			}
			w.wantAgent(room.ID, conference.AgentJoined, "")
			present := must(w.repos.Presences.Present(t.Context(), room.ID))(t)
			if len(present) != 1 || present[0].SID != "PA_2" {
				t.Errorf("%v are present, want PA_2", present)
			}
		})
	}
}

func TestAnAgentThatWasGivenUpAndComesAfterAllIsThere(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.expectAgent(room.ID)
	must(w.repos.Rooms.Update(t.Context(), identity.AllEntities(), room.ID, func(v *conference.Room) error {
		v.AgentMissed(1, conference.AgentReasonDidNotJoin, 1, time.Time{}, w.clock.Now())
		return nil
	}))(t)
	w.clock.advance(time.Second)
	w.mustPost(w.came(room, w.agent("PA_1")))
	w.wantAgent(room.ID, conference.AgentJoined, "")
}

func TestWithoutARequestAnAgentIsOnlyPresent(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	bot := w.agent("PA_1")
	w.mustPost(w.came(room, bot), w.went(room, bot, "CLIENT_INITIATED"))
	w.wantAgent(room.ID, "", "")
	w.wantTold(room.ID, "livekit_room_started RM_1", "participant_joined PA_1 RM_1", "participant_left PA_1 RM_1 CLIENT_INITIATED")
}

func TestWhatIsToldOfAnEarlierLiveKitRoomChangesNothing(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.expectAgent(room.ID)
	early := []conference.MediaEvent{
		w.came(room, w.person("PA_1")), w.went(room, w.agent("PA_2"), "ROOM_CLOSED"), w.event(room, conference.MediaRoomFinished),
		w.event(room, conference.MediaRoomStarted),
	}
	w.live.restart()
	w.clock.advance(time.Second)
	w.live.join(room.LiveKitName, w.agent("PA_9"))
	w.mustPost(w.event(room, conference.MediaRoomStarted))
	w.mustPost(early...)
	w.wantStatus(room.ID, conference.Open, "")
	w.wantAgent(room.ID, conference.AgentDispatched, "")
	if got := w.room(room.ID); got.LiveKitSID != "RM_2" {
		t.Errorf("got SID %s, want RM_2", got.LiveKitSID)
	}
	w.wantTold(room.ID, "livekit_room_started RM_1", "livekit_room_started RM_2",
		"participant_joined PA_1 RM_1", "participant_left PA_2 RM_1 ROOM_CLOSED", "room_finished RM_1", "room_started RM_1")
}

func TestNobodyTalksInAClosedRoom(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.mustPost(w.event(room, conference.MediaRoomFinished))
	w.live.restart()
	w.clock.advance(time.Second)
	w.live.join(room.LiveKitName, w.person("PA_1")) // with a token that is still good
	w.mustPost(w.came(room, w.person("PA_1")))
	w.do()
	if _, there := w.live.has(room.LiveKitName); there {
		t.Error("the room is on LiveKit still")
	}
	w.wantStatus(room.ID, conference.Closed, conference.ClosedByLiveKit)
	w.wantTold(room.ID, "livekit_room_started RM_1", "room_finished RM_1", "room_status_changed OPEN CLOSED livekit-finished",
		"livekit_room_started RM_2", "participant_joined PA_1 RM_2")
}

func TestALiveKitRoomOfAClosedRoomIsClosed(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]func(w *mediaWorld, room conference.Room) conference.MediaEvent{
		"that has begun": func(w *mediaWorld, room conference.Room) conference.MediaEvent {
			return w.event(room, conference.MediaRoomStarted)
		},
		"to which somebody comes": func(w *mediaWorld, room conference.Room) conference.MediaEvent { return w.came(room, w.person("PA_1")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMediaWorld(t)
			room := w.newRoom(t, w.ana, "visit")
			w.mustPost(w.event(room, conference.MediaRoomFinished))
			w.do()
			if name == "that has begun" {
				w.live.restart()
				w.live.join(room.LiveKitName, w.person("PA_1"))
			}
			w.live.called("")
			e := told(w, room)
			w.mustPost(e)
			w.do()
			if calls := w.live.called("close"); len(calls) != 1 {
				t.Errorf("LiveKit was asked %v, want to close it", calls)
			}
		})
	}
}

func TestOtherEventsAreToldUnderTheirOwnNames(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	e := w.event(room, "track_published", conference.MediaParticipant{Identity: "guest", SID: "PA_1"})
	e.Data = `{"track":{"sid":"TR_1","type":"AUDIO"}}`
	e.Room.Since = time.Time{} // LiveKit does not say
	w.mustPost(e)
	want := map[string]any{
		"track": map[string]any{"sid": "TR_1", "type": "AUDIO"}, "participant_id": nil, "identity": "guest", "livekit_participant_sid": "PA_1",
		"livekit_sid": "RM_1", "at": w.clock.Now().Format(time.RFC3339), "source": "webhook",
	}
	if diff := cmp.Diff(want, w.data(room.ID, "track_published")); diff != "" {
		t.Errorf("got (-want +got):\n%s", diff)
	}
	w.wantStatus(room.ID, conference.Open, "")
	if before, after := room, w.room(room.ID); before != after {
		t.Errorf("the room was changed: %+v", after)
	}
}

func TestTextsOfLiveKitAreCutToWhatIsStored(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	p := w.person("PA_1")
	p.Name, p.Identity = strings.Repeat("é", 1000)+"\x00", "guest\x00"
	w.mustPost(w.came(room, p))
	present := must(w.repos.Presences.Present(t.Context(), room.ID))(t)
	if len(present) != 1 || present[0].Name != strings.Repeat("é", 127) || present[0].Identity != "guest" {
		t.Errorf("got %v", present)
	}
}

// callEvents are the events of a call with a person and an agent, as LiveKit tells them.
func (w *mediaWorld) callEvents(room conference.Room) []conference.MediaEvent {
	person, bot := w.person("PA_1"), w.agent("PA_2")
	return []conference.MediaEvent{
		w.event(room, conference.MediaRoomStarted), w.came(room, bot), w.came(room, person), w.event(room, "track_published", person),
		w.went(room, person, "ROOM_CLOSED"), w.went(room, bot, "ROOM_CLOSED"), w.event(room, conference.MediaRoomFinished),
	}
}

// wantWholeCall checks what has to be told of the events of a call, whatever their order was.
func (w *mediaWorld) wantWholeCall(opened conference.Room) {
	w.t.Helper()
	room, sid := opened.ID, opened.LiveKitSID
	w.wantStatus(room, conference.Closed, conference.ClosedByLiveKit)
	w.wantAgent(room, conference.AgentLeft, conference.AgentReasonRoomClosed)
	if got := w.room(room); got.LiveKitSID != sid {
		w.t.Errorf("got SID %q, want %s", got.LiveKitSID, sid)
	}
	if present := must(w.repos.Presences.Present(w.t.Context(), room))(w.t); len(present) != 0 {
		w.t.Errorf("%v are present, want nobody", present)
	}
	got := w.told(room)
	for i, e := range got {
		got[i] = strings.Replace(e, "OPEN CLOSED", "IN_PROGRESS CLOSED", 1)
	}
	got = slices.DeleteFunc(got, func(e string) bool { // what was true at the time, and depends on what had come until then
		return e == "room_opened" || e == "participant_added" || e == "agent_failed 1 room-closed" || e == "room_status_changed OPEN IN_PROGRESS"
	})
	slices.Sort(got)
	want := []string{
		"agent_joined", "agent_left room-closed", "livekit_room_started " + sid,
		"participant_joined PA_1 " + sid, "participant_joined PA_2 " + sid,
		"participant_left PA_1 " + sid + " ROOM_CLOSED", "participant_left PA_2 " + sid + " ROOM_CLOSED", "room_finished " + sid,
		"room_status_changed IN_PROGRESS CLOSED livekit-finished", "track_published PA_1 " + sid,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestTheOrderOfWebhooksDoesNotMatter(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	random := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		room := w.newRoom(t, w.ana, "visit")
		w.expectAgent(room.ID)
		events := w.callEvents(room)
		events = append(events, events[random.IntN(len(events))], events[random.IntN(len(events))])
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		w.mustPost(events...)
		w.wantWholeCall(room)
		if t.Failed() {
			for _, e := range events {
				t.Log(e.Name, e.Participant.SID)
			}
			t.Fatal(w.history(t, room.ID))
		}
	}
}

func TestWebhooksOfOneRoomAtTheSameTime(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.expectAgent(room.ID)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var running sync.WaitGroup
	for _, e := range w.callEvents(room) {
		body := must(json.Marshal(e))(t)
		for range 3 {
			running.Go(func() {
				if err := w.media.Receive(ctx, "signed", body); err != nil {
					t.Errorf("%s: %v", e.Name, err)
				}
			})
		}
	}
	w.live.join(room.LiveKitName, w.person("PA_1"))
	somebody := w.newParticipant(t, w.ana, "Rita")
	running.Go(func() {
		if err := w.reconcile(); err != nil {
			t.Errorf("the reconciler: %v", err)
		}
		_, err := w.rooms.AddParticipant(ctx, w.ana, room.ID, somebody.ID, "")
		if err != nil && errs.CodeOf(err) != "room-closed" {
			t.Error(err)
		}
	})
	running.Go(func() {
		if _, err := w.rooms.AppendEvents(ctx, w.ana, room.ID, []conference.EventParams{{Name: "track_published"}}); err != nil {
			t.Error(err)
		}
	})
	running.Wait()
	got := slices.DeleteFunc(w.told(room.ID), func(e string) bool { return e == "track_published" || e == "participant_added" })
	if len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(got) {
		t.Errorf("something was told twice: %v", got)
	}
	w.wantStatus(room.ID, conference.Closed, conference.ClosedByLiveKit)
}
