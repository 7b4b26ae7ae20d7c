package porttest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// RunEventStorage runs the contract of how events are kept by months. open is that of [Run].
func RunEventStorage(t *testing.T, open func(t *testing.T) (Store, ports.EventStorage)) {
	t.Helper()
	for _, part := range []struct {
		name string
		test func(*testing.T, *archive)
	}{
		{"WholeMonthsThatEndedAreDropped", testDropMonths},
		{"MonthsAreUTC", testDropInUTC},
		{"NothingOldIsNothingDropped", testDropNothing},
		{"DroppedMonthTakesEventsAgain", testDropThenAppend},
		{"AppendingWhileDroppingLosesNothing", testDropWhileAppending},
		{"ListsGoAcrossMonths", testListAcrossMonths},
		{"PreparingIsHarmless", testPrepare},
		{"CancelledContextStops", testStorageCancelled},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			s, storage := open(t)
			f := NewFixtures(t, s)
			part.test(t, &archive{Fixtures: f, t: t, storage: storage, room: f.Room(0).ID})
		})
	}
}

// archive is the events of one room. Tests keep to years long ago, of which a store has no months ready.
type archive struct {
	*Fixtures
	t       *testing.T
	storage ports.EventStorage
	room    conference.RoomID
}

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// roomEvents stores a room event at each time.
func (a *archive) roomEvents(times ...time.Time) []conference.RoomEvent {
	a.t.Helper()
	return ok[[]conference.RoomEvent](a.t, "append")(a.RoomEvents.Append(a.ctx(), a.newEvents(times...)...))
}

func (a *archive) newEvents(times ...time.Time) []conference.RoomEvent {
	events := a.NewRoomEvents(a.room, len(times))
	for i, at := range times {
		events[i].CreatedAt = at
	}
	return events
}

// agentEvents stores an agent's event at each time.
func (a *archive) agentEvents(times ...time.Time) []conference.AgentSessionEvent {
	a.t.Helper()
	events := make([]conference.AgentSessionEvent, len(times))
	for i, e := range a.newEvents(times...) {
		events[i] = conference.AgentSessionEvent{RoomID: e.RoomID, Name: e.Name, Data: e.Data, CreatedAt: e.CreatedAt}
	}
	return ok[[]conference.AgentSessionEvent](a.t, "append")(a.AgentSessionEvents.Append(a.ctx(), events...))
}

func (a *archive) wantEvents(what string, room []conference.RoomEvent, agent []conference.AgentSessionEvent) {
	a.t.Helper()
	filter, most := conference.EventFilter{RoomID: a.room}, page.Request{Limit: page.MaxLimit}
	rooms := ok[page.Page[conference.RoomEvent]](a.t, "list")(a.RoomEvents.List(a.ctx(), identity.AllEntities(), filter, most))
	wantSame(a.t, what+": room events", rooms.Items, room)
	agents := ok[page.Page[conference.AgentSessionEvent]](a.t, "list")(a.AgentSessionEvents.List(a.ctx(), identity.AllEntities(), filter, most))
	wantSame(a.t, what+": agents' events", agents.Items, agent)
}

func (a *archive) drop(endedAt time.Time, want int) {
	a.t.Helper()
	if got := ok[int](a.t, "drop")(a.storage.Drop(a.ctx(), endedAt)); got != want {
		a.t.Errorf("Drop(%v) removed %d months, want %d", endedAt.Format(time.RFC3339Nano), got, want)
	}
}

func testDropMonths(_ *testing.T, a *archive) {
	january, february, march := day(2019, time.January, 1), day(2019, time.February, 1), day(2019, time.March, 1)
	last := february.Add(-time.Microsecond) // of January
	room := a.roomEvents(march, january, february, last, day(2018, time.June, 15), march.Add(-time.Microsecond))
	agent := a.agentEvents(last, february, march)

	a.drop(day(2018, time.June, 30), 0)
	a.drop(last, 1) // June 2018; January has a microsecond to go
	room = slices.Delete(room, 4, 5)
	a.wantEvents("with January", room, agent)

	a.drop(february, 2)
	room, agent = []conference.RoomEvent{room[0], room[2], room[4]}, agent[1:]
	a.wantEvents("without January", room, agent)
	a.drop(february, 0)
	a.wantEvents("the second time", room, agent)

	a.drop(march.AddDate(0, 0, 20), 2)
	a.wantEvents("in March", room[:1], agent[1:])
	a.drop(day(2019, time.December, 31), 2)
	a.wantEvents("in the end", nil, nil)
}

func testDropInUTC(_ *testing.T, a *archive) {
	border := time.Date(2019, time.January, 31, 21, 0, 0, 0, time.FixedZone("-03", -3*60*60)) // February begins in UTC
	room := a.roomEvents(border, border.Add(-time.Microsecond))
	a.drop(border.Add(-time.Microsecond), 0)
	a.drop(border, 1)
	a.wantEvents("without January", room[:1], nil)
}

func testDropNothing(_ *testing.T, a *archive) {
	a.drop(day(2019, time.May, 1), 0)
	room, agent := a.roomEvents(day(2019, time.May, 1)), a.agentEvents(day(2019, time.May, 31))
	a.drop(day(2019, time.May, 31), 0)
	a.wantEvents("in May", room, agent)
}

func testDropThenAppend(t *testing.T, a *archive) {
	at := day(2019, time.January, 15)
	before := a.roomEvents(at)
	a.agentEvents(at)
	a.drop(day(2019, time.February, 1), 2)
	room, agent := a.roomEvents(at.Add(time.Hour)), a.agentEvents(at)
	if room[0].ID <= before[0].ID {
		t.Errorf("the id %d was given before", room[0].ID)
	}
	a.wantEvents("after the drop", room, agent)
	a.drop(day(2019, time.February, 1), 2)
	a.wantEvents("after the second drop", nil, nil)
}

// testDropWhileAppending appends to months that stay while months before them are dropped, again and again.
func testDropWhileAppending(t *testing.T, a *archive) {
	const writers, batches = 4, 10
	old, kept := day(2019, time.January, 1), day(2019, time.March, 31)
	batch := a.newEvents(kept, kept.AddDate(0, 0, 1)) // two months
	done := make(chan struct{})
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range batches {
				if _, err := a.RoomEvents.Append(t.Context(), batch...); err != nil {
					t.Errorf("append: %v", err)
				}
			}
		})
	}
	go func() { all.Wait(); close(done) }()
	for writing := true; writing; {
		select {
		case <-done:
			writing = false
		default:
		}
		a.roomEvents(old, old.AddDate(0, 1, 0))
		a.drop(day(2019, time.March, 1), 2)
	}
	filter := conference.EventFilter{RoomID: a.room}
	got := ok[page.Page[conference.RoomEvent]](t, "list")(a.RoomEvents.List(t.Context(), identity.AllEntities(), filter, page.Request{Limit: page.MaxLimit}))
	if want := writers * batches * len(batch); len(got.Items) != want {
		t.Errorf("got %d events, want %d", len(got.Items), want)
	}
}

func testListAcrossMonths(t *testing.T, a *archive) {
	var times []time.Time
	for i := range 24 { // two a month, the months in no order
		times = append(times, day(2019, time.Month(1+i*5%12), 1+i))
	}
	want := a.roomEvents(times...)
	back := slices.Clone(want)
	slices.Reverse(back)
	pages := func(f conference.EventFilter) func(page.Request) (page.Page[conference.RoomEvent], error) {
		f.RoomID = a.room
		return func(req page.Request) (page.Page[conference.RoomEvent], error) {
			return a.RoomEvents.List(t.Context(), identity.AllEntities(), f, req)
		}
	}
	for _, limit := range []int{1, 5, 24, 25} {
		wantWalk(t, pages(conference.EventFilter{}), limit, want)
		wantWalk(t, pages(conference.EventFilter{Newest: true}), limit, back)
	}
	from, to := day(2019, time.April, 1), day(2019, time.August, 1)
	spring := slices.DeleteFunc(slices.Clone(want), func(e conference.RoomEvent) bool {
		return e.CreatedAt.Before(from) || !e.CreatedAt.Before(to)
	})
	if len(spring) == 0 || len(spring) == len(want) {
		t.Fatalf("%d events of %d are in the period, which shows nothing", len(spring), len(want))
	}
	wantWalk(t, pages(conference.EventFilter{From: from, To: to}), 3, spring)
	a.drop(from, 3)
	left := slices.DeleteFunc(slices.Clone(want), func(e conference.RoomEvent) bool { return e.CreatedAt.Before(from) })
	wantWalk(t, pages(conference.EventFilter{}), 7, left)
}

func testPrepare(t *testing.T, a *archive) {
	now := day(2019, time.December, 31).Add(24*time.Hour - time.Microsecond)
	for range 2 {
		okay(t, "prepare", a.storage.Prepare(t.Context(), now))
	}
	var all sync.WaitGroup
	for range racers {
		all.Go(func() {
			if err := a.storage.Prepare(t.Context(), now.AddDate(0, 6, 0)); err != nil {
				t.Errorf("prepare at once: %v", err)
			}
		})
	}
	all.Wait()
	room, agent := a.roomEvents(now, now.Add(time.Microsecond)), a.agentEvents(now, now.AddDate(0, 1, 0))
	okay(t, "prepare what has events", a.storage.Prepare(t.Context(), now))
	a.wantEvents("after it", room, agent)
}

func testStorageCancelled(t *testing.T, a *archive) {
	at := day(2019, time.January, 15)
	room := a.roomEvents(at)
	wantCancelled(t, "Prepare", a.storage.Prepare(cancelled(t), at))
	_, err := a.storage.Drop(cancelled(t), at.AddDate(1, 0, 0))
	wantCancelled(t, "Drop", err)
	a.wantEvents("after it", room, nil)
}
