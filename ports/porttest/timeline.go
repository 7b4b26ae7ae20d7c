package porttest

import (
	"slices"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

func testTimeline(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "ItHoldsAllThatHappenedInTheRoom", testTimelineEntries)
	try(t, open, "PagesGoThroughTiesWithoutGapOrRepeat", testTimelinePages)
	try(t, open, "ItIsInTheScopeOfItsRoom", testTimelineScope)
	try(t, open, "BadRequestsAreRefused", testTimelineRequests)
	try(t, open, "WhoFollowsSeesBothKindsAsOfOneMoment", testFollowBoth)
}

// testFollowBoth has somebody append to both kinds in turn, and somebody follow: an agent's event must not come before the
// room event that was there before it.
func testFollowBoth(t *testing.T, f *Fixtures) {
	const turns = 150
	room := f.Room(0).ID
	ctx, end := f.ctx(), make(chan struct{})
	go func() {
		defer close(end)
		event := f.NewRoomEvents(room, 1)[0]
		for range turns {
			if _, err := f.RoomEvents.Append(ctx, event); err != nil {
				t.Errorf("append: %v", err)
			}
			if _, err := f.AgentSessionEvents.Append(ctx, conference.AgentSessionEvent{RoomID: room, Name: "transcript", Data: "{}", CreatedAt: event.CreatedAt}); err != nil {
				t.Errorf("append: %v", err)
			}
		}
	}()
	var last conference.RoomEventID
	var lastAgent conference.AgentSessionEventID
	seen, seenAgent := 0, 0
	for ended := false; ; {
		events, agentEvents, err := f.Timeline.After(t.Context(), identity.AllEntities(), room, last, lastAgent, ports.MaxAfter)
		if err != nil {
			t.Fatalf("After: %v", err)
		}
		if n := len(events); n > 0 {
			seen, last = seen+n, events[n-1].ID
		}
		if n := len(agentEvents); n > 0 {
			seenAgent, lastAgent = seenAgent+n, agentEvents[n-1].ID
		}
		if seen < seenAgent || seen > seenAgent+1 {
			t.Fatalf("after %d room events there are %d of agents", seen, seenAgent)
		}
		if ended && len(events)+len(agentEvents) == 0 {
			break
		}
		select {
		case <-end:
			ended = true
		default:
		}
	}
	if seen != turns || seenAgent != turns {
		t.Errorf("%d and %d events were seen, want %d each", seen, seenAgent, turns)
	}
}

// timeline is all of a room's.
func (f *Fixtures) timeline(scope identity.Scope, room conference.RoomID) []conference.TimelineEntry {
	f.t.Helper()
	p := ok[page.Page[conference.TimelineEntry]](f.t, "timeline")(f.Timeline.List(f.ctx(), scope, room, page.Request{Limit: page.MaxLimit}))
	if p.NextCursor != "" {
		f.t.Fatal("the timeline of a test has more than one page")
	}
	return p.Items
}

// happen stores some of everything in a room, with so little time between that much comes at one moment. It returns the
// room's timeline.
func (f *Fixtures) happen(room conference.Room, rounds int) []conference.TimelineEntry {
	f.t.Helper()
	var all []conference.TimelineEntry
	for n := range rounds {
		at := f.Now().Add(time.Duration(n/2) * time.Microsecond)
		link := f.NewRoomParticipant(room)
		link.CreatedAt = at
		link = store(f, f.RoomParticipants.Create, link)
		who := ok[conference.Participant](f.t, "participant")(f.Participants.Get(f.ctx(), identity.AllEntities(), link.ParticipantID))
		all = append(all, conference.TimelineEntry{
			At: at, Kind: conference.TimelineParticipant, ID: int64(link.ID), Name: who.Name, ParticipantID: who.ID, Data: link.Context,
		})
		for i, e := range ok[[]conference.RoomEvent](f.t, "append")(f.RoomEvents.Append(f.ctx(),
			conference.RoomEvent{RoomID: room.ID, Name: eventName(n), Data: eventData(n), CreatedAt: at},
			conference.RoomEvent{RoomID: room.ID, Name: eventName(n + 1), Data: eventData(n + 1), CreatedAt: at})) {
			all = append(all, conference.TimelineEntry{
				At: at, Kind: conference.TimelineRoomEvent, ID: int64(e.ID), Name: eventName(n + i), Data: eventData(n + i),
			})
		}
		agent := ok[[]conference.AgentSessionEvent](f.t, "append")(f.AgentSessionEvents.Append(f.ctx(),
			conference.AgentSessionEvent{RoomID: room.ID, Name: eventName(n), Data: eventData(n), CreatedAt: at}))
		all = append(all, conference.TimelineEntry{
			At: at, Kind: conference.TimelineAgentEvent, ID: int64(agent[0].ID), Name: eventName(n), Data: eventData(n),
		})
		usage := f.NewUsage(room.EntityID)
		usage.RoomID, usage.SessionStart, usage.SessionEnd = room.ID, at, time.Time{}
		if n%3 > 0 {
			usage.SessionEnd = at.Add(time.Duration(n%3-1) * time.Microsecond)
		}
		all = append(all, sessionEntries(store(f, f.AgentUsages.Create, usage))...)
	}
	slices.SortFunc(all, conference.TimelineEntry.Compare)
	return all
}

func sessionEntries(u metering.AgentUsage) []conference.TimelineEntry {
	entry := conference.TimelineEntry{
		At: u.SessionStart, Kind: conference.TimelineUsageStart, ID: int64(u.ID), ParticipantID: u.ParticipantID, Data: u.Data,
	}
	entries := []conference.TimelineEntry{entry}
	if !u.SessionEnd.IsZero() {
		entry.At, entry.Kind = u.SessionEnd, conference.TimelineUsageEnd
		entries = append(entries, entry)
	}
	return entries
}

func testTimelineEntries(t *testing.T, f *Fixtures) {
	home := f.Entity().ID
	room, other, silent := f.Room(home), f.Room(home), f.Room(home)
	want := f.happen(room, 5)
	f.happen(other, 2)
	wantSame(t, "the timeline", f.timeline(identity.OnlyEntity(home), room.ID), want)
	wantSame(t, "the timeline of a room in which nothing happened", f.timeline(identity.AllEntities(), silent.ID), nil)
	wantSame(t, "the timeline of a room that is not there", f.timeline(identity.AllEntities(), nowhere), nil)
}

func testTimelinePages(t *testing.T, f *Fixtures) {
	room := f.Room(f.Entity().ID)
	want := f.happen(room, 6)
	list := func(req page.Request) (page.Page[conference.TimelineEntry], error) {
		return f.Timeline.List(t.Context(), identity.AllEntities(), room.ID, req)
	}
	for _, limit := range []int{1, 2, 3, 7, len(want) - 1, len(want), len(want) + 1} {
		wantWalk(t, list, limit, want)
	}
}

func testTimelineScope(t *testing.T, f *Fixtures) {
	a, b := f.Entity().ID, f.Entity().ID
	mine, theirs, platform := f.Room(a), f.Room(b), f.Room(0)
	want := f.happen(mine, 1)
	f.happen(theirs, 1)
	all := f.happen(platform, 1)
	wantSame(t, "my room", f.timeline(identity.OnlyEntity(a), mine.ID), want)
	wantSame(t, "another's room", f.timeline(identity.OnlyEntity(a), theirs.ID), nil)
	wantSame(t, "the platform's room", f.timeline(identity.OnlyEntity(a), platform.ID), nil)
	wantSame(t, "the platform's room in the scope of all", f.timeline(identity.AllEntities(), platform.ID), all)
	wantSame(t, "my room in the empty scope", f.timeline(identity.Scope{}, mine.ID), nil)
}

func testTimelineRequests(t *testing.T, f *Fixtures) {
	home := f.Entity().ID
	room, other := f.Room(home), f.Room(home)
	f.happen(room, 2)
	list := func(scope identity.Scope, room conference.RoomID, req page.Request) error {
		_, err := f.Timeline.List(t.Context(), scope, room, req)
		return err
	}
	first := ok[page.Page[conference.TimelineEntry]](t, "a page")(
		f.Timeline.List(t.Context(), identity.AllEntities(), room.ID, page.Request{Limit: 1}))
	cursor := first.NextCursor
	for what, err := range map[string]error{
		"another room's cursor":   list(identity.AllEntities(), other.ID, page.Request{Cursor: cursor}),
		"another scope's cursor":  list(identity.OnlyEntity(home), room.ID, page.Request{Cursor: cursor}),
		"no cursor":               list(identity.AllEntities(), room.ID, page.Request{Cursor: "x"}),
		"a cursor without a time": list(identity.AllEntities(), room.ID, page.Request{Cursor: forged(t, cursor, "k", "x.0")}),
		"a cursor without a kind": list(identity.AllEntities(), room.ID, page.Request{Cursor: forged(t, cursor, "k", "1.9")}),
		"a cursor without an id":  list(identity.AllEntities(), room.ID, page.Request{Cursor: forged(t, cursor, "i", "x")}),
	} {
		wantError(t, what, err, errs.Invalid, "invalid-cursor")
	}
	wantError(t, "a bad limit", list(identity.AllEntities(), room.ID, page.Request{Limit: -1}), errs.Invalid, "invalid-limit")
	_, err := f.Timeline.List(cancelled(t), identity.AllEntities(), room.ID, page.Request{})
	wantCancelled(t, "List", err)
}
