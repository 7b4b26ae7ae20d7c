package service_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

func TestAgentThatNeverComesIsGivenUp(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	w.later(20*time.Second - time.Microsecond)
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
	if got := w.room(room.ID).Agent.Attempts; got != 1 {
		t.Errorf("before the deadline there were %d attempts, want 1", got)
	}
	w.later(time.Microsecond)
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
	if got := w.room(room.ID).Agent; got.Attempts != 2 || got.DispatchID != "AD_2" || got.Number != 1 {
		t.Errorf("after the deadline: got %+v, want attempt 2 by another dispatch", got)
	}
	w.later(20 * time.Second)
	w.later(20 * time.Second)
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonDidNotJoin, 0)
	if got := w.room(room.ID).Agent; got.Attempts != 3 || got.EndedAt != w.clock.Now() {
		t.Errorf("given up: got %+v, want 3 attempts", got)
	}
	want := []string{
		"agent_requested", "agent_dispatched 1", "agent_missed 1 did-not-join", "agent_dispatched 2", "agent_missed 2 did-not-join", "agent_dispatched 3",
		"agent_failed 3 did-not-join",
	}
	w.wantAgentEvents(t, room, want...)
	w.later(time.Hour)
	w.wantAgentEvents(t, room, want...)

	w.comes(room, "PA_late")
	w.mustReconcile()
	w.wantSent(t, room, conference.AgentJoined, "", 0)
}

func TestAgentWhoseComingWasNotToldIsFoundAtTheDeadline(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	w.clock.advance(2 * time.Second)
	w.comes(room, "PA_1")
	w.later(18 * time.Second)
	w.wantSent(t, room, conference.AgentJoined, "", 1)
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1", "agent_joined")
	if got := w.room(room.ID).Agent; got.JoinedAt != got.RequestedAt.Add(2*time.Second) || got.Attempts != 1 {
		t.Errorf("got %+v, want it there since it came", got)
	}
}

func TestJobsOfAnAgentMayBeDoneAgain(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	again := func() {
		for range 3 {
			if _, err := w.media.Do(t.Context(), ports.Job{Kind: service.JobAgent, Arg: room.ID.String()}); err != nil {
				t.Error(err)
			}
		}
		w.do()
	}
	again()
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1")
	w.clock.advance(20 * time.Second)
	again()
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1", "agent_missed 1 did-not-join", "agent_dispatched 2")
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
}

func TestJobIsNotEarlyByTheClockOfWhoKeepsIt(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	deadline := w.request(t, room).Agent.Deadline
	w.do()
	if _, err := w.media.Do(t.Context(), ports.Job{Kind: service.JobAgent, Arg: room.ID.String(), RunAt: deadline}); err != nil {
		t.Fatal(err)
	}
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1", "agent_missed 1 did-not-join")
}

func TestAgentIsDispatchedWhenLiveKitIsBack(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.live.fail(true)
	room := w.newRoom(t, w.ana, "visit")
	if got := w.request(t, room).Agent; got.Status != conference.AgentRequested || got.DispatchID != "" {
		t.Errorf("while LiveKit is away: got %+v, want it requested", got)
	}
	w.do()
	w.later(5 * time.Second)
	w.live.fail(false)
	w.later(2 * time.Second)
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
	if got := w.room(room.ID); got.LiveKitSID == "" || got.Agent.Attempts != 1 || got.Agent.Deadline != w.clock.Now().Add(20*time.Second) {
		t.Errorf("got %+v, want it dispatched by the first attempt, with all the time from now on", got.Agent)
	}
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1")
}

func TestThereIsAnEndWhenLiveKitStaysAway(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.live.fail(true)
	began := w.clock.Now()
	w.request(t, room)
	for w.room(room.ID).Agent.Expected() && w.clock.Now().Sub(began) < time.Hour {
		w.later(time.Second)
	}
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonUnreachable, 0)
	if took := w.clock.Now().Sub(began); took < 60*time.Second || took > 66*time.Second {
		t.Errorf("it took %v to give up, want three times 20 seconds or a little more", took)
	}
	w.wantAgentEvents(t, room, "agent_requested", "agent_missed 1 livekit-unavailable", "agent_missed 2 livekit-unavailable", "agent_failed 3 livekit-unavailable")
	w.live.fail(false)
	w.later(time.Hour)
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonUnreachable, 0)
}

func TestLiveKitThatIsAwayAtTheDeadlineDoesNotDoubleTheAgent(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	w.clock.advance(time.Second)
	w.comes(room, "PA_1") // and its webhook is lost
	w.live.fail(true)
	w.later(19 * time.Second)
	w.wantSent(t, room, conference.AgentRequested, conference.AgentReasonUnreachable, 1)
	w.live.fail(false)
	w.later(2 * time.Second)
	w.wantSent(t, room, conference.AgentJoined, "", 1)
	if got := len(w.live.called("dispatch")); got != 1 {
		t.Errorf("LiveKit was asked for %d agents, want one", got)
	}
}

func TestLiveKitThatForgotEverythingIsAskedAgain(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	w.live.restart()
	w.later(20 * time.Second)
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
	if got := w.room(room.ID); got.Agent.Attempts != 2 || got.LiveKitSID != "RM_2" {
		t.Errorf("got %+v in %s, want attempt 2 in RM_2", got.Agent, got.LiveKitSID)
	}
}

func TestAnswerThatIsLostDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"open", "participants", "withdraw", "dispatch"} {
		for when, after := range map[string]bool{"before": false, "after": true} {
			t.Run(when+" "+call, func(t *testing.T) {
				t.Parallel()
				w := newMediaWorld(t)
				room := w.newRoom(t, w.ana, "visit")
				w.live.called("")
				failed := false
				fail := func(c string) error {
					if failed || !strings.HasPrefix(c, call) {
						return nil
					}
					failed = true
					return errLiveKitAway()
				}
				w.live.mu.Lock()
				if after {
					w.live.after = fail
				} else {
					w.live.before = fail
				}
				w.live.mu.Unlock()
				v := w.request(t, room)
				if !failed || v.Agent.Status != conference.AgentRequested {
					t.Errorf("failed %v, and the agent is %s, want it requested", failed, v.Agent.Status)
				}
				w.do()
				w.wantSent(t, room, conference.AgentDispatched, "", 1)
				w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1")
			})
		}
	}
}

// crashingTx fails one transaction, before it is committed, as if the process had died.
type crashingTx struct {
	ports.Transactor
	left atomic.Int32 // transactions until then
}

var errCrash = errors.New("the process died")

func (c *crashingTx) InTx(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	return c.Transactor.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		if err := fn(ctx, r); err != nil {
			return err
		}
		if c.left.Add(-1) == 0 {
			return errCrash
		}
		return nil
	})
}

// crashing has the transaction of a number among those to come fail.
func (w *mediaWorld) crashing(number int32) *crashingTx {
	tx := &crashingTx{Transactor: w.store}
	tx.left.Store(number)
	w.media = service.NewMedia(service.Deps{
		Repositories: w.repos, Tx: tx, Locks: w.store, Bus: w.store.Bus(), Now: w.clock.Now, Log: slog.New(slog.DiscardHandler),
	}, w.live, w.live, plainTokens{}, service.MediaOptions{})
	return tx
}

func TestCrashInTheMiddleOfADispatch(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.crashing(2) // the first one stores the request, the second one that it was dispatched
	v := w.request(t, room)
	if v.Agent.Status != conference.AgentRequested || len(w.dispatches(room)) != 1 {
		t.Errorf("after the crash the agent is %s, with %d dispatches, want one that is not known of", v.Agent.Status, len(w.dispatches(room)))
	}
	w.do()
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
	if got := w.room(room.ID).Agent; got.DispatchID != "AD_2" || w.dispatches(room)[0].id != "AD_2" {
		t.Errorf("got %+v, want the dispatch that is known of", got)
	}
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1")
}

func TestCrashBeforeAnythingIsStoredChangesNothing(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.crashing(1)
	if _, fresh, err := w.media.RequestAgent(t.Context(), w.ana, room.ID, ""); !errors.Is(err, errCrash) || fresh {
		t.Fatalf("got fresh %v, %v, want the crash", fresh, err)
	}
	w.do()
	w.wantSent(t, room, "", "", 0)
	if got := items(w.participants.List(t.Context(), w.ana, conference.ParticipantFilter{}, page.Request{}))(t); len(got) != 0 {
		t.Errorf("there is %+v, want nobody", got)
	}
}

func TestCrashAtTheDeadline(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	w.do()
	w.crashing(1)
	w.later(20 * time.Second)
	w.later(2 * time.Second)
	w.wantSent(t, room, conference.AgentDispatched, "", 1)
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1", "agent_missed 1 did-not-join", "agent_dispatched 2")
}

func TestJobOfAnAgentThatWasLostIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	w.clock.advance(20 * time.Second)
	w.work(func(context.Context, ports.Job) error { return nil }) // whoever does the jobs forgets them
	w.clock.advance(time.Minute)
	w.mustReconcile()
	w.do()
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1")
	w.clock.advance(time.Microsecond)
	w.live.fail(true)
	if err := w.reconcile(); err == nil {
		t.Error("the reconciler did not notice that LiveKit is away")
	}
	w.live.fail(false)
	w.do()
	w.wantAgentEvents(t, room, "agent_requested", "agent_dispatched 1", "agent_missed 1 did-not-join", "agent_dispatched 2")
}

func TestDismissedAgentThatComesAllTheSameIsSentAwayAgain(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	w.request(t, room)
	if err := w.media.DismissAgent(t.Context(), w.ana, room.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	w.do()
	w.comes(room, "PA_1")
	w.mustReconcile()
	w.do()
	w.wantSent(t, room, conference.AgentFailed, conference.AgentReasonDismissed, 0)
	if live, _ := w.live.has(room.LiveKitName); len(live.present) != 0 {
		t.Errorf("there is %+v, want nobody", live.present)
	}
}
