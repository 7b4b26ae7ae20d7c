package service_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/version"
)

func TestAgentIsDismissed(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	if err := w.media.DismissAgent(t.Context(), w.ana, room.ID, version.Match{}); err != nil {
		t.Errorf("without an agent: %v, want nothing to happen", err)
	}
	asked := w.request(t, room)
	wantRefusal(t, w.media.DismissAgent(t.Context(), w.bruno, room.ID, version.Match{}), errs.NotFound, "room-not-found")
	wantRefusal(t, w.media.DismissAgent(t.Context(), w.ana, room.ID, version.Exactly(version.Of(room.UpdatedAt))), errs.Stale, "version-mismatch")
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
	if err := w.media.DismissAgent(t.Context(), w.ana, room.ID, version.Exactly(version.Of(asked.UpdatedAt))); err != nil {
		t.Fatal(err)
	}
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonDismissed, 0)
	w.later(time.Hour)
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1", "agent_failed 1 dismissed")

	w.request(t, room)
	w.comes(room, "PA_1")
	w.mustReconcile()
	if err := w.media.DismissAgent(t.Context(), w.ana, room.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	w.wantSent(t, room, conference.AgentLeft, conference.AgentReasonDismissed, 0)
	if live, _ := w.live.has(room.LiveKitName); len(live.present) != 0 {
		t.Errorf("there is %+v, want nobody", live.present)
	}
}

func TestAgentIsSentAwayWhenLiveKitIsBack(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	w.do()
	w.live.fail(true)
	if err := w.media.DismissAgent(t.Context(), w.ana, room.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	w.comes(room, "PA_1") // nobody told LiveKit not to send it
	w.later(20 * time.Second)
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonDismissed, 1)
	w.live.fail(false)
	w.mustReconcile()
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonDismissed, 1)
	w.later(time.Minute)
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonDismissed, 0)
	if live, _ := w.live.has(room.LiveKitName); len(live.present) != 0 {
		t.Errorf("there is %+v, want nobody", live.present)
	}
}

func TestAgentOfAnEarlierRequestIsNotTheNewOne(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	w.comes(room, "PA_1")
	w.mustReconcile()
	w.clock.advance(time.Minute)
	if err := w.media.DismissAgent(t.Context(), w.ana, room.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	w.live.join(room.LiveKitName, conference.MediaParticipant{ // it takes LiveKit a while to remove it
		Identity: "participant-1", SID: "PA_1", Kind: conference.KindAgent, JoinedAt: w.clock.Now().Add(-time.Minute),
	})
	w.request(t, room)
	w.do()
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
	w.live.leave(room.LiveKitName, "PA_1")
	w.comes(room, "PA_2")
	w.mustReconcile()
	w.wantSent(t, room, conference.AgentJoined, "", 1)
}

// meanwhile has something happen right after LiveKit was asked for an agent, before that is noted.
func (w *mediaWorld) meanwhile(fn func()) {
	w.live.mu.Lock()
	defer w.live.mu.Unlock()
	w.live.after = func(call string) error {
		if strings.HasPrefix(call, "dispatch") {
			fn()
		}
		return nil
	}
}

func TestRoomThatIsClosedMeanwhileGetsNoAgent(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.meanwhile(func() {
		if err := w.rooms.Delete(t.Context(), w.ana, room.ID, version.Match{}); err != nil {
			t.Error(err)
		}
	})
	w.request(t, room)
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonRoomClosed, 0)
	w.later(time.Hour)
	w.wantAgentEvents(t, room, "agent_requested", "agent_failed 1 room-closed")
	if _, there := w.live.has(room.LiveKitName); there {
		t.Error("LiveKit still has the room, want it closed")
	}
}

func TestAgentThatIsDismissedMeanwhileIsSentAway(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	var dismissing sync.WaitGroup
	w.meanwhile(func() {
		dismissing.Go(func() {
			if err := w.media.DismissAgent(t.Context(), w.ana, room.ID, version.Match{}); err != nil {
				t.Error(err)
			}
		})
		for w.room(room.ID).Agent.Expected() {
			time.Sleep(time.Millisecond)
		}
	})
	w.request(t, room)
	dismissing.Wait()
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonDismissed, 0)
	w.later(time.Hour)
	w.wantAgentEvents(t, room, "agent_requested", "agent_failed 1 dismissed")
}
