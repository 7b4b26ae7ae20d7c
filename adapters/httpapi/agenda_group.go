package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
)

// AppointmentGroup is visits of one patient that were booked together.
type AppointmentGroup struct {
	GroupID      agenda.GroupID `json:"group_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de005"`
	Appointments []Appointment  `json:"appointments" doc:"By start."`
}

// NewAppointmentGroup is visits to book together.
type NewAppointmentGroup struct {
	Patient Patient      `json:"patient"`
	Notes   *string      `json:"notes,omitempty" nullable:"true" maxLength:"2000" example:"Consulta e exame."`
	Visits  []GroupVisit `json:"visits" minItems:"2" maxItems:"6" doc:"On one day of the clinic, none overlapping another."`
}

// GroupVisit is one visit of a group.
type GroupVisit struct {
	ProfessionalID *agenda.ClinicProfessionalID `json:"professional_id,omitempty" nullable:"true" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002" doc:"When left out, the one who offers the service."`
	ServiceID      *agenda.ServiceID            `json:"service_id,omitempty" nullable:"true" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de003" doc:"A plain visit when left out."`
	Start          time.Time                    `json:"start" example:"2026-12-01T09:00:00-03:00"`
}

// GroupQuestion asks when several visits fit one after the other.
type GroupQuestion struct {
	Visits        []GroupWish `json:"visits" minItems:"2" maxItems:"6"`
	Date          *string     `json:"date,omitempty" nullable:"true" format:"date" example:"2026-12-01" doc:"Only this day of the clinic; instead of from and to."`
	From          string      `json:"from,omitempty" maxLength:"40" example:"2026-12-01" doc:"An RFC 3339 instant, or a date: the beginning of that day in the clinic's time zone. Now when left out."`
	To            string      `json:"to,omitempty" maxLength:"40" example:"2026-12-07" doc:"An RFC 3339 instant, or a date: that day is included. 7 days after from when left out, at most 31."`
	MaxGapMinutes *int        `json:"max_gap_minutes,omitempty" minimum:"0" maximum:"720" example:"60" doc:"From the end of a visit to the start of the next; 120 when left out."`
	Limit         *int        `json:"limit,omitempty" minimum:"1" maximum:"50" example:"5" doc:"10 when left out."`
}

// GroupWish is one visit that is looked for. It names a professional, a speciality or a service.
type GroupWish struct {
	ProfessionalID *agenda.ClinicProfessionalID `json:"professional_id,omitempty" nullable:"true" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002"`
	Specialty      string                       `json:"specialty,omitempty" maxLength:"500" example:"cardiologista"`
	ServiceID      *agenda.ServiceID            `json:"service_id,omitempty" nullable:"true" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de003"`
}

// GroupAvailability is when several visits fit one after the other on one day.
type GroupAvailability struct {
	Timezone    string           `json:"timezone" example:"America/Sao_Paulo" doc:"Of the clinic. The visits are in UTC."`
	Options     []GroupOption    `json:"options" doc:"By time: of each day at most three, which begin at different times."`
	Unavailable []UnreadCalendar `json:"unavailable" doc:"Of whom nothing is offered because their calendars cannot be read now."`
}

// GroupOption is one way to have several visits on one day.
type GroupOption struct {
	Date   agenda.Date        `json:"date" format:"date" example:"2026-12-01"`
	Visits []GroupOptionVisit `json:"visits" doc:"By start, which need not be the order in which they were asked for."`
}

// GroupOptionVisit is one visit of an option.
type GroupOptionVisit struct {
	Slot
	OfferingProfessional
	Visit int `json:"visit" example:"0" doc:"Which of the visits that were asked for, from 0."`
}

// ByGroup is the path of a group.
type ByGroup struct {
	ByClinic
	GroupID agenda.GroupID `path:"group_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de005"`
}

func groupOf(visits []agenda.Appointment) AppointmentGroup {
	return AppointmentGroup{visits[0].GroupID, mapped(visits, appointmentOf)}
}

func (g NewAppointmentGroup) params(tenant agenda.TenantID) service.BookGroupParams {
	return service.BookGroupParams{
		Tenant: tenant, Patient: g.Patient.core(), Notes: textOf[string](g.Notes),
		Visits: mapped(g.Visits, func(v GroupVisit) service.GroupVisit {
			return service.GroupVisit{Professional: keyOf(v.ProfessionalID), Service: keyOf(v.ServiceID), Start: v.Start}
		}),
	}
}

func (q GroupQuestion) params(dir agenda.Directory) (service.GroupAvailabilityParams, error) {
	first, last := q.From, q.To
	if q.Date != nil {
		first, last = *q.Date, *q.Date
	}
	from, to, err := periodIn(dir.Clinic.Location(), "body", first, last)
	if err != nil {
		return service.GroupAvailabilityParams{}, err
	}
	p := service.GroupAvailabilityParams{
		Tenant: dir.Clinic.ID, From: from, To: to, MaxGap: 2 * time.Hour, Limit: 10,
		Visits: mapped(q.Visits, func(w GroupWish) service.GroupWish {
			return service.GroupWish{Professional: keyOf(w.ProfessionalID), Specialty: w.Specialty, Service: keyOf(w.ServiceID)}
		}),
	}
	if gap := durationOf(q.MaxGapMinutes, time.Minute); gap != nil {
		p.MaxGap = *gap
	}
	if q.Limit != nil {
		p.Limit = *q.Limit
	}
	return p, nil
}

func groupAvailabilityOf(dir agenda.Directory, v service.GroupAvailability) GroupAvailability {
	return GroupAvailability{
		Timezone: dir.Clinic.TimeZone,
		Options: mapped(v.Options, func(o service.GroupOption) GroupOption {
			return GroupOption{o.Date, mapped(o.Visits, func(p agenda.PlannedVisit) GroupOptionVisit {
				return GroupOptionVisit{slotOf(p.Interval), OfferingProfessional{nameIn(dir, p.Professional), nullKey(p.Service)}, p.Visit}
			})}
		}),
		Unavailable: unreadOf(dir, v.Unavailable),
	}
}

func (s *server) registerAppointmentGroups() {
	tags := []string{"agenda"}
	const collection, one = "/v1/clinics/{tenant_id}/appointment-groups", "/v1/clinics/{tenant_id}/appointment-groups/{group_id}"
	handle(s, huma.Operation{
		OperationID: "find-group-availability", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/availability/groups", Tags: tags,
		Summary: "When several visits fit on one day",
		Description: "Ways to have several visits of one patient on one day, one after the other in whichever order. It looks for the first " +
			"that fits at each beginning, and gives up on a day that is too full to be searched. It books nothing.",
		Errors: []int{http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct {
		ByClinic
		Body GroupQuestion
	},
	) (*answer[GroupAvailability], error) {
		dir, err := s.Agenda.Directory(ctx, actor(ctx), in.TenantID)
		if err != nil {
			return nil, err
		}
		p, err := in.Body.params(dir)
		if err != nil {
			return nil, err
		}
		v, err := s.Agenda.GroupAvailability(ctx, actor(ctx), p)
		return reply(v, err, func(v service.GroupAvailability) GroupAvailability { return groupAvailabilityOf(dir, v) })
	})
	handle(s, huma.Operation{
		OperationID: "book-appointment-group", Method: http.MethodPost, Path: collection, Tags: tags,
		Summary: "Book several visits, all or none",
		Description: "Of one patient, on one day of the clinic, not overlapping each other. Each start must be one that the availability " +
			"offers; when one cannot be had none is booked.",
		DefaultStatus: http.StatusCreated,
		Errors:        []int{http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct {
		ByClinic
		Body NewAppointmentGroup
	},
	) (*created[AppointmentGroup], error) {
		v, err := s.Agenda.BookGroup(ctx, actor(ctx), in.Body.params(in.TenantID))
		if err != nil {
			return nil, err
		}
		return createdAt("/v1/clinics/"+in.TenantID.String()+"/appointment-groups/", v[0].GroupID, v, nil, groupOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-appointment-group", Method: http.MethodGet, Path: one, Tags: tags,
		Summary: "Get the visits of a group",
	}, func(ctx context.Context, in *ByGroup) (*answer[AppointmentGroup], error) {
		v, err := s.Agenda.Group(ctx, actor(ctx), in.TenantID, in.GroupID)
		return reply(v, err, groupOf)
	})
	handle(s, huma.Operation{
		OperationID: "cancel-appointment-group", Method: http.MethodPost, Path: one + "/cancel", Tags: tags,
		Summary:     "Cancel the visits of a group",
		Description: "All that still take place, or none: when one has begun or begins too soon, nothing is cancelled.",
		Errors:      []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByGroup
		Body *CancelAppointment
	},
	) (*answer[AppointmentGroup], error) {
		p := service.CancelGroupParams{Tenant: in.TenantID, Group: in.GroupID}
		if in.Body != nil {
			p.Reason, p.Override = textOf[string](in.Body.Reason), textOf[string](in.Body.OverrideReason)
		}
		v, err := s.Agenda.CancelGroup(ctx, actor(ctx), p)
		return reply(v, err, groupOf)
	})
}
