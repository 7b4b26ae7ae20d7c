package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// The twenty clients.
const (
	torturePatients  = 8 // book, move and cancel by WhatsApp
	tortureReception = 6 // book, move and cancel by the API
	tortureBatches   = 4 // append batches of events until each is acknowledged
	tortureSingles   = 2 // append single events, each sent once
)

// begin has the clients work until finish.
func (w *torture) begin() {
	for i := range torturePatients {
		w.clients.Go(func() { w.patients(i) })
	}
	for i := range tortureReception {
		w.clients.Go(func() { w.receptionist(i) })
	}
	for i := range tortureBatches {
		w.clients.Go(func() { w.appendBatches(i) })
	}
	for i := range tortureSingles {
		w.clients.Go(func() { w.appendSingles(i) })
	}
}

func (w *torture) ended() bool {
	select {
	case <-w.over:
		return true
	default:
		return false
	}
}

// think is what a client does between two requests.
func (w *torture) think() { time.Sleep(rand.N(40 * time.Millisecond)) }

// answer is what came back for a request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) decode(w *torture, into any) {
	if err := json.Unmarshal(a.body, into); err != nil {
		w.t.Errorf("the answer %s cannot be read: %v", a.body, err)
	}
}

// session is a log-in that all clients share, and that outlives the processes.
type session struct {
	mu     sync.Mutex
	client *client
	since  time.Time
}

// token logs in again before the access token has ended.
func (s *session) token(w *torture) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.since) > 10*time.Minute {
		again := &client{base: w.anyService(), who: s.client.who, http: w.http}
		if err := again.login(w.t.Context()); err == nil {
			s.client, s.since = again, time.Now()
		}
	}
	return s.client.token
}

// anyService is the address of a process that runs; while there is none, that of nobody.
func (w *torture) anyService() string {
	first := rand.IntN(len(w.services))
	for i := range w.services {
		if address := w.services[(first+i)%len(w.services)].address(); address != "" {
			return address
		}
	}
	return "http://127.0.0.1:1"
}

// send sends a request; ok is false when no answer came, so that nobody knows what became of it.
func (w *torture) send(kind, method, path string, header map[string]string, body any) (a answer, ok bool) {
	var in io.Reader = http.NoBody
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			w.t.Error(err)
			return answer{}, false
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.anyService()+path, in)
	if err != nil {
		w.t.Error(err)
		return answer{}, false
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+w.session.token(w))
	for name, value := range header {
		req.Header.Set(name, value)
	}
	a, err = w.exchange(req)
	if err != nil {
		w.tally.count(kind, "no answer")
		if timeout, is := errors.AsType[net.Error](err); is && timeout.Timeout() && w.t.Context().Err() == nil {
			w.t.Errorf("%s %s: no answer for %v", method, path, longestAnswer)
		}
		time.Sleep(10 * time.Millisecond) // most likely the process is just being started again
		return answer{}, false
	}
	w.tally.count(kind, strconv.Itoa(a.status))
	w.checkAnswer(kind, method+" "+path, a)
	return a, true
}

func (w *torture) exchange(req *http.Request) (answer, error) {
	resp, err := w.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, body}, err
}

// checkAnswer accepts a success, a refusal of a slot that somebody else wants, and Unavailable.
func (w *torture) checkAnswer(kind, what string, a answer) {
	refused := a.status == http.StatusConflict || a.status == http.StatusUnprocessableEntity
	switch {
	case a.status == http.StatusOK, a.status == http.StatusCreated:
		return
	case a.status == http.StatusServiceUnavailable, refused && (kind == "book" || kind == "move"), a.status == http.StatusConflict && kind == "batch":
	default:
		w.t.Errorf("%s was answered with %d: %s", what, a.status, a.body)
		return
	}
	var p problem
	err := json.Unmarshal(a.body, &p)
	if err != nil || p.Status != a.status || p.Code == "" || a.header.Get("Content-Type") != "application/problem+json" {
		w.t.Errorf("%s was answered with %d and no problem: %s", what, a.status, a.body)
	}
	if a.status == http.StatusServiceUnavailable {
		if seconds, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || seconds < 1 {
			w.t.Errorf("%s: 503 %s says Retry-After %q, want seconds", what, p.Code, a.header.Get("Retry-After"))
		}
		time.Sleep(50 * time.Millisecond) // less than told, which is a part of the torture
	}
}

// facts are what clients were told, and what must therefore be found in the end. Each client notes its own.
type facts struct {
	mu       sync.Mutex
	visits   []*visit
	tags     map[string]bool // of all bookings by the API that were ever tried
	patients []*patientFacts
	batches  map[string][]int64 // the ids of a batch's events; nil: it was never acknowledged
	singles  map[string]int64   // likewise, 0: never
}

func newFacts() facts {
	return facts{tags: map[string]bool{}, batches: map[string][]int64{}, singles: map[string]int64{}}
}

// note changes the facts.
func (f *facts) note(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// visit is an appointment that a receptionist was told of.
type visit struct {
	tag       string
	id        string
	start     time.Time
	cancelled bool
	unknown   bool // a change of it was never answered
}

// receptionist books visits, of which it moves and cancels some.
func (w *torture) receptionist(client int) {
	var own []*visit
	for n := 0; !w.ended(); n++ {
		w.think()
		if v := w.book(fmt.Sprintf("visit %d-%d", client, n)); v != nil {
			own = append(own, v)
		}
		switch {
		case len(own) > 0 && (rand.IntN(3) == 0 || len(own) > 20):
			i := rand.IntN(len(own))
			w.cancelVisit(own[i])
			own = slices.Delete(own, i, i+1)
		case len(own) > 0 && rand.IntN(3) == 0:
			w.moveVisit(own[rand.IntN(len(own))])
		}
	}
}

// soonest is a start among the first that a professional has free, which others want too.
func (w *torture) soonest(professional string) (start time.Time, ok bool) {
	path := "/v1/clinics/" + w.clinic.TenantID + "/availability?professional_id=" + professional
	if a, ok := w.send("availability", http.MethodGet, path, nil, nil); ok && a.status == http.StatusOK {
		var free struct {
			Slots []struct {
				Start time.Time `json:"start"`
			} `json:"slots"`
		}
		if a.decode(w, &free); len(free.Slots) > 0 {
			return free.Slots[rand.IntN(min(4, len(free.Slots)))].Start, true
		}
	}
	return time.Time{}, false
}

// book tries to book a visit, once. Its notes tell it from all others.
func (w *torture) book(tag string) *visit {
	professional := w.clinic.Professionals[min(rand.IntN(4), 1)] // mostly the second, as patients are all the first's
	start, ok := w.soonest(professional.ID)
	if !ok {
		return nil
	}
	w.facts.note(func() { w.facts.tags[tag] = true })
	a, ok := w.send("book", http.MethodPost, "/v1/clinics/"+w.clinic.TenantID+"/appointments", nil, map[string]any{
		"professional_id": professional.ID, "start": start, "notes": tag, "patient": map[string]any{"name": "Ana Souza"},
	})
	if !ok || a.status != http.StatusCreated {
		return nil
	}
	var booked appointment
	a.decode(w, &booked)
	w.expect(booked.Status == "confirmed" && booked.Start.Equal(start), "%s was booked as %s", tag, a.body)
	v := &visit{tag: tag, id: booked.ID, start: start}
	w.facts.note(func() { w.facts.visits = append(w.facts.visits, v) })
	w.tally.ack("appointments")
	return v
}

// cancelVisit cancels until it is told that it did.
func (w *torture) cancelVisit(v *visit) {
	v.unknown = true
	for !w.ended() {
		a, ok := w.send("cancel", http.MethodPost, "/v1/clinics/"+w.clinic.TenantID+"/appointments/"+v.id+"/cancel", nil, map[string]any{})
		if ok && a.status == http.StatusOK {
			v.unknown, v.cancelled = false, true
			w.tally.ack("cancellations")
			return
		}
	}
}

// moveVisit moves a visit, or learns that it was not moved.
func (w *torture) moveVisit(v *visit) {
	professional := w.clinic.Professionals[rand.IntN(2)] // whose starts may be somebody else's
	start, ok := w.soonest(professional.ID)
	if !ok {
		return
	}
	path := "/v1/clinics/" + w.clinic.TenantID + "/appointments/" + v.id
	v.unknown = true
	sure := true // that nothing has become of this yet
	for !w.ended() {
		a, ok := w.send("move", http.MethodPost, path+"/reschedule", nil, map[string]any{"start": start})
		if ok && a.status == http.StatusOK {
			v.unknown, v.start = false, start
			w.tally.ack("moves")
			return
		}
		refused := ok && a.status != http.StatusServiceUnavailable
		if refused && sure {
			v.unknown = false
			return
		}
		sure = false
		if a, ok := w.send("look", http.MethodGet, path, nil, nil); ok && a.status == http.StatusOK {
			var found appointment
			a.decode(w, &found)
			w.expect(found.Start.Equal(v.start) || found.Start.Equal(start), "%s is at %s, and was at %s or %s", v.tag, found.Start, v.start, start)
			if refused || found.Start.Equal(start) {
				v.unknown, v.start = false, found.Start
				return
			}
		}
	}
}

// appendBatches appends batches of events under keys, and repeats each until it is acknowledged, and some even then.
func (w *torture) appendBatches(client int) {
	for n := 0; !w.ended(); n++ {
		w.think()
		key := fmt.Sprintf("batch-%d-%d", client, n)
		var events []map[string]any
		for i := range 5 {
			events = append(events, map[string]any{"name": "batch", "data": map[string]any{"client": client, "n": n, "i": i}})
		}
		w.facts.note(func() { w.facts.batches[key] = nil })
		var ids []int64
		tries := 0 // while the key is that of a process which may be dead
		for ids == nil && tries < 5 && !w.ended() {
			var pending bool
			if ids, pending = w.appendBatch(client, key, events); pending {
				tries++
				time.Sleep(100 * time.Millisecond)
			}
		}
		if ids == nil {
			continue // which of all and none it is, is found in the end
		}
		w.facts.note(func() { w.facts.batches[key] = ids })
		w.tally.ack("batches")
		if rand.IntN(5) == 0 {
			again, _ := w.appendBatch(client, key, events)
			w.expect(again == nil || slices.Equal(again, ids), "%s got the events %v, and when it came again %v", key, ids, again)
		}
	}
}

// appendBatch sends a batch and returns the ids of its events; nil when it is not acknowledged. It is pending while the
// batch may be being appended by somebody else.
func (w *torture) appendBatch(client int, key string, events []map[string]any) (ids []int64, pending bool) {
	a, ok := w.send("batch", http.MethodPost, fmt.Sprintf("/v1/rooms/%d/events/batch", w.rooms[client%len(w.rooms)]),
		map[string]string{"Idempotency-Key": key}, map[string]any{"events": events})
	if !ok || a.status != http.StatusCreated {
		return nil, ok && a.status == http.StatusConflict
	}
	var receipt struct{ IDs []int64 }
	a.decode(w, &receipt)
	return receipt.IDs, false
}

// appendSingles appends events without a key, once each.
func (w *torture) appendSingles(client int) {
	for n := 0; !w.ended(); n++ {
		w.think()
		key := fmt.Sprintf("single-%d-%d", client, n)
		w.facts.note(func() { w.facts.singles[key] = 0 })
		a, ok := w.send("event", http.MethodPost, fmt.Sprintf("/v1/rooms/%d/events", w.rooms[client%len(w.rooms)]), nil,
			map[string]any{"name": "single", "data": map[string]any{"client": client, "n": n}})
		if ok && a.status == http.StatusCreated {
			var event created
			a.decode(w, &event)
			w.facts.note(func() { w.facts.singles[key] = event.ID })
			w.tally.ack("events")
		}
	}
}
