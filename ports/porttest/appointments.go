package porttest

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
)

func testAppointments(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	records[agenda.Appointment, agenda.AppointmentID, agenda.AppointmentFilter]{
		what: "appointment", given: true,
		of: func(f *Fixtures) repository[agenda.Appointment, agenda.AppointmentID, agenda.AppointmentFilter] {
			return f.Appointments
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) agenda.Appointment {
			with, start := f.AgendaOf(entity), f.Monday().Add(time.Duration(n)*time.Hour)
			v := f.NewAppointment(with, start)
			if n%3 == 0 {
				v = f.NewHold(with, start, f.Now().Add(5*time.Minute))
			}
			if n%2 == 0 {
				v.ServiceID, v.BufferAfter, v.CancelReason = f.Service(with).ID, 15*time.Minute, "reserva refeita"
				v.BufferBefore, v.GroupID = 5*time.Minute, id.New[agenda.Group]()
				v.PatientID = f.Patient(f.ClinicOf(entity)).ID
			}
			return v
		},
		id: func(v *agenda.Appointment) *agenda.AppointmentID { return &v.ID }, missing: id.New[agenda.Appointment](),
		order:  func(v agenda.Appointment) string { return v.Start.UTC().Format(time.RFC3339) + v.ID.String() },
		entity: func(_ *Fixtures, v agenda.Appointment) clinic.EntityID { return v.EntityID },
		at:     func(v *agenda.Appointment) *time.Time { return &v.CreatedAt },
		change: func(v *agenda.Appointment) {
			v.Status, v.HeldUntil, v.Start, v.End = agenda.Cancelled, time.Time{}, v.Start.Add(time.Hour), v.End.Add(time.Hour)
			v.Notes, v.CancelReason, v.Version, v.UpdatedAt = "", "não pode mais", v.Version+1, v.UpdatedAt.Add(time.Hour)
			v.Patient.Name, v.Patient.BirthDate = "Outro nome", agenda.Date{}
			v.BufferBefore, v.GroupID, v.OverrideReason = 10*time.Minute, id.Derive[agenda.Group]("another"), "encaixe"
			v.Attendance, v.AttendanceAt, v.Told = agenda.NotComing, v.AttendanceAt.Add(time.Hour), agenda.Told{At: v.Told.At.Add(time.Hour)}
			v.PatientID = agenda.PatientID{}
		},
		bare: func(v *agenda.Appointment) {
			v.ServiceID, v.Contact, v.Notes, v.CancelReason, v.BufferAfter = agenda.ServiceID{}, "", "", "", 0
			v.BufferBefore, v.GroupID, v.OverrideReason = 0, agenda.GroupID{}, ""
			v.Attendance, v.AttendanceAt, v.Told = agenda.NotAnswered, time.Time{}, agenda.Told{}
			v.PatientID = agenda.PatientID{}
			v.Patient.BirthDate, v.HeldUntil, v.Status = agenda.Date{}, time.Time{}, agenda.Expired
		},
		filters: appointmentFilters,
		conflicts: []conflict[agenda.Appointment]{
			{"slot-taken", func(first agenda.Appointment, second *agenda.Appointment) {
				second.Start, second.End = first.Start, first.End
			}, true},
			{"slot-taken", func(first agenda.Appointment, second *agenda.Appointment) {
				second.Start, second.End = first.Start.Add(29*time.Minute), first.End.Add(29*time.Minute)
			}, false},
			{"slot-taken", func(first agenda.Appointment, second *agenda.Appointment) {
				second.Start, second.End = first.Start.Add(-29*time.Minute), first.End.Add(-29*time.Minute)
			}, false},
			{"slot-taken", func(first agenda.Appointment, second *agenda.Appointment) {
				second.Start, second.End = first.Start.Add(-time.Minute), first.End.Add(time.Minute)
			}, false},
			{"slot-taken", func(first agenda.Appointment, second *agenda.Appointment) {
				second.Start, second.End = first.Start.Add(time.Minute), first.End.Add(-time.Minute)
			}, false},
		},
		unknown: []unknown[agenda.Appointment]{
			{"professional", func(v *agenda.Appointment) { v.ProfessionalID = id.New[agenda.ClinicProfessional]() }},
			{"service", func(v *agenda.Appointment) { v.ServiceID = id.New[agenda.Service]() }},
			{"clinic", func(v *agenda.Appointment) { v.TenantID = id.New[agenda.Clinic]() }},
			{"patient", func(v *agenda.Appointment) { v.PatientID = id.New[agenda.PatientRecord]() }},
			{"calendar", func(v *agenda.Appointment) { v.CalendarID = "another@example.com" }},
		},
	}.run(t, open)
}

func appointmentFilters(f *Fixtures, rows []agenda.Appointment) []filter[agenda.Appointment, agenda.AppointmentFilter] {
	some := rows[0]
	from, to := some.End, f.Monday().Add(7*time.Hour)
	return []filter[agenda.Appointment, agenda.AppointmentFilter]{
		{"tenant", agenda.AppointmentFilter{TenantID: some.TenantID}, func(v agenda.Appointment) bool { return v.TenantID == some.TenantID }},
		{"professional", agenda.AppointmentFilter{ProfessionalID: some.ProfessionalID}, func(v agenda.Appointment) bool { return v.ProfessionalID == some.ProfessionalID }},
		{"status", agenda.AppointmentFilter{Status: some.Status}, func(v agenda.Appointment) bool { return v.Status == some.Status }},
		{"contact", agenda.AppointmentFilter{Contact: some.Contact}, func(v agenda.Appointment) bool { return v.Contact == some.Contact }},
		{"patient", agenda.AppointmentFilter{PatientID: some.PatientID}, func(v agenda.Appointment) bool {
			return some.PatientID.IsZero() || v.PatientID == some.PatientID
		}},
		{"group", agenda.AppointmentFilter{GroupID: some.GroupID}, func(v agenda.Appointment) bool { return v.GroupID == some.GroupID }},
		{"ending after", agenda.AppointmentFilter{From: from}, func(v agenda.Appointment) bool { return v.End.After(from) }},
		{"ending after one that goes on", agenda.AppointmentFilter{From: to.Add(15 * time.Minute)}, func(v agenda.Appointment) bool {
			return v.End.After(to.Add(15 * time.Minute))
		}},
		{"starting before", agenda.AppointmentFilter{To: to}, func(v agenda.Appointment) bool { return v.Start.Before(to) }},
		{"a tenant's day", agenda.AppointmentFilter{TenantID: some.TenantID, From: from, To: to}, func(v agenda.Appointment) bool {
			return v.TenantID == some.TenantID && v.End.After(from) && v.Start.Before(to)
		}},
		{"a professional's confirmed", agenda.AppointmentFilter{ProfessionalID: some.ProfessionalID, Status: agenda.Confirmed}, func(v agenda.Appointment) bool {
			return v.ProfessionalID == some.ProfessionalID && v.Status == agenda.Confirmed
		}},
	}
}
