package identity

import (
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
)

type actorKind int

const (
	kindNobody actorKind = iota
	kindUser
	kindFrontDesk
	kindAPIKey
	kindRoomAgent
)

// Actor is who does something. It is made from a verified user, API key or room agent, or by [FrontDesk]; the zero value is
// nobody, who may do nothing.
type Actor struct {
	kind    actorKind
	user    UserID
	role    Role
	key     APIKeyID
	entity  clinic.EntityID
	granted grants // of an API key
	agent   RoomAgent
	ended   bool // of a room agent: its time in the room is over
}

// FrontDesk is the service itself, acting for one entity when a patient writes. What a patient writes carries no
// authority: the front desk acts in its entity and only books, moves and cancels that patient's visits.
func FrontDesk(entity clinic.EntityID) Actor {
	return Actor{kind: kindFrontDesk, entity: entity}
}

// UserID is the user behind the actor, 0 when it is not a user.
func (a Actor) UserID() UserID { return a.user }

// EntityID is the only entity of the actor, 0 when it is not bound to one.
func (a Actor) EntityID() clinic.EntityID { return a.entity }

// KeyID is the API key behind the actor, zero when it is not one.
func (a Actor) KeyID() APIKeyID { return a.key }

// IsFrontDesk reports whether the actor is the service itself, acting for a patient who writes.
func (a Actor) IsFrontDesk() bool { return a.kind == kindFrontDesk }

// Role is the role of a user, "" when the actor is not one.
func (a Actor) Role() Role { return a.role }

// IsManager reports whether the actor may touch every entity.
func (a Actor) IsManager() bool { return a.kind == kindUser && a.role == Manager }

// String names the principal for logs and the audit trail: "user:7", "api-key:0198...", "front-desk:3", "room-agent:41/7/2"
// (participant 7 in room 41, by the room's second request for an agent), "nobody".
func (a Actor) String() string {
	switch a.kind {
	case kindUser:
		return "user:" + a.user.String()
	case kindFrontDesk:
		return "front-desk:" + a.entity.String()
	case kindAPIKey:
		return "api-key:" + a.key.String()
	case kindRoomAgent:
		return "room-agent:" + a.agent.String()
	case kindNobody:
	}
	return "nobody"
}

// Scope is what the actor may read. A room agent's holds nothing: it has [Actor.In].
func (a Actor) Scope() Scope {
	switch {
	case a.IsManager():
		return AllEntities()
	case a.kind == kindNobody, a.kind == kindRoomAgent:
		return Scope{}
	}
	return OnlyEntity(a.entity)
}

// RequireManager fails with Forbidden "manager-only" unless the actor is a manager.
func (a Actor) RequireManager() error {
	if a.IsManager() {
		return nil
	}
	return errs.New(errs.Forbidden, "manager-only", "only a MANAGER may do this")
}

// RequireUser fails with Forbidden "users-only" when the actor is not a user of the back office.
func (a Actor) RequireUser() error {
	if a.kind == kindUser {
		return nil
	}
	return errs.New(errs.Forbidden, "users-only", "only a user of the back office may do this")
}

// Scope is a bound on what is read: every entity, one entity, or (the zero value) nothing.
type Scope struct {
	all    bool
	entity clinic.EntityID
}

// AllEntities is the scope of a manager. It includes what belongs to no entity.
func AllEntities() Scope { return Scope{all: true} }

// OnlyEntity is the scope of one entity. For entity 0 it holds nothing.
func OnlyEntity(entity clinic.EntityID) Scope { return Scope{entity: entity} }

// Includes reports whether a row of the entity is in the scope; 0 stands for a row of no entity.
func (s Scope) Includes(entity clinic.EntityID) bool {
	return s.all || entity > 0 && s.entity == entity
}

// All reports whether the scope is unbounded.
func (s Scope) All() bool { return s.all }

// EntityID is the scope's one entity, 0 when it is unbounded or empty. With [Scope.All] it is what SQL needs.
func (s Scope) EntityID() clinic.EntityID { return s.entity }
