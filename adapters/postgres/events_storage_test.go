package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

func TestEventStorageContract(t *testing.T) {
	t.Parallel()
	porttest.RunEventStorage(t, func(t *testing.T) (porttest.Store, ports.EventStorage) {
		t.Helper()
		s := pgtest.Open(t)
		return storeOf(s), s
	})
}

func (s eventStore) drop(endedAt time.Time, want int) {
	s.t.Helper()
	months, err := s.Drop(s.t.Context(), endedAt)
	if err != nil || months != want {
		s.t.Fatalf("Drop: got %d months and error %v, want %d", months, err, want)
	}
}

// exists reports whether there is a table of the name.
func (s eventStore) exists(table string) bool {
	s.t.Helper()
	return one[bool](s.t, s.sql, `SELECT to_regclass($1::text) IS NOT NULL`, table)
}

// dropUntil begins to drop, and kills it as soon as a query is true.
func (s eventStore) dropUntil(endedAt time.Time, sql string) {
	s.t.Helper()
	ctx, kill := context.WithCancel(s.t.Context())
	defer kill()
	killed := make(chan error)
	go func() {
		_, err := s.Drop(ctx, endedAt)
		killed <- err
	}()
	for !one[bool](s.t, s.sql, sql) {
		select {
		case err := <-killed:
			s.t.Fatalf("Drop ended before %s: %v", sql, err)
		case <-time.After(time.Millisecond):
		}
	}
	kill()
	if err := <-killed; !errors.Is(err, context.Canceled) {
		s.t.Fatalf("the killed Drop: got error %v, want %v", err, context.Canceled)
	}
}

func TestPrepareMakesTheMonthAndThoseAfterIt(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	now := time.Date(2040, time.November, 30, 23, 59, 59, 0, time.FixedZone("-03", -3*60*60)) // December in UTC
	for range 2 {
		if err := s.Prepare(t.Context(), now); err != nil {
			t.Fatalf("Prepare: %v", err)
		}
	}
	for _, table := range []string{"room_events", "agent_session_events"} {
		for month, want := range map[string]bool{"204011": false, "204012": true, "204101": true, "204102": true, "204103": true, "204104": false} {
			if got := s.exists(table + "_p" + month); got != want {
				t.Errorf("%s has a partition for %s: %t, want %t", table, month, got, want)
			}
		}
	}
}

func TestDropRemovesTheMonthsThatHadEnded(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	first, second, third := moment(2003, time.January, 5), moment(2003, time.February, 5), moment(2003, time.March, 5)
	s.append(first, second, third, first)
	_, err := s.AgentSessionEvents.Append(t.Context(), conference.AgentSessionEvent{RoomID: s.room, Name: "x", Data: "{}", CreatedAt: first})
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	s.drop(time.Date(2003, time.January, 31, 23, 59, 59, 0, time.UTC), 0)
	s.wantTimes(first, second, third, first)
	s.drop(time.Date(2003, time.March, 1, 0, 0, 0, 0, time.UTC).Add(-time.Microsecond), 2) // January of both tables
	s.wantTimes(second, third)
	s.drop(time.Date(2003, time.March, 1, 0, 0, 0, 0, time.UTC), 1)
	s.wantTimes(third)
	s.drop(third, 0)
	if s.exists("room_events_p200302") || !s.exists("room_events_p200303") {
		t.Error("the partition of February is there, or that of March is not")
	}
	s.append(first) // its month is made again
	s.wantTimes(third, first)
}

func TestAMonthWithoutEventsIsDroppedAndNotCounted(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	if err := s.Prepare(t.Context(), moment(2003, time.January, 5)); err != nil {
		t.Fatalf("Prepare: %v", err)
	}
	s.drop(moment(2003, time.February, 5), 0)
	if s.exists("room_events_p200301") || s.exists("agent_session_events_p200301") || !s.exists("room_events_p200302") {
		t.Error("a partition of January is there, or that of February is not")
	}
}

func TestADropThatWasKilledIsCarriedOn(t *testing.T) {
	t.Parallel()
	old, end := moment(2003, time.January, 5), moment(2003, time.March, 1)
	const (
		detaching = `SELECT count(*) > 0 FROM pg_inherits WHERE inhdetachpending`
		detached  = `SELECT NOT relispartition FROM pg_class WHERE relname = 'room_events_p200301'`
		dropping  = `SELECT pg_advisory_xact_lock(hashtextextended('ensure_event_partition room_events', 0))` // which it waits for
	)

	t.Run("InTheMiddleOfDetaching", func(t *testing.T) {
		t.Parallel()
		s := newEventStore(t)
		s.append(old, old.AddDate(0, 1, 0), end)
		s.block(`INSERT INTO room_events (room_id, name, created_at) SELECT room_id, name, created_at FROM room_events ORDER BY id DESC LIMIT 1`, func() {
			s.dropUntil(end, detaching)
		})
		s.append(end) // nobody minds
		s.drop(end, 2)
		s.wantTimes(end, end)
		if s.exists("room_events_p200301") || one[bool](t, s.sql, detaching) {
			t.Error("the partition is still there")
		}
	})
	t.Run("BeforeDropping", func(t *testing.T) {
		t.Parallel()
		s := newEventStore(t)
		s.append(old, end)
		s.block(dropping, func() { s.dropUntil(end, detached) })
		s.wantTimes(end)
		s.drop(old, 1) // however early: it was decided before
		if s.exists("room_events_p200301") {
			t.Error("the table is still there")
		}
	})
	t.Run("UnlessAnEventBroughtTheMonthBack", func(t *testing.T) {
		t.Parallel()
		s := newEventStore(t)
		s.append(old, end)
		s.block(dropping, func() { s.dropUntil(end, detached) })
		s.append(old.AddDate(0, 0, 1))
		s.drop(old, 0)
		s.wantTimes(old, end, old.AddDate(0, 0, 1))
		s.drop(end, 1)
		s.wantTimes(end)
	})
}

// block runs fn while a transaction that has run the statement goes on, and rolls it back.
func (s eventStore) block(sql string, fn func()) {
	s.t.Helper()
	other := connect(s.t, s.sql.Config().ConnString())
	tx, err := other.Begin(s.t.Context())
	if err == nil {
		_, err = tx.Exec(s.t.Context(), sql)
	}
	if err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	fn()
	if err := tx.Rollback(s.t.Context()); err != nil {
		s.t.Fatalf("rollback: %v", err)
	}
}

func TestMonthsComeAndGoWhileRoomsAreInUse(t *testing.T) {
	t.Parallel()
	s := newEventStore(t, func(o *postgres.Options) { o.LockTimeout = 2 * time.Second })
	old, end := moment(2003, time.January, 5), moment(2003, time.March, 1)
	s.append(old)
	s.block(`LOCK TABLE rooms IN ROW EXCLUSIVE MODE`, func() {
		s.append(end)
		s.drop(end, 1)
	})
	s.wantTimes(end)
}

func TestWhatOthersDetachedIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	old, end := moment(2003, time.January, 5), moment(2003, time.March, 1)
	s.append(old, old.AddDate(0, 1, 0), end)
	s.exec(`ALTER TABLE room_events DETACH PARTITION room_events_p200301`)
	s.exec(`COMMENT ON TABLE room_events_p200301 IS 'our archive'`)
	s.exec(`CREATE TABLE room_events_p200212 (LIKE room_events)`)
	s.drop(end, 1)
	if !s.exists("room_events_p200301") || !s.exists("room_events_p200212") || s.exists("room_events_p200302") {
		t.Error("a table of others is gone, or the old partition is there")
	}
	s.wantTimes(end)
}

func TestDroppingByTwoAtOnce(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	first, end := moment(2003, time.January, 5), moment(2003, time.June, 1)
	s.append(first, first.AddDate(0, 1, 0), first.AddDate(0, 2, 0), first.AddDate(0, 3, 0), end)
	var all sync.WaitGroup
	dropped := make([]int, 2)
	for i := range dropped {
		all.Go(func() {
			var err error
			if dropped[i], err = s.Drop(t.Context(), end); err != nil {
				t.Errorf("Drop: %v", err)
			}
		})
	}
	all.Wait()
	if dropped[0]+dropped[1] != 4 {
		t.Errorf("got %v months, want 4 together", dropped)
	}
	s.wantTimes(end)
}

func TestAppendingAndReadingGoOnWhileMonthsAreDropped(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	const months, writers = 6, 4
	first := moment(2003, time.January, 5)
	end := first.AddDate(0, months, 0)
	var old []time.Time
	for i := range months {
		old = append(old, first.AddDate(0, i, 0))
	}
	s.append(old...)

	done := make(chan struct{})
	kept := make([]int, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				event := s.event(end.AddDate(0, n%2, 0))
				record := func(ctx context.Context, r ports.RoomEventRepository) error {
					_, err := r.Append(ctx, event, event)
					return err
				}
				var err error
				if n%3 == 0 { // together with a change of the room
					err = s.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
						_, err := r.Rooms.Update(ctx, identity.AllEntities(), s.room, func(v *conference.Room) error { v.Name = "Outra"; return nil })
						if err != nil {
							return err
						}
						return record(ctx, r.RoomEvents)
					})
				} else {
					err = record(t.Context(), s.RoomEvents)
				}
				if err != nil {
					t.Errorf("append: %v", err)
					return
				}
				kept[i] += 2
			}
		})
	}
	all.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			for _, newest := range []bool{false, true} {
				by := conference.EventFilter{RoomID: s.room, Newest: newest}
				if _, err := s.RoomEvents.List(t.Context(), identity.AllEntities(), by, page.Request{}); err != nil {
					t.Errorf("list: %v", err)
					return
				}
			}
		}
	})
	dropped, err := s.Drop(t.Context(), end)
	close(done)
	all.Wait()
	if err != nil || dropped != months {
		t.Errorf("Drop: got %d months and error %v, want %d", dropped, err, months)
	}
	want := 0
	for _, n := range kept {
		want += n
	}
	if got := one[int](t, s.sql, `SELECT count(*) FROM room_events`); got != want {
		t.Errorf("got %d events, want %d", got, want)
	}
}

func TestEventsMayComeToAMonthThatIsBeingDropped(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	old, end := moment(2003, time.January, 5), moment(2003, time.March, 1)
	var all sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := s.RoomEvents.Append(t.Context(), s.event(old)); err != nil && errs.KindOf(err) != errs.Unavailable {
					t.Errorf("append: %v", err)
					return
				}
			}
		})
	}
	for range 4 {
		if _, err := s.Drop(t.Context(), end); err != nil {
			t.Errorf("Drop: %v", err)
		}
	}
	close(done)
	all.Wait()
}

func TestEventStorageIsOutsideOfTransactions(t *testing.T) {
	t.Parallel()
	s := newEventStore(t)
	err := s.InTx(t.Context(), func(ctx context.Context, _ ports.Repositories) error {
		if _, err := s.Drop(ctx, s.Now()); errs.CodeOf(err) != "outside-transaction" {
			t.Errorf("Drop: got error %v, want outside-transaction", err)
		}
		if err := s.Prepare(ctx, s.Now()); errs.CodeOf(err) != "outside-transaction" {
			t.Errorf("Prepare: got error %v, want outside-transaction", err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("InTx: %v", err)
	}
}
