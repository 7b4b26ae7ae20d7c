package httpapi_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/sealing"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/service"
)

// google is a vendor of one account with one calendar: whoever has the code "agreed" has agreed.
type google struct {
	sealer      *sealing.Sealer
	credentials *service.CalendarCredentials
	calendars   *service.Calendars
}

func newGoogle(s stored) google {
	sealer, err := sealing.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		panic(err)
	}
	return google{sealer, service.NewCalendarCredentials(s.deps, sealer), service.NewCalendars(s.deps, s.calendar, memory.NewCalendar())}
}

func (google) ConsentURL(state, verifier string) (string, error) {
	return "https://accounts.example.com/auth?" + url.Values{"state": {state}, "verifier_is": {verifier[:4]}}.Encode(), nil
}

func (google) Redeem(_ context.Context, code, verifier string) (agenda.CalendarGrant, error) {
	if code != "agreed" || len(verifier) < 43 {
		return agenda.CalendarGrant{}, errs.New(errs.Invalid, "consent-refused", "the code is not accepted")
	}
	return agenda.CalendarGrant{RefreshToken: "1//secret-token", Account: "<b>dona</b>@example.com", Scopes: []string{"calendar.events"}}, nil
}

func (g google) Calendars(ctx context.Context, tenant agenda.TenantID) ([]agenda.AccountCalendar, error) {
	_, err := g.credentials.RefreshToken(ctx, tenant)
	return []agenda.AccountCalendar{
		{ID: "dona@example.com", Name: "Clínica", TimeZone: "America/Sao_Paulo", Primary: true, Writable: true},
		{ID: "costa-1", Name: "Costa", TimeZone: "America/Sao_Paulo", Writable: true},
	}, err
}

func (google) Forget(context.Context, string) error { return nil }

func TestAnOwnerConnectsAGoogleAccountInABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := "/v1/clinics/" + w.ours.frontDesk.tenant
	var begun httpapi.Consent
	w.do(t, w.admin, http.MethodGet, at+"/google/connect", "").decode(t, &begun)
	to, err := url.Parse(begun.AuthorizationURL)
	if err != nil || to.Query().Get("state") == "" || begun.ExpiresAt.Before(realTime()) {
		t.Fatalf("got %+v, %v", begun, err)
	}
	answer := func(query url.Values) result {
		t.Helper()
		got := w.do(t, "", http.MethodGet, "/v1/google/callback?"+query.Encode(), "")
		for name, want := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, got.header.Get(name), want)
			}
		}
		if policy := got.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "script-src") {
			t.Errorf("the policy is %q", policy)
		}
		for _, secret := range []string{"secret-token", "agreed", to.Query().Get("state"), "<b>"} {
			if strings.Contains(got.body, secret) {
				t.Errorf("the page tells %q:\n%s", secret, got.body)
			}
		}
		return got
	}
	state := to.Query().Get("state")
	for name, c := range map[string]struct {
		query  url.Values
		status int
		says   string
	}{
		"nothing":    {url.Values{}, http.StatusUnprocessableEntity, "Este link não é válido"},
		"a bad link": {url.Values{"state": {"<script>"}, "code": {"agreed"}}, http.StatusUnprocessableEntity, "Este link não é válido"},
		"a no":       {url.Values{"state": {state}, "error": {"access_denied"}}, http.StatusUnprocessableEntity, "não deu acesso"},
		"a bad code": {url.Values{"state": {state}, "code": {"x"}}, http.StatusUnprocessableEntity, "did not give access"},
	} {
		if got := answer(c.query); got.status != c.status || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
	got := answer(url.Values{"state": {state}, "code": {"agreed"}})
	if got.status != http.StatusOK || !strings.Contains(got.body, "Conta conectada") || !strings.Contains(got.body, "dona&lt;/b&gt;@example.com") {
		t.Errorf("got %d %s", got.status, got.body)
	}

	credential, _ := w.do(t, w.admin, http.MethodGet, at, "").object(t)["google_oauth_credential_id"].(string)
	if credential == "" {
		t.Error("the clinic has no account")
	}
	var calendars httpapi.AccountCalendars
	w.do(t, w.admin, http.MethodGet, at+"/google/calendars", "").decode(t, &calendars)
	if len(calendars.Items) != 2 || calendars.Items[0].ProfessionalID != nil || calendars.Items[1].ProfessionalID == nil || calendars.Items[1].ProfessionalID.String() != w.ours.frontDesk.professional {
		t.Errorf("calendars = %+v", calendars.Items)
	}
	var health httpapi.ClinicHealth
	w.do(t, w.admin, http.MethodGet, at+"/health", "").decode(t, &health)
	if health.Status != "ok" || len(health.Checks) != 3 || *health.Checks[1].ProfessionalName != "Dra. Maria Costa" {
		t.Errorf("health = %+v", health)
	}
	theirs := "/v1/clinics/" + w.theirs.frontDesk.tenant
	p := wantProblem(t, w.do(t, w.manager, http.MethodPatch, theirs, `{"google_oauth_credential_id":"`+credential+`"}`), http.StatusUnprocessableEntity, "unknown-reference")
	if errors, _ := p["errors"].([]any); len(errors) != 1 {
		t.Errorf("errors = %v", p["errors"])
	}
	if got := w.do(t, w.admin, http.MethodPost, at+"/google/disconnect", ""); got.status != http.StatusNoContent {
		t.Errorf("disconnect: %d %s", got.status, got.body)
	}
	wantProblem(t, w.do(t, w.admin, http.MethodGet, at+"/google/calendars", ""), http.StatusConflict, "calendar-not-connected")
}
