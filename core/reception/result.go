package reception

import (
	"cmp"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// How many slots are offered at once.
const (
	offeredOnDay  = 8 // when the patient named the day
	offeredInAll  = 6 // otherwise
	offeredPerDay = 3
)

// OfferSlots tells the slots that are free, by start, after FindSlots. It offers those that fit the wish, and otherwise
// the nearest ones.
func (d Desk) OfferSlots(c *Conversation, free []agenda.Interval) Step {
	p, _ := d.Directory.Professional(c.Draft.Professional)
	wish := c.Draft
	offer, exact := d.fit(wish, free)
	c.State, c.Draft.Slot, c.Draft.Slots = ChoosingSlot, agenda.Interval{}, offer
	if len(offer) == 0 {
		c.Draft = c.Draft.anyTime()
		return d.say("no_slots", about(p))
	}
	if exact && !c.Draft.Date.IsZero() && c.Draft.Time != nil {
		return d.pick(c, offer[0]) // day and hour were named and are free: only the confirmation is missing
	}
	with := about(p).plus(args{"slots": d.slotLines(offer)})
	switch own, ok := d.ownAt(wish); {
	case exact:
		return d.say("offer_slots", with)
	case ok:
		return d.say("own_at_that_hour", d.visit(own)).join(d.say("offer_slots_others", with))
	case wish.Time != nil:
		return d.say("offer_slots_instead", with)
	}
	return d.say("offer_slots_nearest", with)
}

// fit chooses what to offer of the free slots; exact is false when the wish could not be met.
func (d Desk) fit(wish Draft, free []agenda.Interval) (offer []agenda.Interval, exact bool) {
	if !wish.After.IsZero() {
		var later []agenda.Interval
		for _, slot := range free {
			if slot.Start.After(wish.After) {
				later = append(later, slot)
			}
		}
		free = later
	}
	if offer = d.choose(wish, free); len(offer) > 0 {
		return offer, true
	}
	// The nearest: the same day at the hours closest to the wish, then the days after it, then any.
	if offer = d.closest(wish, free); len(offer) > 0 {
		return offer, false
	}
	zone := d.Directory.Clinic.Location()
	var after []agenda.Interval
	for _, slot := range free {
		if !wish.Date.IsZero() && agenda.DateOf(slot.Start, zone).Compare(wish.Date) > 0 {
			after = append(after, slot)
		}
	}
	for _, some := range [][]agenda.Interval{after, free} {
		for _, w := range []Draft{{Time: wish.Time, From: wish.From, Until: wish.Until, Period: wish.Period}, {}} {
			if offer = d.choose(w, some); len(offer) > 0 {
				return offer, false
			}
		}
	}
	return nil, false
}

// closest keeps the slots of the wished day that begin closest to the wished hour, by start; none without a day.
func (d Desk) closest(wish Draft, free []agenda.Interval) []agenda.Interval {
	if wish.Date.IsZero() {
		return nil
	}
	zone := d.Directory.Clinic.Location()
	var day []agenda.Interval
	for _, slot := range free {
		if agenda.DateOf(slot.Start, zone) == wish.Date {
			day = append(day, slot)
		}
	}
	if wish.Time != nil {
		want := wish.Date.At(*wish.Time, zone)
		slices.SortStableFunc(day, func(a, b agenda.Interval) int {
			return cmp.Compare(a.Start.Sub(want).Abs(), b.Start.Sub(want).Abs())
		})
	}
	day = day[:min(len(day), offeredInAll)]
	slices.SortFunc(day, func(a, b agenda.Interval) int { return a.Start.Compare(b.Start) })
	return day
}

// choose keeps the slots that meet a wish, at most as many as a patient reads at once.
func (d Desk) choose(wish Draft, free []agenda.Interval) []agenda.Interval {
	zone := d.Directory.Clinic.Location()
	limit, perDay := offeredInAll, offeredPerDay
	if !wish.Date.IsZero() {
		limit, perDay = offeredOnDay, offeredOnDay
	}
	var offer []agenda.Interval
	var day agenda.Date
	onDay := 0
	for _, slot := range free {
		date := agenda.DateOf(slot.Start, zone)
		switch {
		case !wish.Date.IsZero() && date != wish.Date,
			wish.Time != nil && agenda.LocalTimeOf(slot.Start, zone) != *wish.Time,
			wish.From != nil && agenda.LocalTimeOf(slot.Start, zone) < *wish.From,
			wish.Until != nil && agenda.LocalTimeOf(slot.Start, zone) >= *wish.Until,
			!wish.Period.holds(slot.Start.In(zone).Hour()):
			continue
		}
		if date != day {
			day, onDay = date, 0
		}
		if onDay++; onDay > perDay {
			continue
		}
		if offer = append(offer, slot); len(offer) == limit {
			break
		}
	}
	return offer
}

// holds reports whether an hour of the day is in the period.
func (p Period) holds(hour int) bool {
	switch p {
	case Morning:
		return hour < 12
	case Afternoon:
		return hour >= 12 && hour < 18
	case Evening:
		return hour >= 18
	case AnyPeriod:
	}
	return true
}

// Booked tells the appointment that was written, after Book. Every fact of the reply comes from the record.
func (d Desk) Booked(c *Conversation, a agenda.Appointment) Step {
	c.reset(Booked)
	with := d.visit(a).plus(args{"clinic": d.Directory.Clinic.Name})
	if s, ok := d.Directory.Service(a.ServiceID); ok {
		p, _ := d.Directory.Professional(a.ProfessionalID)
		return d.say("booked_service", offered(s, p).plus(with))
	}
	return d.say("booked_visit", with)
}

// Moved tells the appointment that was moved, after MoveVisit.
func (d Desk) Moved(c *Conversation, a agenda.Appointment) Step {
	c.reset(Booked)
	c.answered(a)
	return d.say("moved", d.visit(a).plus(args{"clinic": d.Directory.Clinic.Name}))
}

// Cancelled tells the appointment that was cancelled, after CancelVisit.
func (d Desk) Cancelled(c *Conversation, a agenda.Appointment) Step {
	c.reset(Idle)
	c.answered(a)
	return d.say("cancelled", d.visit(a))
}

// TooLate tells that a visit has begun and can no longer be changed.
func (d Desk) TooLate(c *Conversation) Step {
	c.reset(Idle)
	return d.say("too_late", nil)
}

// SlotTaken tells that somebody was faster, after Book or MoveVisit: the next free slots are looked for.
func (d Desk) SlotTaken(c *Conversation) Step {
	taken := c.Draft.Slot.Start
	c.State, c.Draft.Slot, c.Draft.Slots = ChoosingSlot, agenda.Interval{}, nil
	if !taken.IsZero() {
		// Stay on the day that suited the patient, at any hour of it.
		c.Draft.Date, c.Draft.Time, c.Draft.Period = agenda.DateOf(taken, d.Directory.Clinic.Location()), nil, AnyPeriod
		c.Draft.After = time.Time{}
	}
	return d.say("slot_taken", nil).then(do(FindSlots))
}

// CalendarAway tells that the calendar cannot be asked now. Nothing is assumed to be free.
func (d Desk) CalendarAway(_ *Conversation) Step { return d.say("calendar_unavailable", nil) }

// Failed tells that something went wrong that the patient cannot mend: a person takes over.
func (d Desk) Failed(c *Conversation) Step {
	d.handOff(c, CannotComplete)
	return d.say("failed", nil)
}
