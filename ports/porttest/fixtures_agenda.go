package porttest

import (
	"fmt"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/reception"
)

type agendaFixtures struct {
	clinics       map[clinic.EntityID]agenda.Clinic
	professionals map[clinic.EntityID]agenda.ClinicProfessional
	conversations map[clinic.EntityID]reception.Conversation
}

func newAgendaFixtures() agendaFixtures {
	return agendaFixtures{
		clinics:       map[clinic.EntityID]agenda.Clinic{},
		professionals: map[clinic.EntityID]agenda.ClinicProfessional{},
		conversations: map[clinic.EntityID]reception.Conversation{},
	}
}

// Monday is 08:00 in the clinics' time zone of a Monday after [Fixtures.Now].
func (f *Fixtures) Monday() time.Time { return time.Date(2026, time.March, 9, 11, 0, 0, 0, time.UTC) }

// NewClinic returns the front desk of an entity.
func (f *Fixtures) NewClinic(entity clinic.EntityID) agenda.Clinic {
	n := f.next()
	return agenda.Clinic{
		ID: id.New[agenda.Clinic](), EntityID: entity, Name: fmt.Sprintf("Clínica Saúde %d", n),
		EvolutionInstance: fmt.Sprintf("instance-%d", n), WebhookToken: fmt.Sprintf("webhook-token-%016d", n),
		GoogleOAuthCredentialID: fmt.Sprintf("credential-%d", n), SystemPrompt: "Você é a secretária.\n",
		TimeZone: agenda.DefaultTimeZone, MinimumNotice: 2 * time.Hour, MaximumAhead: 30 * 24 * time.Hour,
		HoldTime: 5 * time.Minute, CutOff: 26 * time.Hour, NationalHolidays: true,
		Closures: []agenda.Closure{
			{First: agenda.Date{Year: 2026, Month: time.July, Day: 1}, Last: agenda.Date{Year: 2026, Month: time.July, Day: 1}},
			{First: agenda.Date{Year: 2026, Month: time.December, Day: 24}, Last: agenda.Date{Year: 2027, Month: time.January, Day: 2}, Name: "Recesso \"de\" fim de ano"},
		},
		BlockingCalendars: []string{"feriados@example.com", "sala,1@example.com"}, EventDetails: agenda.InitialsOnly,
		Address: "Rua São João, 12 - Centro", HandoffReturn: 90 * time.Minute, Reminders: []time.Duration{48 * time.Hour, 3 * time.Hour},
		QuietHours: agenda.QuietHours{From: 22 * 60, Until: 7*60 + 30},
		Active:     true, CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// ClinicOf returns the entity's front desk.
func (f *Fixtures) ClinicOf(entity clinic.EntityID) agenda.Clinic {
	f.t.Helper()
	if _, made := f.agenda.clinics[entity]; !made {
		f.agenda.clinics[entity] = store(f, f.Clinics.Create, f.NewClinic(entity))
	}
	return f.agenda.clinics[entity]
}

// NewClinicProfessional returns the agenda of a new professional, who is no member of the entity.
func (f *Fixtures) NewClinicProfessional(at agenda.Clinic) agenda.ClinicProfessional {
	f.t.Helper()
	n := f.next()
	return agenda.ClinicProfessional{
		ID: id.New[agenda.ClinicProfessional](), TenantID: at.ID, EntityID: at.EntityID, ProfessionalID: f.Professional().ID,
		Name: fmt.Sprintf("Dr. João Silva %d", n), Slug: fmt.Sprintf("joao-silva-%d", n), Specialty: "Cardiologista",
		SpecialtyKeywords: []string{"coração", "pressão alta"}, GoogleCalendarID: fmt.Sprintf("joao%d@example.com", n),
		GoogleCalendarLabel: "Agenda", ConsultationMinutes: 45, BufferBeforeMinutes: 5, BufferMinutes: 15, SlotMinutes: 20,
		TimeZone: "Asia/Kolkata", WorkingStart: 8 * 60, WorkingEnd: 18*60 + 30,
		WorkingDays: []time.Weekday{time.Monday, time.Wednesday, time.Saturday},
		WorkingHours: []agenda.WeeklyHours{
			{Days: []time.Weekday{time.Monday, time.Friday}, Window: agenda.Window{Start: 8 * 60, End: 12 * 60}},
			{Days: []time.Weekday{time.Friday}, Window: agenda.Window{Start: 22 * 60, End: 6 * 60}},
		},
		DateOverrides: []agenda.DateOverride{
			{Date: agenda.Date{Year: 2026, Month: time.December, Day: 24}},
			{Date: agenda.Date{Year: 2026, Month: time.December, Day: 25}, Windows: []agenda.Window{{Start: 9 * 60, End: agenda.EndOfDay}}},
		},
		MaxVisitsPerDay: 12, MaxMinutesPerDay: 480, Active: true, DisplayOrder: n,
		CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// ClinicProfessional stores an agenda.
func (f *Fixtures) ClinicProfessional(at agenda.Clinic) agenda.ClinicProfessional {
	f.t.Helper()
	return store(f, f.ClinicProfessionals.Create, f.NewClinicProfessional(at))
}

// AgendaOf returns the agenda of one professional of the entity's clinic.
func (f *Fixtures) AgendaOf(entity clinic.EntityID) agenda.ClinicProfessional {
	f.t.Helper()
	if _, made := f.agenda.professionals[entity]; !made {
		f.agenda.professionals[entity] = f.ClinicProfessional(f.ClinicOf(entity))
	}
	return f.agenda.professionals[entity]
}

// NewService returns a service of a professional.
func (f *Fixtures) NewService(of agenda.ClinicProfessional) agenda.Service {
	n := f.next()
	return agenda.Service{
		ID: id.New[agenda.Service](), ProfessionalID: of.ID, TenantID: of.TenantID, EntityID: of.EntityID,
		Name: fmt.Sprintf("Botox %d", n), Slug: fmt.Sprintf("botox-%d", n), Description: "Aplicação de toxina.",
		Keywords: []string{"toxina", "rugas"}, PriceCents: 120_000, DurationMinutes: 45, Active: true,
		CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// Service stores a service.
func (f *Fixtures) Service(of agenda.ClinicProfessional) agenda.Service {
	f.t.Helper()
	return store(f, f.Services.Create, f.NewService(of))
}

// NewAppointment returns a confirmed visit of 30 minutes without a buffer, of no service.
func (f *Fixtures) NewAppointment(with agenda.ClinicProfessional, start time.Time) agenda.Appointment {
	n := f.next()
	return agenda.Appointment{
		ID: id.New[agenda.Appointment](), TenantID: with.TenantID, EntityID: with.EntityID, ProfessionalID: with.ID,
		CalendarID: with.GoogleCalendarID,
		Patient:    agenda.Patient{Name: fmt.Sprintf("Ana Lima %d", n), BirthDate: agenda.Date{Year: 1990, Month: time.May, Day: 17}, Phone: phone(n)},
		Contact:    phone(n), Start: start, End: start.Add(30 * time.Minute), Status: agenda.Confirmed,
		Notes: "primeira visita", CancelReason: "", Version: 2,
		Attendance: agenda.Coming, AttendanceAt: f.Now().Add(time.Hour), Told: agenda.Told{Start: start, At: f.Now().Add(time.Minute)}, CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// NewHold is NewAppointment that is held until a moment.
func (f *Fixtures) NewHold(with agenda.ClinicProfessional, start, until time.Time) agenda.Appointment {
	v := f.NewAppointment(with, start)
	v.Status, v.HeldUntil = agenda.Held, until
	return v
}

// Appointment stores an appointment.
func (f *Fixtures) Appointment(v agenda.Appointment) agenda.Appointment {
	f.t.Helper()
	return store(f, f.Appointments.Create, v)
}

// NewPatient returns a patient of a clinic.
func (f *Fixtures) NewPatient(at agenda.Clinic) agenda.PatientRecord {
	n := f.next()
	return agenda.PatientRecord{
		ID: id.New[agenda.PatientRecord](), TenantID: at.ID, EntityID: at.EntityID, Contact: phone(n),
		Patient:   agenda.Patient{Name: fmt.Sprintf("Ana D'Ávila Lima %d", n), BirthDate: agenda.Date{Year: 1990, Month: time.May, Day: 17}, Phone: phone(n)},
		CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// Patient stores a patient.
func (f *Fixtures) Patient(at agenda.Clinic) agenda.PatientRecord {
	f.t.Helper()
	return store(f, f.Patients.Create, f.NewPatient(at))
}

// NewConsent returns an entry of the ledger of consents.
func (f *Fixtures) NewConsent(at agenda.Clinic, contact string) reception.Consent {
	return reception.Consent{
		TenantID: at.ID, EntityID: at.EntityID, Contact: contact, Purpose: reception.ToBeReminded, Granted: f.next()%2 == 0,
		How: "whatsapp:opted_out/1", UserID: 7, At: f.Now(),
	}
}

// NewConversation returns a conversation of a clinic in which everything has been settled.
func (f *Fixtures) NewConversation(at agenda.Clinic) reception.Conversation {
	n, start := f.next(), f.Monday()
	return reception.Conversation{
		ID: id.New[reception.Conversation](), TenantID: at.ID, EntityID: at.EntityID, Contact: phone(n),
		ReplyTo: fmt.Sprintf("55119%08d@s.whatsapp.net", n), ContactName: "Ana", State: reception.Confirming,
		Patient: agenda.Patient{Name: "Ana Lima", BirthDate: agenda.Date{Year: 1990, Month: time.May, Day: 17}, Phone: phone(n)},
		Draft: reception.Draft{
			Purpose: reception.ToBook, Patient: &agenda.Patient{Name: "João Lima", BirthDate: agenda.Date{Year: 2018, Month: time.June, Day: 1}, Phone: phone(n)},
			Patients:     []agenda.Patient{{Name: "Ana Lima"}, {Name: "João Lima", Phone: phone(n)}},
			Professional: id.New[agenda.ClinicProfessional](), Service: id.New[agenda.Service](),
			Offered: true, Options: []agenda.ClinicProfessionalID{id.New[agenda.ClinicProfessional]()},
			Appointments: []agenda.AppointmentID{id.New[agenda.Appointment]()}, Appointment: id.New[agenda.Appointment](),
			Date: agenda.Date{Year: 2026, Month: time.March, Day: 9}, Time: new(agenda.LocalTime(8 * 60)), Period: reception.Morning,
			Slots: []agenda.Interval{{Start: start, End: start.Add(30 * time.Minute)}},
			Slot:  agenda.Interval{Start: start, End: start.Add(30 * time.Minute)},
			From:  new(agenda.LocalTime(8 * 60)), Until: new(agenda.LocalTime(9 * 60)), Person: true, Said: 1<<32 - 1, Repeats: 2,
			After: start.Add(-time.Hour), SaidAt: f.Now(),
		},
		LID: fmt.Sprintf("2000%011d@lid", n), Handoff: reception.Handoff{
			Reason: reception.Anger, At: f.Now(), Until: f.Now().Add(time.Hour), By: 7,
		},
		About:  id.New[agenda.Appointment](),
		Misses: 1, HeardAt: f.Now(), CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// Conversation stores a conversation.
func (f *Fixtures) Conversation(at agenda.Clinic) reception.Conversation {
	f.t.Helper()
	return store(f, f.Conversations.Create, f.NewConversation(at))
}

// ConversationOf returns a conversation of the entity's clinic.
func (f *Fixtures) ConversationOf(entity clinic.EntityID) reception.Conversation {
	f.t.Helper()
	if _, made := f.agenda.conversations[entity]; !made {
		f.agenda.conversations[entity] = f.Conversation(f.ClinicOf(entity))
	}
	return f.agenda.conversations[entity]
}

// NewMessage returns an inbound message that was not handled yet.
func (f *Fixtures) NewMessage(in reception.Conversation) reception.Message {
	n := f.next()
	return reception.Message{
		ConversationID: in.ID, TenantID: in.TenantID, EntityID: in.EntityID, Direction: reception.In, Author: reception.Contact,
		Channel: reception.WhatsApp, ExternalID: fmt.Sprintf("3EB0%d", n), Kind: reception.Text, Text: "Quero marcar 🙂",
		Status: reception.Pending, SentAt: f.Now().Add(-time.Minute), CreatedAt: f.Now(),
	}
}

// Message stores a message.
func (f *Fixtures) Message(in reception.Conversation) reception.Message {
	f.t.Helper()
	return store(f, f.Messages.Create, f.NewMessage(in))
}

// NewTurn returns what a message led to.
func (f *Fixtures) NewTurn() reception.Turn {
	return reception.Turn{
		Replies: []string{"Olá!", "Com quem?"}, Intent: reception.Schedule, State: reception.ChoosingProfessional,
		Professional: id.New[agenda.ClinicProfessional](), Service: id.New[agenda.Service](),
		Options:     []agenda.ClinicProfessionalID{id.New[agenda.ClinicProfessional]()},
		Slots:       []agenda.Interval{{Start: f.Monday(), End: f.Monday().Add(30 * time.Minute)}},
		Appointment: id.New[agenda.Appointment](), ModelCalls: 1,
	}
}
