package agenda

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// How many of them a clinic has at most.
const (
	maxClosures  = 200
	maxReminders = 5
)

// TenantID identifies a clinic.
type TenantID = id.Of[Clinic]

// DefaultTimeZone is a clinic's zone when none is given.
const DefaultTimeZone = "America/Sao_Paulo"

// Clinic is an entity's front desk: one WhatsApp number, several professionals (tenant_config in the store).
type Clinic struct {
	ID                      TenantID
	EntityID                clinic.EntityID // unique: an entity has one front desk
	Name                    string          // 1 to 200 characters; what patients read
	EvolutionInstance       string          // the WhatsApp instance; unique, "" when none
	WebhookToken            string          // what that instance sends as bearer token; "" when only the service's own is accepted
	GoogleOAuthCredentialID string          // the id of the account that holds the calendars; "" for the built-in calendar
	SystemPrompt            string          // template for agents; "" means the built-in one
	TimeZone                string          // IANA name
	MinimumNotice           time.Duration   // a visit starts no sooner than this from now
	MaximumAhead            time.Duration   // and no later than this from now
	HoldTime                time.Duration   // how long a slot is kept while it is being booked
	CutOff                  time.Duration   // a visit is moved or cancelled no later than this before its start; staff may override it
	NationalHolidays        bool            // closed on the country's public holidays, but for professionals with hours of their own that day
	Closures                []Closure       // days on which nobody works, sorted by their first day
	BlockingCalendars       []string        // ids of calendars whose every event keeps everybody, "free" ones too: holidays, rooms
	EventDetails            EventDetails    // what of a patient is written into calendars
	Address                 string          // where patients go, as they read it; "" when they are not told
	HandoffReturn           time.Duration   // how long after a person last wrote the assistant answers again
	Reminders               []time.Duration // how long before a visit its patient is reminded, the longest first; nil for never
	QuietHours              QuietHours      // when patients get nothing that they have not asked for
	Active                  bool
	CreatedAt               time.Time
	UpdatedAt               time.Time
}

// Closure is a span of days on which a clinic is closed, both included.
type Closure struct {
	First, Last Date
	Name        string // for people: "Recesso"; may be ""
}

// Holiday is a public holiday.
type Holiday struct {
	Date Date
	Name string // in the country's language: "Natal"
}

// EventDetails is what of a patient is written into a calendar, which others may read.
type EventDetails string

// What is written into calendars.
const (
	FullDetails  EventDetails = "full"     // name, telephone and notes
	InitialsOnly EventDetails = "initials" // the initials of the name
	NoDetails    EventDetails = "none"     // only the appointment's id
)

// QuietHours is the time of day, in the clinic's zone, in which patients are left alone. Over midnight when From is after
// Until; none when they are equal.
type QuietHours struct {
	From, Until LocalTime
}

// DefaultQuietHours are a clinic's when none are given.
func DefaultQuietHours() QuietHours { return QuietHours{From: 21 * 60, Until: 8 * 60} }

// DefaultReminders are a clinic's when none are given.
func DefaultReminders() []time.Duration { return []time.Duration{24 * time.Hour, 2 * time.Hour} }

// ClinicParams is what a clinic is made of. Zero values take the defaults.
type ClinicParams struct {
	EntityID                clinic.EntityID
	Name                    string
	EvolutionInstance       string
	WebhookToken            string
	GoogleOAuthCredentialID string
	SystemPrompt            string
	TimeZone                string
	MinimumNotice           *time.Duration // default 1 hour
	MaximumAhead            *time.Duration // default 60 days
	HoldTime                *time.Duration // default 10 minutes
	CutOff                  time.Duration
	NationalHolidays        *bool // default true
	Closures                []Closure
	BlockingCalendars       []string
	EventDetails            EventDetails // default FullDetails
	Address                 string
	HandoffReturn           *time.Duration  // default 12 hours
	Reminders               []time.Duration // nil: DefaultReminders; empty: none
	QuietHours              *QuietHours     // default DefaultQuietHours
}

// ClinicPatch changes parts of a clinic; its entity is for good.
type ClinicPatch struct {
	Name                    patch.Of[string]
	EvolutionInstance       patch.Of[string]
	WebhookToken            patch.Of[string]
	GoogleOAuthCredentialID patch.Of[string]
	SystemPrompt            patch.Of[string]
	TimeZone                patch.Of[string]
	MinimumNotice           patch.Of[time.Duration]
	MaximumAhead            patch.Of[time.Duration]
	HoldTime                patch.Of[time.Duration]
	CutOff                  patch.Of[time.Duration]
	NationalHolidays        patch.Of[bool]
	Closures                patch.Of[[]Closure]
	BlockingCalendars       patch.Of[[]string]
	EventDetails            patch.Of[EventDetails]
	Address                 patch.Of[string]
	HandoffReturn           patch.Of[time.Duration]
	Reminders               patch.Of[[]time.Duration]
	QuietHours              patch.Of[QuietHours]
	Active                  patch.Of[bool]
}

// ClinicFilter selects clinics of a list.
type ClinicFilter struct {
	EntityID clinic.EntityID // 0: any
	Instance string          // the WhatsApp instance; "": any
	Active   *bool           // nil: both
}

// NewClinic makes an active front desk. It fails with Invalid "invalid-input".
func NewClinic(tenant TenantID, p ClinicParams, now time.Time) (Clinic, error) {
	c := Clinic{
		ID: tenant, EntityID: p.EntityID, Name: p.Name, EvolutionInstance: p.EvolutionInstance, WebhookToken: p.WebhookToken,
		GoogleOAuthCredentialID: p.GoogleOAuthCredentialID, SystemPrompt: p.SystemPrompt, TimeZone: p.TimeZone,
		MinimumNotice: valueOr(p.MinimumNotice, time.Hour),
		MaximumAhead:  valueOr(p.MaximumAhead, 60*24*time.Hour),
		HoldTime:      valueOr(p.HoldTime, 10*time.Minute),
		CutOff:        p.CutOff, NationalHolidays: valueOr(p.NationalHolidays, true), Closures: p.Closures,
		BlockingCalendars: p.BlockingCalendars, EventDetails: cmp.Or(p.EventDetails, FullDetails),
		Address: p.Address, HandoffReturn: valueOr(p.HandoffReturn, 12*time.Hour), Reminders: p.Reminders,
		QuietHours: valueOr(p.QuietHours, DefaultQuietHours()),
		Active:     true, CreatedAt: now, UpdatedAt: now,
	}
	if c.TimeZone == "" {
		c.TimeZone = DefaultTimeZone
	}
	if p.Reminders == nil {
		c.Reminders = DefaultReminders()
	}
	return c, c.validate()
}

// Change applies a patch. It fails with Invalid "invalid-input".
func (c *Clinic) Change(p ClinicPatch, now time.Time) error {
	p.Name.Apply(&c.Name)
	p.EvolutionInstance.Apply(&c.EvolutionInstance)
	p.WebhookToken.Apply(&c.WebhookToken)
	p.GoogleOAuthCredentialID.Apply(&c.GoogleOAuthCredentialID)
	p.SystemPrompt.Apply(&c.SystemPrompt)
	p.TimeZone.Apply(&c.TimeZone)
	p.MinimumNotice.Apply(&c.MinimumNotice)
	p.MaximumAhead.Apply(&c.MaximumAhead)
	p.HoldTime.Apply(&c.HoldTime)
	p.CutOff.Apply(&c.CutOff)
	p.NationalHolidays.Apply(&c.NationalHolidays)
	p.Closures.Apply(&c.Closures)
	p.BlockingCalendars.Apply(&c.BlockingCalendars)
	p.EventDetails.Apply(&c.EventDetails)
	p.Address.Apply(&c.Address)
	p.HandoffReturn.Apply(&c.HandoffReturn)
	p.Reminders.Apply(&c.Reminders)
	p.QuietHours.Apply(&c.QuietHours)
	p.Active.Apply(&c.Active)
	c.UpdatedAt = version.Next(c.UpdatedAt, now)
	return c.validate()
}

// Deactivate is the soft delete of a clinic: it answers no patient.
func (c *Clinic) Deactivate(now time.Time) {
	c.Active, c.UpdatedAt = false, version.Next(c.UpdatedAt, now)
}

// Account is the account that holds the clinic's calendars; connected is false when the built-in calendar does. An id that
// is none of an account is connected to nothing, which is not the same as not being connected.
func (c Clinic) Account() (key CalendarAccountID, connected bool) {
	if c.GoogleOAuthCredentialID == "" {
		return CalendarAccountID{}, false
	}
	key, err := id.Parse[CalendarAccount](c.GoogleOAuthCredentialID)
	if err != nil {
		return CalendarAccountID{}, true
	}
	return key, true
}

// GiveWebhookToken sets what the instance is to send, unless that is set.
func (c *Clinic) GiveWebhookToken(token string, now time.Time) {
	if c.WebhookToken == "" {
		c.WebhookToken = token
		c.UpdatedAt = version.Next(c.UpdatedAt, now)
	}
}

// Attach makes an account the one that holds the clinic's calendars; the zero id is for the built-in calendar.
func (c *Clinic) Attach(account CalendarAccountID, now time.Time) {
	c.GoogleOAuthCredentialID = account.String()
	c.UpdatedAt = version.Next(c.UpdatedAt, now)
}

// RequireActive fails with Conflict "clinic-inactive" when the clinic was deactivated: it takes no visits or messages.
func (c Clinic) RequireActive() error {
	if c.Active {
		return nil
	}
	return errs.New(errs.Conflict, "clinic-inactive", "the clinic is not active")
}

// Location is the clinic's time zone.
func (c Clinic) Location() *time.Location { return location(c.TimeZone) }

func location(zone string) *time.Location {
	loc, err := time.LoadLocation(zone)
	if err != nil { // checked when the record was made; a store without zone data must not move visits to UTC
		panic("agenda: time zone " + zone + ": " + err.Error())
	}
	return loc
}

// Clone returns a copy that shares nothing with c.
func (c Clinic) Clone() Clinic {
	c.Closures = slices.Clone(c.Closures)
	c.BlockingCalendars = slices.Clone(c.BlockingCalendars)
	c.Reminders = slices.Clone(c.Reminders)
	return c
}

func (c *Clinic) validate() error {
	var check errs.Check
	check.That(c.EntityID > 0, "entity_id", "must name an entity")
	c.Name = valid.Text(&check, "tenant_name", c.Name, 200)
	c.EvolutionInstance = valid.OptionalText(&check, "evolution_instance_name", c.EvolutionInstance, 100)
	c.WebhookToken = valid.OptionalText(&check, "evolution_webhook_token", c.WebhookToken, 254)
	check.That(c.WebhookToken == "" || len(c.WebhookToken) >= 16, "evolution_webhook_token", "must be at least 16 characters")
	c.GoogleOAuthCredentialID = valid.OptionalText(&check, "google_oauth_credential_id", c.GoogleOAuthCredentialID, 254)
	c.SystemPrompt = valid.Prose(&check, "system_prompt", c.SystemPrompt, 32<<10)
	c.TimeZone = valid.TimeZone(&check, "timezone", c.TimeZone)
	check.That(c.MinimumNotice >= 0 && c.MinimumNotice <= 30*24*time.Hour, "minimum_notice_minutes", "must be between 0 and 30 days")
	check.That(c.MaximumAhead >= 24*time.Hour && c.MaximumAhead <= 366*24*time.Hour, "maximum_days_ahead", "must be between 1 and 366")
	check.That(c.HoldTime >= time.Minute && c.HoldTime <= time.Hour, "hold_minutes", "must be between 1 and 60")
	check.That(c.CutOff >= 0 && c.CutOff <= 30*24*time.Hour, "cut_off_minutes", "must be between 0 and 30 days")
	c.Closures = checkClosures(&check, "closures", c.Closures)
	c.BlockingCalendars = valid.Texts(&check, "blocking_calendars", c.BlockingCalendars, 20, 255)
	check.That(c.EventDetails == FullDetails || c.EventDetails == InitialsOnly || c.EventDetails == NoDetails,
		"event_details", "must be full, initials or none")
	c.Address = valid.OptionalText(&check, "address", c.Address, 300)
	check.That(c.HandoffReturn >= 5*time.Minute && c.HandoffReturn <= 7*24*time.Hour, "handoff_return_minutes", "must be between 5 and 10080")
	c.Reminders = checkReminders(&check, "reminder_minutes_before", c.Reminders)
	check.That(c.QuietHours.From.isStart() && c.QuietHours.Until.isStart(), "quiet_hours", "must be times of day before 24:00")
	return check.Err()
}

// checkReminders checks how long before visits patients are reminded, and returns that without repeats and the longest
// first; nil when there are none.
func checkReminders(c *errs.Check, path string, list []time.Duration) []time.Duration {
	c.That(len(list) <= maxReminders, path, fmt.Sprintf("must be at most %d reminders", maxReminders))
	var out []time.Duration
	for i, v := range list {
		c.That(v >= 5*time.Minute && v <= 14*24*time.Hour && v%time.Minute == 0, fmt.Sprintf("%s[%d]", path, i), "must be between 5 and 20160 minutes")
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b time.Duration) int { return cmp.Compare(b, a) })
	return slices.Compact(out)
}

// checkClosures checks closures and returns them by their first day; nil when there are none.
func checkClosures(c *errs.Check, path string, list []Closure) []Closure {
	c.That(len(list) <= maxClosures, path, fmt.Sprintf("must be at most %d closures", maxClosures))
	var out []Closure
	for i, v := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		v.check(c, at)
		v.Name = valid.OptionalText(c, at+".name", v.Name, 100)
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b Closure) int { return cmp.Or(a.First.Compare(b.First), a.Last.Compare(b.Last)) })
	return out
}

func (v Closure) check(c *errs.Check, path string) {
	c.That(v.First.IsValid(), path+".first", "must be a day of the calendar")
	c.That(v.Last.IsValid(), path+".last", "must be a day of the calendar")
	c.That(!v.Last.Before(v.First), path+".last", "must not be before first")
}

// has reports whether a day is one of the closure's.
func (v Closure) has(d Date) bool { return !d.Before(v.First) && !d.After(v.Last) }
