package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// roomParticipants are in the scope of their room, which each statement looks at itself: a room's entity is for good, so
// it need not be locked.
type roomParticipants struct{ session }

const (
	roomParticipantColumns = `id, room_id, participant_id, context::text, created_at, updated_at`
	// theLink names one row in the scope ($3, $4).
	theLink = ` WHERE room_id = $1 AND participant_id = $2 AND ($3 OR EXISTS (SELECT FROM rooms WHERE id = $1 AND entity_id = $4))`
)

func roomParticipantFields(v *conference.RoomParticipant) []any {
	return []any{
		(*int64)(&v.ID), (*int64)(&v.RoomID), (*int64)(&v.ParticipantID), optionalObject{&v.Context}, optionalMoment{&v.CreatedAt}, optionalMoment{&v.UpdatedAt},
	}
}

func scanRoomParticipant(row pgx.CollectableRow) (conference.RoomParticipant, error) {
	return fields[conference.RoomParticipant](roomParticipantFields).scan(row)
}

func (r roomParticipants) Create(ctx context.Context, v conference.RoomParticipant) (conference.RoomParticipant, error) {
	return insert(ctx, r.session, scanRoomParticipant,
		`INSERT INTO room_participants (room_id, participant_id, context, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5) RETURNING `+roomParticipantColumns,
		v.RoomID, v.ParticipantID, string(v.Context), v.CreatedAt, v.UpdatedAt)
}

func (r roomParticipants) Get(ctx context.Context, scope identity.Scope, room conference.RoomID, who conference.ParticipantID) (conference.RoomParticipant, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "room-participant", scanRoomParticipant,
		`SELECT `+roomParticipantColumns+` FROM room_participants`+theLink, room, who, all, entity)
}

func (r roomParticipants) List(ctx context.Context, scope identity.Scope, room conference.RoomID, req page.Request) (page.Page[conference.RoomParticipant], error) {
	var where conditions
	where.ofRoom(room, scope)
	return list(ctx, r.session, req, listing[conference.RoomParticipant]{
		list: page.Fingerprint("room_participants", scope, room), scope: scope,
		from: `SELECT ` + roomParticipantColumns + ` FROM room_participants`, where: &where,
		scan:    fields[conference.RoomParticipant](roomParticipantFields),
		sorting: byID(func(v conference.RoomParticipant) string { return v.ID.String() }),
	})
}

// ofRoom adds the condition that a row is of the room, and the room in the scope. The room is looked at once, not for
// each row.
func (c *conditions) ofRoom(room conference.RoomID, scope identity.Scope) {
	c.add("room_id = ?", int64(room))
	if !scope.All() {
		c.add("EXISTS (SELECT FROM rooms WHERE id = ? AND entity_id = ?)", int64(room), int64(scope.EntityID()))
	}
}

func (r roomParticipants) Update(ctx context.Context, scope identity.Scope, room conference.RoomID, who conference.ParticipantID, change func(*conference.RoomParticipant) error) (conference.RoomParticipant, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[conference.RoomParticipant]{
		what: "room-participant", columns: roomParticipantColumns, scan: scanRoomParticipant,
		find: `SELECT ` + roomParticipantColumns + ` FROM room_participants` + theLink,
		args: []any{room, who, all, entity}, changedAt: func(v *conference.RoomParticipant) time.Time { return v.UpdatedAt },
	}, change, func(v conference.RoomParticipant) (string, []any) {
		return `UPDATE room_participants SET context = $3, created_at = $4, updated_at = $5
			WHERE room_id = $1 AND participant_id = $2`,
			[]any{room, who, string(v.Context), v.CreatedAt, v.UpdatedAt}
	})
}

func (r roomParticipants) Delete(ctx context.Context, scope identity.Scope, room conference.RoomID, who conference.ParticipantID) error {
	all, entity := entityOf(scope)
	return r.statement(ctx, func(q querier) error {
		tag, err := q.Exec(ctx, `DELETE FROM room_participants`+theLink, room, who, all, entity)
		if err == nil && tag.RowsAffected() == 0 {
			return errs.Absent("room-participant")
		}
		return err
	})
}
