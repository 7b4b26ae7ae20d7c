package identity_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

func agentOfRoom41() identity.RoomAgent {
	return identity.RoomAgent{Room: 41, Participant: 7, Number: 2}
}

func TestRoomAgentIsNobodyElse(t *testing.T) {
	t.Parallel()
	agent := agentOfRoom41().Actor(3, false)
	if got, want := agent.String(), "room-agent:41/7/2"; got != want {
		t.Errorf("is called %q, want %q", got, want)
	}
	if agent.RoomAgent() != agentOfRoom41() || agent.UserID() != 0 || !agent.KeyID().IsZero() || agent.Role() != "" || agent.IsManager() {
		t.Errorf("got %+v, want a room agent and nothing else", agent)
	}
	if other := (identity.User{ID: 7, Role: identity.Manager}).Actor().RoomAgent(); !other.IsZero() {
		t.Errorf("a user is the room agent %v", other)
	}
}

func TestRoomAgentMayDoNothingByItsPermissions(t *testing.T) {
	t.Parallel()
	agent := agentOfRoom41().Actor(3, false)
	if agent.Scope() != (identity.Scope{}) || agent.Scope().Includes(3) || len(agent.Permissions()) != 0 {
		t.Errorf("has scope %+v and permissions %v, want none", agent.Scope(), agent.Permissions())
	}
	for _, p := range identity.Permissions() {
		if err := agent.Require(p); agent.May(p) || errs.KindOf(err) != errs.Forbidden || errs.CodeOf(err) != "room-agent" {
			t.Errorf("%s: may %v, %v, want Forbidden room-agent", p, agent.May(p), err)
		}
	}
	if err := agent.RequireUser(); errs.CodeOf(err) != "users-only" {
		t.Errorf("as a user: %v, want users-only", err)
	}
	if err := agent.RequireManager(); errs.CodeOf(err) != "manager-only" {
		t.Errorf("as a manager: %v, want manager-only", err)
	}
}

func TestRoomAgentIsInItsRoomOnly(t *testing.T) {
	t.Parallel()
	allowed := map[identity.Permission]bool{identity.RoomsRead: true, identity.EventsWrite: true, identity.UsageWrite: true}
	for _, p := range identity.Permissions() {
		for _, ended := range []bool{false, true} {
			agent := agentOfRoom41().Actor(3, ended)
			if scope, err := agent.In(42, p); errs.KindOf(err) != errs.NotFound || errs.CodeOf(err) != "room-not-found" || scope != (identity.Scope{}) {
				t.Errorf("%s in another room: %+v, %v, want room-not-found", p, scope, err)
			}
			if scope, err := agent.StillIn(42, p); errs.CodeOf(err) != "room-not-found" || scope != (identity.Scope{}) {
				t.Errorf("%s still in another room: %+v, %v, want room-not-found", p, scope, err)
			}
			in, inErr := agent.In(41, p)
			still, stillErr := agent.StillIn(41, p)
			switch {
			case !allowed[p]:
				if errs.CodeOf(inErr) != "room-agent" || errs.CodeOf(stillErr) != "room-agent" || in != (identity.Scope{}) || still != (identity.Scope{}) {
					t.Errorf("%s: got %v and %v, want room-agent", p, inErr, stillErr)
				}
			case ended:
				if errs.KindOf(inErr) != errs.Forbidden || errs.CodeOf(inErr) != "room-agent-ended" || in != (identity.Scope{}) {
					t.Errorf("%s after the end: %+v, %v, want room-agent-ended", p, in, inErr)
				}
				if stillErr != nil || still != identity.OnlyEntity(3) {
					t.Errorf("%s still after the end: %+v, %v, want entity 3", p, still, stillErr)
				}
			case inErr != nil || stillErr != nil || in != identity.OnlyEntity(3) || still != identity.OnlyEntity(3):
				t.Errorf("%s: got %+v, %v and %+v, %v, want entity 3", p, in, inErr, still, stillErr)
			}
		}
	}
}

func TestRoomAgentOfNoEntitySeesWhatBelongsToNone(t *testing.T) {
	t.Parallel()
	agent := agentOfRoom41().Actor(0, false)
	if scope, err := agent.In(41, identity.RoomsRead); err != nil || !scope.Includes(0) {
		t.Errorf("got %+v, %v, want a scope with what belongs to no entity", scope, err)
	}
	if scope, err := agent.In(42, identity.RoomsRead); err == nil || scope.Includes(0) {
		t.Errorf("in another room: got %+v, %v, want nothing", scope, err)
	}
}

func TestOthersAreInEveryRoomOfTheirScope(t *testing.T) {
	t.Parallel()
	admin := identity.User{ID: 8, Role: identity.EntityAdmin, EntityID: 3}.Actor()
	for _, ask := range []func(identity.Actor) (identity.Scope, error){
		func(a identity.Actor) (identity.Scope, error) { return a.In(41, identity.RoomsRead) },
		func(a identity.Actor) (identity.Scope, error) { return a.StillIn(41, identity.RoomsRead) },
	} {
		if scope, err := ask(admin); err != nil || scope != identity.OnlyEntity(3) {
			t.Errorf("an administrator: %+v, %v, want entity 3", scope, err)
		}
		if _, err := ask(identity.FrontDesk(3)); errs.CodeOf(err) != "users-only" {
			t.Errorf("the front desk: %v, want users-only", err)
		}
		if _, err := ask(identity.Actor{}); errs.CodeOf(err) != "users-only" {
			t.Errorf("nobody: %v, want users-only", err)
		}
	}
}
