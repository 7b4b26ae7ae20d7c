//go:build peers

package googlecalendar_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/option"

	"github.com/secretary-api/secretary/adapters/googlecalendar"
	"github.com/secretary-api/secretary/adapters/googlecalendar/googletest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

const (
	ana  = "ana@group.calendar.google.com"
	joao = "joao@group.calendar.google.com"
)

// startEmulator starts somebody else's Google of testdata/emulator, in Node, and returns its address. `.ci/peers` installs what
// it needs, and says where that is.
func startEmulator(t *testing.T) string {
	t.Helper()
	packages := os.Getenv("SECRETARY_TEST_GOOGLE_EMULATOR_DIR")
	if packages == "" {
		t.Fatal("SECRETARY_TEST_GOOGLE_EMULATOR_DIR names no folder with the emulator's packages: `make test-peers` makes one")
	}
	dir := t.TempDir()
	script, err := os.ReadFile(filepath.Join("testdata", "emulator", "start.mjs"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "start.mjs"), script, 0o600)
	}
	if err == nil {
		err = os.Symlink(filepath.Join(packages, "node_modules"), filepath.Join(dir, "node_modules"))
	}
	if err != nil {
		t.Fatal(err)
	}
	type object = map[string]any
	seed, err := json.Marshal(object{"google": object{
		"users":         []object{{"email": owner, "name": "Clínica"}},
		"oauth_clients": []object{{"client_id": googletest.ClientID, "client_secret": googletest.ClientSecret, "redirect_uris": []string{redirect}}},
		"calendars": []object{
			{"id": ana, "user_email": owner, "summary": "Dra. Ana", "time_zone": "America/Sao_Paulo"},
			{"id": "primary", "user_email": owner, "summary": owner, "primary": true, "time_zone": "America/Sao_Paulo"},
			{"id": joao, "user_email": owner, "summary": "Dr. João", "time_zone": "America/Manaus"},
		},
		"calendar_events": []object{{
			"id": "evtseed1", "user_email": owner, "calendar_id": joao, "summary": "almoço",
			"start_date_time": "2026-03-09T12:00:00-03:00", "end_date_time": "2026-03-09T13:00:00-03:00",
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()

	node := exec.Command("node", "start.mjs") //nolint:noctx // it ends with its standard input
	node.Dir, node.WaitDelay = dir, time.Second
	node.Env = append(os.Environ(), "GCAL_PORT="+port, "GCAL_SEED="+string(seed))
	node.Stderr = t.Output()
	farewell, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatalf("starting the emulator: %v", err)
	}
	t.Cleanup(func() {
		_ = farewell.Close()
		_, _ = io.Copy(io.Discard, said)
		if err := node.Wait(); err != nil {
			t.Errorf("the emulator ended: %v", err)
		}
	})
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if lines.Text() == "ready" {
			return "http://127.0.0.1:" + port
		}
	}
	t.Fatal("the emulator ended before it was ready")
	return ""
}

// agree answers the emulator's consent page as the owner does, and returns the code.
func agree(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	form := u.Query()
	form.Set("email", owner)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	page, err := browser.Get(address) //nolint:noctx // the emulator answers
	if err != nil || page.StatusCode != http.StatusOK {
		t.Fatalf("the consent page: got %v, error %v", page, err)
	}
	_ = page.Body.Close()
	answer, err := browser.PostForm("http://"+u.Host+"/o/oauth2/v2/auth/callback", form) //nolint:noctx // the emulator answers
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	back, err := answer.Location()
	if err != nil || !strings.HasPrefix(back.String(), redirect) || back.Query().Get("state") != "a state" {
		t.Fatalf("sent back to %v, error %v", back, err)
	}
	return back.Query().Get("code")
}

// The emulator takes no ids of ours, keeps no extended properties, and cannot get, change or delete by what it does not keep.
// What it can do is done here as Google does it, by people who have not read this code.
func TestPeerGoogleEmulator(t *testing.T) {
	t.Parallel()
	base := startEmulator(t)
	v, clinic := newVault(nil), id.New[agenda.Clinic]()
	c := clientOf(t, base, v, func(o *googlecalendar.Options) { o.HTTPClient = nil })

	address, err := c.ConsentURL("a state", verifier)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Redeem(t.Context(), agree(t, address), "another-verifier-of-at-least-forty-three-characters")
	wantError(t, "another browser's consent", err, errs.Invalid, "consent-refused")
	grant, err := c.Redeem(t.Context(), agree(t, address), verifier)
	if err != nil || grant.Account != owner || grant.RefreshToken == "" {
		t.Fatalf("connecting: got the account %q, error %v", grant.Account, err)
	}
	v.set(clinic, grant.RefreshToken)

	calendars, err := c.Calendars(t.Context(), clinic)
	if err != nil || len(calendars) != 3 || !calendars[0].Primary {
		t.Fatalf("the calendars: got %v, error %v, want three, the primary one first", calendars, err)
	}
	zones := map[string]string{}
	for _, found := range calendars {
		zones[found.ID] = found.Name + " " + found.TimeZone
		if !found.Writable {
			t.Errorf("%s cannot be written", found.ID)
		}
	}
	if zones[ana] != "Dra. Ana America/Sao_Paulo" || zones[joao] != "Dr. João America/Manaus" {
		t.Errorf("the calendars are %v", zones)
	}

	calendarOf := func(name string) agenda.Calendar {
		return agenda.Calendar{TenantID: clinic, ProfessionalID: id.New[agenda.ClinicProfessional](), ID: name}
	}
	his, hers := calendarOf(joao), calendarOf(ana)
	lunch := agenda.Interval{Start: at(240), End: at(300)}
	if busy, err := c.Busy(t.Context(), his, at(0), at(600)); err != nil || len(busy) != 1 || busy[0].Interval != lunch {
		t.Errorf("his day: got %v, error %v, want lunch", busy, err)
	}
	for n := range 12 { // more than a page of the emulator's
		w := &world{maria: hers}
		if err := c.Put(t.Context(), hers, w.visit(n*30)); err != nil {
			t.Fatalf("put: %v", err)
		}
	}
	events, err := c.Events(t.Context(), hers, at(0), at(600))
	if err != nil || len(events) != 12 || events[0].Summary != "Consulta: João d'Ávila" || !events[0].Start.Equal(at(0)) || !events[11].End.Equal(at(360)) {
		t.Fatalf("her day: got %v, error %v, want 12 visits", events, err)
	}
	if busy, err := c.Busy(t.Context(), hers, at(30), at(60)); err != nil || len(busy) != 1 || busy[0].EventID != events[1].ID {
		t.Errorf("half an hour of hers: got %v, error %v, want the second visit", busy, err)
	}
	if busy, err := c.Busy(t.Context(), his, at(0), at(600)); err != nil || len(busy) != 1 {
		t.Errorf("his day after hers was filled: got %v, error %v, want lunch alone", busy, err)
	}
	// It does not know how to get an event, and says so as no Google does: that is not taken for an event that is not there.
	wantError(t, "delete", c.Delete(t.Context(), hers, events[1].ID), errs.Unavailable, "calendar-unavailable")
	library, err := calendar.NewService(t.Context(), option.WithEndpoint(base+"/calendar/v3/"),
		option.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "anybody's"})))
	if err != nil {
		t.Fatal(err)
	}
	if err := library.Events.Delete(ana, events[1].ID).Do(); err != nil {
		t.Fatal(err)
	}
	if busy, err := c.Busy(t.Context(), hers, at(30), at(60)); err != nil || len(busy) != 0 {
		t.Errorf("after it was deleted: got %v, error %v, want nothing", busy, err)
	}
	_, err = c.Busy(t.Context(), calendarOf("nobody@group.calendar.google.com"), at(0), at(600))
	wantError(t, "a calendar that is not there", err, errs.Unavailable, "calendar-not-found")

	if err := c.Forget(t.Context(), grant.RefreshToken); err != nil {
		t.Errorf("giving the consent back: got error %v", err)
	}
	v.set(clinic, "1//nonsense")
	_, err = c.Busy(t.Context(), hers, at(0), at(600))
	wantError(t, "with a token that is none", err, errs.Unavailable, "calendar-access-lost")
	if v.problem(clinic) == "" {
		t.Error("the owner is not told")
	}
}
