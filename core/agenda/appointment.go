package agenda

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// eventPrefix begins the id of every event of ours.
const eventPrefix = "sec"

// AppointmentID identifies an appointment.
type AppointmentID = id.Of[Appointment]

// GroupID identifies visits that were booked together, all or none.
type GroupID = id.Of[Group]

// Group is what a GroupID is an id of: the visits of one patient to several professionals on one day.
type Group struct{}

// AppointmentStatus is where an appointment is in its life: held, then confirmed or expired; a confirmed one may be
// cancelled.
type AppointmentStatus string

// The statuses.
const (
	Held      AppointmentStatus = "held"      // the slot is taken while the calendar is written
	Confirmed AppointmentStatus = "confirmed" // the calendar has it
	Cancelled AppointmentStatus = "cancelled"
	Expired   AppointmentStatus = "expired" // a hold that was not confirmed in time, or was given up
)

// Patient is whom a visit is for.
type Patient struct {
	Name      string // full name; "" once erased
	BirthDate Date   // zero when unknown
	Phone     string // E.164; "" when unknown
}

// Appointment is a visit of a patient to a professional. Two held or confirmed ones of a professional never overlap,
// buffers included; the store refuses the second. Only what staff squeezed in, with a reason, may overlap others.
type Appointment struct {
	ID             AppointmentID
	TenantID       TenantID
	EntityID       clinic.EntityID
	ProfessionalID ClinicProfessionalID
	ServiceID      ServiceID // zero: a plain visit
	CalendarID     string    // the professional's; set when the appointment is made, checked when it is written
	Patient        Patient   // as it was told when it was booked
	PatientID      PatientID // the record of that patient; zero when nobody could be told by it
	Contact        string    // the conversation it was made in, or is spoken of in since; "" when none
	Start          time.Time
	End            time.Time
	BufferBefore   time.Duration // kept free before Start
	BufferAfter    time.Duration // kept free after End
	GroupID        GroupID       // the visits that were booked together with it; zero: none
	OverrideReason string        // why staff booked it against the rules of the agenda; "": it keeps to them
	Status         AppointmentStatus
	HeldUntil      time.Time // of a held one
	Notes          string
	CancelReason   string
	Attendance     Attendance // whether the patient comes
	AttendanceAt   time.Time  // when the patient said so; zero when not
	Told           Told       // when the patient believes it to be
	Version        int        // counts changes, for compare-and-swap
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// AppointmentFilter selects appointments of a list, sorted by start.
type AppointmentFilter struct {
	TenantID       TenantID             // zero: any
	ProfessionalID ClinicProfessionalID // zero: any
	Status         AppointmentStatus    // "": any
	Contact        string               // "": any
	PatientID      PatientID            // zero: any
	GroupID        GroupID              // zero: any
	From           time.Time            // ending after this; zero: unbounded
	To             time.Time            // starting before this; zero: unbounded
}

// VisitParams is what an appointment is made of. Service is nil for a plain visit.
type VisitParams struct {
	Clinic       Clinic
	Professional ClinicProfessional
	Service      *Service
	Patient      Patient
	Contact      string
	Start        time.Time
	Notes        string
	Group        GroupID // zero: it is booked alone
	Override     string  // why staff books it against the rules of the agenda, up to 500 characters; "": it keeps to them
}

// Hold makes a held appointment on the professional's own calendar. A service of another professional is Invalid
// "service-not-offered"; bad fields are Invalid "invalid-input".
func Hold(key AppointmentID, p VisitParams, now time.Time) (Appointment, error) {
	var c errs.Check
	if p.Professional.TenantID != p.Clinic.ID {
		return Appointment{}, errs.Absent("professional")
	}
	c.That(p.Professional.Active, "professional_id", "must name an active professional")
	minutes, service := p.Professional.ConsultationMinutes, ServiceID{}
	if p.Service != nil {
		if p.Service.ProfessionalID != p.Professional.ID || !p.Service.Active {
			return Appointment{}, errs.New(errs.Invalid, "service-not-offered", "the professional does not offer this service")
		}
		minutes, service = p.Service.DurationMinutes, p.Service.ID
	}
	p.Patient.checkAt(&c, "patient.", DateOf(now, p.Clinic.Location()))
	a := Appointment{
		ID: key, TenantID: p.Clinic.ID, EntityID: p.Clinic.EntityID, ProfessionalID: p.Professional.ID, ServiceID: service,
		CalendarID: p.Professional.GoogleCalendarID, Patient: p.Patient, Contact: p.Contact,
		Start: p.Start.UTC(), End: p.Start.UTC().Add(time.Duration(minutes) * time.Minute),
		BufferBefore: time.Duration(p.Professional.BufferBeforeMinutes) * time.Minute,
		BufferAfter:  time.Duration(p.Professional.BufferMinutes) * time.Minute,
		GroupID:      p.Group, OverrideReason: valid.Prose(&c, "override_reason", p.Override, 500),
		Status: Held, HeldUntil: now.Add(p.Clinic.HoldTime),
		Notes: valid.Prose(&c, "notes", p.Notes, 2000), Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	c.That(!p.Start.IsZero(), "start", "must be given")
	return a, c.Err()
}

// Blocks is the time that the appointment takes from the professional, its buffers included.
func (a Appointment) Blocks() Interval {
	return Interval{Start: a.Start.Add(-a.BufferBefore), End: a.End.Add(a.BufferAfter)}
}

// TakesTime reports whether the appointment keeps others from its time.
func (a Appointment) TakesTime() bool { return a.Status == Held || a.Status == Confirmed }

// EventID is the id of the calendar event: it follows from the appointment, so that writing twice is the same event.
// Google takes 5 to 1024 characters of base32hex (a-v, 0-9), which hexadecimal digits are.
func (a Appointment) EventID() string { return eventPrefix + hex.EncodeToString(a.ID.UUID[:]) }

// AppointmentOfEvent is the appointment that an event id was made from; ok is false when it is not one of ours.
func AppointmentOfEvent(eventID string) (key AppointmentID, ok bool) {
	digits, ours := strings.CutPrefix(eventID, eventPrefix)
	raw, err := hex.DecodeString(digits)
	if !ours || err != nil || len(raw) != len(key.UUID) {
		return AppointmentID{}, false
	}
	copy(key.UUID[:], raw)
	return key, !key.IsZero()
}

// Confirm takes a hold for good. Confirming again changes nothing; a hold that ran out or was given up is Conflict
// "hold-expired", a cancelled one "appointment-state".
func (a *Appointment) Confirm(now time.Time) error {
	if a.Status == Confirmed {
		return nil
	}
	if a.Status != Held && a.Status != Expired {
		return errState(a.Status)
	}
	if a.Status == Expired || now.After(a.HeldUntil) {
		return errs.New(errs.Conflict, "hold-expired", "the slot was kept for too short a time; choose again")
	}
	a.Status, a.HeldUntil = Confirmed, time.Time{}
	a.Told = Told{Start: a.Start, At: now}
	a.touch(now)
	return nil
}

// Release gives a hold up. Anything but a hold stays as it is.
func (a *Appointment) Release(now time.Time) {
	if a.Status == Held {
		a.Status, a.HeldUntil = Expired, time.Time{}
		a.touch(now)
	}
}

// Cancel ends an appointment. Cancelling again changes nothing; an expired one is Conflict "appointment-state", a visit
// that has begun "appointment-past".
func (a *Appointment) Cancel(reason string, now time.Time) error {
	if a.Status == Cancelled {
		return nil
	}
	if a.Status == Expired {
		return errState(a.Status)
	}
	if !now.Before(a.Start) {
		return errs.New(errs.Conflict, "appointment-past", "the visit has already begun")
	}
	var c errs.Check
	a.CancelReason = valid.Prose(&c, "reason", reason, 500)
	a.Status, a.HeldUntil = Cancelled, time.Time{}
	a.touch(now)
	return c.Err()
}

// Move gives a confirmed appointment another start and keeps its length. Anything else is Conflict
// "appointment-state", a visit that has begun "appointment-past".
func (a *Appointment) Move(start, now time.Time) error {
	if a.Status != Confirmed {
		return errState(a.Status)
	}
	if !now.Before(a.Start) {
		return errs.New(errs.Conflict, "appointment-past", "the visit has already begun")
	}
	length := a.End.Sub(a.Start)
	a.Start = start.UTC()
	a.End = a.Start.Add(length)
	a.Attendance, a.AttendanceAt = NotAnswered, time.Time{}
	a.touch(now)
	return nil
}

// Follow gives a confirmed appointment the time to which somebody has moved its event by hand, whatever the rules of the
// agenda; override says why when it keeps to them no more, and is "" when it does. Anything else than a confirmed one is
// Conflict "appointment-state", a visit that has begun "appointment-past"; a time that no visit can take is Invalid
// "visit-length".
func (a *Appointment) Follow(when Interval, override string, now time.Time) error {
	if a.Status != Confirmed {
		return errState(a.Status)
	}
	if !now.Before(a.Start) {
		return errs.New(errs.Conflict, "appointment-past", "the visit has already begun")
	}
	if length := when.End.Sub(when.Start); length <= 0 || length > LongestVisit {
		return errs.New(errs.Invalid, "visit-length", "a visit lasts 12 hours at most")
	}
	if !when.Start.Equal(a.Start) {
		a.Attendance, a.AttendanceAt = NotAnswered, time.Time{}
	}
	a.Start, a.End = when.Start.UTC(), when.End.UTC()
	if override != "" {
		a.OverrideReason = override
	}
	a.touch(now)
	return nil
}

func (a *Appointment) touch(now time.Time) {
	a.Version++
	a.UpdatedAt = version.Next(a.UpdatedAt, now)
}

func errState(s AppointmentStatus) error {
	return errs.Newf(errs.Conflict, "appointment-state", "the appointment is %s", s)
}
