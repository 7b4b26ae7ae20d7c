package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/service"
)

// forAgents are the operations for which a room agent's token is good.
func forAgents() []string {
	return []string{"get-room-instructions", "append-agent-event", "append-agent-events", "start-usage", "update-usage", "report-usage", "end-usage"}
}

// atWork is the agent in the room of a clinic, with a session of its own.
func (w *world) atWork(tb testing.TB, c clinicIDs) roomAgent {
	tb.Helper()
	a := w.agentOf(tb, c)
	a.is.usage = w.create(tb, room(a.is.room, "/usage"), `{"participant_id":%d}`, a.is.agent)
	return a
}

// TestRoomAgentAccess tries every operation as a room agent: in its own room, in another one of its entity, and in one of
// another entity.
func TestRoomAgentAccess(t *testing.T) {
	t.Parallel()
	shared := newConference(t) // of those that change nothing in it
	sharedOurs, sharedTheirs := shared.atWork(t, shared.ours), shared.atWork(t, shared.theirs)
	for _, row := range accessTable() {
		if row.public {
			continue
		}
		t.Run(row.operation, func(t *testing.T) {
			t.Parallel()
			w, ours, theirs := shared, sharedOurs, sharedTheirs
			if slices.Contains(forAgents(), row.operation) && row.method != http.MethodGet {
				w = newConference(t)
				ours, theirs = w.atWork(t, w.ours), w.atWork(t, w.theirs)
			}
			nothing := row.send(t, w, ours.token, absent())
			if !slices.Contains(forAgents(), row.operation) {
				code := "room-agent"
				if row.operation == "get-me" { // which no key may do either
					code = "users-only"
				}
				for _, c := range []clinicIDs{ours.is, w.ours, theirs.is} {
					got := row.send(t, w, ours.token, c)
					wantProblem(t, got, http.StatusForbidden, code)
					if got.body != nothing.body {
						t.Errorf("a record can be told from an absent one:\n%s%s", got.body, nothing.body)
					}
				}
				return
			}
			if nothing.status != http.StatusNotFound {
				t.Errorf("of what is not there: %d %s", nothing.status, nothing.body)
			}
			for name, c := range map[string]clinicIDs{"another room": w.ours, "another entity's room": theirs.is} {
				if got := row.send(t, w, ours.token, c); got.status != nothing.status || got.body != nothing.body {
					t.Errorf("in %s: %d %s, want it like an absent one: %s", name, got.status, got.body, nothing.body)
				}
			}
			if got := row.send(t, w, ours.token, ours.is); got.status != row.wantStatus() {
				t.Errorf("in its own room: %d, want %d: %s", got.status, row.wantStatus(), got.body)
			}
		})
	}
}

func TestDocumentSaysWhatRoomAgentsMayDo(t *testing.T) {
	t.Parallel()
	for id, op := range documented(t, newWorld(t)) {
		if says := strings.Contains(op.Description, "An AI agent may do it"); says != slices.Contains(forAgents(), id) {
			t.Errorf("%s: the document says %v", id, says)
		}
	}
}

// An agent keeps its own sessions, and those of nobody else in its room.
func TestRoomAgentHasItsOwnSessionsOnly(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	a := w.atWork(t, w.ours)
	start := room(a.is.room, "/usage")
	another := w.do(t, w.manager, http.MethodPost, start, fmt.Sprintf(`{"participant_id":%d}`, w.ours.agent))
	if another.status != http.StatusCreated {
		t.Fatal(another.body)
	}
	path := another.header.Get("Location")
	for _, asked := range []struct{ method, path, body string }{
		{http.MethodPatch, path, `{"add":{"total_tokens_input":5}}`},
		{http.MethodPost, path + "/end", ""},
		{http.MethodPost, path + "/reports", `{"usage":[{"type":"llm_usage","model":"gpt-4","input_tokens":5}]}`},
	} {
		wantProblem(t, w.do(t, a.token, asked.method, asked.path, asked.body), http.StatusNotFound, "usage-not-found")
	}
	if got := w.do(t, a.token, http.MethodPost, start, fmt.Sprintf(`{"participant_id":%d}`, w.ours.agent)); got.status/100 != 4 {
		t.Errorf("a session of another participant: %d %s", got.status, got.body)
	}
}

// What is told of the end of a room comes after it.
func TestRoomAgentReportsAfterItsRoomWasClosed(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	a := w.atWork(t, w.ours)
	if got := w.do(t, w.admin, http.MethodDelete, room(a.is.room, ""), ""); got.status != http.StatusNoContent {
		t.Fatal(got.body)
	}
	for _, row := range accessTable() {
		if !slices.Contains(forAgents(), row.operation) {
			continue
		}
		got := row.send(t, w, a.token, a.is)
		switch row.operation {
		case "update-usage", "report-usage", "end-usage":
			if got.status != row.wantStatus() {
				t.Errorf("%s: %d %s", row.operation, got.status, got.body)
			}
		default:
			wantProblem(t, got, http.StatusForbidden, "room-agent-ended")
		}
	}
}

func TestRoomAgentThatWasReplacedIsOut(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	before := w.atWork(t, w.ours)
	w.do(t, w.admin, http.MethodDelete, room(before.is.room, "/agent"), "")
	now := w.request(t, w.ours)
	if before.token == now.token {
		t.Fatal("two agents have one token")
	}
	wantProblem(t, w.do(t, before.token, http.MethodGet, room(before.is.room, "/instructions"), ""), http.StatusForbidden, "room-agent-ended")
	if got := w.do(t, now.token, http.MethodGet, room(now.is.room, "/instructions"), ""); got.status != http.StatusOK {
		t.Errorf("the one that came: %d %s", got.status, got.body)
	}
}

func TestWhatARoomAgentHearsIsStreamed(t *testing.T) {
	t.Parallel()
	s := openStore(t, realTime)
	s.liveKit = newLiveKit()
	l := newLiveIn(t, s, service.StreamOptions{})
	a := l.agentOf(t, l.ours)
	l.ours.room = a.is.room // of which open opens the stream
	stream := l.open(t, l.admin, "", "")
	event := `{"name":"transcript","data":{"text":"Bom dia, doutora.","final":true}}`
	for path, body := range map[string]string{"/agent-events": event, "/agent-events/batch": `{"events":[` + event + `]}`} {
		if got := l.do(t, a.token, http.MethodPost, room(a.is.room, path), body, named("key-of"+path)); got.status != http.StatusCreated {
			t.Fatalf("%s: %d %s", path, got.status, got.body)
		}
	}
	for range 2 {
		f := stream.next(t)
		for f.event == "" && f != (frame{}) { // a heartbeat
			f = stream.next(t)
		}
		if f.event != "agent_event" || !strings.Contains(f.data, "Bom dia, doutora.") {
			t.Errorf("the stream has %+v", f)
		}
	}
}
