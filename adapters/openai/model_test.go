package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/openai"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/ports"
)

const key = "sk-the-secret-key"

func prompt() ports.ModelPrompt {
	return ports.ModelPrompt{System: "the task", User: "the message", SchemaName: "meaning", Schema: json.RawMessage(`{"type":"object"}`)}
}

// observed collects the outcomes of calls.
type observed struct {
	mu  sync.Mutex
	all []openai.Outcome
}

func (o *observed) add(outcome openai.Outcome, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, outcome)
}

func (o *observed) last(t *testing.T) openai.Outcome {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.all) == 0 {
		t.Fatal("no outcome was observed")
	}
	return o.all[len(o.all)-1]
}

// against makes a model of a server that answers as handle does.
func against(t *testing.T, handle http.HandlerFunc, change func(*openai.Options)) (*openai.Model, *observed) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return of(t, openai.Options{BaseURL: server.URL + "/v1", APIKey: key, Model: "gpt-test"}, change)
}

func of(t *testing.T, o openai.Options, change func(*openai.Options)) (*openai.Model, *observed) {
	t.Helper()
	seen := &observed{}
	o.Observe = seen.add
	if change != nil {
		change(&o)
	}
	m, err := openai.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return m, seen
}

// chat is the body of an answer.
func chat(content, finish string) string {
	return fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":%q},"finish_reason":%q}],`+
		`"usage":{"prompt_tokens":812,"completion_tokens":64,"total_tokens":876,"prompt_tokens_details":{"cached_tokens":512}}}`, content, finish)
}

func TestACallAsksForStructuredOutput(t *testing.T) {
	t.Parallel()
	var got map[string]any
	m, seen := against(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer "+key ||
			r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s with %v", r.Method, r.URL, r.Header)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, chat(`{"intent":"other"}`, "stop"))
	}, nil)
	answer, err := m.Complete(t.Context(), prompt())
	if err != nil {
		t.Fatal(err)
	}
	want := ports.ModelAnswer{
		Text: `{"intent":"other"}`, Used: metering.Quantities{Requests: 1, InputTokens: 812, CachedInputTokens: 512, OutputTokens: 64},
	}
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Error(diff)
	}
	wantBody := map[string]any{
		"model": "gpt-test",
		"messages": []any{
			map[string]any{"role": "system", "content": "the task"}, map[string]any{"role": "user", "content": "the message"},
		},
		"response_format": map[string]any{
			"type": "json_schema",
			"json_schema": map[string]any{
				"name": "meaning", "strict": true, "schema": map[string]any{"type": "object"},
			},
		},
	}
	if diff := cmp.Diff(wantBody, got); diff != "" {
		t.Error(diff)
	}
	if seen.last(t) != openai.Answered {
		t.Errorf("observed %v", seen.all)
	}
	if diff := cmp.Diff(metering.Model{Kind: metering.LLM, Provider: "127.0.0.1", Model: "gpt-test"}, m.Model()); diff != "" {
		t.Error(diff)
	}
}

func TestAServerWithoutAKeyIsSentNone(t *testing.T) {
	t.Parallel()
	m, _ := against(t, func(w http.ResponseWriter, r *http.Request) {
		if _, has := r.Header["Authorization"]; has {
			t.Error("a key was sent")
		}
		_, _ = io.WriteString(w, chat("{}", "stop"))
	}, func(o *openai.Options) { o.APIKey, o.BaseURL = "", o.BaseURL+"/" })
	if _, err := m.Complete(t.Context(), prompt()); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoAnswerIsAnErrorThatTellsNothing(t *testing.T) {
	t.Parallel()
	said := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		want   openai.Outcome
		tokens int64
	}{
		"TooManyRequests": {said(429, `{"error":{"message":"Rate limit reached for sk-the-secret-key"}}`), openai.Limited, 0},
		"NoCredit":        {said(402, ``), openai.Limited, 0},
		"WrongKey":        {said(401, `{"error":{"message":"sk-the-secret-key"}}`), openai.Rejected, 0},
		"NoSuchModel":     {said(404, ``), openai.Rejected, 0},
		"BadRequest":      {said(400, `the message`), openai.Rejected, 0},
		"Broken":          {said(500, `the message`), openai.Failed, 0},
		"Overloaded":      {said(503, ``), openai.Failed, 0},
		"GatewayTimeout":  {said(504, ``), openai.TimedOut, 0},
		"Redirect":        {said(307, ``), openai.Failed, 0},
		"NoJSON":          {said(200, `<html>the message`), openai.Failed, 0},
		"CutJSON":         {said(200, chat("{}", "stop")[:40]), openai.Failed, 0},
		"OtherTypes":      {said(200, `{"choices":[{"message":{"content":["the message"]}}]}`), openai.Failed, 0},
		"Null":            {said(200, `null`), openai.Failed, 0},
		"NoChoices":       {said(200, `{"choices":[],"usage":{"prompt_tokens":812}}`), openai.Failed, 812},
		"TooLong":         {said(200, `{"choices":[{"message":{"content":"`+strings.Repeat("a", 1<<20)+`"}}]}`), openai.Failed, 0},
		"NoContent":       {said(200, `{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}`), openai.Refused, 0},
		"Refusal":         {said(200, `{"choices":[{"message":{"content":"","refusal":"the message"}}],"usage":{"prompt_tokens":812}}`), openai.Refused, 812},
		"Filtered":        {said(200, chat("{", "content_filter")), openai.Refused, 812},
		"BrokeOff":        {said(200, chat(`{"intent`, "length")), openai.Refused, 812},
		"Disconnected": {func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}, openai.Unreachable, 0},
		"CutBody": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, chat("{}", "stop")[:40])
		}, openai.Unreachable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			m, seen := against(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				c.handle(w, r)
			}, nil)
			answer, err := m.Complete(t.Context(), prompt())
			if errs.KindOf(err) != errs.Unavailable || errs.CodeOf(err) != "model-unavailable" {
				t.Fatalf("error = %v", err)
			}
			if seen.last(t) != c.want {
				t.Errorf("observed %s, want %s: %v", seen.last(t), c.want, err)
			}
			if calls.Load() != 1 || answer.Used.Requests != 1 || answer.Used.InputTokens != c.tokens || answer.Text != "" {
				t.Errorf("%d calls reached the server, and the answer is %+v", calls.Load(), answer)
			}
			for _, secret := range []string{key, "the message", "the task"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells %q: %v", secret, err)
				}
			}
		})
	}
}

func TestASlowServerIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	m, seen := against(t, func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.ReadAll(r.Body) // or the server does not see that the client has gone
		<-r.Context().Done()
	}, func(o *openai.Options) { o.Timeout = 50 * time.Millisecond })
	answer, err := m.Complete(t.Context(), prompt())
	if err == nil || seen.last(t) != openai.TimedOut || calls.Load() != 1 || answer.Used.Requests != 1 {
		t.Errorf("error %v, observed %v, %d calls, used %+v", err, seen.all, calls.Load(), answer.Used)
	}
}

func TestAConnectionIsTriedTwice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fail     int64
		answered bool
	}{{1, true}, {2, false}} {
		var dials atomic.Int64
		transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials.Add(1) <= c.fail {
				return nil, errors.New("no route")
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}}
		m, seen := against(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, chat("{}", "stop"))
		}, func(o *openai.Options) { o.HTTPClient = &http.Client{Transport: transport} })
		answer, err := m.Complete(t.Context(), prompt())
		if (err == nil) != c.answered || dials.Load() != 2 {
			t.Errorf("after %d failures: error %v and %d dials", c.fail, err, dials.Load())
		}
		if !c.answered && (answer.Used.Requests != 0 || seen.last(t) != openai.Unreachable) {
			t.Errorf("no call was made, and it is told as %+v, %v", answer.Used, seen.all)
		}
		transport.CloseIdleConnections()
	}
}

// script is a server without a network, so that a test's clock rules.
type script func(*http.Request) (status int, body string)

func (s script) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := s(r)
	if status == 0 {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestAfterFiveFailuresItRestsForHalfAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls, status := 0, 500
		m, seen := of(t, openai.Options{
			BaseURL: "http://model.test", Model: "m",
			HTTPClient: &http.Client{Transport: script(func(*http.Request) (int, string) {
				calls++
				return status, chat("{}", "stop")
			})},
		}, nil)
		ask := func() openai.Outcome {
			_, _ = m.Complete(t.Context(), prompt())
			return seen.last(t)
		}
		for range 5 {
			if got := ask(); got != openai.Failed {
				t.Fatalf("observed %s", got)
			}
		}
		if got := ask(); got != openai.Rested || calls != 5 {
			t.Fatalf("observed %s after %d calls", got, calls)
		}
		time.Sleep(31 * time.Second)
		if got := ask(); got != openai.Failed || calls != 6 {
			t.Fatalf("after the rest: observed %s after %d calls", got, calls)
		}
		if got := ask(); got != openai.Rested || calls != 6 {
			t.Fatalf("a failure after the rest begins another: observed %s after %d calls", got, calls)
		}
		time.Sleep(31 * time.Second)
		status = 200
		for range 3 {
			if got := ask(); got != openai.Answered {
				t.Fatalf("observed %s", got)
			}
		}
	})
}

func TestOnlyTheServersFailuresCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		status, body := 200, chat("{", "length")
		m, seen := of(t, openai.Options{
			BaseURL: "http://model.test", Model: "m",
			HTTPClient: &http.Client{Transport: script(func(*http.Request) (int, string) { return status, body })},
		}, nil)
		for range 10 { // the model refuses these messages
			_, _ = m.Complete(t.Context(), prompt())
		}
		status = 0
		for range 10 { // nobody waits for these
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, err := m.Complete(ctx, prompt())
			if !errors.Is(err, context.Canceled) || seen.last(t) != openai.Abandoned {
				t.Fatalf("error %v, observed %s", err, seen.last(t))
			}
		}
		status, body = 200, chat("{}", "stop")
		if _, err := m.Complete(t.Context(), prompt()); err != nil {
			t.Errorf("the breaker opened: %v", err)
		}
	})
}

func TestOnlySoManyCallsGoOnAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const places, callers = 2, 6
		var now, most atomic.Int64
		m, seen := of(t, openai.Options{
			BaseURL: "http://model.test", Model: "m", Concurrent: places, Timeout: 10 * time.Second,
			HTTPClient: &http.Client{Transport: script(func(*http.Request) (int, string) {
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				defer now.Add(-1)
				time.Sleep(4 * time.Second)
				return 200, chat("{}", "stop")
			})},
		}, nil)
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() { _, _ = m.Complete(t.Context(), prompt()) })
		}
		wg.Wait()
		count := map[openai.Outcome]int{}
		for _, o := range seen.all {
			count[o]++
		}
		// Four are answered by second 8, and two more begin then, for whom no time is left.
		if most.Load() != places || count[openai.Answered] < 4 || len(seen.all) != callers {
			t.Errorf("%d at once, outcomes %v", most.Load(), count)
		}
	})
}

func TestWithoutAPlaceInTimeNoCallIsMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		m, seen := of(t, openai.Options{
			BaseURL: "http://model.test", Model: "m", Concurrent: 1, Timeout: 10 * time.Second,
			HTTPClient: &http.Client{Transport: script(func(*http.Request) (int, string) { calls++; return 0, "" })},
		}, nil)
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = m.Complete(t.Context(), prompt()) })
		synctest.Wait() // the only place is taken
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		answer, err := m.Complete(ctx, prompt())
		if err == nil || answer.Used.Requests != 0 || calls != 1 || seen.last(t) != openai.Crowded {
			t.Errorf("error %v, used %+v, %d calls, observed %v", err, answer.Used, calls, seen.all)
		}
		wg.Wait()
	})
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for _, o := range []openai.Options{
		{Model: "m"},
		{BaseURL: "https://api.example.com/v1"},
		{BaseURL: "api.example.com/v1", Model: "m"},
		{BaseURL: "ftp://api.example.com", Model: "m"},
		{BaseURL: "https://user:" + key + "@api.example.com", Model: "m"},
		{BaseURL: "https://api.example.com/v1?key=" + key, Model: "m"},
		{BaseURL: "https://%zz" + key, Model: "m"},
	} {
		if _, err := openai.New(o); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%+v: error %v", o, err)
		}
	}
}
