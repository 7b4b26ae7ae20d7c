package reception

import (
	"slices"
	"strconv"
	"strings"

	"github.com/secretary-api/secretary/core/agenda"
)

// chooseProfessional hears the answer to a list of professionals.
func (d Desk) chooseProfessional(c *Conversation, m Meaning) (Step, bool) {
	options, menu := d.known(c.Draft.Options), d.knownServices(c.Draft.Menu)
	c.wish(m)
	if len(menu) > 0 && m.Yes && len(menu) == 1 {
		m.Option = 1
	}
	switch {
	case len(menu) > 0 && m.Option > 0 && m.Option <= len(menu):
		chosen := menu[m.Option-1]
		c.Draft.Services = []agenda.ServiceID{chosen.ID}
		p, _ := d.Directory.Professional(chosen.ProfessionalID)
		return d.take(c, p, "by_name"), true
	case len(menu) > 0 && m.Option > 0:
		return d.menu(c, "services", menu), false
	case len(menu) == 0 && len(options) > 0 && m.Pick == Last:
		m.Option = len(options)
	case len(menu) == 0 && m.Pick != NoPick:
		c.Draft.Options = orAll(options, d.everybody())
		return do(FindFirst), true
	}
	switch {
	case m.Option > 0 && m.Option <= len(options):
		p, _ := d.Directory.Professional(options[m.Option-1])
		return d.take(c, p, "by_name"), true
	case m.Yes && len(options) == 1:
		p, _ := d.Directory.Professional(options[0])
		return d.take(c, p, "by_name"), true
	case m.No || m.Intent == Thanks:
		c.reset(Idle)
		return d.say("closing", nil), true
	}
	understood := m.Intent == Schedule || m.Intent == Greeting || m.wishes()
	c.learn(m)
	return d.list(c, "ask_professional", slices.Clone(orAll(options, d.everybody()))), understood
}

func orAll(options, all []agenda.ClinicProfessionalID) []agenda.ClinicProfessionalID {
	if len(options) == 0 {
		return all
	}
	return options
}

// collectPatient hears who the visit is for.
func (d Desk) collectPatient(c *Conversation, m Meaning) (Step, bool) {
	if len(c.Draft.Patients) > 0 {
		return d.chooseWhom(c, m)
	}
	told := c.learn(m)
	c.wish(m)
	if doubts := d.doubts(c, m); len(doubts.Replies) > 0 && !m.No {
		c.Draft.Offered = false
		return doubts.join(d.say("ask_patient_still", args{"fields": d.missing(c.Whom())})), true
	}
	if c.Draft.Offered {
		switch {
		case m.No:
			c.reset(Idle)
			return d.say("closing", nil), true
		case m.Yes || told || m.wishes() || m.Intent == Schedule || m.Option == 1:
			c.Draft.Offered = false
			return d.proceed(c), true
		}
		return d.say("would_you_book", nil), m.Intent == Greeting || m.Intent == Thanks
	}
	missing := d.missing(c.Whom())
	switch {
	case missing == "":
		return d.patientKnown(c), true
	case told:
		return d.say("ask_patient_rest", args{"fields": missing}), true
	case m.No:
		c.reset(Idle)
		return d.say("closing", nil), true
	}
	return d.proceed(c), m.wishes() || m.Intent == Greeting || m.Intent == Schedule || m.Yes
}

// chooseVisit hears which of the contact's own visits is meant, or whether it is to be cancelled.
func (d Desk) chooseVisit(c *Conversation, m Meaning) (Step, bool) {
	if c.Draft.Purpose == ToMove {
		c.wish(m)
	}
	if c.Draft.Appointment.IsZero() {
		if n := m.chosen(len(c.Draft.Appointments)); n > 0 {
			c.Draft.Appointment = c.Draft.Appointments[n-1]
			return do(FindOwn), true
		}
		if !m.No && len(c.Draft.Appointments) > 0 && (m.wishes() || len(m.Candidates) > 0) {
			c.Draft.Appointments, c.Draft.Options = nil, d.known(m.Candidates) // "a de quinta", "a da Dra. Maria"
			c.wish(m)
			return do(FindOwn), true
		}
		if m.No {
			c.reset(Idle)
			return d.say("closing", nil), true
		}
		return do(FindOwn), false
	}
	switch {
	case c.State == Cancelling && m.Yes && !m.No:
		return do(CancelVisit), true
	case m.No:
		c.reset(Idle)
		return d.say("not_cancelled", nil), true
	}
	return do(FindOwn), false
}

// OwnVisits tells the contact's own coming visits, by start, after FindOwn.
func (d Desk) OwnVisits(c *Conversation, visits []agenda.Appointment) Step {
	if d.forgets(c, visits) {
		return d.say("closing", nil)
	}
	if len(visits) == 0 {
		c.reset(Idle)
		return d.say("no_own_visits", nil)
	}
	if c.Draft.Appointment.IsZero() && len(c.Draft.Appointments) == 0 {
		visits = d.reminded(c, d.narrow(c, visits))
	}
	if len(visits) == 1 && c.Draft.Appointment.IsZero() {
		c.Draft.Appointment = visits[0].ID
	}
	for _, v := range visits {
		if v.ID == c.Draft.Appointment {
			return d.chosenVisit(c, v)
		}
	}
	c.Draft.Appointment, c.Draft.Appointments = agenda.AppointmentID{}, nil
	lines := make([]string, 0, len(visits))
	for i, v := range visits {
		c.Draft.Appointments = append(c.Draft.Appointments, v.ID)
		lines = append(lines, d.Say.text("visit_item", d.visit(v).plus(args{"n": strconv.Itoa(i + 1)})))
	}
	key := "which_to_cancel"
	switch c.Draft.Purpose {
	case ToMove:
		key = "which_to_move"
	case ToAttend:
		key = "which_to_attend"
	case ToDecline:
		key = "which_to_decline"
	case NoPurpose, ToBook, ToCancel:
	}
	return d.say(key, args{"visits": strings.Join(lines, "\n")})
}

// narrow keeps the visits that the message itself points at: "minha consulta de quinta", "a consulta com o Dr. João". A day
// of a visit is then no wish for another one.
func (d Desk) narrow(c *Conversation, visits []agenda.Appointment) []agenda.Appointment {
	zone := d.Directory.Clinic.Location()
	onDay := slices.DeleteFunc(slices.Clone(visits), func(v agenda.Appointment) bool { return agenda.DateOf(v.Start, zone) != c.Draft.Date })
	if len(onDay) > 0 {
		visits = onDay
		c.Draft.Date, c.Draft.Period = agenda.Date{}, AnyPeriod
	}
	atHour := slices.DeleteFunc(slices.Clone(visits), func(v agenda.Appointment) bool {
		return c.Draft.Time == nil || agenda.LocalTimeOf(v.Start, zone) != *c.Draft.Time
	})
	if len(atHour) > 0 || len(onDay) > 0 {
		c.Draft.Time = nil
	}
	if len(atHour) > 0 {
		visits = atHour
	}
	with := slices.DeleteFunc(slices.Clone(visits), func(v agenda.Appointment) bool { return !slices.Contains(c.Draft.Options, v.ProfessionalID) })
	if len(with) > 0 {
		visits = with
	}
	c.Draft.Options = nil
	return visits
}

func (d Desk) chosenVisit(c *Conversation, v agenda.Appointment) Step {
	switch c.Draft.Purpose {
	case ToCancel:
		c.State = Cancelling
		return d.say("confirm_cancel", d.visit(v))
	case ToAttend, ToDecline:
		return do(NoteAttendance)
	case NoPurpose, ToBook, ToMove:
	}
	if _, ok := d.Directory.Professional(v.ProfessionalID); !ok {
		d.handOff(c, CannotComplete)
		return d.say("failed", nil)
	}
	c.State = ChoosingSlot
	c.Draft.Professional, c.Draft.Service = v.ProfessionalID, v.ServiceID
	if _, ok := d.Directory.Service(v.ServiceID); !ok {
		c.Draft.Service = agenda.ServiceID{} // no longer offered; the visit keeps its length all the same
	}
	c.Draft.Patient = new(v.Patient) // the visit stays whose it is
	return d.say("move_from", d.visit(v)).then(do(FindSlots))
}

// visit is what the texts say of an appointment, from the record.
func (d Desk) visit(v agenda.Appointment) args {
	p, ok := d.Directory.Professional(v.ProfessionalID)
	if !ok { // no longer offered here; the visit is still the patient's
		p.Name = d.Say.text("former_professional", nil)
	}
	return about(p).plus(args{"when": d.when(v.Start), "patient": v.Patient.Name})
}
