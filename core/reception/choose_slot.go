package reception

import (
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// How long the contact may be silent until what was offered is looked up again before it is settled.
const (
	offerAges    = 10 * time.Minute // a list of slots
	questionAges = 30 * time.Minute // the question whether all is correct
)

// chosen is the place in a list of n that a message chooses, from 1; 0 when none.
func (m Meaning) chosen(n int) int {
	switch {
	case m.Option > 0 && m.Option <= n:
		return m.Option
	case n > 0 && m.Option == 0 && (m.Pick == Earliest || m.Pick == Any):
		return 1
	case m.Option == 0 && m.Pick == Last:
		return n
	}
	return 0
}

// chooseSlot hears the answer to a list of slots.
func (d Desk) chooseSlot(c *Conversation, m Meaning) (Step, bool) {
	slots := c.Draft.Slots
	n := m.chosen(len(slots))
	if n == 0 && m.Yes && len(slots) == 1 {
		n = 1
	}
	switch {
	case n > 0 && !m.wishes():
		return d.pick(c, slots[n-1]), true
	case m.Option > len(slots) && len(slots) > 0 && !m.wishes():
		return Step{}, false // a number that is not on the list
	case m.wishes():
		if slot, ok := d.meantSlot(slots, m); ok {
			return d.pick(c, slot), true
		}
		c.wish(m)
		d.shift(c, m.Shift, slots)
		return do(FindSlots), true
	case m.Shift != NoShift && len(slots) > 0:
		d.shift(c, m.Shift, slots)
		return do(FindSlots), true
	case m.Intent == Reschedule || m.Intent == Schedule || m.No:
		// "tem outro horário?": go on after what was shown.
		d.shift(c, More, slots)
		return do(FindSlots), true
	}
	if len(slots) == 0 {
		return do(FindSlots), m.Yes || m.Intent == Greeting
	}
	return d.again(c), m.Intent == Greeting
}

// shift turns a wish relative to the slots on offer into one of its own.
func (d Desk) shift(c *Conversation, s Shift, slots []agenda.Interval) {
	if len(slots) == 0 {
		return
	}
	zone := d.Directory.Clinic.Location()
	last := slots[len(slots)-1].Start
	low, high := agenda.LocalTimeOf(last, zone), agenda.LocalTimeOf(last, zone)
	for _, slot := range slots {
		low, high = min(low, agenda.LocalTimeOf(slot.Start, zone)), max(high, agenda.LocalTimeOf(slot.Start, zone))
	}
	if agenda.DateOf(slots[0].Start, zone) == agenda.DateOf(last, zone) && (s == Later || s == Earlier) {
		c.Draft.Date = agenda.DateOf(last, zone) // "mais tarde" on the day that is spoken of
	}
	switch s {
	case More:
		c.Draft.Time, c.Draft.Period, c.Draft.After = nil, AnyPeriod, last
	case OtherDay:
		if !c.Draft.Date.IsZero() && c.Draft.Date.Compare(agenda.DateOf(last, zone)) != 0 {
			return // "outro dia, na quinta": the day is said
		}
		c.Draft.Date, c.Draft.Time = agenda.Date{}, nil
		c.Draft.After = agenda.DateOf(last, zone).AddDays(1).At(0, zone).Add(-1)
	case Later:
		high++
		c.Draft.Time, c.Draft.From, c.Draft.Until, c.Draft.Period, c.Draft.After = nil, &high, nil, AnyPeriod, time.Time{}
	case Earlier:
		c.Draft.Time, c.Draft.From, c.Draft.Until, c.Draft.Period, c.Draft.After = nil, nil, &low, AnyPeriod, time.Time{}
	case NoShift:
	}
}

// meantSlot is the one slot on offer that a day, an hour or both of them name.
func (d Desk) meantSlot(slots []agenda.Interval, m Meaning) (agenda.Interval, bool) {
	if m.Time == nil || m.From != nil || m.Until != nil {
		return agenda.Interval{}, false // a day or a part of it alone is a wish to see its slots
	}
	zone := d.Directory.Clinic.Location()
	var found []agenda.Interval
	for _, slot := range slots {
		sameDay := m.Date.IsZero() || agenda.DateOf(slot.Start, zone) == m.Date
		if sameDay && agenda.LocalTimeOf(slot.Start, zone) == *m.Time && m.Period.holds(slot.Start.In(zone).Hour()) {
			found = append(found, slot)
		}
	}
	if len(found) != 1 {
		return agenda.Interval{}, false
	}
	return found[0], true
}

// pick settles the slot and asks for confirmation: nothing is written before it. One that was offered a while ago is
// looked up again first.
func (d Desk) pick(c *Conversation, slot agenda.Interval) Step {
	c.Draft.Slot = slot
	if !slot.Start.After(d.Now) {
		return d.passed(c)
	}
	if d.silent >= offerAges {
		return d.recheck(c)
	}
	c.State = Confirming
	return d.askConfirmation(c)
}

// recheck looks whether the chosen slot is still free; if it is, the confirmation is asked for again.
func (d Desk) recheck(c *Conversation) Step {
	zone := d.Directory.Clinic.Location()
	at := agenda.LocalTimeOf(c.Draft.Slot.Start, zone)
	c.Draft = c.Draft.anyTime()
	c.Draft.Date, c.Draft.Time = agenda.DateOf(c.Draft.Slot.Start, zone), &at
	return do(FindSlots)
}

// passed tells that the hour of the chosen slot is over, and looks for later ones.
func (d Desk) passed(c *Conversation) Step {
	c.State, c.Draft.Slot, c.Draft.Slots = ChoosingSlot, agenda.Interval{}, nil
	c.Draft = c.Draft.anyTime()
	return d.say("slot_passed", nil).then(do(FindSlots))
}

// askConfirmation names the professional, the service, the day and the hour, and another visit of that day if there is one.
func (d Desk) askConfirmation(c *Conversation) Step {
	p, _ := d.Directory.Professional(c.Draft.Professional)
	with := about(p).plus(args{"patient": c.Whom().Name, "when": d.when(c.Draft.Slot.Start)})
	if c.Draft.Purpose == ToMove {
		return d.say("confirm_move", with)
	}
	step := d.say("confirm_visit", with)
	if s, ok := d.Directory.Service(c.Draft.Service); ok {
		step = d.say("confirm_service", with.plus(offered(s, p)))
	}
	if own, ok := d.ownThatDay(c.Draft); ok {
		return d.say("second_visit", d.visit(own)).join(step)
	}
	return step
}

// confirm hears the answer to "está correto?".
func (d Desk) confirm(c *Conversation, m Meaning) (Step, bool) {
	zone := d.Directory.Clinic.Location()
	if c.learn(m) {
		return d.askConfirmation(c), true // "meu nome é Ana Lima": what was said of the patient is put right
	}
	switch {
	case m.Amends != NoDatum:
		return d.askAgain(c, m.Amends), true
	case m.wishes():
		if slot, ok := d.meantSlot([]agenda.Interval{c.Draft.Slot}, m); ok && slot == c.Draft.Slot && !m.No {
			if m.Yes {
				return d.act(c), true // "sim, às 15h": the hour that was asked about
			}
			return d.askConfirmation(c), true
		}
		if m.Date.IsZero() {
			m.Date = agenda.DateOf(c.Draft.Slot.Start, zone) // "não, às 11h": on that day
		}
		c.State, c.Draft.Slot = ChoosingSlot, agenda.Interval{}
		c.wish(m)
		return do(FindSlots), true
	case m.Shift != NoShift && !m.Yes:
		slot := c.Draft.Slot
		c.State, c.Draft.Slot = ChoosingSlot, agenda.Interval{}
		d.shift(c, m.Shift, []agenda.Interval{slot})
		return do(FindSlots), true
	case m.Yes && !m.No && (m.Intent != Reschedule || c.Draft.Purpose == ToMove): // "quero remarcar" agrees to a move only
		return d.act(c), true
	case m.No || m.Intent == Reschedule:
		c.State, c.Draft.Slot = ChoosingSlot, agenda.Interval{}
		if len(c.Draft.Slots) == 0 {
			return do(FindSlots), true
		}
		return d.say("change_what", args{"slots": d.slotLines(c.Draft.Slots)}), true
	case d.silent >= questionAges:
		return d.recheck(c), true
	}
	return d.askConfirmation(c), m.Intent == Greeting || m.Intent == Schedule
}

// askAgain asks for one of the patient's data that is wrong. The slot is kept in mind.
func (d Desk) askAgain(c *Conversation, what Datum) Step {
	whom := c.whom()
	switch what {
	case NameDatum:
		whom.Name = ""
	case BirthDateDatum:
		whom.BirthDate = agenda.Date{}
	case PhoneDatum:
		whom.Phone = ""
	case NoDatum:
	}
	d.recheck(c) // the day and the hour become the wish, to come back to
	c.State = CollectingPatient
	return d.say("ask_patient_corrected", args{"fields": d.missing(*whom)})
}

func (d Desk) act(c *Conversation) Step {
	switch {
	case !c.Draft.Slot.Start.After(d.Now):
		return d.passed(c)
	case c.Draft.Purpose == ToMove:
		return do(MoveVisit)
	}
	return do(Book)
}
