package agenda

import (
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/text"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// ClinicProfessionalID identifies a professional's agenda at a clinic.
type ClinicProfessionalID = id.Of[ClinicProfessional]

// ClinicProfessional is a professional's agenda at one clinic: hours, and one calendar that is nobody else's.
type ClinicProfessional struct {
	ID                  ClinicProfessionalID
	TenantID            TenantID
	EntityID            clinic.EntityID       // the clinic's; who may read the row
	ProfessionalID      clinic.ProfessionalID // the directory's record of the person
	Name                string                // with the title, as patients read it: "Dra. Maria Costa"
	Slug                string                // unique in the clinic
	Specialty           string                // "Dermatologista"
	SpecialtyKeywords   []string              // what patients say instead: "pele", "manchas"
	GoogleCalendarID    string                // unique in the clinic
	GoogleCalendarLabel string
	ConsultationMinutes int    // length of a visit without a service
	BufferBeforeMinutes int    // kept free before each visit
	BufferMinutes       int    // kept free after each visit
	SlotMinutes         int    // from one start to the next; 0: the length of the visit
	TimeZone            string // IANA name of the zone of the hours below; "": the clinic's
	WorkingStart        LocalTime
	WorkingEnd          LocalTime
	WorkingDays         []time.Weekday // sorted; 0 is Sunday
	WorkingHours        []WeeklyHours  // several windows a day; when there are any they replace the three fields above
	DateOverrides       []DateOverride // dates with other hours, or none; sorted by date
	MaxVisitsPerDay     int            // by the days of the zone; 0: any number
	MaxMinutesPerDay    int            // of visits, without buffers; 0: any number
	Active              bool
	DisplayOrder        int
	CreatedAt           time.Time
	UpdatedAt           time.Time
}

// ClinicProfessionalParams is what an agenda is made of. nil takes the default, which follows document 2's schema.
type ClinicProfessionalParams struct {
	ProfessionalID      clinic.ProfessionalID
	Name                string
	Slug                string // "" makes one of the name
	Specialty           string
	SpecialtyKeywords   []string
	GoogleCalendarID    string
	GoogleCalendarLabel string
	ConsultationMinutes *int // default 30
	BufferBeforeMinutes int
	BufferMinutes       *int           // default 10
	SlotMinutes         int            // 0: the length of the visit
	TimeZone            string         // "": the clinic's
	WorkingStart        *LocalTime     // default 08:00
	WorkingEnd          *LocalTime     // default 18:00
	WorkingDays         []time.Weekday // nil: Monday to Friday
	WorkingHours        []WeeklyHours  // none: the three above
	DateOverrides       []DateOverride
	MaxVisitsPerDay     int // 0: any number
	MaxMinutesPerDay    int // 0: any number
	DisplayOrder        int
}

// ClinicProfessionalPatch changes parts of an agenda; whose it is and where are for good.
type ClinicProfessionalPatch struct {
	Name                patch.Of[string]
	Slug                patch.Of[string]
	Specialty           patch.Of[string]
	SpecialtyKeywords   patch.Of[[]string]
	GoogleCalendarID    patch.Of[string]
	GoogleCalendarLabel patch.Of[string]
	ConsultationMinutes patch.Of[int]
	BufferBeforeMinutes patch.Of[int]
	BufferMinutes       patch.Of[int]
	SlotMinutes         patch.Of[int]
	TimeZone            patch.Of[string]
	WorkingStart        patch.Of[LocalTime]
	WorkingEnd          patch.Of[LocalTime]
	WorkingDays         patch.Of[[]time.Weekday]
	WorkingHours        patch.Of[[]WeeklyHours]
	DateOverrides       patch.Of[[]DateOverride]
	MaxVisitsPerDay     patch.Of[int]
	MaxMinutesPerDay    patch.Of[int]
	Active              patch.Of[bool]
	DisplayOrder        patch.Of[int]
}

// ClinicProfessionalFilter selects agendas of a list.
type ClinicProfessionalFilter struct {
	TenantID TenantID // zero: any
	Active   *bool    // nil: both
}

// NewClinicProfessional makes an active agenda at a clinic. It fails with Invalid "invalid-input".
func NewClinicProfessional(key ClinicProfessionalID, at Clinic, p ClinicProfessionalParams, now time.Time) (ClinicProfessional, error) {
	v := ClinicProfessional{
		ID: key, TenantID: at.ID, EntityID: at.EntityID, ProfessionalID: p.ProfessionalID, Name: p.Name, Slug: p.Slug,
		Specialty: p.Specialty, SpecialtyKeywords: p.SpecialtyKeywords, GoogleCalendarID: p.GoogleCalendarID,
		GoogleCalendarLabel: p.GoogleCalendarLabel,
		ConsultationMinutes: valueOr(p.ConsultationMinutes, 30),
		BufferBeforeMinutes: p.BufferBeforeMinutes, BufferMinutes: valueOr(p.BufferMinutes, 10), SlotMinutes: p.SlotMinutes,
		TimeZone: p.TimeZone, WorkingStart: valueOr(p.WorkingStart, 8*60), WorkingEnd: valueOr(p.WorkingEnd, 18*60),
		WorkingDays: p.WorkingDays, WorkingHours: p.WorkingHours, DateOverrides: p.DateOverrides,
		MaxVisitsPerDay: p.MaxVisitsPerDay, MaxMinutesPerDay: p.MaxMinutesPerDay,
		DisplayOrder: p.DisplayOrder, Active: true, CreatedAt: now, UpdatedAt: now,
	}
	if v.WorkingDays == nil {
		v.WorkingDays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	}
	if v.Slug == "" {
		v.Slug = text.Slug(v.Name)
	}
	return v, v.validate()
}

// Change applies a patch. It fails with Invalid "invalid-input".
func (v *ClinicProfessional) Change(p ClinicProfessionalPatch, now time.Time) error {
	p.Name.Apply(&v.Name)
	p.Slug.Apply(&v.Slug)
	p.Specialty.Apply(&v.Specialty)
	p.SpecialtyKeywords.Apply(&v.SpecialtyKeywords)
	p.GoogleCalendarID.Apply(&v.GoogleCalendarID)
	p.GoogleCalendarLabel.Apply(&v.GoogleCalendarLabel)
	p.ConsultationMinutes.Apply(&v.ConsultationMinutes)
	p.BufferBeforeMinutes.Apply(&v.BufferBeforeMinutes)
	p.BufferMinutes.Apply(&v.BufferMinutes)
	p.SlotMinutes.Apply(&v.SlotMinutes)
	p.TimeZone.Apply(&v.TimeZone)
	p.WorkingStart.Apply(&v.WorkingStart)
	p.WorkingEnd.Apply(&v.WorkingEnd)
	p.WorkingDays.Apply(&v.WorkingDays)
	p.WorkingHours.Apply(&v.WorkingHours)
	p.DateOverrides.Apply(&v.DateOverrides)
	p.MaxVisitsPerDay.Apply(&v.MaxVisitsPerDay)
	p.MaxMinutesPerDay.Apply(&v.MaxMinutesPerDay)
	p.Active.Apply(&v.Active)
	p.DisplayOrder.Apply(&v.DisplayOrder)
	v.UpdatedAt = version.Next(v.UpdatedAt, now)
	return v.validate()
}

// Deactivate is the soft delete of an agenda: the professional is no longer offered here.
func (v *ClinicProfessional) Deactivate(now time.Time) {
	v.Active, v.UpdatedAt = false, version.Next(v.UpdatedAt, now)
}

// Clone returns a copy that shares nothing with v.
func (v ClinicProfessional) Clone() ClinicProfessional {
	v.SpecialtyKeywords = slices.Clone(v.SpecialtyKeywords)
	v.WorkingDays = slices.Clone(v.WorkingDays)
	v.WorkingHours = cloneHours(v.WorkingHours)
	v.DateOverrides = cloneOverrides(v.DateOverrides)
	return v
}

// Calendar names the professional's own calendar. It is the only place a calendar id comes from: never a message, never
// a model.
func (v ClinicProfessional) Calendar() Calendar {
	return Calendar{TenantID: v.TenantID, ProfessionalID: v.ID, ID: v.GoogleCalendarID}
}

func (v *ClinicProfessional) validate() error {
	var c errs.Check
	c.That(v.ProfessionalID > 0, "directory_professional_id", "must name a professional")
	v.Name = valid.Text(&c, "professional_name", v.Name, 200)
	v.Slug = valid.Slug(&c, "professional_slug", v.Slug, 100)
	v.Specialty = valid.Text(&c, "specialty", v.Specialty, 200)
	v.SpecialtyKeywords = valid.Texts(&c, "specialty_keywords", v.SpecialtyKeywords, 100, 100)
	v.GoogleCalendarID = valid.Text(&c, "google_calendar_id", v.GoogleCalendarID, 255)
	v.GoogleCalendarLabel = valid.OptionalText(&c, "google_calendar_label", v.GoogleCalendarLabel, 100)
	checkVisitMinutes(&c, "consultation_duration_default", v.ConsultationMinutes)
	checkBufferMinutes(&c, "buffer_before_minutes", v.BufferBeforeMinutes)
	checkBufferMinutes(&c, "buffer_time_minutes", v.BufferMinutes)
	if v.SlotMinutes != 0 {
		checkVisitMinutes(&c, "slot_interval_minutes", v.SlotMinutes)
	}
	if v.TimeZone != "" {
		v.TimeZone = valid.TimeZone(&c, "timezone", v.TimeZone)
	}
	c.That(v.WorkingStart >= 0 && v.WorkingStart < v.WorkingEnd && v.WorkingEnd <= 24*60, "working_hours_end", "must be after working_hours_start")
	v.WorkingDays = checkDays(&c, "working_days", v.WorkingDays)
	v.WorkingHours = checkHours(&c, "working_hours", v.WorkingHours)
	v.DateOverrides = checkOverrides(&c, "date_overrides", v.DateOverrides)
	c.That(v.MaxVisitsPerDay >= 0 && v.MaxVisitsPerDay <= 300, "max_visits_per_day", "must be between 0 and 300")
	c.That(v.MaxMinutesPerDay >= 0 && v.MaxMinutesPerDay <= 24*60, "max_minutes_per_day", "must be between 0 and 1440")
	c.That(v.DisplayOrder >= 0 && v.DisplayOrder <= 10_000, "display_order", "must be between 0 and 10000")
	return c.Err()
}

// LongestVisit is how long a visit lasts at most, without what is kept free after it.
const LongestVisit = 12 * time.Hour

// LongestBuffer is what is kept free before a visit, or after it, at most.
const LongestBuffer = 4 * time.Hour

// checkVisitMinutes bounds the length of a visit.
func checkVisitMinutes(c *errs.Check, path string, minutes int) {
	c.That(minutes >= 5 && time.Duration(minutes) <= LongestVisit/time.Minute, path, "must be between 5 and 720 minutes")
}

func checkBufferMinutes(c *errs.Check, path string, minutes int) {
	c.That(minutes >= 0 && time.Duration(minutes) <= LongestBuffer/time.Minute, path, "must be between 0 and 240")
}

func valueOr[T any](given *T, otherwise T) T {
	if given != nil {
		return *given
	}
	return otherwise
}
