package googlecalendar_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/googlecalendar"
	"github.com/secretary-api/secretary/adapters/googlecalendar/googletest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

// The example of RFC 7636, appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// consent goes to the consent page as the owner's browser does, and returns what comes back.
func (w *world) consent(t *testing.T) url.Values {
	t.Helper()
	address, err := w.ConsentURL("a state", verifier)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("the page answers %s: %v", resp.Status, err)
	}
	if q := back.Query(); q.Get("state") != "a state" || back.Host != "127.0.0.1:18080" {
		t.Fatalf("sent back to %s", back)
	}
	return back.Query()
}

func TestAnOwnerConnectsAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Consenter("nova@example.com")
	w.server.AddCalendar("nova@example.com", googletest.Calendar{ID: "joão@example.com", Name: "Dr. João"})
	grant, err := w.Redeem(t.Context(), w.consent(t).Get("code"), verifier)
	if err != nil {
		t.Fatal(err)
	}
	if grant.Account != "nova@example.com" || !w.server.IsGood(grant.RefreshToken) ||
		!slices.Contains(grant.Scopes, "https://www.googleapis.com/auth/calendar.events") {
		t.Errorf("got %v", grant)
	}
	clinic := id.New[agenda.Clinic]()
	w.vault.set(clinic, grant.RefreshToken)
	calendars, err := w.Calendars(t.Context(), clinic)
	if want := []agenda.AccountCalendar{{ID: "joão@example.com", Name: "Dr. João", TimeZone: "America/Sao_Paulo", Writable: true}}; err != nil || !cmp.Equal(calendars, want) {
		t.Errorf("its calendars are %v, error %v, want %v", calendars, err, want)
	}
	for range 2 {
		if err := w.Forget(t.Context(), grant.RefreshToken); err != nil {
			t.Errorf("giving it back: got error %v", err)
		}
	}
	if w.server.IsGood(grant.RefreshToken) {
		t.Error("what was given back is good still")
	}
}

func TestConsentIsAskedForOfflineAndOfThisBrowserOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address, err := w.ConsentURL("a state", verifier)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name := range u.Query() {
		got[name] = u.Query().Get(name)
	}
	want := map[string]string{
		"access_type": "offline", "prompt": "consent", "response_type": "code", "state": "a state", "redirect_uri": redirect,
		"client_id": googletest.ClientID, "code_challenge_method": "S256", "code_challenge": challenge,
		"scope": "https://www.googleapis.com/auth/calendar.events https://www.googleapis.com/auth/calendar.calendarlist.readonly openid https://www.googleapis.com/auth/userinfo.email",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the page is asked, -want +got\n%s", diff)
	}
}

func TestAConsentThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		before   func(*googletest.Server)
		code     string // "": what came back
		verifier string
	}{
		"another browser's":         {verifier: "another-verifier-of-at-least-forty-three-characters"},
		"no verifier":               {verifier: ""},
		"a made-up code":            {code: "4/nonsense", verifier: verifier},
		"nothing lasting":           {before: (*googletest.Server).WithoutRefreshTokens, verifier: verifier},
		"not for events":            {before: func(s *googletest.Server) { s.Untick("https://www.googleapis.com/auth/calendar.events") }, verifier: verifier},
		"not for the calendars":     {before: func(s *googletest.Server) { s.Untick("https://www.googleapis.com/auth/calendar.calendarlist.readonly") }, verifier: verifier},
		"a browser that said no":    {before: func(s *googletest.Server) { s.Consenter("") }, verifier: verifier},
		"one that was redeemed":     {code: "again", verifier: verifier},
		"one whose answer was lost": {before: func(s *googletest.Server) { s.Inject(googletest.Fault{On: googletest.Token, Times: 1, Drop: true}) }, code: "again", verifier: verifier},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.server.Consenter(owner)
			if test.before != nil {
				test.before(w.server)
			}
			code := w.consent(t).Get("code")
			switch test.code {
			case "":
			case "again":
				_, _ = w.Redeem(t.Context(), code, verifier)
			default:
				code = test.code
			}
			grant, err := w.Redeem(t.Context(), code, test.verifier)
			wantError(t, what, err, errs.Invalid, "consent-refused")
			if grant.RefreshToken != "" {
				t.Error("a refused consent gives a token")
			}
		})
	}
}

func TestGoogleIsAwayWhileAnOwnerConnects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Consenter(owner)
	for on, status := range map[string]int{googletest.Token: http.StatusBadGateway, googletest.Userinfo: http.StatusServiceUnavailable} {
		w.server.Inject(googletest.Fault{On: on, Status: status, Answer: "<html>"})
		_, err := w.Redeem(t.Context(), w.consent(t).Get("code"), verifier)
		wantError(t, on, err, errs.Unavailable, "calendar-unavailable")
		w.server.Heal()
	}
	w.server.Inject(googletest.Fault{On: googletest.Userinfo, Times: 2, Status: http.StatusServiceUnavailable, Reason: "backendError"})
	if _, err := w.Redeem(t.Context(), w.consent(t).Get("code"), verifier); err != nil {
		t.Errorf("away for a moment: got error %v", err)
	}
	w.server.Inject(googletest.Fault{On: googletest.Revoke, Status: http.StatusServiceUnavailable, Answer: "<html>"})
	refresh := w.server.RefreshToken(owner)
	wantError(t, "giving it back", w.Forget(t.Context(), refresh), errs.Unavailable, "calendar-unavailable")
	other := clientOf(t, w.server.URL, w.vault, func(o *googlecalendar.Options) { o.ClientSecret = "another" })
	_, err := other.Redeem(t.Context(), w.consent(t).Get("code"), verifier)
	wantError(t, "with another's secret", err, errs.Unavailable, "calendar-unconfigured")
}

func TestCalendarsOfAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.PageSize(2)
	w.server.AddCalendar(owner, googletest.Calendar{ID: "feriados#br@example.com", Name: "Feriados", Role: "reader"})
	w.server.AddCalendar(owner, googletest.Calendar{ID: "sala@example.com", Name: "Sala", Role: "writer", TimeZone: "America/Manaus"})
	w.server.AddCalendar(owner, googletest.Calendar{ID: "ocupado@example.com", Name: "De outro", Role: "freeBusyReader"})
	w.server.AddCalendar(owner, googletest.Calendar{ID: owner, Name: "Clínica", Primary: true})
	got, err := w.Calendars(t.Context(), w.maria.TenantID)
	want := []agenda.AccountCalendar{
		{ID: owner, Name: "Clínica", TimeZone: "America/Sao_Paulo", Primary: true, Writable: true},
		{ID: "maria@example.com", Name: "Dra. María Conceição", TimeZone: "America/Sao_Paulo", Writable: true},
		{ID: "feriados#br@example.com", Name: "Feriados", TimeZone: "America/Sao_Paulo"},
		{ID: "sala@example.com", Name: "Sala", TimeZone: "America/Manaus", Writable: true},
		{ID: "ocupado@example.com", Name: "De outro", TimeZone: "America/Sao_Paulo"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, -want +got\n%s", err, diff)
	}
	_, err = w.Calendars(t.Context(), id.New[agenda.Clinic]())
	wantError(t, "of a clinic without an account", err, errs.Unavailable, "calendar-not-connected")
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for address, fine := range map[string]bool{
		"": true, "https://calendar.example.com": true, "https://example.com/google/": true, "http://127.0.0.1:4000": true,
		"http://localhost:4000/": true, "http://[::1]:4000": true, "http://127.9.9.9": true,
		"http://calendar.example.com": false, "http://10.0.0.1:4000": false, "http://localhost.example.com": false, "http://127.0.0.1.example.com": false,
		"ftp://127.0.0.1": false, "127.0.0.1:4000": false, "https://": false, "https://u:p@example.com": false,
		"https://example.com?x=1": false, "https://example.com#x": false, "://": false,
	} {
		err := googlecalendar.CheckEndpoint(address)
		if (err == nil) != fine {
			t.Errorf("%q: got error %v", address, err)
		}
		for name, o := range map[string]googlecalendar.Options{
			"Endpoint": {Endpoint: address}, "AuthURL": {AuthURL: address}, "TokenURL": {TokenURL: address},
			"RevokeURL": {RevokeURL: address}, "UserinfoURL": {UserinfoURL: address},
		} {
			if _, err := googlecalendar.New(o, newVault(nil)); (err == nil) != fine {
				t.Errorf("%s %q: got error %v", name, address, err)
			}
		}
		if !fine {
			wantError(t, address, err, errs.Invalid, "invalid-calendar-endpoint")
		}
	}
	c, err := googlecalendar.New(googlecalendar.Options{ClientID: "id", ClientSecret: "secret"}, newVault(nil))
	if err != nil {
		t.Fatal(err)
	}
	address, err := c.ConsentURL("state", verifier)
	if u, _ := url.Parse(address); err != nil || u.Scheme+"://"+u.Host+u.Path != "https://accounts.google.com/o/oauth2/v2/auth" {
		t.Errorf("without an endpoint the owner is sent to %q, error %v", address, err)
	}
}
