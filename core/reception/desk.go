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
	Written   time.Time            // when the message being heard came in; zero is now
	Own       []agenda.Appointment // the contact's own coming visits, by start, as far as they were looked up

	first  bool          // the message being heard is the contact's first
	silent time.Duration // how long the contact was silent before it
	before Conversation  // the conversation as it was then
}

// ActionKind is what has to be done outside of the conversation.
type ActionKind int

// The actions. The zero value is none.
const (
	NoAction       ActionKind = iota
	FindSlots                 // look for free slots, then [Desk.OfferSlots] or [Desk.CalendarAway]
	Book                      // book the confirmed slot, then [Desk.Booked], [Desk.SlotTaken], [Desk.CalendarAway] or [Desk.Failed]
	FindOwn                   // look for the contact's own coming visits, then [Desk.OwnVisits]
	CancelVisit               // cancel a visit, then [Desk.Cancelled], [Desk.TooLate], [Desk.CalendarAway] or [Desk.Failed]
	NoteAttendance            // note what the contact said of coming to a visit, then [Desk.AttendanceNoted] or [Desk.TooLate]
	MoveVisit                 // move a visit to the confirmed slot, then [Desk.Moved] or as for Book
	TellOwn                   // look for the contact's own coming visits, then [Desk.TellVisits]
	GreetOwn                  // likewise, then [Desk.Greet]
	FindFirst                 // look for who of the draft's Options is free first, then [Desk.FirstFree] or [Desk.CalendarAway]
)

// Action is something to do. What it needs is in the conversation's Draft and Patient.
type Action struct {
	Kind  ActionKind
	Heard Meaning // of TellOwn: what was asked

	Introduction string // to be added to the first reply that it leads to, see [Step.Introduced]; "" when none
}

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
	d.first, d.silent, d.before = c.HeardAt.Equal(c.CreatedAt), d.Now.Sub(c.HeardAt), c.Clone()
	return d.introduce(c, d.hear(c, m), m.Topic)
}

func (d Desk) hear(c *Conversation, m Meaning) Step {
	d.arrive(c)
	if !d.Written.IsZero() && d.Written.Before(d.before.Draft.SaidAt) {
		m.Yes = false // what was written before the question was asked does not agree to it
	}
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
	case m.Angry:
		d.handOff(c, Anger)
		return d.say("handed_off_angry", nil)
	}
	if len(d.Directory.Professionals) == 0 {
		d.handOff(c, CannotComplete)
		return d.say("no_professionals", nil)
	}
	step, understood := d.answer(c, m)
	if !understood {
		c.Misses++
		switch {
		case c.Misses >= maxMisses+2: // a person was offered, and that was not understood either
			d.handOff(c, RepeatedFailure)
			return d.say("handed_off_lost", nil)
		case c.Misses > maxMisses:
			c.Draft.Person = true
			return d.say("not_understood_again", nil)
		}
		return d.unclear(c, step)
	}
	c.Misses = 0
	return step
}

// HearUnreadable takes in a message that holds no text.
func (d Desk) HearUnreadable(c *Conversation, kind ContentKind) Step {
	d.first = c.HeardAt.Equal(c.CreatedAt)
	d.arrive(c)
	switch {
	case c.State == HandedOff || c.State == OptedOut:
		return Step{}
	case kind == Audio:
		return d.introduce(c, d.say("audio", nil), NoTopic)
	}
	return d.introduce(c, d.say("unsupported", nil), NoTopic)
}

// arrive notes that the contact wrote, and forgets what has become stale or is no longer offered.
func (d Desk) arrive(c *Conversation) {
	silent := d.Now.Sub(c.HeardAt)
	c.HeardAt, c.UpdatedAt = d.Now, d.Now
	if !c.HeardAt.After(c.CreatedAt) {
		c.HeardAt = c.CreatedAt.Add(time.Microsecond) // from now on the contact was heard
	}
	switch {
	case c.State == OptedOut:
		return
	case c.State == HandedOff:
		if c.Overdue(d.Now) {
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
func (m Meaning) wishes() bool {
	return !m.Date.IsZero() || m.Time != nil || m.From != nil || m.Until != nil || m.Period != AnyPeriod
}

// answer is the machine proper. understood is false when the message fits nothing that was asked.
func (d Desk) answer(c *Conversation, m Meaning) (step Step, understood bool) {
	for _, hear := range []func(*Conversation, Meaning) (Step, bool){
		d.attend, d.answerOffer, d.resume, d.giveUp, d.forOther, d.aside, d.another,
	} {
		if step, ok := hear(c, m); ok {
			return step, true
		}
	}
	return d.request(c, m)
}

// request follows what a message wants, or takes it for an answer to what was asked.
func (d Desk) request(c *Conversation, m Meaning) (step Step, understood bool) {
	if c.State == Booked && m.No && m.wishes() && m.Intent == Other && !m.Refers() {
		m.Intent = Reschedule // "não, às 15h", after it was booked
	}
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
	case m.Intent == Greeting, m.Wordless && d.first:
		return do(GreetOwn), true
	case m.Intent == Thanks, c.State == Booked && (m.Yes || m.No):
		return d.say("thanks", nil), true
	case m.Yes || m.No:
		return d.say("closing", nil), true // "ok": nothing was asked
	}
	return d.say("not_understood", nil), false
}

// ask asks for the professional; with one professional there is nothing to ask.
func (d Desk) ask(c *Conversation, m Meaning) Step {
	whom := c.Draft.Patient
	c.reset(ChoosingProfessional)
	c.Draft.Purpose, c.Draft.Patient = ToBook, whom
	c.wish(m)
	c.learn(m)
	if m.Pick == Any {
		c.Draft.Options = d.everybody()
		return do(FindFirst)
	}
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
	switch {
	case m.From != nil || m.Until != nil:
		c.Draft.Time, c.Draft.From, c.Draft.Until, c.Draft.Period = nil, cloned(m.From), cloned(m.Until), AnyPeriod
	case m.Time != nil:
		c.Draft.Time, c.Draft.From, c.Draft.Until, c.Draft.Period = cloned(m.Time), nil, nil, AnyPeriod
	case m.Period != AnyPeriod:
		c.Draft.Time, c.Draft.From, c.Draft.Until, c.Draft.Period = nil, nil, nil, m.Period
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
			c.Draft.Service = s.ID
			if !c.Draft.Date.IsZero() || c.Draft.Time != nil {
				// Who already says when has decided: the price is told, and the day is the next thing to settle.
				return d.say("service_told", offered(s, p)).join(d.proceed(c))
			}
			c.State, c.Draft.Offered = CollectingPatient, true
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
