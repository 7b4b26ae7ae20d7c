package googlecalendar

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/option"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

const (
	defaultTimeout = 4 * time.Second
	defaultBudget  = 8 * time.Second
	defaultTries   = 4
	defaultBackoff = 200 * time.Millisecond
	maxAnswer      = 32 << 20 // bytes read of an answer; a page has at most 2500 events
	apiPath        = "/calendar/v3/"
)

// Options says how Google is reached and how patient the client is.
type Options struct {
	ClientID     string // the OAuth client of this service; without it every call is Unavailable "calendar-unconfigured"
	ClientSecret string
	RedirectURL  string // where Google sends the owner's browser after consent

	// Endpoint is the base of a server that stands in for Google, such as http://127.0.0.1:4000, with all its addresses:
	// /calendar/v3/, /o/oauth2/v2/auth, /oauth2/token, /oauth2/revoke and /oauth2/v2/userinfo. "" means Google's own. See
	// [CheckEndpoint].
	Endpoint string
	// Single addresses in place of those.
	AuthURL, TokenURL, RevokeURL, UserinfoURL string

	HTTPClient *http.Client  // nil means one made for Google; its Timeout and redirects are set here
	Timeout    time.Duration // of one request; 0 means 4 seconds
	Budget     time.Duration // of one operation with all its requests and pauses; 0 means 8 seconds
	Tries      int           // of one request; 0 means 4
	Backoff    time.Duration // the longest pause before the second try, doubled before each further one; 0 means 200 ms
	Now        func() time.Time
	Log        *slog.Logger // nil means slog's default
}

// Client is Google Calendar. It implements ports.Calendar, ports.CalendarProvider and ports.CalendarChanges, and is safe for
// concurrent use.
//
// What fails for a while (Google away, overloaded, over its quota) is tried again within the budget. Beside the codes of the
// ports, and of the credentials, these are given:
//
//   - "calendar-not-found" (Unavailable): the account cannot see the calendar.
//   - "calendar-forbidden" (Unavailable): the account may not do this with the calendar.
//
// No error and no log holds a token, a code, an address with its query, or what Google wrote.
type Client struct {
	api      *calendar.Service
	http     *http.Client
	access   *access
	config   oauth2.Config
	revoke   string
	userinfo string
	patience patience
	now      func() time.Time
}

var (
	_ ports.Calendar         = (*Client)(nil)
	_ ports.CalendarProvider = (*Client)(nil)
	_ ports.CalendarChanges  = (*Client)(nil)
)

// CheckEndpoint reports whether a text may be the base of a server: https, or http on this machine alone, with no user, query
// or fragment. "" is Google's own. Errors: Invalid "invalid-calendar-endpoint", which does not repeat it.
func CheckEndpoint(base string) error {
	if base == "" {
		return nil
	}
	u, err := url.Parse(base)
	if err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" &&
		(u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil
	}
	return errs.New(errs.Invalid, "invalid-calendar-endpoint", "must be an https URL, or http on 127.0.0.1, without user and query")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// New returns a client that has its refresh tokens from credentials. It fails when an address is refused by [CheckEndpoint];
// it asks nobody.
func New(o Options, credentials ports.CalendarCredentials) (*Client, error) {
	for _, address := range []string{o.Endpoint, o.AuthURL, o.TokenURL, o.RevokeURL, o.UserinfoURL} {
		if err := CheckEndpoint(address); err != nil {
			return nil, err
		}
	}
	base := strings.TrimRight(o.Endpoint, "/")
	at := func(given, path, google string) string {
		switch {
		case given != "":
			return given
		case base != "":
			return base + path
		}
		return google
	}
	web := clientOf(o)
	// With a client of ours the library looks for no credentials on the machine.
	api, err := calendar.NewService(context.Background(), option.WithHTTPClient(web),
		option.WithEndpoint(at("", apiPath, "https://www.googleapis.com"+apiPath)))
	if err != nil {
		return nil, fmt.Errorf("googlecalendar: make a client: %w", err)
	}
	config := oauth2.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret, RedirectURL: o.RedirectURL, Scopes: scopes(),
		Endpoint: oauth2.Endpoint{
			AuthURL:   at(o.AuthURL, "/o/oauth2/v2/auth", "https://accounts.google.com/o/oauth2/v2/auth"),
			TokenURL:  at(o.TokenURL, "/oauth2/token", "https://oauth2.googleapis.com/token"),
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
	now, log := o.Now, o.Log
	if now == nil {
		now = time.Now
	}
	if log == nil {
		log = slog.Default()
	}
	c := &Client{
		api: api, http: web, config: config, now: now,
		access:   &access{config: config, client: web, credentials: credentials, now: now, log: log, tokens: map[key]token{}},
		revoke:   at(o.RevokeURL, "/oauth2/revoke", "https://oauth2.googleapis.com/revoke"),
		userinfo: at(o.UserinfoURL, "/oauth2/v2/userinfo", "https://www.googleapis.com/oauth2/v2/userinfo"),
		patience: patience{tries: o.Tries, budget: o.Budget, backoff: o.Backoff},
	}
	c.patience.defaults()
	return c, nil
}

// clientOf follows no redirect: none is expected, and it would take an access token along.
func clientOf(o Options) *http.Client {
	web := &http.Client{}
	if o.HTTPClient != nil {
		theirs := *o.HTTPClient
		web = &theirs
	}
	if web.Transport == nil {
		web.Transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			TLSHandshakeTimeout: 3 * time.Second,
			IdleConnTimeout:     90 * time.Second,
			MaxIdleConnsPerHost: 16,
			ForceAttemptHTTP2:   true,
		}
	}
	web.Transport = bounded{web.Transport}
	web.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	web.Timeout = o.Timeout
	if web.Timeout <= 0 {
		web.Timeout = defaultTimeout
	}
	return web
}

// bounded ends answers that are longer than any of Google's with an error.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	}
	return resp, err
}

// configured is Unavailable "calendar-unconfigured" when this service has no OAuth client.
func (a *access) configured() error {
	if a.config.ClientID == "" || a.config.ClientSecret == "" {
		return errUnconfigured(errors.New("googlecalendar: no OAuth client is configured"))
	}
	return nil
}

func errUnconfigured(cause error) error {
	return errs.Wrap(errs.Unavailable, "calendar-unconfigured", "Google Calendar is not set up in this installation", cause)
}
