package reception

import (
	"slices"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// TellVisits tells the contact's own coming visits, by start, after TellOwn, and goes on with what was being arranged.
func (d Desk) TellVisits(c *Conversation, visits []agenda.Appointment, asked Meaning) Step {
	zone := d.Directory.Clinic.Location()
	narrowed := slices.DeleteFunc(slices.Clone(visits), func(v agenda.Appointment) bool {
		return !asked.Date.IsZero() && agenda.DateOf(v.Start, zone) != asked.Date ||
			len(asked.Candidates) > 0 && !slices.Contains(asked.Candidates, v.ProfessionalID)
	})
	if len(narrowed) > 0 {
		visits = narrowed
	}
	var told Step
	switch len(visits) {
	case 0:
		told = d.say("no_own_visits", nil)
		if c.State.isOpen() {
			told = told.join(d.say("would_you_book_one", nil))
		}
	case 1:
		told = d.say("own_visit", d.visit(visits[0]))
	default:
		lines := make([]string, 0, len(visits))
		for _, v := range visits {
			lines = append(lines, d.Say.text("own_visit_item", d.visit(v)))
		}
		told = d.say("own_visits", args{"visits": strings.Join(lines, "\n")})
	}
	return told.then(d.again(c))
}

// Greet answers a greeting, after GreetOwn, and mentions the next of the contact's own visits.
func (d Desk) Greet(_ *Conversation, visits []agenda.Appointment) Step {
	with := args{"clinic": d.Directory.Clinic.Name}
	if len(visits) == 0 {
		return d.say("greeting", with)
	}
	return d.say("greeting_visit", d.visit(visits[0]).plus(with))
}

// FirstFree takes who of several is free first, as far as possible as the contact wishes, after FindFirst. free has the
// slots of each, by start.
func (d Desk) FirstFree(c *Conversation, who []agenda.ClinicProfessionalID, free [][]agenda.Interval) Step {
	for _, wish := range []Draft{c.Draft, {}} {
		first, at := -1, time.Time{}
		for i, slots := range free {
			if fitting := d.choose(wish, slots); len(fitting) > 0 && (first < 0 || fitting[0].Start.Before(at)) {
				first, at = i, fitting[0].Start
			}
		}
		if first >= 0 {
			p, _ := d.Directory.Professional(who[first])
			return d.take(c, p, "first_free")
		}
	}
	c.reset(Idle)
	return d.say("nobody_free", nil).join(d.offerPerson(c))
}

// ownAt is the contact's own visit at the day and hour of a wish.
func (d Desk) ownAt(wish Draft) (agenda.Appointment, bool) {
	if wish.Date.IsZero() || wish.Time == nil {
		return agenda.Appointment{}, false
	}
	at := wish.Date.At(*wish.Time, d.Directory.Clinic.Location())
	for _, v := range d.Own {
		if !at.Before(v.Start) && at.Before(v.End) {
			return v, true
		}
	}
	return agenda.Appointment{}, false
}

// ownThatDay is another visit that the contact has with the professional on the day of the chosen slot.
func (d Desk) ownThatDay(draft Draft) (agenda.Appointment, bool) {
	zone := d.Directory.Clinic.Location()
	for _, v := range d.Own {
		if v.ProfessionalID == draft.Professional && agenda.DateOf(v.Start, zone) == agenda.DateOf(draft.Slot.Start, zone) {
			return v, true
		}
	}
	return agenda.Appointment{}, false
}
