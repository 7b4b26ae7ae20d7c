package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/gather"
)

// appender appends events of one kind, all or none, and returns their ids, which rise.
type appender interface {
	append(ctx context.Context, rows eventRows) ([]int64, error)
}

// eventRows are events, column by column, as a statement takes them.
type eventRows struct {
	rooms []int64
	names []string
	data  []string
	times []time.Time
}

// inRooms are the rooms that the events are in, each once, sorted.
func (r eventRows) inRooms() []int64 {
	rooms := slices.Clone(r.rooms)
	slices.Sort(rooms)
	return slices.Compact(rooms)
}

// appendEvents is one statement at most, however many events there are.
func appendEvents[T any](ctx context.Context, to appender, fields func(*T) eventFields, events []T) ([]T, error) {
	stored := slices.Clone(events) // but for the ids the caller has it all already
	rows := eventRows{make([]int64, len(stored)), make([]string, len(stored)), make([]string, len(stored)), make([]time.Time, len(stored))}
	for i := range stored {
		v := fields(&stored[i])
		*v.at = v.at.UTC().Truncate(time.Microsecond)
		rows.rooms[i], rows.names[i], rows.data[i], rows.times[i] = *v.room, *v.name, string(*v.data), *v.at
	}
	ids, err := to.append(ctx, rows)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		*fields(&stored[i]).id = id
	}
	return stored, nil
}

// appendStatement is an INSERT of the events of which a condition is true. Its argument $5 is for the condition, the rooms of
// the events. The ids are drawn after the sort, so they rise in the events' order; and after the condition has taken the
// turns, see [turn].
func appendStatement(table, condition string) string {
	return `INSERT INTO ` + table + ` (room_id, name, data, created_at)
		SELECT room_id, name, data, created_at
		FROM unnest($1::bigint[], $2::text[], $3::jsonb[], $4::timestamptz[]) WITH ORDINALITY AS e (room_id, name, data, created_at, n)
		WHERE ` + condition + ` ORDER BY n RETURNING room_id, id`
}

// theRooms hides from the planner how many rooms there are: for few of them it would think a plan of their own the cheaper
// one, and make it each time anew, which takes longer than the statement.
const theRooms = `(SELECT $5::bigint[])`

// turn is the key of the advisory lock by which those who append to a room take turns. Whoever has a turn keeps it until the
// commit is visible, so ids of a room, which are drawn under it, become visible in their order.
func turn(table string) string {
	class := int64(roomEventLock)
	if table == agentEventTable {
		class = agentEventLock
	}
	return formatInt(class<<60) + ` | room`
}

// insertEvents runs a statement made by appendStatement. It returns the ids in the events' order, and the rooms that took
// theirs. A month that has no partition yet is for the session, which has it made and repeats.
func insertEvents(ctx context.Context, q querier, table, sql string, rows eventRows) (ids []int64, taken map[int64]bool, err error) {
	if len(rows.rooms) == 0 {
		return nil, nil, nil
	}
	rooms := rows.inRooms()
	result, err := q.Query(ctx, sql, rows.rooms, rows.names, rows.data, rows.times, rooms)
	if err != nil {
		return nil, nil, err
	}
	ids, taken = make([]int64, 0, len(rows.rooms)), make(map[int64]bool, len(rooms))
	var room, id int64
	_, err = pgx.ForEachRow(result, []any{&room, &id}, func() error {
		ids, taken[room] = append(ids, id), true
		return nil
	})
	if noPartition(err, table) {
		err = &partitionError{table: table, months: monthsOf(rows.times), err: err}
	}
	slices.Sort(ids) // nothing promises that they are returned in the order they were drawn
	return ids, taken, err
}

// alone appends by a statement of the session's own.
type alone struct {
	session
	table string
}

// aloneStatement appends all events or, if one of the rooms is not there, none. It waits for the turns of all rooms in their
// order, so that no two who wait hold each other up.
func aloneStatement(table string) string {
	return appendStatement(table, `(SELECT count(pg_advisory_xact_lock(`+turn(table)+`)) FROM (
			SELECT id AS room FROM rooms WHERE id = ANY (`+theRooms+`::bigint[]) ORDER BY id) AS known) = cardinality($5::bigint[])`)
}

func (a alone) append(ctx context.Context, rows eventRows) ([]int64, error) {
	var ids []int64
	err := a.statement(ctx, func(q querier) (err error) {
		ids, _, err = insertEvents(ctx, q, a.table, aloneStatement(a.table), rows)
		if err == nil && len(ids) < len(rows.rooms) {
			err = unknownReference(nil)
		}
		return err
	})
	return ids, err
}

// mostGathered is how many events a call may have to share a statement: more are worth one of their own.
const mostGathered = 16

// gathered appends outside of transactions. Calls of a few events that wait at the same moment share a statement.
type gathered struct {
	alone

	store *Store
	group *gather.Group[eventRows, []int64]
}

func newGathered(s *Store, table string) gathered {
	return gathered{alone{s, table}, s, gather.New(func(ctx context.Context, calls []eventRows) ([][]int64, error) {
		return share(ctx, s, table, calls)
	})}
}

// append appends in a statement with others, or alone when the room's turn was somebody else's, or something was wrong with
// what is in the statement.
func (g gathered) append(ctx context.Context, rows eventRows) ([]int64, error) {
	if err := g.store.outside(ctx); err != nil {
		return nil, err
	}
	if len(rows.rooms) > mostGathered || len(rows.inRooms()) != 1 {
		return g.alone.append(ctx, rows)
	}
	ids, err := g.group.Do(ctx, rows)
	refusal, refused := errors.AsType[*pgconn.PgError](err)
	switch {
	case ids != nil:
		return ids, nil
	case err == nil, errors.Is(err, gather.ErrNotTaken), refused && refusal.Severity == "ERROR" && errs.KindOf(err) != errs.Unavailable:
		return g.alone.append(ctx, rows)
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return nil, unavailable("database-busy", "the database is too busy", err)
	}
	return nil, err
}

// sharedStatement appends the events of those rooms that are there, and whose turn is nobody else's: it waits for none.
func sharedStatement(table string) string {
	return appendStatement(table, `room_id = ANY (ARRAY(SELECT room FROM unnest(`+theRooms+`) AS room
			WHERE CASE WHEN EXISTS (SELECT FROM rooms WHERE id = room) THEN pg_try_advisory_xact_lock(`+turn(table)+`) END))`)
}

// share appends the events of several calls, each of one room, in one statement. The ids of a call are nil when nothing of
// its room was appended.
func share(ctx context.Context, s session, table string, calls []eventRows) ([][]int64, error) {
	var rows eventRows
	for _, c := range calls {
		rows.rooms, rows.names = append(rows.rooms, c.rooms...), append(rows.names, c.names...)
		rows.data, rows.times = append(rows.data, c.data...), append(rows.times, c.times...)
	}
	var left []int64
	var taken map[int64]bool
	err := s.statement(ctx, func(q querier) (err error) {
		left, taken, err = insertEvents(ctx, q, table, sharedStatement(table), rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	ids := make([][]int64, len(calls))
	for i, c := range calls {
		if taken[c.rooms[0]] {
			n := len(c.rooms)
			ids[i], left = left[:n:n], left[n:]
		}
	}
	return ids, nil
}
