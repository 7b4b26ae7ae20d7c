package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// follower reads a room's stream from a running service.
type follower struct{ lines *bufio.Scanner }

func follow(t *testing.T, s *server, token string, room int64, last string) *follower {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/v1/rooms/%d/stream", s.url, room), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Last-Event-ID", last)
	response, err := new(http.Client).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("the stream answers %s", response.Status)
	}
	return &follower{bufio.NewScanner(response.Body)}
}

// names returns the names of the next n events, and the position after them.
func (f *follower) names(t *testing.T, n int) (names []string, last string) {
	t.Helper()
	for len(names) < n && f.lines.Scan() {
		name, value, _ := strings.Cut(f.lines.Text(), ": ")
		switch {
		case name == "id":
			last = value
		case name == "data" && strings.Contains(value, `"created_at"`):
			var e struct{ Name string }
			if err := json.Unmarshal([]byte(value), &e); err != nil {
				t.Fatal(err)
			}
			names = append(names, e.Name)
		}
	}
	if len(names) < n {
		t.Fatalf("the stream ended after %q: %v", names, f.lines.Err())
	}
	return names, last
}

// streamed is a service with a manager's token.
func streamed(t *testing.T, env map[string]string) (*server, *client) {
	t.Helper()
	vars := map[string]string{
		"SECRETARY_ADMIN_EMAIL": "root@clinic.example", "SECRETARY_ADMIN_PASSWORD": testPassword,
		"SECRETARY_SIGNING_KEY": strings.Repeat("k", minSigningKey),
	}
	maps.Copy(vars, env)
	s := startServe(t, vars)
	c, err := newClient(t.Context(), s.url, credentials{"root@clinic.example", testPassword})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func post(t *testing.T, c *client, path string, in map[string]any) (id int64) {
	t.Helper()
	var made struct{ ID int64 }
	if err := c.call(t.Context(), http.MethodPost, path, in, &made); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

func TestAStreamShowsWhatComesInAtAnotherProcess(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": pgtest.URL(t)}
	here, one := streamed(t, env)
	there, other := streamed(t, env)
	room := post(t, one, "/v1/rooms", map[string]any{"name": "visit"})
	path := fmt.Sprintf("/v1/rooms/%d/", room)
	stream := follow(t, there, other.token, room, "0.0")
	var want []string
	for i := range 20 {
		kind, name := "events", fmt.Sprint("room-", i)
		if i%2 == 1 {
			kind, name = "agent-events", fmt.Sprint("agent-", i)
		}
		post(t, one, path+kind, map[string]any{"name": name})
		want = append(want, name)
		if i == 0 {
			if got, _ := stream.names(t, 2); got[0] != "room_opened" || got[1] != name {
				t.Fatalf("got %q", got)
			}
		}
	}
	got, last := stream.names(t, len(want)-1)
	if strings.Join(got, " ") != strings.Join(want[1:], " ") {
		t.Errorf("got %q, want %q", got, want[1:])
	}
	resumed := follow(t, here, one.token, room, last)
	post(t, other, path+"events", map[string]any{"name": "later"})
	for _, f := range []*follower{resumed, stream} {
		if got, _ := f.names(t, 1); got[0] != "later" {
			t.Errorf("got %q", got)
		}
	}
}

func TestStreamsDoNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	s, c := streamed(t, nil)
	stream := follow(t, s, c.token, post(t, c, "/v1/rooms", map[string]any{"name": "visit"}), "")
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	select {
	case err := <-stopped:
		if err != nil {
			t.Errorf("the service ended with %v", err)
		}
	case <-time.After(shutdownTimeout / 2):
		t.Error("the service waits for a stream")
	}
	var lines []string
	for stream.lines.Scan() {
		lines = append(lines, stream.lines.Text())
	}
	if said := strings.Join(lines, "\n"); !strings.Contains(said, "event: end\ndata: {\"reason\":\"shutting-down\"}") {
		t.Errorf("the stream said\n%s", said)
	}
}
