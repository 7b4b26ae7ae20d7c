package evolution_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/evolution"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

var _ ports.Messenger = (*evolution.Messenger)(nil)

const (
	apiKey = "00000000-AAAA-4BBB-8CCC-000000000001"
	secret = "Consulta confirmada: Dra. Ana"
)

func toMaria() ports.OutgoingMessage {
	return ports.OutgoingMessage{Instance: "clinica-sorriso", To: maria, Text: secret}
}

func newMessenger(t *testing.T, o evolution.Options) *evolution.Messenger {
	t.Helper()
	if o.APIKey == "" {
		o.APIKey = apiKey
	}
	m, err := evolution.NewMessenger(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func serve(t *testing.T, handler http.HandlerFunc) *evolution.Messenger {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return newMessenger(t, evolution.Options{BaseURL: server.URL})
}

// answering is a server that gives one answer.
func answering(t *testing.T, status int, header http.Header, body string) *evolution.Messenger {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// recordedErrors are the answers that a server gave, by what was wrong.
func recordedErrors(t *testing.T) map[string]string {
	t.Helper()
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(fixture(t, "api.sendText.errors.json"), &raw); err != nil {
		t.Fatal(err)
	}
	bodies := map[string]string{}
	for name, body := range raw {
		bodies[name] = string(body)
	}
	return bodies
}

// failure is what a caller decides by.
type failure struct {
	Kind  errs.Kind
	Code  string
	Retry time.Duration
}

// send expects a failure.
func send(t *testing.T, m *evolution.Messenger, message ports.OutgoingMessage) failure {
	t.Helper()
	return failureOf(t)(m.Send(t.Context(), message))
}

// failureOf takes what Send returned, which must be an error that tells no secret.
func failureOf(t *testing.T) func(id string, err error) failure {
	t.Helper()
	return func(id string, err error) failure {
		t.Helper()
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || id != "" {
			t.Fatalf("Send = %q, %v, want a classified error", id, err)
		}
		for _, private := range []string{apiKey, secret, "5511955550011", "5511955550099"} {
			if strings.Contains(err.Error(), private) {
				t.Errorf("the error %q tells %q", err, private)
			}
		}
		return failure{Kind: e.Kind, Code: e.Code, Retry: e.Retry}
	}
}

func TestSendReturnsTheMessagesID(t *testing.T) {
	t.Parallel()
	type request struct {
		Method, Path, Key, ContentType string
		Body                           map[string]any
	}
	requests := make(chan request, 1)
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got := request{Method: r.Method, Path: r.URL.EscapedPath(), Key: r.Header.Get("apikey"), ContentType: r.Header.Get("Content-Type")}
		if err := json.NewDecoder(r.Body).Decode(&got.Body); err != nil {
			t.Errorf("decode the request: %v", err)
		}
		requests <- got
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(fixture(t, "api.sendText.201.json"))
	})
	id, err := m.Send(t.Context(), toMaria())
	if err != nil || id != "3EB0C767D26A1D8E0010" {
		t.Fatalf("Send = %q, %v", id, err)
	}
	want := request{
		Method: http.MethodPost, Path: "/message/sendText/clinica-sorriso", Key: apiKey, ContentType: "application/json",
		Body: map[string]any{"number": "5511955550011", "text": secret, "linkPreview": false},
	}
	if diff := cmp.Diff(want, <-requests); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestTheNumberIsWhatTheServerTakes(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"553195550012@s.whatsapp.net":     "553195550012",
		"5511955550011:12@s.whatsapp.net": "5511955550011",
		"5511955550011@c.us":              "5511955550011",
		"+5511955550011":                  "5511955550011",
		"100000000000011@lid":             "100000000000011@lid",
	} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			numbers := make(chan string, 1)
			m := serve(t, func(w http.ResponseWriter, r *http.Request) {
				var body struct{ Number string }
				if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
					t.Errorf("decode the request: %v", err)
				}
				numbers <- body.Number
				_, _ = w.Write(fixture(t, "api.sendText.201.json"))
			})
			if _, err := m.Send(t.Context(), ports.OutgoingMessage{Instance: "s", To: to, Text: "oi"}); err != nil {
				t.Fatal(err)
			}
			if got := <-numbers; got != want {
				t.Errorf("number = %q, want %q", got, want)
			}
		})
	}
}

func TestAnInstancesNameStaysOneSegmentBelowTheBase(t *testing.T) {
	t.Parallel()
	paths := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths <- r.URL.EscapedPath() + "?" + r.URL.RawQuery
		_, _ = w.Write(fixture(t, "api.sendText.201.json"))
	}))
	t.Cleanup(server.Close)
	m := newMessenger(t, evolution.Options{BaseURL: server.URL + "/evo/"})
	message := toMaria()
	message.Instance = "clínica/../a b?x=1"
	if _, err := m.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if got, want := <-paths, "/evo/message/sendText/cl%C3%ADnica%2F..%2Fa%20b%3Fx=1?"; got != want {
		t.Errorf("path = %q, want %q", got, want)
	}
}

func TestNothingIsSentWhere(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		instance, to string
		want         failure
	}{
		"AGroupWouldReadIt":     {"s", "120363000000000001@g.us", failure{Kind: errs.Invalid, Code: "whatsapp-refused"}},
		"StatusWouldShowIt":     {"s", "status@broadcast", failure{Kind: errs.Invalid, Code: "whatsapp-refused"}},
		"ThereIsNoAddress":      {"s", "", failure{Kind: errs.Invalid, Code: "whatsapp-refused"}},
		"TheAddressIsNoNumber":  {"s", "maria@s.whatsapp.net", failure{Kind: errs.Invalid, Code: "whatsapp-refused"}},
		"ThereIsNoInstance":     {"", maria, failure{Kind: errs.Unavailable, Code: "whatsapp-instance-unknown"}},
		"TheInstanceIsAnUpward": {"..", maria, failure{Kind: errs.Unavailable, Code: "whatsapp-instance-unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the server was called") })
			if got := send(t, m, ports.OutgoingMessage{Instance: row.instance, To: row.to, Text: secret}); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestRecordedErrorsAreClassified(t *testing.T) {
	t.Parallel()
	bodies := recordedErrors(t)
	wants := map[string]struct {
		status int
		want   failure
	}{
		"401 wrong or missing apikey":       {401, failure{Kind: errs.Unavailable, Code: "whatsapp-unauthorized"}},
		"404 unknown instance":              {404, failure{Kind: errs.Unavailable, Code: "whatsapp-instance-unknown"}},
		"400 schema (note nested array)":    {400, failure{Kind: errs.Invalid, Code: "whatsapp-refused"}},
		"400 number not on WhatsApp":        {400, failure{Kind: errs.Invalid, Code: "not-on-whatsapp"}},
		"400 connection lost while sending": {400, failure{Kind: errs.Unavailable, Code: "whatsapp-unavailable"}},
	}
	if len(bodies) != len(wants) {
		t.Errorf("%d recorded errors, %d known here", len(bodies), len(wants))
	}
	for name, row := range wants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if bodies[name] == "" {
				t.Fatal("not recorded")
			}
			if got := send(t, answering(t, row.status, nil, bodies[name]), toMaria()); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestOtherAnswersAreClassified(t *testing.T) {
	t.Parallel()
	unavailable := failure{Kind: errs.Unavailable, Code: "whatsapp-unavailable"}
	waiting := func(d time.Duration) failure {
		return failure{Kind: errs.Unavailable, Code: "whatsapp-unavailable", Retry: d}
	}
	refused := failure{Kind: errs.Invalid, Code: "whatsapp-refused"}
	uncertain := failure{Kind: errs.Unavailable, Code: ports.CodeSendUncertain}
	after := func(value string) http.Header { return http.Header{"Retry-After": {value}} }
	for name, row := range map[string]struct {
		status int
		header http.Header
		body   string
		want   failure
	}{
		"Forbidden":                  {403, nil, `{}`, failure{Kind: errs.Unavailable, Code: "whatsapp-unauthorized"}},
		"TooManyRequests":            {429, after("7"), `slow down`, waiting(7 * time.Second)},
		"ServiceUnavailable":         {503, after("120"), ``, waiting(2 * time.Minute)},
		"RetryAfterYears":            {503, after("999999999"), ``, waiting(time.Hour)},
		"RetryAfterADateOfThePast":   {503, after("Mon, 02 Jan 2006 15:04:05 GMT"), ``, unavailable},
		"RetryAfterADateFarAhead":    {503, after("Fri, 31 Dec 9999 23:59:59 GMT"), ``, waiting(time.Hour)},
		"RetryAfterNonsense":         {503, after("soon"), ``, unavailable},
		"RetryAfterLessThanNothing":  {503, after("-3"), ``, unavailable},
		"InternalError":              {500, nil, `{"status":500,"error":"Internal Server Error","response":{"message":"Connection Closed"}}`, unavailable},
		"BadGateway":                 {502, nil, `<html>nginx</html>`, unavailable},
		"GatewayGaveUpWaiting":       {504, nil, `<html>nginx</html>`, uncertain},
		"Redirect":                   {302, http.Header{"Location": {"/elsewhere"}}, ``, unavailable},
		"ConnectionClosedAsText":     {400, nil, `{"response":{"message":"Connection Closed"}}`, unavailable},
		"ConnectionClosedOneLevelUp": {400, nil, `{"message":["Error: Connection Closed"]}`, unavailable},
		"NotOnWhatsAppOneLevelUp":    {400, nil, `{"message":[{"exists":false,"number":"5511955550099"}]}`, failure{Kind: errs.Invalid, Code: "not-on-whatsapp"}},
		"OnWhatsAppAfterAll":         {400, nil, `{"response":{"message":[{"exists":true}]}}`, refused},
		"BadRequestWithoutReason":    {400, nil, ``, refused},
		"BadRequestOfAnotherShape":   {400, nil, `{"response":[{"message":7}]}`, refused},
		"BadRequestNestedForever":    {400, nil, `{"response":{"message":` + strings.Repeat("[", 500) + `"Connection Closed"` + strings.Repeat("]", 500) + `}}`, refused},
		"TooLarge":                   {413, nil, ``, refused},
		"CreatedWithoutID":           {201, nil, `{"key":{}}`, uncertain},
		"CreatedWithoutJSON":         {201, nil, `<html>welcome</html>`, uncertain},
		"CreatedWithoutEnd":          {201, nil, `{"key":{"id":"1"},"x":"` + strings.Repeat("a", 2<<20) + `"}`, uncertain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := send(t, answering(t, row.status, row.header, row.body), toMaria()); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestARedirectIsNotFollowedWithTheKey(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the other host was called")
	}))
	t.Cleanup(other.Close)
	m := answering(t, http.StatusTemporaryRedirect, http.Header{"Location": {other.URL}}, "")
	if got := send(t, m, toMaria()); got.Code != "whatsapp-unavailable" {
		t.Errorf("got %+v", got)
	}
}

func TestAServerThatIsAwayMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	m := newMessenger(t, evolution.Options{BaseURL: server.URL})
	server.Close()
	want := failure{Kind: errs.Unavailable, Code: "whatsapp-unavailable"}
	if got := send(t, m, toMaria()); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestADroppedConnectionIsUncertainAndNotRepeated(t *testing.T) {
	t.Parallel()
	calls := make(chan struct{}, 10)
	m := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls <- struct{}{}
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	})
	want := failure{Kind: errs.Unavailable, Code: ports.CodeSendUncertain}
	if got := send(t, m, toMaria()); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if len(calls) != 1 {
		t.Errorf("the server was called %d times, want once", len(calls))
	}
}

func TestAnAnswerThatBreaksOffIsUncertain(t *testing.T) {
	t.Parallel()
	m := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"key":{"id":"3EB0`)
	})
	want := failure{Kind: errs.Unavailable, Code: ports.CodeSendUncertain}
	if got := send(t, m, toMaria()); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestGivingUpOnASlowServerIsUncertain(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	m := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel() // the request has arrived: whoever gives up now cannot know
		<-r.Context().Done()
	})
	want := failure{Kind: errs.Unavailable, Code: ports.CodeSendUncertain}
	if got := failureOf(t)(m.Send(ctx, toMaria())); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// silent is a server that accepts the connection and never answers.
type silent struct{ connects bool }

func (s silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.connects {
		httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestTheTimeoutBoundsASend(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		timeout  time.Duration
		connects bool
		after    time.Duration
		code     string
	}{
		"Default":            {0, true, 20 * time.Second, ports.CodeSendUncertain},
		"Configured":         {3 * time.Second, true, 3 * time.Second, ports.CodeSendUncertain},
		"WithoutAConnection": {3 * time.Second, false, 3 * time.Second, "whatsapp-unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m := newMessenger(t, evolution.Options{
					BaseURL: "http://evo.invalid", Timeout: row.timeout, HTTPClient: &http.Client{Transport: silent{row.connects}},
				})
				start := time.Now()
				got := send(t, m, toMaria())
				if waited := time.Since(start); waited != row.after || got.Code != row.code {
					t.Errorf("got %+v after %v, want %s after %v", got, waited, row.code, row.after)
				}
			})
		})
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]evolution.Options{
		"NoAddress":       {APIKey: apiKey},
		"NoScheme":        {BaseURL: "evo.example.com", APIKey: apiKey},
		"AnotherScheme":   {BaseURL: "ftp://evo.example.com", APIKey: apiKey},
		"NoHost":          {BaseURL: "http:///evo", APIKey: apiKey},
		"Query":           {BaseURL: "https://evo.example.com/?a=b", APIKey: apiKey},
		"BrokenWithASign": {BaseURL: "http://user:senha@evo.example.com:porta", APIKey: apiKey},
		"NoKey":           {BaseURL: "https://evo.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := evolution.NewMessenger(o)
			if err == nil || m != nil {
				t.Fatalf("NewMessenger = %v, %v, want an error", m, err)
			}
			if strings.Contains(err.Error(), "senha") {
				t.Errorf("the error %q tells a password", err)
			}
		})
	}
}

func TestTheCallersClientIsLeftAlone(t *testing.T) {
	t.Parallel()
	client := &http.Client{}
	newMessenger(t, evolution.Options{BaseURL: "http://evo.invalid", HTTPClient: client})
	if client.CheckRedirect != nil {
		t.Error("NewMessenger changed the client it was given")
	}
}
