package httpapi

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/secretary-api/secretary/core/metering"
)

const (
	csvBuffer = 32 << 10
	// csvPatience is how long a client may take for each piece of a report: a store's connection waits for it.
	csvPatience = 10 * time.Second
)

// streamReport answers with a report as CSV, row by row. What fails before the first piece went out is answered as a
// problem; what fails later cuts the connection off, so that nobody takes half of a report for all of it.
func (s *server) streamReport(c huma.Context, q metering.ReportQuery) {
	ctx := c.Context()
	_, w := humachi.Unwrap(c)
	stream := &csvStream{to: w, header: func() {
		header := w.Header()
		header.Set("Content-Type", "text/csv; charset=utf-8; header=present")
		header.Set("Content-Disposition", `attachment; filename="`+reportFile(q)+`"`)
		header.Set("Vary", "Accept")
		w.WriteHeader(http.StatusOK)
	}}
	buffer := bufio.NewWriterSize(stream, csvBuffer)
	table := csv.NewWriter(buffer)
	table.UseCRLF = true
	err := table.Write(csvColumns(q.GroupBy))
	if err == nil {
		err = s.Reports.Usage(ctx, actor(ctx), q, func(v metering.ReportRow) error { return table.Write(csvRow(v, q.GroupBy)) })
	}
	if err == nil {
		table.Flush()
		if err = table.Error(); err == nil {
			err = buffer.Flush()
		}
	}
	stream.end()
	switch {
	case err == nil:
	case stream.failed != nil: // nobody listens any more
		panic(http.ErrAbortHandler)
	case stream.begun:
		_ = s.problem(ctx, err) // which logs it
		panic(http.ErrAbortHandler)
	default:
		writeProblem(w, s.problem(ctx, err))
	}
}

// csvStream is the body of an answer. Its header goes out with the first piece.
type csvStream struct {
	to     http.ResponseWriter
	header func()
	begun  bool
	failed error
}

var _ io.Writer = (*csvStream)(nil)

// Write implements io.Writer.
func (s *csvStream) Write(p []byte) (int, error) {
	if !s.begun {
		s.begun = true
		s.header()
	}
	_ = http.NewResponseController(s.to).SetWriteDeadline(time.Now().Add(csvPatience)) // not every writer has one
	n, err := s.to.Write(p)
	if err != nil {
		s.failed = err
	}
	return n, err
}

// end leaves the connection as it was, for the next answer on it.
func (s *csvStream) end() {
	_ = http.NewResponseController(s.to).SetWriteDeadline(time.Time{})
}

// reportFile is the name under which a browser keeps a report.
func reportFile(q metering.ReportQuery) string {
	day := func(t time.Time) string { return t.In(q.Zone).Format(time.DateOnly) }
	return fmt.Sprintf("usage-by-%s-%s-%s.csv", q.GroupBy, day(q.From), day(q.To))
}

func csvColumns(by metering.GroupBy) []string {
	var columns []string
	switch by {
	case metering.ByEntity:
		columns = []string{"entity_id", "name"}
	case metering.ByDepartment:
		columns = []string{"department_id", "name"}
	case metering.ByRoom:
		columns = []string{"room_id", "name"}
	case metering.ByAgent:
		columns = []string{"participant_id", "name"}
	case metering.ByModel:
		columns = []string{"kind", "provider", "model"}
	case metering.ByDay, metering.ByMonth:
		columns = []string{"period"}
	}
	return append(columns, "sessions", "active_sessions", "duration_seconds", "total_tokens_input", "total_tokens_output",
		"total_audio_minutes", "interactions_count", "transcription_count", "unpriced_sessions", "cost_estimate", "currency", "costs")
}

func csvRow(v metering.ReportRow, by metering.GroupBy) []string {
	id := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	var cells []string
	switch by {
	case metering.ByEntity:
		cells = []string{id(int64(v.EntityID)), harmless(v.Name)}
	case metering.ByDepartment:
		cells = []string{id(int64(v.DepartmentID)), harmless(v.Name)}
	case metering.ByRoom:
		cells = []string{id(int64(v.RoomID)), harmless(v.Name)}
	case metering.ByAgent:
		cells = []string{id(int64(v.ParticipantID)), harmless(v.Name)}
	case metering.ByModel:
		cells = []string{string(v.Model.Kind), harmless(v.Model.Provider), harmless(v.Model.Model)}
	case metering.ByDay, metering.ByMonth:
		cells = []string{v.Period}
	}
	for _, n := range []int64{v.Sessions, v.ActiveSessions, v.DurationSeconds, v.TotalTokensInput, v.TotalTokensOutput} {
		cells = append(cells, strconv.FormatInt(n, 10))
	}
	cells = append(cells, metering.FormatMinutes(v.TotalAudioMillis))
	for _, n := range []int64{v.InteractionsCount, v.TranscriptionCount, v.UnpricedSessions} {
		cells = append(cells, strconv.FormatInt(n, 10))
	}
	cost, currency := "", "" // of the only currency
	switch len(v.Costs) {
	case 0:
		cost = "0"
	case 1:
		cost, currency = metering.FormatMicros(v.Costs[0].Micros), v.Costs[0].Currency
	}
	costs := make([]string, 0, len(v.Costs))
	for _, c := range v.Costs {
		costs = append(costs, c.Currency+" "+metering.FormatMicros(c.Micros))
	}
	return append(cells, cost, currency, strings.Join(costs, "; "))
}

// harmless is a text that no spreadsheet takes for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// prefersCSV reports whether an Accept header names CSV, and does not like JSON as much.
func prefersCSV(accept string) bool {
	var csvWeight, jsonWeight float64
	for part := range strings.SplitSeq(accept, ",") {
		media, params, _ := strings.Cut(part, ";")
		weight := 1.0
		for param := range strings.SplitSeq(params, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
			if q, err := strconv.ParseFloat(value, 64); strings.EqualFold(name, "q") && err == nil {
				weight = q
			}
		}
		switch strings.ToLower(strings.TrimSpace(media)) {
		case "text/csv":
			csvWeight = max(csvWeight, weight)
		case "application/json":
			jsonWeight = max(jsonWeight, weight)
		}
	}
	return csvWeight > jsonWeight
}
