package reception

import (
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
)

// ConversationID identifies a conversation.
type ConversationID = id.Of[Conversation]

// Conversation is everything between one clinic and one contact, however long ago it began.
type Conversation struct {
	ID          ConversationID
	TenantID    agenda.TenantID
	EntityID    clinic.EntityID
	Contact     string // whom it is with: E.164, or the channel's id when that tells no telephone; unique in the clinic
	LID         string // the contact's "...@lid" when the channel told it; "" when unknown; unique in the clinic
	ReplyTo     string // the address the last message came from, as the channel gave it, or the telephone of who has not written; "" when it came by the API
	ContactName string // what the contact calls itself; "" when unknown
	State       State
	Patient     agenda.Patient       // the contact's own data, or whom a visit was for last; asked for once, remembered
	Draft       Draft                // what is being arranged
	Misses      int                  // messages in a row that were not understood
	Handoff     Handoff              // in state HandedOff: why, and until when
	About       agenda.AppointmentID // the visit that the contact was last reminded of, as long as an answer to that is awaited; zero when none
	HeardAt     time.Time            // when the contact last wrote
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Handoff says why people answer a conversation instead of the assistant, and until when. The zero value: they do not.
type Handoff struct {
	Reason HandoffReason
	At     time.Time       // since when
	Until  time.Time       // when the assistant answers again, unless a person writes before; zero when people are to give it back
	By     identity.UserID // who took it; 0 as long as nobody did, or when it is answered on the clinic's phone
}

// HandoffReason is why a conversation was handed to people.
type HandoffReason string

// The reasons.
const (
	PatientAsked    HandoffReason = "patient_asked"    // "quero falar com uma pessoa"
	EmergencySigns  HandoffReason = "emergency"        // signs of an emergency
	Anger           HandoffReason = "anger"            // the patient is annoyed
	RepeatedFailure HandoffReason = "repeated_failure" // the assistant did not understand again and again
	CannotComplete  HandoffReason = "cannot_complete"  // the assistant may not, or cannot, do what was asked
	StaffWrote      HandoffReason = "staff_wrote"      // somebody of the clinic wrote, or took the conversation
)

// Purpose is what is being arranged.
type Purpose string

// The purposes.
const (
	NoPurpose Purpose = ""
	ToBook    Purpose = "book"
	ToMove    Purpose = "move"
	ToCancel  Purpose = "cancel"
	ToAttend  Purpose = "attend"  // to say that the contact comes
	ToDecline Purpose = "decline" // to say that the contact does not, and then what is to happen instead
)

// Draft is what has been settled so far of a visit that is being arranged.
type Draft struct {
	Purpose      Purpose
	Patient      *agenda.Patient               // whom it is for, once that was settled; nil: the conversation's patient
	Patients     []agenda.Patient              // whom it may be for, in the order they were listed; after them comes somebody else
	Professional agenda.ClinicProfessionalID   // chosen
	Service      agenda.ServiceID              // chosen; zero is a plain visit
	Services     []agenda.ServiceID            // asked for; the chosen professional's one of them becomes Service
	Offered      bool                          // price and duration were told, and the patient has not yet said yes
	Options      []agenda.ClinicProfessionalID // professionals that were listed, in that order
	Menu         []agenda.ServiceID            // services that were listed instead, in that order
	Appointments []agenda.AppointmentID        // the patient's own, in the order they were listed
	Appointment  agenda.AppointmentID          // the one to move or to cancel
	Date         agenda.Date                   // wished for; zero when any
	Time         *agenda.LocalTime             // wished for; nil when any
	From         *agenda.LocalTime             // the earliest hour that is wished for; nil when any
	Until        *agenda.LocalTime             // the hour to begin before; nil when any
	Period       Period                        // wished for
	After        time.Time                     // offer only later slots: the patient has seen the earlier ones; zero when none
	Slots        []agenda.Interval             // in the order they were listed
	Slot         agenda.Interval               // chosen; zero when none
	Person       bool                          // it was asked last whether a person should be called
	Said         uint32                        // a hash of what was said last, 0 for nothing
	SaidAt       time.Time                     // when something was last said or asked; zero for never
	Repeats      int                           // how many turns before the last one said the same
}

// ConversationFilter selects conversations of a list.
type ConversationFilter struct {
	TenantID agenda.TenantID // zero: any
	State    State           // "": any
}

// NewConversation begins a conversation in state idle.
func NewConversation(key ConversationID, c agenda.Clinic, contact string, now time.Time) Conversation {
	return Conversation{
		ID: key, TenantID: c.ID, EntityID: c.EntityID, Contact: contact, State: Idle,
		HeardAt: now, CreatedAt: now, UpdatedAt: now,
	}
}

// Address notes where the contact last wrote from, and what it calls itself.
func (c *Conversation) Address(in Inbound) {
	if in.From != "" {
		c.ReplyTo = in.From
	}
	if in.Name != "" {
		c.ContactName = in.Name
	}
}

// IsWith reports whether whoever changed a message is whom the conversation is with; the id of the message vouches for it
// when the channel does not tell who that was.
func (c Conversation) IsWith(e Edit) bool {
	return !c.IsErased() && (e.From == "" || e.From == c.ReplyTo || e.Phone != "" && e.Phone == c.Contact ||
		e.LID != "" && (e.LID == c.LID || e.LID == c.Contact))
}

// Keep takes over what a turn changed, and leaves what arrived meanwhile: who the contact is, its address and its name, and
// who of the clinic has the conversation.
func (c *Conversation) Keep(after Conversation) {
	contact, lid, replyTo, name, handoff := c.Contact, c.LID, c.ReplyTo, c.ContactName, c.Handoff
	*c = after.Clone()
	c.Contact, c.LID, c.ReplyTo, c.ContactName = contact, lid, replyTo, name
	if c.State != HandedOff {
		return
	}
	if c.Handoff.Same(handoff) {
		c.Handoff = handoff
	}
	c.Handoff.By = handoff.By
}

// Absorb takes over a conversation with the same contact that is merged into c. Opting out of either holds, then that people
// answer either; of two that go on, what was said last does.
func (c *Conversation) Absorb(other Conversation) {
	c.LID = other.LID
	if c.ContactName == "" {
		c.ContactName = other.ContactName
	}
	if c.Patient.Name == "" {
		c.Patient = other.Patient
	}
	rank := func(s State) int {
		switch s {
		case OptedOut:
			return 2
		case HandedOff:
			return 1
		case Idle, ChoosingProfessional, CollectingPatient, ChoosingSlot, Confirming, Booked, Cancelling, Rescheduling:
		}
		return 0
	}
	later := other.HeardAt.After(c.HeardAt)
	if mine, theirs := rank(c.State), rank(other.State); theirs > mine || theirs == mine && later {
		other = other.Clone()
		c.State, c.Draft, c.Misses, c.Handoff, c.About = other.State, other.Draft, other.Misses, other.Handoff, other.About
	}
	if later {
		c.HeardAt, c.ReplyTo = other.HeardAt, other.ReplyTo
	}
	if other.CreatedAt.Before(c.CreatedAt) {
		c.CreatedAt = other.CreatedAt
	}
}

// Clone returns a copy that shares nothing with c.
func (c Conversation) Clone() Conversation {
	c.Draft.Options = slices.Clone(c.Draft.Options)
	c.Draft.Menu = slices.Clone(c.Draft.Menu)
	c.Draft.Services = slices.Clone(c.Draft.Services)
	c.Draft.Appointments = slices.Clone(c.Draft.Appointments)
	c.Draft.Slots = slices.Clone(c.Draft.Slots)
	c.Draft.Patients = slices.Clone(c.Draft.Patients)
	c.Draft.Patient = cloned(c.Draft.Patient)
	c.Draft.Time, c.Draft.From, c.Draft.Until = cloned(c.Draft.Time), cloned(c.Draft.From), cloned(c.Draft.Until)
	return c
}

// cloned is a pointer to a copy, nil of nil.
func cloned[T any](v *T) *T {
	if v == nil {
		return nil
	}
	return new(*v)
}

// anyTime is the draft without any wish of a day or an hour.
func (d Draft) anyTime() Draft {
	d.Date, d.Time, d.From, d.Until, d.Period, d.After = agenda.Date{}, nil, nil, nil, AnyPeriod, time.Time{}
	return d
}

// wished is a draft of which only whom it is for and the day and the hours that are wished for remain.
func (d Draft) wished() Draft {
	return Draft{Purpose: ToBook, Patient: d.Patient, Date: d.Date, Time: d.Time, From: d.From, Until: d.Until, Period: d.Period}
}

// ListedVisits is how many of the contact's own visits were listed, of which none is chosen yet.
func (d Draft) ListedVisits() int {
	if !d.Appointment.IsZero() {
		return 0
	}
	return len(d.Appointments)
}
