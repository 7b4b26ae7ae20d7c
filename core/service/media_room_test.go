package service_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

func (w *mediaWorld) closeRoom(room conference.RoomID) {
	w.t.Helper()
	if err := w.rooms.Delete(w.t.Context(), w.ana, room, version.Match{}); err != nil {
		w.t.Fatal(err)
	}
}

func TestARoomIsMadeOnLiveKitBeforeItIsReturned(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	if room.LiveKitSID != "RM_1" || !room.LiveKitSince.Equal(w.clock.Now()) {
		t.Errorf("got %q since %v, want RM_1 since now", room.LiveKitSID, room.LiveKitSince)
	}
	w.do()
	if calls := w.live.called("open"); len(calls) != 1 || calls[0] != "open "+room.LiveKitName {
		t.Errorf("LiveKit was asked %v, want once", calls)
	}
	w.wantTold(room.ID, "livekit_room_started RM_1")
}

func TestARoomIsMadeOnLiveKitWhenItAnswersAgain(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.live.fail(true)
	room := w.newRoom(t, w.ana, "visit")
	if room.ID == 0 || room.Status != conference.Open || room.LiveKitSID != "" {
		t.Errorf("got %+v, want an open room that LiveKit does not have", room)
	}
	if !strings.Contains(w.log.String(), "level=WARN") {
		t.Errorf("logged %q, want a warning", w.log)
	}
	w.do()
	w.live.fail(false)
	w.clock.advance(time.Second)
	w.do()
	if got := w.room(room.ID); got.LiveKitSID != "RM_1" {
		t.Errorf("got SID %q, want RM_1", got.LiveKitSID)
	}
	w.wantTold(room.ID, "livekit_room_started RM_1")
}

func TestARoomIsMadeHoweverLongLiveKitIsAway(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.live.fail(true)
	room := w.newRoom(t, w.ana, "visit")
	for range 100 { // more than a job may fail
		w.do()
		w.clock.advance(time.Minute)
	}
	w.live.fail(false)
	w.do()
	w.wantTold(room.ID, "livekit_room_started RM_1")

	w.live.fail(true)
	other := w.newRoom(t, w.ana, "visit")
	w.do()
	w.closeRoom(other.ID)
	w.live.fail(false)
	w.live.called("open")
	w.clock.advance(time.Minute)
	w.do()
	if got := w.live.called("open"); len(got) != 0 {
		t.Errorf("LiveKit was asked %v for a closed room", got)
	}
}

func TestARoomIsNotMadeTwiceWhenTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	lost := 0
	w.live.after = func(string) error {
		if lost++; lost == 1 {
			return errLiveKitAway()
		}
		return nil
	}
	room := w.newRoom(t, w.ana, "visit")
	w.mustPost(w.event(room, conference.MediaRoomStarted))
	w.do()
	if got := w.room(room.ID); got.LiveKitSID != "RM_1" || w.live.made != 1 {
		t.Errorf("got SID %q of %d rooms, want RM_1 and no other", got.LiveKitSID, w.live.made)
	}
	w.wantTold(room.ID, "livekit_room_started RM_1")
}

func TestACallerWhoGoesAwayLeavesTheRoomToTheJob(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.live.before = func(string) error {
		cancel()
		return ctx.Err()
	}
	room, err := w.rooms.Create(ctx, w.ana, service.NewRoom{Name: "visit"})
	if err != nil || room.ID == 0 {
		t.Fatalf("got %+v, %v, want the room", room, err)
	}
	w.live.before = nil
	w.do()
	w.wantTold(room.ID, "livekit_room_started RM_1")
}

func TestClosingARoomClosesItOnLiveKit(t *testing.T) {
	t.Parallel()
	for name, closing := range map[string]func(w *mediaWorld, room conference.RoomID){
		"deleted": (*mediaWorld).closeRoom,
		"changed": func(w *mediaWorld, room conference.RoomID) {
			must(w.rooms.Update(w.t.Context(), w.ana, room, conference.RoomPatch{Status: patch.Set(conference.Closed)}, version.Match{}))(w.t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMediaWorld(t)
			room := w.newRoom(t, w.ana, "visit")
			closing(w, room.ID)
			w.live.fail(true)
			w.do()
			if _, there := w.live.has(room.LiveKitName); !there {
				t.Error("the room is not on LiveKit any more, which did not answer")
			}
			w.live.fail(false)
			w.clock.advance(time.Second)
			w.do()
			if _, there := w.live.has(room.LiveKitName); there {
				t.Error("the room is on LiveKit still")
			}
			w.wantStatus(room.ID, conference.Closed, conference.ClosedByRequest)
			w.wantTold(room.ID, "livekit_room_started RM_1", "room_status_changed OPEN CLOSED requested")
		})
	}
}

func TestARoomThatIsClosedBeforeLiveKitHasItIsNotMadeThere(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.live.fail(true)
	room := w.newRoom(t, w.ana, "visit")
	w.closeRoom(room.ID)
	w.live.fail(false)
	w.live.called("")
	w.do()
	if calls := w.live.called("open"); len(calls) != 0 {
		t.Errorf("LiveKit was asked %v, want nothing", calls)
	}
}

func TestARoomThatIsClosedWhileLiveKitMakesItIsClosedThere(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.live.fail(true)
	room := w.newRoom(t, w.ana, "visit")
	w.live.fail(false)
	w.live.before = func(call string) error {
		if strings.HasPrefix(call, "open") {
			w.closeRoom(room.ID)
		}
		return nil
	}
	w.do()
	w.live.before = nil
	w.do()
	if _, there := w.live.has(room.LiveKitName); there {
		t.Error("the room is on LiveKit still")
	}
	w.wantStatus(room.ID, conference.Closed, conference.ClosedByRequest)
	w.wantTold(room.ID, "room_status_changed OPEN CLOSED requested", "livekit_room_started RM_1")
}

func TestClosingARoomEndsItsAgent(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	waiting, there := w.newRoom(t, w.ana, "waiting"), w.newRoom(t, w.ana, "there")
	w.expectAgent(waiting.ID)
	w.expectAgent(there.ID)
	w.mustPost(w.came(there, w.agent("PA_1")))
	w.closeRoom(waiting.ID)
	w.closeRoom(there.ID)
	w.wantAgent(waiting.ID, conference.AgentFailed, conference.AgentReasonRoomClosed)
	w.wantTold(waiting.ID, "livekit_room_started RM_1", "room_status_changed OPEN CLOSED requested", "agent_failed 1 room-closed")
	w.wantAgent(there.ID, conference.AgentLeft, conference.AgentReasonRoomClosed)
	w.wantTold(there.ID, "livekit_room_started RM_2", "participant_joined PA_1 RM_2", "agent_joined",
		"room_status_changed OPEN CLOSED requested", "agent_left room-closed")
}

func TestWithoutLiveKitRoomsAreRecords(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.live.unset = true
	room := w.newRoom(t, w.ana, "visit")
	w.closeRoom(room.ID)
	w.do()
	if calls := w.live.called(""); len(calls) != 0 {
		t.Errorf("LiveKit was asked %v, want nothing", calls)
	}
	w.wantTold(room.ID, "room_status_changed OPEN CLOSED requested")
	if jobs := w.media.Periodic(); len(jobs) != 0 {
		t.Errorf("got the jobs %v, want none", jobs)
	}
}

func TestJobsOfLiveKitAreDroppedWhenItIsNotConfiguredAnyMore(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.live.fail(true)
	room := w.newRoom(t, w.ana, "visit")
	w.live.called("")
	w.live.unset = true
	w.do()
	if calls := w.live.called(""); len(calls) != 0 {
		t.Errorf("LiveKit was asked %v, want nothing", calls)
	}
	w.wantTold(room.ID)
}
