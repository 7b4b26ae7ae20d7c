package conference

import (
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/version"
)

// AgentStatus is how far a room's AI agent has come.
type AgentStatus string

// The statuses.
const (
	AgentRequested  AgentStatus = "REQUESTED"  // LiveKit is being asked for it
	AgentDispatched AgentStatus = "DISPATCHED" // LiveKit was asked, and no agent has joined yet
	AgentJoined     AgentStatus = "JOINED"
	AgentLeft       AgentStatus = "LEFT"   // it was there
	AgentFailed     AgentStatus = "FAILED" // it never came
)

// Reasons for what became of an agent. Beside them there are LiveKit's, in its own words, such as "CLIENT_INITIATED".
const (
	AgentReasonRoomClosed  = "room-closed"
	AgentReasonDidNotJoin  = "did-not-join"        // no agent of that name is registered, or it refused, or it crashed before joining
	AgentReasonUnreachable = "livekit-unavailable" // LiveKit could not be asked
	AgentReasonVanished    = "vanished"            // it is not there any more, and LiveKit never told why
	AgentReasonDismissed   = "dismissed"           // somebody sent it away, or took the request back
)

// RoomAgent is the AI agent of a room, from the request for one on. The zero value is a room that was never asked for one.
type RoomAgent struct {
	Status        AgentStatus // "": none was asked for
	ParticipantID ParticipantID
	Name          string // under which agents register with LiveKit
	Number        int    // of requests so far; that of the latest one is in the agent's token
	DispatchID    string // LiveKit's; "" until it has one
	Attempts      int    // how often LiveKit was asked for this request, or was to be
	Reason        string // why it failed or left, or why the latest attempt did; "" when there is nothing to say
	RequestedAt   time.Time
	Deadline      time.Time // until when it has to have joined, by the latest attempt
	JoinedAt      time.Time // zero until it has
	EndedAt       time.Time // zero until it left or failed
}

// Expected reports whether an agent was asked for and has not joined yet.
func (a RoomAgent) Expected() bool { return a.Status == AgentRequested || a.Status == AgentDispatched }

// Active reports whether there is an agent, or will be.
func (a RoomAgent) Active() bool { return a.Expected() || a.Status == AgentJoined }

// IsDismissed reports whether somebody sent it away, or took the request back.
func (a RoomAgent) IsDismissed() bool { return !a.Active() && a.Reason == AgentReasonDismissed }

// IsFor reports whether who came as the participant, for the request of a number, is the agent that is active now: an
// earlier one is not, nor one that has left or was given up.
func (a RoomAgent) IsFor(who ParticipantID, number int) bool {
	return a.Active() && a.ParticipantID == who && a.Number == number
}

// CanBe reports whether an agent that joined at a moment, zero when LiveKit did not say when, is the one that was asked for.
// One that was there before is of an earlier request, and may be there for a while after it was sent away.
func (a RoomAgent) CanBe(joined time.Time) bool {
	return a.Number <= 1 || joined.IsZero() || !joined.Before(a.RequestedAt.Add(-agentSkew))
}

// end is the end of the room, or of the wish for an agent. It reports whether that is news: what has ended stays as it is.
func (a *RoomAgent) end(reason string, now time.Time) bool {
	switch {
	case a.Expected():
		a.Status = AgentFailed
	case a.Status == AgentJoined:
		a.Status = AgentLeft
	default:
		return false
	}
	a.Reason, a.EndedAt = reason, now
	return true
}

// RequestAgent asks for an agent, who joins as the participant, and reports whether that is news: one that is active stays
// the only one. A closed room takes none, Conflict "room-closed".
func (r *Room) RequestAgent(who ParticipantID, name string, deadline, now time.Time) (fresh bool, err error) {
	if r.Status == Closed {
		return false, errs.New(errs.Conflict, "room-closed", "the room is closed")
	}
	if r.Agent.Active() {
		return false, nil
	}
	r.Agent = RoomAgent{
		Status: AgentRequested, ParticipantID: who, Name: name, Number: r.Agent.Number + 1, Attempts: 1,
		RequestedAt: now, Deadline: deadline,
	}
	r.UpdatedAt = version.Next(r.UpdatedAt, now)
	return true, nil
}

// AgentDispatched notes that LiveKit was asked, and until when an agent has to have joined. It reports whether one is still
// wanted for the request: that may be over, or there may be a later one.
func (r *Room) AgentDispatched(number int, dispatch string, deadline, now time.Time) (wanted bool) {
	if r.Agent.Number != number || !r.Agent.Active() {
		return false
	}
	if r.Agent.Expected() {
		r.Agent.Status, r.Agent.Deadline = AgentDispatched, deadline
	}
	r.Agent.DispatchID, r.Agent.Reason = dispatch, ""
	r.UpdatedAt = version.Next(r.UpdatedAt, now)
	return true
}

// AgentMissed notes that an attempt to get an agent came to nothing, and why. There is another one, until deadline, unless
// there were as many as there may be: then the request has failed. It changes nothing when no agent is expected for the
// request of that number.
func (r *Room) AgentMissed(number int, reason string, attempts int, deadline, now time.Time) {
	if !r.Agent.Expected() || r.Agent.Number != number {
		return
	}
	r.Agent.Reason = reason
	if r.Agent.Attempts >= attempts {
		r.Agent.Status, r.Agent.EndedAt = AgentFailed, now
	} else {
		r.Agent.Status, r.Agent.DispatchID = AgentRequested, ""
		r.Agent.Attempts++
		r.Agent.Deadline = deadline
	}
	r.UpdatedAt = version.Next(r.UpdatedAt, now)
}

// AgentJoined notes that the agent is there, since at, and reports whether that is news. One that had left, or was given up,
// is there again; not so one that was dismissed, who is still to be sent away.
func (r *Room) AgentJoined(at, now time.Time) bool {
	switch {
	case r.Agent.Status == "", r.Agent.Status == AgentJoined, r.Status == Closed, !r.Agent.CanBe(at), r.Agent.IsDismissed():
		return false
	}
	r.Agent.Status, r.Agent.JoinedAt, r.Agent.EndedAt, r.Agent.Reason = AgentJoined, at, time.Time{}, ""
	r.UpdatedAt = version.Next(r.UpdatedAt, now)
	return true
}

// AgentLeft notes that the agent is not there any more, and reports whether that is news.
func (r *Room) AgentLeft(reason string, at, now time.Time) bool {
	if r.Agent.Status != AgentJoined {
		return false
	}
	r.Agent.Status, r.Agent.Reason, r.Agent.EndedAt = AgentLeft, reason, at
	r.UpdatedAt = version.Next(r.UpdatedAt, now)
	return true
}

// AgentDismissed sends the agent away, or takes the request for one back, and reports whether there was any.
func (r *Room) AgentDismissed(now time.Time) bool {
	if !r.Agent.end(AgentReasonDismissed, now) {
		return false
	}
	r.UpdatedAt = version.Next(r.UpdatedAt, now)
	return true
}
