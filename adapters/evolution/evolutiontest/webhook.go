package evolutiontest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"
)

const attempts = 10 // of a webhook

// Message is something that was written.
type Message struct {
	ID         string
	From       string // the patient's address: "5511955550011@s.whatsapp.net", or "...@lid"
	Alt        string // the patient's other address; "" when it is not told
	Name       string
	Text       string
	Content    map[string]any // instead of a text: the message as WhatsApp has it
	At         time.Time      // zero: now
	FromClinic bool           // typed on the clinic's telephone
}

// data is the message as events and the history have it.
func (m Message) data(now time.Time) object {
	if m.At.IsZero() {
		m.At = now
	}
	content, kind := m.Content, "unknown"
	if content == nil {
		content, kind = object{"conversation": m.Text}, "conversation"
	}
	key := object{"remoteJid": m.From, "fromMe": m.FromClinic, "id": m.ID}
	if m.Alt != "" {
		key["remoteJidAlt"] = m.Alt
	}
	return object{
		"key": key, "pushName": m.Name, "status": "DELIVERY_ACK", "message": content, "messageType": kind,
		"messageTimestamp": m.At.Unix(), "instanceId": "7d0c2f6e-1111-4222-8333-0000000000a1", "source": "android",
	}
}

// Event is something that an instance tells its webhook.
type Event struct {
	Instance string
	Body     []byte // the same at each attempt
}

func event(name, instance string, data any) Event {
	body, err := json.Marshal(object{
		"event": name, "instance": instance, "data": data, "sender": Own, "apikey": Key,
		"date_time": "2026-11-30T12:00:00.812Z", "server_url": "https://evo.example.com",
	})
	if err != nil {
		panic(err) // nothing in it cannot be encoded but a test's own Content
	}
	return Event{Instance: instance, Body: body}
}

// Write has an instance take in a message, and returns what it has to tell of it, which a test posts, late, twice, in
// another order or never. The history has it in any case.
func (s *Server) Write(name string, m Message) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	data := m.data(s.now())
	s.instances[name].history = append(s.instances[name].history, data)
	return event("messages.upsert", name, data)
}

// Edit is what an instance has to tell of a message that its writer changed.
func (s *Server) Edit(name string, m Message) Event {
	at := m.At
	if at.IsZero() {
		at = s.now()
	}
	return event("messages.edited", name, object{
		"key":  object{"remoteJid": m.From, "fromMe": false, "id": m.ID},
		"type": 14, "editedMessage": object{"conversation": m.Text},
		"timestampMs": object{"low": int32(at.UnixMilli()), "high": at.UnixMilli() >> 32, "unsigned": false}, // the low half is signed, as the server writes it
	})
}

// Connect changes how an instance is connected, and returns what it has to tell of that.
func (s *Server) Connect(name, state string, reason int) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instances[name].state = state
	return event("connection.update", name, object{"instance": name, "state": state, "statusReason": reason})
}

// Forget takes an instance away.
func (s *Server) Forget(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.instances, name)
}

// Post posts events to their webhooks one after the other, with the retries of the real server: any 2xx is success; 400,
// 401, 403, 404 and 422 are for good; everything else is tried again, ten times at most. It returns how each ended, the
// status of the last attempt or 0 without an answer.
func (s *Server) Post(events ...Event) []int {
	s.tb.Helper()
	statuses := make([]int, len(events))
	for i, e := range events {
		statuses[i] = s.post(e)
	}
	return statuses
}

// Deliver is Post of one event that must be taken in.
func (s *Server) Deliver(events ...Event) {
	s.tb.Helper()
	for _, status := range s.Post(events...) {
		if status/100 != 2 {
			s.tb.Fatalf("a webhook was answered with %d", status)
		}
	}
}

func (s *Server) post(e Event) (status int) {
	s.mu.Lock()
	to := Webhook{}
	if at, ok := s.instances[e.Instance]; ok {
		to = at.webhook
	}
	s.mu.Unlock()
	if !to.Enabled {
		return 0
	}
	for attempt := 1; attempt <= attempts; attempt++ {
		status = s.attempt(to, e)
		permanent := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity}
		if status/100 == 2 || slices.Contains(permanent, status) || attempt == attempts {
			break
		}
		var wait time.Duration
		if s.Retry != nil {
			wait = s.Retry(attempt)
		}
		select {
		case <-time.After(wait):
		case <-s.ctx.Done():
			return status
		}
	}
	return status
}

func (s *Server) attempt(to Webhook, e Event) int {
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, to.URL, bytes.NewReader(e.Body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range to.Headers {
		req.Header.Set(name, value)
	}
	client := &http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
