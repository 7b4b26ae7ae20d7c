package postgres

import (
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

func (r roomEvents) After(ctx context.Context, scope identity.Scope, room conference.RoomID, after conference.RoomEventID, limit int) ([]conference.RoomEvent, error) {
	return eventsAfter(ctx, r.session, roomEventTable, roomEventFields, scope, room, int64(after), limit)
}

func (r agentSessionEvents) After(ctx context.Context, scope identity.Scope, room conference.RoomID, after conference.AgentSessionEventID, limit int) ([]conference.AgentSessionEvent, error) {
	return eventsAfter(ctx, r.session, agentEventTable, agentEventFields, scope, room, int64(after), limit)
}

// eventsAfter reads by (room_id, id), and never from a replica: who follows a room was told that there is something. It is
// planned for its values, as lists are.
func eventsAfter[T any](ctx context.Context, s session, table string, fields func(*T) eventFields, scope identity.Scope, room conference.RoomID, after int64, limit int) ([]T, error) {
	var where conditions
	where.ofRoom(room, scope)
	where.add("id > ?", after)
	sql := `SELECT id, room_id, name, data::text, created_at FROM ` + table + where.sql.String() +
		` ORDER BY id LIMIT ` + strconv.Itoa(min(limit, ports.MaxAfter))
	var events []T
	err := s.read(ctx, func(q querier) (err error) {
		if isEmpty(scope) || limit <= 0 {
			return nil
		}
		events, err = all(ctx, q, scanRoomed(fields), sql, append([]any{pgx.QueryExecModeCacheDescribe}, where.args...)...)
		return err
	})
	return events, err
}

// scanRoomed reads an event of either kind.
func scanRoomed[T any](fields func(*T) eventFields) scanner[T] {
	return func(row pgx.CollectableRow) (T, error) {
		var event T
		v := fields(&event)
		err := row.Scan(v.id, v.room, v.name, optionalObject{v.data}, v.at)
		return event, err
	}
}

// turns are the keys of the advisory locks by which those who append to a room take turns, in the order in which they are
// taken. Whoever has a turn keeps it until the commit is visible, so ids of a room, which are drawn under it, become
// visible in their order.
func turns(table string, rooms []int64) []int64 {
	class := int64(roomEventLock)
	if table == agentEventTable {
		class = agentEventLock
	}
	keys := slices.Clone(rooms)
	for i, room := range keys {
		keys[i] = class<<60 | room&(1<<60-1)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
