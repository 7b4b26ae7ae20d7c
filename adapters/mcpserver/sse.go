package mcpserver

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/secretary-api/secretary/core/errs"
)

// The transport of protocol version 2024-11-05, for older clients: a GET of /sse opens a session and carries what the
// server says; each message to the server is a POST. The SDK's own would answer all messages of a session as whoever opened
// it; here each carries its caller.

const (
	maxSessions     = 1000 // that are open at once
	maxSessionsEach = 50   // of one actor
	sessionInbox    = 16   // messages that wait
	// sessionWrite is how long a client may take to take in what is sent. One that takes longer is cut off.
	sessionWrite = 10 * time.Second
)

// sessions are those that are open in this process.
type sessions struct {
	mu     sync.Mutex
	byID   map[string]*session
	closed bool
}

// session is one client's, and the SDK's connection to it.
type session struct {
	id    string
	actor string // who opened it: nobody else's messages are let in
	in    chan jsonrpc.Message

	mu     sync.Mutex // guards writing, and what follows
	w      http.ResponseWriter
	closed bool
	done   chan struct{}
}

// begin makes a session.
func (t *sessions) begin(w http.ResponseWriter, c caller) (*session, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, errs.New(errs.Unavailable, "shutting-down", "the service is shutting down; try again")
	}
	own := 0
	for _, other := range t.byID {
		if other.actor == c.actor.String() {
			own++
		}
	}
	if own >= maxSessionsEach || len(t.byID) >= maxSessions {
		return nil, errs.New(errs.Unavailable, "too-many-sessions", "too many sessions are open; close some, or use /mcp, which needs none")
	}
	v := &session{
		id: rand.Text(), actor: c.actor.String(), in: make(chan jsonrpc.Message, sessionInbox), w: w, done: make(chan struct{}),
	}
	if t.byID == nil {
		t.byID = map[string]*session{}
	}
	t.byID[v.id] = v
	return v, nil
}

// end forgets a session. After it nothing is written to the client any more.
func (t *sessions) end(v *session) {
	t.mu.Lock()
	delete(t.byID, v.id)
	t.mu.Unlock()
	_ = v.Close() // which never fails
}

// find returns an open session of an actor.
func (t *sessions) find(id string, c caller) (*session, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v, ok := t.byID[id]; ok && v.actor == c.actor.String() {
		return v, nil
	}
	return nil, errs.Absent("session")
}

func (t *sessions) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, v := range t.byID {
		_ = v.Close() // which never fails
	}
}

// open answers a GET: it tells where messages go, and stays until either side has enough.
func (s *Server) open(w http.ResponseWriter, r *http.Request, c caller) error {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return nil
	}
	v, err := s.sessions.begin(w, c)
	if err != nil {
		return err
	}
	defer s.sessions.end(v)
	header.Set("X-Accel-Buffering", "no") // or nginx keeps the frames back
	connection, err := s.everybody.Connect(r.Context(), v, nil)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }() // the client is gone, or is told by the end of the stream
	where := url.URL{Path: r.URL.Path, RawQuery: url.Values{"sessionid": {v.id}}.Encode()}
	if err := v.send("event: endpoint\ndata: " + where.String() + "\n\n"); err != nil {
		return nil // the client went away
	}
	beat := time.NewTicker(s.heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-v.done:
			return nil
		case <-beat.C:
			if err := v.send(": heartbeat\n\n"); err != nil {
				return nil // as above
			}
		}
	}
}

// receive answers a POST: it hands the message to its session, with who sent it.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, c caller) error {
	v, err := s.sessions.find(r.URL.Query().Get("sessionid"), c)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	message, err := jsonrpc.DecodeMessage(raw)
	if err != nil {
		return errs.New(errs.Invalid, "invalid-message", "the body must be one JSON-RPC message")
	}
	if request, ok := message.(*jsonrpc.Request); ok {
		request.Extra = carry(c)
	}
	select {
	case v.in <- message:
		w.WriteHeader(http.StatusAccepted)
		return nil
	case <-v.done:
		return errs.Absent("session")
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

// Connect implements mcp.Transport: the session is its own connection.
func (v *session) Connect(context.Context) (mcp.Connection, error) { return v, nil }

// SupportsProtocolVersion implements mcp.ProtocolVersionSupporter: the versions from 2026-07-28 on are not for this transport.
func (v *session) SupportsProtocolVersion(version string) bool { return version < "2026-07-28" }

// SessionID implements mcp.Connection.
func (v *session) SessionID() string { return v.id }

// Read implements mcp.Connection.
func (v *session) Read(ctx context.Context) (jsonrpc.Message, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-v.done:
		return nil, io.EOF
	case message := <-v.in:
		return message, nil
	}
}

// Write implements mcp.Connection.
func (v *session) Write(_ context.Context, message jsonrpc.Message) error {
	raw, err := jsonrpc.EncodeMessage(message)
	if err != nil {
		return err
	}
	return v.send("event: message\ndata: " + string(raw) + "\n\n") // whose JSON is one line
}

// Close implements mcp.Connection. It may be called again.
func (v *session) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.closed {
		v.closed = true
		close(v.done)
	}
	return nil
}

// send writes a frame so that the client has it at once.
func (v *session) send(frame string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return io.EOF
	}
	control := http.NewResponseController(v.w)
	// Not every writer has deadlines; those of connections do.
	if err := control.SetWriteDeadline(time.Now().Add(sessionWrite)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := io.WriteString(v.w, frame); err != nil {
		return err
	}
	return control.Flush()
}
