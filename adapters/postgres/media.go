package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

type presences struct{ session }

const presenceColumns = `room_id, sid, identity, participant_id, name, kind, joined_at, left_at, reason`

func scanPresence(row pgx.CollectableRow) (v conference.Presence, err error) {
	err = row.Scan(&v.RoomID, &v.SID, &v.Identity, optionalNumber{(*int64)(&v.ParticipantID)}, &v.Name, &v.Kind,
		optionalMoment{&v.JoinedAt}, optionalMoment{&v.LeftAt}, optionalText{&v.Reason})
	return v, err
}

// Join is one statement, which waits for a transaction that is noting the same presence, and then goes by what that left.
func (r presences) Join(ctx context.Context, v conference.Presence) (news bool, err error) {
	return r.note(ctx, `INSERT INTO room_presences AS p (room_id, sid, identity, participant_id, name, kind, joined_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (room_id, sid) DO UPDATE SET identity = excluded.identity, participant_id = excluded.participant_id,
			name = excluded.name, kind = excluded.kind, joined_at = excluded.joined_at
		WHERE p.joined_at IS NULL`,
		v.RoomID, v.SID, v.Identity, number(v.ParticipantID), v.Name, v.Kind, moment(v.JoinedAt))
}

// Leave waits as Join does.
func (r presences) Leave(ctx context.Context, v conference.Presence) (news bool, err error) {
	return r.note(ctx, `INSERT INTO room_presences AS p (room_id, sid, identity, participant_id, name, kind, left_at, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (room_id, sid) DO UPDATE SET left_at = excluded.left_at, reason = excluded.reason
		WHERE p.left_at IS NULL`,
		v.RoomID, v.SID, v.Identity, number(v.ParticipantID), v.Name, v.Kind, moment(v.LeftAt), text(v.Reason))
}

// note runs a statement that writes a row only if that is news.
func (r presences) note(ctx context.Context, sql string, args ...any) (news bool, err error) {
	err = r.statement(ctx, func(q querier) error {
		tag, err := q.Exec(ctx, sql, args...)
		news = err == nil && tag.RowsAffected() > 0
		return err
	})
	return news && err == nil, err
}

// Present sorts as every store does, whatever the database's collation.
func (r presences) Present(ctx context.Context, room conference.RoomID) ([]conference.Presence, error) {
	var found []conference.Presence
	err := r.read(ctx, func(q querier) (err error) {
		found, err = all(ctx, q, scanPresence,
			`SELECT `+presenceColumns+` FROM room_presences WHERE room_id = $1 AND left_at IS NULL ORDER BY sid COLLATE "C" LIMIT $2`, room, ports.MaxPresent)
		return err
	})
	return zeroOn(found, err)
}

// Lingering looks the room of each presence up that goes on, of which there are few.
func (r presences) Lingering(ctx context.Context, closedBefore time.Time, limit int) ([]conference.RoomID, error) {
	var found []conference.RoomID
	err := r.read(ctx, func(q querier) (err error) {
		found, err = all(ctx, q, pgx.RowTo[conference.RoomID],
			`SELECT DISTINCT room_id FROM room_presences AS p
			WHERE left_at IS NULL AND (SELECT closed_at FROM rooms WHERE id = p.room_id) < $1 LIMIT $2`, closedBefore, limit)
		return err
	})
	return zeroOn(found, err)
}

type webhookReceipts struct{ session }

// Take waits, as any such INSERT does, for a transaction that is taking the same one.
func (r webhookReceipts) Take(ctx context.Context, source, id string, at time.Time) (first time.Time, fresh bool, err error) {
	for {
		first, err = insert(ctx, r.session, pgx.RowTo[time.Time],
			`INSERT INTO webhook_receipts (source, id, received_at) VALUES ($1, $2, $3)
			ON CONFLICT (source, id) DO NOTHING RETURNING received_at`, source, id, at)
		if err == nil || errs.KindOf(err) != errs.NotFound {
			return first, err == nil, err
		}
		first, err = get(ctx, r.session, "webhook-receipt", pgx.RowTo[time.Time],
			`SELECT received_at FROM webhook_receipts WHERE source = $1 AND id = $2`, source, id)
		if errs.KindOf(err) != errs.NotFound { // or else it was removed between the two statements
			return first, false, err
		}
	}
}

func (r webhookReceipts) DeleteBefore(ctx context.Context, before time.Time) (int, error) {
	return deleteRows(ctx, r.session, `DELETE FROM webhook_receipts WHERE received_at < $1`, before)
}
