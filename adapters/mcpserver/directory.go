package mcpserver

import (
	"context"
	"fmt"
	"strings"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/service"
)

// named says which professional is meant.
type named struct {
	ProfessionalID string `json:"professionalId,omitempty" jsonschema:"id do profissional (de list-professionals)"`
	Professional   string `json:"professional,omitempty" jsonschema:"em vez de professionalId: slug ou nome do profissional"`
}

// place says whose calendar is meant.
type place struct {
	CalendarID string `json:"calendarId" jsonschema:"id da agenda do profissional confirmado (de list-professionals ou list-calendars)"`
	named
}

// pick returns the professional whom a caller names, or is bound to; ok is false when there is none of these.
func pick(c caller, dir agenda.Directory, n named) (p agenda.ClinicProfessional, ok bool, err error) {
	switch {
	case c.bound():
		return c.professional, true, nil
	case n.ProfessionalID != "":
		key, err := id.Parse[agenda.ClinicProfessional](n.ProfessionalID)
		if err != nil {
			return p, false, errs.InvalidField("professionalId", "must be an id of list-professionals")
		}
		if p, ok = dir.Professional(key); !ok {
			return p, false, errs.Absent("professional")
		}
		if n.Professional == "" {
			return p, true, nil
		}
		if byName, _, err := pick(c, dir, named{Professional: n.Professional}); err != nil || byName.ID != p.ID {
			return p, false, refusalError{"invalid-input", "professionalId e professional são de pessoas diferentes. Confirme o profissional com o paciente e envie só um dos dois."}
		}
		return p, true, nil
	case n.Professional == "":
		return p, false, nil
	}
	for _, p := range dir.Professionals {
		if p.Slug == n.Professional {
			return p, true, nil
		}
	}
	found := dir.FindByName(n.Professional)
	switch len(found) {
	case 0:
		return p, false, errs.Absent("professional")
	case 1:
		return found[0].Professional, true, nil
	}
	names := each(found, func(m agenda.Match) string { return m.Professional.Name + " (" + m.Professional.ID.String() + ")" })
	return p, false, refusalError{"professional-ambiguous", "Há mais de um profissional com esse nome: " + strings.Join(names, ", ") + ". Pergunte ao paciente qual deles e envie o professionalId."}
}

// owner returns the professional whose calendar a caller means, and the clinic. A calendar that is nobody's is refused by
// the use case; whether it is that of a professional who is named is for the use case that is called next.
func (s *Server) owner(ctx context.Context, c caller, p place) (agenda.ClinicProfessional, agenda.Directory, error) {
	dir, err := s.directory(ctx, c)
	if err != nil {
		return agenda.ClinicProfessional{}, dir, err
	}
	v, ok, err := pick(c, dir, p.named)
	if err == nil && !ok {
		v, err = s.agenda.CalendarOwner(ctx, c.actor, c.clinic.ID, p.CalendarID)
	}
	return v, dir, err
}

// serviceIn returns the service that an argument names; nil for "".
func serviceIn(dir agenda.Directory, argument string) (*agenda.Service, error) {
	if argument == "" {
		return nil, nil //nolint:nilnil // a plain visit has no service
	}
	key, err := id.Parse[agenda.Service](argument)
	if err != nil {
		return nil, errs.InvalidField("serviceId", "must be an id of list-services")
	}
	v, ok := dir.Service(key)
	if !ok {
		return nil, errs.Absent("service")
	}
	return &v, nil
}

type nothing struct{}

// professionalEntry is a professional with what an agent chooses by.
type professionalEntry struct {
	person
	CalendarID   string   `json:"calendarId" jsonschema:"a agenda deste profissional, e só dele"`
	Keywords     []string `json:"keywords" jsonschema:"o que pacientes dizem em vez da especialidade"`
	VisitMinutes int      `json:"visitMinutes" jsonschema:"duração de uma consulta sem serviço, em minutos"`
	Services     []string `json:"services" jsonschema:"nomes dos serviços; detalhes em list-services"`
}

func professionalEntryOf(dir agenda.Directory, p agenda.ClinicProfessional) professionalEntry {
	return professionalEntry{
		person: personOf(p), CalendarID: p.GoogleCalendarID, Keywords: each(p.SpecialtyKeywords, func(s string) string { return s }),
		VisitMinutes: p.ConsultationMinutes, Services: each(dir.ServicesOf(p.ID), func(s agenda.Service) string { return s.Name }),
	}
}

type professionalsAnswer struct {
	Professionals []professionalEntry `json:"professionals"`
}

func (s *Server) listProfessionals(ctx context.Context, c caller, _ nothing) (professionalsAnswer, error) {
	dir, err := s.clinics.Directory(ctx, c.actor, c.clinic.ID)
	if err != nil {
		return professionalsAnswer{}, err
	}
	return professionalsAnswer{each(dir.Professionals, func(p agenda.ClinicProfessional) professionalEntry {
		return professionalEntryOf(dir, p)
	})}, nil
}

type findArguments struct {
	Query string `json:"query" jsonschema:"o que o paciente disse: nome, especialidade, serviço ou sintoma, como Dra. Maria, cardiologista, botox ou coração"`
}

type match struct {
	Reason       reason            `json:"reason" jsonschema:"por que foi encontrado: nome, especialidade, serviço ou palavra-chave"`
	Score        float64           `json:"score" jsonschema:"de 0 a 1"`
	Professional professionalEntry `json:"professional"`
	Service      *serviceEntry     `json:"service,omitempty" jsonschema:"o serviço encontrado"`
}

type findAnswer struct {
	Matches []match `json:"matches" jsonschema:"do melhor para o pior"`
	Advice  string  `json:"advice" jsonschema:"o que fazer agora"`
}

func (s *Server) findProfessional(ctx context.Context, c caller, in findArguments) (findAnswer, error) {
	found, err := s.clinics.Search(ctx, c.actor, c.clinic.ID, service.SearchParams{Any: in.Query})
	if err != nil {
		return findAnswer{}, err
	}
	dir, err := s.clinics.Directory(ctx, c.actor, c.clinic.ID)
	if err != nil {
		return findAnswer{}, err
	}
	out := findAnswer{Matches: each(found, func(m agenda.Match) match {
		v := match{Reason: reason(m.Reason), Score: m.Score, Professional: professionalEntryOf(dir, m.Professional)}
		if m.Service != nil {
			entry := serviceEntryOf(dir, *m.Service)
			v.Service = &entry
		}
		return v
	})}
	switch len(found) {
	case 0:
		out.Advice = "Ninguém foi encontrado. Pergunte de outra forma, ou leia ao paciente a lista de list-professionals."
	case 1:
		out.Advice = "Confirme com o paciente: " + found[0].Professional.Name + "?"
	default:
		out.Advice = fmt.Sprintf("Há %d possibilidades: leia os nomes ao paciente e pergunte qual. Não escolha por ele.", len(found))
	}
	return out, nil
}

// serviceEntry is a service with what a patient asks about it.
type serviceEntry struct {
	ServiceID       string `json:"serviceId"`
	Name            string `json:"name"`
	Description     string `json:"description,omitempty"`
	PriceCents      int64  `json:"priceCents" jsonschema:"preço em centavos de real"`
	Price           string `json:"price" jsonschema:"preço por extenso, para dizer ao paciente"`
	DurationMinutes int    `json:"durationMinutes"`
	Professional    person `json:"professional" jsonschema:"o único que o oferece"`
}

func serviceEntryOf(dir agenda.Directory, s agenda.Service) serviceEntry {
	return serviceEntry{
		ServiceID: s.ID.String(), Name: s.Name, Description: s.Description, PriceCents: s.PriceCents, Price: agenda.Price(s.PriceCents),
		DurationMinutes: s.DurationMinutes, Professional: personIn(dir, s.ProfessionalID),
	}
}

type servicesAnswer struct {
	Services []serviceEntry `json:"services"`
}

func (s *Server) listServices(ctx context.Context, c caller, in named) (servicesAnswer, error) {
	dir, err := s.clinics.Directory(ctx, c.actor, c.clinic.ID)
	if err != nil {
		return servicesAnswer{}, err
	}
	of, only, err := pick(c, dir, in)
	if err != nil {
		return servicesAnswer{}, err
	}
	offered := dir.Services
	if only {
		offered = dir.ServicesOf(of.ID)
	}
	return servicesAnswer{each(offered, func(v agenda.Service) serviceEntry { return serviceEntryOf(dir, v) })}, nil
}

func (s *Server) registerDirectory() {
	add(s, tool{
		name: "list-professionals", title: "Listar profissionais", reads: true, ofEverybody: true,
		about: "Lista os profissionais da clínica, com especialidade, serviços e o calendarId de cada um.",
	}, s.listProfessionals)
	add(s, tool{
		name: "find-professional", title: "Encontrar profissional", reads: true, ofEverybody: true,
		about: "Encontra profissionais pelo que o paciente disse (nome, especialidade, serviço ou sintoma) e diz por quê. Se houver vários, pergunte ao paciente.",
	}, s.findProfessional)
	add(s, tool{
		name: "list-services", title: "Listar serviços", reads: true,
		about: "Lista os serviços com preço, duração e quem os oferece.",
	}, s.listServices)
}
