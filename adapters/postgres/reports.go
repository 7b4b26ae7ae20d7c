package postgres

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

// usageReports adds sessions up in one statement, which has a row for each group and currency: docs/adr/0022 tells why there
// is no table of sums, and by which index it reads.
type usageReports struct{ session }

const (
	// reportColumns are the figures as they are read. Sums are numeric until they are cut, so none overflows.
	reportColumns = `currency, sessions, active, seconds, least(tokens_input, 9223372036854775807)::bigint,
		least(tokens_output, 9223372036854775807)::bigint, least(audio, 9223372036854775807)::bigint,
		least(interactions, 9223372036854775807)::bigint, least(transcriptions, 9223372036854775807)::bigint, unpriced,
		least(cost, 9223372036854775807)::bigint`

	sessionSums = `count(*) AS sessions, count(*) FILTER (WHERE active) AS active, sum(seconds) AS seconds,
		sum(tokens_input) AS tokens_input, sum(tokens_output) AS tokens_output, sum(audio) AS audio,
		sum(interactions) AS interactions, sum(transcriptions) AS transcriptions, count(*) FILTER (WHERE unpriced) AS unpriced,
		sum(cost) AS cost`

	// Of sessions that ended all figures are in the index. Those that go on are few.
	endedFigures = ` AS number, currency, unpriced, false AS active, duration_seconds AS seconds, ended_tokens_input AS tokens_input,
		ended_tokens_output AS tokens_output, ended_audio_ms AS audio, ended_interactions AS interactions,
		ended_transcriptions AS transcriptions, ended_cost_micros AS cost FROM agent_usages`
	whichEnded    = ` AND ended_tokens_input IS NOT NULL`
	activeFigures = `, currency, unpriced, true, NULL, total_tokens_input, total_tokens_output, (total_audio_minutes * 60000)::bigint,
		interactions_count, transcription_count, (cost_estimate * 1000000)::bigint FROM agent_usages`
	whichGoOn = ` AND session_end IS NULL`

	lineSums = `count(*) AS sessions, count(*) FILTER (WHERE session_end IS NULL) AS active, sum(duration_seconds) AS seconds,
		coalesce(sum(line.input_tokens), 0) AS tokens_input, coalesce(sum(line.output_tokens), 0) AS tokens_output,
		coalesce(sum(line.audio_ms), 0) AS audio, 0 AS interactions, 0 AS transcriptions,
		count(*) FILTER (WHERE line.unpriced) AS unpriced, coalesce(sum(line.cost_micros), 0) AS cost`

	// The names are those of metering.Line. What a line does not have is NULL.
	andTheirLines = ` CROSS JOIN LATERAL jsonb_to_recordset(lines) AS line (kind text, provider text, model text,
		input_tokens bigint, output_tokens bigint, audio_ms bigint, cost_micros bigint, unpriced boolean)`
)

func (r usageReports) Report(ctx context.Context, scope identity.Scope, q metering.ReportQuery, row func(metering.ReportRow) error) error {
	reader := newReportReader(q)
	sql, args, err := reportStatement(scope, q, reader.periods)
	if err != nil {
		return err
	}
	groups := reportGroups{give: row}
	var failed error // of a report that had given rows out: it cannot begin anew
	err = r.list(ctx, func(db querier) error {
		if failed != nil || isEmpty(scope) {
			return failed
		}
		rows, err := db.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() && groups.refused == nil {
			v, err := reader.read(rows)
			if err != nil {
				return err
			}
			groups.add(v)
		}
		rows.Close()
		if err = rows.Err(); err == nil {
			groups.end()
		}
		if groups.refused != nil {
			err = &ownError{groups.refused}
		}
		if groups.given {
			failed = err
		}
		return err
	})
	return cmp.Or(groups.refused, err)
}

// reportStatement makes the statement of a report and its arguments. Its first column is the group: an id, or a count of
// periods from 1; by model there are three columns.
func reportStatement(scope identity.Scope, q metering.ReportQuery, periods []time.Time) (sql string, args []any, err error) {
	var where conditions
	group, name := "", "NULL"
	switch q.GroupBy {
	case metering.ByEntity:
		group, name = "entity_id", `(SELECT name FROM entities WHERE id = number)`
	case metering.ByDepartment:
		group, name = "department_id", `(SELECT name FROM departments WHERE id = number)`
	case metering.ByRoom:
		group, name = "room_id", `(SELECT name FROM rooms WHERE id = number)`
	case metering.ByAgent:
		group, name = "participant_id", `(SELECT name FROM participants WHERE id = number)`
	case metering.ByDay, metering.ByMonth:
		group = "width_bucket(session_start, " + where.arg(periods) + "::timestamptz[])"
	case metering.ByModel:
	default:
		return "", nil, errs.InvalidField("group_by", "is none of the groups")
	}
	where.inScope("entity_id", scope)
	wanted(&where, "entity_id", q.EntityID)
	wanted(&where, "department_id", q.DepartmentID)
	wanted(&where, "room_id", q.RoomID)
	wanted(&where, "participant_id", q.ParticipantID)
	where.add("session_start >= ?", upToMicrosecond(q.From))
	where.add("session_start < ?", upToMicrosecond(q.To))
	if which := where.sql.String(); q.GroupBy == metering.ByModel {
		sql = `SELECT kind, provider, model, ` + reportColumns + ` FROM (
			SELECT line.kind, line.provider, line.model, currency, ` + lineSums + `
			FROM agent_usages` + andTheirLines + which + ` GROUP BY 1, 2, 3, 4
		) AS sums ORDER BY kind COLLATE "C", provider COLLATE "C" NULLS FIRST, model COLLATE "C" NULLS FIRST, currency`
	} else {
		sql = `SELECT number, ` + name + `, ` + reportColumns + ` FROM (
			SELECT number, currency, ` + sessionSums + ` FROM (
				SELECT ` + group + endedFigures + which + whichEnded + ` UNION ALL SELECT ` + group + activeFigures + which + whichGoOn + `
			) AS sessions GROUP BY 1, 2
		) AS sums ORDER BY number NULLS FIRST, currency`
	}
	if scope.All() && q.EntityID == 0 {
		// Planned for these values, as lists are: a day of all sessions is another matter than five years. Those of one entity are
		// read by its index, however many they are; taken for itself the planner would rather filter the month's of all entities.
		return sql, append([]any{pgx.QueryExecModeCacheDescribe}, where.args...), nil
	}
	return sql, where.args, nil
}

// reportGroups puts the rows of a group, one for each of its currencies, together and gives them to a function.
type reportGroups struct {
	give    func(metering.ReportRow) error
	group   metering.ReportRow
	pending bool
	given   bool
	refused error // what the function said; nothing is given any more
}

func (g *reportGroups) add(v metering.ReportRow) {
	if g.pending && sameGroup(g.group, v) {
		g.group.Add(v)
		return
	}
	g.end()
	g.group, g.pending = v, true
}

// end gives the last group.
func (g *reportGroups) end() {
	if g.pending && g.refused == nil {
		g.given = true
		g.refused = g.give(g.group)
	}
	g.pending = false
}

func sameGroup(a, b metering.ReportRow) bool {
	return a.EntityID == b.EntityID && a.DepartmentID == b.DepartmentID && a.RoomID == b.RoomID &&
		a.ParticipantID == b.ParticipantID && a.Model == b.Model && a.Period == b.Period
}
