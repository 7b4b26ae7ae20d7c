package service

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

// RouteParams is an operation on the calendar of one professional. It exists for agents and workflows that speak in
// terms of a calendar: they name the professional, and the service finds the calendar.
type RouteParams struct {
	Tenant       agenda.TenantID
	Professional agenda.ClinicProfessionalID
	Operation    string // list-events, get-event, create-event, update-event, delete-event or get-freebusy
	CalendarID   string // what the caller believes the calendar to be; a mismatch is refused
	EventID      string
	Start        time.Time // of the event, or of the period that is read
	End          time.Time
	Service      agenda.ServiceID
	Patient      agenda.Patient
	Notes        string
}

// Routed is what an operation led to.
type Routed struct {
	Operation   string
	Calendar    agenda.Calendar
	Events      []agenda.Event
	Busy        []agenda.Busy
	Appointment *agenda.Appointment
}

// CalendarOwner returns the professional of a clinic whose calendar an id names. An id that is nobody's is Forbidden
// "calendar-mismatch", a security event: the account may see that calendar, but it is not for visits. Errors: also NotFound.
func (s *Agenda) CalendarOwner(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, calendarID string) (agenda.ClinicProfessional, error) {
	dir, err := s.Directory(ctx, actor, tenant)
	if err != nil {
		return agenda.ClinicProfessional{}, err
	}
	for _, p := range dir.Professionals {
		if p.GoogleCalendarID == calendarID {
			return p, nil
		}
	}
	s.security(ctx, actor, agenda.ClinicProfessional{TenantID: tenant, EntityID: dir.Clinic.EntityID}, "calendar-owner")
	return agenda.ClinicProfessional{}, agenda.ErrCalendarMismatch()
}

// Route runs an operation on the professional's own calendar. Writing goes through the same rules as any booking, so an
// event can be neither double nor on another calendar. Errors: NotFound, Invalid, and those of Book.
func (s *Agenda) Route(ctx context.Context, actor identity.Actor, p RouteParams) (Routed, error) {
	if err := actor.Require(routePermission(p.Operation)); err != nil {
		return Routed{}, err
	}
	professional, err := professionalOf(ctx, s.d.Repositories, actor.Scope(), p.Tenant, p.Professional)
	if err != nil {
		return Routed{}, err
	}
	cal := professional.Calendar()
	if err := cal.GuardID(p.CalendarID); err != nil {
		s.security(ctx, actor, professional, p.Operation)
		return Routed{}, err
	}
	out := Routed{Operation: operationName(p.Operation), Calendar: cal}
	switch out.Operation {
	case "list-events", "get-freebusy":
		if out, err = s.routeRead(ctx, out, p); err != nil || out.Operation != "list-events" {
			return out, err // when somebody is busy tells of nobody's patients
		}
		return s.showEvents(ctx, actor, professional, out)
	case "get-event":
		e, err := s.calendar.Get(ctx, cal, p.EventID)
		if err != nil {
			return Routed{}, err
		}
		out.Events = []agenda.Event{e}
		return s.showEvents(ctx, actor, professional, out)
	case "create-event":
		a, err := s.Book(ctx, actor, BookParams{
			Tenant: p.Tenant, Professional: p.Professional, Service: p.Service, Patient: p.Patient, Start: p.Start, Notes: p.Notes,
		})
		return out.with(a, err)
	case "update-event":
		a, err := s.routedAppointment(ctx, actor, p)
		if err == nil {
			a, err = s.Reschedule(ctx, actor, RescheduleParams{Tenant: p.Tenant, Appointment: a.ID, Start: p.Start})
		}
		return out.with(a, err)
	case "delete-event":
		a, err := s.routedAppointment(ctx, actor, p)
		if err == nil {
			a, err = s.Cancel(ctx, actor, CancelParams{Tenant: p.Tenant, Appointment: a.ID, Reason: p.Notes})
		}
		return out.with(a, err)
	}
	return Routed{}, errs.InvalidField("operation",
		"must be list-events, get-event, create-event, update-event, delete-event or get-freebusy")
}

// routePermission is what an operation takes. One that is not known is refused to whoever may only read.
func routePermission(operation string) identity.Permission {
	switch operationName(operation) {
	case "list-events", "get-event", "get-freebusy":
		return identity.AgendaRead
	}
	return identity.AgendaWrite
}

// showEvents logs that events, which name patients, are read from a professional's calendar.
func (s *Agenda) showEvents(ctx context.Context, actor identity.Actor, of agenda.ClinicProfessional, out Routed) (Routed, error) {
	err := logRead(ctx, s.d, actor, "calendar_events", of.ID.String(), of.EntityID, map[string]string{"items": strconv.Itoa(len(out.Events))})
	if err != nil {
		return Routed{}, err
	}
	return out, nil
}

func (r Routed) with(a agenda.Appointment, err error) (Routed, error) {
	if err != nil {
		return Routed{}, err
	}
	r.Appointment = &a
	return r, nil
}

// operationName accepts the short and the underscored names that workflows use.
func operationName(s string) string {
	s = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "_", "-")
	switch s {
	case "list", "get", "create", "update", "delete":
		if s == "list" {
			return "list-events"
		}
		return s + "-event"
	case "freebusy", "free-busy":
		return "get-freebusy"
	}
	return s
}

func (s *Agenda) routeRead(ctx context.Context, out Routed, p RouteParams) (Routed, error) {
	if p.Start.IsZero() {
		p.Start = s.d.Now()
	}
	if p.End.IsZero() {
		p.End = p.Start.Add(7 * 24 * time.Hour)
	}
	if !p.Start.Before(p.End) || p.End.Sub(p.Start) > MaxAvailability {
		return Routed{}, errs.InvalidField("event_data.end", "must be after start, by at most 92 days")
	}
	var err error
	if out.Operation == "list-events" {
		out.Events, err = s.calendar.Events(ctx, out.Calendar, p.Start, p.End)
	} else {
		out.Busy, err = s.calendar.Busy(ctx, out.Calendar, p.Start, p.End)
	}
	return out, err
}

// routedAppointment is the appointment of an event on the professional's calendar. An event that is not ours is not
// found: what people write into a calendar by hand is theirs.
func (s *Agenda) routedAppointment(ctx context.Context, actor identity.Actor, p RouteParams) (agenda.Appointment, error) {
	key, ok := agenda.AppointmentOfEvent(p.EventID)
	if !ok {
		return agenda.Appointment{}, errs.Absent("event")
	}
	a, err := s.get(ctx, actor, p.Tenant, key)
	if err != nil || a.ProfessionalID != p.Professional {
		return agenda.Appointment{}, errs.Absent("event")
	}
	return a, nil
}
