package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// vendors are WhatsApp and a language model, as far as the service needs them.
type vendors struct {
	url   string
	stop  func() error
	calls atomic.Int64 // of the model
	ids   atomic.Int64 // of messages

	mu      sync.Mutex
	replies map[string]chan string // by number
	sent    map[string][]string
}

func newVendors(ctx context.Context) (*vendors, error) {
	v := &vendors{replies: map[string]chan string{}, sent: map[string][]string{}}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /message/sendText/{instance}", v.sendText)
	mux.HandleFunc("POST /v1/chat/completions", v.complete)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(listener) }()
	v.url, v.stop = "http://"+listener.Addr().String(), srv.Close
	return v, nil
}

func (v *vendors) close() { _ = v.stop() }

// repliesTo is where what a number is sent arrives.
func (v *vendors) repliesTo(number string) chan string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.replies[number] == nil {
		v.replies[number] = make(chan string, 100)
	}
	return v.replies[number]
}

func (v *vendors) sendText(w http.ResponseWriter, r *http.Request) {
	var m struct{ Number, Text string }
	if json.NewDecoder(r.Body).Decode(&m) != nil {
		http.Error(w, "{}", http.StatusBadRequest)
		return
	}
	v.mu.Lock()
	v.sent[m.Number] = append(v.sent[m.Number], m.Text)
	v.mu.Unlock()
	v.repliesTo(m.Number) <- m.Text
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"key":{"remoteJid":"%s@s.whatsapp.net","fromMe":true,"id":"SENT%d"},"status":"PENDING"}`, m.Number, v.ids.Add(1))
}

// said is what the model takes any message for.
const said = `{"intent":"schedule","confidence":0.9,"professional":null,"specialty":"Cardiologista","service":null,"symptom":null,` +
	`"date":null,"time":null,"period":null,"answer":null,"emergency":false,"opt_out":false,"wants_person":false}`

func (v *vendors) complete(w http.ResponseWriter, _ *http.Request) {
	v.calls.Add(1)
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"choices":[{"message":{"content":%q},"finish_reason":"stop"}],"usage":{"prompt_tokens":900,"completion_tokens":70}}`, said)
}

// told counts the patients who were told that a visit is confirmed, and the confirmations that came again.
func (v *vendors) told() (told, repeated int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, texts := range v.sent {
		n := 0
		for _, text := range texts {
			if strings.Contains(text, "Consulta confirmada!") {
				n++
			}
		}
		told += min(n, 1)
		repeated += max(n-1, 0)
	}
	return told, repeated
}
