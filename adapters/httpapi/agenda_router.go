package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/service"
)

// CalendarOperation is an operation on the calendar of one professional.
type CalendarOperation struct {
	ProfessionalID agenda.ClinicProfessionalID `json:"professional_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002" doc:"Whose calendar. The service finds it."`
	Operation      string                      `json:"operation" minLength:"1" maxLength:"40" example:"create-event" doc:"list-events, get-event, create-event, update-event, delete-event or get-freebusy. Underscores and the short names (create) are fine."`
	EventData      CalendarEventData           `json:"event_data,omitzero"`
}

// CalendarEventData is what a calendar operation is about.
type CalendarEventData struct {
	CalendarID       *string           `json:"calendar_id,omitempty" nullable:"true" maxLength:"255" doc:"What the caller takes for the professional's calendar. It is checked and never used: another one is refused."`
	CalendarIDCamel  *string           `json:"calendarId,omitempty" nullable:"true" maxLength:"255" doc:"The same as calendar_id."`
	GoogleCalendarID *string           `json:"google_calendar_id,omitempty" nullable:"true" maxLength:"255" doc:"The same as calendar_id."`
	EventID          *string           `json:"event_id,omitempty" nullable:"true" maxLength:"1024" example:"sec01985c1e7f3a7a108a530f4b7c1de004" doc:"For get-event, update-event and delete-event."`
	Start            *time.Time        `json:"start,omitempty" nullable:"true" example:"2026-12-01T09:00:00-03:00" doc:"Of the event."`
	End              *time.Time        `json:"end,omitempty" nullable:"true" doc:"Of the event. How long a visit is follows from the professional and the service, so this is not used for writing."`
	TimeMin          *time.Time        `json:"time_min,omitempty" nullable:"true" doc:"Of the period that is read; now when left out."`
	TimeMax          *time.Time        `json:"time_max,omitempty" nullable:"true" doc:"Of the period that is read; 7 days after time_min when left out, at most 92."`
	ServiceID        *agenda.ServiceID `json:"service_id,omitempty" nullable:"true" format:"uuid"`
	Summary          *string           `json:"summary,omitempty" nullable:"true" maxLength:"200" example:"Ana Pereira" doc:"The patient's name, when patient is left out."`
	Description      *string           `json:"description,omitempty" nullable:"true" maxLength:"2000" doc:"Notes of a new event; the reason of a removal."`
	Patient          *Patient          `json:"patient,omitempty"`
}

// CalendarResult is what a calendar operation led to.
type CalendarResult struct {
	Operation        string                      `json:"operation" example:"create-event"`
	ProfessionalID   agenda.ClinicProfessionalID `json:"professional_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002"`
	GoogleCalendarID string                      `json:"google_calendar_id" example:"maria.costa@group.calendar.google.com" doc:"The calendar that was used: the professional's own."`
	Events           []CalendarEvent             `json:"events,omitzero" doc:"Of list-events and get-event."`
	Busy             []BusySlot                  `json:"busy,omitzero" doc:"Of get-freebusy."`
	Appointment      *Appointment                `json:"appointment,omitempty" doc:"Of create-event, update-event and delete-event."`
}

// CalendarEvent is an entry of a calendar.
type CalendarEvent struct {
	EventID        string                       `json:"event_id" example:"sec01985c1e7f3a7a108a530f4b7c1de004"`
	ProfessionalID *agenda.ClinicProfessionalID `json:"professional_id" format:"uuid" doc:"null when the event is not one of this service's."`
	AppointmentID  *agenda.AppointmentID        `json:"appointment_id" format:"uuid" doc:"null when the event is not one of this service's."`
	Summary        string                       `json:"summary" example:"Consulta - Ana Pereira"`
	Description    string                       `json:"description" example:"Profissional: Dra. Maria Costa (Dermatologista)"`
	Start          time.Time                    `json:"start" example:"2026-12-01T12:00:00Z"`
	End            time.Time                    `json:"end" example:"2026-12-01T12:30:00Z"`
}

// BusySlot is a time taken in a calendar.
type BusySlot struct {
	Slot
	EventID *string `json:"event_id" doc:"null when the calendar does not tell."`
}

func calendarResultOf(r service.Routed) CalendarResult {
	out := CalendarResult{Operation: r.Operation, ProfessionalID: r.Calendar.ProfessionalID, GoogleCalendarID: r.Calendar.ID}
	switch {
	case r.Appointment != nil:
		a := appointmentOf(*r.Appointment)
		out.Appointment = &a
	case r.Operation == "get-freebusy":
		out.Busy = mapped(r.Busy, func(b agenda.Busy) BusySlot {
			return BusySlot{Slot: slotOf(b.Interval), EventID: nullText(b.EventID)}
		})
	default:
		out.Events = mapped(r.Events, calendarEventOf)
	}
	return out
}

func calendarEventOf(e agenda.Event) CalendarEvent {
	return CalendarEvent{
		EventID: e.ID, ProfessionalID: nullKey(e.ProfessionalID), AppointmentID: nullKey(e.AppointmentID),
		Summary: e.Summary, Description: e.Description, Start: e.Start, End: e.End,
	}
}

func (o CalendarOperation) params(tenant agenda.TenantID) (service.RouteParams, error) {
	e := o.EventData
	calendar, err := e.calendar()
	if err != nil {
		return service.RouteParams{}, err
	}
	p := service.RouteParams{
		Tenant: tenant, Professional: o.ProfessionalID, Operation: o.Operation, CalendarID: calendar,
		EventID: textOf[string](e.EventID), Start: firstTime(e.Start, e.TimeMin), End: firstTime(e.End, e.TimeMax),
		Service: keyOf(e.ServiceID), Patient: agenda.Patient{Name: textOf[string](e.Summary)}, Notes: textOf[string](e.Description),
	}
	if e.Patient != nil {
		p.Patient = e.Patient.core()
	}
	return p, nil
}

// calendar is the calendar that the caller believes in, under whichever name it came.
func (e CalendarEventData) calendar() (string, error) {
	named := ""
	for _, given := range []*string{e.CalendarID, e.CalendarIDCamel, e.GoogleCalendarID} {
		id := textOf[string](given)
		if id != "" && named != "" && id != named {
			return "", errs.InvalidField("body.event_data.calendar_id", "must name one calendar")
		}
		if id != "" {
			named = id
		}
	}
	return named, nil
}

func firstTime(times ...*time.Time) time.Time {
	for _, t := range times {
		if t != nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

func (s *server) registerCalendarRouter() {
	handle(s, huma.Operation{
		OperationID: "route-calendar", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/calendar-router", Tags: []string{"agenda"},
		Summary: "Run an operation on a professional's own calendar",
		Description: "For agents and workflows that speak in terms of a calendar. They name the professional; the service finds the calendar, " +
			"and refuses any other (`calendar-mismatch`), which is audited. Writing follows the rules of appointments.",
		Errors: []int{http.StatusForbidden, http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct {
		ByClinic
		Body CalendarOperation
	},
	) (*answer[CalendarResult], error) {
		p, err := in.Body.params(in.TenantID)
		if err != nil {
			return nil, err
		}
		v, err := s.Agenda.Route(ctx, actor(ctx), p)
		return reply(v, err, calendarResultOf)
	})
}
