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
	if len(services) == 0 && m.Service != "" && !isPlainVisit(m.Service) {
		return d.informUnknownService(c, m), true
	}
	whom := d.asked(c, m)
	if len(services) == 0 && m.Service == "" {
		services = d.servicesInQuestion(c, whom)
	}
	switch {
	case len(services) == 1:
		p, _ := d.Directory.Professional(services[0].ProfessionalID)
		return d.informAndOffer(c, m, p, services[0].ID, d.say("price_one", offered(services[0], p))), true
	case len(services) > 1:
		return d.informMenu(c, m, "prices", services), true
	case len(whom) == 1:
		return d.informAndOffer(c, m, whom[0], agenda.ServiceID{}, d.say("price_unknown_with", about(whom[0]))), true
	}
	return d.say("price_unknown", nil).then(d.again(c)), true
}

// asked is whom a question is about: those it names, else the one who was chosen, else nobody in particular.
func (d Desk) asked(c *Conversation, m Meaning) []agenda.ClinicProfessional {
	if len(m.Candidates) > 0 {
		return d.meant(m)
	}
	if p, ok := d.Directory.Professional(c.Draft.Professional); ok {
		return []agenda.ClinicProfessional{p}
	}
	return nil
}

// servicesInQuestion is what a question that names no service is about: what was chosen, else what those it is about
// offer, else everything.
func (d Desk) servicesInQuestion(c *Conversation, whom []agenda.ClinicProfessional) []agenda.Service {
	if s, ok := d.Directory.Service(c.Draft.Service); ok {
		return []agenda.Service{s}
	}
	if len(whom) == 0 {
		return d.Directory.Services
	}
	var services []agenda.Service
	for _, p := range whom {
		services = append(services, d.Directory.ServicesOf(p.ID)...)
	}
	return services
}

// informAndOffer answers about one professional, and offers to go on with a visit when nothing is being arranged: it is
// what a patient asks before booking, and "sim" goes on.
func (d Desk) informAndOffer(c *Conversation, m Meaning, p agenda.ClinicProfessional, service agenda.ServiceID, told Step) Step {
	if !c.State.isOpen() {
		return told.then(d.again(c))
	}
	c.begin(m)
	c.Draft.Professional, c.Draft.Service, c.Draft.Offered = p.ID, service, true
	c.State = CollectingPatient
	return told.join(d.say("would_you_book", nil))
}

// informMenu answers with several services, to choose from when nothing is being arranged.
func (d Desk) informMenu(c *Conversation, m Meaning, key string, services []agenda.Service) Step {
	if c.State.isOpen() {
		c.begin(m)
		return d.menu(c, key, services)
	}
	return d.say(key, args{"services": d.serviceLines(services), "ask": ""}).then(d.again(c))
}

func (d Desk) informServices(c *Conversation, m Meaning) (Step, bool) {
	services := d.knownServices(m.Services)
	if len(services) == 0 && m.Service != "" && !isPlainVisit(m.Service) {
		return d.informUnknownService(c, m), true
	}
	if len(services) == 0 && len(m.Candidates) > 0 {
		services = d.servicesInQuestion(&Conversation{}, d.meant(m))
	}
	if len(services) == 0 {
		services = d.Directory.Services
	}
	if len(services) == 0 {
		return d.say("services_none", args{"list": d.professionalLines(d.everybody())}).then(d.again(c)), true
	}
	return d.informMenu(c, m, "services", services), true
}

func (d Desk) informUnknownService(c *Conversation, m Meaning) Step {
	if len(d.Directory.Services) == 0 {
		return d.say("services_none", args{"list": d.professionalLines(d.everybody())}).then(d.again(c))
	}
	return d.informMenu(c, m, "unknown_service", d.Directory.Services)
}

// again repeats what was asked last, nothing when nothing is being arranged.
func (d Desk) again(c *Conversation) Step {
	p, _ := d.Directory.Professional(c.Draft.Professional)
	switch c.State {
	case ChoosingProfessional:
		if menu := d.knownServices(c.Draft.Menu); len(menu) > 0 {
			return d.menu(c, "services", menu)
		}
		return d.say("list_professionals", args{"list": d.professionalLines(c.Draft.Options)})
	case CollectingPatient:
		if c.Draft.Offered {
			return d.say("would_you_book", nil)
		}
		if step, asks := d.askWhom(c); asks {
			return step
		}
		return d.say("ask_patient_still", args{"fields": d.missing(c.Whom())})
	case ChoosingSlot:
		if len(c.Draft.Slots) == 0 {
			return Step{}
		}
		return d.say("offer_slots", about(p).plus(args{"slots": d.slotLines(c.Draft.Slots)}))
	case Confirming:
		return d.askConfirmation(c)
	case Cancelling, Rescheduling:
		return do(FindOwn)
	case Idle, Booked, HandedOff, OptedOut:
	}
	return Step{}
}
