package mcpserver

import (
	"context"
	"fmt"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
)

// visit is what create-event and hold-slot book.
type visit struct {
	Start          string `json:"start" jsonschema:"início, ISO 8601 com hora, como 2026-12-01T10:00:00-03:00; um dos inícios de list-free-slots"`
	ServiceID      string `json:"serviceId,omitempty" jsonschema:"id do serviço (de list-services); sem ele, uma consulta comum"`
	Description    string `json:"description,omitempty" jsonschema:"observações da consulta"`
	IdempotencyKey string `json:"idempotencyKey,omitempty" jsonschema:"texto único deste pedido: repetido, devolve a mesma consulta em vez de marcar outra"`
	zoned
}

type createEventArguments struct {
	place
	Summary string   `json:"summary" jsonschema:"título: o nome do paciente, se patient não vier"`
	End     string   `json:"end,omitempty" jsonschema:"opcional: a duração é a do serviço ou do profissional, e outro fim é recusado"`
	Patient *patient `json:"patient,omitempty"`
	visit
}

func (s *Server) createEvent(ctx context.Context, c caller, in createEventArguments) (appointment, error) {
	of, dir, err := s.owner(ctx, c, in.place)
	if err != nil {
		return appointment{}, err
	}
	who := patient{Name: in.Summary}
	if in.Patient != nil {
		who = *in.Patient
	}
	p, at, err := booking(c, dir, of, in.visit, who)
	if err != nil {
		return appointment{}, err
	}
	p.CalendarID = in.CalendarID
	if in.End != "" {
		end, err := at.instant("end", in.End)
		if err != nil {
			return appointment{}, err
		}
		offered, _ := dir.Service(p.Service)
		if err := checkEnd(at, p.Start, end, of.VisitLength(offered)); err != nil {
			return appointment{}, err
		}
	}
	return s.book(ctx, c, dir, at, p, s.agenda.Book)
}

// checkEnd refuses an end that does not follow from the start.
func checkEnd(at clock, start, end time.Time, length time.Duration) error {
	if right := start.Add(length); !end.Equal(right) {
		return refusalError{"visit-length", fmt.Sprintf("O fim não combina com a duração: a consulta dura %d minutos e termina em %s. Envie esse fim, ou não envie end.",
			int(length.Minutes()), at.write(right))}
	}
	return nil
}

type holdSlotArguments struct {
	named
	Patient patient `json:"patient"`
	visit
}

func (s *Server) holdSlot(ctx context.Context, c caller, in holdSlotArguments) (appointment, error) {
	dir, err := s.directory(ctx, c)
	if err != nil {
		return appointment{}, err
	}
	of, ok, err := pick(c, dir, in.named)
	if err != nil {
		return appointment{}, err
	}
	if !ok { // a service is one professional's
		offered, err := serviceIn(dir, in.ServiceID)
		if err != nil {
			return appointment{}, err
		}
		if offered == nil {
			return appointment{}, refusalError{"invalid-input", "Diga o profissional (professionalId ou professional) ou o serviço (serviceId). Pergunte ao paciente com quem ele quer marcar."}
		}
		of.ID = offered.ProfessionalID
	}
	p, at, err := booking(c, dir, of, in.visit, in.Patient)
	if err != nil {
		return appointment{}, err
	}
	return s.book(ctx, c, dir, at, p, s.agenda.Hold)
}

// booking is a visit as the use cases take it.
func booking(c caller, dir agenda.Directory, of agenda.ClinicProfessional, in visit, who patient) (service.BookParams, clock, error) {
	p := service.BookParams{Tenant: c.clinic.ID, Professional: of.ID, Notes: in.Description}
	at, err := clockOf(c, in.TimeZone)
	if err != nil {
		return p, at, err
	}
	if p.Start, err = at.instant("start", in.Start); err != nil {
		return p, at, err
	}
	offered, err := serviceIn(dir, in.ServiceID)
	if err != nil {
		return p, at, err
	}
	if offered != nil {
		p.Service = offered.ID
	}
	if p.Patient, err = who.core(); err != nil {
		return p, at, err
	}
	if in.IdempotencyKey != "" {
		p.Key = id.Derive[agenda.Appointment]("agent", c.clinic.ID.String(), in.IdempotencyKey)
	}
	return p, at, nil
}

// book books, or holds. A key that was used for another visit is refused: the answer would be taken for the one asked for.
func (s *Server) book(ctx context.Context, c caller, dir agenda.Directory, at clock, p service.BookParams, do func(context.Context, identity.Actor, service.BookParams) (agenda.Appointment, error)) (appointment, error) {
	a, err := do(ctx, c.actor, p)
	if err != nil {
		return appointment{}, err
	}
	if a.ProfessionalID != p.Professional || !a.Start.Equal(p.Start) {
		return appointment{}, refusalError{"idempotency-key-reused", "Essa idempotencyKey já foi usada para outra consulta, e nada foi marcado agora. Para um pedido novo, envie outra."}
	}
	return appointmentOf(a, dir, at), nil
}

type updateEventArguments struct {
	place
	EventID string `json:"eventId" jsonschema:"id do evento (de list-events)"`
	Start   string `json:"start" jsonschema:"novo início, ISO 8601 com hora; um dos inícios de list-free-slots"`
	End     string `json:"end,omitempty" jsonschema:"opcional: a duração não muda, e outro fim é recusado"`
	zoned
}

func (s *Server) updateEvent(ctx context.Context, c caller, in updateEventArguments) (appointment, error) {
	at, err := clockOf(c, in.TimeZone)
	if err != nil {
		return appointment{}, err
	}
	start, err := at.instant("start", in.Start)
	if err != nil {
		return appointment{}, err
	}
	of, dir, err := s.owner(ctx, c, in.place)
	if err != nil {
		return appointment{}, err
	}
	p := service.RouteParams{
		Tenant: c.clinic.ID, Operation: "update-event", Professional: of.ID, CalendarID: in.CalendarID, EventID: in.EventID, Start: start,
	}
	if in.End != "" {
		end, err := at.instant("end", in.End)
		if err != nil {
			return appointment{}, err
		}
		before := p
		before.Operation = "get-event"
		found, err := s.agenda.Route(ctx, c.actor, before)
		if err != nil {
			return appointment{}, err
		}
		for _, e := range found.Events {
			if err := checkEnd(at, start, end, e.End.Sub(e.Start)); err != nil {
				return appointment{}, err
			}
		}
	}
	return s.routed(ctx, c, dir, at, p)
}

type deleteEventArguments struct {
	place
	EventID string `json:"eventId" jsonschema:"id do evento (de list-events)"`
	Reason  string `json:"reason,omitempty" jsonschema:"por que foi cancelada"`
	zoned
}

func (s *Server) deleteEvent(ctx context.Context, c caller, in deleteEventArguments) (appointment, error) {
	at, err := clockOf(c, in.TimeZone)
	if err != nil {
		return appointment{}, err
	}
	of, dir, err := s.owner(ctx, c, in.place)
	if err != nil {
		return appointment{}, err
	}
	return s.routed(ctx, c, dir, at, service.RouteParams{
		Tenant: c.clinic.ID, Operation: "delete-event", Professional: of.ID, CalendarID: in.CalendarID, EventID: in.EventID, Notes: in.Reason,
	})
}

// routed runs an operation that changes an appointment.
func (s *Server) routed(ctx context.Context, c caller, dir agenda.Directory, at clock, p service.RouteParams) (appointment, error) {
	routed, err := s.agenda.Route(ctx, c.actor, p)
	if err != nil {
		return appointment{}, err
	}
	if routed.Appointment == nil {
		return appointment{}, errs.Absent("event")
	}
	return appointmentOf(*routed.Appointment, dir, at), nil
}

type freeSlotsArguments struct {
	named
	Specialty string `json:"specialty,omitempty" jsonschema:"em vez do profissional: qualquer um desta especialidade"`
	ServiceID string `json:"serviceId,omitempty" jsonschema:"id do serviço (de list-services); sem ele, uma consulta comum"`
	bounds
	Limit int `json:"limit,omitempty" jsonschema:"quantos inícios, de 1 a 200; sem ele, 20"`
}

type freeSlot struct {
	span
	Professionals []person `json:"professionals" jsonschema:"quem tem este horário livre"`
}

type freeSlotsAnswer struct {
	Slots       []freeSlot `json:"slots" jsonschema:"inícios livres, do mais cedo para o mais tarde"`
	Unavailable []person   `json:"unavailable" jsonschema:"profissionais cuja agenda não pôde ser consultada agora: não se sabe quando estão livres"`
	More        bool       `json:"more" jsonschema:"verdadeiro se há mais: avance timeMin"`
	TimeZone    string     `json:"timeZone"`
}

const (
	defaultSlots = 20
	maxSlots     = 200
)

func (s *Server) listFreeSlots(ctx context.Context, c caller, in freeSlotsArguments) (freeSlotsAnswer, error) {
	at, err := clockOf(c, in.TimeZone)
	if err != nil {
		return freeSlotsAnswer{}, err
	}
	if in.Limit == 0 {
		in.Limit = defaultSlots
	}
	if in.Limit < 0 || in.Limit > maxSlots {
		return freeSlotsAnswer{}, errs.InvalidField("limit", "must be between 1 and 200")
	}
	p := service.AvailabilityParams{Tenant: c.clinic.ID, Specialty: in.Specialty, Limit: in.Limit + 1} // one more tells whether there are more
	if p.From, p.To, err = at.period(in.TimeMin, in.TimeMax); err != nil {
		return freeSlotsAnswer{}, err
	}
	dir, err := s.directory(ctx, c)
	if err != nil {
		return freeSlotsAnswer{}, err
	}
	of, _, err := pick(c, dir, in.named)
	if err != nil {
		return freeSlotsAnswer{}, err
	}
	p.Professional = of.ID
	offered, err := serviceIn(dir, in.ServiceID)
	if err != nil {
		return freeSlotsAnswer{}, err
	}
	if offered != nil {
		p.Service = offered.ID
	}
	free, err := s.agenda.Availability(ctx, c.actor, p)
	if err != nil {
		return freeSlotsAnswer{}, err
	}
	shown := free.Slots[:min(len(free.Slots), in.Limit)]
	return freeSlotsAnswer{
		Slots: each(shown, func(v service.AvailableSlot) freeSlot {
			return freeSlot{spanOf(v.Interval, at), each(v.Professionals, func(key agenda.ClinicProfessionalID) person { return personIn(dir, key) })}
		}),
		Unavailable: each(free.Unavailable, func(v service.UnreadCalendar) person { return personIn(dir, v.Professional) }),
		More:        len(free.Slots) > len(shown), TimeZone: at.zone.String(),
	}, nil
}

// chosen names an appointment.
type chosen struct {
	AppointmentID string `json:"appointmentId" jsonschema:"id da consulta (de hold-slot, create-event ou list-events)"`
}

// own returns the id of an appointment that the caller may ask for, and the clinic. Of whoever is bound to one professional
// the others' appointments are not found.
func (s *Server) own(ctx context.Context, c caller, in chosen) (agenda.AppointmentID, agenda.Directory, error) {
	key, err := id.Parse[agenda.Appointment](in.AppointmentID)
	if err != nil || key.IsZero() {
		return key, agenda.Directory{}, errs.Absent("appointment")
	}
	dir, err := s.directory(ctx, c)
	if err != nil {
		return key, dir, err
	}
	if c.bound() {
		a, err := s.agenda.Get(ctx, c.actor, c.clinic.ID, key)
		if err == nil && a.ProfessionalID != c.professional.ID {
			err = errs.Absent("appointment")
		}
		return key, dir, err
	}
	return key, dir, nil
}

func (s *Server) confirmAppointment(ctx context.Context, c caller, in chosen) (appointment, error) {
	key, dir, err := s.own(ctx, c, in)
	if err != nil {
		return appointment{}, err
	}
	a, err := s.agenda.Confirm(ctx, c.actor, c.clinic.ID, key)
	return answer(c, dir, a, err)
}

type cancelArguments struct {
	chosen
	Reason string `json:"reason,omitempty" jsonschema:"por que foi cancelada"`
}

func (s *Server) cancelAppointment(ctx context.Context, c caller, in cancelArguments) (appointment, error) {
	key, dir, err := s.own(ctx, c, in.chosen)
	if err != nil {
		return appointment{}, err
	}
	a, err := s.agenda.Cancel(ctx, c.actor, service.CancelParams{Tenant: c.clinic.ID, Appointment: key, Reason: in.Reason})
	return answer(c, dir, a, err)
}

type rescheduleArguments struct {
	chosen
	Start string `json:"start" jsonschema:"novo início, ISO 8601 com hora; um dos inícios de list-free-slots"`
	zoned
}

func (s *Server) rescheduleAppointment(ctx context.Context, c caller, in rescheduleArguments) (appointment, error) {
	at, err := clockOf(c, in.TimeZone)
	if err != nil {
		return appointment{}, err
	}
	start, err := at.instant("start", in.Start)
	if err != nil {
		return appointment{}, err
	}
	key, dir, err := s.own(ctx, c, in.chosen)
	if err != nil {
		return appointment{}, err
	}
	a, err := s.agenda.Reschedule(ctx, c.actor, service.RescheduleParams{Tenant: c.clinic.ID, Appointment: key, Start: start})
	return answer(c, dir, a, err)
}

// answer is an appointment by the clinic's clock.
func answer(c caller, dir agenda.Directory, a agenda.Appointment, err error) (appointment, error) {
	if err != nil {
		return appointment{}, err
	}
	return appointmentOf(a, dir, clock{c.clinic.Location()}), nil
}

func (s *Server) registerBooking() {
	add(s, tool{
		name: "list-free-slots", title: "Listar horários livres", reads: true,
		about: "Lista os inícios livres de um profissional, de uma especialidade ou de um serviço, e quem tem cada um. Ofereça somente estes.",
	}, s.listFreeSlots)
	add(s, tool{
		name: "hold-slot", title: "Reservar horário",
		about: "Reserva um horário por alguns minutos, enquanto o paciente decide. Depois chame confirm-appointment.",
	}, s.holdSlot)
	add(s, tool{
		name: "confirm-appointment", title: "Confirmar reserva", again: true,
		about: "Confirma uma reserva de hold-slot: confere a agenda de novo e marca. Confirme com o paciente antes.",
	}, s.confirmAppointment)
	add(s, tool{
		name: "cancel-appointment", title: "Cancelar consulta", destroys: true, again: true,
		about: "Cancela uma consulta ou desfaz uma reserva. Confirme com o paciente antes.",
	}, s.cancelAppointment)
	add(s, tool{
		name: "reschedule-appointment", title: "Remarcar consulta", destroys: true, again: true,
		about: "Muda o início de uma consulta; profissional e duração ficam. Confirme o novo horário com o paciente antes.",
	}, s.rescheduleAppointment)
}
