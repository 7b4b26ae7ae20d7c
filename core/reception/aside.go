package reception

import (
	"hash/fnv"

	"github.com/secretary-api/secretary/core/agenda"
)

// sureEnough is the confidence from which an intent is followed beside a topic that the message also asks about.
const sureEnough = 0.75

// introduce says once, with the first reply of a conversation, that nobody is there but an assistant.
func (d Desk) introduce(c *Conversation, step Step, about Topic) Step {
	silent := len(step.Replies) == 0 && step.Action.Kind == NoAction
	if !d.first || silent || !d.before.About.IsZero() || step.Action.Kind == GreetOwn || about == AskAssistant || c.State == OptedOut {
		return step // the greeting and what reminds of visits say it too, and who wants no messages gets no more than needed
	}
	key := "introduction"
	if c.Draft.Person || c.State == HandedOff {
		key = "introduction_short" // of a person was spoken already
	}
	return step.Introduced(Action{Introduction: d.Say.text(key, args{"clinic": d.Directory.Clinic.Name})})
}

// Introduced adds the introduction that an action carries to the first reply of what it led to, or to the next action where that
// has no reply yet.
func (s Step) Introduced(after Action) Step {
	switch {
	case after.Introduction == "":
	case len(s.Replies) == 0:
		s.Action.Introduction = after.Introduction
	default:
		s.Replies = append([]string{}, s.Replies...)
		s.Replies[0] += "\n\n" + after.Introduction
	}
	return s
}

// offerPerson asks whether a person should be called, and remembers that it was asked.
func (d Desk) offerPerson(c *Conversation) Step {
	c.Draft.Person = true
	return d.say("offer_person", nil)
}

// answerOffer hears the answer to that. Anything but a plain yes or no goes on as if it had not been asked.
func (d Desk) answerOffer(c *Conversation, m Meaning) (Step, bool) {
	asked := c.Draft.Person
	c.Draft.Person = false
	switch {
	case !asked || m.Refers() || m.wishes():
	case m.Yes && !m.No:
		d.handOff(c, PatientAsked)
		return d.say("handed_off", nil), true
	case m.No && !m.GivesUp:
		if c.State.isOpen() {
			return d.say("closing", nil), true
		}
		return d.say("go_on", nil).then(d.again(c)), true
	}
	return Step{}, false
}

// resume hears an answer to what has become stale: it says so, and starts again with what was chosen.
func (d Desk) resume(c *Conversation, m Meaning) (Step, bool) {
	old := d.before.Draft
	answers := m.Yes || m.Option > 0 || m.Pick != NoPick || m.Shift != NoShift || m.Patient != (agenda.Patient{}) || m.ThisNumber
	if d.silent < staleAfter || d.before.State.isOpen() || !c.State.isOpen() || m.Refers() || m.OwnVisit {
		return Step{}, false
	}
	if !answers && (!m.wishes() || m.Intent != Other) {
		return Step{}, false
	}
	if m.asks() && m.Intent != Schedule {
		return Step{}, false
	}
	c.Draft.Purpose = old.Purpose
	if old.Purpose == ToMove || old.Purpose == ToCancel {
		c.Draft.Appointment, c.State = old.Appointment, Cancelling
		if old.Purpose == ToMove {
			c.State = Rescheduling
		}
		return d.say("expired", nil).then(do(FindOwn)), true
	}
	p, ok := d.Directory.Professional(old.Professional)
	if !ok {
		return d.say("expired", nil).then(d.list(c, "ask_professional", d.everybody())), true
	}
	c.Draft.Professional = p.ID
	if s, ok := d.Directory.Service(old.Service); ok && s.ProfessionalID == p.ID {
		c.Draft.Service = s.ID
	}
	if d.before.State == CollectingPatient {
		c.State = CollectingPatient
		return d.collectPatient(c, m) // the patient's data do not age
	}
	c.wish(m)
	return d.say("expired", nil).then(d.proceed(c)), true
}

// giveUp takes back what is being arranged. A visit that is already booked stays.
func (d Desk) giveUp(c *Conversation, m Meaning) (Step, bool) {
	if !m.GivesUp || c.State.isOpen() {
		return Step{}, false
	}
	key := "closing"
	if c.Draft.Purpose == ToMove || c.Draft.Purpose == ToCancel {
		key = "not_cancelled"
	}
	c.reset(Idle)
	return d.say(key, nil), true
}

// aside answers what a message asks beside its intent, and goes on with that, or with what was being arranged.
func (d Desk) aside(c *Conversation, m Meaning) (Step, bool) {
	if m.OwnVisit && c.State != Cancelling && c.State != Rescheduling && !m.isAnswer() {
		return Step{Action: Action{Kind: TellOwn, Heard: m}}, true
	}
	if m.Topic == NoTopic {
		return Step{}, false
	}
	told, known := d.topic(m.Topic)
	switch {
	case m.followedBeside() || !c.State.isOpen() && m.isAnswer():
		next, _ := d.request(c, m)
		return told.join(next), true
	case m.Topic == AskMedical && c.State.isOpen():
		return told.then(d.offerVisit(c, m)), true
	case known && c.State.isOpen():
		return told, true
	case c.State.isOpen():
		return told.join(d.offerPerson(c)), true
	case !known:
		told = told.join(d.say("person_on_request", nil))
	}
	return told.then(d.again(c)), true
}

// isAnswer reports whether a message answers what was asked, whatever else it says.
func (m Meaning) isAnswer() bool {
	return m.Yes || m.No || m.Option > 0 || m.Pick != NoPick || m.Patient != (agenda.Patient{}) || m.ThisNumber
}

// followedBeside reports whether the intent is more than the topic itself: "aceitam cartão?" sounds like a price.
func (m Meaning) followedBeside() bool {
	switch m.Intent {
	case Schedule:
		if m.Topic == AskMedical { // a symptom alone is what the advice was asked about
			return m.Professional != "" || m.Specialty != "" || m.wishes()
		}
		return m.Confidence >= sureEnough
	case Reschedule, Cancel:
		return m.Confidence >= sureEnough
	case AskPrice:
		return m.Topic != AskPayment || m.Refers()
	case AskHours:
		return m.Topic == AskAddress && m.Confidence >= sureEnough
	case AskServices, AskProfessionals, HumanHandoff, Greeting, Thanks, Other:
	}
	return false
}

// topic answers a topic from the records; known is false when they have no answer, and a person has.
func (d Desk) topic(t Topic) (told Step, known bool) {
	switch t {
	case AskAddress:
		if at := d.Directory.Clinic.Address; at != "" {
			return d.say("address", args{"clinic": d.Directory.Clinic.Name, "address": at}), true
		}
		return d.say("address_unknown", nil), false
	case AskPayment:
		return d.say("payment_unknown", nil), false
	case AskInsurance:
		return d.say("insurance_unknown", nil), false
	case AskAssistant:
		return d.say("assistant", args{"clinic": d.Directory.Clinic.Name}), false
	case AskMedical:
		return d.say("medical", nil), true
	case AskPractical, NoTopic:
	}
	return d.say("practical_unknown", nil), false
}

// offerVisit offers a visit to somebody who asked for medical advice: with whom the message points at, or with anybody.
func (d Desk) offerVisit(c *Conversation, m Meaning) Step {
	fitting := d.known(m.Candidates)
	switch len(fitting) {
	case 0:
		c.begin(m)
		return d.list(c, "medical_list", d.everybody())
	case 1:
		p, _ := d.Directory.Professional(fitting[0])
		c.begin(m)
		c.Draft.Professional, c.Draft.Offered, c.State = p.ID, true, CollectingPatient
		return d.say("medical_offer", about(p))
	}
	c.begin(m)
	return d.list(c, "ask_which", fitting)
}

// another hears the wish for somebody else than who was chosen.
func (d Desk) another(c *Conversation, m Meaning) (Step, bool) {
	if !m.Another || m.Refers() || c.State.isOpen() || c.State == Cancelling || c.State == Rescheduling {
		return Step{}, false
	}
	if c.Draft.Purpose == ToMove {
		return d.say("move_keeps_professional", nil).then(d.again(c)), true
	}
	options := d.everybody()
	if s, ok := d.Directory.Service(c.Draft.Service); ok {
		options = nil
		for _, other := range d.Directory.Services {
			if other.Name == s.Name {
				options = append(options, other.ProfessionalID)
			}
		}
		if len(options) == 1 {
			return d.say("only_one_offers", args{"service": s.Name}).then(d.again(c)), true
		}
	}
	services := c.Draft.Services
	c.begin(m)
	c.Draft.Services = services
	return d.list(c, "ask_professional", options), true
}

const (
	maxRepeats = 2 // how many turns in a row may say the same
	maxOffers  = 2 // how often in a row a person is offered instead, until one is called
)

// Unrepeated is what a turn says, after all its actions, and notes that it is said. before is the conversation as it was
// before the turn. The same is never said three times in a row: whoever hears it twice is not helped by it, and is asked
// whether a person should come. Whoever does not answer that has one called.
func (d Desk) Unrepeated(c *Conversation, before Conversation, replies []string) []string {
	if len(replies) == 0 || c.State == HandedOff || c.State == OptedOut {
		return replies
	}
	c.Draft.SaidAt = d.Now
	if replies[len(replies)-1] == d.Say.text("calendar_unavailable", nil) {
		return replies // which asks to try again, so that a "sim" said again is meant for the visit
	}
	sum := fnv.New32a()
	for _, text := range replies {
		_, _ = sum.Write([]byte(text)) // a hash never fails
	}
	c.Draft.Said, c.Draft.Repeats = sum.Sum32(), 0
	if before.Draft.Said != c.Draft.Said {
		return replies
	}
	switch c.Draft.Repeats = before.Draft.Repeats + 1; {
	case c.Draft.Repeats < maxRepeats:
		return replies
	case c.Draft.Repeats >= maxRepeats+maxOffers: // a person was offered, and that was not answered either
		d.handOff(c, RepeatedFailure)
		return d.say("handed_off_lost", nil).Replies
	}
	return d.say("repeated", nil).join(d.offerPerson(c)).Replies
}

// unclear asks again what was asked, first with an apology, then in other words and with less to choose from.
func (d Desk) unclear(c *Conversation, step Step) Step {
	if c.State.isOpen() {
		if c.Misses == 1 {
			return step
		}
		return d.say("not_understood_examples", about(d.Directory.Professionals[0]))
	}
	if c.State == ChoosingSlot && c.Misses > 1 && len(c.Draft.Slots) > fewSlots {
		c.Draft.Slots = c.Draft.Slots[:fewSlots]
	}
	if question := d.again(c); len(question.Replies) > 0 || question.Action.Kind != NoAction {
		step = question
	}
	key := "unclear"
	if c.Misses > 1 {
		key = "unclear_again"
	}
	return d.say(key+"_"+d.asking(c), nil).join(step)
}

// fewSlots is how many slots remain on offer after two messages that chose none.
const fewSlots = 3

// asking is the kind of answer that is waited for, as the texts name it.
func (d Desk) asking(c *Conversation) string {
	switch c.State {
	case Confirming:
		return "yes_or_no"
	case CollectingPatient:
		if c.Draft.Offered {
			return "yes_or_no"
		}
		return "data"
	case Cancelling, Rescheduling:
		if !c.Draft.Appointment.IsZero() {
			return "yes_or_no"
		}
	case ChoosingProfessional, ChoosingSlot, Idle, Booked, HandedOff, OptedOut:
	}
	return "choice"
}
