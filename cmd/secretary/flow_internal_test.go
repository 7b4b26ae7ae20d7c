package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The two flows that the back office is specified by (a room with an agent, a professional of no clinic), from the
// first record to the report, with the specification's own figures.
func TestFlow(t *testing.T) {
	t.Parallel()
	caches := map[string]map[string]string{"WithoutACache": {"SECRETARY_CACHE": "off"}, "WithACache": {"SECRETARY_CACHE": "memory"}}
	if redis := os.Getenv("SECRETARY_TEST_REDIS_URL"); redis != "" {
		caches["WithRedis"] = map[string]string{"SECRETARY_CACHE": "redis", "REDIS_URL": redis}
	} else {
		t.Run("WithRedis", func(t *testing.T) {
			t.Parallel()
			t.Skip("SECRETARY_TEST_REDIS_URL names no server")
		})
	}
	for name, env := range caches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env["SECRETARY_ADMIN_EMAIL"], env["SECRETARY_ADMIN_PASSWORD"] = "root@clinic.example", testPassword
			env["SECRETARY_PLATFORM_INSTRUCTIONS"] = `{"prompt":"Você atende quem não tem clínica."}`
			c, err := newClient(t.Context(), startServe(t, env).url, credentials{"root@clinic.example", testPassword})
			if err != nil {
				t.Fatal(err)
			}
			f := flow{t, c}
			f.prices()
			f.roomWithAgent()
			f.independentProfessional()
		})
	}
}

// flow makes calls that must succeed.
type flow struct {
	t *testing.T
	c *client
}

// post makes a record and returns its id.
func (f flow) post(path, body string, args ...any) int64 {
	f.t.Helper()
	var made struct{ ID int64 }
	f.do(http.MethodPost, path, fmt.Sprintf(body, args...), &made)
	if made.ID == 0 {
		f.t.Fatalf("POST %s made nothing", path)
	}
	return made.ID
}

func (f flow) do(method, path, body string, out any) {
	f.t.Helper()
	var in any
	if body != "" {
		in = json.RawMessage(body)
	}
	if err := f.c.call(f.t.Context(), method, path, in, out); err != nil {
		f.t.Fatalf("%s %s: %v", method, path, err)
	}
}

// prices are those by which the specification's example costs what it says: 0.60 and 0.85 for tokens, 0.90 for audio.
func (f flow) prices() {
	f.t.Helper()
	for unit, price := range map[string]string{
		"input_tokens": `40, "per": 1000000`, "output_tokens": `100, "per": 1000000`, "audio_minutes": `0.02`,
	} {
		f.post("/v1/model-prices", `{"provider":"openai","model_pattern":"gpt-4","unit":%q,"price":%s,"currency":"USD","valid_from":"2025-01-01T00:00:00Z"}`,
			unit, json.RawMessage(price))
	}
}

// usage is the specification's example of a session of 45 minutes, told as the agent goes along.
func (f flow) usage(room, agent int64) {
	f.t.Helper()
	id := f.post(fmt.Sprintf("/v1/rooms/%d/usage", room), `{"participant_id":%d,"session_start":"2025-11-03T14:30:00Z","data":{"metadata":
		{"model":"gpt-4","temperature":0.7,"features_used":["transcription","suggestions","context_analysis"]}}}`, agent)
	at := fmt.Sprintf("/v1/usage/%d", id)
	for _, body := range []string{
		`{"key":"half-time","add":{"total_tokens_input":6000,"total_tokens_output":4000,"total_audio_minutes":20.5,"interactions_count":20}}`,
		`{"key":"half-time","add":{"total_tokens_input":6000,"total_tokens_output":4000,"total_audio_minutes":20.5,"interactions_count":20}}`,
		`{"set":{"total_tokens_input":15000,"total_tokens_output":8500,"total_audio_minutes":45.00,"interactions_count":42,"transcription_count":12}}`,
		`{"set":{"total_tokens_input":14000,"total_tokens_output":8000}}`,
	} {
		f.do(http.MethodPatch, at, body, nil)
	}
	f.do(http.MethodPost, at+"/end", `{"session_end":"2025-11-03T15:15:00Z"}`, nil)
	f.do(http.MethodPost, at+"/end", `{"session_end":"2025-11-03T16:00:00Z"}`, nil)
	var got map[string]any
	f.do(http.MethodGet, at, "", &got)
	want := map[string]any{
		"room_id": float64(room), "participant_id": float64(agent), "duration_seconds": 2700.0, "total_tokens_input": 15000.0,
		"total_tokens_output": 8500.0, "total_audio_minutes": 45.0, "interactions_count": 42.0, "transcription_count": 12.0,
		"cost_estimate": 2.35, "currency": "USD", "unpriced": false, "session_end": "2025-11-03T15:15:00Z",
	}
	for name, value := range want {
		if !cmp.Equal(got[name], value) {
			f.t.Errorf("the session's %s is %v, want %v", name, got[name], value)
		}
	}
}

// wantReport reads the report of the example's day and checks its only row.
func (f flow) wantReport(query string) {
	f.t.Helper()
	var report struct {
		Rows []struct {
			Sessions      int64       `json:"sessions"`
			Duration      int64       `json:"duration_seconds"`
			Input         int64       `json:"total_tokens_input"`
			Output        int64       `json:"total_tokens_output"`
			Minutes       json.Number `json:"total_audio_minutes"`
			Interactions  int64       `json:"interactions_count"`
			Transcription int64       `json:"transcription_count"`
			Cost          json.Number `json:"cost_estimate"`
			Currency      string      `json:"currency"`
			Unpriced      int64       `json:"unpriced_sessions"`
		}
	}
	f.do(http.MethodGet, "/v1/reports/usage?from=2025-11-03&to=2025-11-04&"+query, "", &report)
	if len(report.Rows) != 1 {
		f.t.Fatalf("the report %s has %d rows, want 1", query, len(report.Rows))
	}
	r := report.Rows[0]
	got := fmt.Sprintln(r.Sessions, r.Duration, r.Input, r.Output, r.Minutes, r.Interactions, r.Transcription, r.Cost, r.Currency, r.Unpriced)
	if want := "1 2700 15000 8500 45 42 12 2.35 USD 0\n"; got != want {
		f.t.Errorf("the report %s says %q, want %q", query, got, want)
	}
}

func (f flow) wantInstructions(room int64, text string, levels ...string) {
	f.t.Helper()
	var got struct {
		Instructions struct{ Prompt string }
		Sources      []struct{ Level string }
	}
	f.do(http.MethodGet, fmt.Sprintf("/v1/rooms/%d/instructions", room), "", &got)
	var from []string
	for _, s := range got.Sources {
		from = append(from, s.Level)
	}
	if got.Instructions.Prompt != text || !cmp.Equal(from, levels) {
		f.t.Errorf("the agent is told %q by %q, want %q by %q", got.Instructions.Prompt, from, text, levels)
	}
}

// agent puts an AI agent into a room.
func (f flow) agent(room int64, entity string) int64 {
	f.t.Helper()
	id := f.post("/v1/participants", `{"name":"Assistente","type":"AGENT","phone_number":"+5511955550090"%s}`, entity)
	f.do(http.MethodPost, fmt.Sprintf("/v1/rooms/%d/participants", room), fmt.Sprintf(`{"participant_id":%d,"context":{"processedContext":"primeira consulta"}}`, id), nil)
	return id
}

func (f flow) roomWithAgent() {
	f.t.Helper()
	entity := f.post("/v1/entities", `{"name":"Clínica XYZ","type":"medical_clinic","instructions":{"prompt":"Você atende a Clínica XYZ."}}`)
	department := f.post(fmt.Sprintf("/v1/entities/%d/departments", entity), `{"name":"Cardiologia","instructions":{"prompt":"Você atende a Cardiologia."}}`)
	doctor := f.post("/v1/professionals", `{"name":"Dr. João","phone_number":"+5511955550091","entity_id":%d,"department_id":%d}`, entity, department)
	room := f.post("/v1/rooms", `{"name":"Consulta","entity_id":%d,"department_id":%d,"professional_id":%d}`, entity, department, doctor)
	f.wantInstructions(room, "Você atende a Clínica XYZ.\n\nVocê atende a Cardiologia.", "entity", "department")

	f.do(http.MethodPatch, fmt.Sprintf("/v1/departments/%d", department), `{"instructions":{"prompt":"Pergunte pelos exames."}}`, nil)
	f.wantInstructions(room, "Você atende a Clínica XYZ.\n\nPergunte pelos exames.", "entity", "department")

	agent := f.agent(room, fmt.Sprintf(`,"entity_id":%d`, entity))
	f.do(http.MethodPost, fmt.Sprintf("/v1/rooms/%d/agent-events", room), `{"name":"transcript","data":{"text":"Bom dia, doutor."}}`, nil)
	f.usage(room, agent)
	for _, by := range []string{"entity", "department", "room", "agent", "day", "month"} {
		f.wantReport(fmt.Sprintf("entity_id=%d&group_by=%s", entity, by))
	}
	f.wantReport(fmt.Sprintf("department_id=%d&group_by=department", department))

	var timeline struct{ Items []struct{ Kind, Name string } }
	f.do(http.MethodGet, fmt.Sprintf("/v1/rooms/%d/timeline", room), "", &timeline)
	var kinds []string
	for _, entry := range timeline.Items {
		kinds = append(kinds, entry.Kind)
	}
	// The session was told of afterwards: it came first.
	want := []string{"usage_start", "usage_end", "room_event", "participant", "room_event", "agent_event"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		f.t.Errorf("the timeline (-want +got)\n%s", diff)
	}
}

func (f flow) independentProfessional() {
	f.t.Helper()
	doctor := f.post("/v1/professionals", `{"name":"Dra. Ana","phone_number":"+5511955550092"}`)
	room := f.post("/v1/rooms", `{"name":"Consulta avulsa","professional_id":%d}`, doctor)
	f.wantInstructions(room, "Você atende quem não tem clínica.", "platform")
	f.usage(room, f.agent(room, ""))
	f.wantReport(fmt.Sprintf("room_id=%d&group_by=room", room))
}
