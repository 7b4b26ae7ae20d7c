package httpapi_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/service"
)

// fixedReport gives the same rows whatever is asked, and then an error, if there is one.
type fixedReport struct {
	rows  []metering.ReportRow
	times int // how often; 0: once
	err   error
}

func (f fixedReport) Report(_ context.Context, _ identity.Scope, _ metering.ReportQuery, row func(metering.ReportRow) error) error {
	for range max(f.times, 1) {
		for _, v := range f.rows {
			if err := row(v); err != nil {
				return err
			}
		}
	}
	return f.err
}

// reporting is a world whose reports are fixed, and its log.
func reporting(t *testing.T, f fixedReport) (*world, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	return newWorld(t, func(cfg *httpapi.Config) {
		deps := inMemory(realTime).deps
		deps.Repositories.UsageReports = f
		cfg.Services.Reports = service.NewReports(deps)
		cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}), &log
}

func accepting(media string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Accept", media) }
}

func someRow(name string, costs ...metering.Money) metering.ReportRow {
	return metering.ReportRow{
		DepartmentID: 11, Name: name, Sessions: 2, ActiveSessions: 1, DurationSeconds: 2700, TotalTokensInput: 15000,
		TotalTokensOutput: 8500, TotalAudioMillis: 2_700_500, InteractionsCount: 42, TranscriptionCount: 12, UnpricedSessions: 1, Costs: costs,
	}
}

func TestAReportIsExactInJSON(t *testing.T) {
	t.Parallel()
	w, _ := reporting(t, fixedReport{rows: []metering.ReportRow{
		{Sessions: 9007199254740993, Costs: []metering.Money{{Currency: "USD", Micros: 9007199254740993}}},
		someRow(`Cardiologia "2"`, metering.Money{Currency: "BRL", Micros: 1}, metering.Money{Currency: "USD", Micros: 2_350_000}),
	}})
	got := w.do(t, w.manager, http.MethodGet, "/v1/reports/usage?group_by=department&from=2025-11-01&to=2025-12-01", "")
	want := `{"entity_id":null,"from":"2025-11-01T03:00:00Z","to":"2025-12-01T03:00:00Z","group_by":"department","timezone":"America/Sao_Paulo","rows":[` +
		`{"department_id":null,"name":null,"sessions":9007199254740993,"active_sessions":0,"duration_seconds":0,"total_tokens_input":0,` +
		`"total_tokens_output":0,"total_audio_minutes":0,"interactions_count":0,"transcription_count":0,"unpriced_sessions":0,` +
		`"cost_estimate":9007199254.740993,"currency":"USD","costs":[{"currency":"USD","amount":9007199254.740993}]},` +
		`{"department_id":11,"name":"Cardiologia \"2\"","sessions":2,"active_sessions":1,"duration_seconds":2700,"total_tokens_input":15000,` +
		`"total_tokens_output":8500,"total_audio_minutes":45.008333,"interactions_count":42,"transcription_count":12,"unpriced_sessions":1,` +
		`"cost_estimate":null,"currency":null,"costs":[{"currency":"BRL","amount":0.000001},{"currency":"USD","amount":2.35}]}],` +
		`"totals":{"sessions":9007199254740995,"active_sessions":1,"duration_seconds":2700,"total_tokens_input":15000,` +
		`"total_tokens_output":8500,"total_audio_minutes":45.008333,"interactions_count":42,"transcription_count":12,"unpriced_sessions":1,` +
		`"cost_estimate":null,"currency":null,"costs":[{"currency":"BRL","amount":0.000001},{"currency":"USD","amount":9007199257.090993}]}}` + "\n"
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d, %s", got.status, got.header.Get("Content-Type"))
	}
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// The answer is written by hand, so it is compared with what is documented.
func TestAReportHasWhatIsDocumented(t *testing.T) {
	t.Parallel()
	w, _ := reporting(t, fixedReport{rows: []metering.ReportRow{{
		EntityID: 1, DepartmentID: 2, RoomID: 3, ParticipantID: 4, Name: "somebody", Period: "2025-11",
		Model: metering.Model{Kind: metering.LLM, Provider: "openai", Model: "gpt-4"}, Costs: []metering.Money{{Currency: "USD", Micros: 1}},
	}}})
	for _, by := range metering.Groups() {
		got := w.do(t, w.manager, http.MethodGet, "/v1/reports/usage?group_by="+string(by), "")
		var report httpapi.UsageReport
		read := json.NewDecoder(strings.NewReader(got.body))
		read.DisallowUnknownFields()
		if err := read.Decode(&report); err != nil {
			t.Fatalf("by %s: %v in %s", by, err, got.body)
		}
		again, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(again)+"\n", got.body); diff != "" {
			t.Errorf("by %s: -documented +got\n%s", by, diff)
		}
		if length := got.header.Get("Content-Length"); length != strconv.Itoa(len(got.body)) {
			t.Errorf("by %s: got the length %s of %d bytes", by, length, len(got.body))
		}
	}
}

func TestAReportNamesWhatItIsGroupedBy(t *testing.T) {
	t.Parallel()
	w, _ := reporting(t, fixedReport{rows: []metering.ReportRow{{
		EntityID: 1, DepartmentID: 2, RoomID: 3, ParticipantID: 4, Name: "somebody", Period: "2025-11",
		Model: metering.Model{Kind: metering.LLM, Model: "gpt-4"},
	}}})
	for by, want := range map[string]struct{ json, columns, cells string }{
		"entity":     {`"rows":[{"entity_id":1,"name":"somebody","sessions":`, "entity_id,name,sessions", "1,somebody,0"},
		"department": {`"rows":[{"department_id":2,"name":"somebody","sessions":`, "department_id,name,sessions", "2,somebody,0"},
		"room":       {`"rows":[{"room_id":3,"name":"somebody","sessions":`, "room_id,name,sessions", "3,somebody,0"},
		"agent":      {`"rows":[{"participant_id":4,"name":"somebody","sessions":`, "participant_id,name,sessions", "4,somebody,0"},
		"model":      {`"rows":[{"kind":"llm","provider":null,"model":"gpt-4","sessions":`, "kind,provider,model,sessions", "llm,,gpt-4,0"},
		"day":        {`"rows":[{"period":"2025-11","sessions":`, "period,sessions", "2025-11,0"},
		"month":      {`"rows":[{"period":"2025-11","sessions":`, "period,sessions", "2025-11,0"},
	} {
		asJSON := w.do(t, w.manager, http.MethodGet, "/v1/reports/usage?group_by="+by, "")
		if !strings.Contains(asJSON.body, want.json) || !strings.Contains(asJSON.body, `"cost_estimate":0,"currency":null,"costs":[]`) {
			t.Errorf("by %s: got %s", by, asJSON.body)
		}
		asCSV := w.do(t, w.manager, http.MethodGet, "/v1/reports/usage?format=csv&group_by="+by, "")
		header, row, _ := strings.Cut(asCSV.body, "\r\n")
		if !strings.HasPrefix(header, want.columns) || !strings.HasPrefix(row, want.cells) {
			t.Errorf("by %s: got %s", by, asCSV.body)
		}
	}
}

func TestAReportAsCSV(t *testing.T) {
	t.Parallel()
	w, _ := reporting(t, fixedReport{rows: []metering.ReportRow{
		someRow(`=HYPERLINK("http://evil.example","x")`, metering.Money{Currency: "USD", Micros: 2_350_000}),
		someRow("Saúde, 2\nº andar", metering.Money{Currency: "BRL", Micros: 1}, metering.Money{Currency: "USD", Micros: 2_350_000}),
		someRow("@SUM(A1)"),
	}})
	path := "/v1/reports/usage?group_by=department&from=2025-11-01&to=2025-12-01"
	got := w.do(t, w.manager, http.MethodGet, path, "", accepting("text/csv"))
	if ct := got.header.Get("Content-Type"); got.status != http.StatusOK || ct != "text/csv; charset=utf-8; header=present" {
		t.Errorf("got %d, %s", got.status, ct)
	}
	if d := got.header.Get("Content-Disposition"); d != `attachment; filename="usage-by-department-2025-11-01-2025-12-01.csv"` {
		t.Errorf("got the disposition %s", d)
	}
	rows, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	figures := []string{"2", "1", "2700", "15000", "8500", "45.008333", "42", "12", "1"}
	want := [][]string{
		strings.Split("department_id,name,sessions,active_sessions,duration_seconds,total_tokens_input,total_tokens_output,total_audio_minutes,"+
			"interactions_count,transcription_count,unpriced_sessions,cost_estimate,currency,costs", ","),
		append(append([]string{"11", `'=HYPERLINK("http://evil.example","x")`}, figures...), "2.35", "USD", "USD 2.35"),
		append(append([]string{"11", "Saúde, 2\nº andar"}, figures...), "", "", "BRL 0.000001; USD 2.35"),
		append(append([]string{"11", "'@SUM(A1)"}, figures...), "0", "", ""),
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestTheFormatOfAReportIsChosen(t *testing.T) {
	t.Parallel()
	w, _ := reporting(t, fixedReport{})
	for _, c := range []struct{ accept, query, want string }{
		{"", "", "application/json"},
		{"*/*", "", "application/json"},
		{"text/csv", "", "text/csv"},
		{"TEXT/CSV; charset=utf-8", "", "text/csv"},
		{"text/html, text/csv;q=0.9, */*;q=0.1", "", "text/csv"},
		{"application/json, text/csv;q=0.9", "", "application/json"},
		{"application/json;q=0.5, text/csv;q=0.9", "", "text/csv"},
		{"text/csv;q=0", "", "application/json"},
		{"text/csv;q=broken;;=,,", "", "text/csv"},
		{"text/csv", "?format=json", "application/json"},
		{"application/json", "?format=csv", "text/csv"},
	} {
		got := w.do(t, w.manager, http.MethodGet, "/v1/reports/usage"+c.query, "", accepting(c.accept))
		if ct := got.header.Get("Content-Type"); got.status != http.StatusOK || !strings.HasPrefix(ct, c.want) || got.header.Get("Vary") != "Accept" {
			t.Errorf("Accept %q, %q: got %d, %s", c.accept, c.query, got.status, ct)
		}
	}
	both := w.do(t, w.manager, http.MethodGet, "/v1/rooms", "", accepting("text/csv"))
	if ct := both.header.Get("Content-Type"); both.status != http.StatusOK || ct != "application/json" {
		t.Errorf("what is no report: got %d, %s", both.status, ct)
	}
}

func TestAReportThatFailsIsNeverTakenForAWholeOne(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	failure := errs.Wrap(errs.Unavailable, "database-busy", "the database is too busy", errors.New("57014"))
	t.Run("BeforeAnythingWasSentItIsAProblem", func(t *testing.T) {
		t.Parallel()
		for _, format := range []string{"json", "csv"} {
			w, log := reporting(t, fixedReport{rows: []metering.ReportRow{someRow(long)}, err: failure})
			got := w.do(t, w.manager, http.MethodGet, "/v1/reports/usage?format="+format, "")
			wantProblem(t, got, http.StatusServiceUnavailable, "database-busy")
			if strings.Count(log.String(), "database-busy") != 1 {
				t.Errorf("as %s: the log is %s", format, log)
			}
		}
	})
	t.Run("LaterTheConnectionIsCutOff", func(t *testing.T) {
		t.Parallel()
		w, log := reporting(t, fixedReport{rows: []metering.ReportRow{someRow(long)}, times: 1000, err: failure})
		server := httptest.NewServer(w.handler)
		defer server.Close()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/reports/usage?format=csv", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+w.manager)
		got, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = got.Body.Close() }()
		part, err := io.ReadAll(got.Body)
		if got.StatusCode != http.StatusOK || err == nil || len(part) < 32<<10 {
			t.Errorf("got %d, %d bytes, %v, want the beginning and then an error", got.StatusCode, len(part), err)
		}
		server.Close()
		if strings.Count(log.String(), "database-busy") != 1 || strings.Contains(log.String(), "panic") {
			t.Errorf("the log is %s", log)
		}
	})
}

func TestALargeReportIsForCSV(t *testing.T) {
	t.Parallel()
	w, _ := reporting(t, fixedReport{rows: []metering.ReportRow{someRow("x")}, times: 10_001})
	wantProblem(t, w.do(t, w.manager, http.MethodGet, "/v1/reports/usage?group_by=room", ""), http.StatusUnprocessableEntity, "report-too-large")
	got := w.do(t, w.manager, http.MethodGet, "/v1/reports/usage?group_by=room&format=csv", "")
	if lines := strings.Count(got.body, "\r\n"); got.status != http.StatusOK || lines != 10_002 {
		t.Errorf("got %d and %d lines", got.status, lines)
	}
}

func TestBadQuestionsForAReportAreProblems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, location := range map[string]string{
		"group_by=weather":              "query.group_by",
		"from=yesterday":                "query.from",
		"from=2025-12-01&to=2025-11-01": "query.from",
		"from=2015-01-01&to=2025-01-01": "query.from",
		"timezone=Mars%2FOlympus":       "query.timezone",
		"entity_id=0":                   "query.entity_id",
		"format=pdf":                    "query.format",
	} {
		p := wantProblem(t, w.do(t, w.manager, http.MethodGet, "/v1/reports/usage?"+query, ""), http.StatusUnprocessableEntity, "invalid-input")
		list, _ := p["errors"].([]any)
		first, _ := append(list, map[string]any{})[0].(map[string]any)
		if first["location"] != location {
			t.Errorf("%s: got %v, want the location %s", query, p, location)
		}
	}
}

func TestAReportOfWhatAgentsDid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"kind":"llm","model":"gpt-4","add":{"total_tokens_input":15000,"total_tokens_output":8500,"interactions_count":42}}`
	want(t, w.do(t, w.admin, http.MethodPatch, fmt.Sprintf("/v1/usage/%d", w.ours.usage), body), http.StatusOK, nil)
	var report httpapi.UsageReport
	w.do(t, w.admin, http.MethodGet, "/v1/reports/usage?group_by=model&timezone=UTC", "").decode(t, &report)
	if len(report.Rows) != 1 || report.Rows[0].TotalTokensInput != 15000 || *report.Rows[0].Model != "gpt-4" || report.Totals.InteractionsCount != 42 {
		t.Errorf("by model: got %+v", report)
	}
	got := w.do(t, w.manager, http.MethodGet, fmt.Sprintf("/v1/reports/usage?entity_id=%d&group_by=entity", w.ours.entity), "")
	got.decode(t, &report)
	if len(report.Rows) != 1 || *report.Rows[0].Name != "ours" || *report.EntityID != w.ours.entity || report.Rows[0].Sessions != 1 {
		t.Errorf("by entity: got %s", got.body)
	}
	if report.From.After(time.Now()) || report.To.Before(time.Now()) || report.TimeZone != "America/Sao_Paulo" {
		t.Errorf("got %s, want this month of the clinic", got.body)
	}
}

func TestTheTimelineOfARoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/v1/rooms/%d/", w.ours.room)
	want(t, w.do(t, w.admin, http.MethodPost, path+"events", `{"name":"note","data":{"n":1.50}}`), http.StatusCreated, nil)
	want(t, w.do(t, w.admin, http.MethodPost, path+"agent-events", `{"name":"answer"}`), http.StatusCreated, nil)
	var all, walked []httpapi.TimelineEntry
	var page httpapi.List[httpapi.TimelineEntry]
	first := w.do(t, w.admin, http.MethodGet, path+"timeline", "")
	first.decode(t, &page)
	all = page.Items
	kinds := map[string]int{}
	for _, e := range all {
		kinds[e.Kind]++
	}
	if kinds["participant"] != 1 || kinds["room_event"] < 2 || kinds["agent_event"] != 1 || kinds["usage_start"] != 1 || !strings.Contains(first.body, `"data":{"n":1.50}`) {
		t.Errorf("got %s", first.body)
	}
	for cursor := ""; ; cursor = page.NextCursor {
		page = httpapi.List[httpapi.TimelineEntry]{}
		w.do(t, w.admin, http.MethodGet, path+"timeline?limit=2&cursor="+cursor, "").decode(t, &page)
		walked = append(walked, page.Items...)
		if page.NextCursor == "" {
			break
		}
	}
	if len(walked) != len(all) {
		t.Errorf("page by page: got %d entries, want %d", len(walked), len(all))
	}
}
