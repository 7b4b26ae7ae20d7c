package postgres

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// timeline merges what five indexes each give in order, from the place where the page before ended: a page costs what is
// on it, however long the room's history is.
type timeline struct{ session }

func (r timeline) List(ctx context.Context, scope identity.Scope, room conference.RoomID, req page.Request) (page.Page[conference.TimelineEntry], error) {
	list := page.Fingerprint("timeline", scope, room)
	if err := ctx.Err(); err != nil {
		return page.Page[conference.TimelineEntry]{}, err
	}
	size, err := req.Size()
	if err != nil {
		return page.Page[conference.TimelineEntry]{}, err
	}
	position, started, err := req.After(list)
	if err != nil {
		return page.Page[conference.TimelineEntry]{}, err
	}
	var last conference.TimelineEntry
	if started {
		if last, err = conference.TimelineAt(position); err != nil {
			return page.Page[conference.TimelineEntry]{}, err
		}
	}
	sql, args := timelineStatement(scope, room, last, started, size+1)
	var entries []conference.TimelineEntry
	err = r.list(ctx, func(q querier) (err error) {
		if isEmpty(scope) {
			return nil
		}
		entries, err = all(ctx, q, scanTimelineEntry, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
		return err
	})
	if err != nil {
		return page.Page[conference.TimelineEntry]{}, err
	}
	return page.Of(entries, size, list, conference.TimelineEntry.Position), nil
}

// timelineStatement makes the statement of up to limit entries, those after the last one when the timeline was started.
func timelineStatement(scope identity.Scope, room conference.RoomID, last conference.TimelineEntry, started bool, limit int) (sql string, args []any) {
	var c conditions
	ofRoom := c.arg(int64(room))
	at, id := "", ""
	if started {
		at, id = c.arg(last.At), c.arg(last.ID)
	}
	// part is the rows of a kind: what they are read from and the conditions, and the time that they are sorted by.
	part := func(kind conference.TimelineKind, from, time string) string {
		sql := from + ofRoom
		switch {
		case !started:
		case kind.Rank() < last.Kind.Rank():
			sql += " AND " + time + " > " + at
		case kind.Rank() == last.Kind.Rank():
			sql += " AND " + time + " >= " + at + " AND (" + time + " > " + at + " OR id > " + id + ")"
		default:
			sql += " AND " + time + " >= " + at
		}
		return sql + " ORDER BY " + time + ", id LIMIT " + strconv.Itoa(limit) + ")"
	}
	parts := []string{
		part(conference.TimelineParticipant, `(SELECT created_at AS at, 0 AS kind, id, NULL AS name, participant_id, context AS data
			FROM room_participants WHERE room_id = `, "created_at"),
		part(conference.TimelineRoomEvent, `(SELECT created_at, 1, id, name, NULL::bigint, data
			FROM room_events WHERE room_id = `, "created_at"),
		part(conference.TimelineUsageStart, `(SELECT session_start, 2, id, NULL, participant_id, data
			FROM agent_usages WHERE room_id = `, "session_start"),
		part(conference.TimelineAgentEvent, `(SELECT created_at, 3, id, name, NULL::bigint, data
			FROM agent_session_events WHERE room_id = `, "created_at"),
		part(conference.TimelineUsageEnd, `(SELECT session_end, 4, id, NULL, participant_id, data
			FROM agent_usages WHERE session_end IS NOT NULL AND room_id = `, "session_end"),
	}
	if !scope.All() {
		c.add("EXISTS (SELECT FROM rooms WHERE id = "+ofRoom+" AND entity_id = ?)", int64(scope.EntityID()))
	}
	return `SELECT at, kind, id, CASE kind WHEN 0 THEN (SELECT p.name FROM participants AS p WHERE p.id = participant_id) ELSE name END,
		participant_id, data::text FROM (` + strings.Join(parts, " UNION ALL ") + `) AS entries` + c.sql.String() +
		` ORDER BY at, kind, id LIMIT ` + strconv.Itoa(limit), c.args
}

func scanTimelineEntry(row pgx.CollectableRow) (v conference.TimelineEntry, err error) {
	var rank int
	err = row.Scan(&v.At, &rank, &v.ID, optionalText{&v.Name}, optionalNumber{(*int64)(&v.ParticipantID)}, optionalObject{&v.Data})
	v.Kind = conference.TimelineKinds()[rank]
	return v, err
}
