package postgres_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

// eventStore is a store with a room, and a connection to look behind it.
type eventStore struct {
	*postgres.Store
	*porttest.Fixtures

	t    *testing.T
	sql  *pgx.Conn
	room conference.RoomID
}

func newEventStore(t *testing.T, edit ...func(*postgres.Options)) eventStore {
	t.Helper()
	var url string
	s := pgtest.Open(t, append(edit, func(o *postgres.Options) { url = o.URL })...)
	f := porttest.NewFixtures(t, storeOf(s))
	return eventStore{Store: s, Fixtures: f, t: t, sql: connect(t, url), room: f.Room(0).ID}
}

// connect opens a connection of the test's own.
func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return conn
}

func (s eventStore) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.sql.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
}

// one is the value that a query finds.
func one[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// event is an event of the room at a moment.
func (s eventStore) event(at time.Time) conference.RoomEvent {
	return conference.RoomEvent{RoomID: s.room, Name: "transcript", Data: `{"text":"olá"}`, CreatedAt: at}
}

func (s eventStore) append(at ...time.Time) []conference.RoomEvent {
	s.t.Helper()
	var events []conference.RoomEvent
	for _, moment := range at {
		events = append(events, s.event(moment))
	}
	stored, err := s.RoomEvents.Append(s.t.Context(), events...)
	if err != nil {
		s.t.Fatalf("append: %v", err)
	}
	return stored
}

// times are those of the room's events, oldest id first.
func (s eventStore) times() []time.Time {
	s.t.Helper()
	found, err := s.RoomEvents.List(s.t.Context(), identity.AllEntities(), conference.EventFilter{RoomID: s.room}, page.Request{Limit: page.MaxLimit})
	if err != nil {
		s.t.Fatalf("list: %v", err)
	}
	var times []time.Time
	for _, v := range found.Items {
		times = append(times, v.CreatedAt)
	}
	return times
}

func (s eventStore) wantTimes(want ...time.Time) {
	s.t.Helper()
	if got := s.times(); !slices.Equal(got, want) {
		s.t.Errorf("the events are of %v, want %v", got, want)
	}
}

func moment(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
}

func TestEventsOfMonthsWithoutPartition(t *testing.T) {
	t.Parallel()
	old := []time.Time{moment(2001, time.March, 3), moment(2031, time.December, 31), moment(2001, time.March, 9)}

	t.Run("AreKeptByThemselves", func(t *testing.T) {
		t.Parallel()
		s := newEventStore(t)
		s.append(old...)
		s.append(old...)
		s.wantTimes(append(old, old...)...)
	})
	t.Run("OfAgentsAreKeptToo", func(t *testing.T) {
		t.Parallel()
		s := newEventStore(t)
		for _, at := range old {
			_, err := s.AgentSessionEvents.Append(t.Context(), conference.AgentSessionEvent{RoomID: s.room, Name: "x", Data: "{}", CreatedAt: at})
			if err != nil {
				t.Fatalf("append: %v", err)
			}
		}
		if n := one[int](t, s.sql, `SELECT count(*) FROM agent_session_events`); n != len(old) {
			t.Errorf("got %d events, want %d", n, len(old))
		}
	})
	t.Run("AreKeptInATransactionWithTheRest", func(t *testing.T) {
		t.Parallel()
		s := newEventStore(t)
		runs := 0
		err := s.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			runs++
			if _, err := r.Participants.Create(ctx, s.NewParticipant(0)); err != nil {
				return err
			}
			_, err := r.RoomEvents.Append(ctx, s.event(old[0]), s.event(old[1]))
			return err
		})
		if err != nil || runs != 2 {
			t.Fatalf("InTx: got %d runs and error %v, want 2 and none", runs, err)
		}
		s.wantTimes(old[:2]...)
		if n := one[int](t, s.sql, `SELECT count(*) FROM participants WHERE type = 'CLIENT'`); n != 1 {
			t.Errorf("got %d clients, want the one of the second run", n)
		}
	})
	t.Run("AreKeptEvenWhenTheTransactionHidesTheError", func(t *testing.T) {
		t.Parallel()
		s := newEventStore(t)
		err := s.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			if _, err := r.RoomEvents.Append(ctx, s.event(old[0])); err != nil {
				return errors.New("something of the caller's")
			}
			return nil
		})
		if err != nil {
			t.Fatalf("InTx: %v", err)
		}
		s.wantTimes(old[0])
	})
	t.Run("AppendedAtOnceAreAllKept", func(t *testing.T) {
		t.Parallel()
		s := newEventStore(t)
		const writers = 8
		failed := make(chan error, writers)
		for range writers {
			go func() {
				_, err := s.RoomEvents.Append(t.Context(), s.event(old[0]), s.event(old[1]))
				failed <- err
			}()
		}
		for range writers {
			if err := <-failed; err != nil {
				t.Errorf("append: %v", err)
			}
		}
		if got := len(s.times()); got != 2*writers {
			t.Errorf("got %d events, want %d", got, 2*writers)
		}
	})
	t.Run("OfAnUnknownRoomAreInvalid", func(t *testing.T) {
		t.Parallel()
		s := newEventStore(t)
		bad := s.event(old[0])
		bad.RoomID = 1 << 40
		_, err := s.RoomEvents.Append(t.Context(), bad)
		if errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "unknown-reference" {
			t.Errorf("got error %v, want Invalid unknown-reference", err)
		}
	})
}

// statements counts what a store asks its database.
type statements struct{ n atomic.Int64 }

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	s.n.Add(1)
	return ctx
}

func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestTheLargestBatchIsOneStatement(t *testing.T) {
	t.Parallel()
	var asked statements
	s := newEventStore(t, func(o *postgres.Options) { o.Tracer = &asked })
	if err := s.Prepare(t.Context(), s.Now()); err != nil {
		t.Fatalf("prepare: %v", err)
	}
	events := s.NewRoomEvents(s.room, conference.MaxBatch)
	for i := range events { // neither names nor times nor data are in the order of the batch
		events[i].CreatedAt = s.Now().Add(time.Duration(i*7919%conference.MaxBatch) * time.Second)
	}
	before := asked.n.Load()
	stored, err := s.RoomEvents.Append(t.Context(), events...)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	if n := asked.n.Load() - before; n != 1 {
		t.Errorf("got %d statements, want 1", n)
	}
	for i, v := range stored {
		if events[i].ID = v.ID; events[i] != v {
			t.Fatalf("event %d came back as %+v, want %+v", i, v, events[i])
		}
		if i > 0 && v.ID <= stored[i-1].ID {
			t.Fatalf("event %d has the id %d after %d", i, v.ID, stored[i-1].ID)
		}
		at := one[time.Time](t, s.sql, `SELECT created_at FROM room_events WHERE id = $1 AND created_at = $2`, int64(v.ID), v.CreatedAt)
		if !at.Equal(v.CreatedAt) {
			t.Fatalf("the id %d is of another event", v.ID)
		}
	}
}

func TestBoundsOfTimeMayHaveNanoseconds(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	at := s.Now()
	s.append(at)
	for _, c := range []struct {
		what     string
		from, to time.Time
		want     int
	}{
		{"from the moment", at, time.Time{}, 1},
		{"from a little after", at.Add(1), time.Time{}, 0},
		{"to the moment", time.Time{}, at, 0},
		{"to a little after", time.Time{}, at.Add(1), 1},
	} {
		by := conference.EventFilter{RoomID: s.room, From: c.from, To: c.to}
		found, err := s.RoomEvents.List(t.Context(), identity.AllEntities(), by, page.Request{})
		if err != nil || len(found.Items) != c.want {
			t.Errorf("%s: got %d events and error %v, want %d", c.what, len(found.Items), err, c.want)
		}
	}
}
