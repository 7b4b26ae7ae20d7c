package mcpserver

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/service"
)

// calendarEntry is a calendar of the clinic.
type calendarEntry struct {
	ID           string `json:"id" jsonschema:"o calendarId"`
	Summary      string `json:"summary"`
	TimeZone     string `json:"timeZone"`
	Professional person `json:"professional" jsonschema:"de quem é a agenda"`
}

type calendarsAnswer struct {
	Calendars []calendarEntry `json:"calendars"`
}

// listCalendars shows the professionals' calendars only, whatever else the account can see.
func (s *Server) listCalendars(ctx context.Context, c caller, _ nothing) (calendarsAnswer, error) {
	dir, err := s.clinics.Directory(ctx, c.actor, c.clinic.ID)
	if err != nil {
		return calendarsAnswer{}, err
	}
	return calendarsAnswer{each(dir.Professionals, func(p agenda.ClinicProfessional) calendarEntry {
		summary := p.GoogleCalendarLabel
		if summary == "" {
			summary = p.Name
		}
		return calendarEntry{ID: p.GoogleCalendarID, Summary: summary, TimeZone: dir.Clinic.TimeZone, Professional: personOf(p)}
	})}, nil
}

// zoned is a tool's time zone.
type zoned struct {
	TimeZone string `json:"timeZone,omitempty" jsonschema:"fuso IANA das horas sem fuso e da resposta; sem ele, o da clínica"`
}

// bounds are those of a period that is read.
type bounds struct {
	TimeMin string `json:"timeMin,omitempty" jsonschema:"início do período, ISO 8601; sem ele, agora"`
	TimeMax string `json:"timeMax,omitempty" jsonschema:"fim do período, ISO 8601 (só a data: até o fim do dia); sem ele, 7 dias depois do início; no máximo 62 dias"`
	zoned
}

type listEventsArguments struct {
	place
	bounds
}

type eventsAnswer struct {
	Events   []event `json:"events"`
	TimeZone string  `json:"timeZone"`
}

func (s *Server) listEvents(ctx context.Context, c caller, in listEventsArguments) (eventsAnswer, error) {
	at, err := clockOf(c, in.TimeZone)
	if err != nil {
		return eventsAnswer{}, err
	}
	from, to, err := at.period(in.TimeMin, in.TimeMax)
	if err != nil {
		return eventsAnswer{}, err
	}
	of, _, err := s.owner(ctx, c, in.place)
	if err != nil {
		return eventsAnswer{}, err
	}
	return s.events(ctx, c, at, service.RouteParams{
		Operation: "list-events", Professional: of.ID, CalendarID: in.CalendarID, Start: from, End: to,
	})
}

func (s *Server) events(ctx context.Context, c caller, at clock, p service.RouteParams) (eventsAnswer, error) {
	p.Tenant = c.clinic.ID
	routed, err := s.agenda.Route(ctx, c.actor, p)
	if err != nil {
		return eventsAnswer{}, err
	}
	return eventsAnswer{each(routed.Events, func(e agenda.Event) event { return eventOf(e, at) }), at.zone.String()}, nil
}

// eventArguments name an event.
type eventArguments struct {
	place
	EventID string `json:"eventId" jsonschema:"id do evento (de list-events)"`
	zoned
}

func (s *Server) getEvent(ctx context.Context, c caller, in eventArguments) (event, error) {
	at, err := clockOf(c, in.TimeZone)
	if err != nil {
		return event{}, err
	}
	of, _, err := s.owner(ctx, c, in.place)
	if err != nil {
		return event{}, err
	}
	routed, err := s.agenda.Route(ctx, c.actor, service.RouteParams{
		Tenant: c.clinic.ID, Operation: "get-event", Professional: of.ID, CalendarID: in.CalendarID, EventID: in.EventID,
	})
	if err != nil {
		return event{}, err
	}
	if len(routed.Events) == 0 {
		return event{}, errs.Absent("event")
	}
	return eventOf(routed.Events[0], at), nil
}

type calendarName struct {
	ID string `json:"id" jsonschema:"calendarId de um profissional"`
}

type freeBusyArguments struct {
	Calendars []calendarName `json:"calendars" jsonschema:"as agendas, no máximo 50"`
	TimeMin   string         `json:"timeMin" jsonschema:"início do período, ISO 8601"`
	TimeMax   string         `json:"timeMax" jsonschema:"fim do período, ISO 8601 (só a data: até o fim do dia); no máximo 62 dias"`
	zoned
}

type calendarBusy struct {
	ID   string `json:"id" jsonschema:"o calendarId"`
	Busy []span `json:"busy" jsonschema:"o que está ocupado; para marcar, use list-free-slots"`
}

type freeBusyAnswer struct {
	Calendars []calendarBusy `json:"calendars"`
	TimeZone  string         `json:"timeZone"`
}

// maxCalendars is as many as Google's own method takes.
const maxCalendars = 50

func (s *Server) getFreeBusy(ctx context.Context, c caller, in freeBusyArguments) (freeBusyAnswer, error) {
	at, err := clockOf(c, in.TimeZone)
	if err != nil {
		return freeBusyAnswer{}, err
	}
	from, to, err := at.period(in.TimeMin, in.TimeMax)
	if err != nil {
		return freeBusyAnswer{}, err
	}
	if c.bound() {
		in.Calendars = []calendarName{{c.professional.GoogleCalendarID}}
	}
	if len(in.Calendars) == 0 || len(in.Calendars) > maxCalendars {
		return freeBusyAnswer{}, errs.InvalidField("calendars", "must name 1 to 50 calendars")
	}
	out := freeBusyAnswer{Calendars: []calendarBusy{}, TimeZone: at.zone.String()}
	for _, cal := range in.Calendars {
		of, _, err := s.owner(ctx, c, place{CalendarID: cal.ID})
		if err != nil {
			return freeBusyAnswer{}, err
		}
		routed, err := s.agenda.Route(ctx, c.actor, service.RouteParams{
			Tenant: c.clinic.ID, Operation: "get-freebusy", Professional: of.ID, CalendarID: cal.ID, Start: from, End: to,
		})
		if err != nil {
			return freeBusyAnswer{}, err
		}
		out.Calendars = append(out.Calendars, calendarBusy{cal.ID, each(routed.Busy, func(b agenda.Busy) span { return spanOf(b.Interval, at) })})
	}
	return out, nil
}

type currentTimeAnswer struct {
	CurrentTime string `json:"currentTime"`
	TimeZone    string `json:"timeZone"`
	Date        string `json:"date"`
	Weekday     string `json:"weekday"`
}

func (s *Server) getCurrentTime(_ context.Context, c caller, in zoned) (currentTimeAnswer, error) {
	at, err := clockOf(c, in.TimeZone)
	if err != nil {
		return currentTimeAnswer{}, err
	}
	now := s.now()
	today := agenda.DateOf(now, at.zone)
	return currentTimeAnswer{at.write(now), at.zone.String(), today.String(), agenda.WeekdayName(today.Weekday())}, nil
}

func (s *Server) registerCalendar() {
	add(s, tool{
		name: "list-calendars", title: "Listar agendas", reads: true, ofEverybody: true,
		about: "Lista as agendas dos profissionais da clínica, e de quem é cada uma.",
	}, s.listCalendars)
	add(s, tool{
		name: "list-events", title: "Listar eventos", reads: true,
		about: "Lista os eventos da agenda num período. Os nomes de pacientes são sigilosos.",
	}, s.listEvents)
	add(s, tool{
		name: "get-event", title: "Ver evento", reads: true,
		about: "Mostra um evento da agenda.",
	}, s.getEvent)
	add(s, tool{
		name: "create-event", title: "Marcar consulta",
		about: "Confere e marca uma consulta numa só chamada, na agenda do profissional confirmado. Antes, confirme com o paciente o profissional, o serviço, o dia e a hora.",
	}, s.createEvent)
	add(s, tool{
		name: "update-event", title: "Remarcar evento", destroys: true, again: true,
		about: "Muda o início de uma consulta na mesma agenda; a duração fica. Confirme o novo horário com o paciente antes.",
	}, s.updateEvent)
	add(s, tool{
		name: "delete-event", title: "Cancelar evento", destroys: true, again: true,
		about: "Cancela uma consulta e tira o evento da agenda. Confirme com o paciente antes.",
	}, s.deleteEvent)
	add(s, tool{
		name: "get-freebusy", title: "Ver ocupação", reads: true,
		about: "Diz o que está ocupado nas agendas. Para oferecer horários use list-free-slots, que conhece expediente, intervalos e antecedência.",
	}, s.getFreeBusy)
	add(s, tool{
		name: "get-current-time", title: "Ver data e hora", reads: true,
		about: "Diz a data, o dia da semana e a hora de agora na clínica.",
	}, s.getCurrentTime)
}
