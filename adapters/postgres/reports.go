package postgres

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

// usageReports adds sessions up in one statement, which has a row for each group and currency: docs/adr/0015 tells why
// there is no table of sums.
type usageReports struct{ session }

const (
	// reportColumns are a row as it is read. Sums are numeric until they are cut, so none overflows.
	reportColumns = `currency, sessions, active, seconds, least(tokens_input, 9223372036854775807)::bigint,
		least(tokens_output, 9223372036854775807)::bigint, least(audio, 9223372036854775807)::bigint,
		least(interactions, 9223372036854775807)::bigint, least(transcriptions, 9223372036854775807)::bigint, unpriced,
		least(cost, 9223372036854775807)::bigint`

	sessionSums = `count(*) AS sessions, count(*) FILTER (WHERE session_end IS NULL) AS active, sum(duration_seconds) AS seconds,
		sum(total_tokens_input) AS tokens_input, sum(total_tokens_output) AS tokens_output,
		sum((total_audio_minutes * 60000)::bigint) AS audio, sum(interactions_count) AS interactions,
		sum(transcription_count) AS transcriptions, count(*) FILTER (WHERE unpriced) AS unpriced,
		sum(cost_estimate) * 1000000 AS cost`

	lineSums = `count(*) AS sessions, count(*) FILTER (WHERE session_end IS NULL) AS active, sum(duration_seconds) AS seconds,
		coalesce(sum(line.input_tokens), 0) AS tokens_input, coalesce(sum(line.output_tokens), 0) AS tokens_output,
		coalesce(sum(line.audio_ms), 0) AS audio, 0 AS interactions, 0 AS transcriptions,
		count(*) FILTER (WHERE line.unpriced) AS unpriced, coalesce(sum(line.cost_micros), 0) AS cost`

	// The names are those of metering.Line. What a line does not have is NULL.
	andTheirLines = ` CROSS JOIN LATERAL jsonb_to_recordset(lines) AS line (kind text, provider text, model text,
		input_tokens bigint, output_tokens bigint, audio_ms bigint, cost_micros bigint, unpriced boolean)`
)

func (r usageReports) Report(ctx context.Context, scope identity.Scope, q metering.ReportQuery, row func(metering.ReportRow) error) error {
	periods := q.Periods()
	sql, args, err := reportStatement(scope, q, periods)
	if err != nil {
		return err
	}
	groups := reportGroups{give: row}
	var failed error // of a report that had given rows out: it cannot begin anew
	err = r.list(ctx, func(db querier) error {
		if failed != nil || isEmpty(scope) {
			return failed
		}
		// Planned for these values, as lists are: a tenant may have a handful of the sessions or most of them.
		rows, err := db.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() && groups.refused == nil {
			v, err := scanReportRow(rows, q, periods)
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

// reportStatement makes the statement of a report. Its first columns are the group: a number, which is an id or counts
// periods from 1, or a model.
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
	if q.GroupBy == metering.ByModel {
		return `SELECT NULL::bigint, kind, provider, model, NULL, ` + reportColumns + ` FROM (
			SELECT line.kind, line.provider, line.model, currency, ` + lineSums + `
			FROM agent_usages` + andTheirLines + where.sql.String() + ` GROUP BY 1, 2, 3, 4
		) AS sums ORDER BY kind COLLATE "C", provider COLLATE "C" NULLS FIRST, model COLLATE "C" NULLS FIRST, currency`, where.args, nil
	}
	return `SELECT number, NULL, NULL, NULL, ` + name + `, ` + reportColumns + ` FROM (
		SELECT ` + group + ` AS number, currency, ` + sessionSums + `
		FROM agent_usages` + where.sql.String() + ` GROUP BY 1, 2
	) AS sums ORDER BY number NULLS FIRST, currency`, where.args, nil
}

func scanReportRow(row pgx.CollectableRow, q metering.ReportQuery, periods []time.Time) (v metering.ReportRow, err error) {
	var (
		number, cost          int64
		kind, currency, model string
	)
	err = row.Scan(optionalNumber{&number}, optionalText{&kind}, optionalText{&v.Model.Provider}, optionalText{&model}, optionalText{&v.Name},
		optionalText{&currency}, &v.Sessions, &v.ActiveSessions, optionalNumber{&v.DurationSeconds}, optionalNumber{&v.TotalTokensInput},
		optionalNumber{&v.TotalTokensOutput}, optionalNumber{&v.TotalAudioMillis}, &v.InteractionsCount, &v.TranscriptionCount,
		&v.UnpricedSessions, optionalNumber{&cost})
	v.Model.Kind, v.Model.Model = metering.Kind(kind), model
	v.AddCost(metering.Money{Currency: strings.TrimSpace(currency), Micros: cost})
	switch q.GroupBy {
	case metering.ByEntity:
		v.EntityID = clinic.EntityID(number)
	case metering.ByDepartment:
		v.DepartmentID = clinic.DepartmentID(number)
	case metering.ByRoom:
		v.RoomID = conference.RoomID(number)
	case metering.ByAgent:
		v.ParticipantID = conference.ParticipantID(number)
	case metering.ByDay, metering.ByMonth:
		if number > 0 && int(number) <= len(periods) {
			v.Period = q.PeriodOf(periods[number-1])
		}
	case metering.ByModel:
	}
	return v, err
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
