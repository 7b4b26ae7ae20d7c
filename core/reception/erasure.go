package reception

import (
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// erasedPrefix begins every contact that nobody can be told by. None that a channel tells begins so.
const erasedPrefix = "erased:"

// ErasedContact takes the place of a contact where that has to be erased; key is an id that the clinic has but once.
func ErasedContact(key string) string { return erasedPrefix + key }

// IsErased reports whether the contact was erased: the conversation is over.
func (c Conversation) IsErased() bool { return strings.HasPrefix(c.Contact, erasedPrefix) }

// Erase takes away everything that the conversation tells of the contact, its messages aside. Whoever writes from that
// telephone later begins another one.
func (c *Conversation) Erase(now time.Time) {
	c.reset(Idle)
	c.Contact, c.LID, c.ReplyTo = ErasedContact(c.ID.String()), "", ""
	c.forget(now)
}

// Forget takes away what the conversation, its messages aside, may tell of one of several patients of the contact. What was
// being arranged is given up; whom people have, or who wants no messages, stays so.
func (c *Conversation) Forget(now time.Time) {
	switch c.State {
	case HandedOff, OptedOut:
		c.Draft, c.Misses = Draft{}, 0
	case Idle, ChoosingProfessional, CollectingPatient, ChoosingSlot, Confirming, Booked, Cancelling, Rescheduling:
		c.reset(Idle)
	}
	c.forget(now)
}

func (c *Conversation) forget(now time.Time) {
	c.ContactName, c.Patient, c.About = "", agenda.Patient{}, agenda.AppointmentID{}
	c.UpdatedAt = now
}

// IsRedacted reports whether the text of a message was taken away: every other one has some.
func (m Message) IsRedacted() bool { return m.Kind == Text && m.Text == "" }
