package reception

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/text"
)

// Whom a visit is for. Who writes need not be the patient: somebody else's data is kept with what is being arranged, and
// never takes the place of the sender's own.

// Whom is the patient of what is being arranged.
func (c Conversation) Whom() agenda.Patient { return *c.whom() }

// whom is where that is kept.
func (c *Conversation) whom() *agenda.Patient {
	if c.Draft.Patient != nil {
		return c.Draft.Patient
	}
	return &c.Patient
}

// learn remembers what a message says of the patient, and reports whether it said anything.
func (c *Conversation) learn(m Meaning) bool {
	whom := c.whom()
	before := *whom
	if m.Patient.Name != "" {
		whom.Name = m.Patient.Name
	}
	if !m.Patient.BirthDate.IsZero() {
		whom.BirthDate = m.Patient.BirthDate
	}
	if m.Patient.Phone != "" {
		whom.Phone = m.Patient.Phone
	}
	if m.ThisNumber && agenda.IsPhone(c.Contact) {
		whom.Phone = c.Contact
	}
	return *whom != before
}

// doubts says what cannot be right of what was told of the patient and is still missing.
func (d Desk) doubts(c *Conversation, m Meaning) (step Step) {
	whom := c.whom()
	for _, doubt := range m.Doubts {
		key := ""
		switch {
		case doubt == NameDatum && whom.Name == "":
			key = "doubt_name"
		case doubt == BirthDateDatum && whom.BirthDate.IsZero():
			key = "doubt_birth_date"
		case doubt == PhoneDatum && whom.Phone == "":
			key = "doubt_phone"
		default:
			continue
		}
		if said := d.say(key, nil); len(step.Replies) == 0 {
			step = said
		} else {
			step = step.join(said)
		}
	}
	return step
}

// forOther begins anew with the patient when the visit turns out to be somebody else's. ok is false when the message says
// nothing of that, or there is more in it that has to be followed first.
func (d Desk) forOther(c *Conversation, m Meaning) (step Step, ok bool) {
	if !m.ForOther || c.Draft.Purpose == ToMove || c.Draft.Purpose == ToCancel || m.Intent == Cancel || m.Intent == Reschedule {
		return Step{}, false
	}
	if c.State != CollectingPatient || c.Draft.Patient == nil || m.Other != "" {
		c.forSomebody(d.named(m.Other))
	}
	c.learn(m)
	switch c.State {
	case CollectingPatient, ChoosingSlot, Confirming:
		if c.Draft.Offered || m.Refers() || m.wishes() {
			return Step{}, false
		}
		return d.proceed(c), true
	case Idle, ChoosingProfessional, Booked, Cancelling, Rescheduling, HandedOff, OptedOut:
	}
	if c.State.isOpen() && m.Intent == Other && !m.Refers() {
		return d.ask(c, m), true // "é para a minha filha", of which nothing else was said
	}
	return Step{}, false
}

// forSomebody settles that the visit is not the sender's. The telephone is the sender's unless another one is told.
func (c *Conversation) forSomebody(known agenda.Patient) {
	if known.Phone == "" {
		known.Phone = c.Patient.Phone
	}
	if known.Phone == "" && agenda.IsPhone(c.Contact) {
		known.Phone = c.Contact
	}
	c.Draft.Patient, c.Draft.Patients = &known, nil
}

// named is the only one among the contact's patients who has a name, the zero value when nobody or several do.
func (d Desk) named(name string) agenda.Patient {
	words := text.Words(name)
	if len(words) == 0 {
		return agenda.Patient{}
	}
	var found []agenda.Patient
	for _, p := range d.Patients {
		if first, _, _ := strings.Cut(p.Patient.NameKey(), " "); first == words[0] && p.Patient.IsNamed(words...) {
			found = append(found, p.Patient)
		}
	}
	if len(found) != 1 {
		return agenda.Patient{}
	}
	return found[0]
}

// candidates are those for whom the contact may book: itself, as far as that is known, and whom it has booked for.
func (d Desk) candidates(c *Conversation) []agenda.Patient {
	var out []agenda.Patient
	add := func(p agenda.Patient) {
		for _, known := range out {
			if known.SameAs(p) {
				return
			}
		}
		if p.Name != "" {
			out = append(out, p)
		}
	}
	add(c.Patient)
	for _, p := range d.Patients {
		add(p.Patient)
	}
	return out
}

// askWhom asks whom a visit is for, when the contact writes for several and has not said; of one that is known nothing is
// asked again.
func (d Desk) askWhom(c *Conversation) (step Step, asks bool) {
	if c.Draft.Patient != nil || c.Draft.Purpose == ToMove {
		return Step{}, false
	}
	all := d.candidates(c)
	if len(all) > maxWhom {
		all = all[:maxWhom]
	}
	if len(all) == 1 && c.Patient.Name == "" {
		c.Patient = all[0]
	}
	if len(all) < 2 {
		return Step{}, false
	}
	c.State, c.Draft.Patients = CollectingPatient, all
	lines := make([]string, 0, len(all)+1)
	for i, p := range all {
		lines = append(lines, d.Say.text("whom_item", args{"n": strconv.Itoa(i + 1), "patient": p.Name}))
	}
	lines = append(lines, d.Say.text("whom_other", args{"n": strconv.Itoa(len(all) + 1)}))
	return d.say("ask_whom", args{"list": strings.Join(lines, "\n")}), true
}

// maxWhom is how many patients are listed to choose from.
const maxWhom = 8

// chooseWhom hears whom of those listed a visit is for.
func (d Desk) chooseWhom(c *Conversation, m Meaning) (Step, bool) {
	all := c.Draft.Patients
	c.wish(m)
	switch {
	case m.Option > 0 && m.Option <= len(all):
		return d.chosenWhom(c, all[m.Option-1]), true
	case m.Option == len(all)+1:
		c.forSomebody(agenda.Patient{})
		return d.proceed(c), true
	case m.ForSelf && c.Patient.Name != "":
		return d.chosenWhom(c, c.Patient), true
	case m.No:
		c.reset(Idle)
		return d.say("closing", nil), true
	}
	if name := cmp.Or(m.Patient.Name, m.Other); name != "" {
		var meant []agenda.Patient
		for _, p := range all {
			if p.SameAs(m.Patient) {
				return d.chosenWhom(c, p), true
			}
			if p.IsNamed(text.Words(name)...) {
				meant = append(meant, p)
			}
		}
		if len(meant) == 1 {
			return d.chosenWhom(c, meant[0]), true
		}
	}
	if m.Patient.Name != "" {
		c.forSomebody(agenda.Patient{})
		c.learn(m)
		return d.proceed(c), true
	}
	step, _ := d.askWhom(c)
	return step, m.Intent == Schedule || m.Intent == Greeting
}

func (d Desk) chosenWhom(c *Conversation, p agenda.Patient) Step {
	c.Draft.Patient, c.Draft.Patients = &p, nil
	return d.proceed(c)
}

// patientKnown goes on when nothing of the patient is missing: to the confirmation of a slot that was chosen before the
// patient changed, and otherwise to the slots.
func (d Desk) patientKnown(c *Conversation) Step {
	if !c.Draft.Slot.Start.IsZero() {
		c.State = Confirming
		return d.askConfirmation(c)
	}
	c.State = ChoosingSlot
	return do(FindSlots)
}
