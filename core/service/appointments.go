package service

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// JobCalendarSync makes the calendar agree with an appointment: its event is there when the appointment is confirmed,
// and not otherwise. Its argument is the appointment's id.
const JobCalendarSync = "calendar-sync"

// BookParams is a visit to book.
type BookParams struct {
	Key          agenda.AppointmentID // the same key again is the same appointment; zero makes a new one
	Tenant       agenda.TenantID
	Professional agenda.ClinicProfessionalID
	Service      agenda.ServiceID // zero: a plain visit
	Patient      agenda.Patient
	Contact      string // the conversation it is made in
	Start        time.Time
	Notes        string
	CalendarID   string // what the caller believes the calendar to be; checked, never used
	Offered      bool   // the start was offered by a conversation: it need only be free, not on today's grid of starts
}

// Get returns an appointment of a clinic, and logs that. Errors: NotFound.
func (s *Agenda) Get(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.AppointmentID) (agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaRead); err != nil {
		return agenda.Appointment{}, err
	}
	a, err := s.get(ctx, actor, tenant, key)
	if err == nil {
		err = logRead(ctx, s.d, actor, "appointments", key.String(), a.EntityID, nil)
	}
	if err != nil {
		return agenda.Appointment{}, err
	}
	return a, nil
}

// get is Get for those who are about to change the appointment, which is logged by itself.
func (s *Agenda) get(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.AppointmentID) (agenda.Appointment, error) {
	a, err := s.d.Repositories.Appointments.Get(ctx, actor.Scope(), key)
	if err == nil && a.TenantID != tenant {
		err = errs.Absent("appointment")
	}
	if err != nil {
		return agenda.Appointment{}, err
	}
	return a, nil
}

// Location returns the time zone of a clinic, in which days of its agenda are meant. Errors: NotFound "clinic-not-found".
func (s *Agenda) Location(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) (*time.Location, error) {
	if err := actor.Require(identity.AgendaRead); err != nil {
		return nil, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
	if err != nil {
		return nil, err
	}
	return c.Location(), nil
}

// Directory returns a clinic with everything that it offers, to whoever may read its agenda. Errors: NotFound
// "clinic-not-found".
func (s *Agenda) Directory(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) (agenda.Directory, error) {
	if err := actor.Require(identity.AgendaRead); err != nil {
		return agenda.Directory{}, err
	}
	return s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), tenant)
}

// List returns a page of a clinic's appointments, by start, and logs that. Errors: NotFound "clinic-not-found".
func (s *Agenda) List(ctx context.Context, actor identity.Actor, f agenda.AppointmentFilter, req page.Request) (page.Page[agenda.Appointment], error) {
	if err := actor.Require(identity.AgendaRead); err != nil {
		return page.Page[agenda.Appointment]{}, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), f.TenantID)
	if err != nil {
		return page.Page[agenda.Appointment]{}, err
	}
	p, err := s.d.Repositories.Appointments.List(ctx, actor.Scope(), f, req)
	if err != nil {
		return p, err
	}
	return logList(ctx, s.d, actor, "appointments", "", c.EntityID, p)
}

// booking is a visit with the records that decide about it.
type booking struct {
	dir          agenda.Directory
	professional agenda.ClinicProfessional
	service      *agenda.Service // nil: a plain visit
}

// booking looks up what a visit needs, and refuses a calendar that is not the professional's.
func (s *Agenda) booking(ctx context.Context, actor identity.Actor, p BookParams) (booking, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return booking{}, err
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), p.Tenant)
	if err == nil {
		err = dir.Clinic.RequireActive()
	}
	if err != nil {
		return booking{}, err
	}
	b := booking{dir: dir}
	var ok bool
	if b.professional, ok = dir.Professional(p.Professional); !ok {
		return booking{}, errs.Absent("professional")
	}
	if err := b.professional.Calendar().GuardID(p.CalendarID); err != nil {
		s.security(ctx, actor, b.professional, "book")
		return booking{}, err
	}
	if !p.Service.IsZero() {
		v, ok := dir.Service(p.Service)
		if !ok {
			return booking{}, errs.Absent("service")
		}
		b.service = &v
	}
	return b, nil
}

// Book makes an appointment in three steps, because it crosses two systems: it holds the slot in the store, which
// refuses an overlap; writes the event into the professional's own calendar, under an id that follows from the
// appointment; and confirms. What a crash leaves between them is repaired by the job that the hold enqueued.
//
// Errors: NotFound, Invalid "invalid-input", "service-not-offered" or "slot-not-offered", Conflict "slot-taken" or
// "clinic-inactive", Forbidden "calendar-mismatch", Unavailable "calendar-unavailable".
func (s *Agenda) Book(ctx context.Context, actor identity.Actor, p BookParams) (agenda.Appointment, error) {
	b, err := s.booking(ctx, actor, p)
	if err != nil {
		return agenda.Appointment{}, err
	}
	held, err := s.hold(ctx, b.dir, b.professional, b.service, p)
	if err != nil {
		return agenda.Appointment{}, err
	}
	if held.Status == agenda.Confirmed {
		return held, nil // booked before, by the same key
	}
	return s.fulfil(ctx, actor, b.dir, b.professional, b.service, held, p.Offered)
}

// Hold is the first step of Book alone: it keeps a start for the clinic's hold time, for [Agenda.Confirm] to finish. A hold that is
// not confirmed in time frees the slot by itself, and Cancel frees it at once. Errors: those of Book.
func (s *Agenda) Hold(ctx context.Context, actor identity.Actor, p BookParams) (agenda.Appointment, error) {
	b, err := s.booking(ctx, actor, p)
	if err != nil {
		return agenda.Appointment{}, err
	}
	return s.hold(ctx, b.dir, b.professional, b.service, p)
}

// Confirm finishes a hold: it checks the calendar once more, writes the event and confirms. Confirming again changes
// nothing. Errors: NotFound, Conflict "hold-expired", "slot-taken" or "appointment-state", and those of Book.
func (s *Agenda) Confirm(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.AppointmentID) (agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return agenda.Appointment{}, err
	}
	held, err := s.get(ctx, actor, tenant, key)
	if err != nil || held.Status == agenda.Confirmed {
		return held, err
	}
	ready := held
	if err := ready.Confirm(s.d.Now()); err != nil {
		return agenda.Appointment{}, err
	}
	b, err := s.booking(ctx, actor, BookParams{
		Tenant: tenant, Professional: held.ProfessionalID, Service: held.ServiceID, CalendarID: held.CalendarID,
	})
	if err != nil {
		return agenda.Appointment{}, err
	}
	return s.fulfil(ctx, actor, b.dir, b.professional, b.service, held, true)
}

// hold takes the slot in the store. With a key that has been booked it returns that appointment.
func (s *Agenda) hold(ctx context.Context, dir agenda.Directory, professional agenda.ClinicProfessional, service *agenda.Service, p BookParams) (agenda.Appointment, error) {
	now := s.d.Now()
	key, before, err := s.unused(ctx, dir.Clinic, p.Key)
	if err != nil || before.TakesTime() {
		return before, err
	}
	held, err := agenda.Hold(key, agenda.VisitParams{
		Clinic: dir.Clinic, Professional: professional, Service: service, Patient: p.Patient, Contact: p.Contact, Start: p.Start, Notes: p.Notes,
	}, now)
	if err != nil {
		return agenda.Appointment{}, err
	}
	if !s.inBounds(dir.Clinic, now, p.Start) {
		return agenda.Appointment{}, errNotOffered()
	}
	if !p.Offered {
		// Anybody may ask for any start by the API: a refusal leaves no trace and keeps nobody from the slot.
		if err := s.checkFree(ctx, dir.Clinic, professional, service, held, false); err != nil {
			return agenda.Appointment{}, err
		}
	}
	err = s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		// A hold that ran out still stands in the way of the store's constraint until it is expired.
		if _, err := r.Appointments.ExpireHolds(ctx, professional.ID, now); err != nil {
			return err
		}
		if held, err = r.Appointments.Create(ctx, held); err != nil {
			return err
		}
		return r.Jobs.Enqueue(ctx, ports.Job{
			Kind: JobCalendarSync, Key: syncKey(held), Arg: held.ID.String(), RunAt: held.HeldUntil.Add(time.Second),
		})
	})
	return held, err
}

// unused returns a key for a new appointment, or the appointment that was booked under the given one before. A hold that
// was given up keeps its key; the next attempt has another one, which follows from it, so that it is found again too.
func (s *Agenda) unused(ctx context.Context, c agenda.Clinic, key agenda.AppointmentID) (agenda.AppointmentID, agenda.Appointment, error) {
	if key.IsZero() {
		return id.New[agenda.Appointment](), agenda.Appointment{}, nil
	}
	for {
		before, err := s.d.Repositories.Appointments.Get(ctx, identity.OnlyEntity(c.EntityID), key)
		if errs.KindOf(err) == errs.NotFound {
			return key, agenda.Appointment{}, nil
		}
		if err != nil || before.TakesTime() {
			return key, before, err
		}
		key = id.Derive[agenda.Appointment](key.String(), "again")
	}
}

// fulfil writes the event of a hold and confirms it; whatever fails gives the hold up.
func (s *Agenda) fulfil(ctx context.Context, actor identity.Actor, dir agenda.Directory, professional agenda.ClinicProfessional, service *agenda.Service, held agenda.Appointment, offered bool) (agenda.Appointment, error) {
	err := s.checkFree(ctx, dir.Clinic, professional, service, held, offered)
	if err == nil {
		err = s.calendar.Put(ctx, professional.Calendar(), eventOf(held, professional, service))
	}
	if err == nil {
		now := s.d.Now()
		var confirmed agenda.Appointment
		confirmed, err = s.d.Repositories.Appointments.Update(ctx, actor.Scope(), held.ID, func(a *agenda.Appointment) error {
			return a.Confirm(now)
		})
		if err == nil {
			return confirmed, nil
		}
	}
	if errs.CodeOf(err) == "calendar-mismatch" {
		s.security(ctx, actor, professional, "book")
	}
	s.release(context.WithoutCancel(ctx), held, professional)
	return agenda.Appointment{}, err
}

// checkFree refuses a start that the professional does not offer or that the calendar has given away meanwhile.
func (s *Agenda) checkFree(ctx context.Context, c agenda.Clinic, professional agenda.ClinicProfessional, service *agenda.Service, a agenda.Appointment, offered bool) error {
	q, err := s.query(ctx, c, professional, service, a.Start, a.Start.Add(24*time.Hour), a.ID)
	if err != nil {
		return err
	}
	q.Duration = a.End.Sub(a.Start)
	fits := q.Accepts
	if offered {
		fits = q.Fits
	}
	if fits(a.Start) {
		return nil
	}
	free := q.Fits(a.Start)
	q.Busy = nil
	if !free && q.Fits(a.Start) {
		return errs.New(errs.Conflict, "slot-taken", "the slot has been taken")
	}
	return errNotOffered()
}

// release gives a hold up and takes back an event that may have been written.
func (s *Agenda) release(ctx context.Context, held agenda.Appointment, professional agenda.ClinicProfessional) {
	now := s.d.Now()
	err := s.d.Tx.InTx(undoing(ctx), func(ctx context.Context, r ports.Repositories) error {
		_, err := r.Appointments.Update(ctx, identity.OnlyEntity(held.EntityID), held.ID, func(a *agenda.Appointment) error {
			a.Release(now)
			return nil
		})
		return err
	})
	if err != nil {
		s.d.Log.ErrorContext(ctx, "release hold", slog.String("appointment_id", held.ID.String()), slog.Any("err", err))
		return // the hold's own job will repair it
	}
	if err := s.calendar.Delete(ctx, professional.Calendar(), held.EventID()); err != nil {
		s.d.Log.WarnContext(ctx, "take event back", slog.String("appointment_id", held.ID.String()), slog.Any("err", err))
	}
}

// Cancel cancels an appointment and removes its event; when the calendar is away, a job removes it later. Errors:
// NotFound, Conflict "appointment-state" or "appointment-past".
func (s *Agenda) Cancel(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.AppointmentID, reason string, match version.Match) (agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return agenda.Appointment{}, err
	}
	if _, err := s.get(ctx, actor, tenant, key); err != nil {
		return agenda.Appointment{}, err
	}
	now := s.d.Now()
	a, err := s.change(ctx, actor, key, func(a *agenda.Appointment) error {
		if err := match.Check(a.UpdatedAt); err != nil {
			return err
		}
		return a.Cancel(reason, now)
	})
	if err != nil {
		return agenda.Appointment{}, err
	}
	s.trySync(ctx, a)
	return a, nil
}

// Reschedule moves a confirmed appointment to another start that is free; its own time does not stand in its way.
// Errors: as for Book, and Conflict "appointment-state" or "appointment-past".
func (s *Agenda) Reschedule(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.AppointmentID, start time.Time, offered bool, match version.Match) (agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return agenda.Appointment{}, err
	}
	before, err := s.get(ctx, actor, tenant, key)
	if err != nil {
		return agenda.Appointment{}, err
	}
	// Refused before the calendar is asked; it is checked again under the lock.
	if err := match.Check(before.UpdatedAt); err != nil {
		return agenda.Appointment{}, err
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), tenant)
	if err != nil {
		return agenda.Appointment{}, err
	}
	professional, ok := dir.Professional(before.ProfessionalID)
	if !ok {
		return agenda.Appointment{}, errs.Absent("professional")
	}
	if err := professional.Calendar().GuardID(before.CalendarID); err != nil {
		s.security(ctx, actor, professional, "reschedule")
		return agenda.Appointment{}, err
	}
	now := s.d.Now()
	target := before
	if err := target.Move(start, now); err != nil {
		return agenda.Appointment{}, err
	}
	if target.Start.Equal(before.Start) {
		return before, nil
	}
	if !s.inBounds(dir.Clinic, now, start) {
		return agenda.Appointment{}, errNotOffered()
	}
	var service *agenda.Service
	if v, ok := dir.Service(before.ServiceID); ok {
		service = &v
	}
	if err := s.checkFree(ctx, dir.Clinic, professional, service, target, offered); err != nil {
		return agenda.Appointment{}, err
	}
	moved, err := s.change(ctx, actor, key, func(a *agenda.Appointment) error {
		if err := match.Check(a.UpdatedAt); err != nil {
			return err
		}
		if a.Version != before.Version {
			return errs.New(errs.Conflict, "appointment-state", "the appointment was changed meanwhile")
		}
		return a.Move(start, now)
	})
	if err != nil {
		return agenda.Appointment{}, err
	}
	s.trySync(ctx, moved)
	return moved, nil
}

// change updates an appointment and enqueues the job that makes the calendar follow, in one transaction.
func (s *Agenda) change(ctx context.Context, actor identity.Actor, key agenda.AppointmentID, change func(*agenda.Appointment) error) (agenda.Appointment, error) {
	var out agenda.Appointment
	now := s.d.Now()
	err := s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		if _, err := r.Appointments.ExpireHolds(ctx, agenda.ClinicProfessionalID{}, now); err != nil {
			return err
		}
		var err error
		if out, err = r.Appointments.Update(ctx, actor.Scope(), key, change); err != nil {
			return err
		}
		return r.Jobs.Enqueue(ctx, ports.Job{
			Kind: JobCalendarSync, Key: syncKey(out), Arg: out.ID.String(), RunAt: now.Add(30 * time.Second),
		})
	})
	return out, err
}

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
	professional, err := s.d.Repositories.ClinicProfessionals.Get(ctx, identity.OnlyEntity(a.EntityID), a.ProfessionalID)
	if err != nil {
		return err
	}
	switch a.Status {
	case agenda.Held:
		// Its hold has not run out by this machine's clock. The job comes back: it is what repairs a hold that nobody ends.
		return errs.New(errs.Conflict, "hold-pending", "the hold has not run out yet")
	case agenda.Cancelled, agenda.Expired:
		// The event is where it was written, whatever the professional's calendar is by now.
		cal := agenda.Calendar{TenantID: a.TenantID, ProfessionalID: a.ProfessionalID, ID: a.CalendarID}
		return s.calendar.Delete(ctx, cal, a.EventID())
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
	err = s.calendar.Put(ctx, professional.Calendar(), eventOf(a, professional, service))
	if errs.CodeOf(err) == "calendar-mismatch" {
		s.security(ctx, identity.FrontDesk(a.EntityID), professional, "sync")
	}
	return err
}

// eventOf is the calendar's entry of an appointment. Its description names the professional.
func eventOf(a agenda.Appointment, p agenda.ClinicProfessional, service *agenda.Service) agenda.Event {
	what := "Consulta"
	if service != nil {
		what = service.Name
	}
	description := "Profissional: " + p.Name + " (" + p.Specialty + ")\nServiço: " + what + "\nPaciente: " + a.Patient.Name
	if a.Patient.Phone != "" {
		description += "\nTelefone: " + a.Patient.Phone
	}
	if a.Notes != "" {
		description += "\n" + a.Notes
	}
	return agenda.Event{
		ID: a.EventID(), CalendarID: a.CalendarID, ProfessionalID: a.ProfessionalID, AppointmentID: a.ID,
		Summary: what + " - " + a.Patient.Name, Description: description, Start: a.Start, End: a.End,
	}
}

func errNotOffered() error {
	return errs.New(errs.Invalid, "slot-not-offered", "the professional does not offer this start; ask for the availability")
}
