package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
)

// Availability is when visits may start.
type Availability struct {
	Timezone    string           `json:"timezone" example:"America/Sao_Paulo" doc:"Of the clinic. The slots are in UTC."`
	Slots       []AvailableSlot  `json:"slots" doc:"By start."`
	Unavailable []UnreadCalendar `json:"unavailable" doc:"Of whom nothing is offered because their calendars cannot be read now."`
}

// AvailableSlot is a time that is free, with everybody who has it.
type AvailableSlot struct {
	Slot
	Professionals []OfferingProfessional `json:"professionals" doc:"In the clinic's display order."`
}

// ProfessionalName names a professional of a clinic.
type ProfessionalName struct {
	ProfessionalID   agenda.ClinicProfessionalID `json:"professional_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002"`
	ProfessionalName string                      `json:"professional_name" example:"Dra. Maria Costa"`
}

// OfferingProfessional is a professional who has a start.
type OfferingProfessional struct {
	ProfessionalName
	ServiceID *agenda.ServiceID `json:"service_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de003" doc:"What the professional would do; null for a plain visit."`
}

// UnreadCalendar is a professional whose calendar cannot be read.
type UnreadCalendar struct {
	ProfessionalName
	Code string `json:"code" example:"calendar-unavailable"`
}

// nameIn names a professional of a directory.
func nameIn(dir agenda.Directory, key agenda.ClinicProfessionalID) ProfessionalName {
	p, _ := dir.Professional(key)
	return ProfessionalName{ProfessionalID: key, ProfessionalName: p.Name}
}

func availabilityOf(dir agenda.Directory, v service.Availability) Availability {
	return Availability{
		Timezone: dir.Clinic.TimeZone,
		Slots: mapped(v.Slots, func(slot service.AvailableSlot) AvailableSlot {
			out := AvailableSlot{Slot: slotOf(slot.Interval), Professionals: make([]OfferingProfessional, len(slot.Professionals))}
			for i, key := range slot.Professionals {
				out.Professionals[i] = OfferingProfessional{nameIn(dir, key), nullKey(slot.Services[i])}
			}
			return out
		}),
		Unavailable: unreadOf(dir, v.Unavailable),
	}
}

func unreadOf(dir agenda.Directory, list []service.UnreadCalendar) []UnreadCalendar {
	return mapped(list, func(u service.UnreadCalendar) UnreadCalendar {
		return UnreadCalendar{nameIn(dir, u.Professional), u.Code}
	})
}

func (s *server) registerAvailability() {
	tags := []string{"agenda"}
	handle(s, huma.Operation{
		OperationID: "get-availability", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/availability", Tags: tags,
		Summary: "When visits may start",
		Description: "Working hours without what is busy in the professionals' calendars and what is booked, cut by the clinic's notice " +
			"and horizon. Without `professional_id`, `specialty`, `service_id` and `service` it is about everybody. One start names " +
			"everybody who has it. A period is at most 92 days; it begins now and is 7 days long unless told. Professionals whose " +
			"calendars cannot be read are named in `unavailable`; when that is everybody, the answer is `calendar-unavailable`.",
		Errors: []int{http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct {
		ByClinic
		ProfessionalID agenda.ClinicProfessionalID `query:"professional_id" format:"uuid"`
		Specialty      string                      `query:"specialty" maxLength:"500" example:"cardiologista"`
		ServiceID      agenda.ServiceID            `query:"service_id" format:"uuid"`
		Service        string                      `query:"service" maxLength:"500" example:"botox" doc:"A service by its name: everybody who offers one of it. Not together with service_id."`
		From           string                      `query:"from" maxLength:"40" example:"2026-12-01" doc:"An RFC 3339 instant, or a date: the beginning of that day in the clinic's time zone."`
		To             string                      `query:"to" maxLength:"40" example:"2026-12-07" doc:"An RFC 3339 instant, or a date: that day is included."`
		Limit          int                         `query:"limit" minimum:"0" maximum:"10000" example:"1" doc:"Only the first starts; 0 or nothing: all."`
	},
	) (*answer[Availability], error) {
		dir, err := s.Agenda.Directory(ctx, actor(ctx), in.TenantID)
		if err != nil {
			return nil, err
		}
		from, to, err := periodIn(dir.Clinic.Location(), "query", in.From, in.To)
		if err != nil {
			return nil, err
		}
		v, err := s.Agenda.Availability(ctx, actor(ctx), service.AvailabilityParams{
			Tenant: in.TenantID, Professional: in.ProfessionalID, Specialty: in.Specialty, Service: in.ServiceID,
			ServiceName: in.Service, From: from, To: to, Limit: in.Limit,
		})
		return reply(v, err, func(v service.Availability) Availability { return availabilityOf(dir, v) })
	})
	handle(s, huma.Operation{
		OperationID: "preview-availability", Method: http.MethodPost, Path: "/v1/availability/preview", Tags: tags,
		Summary: "Try out working hours",
		Description: "Computes free time and starts from what the body says, and stores nothing. Answers are in UTC. A period is at most " +
			"92 days, and has at most 10,000 starts.",
	}, func(ctx context.Context, in *struct{ Body AvailabilityPreview }) (*answer[PreviewedAvailability], error) {
		if err := actor(ctx).RequireCaller(); err != nil {
			return nil, err
		}
		v, err := in.Body.query(s.now().UTC().Truncate(time.Second))
		if err != nil {
			return nil, err
		}
		free, err := previewOf(v)
		if err != nil {
			return nil, err
		}
		return &answer[PreviewedAvailability]{free}, nil
	})
}

// PreviewedAvailability is what a preview computed.
type PreviewedAvailability struct {
	Free  []Slot      `json:"free" doc:"Free ranges, in UTC, disjoint and by start."`
	Slots []time.Time `json:"slots" example:"[\"2026-12-01T12:00:00Z\"]" doc:"The starts of visits, in UTC."`
}
