package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
)

// The tables of events, which are partitioned by month.
const (
	roomEventTable  = "room_events"
	agentEventTable = "agent_session_events"
)

func eventTables() []string { return []string{roomEventTable, agentEventTable} }

type roomEvents struct{ session }

func (r roomEvents) Append(ctx context.Context, events ...conference.RoomEvent) ([]conference.RoomEvent, error) {
	return appendEvents(ctx, r.session, roomEventTable, roomEventFields, events)
}

func (r roomEvents) List(ctx context.Context, scope identity.Scope, f conference.EventFilter, req page.Request) (page.Page[conference.RoomEvent], error) {
	return listEvents(ctx, r.session, roomEventTable, roomEventFields, scope, f, req)
}

type agentSessionEvents struct{ session }

func (r agentSessionEvents) Append(ctx context.Context, events ...conference.AgentSessionEvent) ([]conference.AgentSessionEvent, error) {
	return appendEvents(ctx, r.session, agentEventTable, agentEventFields, events)
}

func (r agentSessionEvents) List(ctx context.Context, scope identity.Scope, f conference.EventFilter, req page.Request) (page.Page[conference.AgentSessionEvent], error) {
	return listEvents(ctx, r.session, agentEventTable, agentEventFields, scope, f, req)
}

// eventFields are where an event of either kind keeps what is stored of it.
type eventFields struct {
	id   *int64
	room *int64
	name *string
	data *jsonobj.Object
	at   *time.Time
}

func roomEventFields(v *conference.RoomEvent) eventFields {
	return eventFields{(*int64)(&v.ID), (*int64)(&v.RoomID), &v.Name, &v.Data, &v.CreatedAt}
}

func agentEventFields(v *conference.AgentSessionEvent) eventFields {
	return eventFields{(*int64)(&v.ID), (*int64)(&v.RoomID), &v.Name, &v.Data, &v.CreatedAt}
}

// appendEvents is one statement, however many events there are. A month that has no partition yet is for the session,
// which has it made and repeats.
func appendEvents[T any](ctx context.Context, s session, table string, fields func(*T) eventFields, events []T) ([]T, error) {
	stored := slices.Clone(events) // but for the ids the caller has it all already
	var (
		inRoom = make([]int64, len(stored))
		names  = make([]string, len(stored))
		data   = make([]string, len(stored))
		times  = make([]time.Time, len(stored))
	)
	for i := range stored {
		v := fields(&stored[i])
		*v.at = v.at.UTC().Truncate(time.Microsecond)
		inRoom[i], names[i], data[i], times[i] = *v.room, *v.name, string(*v.data), *v.at
	}
	// The ids are drawn after the sort, so they rise in the events' order; and after the turns were taken, of which the
	// first row needs to know. The turns read the rooms so that the lock of that table, which the check of the reference
	// needs, is taken before: who has a turn must not wait for somebody who waits, behind a third, for the turn.
	sql := `WITH turns AS MATERIALIZED (
			SELECT count(pg_advisory_xact_lock(key)) AS taken
			FROM (SELECT key FROM unnest($5::bigint[]) AS key JOIN rooms ON rooms.id = key & ((1::bigint << 60) - 1) ORDER BY key) AS sorted)
		INSERT INTO ` + table + ` (room_id, name, data, created_at)
		SELECT room_id, name, data, created_at
		FROM unnest($1::bigint[], $2::text[], $3::jsonb[], $4::timestamptz[]) WITH ORDINALITY AS e (room_id, name, data, created_at, n)
		WHERE (SELECT taken FROM turns) >= 0
		ORDER BY n RETURNING id`
	turns := turns(table, inRoom)
	err := s.statement(ctx, func(q querier) error {
		if len(stored) == 0 {
			return nil
		}
		rows, err := q.Query(ctx, sql, inRoom, names, data, times, turns)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if noPartition(err, table) {
			return &partitionError{table: table, months: monthsOf(times), err: err}
		}
		if err != nil {
			return err
		}
		slices.Sort(ids) // nothing promises that they are returned in the order they were drawn
		for i, id := range ids {
			*fields(&stored[i]).id = id
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return stored, nil
}

// listEvents reads a room's events by (room_id, id); bounds of time leave other months' partitions out.
func listEvents[T any](ctx context.Context, s session, table string, fields func(*T) eventFields, scope identity.Scope, f conference.EventFilter, req page.Request) (page.Page[T], error) {
	var where conditions
	where.ofRoom(f.RoomID, scope)
	wanted(&where, "name", f.Name)
	if !f.From.IsZero() {
		where.add("created_at >= ?", upToMicrosecond(f.From))
	}
	if !f.To.IsZero() {
		where.add("created_at < ?", upToMicrosecond(f.To))
	}
	id := func(event T) string { return formatInt(*fields(&event).id) }
	sorted := byID(id)
	if f.Newest {
		sorted = byIDBack(id)
	}
	return list(ctx, s, req, listing[T]{
		list: page.Fingerprint(table, scope, f), scope: scope,
		from: `SELECT id, room_id, name, data::text, created_at FROM ` + table, where: &where, sorting: sorted,
		scan: roomedFields(fields),
	})
}

// upToMicrosecond is the first moment that the database can hold and is not before t: as a bound it means the same.
func upToMicrosecond(t time.Time) time.Time {
	return t.Add(time.Microsecond - 1).Truncate(time.Microsecond)
}
