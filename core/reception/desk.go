package reception

import (
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// staleAfter is how long a contact is silent until what was being arranged is forgotten.
const staleAfter = 24 * time.Hour

// bySpecialty is the text that introduces a professional whom the patient did not name.
const bySpecialty = "by_specialty"

// maxMisses is how many messages in a row may go by without being understood before a person is offered.
const maxMisses = 2

// Desk is what a conversation is held with: the clinic as it is now, the language, and the time. Its methods change the
// conversation they are given and do nothing else.
type Desk struct {
	Directory agenda.Directory
	Patients  []agenda.PatientRecord // whom the contact has booked for, the first known first
	Say       *Catalogue
	Now       time.Time

	first bool // the message being heard is the contact's first
}

// ActionKind is what has to be done outside of the conversation.
type ActionKind int

// The actions. The zero value is none.
const (
	NoAction    ActionKind = iota
	FindSlots              // look for free slots, then [Desk.OfferSlots] or [Desk.CalendarAway]
	Book                   // book the confirmed slot, then [Desk.Booked], [Desk.SlotTaken], [Desk.CalendarAway] or [Desk.Failed]
	FindOwn                // look for the contact's own coming visits, then [Desk.OwnVisits]
	CancelVisit            // cancel a visit, then [Desk.Cancelled], [Desk.TooLate], [Desk.CalendarAway] or [Desk.Failed]
	MoveVisit              // move a visit to the confirmed slot, then [Desk.Moved] or as for Book
)

// Action is something to do. What it needs is in the conversation's Draft and Patient.
type Action struct{ Kind ActionKind }

// Step is what the machine answers: texts to send, and what to do before it can go on.
type Step struct {
	Replies []string
	Action  Action
}

// say is a step that only says something.
func (d Desk) say(key string, with args) Step { return Step{Replies: []string{d.Say.text(key, with)}} }

// then adds what follows to a step.
func (s Step) then(next Step) Step {
	return Step{Replies: append(s.Replies, next.Replies...), Action: next.Action}
}

// do is a step that only asks for an action.
func do(kind ActionKind) Step { return Step{Action: Action{Kind: kind}} }

// Hear takes in what the contact means.
func (d Desk) Hear(c *Conversation, m Meaning) Step {
	d.first = c.HeardAt.Equal(c.CreatedAt) && c.State == Idle && c.Misses == 0
	d.arrive(c)
	switch {
	case m.Emergency:
		d.handOff(c, EmergencySigns)
		return d.say("emergency", nil)
	case c.State == OptedOut && !m.OptIn && !m.asks():
		return Step{}
	case c.State == HandedOff && !m.OptIn && !m.OptOut:
		return Step{} // a person answers
	case m.OptOut:
		c.reset(OptedOut)
		return d.say("opted_out", args{"clinic": d.Directory.Clinic.Name})
	case m.OptIn && (c.State == OptedOut || c.State == HandedOff):
		c.reset(Idle)
		return d.say("welcome_back", nil)
	case c.State == OptedOut:
		c.reset(Idle)
	case m.WantsPerson || m.Intent == HumanHandoff:
		d.handOff(c, PatientAsked)
		return d.say("handed_off", nil)
	}
	if len(d.Directory.Professionals) == 0 {
		d.handOff(c, CannotComplete)
		return d.say("no_professionals", nil)
	}
	step, understood := d.answer(c, m)
	if !understood {
		c.Misses++
		if c.Misses > maxMisses {
			return d.say("not_understood_again", nil)
		}
		return step
	}
	c.Misses = 0
	return step
}

// HearUnreadable takes in a message that holds no text.
func (d Desk) HearUnreadable(c *Conversation, kind ContentKind) Step {
	d.arrive(c)
	switch {
	case c.State == HandedOff || c.State == OptedOut:
		return Step{}
	case kind == Audio:
		return d.say("audio", nil)
	}
	return d.say("unsupported", nil)
}

// arrive notes that the contact wrote, and forgets what has become stale or is no longer offered.
func (d Desk) arrive(c *Conversation) {
	silent := d.Now.Sub(c.HeardAt)
	c.HeardAt, c.UpdatedAt = d.Now, d.Now
	switch {
	case c.State == OptedOut:
		return
	case c.State == HandedOff:
		if !c.Handoff.Until.IsZero() && !d.Now.Before(c.Handoff.Until) {
			c.reset(Idle)
		}
		return
	case silent >= staleAfter:
		c.reset(Idle)
	}
	_, known := d.Directory.Professional(c.Draft.Professional)
	if !c.Draft.Professional.IsZero() && !known {
		c.reset(Idle)
	}
	if _, known := d.Directory.Service(c.Draft.Service); !c.Draft.Service.IsZero() && !known {
		c.reset(Idle)
	}
}

// reset drops what was being arranged. The patient is remembered.
func (c *Conversation) reset(to State) {
	c.State, c.Draft, c.Misses, c.Handoff = to, Draft{}, 0, Handoff{}
}

// handOff drops what was being arranged and leaves the conversation to people, for as long as the clinic gives them.
func (d Desk) handOff(c *Conversation, why HandoffReason) {
	c.reset(HandedOff)
	c.Handoff = Handoff{Reason: why, At: d.Now, Until: d.Now.Add(d.Directory.Clinic.HandoffReturn)}
}

// asks reports whether the meaning is a request that an answer may be given to.
func (m Meaning) asks() bool {
	switch m.Intent {
	case Schedule, Reschedule, Cancel, AskPrice, AskHours, AskServices, AskProfessionals, HumanHandoff:
		return true
	case Greeting, Thanks, Other:
	}
	return m.WantsPerson
}

// wishes reports whether the meaning names a day, an hour or a part of the day.
func (m Meaning) wishes() bool { return !m.Date.IsZero() || m.Time != nil || m.Period != AnyPeriod }

// answer follows what a message says of whom the visit is for, and then all else.
func (d Desk) answer(c *Conversation, m Meaning) (step Step, understood bool) {
	if step, ok := d.forOther(c, m); ok {
		return step, true
	}
	return d.follow(c, m)
}

// follow is the machine proper. understood is false when the message fits nothing that was asked.
func (d Desk) follow(c *Conversation, m Meaning) (step Step, understood bool) {
	switch m.Intent {
	case Cancel:
		if c.State == Confirming && c.Draft.Purpose == ToBook {
			// "cancela" before anything was booked takes the arrangement back, not an appointment.
			c.reset(Idle)
			return d.say("closing", nil), true
		}
		c.reset(Cancelling)
		c.Draft.Purpose, c.Draft.Options = ToCancel, m.Candidates
		c.wish(m)
		return do(FindOwn), true
	case Reschedule:
		if c.State != ChoosingSlot && c.State != Confirming {
			c.reset(Rescheduling)
			c.Draft.Purpose, c.Draft.Options = ToMove, m.Candidates
			c.wish(m)
			return do(FindOwn), true
		}
	case AskPrice, AskHours, AskServices, AskProfessionals:
		if step, ok := d.inform(c, m); ok {
			return step, true
		}
	case Schedule, Greeting, Thanks, HumanHandoff, Other:
	}
	if step, ok := d.refer(c, m); ok {
		return step, true
	}
	switch c.State {
	case ChoosingProfessional:
		return d.chooseProfessional(c, m)
	case CollectingPatient:
		return d.collectPatient(c, m)
	case ChoosingSlot:
		return d.chooseSlot(c, m)
	case Confirming:
		return d.confirm(c, m)
	case Cancelling, Rescheduling:
		return d.chooseVisit(c, m)
	case Idle, Booked, HandedOff, OptedOut:
	}
	return d.open(c, m)
}

// open answers when nothing is being arranged.
func (d Desk) open(c *Conversation, m Meaning) (Step, bool) {
	switch {
	case m.Intent == Schedule:
		return d.ask(c, m), true
	case m.Intent == Greeting:
		return d.say("greeting", args{"clinic": d.Directory.Clinic.Name}), true
	case m.Intent == Thanks:
		return d.say("thanks", nil), true
	case c.State == Booked && (m.Yes || m.No):
		return d.say("thanks", nil), true
	}
	return d.say("not_understood", nil), false
}

// ask asks for the professional; with one professional there is nothing to ask.
func (d Desk) ask(c *Conversation, m Meaning) Step {
	whom := c.Draft.Patient
	c.reset(ChoosingProfessional)
	c.Draft.Purpose, c.Draft.Patient = ToBook, whom
	c.wish(m)
	if len(d.Directory.Professionals) == 1 {
		return d.take(c, d.Directory.Professionals[0], bySpecialty)
	}
	return d.list(c, "ask_professional", d.everybody())
}

// list offers professionals to choose from.
func (d Desk) list(c *Conversation, key string, options []agenda.ClinicProfessionalID) Step {
	c.State = ChoosingProfessional
	c.Draft.Purpose = ToBook
	c.Draft.Professional, c.Draft.Service = agenda.ClinicProfessionalID{}, agenda.ServiceID{}
	c.Draft.Options, c.Draft.Menu, c.Draft.Offered = options, nil, false
	return d.say(key, args{"list": d.professionalLines(options)})
}

func (d Desk) everybody() []agenda.ClinicProfessionalID {
	all := make([]agenda.ClinicProfessionalID, 0, len(d.Directory.Professionals))
	for _, p := range d.Directory.Professionals {
		all = append(all, p.ID)
	}
	return all
}

// wish notes the day and the hour that a message names.
func (c *Conversation) wish(m Meaning) {
	if !m.wishes() {
		return
	}
	if !m.Date.IsZero() {
		// Another day, other hours: what was wished of the old day does not carry over.
		c.Draft.Date, c.Draft.Time, c.Draft.Period = m.Date, nil, AnyPeriod
	}
	if m.Time != nil {
		at := *m.Time
		c.Draft.Time, c.Draft.Period = &at, AnyPeriod
	} else if m.Period != AnyPeriod {
		c.Draft.Time, c.Draft.Period = nil, m.Period
	}
	c.Draft.After = time.Time{}
}

// take settles the professional, and the service that was asked for if this professional offers it.
func (d Desk) take(c *Conversation, p agenda.ClinicProfessional, key string) Step {
	c.Draft.Purpose = ToBook
	c.Draft.Professional, c.Draft.Service, c.Draft.Offered = p.ID, agenda.ServiceID{}, false
	c.Draft.Options, c.Draft.Menu = nil, nil
	c.Draft.Slots, c.Draft.Slot, c.Draft.After = nil, agenda.Interval{}, time.Time{}
	for _, wanted := range c.Draft.Services {
		if s, ok := d.Directory.Service(wanted); ok && s.ProfessionalID == p.ID {
			c.Draft.Service, c.Draft.Offered = s.ID, true
			c.State = CollectingPatient
			return d.say("service_offer", offered(s, p))
		}
	}
	if key == bySpecialty && d.first {
		key = "by_specialty_first"
	}
	return d.say(key, about(p)).join(d.proceed(c))
}

// join puts the first reply of what follows into the same message, as a person would write it.
func (s Step) join(next Step) Step {
	if len(s.Replies) == 0 || len(next.Replies) == 0 {
		return s.then(next)
	}
	last := len(s.Replies) - 1
	joined := append([]string{}, s.Replies...)
	joined[last] = strings.Join([]string{joined[last], next.Replies[0]}, "\n")
	return Step{Replies: append(joined, next.Replies[1:]...), Action: next.Action}
}

// proceed asks for what is missing of the patient, or looks for slots when nothing is.
func (d Desk) proceed(c *Conversation) Step {
	if step, asks := d.askWhom(c); asks {
		return step
	}
	missing := d.missing(c.Whom())
	if missing == "" {
		return d.patientKnown(c)
	}
	c.State = CollectingPatient
	key := "ask_patient"
	if !c.Draft.Service.IsZero() {
		key = "ask_patient_service"
	}
	p, _ := d.Directory.Professional(c.Draft.Professional)
	return d.say(key, about(p).plus(args{"fields": missing}))
}

// missing lists what is not yet known of the patient, "" when nothing.
func (d Desk) missing(p agenda.Patient) string {
	var fields []string
	if p.Name == "" {
		fields = append(fields, d.Say.text("field_name", nil))
	}
	if p.BirthDate.IsZero() {
		fields = append(fields, d.Say.text("field_birth_date", nil))
	}
	if p.Phone == "" {
		fields = append(fields, d.Say.text("field_phone", nil))
	}
	return strings.Join(fields, "\n")
}
