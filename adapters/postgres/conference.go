package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type participants struct{ session }

const participantColumns = `id, entity_id, name, type, phone_number, external_id, professional_id, created_at, updated_at`

func participantFields(v *conference.Participant) []any {
	return []any{
		(*int64)(&v.ID),
		optionalNumber{(*int64)(&v.EntityID)},
		&v.Name, &v.Type, &v.PhoneNumber,
		optionalText{&v.ExternalID},
		optionalNumber{(*int64)(&v.ProfessionalID)},
		optionalMoment{&v.CreatedAt},
		optionalMoment{&v.UpdatedAt},
	}
}

func scanParticipant(row pgx.CollectableRow) (conference.Participant, error) {
	return fields[conference.Participant](participantFields).scan(row)
}

func (r participants) Get(ctx context.Context, scope identity.Scope, key conference.ParticipantID) (conference.Participant, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "participant", scanParticipant,
		`SELECT `+participantColumns+` FROM participants WHERE id = $1 AND ($2 OR entity_id = $3)`, key, all, entity)
}

func (r participants) List(ctx context.Context, scope identity.Scope, f conference.ParticipantFilter, req page.Request) (page.Page[conference.Participant], error) {
	var where conditions
	where.ofEntity(scope, f.EntityID)
	wanted(&where, "type", f.Type)
	wanted(&where, "phone_number", f.PhoneNumber)
	wanted(&where, "external_id", f.ExternalID)
	return list(ctx, r.session, req, listing[conference.Participant]{
		list: page.Fingerprint("participants", scope, f), scope: scope,
		from: `SELECT ` + participantColumns + ` FROM participants`, where: &where, scan: fields[conference.Participant](participantFields),
		sorting: byID(func(v conference.Participant) string { return v.ID.String() }),
	})
}

func (r participants) Create(ctx context.Context, v conference.Participant) (conference.Participant, error) {
	return insert(ctx, r.session, scanParticipant,
		`INSERT INTO participants (entity_id, name, type, phone_number, external_id, professional_id, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING `+participantColumns,
		number(v.EntityID), v.Name, v.Type, v.PhoneNumber, text(v.ExternalID), number(v.ProfessionalID), v.CreatedAt, v.UpdatedAt)
}

func (r participants) Update(ctx context.Context, scope identity.Scope, key conference.ParticipantID, change func(*conference.Participant) error) (conference.Participant, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[conference.Participant]{
		what: "participant", columns: participantColumns, scan: scanParticipant,
		find: `SELECT ` + participantColumns + ` FROM participants WHERE id = $1 AND ($2 OR entity_id = $3)`,
		args: []any{key, all, entity},
	}, change, func(v conference.Participant) (string, []any) {
		return `UPDATE participants SET entity_id = $2, name = $3, type = $4, phone_number = $5, external_id = $6,
			professional_id = $7, created_at = $8, updated_at = $9
			WHERE id = $1`,
			[]any{
				key, number(v.EntityID), v.Name, v.Type, v.PhoneNumber, text(v.ExternalID), number(v.ProfessionalID),
				v.CreatedAt, v.UpdatedAt,
			}
	})
}

type rooms struct{ session }

const roomColumns = `id, name, status, entity_id, department_id, professional_id, type::text, phone_number, external_id,
	livekit_name, livekit_sid, opened_at, closed_at, created_at, updated_at, closed_reason, empty_timeout_seconds,
	departure_timeout_seconds, max_participants, livekit_since, agent_status::text, agent_participant_id, agent_name, agent_number,
	agent_dispatch_id, agent_attempts, agent_reason, agent_requested_at, agent_deadline, agent_joined_at, agent_ended_at`

func roomFields(v *conference.Room) []any {
	a := &v.Agent
	return []any{
		(*int64)(&v.ID), &v.Name, &v.Status,
		optionalNumber{(*int64)(&v.EntityID)},
		optionalNumber{(*int64)(&v.DepartmentID)},
		optionalNumber{(*int64)(&v.ProfessionalID)},
		optionalText{(*string)(&v.Type)},
		optionalText{&v.PhoneNumber},
		optionalText{&v.ExternalID},
		&v.LiveKitName,
		optionalText{&v.LiveKitSID},
		optionalMoment{&v.OpenedAt},
		optionalMoment{&v.ClosedAt},
		optionalMoment{&v.CreatedAt},
		optionalMoment{&v.UpdatedAt},
		optionalText{(*string)(&v.ClosedReason)},
		seconds{&v.Limits.EmptyTimeout},
		seconds{&v.Limits.DepartureTimeout},
		&v.Limits.MaxParticipants,
		optionalMoment{&v.LiveKitSince},
		optionalText{(*string)(&a.Status)},
		optionalNumber{(*int64)(&a.ParticipantID)},
		optionalText{&a.Name},
		&a.Number,
		optionalText{&a.DispatchID},
		&a.Attempts,
		optionalText{&a.Reason},
		optionalMoment{&a.RequestedAt},
		optionalMoment{&a.Deadline},
		optionalMoment{&a.JoinedAt},
		optionalMoment{&a.EndedAt},
	}
}

func scanRoom(row pgx.CollectableRow) (conference.Room, error) {
	return fields[conference.Room](roomFields).scan(row)
}

func (r rooms) Get(ctx context.Context, scope identity.Scope, key conference.RoomID) (conference.Room, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "room", scanRoom,
		`SELECT `+roomColumns+` FROM rooms WHERE id = $1 AND ($2 OR entity_id = $3)`, key, all, entity)
}

func (r rooms) List(ctx context.Context, scope identity.Scope, f conference.RoomFilter, req page.Request) (page.Page[conference.Room], error) {
	var where conditions
	where.ofEntity(scope, f.EntityID)
	wanted(&where, "department_id", f.DepartmentID)
	wanted(&where, "status", f.Status)
	wanted(&where, "external_id", f.ExternalID)
	return list(ctx, r.session, req, listing[conference.Room]{
		list: page.Fingerprint("rooms", scope, f), scope: scope,
		from: `SELECT ` + roomColumns + ` FROM rooms`, where: &where, scan: fields[conference.Room](roomFields),
		sorting: byID(func(v conference.Room) string { return v.ID.String() }),
	})
}

func (r rooms) Place(ctx context.Context, scope identity.Scope, key conference.RoomID) (conference.Place, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "room", func(row pgx.CollectableRow) (v conference.Place, err error) {
		err = row.Scan(optionalNumber{(*int64)(&v.EntityID)}, optionalNumber{(*int64)(&v.DepartmentID)})
		return v, err
	}, `SELECT entity_id, department_id FROM rooms WHERE id = $1 AND ($2 OR entity_id = $3)`, key, all, entity)
}

func (r rooms) ByLiveKitName(ctx context.Context, name string) (conference.Room, error) {
	return get(ctx, r.session, "room", scanRoom, `SELECT `+roomColumns+` FROM rooms WHERE livekit_name = $1`, name)
}

// Live has the condition of the index rooms_live_idx, which is that of [conference.Room.IsLive].
func (r rooms) Live(ctx context.Context, after conference.RoomID, limit int) ([]conference.Room, error) {
	var found []conference.Room
	err := r.read(ctx, func(q querier) (err error) {
		found, err = all(ctx, q, scanRoom, `SELECT `+roomColumns+` FROM rooms
			WHERE status <> 'CLOSED' AND (livekit_sid IS NOT NULL OR agent_status IN ('REQUESTED', 'DISPATCHED')) AND id > $1
			ORDER BY id LIMIT $2`, after, limit)
		return err
	})
	return zeroOn(found, err)
}

func (r rooms) Create(ctx context.Context, v conference.Room) (conference.Room, error) {
	return insert(ctx, r.session, scanRoom,
		`INSERT INTO rooms (name, status, entity_id, department_id, professional_id, type, phone_number, external_id,
			livekit_sid, opened_at, closed_at, created_at, updated_at, closed_reason, empty_timeout_seconds, departure_timeout_seconds,
			max_participants, livekit_since, agent_status, agent_participant_id, agent_name, agent_number, agent_dispatch_id,
			agent_attempts, agent_reason, agent_requested_at, agent_deadline, agent_joined_at, agent_ended_at, livekit_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
			$26, $27, $28, $29, $30) RETURNING `+roomColumns, append(roomValues(v), v.LiveKitName)...)
}

// Update leaves the unique name alone unless it changes: a statement that sets it locks the row against those who append
// events, who check that the room is there.
func (r rooms) Update(ctx context.Context, scope identity.Scope, key conference.RoomID, change func(*conference.Room) error) (conference.Room, error) {
	all, entity := entityOf(scope)
	var name string
	return update(ctx, r.session, row[conference.Room]{
		what: "room", columns: roomColumns, scan: scanRoom,
		find: `SELECT ` + roomColumns + ` FROM rooms WHERE id = $1 AND ($2 OR entity_id = $3)`,
		args: []any{key, all, entity},
	}, func(v *conference.Room) error {
		name = v.LiveKitName
		return conference.Staying(change)(v)
	}, func(v conference.Room) (string, []any) {
		set, args := `UPDATE rooms SET name = $1, status = $2, entity_id = $3, department_id = $4, professional_id = $5, type = $6,
			phone_number = $7, external_id = $8, livekit_sid = $9, opened_at = $10, closed_at = $11, created_at = $12, updated_at = $13,
			closed_reason = $14, empty_timeout_seconds = $15, departure_timeout_seconds = $16, max_participants = $17, livekit_since = $18,
			agent_status = $19, agent_participant_id = $20, agent_name = $21, agent_number = $22, agent_dispatch_id = $23,
			agent_attempts = $24, agent_reason = $25, agent_requested_at = $26, agent_deadline = $27, agent_joined_at = $28,
			agent_ended_at = $29`,
			append(roomValues(v), key)
		if v.LiveKitName != name {
			set, args = set+`, livekit_name = $31`, append(args, v.LiveKitName)
		}
		return set + ` WHERE id = $30`, args
	})
}

// roomValues are the columns of a room that are written, in their order, but for its LiveKit name.
func roomValues(v conference.Room) []any {
	return []any{
		v.Name, v.Status, number(v.EntityID), number(v.DepartmentID), number(v.ProfessionalID), text(string(v.Type)),
		text(v.PhoneNumber), text(v.ExternalID), text(v.LiveKitSID), v.OpenedAt, moment(v.ClosedAt),
		v.CreatedAt, v.UpdatedAt, text(string(v.ClosedReason)), int64(v.Limits.EmptyTimeout / time.Second),
		int64(v.Limits.DepartureTimeout / time.Second), v.Limits.MaxParticipants, moment(v.LiveKitSince),
		text(string(v.Agent.Status)), number(v.Agent.ParticipantID), text(v.Agent.Name), v.Agent.Number, text(v.Agent.DispatchID),
		v.Agent.Attempts, text(v.Agent.Reason), moment(v.Agent.RequestedAt), moment(v.Agent.Deadline), moment(v.Agent.JoinedAt),
		moment(v.Agent.EndedAt),
	}
}

// seconds is a duration that a column holds in whole seconds.
type seconds struct{ to *time.Duration }

// ScanInt64 implements [pgtype.Int64Scanner].
func (s seconds) ScanInt64(v pgtype.Int8) error {
	*s.to = time.Duration(v.Int64) * time.Second
	return nil
}
