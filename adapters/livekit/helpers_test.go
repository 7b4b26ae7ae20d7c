package livekit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/livekit"
	"github.com/secretary-api/secretary/adapters/livekit/livekittest"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

const (
	patience = 30 * time.Second
	key      = "devkey"
	secret   = "a-secret-of-32-characters-or-more-0"
)

func TestMain(m *testing.M) {
	livekittest.ActAsAgent()
	os.Exit(m.Run())
}

func aRoom() conference.Room {
	return conference.Room{
		ID: 12, EntityID: 3, DepartmentID: 4, LiveKitName: "room-12-abc", Name: "Consulta da Ana",
		Limits: conference.RoomLimits{EmptyTimeout: 10 * time.Minute, DepartureTimeout: time.Minute, MaxParticipants: 5},
	}
}

func anna() ports.JoinTokenParams {
	return ports.JoinTokenParams{
		Identity: "participant-7", Name: "Anna", Attributes: map[string]string{"type": "CLIENT"}, Lifetime: time.Minute,
	}
}

// offline is a server that nobody asks anything.
func offline(tb testing.TB) *livekit.Server {
	tb.Helper()
	s, err := livekit.New(livekit.Options{URL: "ws://127.0.0.1:1", APIKey: key, APISecret: secret})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// start starts a real server, and returns what reaches it.
func start(t *testing.T, webhooks ...string) (*livekit.Server, *livekittest.Server) {
	t.Helper()
	real := livekittest.Start(t, webhooks...)
	s, err := livekit.New(livekit.Options{URL: real.URL, APIKey: real.APIKey, APISecret: real.APISecret})
	if err != nil {
		t.Fatal(err)
	}
	return s, real
}

func open(t *testing.T, s *livekit.Server) conference.MediaRoom {
	t.Helper()
	room, err := s.Open(t.Context(), aRoom())
	if err != nil {
		t.Fatal(err)
	}
	return room
}

// join joins the room with a join token.
func join(t *testing.T, s *livekit.Server, p ports.JoinTokenParams) *livekittest.Guest {
	t.Helper()
	token, url, err := s.JoinToken(aRoom(), p)
	if err != nil {
		t.Fatal(err)
	}
	return livekittest.Join(t, url, token)
}

// present waits until so many are in the room.
func present(t *testing.T, s *livekit.Server, count int) []conference.MediaParticipant {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		got, err := s.Participants(t.Context(), aRoom().LiveKitName)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == count {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("got the participants %+v, want %d", got, count)
		}
	}
}

func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	if errs.KindOf(err) != errs.Unavailable || errs.CodeOf(err) != "livekit-unavailable" {
		t.Errorf("got %v, want Unavailable livekit-unavailable", err)
	}
	if err != nil && strings.Contains(err.Error(), "32-characters") {
		t.Errorf("the error holds the secret: %v", err)
	}
}

// posted is a webhook as it came.
type posted struct {
	authorization string
	body          []byte
}

// mailbox is where webhooks come to.
type mailbox struct {
	url string

	mu   sync.Mutex
	came []posted
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	m := &mailbox{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading a webhook: %v", err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.came = append(m.came, posted{r.Header.Get("Authorization"), body})
	}))
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

// first waits for so many webhooks.
func (m *mailbox) first(t *testing.T, count int) []posted {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		m.mu.Lock()
		came := m.came
		m.mu.Unlock()
		if len(came) >= count {
			return came[:count]
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %d webhooks, want %d", len(came), count)
		}
	}
}
