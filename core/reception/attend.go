package reception

import (
	"slices"

	"github.com/secretary-api/secretary/core/agenda"
)

// attend hears whether the contact comes to a visit, as a reminder asks or of the contact's own accord. ok is false when the
// message is about something else, or something else is being arranged.
func (d Desk) attend(c *Conversation, m Meaning) (step Step, ok bool) {
	if !c.State.isOpen() {
		return Step{}, false
	}
	if step, ok := d.chooseAttended(c, m); ok {
		return step, true
	}
	reminded := !c.About.IsZero()
	switch m.Intent {
	case Other, Thanks, Greeting:
		switch {
		case reminded && (m.NotComing || m.No):
			return d.attending(c, m, ToDecline), true
		case m.Coming, reminded && m.Yes:
			return d.attending(c, m, ToAttend), true
		}
	case Cancel:
		if reminded && m.NotComing { // who says no more may want another day
			return d.attending(c, m, ToDecline), true
		}
	case Reschedule:
	case Schedule, AskPrice, AskHours, AskServices, AskProfessionals, HumanHandoff:
		// The next "sim" answers what was said to this.
		c.About = agenda.AppointmentID{}
		if c.Draft.attends() {
			c.Draft = Draft{}
		}
	}
	return Step{}, false
}

// attends reports whether it is arranged whether the contact comes.
func (v Draft) attends() bool { return v.Purpose == ToAttend || v.Purpose == ToDecline }

// attending looks for the visit that is meant.
func (d Desk) attending(c *Conversation, m Meaning, purpose Purpose) Step {
	c.reset(Idle)
	c.Draft.Purpose, c.Draft.Options = purpose, m.Candidates
	c.wish(m)
	return do(FindOwn)
}

// chooseAttended hears which visit was meant, or what is to happen to the one that the contact cannot come to.
func (d Desk) chooseAttended(c *Conversation, m Meaning) (Step, bool) {
	draft := c.Draft
	switch {
	case !draft.attends():
		return Step{}, false
	case !draft.Appointment.IsZero():
	case m.Option > 0 && m.Option <= len(draft.Appointments):
		c.Draft.Appointment = draft.Appointments[m.Option-1]
		return do(FindOwn), true
	case m.Intent == Other && m.wishes(), m.Professional != "" && len(m.Candidates) > 0: // "a de quinta", "a do Dr. João"
		return d.attending(c, m, draft.Purpose), true
	default:
		return Step{}, false
	}
	switch {
	case m.Intent == Cancel && !m.NotComing, m.Option == 2:
		c.reset(Cancelling)
		c.Draft.Purpose = ToCancel
	case m.Intent == Reschedule, m.Option == 1, m.Intent == Other && m.wishes():
		c.reset(Rescheduling)
		c.Draft.Purpose = ToMove
		c.wish(m)
	default:
		return Step{}, false
	}
	c.Draft.Appointment = draft.Appointment
	return do(FindOwn), true
}

// forgets reports whether the visit that the contact answers about does not lie ahead any more, and forgets it. The answer
// is then about nothing: it is not taken for one about another visit.
func (d Desk) forgets(c *Conversation, visits []agenda.Appointment) bool {
	if !c.Draft.attends() || c.About.IsZero() || !c.Draft.Appointment.IsZero() {
		return false
	}
	if slices.ContainsFunc(visits, func(v agenda.Appointment) bool { return v.ID == c.About }) {
		return false
	}
	c.reset(Idle)
	c.About = agenda.AppointmentID{}
	return true
}

// reminded keeps, of several visits, the one that the contact was last reminded of.
func (d Desk) reminded(c *Conversation, visits []agenda.Appointment) []agenda.Appointment {
	for _, v := range visits {
		if v.ID == c.About {
			return []agenda.Appointment{v}
		}
	}
	return visits
}

// answered notes that no answer about a visit is awaited any more.
func (c *Conversation) answered(a agenda.Appointment) {
	if c.About == a.ID {
		c.About = agenda.AppointmentID{}
	}
}

// AttendanceNoted tells what was noted of coming to a visit, after NoteAttendance.
func (d Desk) AttendanceNoted(c *Conversation, a agenda.Appointment) Step {
	c.answered(a)
	if a.Attendance == agenda.NotComing {
		c.Draft = Draft{Purpose: ToDecline, Appointment: a.ID}
		return d.say("declining", d.visit(a))
	}
	c.reset(Idle)
	step := d.say("attending", d.visit(a))
	if address := d.Directory.Clinic.Address; address != "" {
		step = step.join(d.say("reminder_where", args{"address": address}))
	}
	return step
}

// Attendance is what a NoteAttendance is to note.
func (c Conversation) Attendance() agenda.Attendance {
	if c.Draft.Purpose == ToDecline {
		return agenda.NotComing
	}
	return agenda.Coming
}
