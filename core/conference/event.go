package conference

import (
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/valid"
)

// MaxBatch is how many events may be appended at once.
const MaxBatch = 1000

// RoomEventID identifies a room event. 0 means none. A later event of a room has a larger id.
type RoomEventID int64

// String returns the decimal form.
func (i RoomEventID) String() string { return strconv.FormatInt(int64(i), 10) }

// RoomEvent is something that happened in a room: somebody came or left, the status changed.
type RoomEvent struct {
	ID        RoomEventID
	RoomID    RoomID
	Name      string // 1 to 100 characters, such as "participant_joined"
	Data      jsonobj.Object
	CreatedAt time.Time
}

// AgentSessionEventID identifies an agent session event. 0 means none. A later event of a room has a larger id.
type AgentSessionEventID int64

// String returns the decimal form.
func (i AgentSessionEventID) String() string { return strconv.FormatInt(int64(i), 10) }

// AgentSessionEvent is something that an AI agent heard, suggested or answered in a room.
type AgentSessionEvent struct {
	ID        AgentSessionEventID
	RoomID    RoomID
	Name      string // 1 to 100 characters, such as "transcript"
	Data      jsonobj.Object
	CreatedAt time.Time
}

// EventParams is what an event of either kind is made of.
type EventParams struct {
	Name string
	Data jsonobj.Object // none becomes {}
}

// EventFilter selects events of a list.
type EventFilter struct {
	RoomID RoomID
	Name   string    // "": any
	From   time.Time // inclusive; zero: unbounded
	To     time.Time // exclusive; zero: unbounded
	Newest bool      // newest first; otherwise oldest first
}

// NewRoomEvent makes an event of the room. It fails with Invalid "invalid-input".
func NewRoomEvent(room RoomID, p EventParams, now time.Time) (RoomEvent, error) {
	p, err := p.checked()
	return RoomEvent{RoomID: room, Name: p.Name, Data: p.Data, CreatedAt: now}, err
}

// NewAgentSessionEvent makes an agent's event in the room. It fails with Invalid "invalid-input".
func NewAgentSessionEvent(room RoomID, p EventParams, now time.Time) (AgentSessionEvent, error) {
	p, err := p.checked()
	return AgentSessionEvent{RoomID: room, Name: p.Name, Data: p.Data, CreatedAt: now}, err
}

func (p EventParams) checked() (EventParams, error) {
	var c errs.Check
	p.Name = valid.Text(&c, "name", p.Name, 100)
	if p.Data.IsNone() {
		p.Data = "{}"
	}
	return p, c.Err()
}
