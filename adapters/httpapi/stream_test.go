package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/service"
)

// live is the API at a real address, with streams that can be shaped.
type live struct {
	*world
	server  *httptest.Server
	streams *service.Streams
}

func newLive(t *testing.T, o service.StreamOptions, configure ...func(*httpapi.Config)) *live {
	t.Helper()
	return newLiveIn(t, openStore(t, realTime), o, configure...)
}

// newLiveIn is newLive over an empty store.
func newLiveIn(t *testing.T, store stored, o service.StreamOptions, configure ...func(*httpapi.Config)) *live {
	t.Helper()
	l := &live{}
	l.world = newWorldIn(t, store, append(configure, func(cfg *httpapi.Config) {
		l.streams = service.NewStreams(store.deps, cfg.Services.Rooms, httpapi.AppendStreamEvent, o)
		cfg.Services.Streams = l.streams
	})...)
	l.server = httptest.NewUnstartedServer(l.handler)
	l.server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		_ = c.(*net.TCPConn).SetWriteBuffer(32 << 10) // so that it takes little to fill a connection
		return ctx
	}
	l.server.Start()
	t.Cleanup(func() {
		l.streams.Close()
		l.server.Close()
	})
	return l
}

// frame is a frame of a stream.
type frame struct{ id, event, data string }

// client is who reads a stream.
type client struct {
	*http.Response
	lines *bufio.Scanner
	last  string // the id of the last frame
}

func (l *live) open(t *testing.T, token, query, last string) *client {
	t.Helper()
	c := l.ask(t, token, query, last)
	if c.StatusCode != http.StatusOK || c.Header.Get("Content-Type") != "text/event-stream" {
		body, _ := io.ReadAll(c.Body)
		t.Fatalf("got %s %s", c.Status, body)
	}
	if f := c.next(t); f.event != "open" || f.id == "" {
		t.Fatalf("the first frame is %+v, want open", f)
	}
	return c
}

func (l *live) ask(t *testing.T, token, query, last string) *client {
	t.Helper()
	return l.get(t, token, fmt.Sprintf("/v1/rooms/%d/stream%s", l.ours.room, query), last)
}

// get opens the stream at a path.
func (l *live) get(t *testing.T, token, path, last string) *client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	slight := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			_ = c.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return c, err
	}}}
	response, err := slight.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 4<<20)
	return &client{Response: response, lines: lines}
}

// next reads a frame; a comment is one without an event, and the end of the stream is the zero frame.
func (c *client) next(t *testing.T) (f frame) {
	t.Helper()
	for c.lines.Scan() {
		name, value, _ := strings.Cut(c.lines.Text(), ": ")
		switch name {
		case "id":
			f.id = value
		case "event":
			f.event = value
		case "data":
			f.data = value
		case "":
			if value != "" { // ": heartbeat"
				f.data = value
			} else if f != (frame{}) {
				if f.id != "" { // of a frame that came as a whole
					c.last = f.id
				}
				return f
			}
		}
	}
	return frame{}
}

// names reads n events and returns their names.
func (c *client) names(t *testing.T, n int) (names []string) {
	t.Helper()
	for len(names) < n {
		f := c.next(t)
		if f == (frame{}) || f.event == "end" {
			t.Fatalf("the stream ended with %+v after %q", f, names)
		}
		if f.event != "room_event" && f.event != "agent_event" {
			continue
		}
		var e struct{ Name string }
		if err := json.Unmarshal([]byte(f.data), &e); err != nil {
			t.Fatalf("%q: %v", f.data, err)
		}
		names = append(names, f.event+" "+e.Name)
	}
	return names
}

// end reads until the stream ends, and returns the reason that it gave.
func (c *client) end(t *testing.T) string {
	t.Helper()
	var last frame
	for {
		f := c.next(t)
		if f == (frame{}) {
			break
		}
		last = f
	}
	var end struct{ Reason string }
	if last.event != "end" || json.Unmarshal([]byte(last.data), &end) != nil {
		t.Fatalf("the stream ended with %+v", last)
	}
	return end.Reason
}

func (l *live) post(t *testing.T, kind, name, data string) {
	t.Helper()
	path := fmt.Sprintf("/v1/rooms/%d/%s", l.ours.room, kind)
	if got := l.do(t, l.admin, http.MethodPost, path, fmt.Sprintf(`{"name":%q,"data":%s}`, name, data)); got.status != http.StatusCreated {
		t.Fatalf("POST %s: %d %s", path, got.status, got.body)
	}
}

func (l *live) postBatch(t *testing.T, events string) {
	t.Helper()
	path := fmt.Sprintf("/v1/rooms/%d/events/batch", l.ours.room)
	if got := l.do(t, l.admin, http.MethodPost, path, `{"events":[`+events+`]}`); got.status != http.StatusCreated {
		t.Fatalf("POST %s: %d %s", path, got.status, got.body)
	}
}

func TestAStreamShowsWhatHappens(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{})
	l.post(t, "events", "before", "{}")
	c := l.open(t, l.admin, "", "")
	l.post(t, "events", "first", `{"text":"a\nb <é>"}`)
	l.post(t, "agent-events", "second", "{}")
	first := c.next(t)
	var list struct{ Items []json.RawMessage }
	l.do(t, l.admin, http.MethodGet, fmt.Sprintf("/v1/rooms/%d/events?name=first", l.ours.room), "").decode(t, &list)
	if diff := cmp.Diff(string(list.Items[0]), first.data); diff != "" || first.event != "room_event" {
		t.Errorf("the frame %+v is not the event as the list has it:\n%s", first, diff)
	}
	if diff := cmp.Diff([]string{"agent_event second"}, c.names(t, 1)); diff != "" {
		t.Error(diff)
	}
	all := l.open(t, l.manager, "?from=start", "")
	names := all.names(t, 5)
	if diff := cmp.Diff([]string{"room_event before", "room_event first", "agent_event second"}, names[2:]); diff != "" {
		t.Error(diff)
	}
	for _, resumed := range []*client{l.open(t, l.admin, "", first.id), l.open(t, l.admin, "?from=start&last_event_id="+first.id, "")} {
		if diff := cmp.Diff([]string{"agent_event second"}, resumed.names(t, 1)); diff != "" {
			t.Error(diff)
		}
		if resumed.last != c.last {
			t.Errorf("resumed, the last position is %s, want %s", resumed.last, c.last)
		}
	}
}

func TestAStreamIsResumedAfterItsOpenFrame(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{Linger: time.Millisecond})
	c := l.open(t, l.admin, "", "")
	_ = c.Body.Close()
	l.post(t, "events", "meanwhile", "{}")
	if diff := cmp.Diff([]string{"room_event meanwhile"}, l.open(t, l.admin, "", c.last).names(t, 1)); diff != "" {
		t.Error(diff)
	}
}

func TestAQuietStreamHasHeartbeats(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{}, func(c *httpapi.Config) { c.Heartbeat = 20 * time.Millisecond })
	c := l.open(t, l.admin, "", "")
	for range 3 {
		if f := c.next(t); f != (frame{data: "heartbeat"}) {
			t.Errorf("got %+v, want a heartbeat", f)
		}
	}
}

func TestAStreamEndsWithTheRightToIt(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{}, func(c *httpapi.Config) { c.Heartbeat = 50 * time.Millisecond })
	quiet := l.open(t, l.admin, "", "")
	want(t, l.do(t, l.manager, http.MethodPatch, fmt.Sprintf("/v1/users/%d", l.ours.user), `{"active":false}`), http.StatusOK, nil)
	if reason := quiet.end(t); reason != "unauthorized" {
		t.Errorf("ended because of %q", reason)
	}
}

func TestNothingIsSentToWhoHasLostTheRight(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{})
	c := l.open(t, l.admin, "", "")
	want(t, l.do(t, l.manager, http.MethodPatch, fmt.Sprintf("/v1/users/%d", l.ours.user), `{"active":false}`), http.StatusOK, nil)
	time.Sleep(1100 * time.Millisecond) // for as long the stream may trust what it knew
	path := fmt.Sprintf("/v1/rooms/%d/events", l.ours.room)
	want(t, l.do(t, l.manager, http.MethodPost, path, `{"name":"secret"}`), http.StatusCreated, nil)
	if f := c.next(t); f.event != "end" || !strings.Contains(f.data, "unauthorized") {
		t.Errorf("got %+v, want the end", f)
	}
}

func TestStreamsEndWithTheService(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{})
	c := l.open(t, l.admin, "", "")
	l.streams.Close()
	if reason := c.end(t); reason != "shutting-down" {
		t.Errorf("ended because of %q", reason)
	}
	late := l.ask(t, l.admin, "", "")
	if late.StatusCode != http.StatusServiceUnavailable || late.Header.Get("Retry-After") == "" {
		t.Errorf("who comes late gets %s", late.Status)
	}
}

func TestAStreamIsRefusedAsAProblem(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{Max: 1})
	path := fmt.Sprintf("/v1/rooms/%d/stream", l.ours.room)
	l.open(t, l.admin, "", "")
	got := l.do(t, l.admin, http.MethodGet, path, "")
	wantProblem(t, got, http.StatusServiceUnavailable, "too-many-streams")
	if got.header.Get("Retry-After") == "" {
		t.Error("a client is not told when to come again")
	}
	wantProblem(t, l.do(t, l.admin, http.MethodGet, path+"?last_event_id=x", ""), http.StatusUnprocessableEntity, "invalid-input")
	wantProblem(t, l.do(t, l.admin, http.MethodGet, path+"?from=then", ""), http.StatusUnprocessableEntity, "invalid-input")
	wantProblem(t, l.do(t, l.other, http.MethodGet, path, ""), http.StatusNotFound, "room-not-found")
}

func TestAHeadOfAStreamEnds(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{})
	got := l.do(t, l.admin, http.MethodHead, fmt.Sprintf("/v1/rooms/%d/stream", l.ours.room), "")
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/event-stream" || got.body != "" {
		t.Errorf("got %d %v %q", got.status, got.header, got.body)
	}
}

// TestASlowClientIsLetGoAndResumes has a client that does not read until the service has gone on without it.
func TestASlowClientIsLetGoAndResumes(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{Ring: 16})
	c, quick := l.open(t, l.admin, "", ""), l.open(t, l.admin, "", "")
	const batches, each = 40, 10
	const events = batches * each
	for b := range batches { // more than the connection takes in by itself
		var body []string
		for i := range each {
			body = append(body, fmt.Sprintf(`{"name":"%d","data":{"text":%q}}`, b*each+i, strings.Repeat("x", 50_000)))
		}
		l.postBatch(t, strings.Join(body, ","))
		quick.names(t, each) // the service has gone on
	}
	var names []string
	for {
		f := c.next(t)
		if f.event != "room_event" {
			// On a slow machine the time for a write may be over first, and the connection is cut.
			if !strings.Contains(f.data, "slow-reader") && f != (frame{}) {
				t.Fatalf("ended with %+v after %d events", f, len(names))
			}
			break
		}
		var e struct{ Name string }
		if err := json.Unmarshal([]byte(f.data), &e); err != nil {
			t.Fatal(err)
		}
		names = append(names, e.Name)
	}
	rest := l.open(t, l.admin, "", c.last)
	for _, name := range rest.names(t, events-len(names)) {
		names = append(names, strings.TrimPrefix(name, "room_event "))
	}
	for i, name := range names {
		if name != fmt.Sprint(i) {
			t.Fatalf("event %d is %s", i, name)
		}
	}
}
