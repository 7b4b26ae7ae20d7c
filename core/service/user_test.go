package service_test

import (
	"sync"
	"testing"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

const nowhere = 999_999 // the id of no record

func adminOf(entity clinic.EntityID) service.NewUser {
	return service.NewUser{
		Email: "New@Example.com", Password: goodPassword, PhoneNumber: "(11) 95555-0009", Role: identity.EntityAdmin, EntityID: entity,
	}
}

func managerParams() service.NewUser {
	return service.NewUser{Email: "new@example.com", Password: goodPassword, PhoneNumber: "+5511955550009", Role: identity.Manager}
}

func TestFirstManagerIsMadeByNobody(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, err := o.users.CreateFirst(t.Context(), "Manager@example.com", goodPassword, "+5511955550000")
	wantRefusal(t, err, errs.Conflict, "email-taken")
	_, err = o.users.CreateFirst(t.Context(), "second@example.com", "too short", "+5511955550000")
	wantRefusal(t, err, errs.Invalid, "invalid-input")
	if !o.manager.IsManager() {
		t.Errorf("got %v, want a manager", o.manager)
	}
	if none := must(o.users.None(t.Context()))(t); none {
		t.Error("None is true, want false: there are users")
	}
}

func TestCreateUser(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for name, row := range map[string]struct {
		actor identity.Actor
		p     service.NewUser
		kind  errs.Kind
		code  string // "" when the user is made
	}{
		"manager makes a manager":                           {actor: o.manager, p: managerParams()},
		"manager makes an administrator":                    {actor: o.manager, p: adminOf(o.north.ID)},
		"manager makes an administrator of nothing":         {o.manager, adminOf(0), errs.Invalid, "invalid-input"},
		"manager names an absent entity":                    {o.manager, adminOf(nowhere), errs.NotFound, "entity-not-found"},
		"administrator makes one of its entity":             {actor: o.ana, p: adminOf(o.north.ID)},
		"administrator's own entity is the default":         {actor: o.ana, p: adminOf(0)},
		"administrator makes one of another entity":         {o.ana, adminOf(o.south.ID), errs.NotFound, "entity-not-found"},
		"administrator makes a manager":                     {o.ana, managerParams(), errs.Forbidden, "manager-only"},
		"administrator names no role":                       {o.ana, service.NewUser{Email: "new@example.com", Password: goodPassword, PhoneNumber: "+5511955550009"}, errs.Invalid, "invalid-input"},
		"somebody has the address, written differently":     {o.manager, service.NewUser{Email: "ANA@example.com", Password: goodPassword, PhoneNumber: "+5511955550009", Role: identity.Manager}, errs.Conflict, "email-taken"},
		"the password is short":                             {o.manager, service.NewUser{Email: "new@example.com", Password: "123456789", PhoneNumber: "+5511955550009", Role: identity.Manager}, errs.Invalid, "invalid-input"},
		"a manager has no entity, not even one that exists": {o.manager, service.NewUser{Email: "new@example.com", Password: goodPassword, PhoneNumber: "+5511955550009", Role: identity.Manager, EntityID: o.north.ID}, errs.Invalid, "invalid-input"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t) // a store of its own, in which the ids are the same
			u, err := o.users.Create(t.Context(), row.actor, row.p)
			if row.code != "" {
				wantRefusal(t, err, row.kind, row.code)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			wantEntity := o.north.ID
			if row.p.Role == identity.Manager {
				wantEntity = 0
			}
			if u.Role != row.p.Role || u.EntityID != wantEntity || u.Email != "new@example.com" || u.PhoneNumber != "+5511955550009" || !u.Active {
				t.Errorf("got %+v", u)
			}
			o.login(t, "new@example.com")
		})
	}
}

func TestNewUserHearsOfEverythingWrongAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, err := o.users.Create(t.Context(), o.manager, service.NewUser{Email: "x", Password: "secret", PhoneNumber: "y", Role: "z"})
	wantFields(t, err, "email", "phone_number", "role", "password")
}

func TestInactiveEntityTakesNothingNew(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if err := o.entities.Delete(t.Context(), o.manager, o.north.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	_, err := o.users.Create(t.Context(), o.manager, adminOf(o.north.ID))
	wantFields(t, err, "entity_id")
	_, err = o.departments.Create(t.Context(), o.ana, clinic.DepartmentParams{Name: "x"})
	wantFields(t, err, "entity_id")
	_, err = o.professionals.Create(t.Context(), o.ana, professionalNamed("x"))
	wantFields(t, err, "entity_id")
	_, err = o.participants.Create(t.Context(), o.ana, participantNamed("x"))
	wantFields(t, err, "entity_id")
	_, err = o.rooms.Create(t.Context(), o.ana, service.NewRoom{Name: "x"})
	wantFields(t, err, "entity_id")
	if got := items(o.professionals.List(t.Context(), o.manager, clinic.ProfessionalFilter{}, page.Request{}))(t); len(got) != 0 {
		t.Errorf("got professionals %+v, want none: the membership failed, so the professional does too", got)
	}
}

func TestAdministratorSeesTheUsersOfItsEntity(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	got := items(o.users.List(t.Context(), o.ana, identity.UserFilter{}, page.Request{}))(t)
	if len(got) != 1 || got[0].ID != o.ana.UserID() {
		t.Errorf("got %+v, want only user %v", got, o.ana.UserID())
	}
	if got := items(o.users.List(t.Context(), o.manager, identity.UserFilter{}, page.Request{}))(t); len(got) != 3 {
		t.Errorf("the manager got %d users, want 3", len(got))
	}
	_, absent := o.users.Get(t.Context(), o.ana, nowhere)
	for _, other := range []identity.UserID{o.bruno.UserID(), o.manager.UserID()} {
		_, err := o.users.Get(t.Context(), o.ana, other)
		wantAbsent(t, err, absent)
		_, err = o.users.Update(t.Context(), o.ana, other, service.UserChange{Password: patch.Set("stolen account")}, version.Match{})
		wantAbsent(t, err, absent)
		_, err = o.users.Update(t.Context(), o.ana, other, service.UserChange{Active: patch.Set(false)}, version.Match{})
		wantAbsent(t, err, absent)
		wantAbsent(t, o.users.Delete(t.Context(), o.ana, other, version.Match{}), absent)
	}
}

func TestAdministratorChangesAColleague(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	clara := o.newAdmin(t, "clara@example.com", o.north.ID)
	u := must(o.users.Update(t.Context(), o.ana, clara.UserID(), service.UserChange{
		Email: patch.Set("Clara.Lima@example.com"), PhoneNumber: patch.Set("11955558888"),
		Role: patch.Set(identity.EntityAdmin), EntityID: patch.Set(o.north.ID), // said again, not changed
	}, version.Match{}))(t)
	if u.Email != "clara.lima@example.com" || u.PhoneNumber != "+5511955558888" {
		t.Errorf("got %+v", u)
	}
	if err := o.users.Delete(t.Context(), o.ana, clara.UserID(), version.Match{}); err != nil {
		t.Error(err)
	}
	if err := o.users.Delete(t.Context(), o.ana, clara.UserID(), version.Match{}); err != nil {
		t.Errorf("deleting an inactive user: %v", err)
	}
	if u := must(o.users.Get(t.Context(), o.ana, clara.UserID()))(t); u.Active {
		t.Error("the user is active, want it deactivated")
	}
}

func TestAdministratorChangesNobodysRoleOrEntity(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	clara := o.newAdmin(t, "clara@example.com", o.north.ID)
	for name, c := range map[string]service.UserChange{
		"role":                        {Role: patch.Set(identity.Manager), EntityID: patch.Clear[clinic.EntityID]()},
		"role, without the entity":    {Role: patch.Set(identity.Manager)},
		"entity":                      {EntityID: patch.Set(o.south.ID)},
		"an entity that is not there": {EntityID: patch.Set(clinic.EntityID(nowhere))},
	} {
		for _, user := range []identity.UserID{clara.UserID(), o.ana.UserID()} {
			t.Run(name+" of user "+user.String(), func(t *testing.T) {
				t.Parallel()
				_, err := o.users.Update(t.Context(), o.ana, user, c, version.Match{})
				wantRefusal(t, err, errs.Forbidden, "manager-only")
			})
		}
	}
}

func TestManagerChangesRolesAndEntities(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	id := o.ana.UserID()
	u := must(o.users.Update(t.Context(), o.manager, id, service.UserChange{EntityID: patch.Set(o.south.ID)}, version.Match{}))(t)
	if u.EntityID != o.south.ID {
		t.Errorf("got entity %v, want %v", u.EntityID, o.south.ID)
	}
	_, err := o.users.Update(t.Context(), o.manager, id, service.UserChange{EntityID: patch.Set(clinic.EntityID(nowhere))}, version.Match{})
	wantRefusal(t, err, errs.NotFound, "entity-not-found")
	_, err = o.users.Update(t.Context(), o.manager, id, service.UserChange{Role: patch.Set(identity.Manager)}, version.Match{})
	wantFields(t, err, "entity_id")
	u = must(o.users.Update(t.Context(), o.manager, id, service.UserChange{Role: patch.Set(identity.Manager), EntityID: patch.Clear[clinic.EntityID]()}, version.Match{}))(t)
	if u.Role != identity.Manager || u.EntityID != 0 {
		t.Errorf("got %+v, want a manager", u)
	}
	u = must(o.users.Update(t.Context(), o.manager, id, service.UserChange{Role: patch.Set(identity.EntityAdmin), EntityID: patch.Set(o.north.ID)}, version.Match{}))(t)
	if u.Role != identity.EntityAdmin || u.EntityID != o.north.ID {
		t.Errorf("got %+v, want an administrator", u)
	}
	_, err = o.users.Update(t.Context(), o.manager, id, service.UserChange{Email: patch.Set("bruno@example.com")}, version.Match{})
	wantRefusal(t, err, errs.Conflict, "email-taken")
	_, err = o.users.Update(t.Context(), o.manager, id, service.UserChange{Password: patch.Set("short")}, version.Match{})
	wantFields(t, err, "password")
}

func TestNobodyTakesAwayTheOwnAccess(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.newManager(t, "second@example.com")
	for _, actor := range []identity.Actor{o.manager, o.ana} {
		wantRefusal(t, o.users.Delete(t.Context(), actor, actor.UserID(), version.Match{}), errs.Conflict, "own-user")
		_, err := o.users.Update(t.Context(), actor, actor.UserID(), service.UserChange{Active: patch.Set(false)}, version.Match{})
		wantRefusal(t, err, errs.Conflict, "own-user")
	}
	_, err := o.users.Update(t.Context(), o.manager, o.manager.UserID(), service.UserChange{
		Role: patch.Set(identity.EntityAdmin), EntityID: patch.Set(o.north.ID),
	}, version.Match{})
	wantRefusal(t, err, errs.Conflict, "own-user")
	must(o.users.Update(t.Context(), o.manager, o.manager.UserID(), service.UserChange{
		Role: patch.Set(identity.Manager), Active: patch.Set(true), Email: patch.Set("me@example.com"),
	}, version.Match{}))(t)
}

// Two managers who act at the same time are the way in which the last one could go.
func TestLastManagerStays(t *testing.T) {
	t.Parallel()
	demotion := func(o *office) service.UserChange {
		return service.UserChange{Role: patch.Set(identity.EntityAdmin), EntityID: patch.Set(o.north.ID)}
	}
	t.Run("deleted", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		second := o.newManager(t, "second@example.com")
		if err := o.users.Delete(t.Context(), o.manager, second.UserID(), version.Match{}); err != nil {
			t.Fatal(err)
		}
		wantRefusal(t, o.users.Delete(t.Context(), second, o.manager.UserID(), version.Match{}), errs.Conflict, "last-manager")
		if u := must(o.users.Get(t.Context(), o.manager, o.manager.UserID()))(t); !u.Active {
			t.Error("the last manager is inactive")
		}
	})
	t.Run("demoted", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		second := o.newManager(t, "second@example.com")
		must(o.users.Update(t.Context(), o.manager, second.UserID(), demotion(o), version.Match{}))(t)
		_, err := o.users.Update(t.Context(), second, o.manager.UserID(), demotion(o), version.Match{})
		wantRefusal(t, err, errs.Conflict, "last-manager")
	})
	t.Run("each by the other", func(t *testing.T) {
		t.Parallel()
		o := newOffice(t)
		second := o.newManager(t, "second@example.com")
		errors := make([]error, 2)
		var wg sync.WaitGroup
		wg.Go(func() { errors[0] = o.users.Delete(t.Context(), o.manager, second.UserID(), version.Match{}) })
		wg.Go(func() { errors[1] = o.users.Delete(t.Context(), second, o.manager.UserID(), version.Match{}) })
		wg.Wait()
		if (errors[0] == nil) == (errors[1] == nil) {
			t.Errorf("got %v, want one to win", errors)
		}
	})
}
