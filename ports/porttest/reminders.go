package porttest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// reminding is what the tests of reminders work on: a professional and the visits from a Monday on.
type reminding struct {
	*Fixtures
	t    *testing.T
	with agenda.ClinicProfessional
}

const twoHours = 2 * time.Hour

// visit stores a confirmed visit so many hours after Monday, of which the patient knows for a week.
func (r reminding) visit(hours int, change func(*agenda.Appointment)) agenda.Appointment {
	v := r.NewAppointment(r.with, r.Monday().Add(time.Duration(hours)*time.Hour))
	v.Told.At = v.Start.AddDate(0, 0, -7)
	if change != nil {
		change(&v)
	}
	return r.Appointment(v)
}

// pending are those of the clinic on Monday, of which was known three hours before.
func (r reminding) pending(lead time.Duration) []agenda.Appointment {
	r.t.Helper()
	return ok[[]agenda.Appointment](r.t, "pending")(r.Reminders.Pending(r.t.Context(), r.with.TenantID, lead, 3*time.Hour, r.Monday(), r.Monday().Add(12*time.Hour)))
}

func (r reminding) claim(of agenda.Appointment, lead time.Duration, news bool) {
	r.t.Helper()
	claim := agenda.ReminderClaim{AppointmentID: of.ID, Start: of.Start, Lead: lead, At: r.Now()}
	if got := ok[bool](r.t, "claim")(r.Reminders.Claim(r.t.Context(), claim)); got != news {
		r.t.Errorf("a claim of %s: got news %v, want %v", lead, got, news)
	}
}

func testReminders(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	with := func(name string, test func(reminding)) {
		try(t, open, name, func(t *testing.T, f *Fixtures) {
			test(reminding{f, t, f.AgendaOf(f.Entity().ID)})
		})
	}
	with("PendingAreTheVisitsThatPatientsKnowOf", func(r reminding) {
		r.visit(0, nil) // begins no later than from
		second := r.visit(9, func(v *agenda.Appointment) { v.Attendance, v.AttendanceAt = agenda.NotAnswered, time.Time{} })
		first := r.visit(8, func(v *agenda.Appointment) { v.Told.At = v.Start.Add(-3 * time.Hour) })
		last := r.visit(12, nil)
		r.visit(13, nil)
		r.visit(1, func(v *agenda.Appointment) { v.Told.At = v.Start.Add(-3*time.Hour + time.Microsecond) })
		r.visit(2, func(v *agenda.Appointment) { v.Told.Start = v.Start.Add(-time.Hour) })
		r.visit(3, func(v *agenda.Appointment) { v.Told = agenda.Told{} })
		r.visit(4, func(v *agenda.Appointment) { v.Attendance = agenda.NotComing })
		r.visit(5, func(v *agenda.Appointment) { v.Status = agenda.Cancelled })
		r.visit(6, func(v *agenda.Appointment) { v.Status, v.HeldUntil = agenda.Held, v.Start })
		r.Appointment(r.NewAppointment(r.AgendaOf(r.Entity().ID), r.Monday().Add(time.Hour))) // of another clinic
		wantSame(r.t, "the pending", r.pending(twoHours), []agenda.Appointment{first, second, last})
	})
	with("WhatWasRemindedOfIsPendingForLongerLeadsNoMore", func(r reminding) {
		v := r.visit(8, nil)
		r.claim(v, twoHours, true)
		r.claim(v, twoHours, false)
		wantSame(r.t, "of the same lead", r.pending(twoHours), nil)
		wantSame(r.t, "of a longer lead", r.pending(24*time.Hour), nil)
		wantSame(r.t, "of a shorter lead", r.pending(time.Hour), []agenda.Appointment{v})
		r.claim(v, time.Hour, true)
		wantSame(r.t, "of the shorter lead, after its claim", r.pending(time.Hour), nil)
		moved := ok[agenda.Appointment](r.t, "move")(r.Appointments.Update(r.t.Context(), identity.OnlyEntity(v.EntityID), v.ID, func(a *agenda.Appointment) error {
			a.Start, a.End = a.Start.Add(time.Hour), a.End.Add(time.Hour)
			a.Told.Start = a.Start
			return nil
		}))
		wantSame(r.t, "after it was moved", r.pending(twoHours), []agenda.Appointment{moved})
	})
	with("PendingAreNoMoreThanTheMost", func(r reminding) {
		start := r.Monday().Add(time.Hour)
		for i := range ports.MaxReminders + 1 {
			v := r.NewAppointment(r.with, start.Add(time.Duration(i)*time.Minute))
			v.End, v.Told.At = v.Start.Add(time.Minute), v.Start.AddDate(0, 0, -7)
			r.Appointment(v)
		}
		got := r.pending(twoHours)
		if len(got) != ports.MaxReminders || !got[0].Start.Equal(start) {
			r.t.Errorf("got %d, want the first %d", len(got), ports.MaxReminders)
		}
	})
	with("OfManyWhoClaimOneHasTheNews", func(r reminding) {
		v := r.visit(8, nil)
		race(r.t, "claimed", func(int) error {
			return r.tx.InTx(r.t.Context(), func(ctx context.Context, in ports.Repositories) error {
				news, err := in.Reminders.Claim(ctx, agenda.ReminderClaim{AppointmentID: v.ID, Start: v.Start, Lead: twoHours, At: r.Now()})
				if err == nil && !news {
					err = errs.New(errs.Conflict, "claimed", "somebody was faster")
				}
				return err
			})
		})
	})
	with("AClaimIsUndoneWithItsTransaction", func(r reminding) {
		v, given := r.visit(8, nil), errors.New("given up")
		err := r.tx.InTx(r.t.Context(), func(ctx context.Context, in ports.Repositories) error {
			_, err := in.Reminders.Claim(ctx, agenda.ReminderClaim{AppointmentID: v.ID, Start: v.Start, Lead: twoHours, At: r.Now()})
			return errors.Join(err, given)
		})
		if !errors.Is(err, given) {
			r.t.Fatal(err)
		}
		r.claim(v, twoHours, true)
	})
	with("AVisitThatIsNotThereIsUnknown", func(r reminding) {
		_, err := r.Reminders.Claim(r.t.Context(), agenda.ReminderClaim{AppointmentID: id.New[agenda.Appointment](), Start: r.Now(), Lead: twoHours, At: r.Now()})
		wantError(r.t, "a claim of no visit", err, errs.Invalid, "unknown-reference")
		_, err = r.Reminders.Claim(cancelled(r.t), agenda.ReminderClaim{})
		wantCancelled(r.t, "a claim", err)
		_, err = r.Reminders.Pending(cancelled(r.t), r.with.TenantID, twoHours, twoHours, r.Now(), r.Now())
		wantCancelled(r.t, "pending", err)
	})
}
