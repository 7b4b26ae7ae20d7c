package conference_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/conference"
)

// asked is an open room that was asked for an agent at changed, with 20 seconds for it to join.
func asked(t *testing.T) conference.Room {
	t.Helper()
	r := conference.Room{ID: 41, Name: "x", Status: conference.Open, LiveKitName: "room-x", UpdatedAt: made()}
	if fresh, err := r.RequestAgent(7, "secretary", changed().Add(20*time.Second), changed()); err != nil || !fresh {
		t.Fatalf("asked for an agent: fresh %v, %v", fresh, err)
	}
	return r
}

func wantAgent(t *testing.T, r conference.Room, want conference.RoomAgent) {
	t.Helper()
	if diff := cmp.Diff(want, r.Agent); diff != "" {
		t.Errorf("the agent differs (-want +got):\n%s", diff)
	}
}

func TestRequestForAnAgent(t *testing.T) {
	t.Parallel()
	r := asked(t)
	want := conference.RoomAgent{
		Status: conference.AgentRequested, ParticipantID: 7, Name: "secretary", Number: 1, Attempts: 1,
		RequestedAt: changed(), Deadline: changed().Add(20 * time.Second),
	}
	wantAgent(t, r, want)
	if r.UpdatedAt != changed() || !r.Agent.Expected() || !r.Agent.Active() || !r.Agent.IsFor(7, 1) {
		t.Errorf("got %+v, want one that is expected, as participant 7", r)
	}
	before := r
	if fresh, err := r.RequestAgent(8, "other", changed().Add(time.Hour), changed().Add(time.Second)); fresh || err != nil || r != before {
		t.Errorf("a second request: fresh %v, %v, made %+v, want the first one kept", fresh, err, r)
	}
	r.AgentDismissed(changed().Add(time.Second))
	if fresh, err := r.RequestAgent(8, "other", changed().Add(time.Minute), changed().Add(2*time.Second)); !fresh || err != nil {
		t.Errorf("after the end of the first: fresh %v, %v, want a new request", fresh, err)
	}
	if r.Agent.Number != 2 || r.Agent.IsFor(7, 1) || r.Agent.IsFor(8, 1) || !r.Agent.IsFor(8, 2) || r.Agent.Reason != "" || !r.Agent.EndedAt.IsZero() {
		t.Errorf("got %+v, want request 2, and nothing of the first", r.Agent)
	}
}

func TestClosedRoomTakesNoAgent(t *testing.T) {
	t.Parallel()
	r := asked(t)
	r.Close(conference.ClosedByRequest, changed().Add(time.Second))
	if r.Agent.Status != conference.AgentFailed || r.Agent.Reason != conference.AgentReasonRoomClosed || r.Agent.EndedAt != changed().Add(time.Second) {
		t.Errorf("the expected agent of a closed room is %+v", r.Agent)
	}
	before := r
	if fresh, err := r.RequestAgent(7, "secretary", made(), made()); fresh || !isConflict(err, "room-closed") || r != before {
		t.Errorf("got fresh %v, %v, %+v, want room-closed and no change", fresh, err, r)
	}
	if r.AgentJoined(changed(), changed()) || r.AgentDismissed(changed()) || r.AgentDispatched(1, "AD_x", changed(), changed()) || r != before {
		t.Errorf("what came late made %+v", r)
	}
}

func TestAgentComes(t *testing.T) {
	t.Parallel()
	r := asked(t)
	at := func(s int) time.Time { return changed().Add(time.Duration(s) * time.Second) }
	if !r.AgentDispatched(1, "AD_1", at(23), at(3)) {
		t.Error("the agent is not wanted any more, want it wanted")
	}
	if r.Agent.Status != conference.AgentDispatched || r.Agent.DispatchID != "AD_1" || r.Agent.Deadline != at(23) {
		t.Errorf("dispatched: got %+v", r.Agent)
	}
	if !r.AgentJoined(at(5), at(6)) || r.AgentJoined(at(5), at(7)) {
		t.Error("joining is news once")
	}
	if r.Agent.Status != conference.AgentJoined || r.Agent.JoinedAt != at(5) || r.UpdatedAt != at(6) || r.Agent.Expected() || !r.Agent.Active() {
		t.Errorf("joined: got %+v", r.Agent)
	}
	if !r.AgentLeft("CLIENT_INITIATED", at(9), at(10)) || r.AgentLeft("other", at(11), at(11)) {
		t.Error("leaving is news once")
	}
	if r.Agent.Status != conference.AgentLeft || r.Agent.Reason != "CLIENT_INITIATED" || r.Agent.EndedAt != at(9) || r.Agent.IsFor(7, 1) {
		t.Errorf("left: got %+v", r.Agent)
	}
	if !r.AgentJoined(at(12), at(12)) || r.Agent.Status != conference.AgentJoined || r.Agent.Reason != "" || !r.Agent.EndedAt.IsZero() {
		t.Errorf("back again: got %+v", r.Agent)
	}
}

func TestAnswerToADispatchMayBeLaterThanTheAgent(t *testing.T) {
	t.Parallel()
	r := asked(t)
	r.AgentJoined(changed().Add(time.Second), changed().Add(time.Second))
	deadline := r.Agent.Deadline
	if !r.AgentDispatched(1, "AD_1", changed().Add(time.Hour), changed().Add(2*time.Second)) {
		t.Error("the agent is not wanted any more, want it wanted")
	}
	if r.Agent.Status != conference.AgentJoined || r.Agent.DispatchID != "AD_1" || r.Agent.Deadline != deadline {
		t.Errorf("got %+v, want it joined", r.Agent)
	}
	before := r
	if r.AgentDispatched(2, "AD_2", deadline, changed()) || r != before {
		t.Errorf("the answer to another request made %+v", r)
	}
}

func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	r := asked(t)
	at := func(s int) time.Time { return changed().Add(time.Duration(s) * time.Second) }
	r.AgentDispatched(1, "AD_1", at(20), at(0))
	r.AgentMissed(1, conference.AgentReasonDidNotJoin, 2, at(40), at(20))
	if r.Agent.Status != conference.AgentRequested || r.Agent.Attempts != 2 || r.Agent.DispatchID != "" || r.Agent.Deadline != at(40) ||
		r.Agent.Reason != conference.AgentReasonDidNotJoin || r.Agent.Number != 1 {
		t.Errorf("after the first attempt: got %+v", r.Agent)
	}
	other := r
	if r.AgentMissed(2, conference.AgentReasonUnreachable, 2, at(60), at(40)); r != other {
		t.Errorf("a miss of another request made %+v", r)
	}
	r.AgentMissed(1, conference.AgentReasonUnreachable, 2, at(60), at(40))
	if r.Agent.Status != conference.AgentFailed || r.Agent.Attempts != 2 || r.Agent.Reason != conference.AgentReasonUnreachable || r.Agent.EndedAt != at(40) {
		t.Errorf("after the second attempt: got %+v", r.Agent)
	}
	before := r
	if r.AgentMissed(1, conference.AgentReasonDidNotJoin, 2, at(80), at(60)); r != before {
		t.Errorf("a miss of what had failed made %+v", r)
	}
	if !r.AgentJoined(at(70), at(70)) || r.Agent.Status != conference.AgentJoined || r.Agent.Reason != "" {
		t.Errorf("one that came late is %+v, want it joined", r.Agent)
	}
}

func TestDismissedAgentStaysDismissed(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return changed().Add(time.Duration(s) * time.Second) }
	expected, there := asked(t), asked(t)
	there.AgentJoined(at(1), at(1))
	for _, row := range []struct {
		r    conference.Room
		want conference.AgentStatus
	}{{expected, conference.AgentFailed}, {there, conference.AgentLeft}} {
		r := row.r
		if !r.AgentDismissed(at(2)) || r.Agent.Status != row.want || r.Agent.Reason != conference.AgentReasonDismissed || r.Agent.EndedAt != at(2) || r.UpdatedAt != at(2) {
			t.Errorf("dismissed: got %+v, want %s", r, row.want)
		}
		before := r
		if r.AgentDismissed(at(3)) || r.AgentJoined(at(4), at(4)) || r.AgentLeft("PARTICIPANT_REMOVED", at(5), at(5)) || r.AgentDispatched(1, "AD", at(9), at(5)) || r != before {
			t.Errorf("what came after the dismissal made %+v of %+v", r, before)
		}
	}
	var none conference.Room
	if none.AgentDismissed(at(1)) || none.AgentJoined(at(1), at(1)) || none != (conference.Room{}) {
		t.Errorf("a room without an agent became %+v", none)
	}
}

func TestAgentOfAnEarlierRequestIsNotTakenForTheNewOne(t *testing.T) {
	t.Parallel()
	r := asked(t)
	if !r.Agent.CanBe(changed().Add(-time.Hour)) {
		t.Error("there was no earlier request, so it is the agent, whatever LiveKit's clock says")
	}
	r.AgentJoined(changed().Add(time.Second), changed().Add(time.Second))
	r.AgentDismissed(changed().Add(time.Minute))
	if _, err := r.RequestAgent(7, "secretary", changed().Add(2*time.Minute), changed().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if r.Agent.CanBe(changed().Add(time.Second)) || r.AgentJoined(changed().Add(time.Second), changed().Add(time.Minute)) {
		t.Errorf("got %+v, want the earlier agent ignored", r.Agent)
	}
	if !r.Agent.CanBe(time.Time{}) || !r.Agent.CanBe(changed().Add(time.Minute-3*time.Second)) {
		t.Error("an agent whose clock is a little behind cannot be it, want that it can")
	}
	if !r.AgentJoined(changed().Add(time.Minute), changed().Add(time.Minute)) {
		t.Error("the new agent joined and that is no news")
	}
}

func TestOnlyAgentsNeedNoTelephone(t *testing.T) {
	t.Parallel()
	for _, kind := range []conference.ParticipantType{conference.Client, conference.Professional, conference.Agent} {
		for phone, want := range map[string]bool{"": kind == conference.Agent, "+5511955550033": true, "x": false} {
			_, err := conference.NewParticipant(conference.ParticipantParams{Name: "x", Type: kind, PhoneNumber: phone}, made())
			if (err == nil) != want {
				t.Errorf("%s with the telephone %q: %v, want it taken: %v", kind, phone, err, want)
			}
		}
	}
}
