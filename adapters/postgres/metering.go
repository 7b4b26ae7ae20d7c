package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
)

type agentUsages struct{ session }

// The columns hold minutes and the currency's unit, the domain whole milliseconds and millionths. Both ways the database
// calculates in exact decimals: six places of a minute are 0.06 ms, so every millisecond comes back as it was.
const (
	usageColumns = `id, room_id, participant_id, entity_id, department_id, session_start, session_end,
	total_tokens_input, total_tokens_output, round(total_audio_minutes * 60000)::bigint, interactions_count, transcription_count,
	(cost_estimate * 1000000)::bigint, data::text, created_at, updated_at`

	// A quotient has at least as many places as its parts: without the cast a large one would have fewer than six.
	usageMinutes = `$9::bigint::numeric(25, 6) / 60000`
	usageCost    = `$12::bigint::numeric(25, 6) / 1000000`
)

func scanUsage(row pgx.CollectableRow) (v metering.AgentUsage, err error) {
	err = row.Scan(&v.ID, &v.RoomID, &v.ParticipantID, optionalNumber{(*int64)(&v.EntityID)}, optionalNumber{(*int64)(&v.DepartmentID)},
		&v.SessionStart, optionalMoment{&v.SessionEnd}, &v.TotalTokensInput, &v.TotalTokensOutput, &v.TotalAudioMillis,
		&v.InteractionsCount, &v.TranscriptionCount, &v.CostEstimateMicros, optionalObject{&v.Data}, &v.CreatedAt, &v.UpdatedAt)
	return v, err
}

func (r agentUsages) Get(ctx context.Context, scope identity.Scope, key metering.UsageID) (metering.AgentUsage, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "usage", scanUsage,
		`SELECT `+usageColumns+` FROM agent_usages WHERE id = $1 AND ($2 OR entity_id = $3)`, key, all, entity)
}

func (r agentUsages) List(ctx context.Context, scope identity.Scope, f metering.UsageFilter, req page.Request) (page.Page[metering.AgentUsage], error) {
	var where conditions
	where.inScope("entity_id", scope)
	wanted(&where, "room_id", f.RoomID)
	wanted(&where, "entity_id", f.EntityID)
	switch {
	case f.Active == nil:
	case *f.Active:
		where.add("session_end IS NULL")
	default:
		where.add("session_end IS NOT NULL")
	}
	return list(ctx, r.session, req, listing[metering.AgentUsage]{
		list: page.Fingerprint("agent_usages", scope, f), scope: scope,
		from: `SELECT ` + usageColumns + ` FROM agent_usages`, where: &where, scan: scanUsage,
		sorting: byID(func(v metering.AgentUsage) string { return v.ID.String() }),
	})
}

func (r agentUsages) Create(ctx context.Context, v metering.AgentUsage) (metering.AgentUsage, error) {
	return insert(ctx, r.session, scanUsage,
		`INSERT INTO agent_usages (room_id, participant_id, entity_id, department_id, session_start, session_end,
			total_tokens_input, total_tokens_output, total_audio_minutes, interactions_count, transcription_count, cost_estimate,
			data, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, `+usageMinutes+`, $10, $11, `+usageCost+`, $13, $14, $15) RETURNING `+usageColumns,
		usageValues(v)...)
}

func (r agentUsages) Update(ctx context.Context, scope identity.Scope, key metering.UsageID, change func(*metering.AgentUsage) error) (metering.AgentUsage, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[metering.AgentUsage]{
		what: "usage", scan: scanUsage,
		locked: `SELECT ` + usageColumns + ` FROM agent_usages WHERE id = $1 AND ($2 OR entity_id = $3) FOR NO KEY UPDATE`,
		args:   []any{key, all, entity},
	}, change, func(v metering.AgentUsage) (string, []any) {
		return `UPDATE agent_usages SET room_id = $1, participant_id = $2, entity_id = $3, department_id = $4, session_start = $5,
			session_end = $6, total_tokens_input = $7, total_tokens_output = $8, total_audio_minutes = ` + usageMinutes + `,
			interactions_count = $10, transcription_count = $11, cost_estimate = ` + usageCost + `, data = $13, created_at = $14,
			updated_at = $15
			WHERE id = $16 RETURNING ` + usageColumns, append(usageValues(v), key)
	})
}

// usageValues are the columns of a session that are written, in their order.
func usageValues(v metering.AgentUsage) []any {
	return []any{
		v.RoomID, v.ParticipantID, number(v.EntityID), number(v.DepartmentID), v.SessionStart, moment(v.SessionEnd),
		v.TotalTokensInput, v.TotalTokensOutput, v.TotalAudioMillis, v.InteractionsCount, v.TranscriptionCount,
		v.CostEstimateMicros, string(v.Data), v.CreatedAt, v.UpdatedAt,
	}
}
