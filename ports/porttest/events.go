package porttest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// events is a repository of events of either kind.
type events[T any] struct {
	of   func(*Fixtures) eventRepository[T]
	make func(conference.RoomEvent) T
	view func(T) conference.RoomEvent

	after func(ctx context.Context, f *Fixtures, scope identity.Scope, room conference.RoomID, after conference.RoomEventID, limit int) ([]T, error)
}

type eventRepository[T any] interface {
	Append(ctx context.Context, events ...T) ([]T, error)
	List(ctx context.Context, scope identity.Scope, filter conference.EventFilter, req page.Request) (page.Page[T], error)
}

func testRoomEvents(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	events[conference.RoomEvent]{
		of:   func(f *Fixtures) eventRepository[conference.RoomEvent] { return f.RoomEvents },
		make: func(e conference.RoomEvent) conference.RoomEvent { return e },
		view: func(e conference.RoomEvent) conference.RoomEvent { return e },
		after: func(ctx context.Context, f *Fixtures, scope identity.Scope, room conference.RoomID, after conference.RoomEventID, limit int) ([]conference.RoomEvent, error) {
			events, _, err := f.Timeline.After(ctx, scope, room, after, 0, limit)
			return events, err
		},
	}.run(t, open)
}

func testAgentSessionEvents(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	events[conference.AgentSessionEvent]{
		of: func(f *Fixtures) eventRepository[conference.AgentSessionEvent] { return f.AgentSessionEvents },
		make: func(e conference.RoomEvent) conference.AgentSessionEvent {
			return conference.AgentSessionEvent{
				ID: conference.AgentSessionEventID(e.ID), RoomID: e.RoomID, Name: e.Name, Data: e.Data, CreatedAt: e.CreatedAt,
			}
		},
		view: func(e conference.AgentSessionEvent) conference.RoomEvent {
			return conference.RoomEvent{
				ID: conference.RoomEventID(e.ID), RoomID: e.RoomID, Name: e.Name, Data: e.Data, CreatedAt: e.CreatedAt,
			}
		},
		after: func(ctx context.Context, f *Fixtures, scope identity.Scope, room conference.RoomID, after conference.RoomEventID, limit int) ([]conference.AgentSessionEvent, error) {
			_, events, err := f.Timeline.After(ctx, scope, room, 0, conference.AgentSessionEventID(after), limit)
			return events, err
		},
	}.run(t, open)
}

func (e events[T]) run(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "AreKeptInTheOrderGiven", e.testOrder)
	try(t, open, "AreAppendedAllOrNone", e.testAllOrNone)
	try(t, open, "FiltersByNameAndHalfOpenTime", e.testFilters)
	try(t, open, "PagesInBothDirections", e.testPages)
	try(t, open, "AreInTheScopeOfTheirRoom", e.testScope)
	try(t, open, "AppendedAtOnceAreAllKept", e.testConcurrent)
	try(t, open, "AppendedByACrowdAreEachOnesOwn", e.testCrowd)
	try(t, open, "AreFollowedFromAnID", e.testAfter)
	try(t, open, "AreFollowedInTheScopeOfTheirRoom", e.testAfterScope)
	try(t, open, "WhoFollowsMissesNothing", e.testFollow)
	try(t, open, "TransactionsThatAppendToManyRoomsDoNotBlockOneAnother", e.testManyRooms)
	try(t, open, "CancelledContextStops", e.testCancelled)
}

func (e events[T]) append(f *Fixtures, given ...conference.RoomEvent) ([]conference.RoomEvent, error) {
	return e.appendIn(f.ctx(), f, given...)
}

func (e events[T]) appendIn(ctx context.Context, f *Fixtures, given ...conference.RoomEvent) ([]conference.RoomEvent, error) {
	made := make([]T, len(given))
	for i, v := range given {
		made[i] = e.make(v)
	}
	stored, err := e.of(f).Append(ctx, made...)
	return e.views(stored), err
}

func (e events[T]) views(list []T) []conference.RoomEvent {
	var out []conference.RoomEvent
	for _, v := range list {
		out = append(out, e.view(v))
	}
	return out
}

func (e events[T]) list(t *testing.T, f *Fixtures, scope identity.Scope, by conference.EventFilter) []conference.RoomEvent {
	t.Helper()
	return e.views(ok[page.Page[T]](t, "list")(e.of(f).List(t.Context(), scope, by, page.Request{Limit: page.MaxLimit})).Items)
}

func (e events[T]) fill(f *Fixtures, room conference.RoomID, count int) []conference.RoomEvent {
	f.t.Helper()
	return ok[[]conference.RoomEvent](f.t, "append")(e.append(f, f.NewRoomEvents(room, count)...))
}

func (e events[T]) testOrder(t *testing.T, f *Fixtures) {
	room := f.Room(f.Entity().ID).ID
	want := f.NewRoomEvents(room, 5)
	slices.Reverse(want) // times that fall do not change the order
	want[0].CreatedAt = time.Date(2026, time.March, 9, 9, 30, 0, 123456789, time.FixedZone("-03", -3*60*60))
	got := ok[[]conference.RoomEvent](t, "append")(e.append(f, want...))
	if len(got) != len(want) {
		t.Fatalf("Append returned %d events of %d", len(got), len(want))
	}
	want[0].CreatedAt = want[0].CreatedAt.UTC().Truncate(time.Microsecond)
	var last conference.RoomEventID
	for i := range got {
		if got[i].ID <= last {
			t.Errorf("the id %d does not rise from %d", got[i].ID, last)
		}
		last, want[i].ID = got[i].ID, got[i].ID
	}
	wantSame(t, "what Append returned", got, want)
	wantSame(t, "what List returned", e.list(t, f, identity.AllEntities(), conference.EventFilter{RoomID: room}), want)
	if got[0].CreatedAt.Location() != time.UTC {
		t.Errorf("a time came back in %v, want UTC", got[0].CreatedAt.Location())
	}
	later := e.fill(f, room, 1)
	if later[0].ID <= last {
		t.Errorf("the id of a later event, %d, does not rise from %d", later[0].ID, last)
	}
	none := ok[[]conference.RoomEvent](t, "append nothing")(e.append(f))
	wantSame(t, "what Append of nothing returned", none, nil)
}

func (e events[T]) testAllOrNone(t *testing.T, f *Fixtures) {
	room := f.Room(0).ID
	want := e.fill(f, room, 2)
	batch := f.NewRoomEvents(room, 3)
	batch[2].RoomID = nowhere
	_, err := e.append(f, batch...)
	wantError(t, "an unknown room", err, errs.Invalid, "unknown-reference")
	wantSame(t, "the events", e.list(t, f, identity.AllEntities(), conference.EventFilter{RoomID: room}), want)
}

func (e events[T]) testFilters(t *testing.T, f *Fixtures) {
	room, other := f.Room(0).ID, f.Room(0).ID
	all := e.fill(f, room, 7)
	e.fill(f, other, 3)
	from, to := all[2].CreatedAt, all[5].CreatedAt
	filters := []struct {
		name   string
		filter conference.EventFilter
		want   []conference.RoomEvent
	}{
		{"room", conference.EventFilter{}, all},
		{"name", conference.EventFilter{Name: eventName(1)}, []conference.RoomEvent{all[1], all[4]}},
		{"unknown name", conference.EventFilter{Name: "nothing"}, nil},
		{"from, inclusive", conference.EventFilter{From: from}, all[2:]},
		{"to, exclusive", conference.EventFilter{To: to}, all[:5]},
		{"from and to", conference.EventFilter{From: from, To: to}, all[2:5]},
		{"name, from and to", conference.EventFilter{Name: eventName(0), From: from, To: to}, all[3:4]},
	}
	for _, c := range filters {
		c.filter.RoomID = room
		wantSame(t, c.name, e.list(t, f, identity.AllEntities(), c.filter), c.want)
		c.filter.Newest = true
		newest := slices.Clone(c.want)
		slices.Reverse(newest)
		wantSame(t, c.name+", newest first", e.list(t, f, identity.AllEntities(), c.filter), newest)
	}
	wantSame(t, "a room that is not there", e.list(t, f, identity.AllEntities(), conference.EventFilter{RoomID: nowhere}), nil)
}

func (e events[T]) testPages(t *testing.T, f *Fixtures) {
	room, other := f.Room(0).ID, f.Room(0).ID
	for range 3 { // so that the rooms' events lie between one another
		e.fill(f, room, 2)
		e.fill(f, other, 2)
	}
	pages := func(by conference.EventFilter) func(page.Request) (page.Page[T], error) {
		return func(req page.Request) (page.Page[T], error) {
			return e.of(f).List(t.Context(), identity.AllEntities(), by, req)
		}
	}
	oldest := pages(conference.EventFilter{RoomID: room})
	newest := pages(conference.EventFilter{RoomID: room, Newest: true})
	want := ok[page.Page[T]](t, "list")(oldest(page.Request{})).Items
	back := slices.Clone(want)
	slices.Reverse(back)
	for _, limit := range []int{1, 2, 5, 6, 7} {
		wantWalk(t, oldest, limit, want)
		wantWalk(t, newest, limit, back)
	}
	first := ok[page.Page[T]](t, "the first page")(newest(page.Request{Limit: 2}))
	e.fill(f, room, 2)
	rest := ok[page.Page[T]](t, "the second page")(newest(page.Request{Limit: 6, Cursor: first.NextCursor}))
	wantSame(t, "the rest after more events came", rest, page.Page[T]{Items: back[2:]})
	for what, list := range map[string]func(page.Request) (page.Page[T], error){
		"the other direction": oldest,
		"another room":        pages(conference.EventFilter{RoomID: other, Newest: true}),
		"a name":              pages(conference.EventFilter{RoomID: room, Newest: true, Name: eventName(0)}),
	} {
		_, err := list(page.Request{Cursor: first.NextCursor})
		wantError(t, what, err, errs.Invalid, "invalid-cursor")
	}
	_, err := newest(page.Request{Cursor: forged(t, first.NextCursor, "i", "no-id")})
	wantError(t, "a broken cursor", err, errs.Invalid, "invalid-cursor")
	_, err = newest(page.Request{Limit: -1})
	wantError(t, "a bad limit", err, errs.Invalid, "invalid-limit")
}

func (e events[T]) testScope(t *testing.T, f *Fixtures) {
	a, b := f.Entity().ID, f.Entity().ID
	mine, theirs, platform := f.Room(a).ID, f.Room(b).ID, f.Room(0).ID
	want := e.fill(f, mine, 2)
	e.fill(f, theirs, 2)
	e.fill(f, platform, 2)
	wantSame(t, "my room", e.list(t, f, identity.OnlyEntity(a), conference.EventFilter{RoomID: mine}), want)
	for _, room := range []conference.RoomID{theirs, platform} {
		for _, newest := range []bool{false, true} {
			by := conference.EventFilter{RoomID: room, Newest: newest}
			wantSame(t, "a hidden room", e.list(t, f, identity.OnlyEntity(a), by), nil)
			wantSame(t, "a hidden room in the empty scope", e.list(t, f, identity.Scope{}, by), nil)
			if got := e.list(t, f, identity.AllEntities(), by); len(got) != 2 {
				t.Errorf("the scope of all: got %d events, want 2", len(got))
			}
		}
	}
}

func (e events[T]) testConcurrent(t *testing.T, f *Fixtures) {
	room := f.Room(0).ID
	batch := f.NewRoomEvents(room, 5)
	var all sync.WaitGroup
	for range racers {
		all.Go(func() {
			if _, err := e.append(f, batch...); err != nil {
				t.Errorf("append: %v", err)
			}
		})
	}
	all.Wait()
	got := e.list(t, f, identity.AllEntities(), conference.EventFilter{RoomID: room})
	if len(got) != racers*len(batch) {
		t.Errorf("got %d events, want %d", len(got), racers*len(batch))
	}
	if !slices.IsSortedFunc(got, func(a, b conference.RoomEvent) int { return int(a.ID - b.ID) }) {
		t.Errorf("the ids do not rise")
	}
}

func (e events[T]) testCancelled(t *testing.T, f *Fixtures) {
	room := f.Room(0).ID
	want := e.fill(f, room, 1)
	_, err := e.appendIn(cancelled(t), f, f.NewRoomEvents(room, 2)...)
	wantCancelled(t, "Append", err)
	_, err = e.of(f).List(cancelled(t), identity.AllEntities(), conference.EventFilter{RoomID: room}, page.Request{})
	wantCancelled(t, "List", err)
	_, err = e.after(cancelled(t), f, identity.AllEntities(), room, 0, 10)
	wantCancelled(t, "After", err)
	wantSame(t, "the events", e.list(t, f, identity.AllEntities(), conference.EventFilter{RoomID: room}), want)
}
