package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

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
	(cost_estimate * 1000000)::bigint, currency, unpriced, provider, model, end_reason, readings::text, lines::text, data::text,
	created_at, updated_at`

	// A quotient has at least as many places as its parts: without the cast a large one would have fewer than six.
	usageMinutes = `$9::bigint::numeric(25, 6) / 60000`
	usageCost    = `$12::bigint::numeric(25, 6) / 1000000`
)

func scanUsage(row pgx.CollectableRow) (v metering.AgentUsage, err error) {
	err = row.Scan(&v.ID, &v.RoomID, &v.ParticipantID, optionalNumber{(*int64)(&v.EntityID)}, optionalNumber{(*int64)(&v.DepartmentID)},
		&v.SessionStart, optionalMoment{&v.SessionEnd}, &v.TotalTokensInput, &v.TotalTokensOutput, &v.TotalAudioMillis,
		&v.InteractionsCount, &v.TranscriptionCount, &v.CostEstimateMicros, optionalText{&v.Currency}, &v.Unpriced,
		optionalText{&v.Provider}, optionalText{&v.Model}, optionalText{(*string)(&v.EndReason)}, jsonList[metering.Reading]{&v.Readings},
		jsonList[metering.Line]{&v.Lines}, optionalObject{&v.Data}, &v.CreatedAt, &v.UpdatedAt)
	return v, err
}

// jsonList is a list that a column holds as JSON; an empty one is nil.
type jsonList[T any] struct{ to *[]T }

// ScanText implements [pgtype.TextScanner].
func (l jsonList[T]) ScanText(v pgtype.Text) error {
	*l.to = nil
	if !v.Valid || v.String == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(v.String), l.to)
}

// listJSON is the other way round.
func listJSON[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(list)
	return string(b), err
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
	wanted(&where, "department_id", f.DepartmentID)
	wanted(&where, "participant_id", f.ParticipantID)
	switch {
	case f.Active == nil:
	case *f.Active:
		where.add("session_end IS NULL")
	default:
		where.add("session_end IS NOT NULL")
	}
	return list(ctx, r.session, req, listing[metering.AgentUsage]{
		list: page.Fingerprint("agent_usages", scope, f), scope: scope,
		from: `SELECT ` + usageColumns + ` FROM agent_usages`, where: &where, scan: scanner[metering.AgentUsage](scanUsage),
		sorting: byID(func(v metering.AgentUsage) string { return v.ID.String() }),
	})
}

func (r agentUsages) Create(ctx context.Context, v metering.AgentUsage) (metering.AgentUsage, error) {
	values, err := usageValues(v)
	if err != nil {
		return metering.AgentUsage{}, err
	}
	return insert(ctx, r.session, scanUsage,
		`INSERT INTO agent_usages (room_id, participant_id, entity_id, department_id, session_start, session_end,
			total_tokens_input, total_tokens_output, total_audio_minutes, interactions_count, transcription_count, cost_estimate,
			currency, unpriced, provider, model, end_reason, readings, lines, data, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, `+usageMinutes+`, $10, $11, `+usageCost+`, $13, $14, $15, $16, $17, $18, $19, $20,
			$21, $22) RETURNING `+usageColumns, values...)
}

func (r agentUsages) Update(ctx context.Context, scope identity.Scope, key metering.UsageID, change func(*metering.AgentUsage) error) (metering.AgentUsage, error) {
	all, entity := entityOf(scope)
	var values []any
	changeAndEncode := func(v *metering.AgentUsage) (err error) {
		if err = change(v); err == nil {
			values, err = usageValues(*v)
		}
		return err
	}
	return update(ctx, r.session, row[metering.AgentUsage]{
		what: "usage", columns: usageColumns, scan: scanUsage,
		find: `SELECT ` + usageColumns + ` FROM agent_usages WHERE id = $1 AND ($2 OR entity_id = $3)`,
		args: []any{key, all, entity},
	}, changeAndEncode, func(metering.AgentUsage) (string, []any) {
		return `UPDATE agent_usages SET room_id = $1, participant_id = $2, entity_id = $3, department_id = $4, session_start = $5,
			session_end = $6, total_tokens_input = $7, total_tokens_output = $8, total_audio_minutes = ` + usageMinutes + `,
			interactions_count = $10, transcription_count = $11, cost_estimate = ` + usageCost + `, currency = $13, unpriced = $14,
			provider = $15, model = $16, end_reason = $17, readings = $18, lines = $19, data = $20, created_at = $21,
			updated_at = $22
			WHERE id = $23`, append(values, key)
	})
}

// usageValues are the columns of a session that are written, in their order.
func usageValues(v metering.AgentUsage) ([]any, error) {
	readings, err := listJSON(v.Readings)
	if err != nil {
		return nil, err
	}
	lines, err := listJSON(v.Lines)
	if err != nil {
		return nil, err
	}
	return []any{
		v.RoomID, v.ParticipantID, number(v.EntityID), number(v.DepartmentID), v.SessionStart, moment(v.SessionEnd),
		v.TotalTokensInput, v.TotalTokensOutput, v.TotalAudioMillis, v.InteractionsCount, v.TranscriptionCount,
		v.CostEstimateMicros, text(v.Currency), v.Unpriced, text(v.Provider), text(v.Model), text(string(v.EndReason)),
		readings, lines, string(v.Data), v.CreatedAt, v.UpdatedAt,
	}, nil
}

// Remember notes the keys in one order, so that two updates with some of the same wait for each other, and never in a
// circle.
func (r agentUsages) Remember(ctx context.Context, usage metering.UsageID, keys []string, at time.Time) ([]string, error) {
	var noted []string
	err := r.statement(ctx, func(q querier) (err error) {
		noted, err = all(ctx, q, pgx.RowTo[string],
			`INSERT INTO agent_usage_updates (usage_id, key, created_at)
			SELECT $1, k, $3 FROM unnest($2::text[]) AS k ORDER BY k
			ON CONFLICT (usage_id, key) DO NOTHING RETURNING key`, usage, keys, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	news := make(map[string]bool, len(noted))
	for _, key := range noted {
		news[key] = true
	}
	fresh := make([]string, 0, len(noted))
	for _, key := range keys {
		if news[key] {
			fresh = append(fresh, key)
			news[key] = false // told once
		}
	}
	return fresh, nil
}

func (r agentUsages) Forget(ctx context.Context, before time.Time) (int, error) {
	return deleteRows(ctx, r.session, `DELETE FROM agent_usage_updates WHERE created_at < $1`, before)
}

func (r agentUsages) Idle(ctx context.Context, since time.Time, limit int) ([]metering.UsageID, error) {
	return r.ids(ctx, `SELECT id FROM agent_usages WHERE session_end IS NULL AND updated_at < $1 LIMIT $2`,
		since, limit)
}

// Orphaned looks the room of each session up that goes on, of which there are few.
func (r agentUsages) Orphaned(ctx context.Context, closedBefore time.Time, limit int) ([]metering.UsageID, error) {
	return r.ids(ctx, `SELECT id FROM agent_usages AS u
		WHERE session_end IS NULL AND (SELECT closed_at FROM rooms WHERE id = u.room_id) < $1 LIMIT $2`, closedBefore, limit)
}

func (r agentUsages) Started(ctx context.Context, scope identity.Scope, from, to time.Time, after metering.UsageID, limit int) ([]metering.UsageID, error) {
	if scope.All() {
		return r.ids(ctx, `SELECT id FROM agent_usages WHERE session_start >= $1 AND session_start < $2 AND id > $3 ORDER BY id LIMIT $4`,
			from, to, after, limit)
	}
	return r.ids(ctx, `SELECT id FROM agent_usages
		WHERE entity_id = $5 AND session_start >= $1 AND session_start < $2 AND id > $3 ORDER BY id LIMIT $4`,
		from, to, after, limit, int64(scope.EntityID()))
}

func (r agentUsages) ids(ctx context.Context, sql string, args ...any) ([]metering.UsageID, error) {
	var found []metering.UsageID
	err := r.read(ctx, func(q querier) (err error) {
		found, err = all(ctx, q, pgx.RowTo[metering.UsageID], sql, args...)
		return err
	})
	return found, err
}
