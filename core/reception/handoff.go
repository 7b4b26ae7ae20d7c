package reception

import (
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

// Same reports whether it is the same handing over as another one, however it went on since.
func (h Handoff) Same(other Handoff) bool { return h.At.Equal(other.At) }

// Pause leaves the conversation to people until a moment, because somebody of the clinic wrote or took it. Why and since
// when people answer stays as it was where they did already. Whoever opted out stays so: pausing would end in the
// assistant's coming back to them.
func (c *Conversation) Pause(now, until time.Time) {
	switch {
	case c.State == OptedOut:
		return
	case c.State != HandedOff || c.Overdue(now): // overdue, the assistant may be answering at this moment
		c.reset(HandedOff)
		c.Handoff = Handoff{Reason: StaffWrote, At: now, Until: until}
	case !c.Handoff.Until.IsZero() && until.After(c.Handoff.Until):
		c.Handoff.Until = until
	}
	c.UpdatedAt = now
}

// Take is Pause for a user, who has the conversation from then on; with 0 it is an integration, which has no name. Errors:
// Conflict "contact-opted-out"; Conflict "conversation-taken" when another user has it, unless forced.
func (c *Conversation) Take(by identity.UserID, force bool, now, until time.Time) error {
	if c.State == OptedOut {
		return errs.New(errs.Conflict, "contact-opted-out", "the contact wants no messages; they write first when that changes")
	}
	if c.State == HandedOff && c.Handoff.By != 0 && c.Handoff.By != by && !force {
		return errs.New(errs.Conflict, "conversation-taken", "somebody else has taken the conversation")
	}
	c.Pause(now, until)
	c.Handoff.By = by
	return nil
}

// GiveBack has the assistant answer again, from the beginning. Errors: Conflict "conversation-not-handed-off".
func (c *Conversation) GiveBack(now time.Time) error {
	if c.State != HandedOff {
		return errs.New(errs.Conflict, "conversation-not-handed-off", "no person has the conversation")
	}
	c.reset(Idle)
	c.UpdatedAt = now
	return nil
}

// Overdue reports whether people have had the conversation for as long as they are given.
func (c Conversation) Overdue(now time.Time) bool {
	return c.State == HandedOff && !c.Handoff.Until.IsZero() && !now.Before(c.Handoff.Until)
}

// handOff drops what was being arranged and leaves the conversation to people, for as long as the clinic gives them. Who
// has it already keeps it.
func (d Desk) handOff(c *Conversation, why HandoffReason) {
	by := c.Handoff.By
	c.reset(HandedOff)
	c.Handoff = Handoff{Reason: why, At: d.Now, Until: d.Now.Add(d.Directory.Clinic.HandoffReturn), By: by}
}

// NobodyAnswered is what a contact is told who still waits for a person when the assistant comes back.
func (d Desk) NobodyAnswered() string { return d.Say.text("person_not_available", nil) }
