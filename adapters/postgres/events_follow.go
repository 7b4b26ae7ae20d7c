package postgres

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// After is one statement, so that it sees both kinds as they were at one moment. It reads by (room_id, id), and never from a
// replica: who follows a room was told that there is something. It is planned for its values, as lists are.
func (r timeline) After(ctx context.Context, scope identity.Scope, room conference.RoomID, after conference.RoomEventID, afterAgent conference.AgentSessionEventID, limit int) (events []conference.RoomEvent, agentEvents []conference.AgentSessionEvent, err error) {
	var c conditions
	ofRoom, inScope := c.arg(int64(room)), ""
	if !scope.All() {
		inScope = ` AND EXISTS (SELECT FROM rooms WHERE id = ` + ofRoom + ` AND entity_id = ` + c.arg(int64(scope.EntityID())) + `)`
	}
	limited := ` ORDER BY id LIMIT ` + strconv.Itoa(min(limit, ports.MaxAfter)) + `)`
	sql := `(SELECT false AS of_agent, id, name, data::text, created_at FROM room_events WHERE room_id = ` + ofRoom +
		` AND id > ` + c.arg(int64(after)) + inScope + limited +
		` UNION ALL (SELECT true, id, name, data::text, created_at FROM agent_session_events WHERE room_id = ` + ofRoom +
		` AND id > ` + c.arg(int64(afterAgent)) + inScope + limited
	var found []followed
	err = r.read(ctx, func(q querier) (err error) {
		if isEmpty(scope) || limit <= 0 {
			return nil
		}
		found, err = all(ctx, q, scanFollowed, sql, append([]any{pgx.QueryExecModeCacheDescribe}, c.args...)...)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(found, func(a, b followed) int { return cmp.Compare(a.id, b.id) }) // a union has no order
	for _, v := range found {
		if v.ofAgent {
			agentEvents = append(agentEvents, conference.AgentSessionEvent{ID: conference.AgentSessionEventID(v.id), RoomID: room, Name: v.name, Data: v.data, CreatedAt: v.at})
		} else {
			events = append(events, conference.RoomEvent{ID: conference.RoomEventID(v.id), RoomID: room, Name: v.name, Data: v.data, CreatedAt: v.at})
		}
	}
	return events, agentEvents, nil
}

// followed is an event of either kind.
type followed struct {
	ofAgent bool
	id      int64
	name    string
	data    jsonobj.Object
	at      time.Time
}

func scanFollowed(row pgx.CollectableRow) (v followed, err error) {
	err = row.Scan(&v.ofAgent, &v.id, &v.name, optionalObject{&v.data}, &v.at)
	return v, err
}

// roomedFields are where the columns of an event of either kind are kept.
func roomedFields[T any](of func(*T) eventFields) fields[T] {
	return func(event *T) []any {
		v := of(event)
		return []any{v.id, v.room, v.name, optionalObject{v.data}, optionalMoment{v.at}}
	}
}
