package openai

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/ports"
)

const (
	defaultTimeout    = 8 * time.Second
	defaultConcurrent = 16

	maxAnswer = 1 << 20 // bytes read of an answer

	// How many calls in a row fail until the breaker opens, and for how long it does.
	failuresToRest = 5
	restFor        = 30 * time.Second
)

// Options says which model is asked, and where.
type Options struct {
	BaseURL    string        // "https://api.openai.com/v1": what comes before /chat/completions
	APIKey     string        // "" for a server that wants none
	Model      string        // "gpt-4.1-mini"
	Timeout    time.Duration // for one call, waiting for its turn included; 0 means 8 seconds
	Concurrent int           // how many calls go on at once; 0 means 16
	HTTPClient *http.Client  // nil means one made for this server
	// Observe is told of every call; nil is nobody.
	Observe func(o Outcome, took time.Duration)
}

// Outcome is how a call went.
type Outcome string

// The outcomes.
const (
	Answered    Outcome = "answered"
	Refused     Outcome = "refused"     // the model, or a filter before it, would not answer, or it broke off
	TimedOut    Outcome = "timed_out"   //
	Unreachable Outcome = "unreachable" // no connection, or it was cut
	Limited     Outcome = "limited"     // too many requests, or no credit
	Rejected    Outcome = "rejected"    // the server refuses the key, the model's name or the request
	Failed      Outcome = "failed"      // the server failed, or its answer is not one
	Rested      Outcome = "rested"      // not made: several before it failed
	Crowded     Outcome = "crowded"     // not made: too many others went on
	Abandoned   Outcome = "abandoned"   // whoever asked has gone away
)

// Outcomes lists the outcomes.
func Outcomes() []Outcome {
	return []Outcome{Answered, Refused, TimedOut, Unreachable, Limited, Rejected, Failed, Rested, Crowded, Abandoned}
}

// Model is a model of an OpenAI-compatible server. It implements ports.LanguageModel and is safe for concurrent use.
//
// Every error is Unavailable "model-unavailable" and wraps a cause that names the outcome. None holds the key, the prompt, or
// anything of the server's answer but its status.
type Model struct {
	address string
	apiKey  string
	model   metering.Model
	client  *http.Client
	timeout time.Duration
	places  chan struct{}
	breaker *gobreaker.CircuitBreaker[ports.ModelAnswer]
	observe func(Outcome, time.Duration)
}

// New returns a model. It fails when BaseURL is not an absolute http or https address or no model is named; it does not call
// the server.
func New(o Options) (*Model, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		// Not err: it quotes the address, which may hold a password.
		return nil, errors.New("openai: the base URL must be an http or https address without a user and a query")
	}
	if o.Model == "" {
		return nil, errors.New("openai: no model is named")
	}
	client := &http.Client{Transport: newTransport()}
	if o.HTTPClient != nil {
		theirs := *o.HTTPClient
		client = &theirs
	}
	// A redirect would take what a patient wrote to another host.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	m := &Model{
		address: strings.TrimRight(o.BaseURL, "/") + "/chat/completions", apiKey: o.APIKey, client: client,
		model:   metering.Model{Kind: metering.LLM, Provider: base.Hostname(), Model: o.Model},
		timeout: cmp.Or(max(o.Timeout, 0), defaultTimeout), places: make(chan struct{}, cmp.Or(max(o.Concurrent, 0), defaultConcurrent)),
		breaker: gobreaker.NewCircuitBreaker[ports.ModelAnswer](gobreaker.Settings{
			Timeout:     restFor,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failuresToRest },
			// A refusal is the model's answer to one message: the server is well.
			IsSuccessful: func(err error) bool { return err == nil || outcomeOf(err) == Refused },
			IsExcluded:   func(err error) bool { return outcomeOf(err) == Abandoned },
		}),
		observe: o.Observe,
	}
	if m.observe == nil {
		m.observe = func(Outcome, time.Duration) {}
	}
	return m, nil
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
		TLSHandshakeTimeout: 3 * time.Second,
		IdleConnTimeout:     30 * time.Second,
		MaxIdleConnsPerHost: defaultConcurrent,
		ForceAttemptHTTP2:   true,
	}
}

// Model implements ports.LanguageModel. The provider is the server's host.
func (m *Model) Model() metering.Model { return m.model }

// Complete implements ports.LanguageModel.
func (m *Model) Complete(ctx context.Context, p ports.ModelPrompt) (ports.ModelAnswer, error) {
	began := time.Now()
	answer, err := m.guarded(ctx, p)
	m.observe(outcomeOf(err), time.Since(began))
	if err != nil {
		err = errs.Wrap(errs.Unavailable, "model-unavailable", "the language model gives no answer", err)
	}
	return answer, err
}

// guarded makes the call when it is its turn and the breaker lets it through.
func (m *Model) guarded(caller context.Context, p ports.ModelPrompt) (ports.ModelAnswer, error) {
	ctx, cancel := context.WithTimeout(caller, m.timeout)
	defer cancel()
	select {
	case m.places <- struct{}{}:
		defer func() { <-m.places }()
	case <-ctx.Done():
		return ports.ModelAnswer{}, failure{abandonedOr(caller, Crowded), ctx.Err()}
	}
	answer, err := m.breaker.Execute(func() (ports.ModelAnswer, error) {
		answer, err := m.post(ctx, p)
		if err != nil && caller.Err() != nil {
			err = failure{abandonedOr(caller, outcomeOf(err)), err}
		}
		return answer, err
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		err = failure{Rested, err}
	}
	return answer, err
}

// abandonedOr is an outcome, unless the caller has gone away, rather than run out of time: that is the server's doing.
func abandonedOr(caller context.Context, o Outcome) Outcome {
	if errors.Is(caller.Err(), context.Canceled) {
		return Abandoned
	}
	return o
}

// failure is why a call has no answer.
type failure struct {
	outcome Outcome
	cause   error
}

func (f failure) Error() string { return string(f.outcome) + ": " + f.cause.Error() }

func (f failure) Unwrap() error { return f.cause }

func outcomeOf(err error) Outcome {
	if err == nil {
		return Answered
	}
	if f, ok := errors.AsType[failure](err); ok {
		return f.outcome
	}
	return Failed
}
