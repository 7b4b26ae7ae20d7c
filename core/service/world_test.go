package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata" // the clinic's zone, wherever the tests run

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// world is the demo clinic on a store of its own, at a time that the test sets.
type world struct {
	t         *testing.T
	store     store
	calendar  calendar
	jobs      func(ports.JobHandler)
	find      func(words ...string) []string
	writer    *brokenWriter
	tx        *flakyTx
	messenger *recordingMessenger
	clinics   *service.Clinics
	agenda    *service.Agenda
	desk      *service.FrontDesk
	manager   identity.Actor
	clinic    agenda.Clinic
	joao      agenda.ClinicProfessional
	maria     agenda.ClinicProfessional
	pedro     agenda.ClinicProfessional
	botox     agenda.Service

	mu  sync.Mutex
	now time.Time
}

// monday is 23 November 2026, 09:00 in São Paulo.
func monday() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: monday(), messenger: &recordingMessenger{}}
	opened := openStore(t, w.clock)
	w.store, w.calendar, w.jobs = opened.store, opened.calendar, opened.work
	w.find = opened.find
	w.tx = &flakyTx{Transactor: w.store}
	d := w.deps()
	w.clinics = service.NewClinics(d)
	w.writer = &brokenWriter{Calendar: w.calendar}
	w.agenda = service.NewAgenda(d, w.writer)
	w.desk = service.NewFrontDesk(d, w.agenda, service.Offline{}, jsonDecoder{}, w.messenger, service.FrontDeskOptions{WebhookToken: "the-webhook-token"})
	ctx := t.Context()
	boss, err := identity.NewUser(identity.UserParams{Email: "boss@example.com", PhoneNumber: "+5511955550099", Role: identity.Manager}, w.now)
	w.must(err)
	boss, err = w.store.Repositories().Users.Create(ctx, boss)
	w.must(err)
	w.manager = boss.Actor()
	e, err := clinic.NewEntity(clinic.EntityParams{Name: "Clínica XYZ"}, w.now)
	w.must(err)
	e, err = w.store.Repositories().Entities.Create(ctx, e)
	w.must(err)
	w.clinic, err = w.clinics.Create(ctx, w.manager, agenda.ClinicParams{EntityID: e.ID, Name: "Clínica XYZ", EvolutionInstance: "clinica-xyz"})
	w.must(err)
	w.joao = w.add("Dr. João Silva", "Cardiologista", "joao@calendar", 1, "coração", "pressão", "palpitação")
	w.maria = w.add("Dra. Maria Costa", "Dermatologista", "maria@calendar", 2, "pele", "manchas")
	w.pedro = w.add("Dr. Pedro Santos", "Clínico Geral", "pedro@calendar", 3, "febre", "gripe")
	minutes := 45
	w.botox, err = w.clinics.AddService(ctx, w.manager, w.clinic.ID, w.maria.ID, agenda.ServiceParams{
		Name: "Botox", PriceCents: 120000, DurationMinutes: &minutes, Keywords: []string{"toxina", "rugas"},
	})
	w.must(err)
	return w
}

// christmas is the one holiday of the country.
type christmas struct{}

func (christmas) Between(first, last agenda.Date) (found []agenda.Holiday) {
	for year := first.Year; year <= last.Year; year++ {
		day := agenda.Date{Year: year, Month: time.December, Day: 25}
		if day.Compare(first) >= 0 && day.Compare(last) <= 0 {
			found = append(found, agenda.Holiday{Date: day, Name: "Natal"})
		}
	}
	return found
}

func (w *world) deps() service.Deps {
	return service.Deps{Repositories: w.store.Repositories(), Tx: w.tx, Locks: w.store, Bus: w.store.Bus(), Holidays: christmas{}, Now: w.clock, Log: slog.New(slog.DiscardHandler)}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) add(name, specialty, calendar string, order int, keywords ...string) agenda.ClinicProfessional {
	w.t.Helper()
	none := 0
	p, err := w.clinics.AddProfessional(w.t.Context(), w.manager, w.clinic.ID, service.NewClinicProfessional{
		ClinicProfessionalParams: agenda.ClinicProfessionalParams{
			Name: name, Specialty: specialty, SpecialtyKeywords: keywords, GoogleCalendarID: calendar, DisplayOrder: order, BufferMinutes: &none,
		},
		Person: &clinic.ProfessionalParams{PhoneNumber: "+5511955550090"},
	})
	w.must(err)
	return p
}

// say sends a patient's message by the API and returns the turn.
func (w *world) say(contact, text string) service.Shown {
	w.t.Helper()
	shown, err := w.desk.Say(w.t.Context(), w.manager, w.clinic.ID, contact, service.Said{Text: text})
	if err != nil {
		w.t.Fatalf("%q: %v", text, err)
	}
	return shown
}

// talk sends several messages and returns the last turn.
func (w *world) talk(contact string, texts ...string) service.Shown {
	w.t.Helper()
	var last service.Shown
	for _, text := range texts {
		last = w.say(contact, text)
	}
	return last
}

func said(s service.Shown) string { return strings.Join(s.Replies, "\n") }

func (w *world) wantSaid(s service.Shown, parts ...string) {
	w.t.Helper()
	for _, part := range parts {
		if !strings.Contains(said(s), part) {
			w.t.Errorf("said %q, want %q in it", said(s), part)
		}
	}
}

// confirmed are the confirmed appointments of a professional.
func (w *world) confirmed(p agenda.ClinicProfessional) []agenda.Appointment {
	w.t.Helper()
	list, err := w.store.Repositories().Appointments.List(w.t.Context(), identity.AllEntities(),
		agenda.AppointmentFilter{ProfessionalID: p.ID, Status: agenda.Confirmed}, page.Request{Limit: page.MaxLimit})
	w.must(err)
	return list.Items
}

// events are the events of a professional's calendar in the weeks to come.
func (w *world) events(p agenda.ClinicProfessional) []agenda.Event {
	w.t.Helper()
	events, err := w.calendar.Events(w.t.Context(), p.Calendar(), monday().AddDate(0, 0, -1), monday().AddDate(0, 3, 0))
	w.must(err)
	return events
}

// wantOnly checks that one visit is booked with p, in p's calendar, and nothing anywhere else.
func (w *world) wantOnly(p agenda.ClinicProfessional) agenda.Appointment {
	w.t.Helper()
	for _, other := range []agenda.ClinicProfessional{w.joao, w.maria, w.pedro} {
		visits, events := w.confirmed(other), w.events(other)
		want := 0
		if other.ID == p.ID {
			want = 1
		}
		if len(visits) != want || len(events) != want {
			w.t.Fatalf("%s has %d visits and %d events, want %d of each", other.Name, len(visits), len(events), want)
		}
	}
	a, e := w.confirmed(p)[0], w.events(p)[0]
	if a.CalendarID != p.GoogleCalendarID || e.CalendarID != p.GoogleCalendarID || e.ID != a.EventID() || !e.Start.Equal(a.Start) || !e.End.Equal(a.End) {
		w.t.Errorf("appointment %+v and event %+v disagree, or are not of %s", a, e, p.GoogleCalendarID)
	}
	if !strings.Contains(e.Description, p.Name) {
		w.t.Errorf("the event's description %q does not name %s", e.Description, p.Name)
	}
	return a
}

const (
	ana     = "+5511955550011"
	bia     = "+5511955550012"
	anaData = "Ana Souza, 12/03/1985, 11 95555-0011"
	biaData = "Bia Lima, 01/02/1990, 11 95555-0012"
)

// flakyTx fails some transactions of others' choosing, after everything in them was done.
type flakyTx struct {
	ports.Transactor
	mu   sync.Mutex
	fail func(r ports.Repositories) error
}

func (f *flakyTx) InTx(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	f.mu.Lock()
	fail := f.fail
	f.mu.Unlock()
	return f.Transactor.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		if err := fn(ctx, r); err != nil || fail == nil {
			return err
		}
		return fail(r)
	})
}

// brokenWriter is a calendar whose writes fail in a way that nobody classified, as often as it is told.
type brokenWriter struct {
	ports.Calendar
	failures atomic.Int32
}

func (c *brokenWriter) Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error {
	if c.failures.Add(-1) >= 0 {
		return errors.New("nobody expected this")
	}
	return c.Calendar.Put(ctx, cal, e)
}

// recordingMessenger keeps what is sent, and fails as it is told.
type recordingMessenger struct {
	mu   sync.Mutex
	sent []ports.OutgoingMessage
	errs []error // of the next sends
}

func (m *recordingMessenger) Send(_ context.Context, out ports.OutgoingMessage) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.errs) > 0 {
		err := m.errs[0]
		m.errs = m.errs[1:]
		if err != nil {
			return "", err
		}
	}
	m.sent = append(m.sent, out)
	return "", nil
}

func (m *recordingMessenger) all() []ports.OutgoingMessage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]ports.OutgoingMessage{}, m.sent...)
}

// jsonDecoder reads a delivery as it is.
type jsonDecoder struct{}

func (jsonDecoder) Decode(body []byte) (reception.Delivery, error) {
	var out reception.Delivery
	if json.Unmarshal(body, &out) != nil {
		return reception.Delivery{}, errs.New(errs.Invalid, "invalid-webhook", "not a delivery")
	}
	return out, nil
}

// deliver posts messages as the channel would.
func (w *world) deliver(messages ...reception.Inbound) {
	w.t.Helper()
	w.post(reception.Delivery{Instance: w.clinic.EvolutionInstance, Messages: messages})
}

// post posts what a channel tells.
func (w *world) post(d reception.Delivery) {
	w.t.Helper()
	body, err := json.Marshal(d)
	w.must(err)
	_, err = w.desk.Receive(w.t.Context(), w.clinic, body)
	if err != nil {
		w.t.Error(err)
	}
}

// work runs the jobs until none is due.
func (w *world) work() {
	w.t.Helper()
	w.jobs(w.desk.Do)
}

func whatsapp(key, from, text string) reception.Inbound {
	return reception.Inbound{
		ExternalID: key, From: strings.TrimPrefix(from, "+") + "@s.whatsapp.net", Phone: from, Name: "Ana", Kind: reception.Text, Text: text,
	}
}
