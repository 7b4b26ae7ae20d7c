package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/evolution/evolutiontest"
)

// TestAnInstanceIsConnectedAndAnswers goes the whole way: the webhook is set up by the API, a burst comes by it out of order
// and twice, is answered once, and the health tells when the phone is gone.
func TestAnInstanceIsConnectedAndAnswers(t *testing.T) {
	t.Parallel()
	evo := evolutiontest.Start(t, demoInstance)
	s := startServe(t, demoEnv("EVOLUTION_URL", evo.URL, "EVOLUTION_API_KEY", evolutiontest.Key, "SECRETARY_DEBOUNCE", "300ms"))
	c, clinic := s.login(t)
	var status struct {
		State   string
		Webhook string `json:"webhook_url"`
	}
	if err := c.call(t.Context(), http.MethodPost, "/v1/clinics/"+clinic.TenantID+"/whatsapp/connect", nil, &status); err != nil {
		t.Fatal(err)
	}
	if hook := evo.Webhook(demoInstance); status.State != "open" || hook.URL != status.Webhook || !strings.HasPrefix(hook.URL, s.url) || !hook.Enabled {
		t.Fatalf("status = %+v, webhook = %+v", status, hook)
	}
	write := func(id, text string, at time.Time) evolutiontest.Event {
		return evo.Write(demoInstance, evolutiontest.Message{ID: id, From: patient + "@s.whatsapp.net", Name: "Ana", Text: text, At: at})
	}
	now := time.Now()
	first, second := write("M1", "quero marcar", now.Add(-time.Second)), write("M2", "com o cardiologista", now)
	evo.Deliver(second, first, second, first)
	for len(evo.Sent()) == 0 {
		time.Sleep(2 * time.Millisecond) // until the test's own deadline
	}
	evo.Deliver(first, second)
	if sent := evo.Sent(); len(sent) != 1 || sent[0].Number != patient || !strings.Contains(sent[0].Text, "João Silva") {
		t.Errorf("sent %+v, want one answer to both", sent)
	}

	evo.Deliver(evo.Connect(demoInstance, "close", 401))
	var health struct {
		Checks []struct{ Component, Status, Problem string }
	}
	if err := c.call(t.Context(), http.MethodGet, "/v1/clinics/"+clinic.TenantID+"/health", nil, &health); err != nil {
		t.Fatal(err)
	}
	last := health.Checks[len(health.Checks)-1]
	if last.Component != "whatsapp" || last.Status != "down" || last.Problem != "whatsapp-logged-out" {
		t.Errorf("health = %+v, want the phone to be logged out", health)
	}
}
