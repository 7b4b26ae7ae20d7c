package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
)

// AvailabilityMatrix is when visits may start in a week, by professional and day.
type AvailabilityMatrix struct {
	Timezone      string             `json:"timezone" example:"America/Sao_Paulo" doc:"Of the clinic, in which the days are meant. The starts are in UTC."`
	Week          agenda.Date        `json:"week" format:"date" example:"2026-11-30" doc:"Its Monday."`
	Professionals []ProfessionalWeek `json:"professionals" doc:"In the clinic's display order."`
}

// ProfessionalWeek is the week of one professional.
type ProfessionalWeek struct {
	ProfessionalName
	ComputedAt  time.Time         `json:"computed_at" example:"2026-11-30T12:00:00Z" doc:"At most a minute ago."`
	Unavailable *string           `json:"unavailable" example:"calendar-unavailable" doc:"Why nothing is known; null when it is."`
	Days        []ProfessionalDay `json:"days" doc:"The seven days; none when nothing is known."`
}

// ProfessionalDay is a day of one professional.
type ProfessionalDay struct {
	Date   agenda.Date `json:"date" format:"date" example:"2026-12-01"`
	Starts []time.Time `json:"starts" example:"[\"2026-12-01T12:00:00Z\"]" doc:"Of plain visits, in UTC."`
}

func professionalWeekOf(dir agenda.Directory, monday agenda.Date, w service.ProfessionalWeek) ProfessionalWeek {
	out := ProfessionalWeek{
		ProfessionalName: nameIn(dir, w.Professional), ComputedAt: w.ComputedAt, Unavailable: nullText(w.Unavailable), Days: []ProfessionalDay{},
	}
	if w.Unavailable != "" {
		return out
	}
	for n := range 7 {
		out.Days = append(out.Days, ProfessionalDay{monday.AddDays(n), []time.Time{}})
	}
	zone := dir.Clinic.Location()
	for _, slot := range w.Slots {
		for i := range out.Days {
			if day := &out.Days[i]; day.Date == agenda.DateOf(slot.Start, zone) {
				day.Starts = append(day.Starts, slot.Start)
			}
		}
	}
	return out
}

func (s *server) registerAvailabilityMatrix() {
	handle(s, huma.Operation{
		OperationID: "get-availability-matrix", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/availability/matrix", Tags: []string{"agenda"},
		Summary: "The free starts of a week, by professional and day",
		Description: "For an overview: it is kept ready and follows every change of an appointment, but what people change in their calendars is " +
			"seen within a minute. What is booked is checked anew.",
	}, func(ctx context.Context, in *struct {
		ByClinic
		Week           string                      `query:"week" format:"date" maxLength:"10" example:"2026-11-30" doc:"Any day of the week, in the clinic's time zone. This week when left out."`
		ProfessionalID agenda.ClinicProfessionalID `query:"professional_id" format:"uuid"`
	},
	) (*answer[AvailabilityMatrix], error) {
		dir, err := s.Agenda.Directory(ctx, actor(ctx), in.TenantID)
		if err != nil {
			return nil, err
		}
		day := agenda.DateOf(s.now(), dir.Clinic.Location())
		if in.Week != "" {
			at, err := parseMoment("query.week", in.Week, time.UTC, false)
			if err != nil {
				return nil, err
			}
			day = agenda.DateOf(at, time.UTC)
		}
		monday, weeks, err := s.Matrix.Week(ctx, actor(ctx), in.TenantID, day, in.ProfessionalID)
		return reply(weeks, err, func(weeks []service.ProfessionalWeek) AvailabilityMatrix {
			return AvailabilityMatrix{
				Timezone: dir.Clinic.TimeZone, Week: monday,
				Professionals: mapped(weeks, func(w service.ProfessionalWeek) ProfessionalWeek { return professionalWeekOf(dir, monday, w) }),
			}
		})
	})
}
