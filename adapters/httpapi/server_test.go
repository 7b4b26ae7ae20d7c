package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/service"
)

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tests := []struct {
		name, given string
		kept        bool
	}{
		{"PlainOneIsKept", "abc-123_X.y", true},
		{"MissingOneIsMade", "", false},
		{"OneWithSpacesIsReplaced", "a b", false},
		{"OneThatIsTooLongIsReplaced", strings.Repeat("a", 65), false},
		{"OneThatForgesALogLineIsReplaced", "a\nlevel=ERROR", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := w.do(t, "", http.MethodGet, "/healthz", "", func(r *http.Request) { r.Header.Set("X-Request-Id", tt.given) })
			id := got.header.Get("X-Request-Id")
			if id == "" || (id == tt.given) != tt.kept {
				t.Errorf("X-Request-Id = %q for %q", id, tt.given)
			}
		})
	}
}

func TestTheAccessLogHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWorld(t, func(c *httpapi.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	log.Reset()
	w.do(t, w.admin, http.MethodGet, "/v1/participants?phone_number=%2B5511955550004", "")
	w.do(t, w.admin, http.MethodPatch, fmt.Sprintf("/v1/participants/%d", w.ours.participant), `{"name":"Maria Oliveira"}`)
	for _, personal := range []string{"5511955550004", "Maria", w.admin} {
		if strings.Contains(log.String(), personal) {
			t.Errorf("the log holds %q: %s", personal, log.String())
		}
	}
	for _, wanted := range []string{
		"method=PATCH", "route=/v1/participants/{id}", "status=200", "duration=", fmt.Sprintf("actor=user:%d", w.ours.user),
	} {
		if !strings.Contains(log.String(), wanted) {
			t.Errorf("the log lacks %q: %s", wanted, log.String())
		}
	}
}

func TestAPanicIsAProblem(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWorld(t, func(c *httpapi.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.Ready = func(context.Context) error { panic("db.internal is on fire") }
	})
	got := w.do(t, "", http.MethodGet, "/readyz", "")
	wantProblem(t, got, http.StatusInternalServerError, "internal")
	if strings.Contains(got.body, "fire") || strings.Count(log.String(), "msg=panic") != 1 {
		t.Errorf("answer %s, log %s", got.body, log.String())
	}
}

func TestOperationalEndpoints(t *testing.T) {
	t.Parallel()
	ready := errors.New("dial db.internal: refused")
	w := newWorld(t, func(c *httpapi.Config) {
		c.Ready = func(context.Context) error { return ready }
		c.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "up 1\n") })
	})
	if got := w.do(t, "", http.MethodGet, "/healthz", ""); got.status != http.StatusOK {
		t.Errorf("/healthz: %d %s", got.status, got.body)
	}
	got := w.do(t, "", http.MethodGet, "/readyz", "")
	wantProblem(t, got, http.StatusServiceUnavailable, "not-ready")
	if strings.Contains(got.body, "db.internal") || got.header.Get("Retry-After") != "1" {
		t.Errorf("%v %s, want it without the reason, to be asked again after 1", got.header, got.body)
	}
	ready = nil
	if got := w.do(t, "", http.MethodGet, "/readyz", ""); got.status != http.StatusOK {
		t.Errorf("/readyz: %d %s", got.status, got.body)
	}
	if got := w.do(t, "", http.MethodGet, "/metrics", ""); got.body != "up 1\n" {
		t.Errorf("/metrics: %d %s", got.status, got.body)
	}
}

func TestEveryAnswerHasSecurityHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/v1/me", "/v1/nowhere", "/healthz", "/openapi.json"} {
		got := w.do(t, w.admin, http.MethodGet, path, "")
		if got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, got.header)
		}
	}
}

func TestAcceptHeadersNeverBreakAnAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, accept := range []string{"a;q,", "text/html", "application/cbor", ";", ",", "application/json;q=0"} {
		got := w.do(t, w.admin, http.MethodGet, "/v1/me", "", func(r *http.Request) { r.Header.Set("Accept", accept) })
		if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("Accept %q: %d %s", accept, got.status, got.header.Get("Content-Type"))
		}
	}
}

func TestHeadAnswersAsGet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.do(t, w.admin, http.MethodHead, "/v1/me", ""); got.status != http.StatusOK {
		t.Errorf("status = %d", got.status)
	}
}

func TestBearerTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tests := []struct {
		name, header string
		status       int
		code         string
	}{
		{"SchemeInAnyCase", "bearer " + w.admin, 200, ""},
		{"SpacesAround", "Bearer  " + w.admin + " ", 200, ""},
		{"NoScheme", w.admin, 401, "missing-token"},
		{"OtherScheme", "Basic " + w.admin, 401, "missing-token"},
		{"NoToken", "Bearer ", 401, "missing-token"},
		{"WrongToken", "Bearer nonsense", 401, "invalid-token"},
		{"TokenOfNobody", "Bearer token-999999", 401, "invalid-token"},
		{"ExpiredToken", "Bearer token-expired", 401, "expired-token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := w.do(t, "", http.MethodGet, "/v1/me", "", func(r *http.Request) { r.Header.Set("Authorization", tt.header) })
			if tt.status == http.StatusOK {
				if got.status != tt.status {
					t.Errorf("status = %d: %s", got.status, got.body)
				}
				return
			}
			wantProblem(t, got, tt.status, tt.code)
			if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("WWW-Authenticate = %q", got.header.Get("WWW-Authenticate"))
			}
		})
	}
}

// A stranger does not make the service read and decode.
func TestAuthenticationComesBeforeTheBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.do(t, "", http.MethodPost, "/v1/rooms", `{"name":`)
	wantProblem(t, got, http.StatusUnauthorized, "missing-token")
}

func TestTheLoginLimitKnowsTheClientsAddress(t *testing.T) {
	t.Parallel()
	const mine, proxy = "203.0.113.9", "10.0.0.1"
	tests := []struct {
		name             string
		trust            bool
		remote, forward  string
		remote2, forwar2 string
		same             bool
	}{
		{"OtherPortIsTheSameClient", false, mine + ":1000", "", mine + ":2000", "", true},
		{"OtherAddressIsAnother", false, mine + ":1000", "", "203.0.113.10:1000", "", false},
		{"ForwardedIsNotBelieved", false, mine + ":1000", "198.51.100.1", mine + ":1000", "198.51.100.2", true},
		{"ForwardedByAProxyIs", true, proxy + ":1000", "198.51.100.1", proxy + ":1000", "198.51.100.2", false},
		{"OnlyTheProxysOwnEntryIs", true, proxy + ":1000", "1.1.1.1, 198.51.100.1", proxy + ":1000", "2.2.2.2, 198.51.100.1", true},
		{"IPv6NeighboursAreOneClient", false, "[2001:db8::1]:1000", "", "[2001:db8::2]:1000", "", true},
		{"OtherIPv6NetworksAreNot", false, "[2001:db8::1]:1000", "", "[2001:db8:0:1::1]:1000", "", false},
		{"MappedIPv4IsIPv4", false, "[::ffff:203.0.113.9]:1000", "", mine + ":1000", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			opened := openStore(t, realTime)
			services := newServices(opened)
			services.Sessions = service.NewSessions(opened.deps, plainPasswords{}, numberedTokens{}, service.SessionOptions{AddressFailures: 1})
			h := httpapi.New(httpapi.Config{Services: services, TrustProxy: tt.trust})
			login := func(email, remote, forward string) int {
				return (&world{handler: h}).do(t, "", http.MethodPost, "/v1/auth/login", `{"email":"`+email+`","password":"x"}`,
					func(r *http.Request) {
						r.RemoteAddr = remote
						if forward != "" {
							r.Header.Set("X-Forwarded-For", forward)
						}
					}).status
			}
			if got := login("a@b.example", tt.remote, tt.forward); got != http.StatusUnauthorized {
				t.Fatalf("first: status = %d, want 401", got)
			}
			want := map[bool]int{true: http.StatusTooManyRequests, false: http.StatusUnauthorized}[tt.same]
			if got := login("c@d.example", tt.remote2, tt.forwar2); got != want {
				t.Errorf("second: status = %d, want %d", got, want)
			}
		})
	}
}

func TestTheBodyLimitIsExact(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.MaxBody = 1000 })
	path := fmt.Sprintf("/v1/rooms/%d/events", w.ours.room)
	body := func(size int) string {
		const frame = `{"name":"x","data":{"a":""}}`
		return strings.Replace(frame, `""`, `"`+strings.Repeat("x", size-len(frame))+`"`, 1)
	}
	if got := w.do(t, w.admin, http.MethodPost, path, body(1000)); got.status != http.StatusCreated {
		t.Errorf("a body of the limit: %d %s", got.status, got.body)
	}
	wantProblem(t, w.do(t, w.admin, http.MethodPost, path, body(1001)), http.StatusRequestEntityTooLarge, "body-too-large")
}

// failingReader is a connection that breaks while the body arrives.
type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

func TestABodyThatDoesNotArriveIsAProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct {
		err    error
		status int
		code   string
	}{
		{io.ErrUnexpectedEOF, http.StatusBadRequest, "body-unreadable"},
		{os.ErrDeadlineExceeded, http.StatusRequestTimeout, "body-too-slow"},
	} {
		got := w.do(t, w.admin, http.MethodPost, "/v1/rooms", "{}", func(r *http.Request) { r.Body = io.NopCloser(failingReader{tt.err}) })
		wantProblem(t, got, tt.status, tt.code)
	}
}

// Deadlines exist on a real connection only.
func TestTheBodyIsReadFromARealConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	for range 2 { // on one connection
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+fmt.Sprintf("/v1/rooms/%d/events", w.ours.room), strings.NewReader(`{"name":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+w.admin)
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusCreated {
			t.Fatalf("status = %d, %v: %s", answer.StatusCode, err, body)
		}
	}
}

func TestDocsWorkWithoutInternet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.do(t, "", http.MethodGet, "/", "")
	if root.status != http.StatusFound || root.header.Get("Location") != "/docs" {
		t.Errorf("/: %d to %q", root.status, root.header.Get("Location"))
	}
	page := w.do(t, "", http.MethodGet, "/docs", "")
	if page.status != http.StatusOK || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
		t.Fatalf("/docs: %d %s", page.status, page.body)
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self';") {
		t.Errorf("Content-Security-Policy = %q", policy)
	}
	assets := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page.body, -1)
	if len(assets) < 3 {
		t.Fatalf("the page has %d assets: the test does not see them", len(assets))
	}
	for _, asset := range assets {
		u, err := url.Parse(asset[1])
		if err != nil || u.Host != "" {
			t.Errorf("the page loads %s from elsewhere", asset[1])
			continue
		}
		for _, encoding := range []string{"", "gzip"} {
			got := w.do(t, "", http.MethodGet, asset[1], "", func(r *http.Request) { r.Header.Set("Accept-Encoding", encoding) })
			if got.status != http.StatusOK || len(got.body) < 100 || got.header.Get("Content-Type") == "" {
				t.Errorf("%s (%q): %d, %d bytes", asset[1], encoding, got.status, len(got.body))
			}
			if packed := strings.HasPrefix(got.body, "\x1f\x8b"); packed != (got.header.Get("Content-Encoding") == "gzip") {
				t.Errorf("%s (%q): Content-Encoding lies", asset[1], encoding)
			}
		}
	}
	wantProblem(t, w.do(t, "", http.MethodGet, "/docs/embed.go", ""), http.StatusNotFound, "route-not-found")
}
