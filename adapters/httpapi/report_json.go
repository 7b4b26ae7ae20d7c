package httpapi

import (
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/metering"
)

// reportWriter writes a [UsageReport] as its rows come.
type reportWriter struct {
	by   metering.GroupBy
	rows int
	sum  metering.ReportRow
	json []byte
}

func newReportWriter(q metering.ReportQuery) *reportWriter {
	b := appendOptionalID(make([]byte, 0, 4<<10), `{"entity_id":`, int64(q.EntityID))
	b = appendTime(b, `,"from":`, q.From)
	b = appendTime(b, `,"to":`, q.To)
	b = appendText(b, `,"group_by":`, string(q.GroupBy))
	b = appendText(b, `,"timezone":`, q.Zone.String())
	return &reportWriter{by: q.GroupBy, json: append(b, `,"rows":[`...)}
}

// add writes a row, of which there may be no more than [maxReportRows].
func (w *reportWriter) add(v metering.ReportRow) error {
	if w.rows == maxReportRows {
		return errs.Newf(errs.Invalid, "report-too-large", "the report has more than %d rows: ask for less, or for CSV", maxReportRows)
	}
	if w.rows > 0 {
		w.json = append(w.json, ',')
	}
	w.json = appendFigures(append(appendGroup(append(w.json, '{'), v, w.by), ','), v)
	w.rows++
	w.sum.Add(v)
	return nil
}

// end writes the totals and returns the report.
func (w *reportWriter) end(total metering.ReportRow) []byte {
	return append(appendFigures(append(w.json, `],"totals":{`...), total), '}', '\n')
}

// appendGroup writes what names a group: what the report is grouped by, null where there is none, and nothing else.
func appendGroup(b []byte, v metering.ReportRow, by metering.GroupBy) []byte {
	switch by {
	case metering.ByEntity:
		b = appendOptionalID(b, `"entity_id":`, int64(v.EntityID))
	case metering.ByDepartment:
		b = appendOptionalID(b, `"department_id":`, int64(v.DepartmentID))
	case metering.ByRoom:
		b = appendOptionalID(b, `"room_id":`, int64(v.RoomID))
	case metering.ByAgent:
		b = appendOptionalID(b, `"participant_id":`, int64(v.ParticipantID))
	case metering.ByModel:
		b = appendOptionalText(b, `"kind":`, string(v.Model.Kind))
		b = appendOptionalText(b, `,"provider":`, v.Model.Provider)
		return appendOptionalText(b, `,"model":`, v.Model.Model)
	case metering.ByDay, metering.ByMonth:
		return appendOptionalText(b, `"period":`, v.Period)
	}
	return appendOptionalText(b, `,"name":`, v.Name)
}

// appendFigures writes the fields of a [UsageFiguresSum], and ends the object.
func appendFigures(b []byte, v metering.ReportRow) []byte {
	b = appendID(b, `"sessions":`, v.Sessions)
	b = appendID(b, `,"active_sessions":`, v.ActiveSessions)
	b = appendID(b, `,"duration_seconds":`, v.DurationSeconds)
	b = appendID(b, `,"total_tokens_input":`, v.TotalTokensInput)
	b = appendID(b, `,"total_tokens_output":`, v.TotalTokensOutput)
	b = metering.AppendMinutes(append(b, `,"total_audio_minutes":`...), v.TotalAudioMillis)
	b = appendID(b, `,"interactions_count":`, v.InteractionsCount)
	b = appendID(b, `,"transcription_count":`, v.TranscriptionCount)
	b = appendID(b, `,"unpriced_sessions":`, v.UnpricedSessions)
	switch len(v.Costs) {
	case 0:
		b = append(b, `,"cost_estimate":0,"currency":null`...)
	case 1:
		b = metering.AppendMicros(append(b, `,"cost_estimate":`...), v.Costs[0].Micros)
		b = appendText(b, `,"currency":`, v.Costs[0].Currency)
	default:
		b = append(b, `,"cost_estimate":null,"currency":null`...)
	}
	b = append(b, `,"costs":[`...)
	for i, c := range v.Costs {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, `{"currency":`, c.Currency)
		b = append(metering.AppendMicros(append(b, `,"amount":`...), c.Micros), '}')
	}
	return append(b, ']', '}')
}
