package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// whatsApp is an Evolution API server that outlives the service and knows who was sent what.
type whatsApp struct {
	url  string
	next atomic.Int64 // patient
	mu   sync.Mutex
	sent map[string][]string // by number
}

func newWhatsApp(t *testing.T) *whatsApp {
	t.Helper()
	accepted, err := os.ReadFile(filepath.Join(testdata, "api.sendText.201.json"))
	if err != nil {
		t.Fatal(err)
	}
	w := &whatsApp{sent: map[string][]string{}}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/chat/sendPresence/") {
			return // that somebody types is no message
		}
		var m sent
		if r.Header.Get("Apikey") != evolutionKey || json.NewDecoder(r.Body).Decode(&m) != nil {
			http.Error(rw, `{}`, http.StatusBadRequest)
			return
		}
		w.mu.Lock()
		w.sent[m.Number] = append(w.sent[m.Number], m.Text)
		w.mu.Unlock()
		time.Sleep(rand.N(20 * time.Millisecond)) // in which the service may be killed
		rw.WriteHeader(http.StatusCreated)
		_, _ = rw.Write(accepted)
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

// sentTo is what a number was sent.
func (w *whatsApp) sentTo(number string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent[number])
}

// runs is a list without the repetitions that follow one another: a reply may be sent again when the service was killed
// after sending it, and then it comes before the next one.
func runs(texts []string) []string { return slices.Compact(slices.Clone(texts)) }

// patientFacts are what a patient did and was told.
type patientFacts struct {
	number    string
	acked     int // messages, of which the first was number 1; there may be one more
	booked    bool
	cancelled bool // was told so
	wants     string
}

// writer is somebody who writes by WhatsApp.
type writer struct {
	*patientFacts

	w      *torture
	random *rand.Rand
	begins string
	words  string // last said
	told   bool   // who it is
	gone   bool
}

// patients write, one after the other.
func (w *torture) patients(client int) {
	random := rand.New(rand.NewPCG(uint64(client), 1))
	for !w.ended() {
		w.newPatient(random).talk()
	}
}

func (w *torture) newPatient(random *rand.Rand) *writer {
	f := &patientFacts{number: fmt.Sprintf("55119%08d", 50_000_000+w.whatsApp.next.Add(1))}
	f.wants = []string{"keep", "cancel", "cancel", "move"}[random.IntN(4)]
	w.facts.note(func() { w.facts.patients = append(w.facts.patients, f) })
	return &writer{patientFacts: f, w: w, random: random, begins: "Preciso de um cardiologista"}
}

const patientData = "Ana Souza, 12/03/1985, este número"

// talk books a visit, and keeps, moves or cancels it. It reports whether it got to the end.
func (p *writer) talk() bool {
	p.say(p.begins)
	if p.random.IntN(3) == 0 { // some do not wait for the answer
		p.say(patientData)
		p.told = true
	}
	heard := 0
	for !p.gone {
		replies, ok := p.hear(heard)
		if !ok {
			return false
		}
		for _, text := range replies {
			heard++
			if p.answer(text) {
				return true
			}
		}
	}
	return false
}

// hear waits for more replies than there were.
func (p *writer) hear(before int) ([]string, bool) {
	began := time.Now()
	for deadline := began.Add(longestAnswer); time.Now().Before(deadline); time.Sleep(3 * time.Millisecond) {
		if got := runs(p.w.whatsApp.sentTo(p.number)); len(got) > before {
			p.w.tally.replied(time.Since(began))
			return got[before:], true
		}
		if p.w.ended() {
			return nil, false
		}
	}
	p.w.tally.count("patient", "gave up waiting")
	return nil, false
}

// answer reacts to a reply, and reports whether that was the end.
func (p *writer) answer(reply string) (end bool) {
	has := func(part string) bool { return strings.Contains(reply, part) }
	p.w.think()
	switch {
	case has("foi cancelada"):
		p.cancelled = true
		p.w.tally.ack("cancellations by WhatsApp")
		return true
	case has("Consulta remarcada!"):
		p.w.tally.ack("moves by WhatsApp")
		return true
	case has("Consulta confirmada!"):
		p.booked = true
		p.w.tally.ack("appointments by WhatsApp")
		switch p.wants {
		case "cancel":
			p.say("quero cancelar minha consulta")
		case "move":
			p.say("quero remarcar minha consulta")
		default:
			return true
		}
	case has("Está correto?"), has("Confirma o cancelamento"):
		p.say("sim")
	case has("Qual você prefere?"):
		offered := strings.Count(reply, ", às ")
		p.say(fmt.Sprint(1 + p.random.IntN(max(1, offered))))
	case has("Nome completo"):
		if !p.told {
			p.told = true
			p.say(patientData)
		}
	case has("tentar de novo em alguns minutos"):
		p.say(p.words)
	case has("Esse horário acabou de ser preenchido"), has("Vamos remarcar"): // and more follows
	case has("Não encontrei horários livres"):
		return true
	default:
		p.w.t.Errorf("%s said %q and was told %q", p.number, p.words, reply)
		return true
	}
	return false
}

// say delivers a message until it is acknowledged, and now and then once more.
func (p *writer) say(words string) {
	p.words = words
	content, err := json.Marshal(map[string]string{"conversation": words})
	if err != nil {
		p.w.t.Error(err)
	}
	body := json.RawMessage(upsert(message(p.number, fmt.Sprintf("%s-%d", p.number, p.acked+1), string(content))))
	deliver := func() bool {
		a, ok := p.w.send("message", http.MethodPost, "/v1/webhooks/evolution/"+demoInstance,
			map[string]string{"Authorization": "Bearer " + webhookToken}, body)
		return ok && a.status == http.StatusOK
	}
	for !deliver() {
		if p.w.ended() {
			p.gone = true
			return
		}
	}
	p.acked++
	p.w.tally.ack("messages")
	if p.random.IntN(10) == 0 {
		deliver()
	}
}
