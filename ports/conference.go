package ports

import (
	"context"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// ParticipantRepository keeps participants. Those of no entity are in the scope of all only.
type ParticipantRepository interface {
	Reader[conference.Participant, conference.ParticipantID, conference.ParticipantFilter]
	Writer[conference.Participant, conference.ParticipantID]
}

// RoomRepository keeps rooms. Those of no entity are in the scope of all only. A repeated LiveKit name is Conflict
// "room-name-taken".
type RoomRepository interface {
	Reader[conference.Room, conference.RoomID, conference.RoomFilter]
	Writer[conference.Room, conference.RoomID]
	// Place returns where a room belongs, which no Update changes: one that would fails with Internal "room-moved". Errors:
	// NotFound "room-not-found".
	Place(ctx context.Context, scope identity.Scope, id conference.RoomID) (conference.Place, error)
	// ByLiveKitName returns the room of a LiveKit name, whatever the entity: it is for what LiveKit tells. Errors: NotFound
	// "room-not-found".
	ByLiveKitName(ctx context.Context, name string) (conference.Room, error)
	// Live returns up to limit rooms that are live, see [conference.Room.IsLive], by id, beginning after one.
	Live(ctx context.Context, after conference.RoomID, limit int) ([]conference.Room, error)
}

// RoomParticipantRepository keeps who is in which room; its rows are in the scope of their room. The same participant in
// the same room again is Conflict "already-in-room".
type RoomParticipantRepository interface {
	Create(ctx context.Context, v conference.RoomParticipant) (conference.RoomParticipant, error)
	// Get returns one link. Errors: NotFound "room-participant-not-found".
	Get(ctx context.Context, scope identity.Scope, room conference.RoomID, who conference.ParticipantID) (conference.RoomParticipant, error)
	// List returns the links of one room.
	List(ctx context.Context, scope identity.Scope, room conference.RoomID, req page.Request) (page.Page[conference.RoomParticipant], error)
	Update(ctx context.Context, scope identity.Scope, room conference.RoomID, who conference.ParticipantID, change func(*conference.RoomParticipant) error) (conference.RoomParticipant, error)
	// Delete removes the link for good. Errors: NotFound "room-participant-not-found".
	Delete(ctx context.Context, scope identity.Scope, room conference.RoomID, who conference.ParticipantID) error
}

// RoomEventRepository keeps room events, which are only ever appended; they are in the scope of their room.
type RoomEventRepository interface {
	// Append stores the events in their order, all or none, and returns them with their ids, which rise. The room must
	// exist: Invalid "unknown-reference".
	Append(ctx context.Context, events ...conference.RoomEvent) ([]conference.RoomEvent, error)
	List(ctx context.Context, scope identity.Scope, filter conference.EventFilter, req page.Request) (page.Page[conference.RoomEvent], error)
}

// AgentSessionEventRepository keeps agents' events, by the rules of [RoomEventRepository].
type AgentSessionEventRepository interface {
	Append(ctx context.Context, events ...conference.AgentSessionEvent) ([]conference.AgentSessionEvent, error)
	List(ctx context.Context, scope identity.Scope, filter conference.EventFilter, req page.Request) (page.Page[conference.AgentSessionEvent], error)
}

// MaxAfter is how many events of each kind one call of After returns at most.
const MaxAfter = 1000

// TimelineRepository reads all that happened in a room, which is in the scope of the room.
type TimelineRepository interface {
	// List returns a page of the entries of one room in their order: by time, then by kind, then by id.
	List(ctx context.Context, scope identity.Scope, room conference.RoomID, req page.Request) (page.Page[conference.TimelineEntry], error)
	// After returns up to limit events of each kind of a room that come after an id, by id, for who follows the room: no event
	// of the kind with a smaller id appears later. It sees all that was committed before, and both kinds as they were at one
	// moment: what was committed before an event that is returned is not left for later. A limit over [MaxAfter] is MaxAfter.
	After(ctx context.Context, scope identity.Scope, room conference.RoomID, after conference.RoomEventID, afterAgent conference.AgentSessionEventID, limit int) ([]conference.RoomEvent, []conference.AgentSessionEvent, error)
}
