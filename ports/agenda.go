package ports

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
)

// ClinicRepository keeps front desks. A second one of an entity is Conflict "clinic-exists", a repeated WhatsApp
// instance "instance-taken".
type ClinicRepository interface {
	Reader[agenda.Clinic, agenda.TenantID, agenda.ClinicFilter]
	Writer[agenda.Clinic, agenda.TenantID]
	// ByInstance returns the clinic of a WhatsApp instance, whatever the entity: it is for webhooks. Errors: NotFound.
	ByInstance(ctx context.Context, instance string) (agenda.Clinic, error)
	// Directory returns a clinic with its active professionals and services in one read. Errors: NotFound.
	Directory(ctx context.Context, scope identity.Scope, tenant agenda.TenantID) (agenda.Directory, error)
	// TimeZone returns the IANA name of the time zone of an entity's clinic, "" when the scope holds no clinic of it.
	TimeZone(ctx context.Context, scope identity.Scope, entity clinic.EntityID) (string, error)
}

// ClinicProfessionalRepository keeps professionals' agendas. In one clinic a repeated slug is Conflict "slug-taken" and a
// repeated calendar "calendar-taken".
type ClinicProfessionalRepository interface {
	Reader[agenda.ClinicProfessional, agenda.ClinicProfessionalID, agenda.ClinicProfessionalFilter]
	Writer[agenda.ClinicProfessional, agenda.ClinicProfessionalID]
}

// ServiceRepository keeps services. For one professional a repeated slug is Conflict "slug-taken".
type ServiceRepository interface {
	Reader[agenda.Service, agenda.ServiceID, agenda.ServiceFilter]
	Writer[agenda.Service, agenda.ServiceID]
}

// AppointmentRepository keeps appointments, listed by start. A held or confirmed one that overlaps another of the same
// professional, buffers included, is Conflict "slot-taken", on Create and on Update.
type AppointmentRepository interface {
	Reader[agenda.Appointment, agenda.AppointmentID, agenda.AppointmentFilter]
	Writer[agenda.Appointment, agenda.AppointmentID]
	// Blocking returns the held and confirmed appointments of the professional whose time, buffer included, touches
	// [from, to), by start.
	Blocking(ctx context.Context, professional agenda.ClinicProfessionalID, from, to time.Time) ([]agenda.Appointment, error)
	// ExpireHolds expires every hold, of one professional unless the id is zero, that ran out before now. It returns how many.
	ExpireHolds(ctx context.Context, professional agenda.ClinicProfessionalID, now time.Time) (int, error)
}

// Calendar reads and writes the professionals' calendars.
//
// The calendar is named by an agenda.Calendar, which comes from a clinic professional and nowhere else. A write checks
// agenda.Calendar.Guard first: an event of another professional or calendar is Forbidden "calendar-mismatch" and writes
// nothing. A calendar's id is its clinic's: the same id at another clinic is another calendar, and neither sees the
// other's events. A calendar that cannot be reached is Unavailable "calendar-unavailable": nothing is assumed to be free.
type Calendar interface {
	// Busy returns what is taken between from and to, by start, each event whole.
	Busy(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Busy, error)
	// Put writes an event under its id: the same id again replaces it, and is no second event.
	Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error
	// Delete removes an event. An absent one is no error; one of another professional is Forbidden "calendar-mismatch" and
	// stays.
	Delete(ctx context.Context, cal agenda.Calendar, eventID string) error
	// Get returns an event. Errors: NotFound "event-not-found".
	Get(ctx context.Context, cal agenda.Calendar, eventID string) (agenda.Event, error)
	// Events returns the events that touch [from, to), by start.
	Events(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Event, error)
}
