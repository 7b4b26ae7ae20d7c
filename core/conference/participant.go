package conference

import (
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// ParticipantID identifies a participant. 0 means none.
type ParticipantID int64

// String returns the decimal form.
func (i ParticipantID) String() string { return strconv.FormatInt(int64(i), 10) }

// ParticipantType says what a participant is.
type ParticipantType string

// The types of participants.
const (
	Client       ParticipantType = "CLIENT"       // a patient or another customer
	Professional ParticipantType = "PROFESSIONAL" // refers to a professional
	Agent        ParticipantType = "AGENT"        // an AI agent sent into a room
)

// IsKnown reports whether t is one of the types.
func (t ParticipantType) IsKnown() bool { return t == Client || t == Professional || t == Agent }

// Participant is somebody, or an AI agent, who can be in rooms.
type Participant struct {
	ID             ParticipantID
	EntityID       clinic.EntityID // the clinic that knows the participant; 0: the platform
	Name           string          // 1 to 100 characters
	Type           ParticipantType
	PhoneNumber    string                // E.164; "" for an AGENT without one
	ExternalID     string                // "" when none
	ProfessionalID clinic.ProfessionalID // only of a PROFESSIONAL; 0 when none
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// ParticipantParams is what a participant is made of.
type ParticipantParams struct {
	EntityID       clinic.EntityID
	Name           string
	Type           ParticipantType
	PhoneNumber    string
	ExternalID     string
	ProfessionalID clinic.ProfessionalID
}

// ParticipantPatch changes parts of a participant; its type and entity are for good.
type ParticipantPatch struct {
	Name           patch.Of[string]
	PhoneNumber    patch.Of[string]
	ExternalID     patch.Of[string]
	ProfessionalID patch.Of[clinic.ProfessionalID]
}

// ParticipantFilter selects participants of a list.
type ParticipantFilter struct {
	EntityID    clinic.EntityID // 0: any
	Type        ParticipantType // "": any
	PhoneNumber string          // E.164; "": any
	ExternalID  string          // "": any
}

// NewParticipant makes a participant. It has a professional only when its type is PROFESSIONAL, and a telephone number
// unless its type is AGENT: otherwise, as for any other bad field, Invalid "invalid-input".
func NewParticipant(p ParticipantParams, now time.Time) (Participant, error) {
	v := Participant{
		EntityID: p.EntityID, Name: p.Name, Type: p.Type, PhoneNumber: p.PhoneNumber, ExternalID: p.ExternalID,
		ProfessionalID: p.ProfessionalID, CreatedAt: now, UpdatedAt: now,
	}
	return v, v.validate()
}

// Change applies a patch, by the rules of [NewParticipant].
func (v *Participant) Change(p ParticipantPatch, now time.Time) error {
	p.Name.Apply(&v.Name)
	p.PhoneNumber.Apply(&v.PhoneNumber)
	p.ExternalID.Apply(&v.ExternalID)
	p.ProfessionalID.Apply(&v.ProfessionalID)
	v.UpdatedAt = version.Next(v.UpdatedAt, now)
	return v.validate()
}

func (v *Participant) validate() error {
	var c errs.Check
	v.Name = valid.Text(&c, "name", v.Name, 100)
	c.That(v.Type.IsKnown(), "type", "must be CLIENT, PROFESSIONAL or AGENT")
	if v.PhoneNumber != "" || v.Type != Agent {
		v.PhoneNumber = valid.Phone(&c, "phone_number", v.PhoneNumber)
	}
	v.ExternalID = valid.OptionalText(&c, "external_id", v.ExternalID, 254)
	c.That(v.ProfessionalID == 0 || v.Type == Professional, "professional_id", "is only for a participant of type PROFESSIONAL")
	c.That(v.ProfessionalID >= 0, "professional_id", "must name a professional")
	return c.Err()
}
