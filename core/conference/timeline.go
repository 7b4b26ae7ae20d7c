package conference

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
)

// TimelineKind is what an entry of a timeline tells of.
type TimelineKind string

// The kinds, in the order in which entries of one moment come.
const (
	TimelineParticipant TimelineKind = "participant" // somebody was put into the room
	TimelineRoomEvent   TimelineKind = "room_event"  //
	TimelineUsageStart  TimelineKind = "usage_start" // an agent's session began
	TimelineAgentEvent  TimelineKind = "agent_event" //
	TimelineUsageEnd    TimelineKind = "usage_end"   // an agent's session ended
)

// TimelineKinds lists the kinds in their order.
func TimelineKinds() []TimelineKind {
	return []TimelineKind{TimelineParticipant, TimelineRoomEvent, TimelineUsageStart, TimelineAgentEvent, TimelineUsageEnd}
}

// Rank is the place of the kind among those of one moment, from 0; -1 when there is no such kind.
func (k TimelineKind) Rank() int { return slices.Index(TimelineKinds(), k) }

// TimelineEntry is one thing of all that happened in a room.
type TimelineEntry struct {
	At            time.Time
	Kind          TimelineKind
	ID            int64          // of the link, the event or the session
	Name          string         // the participant's name, or the event's; "" for a session
	ParticipantID ParticipantID  // who was put in, or whose session it is; 0 for an event
	Data          jsonobj.Object // the link's context, the event's data, or the session's
}

// Position is the place of the entry in the timeline, as a cursor has it.
func (e TimelineEntry) Position() page.Position {
	return page.Position{
		Key: strconv.FormatInt(e.At.UnixMicro(), 10) + "." + strconv.Itoa(e.Kind.Rank()), ID: strconv.FormatInt(e.ID, 10),
	}
}

// TimelineAt returns an entry with the place that a cursor has: its time, kind and id. Errors: Invalid "invalid-cursor".
func TimelineAt(p page.Position) (TimelineEntry, error) {
	at, rank, _ := strings.Cut(p.Key, ".")
	micros, timeErr := strconv.ParseInt(at, 10, 64)
	kind, kindErr := strconv.Atoi(rank)
	id, idErr := strconv.ParseInt(p.ID, 10, 64)
	if timeErr != nil || kindErr != nil || idErr != nil || kind < 0 || kind >= len(TimelineKinds()) {
		return TimelineEntry{}, page.BadCursor()
	}
	return TimelineEntry{At: time.UnixMicro(micros).UTC(), Kind: TimelineKinds()[kind], ID: id}, nil
}

// Compare tells which of two entries comes first in a timeline: by time, by kind, by id.
func (e TimelineEntry) Compare(other TimelineEntry) int {
	return cmp.Or(e.At.Compare(other.At), cmp.Compare(e.Kind.Rank(), other.Kind.Rank()), cmp.Compare(e.ID, other.ID))
}
