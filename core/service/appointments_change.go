package service

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// AuditOverride is what the audit log calls it when staff books, moves or cancels a visit against the rules of the agenda.
const AuditOverride = "override"

// furthestOverride bounds how far ahead staff squeezes visits in, whatever the clinic's horizon.
const furthestOverride = 2 * 366 * 24 * time.Hour

// CancelParams is a visit to cancel.
type CancelParams struct {
	Tenant      agenda.TenantID
	Appointment agenda.AppointmentID
	Reason      string        // "": none is kept
	Override    string        // why staff cancels it after the cut-off; "": only before it. Users only
	Match       version.Match // of the appointment
}

// Cancel cancels an appointment and removes its event; when the calendar is away, a job removes it later. A hold is given
// up. Errors: NotFound, Invalid, Conflict "appointment-state", "appointment-past" or "cut-off-passed", Forbidden "users-only".
func (s *Agenda) Cancel(ctx context.Context, actor identity.Actor, p CancelParams) (agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return agenda.Appointment{}, err
	}
	override, err := overrideOf(actor, p.Override)
	if err != nil {
		return agenda.Appointment{}, err
	}
	if _, err := s.get(ctx, actor, p.Tenant, p.Appointment); err != nil {
		return agenda.Appointment{}, err
	}
	at, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), p.Tenant)
	if err != nil {
		return agenda.Appointment{}, err
	}
	now := s.d.Now()
	done, err := s.change(ctx, actor, "cancel", override, []agenda.AppointmentID{p.Appointment}, func(a *agenda.Appointment) error {
		if err := p.Match.Check(a.UpdatedAt); err != nil {
			return err
		}
		if err := beforeCutOff(at, *a, now, override); err != nil {
			return err
		}
		return a.Cancel(p.Reason, now)
	})
	if err != nil {
		return agenda.Appointment{}, err
	}
	s.trySync(ctx, done[0])
	return done[0], nil
}

// RescheduleParams is a visit to move.
type RescheduleParams struct {
	Tenant      agenda.TenantID
	Appointment agenda.AppointmentID
	Start       time.Time     // when it takes place instead
	Offered     bool          // as in [BookParams]
	Override    string        // why staff moves it against the rules of the agenda; "": it keeps to them. Users only
	Match       version.Match // of the appointment
}

// Reschedule moves a confirmed appointment to another start that is free; its own time does not stand in its way.
// Errors: as for Book, and Conflict "appointment-state", "appointment-past" or "cut-off-passed".
func (s *Agenda) Reschedule(ctx context.Context, actor identity.Actor, p RescheduleParams) (agenda.Appointment, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return agenda.Appointment{}, err
	}
	override, err := overrideOf(actor, p.Override)
	if err != nil {
		return agenda.Appointment{}, err
	}
	before, err := s.get(ctx, actor, p.Tenant, p.Appointment)
	if err != nil {
		return agenda.Appointment{}, err
	}
	// Refused before the calendar is asked; it is checked again under the lock.
	if err := p.Match.Check(before.UpdatedAt); err != nil {
		return agenda.Appointment{}, err
	}
	b, err := s.moving(ctx, actor, before)
	if err != nil {
		return agenda.Appointment{}, err
	}
	now := s.d.Now()
	target := before
	if err := target.Move(p.Start, now); err != nil {
		return agenda.Appointment{}, err
	}
	if target.Start.Equal(before.Start) {
		return before, nil
	}
	if err := beforeCutOff(b.dir.Clinic, before, now, override); err != nil {
		return agenda.Appointment{}, err
	}
	if err := inTime(b.dir.Clinic, now, p.Start, override); err != nil {
		return agenda.Appointment{}, err
	}
	if override == "" {
		if err := s.checkFree(ctx, b, target, !p.Offered); err != nil {
			return agenda.Appointment{}, err
		}
	}
	moved, err := s.change(ctx, actor, "reschedule", override, []agenda.AppointmentID{before.ID}, func(a *agenda.Appointment) error {
		if err := p.Match.Check(a.UpdatedAt); err != nil {
			return err
		}
		if a.Version != before.Version {
			return errs.New(errs.Conflict, "appointment-state", "the appointment was changed meanwhile")
		}
		a.OverrideReason = override // where it is now decides whether it keeps to the rules
		return a.Move(p.Start, now)
	})
	if err != nil {
		return agenda.Appointment{}, err
	}
	s.trySync(ctx, moved[0])
	return moved[0], nil
}

// moving looks up what moving an appointment needs.
func (s *Agenda) moving(ctx context.Context, actor identity.Actor, a agenda.Appointment) (booking, error) {
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), a.TenantID)
	if err != nil {
		return booking{}, err
	}
	b := booking{dir: dir}
	var ok bool
	if b.professional, ok = dir.Professional(a.ProfessionalID); !ok {
		return booking{}, errs.Absent("professional")
	}
	if err := b.professional.Calendar().GuardID(a.CalendarID); err != nil {
		s.security(ctx, actor, b.professional, "reschedule")
		return booking{}, err
	}
	if v, ok := dir.Service(a.ServiceID); ok {
		b.service = &v
	}
	return b, nil
}

// change updates appointments, all or none, and enqueues the jobs that make the calendar follow, in one transaction. It
// notes an override; operation says of what. Of what staff changes the patient is told later.
func (s *Agenda) change(ctx context.Context, actor identity.Actor, operation, override string, keys []agenda.AppointmentID, change func(*agenda.Appointment) error) ([]agenda.Appointment, error) {
	out := make([]agenda.Appointment, len(keys))
	now := s.d.Now()
	err := s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		if _, err := r.Appointments.ExpireHolds(ctx, agenda.ClinicProfessionalID{}, now); err != nil {
			return err
		}
		for i, key := range keys {
			var err error
			if out[i], err = r.Appointments.Update(ctx, actor.Scope(), key, func(a *agenda.Appointment) error {
				err := change(a)
				if err == nil && actor.IsFrontDesk() {
					a.Tell(now) // the reply does
				}
				return err
			}); err != nil {
				return err
			}
			if err := tellLater(ctx, r, out[i], now); err != nil {
				return err
			}
			if err := r.Jobs.Enqueue(ctx, ports.Job{
				Kind: JobCalendarSync, Key: syncKey(out[i]), Arg: out[i].ID.String(), RunAt: now.Add(30 * time.Second),
			}); err != nil {
				return err
			}
			if err := s.noteOverride(ctx, r, actor, out[i], operation, override); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.changed(ctx, out)
	return out, nil
}

// overrideOf is the reason for which staff goes against the rules, "" when nobody does. Errors: Forbidden "users-only", Invalid.
func overrideOf(actor identity.Actor, reason string) (string, error) {
	if reason == "" {
		return "", nil
	}
	if err := actor.RequireUser(); err != nil {
		return "", err
	}
	var c errs.Check
	reason = valid.Prose(&c, "override_reason", reason, 500)
	c.That(reason != "", "override_reason", "must not be blank")
	return reason, c.Err()
}

// noteOverride tells the audit log that a rule was overridden, and not why: staff may have written of the patient. The
// reason is kept with the appointment.
func (s *Agenda) noteOverride(ctx context.Context, r ports.Repositories, actor identity.Actor, a agenda.Appointment, operation, reason string) error {
	if reason == "" {
		return nil
	}
	_, err := r.AuditLog.Append(ctx, identity.AuditEntry{
		Actor: actor.String(), Action: AuditOverride, Table: "appointments", RowID: a.ID.String(), EntityID: a.EntityID,
		RequestID: identity.TrailOf(ctx).RequestID, Detail: map[string]string{"operation": operation}, CreatedAt: s.d.Now(),
	})
	return err
}

// inTime refuses a start that the clinic's notice or horizon do not allow; with an override, one that has passed or is years ahead.
func inTime(c agenda.Clinic, now, start time.Time, override string) error {
	if override != "" {
		if start.Before(now) || start.After(now.Add(furthestOverride)) {
			return errs.InvalidField("start", "must not have passed, nor be more than two years ahead")
		}
		return nil
	}
	if start.Before(now.Add(c.MinimumNotice)) || start.After(now.Add(c.MaximumAhead)) {
		return errNotOffered()
	}
	return nil
}

// beforeCutOff refuses to change a confirmed visit that begins too soon. Patients are asked to call then: staff may.
func beforeCutOff(c agenda.Clinic, a agenda.Appointment, now time.Time, override string) error {
	if a.Status != agenda.Confirmed || override != "" || !now.After(a.Start.Add(-c.CutOff)) || !now.Before(a.Start) {
		return nil // a visit that has begun is refused for that
	}
	return errs.New(errs.Conflict, "cut-off-passed", "the visit begins too soon to be moved or cancelled; only staff may, with a reason")
}
