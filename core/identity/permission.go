package identity

import (
	"slices"

	"github.com/secretary-api/secretary/core/errs"
)

// Permission is one thing that an actor may do in its scope: an area, and "read" or "write". The scope of an API key is
// one of them, in the same words.
type Permission string

// The permissions.
const (
	DirectoryRead      Permission = "directory:read"     // entities, departments, professionals and memberships
	DirectoryWrite     Permission = "directory:write"    //
	ParticipantsRead   Permission = "participants:read"  // who can be in rooms
	ParticipantsWrite  Permission = "participants:write" //
	RoomsRead          Permission = "rooms:read"         // rooms, who is in them, and what agents are told there
	RoomsWrite         Permission = "rooms:write"        //
	EventsRead         Permission = "events:read"        // what happened in rooms, as a list, a stream or a timeline
	EventsWrite        Permission = "events:write"       // append to it
	UsageRead          Permission = "usage:read"         // agents' sessions and prices
	UsageWrite         Permission = "usage:write"        // start, count and end agents' sessions
	ReportsRead        Permission = "reports:read"       // usage and cost added up, and budgets
	BudgetsWrite       Permission = "budgets:write"      // what may be spent
	ClinicsRead        Permission = "clinics:read"       // front desks with their professionals and services
	ClinicsWrite       Permission = "clinics:write"      //
	AgendaRead         Permission = "agenda:read"        // free times and appointments
	AgendaWrite        Permission = "agenda:write"       // book, move and cancel
	ConversationsRead  Permission = "conversations:read" // what patients and the front desk wrote
	ConversationsWrite Permission = "conversations:write"
	UsersRead          Permission = "users:read"
	UsersWrite         Permission = "users:write"
	KeysRead           Permission = "api-keys:read"
	KeysWrite          Permission = "api-keys:write"
	AuditRead          Permission = "audit-log:read"
	PlatformWrite      Permission = "platform:write" // entities, the platform's prices: a MANAGER's alone
)

// Permissions lists every permission, in the order in which people read them.
func Permissions() []Permission {
	return append(GrantablePermissions(), UsersRead, UsersWrite, KeysRead, KeysWrite, AuditRead, PlatformWrite)
}

// GrantablePermissions lists those that an API key may have: all but those by which it could give itself more, or hide
// what it did.
func GrantablePermissions() []Permission {
	return []Permission{
		DirectoryRead, DirectoryWrite, ParticipantsRead, ParticipantsWrite, RoomsRead, RoomsWrite, EventsRead, EventsWrite,
		UsageRead, UsageWrite, ReportsRead, BudgetsWrite, ClinicsRead, ClinicsWrite, AgendaRead, AgendaWrite,
		ConversationsRead, ConversationsWrite,
	}
}

// grants is a set of grantable permissions: one bit for each, so that actors can be compared.
type grants uint32

func grantsOf(permissions []Permission) grants {
	var g grants
	for i, p := range GrantablePermissions() {
		if slices.Contains(permissions, p) {
			g |= 1 << i
		}
	}
	return g
}

func (g grants) has(p Permission) bool {
	i := slices.Index(GrantablePermissions(), p)
	return i >= 0 && g&(1<<i) != 0
}

// frontDeskPermissions are those of the service itself when a patient writes.
func frontDeskPermissions() []Permission { return []Permission{ClinicsRead, AgendaRead, AgendaWrite} }

// Permissions lists what the actor may do in its scope.
func (a Actor) Permissions() []Permission {
	return slices.DeleteFunc(Permissions(), func(p Permission) bool { return !a.May(p) })
}

// May reports whether the actor has a permission.
func (a Actor) May(p Permission) bool {
	switch a.kind {
	case kindUser:
		return p != PlatformWrite || a.role == Manager
	case kindAPIKey:
		return a.granted.has(p)
	case kindFrontDesk:
		return slices.Contains(frontDeskPermissions(), p)
	case kindNobody, kindRoomAgent: // a room agent has its permissions in one room, see [Actor.In]
	}
	return false
}

// RequireCaller fails when the actor is neither a user nor an API key, as [Actor.Require] does. It is for what anybody who
// has credentials may do, whatever their permissions.
func (a Actor) RequireCaller() error {
	if a.kind == kindUser || a.kind == kindAPIKey {
		return nil
	}
	return a.Require("")
}

// Require fails when the actor does not have a permission: with Forbidden "scope-missing" for an API key, "manager-only"
// for a user, "room-agent" for a room agent, "users-only" for anybody else.
func (a Actor) Require(p Permission) error {
	if a.May(p) {
		return nil
	}
	switch a.kind {
	case kindAPIKey:
		return errs.New(errs.Forbidden, "scope-missing", "the API key does not have the scope "+string(p))
	case kindUser:
		return a.RequireManager()
	case kindRoomAgent:
		return errs.New(errs.Forbidden, "room-agent", "a room agent may not do this")
	case kindFrontDesk, kindNobody:
	}
	return a.RequireUser()
}
