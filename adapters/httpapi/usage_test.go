package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/metering"
)

// metered is a world with the prices of the specification's example.
type metered struct {
	*world
	at string // the path of our session
}

func newMetered(t *testing.T) metered {
	t.Helper()
	s := openStore(t, realTime)
	w := newWorld(t, func(c *httpapi.Config) { c.Services = newServices(s) })
	for unit, price := range map[metering.Unit]string{metering.InputTokens: "40e-6", metering.OutputTokens: "0.0001", metering.AudioMinutes: "0.02"} {
		amount, err := metering.ParseAmount(price)
		if err != nil {
			t.Fatal(err)
		}
		p, err := metering.NewModelPrice(metering.ModelPriceParams{
			ModelPattern: "gpt-4", Unit: unit, Amount: amount, Currency: "USD", ValidFrom: realTime().AddDate(-5, 0, 0),
		}, realTime())
		if err == nil {
			_, err = s.deps.Repositories.ModelPrices.Create(t.Context(), p)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return metered{w, fmt.Sprintf("/v1/usage/%d", w.ours.usage)}
}

func (w metered) patch(t *testing.T, body string, change ...func(*http.Request)) map[string]any {
	t.Helper()
	got := w.do(t, w.admin, http.MethodPatch, w.at, body, change...)
	if got.status != http.StatusOK {
		t.Fatalf("PATCH %s: %d %s", body, got.status, got.body)
	}
	return got.object(t)
}

func withHeader(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestASessionOfAnAgentFromStartToEnd(t *testing.T) {
	t.Parallel()
	w := newMetered(t)
	started := w.do(t, w.admin, http.MethodPost, fmt.Sprintf("/v1/rooms/%d/usage", w.ours.room), fmt.Sprintf(
		`{"participant_id":%d,"session_start":"2025-11-03T11:30:00-03:00","data":{"model":"gpt-4","temperature":0.70,"features_used":["transcription"]}}`, w.ours.agent))
	if started.status != http.StatusCreated || started.header.Get("ETag") == "" {
		t.Fatalf("started: %d %v %s", started.status, started.header, started.body)
	}
	at := started.header.Get("Location")
	if got := w.do(t, w.admin, http.MethodGet, at, ""); got.body != started.body || got.header.Get("ETag") != started.header.Get("ETag") {
		t.Errorf("read: got %s, want what was started: %s", got.body, started.body)
	}
	for _, step := range []struct{ method, path, body string }{
		{http.MethodPatch, at, `{"set":{"total_tokens_input":15000,"total_tokens_output":8500,"total_audio_minutes":45.00,"interactions_count":42,"transcription_count":12}}`},
		{http.MethodPost, at + "/end", `{"session_end":"2025-11-03T15:15:00Z"}`},
		{http.MethodPost, at + "/end", ""},
	} {
		if got := w.do(t, w.admin, step.method, step.path, step.body); got.status != http.StatusOK {
			t.Fatalf("%s %s: %d %s", step.method, step.path, got.status, got.body)
		}
	}
	got := w.do(t, w.admin, http.MethodGet, at, "")
	for _, part := range []string{
		`"session_start":"2025-11-03T14:30:00Z"`, `"session_end":"2025-11-03T15:15:00Z"`, `"duration_seconds":2700`, `"end_reason":"ended"`,
		`"total_tokens_input":15000`, `"total_tokens_output":8500`, `"total_audio_minutes":45,`, `"interactions_count":42`,
		`"transcription_count":12`, `"cost_estimate":2.35,"currency":"USD","unpriced":false,"provider":null,"model":"gpt-4"`,
		`"models":[{"kind":"general","provider":null,"model":"gpt-4","input_tokens":15000,"cached_input_tokens":0,`,
		`"audio_minutes":45,"requests":0,"connection_minutes":0,"cost_estimate":2.35,"unpriced":false}]`, `0.70`,
		fmt.Sprintf(`"room_id":%d,"participant_id":%d,"entity_id":%d,"department_id":%d`, w.ours.room, w.ours.agent, w.ours.entity, w.ours.department),
	} {
		if !strings.Contains(got.body, part) {
			t.Errorf("got %s, want %s in it", got.body, part)
		}
	}
}

func TestSessionsAreListedByWhoseTheyAre(t *testing.T) {
	t.Parallel()
	w := newMetered(t)
	ours := w.ours
	ended := w.create(t, fmt.Sprintf("/v1/rooms/%d/usage", ours.room), `{"participant_id":%d,"session_start":"2020-01-01T00:00:00Z"}`, ours.agent)
	w.do(t, w.admin, http.MethodPost, fmt.Sprintf("/v1/usage/%d/end", ended), "")
	both, first, second := []int64{ours.usage, ended}, []int64{ours.usage}, []int64{ended}
	for query, want := range map[string][]int64{
		"":                                    both,
		fmt.Sprintf("?room_id=%d", ours.room): both,
		fmt.Sprintf("?room_id=%d", w.theirs.room):         {},
		fmt.Sprintf("?entity_id=%d", ours.entity):         both,
		fmt.Sprintf("?entity_id=%d", w.theirs.entity):     {},
		fmt.Sprintf("?participant_id=%d", ours.agent):     both,
		fmt.Sprintf("?participant_id=%d", ours.visitor):   {},
		fmt.Sprintf("?department_id=%d", ours.department): both,
		"?active=true":  first,
		"?active=false": second,
	} {
		var list struct{ Items []struct{ ID int64 } }
		w.do(t, w.admin, http.MethodGet, "/v1/usage"+query, "").decode(t, &list)
		got := []int64{}
		for _, item := range list.Items {
			got = append(got, item.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestAnUpdateIsNamedByItsKeyOrTheHeader(t *testing.T) {
	t.Parallel()
	w := newMetered(t)
	const add = `"add":{"total_tokens_input":10}`
	for _, step := range []struct {
		body, header string
		want         float64
	}{
		{`{"key":"a",` + add + `}`, "", 10},
		{`{"key":"a",` + add + `}`, "", 10},
		{`{` + add + `}`, "a", 10},
		{`{` + add + `}`, "b", 20},
		{`{"key":"c",` + add + `}`, "b", 30},
		{`{` + add + `}`, "", 40},
		{`{` + add + `}`, "", 50},
	} {
		var change []func(*http.Request)
		if step.header != "" {
			change = append(change, withHeader("Idempotency-Key", step.header))
		}
		if got := w.patch(t, step.body, change...)["total_tokens_input"]; got != step.want {
			t.Errorf("%s with header %q: got %v tokens, want %v", step.body, step.header, got, step.want)
		}
	}
	for _, key := range []string{strings.Repeat("k", 101), "a b"} {
		got := w.do(t, w.admin, http.MethodPatch, w.at, `{`+add+`}`, withHeader("Idempotency-Key", key))
		wantProblem(t, got, http.StatusUnprocessableEntity, "invalid-input")
		got = w.do(t, w.admin, http.MethodPatch, w.at, fmt.Sprintf(`{"key":%q,%s}`, key, add))
		wantProblem(t, got, http.StatusUnprocessableEntity, "invalid-input")
	}
}

func TestUpdatesBoundToAVersionTakeTurns(t *testing.T) {
	t.Parallel()
	w := newMetered(t)
	seen := w.do(t, w.admin, http.MethodGet, w.at, "").header.Get("ETag")
	if seen == "" {
		t.Fatal("a session has no ETag")
	}
	var mu sync.Mutex
	counts := map[int]int{}
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			got := w.do(t, w.admin, http.MethodPatch, w.at, `{"add":{"requests":1}}`, withHeader("If-Match", seen))
			mu.Lock()
			defer mu.Unlock()
			counts[got.status]++
		})
	}
	all.Wait()
	if diff := cmp.Diff(map[int]int{http.StatusOK: 1, http.StatusPreconditionFailed: 15}, counts); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func TestWrongFiguresAreNamed(t *testing.T) {
	t.Parallel()
	w := newMetered(t)
	for body, location := range map[string]string{
		`{"add":{"total_tokens_input":-1}}`:                               "body.add.total_tokens_input",
		`{"add":{"total_tokens_input":1.5}}`:                              "body.add.total_tokens_input",
		`{"add":{"total_tokens_input":9000000000000000}}`:                 "body.add.total_tokens_input",
		`{"set":{"total_audio_minutes":-0.5}}`:                            "body.set.total_audio_minutes",
		`{"set":{"total_audio_minutes":"45"}}`:                            "body.set.total_audio_minutes",
		`{"set":{"total_audio_minutes":1e300}}`:                           "body.set.total_audio_minutes",
		`{"set":{"connection_minutes":1` + strings.Repeat("0", 70) + `}}`: "body.set.connection_minutes",
		`{"set":{"tokens":1}}`:                                            "body.set.tokens",
		`{"kind":"x"}`:                                                    "body.kind",
		`{"model":"` + strings.Repeat("m", 201) + `","add":{}}`:           "body.model",
	} {
		got := wantProblem(t, w.do(t, w.admin, http.MethodPatch, w.at, body), http.StatusUnprocessableEntity, "invalid-input")
		problems, _ := got["errors"].([]any)
		if len(problems) != 1 {
			t.Errorf("%.80s: got %v, want one error", body, got)
			continue
		}
		if at := problems[0].(map[string]any)["location"]; at != location {
			t.Errorf("%.80s: got an error at %v, want %s", body, at, location)
		}
	}
	if got := w.do(t, w.admin, http.MethodGet, w.at, "").object(t); got["total_tokens_input"] != 0.0 || len(got["models"].([]any)) != 0 {
		t.Errorf("got %v, want nothing counted", got)
	}
}

func TestEveryFigureIsCounted(t *testing.T) {
	t.Parallel()
	w := newMetered(t)
	got := w.patch(t, `{"kind":"llm","provider":"openai","model":"gpt-realtime","add":{"total_tokens_input":100,"total_tokens_output":90,
		"total_audio_minutes":0.0001,"interactions_count":7,"transcription_count":6,"cached_input_tokens":50,"cache_creation_tokens":5,
		"input_audio_tokens":40,"cached_input_audio_tokens":30,"output_audio_tokens":20,"characters":11,"requests":3,"connection_minutes":2.50}}`)
	model := got["models"].([]any)[0]
	want := map[string]any{
		"kind": "llm", "provider": "openai", "model": "gpt-realtime", "input_tokens": 100.0, "cached_input_tokens": 50.0,
		"cache_creation_tokens": 5.0, "input_audio_tokens": 40.0, "cached_input_audio_tokens": 30.0, "output_tokens": 90.0,
		"output_audio_tokens": 20.0, "characters": 11.0, "audio_minutes": 0.0001, "requests": 3.0, "connection_minutes": 2.5,
		"cost_estimate": 0.0, "unpriced": true,
	}
	if diff := cmp.Diff(want, model); diff != "" {
		t.Errorf("the model (-want +got):\n%s", diff)
	}
	if got["interactions_count"] != 7.0 || got["transcription_count"] != 6.0 || got["unpriced"] != true || got["currency"] != nil {
		t.Errorf("the session: got %v", got)
	}
}

func TestReportsOfLibrariesAreTaken(t *testing.T) {
	t.Parallel()
	w := newMetered(t)
	const report = `{"modelUsage":[{"type":"llm_usage","provider":"openai","model":"gpt-4","inputTokens":1000,"outputTokens":100,"someday":{"x":[1]}},{"type":"new"}]}`
	var tag string
	for range 3 {
		got := w.do(t, w.admin, http.MethodPost, w.at+"/reports", report)
		if got.status != http.StatusOK || got.object(t)["cost_estimate"] != 0.05 {
			t.Errorf("got %d %s, want a cost of 0.05", got.status, got.body)
		}
		if tag == got.header.Get("ETag") || got.header.Get("ETag") == "" {
			t.Errorf("got the ETag %q after %q, want another one", got.header.Get("ETag"), tag)
		}
		tag = got.header.Get("ETag")
	}
	list := `[{"type":"llm_metrics","request_id":"r","prompt_tokens":5,"metadata":{"model_name":"gpt-4"}}]`
	if got := w.do(t, w.admin, http.MethodPost, w.at+"/reports", list); got.status != http.StatusOK {
		t.Errorf("a list: got %d %s", got.status, got.body)
	}
	wantProblem(t, w.do(t, w.admin, http.MethodPost, w.at+"/reports", `{"hello":"world"}`), http.StatusUnprocessableEntity, "unknown-report")
	large := `{"modelUsage":[],"padding":"` + strings.Repeat("x", httpapi.DefaultMaxBody) + `"}`
	wantProblem(t, w.do(t, w.admin, http.MethodPost, w.at+"/reports", large), http.StatusRequestEntityTooLarge, "body-too-large")
}

func TestDecimalsKeepTheirDigits(t *testing.T) {
	t.Parallel()
	type body struct {
		Price httpapi.Decimal `json:"price"`
	}
	for given, want := range map[string]string{
		"0.10": "0.10", "123456789012345678.123456": "123456789012345678.123456", "2.5e-06": "2.5e-06", `"0.0000025"`: "0.0000025", "0": "0",
	} {
		var b body
		if err := json.Unmarshal([]byte(`{"price":`+given+`}`), &b); err != nil || string(b.Price) != want {
			t.Errorf("%s: read %q, %v, want %s", given, b.Price, err, want)
		}
		if got := httpapi.Marshal(b); got != `{"price":`+want+"}" {
			t.Errorf("%s: wrote %s", given, got)
		}
	}
	if got := httpapi.Marshal(body{}); got != `{"price":0}` {
		t.Errorf("none: wrote %s", got)
	}
	for _, wrong := range []string{`"abc"`, `"1,5"`, `""`, `"NaN"`, `true`, `"0x10"`, `" 1"x`, "1" + strings.Repeat("0", 64)} {
		var d httpapi.Decimal
		if err := d.UnmarshalJSON([]byte(wrong)); err != nil {
			t.Errorf("%s: reading it failed: %v", wrong, err)
		}
		if d != "" && httpapi.Flaw(d) == nil {
			t.Errorf("%s was taken for the decimal %q", wrong, d)
		}
	}
}
