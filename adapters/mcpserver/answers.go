package mcpserver

import (
	"github.com/secretary-api/secretary/core/agenda"
)

// status is an [agenda.AppointmentStatus] in an answer.
type status string

func statuses() []status {
	return []status{status(agenda.Held), status(agenda.Confirmed), status(agenda.Cancelled), status(agenda.Expired)}
}

// reason is why a search found somebody.
type reason string

func reasons() []reason {
	return []reason{agenda.ByName, agenda.BySpecialty, agenda.ByService, agenda.ByKeyword}
}

// person is a professional in short.
type person struct {
	ProfessionalID string `json:"professionalId"`
	Name           string `json:"name,omitempty" jsonschema:"nome com título, como o paciente lê"`
	Slug           string `json:"slug,omitempty"`
	Specialty      string `json:"specialty,omitempty"`
}

func personOf(p agenda.ClinicProfessional) person {
	return person{ProfessionalID: p.ID.String(), Name: p.Name, Slug: p.Slug, Specialty: p.Specialty}
}

// personIn is a professional by the id; one who is no longer offered has no more than that.
func personIn(dir agenda.Directory, key agenda.ClinicProfessionalID) person {
	if p, ok := dir.Professional(key); ok {
		return personOf(p)
	}
	return person{ProfessionalID: key.String()}
}

// patient is whom a visit is for, in arguments and in answers.
type patient struct {
	Name      string `json:"name" jsonschema:"nome completo"`
	Phone     string `json:"phone,omitempty" jsonschema:"telefone com DDD"`
	BirthDate string `json:"birthDate,omitempty" jsonschema:"data de nascimento, AAAA-MM-DD"`
}

func (p patient) core() (agenda.Patient, error) {
	v := agenda.Patient{Name: p.Name, Phone: p.Phone}
	if p.BirthDate == "" {
		return v, nil
	}
	born, err := agenda.ParseDate(p.BirthDate)
	if err != nil {
		return v, refusalError{"invalid-input", "patient.birthDate não é uma data AAAA-MM-DD. Pergunte ao paciente."}
	}
	v.BirthDate = born
	return v, nil
}

// appointment is a visit in an answer.
type appointment struct {
	AppointmentID string  `json:"appointmentId"`
	EventID       string  `json:"eventId" jsonschema:"id do evento na agenda"`
	CalendarID    string  `json:"calendarId"`
	Status        status  `json:"status" jsonschema:"held: reservado até heldUntil; confirmed: marcado"`
	Professional  person  `json:"professional"`
	ServiceID     string  `json:"serviceId,omitempty"`
	Service       string  `json:"service,omitempty" jsonschema:"nome do serviço"`
	Patient       patient `json:"patient"`
	Start         string  `json:"start"`
	End           string  `json:"end"`
	TimeZone      string  `json:"timeZone"`
	HeldUntil     string  `json:"heldUntil,omitempty" jsonschema:"até quando o horário está reservado; confirme antes"`
}

func appointmentOf(a agenda.Appointment, dir agenda.Directory, t clock) appointment {
	v := appointment{
		AppointmentID: a.ID.String(), EventID: a.EventID(), CalendarID: a.CalendarID, Status: status(a.Status),
		Professional: personIn(dir, a.ProfessionalID), ServiceID: a.ServiceID.String(),
		Patient: patient{Name: a.Patient.Name, Phone: a.Patient.Phone, BirthDate: a.Patient.BirthDate.String()},
		Start:   t.write(a.Start), End: t.write(a.End), TimeZone: t.zone.String(), HeldUntil: t.write(a.HeldUntil),
	}
	if s, ok := dir.Service(a.ServiceID); ok {
		v.Service = s.Name
	}
	return v
}

// event is an entry of a calendar.
type event struct {
	EventID       string `json:"eventId"`
	CalendarID    string `json:"calendarId"`
	AppointmentID string `json:"appointmentId,omitempty" jsonschema:"só de consultas marcadas por aqui"`
	Summary       string `json:"summary"`
	Description   string `json:"description,omitempty"`
	Start         string `json:"start"`
	End           string `json:"end"`
	Free          bool   `json:"free,omitempty" jsonschema:"verdadeiro se o evento não ocupa o horário"`
}

func eventOf(e agenda.Event, t clock) event {
	return event{
		EventID: e.ID, CalendarID: e.CalendarID, AppointmentID: e.AppointmentID.String(), Summary: e.Summary, Description: e.Description,
		Start: t.write(e.Start), End: t.write(e.End), Free: e.Free,
	}
}

// span is a time from a start to an end.
type span struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

func spanOf(i agenda.Interval, t clock) span { return span{t.write(i.Start), t.write(i.End)} }

// each maps a list; the answer is never null.
func each[T, D any](list []T, dto func(T) D) []D {
	out := make([]D, 0, len(list))
	for _, v := range list {
		out = append(out, dto(v))
	}
	return out
}
