package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
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
	Override     string // why staff books it against the rules of the agenda; "": it keeps to them. Users only
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
	dir agenda.Directory
	candidate
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
// With Override staff squeezes a visit in: no hours, notice, horizon, limits, buffers or other visits stand in its way, and it
// takes its time from everybody else. The audit log tells of it.
//
// Errors: NotFound, Invalid "invalid-input", "service-not-offered" or "slot-not-offered", Conflict "slot-taken" or
// "clinic-inactive", Forbidden "calendar-mismatch" or "users-only", Unavailable "calendar-unavailable".
func (s *Agenda) Book(ctx context.Context, actor identity.Actor, p BookParams) (agenda.Appointment, error) {
	b, held, err := s.begin(ctx, actor, p, !p.Offered)
	if err != nil || held.Status == agenda.Confirmed { // booked before, by the same key
		return held, err
	}
	var confirmed agenda.Appointment
	if err = s.write(ctx, actor, b, held); err == nil {
		now := s.d.Now()
		confirmed, err = s.d.Repositories.Appointments.Update(ctx, actor.Scope(), held.ID, func(a *agenda.Appointment) error {
			return a.Confirm(now)
		})
	}
	if err != nil {
		s.release(context.WithoutCancel(ctx), held)
		return agenda.Appointment{}, err
	}
	return confirmed, nil
}

// Hold is the first step of Book alone: it keeps a start for the clinic's hold time, for [Agenda.Confirm] to finish. A hold that is
// not confirmed in time frees the slot by itself, and Cancel frees it at once. Errors: those of Book.
func (s *Agenda) Hold(ctx context.Context, actor identity.Actor, p BookParams) (agenda.Appointment, error) {
	_, held, err := s.begin(ctx, actor, p, true)
	return held, err
}

// Confirm finishes a hold: it checks the calendar once more, writes the event and confirms. Confirming again changes
// nothing. While the calendar is away the hold stays, and can be confirmed later; when the slot has been taken in the calendar
// the hold is given up. Errors: NotFound, Conflict "hold-expired", "slot-taken" or "appointment-state", and those of Book.
func (s *Agenda) Confirm(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.AppointmentID) (agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return agenda.Appointment{}, err
	}
	if _, err := s.get(ctx, actor, tenant, key); err != nil { // before anybody waits for a lock of it
		return agenda.Appointment{}, err
	}
	var out agenda.Appointment
	// One at a time, so that one who fails does not take back what another one has just written.
	err := s.d.locked(ctx, calendarKey(key), func(ctx context.Context) (err error) {
		out, err = s.confirm(ctx, actor, tenant, key)
		return err
	})
	return out, err
}

func (s *Agenda) confirm(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.AppointmentID) (agenda.Appointment, error) {
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
	confirmed := []agenda.Appointment{held}
	if err = s.write(ctx, actor, b, held); err == nil {
		confirmed, err = s.take(ctx, actor, confirmed)
	}
	if err != nil {
		if errs.KindOf(err) == errs.Conflict || errs.KindOf(err) == errs.Invalid {
			s.release(context.WithoutCancel(ctx), held)
		}
		return agenda.Appointment{}, err
	}
	return confirmed[0], nil
}

// begin takes the slot in the store. With a key that has been booked it returns that appointment. Unless checked is false the
// calendar is asked first.
func (s *Agenda) begin(ctx context.Context, actor identity.Actor, p BookParams, checked bool) (booking, agenda.Appointment, error) {
	override, err := overrideOf(actor, p.Override)
	if err != nil {
		return booking{}, agenda.Appointment{}, err
	}
	b, err := s.booking(ctx, actor, p)
	if err != nil {
		return booking{}, agenda.Appointment{}, err
	}
	key, before, err := s.unused(ctx, b.dir.Clinic, p.Key)
	if err != nil || before.TakesTime() {
		return b, before, err
	}
	held, err := s.visit(b, key, p, agenda.GroupID{}, override)
	if err != nil {
		return booking{}, agenda.Appointment{}, err
	}
	if checked && override == "" {
		// Anybody may ask for any start by the API: a refusal leaves no trace and keeps nobody from the slot.
		if err := s.checkFree(ctx, b, held, !p.Offered); err != nil {
			return booking{}, agenda.Appointment{}, err
		}
	}
	kept, err := s.keep(ctx, actor, []agenda.Appointment{held})
	if err != nil {
		return booking{}, agenda.Appointment{}, err
	}
	return b, kept[0], nil
}

// visit makes the hold of a visit, and refuses what no look into a calendar is needed for.
func (s *Agenda) visit(b booking, key agenda.AppointmentID, p BookParams, group agenda.GroupID, override string) (agenda.Appointment, error) {
	now := s.d.Now()
	held, err := agenda.Hold(key, agenda.VisitParams{
		Clinic: b.dir.Clinic, Professional: b.professional, Service: b.service, Patient: p.Patient, Contact: p.Contact,
		Start: p.Start, Notes: p.Notes, Group: group, Override: override,
	}, now)
	if err == nil {
		err = inTime(b.dir.Clinic, now, p.Start, override)
	}
	if err != nil {
		return agenda.Appointment{}, err
	}
	return held, nil
}

// keep stores holds, all or none, with the jobs that repair what is left of them. They come in their lock order.
func (s *Agenda) keep(ctx context.Context, actor identity.Actor, held []agenda.Appointment) ([]agenda.Appointment, error) {
	now := s.d.Now()
	kept := make([]agenda.Appointment, len(held))
	err := s.meeting(ctx, func(ctx context.Context, r ports.Repositories) error {
		for i, a := range held {
			var err error
			if a.PatientID, err = recordPatient(ctx, r, a, now); err != nil {
				return err
			}
			// A hold that ran out still stands in the way of the store's constraint until it is expired.
			if _, err := r.Appointments.ExpireHolds(ctx, a.ProfessionalID, now); err != nil {
				return err
			}
			if kept[i], err = r.Appointments.Create(ctx, a); err != nil {
				return err
			}
			if err := r.Jobs.Enqueue(ctx, ports.Job{
				Kind: JobCalendarSync, Key: syncKey(a), Arg: a.ID.String(), RunAt: a.HeldUntil.Add(time.Second),
			}); err != nil {
				return err
			}
			if err := s.noteOverride(ctx, r, actor, a, "book", a.OverrideReason); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.changed(ctx, kept)
	return kept, nil
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

// take confirms holds, all or none.
func (s *Agenda) take(ctx context.Context, actor identity.Actor, held []agenda.Appointment) ([]agenda.Appointment, error) {
	now := s.d.Now()
	confirmed := make([]agenda.Appointment, len(held))
	err := s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) (err error) {
		for i := range held {
			confirmed[i], err = r.Appointments.Update(ctx, actor.Scope(), held[i].ID, func(a *agenda.Appointment) error {
				return a.Confirm(now)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return confirmed, err
}

// write writes the event of a hold, unless its time has been taken meanwhile. It looks again although the store has the hold:
// the calendar may have changed, and so may what the store's constraint does not see, which are limits and visits that staff
// squeezed in.
func (s *Agenda) write(ctx context.Context, actor identity.Actor, b booking, held agenda.Appointment) error {
	if held.OverrideReason == "" {
		if err := s.checkFree(ctx, b, held, false); err != nil {
			return err
		}
	}
	err := s.calendar.Put(ctx, b.professional.Calendar(), eventOf(held, b.dir.Clinic, b.professional, b.service))
	if errs.CodeOf(err) == "calendar-mismatch" {
		s.security(ctx, actor, b.professional, "book")
	}
	return err
}

// checkFree refuses a start that the professional does not offer or that has been given away meanwhile. Unless listed is
// true the start need not be one that is offered now: it was offered before.
func (s *Agenda) checkFree(ctx context.Context, b booking, a agenda.Appointment, listed bool) error {
	in, err := s.period(ctx, b.dir.Clinic, a.Start, a.End)
	if err != nil {
		return err
	}
	o, err := s.offer(ctx, in, b.candidate, a.ID)
	if err != nil {
		return err
	}
	o.query.Duration = a.End.Sub(a.Start)
	o.query.BufferBefore, o.query.BufferAfter = a.BufferBefore, a.BufferAfter
	fits := o.fits
	if listed {
		fits = o.accepts
	}
	if fits(a.Start) {
		return nil
	}
	free := o.fits(a.Start)
	o.query.Busy = nil
	if !free && o.fits(a.Start) {
		return errs.New(errs.Conflict, "slot-taken", "the slot has been taken")
	}
	return errNotOffered()
}

// release gives holds up, and takes back events that may have been written for them. What is confirmed by now stays.
func (s *Agenda) release(ctx context.Context, held ...agenda.Appointment) {
	now := s.d.Now()
	var released []agenda.Appointment
	err := s.d.Tx.InTx(undoing(ctx), func(ctx context.Context, r ports.Repositories) error {
		released = nil
		for _, a := range held {
			after, err := r.Appointments.Update(ctx, identity.OnlyEntity(a.EntityID), a.ID, func(a *agenda.Appointment) error {
				a.Release(now)
				return nil
			})
			if err != nil {
				return err
			}
			if !after.TakesTime() {
				released = append(released, after)
			}
		}
		return nil
	})
	if err != nil {
		s.d.Log.ErrorContext(ctx, "release hold", slog.String("appointment_id", held[0].ID.String()), slog.Any("err", err))
		return // the hold's own job will repair it
	}
	for _, a := range released {
		if err := s.calendar.Delete(ctx, calendarOf(a), a.EventID()); err != nil {
			s.d.Log.WarnContext(ctx, "take event back", slog.String("appointment_id", a.ID.String()), slog.Any("err", err))
		}
	}
	s.changed(ctx, released)
}

// calendarOf is the calendar that an appointment's event is in, whatever the professional's calendar is by now.
func calendarOf(a agenda.Appointment) agenda.Calendar {
	return agenda.Calendar{TenantID: a.TenantID, ProfessionalID: a.ProfessionalID, ID: a.CalendarID}
}

func errNotOffered() error {
	return errs.New(errs.Invalid, "slot-not-offered", "the professional does not offer this start; ask for the availability")
}
