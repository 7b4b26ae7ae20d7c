package postgres_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// crowd has each event appended by a call of its own while nobody can, and returns what became of each.
func (s eventStore) crowd(events ...conference.RoomEvent) (stored []conference.RoomEvent, failed []error) {
	s.t.Helper()
	stored, failed = make([]conference.RoomEvent, len(events)), make([]error, len(events))
	var all sync.WaitGroup
	s.block(`LOCK TABLE room_events IN ACCESS EXCLUSIVE MODE`, func() {
		for i, e := range events {
			all.Go(func() {
				got, err := s.RoomEvents.Append(s.t.Context(), e)
				if failed[i] = err; err == nil {
					stored[i] = got[0]
				}
			})
		}
		time.Sleep(50 * time.Millisecond)
	})
	all.Wait()
	return stored, failed
}

func TestEventsThatWaitAtTheSameMomentShareAStatement(t *testing.T) {
	t.Parallel()
	var asked statements
	s := newEventStore(t, func(o *postgres.Options) { o.Tracer = &asked })
	if err := s.Prepare(t.Context(), s.Now()); err != nil {
		t.Fatalf("prepare: %v", err)
	}
	var events []conference.RoomEvent
	for range 40 {
		events = append(events, s.NewRoomEvents(s.Room(0).ID, 1)...)
	}
	before := asked.n.Load()
	stored, failed := s.crowd(events...)
	for i, v := range stored {
		if events[i].ID = v.ID; failed[i] != nil || events[i] != v {
			t.Errorf("event %d came back as %+v and error %v, want %+v", i, v, failed[i], events[i])
		}
	}
	if n := asked.n.Load() - before; n > 8 {
		t.Errorf("got %d statements for %d events", n, len(events))
	}
}

func TestAnEventThatIsRefusedIsRefusedAlone(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	var events []conference.RoomEvent
	for i := range 20 {
		events = append(events, s.event(s.Now()))
		switch i {
		case 7:
			events[i].Data = `{"text":"\u0000"}` // which PostgreSQL's JSON cannot hold
		case 9:
			events[i].RoomID = 1 << 40
		}
	}
	_, failed := s.crowd(events...)
	for i, err := range failed {
		want := map[int]string{7: "invalid-value", 9: "unknown-reference"}[i]
		if errs.CodeOf(err) != want || want == "" && err != nil {
			t.Errorf("event %d: got error %v, want %q", i, err, want)
		}
	}
	if got := len(s.times()); got != len(events)-2 {
		t.Errorf("got %d events, want %d", got, len(events)-2)
	}
}

func TestWhoWaitsForARoomHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	other := s.Room(0).ID
	s.append(s.Now())
	waited := make(chan error, 1)
	var late []conference.RoomEvent
	err := s.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		if _, err := r.RoomEvents.Append(ctx, s.event(s.Now())); err != nil {
			return err
		}
		go func() {
			var err error
			late, err = s.RoomEvents.Append(t.Context(), s.event(s.Now()))
			waited <- err
		}()
		for range 20 {
			e := s.event(s.Now())
			e.RoomID = other
			if _, err := s.RoomEvents.Append(t.Context(), e); err != nil {
				return err
			}
		}
		select {
		case err := <-waited:
			t.Errorf("an event was appended out of turn, with error %v", err)
		case <-time.After(20 * time.Millisecond):
		}
		_, err := r.RoomEvents.Append(ctx, s.event(s.Now()))
		return err
	})
	if err != nil {
		t.Fatalf("InTx: %v", err)
	}
	if err := <-waited; err != nil {
		t.Fatalf("append: %v", err)
	}
	last := one[int64](t, s.sql, `SELECT max(id) FROM room_events WHERE room_id = $1`, int64(s.room))
	if len(late) != 1 || int64(late[0].ID) != last {
		t.Errorf("the event that waited is %+v, want the last of the room, %d", late, last)
	}
}

// A plan of their own for each call would take PostgreSQL longer than the statements do.
func TestAppendingIsPlannedForAnyNumberOfEvents(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	s.append(s.Now()) // its month is there
	for _, sql := range postgres.AppendStatements() {
		for n := range 20 {
			rooms := slices.Repeat([]int64{int64(s.room)}, 1+n%3)
			names, data := slices.Repeat([]string{"x"}, len(rooms)), slices.Repeat([]string{"{}"}, len(rooms))
			s.exec(sql, rooms, names, data, slices.Repeat([]time.Time{s.Now()}, len(rooms)), rooms[:1])
		}
		anew := one[int](t, s.sql, `SELECT custom_plans FROM pg_prepared_statements WHERE statement = $1`, sql)
		if anew > 5 { // before PostgreSQL tries the other way
			t.Errorf("planned anew %d times of 20:\n%s", anew, sql)
		}
	}
}

func TestWhatWaitsIsAppendedBeforeTheStoreCloses(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	s.append(s.Now())
	const writers = 32
	var all, begun sync.WaitGroup
	begun.Add(writers)
	failed := make([]error, writers)
	for i := range writers {
		all.Go(func() {
			begun.Done()
			_, failed[i] = s.RoomEvents.Append(t.Context(), s.event(s.Now()))
		})
	}
	begun.Wait()
	s.Close()
	all.Wait()
	kept := 1
	for _, err := range failed {
		if err == nil {
			kept++
		}
	}
	if got := one[int](t, s.sql, `SELECT count(*) FROM room_events`); got != kept {
		t.Errorf("got %d events, want the %d that were acknowledged", got, kept)
	}
}
