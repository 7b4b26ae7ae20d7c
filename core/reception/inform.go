package reception

import "github.com/secretary-api/secretary/core/agenda"

// inform answers a question about prices, hours, services or professionals from the clinic's records. When something is
// being arranged the answer is followed by what was asked last. ok is false when the question is really a request.
func (d Desk) inform(c *Conversation, m Meaning) (step Step, ok bool) {
	switch m.Intent {
	case AskPrice:
		return d.informPrice(c, m)
	case AskHours:
		if c.State == ChoosingSlot && m.wishes() {
			return Step{}, false
		}
		return d.say("hours", args{"hours": d.hourLines(d.meant(m))}).then(d.again(c)), true
	case AskServices:
		return d.informServices(c, m)
	case AskProfessionals:
		if m.Refers() {
			return Step{}, false // "vocês têm dermatologista?" is answered with who it is
		}
		c.begin(m)
		return d.list(c, "list_professionals", d.everybody()), true
	case Schedule, Reschedule, Cancel, HumanHandoff, Greeting, Thanks, Other:
	}
	return Step{}, false
}

// meant is who a question is about: those it names, or everybody.
func (d Desk) meant(m Meaning) []agenda.ClinicProfessional {
	var out []agenda.ClinicProfessional
	for _, key := range d.known(m.Candidates) {
		p, _ := d.Directory.Professional(key)
		out = append(out, p)
	}
	if len(out) == 0 {
		return d.Directory.Professionals
	}
	return out
}

func (d Desk) informPrice(c *Conversation, m Meaning) (Step, bool) {
	services := d.knownServices(m.Services)
	switch {
	case len(services) > 0:
	case m.Service != "" && !isPlainVisit(m.Service):
		return d.informUnknownService(c), true
	case m.Service == "" && !c.Draft.Service.IsZero():
		if s, ok := d.Directory.Service(c.Draft.Service); ok {
			services = []agenda.Service{s}
		}
	case m.Service == "" && len(d.Directory.Services) > 0 && m.Professional == "":
		return d.say("prices", args{"services": d.serviceLines(d.Directory.Services)}).then(d.again(c)), true
	}
	if len(services) == 0 {
		return d.say("price_unknown", nil).then(d.again(c)), true
	}
	if len(services) > 1 {
		return d.say("prices", args{"services": d.serviceLines(services)}).then(d.again(c)), true
	}
	p, _ := d.Directory.Professional(services[0].ProfessionalID)
	told := d.say("price_one", offered(services[0], p))
	if !c.State.isOpen() {
		return told.then(d.again(c)), true
	}
	// The price is what a patient asks before booking: "sim" goes on with this service.
	c.begin(m)
	c.Draft.Professional, c.Draft.Service, c.Draft.Offered = p.ID, services[0].ID, true
	c.State = CollectingPatient
	return told.join(d.say("would_you_book", nil)), true
}

func (d Desk) informServices(c *Conversation, m Meaning) (Step, bool) {
	services := d.knownServices(m.Services)
	if m.Service != "" && len(services) == 0 && !isPlainVisit(m.Service) {
		return d.informUnknownService(c), true
	}
	if len(services) == 0 && m.Professional != "" {
		for _, p := range d.meant(m) {
			services = append(services, d.Directory.ServicesOf(p.ID)...)
		}
	}
	if len(services) == 0 {
		services = d.Directory.Services
	}
	if len(services) == 0 {
		return d.say("services_none", args{"list": d.professionalLines(d.everybody())}).then(d.again(c)), true
	}
	return d.say("services", args{"services": d.serviceLines(services)}).then(d.again(c)), true
}

func (d Desk) informUnknownService(c *Conversation) Step {
	if len(d.Directory.Services) == 0 {
		return d.say("services_none", args{"list": d.professionalLines(d.everybody())}).then(d.again(c))
	}
	return d.say("unknown_service", args{"services": d.serviceLines(d.Directory.Services)}).then(d.again(c))
}

// again repeats what was asked last, nothing when nothing is being arranged.
func (d Desk) again(c *Conversation) Step {
	p, _ := d.Directory.Professional(c.Draft.Professional)
	switch c.State {
	case ChoosingProfessional:
		return d.say("list_professionals", args{"list": d.professionalLines(c.Draft.Options)})
	case CollectingPatient:
		if c.Draft.Offered {
			return d.say("would_you_book", nil)
		}
		return d.say("ask_patient_rest", args{"fields": d.missing(c.Patient)})
	case ChoosingSlot:
		if len(c.Draft.Slots) == 0 {
			return Step{}
		}
		return d.say("offer_slots", about(p).plus(args{"slots": d.slotLines(c.Draft.Slots)}))
	case Confirming:
		return d.askConfirmation(c)
	case Idle, Booked, Cancelling, Rescheduling, HandedOff, OptedOut:
	}
	return Step{}
}
