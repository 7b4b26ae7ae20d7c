package identity

import (
	"slices"
	"strconv"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
)

// RoomAgent is an AI agent in a room, as the token names it that it is handed when it is dispatched.
type RoomAgent struct {
	Room        conference.RoomID
	Participant conference.ParticipantID // as which it is there
	Number      int                      // of the request for an agent, among those of the room
}

// String is "41/7/2" for participant 7 in room 41, by its second request.
func (a RoomAgent) String() string {
	return a.Room.String() + "/" + a.Participant.String() + "/" + strconv.Itoa(a.Number)
}

// IsZero reports whether there is no agent.
func (a RoomAgent) IsZero() bool { return a == RoomAgent{} }

// Subject is whom a token names: a user, or a room agent. The other one is zero.
type Subject struct {
	User  UserID
	Agent RoomAgent
}

// Actor is the agent as it acts in its room, which is of the entity, 0 for none. When its time there has ended, it may only
// tell of that.
func (a RoomAgent) Actor(entity clinic.EntityID, ended bool) Actor {
	return Actor{kind: kindRoomAgent, entity: entity, agent: a, ended: ended}
}

// RoomAgent is the room agent behind the actor, zero when it is not one.
func (a Actor) RoomAgent() RoomAgent { return a.agent }

// roomAgentPermissions are those of a room agent in its room. Which use cases it can reach with them is decided by who asks
// [Actor.In] or [Actor.StillIn]: it reads its instructions, appends agent session events, and keeps its own usage.
func roomAgentPermissions() []Permission { return []Permission{RoomsRead, EventsWrite, UsageWrite} }

// In returns the scope in which the actor may do something in a room. For a room agent that is its own room, for everybody
// else the scope of [Actor.Scope] with the permission. Errors: Forbidden as of [Actor.Require], and for a room agent NotFound
// "room-not-found" in any other room, Forbidden "room-agent-ended" when its time in the room has ended.
//
// Only a use case that a room agent may have asks this instead of Require and Scope. It must read nothing with the scope but
// what belongs to the room.
func (a Actor) In(room conference.RoomID, p Permission) (Scope, error) {
	scope, err := a.StillIn(room, p)
	if err == nil && a.ended {
		return Scope{}, errs.New(errs.Forbidden, "room-agent-ended", "the agent's time in the room has ended: it may only report its usage")
	}
	return scope, err
}

// StillIn is [Actor.In] for what a room agent may also do shortly after its time in the room has ended.
func (a Actor) StillIn(room conference.RoomID, p Permission) (Scope, error) {
	if a.kind != kindRoomAgent {
		return a.Scope(), a.Require(p)
	}
	switch {
	case room != a.agent.Room:
		return Scope{}, errs.Absent("room")
	case !slices.Contains(roomAgentPermissions(), p):
		return Scope{}, a.Require(p)
	case a.entity == 0: // only the scope of all has what belongs to no entity
		return AllEntities(), nil
	}
	return OnlyEntity(a.entity), nil
}
