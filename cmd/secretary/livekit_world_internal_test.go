package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/livekit"
	"github.com/secretary-api/secretary/adapters/livekit/livekittest"
	"github.com/secretary-api/secretary/core/conference"
)

// hooks stands between LiveKit and the service: it keeps what LiveKit posts as it came, passes it on, and may be down.
type hooks struct {
	url    string
	target atomic.Pointer[string]
	down   atomic.Bool

	mu     sync.Mutex
	posted []hook
}

// hook is a webhook as LiveKit posted it.
type hook struct {
	authorization, contentType string
	body                       []byte
}

func newHooks(t *testing.T) *hooks {
	t.Helper()
	h := &hooks{}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	h.url = s.URL
	return h
}

func (h *hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	target := h.target.Load()
	if err != nil || target == nil || h.down.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	it := hook{r.Header.Get("Authorization"), r.Header.Get("Content-Type"), body}
	h.mu.Lock()
	h.posted = append(h.posted, it)
	h.mu.Unlock()
	status, err := it.post(r.Context(), *target)
	if err != nil {
		status = http.StatusBadGateway
	}
	w.WriteHeader(status)
}

func (h *hooks) all() []hook {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.posted)
}

// post posts the webhook to a service, and returns how that was answered.
func (h hook) post(ctx context.Context, service string) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, service+"/v1/webhooks/livekit", bytes.NewReader(h.body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", h.contentType)
	if h.authorization != "" {
		r.Header.Set("Authorization", h.authorization)
	}
	answer, err := testClient().Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// call is a service whose rooms take place on a real LiveKit server, and a clinic to have them in.
type call struct {
	flow

	t          *testing.T
	service    *server
	livekit    *livekittest.Server
	media      *livekit.Server // to look at what is there
	hooks      *hooks
	entity     int64
	department int64
}

func newCall(t *testing.T, env map[string]string) *call {
	t.Helper()
	h := newHooks(t)
	lk := livekittest.Start(t, h.url)
	vars := map[string]string{
		"LIVEKIT_URL": lk.URL, "LIVEKIT_API_KEY": lk.APIKey, "LIVEKIT_API_SECRET": lk.APISecret,
	}
	maps.Copy(vars, env)
	s, c := streamed(t, vars)
	h.target.Store(&s.url)
	media, err := livekit.New(livekit.Options{URL: lk.URL, APIKey: lk.APIKey, APISecret: lk.APISecret})
	if err != nil {
		t.Fatal(err)
	}
	w := &call{flow: flow{t, c}, t: t, service: s, livekit: lk, media: media, hooks: h}
	w.entity = w.post("/v1/entities", `{"name":"Clínica XYZ","instructions":{"prompt":"Você atende a Clínica XYZ."}}`)
	w.department = w.post(fmt.Sprintf("/v1/entities/%d/departments", w.entity), `{"name":"Cardiologia","instructions":{"prompt":"Pergunte pelos exames."}}`)
	return w
}

// roomState is what a test looks at of a room.
type roomState struct {
	ID           int64
	Status       string
	LiveKitName  string      `json:"livekit_name"`
	LiveKitSID   string      `json:"livekit_sid"`
	ClosedReason string      `json:"closed_reason"`
	Agent        *agentState `json:"agent"`
}

type agentState struct {
	Status        string
	ParticipantID int64  `json:"participant_id"`
	DispatchID    string `json:"dispatch_id"`
	Request       int
	Attempts      int
	Reason        string
}

// open opens a room.
func (w *call) open(more string) int64 {
	w.t.Helper()
	return w.post("/v1/rooms", `{"name":"Consulta","entity_id":%d,"department_id":%d%s}`, w.entity, w.department, more)
}

func (w *call) room(id int64) (r roomState) {
	w.t.Helper()
	w.do(http.MethodGet, fmt.Sprintf("/v1/rooms/%d", id), "", &r)
	return r
}

// patient makes a client and puts them into a room.
func (w *call) patient(room int64) int64 {
	w.t.Helper()
	id := w.post("/v1/participants", `{"name":"Maria Oliveira","type":"CLIENT","phone_number":"+5511955550033","entity_id":%d}`, w.entity)
	w.do(http.MethodPost, fmt.Sprintf("/v1/rooms/%d/participants", room), fmt.Sprintf(`{"participant_id":%d}`, id), nil)
	return id
}

// joinToken is what POST tokens answers.
type joinToken struct {
	Token, URL, Room, Identity string
	ExpiresIn                  int `json:"expires_in"`
}

func (w *call) token(room, who int64) (v joinToken) {
	w.t.Helper()
	w.do(http.MethodPost, fmt.Sprintf("/v1/rooms/%d/tokens", room), fmt.Sprintf(`{"participant_id":%d}`, who), &v)
	return v
}

// requestAgent asks for an agent, and returns how that was answered.
func (w *call) requestAgent(room int64) (status int, a agentState) {
	w.t.Helper()
	status = w.ask(w.c.token, http.MethodPost, fmt.Sprintf("/v1/rooms/%d/agent", room), `{}`, &a)
	return status, a
}

// ask makes a call as whoever has the token, and returns how it was answered; out may be nil.
func (w *call) ask(token, method, path, body string, out any) (status int) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.service.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := testClient().Do(r)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	if out != nil && answer.StatusCode < http.StatusBadRequest {
		if err := json.Unmarshal(raw, out); err != nil {
			w.t.Fatalf("%s %s answered %s: %v", method, path, raw, err)
		}
	}
	return answer.StatusCode
}

// event is a room event, as a list shows it.
type event struct {
	Name string
	Data map[string]any
}

// events returns the room events of a room, oldest first.
func (w *call) events(room int64) []event {
	w.t.Helper()
	var list struct{ Items []event }
	w.do(http.MethodGet, fmt.Sprintf("/v1/rooms/%d/events?limit=200", room), "", &list)
	return list.Items
}

// count returns how many events of a name a room has.
func (w *call) count(room int64, name string) int {
	w.t.Helper()
	n := 0
	for _, e := range w.events(room) {
		if e.Name == name {
			n++
		}
	}
	return n
}

// eventually waits until a check finds nothing wrong.
func (w *call) eventually(what string, check func() error) {
	w.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// awaitRoom waits until a room is as it should be.
func (w *call) awaitRoom(id int64, what string, is func(roomState) bool) roomState {
	w.t.Helper()
	var r roomState
	w.eventually(what, func() error {
		if r = w.room(id); is(r) {
			return nil
		}
		return fmt.Errorf("the room is %+v, its agent %+v", r, r.Agent)
	})
	return r
}

// awaitAgent waits until the agent of a room has a status.
func (w *call) awaitAgent(room int64, status string) agentState {
	w.t.Helper()
	r := w.awaitRoom(room, "waiting for an agent that is "+status, func(r roomState) bool { return r.Agent != nil && r.Agent.Status == status })
	return *r.Agent
}

// awaitEvents waits until a room has so many events of a name, and no more.
func (w *call) awaitEvents(room int64, name string, want int) {
	w.t.Helper()
	w.eventually("waiting for "+name, func() error {
		if got := w.count(room, name); got != want {
			return fmt.Errorf("there are %d, want %d", got, want)
		}
		return nil
	})
}

// awaitGone waits until LiveKit does not have a room any more.
func (w *call) awaitGone(name string) {
	w.t.Helper()
	w.eventually("waiting for LiveKit to end "+name, func() error {
		rooms, err := w.media.Rooms(w.t.Context())
		if slices.ContainsFunc(rooms, func(r conference.MediaRoom) bool { return r.Name == name }) {
			err = errors.New("it is there")
		}
		return err
	})
}
