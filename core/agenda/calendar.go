package agenda

import (
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

// Calendar names one professional's calendar, or one of a clinic's that keep everybody: nothing is written to those.
type Calendar struct {
	TenantID       TenantID
	ProfessionalID ClinicProfessionalID // zero: one of the clinic's blocking calendars
	ID             string               // google_calendar_id
}

// BlocksAll reports whether every event of the calendar takes time, even one marked as free: so it is in a clinic's blocking
// calendars, where holidays and closures are all-day events that calendars mark as free by themselves.
func (c Calendar) BlocksAll() bool { return c.ProfessionalID.IsZero() }

// Event is an entry of a calendar.
type Event struct {
	ID             string
	CalendarID     string
	ProfessionalID ClinicProfessionalID // zero when it is not one of ours
	AppointmentID  AppointmentID        // zero when it is not one of ours
	Summary        string
	Description    string // of ours: names the professional
	Start          time.Time
	End            time.Time
	Free           bool // shown as free: it takes no time, but for a calendar that blocks all
}

// EventChange is an event that was made, changed or removed in a calendar.
type EventChange struct {
	Event
	Removed bool // then only the ids are sure to be there
}

// Guard checks that an event goes to the calendar of its own professional. A mismatch is Forbidden
// "calendar-mismatch", a security event: every writer of a calendar calls it before it writes.
func (c Calendar) Guard(e Event) error {
	if c.ID == "" || e.CalendarID != c.ID || e.ProfessionalID.IsZero() || e.ProfessionalID != c.ProfessionalID {
		return ErrCalendarMismatch()
	}
	return nil
}

// GuardID checks that a calendar id that somebody sent is the professional's own; none is fine.
func (c Calendar) GuardID(sent string) error {
	if sent != "" && sent != c.ID {
		return ErrCalendarMismatch()
	}
	return nil
}

// ErrCalendarMismatch is the refusal of a write to a calendar that is not the chosen professional's.
func ErrCalendarMismatch() error {
	return errs.New(errs.Forbidden, "calendar-mismatch", "this calendar is not the chosen professional's")
}

// Taken returns the times that events of the calendar take, in their order.
func (c Calendar) Taken(events []Event) []Busy {
	busy := make([]Busy, 0, len(events))
	for _, e := range events {
		if !e.Free || c.BlocksAll() {
			busy = append(busy, Busy{Interval: Interval{Start: e.Start, End: e.End}, EventID: e.ID})
		}
	}
	return busy
}

// Busy is a time taken in a calendar, and by which event, so that a visit being moved does not stand in its own way.
type Busy struct {
	Interval
	EventID string // "" when the calendar does not tell
}
