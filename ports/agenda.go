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
// professional, buffers included, is Conflict "slot-taken", on Create and on Update; those with an override reason overlap any
// other and are overlapped. A professional of another clinic, a service of another professional and a calendar that never was
// the professional's are Invalid "unknown-reference".
type AppointmentRepository interface {
	Reader[agenda.Appointment, agenda.AppointmentID, agenda.AppointmentFilter]
	Writer[agenda.Appointment, agenda.AppointmentID]
	// Blocking returns the held and confirmed appointments of the professional whose time, buffers included, touches
	// [from, to), by start.
	Blocking(ctx context.Context, professional agenda.ClinicProfessionalID, from, to time.Time) ([]agenda.Appointment, error)
	// ExpireHolds expires every hold, of one professional unless the id is zero, that ran out before now. It returns how many.
	ExpireHolds(ctx context.Context, professional agenda.ClinicProfessionalID, now time.Time) (int, error)
}

// MaxReminders is how many appointments [ReminderRepository.Pending] returns at most.
const MaxReminders = 200

// ReminderRepository keeps of which visits patients were reminded.
type ReminderRepository interface {
	// Pending returns the confirmed appointments of a clinic that begin after from and no later than until, by start: those
	// whose patient was told of that start at least so long before it, has not declined it, and of which no reminder of that start,
	// so long before it or less, has been claimed. The durations are whole minutes.
	Pending(ctx context.Context, tenant agenda.TenantID, lead, known time.Duration, from, until time.Time) ([]agenda.Appointment, error)
	// Claim notes a reminder. It is news to one caller: whoever claims it while the transaction of another one has not ended
	// waits for that. A visit that is not there is Invalid "unknown-reference".
	Claim(ctx context.Context, v agenda.ReminderClaim) (news bool, err error)
}

// CalendarAccountRepository keeps the accounts that clinics have connected, with their tokens sealed. A second one of an
// entity that is connected is Conflict "account-exists", on Create and on Update.
type CalendarAccountRepository interface {
	Reader[agenda.CalendarAccount, agenda.CalendarAccountID, agenda.CalendarAccountFilter]
	Writer[agenda.CalendarAccount, agenda.CalendarAccountID]
}

// CalendarSyncRepository keeps how far the changes of each calendar have been followed, and when each event of ours was when
// it was written last. Both are of an account: another one has none of it. Keep and Wrote of an account that is not there
// are Invalid "unknown-reference".
type CalendarSyncRepository interface {
	// Of returns what is kept for the calendars of an account, by their ids.
	Of(ctx context.Context, account agenda.CalendarAccountID) ([]agenda.CalendarSync, error)
	// Keep replaces what is kept for a calendar.
	Keep(ctx context.Context, v agenda.CalendarSync) error
	// Wrote notes when an appointment's event is, in the calendar of the account.
	Wrote(ctx context.Context, account agenda.CalendarAccountID, calendarID string, appointment agenda.AppointmentID, when agenda.Interval) error
	// Written returns what Wrote noted last; written is false when it never did.
	Written(ctx context.Context, account agenda.CalendarAccountID, calendarID string, appointment agenda.AppointmentID) (when agenda.Interval, written bool, err error)
}

// Holidays knows a country's public holidays.
type Holidays interface {
	// Between returns the public holidays from first to last, both included, by date; those that move to another day are
	// given on the day on which nobody works.
	Between(first, last agenda.Date) []agenda.Holiday
}

// Sealer encrypts what must not be read in the store. What was sealed for one purpose opens for no other.
type Sealer interface {
	// Seal encrypts with the newest key. Errors: Unavailable "encryption-unconfigured".
	Seal(plain []byte, purpose string) ([]byte, error)
	// Open decrypts with whichever key it was sealed; newest tells whether it was the newest. Errors: Unavailable
	// "encryption-unconfigured", Internal "sealed-with-unknown-key" when no key fits or the bytes were changed.
	Open(sealed []byte, purpose string) (plain []byte, newest bool, err error)
}

// CalendarProvider lets the owner of an account connect it, by OAuth 2.0 (RFC 6749) with PKCE (RFC 7636).
type CalendarProvider interface {
	// ConsentURL is where a browser asks the owner for consent. state comes back with the answer; verifier is a PKCE
	// verifier, of which the URL has the S256 challenge. Errors: Unavailable "calendar-unconfigured".
	ConsentURL(state, verifier string) (string, error)
	// Redeem exchanges the code of an answer. Errors: Invalid "consent-refused" when the code or the verifier is not
	// accepted or no refresh token comes with it, Unavailable "calendar-unavailable", "calendar-unconfigured".
	Redeem(ctx context.Context, code, verifier string) (agenda.CalendarGrant, error)
	// Calendars lists what the clinic's account can see, the primary one first. Errors: as Calendar's.
	Calendars(ctx context.Context, tenant agenda.TenantID) ([]agenda.AccountCalendar, error)
	// Forget gives a grant back, so that the refresh token is of no more use. A token that is no longer good is no error.
	Forget(ctx context.Context, refreshToken string) error
}

// CalendarCredentials is from where a calendar that needs credentials has those of a clinic.
type CalendarCredentials interface {
	// RefreshToken returns the token of the clinic's account. Errors: Unavailable "calendar-not-connected" when there is none,
	// "calendar-access-lost" when the provider has refused it for good, and the Sealer's.
	RefreshToken(ctx context.Context, tenant agenda.TenantID) (string, error)
	// Lost notes that the provider has refused a token for good, and why, so that the owner is told and nobody tries again.
	// It does nothing when the clinic has another token by now.
	Lost(ctx context.Context, tenant agenda.TenantID, refreshToken, problem string) error
	// Renewed replaces a token by the one that the provider gave for it.
	Renewed(ctx context.Context, tenant agenda.TenantID, old, fresh string) error
}

// CalendarChanges tells what was changed in calendars, by whomever.
type CalendarChanges interface {
	// Changes returns what was changed in a calendar since the token was given out, in any order, and the token for the next
	// time. With "" it returns nothing of the past. Errors: Conflict "sync-token-expired" when the token is too old: begin anew with
	// ""; Unavailable "calendar-unavailable".
	Changes(ctx context.Context, cal agenda.Calendar, token string) (changes []agenda.EventChange, next string, err error)
}

// Calendar reads and writes the professionals' calendars.
//
// The calendar is named by an agenda.Calendar, which comes from a clinic professional and nowhere else. A write checks
// agenda.Calendar.Guard first: an event of another professional or calendar is Forbidden "calendar-mismatch" and writes
// nothing. A calendar's id is its clinic's: the same id at another clinic is another calendar, and neither sees the
// other's events. A calendar that cannot be reached is Unavailable "calendar-unavailable": nothing is assumed to be free.
type Calendar interface {
	// Busy returns what is taken between from and to, by start, each event whole. An event that is shown as free takes
	// nothing, unless the calendar blocks all.
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
