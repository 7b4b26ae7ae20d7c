package httpapi_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/unconfigured"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// media is LiveKit as the use cases have it.
type media interface {
	ports.MediaServer
	ports.MediaWebhooks
}

// liveKit is a LiveKit server that a test can look into and take away. Nobody joins its rooms by themselves.
type liveKit struct {
	mu         sync.Mutex
	away       bool
	made       int
	rooms      map[string]conference.MediaRoom
	dispatched []dispatched
	withdrawn  []string // rooms
}

type dispatched struct{ room, agent, metadata string }

func newLiveKit() *liveKit { return &liveKit{rooms: map[string]conference.MediaRoom{}} }

// leave makes LiveKit not answer, or answer again.
func (l *liveKit) leave(away bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away = away
}

// ask does something when LiveKit answers.
func (l *liveKit) ask(fn func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return errs.New(errs.Unavailable, "livekit-unavailable", "LiveKit does not answer")
	}
	fn()
	return nil
}

func (*liveKit) Available() error { return nil }

func (l *liveKit) Open(_ context.Context, room conference.Room) (m conference.MediaRoom, err error) {
	err = l.ask(func() {
		there := false
		if m, there = l.rooms[room.LiveKitName]; !there {
			l.made++
			m = conference.MediaRoom{Name: room.LiveKitName, SID: fmt.Sprintf("RM_%d", l.made), Since: time.Now().UTC().Truncate(time.Millisecond)}
			l.rooms[m.Name] = m
		}
	})
	return m, err
}

func (l *liveKit) Close(_ context.Context, name string) error {
	return l.ask(func() { delete(l.rooms, name) })
}

func (l *liveKit) Rooms(context.Context) (list []conference.MediaRoom, err error) {
	err = l.ask(func() { list = slices.Collect(maps.Values(l.rooms)) })
	return list, err
}

func (l *liveKit) Participants(context.Context, string) ([]conference.MediaParticipant, error) {
	return nil, l.ask(func() {})
}

func (l *liveKit) Dispatch(_ context.Context, room, agent, metadata string) (id string, err error) {
	err = l.ask(func() {
		l.dispatched = append(l.dispatched, dispatched{room, agent, metadata})
		id = fmt.Sprintf("AD_%d", len(l.dispatched))
	})
	return id, err
}

func (l *liveKit) Withdraw(_ context.Context, room, _ string) error {
	return l.ask(func() { l.withdrawn = append(l.withdrawn, room) })
}

func (*liveKit) JoinToken(room conference.Room, p ports.JoinTokenParams) (token, url string, err error) {
	return fmt.Sprintf("join %s as %s within %s", room.LiveKitName, p.Identity, p.Lifetime), "wss://livekit.example", nil
}

// Event reads an event that [signature] has signed.
func (*liveKit) Event(authorization string, body []byte) (conference.MediaEvent, error) {
	if authorization != signature(string(body)) {
		return conference.MediaEvent{}, errs.New(errs.Unauthenticated, "invalid-signature", "the signature of the webhook is not valid")
	}
	var e conference.MediaEvent
	if err := json.Unmarshal(body, &e); err != nil || e.ID == "" {
		return conference.MediaEvent{}, errs.New(errs.Invalid, "invalid-event", "the webhook is no event of LiveKit")
	}
	return e, nil
}

// signature is the Authorization header of a webhook.
func signature(body string) string {
	sum := sha256.Sum256([]byte(body))
	return "signed-" + hex.EncodeToString(sum[:])
}

// jobs is what the agents were handed that were dispatched to a room, in their order.
func (l *liveKit) jobs(tb testing.TB, room string) []map[string]any {
	tb.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var jobs []map[string]any
	for _, d := range l.dispatched {
		if d.room != room {
			continue
		}
		job := map[string]any{}
		if err := json.Unmarshal([]byte(d.metadata), &job); err != nil {
			tb.Fatalf("the metadata %q: %v", d.metadata, err)
		}
		jobs = append(jobs, job)
	}
	return jobs
}

// mediaOf is the LiveKit of a store, none unless a test gave it one.
func mediaOf(s stored) media {
	if s.liveKit == nil {
		return unconfigured.Media{}
	}
	return s.liveKit
}

// newConference is a world with LiveKit, in which each clinic has a room with an agent.
func newConference(tb testing.TB) *world {
	tb.Helper()
	s := openStore(tb, realTime)
	s.liveKit = newLiveKit()
	return newWorldIn(tb, s)
}

// request asks for an agent in the room of a clinic that is for that.
func (w *world) request(tb testing.TB, c clinicIDs) roomAgent {
	tb.Helper()
	got := w.do(tb, w.manager, http.MethodPost, fmt.Sprintf("/v1/rooms/%d/agent", c.called), "")
	if got.status != http.StatusCreated {
		tb.Fatalf("request an agent: %d %s", got.status, got.body)
	}
	return w.agentOf(tb, c)
}

// roomAgent is an AI agent that was dispatched.
type roomAgent struct {
	token string
	is    clinicIDs // the clinic, of which the room and the agent are its own; atWork gives it a session
}

// agentOf is the agent that was dispatched to the room of a clinic last.
func (w *world) agentOf(tb testing.TB, c clinicIDs) roomAgent {
	tb.Helper()
	room := w.do(tb, w.manager, http.MethodGet, fmt.Sprintf("/v1/rooms/%d", c.called), "").object(tb)
	name, _ := room["livekit_name"].(string)
	jobs := w.liveKit.jobs(tb, name)
	if len(jobs) == 0 {
		tb.Fatalf("no agent was dispatched to %v", room)
	}
	job := jobs[len(jobs)-1]
	token, _ := job["token"].(string)
	participant, _ := job["participant_id"].(float64)
	c.room, c.agent = c.called, int64(participant)
	return roomAgent{token, c}
}
