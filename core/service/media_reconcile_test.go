package service_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// wantQuiet checks that a run of the reconciler finds nothing to do.
func (w *mediaWorld) wantQuiet(rooms ...conference.RoomID) {
	w.t.Helper()
	var before [][]string
	for _, room := range rooms {
		before = append(before, w.told(room))
	}
	w.log.Reset()
	w.mustReconcile()
	if w.log.Len() > 0 {
		w.t.Errorf("with nothing to put right it logged %q", w.log)
	}
	for i, room := range rooms {
		if got := w.told(room); len(got) != len(before[i]) {
			w.t.Errorf("with nothing to put right there is more to tell: %v", got)
		}
	}
}

func TestTheReconcilerTellsOfWhomNoWebhookTold(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	rita, agent := w.participant(room.ID, conference.Client), w.expectAgent(room.ID)
	person, bot := w.person("PA_1"), w.agent("PA_2")
	person.Identity, bot.Identity = rita.ID.LiveKitIdentity(), agent.ID.LiveKitIdentity()
	w.live.join(room.LiveKitName, person)
	w.live.join(room.LiveKitName, bot)
	came := w.came(room, person)
	w.mustReconcile()
	if !strings.Contains(w.log.String(), "aligned=1") {
		t.Errorf("logged %q, want that a room was aligned", w.log)
	}
	w.wantStatus(room.ID, conference.InProgress, "")
	w.wantAgent(room.ID, conference.AgentJoined, "")
	w.mustPost(came) // it comes after all
	w.wantQuiet(room.ID)

	w.clock.advance(time.Minute)
	w.live.leave(room.LiveKitName, "PA_1")
	w.live.leave(room.LiveKitName, "PA_2")
	went := w.went(room, bot, "CLIENT_INITIATED")
	w.mustReconcile()
	w.wantAgent(room.ID, conference.AgentLeft, conference.AgentReasonVanished)
	w.mustPost(went)
	w.wantQuiet(room.ID)
	w.wantStatus(room.ID, conference.InProgress, "")
	w.wantTold(room.ID, "livekit_room_started RM_1",
		"participant_joined PA_1 RM_1 (reconciler)", "participant_joined PA_2 RM_1 (reconciler)", "room_status_changed OPEN IN_PROGRESS", "agent_joined",
		"participant_left PA_1 RM_1 (reconciler)", "participant_left PA_2 RM_1 (reconciler)", "agent_left vanished")
	if got := w.data(room.ID, "participant_left"); fmt.Sprint(got["participant_id"]) != rita.ID.String() || got["name"] != nil || got["reason"] != "" {
		t.Errorf("the leaving tells %v, want who it was", got)
	}
}

func TestTheReconcilerFindsARoomWhoseMakingWasNotNoted(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.live.after = func(string) error { return errLiveKitAway() }
	room := w.newRoom(t, w.ana, "visit")
	w.live.after = nil
	w.mustReconcile()
	w.wantTold(room.ID, "livekit_room_started RM_1")
	w.wantQuiet(room.ID)
}

func TestARoomThatNobodyHadComeToIsMadeAgainWhenLiveKitLostIt(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.expectAgent(room.ID)
	bot := w.agent("PA_1")
	late := w.event(room, conference.MediaRoomFinished)
	w.mustPost(w.came(room, bot))
	w.clock.advance(conference.DefaultEmptyTimeout - time.Second)
	w.live.restart()
	w.mustReconcile()
	w.wantStatus(room.ID, conference.Open, "")
	w.wantAgent(room.ID, conference.AgentLeft, conference.AgentReasonVanished)
	if got := w.room(room.ID); got.LiveKitSID != "RM_2" || !got.LiveKitSince.Equal(w.clock.Now()) {
		t.Errorf("got %s since %v, want RM_2 since now", got.LiveKitSID, got.LiveKitSince)
	}
	w.wantQuiet(room.ID)
	w.mustPost(late)
	w.wantTold(room.ID, "livekit_room_started RM_1", "participant_joined PA_1 RM_1", "agent_joined",
		"livekit_room_lost RM_1", "participant_left PA_1 RM_1 (reconciler)", "agent_left vanished", "livekit_room_started RM_2", "room_finished RM_1")
}

func TestALostRoomIsMadeAgainThoughLiveKitWentAwayMeanwhile(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	late := w.event(room, "track_published", w.person("PA_1"))
	w.live.restart()
	w.live.before = func(call string) error {
		if strings.HasPrefix(call, "open") {
			return errLiveKitAway()
		}
		return nil
	}
	w.clock.advance(time.Minute)
	wantRefusal(t, w.reconcile(), errs.Unavailable, "livekit-unavailable")
	w.mustPost(late) // of the one that was lost, which does not come back by that
	if got := w.room(room.ID); got.LiveKitSID != "" {
		t.Errorf("got SID %q, want none", got.LiveKitSID)
	}
	w.live.before = nil
	w.do()
	w.wantTold(room.ID, "livekit_room_started RM_1", "livekit_room_lost RM_1", "track_published PA_1 RM_1", "livekit_room_started RM_2")
}

func TestARoomThatSeemedLostIsFoundAgain(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	kept, _ := w.live.has(room.LiveKitName)
	w.live.restart()
	w.live.before = func(call string) error {
		if strings.HasPrefix(call, "open") { // it is there after all
			w.live.mu.Lock()
			defer w.live.mu.Unlock()
			w.live.rooms[room.LiveKitName] = &kept
		}
		return nil
	}
	w.mustReconcile()
	if got := w.room(room.ID); got.LiveKitSID != "RM_1" || !got.LiveKitSince.Equal(room.LiveKitSince) {
		t.Errorf("got %s since %v, want RM_1 since %v", got.LiveKitSID, got.LiveKitSince, room.LiveKitSince)
	}
	w.wantQuiet(room.ID)
}

func TestARoomThatHasEndedWithoutAWordIsClosedAsLost(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(w *mediaWorld, room conference.Room) []string{
		"nobody came in time": func(w *mediaWorld, _ conference.Room) []string {
			w.clock.advance(conference.DefaultEmptyTimeout)
			return []string{"room_status_changed OPEN CLOSED livekit-lost"}
		},
		"somebody had come": func(w *mediaWorld, room conference.Room) []string {
			w.mustPost(w.came(room, w.person("PA_1")))
			return []string{
				"participant_joined PA_1 RM_1", "room_status_changed OPEN IN_PROGRESS",
				"participant_left PA_1 RM_1 ROOM_CLOSED (reconciler)", "room_status_changed IN_PROGRESS CLOSED livekit-lost",
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMediaWorld(t)
			room := w.newRoom(t, w.ana, "visit")
			want := before(w, room)
			w.live.restart()
			w.mustReconcile()
			w.wantStatus(room.ID, conference.Closed, conference.ClosedAsLost)
			w.wantTold(room.ID, append([]string{"livekit_room_started RM_1"}, want...)...)
			w.wantQuiet(room.ID)
		})
	}
}

func TestAnotherLiveKitRoomOfTheNameIsFound(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.expectAgent(room.ID)
	w.mustPost(w.came(room, w.agent("PA_1")))
	w.live.restart()
	w.clock.advance(time.Second)
	w.live.join(room.LiveKitName, w.person("PA_2"))
	w.mustReconcile()
	w.wantStatus(room.ID, conference.InProgress, "")
	w.wantAgent(room.ID, conference.AgentLeft, conference.AgentReasonVanished)
	w.wantTold(room.ID, "livekit_room_started RM_1", "participant_joined PA_1 RM_1", "agent_joined", "livekit_room_started RM_2",
		"participant_joined PA_2 RM_2 (reconciler)", "participant_left PA_1 RM_2 (reconciler)", "room_status_changed OPEN IN_PROGRESS", "agent_left vanished")
	w.wantQuiet(room.ID)
}

func TestAnAgentOfAnEarlierLiveKitRoomIsNotThereAnyMore(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.expectAgent(room.ID)
	bot := w.agent("PA_1")
	w.mustPost(w.came(room, bot))
	went := w.went(room, bot, "ROOM_CLOSED")
	w.live.restart()
	w.clock.advance(time.Second)
	w.live.join(room.LiveKitName, w.person("PA_2"))
	w.mustPost(w.event(room, conference.MediaRoomStarted), w.came(room, w.person("PA_2")), went)
	w.wantAgent(room.ID, conference.AgentJoined, "")
	w.mustReconcile()
	w.wantAgent(room.ID, conference.AgentLeft, conference.AgentReasonVanished)
	w.wantQuiet(room.ID)
}

func TestARoomThatBeginsAgainWhileLiveKitIsAskedIsNotLost(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.live.restart()
	w.clock.advance(time.Hour)
	w.live.after = func(string) error {
		w.live.after = nil
		w.live.join(room.LiveKitName, w.person("PA_1"))
		return w.post(w.event(room, conference.MediaRoomStarted))
	}
	w.mustReconcile()
	w.wantStatus(room.ID, conference.Open, "")
	w.wantTold(room.ID, "livekit_room_started RM_1", "livekit_room_started RM_2")
}

func TestRoomsFromBeforeLiveKitStayRecords(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.live.unset = true
	room := w.newRoom(t, w.ana, "visit")
	w.live.unset = false
	w.clock.advance(time.Minute)
	w.do()
	w.mustReconcile()
	if got := w.live.called("open"); len(got) != 0 {
		t.Errorf("LiveKit was asked %v, want nothing", got)
	}
	w.wantQuiet(room.ID)
}

func TestRoomsThatAreClosedHereAreClosedThere(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room, open := w.newRoom(t, w.ana, "visit"), w.newRoom(t, w.ana, "other")
	w.mustPost(w.came(room, w.person("PA_1")))
	w.live.join(room.LiveKitName, w.person("PA_1"))
	w.live.join("room-of-somebody-else", w.person("PA_3"))
	w.live.join("visits", w.person("PA_4"))
	w.closeRoom(room.ID)
	w.clock.advance(2 * time.Minute) // and the job was given up
	w.mustReconcile()
	if _, there := w.live.has(room.LiveKitName); there {
		t.Error("the closed room is on LiveKit still")
	}
	for _, name := range []string{open.LiveKitName, "room-of-somebody-else", "visits"} {
		if _, there := w.live.has(name); !there {
			t.Errorf("%s was closed", name)
		}
	}
	told := []string{
		"livekit_room_started RM_1", "participant_joined PA_1 RM_1", "room_status_changed OPEN IN_PROGRESS",
		"room_status_changed IN_PROGRESS CLOSED requested",
	}
	w.wantTold(room.ID, told...)
	w.mustReconcile() // nobody can be in it any more
	w.wantTold(room.ID, append(told, "participant_left PA_1 RM_1 ROOM_CLOSED (reconciler)")...)
	w.wantQuiet(room.ID, open.ID)
}

func TestLeavingAClosedRoomIsWaitedForAWhile(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.mustPost(w.event(room, conference.MediaRoomFinished), w.came(room, w.person("PA_1")))
	w.live.restart()
	w.clock.advance(time.Minute)
	w.wantQuiet(room.ID)
	w.clock.advance(time.Second)
	w.mustReconcile()
	if present := must(w.repos.Presences.Present(t.Context(), room.ID))(t); len(present) != 0 {
		t.Errorf("%v are present, want nobody", present)
	}
	w.wantQuiet(room.ID)
}

func TestNothingIsChangedWhileLiveKitDoesNotAnswer(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room, gone := w.newRoom(t, w.ana, "visit"), w.newRoom(t, w.ana, "gone")
	w.mustPost(w.came(room, w.person("PA_1")), w.event(gone, conference.MediaRoomFinished), w.came(gone, w.person("PA_2")))
	w.clock.advance(time.Hour)
	before, beforeGone := w.told(room.ID), w.told(gone.ID)
	w.live.fail(true)
	w.live.called("")
	wantRefusal(t, w.reconcile(), errs.Unavailable, "livekit-unavailable")
	if calls := w.live.called(""); len(calls) != 1 {
		t.Errorf("LiveKit was asked %v, want once", calls)
	}
	if got, gotGone := w.told(room.ID), w.told(gone.ID); len(got) != len(before) || len(gotGone) != len(beforeGone) {
		t.Errorf("told %v and %v, want no more than before", got, gotGone)
	}
	w.wantStatus(room.ID, conference.InProgress, "")
}

func TestOneRoomThatCannotBePutRightDoesNotKeepTheOthers(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]error{"something unexpected": errBroken, "LiveKit refuses": errLiveKitAway()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMediaWorld(t)
			broken, room, closed := w.newRoom(t, w.ana, "broken"), w.newRoom(t, w.ana, "visit"), w.newRoom(t, w.ana, "closed")
			w.live.join(broken.LiveKitName, w.person("PA_1"))
			w.live.join(room.LiveKitName, w.person("PA_2"))
			w.closeRoom(closed.ID)
			w.live.before = func(call string) error {
				if call == "participants "+broken.LiveKitName {
					return refusal
				}
				return nil
			}
			if err := w.reconcile(); !errors.Is(err, refusal) || !strings.Contains(err.Error(), "room "+broken.ID.String()) {
				t.Errorf("got %v, want the error of the broken room", err)
			}
			w.wantStatus(room.ID, conference.InProgress, "")
			w.wantStatus(broken.ID, conference.Open, "")
			if _, there := w.live.has(closed.LiveKitName); there {
				t.Error("the closed room is on LiveKit still")
			}
		})
	}
}

func TestTheReconcilerGivesUpWhenLiveKitGoesAway(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	for range 5 {
		w.newRoom(t, w.ana, "visit")
	}
	w.live.called("")
	w.live.before = func(call string) error {
		if strings.HasPrefix(call, "participants") {
			w.live.fail(true)
			return errLiveKitAway()
		}
		return nil
	}
	wantRefusal(t, w.reconcile(), errs.Unavailable, "livekit-unavailable")
	if calls := w.live.called("participants"); len(calls) != 1 {
		t.Errorf("LiveKit was asked %v, want no more after it went away", calls)
	}
}

func TestWhoComesWhileLiveKitIsAskedIsNotTakenForGone(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	person := w.person("PA_1")
	w.live.before = func(call string) error {
		if strings.HasPrefix(call, "participants") { // LiveKit's answer is from just before
			w.mustPost(w.came(room, person))
		}
		return nil
	}
	w.mustReconcile()
	if present := must(w.repos.Presences.Present(t.Context(), room.ID))(t); len(present) != 1 {
		t.Errorf("%v are present, want one", present)
	}
}

func TestAnAgentThatWasSentAwayDoesNotAnswerTheNextRequest(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.expectAgent(room.ID)
	w.live.join(room.LiveKitName, w.agent("PA_1"))
	w.mustReconcile()
	w.clock.advance(time.Minute)
	must(w.repos.Rooms.Update(t.Context(), identity.AllEntities(), room.ID, func(v *conference.Room) error {
		v.AgentDismissed(w.clock.Now())
		return nil
	}))(t)
	w.mustReconcile() // it is there still
	w.wantAgent(room.ID, conference.AgentLeft, conference.AgentReasonDismissed)
	w.expectAgent(room.ID)
	w.mustReconcile()
	w.wantAgent(room.ID, conference.AgentDispatched, "")
	w.live.leave(room.LiveKitName, "PA_1")
	w.live.join(room.LiveKitName, w.agent("PA_2"))
	w.mustReconcile()
	w.wantAgent(room.ID, conference.AgentJoined, "")
}

func TestReceiptsOfWebhooksAreForgottenAfterADay(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	k := w.keeper(0)
	room := w.newRoom(t, w.ana, "visit")
	w.mustPost(w.came(room, w.person("PA_1")))
	w.clock.advance(24 * time.Hour)
	if logged := k.do(t, service.JobForgetExpired); strings.Contains(logged, "webhooks") {
		t.Errorf("too early: logged %q", logged)
	}
	w.clock.advance(time.Second)
	wantLogged(t, k.do(t, service.JobForgetExpired), "webhooks=1")
}

func TestSessionsOfClosedRoomsAreEnded(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	usages := service.NewUsages(service.Deps{Repositories: w.repos, Tx: w.store, Bus: w.store.Bus(), Now: w.clock.Now})
	start := func(room conference.RoomID) metering.AgentUsage {
		agent := w.participant(room, conference.Agent)
		return must(usages.Start(t.Context(), w.ana, room, service.StartUsage{ParticipantID: agent.ID}))(t)
	}
	closed, open := w.newRoom(t, w.ana, "closed"), w.newRoom(t, w.ana, "open")
	orphan, other := start(closed.ID), start(open.ID)
	w.clock.advance(time.Minute)
	w.closeRoom(closed.ID)
	k := w.keeper(0)
	w.clock.advance(10 * time.Minute)
	if logged := k.do(t, service.JobEndAbandoned); logged != "" {
		t.Errorf("too early: logged %q", logged)
	}
	w.clock.advance(time.Second)
	wantLogged(t, k.do(t, service.JobEndAbandoned), "sessions=1")
	got := must(w.repos.AgentUsages.Get(t.Context(), identity.AllEntities(), orphan.ID))(t)
	if !got.SessionEnd.Equal(orphan.UpdatedAt) || got.EndReason != metering.Abandoned {
		t.Errorf("it ended at %v because %q, want at its last change because it was abandoned", got.SessionEnd, got.EndReason)
	}
	if got := must(w.repos.AgentUsages.Get(t.Context(), identity.AllEntities(), other.ID))(t); !got.SessionEnd.IsZero() {
		t.Error("the session of an open room was ended")
	}
}

func TestTheReconcilerComesByItself(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	jobs := w.media.Periodic()
	if len(jobs) != 1 || jobs[0] != (ports.PeriodicJob{Kind: service.JobReconcile, Every: 15 * time.Second}) {
		t.Errorf("got %v, want the reconciler every 15 seconds", jobs)
	}
}
