package httpapi_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
)

// notedBodies is a decoder that notes what it gets. What it understands is one text per body that has an "event".
type notedBodies struct {
	mu     sync.Mutex
	bodies []string
}

func (n *notedBodies) Decode(body []byte) (reception.Delivery, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.bodies = append(n.bodies, string(body))
	if !bytes.Contains(body, []byte(`"event"`)) {
		return reception.Delivery{}, errs.New(errs.Invalid, "invalid-webhook", "not an event")
	}
	return reception.Delivery{Instance: "clinica-moreira", Messages: []reception.Inbound{{
		ExternalID: "EVENT-1", From: "5511955550011@s.whatsapp.net", Phone: "+5511955550011",
		Name: "Ana", Kind: reception.Text, Text: "Quero fazer botox",
	}}}, nil
}

func (n *notedBodies) last() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.bodies) == 0 {
		return ""
	}
	return n.bodies[len(n.bodies)-1]
}

const hook = "/v1/webhooks/evolution/clinica-moreira"

// untouchable is a body that must not be read.
type untouchable struct{ tb testing.TB }

func (u untouchable) Read([]byte) (int, error) {
	u.tb.Error("the body was read")
	return 0, errors.New("untouchable")
}

func TestWebhookAuthenticatesBeforeTheBodyIsRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ask := func(path, token string) result {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, io.NopCloser(untouchable{t}))
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return send(d.handler, r)
	}
	for _, path := range []string{hook, hook + "/messages-upsert"} {
		got := ask(path, "")
		wantProblem(t, got, http.StatusUnauthorized, "invalid-webhook-token")
		if got.header.Get("WWW-Authenticate") == "" {
			t.Error("a 401 has no WWW-Authenticate")
		}
		wantProblem(t, ask(path, "another-token-of-somebody"), http.StatusUnauthorized, "invalid-webhook-token")
		wantProblem(t, ask(path, d.manager), http.StatusUnauthorized, "invalid-webhook-token")
	}
	wantProblem(t, ask("/v1/webhooks/evolution/nobody", ""), http.StatusUnauthorized, "invalid-webhook-token")
	wantProblem(t, ask("/v1/webhooks/evolution/nobody", webhookToken), http.StatusNotFound, "clinic-not-found")
}

func TestWebhookWithoutAnyTokenIsUnavailable(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(o *service.FrontDeskOptions) { o.WebhookToken = "" })
	got := d.do(t, "", http.MethodPost, hook, `{"event":"messages.upsert"}`)
	p := wantProblem(t, got, http.StatusServiceUnavailable, "webhook-unconfigured")
	if detail, _ := p["detail"].(string); !strings.Contains(detail, "EVOLUTION_WEBHOOK_TOKEN") {
		t.Errorf("detail = %q, which does not say what to set", detail)
	}
}

func TestWebhookOfAClinicsOwnToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(o *service.FrontDeskOptions) { o.WebhookToken = "" })
	const own = "the-clinics-very-own-token"
	got := d.do(t, d.manager, http.MethodPatch, d.at(""), `{"evolution_webhook_token":"`+own+`"}`)
	want(t, got, http.StatusOK, map[string]any{"has_webhook_token": true})
	if strings.Contains(got.body, own) {
		t.Errorf("the token is shown: %s", got.body)
	}
	want(t, d.do(t, own, http.MethodPost, hook, `{"event":"messages.upsert"}`), http.StatusOK, map[string]any{"received": 1.0})
	wantProblem(t, d.do(t, webhookToken, http.MethodPost, hook, `{}`), http.StatusUnauthorized, "invalid-webhook-token")
}

func TestWebhookStoresWhatArrivesOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const body = `{ "event":"messages.upsert", "anything": [1, {"é": null}] }`
	for _, path := range []string{hook, hook, hook + "/messages-upsert"} {
		want(t, d.do(t, webhookToken, http.MethodPost, path, body), http.StatusOK, map[string]any{"received": 1.0})
		if got := d.decoder.last(); got != body {
			t.Errorf("the decoder got %q, want the very bytes %q", got, body)
		}
	}
	var messages struct{ Items []map[string]any }
	d.do(t, d.manager, http.MethodGet, d.at("/conversations/5511955550011/messages"), "").decode(t, &messages)
	if len(messages.Items) != 1 {
		t.Fatalf("there are %d messages after the same one came three times: %v", len(messages.Items), messages.Items)
	}
	m := messages.Items[0]
	if m["channel"] != "whatsapp" || m["direction"] != "in" || m["status"] != "pending" || m["text"] != "Quero fazer botox" {
		t.Errorf("message = %v", m)
	}
}

func TestWebhookRefusesABodyThatIsNotTheChannels(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	post := func(body string) result { return d.do(t, webhookToken, http.MethodPost, hook, body) }
	wantProblem(t, post(`{"hello":1}`), http.StatusUnprocessableEntity, "invalid-webhook")
	wantProblem(t, post("{\"event\":\"\xff\"}"), http.StatusBadRequest, "invalid-json")
	wantProblem(t, post(strings.Repeat("[", 100)), http.StatusBadRequest, "invalid-json")
	large := `{"event":"messages.upsert","base64":"` + strings.Repeat("A", 2<<20) + `"}`
	want(t, post(large), http.StatusOK, map[string]any{"received": 1.0})
	wantProblem(t, post(`{"event":"`+strings.Repeat("A", 16<<20)+`"}`), http.StatusRequestEntityTooLarge, "body-too-large")
	other := d.do(t, webhookToken, http.MethodPost, hook, `{}`, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
	wantProblem(t, other, http.StatusUnsupportedMediaType, "unsupported-media-type")
}
