package memory

import (
	"context"
	"slices"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type timeline struct{ session }

// List looks at all that happened in the room for each page, which is all in memory.
func (r timeline) List(ctx context.Context, scope identity.Scope, room conference.RoomID, req page.Request) (page.Page[conference.TimelineEntry], error) {
	list := page.Fingerprint("timeline", scope, room)
	d, err := r.view(ctx)
	if err != nil {
		return page.Page[conference.TimelineEntry]{}, err
	}
	size, err := req.Size()
	if err != nil {
		return page.Page[conference.TimelineEntry]{}, err
	}
	position, started, err := req.After(list)
	if err != nil {
		return page.Page[conference.TimelineEntry]{}, err
	}
	var entries []conference.TimelineEntry
	if r.tables().roomInScope(d, scope, room) {
		entries = r.entries(d, room)
	}
	if started {
		last, err := conference.TimelineAt(position)
		if err != nil {
			return page.Page[conference.TimelineEntry]{}, err
		}
		entries = slices.DeleteFunc(entries, func(e conference.TimelineEntry) bool { return e.Compare(last) <= 0 })
	}
	slices.SortFunc(entries, conference.TimelineEntry.Compare)
	entries = slices.Clip(entries[:min(len(entries), size+1)])
	return page.Of(entries, size, list, conference.TimelineEntry.Position), nil
}

// entries are all that happened in a room, in no order.
func (r timeline) entries(d *data, room conference.RoomID) []conference.TimelineEntry {
	t, key := r.tables(), intKey(room)
	var entries []conference.TimelineEntry
	for v := range t.roomParticipants.in(d, t.roomParticipantsByRoom, key, "") {
		entry := conference.TimelineEntry{
			At: v.CreatedAt, Kind: conference.TimelineParticipant, ID: int64(v.ID), ParticipantID: v.ParticipantID, Data: v.Context,
		}
		if who, ok := t.participants.get(d, intKey(v.ParticipantID)); ok {
			entry.Name = who.Name
		}
		entries = append(entries, entry)
	}
	for v := range t.roomEvents.in(d, t.roomEvents.byRoom, key, "") {
		entries = append(entries, conference.TimelineEntry{
			At: v.CreatedAt, Kind: conference.TimelineRoomEvent, ID: int64(v.ID), Name: v.Name, Data: v.Data,
		})
	}
	for v := range t.agentEvents.in(d, t.agentEvents.byRoom, key, "") {
		entries = append(entries, conference.TimelineEntry{
			At: v.CreatedAt, Kind: conference.TimelineAgentEvent, ID: int64(v.ID), Name: v.Name, Data: v.Data,
		})
	}
	for v := range t.usages.in(d, t.usagesByRoom, key, "") {
		entry := conference.TimelineEntry{
			At: v.SessionStart, Kind: conference.TimelineUsageStart, ID: int64(v.ID), ParticipantID: v.ParticipantID, Data: v.Data,
		}
		entries = append(entries, entry)
		if !v.SessionEnd.IsZero() {
			entry.At, entry.Kind = v.SessionEnd, conference.TimelineUsageEnd
			entries = append(entries, entry)
		}
	}
	return entries
}
