package postgres

import (
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/metering"
)

// reportReader reads the rows of a report, all into the same places.
type reportReader struct {
	q       metering.ReportQuery
	periods []time.Time // of the query, which the rows number from 1

	row                   metering.ReportRow
	number, cost          int64
	kind, currency, model string
	places                []any
}

func newReportReader(q metering.ReportQuery) *reportReader {
	r := &reportReader{q: q, periods: q.Periods()}
	if q.GroupBy == metering.ByModel {
		r.places = append(r.places, optionalText{&r.kind}, optionalText{&r.row.Model.Provider}, optionalText{&r.model})
	} else {
		r.places = append(r.places, optionalNumber{&r.number}, optionalText{&r.row.Name})
	}
	r.places = append(r.places, optionalText{&r.currency}, &r.row.Sessions, &r.row.ActiveSessions,
		optionalNumber{&r.row.DurationSeconds}, &r.row.TotalTokensInput, &r.row.TotalTokensOutput, &r.row.TotalAudioMillis,
		&r.row.InteractionsCount, &r.row.TranscriptionCount, &r.row.UnpricedSessions, &r.cost)
	return r
}

// read reads a row. What it returns shares nothing with the next one.
func (r *reportReader) read(row pgx.CollectableRow) (metering.ReportRow, error) {
	if err := row.Scan(r.places...); err != nil {
		return metering.ReportRow{}, err
	}
	v := r.row
	v.AddCost(metering.Money{Currency: strings.TrimSpace(r.currency), Micros: r.cost})
	switch r.q.GroupBy {
	case metering.ByEntity:
		v.EntityID = clinic.EntityID(r.number)
	case metering.ByDepartment:
		v.DepartmentID = clinic.DepartmentID(r.number)
	case metering.ByRoom:
		v.RoomID = conference.RoomID(r.number)
	case metering.ByAgent:
		v.ParticipantID = conference.ParticipantID(r.number)
	case metering.ByDay, metering.ByMonth:
		if r.number > 0 && int(r.number) <= len(r.periods) {
			v.Period = r.q.PeriodOf(r.periods[r.number-1])
		}
	case metering.ByModel:
		v.Model.Kind, v.Model.Model = metering.Kind(r.kind), r.model
	}
	return v, nil
}
