package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
)

// Consent is where the owner of a Google account is asked for consent.
type Consent struct {
	AuthorizationURL string    `json:"authorization_url" example:"https://accounts.google.com/o/oauth2/auth?client_id=1-x.apps.googleusercontent.com&state=AQ" doc:"To be opened in a browser, by the owner of the account."`
	ExpiresAt        time.Time `json:"expires_at" example:"2026-12-01T12:10:00Z" doc:"Until when the owner may answer."`
}

// AccountCalendar is a calendar that the clinic's account can see.
type AccountCalendar struct {
	ID               string                       `json:"id" example:"maria.costa@group.calendar.google.com" doc:"What a professional's google_calendar_id is."`
	Name             string                       `json:"name" example:"Dra. Maria Costa"`
	Timezone         string                       `json:"timezone" example:"America/Sao_Paulo"`
	IsPrimary        bool                         `json:"is_primary" example:"false" doc:"The account's own calendar."`
	IsWritable       bool                         `json:"is_writable" example:"true" doc:"Whether events can be written: what a professional's calendar needs."`
	ProfessionalID   *agenda.ClinicProfessionalID `json:"professional_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002" doc:"Which professional has it; null when none has."`
	ProfessionalName *string                      `json:"professional_name" example:"Dra. Maria Costa"`
}

// AccountCalendars is the calendars that a clinic's account can see.
type AccountCalendars struct {
	Items []AccountCalendar `json:"items" doc:"The account's own calendar first."`
}

// ClinicHealth is how a clinic does.
type ClinicHealth struct {
	Status string        `json:"status" enum:"ok,degraded,down" example:"down" doc:"The worst of the checks."`
	Checks []HealthCheck `json:"checks"`
}

// HealthCheck is how one component of a clinic does.
type HealthCheck struct {
	Component        string                       `json:"component" example:"calendar" doc:"google-account, calendar or whatsapp; there may be others later."`
	ProfessionalID   *agenda.ClinicProfessionalID `json:"professional_id,omitempty" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002" doc:"Whose calendar."`
	ProfessionalName *string                      `json:"professional_name,omitempty" example:"Dra. Maria Costa"`
	Status           string                       `json:"status" enum:"ok,degraded,down" example:"down"`
	Problem          *string                      `json:"problem,omitempty" example:"calendar-read-only" doc:"A code. Of the account: not-connected, calendar-access-lost, calendar-not-connected, calendar-unavailable, calendar-unconfigured, encryption-unconfigured, sealed-with-unknown-key. Of a calendar: calendar-unreadable, calendar-read-only, calendar-not-listed, not-checked, changes-unseen. Of WhatsApp: not-connected, whatsapp-unconfigured, whatsapp-connecting, whatsapp-logged-out, whatsapp-closed, whatsapp-unavailable, whatsapp-unauthorized, whatsapp-instance-unknown."`
	Since            *time.Time                   `json:"since,omitempty" example:"2026-12-01T12:00:00Z" doc:"Since when, if that is known."`
	Action           *string                      `json:"action,omitempty" example:"Visits cannot be written. Share the calendar with the connected account with the right to change events." doc:"What to do about it."`
}

func accountCalendarOf(c service.CalendarChoice) AccountCalendar {
	out := AccountCalendar{ID: c.ID, Name: c.Name, Timezone: c.TimeZone, IsPrimary: c.Primary, IsWritable: c.Writable}
	if p := c.Professional; p != nil {
		out.ProfessionalID, out.ProfessionalName = &p.ID, &p.Name
	}
	return out
}

func clinicHealthOf(h service.Health) ClinicHealth {
	return ClinicHealth{Status: string(h.Status), Checks: mapped(h.Checks, func(c service.HealthCheck) HealthCheck {
		out := HealthCheck{Component: c.Component, Status: string(c.Status), Problem: nullText(c.Problem), Action: nullText(c.Action)}
		if p := c.Professional; p != nil {
			out.ProfessionalID, out.ProfessionalName = &p.ID, &p.Name
		}
		if !c.Since.IsZero() {
			out.Since = &c.Since
		}
		return out
	})}
}

func (s *server) registerClinicCalendars() {
	tags := []string{"clinics"}
	handle(s, huma.Operation{
		OperationID: "connect-google", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/google/connect", Tags: tags,
		Summary: "Begin to connect the Google account of a clinic",
		Description: "Open `authorization_url` in a browser, as the owner of the account that holds the professionals' calendars. Google sends the browser " +
			"back to this service, which shows what was connected. From then on the clinic's events are on Google and nowhere else; an account that was " +
			"connected before is disconnected. Users of the back office only. Nothing changes before the owner has agreed.",
		Errors: []int{http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *ByClinic) (*answer[Consent], error) {
		url, expires, err := s.CalendarAccounts.Connect(ctx, actor(ctx), in.TenantID)
		return reply(Consent{url, expires}, err, func(c Consent) Consent { return c })
	})
	handle(s, huma.Operation{
		OperationID: "list-google-calendars", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/google/calendars", Tags: tags,
		Summary:     "List the calendars of a clinic's Google account",
		Description: "To choose from for the `google_calendar_id` of a professional. `calendar-not-connected` when the clinic has connected no account.",
		Errors:      []int{http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *ByClinic) (*answer[AccountCalendars], error) {
		v, err := s.CalendarAccounts.Calendars(ctx, actor(ctx), in.TenantID)
		return reply(v, err, func(v []service.CalendarChoice) AccountCalendars {
			return AccountCalendars{mapped(v, accountCalendarOf)}
		})
	})
	handle(s, huma.Operation{
		OperationID: "disconnect-google", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/google/disconnect", DefaultStatus: http.StatusNoContent, Tags: tags,
		Summary:     "Disconnect the Google account of a clinic",
		Description: "The access is given back to Google, and the clinic keeps its events in the built-in calendar from then on. What is in the Google calendars stays there.",
	}, func(ctx context.Context, in *ByClinic) (*struct{}, error) {
		return nil, s.CalendarAccounts.Disconnect(ctx, actor(ctx), in.TenantID)
	})
	handle(s, huma.Operation{
		OperationID: "get-clinic-health", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/health", Tags: tags,
		Summary:     "See whether what a clinic depends on works",
		Description: "For its owner: each check says what is wrong, and what to do about it. It asks Google and the WhatsApp server themselves, for a few seconds at most.",
	}, func(ctx context.Context, in *ByClinic) (*answer[ClinicHealth], error) {
		v, err := s.Healths.Of(ctx, actor(ctx), in.TenantID)
		return reply(v, err, clinicHealthOf)
	})
}
