package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// room is a path of a room.
func room(id int64, path string) string { return fmt.Sprintf("/v1/rooms/%d%s", id, path) }

func TestRoomIsMadeOnLiveKit(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	got := w.do(t, w.admin, http.MethodPost, "/v1/rooms", `{"name":"new","empty_timeout_seconds":30,"departure_timeout_seconds":5,"max_participants":3}`)
	want(t, got, http.StatusCreated, map[string]any{
		"status": "OPEN", "empty_timeout_seconds": 30.0, "departure_timeout_seconds": 5.0, "max_participants": 3.0,
		"agent": nil, "closed_reason": nil,
	})
	made := got.object(t)
	if sid, _ := made["livekit_sid"].(string); !strings.HasPrefix(sid, "RM_") {
		t.Errorf("livekit_sid = %v, want LiveKit's", made["livekit_sid"])
	}
	plain := w.do(t, w.admin, http.MethodPost, "/v1/rooms", `{"name":"new","max_participants":null}`)
	want(t, plain, http.StatusCreated, map[string]any{
		"empty_timeout_seconds": 600.0, "departure_timeout_seconds": 60.0, "max_participants": 0.0,
	})
}

func TestRoomsLimitsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, limit := range []string{
		`"empty_timeout_seconds":9`, `"empty_timeout_seconds":86401`, `"departure_timeout_seconds":0`, `"departure_timeout_seconds":86401`,
		`"max_participants":-1`, `"max_participants":10001`, `"empty_timeout_seconds":10.5`,
	} {
		p := wantProblem(t, w.do(t, w.admin, http.MethodPost, "/v1/rooms", `{"name":"new",`+limit+`}`), http.StatusUnprocessableEntity, "invalid-input")
		name, _, _ := strings.Cut(strings.TrimPrefix(limit, `"`), `"`)
		if !strings.Contains(fmt.Sprint(p["errors"]), "body."+name) {
			t.Errorf("%s: the errors are %v", limit, p["errors"])
		}
	}
	for _, limit := range []string{`"empty_timeout_seconds":10`, `"empty_timeout_seconds":86400`, `"departure_timeout_seconds":1`, `"max_participants":10000`} {
		if got := w.do(t, w.admin, http.MethodPost, "/v1/rooms", `{"name":"new",`+limit+`}`); got.status != http.StatusCreated {
			t.Errorf("%s: %d %s", limit, got.status, got.body)
		}
	}
}

func TestRoomIsOpenedWhileLiveKitIsAway(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	w.liveKit.leave(true)
	got := w.do(t, w.admin, http.MethodPost, "/v1/rooms", `{"name":"new"}`)
	want(t, got, http.StatusCreated, map[string]any{"status": "OPEN", "livekit_sid": nil})
	var made struct{ ID int64 }
	got.decode(t, &made)
	joins := w.do(t, w.admin, http.MethodPost, room(made.ID, "/participants"), fmt.Sprintf(`{"participant_id":%d}`, w.ours.participant))
	if joins.status != http.StatusCreated {
		t.Fatal(joins.body)
	}
	token := func() result {
		return w.do(t, w.admin, http.MethodPost, room(made.ID, "/tokens"), fmt.Sprintf(`{"participant_id":%d}`, w.ours.participant))
	}
	wantProblem(t, token(), http.StatusServiceUnavailable, "livekit-unavailable")
	want(t, w.do(t, w.admin, http.MethodPost, room(made.ID, "/agent"), ""), http.StatusCreated, map[string]any{"status": "REQUESTED", "dispatch_id": nil})
	w.liveKit.leave(false)
	want(t, token(), http.StatusOK, map[string]any{"url": "wss://livekit.example"})
}

func TestJoinToken(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	ask := func(body string) result { return w.do(t, w.admin, http.MethodPost, room(w.ours.room, "/tokens"), body) }
	name, _ := w.do(t, w.admin, http.MethodGet, room(w.ours.room, ""), "").object(t)["livekit_name"].(string)
	for ttl, seconds := range map[string]float64{"": 600, `,"ttl_seconds":null`: 600, `,"ttl_seconds":30`: 30, `,"ttl_seconds":21600`: 21600} {
		got := ask(fmt.Sprintf(`{"participant_id":%d%s}`, w.ours.participant, ttl))
		identity := fmt.Sprint("participant-", w.ours.participant)
		wanted := map[string]any{
			"token": fmt.Sprintf("join %s as %s within %s", name, identity, time.Duration(seconds)*time.Second),
			"url":   "wss://livekit.example", "room": name, "identity": identity, "expires_in": seconds,
		}
		if got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.body)
		}
		if diff := cmp.Diff(wanted, got.object(t)); diff != "" {
			t.Errorf("%q: %s", ttl, diff)
		}
		if cache := got.header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("Cache-Control = %q", cache)
		}
	}
	for _, ttl := range []string{"29", "21601", "0", `"x"`} {
		wantProblem(t, ask(fmt.Sprintf(`{"participant_id":%d,"ttl_seconds":%s}`, w.ours.participant, ttl)), http.StatusUnprocessableEntity, "invalid-input")
	}
	wantProblem(t, ask(fmt.Sprintf(`{"participant_id":%d}`, w.ours.visitor)), http.StatusNotFound, "room-participant-not-found")
	wantProblem(t, ask(fmt.Sprintf(`{"participant_id":%d}`, w.theirs.participant)), http.StatusNotFound, "room-participant-not-found")
	wantProblem(t, ask(``), http.StatusBadRequest, "invalid-json")

	agent := w.agentOf(t, w.ours).is
	refused := w.do(t, w.admin, http.MethodPost, room(agent.room, "/tokens"), fmt.Sprintf(`{"participant_id":%d}`, agent.agent))
	wantProblem(t, refused, http.StatusUnprocessableEntity, "invalid-input")

	w.do(t, w.admin, http.MethodDelete, room(w.ours.room, ""), "")
	wantProblem(t, ask(fmt.Sprintf(`{"participant_id":%d}`, w.ours.participant)), http.StatusConflict, "room-closed")
}

func TestJoinTokenIsNeverKept(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	got := w.do(t, w.admin, http.MethodPost, room(w.ours.room, "/tokens"), fmt.Sprintf(`{"participant_id":%d}`, w.ours.participant), named("key"))
	if got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if _, err := w.repos.IdempotencyKeys.Get(t.Context(), strings.Replace(w.admin, "token-", "user:", 1), "key"); err == nil {
		t.Error("the answer was kept, and the token with it")
	}
}

func TestAgentIsSentOnce(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	path := room(w.ours.room, "/agent")
	wantProblem(t, w.do(t, w.admin, http.MethodGet, path, ""), http.StatusNotFound, "agent-not-found")
	ask := func(body string) result { return w.do(t, w.admin, http.MethodPost, path, body) }
	first := ask(`{"agent_name":"helper"}`)
	want(t, first, http.StatusCreated, map[string]any{
		"status": "DISPATCHED", "agent_name": "helper", "request": 1.0, "attempts": 1.0, "reason": nil, "joined_at": nil, "ended_at": nil,
	})
	v := first.object(t)
	if v["dispatch_id"] == nil || v["participant_id"] == 0.0 || v["requested_at"] == nil || v["deadline"] == nil {
		t.Errorf("the agent is %s", first.body)
	}
	for _, body := range []string{"", "{}", `{"agent_name":null}`, `{"agent_name":"helper"}`} {
		again := ask(body)
		if again.status != http.StatusOK || again.body != first.body {
			t.Errorf("%q: %d %s, want 200 %s", body, again.status, again.body, first.body)
		}
	}
	seen := w.do(t, w.admin, http.MethodGet, path, "")
	if seen.body != first.body {
		t.Errorf("GET answers %s, want %s", seen.body, first.body)
	}
	whole := w.do(t, w.admin, http.MethodGet, room(w.ours.room, ""), "")
	if diff := cmp.Diff(any(v), whole.object(t)["agent"]); diff != "" {
		t.Errorf("the room has another agent: %s", diff)
	}
	for name, got := range map[string]result{"POST": first, "GET": seen} {
		if tag := got.header.Get("ETag"); tag == "" || tag != whole.header.Get("ETag") {
			t.Errorf("%s: ETag = %q, the room's is %q", name, tag, whole.header.Get("ETag"))
		}
	}
	if where := first.header.Get("Location"); where != path {
		t.Errorf("Location = %q, want %q", where, path)
	}
	livekitName, _ := whole.object(t)["livekit_name"].(string)
	jobs := w.liveKit.jobs(t, livekitName)
	if len(jobs) != 1 {
		t.Fatalf("%d agents were dispatched: %v", len(jobs), jobs)
	}
	for name, wanted := range map[string]any{
		"secretary_url": "https://secretary.example", "room_id": float64(w.ours.room), "participant_id": v["participant_id"],
		"identity": fmt.Sprint("participant-", v["participant_id"]), "entity_id": float64(w.ours.entity), "department_id": float64(w.ours.department),
	} {
		if diff := cmp.Diff(wanted, jobs[0][name]); diff != "" {
			t.Errorf("%s in the metadata: %s", name, diff)
		}
	}
}

func TestAgentIsRefused(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	path := room(w.ours.room, "/agent")
	for _, body := range []string{`{"agent_name":""}`, `{"agent_name":7}`, `{"other":1}`, `{"agent_name":"` + strings.Repeat("a", 101) + `"}`, `[]`} {
		wantProblem(t, w.do(t, w.admin, http.MethodPost, path, body), http.StatusUnprocessableEntity, "invalid-input")
	}
	wantProblem(t, w.do(t, w.admin, http.MethodGet, path, ""), http.StatusNotFound, "agent-not-found")
	w.do(t, w.admin, http.MethodDelete, room(w.ours.room, ""), "")
	wantProblem(t, w.do(t, w.admin, http.MethodPost, path, ""), http.StatusConflict, "room-closed")
}

func TestAgentRequestWithAKeyIsDoneOnce(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	path := room(w.ours.room, "/agent")
	first := w.do(t, w.admin, http.MethodPost, path, "", named("key"))
	if first.status != http.StatusCreated {
		t.Fatalf("%d %s", first.status, first.body)
	}
	w.do(t, w.admin, http.MethodDelete, path, "")
	sameAnswer(t, first, w.do(t, w.admin, http.MethodPost, path, "", named("key")))
	want(t, w.do(t, w.admin, http.MethodGet, path, ""), http.StatusOK, map[string]any{"request": 1.0})
}

func TestAgentIsDismissed(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	path := room(w.ours.called, "/agent")
	agent := w.agentOf(t, w.ours)
	tag := w.do(t, w.admin, http.MethodGet, path, "").header.Get("ETag")
	wantProblem(t, w.do(t, w.admin, http.MethodDelete, path, "", matching(`"other"`)), http.StatusPreconditionFailed, "version-mismatch")
	if got := w.do(t, w.admin, http.MethodDelete, path, "", matching(tag)); got.status != http.StatusNoContent {
		t.Fatalf("%d %s", got.status, got.body)
	}
	gone := w.do(t, w.admin, http.MethodGet, path, "")
	want(t, gone, http.StatusOK, map[string]any{"status": "FAILED", "reason": "dismissed"})
	if gone.object(t)["ended_at"] == nil {
		t.Errorf("the agent has no end: %s", gone.body)
	}
	refused := w.do(t, agent.token, http.MethodGet, room(agent.is.room, "/instructions"), "")
	wantProblem(t, refused, http.StatusForbidden, "room-agent-ended")
	if got := w.do(t, w.admin, http.MethodDelete, path, ""); got.status != http.StatusNoContent {
		t.Errorf("dismissing nobody: %d %s", got.status, got.body)
	}
	second := w.do(t, w.admin, http.MethodPost, path, "")
	want(t, second, http.StatusCreated, map[string]any{"request": 2.0, "status": "DISPATCHED", "participant_id": float64(agent.is.agent)})
}

func TestClosingARoomClosesItOnLiveKit(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	if got := w.do(t, w.admin, http.MethodDelete, room(w.ours.called, ""), ""); got.status != http.StatusNoContent {
		t.Fatalf("%d %s", got.status, got.body)
	}
	closed := w.do(t, w.admin, http.MethodGet, room(w.ours.called, ""), "")
	want(t, closed, http.StatusOK, map[string]any{"status": "CLOSED", "closed_reason": "requested"})
	agent, _ := closed.object(t)["agent"].(map[string]any)
	if agent["status"] != "FAILED" || agent["reason"] != "room-closed" {
		t.Errorf("the agent is %v", agent)
	}
}

func TestWithoutLiveKitRoomsAreRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want(t, w.do(t, w.admin, http.MethodPost, "/v1/rooms", `{"name":"new"}`), http.StatusCreated, map[string]any{"livekit_sid": nil, "agent": nil})
	for _, asked := range []struct{ method, path, body string }{
		{http.MethodPost, room(w.ours.room, "/tokens"), fmt.Sprintf(`{"participant_id":%d}`, w.ours.participant)},
		{http.MethodPost, room(w.ours.room, "/agent"), ""},
		{http.MethodDelete, room(w.ours.room, "/agent"), ""},
		{http.MethodPost, "/v1/webhooks/livekit", `{"event":"room_started"}`},
	} {
		p := wantProblem(t, w.do(t, w.admin, asked.method, asked.path, asked.body), http.StatusServiceUnavailable, "livekit-unconfigured")
		for _, name := range []string{"LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"} {
			if detail, _ := p["detail"].(string); !strings.Contains(detail, name) {
				t.Errorf("%s %s: detail = %q, which does not name %s", asked.method, asked.path, detail, name)
			}
		}
	}
	wantProblem(t, w.do(t, w.admin, http.MethodGet, room(w.ours.room, "/agent"), ""), http.StatusNotFound, "agent-not-found")
}
