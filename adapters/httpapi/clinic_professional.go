package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/service"
)

// ClinicProfessional is a professional's agenda at a clinic, with a calendar that is nobody else's.
type ClinicProfessional struct {
	ProfessionalID              agenda.ClinicProfessionalID `json:"professional_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002"`
	TenantID                    agenda.TenantID             `json:"tenant_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de001"`
	DirectoryProfessionalID     int64                       `json:"directory_professional_id" example:"11" doc:"The person, at /v1/professionals."`
	ProfessionalName            string                      `json:"professional_name" example:"Dra. Maria Costa"`
	ProfessionalSlug            string                      `json:"professional_slug" example:"dra-maria-costa"`
	Specialty                   string                      `json:"specialty" example:"Dermatologista"`
	SpecialtyKeywords           []string                    `json:"specialty_keywords" example:"[\"pele\",\"manchas\"]" doc:"What patients say instead."`
	GoogleCalendarID            string                      `json:"google_calendar_id" example:"maria.costa@group.calendar.google.com"`
	GoogleCalendarLabel         string                      `json:"google_calendar_label" example:"Agenda Dra. Maria"`
	ConsultationDurationDefault int                         `json:"consultation_duration_default" example:"30" doc:"Of a visit without a service, in minutes."`
	BufferTimeMinutes           int                         `json:"buffer_time_minutes" example:"10" doc:"Kept free after each visit."`
	BufferBeforeMinutes         int                         `json:"buffer_before_minutes" example:"0" doc:"Kept free before each visit."`
	SlotIntervalMinutes         int                         `json:"slot_interval_minutes" example:"0" doc:"From one start to the next; 0 for the length of the visit."`
	Timezone                    *string                     `json:"timezone" example:"America/Manaus" doc:"Of the hours and dates below; null for the clinic's."`
	WorkingHoursStart           agenda.LocalTime            `json:"working_hours_start" example:"08:00"`
	WorkingHoursEnd             agenda.LocalTime            `json:"working_hours_end" example:"18:00"`
	WorkingDays                 []int                       `json:"working_days" example:"[1,2,3,4,5]" doc:"0 is Sunday."`
	WorkingHours                []WorkingHours              `json:"working_hours" doc:"Several windows a day; when there are any they replace working_hours_start, working_hours_end and working_days."`
	DateOverrides               []DateOverride              `json:"date_overrides" doc:"Dates with other hours, or none, by date."`
	MaxVisitsPerDay             int                         `json:"max_visits_per_day" example:"0" doc:"0 for any number."`
	MaxMinutesPerDay            int                         `json:"max_minutes_per_day" example:"0" doc:"Of visits, without what is kept free around them; 0 for any number."`
	IsActive                    bool                        `json:"is_active" example:"true"`
	DisplayOrder                int                         `json:"display_order" example:"2"`
	CreatedAt                   time.Time                   `json:"created_at" example:"2026-01-01T12:00:00Z"`
	UpdatedAt                   time.Time                   `json:"updated_at" example:"2026-01-01T12:00:00Z"`
}

// NewClinicProfessional is what a professional's agenda at a clinic is made of.
type NewClinicProfessional struct {
	DirectoryProfessionalID     *int64            `json:"directory_professional_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"11" doc:"Somebody who is in /v1/professionals already. Otherwise give a phone_number, which registers a new person."`
	PhoneNumber                 *string           `json:"phone_number,omitempty" nullable:"true" maxLength:"40" example:"+5511955550022" doc:"Of a new person."`
	Email                       *string           `json:"email,omitempty" nullable:"true" maxLength:"254" doc:"Of a new person."`
	LicenseNumber               *string           `json:"license_number,omitempty" nullable:"true" maxLength:"100" doc:"Of a new person."`
	DepartmentID                *int64            `json:"department_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"5" doc:"The department of the membership that is made."`
	ProfessionalName            string            `json:"professional_name" minLength:"1" maxLength:"200" example:"Dra. Maria Costa" doc:"With the title, as patients read it."`
	ProfessionalSlug            *string           `json:"professional_slug,omitempty" nullable:"true" maxLength:"100" example:"dra-maria-costa" doc:"Unique in the clinic; made of the name when left out."`
	Specialty                   string            `json:"specialty" minLength:"1" maxLength:"200" example:"Dermatologista"`
	SpecialtyKeywords           []string          `json:"specialty_keywords,omitempty" maxItems:"100" example:"[\"pele\",\"manchas\"]"`
	GoogleCalendarID            string            `json:"google_calendar_id" minLength:"1" maxLength:"255" example:"maria.costa@group.calendar.google.com" doc:"Unique in the clinic."`
	GoogleCalendarLabel         *string           `json:"google_calendar_label,omitempty" nullable:"true" maxLength:"100" example:"Agenda Dra. Maria"`
	ConsultationDurationDefault *int              `json:"consultation_duration_default,omitempty" nullable:"true" minimum:"5" maximum:"720" example:"30" doc:"30 when left out."`
	BufferTimeMinutes           *int              `json:"buffer_time_minutes,omitempty" nullable:"true" minimum:"0" maximum:"240" example:"10" doc:"10 when left out."`
	WorkingHoursStart           *agenda.LocalTime `json:"working_hours_start,omitempty" nullable:"true" maxLength:"8" example:"08:00" doc:"08:00 when left out."`
	WorkingHoursEnd             *agenda.LocalTime `json:"working_hours_end,omitempty" nullable:"true" maxLength:"8" example:"18:00" doc:"18:00 when left out."`
	WorkingDays                 []Weekday         `json:"working_days,omitempty" maxItems:"7" example:"[1,2,3,4,5]" doc:"0 is Sunday; Monday to Friday when left out."`
	BufferBeforeMinutes         int               `json:"buffer_before_minutes,omitempty" minimum:"0" maximum:"240" example:"5" doc:"Kept free before each visit."`
	SlotIntervalMinutes         int               `json:"slot_interval_minutes,omitempty" minimum:"0" maximum:"720" example:"30" doc:"From one start to the next, at least 5; 0 for the length of the visit."`
	Timezone                    *string           `json:"timezone,omitempty" nullable:"true" maxLength:"64" example:"America/Manaus" doc:"IANA name of the zone of the hours and dates; the clinic's when left out."`
	WorkingHours                []WorkingHours    `json:"working_hours,omitempty" maxItems:"50" doc:"Several windows a day; when there are any they replace working_hours_start, working_hours_end and working_days. One that ends at or before its start ends on the next day."`
	DateOverrides               []DateOverride    `json:"date_overrides,omitempty" maxItems:"400" doc:"Dates with other hours, or none, each once. They hold on a holiday and when the clinic is closed, too."`
	MaxVisitsPerDay             int               `json:"max_visits_per_day,omitempty" minimum:"0" maximum:"300" example:"12" doc:"0 for any number."`
	MaxMinutesPerDay            int               `json:"max_minutes_per_day,omitempty" minimum:"0" maximum:"1440" example:"480" doc:"Of visits, without what is kept free around them; 0 for any number."`
	DisplayOrder                int               `json:"display_order,omitempty" minimum:"0" maximum:"10000" example:"2"`
}

// ClinicProfessionalPatch changes parts of a professional's agenda; whose it is and where are for good.
type ClinicProfessionalPatch struct {
	ProfessionalName            Patch[string]           `json:"professional_name,omitzero" minLength:"1" maxLength:"200" example:"Dra. Maria Costa"`
	ProfessionalSlug            Patch[string]           `json:"professional_slug,omitzero" minLength:"1" maxLength:"100"`
	Specialty                   Patch[string]           `json:"specialty,omitzero" minLength:"1" maxLength:"200"`
	SpecialtyKeywords           Patch[[]string]         `json:"specialty_keywords,omitzero" maxItems:"100"`
	GoogleCalendarID            Patch[string]           `json:"google_calendar_id,omitzero" minLength:"1" maxLength:"255"`
	GoogleCalendarLabel         NullablePatch[string]   `json:"google_calendar_label,omitzero" maxLength:"100"`
	ConsultationDurationDefault Patch[int]              `json:"consultation_duration_default,omitzero" minimum:"5" maximum:"720" example:"45"`
	BufferTimeMinutes           Patch[int]              `json:"buffer_time_minutes,omitzero" minimum:"0" maximum:"240"`
	WorkingHoursStart           Patch[agenda.LocalTime] `json:"working_hours_start,omitzero" maxLength:"8" example:"09:00"`
	WorkingHoursEnd             Patch[agenda.LocalTime] `json:"working_hours_end,omitzero" maxLength:"8"`
	WorkingDays                 Patch[[]Weekday]        `json:"working_days,omitzero" maxItems:"7"`
	BufferBeforeMinutes         Patch[int]              `json:"buffer_before_minutes,omitzero" minimum:"0" maximum:"240"`
	SlotIntervalMinutes         Patch[int]              `json:"slot_interval_minutes,omitzero" minimum:"0" maximum:"720"`
	Timezone                    NullablePatch[string]   `json:"timezone,omitzero" maxLength:"64" doc:"null for the clinic's."`
	WorkingHours                Patch[[]WorkingHours]   `json:"working_hours,omitzero" maxItems:"50"`
	DateOverrides               Patch[[]DateOverride]   `json:"date_overrides,omitzero" maxItems:"400"`
	MaxVisitsPerDay             Patch[int]              `json:"max_visits_per_day,omitzero" minimum:"0" maximum:"300"`
	MaxMinutesPerDay            Patch[int]              `json:"max_minutes_per_day,omitzero" minimum:"0" maximum:"1440"`
	IsActive                    Patch[bool]             `json:"is_active,omitzero"`
	DisplayOrder                Patch[int]              `json:"display_order,omitzero" minimum:"0" maximum:"10000"`
}

// Weekday is a day of the week, 0 for Sunday to 6. It is read from a number, and from the text that document 2's column
// default has: "1".
type Weekday int

// UnmarshalJSON implements json.Unmarshaler.
func (d *Weekday) UnmarshalJSON(raw []byte) error {
	if text, err := strconv.Unquote(string(raw)); err == nil {
		raw = []byte(text)
	}
	var n int
	if json.Unmarshal(raw, &n) != nil || n < 0 || n > 6 {
		return errs.New(errs.Invalid, "invalid-input", "a day must be 0 (Sunday) to 6 (Saturday)")
	}
	*d = Weekday(n)
	return nil
}

// Schema implements huma.SchemaProvider.
func (Weekday) Schema(huma.Registry) *huma.Schema {
	least, most := 0.0, 6.0
	return &huma.Schema{AnyOf: []*huma.Schema{
		{Type: huma.TypeInteger, Minimum: &least, Maximum: &most},
		{Type: huma.TypeString, Enum: []any{"0", "1", "2", "3", "4", "5", "6"}},
	}}
}

func (d Weekday) core() time.Weekday { return time.Weekday(d) }

// ByClinicProfessional is the path of a professional's agenda at a clinic.
type ByClinicProfessional struct {
	ByClinic
	ProfessionalID agenda.ClinicProfessionalID `path:"professional_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002"`
}

func clinicProfessionalOf(p agenda.ClinicProfessional) ClinicProfessional {
	return ClinicProfessional{
		ProfessionalID: p.ID, TenantID: p.TenantID, DirectoryProfessionalID: int64(p.ProfessionalID),
		ProfessionalName: p.Name, ProfessionalSlug: p.Slug, Specialty: p.Specialty, SpecialtyKeywords: texts(p.SpecialtyKeywords),
		GoogleCalendarID: p.GoogleCalendarID, GoogleCalendarLabel: p.GoogleCalendarLabel,
		ConsultationDurationDefault: p.ConsultationMinutes, BufferTimeMinutes: p.BufferMinutes,
		WorkingHoursStart: p.WorkingStart, WorkingHoursEnd: p.WorkingEnd,
		WorkingDays:         mapped(p.WorkingDays, func(d time.Weekday) int { return int(d) }),
		BufferBeforeMinutes: p.BufferBeforeMinutes, SlotIntervalMinutes: p.SlotMinutes, Timezone: nullText(p.TimeZone),
		WorkingHours: mapped(p.WorkingHours, workingHoursOf), DateOverrides: mapped(p.DateOverrides, dateOverrideOf),
		MaxVisitsPerDay: p.MaxVisitsPerDay, MaxMinutesPerDay: p.MaxMinutesPerDay,
		IsActive: p.Active, DisplayOrder: p.DisplayOrder, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
}

// changedAt implements changeable.
func (p ClinicProfessional) changedAt() time.Time { return p.UpdatedAt }

func (p NewClinicProfessional) params() service.NewClinicProfessional {
	out := service.NewClinicProfessional{
		ClinicProfessionalParams: agenda.ClinicProfessionalParams{
			ProfessionalID: idOf[clinic.ProfessionalID](p.DirectoryProfessionalID), Name: p.ProfessionalName,
			Slug: textOf[string](p.ProfessionalSlug), Specialty: p.Specialty, SpecialtyKeywords: p.SpecialtyKeywords,
			GoogleCalendarID: p.GoogleCalendarID, GoogleCalendarLabel: textOf[string](p.GoogleCalendarLabel),
			ConsultationMinutes: p.ConsultationDurationDefault, BufferMinutes: p.BufferTimeMinutes,
			WorkingStart: p.WorkingHoursStart, WorkingEnd: p.WorkingHoursEnd, DisplayOrder: p.DisplayOrder,
			BufferBeforeMinutes: p.BufferBeforeMinutes, SlotMinutes: p.SlotIntervalMinutes, TimeZone: textOf[string](p.Timezone),
			WorkingHours: mapped(p.WorkingHours, WorkingHours.core), DateOverrides: mapped(p.DateOverrides, DateOverride.core),
			MaxVisitsPerDay: p.MaxVisitsPerDay, MaxMinutesPerDay: p.MaxMinutesPerDay,
		},
		DepartmentID: idOf[clinic.DepartmentID](p.DepartmentID),
	}
	if p.WorkingDays != nil {
		out.WorkingDays = mapped(p.WorkingDays, Weekday.core)
	}
	if p.PhoneNumber != nil || p.Email != nil || p.LicenseNumber != nil {
		out.Person = &clinic.ProfessionalParams{
			PhoneNumber: textOf[string](p.PhoneNumber), Email: textOf[string](p.Email), LicenseNumber: textOf[string](p.LicenseNumber),
		}
	}
	return out
}

func (p ClinicProfessionalPatch) patch() agenda.ClinicProfessionalPatch {
	return agenda.ClinicProfessionalPatch{
		Name: p.ProfessionalName.Of, Slug: p.ProfessionalSlug.Of, Specialty: p.Specialty.Of,
		SpecialtyKeywords: p.SpecialtyKeywords.Of, GoogleCalendarID: p.GoogleCalendarID.Of,
		GoogleCalendarLabel: p.GoogleCalendarLabel.Of, ConsultationMinutes: p.ConsultationDurationDefault.Of,
		BufferMinutes: p.BufferTimeMinutes.Of, WorkingStart: p.WorkingHoursStart.Of, WorkingEnd: p.WorkingHoursEnd.Of,
		WorkingDays:         converted(p.WorkingDays.Of, func(days []Weekday) []time.Weekday { return mapped(days, Weekday.core) }),
		BufferBeforeMinutes: p.BufferBeforeMinutes.Of, SlotMinutes: p.SlotIntervalMinutes.Of, TimeZone: p.Timezone.Of,
		WorkingHours: converted(p.WorkingHours.Of, func(list []WorkingHours) []agenda.WeeklyHours {
			return mapped(list, WorkingHours.core)
		}),
		DateOverrides: converted(p.DateOverrides.Of, func(list []DateOverride) []agenda.DateOverride {
			return mapped(list, DateOverride.core)
		}),
		MaxVisitsPerDay: p.MaxVisitsPerDay.Of, MaxMinutesPerDay: p.MaxMinutesPerDay.Of,
		Active: p.IsActive.Of, DisplayOrder: p.DisplayOrder.Of,
	}
}

func (s *server) registerClinicProfessionals() {
	tags := []string{"clinics"}
	const collection, one = "/v1/clinics/{tenant_id}/professionals", "/v1/clinics/{tenant_id}/professionals/{professional_id}"
	handle(s, huma.Operation{
		OperationID: "list-clinic-professionals", Method: http.MethodGet, Path: collection, Tags: tags,
		Summary: "List the professionals of a clinic",
	}, func(ctx context.Context, in *struct {
		ByClinic
		PageQuery
		ActiveQuery
	},
	) (*answer[List[ClinicProfessional]], error) {
		v, err := s.Clinics.Professionals(ctx, actor(ctx),
			agenda.ClinicProfessionalFilter{TenantID: in.TenantID, Active: in.Active.pointer()}, in.request())
		return listed(v, err, clinicProfessionalOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-clinic-professional", Method: http.MethodPost, Path: collection, Tags: tags,
		Summary: "Open a professional's agenda at a clinic",
		Description: "Name a professional of the directory, or give a phone number to register a new one. The membership in the clinic's " +
			"entity is made too. Two professionals of a clinic never share a calendar (`calendar-taken`).",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByClinic
		Body NewClinicProfessional
	},
	) (*created[ClinicProfessional], error) {
		v, err := s.Clinics.AddProfessional(ctx, actor(ctx), in.TenantID, in.Body.params())
		return createdAt("/v1/clinics/"+in.TenantID.String()+"/professionals/", v.ID, v, err, clinicProfessionalOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-clinic-professional", Method: http.MethodGet, Path: one, Tags: tags,
		Summary: "Get a professional of a clinic",
	}, func(ctx context.Context, in *ByClinicProfessional) (*answer[ClinicProfessional], error) {
		v, err := s.Clinics.Professional(ctx, actor(ctx), in.TenantID, in.ProfessionalID)
		return reply(v, err, clinicProfessionalOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-clinic-professional", Method: http.MethodPatch, Path: one, Tags: tags,
		Summary:     "Change a professional of a clinic",
		Description: "The calendar cannot change while visits are coming on the present one (`calendar-in-use`).",
		Errors:      []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByClinicProfessional
		IfMatchHeader
		Body ClinicProfessionalPatch
	},
	) (*answer[ClinicProfessional], error) {
		v, err := s.Clinics.UpdateProfessional(ctx, actor(ctx), in.TenantID, in.ProfessionalID, in.Body.patch(), in.match())
		return reply(v, err, clinicProfessionalOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-clinic-professional", Method: http.MethodDelete, Path: one, Tags: tags,
		Summary:     "Deactivate a professional of a clinic",
		Description: "The professional is no longer offered; visits that are booked stay.",
	}, func(ctx context.Context, in *struct {
		ByClinicProfessional
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Clinics.RemoveProfessional(ctx, actor(ctx), in.TenantID, in.ProfessionalID, in.match())
	})
}
