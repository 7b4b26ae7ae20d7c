package agenda

import (
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/version"
)

// Attendance is what the patient said about coming to a visit. It is of the visit's present start: a visit that is moved
// has none.
type Attendance string

// The attendances.
const (
	NotAnswered Attendance = ""
	Coming      Attendance = "confirmed"
	NotComing   Attendance = "declined" // and the visit stands all the same: it has not been cancelled
)

// Told is what the patient knows of when a visit is. Whoever books a visit tells the patient; what staff changes later is
// told by a message.
type Told struct {
	Start time.Time // zero: nothing is known of it, or that it does not take place
	At    time.Time // when the patient was told that
}

// Attend notes whether the patient comes. Saying the same again changes nothing. A visit that is not confirmed is Conflict
// "appointment-state", one that has begun "appointment-past".
func (a *Appointment) Attend(answer Attendance, now time.Time) error {
	if a.Status != Confirmed {
		return errState(a.Status)
	}
	if !now.Before(a.Start) {
		return errs.New(errs.Conflict, "appointment-past", "the visit has already begun")
	}
	if a.Attendance == answer {
		return nil
	}
	a.Attendance, a.AttendanceAt = answer, now
	a.touch(now)
	return nil
}

// Untold reports whether the visit is not, or no longer, when the patient believes it to be.
func (a Appointment) Untold() bool {
	switch a.Status {
	case Confirmed:
		return !a.Told.Start.Equal(a.Start)
	case Cancelled:
		return !a.Told.Start.IsZero()
	case Held, Expired:
	}
	return false
}

// Tell notes that the patient is told how the visit stands. That is no change of the visit, so its version stays.
func (a *Appointment) Tell(now time.Time) {
	a.Told = Told{At: now}
	if a.Status == Confirmed {
		a.Told.Start = a.Start
	}
	a.UpdatedAt = version.Next(a.UpdatedAt, now)
}

// Converse notes the conversation in which a visit is spoken of that was made in none.
func (a *Appointment) Converse(contact string, now time.Time) {
	if a.Contact == "" {
		a.Contact = contact
		a.touch(now)
	}
}
