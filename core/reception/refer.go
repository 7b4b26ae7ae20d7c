package reception

import (
	"slices"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/text"
)

// refer follows what a message names: by name, then by speciality, then by service, then by symptom. One match is
// taken, several are listed, none is answered with what there is. ok is false when the message names nothing new.
func (d Desk) refer(c *Conversation, m Meaning) (step Step, ok bool) {
	if m.Service != "" && len(m.Services) == 0 && isPlainVisit(m.Service) {
		m.Service = ""
	}
	if !m.Refers() {
		return Step{}, false
	}
	if c.State == Cancelling || c.State == Rescheduling {
		if c.Draft.Appointment.IsZero() && len(m.Services) == 0 {
			return Step{}, false // "a do Dr. João" is one of the visits that were listed
		}
	}
	if c.State == CollectingPatient && m.Patient != (agenda.Patient{}) && m.Intent != Schedule {
		return Step{}, false // "Maria Costa, 12/03/1985": data, not a wish for Dra. Maria Costa
	}
	candidates := c.among(d.known(m.Candidates), m)
	services := d.knownServices(m.Services)
	named := m.Professional != ""
	if named && len(candidates) == 0 {
		c.begin(m)
		return d.list(c, "unknown_professional", d.everybody()), true
	}
	if m.Service != "" && len(services) == 0 {
		return d.unknownService(c, m, candidates), true
	}
	if m.Service != "" {
		return d.referService(c, m, candidates, services)
	}
	if len(candidates) == 0 {
		if m.Specialty == "" && !c.State.isOpen() {
			return Step{}, false // a symptom in passing, while something else was asked
		}
		c.begin(m)
		if m.Specialty != "" {
			return d.list(c, "unknown_specialty", d.everybody()), true
		}
		return d.list(c, "ask_professional", d.everybody()), true
	}
	if !named && m.Specialty == "" && !c.State.isOpen() && c.State != ChoosingProfessional {
		return Step{}, false // a symptom does not change a choice that was made
	}
	return d.settle(c, m, candidates, nil)
}

// among keeps the candidates who were listed, if any was: "a Santos", after two Marias, is one of them. "Não, com a Maria" is
// the other one of two.
func (c *Conversation) among(candidates []agenda.ClinicProfessionalID, m Meaning) []agenda.ClinicProfessionalID {
	keep := func(p agenda.ClinicProfessionalID) bool { return !m.No || p != c.Draft.Professional }
	if c.State == ChoosingProfessional {
		keep = func(p agenda.ClinicProfessionalID) bool { return slices.Contains(c.Draft.Options, p) }
	}
	kept := slices.DeleteFunc(slices.Clone(candidates), func(p agenda.ClinicProfessionalID) bool { return !keep(p) })
	if len(kept) == 0 {
		return candidates
	}
	return kept
}

// settle takes the one candidate or lists several.
func (d Desk) settle(c *Conversation, m Meaning, candidates []agenda.ClinicProfessionalID, services []agenda.ServiceID) (Step, bool) {
	if len(candidates) > 1 {
		c.begin(m)
		c.Draft.Services = services
		return d.list(c, "ask_which", candidates), true
	}
	p, _ := d.Directory.Professional(candidates[0])
	if c.Draft.Professional == p.ID && !c.State.isOpen() && d.sameService(c, services) {
		return Step{}, false // said again, nothing new
	}
	if c.State == Rescheduling || c.Draft.Purpose == ToMove && m.Professional == "" {
		return Step{}, false // moving a visit keeps its professional
	}
	wanted := c.Draft.Services
	c.begin(m)
	c.learn(m)
	key := bySpecialty
	if m.Professional != "" {
		key = "by_name"
	}
	if c.Draft.Services = services; len(services) > 0 {
		return d.take(c, p, key), true
	}
	// Who asked for botox and then names somebody still wants botox; from who does not do it, that is no botox.
	c.Draft.Services = wanted
	step := d.take(c, p, key)
	if asked := d.knownServices(wanted); len(asked) > 0 && c.Draft.Service.IsZero() {
		c.Draft.Services = nil
		step = d.say("without_service", about(p).plus(args{"service": asked[0].Name})).join(step)
	}
	return step, true
}

func (d Desk) sameService(c *Conversation, services []agenda.ServiceID) bool {
	return len(services) == 0 || slices.Contains(services, c.Draft.Service)
}

// referService follows a service that the clinic has. It belongs to who offers it: nobody else is offered for it.
func (d Desk) referService(c *Conversation, m Meaning, candidates []agenda.ClinicProfessionalID, services []agenda.Service) (Step, bool) {
	var offering []agenda.ClinicProfessionalID
	var keys []agenda.ServiceID
	for _, s := range services {
		keys = append(keys, s.ID)
		if !slices.Contains(offering, s.ProfessionalID) {
			offering = append(offering, s.ProfessionalID)
		}
	}
	if m.Professional == "" && m.Specialty == "" {
		return d.settle(c, m, offering, keys)
	}
	both := slices.DeleteFunc(slices.Clone(candidates), func(p agenda.ClinicProfessionalID) bool { return !slices.Contains(offering, p) })
	if len(both) > 0 {
		return d.settle(c, m, both, keys)
	}
	c.begin(m)
	c.Draft.Services = keys
	c.State, c.Draft.Purpose, c.Draft.Options = ChoosingProfessional, ToBook, offering
	return d.say("exclusive_service", args{"service": services[0].Name, "list": d.professionalLines(offering)}), true
}

// unknownService answers a service that the clinic does not have with those it has.
func (d Desk) unknownService(c *Conversation, m Meaning, candidates []agenda.ClinicProfessionalID) Step {
	c.begin(m)
	if len(d.Directory.Services) > 0 {
		return d.menu(c, "unknown_service", d.Directory.Services)
	}
	if len(candidates) == 0 {
		candidates = d.everybody()
	}
	return d.list(c, "unknown_service_none", candidates)
}

// menu lists services to choose from.
func (d Desk) menu(c *Conversation, key string, services []agenda.Service) Step {
	c.State = ChoosingProfessional
	c.Draft = c.Draft.wished()
	for _, s := range services {
		c.Draft.Menu = append(c.Draft.Menu, s.ID)
		if !slices.Contains(c.Draft.Options, s.ProfessionalID) {
			c.Draft.Options = append(c.Draft.Options, s.ProfessionalID)
		}
	}
	return d.say(key, args{"services": d.serviceLines(services), "ask": d.Say.text("ask_service", nil)})
}

// begin starts the selection again; what was wished of day and hour is kept unless the message names another.
func (c *Conversation) begin(m Meaning) {
	c.Draft = c.Draft.wished()
	c.wish(m)
}

// isOpen reports whether nothing is being arranged in the state.
func (s State) isOpen() bool {
	switch s {
	case Idle, Booked:
		return true
	case ChoosingProfessional, CollectingPatient, ChoosingSlot, Confirming, Cancelling, Rescheduling, HandedOff, OptedOut:
	}
	return false
}

// known keeps the candidates that are in the directory: a model may name anybody.
func (d Desk) known(candidates []agenda.ClinicProfessionalID) []agenda.ClinicProfessionalID {
	var out []agenda.ClinicProfessionalID
	for _, key := range candidates {
		if _, ok := d.Directory.Professional(key); ok && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

func (d Desk) knownServices(services []agenda.ServiceID) []agenda.Service {
	var out []agenda.Service
	for _, key := range services {
		if s, ok := d.Directory.Service(key); ok {
			out = append(out, s)
		}
	}
	return out
}

// isPlainVisit reports whether a service is only a word for a visit.
func isPlainVisit(service string) bool {
	switch text.Fold(service) {
	case "consulta", "avaliacao", "retorno", "atendimento", "visita", "consulta de rotina":
		return true
	}
	return false
}
