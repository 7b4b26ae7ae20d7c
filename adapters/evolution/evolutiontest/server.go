package evolutiontest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Key is the server's API key.
const Key = "00000000-AAAA-4BBB-8CCC-000000000001"

// Own is the address of every instance's telephone.
const Own = "5511912340001@s.whatsapp.net"

// Sent is a text that a patient got.
type Sent struct {
	Instance string
	Number   string // as it was asked for: digits, or "...@lid"
	Text     string
	ID       string // the one that the answer told, or would have told
}

// Webhook is what an instance was told to post to.
type Webhook struct {
	Enabled  bool              `json:"enabled"`
	URL      string            `json:"url"`
	ByEvents bool              `json:"byEvents"`
	Base64   bool              `json:"base64"`
	Headers  map[string]string `json:"headers"`
	Events   []string          `json:"events"`
}

// Server is an Evolution API server. Its fields are set before it is used.
type Server struct {
	URL string

	// Fault says what goes wrong with a call; nil and the zero Fault: nothing. It is called by several goroutines.
	Fault func(Call) Fault
	// Echo has the server post "send.message" to the webhook of what it sent, as it does when that event is asked for.
	Echo bool
	// Retry is how long it waits before the next attempt of a webhook; nil: not at all. The real one waits 5 s, then twice
	// as long each time, at most 5 minutes.
	Retry func(attempt int) time.Duration
	// Now is the time of what is written; nil: the time.
	Now func() time.Time

	tb      testing.TB
	ctx     context.Context //nolint:containedctx // ends with the test, and everything that goes on beside it
	posting sync.WaitGroup

	mu        sync.Mutex
	instances map[string]*instance
	calls     map[string]int // by route
	sent      []Sent
	typing    []Sent
}

type instance struct {
	state   string
	webhook Webhook
	history []object // what was written to it and from it, oldest first
}

type object = map[string]any

// Start starts a server with instances, which are connected. It ends with the test.
func Start(tb testing.TB, instances ...string) *Server {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{tb: tb, ctx: ctx, instances: map[string]*instance{}, calls: map[string]int{}}
	for _, name := range instances {
		s.instances[name] = &instance{state: "open"}
	}
	srv := httptest.NewServer(s.routes())
	s.URL = srv.URL
	tb.Cleanup(func() {
		cancel()
		s.posting.Wait()
		srv.CloseClientConnections()
		srv.Close()
	})
	return s
}

// Sent are the texts that patients got, in their order.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Typing are the signs of typing that were asked for; Text is "composing".
func (s *Server) Typing() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.typing)
}

// Calls is how often a route was called, such as "sendText".
func (s *Server) Calls(route string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[route]
}

// Webhook is what an instance was told to post to.
func (s *Server) Webhook(name string) Webhook {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.instances[name].webhook
}

// SetWebhook tells an instance where to post to, with the token as bearer.
func (s *Server) SetWebhook(name, url, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instances[name].webhook = Webhook{
		Enabled: true, URL: url, Headers: map[string]string{"Authorization": "Bearer " + token},
		Events: []string{"MESSAGES_UPSERT", "MESSAGES_EDITED", "SEND_MESSAGE", "CONNECTION_UPDATE"},
	}
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]func(*instance, Call) (int, any){
		"POST /message/sendText/{instance}":        s.sendText,
		"POST /chat/sendPresence/{instance}":       s.sendPresence,
		"POST /chat/findMessages/{instance}":       s.findMessages,
		"POST /webhook/set/{instance}":             s.setWebhook,
		"GET /instance/connectionState/{instance}": s.connectionState,
	} {
		route := strings.Split(pattern, "/")[2]
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, route, answer) })
	}
	return mux
}

// serve answers a call: refused, with the fault it was given, or as it is.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, route string, answer func(*instance, Call) (int, any)) {
	body, err := io.ReadAll(r.Body)
	c := Call{Route: route, Instance: r.PathValue("instance"), body: body}
	if err == nil && r.Method == http.MethodPost {
		err = json.Unmarshal(body, &c)
	}
	s.mu.Lock()
	s.calls[route]++
	c.N = s.calls[route]
	at, known := s.instances[c.Instance]
	s.mu.Unlock()
	switch {
	case r.Header.Get("Apikey") != Key:
		refuse(w, http.StatusUnauthorized, "Unauthorized")
		return
	case !known:
		refuse(w, http.StatusNotFound, []string{fmt.Sprintf("The %q instance does not exist", c.Instance)})
		return
	case err != nil:
		refuse(w, http.StatusBadRequest, []string{"Unexpected end of JSON input"})
		return
	}
	var f Fault
	if s.Fault != nil {
		f = s.Fault(c)
	}
	f.apply(w, r, func() (int, any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return answer(at, c)
	})
}

// sendText has a patient get a text. s.mu is held.
func (s *Server) sendText(at *instance, c Call) (int, any) {
	if c.Text == "" {
		return refusal(http.StatusBadRequest, [][]string{{`instance requires property "text"`}})
	}
	if at.state != "open" {
		return refusal(http.StatusBadRequest, []string{"Error: Connection Closed"})
	}
	out := Sent{Instance: c.Instance, Number: c.Number, Text: c.Text, ID: fmt.Sprintf("3EB0%016X", len(s.sent)+1)}
	s.sent = append(s.sent, out)
	jid := c.Number
	if !strings.Contains(jid, "@") {
		jid += "@s.whatsapp.net"
	}
	message := Message{ID: out.ID, From: jid, Text: c.Text, FromClinic: true}.data(s.now())
	message["status"] = "PENDING"
	at.history = append(at.history, message)
	if s.Echo {
		s.posting.Go(func() { s.post(event("send.message", c.Instance, message)) })
	}
	return http.StatusCreated, message
}

// sendPresence answers when the sign ends, which is what the real server does. s.mu is held.
func (s *Server) sendPresence(_ *instance, c Call) (int, any) {
	s.typing = append(s.typing, Sent{Instance: c.Instance, Number: c.Number, Text: c.Presence})
	s.mu.Unlock()
	defer s.mu.Lock()
	select {
	case <-time.After(time.Duration(c.Delay) * time.Millisecond):
	case <-s.ctx.Done():
	}
	return http.StatusCreated, object{"presence": c.Presence}
}

// findMessages gives the newest first, in pages. s.mu is held.
func (s *Server) findMessages(at *instance, c Call) (int, any) {
	var asked struct {
		Where struct {
			Timestamp struct {
				From *time.Time `json:"gte"`
				To   *time.Time `json:"lte"`
			} `json:"messageTimestamp"`
		} `json:"where"`
		Page   int `json:"page"`
		Offset int `json:"offset"`
	}
	if json.Unmarshal(c.body, &asked) != nil {
		return refusal(http.StatusBadRequest, []string{"invalid query"})
	}
	found := slices.Clone(at.history)
	if from, to := asked.Where.Timestamp.From, asked.Where.Timestamp.To; from != nil && to != nil {
		found = slices.DeleteFunc(found, func(m object) bool {
			at, _ := m["messageTimestamp"].(int64)
			return at < from.Unix() || at > to.Unix()
		})
	}
	slices.Reverse(found)
	size, page := max(asked.Offset, 1), max(asked.Page, 1)
	first := min((page-1)*size, len(found))
	return http.StatusOK, object{"messages": object{
		"total": len(found), "pages": (len(found) + size - 1) / size, "currentPage": page,
		"records": found[first:min(first+size, len(found))],
	}}
}

func (s *Server) setWebhook(at *instance, c Call) (int, any) {
	var asked struct {
		Webhook *Webhook `json:"webhook"`
	}
	if json.Unmarshal(c.body, &asked) != nil || asked.Webhook == nil || asked.Webhook.URL == "" {
		return refusal(http.StatusBadRequest, [][]string{{`instance requires property "webhook"`}})
	}
	at.webhook = *asked.Webhook
	return http.StatusCreated, at.webhook
}

func (s *Server) connectionState(at *instance, c Call) (int, any) {
	return http.StatusOK, object{"instance": object{"instanceName": c.Instance, "state": at.state}}
}

func (s *Server) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}
