package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// moodyEvolution is an Evolution API server that refuses, is slow and lets go, as its moods say. It keeps what it has sent.
type moodyEvolution struct {
	url      string
	accepted []byte
	mood     func(call int) mood // call counts from 0 for each text to each number

	mu    sync.Mutex
	calls map[sent]int
	sent  map[string][]string // by number
}

// mood is what happens to one call.
type mood int

const (
	willing       mood = iota
	slow               // sends, after a while
	broken             // 500
	busy               // 429
	offline            // 400 "Connection Closed": the clinic's phone is away
	droppedUnread      // the connection ends before the request is read, and nothing is sent
	droppedAfter       // it is sent, and then the connection ends
	answeredBadly      // it is sent, and the answer tells no id
)

func newMoodyEvolution(t *testing.T, of func(call int) mood) *moodyEvolution {
	t.Helper()
	e := &moodyEvolution{mood: of, calls: map[sent]int{}, sent: map[string][]string{}}
	var err error
	if e.accepted, err = os.ReadFile(filepath.Join(testdata, "api.sendText.201.json")); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	e.url = srv.URL
	return e
}

// ServeHTTP implements [http.Handler].
func (e *moodyEvolution) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	instance, ok := strings.CutPrefix(r.URL.Path, "/message/sendText/")
	if !ok {
		http.Error(w, `{}`, http.StatusNotFound) // such as that somebody is typing, which must not matter
		return
	}
	m := sent{Instance: instance}
	if r.Header.Get("Apikey") != evolutionKey || json.NewDecoder(r.Body).Decode(&m) != nil {
		http.Error(w, `{}`, http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	today := e.mood(e.calls[m])
	e.calls[m]++
	e.mu.Unlock()
	switch today {
	case broken:
		http.Error(w, `{"status":500,"error":"Internal Server Error","response":{"message":"Internal server error"}}`, http.StatusInternalServerError)
		return
	case busy:
		w.Header().Set("Retry-After", "1")
		http.Error(w, `{"status":429}`, http.StatusTooManyRequests)
		return
	case offline:
		http.Error(w, `{"status":400,"error":"Bad Request","response":{"message":["Error: Connection Closed"]}}`, http.StatusBadRequest)
		return
	case droppedUnread:
		panic(http.ErrAbortHandler)
	case slow:
		time.Sleep(rand.N(300 * time.Millisecond))
	case willing, droppedAfter, answeredBadly:
	}
	e.mu.Lock()
	e.sent[m.Number] = append(e.sent[m.Number], m.Text)
	e.mu.Unlock()
	if today == droppedAfter {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusCreated)
	if today != answeredBadly {
		_, _ = w.Write(e.accepted)
	}
}

func (e *moodyEvolution) sentTo(number string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string{}, e.sent[number]...)
}

// awaitSent waits until a number was sent so many texts, which the test's own deadline bounds.
func (e *moodyEvolution) awaitSent(t *testing.T, number string, n int) []string {
	t.Helper()
	for {
		if got := e.sentTo(number); len(got) >= n {
			return got
		}
		select {
		case <-t.Context().Done():
			t.Errorf("the test ended while %s waited for reply %d", number, n)
			return e.sentTo(number)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func startMoody(t *testing.T, of func(call int) mood) (*server, *moodyEvolution) {
	t.Helper()
	evo := newMoodyEvolution(t, of)
	return startServe(t, demoEnv("EVOLUTION_URL", evo.url, "EVOLUTION_API_KEY", evolutionKey, "EVOLUTION_WEBHOOK_TOKEN", webhookToken)), evo
}

// sender posts webhooks as Evolution does: again until the service has acknowledged, now and then again although it has, and
// old ones among new ones.
type sender struct {
	t      *testing.T
	s      *server
	number string
	random *rand.Rand
	bodies []string
}

// say posts a message.
func (p *sender) say(words string) {
	content, err := json.Marshal(map[string]string{"conversation": words})
	if err != nil {
		p.t.Error(err)
	}
	p.bodies = append(p.bodies, upsert(fmt.Sprintf(
		`{"key":{"remoteJid":"%[1]s@s.whatsapp.net","fromMe":false,"id":"%[1]s-%[2]d"},"pushName":"Ana","message":%[3]s,"messageTimestamp":%[4]d}`,
		p.number, len(p.bodies), content, time.Now().Unix())))
	if p.random.IntN(4) == 0 { // Evolution loses its patience while the service has the message, and comes again
		p.post(time.Duration(p.random.IntN(3000)) * time.Microsecond)
	}
	for !p.post(10 * time.Second) {
		if p.t.Context().Err() != nil {
			return
		}
	}
	var again sync.WaitGroup
	for range p.random.IntN(3) {
		body := p.bodies[p.random.IntN(len(p.bodies))]
		again.Go(func() { p.postBody(body, 10*time.Second) })
	}
	again.Wait()
}

func (p *sender) post(patience time.Duration) bool {
	return p.postBody(p.bodies[len(p.bodies)-1], patience)
}

func (p *sender) postBody(body string, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.s.url+"/v1/webhooks/evolution/"+demoInstance, strings.NewReader(body))
	if err != nil {
		p.t.Error(err)
		return true
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+webhookToken)
	resp, err := testClient().Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK
}

// dialogue is what every patient writes, and what each reply says; no two replies are the same. Nothing is booked, so that what one is told
// does not depend on the others.
var dialogue = []struct{ says, hears string }{
	{"Preciso de um cardiologista", "Dr. João Silva, nosso Cardiologista"},
	{"Ana Souza, 12/03/1985, este número", "Estes são os próximos horários do Dr. João Silva"},
	{"na verdade quero fazer botox", "R$ 1.200,00"},
	{"sim", "Estes são os próximos horários da Dra. Maria Costa"},
	{"1", "Está correto?"},
	{"não quero mais", "Se precisar de algo mais"},
	{"quero falar com um atendente", "Vou chamar uma pessoa"},
}

func TestEveryPatientIsAnsweredOnceAndInOrderWhateverEvolutionDoes(t *testing.T) {
	t.Parallel()
	const patients = 30
	s, evo := startMoody(t, func(call int) mood {
		switch {
		case call > 1 || rand.IntN(10) < 6: // nothing is refused more than twice
			return willing
		case rand.IntN(3) == 0:
			return slow
		}
		return []mood{broken, busy, offline}[rand.IntN(3)]
	})
	var all sync.WaitGroup
	for i := range patients {
		p := &sender{t: t, s: s, number: fmt.Sprintf("55119%08d", 60_000_000+i), random: rand.New(rand.NewPCG(uint64(i), 3))}
		all.Go(func() {
			for n, line := range dialogue {
				p.say(line.says)
				if got := evo.awaitSent(t, p.number, n+1); len(got) != n+1 || !strings.Contains(got[n], line.hears) {
					t.Errorf("%s wrote %q as message %d and was sent %q in all", p.number, line.says, n+1, got)
					return
				}
			}
			for _, body := range p.bodies { // everything once more, when it is long over
				p.postBody(body, 10*time.Second)
			}
		})
	}
	all.Wait()
	s.mustDeliver(t, upsert(text("LAST", "oi"))) // whatever the repetitions led to is under way by now
	evo.awaitSent(t, patient, 1)
	refused := 0
	for i := range patients {
		number := fmt.Sprintf("55119%08d", 60_000_000+i)
		if got := evo.sentTo(number); len(got) != len(dialogue) {
			t.Errorf("%s was sent %d texts, want %d: %q", number, len(got), len(dialogue), got)
		}
	}
	evo.mu.Lock()
	defer evo.mu.Unlock()
	for _, calls := range evo.calls {
		refused += calls - 1
	}
	if refused < patients {
		t.Errorf("only %d calls were refused: that proves nothing", refused)
	}
}

func TestAReplyThatMayHaveBeenSentIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mood mood
		sent int
	}{
		"DroppedUnread": {droppedUnread, 0},
		"DroppedAfter":  {droppedAfter, 1},
		"AnsweredBadly": {answeredBadly, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, evo := startMoody(t, func(int) mood { return c.mood })
			s.mustDeliver(t, upsert(text("M1", "Quero fazer botox")))
			client, clinic := s.login(t)
			for { // until it is given up
				kept, err := list[struct{ Direction, Status string }](t.Context(), client, "/v1/clinics/"+clinic.TenantID+"/conversations/+"+patient+"/messages")
				if err != nil {
					t.Fatal(err)
				}
				if len(kept) == 2 && kept[1].Status != "pending" {
					if kept[1].Status != "failed" {
						t.Errorf("the reply is %+v, want it failed", kept[1])
					}
					break
				}
				time.Sleep(2 * time.Millisecond)
			}
			evo.mu.Lock()
			defer evo.mu.Unlock()
			for m, calls := range evo.calls {
				if calls != 1 {
					t.Errorf("%q was asked for %d times, want once", m.Text, calls)
				}
			}
			if got := len(evo.sent[patient]); got != c.sent {
				t.Errorf("%d texts were sent, want %d", got, c.sent)
			}
		})
	}
}
