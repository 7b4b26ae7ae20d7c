package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
)

// Clinic is the front desk of an entity: one WhatsApp number, several professionals.
type Clinic struct {
	TenantID                agenda.TenantID `json:"tenant_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de001"`
	EntityID                int64           `json:"entity_id" example:"3"`
	TenantName              string          `json:"tenant_name" example:"Clínica Moreira" doc:"As patients read it."`
	EvolutionInstanceName   *string         `json:"evolution_instance_name" example:"clinica-moreira" doc:"The instance of Evolution API; null when there is none."`
	HasWebhookToken         bool            `json:"has_webhook_token" example:"true" doc:"Whether evolution_webhook_token is set. The token itself is never shown."`
	GoogleOAuthCredentialID *string         `json:"google_oauth_credential_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de009" doc:"The connected Google account that holds the professionals' calendars; null while they are in the built-in calendar."`
	SystemPrompt            string          `json:"system_prompt" example:"" doc:"Template of the prompt; empty for the built-in one."`
	Timezone                string          `json:"timezone" example:"America/Sao_Paulo"`
	MinimumNoticeMinutes    int             `json:"minimum_notice_minutes" example:"60" doc:"A visit starts no sooner than this from now."`
	MaximumDaysAhead        int             `json:"maximum_days_ahead" example:"60" doc:"A visit starts no later than this from now."`
	HoldMinutes             int             `json:"hold_minutes" example:"10" doc:"How long a slot is kept while it is being booked."`
	CutOffMinutes           int             `json:"cut_off_minutes" example:"120" doc:"A visit is moved or cancelled no later than this before its start."`
	NationalHolidays        bool            `json:"national_holidays" example:"true" doc:"Closed on the country's public holidays."`
	Closures                []Closure       `json:"closures" doc:"Days on which nobody works, by the first."`
	BlockingCalendars       []string        `json:"blocking_calendars" example:"[\"pt.brazilian#holiday@group.v.calendar.google.com\"]" doc:"Calendars whose every event keeps everybody."`
	EventDetails            string          `json:"event_details" enum:"full,initials,none" example:"full" doc:"What of a patient is written into calendars."`
	Address                 string          `json:"address" example:"Rua das Flores, 100 - Centro, São Paulo" doc:"As patients who ask for it read it; empty when they are not told."`
	HandoffReturnMinutes    int             `json:"handoff_return_minutes" example:"720" doc:"How long after a person last wrote the assistant answers again."`
	ReminderMinutesBefore   []int           `json:"reminder_minutes_before" example:"[1440,120]" doc:"How long before a visit its patient is reminded, the longest first."`
	QuietHours              QuietHours      `json:"quiet_hours"`
	IsActive                bool            `json:"is_active" example:"true"`
	CreatedAt               time.Time       `json:"created_at" example:"2026-01-01T12:00:00Z"`
	UpdatedAt               time.Time       `json:"updated_at" example:"2026-01-01T12:00:00Z"`
}

// Closure is a span of days on which a clinic is closed.
type Closure struct {
	First agenda.Date `json:"first" format:"date" example:"2026-12-24"`
	Last  agenda.Date `json:"last" format:"date" example:"2027-01-02" doc:"Included."`
	Name  string      `json:"name,omitempty" maxLength:"100" example:"Recesso"`
}

// QuietHours is when patients get nothing that they have not asked for.
type QuietHours struct {
	From  agenda.LocalTime `json:"from" maxLength:"8" example:"21:00" doc:"In the clinic's zone."`
	Until agenda.LocalTime `json:"until" maxLength:"8" example:"08:00" doc:"The next day's when it is before from; none are quiet when both are the same."`
}

// ClinicDirectory is a clinic with everything that it offers.
type ClinicDirectory struct {
	Clinic
	Professionals []OfferedProfessional `json:"professionals" doc:"The active ones, in display order."`
}

// OfferedProfessional is a professional of a clinic with what the professional offers.
type OfferedProfessional struct {
	ClinicProfessional
	Services []Service `json:"services" doc:"The active ones, by name."`
}

// NewClinic is what a clinic is made of.
type NewClinic struct {
	EntityID                *int64      `json:"entity_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"3" doc:"Left out: the entity of an ENTITY_ADMIN. An entity has one clinic."`
	TenantName              string      `json:"tenant_name" minLength:"1" maxLength:"200" example:"Clínica Moreira"`
	EvolutionInstanceName   *string     `json:"evolution_instance_name,omitempty" nullable:"true" maxLength:"100" example:"clinica-moreira" doc:"Unique."`
	EvolutionWebhookToken   *string     `json:"evolution_webhook_token,omitempty" nullable:"true" maxLength:"254" writeOnly:"true" example:"a-long-random-webhook-token" doc:"What the instance sends as bearer token; at least 16 characters."`
	GoogleOAuthCredentialID *string     `json:"google_oauth_credential_id,omitempty" nullable:"true" maxLength:"254" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de009" doc:"An account that the entity has connected, or else unknown-reference. Connecting one sets it."`
	SystemPrompt            *string     `json:"system_prompt,omitempty" nullable:"true" maxLength:"32768" example:"PROFISSIONAIS DISPONÍVEIS:\n{{ professionals_list }}" doc:"Left out: the built-in template."`
	Timezone                *string     `json:"timezone,omitempty" nullable:"true" maxLength:"64" example:"America/Sao_Paulo" doc:"IANA name; America/Sao_Paulo when left out."`
	MinimumNoticeMinutes    *int        `json:"minimum_notice_minutes,omitempty" nullable:"true" minimum:"0" maximum:"43200" example:"60" doc:"60 when left out."`
	MaximumDaysAhead        *int        `json:"maximum_days_ahead,omitempty" nullable:"true" minimum:"1" maximum:"366" example:"60" doc:"60 when left out."`
	HoldMinutes             *int        `json:"hold_minutes,omitempty" nullable:"true" minimum:"1" maximum:"60" example:"10" doc:"10 when left out."`
	CutOffMinutes           int         `json:"cut_off_minutes,omitempty" minimum:"0" maximum:"43200" example:"120" doc:"A visit is moved or cancelled no later than this before its start."`
	NationalHolidays        *bool       `json:"national_holidays,omitempty" nullable:"true" example:"true" doc:"Closed on the country's public holidays, but for professionals with date_overrides of the day; true when left out."`
	Closures                []Closure   `json:"closures,omitempty" maxItems:"200" doc:"Days on which nobody works, but for professionals with date_overrides of the day."`
	BlockingCalendars       []string    `json:"blocking_calendars,omitempty" maxItems:"20" example:"[\"pt.brazilian#holiday@group.v.calendar.google.com\"]" doc:"Calendars whose every event keeps everybody, events that are marked as free too."`
	EventDetails            *string     `json:"event_details,omitempty" nullable:"true" enum:"full,initials,none" example:"initials" doc:"What of a patient is written into calendars; full when left out."`
	Address                 string      `json:"address,omitempty" maxLength:"300" example:"Rua das Flores, 100 - Centro, São Paulo" doc:"Told to patients who ask for it."`
	HandoffReturnMinutes    *int        `json:"handoff_return_minutes,omitempty" nullable:"true" minimum:"5" maximum:"10080" example:"720" doc:"How long after a person last wrote the assistant answers again; 720 when left out."`
	ReminderMinutesBefore   []int       `json:"reminder_minutes_before,omitempty" maxItems:"5" example:"[1440,120]" doc:"How long before a visit its patient is reminded, each 5 to 20160; 1440 and 120 when left out, never when empty."`
	QuietHours              *QuietHours `json:"quiet_hours,omitempty" doc:"From 21:00 until 08:00 when left out."`
}

// ClinicPatch changes parts of a clinic; its entity is for good.
type ClinicPatch struct {
	TenantName              Patch[string]         `json:"tenant_name,omitzero" minLength:"1" maxLength:"200" example:"Clínica Moreira"`
	EvolutionInstanceName   NullablePatch[string] `json:"evolution_instance_name,omitzero" maxLength:"100"`
	EvolutionWebhookToken   NullablePatch[string] `json:"evolution_webhook_token,omitzero" maxLength:"254" writeOnly:"true"`
	GoogleOAuthCredentialID NullablePatch[string] `json:"google_oauth_credential_id,omitzero" maxLength:"254" doc:"The account that the clinic has connected, or null for the built-in calendar; any other is unknown-reference."`
	SystemPrompt            NullablePatch[string] `json:"system_prompt,omitzero" maxLength:"32768" doc:"null for the built-in template."`
	Timezone                Patch[string]         `json:"timezone,omitzero" maxLength:"64" example:"America/Sao_Paulo"`
	MinimumNoticeMinutes    Patch[int]            `json:"minimum_notice_minutes,omitzero" minimum:"0" maximum:"43200" example:"120"`
	MaximumDaysAhead        Patch[int]            `json:"maximum_days_ahead,omitzero" minimum:"1" maximum:"366"`
	HoldMinutes             Patch[int]            `json:"hold_minutes,omitzero" minimum:"1" maximum:"60"`
	CutOffMinutes           Patch[int]            `json:"cut_off_minutes,omitzero" minimum:"0" maximum:"43200" example:"120"`
	NationalHolidays        Patch[bool]           `json:"national_holidays,omitzero"`
	Closures                Patch[[]Closure]      `json:"closures,omitzero" maxItems:"200"`
	BlockingCalendars       Patch[[]string]       `json:"blocking_calendars,omitzero" maxItems:"20"`
	EventDetails            Patch[string]         `json:"event_details,omitzero" enum:"full,initials,none"`
	Address                 NullablePatch[string] `json:"address,omitzero" maxLength:"300"`
	HandoffReturnMinutes    Patch[int]            `json:"handoff_return_minutes,omitzero" minimum:"5" maximum:"10080"`
	ReminderMinutesBefore   Patch[[]int]          `json:"reminder_minutes_before,omitzero" maxItems:"5" example:"[1440,120]"`
	QuietHours              Patch[QuietHours]     `json:"quiet_hours,omitzero"`
	IsActive                Patch[bool]           `json:"is_active,omitzero"`
}

// ByClinic is the path of a clinic.
type ByClinic struct {
	TenantID agenda.TenantID `path:"tenant_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de001"`
}

const day = 24 * time.Hour

func clinicOf(c agenda.Clinic) Clinic {
	return Clinic{
		TenantID: c.ID, EntityID: int64(c.EntityID), TenantName: c.Name,
		EvolutionInstanceName: nullText(c.EvolutionInstance), HasWebhookToken: c.WebhookToken != "",
		GoogleOAuthCredentialID: nullText(c.GoogleOAuthCredentialID), SystemPrompt: c.SystemPrompt, Timezone: c.TimeZone,
		MinimumNoticeMinutes: int(c.MinimumNotice / time.Minute), MaximumDaysAhead: int(c.MaximumAhead / day),
		HoldMinutes: int(c.HoldTime / time.Minute), CutOffMinutes: int(c.CutOff / time.Minute),
		NationalHolidays: c.NationalHolidays, Closures: mapped(c.Closures, func(v agenda.Closure) Closure { return Closure(v) }),
		BlockingCalendars: texts(c.BlockingCalendars), EventDetails: string(c.EventDetails),
		Address: c.Address, HandoffReturnMinutes: int(c.HandoffReturn / time.Minute),
		ReminderMinutesBefore: mapped(c.Reminders, func(d time.Duration) int { return int(d / time.Minute) }),
		QuietHours:            QuietHours(c.QuietHours), IsActive: c.Active, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
}

func (v Closure) core() agenda.Closure { return agenda.Closure(v) }

// changedAt implements changeable.
func (c Clinic) changedAt() time.Time { return c.UpdatedAt }

func clinicDirectoryOf(dir agenda.Directory) ClinicDirectory {
	out := ClinicDirectory{Clinic: clinicOf(dir.Clinic), Professionals: make([]OfferedProfessional, 0, len(dir.Professionals))}
	for _, p := range dir.Professionals {
		out.Professionals = append(out.Professionals, OfferedProfessional{
			ClinicProfessional: clinicProfessionalOf(p), Services: mapped(dir.ServicesOf(p.ID), serviceOf),
		})
	}
	return out
}

func (c NewClinic) params() agenda.ClinicParams {
	return agenda.ClinicParams{
		EntityID: idOf[clinic.EntityID](c.EntityID), Name: c.TenantName,
		EvolutionInstance: textOf[string](c.EvolutionInstanceName), WebhookToken: textOf[string](c.EvolutionWebhookToken),
		GoogleOAuthCredentialID: textOf[string](c.GoogleOAuthCredentialID), SystemPrompt: textOf[string](c.SystemPrompt),
		TimeZone: textOf[string](c.Timezone), MinimumNotice: durationOf(c.MinimumNoticeMinutes, time.Minute),
		MaximumAhead: durationOf(c.MaximumDaysAhead, day), HoldTime: durationOf(c.HoldMinutes, time.Minute),
		CutOff:           time.Duration(c.CutOffMinutes) * time.Minute,
		NationalHolidays: c.NationalHolidays, Closures: mapped(c.Closures, Closure.core), BlockingCalendars: c.BlockingCalendars,
		EventDetails: textOf[agenda.EventDetails](c.EventDetails), Address: c.Address,
		HandoffReturn: durationOf(c.HandoffReturnMinutes, time.Minute), Reminders: remindersOf(c.ReminderMinutesBefore),
		QuietHours: (*agenda.QuietHours)(c.QuietHours),
	}
}

// remindersOf keeps apart what was left out, nil, and what is empty.
func remindersOf(minutes []int) []time.Duration {
	if minutes == nil {
		return nil
	}
	out := make([]time.Duration, 0, len(minutes))
	for _, n := range minutes {
		out = append(out, time.Duration(n)*time.Minute)
	}
	return out
}

func (p ClinicPatch) patch() agenda.ClinicPatch {
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	return agenda.ClinicPatch{
		Name: p.TenantName.Of, EvolutionInstance: p.EvolutionInstanceName.Of, WebhookToken: p.EvolutionWebhookToken.Of,
		GoogleOAuthCredentialID: p.GoogleOAuthCredentialID.Of, SystemPrompt: p.SystemPrompt.Of, TimeZone: p.Timezone.Of,
		MinimumNotice: converted(p.MinimumNoticeMinutes.Of, minutes),
		MaximumAhead:  converted(p.MaximumDaysAhead.Of, func(n int) time.Duration { return time.Duration(n) * day }),
		HoldTime:      converted(p.HoldMinutes.Of, minutes), CutOff: converted(p.CutOffMinutes.Of, minutes),
		NationalHolidays: p.NationalHolidays.Of, BlockingCalendars: p.BlockingCalendars.Of,
		Closures:     converted(p.Closures.Of, func(list []Closure) []agenda.Closure { return mapped(list, Closure.core) }),
		EventDetails: converted(p.EventDetails.Of, func(s string) agenda.EventDetails { return agenda.EventDetails(s) }),
		Address:      p.Address.Of, HandoffReturn: converted(p.HandoffReturnMinutes.Of, minutes),
		Reminders:  converted(p.ReminderMinutesBefore.Of, remindersOf),
		QuietHours: converted(p.QuietHours.Of, func(q QuietHours) agenda.QuietHours { return agenda.QuietHours(q) }),
		Active:     p.IsActive.Of,
	}
}

func (s *server) registerClinics() {
	tags := []string{"clinics"}
	handle(s, huma.Operation{
		OperationID: "list-clinics", Method: http.MethodGet, Path: "/v1/clinics", Tags: tags,
		Summary: "List clinics",
	}, func(ctx context.Context, in *struct {
		PageQuery
		ActiveQuery
		EntityID int64  `query:"entity_id" minimum:"1" maximum:"2147483647"`
		Instance string `query:"evolution_instance_name" maxLength:"100" example:"clinica-moreira" doc:"Whose webhook is it? At most one clinic."`
	},
	) (*answer[List[Clinic]], error) {
		v, err := s.Clinics.List(ctx, actor(ctx), agenda.ClinicFilter{
			EntityID: clinic.EntityID(in.EntityID), Instance: in.Instance, Active: in.Active.pointer(),
		}, in.request())
		return listed(v, err, clinicOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-clinic", Method: http.MethodPost, Path: "/v1/clinics", Tags: tags,
		Summary:       "Open the front desk of an entity",
		Description:   "An entity has one (`clinic-exists`), and a WhatsApp instance belongs to one (`instance-taken`).",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *struct{ Body NewClinic }) (*created[Clinic], error) {
		v, err := s.Clinics.Create(ctx, actor(ctx), in.Body.params())
		return createdAt("/v1/clinics/", v.ID, v, err, clinicOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-clinic", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}", Tags: tags,
		Summary:     "Get a clinic with its professionals and their services",
		Description: "All that a workflow needs to answer a patient, in one call.",
	}, func(ctx context.Context, in *ByClinic) (*answer[ClinicDirectory], error) {
		v, err := s.Clinics.Directory(ctx, actor(ctx), in.TenantID)
		return reply(v, err, clinicDirectoryOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-clinic", Method: http.MethodPatch, Path: "/v1/clinics/{tenant_id}", Tags: tags,
		Summary: "Change a clinic",
		Errors:  []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByClinic
		IfMatchHeader
		Body ClinicPatch
	},
	) (*answer[ClinicDirectory], error) {
		if _, err := s.Clinics.Update(ctx, actor(ctx), in.TenantID, in.Body.patch(), in.match()); err != nil {
			return nil, err
		}
		v, err := s.Clinics.Directory(ctx, actor(ctx), in.TenantID)
		return reply(v, err, clinicDirectoryOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-clinic", Method: http.MethodDelete, Path: "/v1/clinics/{tenant_id}", Tags: tags,
		Summary:     "Deactivate a clinic",
		Description: "A soft delete: the record stays, with `is_active` false, and its WhatsApp number is no longer answered.",
	}, func(ctx context.Context, in *struct {
		ByClinic
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Clinics.Delete(ctx, actor(ctx), in.TenantID, in.match())
	})
	s.registerClinicSearch()
}
