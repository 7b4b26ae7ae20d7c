package postgres

import (
	"context"
	"time"

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

type roomEvents struct {
	session
	appender
}

func (r roomEvents) Append(ctx context.Context, events ...conference.RoomEvent) ([]conference.RoomEvent, error) {
	return appendEvents(ctx, r.appender, roomEventFields, events)
}

func (r roomEvents) List(ctx context.Context, scope identity.Scope, f conference.EventFilter, req page.Request) (page.Page[conference.RoomEvent], error) {
	return listEvents(ctx, r.session, roomEventTable, roomEventFields, scope, f, req)
}

type agentSessionEvents struct {
	session
	appender
}

func (r agentSessionEvents) Append(ctx context.Context, events ...conference.AgentSessionEvent) ([]conference.AgentSessionEvent, error) {
	return appendEvents(ctx, r.appender, agentEventFields, events)
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
