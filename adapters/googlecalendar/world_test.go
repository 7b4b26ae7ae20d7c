package googlecalendar_test

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/secretary-api/secretary/adapters/googlecalendar"
	"github.com/secretary-api/secretary/adapters/googlecalendar/googletest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/ports/porttest"
)

const (
	owner    = "clinica@example.com"
	redirect = "http://127.0.0.1:18080/oauth/callback"
)

// vault keeps the refresh tokens of clinics, as the store does. A clinic that it does not know has an account of its own
// when the vault has a server to open one at.
type vault struct {
	server *googletest.Server

	mu      sync.Mutex
	tokens  map[agenda.TenantID]string
	lost    map[agenda.TenantID]string // why
	refuses error                      // what Renewed answers
	renewed int
}

func newVault(server *googletest.Server) *vault {
	return &vault{server: server, tokens: map[agenda.TenantID]string{}, lost: map[agenda.TenantID]string{}}
}

// email is the account of a clinic that the vault opened itself.
func email(tenant agenda.TenantID) string { return tenant.String() + "@example.com" }

func (v *vault) RefreshToken(ctx context.Context, tenant agenda.TenantID) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case v.lost[tenant] != "":
		return "", errs.New(errs.Unavailable, "calendar-access-lost", "lost")
	case v.tokens[tenant] == "" && v.server != nil:
		v.tokens[tenant] = v.server.RefreshToken(email(tenant))
	case v.tokens[tenant] == "":
		return "", errs.New(errs.Unavailable, "calendar-not-connected", "not connected")
	}
	return v.tokens[tenant], nil
}

func (v *vault) Lost(_ context.Context, tenant agenda.TenantID, refreshToken, problem string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tokens[tenant] == refreshToken {
		v.lost[tenant] = problem
	}
	return nil
}

func (v *vault) Renewed(_ context.Context, tenant agenda.TenantID, old, fresh string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.refuses != nil {
		return v.refuses
	}
	if v.tokens[tenant] == old {
		v.tokens[tenant] = fresh
		v.renewed++
	}
	return nil
}

func (v *vault) set(tenant agenda.TenantID, token string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tokens[tenant] = token
	delete(v.lost, tenant)
}

func (v *vault) problem(tenant agenda.TenantID) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.lost[tenant]
}

// world is a clinic that has connected its account, with one professional's calendar.
type world struct {
	*googlecalendar.Client

	server *googletest.Server
	vault  *vault
	maria  agenda.Calendar
}

func newWorld(t *testing.T, change ...func(*googlecalendar.Options)) *world {
	t.Helper()
	s := googletest.Start(t)
	s.AddCalendar(owner, googletest.Calendar{ID: "maria@example.com", Name: "Dra. María Conceição"})
	w := &world{server: s, vault: newVault(nil), maria: agenda.Calendar{
		TenantID: id.New[agenda.Clinic](), ProfessionalID: id.New[agenda.ClinicProfessional](), ID: "maria@example.com",
	}}
	w.vault.set(w.maria.TenantID, s.RefreshToken(owner))
	w.Client = clientOf(t, s.URL, w.vault, change...)
	return w
}

func clientOf(t *testing.T, url string, v *vault, change ...func(*googlecalendar.Options)) *googlecalendar.Client {
	t.Helper()
	o := googlecalendar.Options{
		ClientID: googletest.ClientID, ClientSecret: googletest.ClientSecret, RedirectURL: redirect, Endpoint: url,
		Backoff: time.Millisecond, HTTPClient: &http.Client{Transport: checked{t}}, Log: slog.New(slog.DiscardHandler),
	}
	for _, fn := range change {
		fn(&o)
	}
	c, err := googlecalendar.New(o, v)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at is so many minutes after eight in São Paulo on a Monday.
func at(minutes int) time.Time {
	return time.Date(2026, time.March, 9, 11, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

// visit is an event of ours of 30 minutes.
func (w *world) visit(minutes int) agenda.Event {
	a := agenda.Appointment{ID: id.New[agenda.Appointment]()}
	return agenda.Event{
		ID: a.EventID(), CalendarID: w.maria.ID, ProfessionalID: w.maria.ProfessionalID, AppointmentID: a.ID,
		Summary: "Consulta: João d'Ávila", Description: "Com a Dra. María Conceição.", Start: at(minutes), End: at(minutes + 30),
	}
}

func (w *world) put(t *testing.T, minutes int) agenda.Event {
	t.Helper()
	e := w.visit(minutes)
	if err := w.Put(t.Context(), w.maria, e); err != nil {
		t.Fatalf("put: %v", err)
	}
	return e
}

func wantError(t *testing.T, what string, err error, kind errs.Kind, code string) {
	t.Helper()
	if errs.KindOf(err) != kind || errs.CodeOf(err) != code {
		t.Errorf("%s: got error %v, want %v %q", what, err, kind, code)
	}
}

// people use calendars directly, in the account of whichever clinic.
type people struct{ server *googletest.Server }

func (p people) Plant(cal agenda.Calendar, e agenda.Event) string {
	made := googletest.Timed(e.Summary, e.Start, e.End)
	loc, _ := time.LoadLocation("America/Sao_Paulo")
	if start, end := e.Start.In(loc), e.End.In(loc); start.Hour() == 0 && end.Hour() == 0 {
		made = googletest.AllDay(e.Summary, start.Format(time.DateOnly), end.Format(time.DateOnly))
	}
	made.Id, made.Description, made.Transparency = e.ID, e.Description, ""
	if e.Free {
		made.Transparency = "transparent"
	}
	return p.server.Insert(email(cal.TenantID), cal.ID, made)
}

func (p people) MoveByHand(cal agenda.Calendar, eventID string, to agenda.Interval) {
	p.server.Move(email(cal.TenantID), cal.ID, eventID, to.Start, to.End)
}

func (p people) RemoveByHand(cal agenda.Calendar, eventID string) {
	p.server.Remove(email(cal.TenantID), cal.ID, eventID)
}

var _ porttest.CalendarHands = people{}

// summaries names events, in order.
func summaries(events []calendar.Event) []string {
	names := make([]string, 0, len(events))
	for _, e := range events {
		names = append(names, e.Summary)
	}
	return names
}
