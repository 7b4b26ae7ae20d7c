package migration_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

const selectPartitions = `SELECT c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid)
  FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = $1::text::regclass ORDER BY c.relname`

func TestMigratingMakesThePartitionsOfThisMonthAndTheNext(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	for _, table := range []string{"room_events", "agent_session_events"} {
		want := column[string](t, db, `SELECT $1 || '_p' || to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i), 'YYYYMM')
  FROM generate_series(0, 3) AS i`, table)
		got := column[string](t, db, `SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = $1::text::regclass ORDER BY 1`, table)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("partitions of %s (-want +got):\n%s", table, diff)
		}
		if one[bool](t, db, "SELECT partdefid <> 0 FROM pg_partitioned_table WHERE partrelid = $1::text::regclass", table) {
			t.Errorf("%s has a default partition", table)
		}
	}
}

// ensure makes the partition of a moment for room events, in a session of some time zone.
func ensure(t *testing.T, db *pgxpool.Pool, at string) bool {
	t.Helper()
	return one[bool](t, db, "SELECT ensure_event_partition('room_events', $1::text::timestamptz)", at)
}

func TestAPartitionIsAMonthInUTC(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	db := connect(t, withParameter(t, database, "timezone", "Pacific/Auckland")) // where months begin at other moments
	if !ensure(t, db, "2025-02-28T23:59:59.999999Z") || !ensure(t, db, "2025-03-01T00:00:00Z") || !ensure(t, db, "2024-12-31T23:59:59Z") {
		t.Error("a partition was there already")
	}
	if ensure(t, db, "2025-02-01T00:00:00Z") || ensure(t, db, "2025-03-31T23:59:59.999999Z") || ensure(t, db, "2024-12-01T00:00:00Z") {
		t.Error("a second partition was made for a month")
	}
	utc := connect(t, withParameter(t, database, "timezone", "UTC")) // writes the bounds in it
	got := column[string](t, utc, selectPartitions, "room_events")
	want := []string{
		"room_events_p202412 FOR VALUES FROM ('2024-12-01 00:00:00+00') TO ('2025-01-01 00:00:00+00')",
		"room_events_p202502 FOR VALUES FROM ('2025-02-01 00:00:00+00') TO ('2025-03-01 00:00:00+00')",
		"room_events_p202503 FOR VALUES FROM ('2025-03-01 00:00:00+00') TO ('2025-04-01 00:00:00+00')",
	}
	if diff := cmp.Diff(want, got[:min(3, len(got))]); diff != "" {
		t.Errorf("partitions (-want +got):\n%s", diff)
	}
}

func TestPartitionsAreMadeAheadOfAnyMoment(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	made := func() int {
		return one[int](t, db, "SELECT ensure_month_partitions(p_parent => 'agent_session_events', p_months_ahead => 2, p_now => '2020-12-31T23:00:00-03')")
	}
	if got := made(); got != 3 {
		t.Errorf("made %d partitions, want 3", got)
	}
	if got := made(); got != 0 {
		t.Errorf("made %d partitions again, want 0", got)
	}
	got := column[string](t, db, `SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'agent_session_events'::regclass ORDER BY 1 LIMIT 3`)
	want := []string{"agent_session_events_p202101", "agent_session_events_p202102", "agent_session_events_p202103"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("partitions (-want +got):\n%s", diff)
	}
}

func TestAPartitionHasTheIndexes(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	ensure(t, db, "2025-02-01T00:00:00Z")
	const count = `SELECT count(*) FROM pg_index WHERE indrelid = $1::text::regclass`
	parent, child := one[int](t, db, count, "room_events"), one[int](t, db, count, "room_events_p202502")
	if parent != child || parent < 4 {
		t.Errorf("the table has %d indexes and its partition %d, want the same", parent, child)
	}
	exec(t, db, "INSERT INTO room_events (room_id, name, created_at) VALUES (1, 'x', '2025-02-14')")
	exec(t, db, "INSERT INTO room_events_p202502 (room_id, name, created_at) VALUES (1, 'straight into it', '2025-02-15')")
	if _, err := db.Exec(t.Context(), "INSERT INTO room_events (room_id, name, created_at) VALUES (1, 'x', '1999-02-14')"); sqlState(err) != "23514" {
		t.Errorf("an event of a month without partition: %v, want SQLSTATE 23514", err)
	}
}

// Events point at rooms, and no foreign key looks after them.
func TestRoomsAreNeverRemoved(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	exec(t, db, "INSERT INTO rooms (id, name) VALUES (1, 'r')")
	for _, statement := range []string{
		"DELETE FROM rooms",
		"TRUNCATE rooms CASCADE",
		"TRUNCATE entities CASCADE",
		"UPDATE rooms SET id = 2 WHERE id = 1",
		"INSERT INTO rooms (id, name) VALUES (1, 'r') ON CONFLICT (id) DO UPDATE SET id = 2",
	} {
		if _, err := db.Exec(t.Context(), statement); sqlState(err) != "23001" {
			t.Errorf("%s: %v, want SQLSTATE 23001", statement, err)
		}
	}
	exec(t, db, "UPDATE rooms SET name = 's'")
	exec(t, db, "INSERT INTO rooms (id, name) VALUES (1, 'r') ON CONFLICT (id) DO UPDATE SET name = 't'")
	if got := column[string](t, db, "SELECT id || name FROM rooms"); !slices.Equal(got, []string{"1t"}) {
		t.Errorf("rooms %q, want the one that was there", got)
	}
}

func sqlState(err error) string {
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refusal.Code
	}
	return ""
}

func TestOneOfManyMakesAPartition(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	exec(t, db, "INSERT INTO rooms (id, name) VALUES (1, 'r')")
	const many = 8
	type result struct {
		made bool
		err  error
	}
	results := make(chan result)
	for range many {
		go func() {
			var r result
			r.err = db.QueryRow(t.Context(), "SELECT ensure_event_partition('room_events', '2025-02-14')").Scan(&r.made)
			results <- r
		}()
	}
	makers := 0
	for range many {
		r := <-results
		if r.err != nil {
			t.Error(r.err)
		}
		if r.made {
			makers++
		}
	}
	if makers != 1 {
		t.Errorf("%d made it, want 1", makers)
	}
}

// Neither events nor the rooms that they are of wait for a partition to be made.
func TestEventsAreAppendedWhileAPartitionIsMade(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	exec(t, db, "INSERT INTO rooms (id, name) VALUES (1, 'r')")
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), "SELECT ensure_event_partition('room_events', '2025-02-14')"); err != nil {
		t.Fatal(err)
	}
	other, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback(context.WithoutCancel(t.Context())) }()
	for _, statement := range []string{
		"SET LOCAL lock_timeout = '100ms'",
		"INSERT INTO room_events (room_id, name) VALUES (1, 'x')",
		"SELECT FROM room_events",
		"UPDATE rooms SET name = 's'",
		"INSERT INTO rooms (id, name) VALUES (2, 'r')",
	} {
		if _, err := other.Exec(t.Context(), statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestAPartitionThatWasDetachedComesBack(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	exec(t, db, "INSERT INTO rooms (id, name) VALUES (1, 'r')")
	ensure(t, db, "2025-02-14T00:00:00Z")
	exec(t, db, "INSERT INTO room_events (room_id, name, created_at) VALUES (1, 'kept', '2025-02-14')")
	exec(t, db, "ALTER TABLE room_events DETACH PARTITION room_events_p202502")
	if !ensure(t, db, "2025-02-14T00:00:00Z") {
		t.Error("it was said to be there")
	}
	if got := column[string](t, db, "SELECT name FROM room_events"); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("events %q, want the one that it held", got)
	}
}

func TestWhatIsNoMonthOrNoPartitionedTableIsRefused(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	for query, want := range map[string]string{
		"SELECT ensure_event_partition('rooms', now())":            "42809",
		"SELECT ensure_event_partition('room_events', NULL)":       "22023",
		"SELECT ensure_event_partition('room_events', 'infinity')": "22023",
	} {
		if _, err := db.Exec(t.Context(), query); sqlState(err) != want {
			t.Errorf("%s: %v, want SQLSTATE %s", query, err, want)
		}
	}
}

func TestUpdatedAtFollowsChanges(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	exec(t, db, "INSERT INTO entities (id, name, instructions, updated_at) VALUES (1, 'a', '{\"k\": 1}', '2020-01-01T00:00:00Z')")
	long := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	updated := func(change string) time.Time {
		t.Helper()
		return one[time.Time](t, db, "UPDATE entities SET "+change+" WHERE id = 1 RETURNING updated_at")
	}
	if got := updated("name = 'a', instructions = '{\"k\":1}'"); !got.Equal(long) {
		t.Errorf("after a statement that changed nothing: %v, want %v", got, long)
	}
	if got := updated("name = 'b'"); time.Since(got).Abs() > time.Hour {
		t.Errorf("after a change: %v, want about now", got)
	}
	said := time.Date(2021, 5, 5, 5, 5, 5, 0, time.UTC)
	if got := updated("name = 'c', updated_at = '2021-05-05T05:05:05Z'"); !got.Equal(said) {
		t.Errorf("after a change that says when: %v, want %v", got, said)
	}
}

func TestUpdatedAtOfASessionThatEndedFollowsChanges(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	exec(t, db, "INSERT INTO rooms (id, name) VALUES (1, 'r')")
	exec(t, db, "INSERT INTO participants (id, name, type, phone_number) VALUES (1, 'p', 'AGENT', '1')")
	exec(t, db, `INSERT INTO agent_usages (id, room_id, participant_id, session_start, session_end, total_tokens_input, updated_at)
  VALUES (1, 1, 1, '2020-01-01T00:00:00Z', '2020-01-01T00:01:00Z', 7, '2020-01-01T00:01:00Z')`)
	long := time.Date(2020, 1, 1, 0, 1, 0, 0, time.UTC)
	updated := func(change string) time.Time {
		t.Helper()
		return one[time.Time](t, db, "UPDATE agent_usages SET "+change+" WHERE id = 1 RETURNING updated_at")
	}
	if got := updated("total_tokens_input = 7"); !got.Equal(long) {
		t.Errorf("after a statement that changed nothing: %v, want %v", got, long)
	}
	if got := updated("total_tokens_input = 8"); time.Since(got).Abs() > time.Hour {
		t.Errorf("after a change: %v, want about now", got)
	}
}

func TestTheDurationIsOfWholeSeconds(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	exec(t, db, "INSERT INTO rooms (id, name) VALUES (1, 'r')")
	exec(t, db, "INSERT INTO participants (id, name, type, phone_number) VALUES (1, 'p', 'AGENT', '1')")
	const start = "2026-03-09T10:00:00.6Z"
	if got := one[*int](t, db, `INSERT INTO agent_usages (id, room_id, participant_id, session_start, duration_seconds)
  VALUES (1, 1, 1, $1::text::timestamptz, 99) RETURNING duration_seconds`, start); got != nil {
		t.Errorf("while it goes on: %d, want NULL", *got)
	}
	for _, c := range []struct {
		name, change string
		want         int
	}{
		{"Ended", "session_end = '2026-03-09T10:45:01.5Z'", 2700},
		{"AtOnce", "session_end = session_start", 0},
		{"Forged", "duration_seconds = 7", 0},
		{"NearlyASecond", "session_end = session_start + interval '999999 microseconds'", 0},
		{"Days", "session_end = session_start + interval '3 days 1 second'", 3*86400 + 1},
		{"StartMoved", "session_start = session_start + interval '1 day'", 2*86400 + 1},
	} {
		if got := one[int](t, db, "UPDATE agent_usages SET "+c.change+" WHERE id = 1 RETURNING duration_seconds"); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if got := one[*int](t, db, "UPDATE agent_usages SET session_end = NULL WHERE id = 1 RETURNING duration_seconds"); got != nil {
		t.Errorf("taken up again: %d, want NULL", *got)
	}
	_, err := db.Exec(t.Context(), "UPDATE agent_usages SET session_end = session_start - interval '1 second' WHERE id = 1")
	if sqlState(err) != "23514" || !strings.Contains(err.Error(), "agent_usages_end_after_start") {
		t.Errorf("an end before the start: %v, want a violation of agent_usages_end_after_start", err)
	}
}

func TestHeldAndConfirmedAppointmentsDoNotOverlap(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	const tenant, ana, rui = "10000000-0000-4000-8000-000000000001", "20000000-0000-4000-8000-000000000001", "20000000-0000-4000-8000-000000000002"
	exec(t, db, "INSERT INTO entities (id, name) VALUES (1, 'e')")
	exec(t, db, "INSERT INTO professionals (id, name, phone_number) VALUES (1, 'Ana', '1'), (2, 'Rui', '2')")
	exec(t, db, "INSERT INTO tenant_config (tenant_id, entity_id, tenant_name) VALUES ($1, 1, 'e')", tenant)
	exec(t, db, `INSERT INTO clinic_professionals (professional_id, tenant_id, entity_id, directory_professional_id, professional_name, professional_slug, specialty, google_calendar_id)
  VALUES ($2, $1, 1, 1, 'Ana', 'ana', 's', 'a'), ($3, $1, 1, 2, 'Rui', 'rui', 's', 'r')`, tenant, ana, rui)
	calendars := map[string]string{ana: "a", rui: "r"}
	book := func(professional, status, from, to, blocked string) error {
		_, err := db.Exec(t.Context(), `INSERT INTO appointments (appointment_id, tenant_id, entity_id, professional_id, google_calendar_id, patient_name, blocked_from, starts_at, ends_at, blocked_until, status)
  VALUES (gen_random_uuid(), $1, 1, $2, $7, 'p', $3::text::timestamptz, $3::text::timestamptz, $4::text::timestamptz, $5::text::timestamptz, $6::text::appointment_status)`,
			tenant, professional, "2026-03-09T"+from+"Z", "2026-03-09T"+to+"Z", "2026-03-09T"+blocked+"Z", status, calendars[professional])
		return err
	}
	for _, c := range []struct {
		name, professional, status, from, to, blocked string
		refused                                       bool
	}{
		{"First", ana, "confirmed", "10:00", "10:30", "10:40", false},
		{"InTheBuffer", ana, "held", "10:35", "11:05", "11:15", true},
		{"RightAfterTheBuffer", ana, "held", "10:40", "11:10", "11:20", false},
		{"OwnBufferReachesTheNext", ana, "confirmed", "09:25", "09:55", "10:05", true},
		{"RightBefore", ana, "confirmed", "09:20", "09:50", "10:00", false},
		{"Cancelled", ana, "cancelled", "10:00", "10:30", "10:40", false},
		{"Expired", ana, "expired", "10:00", "10:30", "10:40", false},
		{"OfSomebodyElse", rui, "held", "10:00", "10:30", "10:40", false},
	} {
		err := book(c.professional, c.status, c.from, c.to, c.blocked)
		if refused := sqlState(err) == "23P01"; refused != c.refused || err != nil && !refused {
			t.Errorf("%s: %v, want refused: %t", c.name, err, c.refused)
		}
	}
	calendars[rui] = "a"
	if err := book(rui, "confirmed", "15:00", "15:30", "15:30"); sqlState(err) != "23503" || !strings.Contains(err.Error(), "appointments_calendar_fkey") {
		t.Errorf("an appointment of Rui's on Ana's calendar: %v, want a violation of appointments_calendar_fkey", err)
	}
	_, err := db.Exec(t.Context(), "UPDATE appointments SET status = 'held' WHERE status = 'expired'")
	if sqlState(err) != "23P01" {
		t.Errorf("an expired one that is held again: %v, want it to be refused", err)
	}
}
