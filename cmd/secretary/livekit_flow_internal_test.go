package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/livekit/livekittest"
)

// handed is what an agent is handed when it is dispatched.
type handed struct {
	SecretaryURL     string `json:"secretary_url"`
	RoomID           int64  `json:"room_id"`
	ParticipantID    int64  `json:"participant_id"`
	Identity         string
	EntityID         int64 `json:"entity_id"`
	DepartmentID     int64 `json:"department_id"`
	Instructions     struct{ Prompt string }
	InstructionsText string `json:"instructions_text"`
	Token            string
}

func handedTo(t *testing.T, metadata string) (h handed) {
	t.Helper()
	if err := json.Unmarshal([]byte(metadata), &h); err != nil {
		t.Fatalf("the agent was handed %q: %v", metadata, err)
	}
	return h
}

// TestARoomOnLiveKit is a whole conversation: a room with a department, an agent who is sent there, a patient who joins, what
// the agent tells and uses, and the end.
func TestARoomOnLiveKit(t *testing.T) {
	t.Parallel()
	w := newCall(t, nil)
	w.prices()
	worker := livekittest.StartWorker(t, w.livekit, "secretary", livekittest.Joins)

	room := w.open(`,"empty_timeout_seconds":120`)
	opened := w.room(room)
	if opened.LiveKitSID == "" || opened.Status != "OPEN" {
		t.Fatalf("the new room is %+v, want one that LiveKit has", opened)
	}
	path := fmt.Sprintf("/v1/rooms/%d", room)
	stream := follow(t, w.service, w.c.token, room, "0.0")

	first, agent := w.requestAgent(room)
	second, same := w.requestAgent(room)
	if first != http.StatusCreated || second != http.StatusOK || agent.DispatchID == "" || same.DispatchID != agent.DispatchID {
		t.Errorf("asking for an agent answered %d %+v, and once more %d %+v", first, agent, second, same)
	}
	h := handedTo(t, worker.Next(t).Metadata)
	want := handed{
		SecretaryURL: w.service.url, RoomID: room, ParticipantID: agent.ParticipantID, Identity: fmt.Sprintf("participant-%d", agent.ParticipantID),
		EntityID: w.entity, DepartmentID: w.department, Token: h.Token, InstructionsText: h.InstructionsText,
	}
	want.Instructions.Prompt = "Você atende a Clínica XYZ.\n\nPergunte pelos exames."
	if diff := cmp.Diff(want, h); diff != "" || h.Token == "" || !strings.Contains(h.InstructionsText, "Pergunte pelos exames.") {
		t.Errorf("the agent was handed (-want +got)\n%s", diff)
	}
	w.awaitAgent(room, "JOINED")
	if r := w.room(room); r.Status != "OPEN" {
		t.Errorf("with the agent alone the room is %s", r.Status)
	}

	patient := w.patient(room)
	token := w.token(room, patient)
	guest := livekittest.Join(t, token.URL, token.Token)
	w.awaitRoom(room, "waiting for the patient", func(r roomState) bool { return r.Status == "IN_PROGRESS" })

	if status := w.ask(h.Token, http.MethodGet, path+"/instructions", "", nil); status != http.StatusOK {
		t.Errorf("the agent's reading of its instructions answered %d", status)
	}
	if status := w.ask(h.Token, http.MethodPost, path+"/agent-events", `{"name":"transcript","data":{"text":"Bom dia, doutor."}}`, nil); status != http.StatusCreated {
		t.Errorf("the agent's transcript answered %d", status)
	}
	if names := stream.until(t, "transcript"); !slices.Contains(names, "participant_joined") || !slices.Contains(names, "agent_joined") {
		t.Errorf("before the transcript the stream showed %q", names)
	}
	usage := w.agentUsage(h)
	w.wantNothingElse(h)

	w.do(http.MethodDelete, path, "", nil)
	guest.IsRemoved(t)
	w.awaitGone(opened.LiveKitName)
	w.awaitEvents(room, "participant_left", 2)
	w.awaitEvents(room, "room_finished", 1)
	if r := w.room(room); r.Status != "CLOSED" || r.ClosedReason != "requested" || r.Agent.Status != "LEFT" || r.Agent.Reason != "room-closed" {
		t.Errorf("the closed room is %+v, its agent %+v", r, r.Agent)
	}
	if status := w.ask(h.Token, http.MethodPost, path+"/agent-events", `{"name":"transcript","data":{}}`, nil); status != http.StatusForbidden {
		t.Errorf("a transcript after the end answered %d", status)
	}
	if status := w.ask(h.Token, http.MethodPost, usage+"/end", `{}`, nil); status != http.StatusOK {
		t.Errorf("telling the end of the session shortly after that of the room answered %d", status)
	}
	w.wantReported(room)
	w.wantEvents(room, map[string]int{
		"room_opened": 1, "livekit_room_started": 1, "agent_requested": 1, "agent_dispatched": 1, "agent_joined": 1, "agent_left": 1,
		"participant_added": 2, "participant_joined": 2, "participant_left": 2, "room_status_changed": 2, "room_finished": 1,
	})
	if status := w.ask(w.c.token, http.MethodPost, path+"/tokens", fmt.Sprintf(`{"participant_id":%d}`, patient), nil); status != http.StatusConflict {
		t.Errorf("a token for a closed room answered %d", status)
	}
}

// until reads the stream up to an event of a name, and returns the names of those before it.
func (f *follower) until(t *testing.T, name string) (before []string) {
	t.Helper()
	for {
		names, _ := f.names(t, 1)
		if names[0] == name {
			return before
		}
		before = append(before, names[0])
	}
}

// agentUsage has the agent start a session and tell its use, and returns the session's path.
func (w *call) agentUsage(h handed) string {
	w.t.Helper()
	var session struct{ ID int64 }
	path := fmt.Sprintf("/v1/rooms/%d/usage", h.RoomID)
	if status := w.ask(h.Token, http.MethodPost, path, fmt.Sprintf(`{"participant_id":%d}`, h.ParticipantID), &session); status != http.StatusCreated {
		w.t.Fatalf("the agent's session answered %d", status)
	}
	path = fmt.Sprintf("/v1/usage/%d", session.ID)
	for _, report := range []string{
		`{"modelUsage":[{"type":"llm_usage","provider":"openai","model":"gpt-4","inputTokens":9000,"outputTokens":5000}]}`,
		`{"modelUsage":[{"type":"llm_usage","provider":"openai","model":"gpt-4","inputTokens":15000,"outputTokens":8500}]}`,
		`{"modelUsage":[{"type":"llm_usage","provider":"openai","model":"gpt-4","inputTokens":9000,"outputTokens":5000}]}`,
	} {
		if status := w.ask(h.Token, http.MethodPost, path+"/reports", report, nil); status != http.StatusOK {
			w.t.Errorf("the agent's report answered %d", status)
		}
	}
	if status := w.ask(h.Token, http.MethodPatch, path, `{"key":"1","add":{"interactions_count":3}}`, nil); status != http.StatusOK {
		w.t.Errorf("the agent's update answered %d", status)
	}
	return path
}

// wantNothingElse tries what an agent must not do.
func (w *call) wantNothingElse(h handed) {
	w.t.Helper()
	other := w.open("")
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodGet, fmt.Sprintf("/v1/rooms/%d", h.RoomID), "", http.StatusForbidden},
		{http.MethodDelete, fmt.Sprintf("/v1/rooms/%d", h.RoomID), "", http.StatusForbidden},
		{http.MethodPost, fmt.Sprintf("/v1/rooms/%d/events", h.RoomID), `{"name":"x"}`, http.StatusForbidden},
		{http.MethodPost, fmt.Sprintf("/v1/rooms/%d/tokens", h.RoomID), fmt.Sprintf(`{"participant_id":%d}`, h.ParticipantID), http.StatusForbidden},
		{http.MethodGet, "/v1/participants", "", http.StatusForbidden},
		{http.MethodGet, fmt.Sprintf("/v1/rooms/%d/instructions", other), "", http.StatusNotFound},
		{http.MethodPost, fmt.Sprintf("/v1/rooms/%d/agent-events", other), `{"name":"transcript"}`, http.StatusNotFound},
		{http.MethodPost, fmt.Sprintf("/v1/rooms/%d/usage", other), fmt.Sprintf(`{"participant_id":%d}`, h.ParticipantID), http.StatusNotFound},
	} {
		if status := w.ask(h.Token, c.method, c.path, c.body, nil); status != c.want {
			w.t.Errorf("the agent's %s %s answered %d, want %d", c.method, c.path, status, c.want)
		}
	}
}

// wantReported checks the room's only row of the report.
func (w *call) wantReported(room int64) {
	w.t.Helper()
	var report struct {
		Rows []struct {
			Sessions     int64
			Input        int64       `json:"total_tokens_input"`
			Output       int64       `json:"total_tokens_output"`
			Interactions int64       `json:"interactions_count"`
			Open         int64       `json:"open_sessions"`
			Cost         json.Number `json:"cost_estimate"`
		}
	}
	w.do(http.MethodGet, fmt.Sprintf("/v1/reports/usage?room_id=%d&group_by=room", room), "", &report)
	if got, want := fmt.Sprint(report.Rows), "[{1 15000 8500 3 0 1.45}]"; got != want {
		w.t.Errorf("the report says %s, want %s", got, want)
	}
}

// wantEvents checks how many events of each name a room has.
func (w *call) wantEvents(room int64, want map[string]int) {
	w.t.Helper()
	got := map[string]int{}
	for _, e := range w.events(room) {
		got[e.Name]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("the room's events (-want +got)\n%s", diff)
	}
}
