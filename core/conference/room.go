package conference

import (
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// RoomID identifies a room. 0 means none.
type RoomID int64

// String returns the decimal form.
func (i RoomID) String() string { return strconv.FormatInt(int64(i), 10) }

// RoomStatus is where a room is in its life: OPEN, then IN_PROGRESS, then CLOSED. It never goes back.
type RoomStatus string

// The statuses.
const (
	Open       RoomStatus = "OPEN"
	InProgress RoomStatus = "IN_PROGRESS"
	Closed     RoomStatus = "CLOSED"
)

// order is the place of a status in a room's life, 0 when it is unknown.
func (s RoomStatus) order() int {
	switch s {
	case Open:
		return 1
	case InProgress:
		return 2
	case Closed:
		return 3
	}
	return 0
}

// IsKnown reports whether s is one of the statuses.
func (s RoomStatus) IsKnown() bool { return s.order() > 0 }

// Room is a place where participants meet. Its instructions follow from its entity and department.
type Room struct {
	ID             RoomID
	Name           string // 1 to 100 characters
	Status         RoomStatus
	EntityID       clinic.EntityID       // 0: a room of no entity
	DepartmentID   clinic.DepartmentID   // 0: none; otherwise a department of the room's entity
	ProfessionalID clinic.ProfessionalID // the host; 0: none
	Type           ParticipantType       // who it was opened for; "": not said
	PhoneNumber    string                // E.164; "" when none
	ExternalID     string                // "" when none
	Limits         RoomLimits
	LiveKitName    string    // unique; the room's name in LiveKit
	LiveKitSID     string    // that of the latest LiveKit room of the name; "" until LiveKit has one
	LiveKitSince   time.Time // when that one began, to the millisecond; zero when there was none
	Agent          RoomAgent
	OpenedAt       time.Time
	ClosedAt       time.Time   // zero until closed
	ClosedReason   CloseReason // "" until closed
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// RoomParams is what a room is made of. Department and Entity are the loaded records, nil for none.
type RoomParams struct {
	Name           string
	Entity         *clinic.Entity
	Department     *clinic.Department
	ProfessionalID clinic.ProfessionalID
	Type           ParticipantType
	PhoneNumber    string
	ExternalID     string
	Limits         RoomLimits // zero fields take the defaults
	LiveKitName    string
}

// RoomPatch changes parts of a room; its entity and department are for good.
type RoomPatch struct {
	Name           patch.Of[string]
	Status         patch.Of[RoomStatus]
	ProfessionalID patch.Of[clinic.ProfessionalID]
	Type           patch.Of[ParticipantType]
	PhoneNumber    patch.Of[string]
	ExternalID     patch.Of[string]
}

// RoomFilter selects rooms of a list.
type RoomFilter struct {
	EntityID     clinic.EntityID     // 0: any
	DepartmentID clinic.DepartmentID // 0: any
	Status       RoomStatus          // "": any
	ExternalID   string              // "": any
}

// Place is where a room belongs, for good.
type Place struct {
	EntityID     clinic.EntityID     // 0: to no entity
	DepartmentID clinic.DepartmentID // 0: to none
}

// Place is where the room belongs.
func (r Room) Place() Place { return Place{r.EntityID, r.DepartmentID} }

// Staying is a change of a room that fails with Internal "room-moved" when it would move the room. Repositories make no
// other: who once knew where a room belongs does not ask again.
func Staying(change func(*Room) error) func(*Room) error {
	return func(r *Room) error {
		place := r.Place()
		err := change(r)
		if err == nil && r.Place() != place {
			return errs.New(errs.Internal, "room-moved", "the entity and the department of a room are for good")
		}
		return err
	}
}

// NewRoom opens a room. A department needs its entity, and belongs to the room's: otherwise, as for any other bad
// field, Invalid "invalid-input".
func NewRoom(p RoomParams, now time.Time) (Room, error) {
	var c errs.Check
	r := Room{
		Name: p.Name, Status: Open, ProfessionalID: p.ProfessionalID, Type: p.Type, PhoneNumber: p.PhoneNumber,
		ExternalID: p.ExternalID, Limits: p.Limits.withDefaults(), LiveKitName: p.LiveKitName, OpenedAt: now, CreatedAt: now, UpdatedAt: now,
	}
	if p.Entity != nil {
		r.EntityID = p.Entity.ID
		c.That(p.Entity.Active, "entity_id", "must name an active entity")
	}
	if p.Department != nil {
		r.DepartmentID = p.Department.ID
		c.That(p.Department.EntityID == r.EntityID, "department_id", "must be a department of the room's entity")
		c.That(p.Department.Active, "department_id", "must name an active department")
	}
	r.Limits.validate(&c)
	r.validate(&c)
	return r, c.Err()
}

// Change applies a patch. A closed room stays closed, Conflict "room-closed" for any change; a status never goes back,
// Conflict "room-status". Bad fields are Invalid "invalid-input".
func (r *Room) Change(p RoomPatch, now time.Time) error {
	if r.Status == Closed {
		return errs.New(errs.Conflict, "room-closed", "the room is closed")
	}
	before := r.UpdatedAt
	var c errs.Check
	p.Name.Apply(&r.Name)
	p.ProfessionalID.Apply(&r.ProfessionalID)
	p.Type.Apply(&r.Type)
	p.PhoneNumber.Apply(&r.PhoneNumber)
	p.ExternalID.Apply(&r.ExternalID)
	if p.Status.Present {
		c.That(p.Status.Value.IsKnown(), "status", "must be OPEN, IN_PROGRESS or CLOSED")
		if p.Status.Value.IsKnown() && p.Status.Value.order() < r.Status.order() {
			return errs.New(errs.Conflict, "room-status", "a room's status never goes back")
		}
		if p.Status.Value == Closed {
			r.end(ClosedByRequest, now)
		} else {
			r.Status = p.Status.Value
		}
	}
	r.UpdatedAt = version.Next(before, now) // one change, also when it closes the room
	r.validate(&c)
	return c.Err()
}

// Close closes the room, and with it what its agent was doing; closing it again changes nothing. It is the soft delete of a
// room.
func (r *Room) Close(reason CloseReason, now time.Time) {
	if r.Status == Closed {
		return
	}
	r.end(reason, now)
	r.UpdatedAt = version.Next(r.UpdatedAt, now)
}

func (r *Room) end(reason CloseReason, now time.Time) {
	r.Status, r.ClosedAt, r.ClosedReason = Closed, now, reason
	r.Agent.end(AgentReasonRoomClosed, now)
}

// IsLive reports whether there is anything to be looked after on LiveKit: the room is not closed, and LiveKit has it or is to
// send an agent there.
func (r Room) IsLive() bool { return r.Status != Closed && (r.LiveKitSID != "" || r.Agent.Expected()) }

func (r *Room) validate(c *errs.Check) {
	r.Name = valid.Text(c, "name", r.Name, 100)
	c.That(r.Type == "" || r.Type.IsKnown(), "type", "must be CLIENT, PROFESSIONAL, AGENT or null")
	c.That(r.ProfessionalID >= 0, "professional_id", "must name a professional")
	if r.PhoneNumber != "" {
		r.PhoneNumber = valid.Phone(c, "phone_number", r.PhoneNumber)
	}
	r.ExternalID = valid.OptionalText(c, "external_id", r.ExternalID, 254)
}

// RoomParticipantID identifies the link of a participant to a room. 0 means none.
type RoomParticipantID int64

// String returns the decimal form.
func (i RoomParticipantID) String() string { return strconv.FormatInt(int64(i), 10) }

// RoomParticipant says that a participant is, or was, in a room. It is unique on both.
type RoomParticipant struct {
	ID            RoomParticipantID
	RoomID        RoomID
	ParticipantID ParticipantID
	Context       jsonobj.Object // what is known of the participant in this room; {} when nothing
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// NewRoomParticipant puts a participant into a room. A closed room takes nobody, Conflict "room-closed"; a participant
// of one entity does not enter a room of another, Invalid "invalid-input".
func NewRoomParticipant(room Room, who Participant, context jsonobj.Object, now time.Time) (RoomParticipant, error) {
	if room.Status == Closed {
		return RoomParticipant{}, errs.New(errs.Conflict, "room-closed", "the room is closed")
	}
	if who.EntityID != 0 && who.EntityID != room.EntityID {
		return RoomParticipant{}, errs.InvalidField("participant_id", "must be a participant of the room's entity")
	}
	if context.IsNone() {
		context = "{}"
	}
	return RoomParticipant{RoomID: room.ID, ParticipantID: who.ID, Context: context, CreatedAt: now, UpdatedAt: now}, nil
}
