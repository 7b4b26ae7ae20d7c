package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/service"
)

// desk is the front desk of document 2's clinic: three doctors, and Botox of one of them. It is Monday, 30 November 2026,
// 08:00 in São Paulo.
type desk struct {
	*world
	calendar calendar
	decoder  *notedBodies
	deps     service.Deps
	clock    atomic.Int64 // Unix seconds
	tenant   string
	silva    string
	costa    string
	santos   string
	botox    string
}

func newDesk(tb testing.TB, options ...func(*service.FrontDeskOptions)) *desk {
	tb.Helper()
	d := &desk{decoder: &notedBodies{}}
	d.clock.Store(time.Date(2026, 11, 30, 11, 0, 0, 0, time.UTC).Unix())
	now := func() time.Time { return time.Unix(d.clock.Load(), 0).UTC() }
	opened := openStore(tb, now)
	d.deps, d.calendar = opened.deps, opened.calendar
	o := service.FrontDeskOptions{WebhookToken: webhookToken}
	for _, change := range options {
		change(&o)
	}
	users, a := service.NewUsers(d.deps, plainPasswords{}), service.NewAgenda(d.deps, d.calendar)
	first, err := users.CreateFirst(tb.Context(), managerEmail, password, "+5511955550001")
	if err != nil {
		tb.Fatal(err)
	}
	d.world = &world{
		manager: "token-" + first.ID.String(),
		handler: httpapi.New(httpapi.Config{Version: "test", Now: now, Services: httpapi.Services{
			Sessions: service.NewSessions(d.deps, plainPasswords{}, numberedTokens{}, service.SessionOptions{}),
			Users:    users, Entities: service.NewEntities(d.deps), Clinics: service.NewClinics(d.deps), Agenda: a, Matrix: service.NewMatrix(a), AuditLog: service.NewAuditLog(d.deps),
			FrontDesk: service.NewFrontDesk(d.deps, a, service.Offline{}, d.decoder, nil, o),
		}}),
	}
	entity := d.create(tb, "/v1/entities", `{"name":"Clínica Moreira","type":"medical_clinic"}`)
	d.tenant = d.made(tb, "tenant_id", "/v1/clinics",
		`{"entity_id":%d,"tenant_name":"Clínica Moreira","evolution_instance_name":"clinica-moreira"}`, entity)
	doctor := func(order int, name, specialty, keywords, calendar string) string {
		return d.made(tb, "professional_id", d.at("/professionals"),
			`{"phone_number":"+551195555002%d","professional_name":%q,"specialty":%q,"specialty_keywords":%s,"google_calendar_id":%q,"display_order":%d}`,
			order, name, specialty, keywords, calendar, order)
	}
	d.silva = doctor(1, "Dr. João Silva", "Cardiologista", `["coração","pressão"]`, "silva@calendar")
	d.costa = doctor(2, "Dra. Maria Costa", "Dermatologista", `["pele","manchas"]`, "costa@calendar")
	d.santos = doctor(3, "Dr. Pedro Santos", "Clínico Geral", `["febre","gripe"]`, "santos@calendar")
	d.botox = d.made(tb, "service_id", d.at("/professionals/"+d.costa+"/services"),
		`{"service_name":"Botox","service_keywords":["toxina","rugas"],"price_cents":120000,"duration_minutes":45}`)
	return d
}

// at is a path of the clinic.
func (d *desk) at(path string) string { return "/v1/clinics/" + d.tenant + path }

// turn is what the tests read of a turn.
type turn struct {
	Replies      []struct{ Text string }
	Intent       string
	State        string
	Professional *struct {
		ID       string `json:"professional_id"`
		Calendar string `json:"google_calendar_id"`
	}
	Service *struct {
		ID    string `json:"service_id"`
		Cents int    `json:"price_cents"`
	}
	Options []struct {
		Name string `json:"professional_name"`
	}
	Slots       []struct{ Start, End time.Time }
	Appointment *struct {
		ID           string `json:"appointment_id"`
		Professional string `json:"professional_id"`
		Service      string `json:"service_id"`
		Calendar     string `json:"google_calendar_id"`
		EventID      string `json:"event_id"`
		Status       string
		Start, End   time.Time
		Patient      struct{ Name string }
	}
	ModelCalls *int `json:"model_calls"`
}

func (v turn) text() string {
	all := make([]string, 0, len(v.Replies))
	for _, r := range v.Replies {
		all = append(all, r.Text)
	}
	return strings.Join(all, "\n")
}

// say hands in a message and returns the turn.
func (d *desk) say(tb testing.TB, phone, text string) turn {
	tb.Helper()
	got := d.do(tb, d.manager, http.MethodPost, d.at("/conversations/"+phone+"/messages"), fmt.Sprintf(`{"text":%q}`, text))
	if got.status != http.StatusOK {
		tb.Fatalf("%q: %d %s", text, got.status, got.body)
	}
	var v turn
	got.decode(tb, &v)
	if v.ModelCalls == nil || *v.ModelCalls != 0 {
		tb.Errorf("%q: model_calls is not 0: %s", text, got.body)
	}
	return v
}

// wantState checks where a turn ended.
func wantState(tb testing.TB, v turn, state string) {
	tb.Helper()
	if v.State != state {
		tb.Fatalf("state = %q, want %q: %s", v.State, state, v.text())
	}
}

// wantSaid checks that the replies have all of the texts.
func wantSaid(tb testing.TB, v turn, texts ...string) {
	tb.Helper()
	for _, s := range texts {
		if !strings.Contains(v.text(), s) {
			tb.Errorf("the replies do not say %q: %s", s, v.text())
		}
	}
}

const patient = "Ana Pereira, 20/05/1990, (11) 95555-0011"

// finish tells who the patient is, takes the first slot and confirms.
func (d *desk) finish(tb testing.TB, phone string, v turn) turn {
	tb.Helper()
	wantState(tb, v, "collecting_patient")
	v = d.say(tb, phone, patient)
	wantState(tb, v, "choosing_slot")
	if len(v.Slots) == 0 {
		tb.Fatalf("no slots: %s", v.text())
	}
	v = d.say(tb, phone, "1")
	wantState(tb, v, "confirming")
	if v.Appointment != nil || d.events(tb) != 0 {
		tb.Fatal("something was booked before the patient confirmed")
	}
	return d.say(tb, phone, "Sim, pode confirmar")
}

// events counts the events of every calendar of the clinic.
func (d *desk) events(tb testing.TB) int {
	tb.Helper()
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	// A clean-up counts too, when the test's context is over.
	ctx, n := context.WithoutCancel(tb.Context()), 0
	for _, calendar := range []string{"silva@calendar", "costa@calendar", "santos@calendar", "elsewhere@calendar"} {
		events, err := d.calendar.Events(ctx, d.calendarOf(calendar), from, from.AddDate(1, 0, 0))
		if err != nil {
			tb.Fatal(err)
		}
		n += len(events)
	}
	return n
}

// calendarOf is one of the clinic's calendars, to read or to block.
func (d *desk) calendarOf(calendar string) agenda.Calendar {
	tenant, err := id.Parse[agenda.Clinic](d.tenant)
	if err != nil {
		panic(err)
	}
	return agenda.Calendar{TenantID: tenant, ID: calendar}
}

// wantBooked checks that a turn booked the professional, in the professional's own calendar and nowhere else.
func (d *desk) wantBooked(tb testing.TB, v turn, professional, calendar string) {
	tb.Helper()
	wantState(tb, v, "booked")
	a := v.Appointment
	if a == nil {
		tb.Fatalf("no appointment: %s", v.text())
	}
	if a.Professional != professional || a.Calendar != calendar || a.Status != "confirmed" {
		tb.Errorf("appointment = %+v, want one of %s in %s", *a, professional, calendar)
	}
	e, err := d.calendar.Get(tb.Context(), d.calendarOf(calendar), a.EventID)
	if err != nil {
		tb.Fatalf("the event is not in %s: %v", calendar, err)
	}
	if !e.Start.Equal(a.Start) || !e.End.Equal(a.End) {
		tb.Errorf("the event is from %s to %s, the appointment from %s to %s", e.Start, e.End, a.Start, a.End)
	}
	if n := d.events(tb); n != 1 {
		tb.Errorf("there are %d events, want 1", n)
	}
	var stored map[string]any
	d.do(tb, d.manager, http.MethodGet, d.at("/appointments/"+a.ID), "").decode(tb, &stored)
	if stored["google_calendar_id"] != calendar || stored["status"] != "confirmed" {
		tb.Errorf("stored = %v", stored)
	}
}
