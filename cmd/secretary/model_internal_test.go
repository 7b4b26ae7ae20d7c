package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// modelAnswer is what the fake server says to anything.
const modelAnswer = `{"intent":"schedule","confidence":0.9,"professional":null,"specialty":"Cardiologista","service":null,"symptom":null,` +
	`"date":null,"time":null,"period":null,"answer":null,"emergency":false,"opt_out":false,"wants_person":false}`

func TestAModelHelpsToUnderstandAndIsCounted(t *testing.T) {
	t.Parallel()
	const key = "sk-the-secret-key"
	var asked atomic.Value
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked.Store(r.Header.Get("Authorization") + " " + r.URL.Path + " " + string(body))
		_, _ = fmt.Fprintf(w, `{"choices":[{"message":{"content":%q},"finish_reason":"stop"}],"usage":{"prompt_tokens":900,"completion_tokens":70}}`, modelAnswer)
	}))
	t.Cleanup(model.Close)
	s := startServe(t, demoEnv("OPENAI_BASE_URL", model.URL+"/v1", "OPENAI_API_KEY", key, "OPENAI_MODEL", "gpt-test"))
	c, clinic := s.login(t)
	at := "/v1/clinics/" + clinic.TenantID
	type meaning struct {
		Intent     string
		Specialty  *string
		Candidates []string
		ModelCalls int `json:"model_calls"`
	}
	understand := func(text string) (m meaning) {
		t.Helper()
		if err := c.call(t.Context(), http.MethodPost, at+"/understand", map[string]string{"text": text}, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := understand("zorba flurbo trenque, protocolo 123.456.789-09")
	if m.ModelCalls != 1 || m.Intent != "schedule" || m.Specialty == nil || *m.Specialty != "Cardiologista" || len(m.Candidates) != 1 {
		t.Errorf("meaning = %+v", m)
	}
	request, _ := asked.Load().(string)
	if !strings.HasPrefix(request, "Bearer "+key+" /v1/chat/completions") || !strings.Contains(request, "zorba flurbo trenque, protocolo [número]") {
		t.Errorf("the model was asked %s", request)
	}
	if m := understand("quero marcar com o cardiologista"); m.ModelCalls != 0 {
		t.Errorf("a clear message took %d calls", m.ModelCalls)
	}
	var usage struct {
		Rows []struct {
			Model           string
			Calls, Failures int
			TokensInput     int `json:"tokens_input"`
			Unpriced        bool
		}
	}
	if err := c.call(t.Context(), http.MethodGet, at+"/model-usage", nil, &usage); err != nil {
		t.Fatal(err)
	}
	if len(usage.Rows) != 1 || usage.Rows[0].Calls != 1 || usage.Rows[0].Failures != 0 || usage.Rows[0].Model != "gpt-test" || usage.Rows[0].TokensInput != 900 || !usage.Rows[0].Unpriced {
		t.Errorf("usage = %+v", usage)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	said := s.stdout.String() + s.stderr.String()
	if !strings.Contains(said, "host=127.0.0.1 model=gpt-test") || strings.Contains(said, key) {
		t.Errorf("the output does not name host and model, or has the key:\n%s", said)
	}
}
