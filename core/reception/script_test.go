package reception_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the clinic's zone, wherever the tests run

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/reception"
)

// script holds a conversation with the demo clinic, and plays whoever runs it: it answers the machine's actions.
type script struct {
	t            *testing.T
	desk         reception.Desk
	conversation reception.Conversation
	free         []agenda.Interval    // what FindSlots finds
	own          []agenda.Appointment // what FindOwn finds
	taken        int                  // how many bookings fail because somebody was faster
	booked       []agenda.Appointment
	cancelled    []agenda.AppointmentID
}

// The demo clinic.
type people struct{ joao, maria, pedro agenda.ClinicProfessional }

func demo(t *testing.T) (agenda.Directory, people, agenda.Service) {
	t.Helper()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c, err := agenda.NewClinic(id.New[agenda.Clinic](), agenda.ClinicParams{EntityID: 1, Name: "Clínica XYZ"}, now)
	if err != nil {
		t.Fatal(err)
	}
	order := 0
	add := func(name, specialty, calendar string) agenda.ClinicProfessional {
		order++
		p, err := agenda.NewClinicProfessional(id.New[agenda.ClinicProfessional](), c, agenda.ClinicProfessionalParams{
			ProfessionalID: 1, Name: name, Specialty: specialty, GoogleCalendarID: calendar, DisplayOrder: order,
		}, now)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	who := people{
		joao:  add("Dr. João Silva", "Cardiologista", "joao@calendar"),
		maria: add("Dra. Maria Costa", "Dermatologista", "maria@calendar"),
		pedro: add("Dr. Pedro Santos", "Clínico Geral", "pedro@calendar"),
	}
	minutes := 45
	botox, err := agenda.NewService(id.New[agenda.Service](), who.maria, agenda.ServiceParams{Name: "Botox", PriceCents: 120000, DurationMinutes: &minutes}, now)
	if err != nil {
		t.Fatal(err)
	}
	all := []agenda.ClinicProfessional{who.joao, who.maria, who.pedro}
	return agenda.NewDirectory(c, all, []agenda.Service{botox}), who, botox
}

func begin(t *testing.T) (*script, people, agenda.Service) {
	t.Helper()
	dir, who, botox := demo(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) // Monday, 09:00 in São Paulo
	s := &script{
		t: t, desk: reception.Desk{Directory: dir, Say: reception.Portuguese(), Now: now},
		conversation: reception.NewConversation(id.New[reception.Conversation](), dir.Clinic, "+5511955550011", now),
	}
	for day := range 3 {
		for half := range 4 {
			start := time.Date(2026, 11, 24+day, 11, 30*half, 0, 0, time.UTC) // from 08:00 in São Paulo
			s.free = append(s.free, agenda.Interval{Start: start, End: start.Add(30 * time.Minute)})
		}
	}
	return s, who, botox
}

// hear lets the machine hear a meaning and plays its actions; it returns everything that was said.
func (s *script) hear(m reception.Meaning) string {
	s.t.Helper()
	if m.Intent == "" {
		m.Intent = reception.Other
	}
	c := &s.conversation
	before := c.Clone()
	s.desk.Own = s.own
	step := s.desk.Hear(c, m)
	said := append([]string{}, step.Replies...)
	for range 6 {
		asked := step.Action
		switch step.Action.Kind {
		case reception.NoAction:
			said = s.desk.Unrepeated(c, before, said)
			s.checkTexts(said)
			return strings.Join(said, "\n")
		case reception.FindSlots:
			step = s.desk.OfferSlots(c, s.free)
		case reception.Book:
			step = s.book(c)
		case reception.TellOwn:
			step = s.desk.TellVisits(c, s.own, step.Action.Heard)
		case reception.GreetOwn:
			step = s.desk.Greet(c, s.own)
		case reception.FindFirst:
			step = s.desk.FirstFree(c, c.Draft.Options, [][]agenda.Interval{s.free[4:], s.free, nil})
		case reception.FindOwn:
			step = s.desk.OwnVisits(c, s.own)
		case reception.NoteAttendance:
			step = s.noteAttendance(c)
		case reception.CancelVisit:
			s.cancelled = append(s.cancelled, c.Draft.Appointment)
			step = s.desk.Cancelled(c, s.own[0])
		case reception.MoveVisit:
			moved := s.own[0]
			moved.Start = c.Draft.Slot.Start
			step = s.desk.Moved(c, moved)
		}
		step = step.Introduced(asked)
		said = append(said, step.Replies...)
	}
	s.t.Fatal("the machine does not stop asking for actions")
	return ""
}

func (s *script) book(c *reception.Conversation) reception.Step {
	s.t.Helper()
	if s.taken > 0 {
		s.taken--
		s.free = s.free[1:]
		return s.desk.SlotTaken(c)
	}
	p, ok := s.desk.Directory.Professional(c.Draft.Professional)
	if !ok {
		s.t.Fatal("booking without a professional")
	}
	params := agenda.VisitParams{Clinic: s.desk.Directory.Clinic, Professional: p, Patient: c.Whom(), Contact: c.Contact, Start: c.Draft.Slot.Start}
	if v, ok := s.desk.Directory.Service(c.Draft.Service); ok {
		params.Service = &v
	}
	a, err := agenda.Hold(id.New[agenda.Appointment](), params, s.desk.Now)
	if err != nil {
		s.t.Fatalf("hold: %v", err)
	}
	if err := a.Confirm(s.desk.Now); err != nil {
		s.t.Fatal(err)
	}
	s.booked = append(s.booked, a)
	return s.desk.Booked(c, a)
}

// checkTexts fails on a text with a placeholder that nobody filled.
func (s *script) checkTexts(said []string) {
	s.t.Helper()
	for _, text := range said {
		if strings.ContainsAny(text, "{}") {
			s.t.Errorf("a placeholder was left in %q", text)
		}
	}
}

func (s *script) wantState(want reception.State) {
	s.t.Helper()
	if s.conversation.State != want {
		s.t.Fatalf("state = %s, want %s", s.conversation.State, want)
	}
}

func wantSaid(t *testing.T, said string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(said, part) {
			t.Errorf("said %q, want %q in it", said, part)
		}
	}
}

var (
	yes  = reception.Meaning{Yes: true}
	no   = reception.Meaning{No: true}
	want = reception.Meaning{Intent: reception.Schedule}
)

func patient() reception.Meaning {
	return reception.Meaning{Patient: agenda.Patient{
		Name: "Ana Souza", BirthDate: agenda.Date{Year: 1985, Month: time.March, Day: 12}, Phone: "+5511955550011",
	}}
}

func option(n int) reception.Meaning { return reception.Meaning{Option: n} }

func specialty(name string, who ...agenda.ClinicProfessional) reception.Meaning {
	m := reception.Meaning{Intent: reception.Schedule, Specialty: name}
	for _, p := range who {
		m.Candidates = append(m.Candidates, p.ID)
	}
	return m
}

func named(name string, who ...agenda.ClinicProfessional) reception.Meaning {
	m := specialty("", who...)
	m.Professional = name
	return m
}

func serviceNamed(name string, services ...agenda.Service) reception.Meaning {
	m := reception.Meaning{Intent: reception.Schedule, Service: name}
	for _, s := range services {
		m.Services = append(m.Services, s.ID)
		m.Candidates = append(m.Candidates, s.ProfessionalID)
	}
	return m
}

// finish goes from the patient's data to the booking.
func (s *script) finish() {
	s.t.Helper()
	wantSaid(s.t, s.hear(patient()), "1. terça-feira, 24/11/2026, às 08:00")
	s.wantState(reception.ChoosingSlot)
	wantSaid(s.t, s.hear(option(1)), "Está correto?")
	s.wantState(reception.Confirming)
	if len(s.booked) != 0 {
		s.t.Fatal("something was booked before the patient confirmed")
	}
	wantSaid(s.t, s.hear(yes), "terça-feira, 24/11/2026, às 08:00", "Ana Souza")
	s.wantState(reception.Booked)
}

func (s *script) wantBooked(p agenda.ClinicProfessional) agenda.Appointment {
	s.t.Helper()
	if len(s.booked) != 1 {
		s.t.Fatalf("%d appointments, want 1", len(s.booked))
	}
	a := s.booked[0]
	if a.CalendarID != p.GoogleCalendarID || a.ProfessionalID != p.ID {
		s.t.Errorf("booked on %s, want %s of %s", a.CalendarID, p.GoogleCalendarID, p.Name)
	}
	return a
}
