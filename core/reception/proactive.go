package reception

import (
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// Remind returns the text that reminds of a visit, and notes that an answer to it is awaited. While something else is being
// arranged, or people answer, it asks for none: "sim" would answer two questions.
func (d Desk) Remind(c *Conversation, a agenda.Appointment) string {
	ask := ""
	if d.listens(*c) {
		ask = "reminder_ask"
		if a.Attendance == agenda.Coming {
			ask = "reminder_known"
		}
	}
	return d.notice(c, a, d.Say.text("reminder", d.visit(a).plus(args{
		"clinic": d.Directory.Clinic.Name, "what": d.what(a),
	})), ask)
}

// TellChange returns the text that tells of what the clinic changed of a visit, which the patient believes to begin at
// before. An answer to it is awaited as to a reminder.
func (d Desk) TellChange(c *Conversation, a agenda.Appointment, before time.Time) string {
	with := d.visit(a).plus(args{"clinic": d.Directory.Clinic.Name, "before": d.when(before)})
	if a.Status != agenda.Confirmed {
		c.answered(a)
		c.UpdatedAt = d.Now
		return d.Say.text("cancelled_by_clinic", with)
	}
	ask := ""
	if d.listens(*c) {
		ask = "reminder_ask"
	}
	return d.notice(c, a, d.Say.text("moved_by_clinic", with), ask)
}

// notice adds to a text where the clinic is, and the question with the key ask; "" asks nothing.
func (d Desk) notice(c *Conversation, a agenda.Appointment, text, ask string) string {
	parts := []string{text}
	if address := d.Directory.Clinic.Address; address != "" {
		parts = append(parts, d.Say.text("reminder_where", args{"address": address}))
	}
	c.answered(a) // whatever was asked of it before
	if ask != "" {
		parts = append(parts, "", d.Say.text(ask, nil))
		c.About, c.Draft.SaidAt = a.ID, d.Now
	}
	c.UpdatedAt = d.Now
	return strings.Join(parts, "\n")
}

// what is what the texts call a visit.
func (d Desk) what(a agenda.Appointment) string {
	if s, ok := d.Directory.Service(a.ServiceID); ok {
		return s.Name
	}
	return d.Say.text("plain_visit", nil)
}

// listens reports whether an answer to a question out of the blue would be heard as one.
func (d Desk) listens(c Conversation) bool {
	return c.State.isOpen() || c.State != HandedOff && c.State != OptedOut && d.Now.Sub(c.HeardAt) >= staleAfter
}
