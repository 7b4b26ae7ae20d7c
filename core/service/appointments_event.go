package service

import (
	"context"
	"log/slog"
	"strconv"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

// syncKey is the job's key. Each change has its own, so that a job that is due soon does not wait behind one that is due
// later; what keeps two of them apart is the lock in Sync.
func syncKey(a agenda.Appointment) string {
	return "calendar:" + a.ID.String() + ":" + strconv.Itoa(a.Version)
}

// trySync makes the calendar follow at once; when it is away, the job that was enqueued does it later.
func (s *Agenda) trySync(ctx context.Context, a agenda.Appointment) {
	if err := s.Sync(context.WithoutCancel(ctx), a.ID); err != nil {
		s.d.Log.WarnContext(ctx, "calendar sync is left to the job", slog.String("appointment_id", a.ID.String()), slog.Any("err", err))
	}
}

// Sync is the handler of JobCalendarSync. It reads the appointment anew, one caller at a time, so that an old state of
// it never overwrites a newer one in the calendar.
func (s *Agenda) Sync(ctx context.Context, key agenda.AppointmentID) error {
	return s.d.locked(ctx, calendarKey(key), func(ctx context.Context) error { return s.sync(ctx, key) })
}

func (s *Agenda) sync(ctx context.Context, key agenda.AppointmentID) error {
	if _, err := s.d.Repositories.Appointments.ExpireHolds(ctx, agenda.ClinicProfessionalID{}, s.d.Now()); err != nil {
		return err
	}
	a, err := s.d.Repositories.Appointments.Get(ctx, identity.AllEntities(), key)
	if err != nil {
		return err
	}
	// Once more: while the event was still there, its time was not free.
	defer s.changed(ctx, []agenda.Appointment{a})
	at, err := s.d.Repositories.Clinics.Get(ctx, identity.OnlyEntity(a.EntityID), a.TenantID)
	if err != nil {
		return err
	}
	professional, err := s.d.Repositories.ClinicProfessionals.Get(ctx, identity.OnlyEntity(a.EntityID), a.ProfessionalID)
	if err != nil {
		return err
	}
	switch a.Status {
	case agenda.Held:
		// Its hold has not run out by this machine's clock. The job comes back: it is what repairs a hold that nobody ends.
		return errs.New(errs.Conflict, "hold-pending", "the hold has not run out yet")
	case agenda.Cancelled, agenda.Expired:
		return s.calendar.Delete(ctx, calendarOf(a), a.EventID())
	case agenda.Confirmed:
	}
	var service *agenda.Service
	if !a.ServiceID.IsZero() {
		v, err := s.d.Repositories.Services.Get(ctx, identity.OnlyEntity(a.EntityID), a.ServiceID)
		if err != nil {
			return err
		}
		service = &v
	}
	cal := professional.Calendar()
	if a.IsErased() {
		cal = calendarOf(a) // what it tells of the patient is where it was written
		if gone, err := s.isPastAndGone(ctx, a); gone || err != nil {
			return err
		}
	}
	err = s.calendar.Put(ctx, cal, eventOf(a, at, professional, service))
	if errs.CodeOf(err) == "calendar-mismatch" {
		s.security(ctx, identity.FrontDesk(a.EntityID), professional, "sync")
	}
	return err
}

// isPastAndGone reports whether a visit is over and its event is no longer there: it is not brought back then.
func (s *Agenda) isPastAndGone(ctx context.Context, a agenda.Appointment) (bool, error) {
	if a.End.After(s.d.Now()) {
		return false, nil
	}
	_, err := s.calendar.Get(ctx, calendarOf(a), a.EventID())
	if errs.KindOf(err) == errs.NotFound {
		return true, nil
	}
	return false, err
}

// eventOf is the calendar's entry of an appointment, with as much of the patient as the clinic writes into calendars. Its
// description always names the professional.
func eventOf(a agenda.Appointment, at agenda.Clinic, p agenda.ClinicProfessional, service *agenda.Service) agenda.Event {
	what := "Consulta"
	if service != nil {
		what = service.Name
	}
	summary, description := "", "Profissional: "+p.Name+" ("+p.Specialty+")"
	details := at.EventDetails
	if a.IsErased() {
		details = agenda.NoDetails
	}
	switch details {
	case agenda.NoDetails:
		summary, description = "Consulta", description+"\nAgendamento: "+a.ID.String()
	case agenda.InitialsOnly:
		summary, description = what+" - "+a.Patient.Initials(), description+"\nServiço: "+what+"\nPaciente: "+a.Patient.Initials()
	case agenda.FullDetails:
		fallthrough
	default:
		summary, description = what+" - "+a.Patient.Name, description+"\nServiço: "+what+"\nPaciente: "+a.Patient.Name
		if a.Patient.Phone != "" {
			description += "\nTelefone: " + a.Patient.Phone
		}
		if a.Notes != "" {
			description += "\n" + a.Notes
		}
	}
	return agenda.Event{
		ID: a.EventID(), CalendarID: a.CalendarID, ProfessionalID: a.ProfessionalID, AppointmentID: a.ID,
		Summary: summary, Description: description, Start: a.Start, End: a.End,
	}
}
