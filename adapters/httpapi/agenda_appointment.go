package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
)

// Appointment is a visit of a patient to a professional.
type Appointment struct {
	AppointmentID    agenda.AppointmentID        `json:"appointment_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de004"`
	TenantID         agenda.TenantID             `json:"tenant_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de001"`
	ProfessionalID   agenda.ClinicProfessionalID `json:"professional_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002"`
	ServiceID        *agenda.ServiceID           `json:"service_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de003" doc:"null for a plain visit."`
	GoogleCalendarID string                      `json:"google_calendar_id" example:"maria.costa@group.calendar.google.com" doc:"The professional's own."`
	EventID          string                      `json:"event_id" example:"sec01985c1e7f3a7a108a530f4b7c1de004" doc:"Of the calendar's event; it follows from the appointment."`
	Patient          Patient                     `json:"patient"`
	PatientID        *agenda.PatientID           `json:"patient_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de006" doc:"The patient's record; null when no telephone is known."`
	Start            time.Time                   `json:"start" example:"2026-12-01T12:00:00Z"`
	End              time.Time                   `json:"end" example:"2026-12-01T12:45:00Z"`
	Status           string                      `json:"status" enum:"held,confirmed,cancelled,expired" example:"confirmed"`
	HeldUntil        *time.Time                  `json:"held_until" example:"2026-11-30T12:10:00Z" doc:"Of a held one."`
	Notes            string                      `json:"notes" example:"Primeira visita."`
	CancelReason     string                      `json:"cancel_reason" example:""`
	GroupID          *agenda.GroupID             `json:"group_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de005" doc:"Shared by visits that were booked together; null for one of its own."`
	OverrideReason   string                      `json:"override_reason" example:"" doc:"Why staff booked it against the rules of the agenda."`
	Contact          *string                     `json:"contact" example:"+5511955550011" doc:"The conversation it was made in, or its patient was reminded of it in; null when there is none."`
	Attendance       *string                     `json:"attendance" enum:"confirmed,declined" example:"confirmed" doc:"What the patient said of coming, such as in answer to a reminder; null as long as nothing was said. A declined visit stands until it is moved or cancelled. Moving a visit makes it null."`
	AttendanceAt     *time.Time                  `json:"attendance_at" example:"2026-11-30T12:05:00Z" doc:"When the patient said so."`
	CreatedAt        time.Time                   `json:"created_at" example:"2026-11-30T12:00:00Z"`
	UpdatedAt        time.Time                   `json:"updated_at" example:"2026-11-30T12:00:00Z"`
}

// NewAppointment is a visit to book.
type NewAppointment struct {
	ProfessionalID   agenda.ClinicProfessionalID `json:"professional_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002"`
	ServiceID        *agenda.ServiceID           `json:"service_id,omitempty" nullable:"true" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de003" doc:"A plain visit when left out."`
	Start            time.Time                   `json:"start" example:"2026-12-01T09:00:00-03:00"`
	Patient          Patient                     `json:"patient"`
	Notes            *string                     `json:"notes,omitempty" nullable:"true" maxLength:"2000" example:"Primeira visita."`
	GoogleCalendarID *string                     `json:"google_calendar_id,omitempty" nullable:"true" maxLength:"255" doc:"What the caller takes for the professional's calendar. It is checked and never used: another one is refused."`
	Hold             bool                        `json:"hold,omitempty" doc:"Keep the start for the clinic's hold time, to be confirmed, instead of booking it."`
	OverrideReason   *string                     `json:"override_reason,omitempty" nullable:"true" maxLength:"500" example:"Encaixe a pedido da médica." doc:"Why staff squeezes the visit in, against hours, notice, horizon, limits, buffers and other visits. For users only; it is audited."`
}

// CancelAppointment is why a visit does not take place.
type CancelAppointment struct {
	Reason         *string `json:"reason,omitempty" nullable:"true" maxLength:"500" example:"O paciente pediu."`
	OverrideReason *string `json:"override_reason,omitempty" nullable:"true" maxLength:"500" example:"O paciente está doente." doc:"Why staff cancels it after the cut-off. For users only; it is audited."`
}

// RescheduleAppointment is when a visit takes place instead.
type RescheduleAppointment struct {
	Start          time.Time `json:"start" example:"2026-12-02T09:00:00-03:00"`
	OverrideReason *string   `json:"override_reason,omitempty" nullable:"true" maxLength:"500" example:"Encaixe a pedido da médica." doc:"Why staff moves it against the rules of the agenda, the cut-off among them. For users only; it is audited."`
}

// ByAppointment is the path of an appointment.
type ByAppointment struct {
	ByClinic
	AppointmentID agenda.AppointmentID `path:"appointment_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de004"`
}

func appointmentOf(a agenda.Appointment) Appointment {
	return Appointment{
		AppointmentID: a.ID, TenantID: a.TenantID, ProfessionalID: a.ProfessionalID, ServiceID: nullKey(a.ServiceID),
		GoogleCalendarID: a.CalendarID, EventID: a.EventID(), Patient: patientOf(a.Patient), PatientID: nullKey(a.PatientID), Start: a.Start, End: a.End,
		Status: string(a.Status), HeldUntil: nullTime(a.HeldUntil), Notes: a.Notes, CancelReason: a.CancelReason,
		GroupID: nullKey(a.GroupID), OverrideReason: a.OverrideReason,
		Contact: nullText(a.Contact), Attendance: nullText(string(a.Attendance)), AttendanceAt: nullTime(a.AttendanceAt), CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt,
	}
}

// changedAt implements changeable.
func (a Appointment) changedAt() time.Time { return a.UpdatedAt }

func (a NewAppointment) params(tenant agenda.TenantID) service.BookParams {
	return service.BookParams{
		Tenant: tenant, Professional: a.ProfessionalID, Service: keyOf(a.ServiceID), Start: a.Start,
		Patient: a.Patient.core(), Notes: textOf[string](a.Notes), CalendarID: textOf[string](a.GoogleCalendarID),
		Override: textOf[string](a.OverrideReason),
	}
}

func (s *server) registerAppointments() {
	tags := []string{"agenda"}
	const collection, one = "/v1/clinics/{tenant_id}/appointments", "/v1/clinics/{tenant_id}/appointments/{appointment_id}"
	handle(s, huma.Operation{
		OperationID: "list-appointments", Method: http.MethodGet, Path: collection, Tags: tags,
		Summary: "List the appointments of a clinic, by start",
	}, func(ctx context.Context, in *struct {
		ByClinic
		PageQuery
		ProfessionalID agenda.ClinicProfessionalID `query:"professional_id" format:"uuid"`
		PatientID      agenda.PatientID            `query:"patient_id" format:"uuid"`
		Status         string                      `query:"status" enum:"held,confirmed,cancelled,expired"`
		From           string                      `query:"from" maxLength:"40" example:"2026-12-01" doc:"Ending after this: an RFC 3339 instant, or a date in the clinic's time zone."`
		To             string                      `query:"to" maxLength:"40" example:"2026-12-01" doc:"Starting before this: an RFC 3339 instant, or a date, which is included."`
	},
	) (*answer[List[Appointment]], error) {
		from, to, err := s.parsePeriod(ctx, in.TenantID, in.From, in.To)
		if err != nil {
			return nil, err
		}
		v, err := s.Agenda.List(ctx, actor(ctx), agenda.AppointmentFilter{
			TenantID: in.TenantID, ProfessionalID: in.ProfessionalID, PatientID: in.PatientID, Status: agenda.AppointmentStatus(in.Status), From: from, To: to,
		}, in.request())
		return listed(v, err, appointmentOf)
	})
	handle(s, huma.Operation{
		OperationID: "book-appointment", Method: http.MethodPost, Path: collection, Tags: tags,
		Summary: "Book a visit",
		Description: "The start must be one that the availability offers (`slot-not-offered`) and that nobody took meanwhile (`slot-taken`). " +
			"The event is written into the professional's own calendar; a `google_calendar_id` of somebody else is `calendar-mismatch`. " +
			"A service of somebody else is `service-not-offered`. With `hold` the start is kept for the clinic's hold time and nothing is " +
			"written yet; confirm it in time. With `override_reason` staff squeezes the visit in.",
		DefaultStatus: http.StatusCreated,
		Errors:        []int{http.StatusForbidden, http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct {
		ByClinic
		Body NewAppointment
	},
	) (*created[Appointment], error) {
		book := s.Agenda.Book
		if in.Body.Hold {
			book = s.Agenda.Hold
		}
		v, err := book(ctx, actor(ctx), in.Body.params(in.TenantID))
		return createdAt("/v1/clinics/"+in.TenantID.String()+"/appointments/", v.ID, v, err, appointmentOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-appointment", Method: http.MethodGet, Path: one, Tags: tags,
		Summary: "Get an appointment",
	}, func(ctx context.Context, in *ByAppointment) (*answer[Appointment], error) {
		v, err := s.Agenda.Get(ctx, actor(ctx), in.TenantID, in.AppointmentID)
		return reply(v, err, appointmentOf)
	})
	handle(s, huma.Operation{
		OperationID: "confirm-appointment", Method: http.MethodPost, Path: one + "/confirm", Tags: tags,
		Summary: "Confirm a held visit",
		Description: "The calendar is looked at once more and the event written. A hold that ran out is `hold-expired`, a start that was taken " +
			"in the calendar `slot-taken`. While the calendar cannot be reached the hold stays. Confirming again changes nothing.",
		Errors: []int{http.StatusForbidden, http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *ByAppointment) (*answer[Appointment], error) {
		v, err := s.Agenda.Confirm(ctx, actor(ctx), in.TenantID, in.AppointmentID)
		return reply(v, err, appointmentOf)
	})
	handle(s, huma.Operation{
		OperationID: "cancel-appointment", Method: http.MethodPost, Path: one + "/cancel", Tags: tags,
		Summary: "Cancel a visit",
		Description: "Its event is removed from the calendar; a held one is given up. Cancelling again changes nothing; a visit that has begun is " +
			"`appointment-past`, one that begins too soon for the clinic `cut-off-passed`.",
		Errors: []int{http.StatusForbidden, http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByAppointment
		IfMatchHeader
		Body *CancelAppointment
	},
	) (*answer[Appointment], error) {
		p := service.CancelParams{Tenant: in.TenantID, Appointment: in.AppointmentID, Match: in.match()}
		if in.Body != nil {
			p.Reason, p.Override = textOf[string](in.Body.Reason), textOf[string](in.Body.OverrideReason)
		}
		v, err := s.Agenda.Cancel(ctx, actor(ctx), p)
		return reply(v, err, appointmentOf)
	})
	handle(s, huma.Operation{
		OperationID: "reschedule-appointment", Method: http.MethodPost, Path: one + "/reschedule", Tags: tags,
		Summary: "Move a visit to another start",
		Description: "With the same professional, and as long as before. The start must be one that the availability offers; its own time does not " +
			"stand in its way. A visit that begins too soon for the clinic is `cut-off-passed`.",
		Errors: []int{http.StatusForbidden, http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct {
		ByAppointment
		IfMatchHeader
		Body RescheduleAppointment
	},
	) (*answer[Appointment], error) {
		v, err := s.Agenda.Reschedule(ctx, actor(ctx), service.RescheduleParams{
			Tenant: in.TenantID, Appointment: in.AppointmentID, Start: in.Body.Start,
			Override: textOf[string](in.Body.OverrideReason), Match: in.match(),
		})
		return reply(v, err, appointmentOf)
	})
}
