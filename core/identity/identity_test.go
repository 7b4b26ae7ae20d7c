package identity_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/patch"
)

func made() time.Time { return time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC) }

// wrongPaths are the parts of the input that an invalid-input error names; nil when there is no error.
func wrongPaths(tb testing.TB, err error) []string {
	tb.Helper()
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || e.Code != "invalid-input" {
		tb.Fatalf("error %v, want invalid-input", err)
	}
	var paths []string
	for _, f := range e.Fields {
		paths = append(paths, f.Path)
	}
	return paths
}

func params(role identity.Role, entity clinic.EntityID) identity.UserParams {
	return identity.UserParams{
		Email: " Ana@Example.com ", PasswordHash: "$argon2id$x", PhoneNumber: "(11) 95555-0011", Role: role, EntityID: entity,
	}
}

func TestNewUser(t *testing.T) {
	t.Parallel()
	got, err := identity.NewUser(params(identity.EntityAdmin, 3), made())
	want := identity.User{
		Email: "ana@example.com", PasswordHash: "$argon2id$x", PhoneNumber: "+5511955550011", Role: identity.EntityAdmin, EntityID: 3,
		Active: true, CreatedAt: made(), UpdatedAt: made(),
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	_, err = identity.NewUser(identity.UserParams{}, made())
	if got, want := wrongPaths(t, err), []string{"email", "phone_number", "role"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestRoleDecidesTheEntity(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role   identity.Role
		entity clinic.EntityID
		wrong  []string
	}{
		{identity.Manager, 0, nil},
		{identity.Manager, 3, []string{"entity_id"}},
		{identity.Manager, -1, []string{"entity_id"}},
		{identity.EntityAdmin, 3, nil},
		{identity.EntityAdmin, 0, []string{"entity_id"}},
		{identity.EntityAdmin, -1, []string{"entity_id"}},
		{"", 0, []string{"role"}},
		{"manager", 0, []string{"role"}},
		{"OWNER", 3, []string{"role"}},
	} {
		_, err := identity.NewUser(params(c.role, c.entity), made())
		if got := wrongPaths(t, err); !slices.Equal(got, c.wrong) {
			t.Errorf("%s of entity %d: wrong %q, want %q", c.role, c.entity, got, c.wrong)
		}
	}
}

func TestUserChangeKeepsTheRules(t *testing.T) {
	t.Parallel()
	later := made().Add(time.Hour)
	manager := func() identity.User {
		u, err := identity.NewUser(params(identity.Manager, 0), made())
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	u := manager()
	err := u.Change(identity.UserPatch{Role: patch.Set(identity.EntityAdmin)}, later)
	if got, want := wrongPaths(t, err), []string{"entity_id"}; !slices.Equal(got, want) {
		t.Errorf("a manager becomes an admin of nothing: wrong %q, want %q", got, want)
	}
	u = manager()
	err = u.Change(identity.UserPatch{
		Role: patch.Set(identity.EntityAdmin), EntityID: patch.Set(clinic.EntityID(4)), Email: patch.Set("RUI@example.com"),
		PasswordHash: patch.Set("$argon2id$y"), PhoneNumber: patch.Set("11 3555-0011"), Active: patch.Set(false),
	}, later)
	want := identity.User{
		Email: "rui@example.com", PasswordHash: "$argon2id$y", PhoneNumber: "+551135550011", Role: identity.EntityAdmin, EntityID: 4,
		CreatedAt: made(), UpdatedAt: later,
	}
	if err != nil || u != want {
		t.Errorf("got %+v, %v, want %+v", u, err, want)
	}
	err = u.Change(identity.UserPatch{EntityID: patch.Clear[clinic.EntityID]()}, later)
	if got, want := wrongPaths(t, err), []string{"entity_id"}; !slices.Equal(got, want) {
		t.Errorf("an admin loses the entity: wrong %q, want %q", got, want)
	}
	err = u.Change(identity.UserPatch{Role: patch.Set(identity.Manager), EntityID: patch.Clear[clinic.EntityID]()}, later)
	if err != nil || u.Role != identity.Manager || u.EntityID != 0 {
		t.Errorf("an admin becomes a manager: %+v, %v", u, err)
	}
	u.Active = true
	later = later.Add(time.Minute)
	if u.Deactivate(later); u.Active || u.UpdatedAt != later {
		t.Errorf("a deactivated user is %+v", u)
	}
}

func TestActors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		actor   identity.Actor
		text    string
		user    identity.UserID
		role    identity.Role
		entity  clinic.EntityID
		manager bool
		isUser  bool
		scope   identity.Scope
	}{
		{actor: identity.Actor{}, text: "nobody"},
		{
			actor: identity.User{ID: 7, Role: identity.Manager}.Actor(), text: "user:7", user: 7, role: identity.Manager,
			manager: true, isUser: true, scope: identity.AllEntities(),
		},
		{
			actor: identity.User{ID: 8, Role: identity.EntityAdmin, EntityID: 3}.Actor(), text: "user:8", user: 8, role: identity.EntityAdmin,
			entity: 3, isUser: true, scope: identity.OnlyEntity(3),
		},
		{actor: identity.FrontDesk(3), text: "front-desk:3", entity: 3, scope: identity.OnlyEntity(3)},
		{actor: identity.FrontDesk(0), text: "front-desk:0"},
		// Rows that break the rules give no rights either.
		{actor: identity.User{ID: 9, Role: identity.EntityAdmin}.Actor(), text: "user:9", user: 9, role: identity.EntityAdmin, isUser: true},
		{actor: identity.User{ID: 9}.Actor(), text: "user:9", user: 9, isUser: true},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			a := c.actor
			if a.String() != c.text || a.UserID() != c.user || a.Role() != c.role || a.EntityID() != c.entity {
				t.Errorf("got %s, user %d, role %q, entity %d, want %s, %d, %q, %d", a, a.UserID(), a.Role(), a.EntityID(), c.text, c.user, c.role, c.entity)
			}
			if a.IsManager() != c.manager || a.Scope() != c.scope {
				t.Errorf("manager %t with scope %+v, want %t with %+v", a.IsManager(), a.Scope(), c.manager, c.scope)
			}
			if err := a.RequireManager(); (err == nil) != c.manager || err != nil && (errs.KindOf(err) != errs.Forbidden || errs.CodeOf(err) != "manager-only") {
				t.Errorf("RequireManager: %v", err)
			}
			if err := a.RequireUser(); (err == nil) != c.isUser || err != nil && (errs.KindOf(err) != errs.Forbidden || errs.CodeOf(err) != "users-only") {
				t.Errorf("RequireUser: %v", err)
			}
		})
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scope    identity.Scope
		includes map[clinic.EntityID]bool
		all      bool
		entity   clinic.EntityID
	}{
		"zero":          {identity.Scope{}, map[clinic.EntityID]bool{0: false, 1: false, -1: false}, false, 0},
		"entity 0":      {identity.OnlyEntity(0), map[clinic.EntityID]bool{0: false, 1: false}, false, 0},
		"entity 3":      {identity.OnlyEntity(3), map[clinic.EntityID]bool{3: true, 0: false, 4: false, -3: false}, false, 3},
		"entity -3":     {identity.OnlyEntity(-3), map[clinic.EntityID]bool{3: false, 0: false, -3: false}, false, -3},
		"every entity":  {identity.AllEntities(), map[clinic.EntityID]bool{3: true, 0: true, 4: true}, true, 0},
		"of a stranger": {identity.Actor{}.Scope(), map[clinic.EntityID]bool{0: false, 1: false}, false, 0},
	} {
		for entity, want := range c.includes {
			if got := c.scope.Includes(entity); got != want {
				t.Errorf("%s: Includes(%d) = %t, want %t", name, entity, got, want)
			}
		}
		if c.scope.All() != c.all || c.scope.EntityID() != c.entity {
			t.Errorf("%s: all %t, entity %d, want %t, %d", name, c.scope.All(), c.scope.EntityID(), c.all, c.entity)
		}
	}
}

func TestRefreshTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	expires := made().Add(time.Hour)
	for name, c := range map[string]struct {
		token          identity.RefreshToken
		now            time.Time
		usable, reused bool
	}{
		"fresh":                         {identity.RefreshToken{ExpiresAt: expires}, made(), true, false},
		"a microsecond before its end":  {identity.RefreshToken{ExpiresAt: expires}, expires.Add(-time.Microsecond), true, false},
		"at its end":                    {identity.RefreshToken{ExpiresAt: expires}, expires, false, false},
		"after its end":                 {identity.RefreshToken{ExpiresAt: expires}, expires.Add(time.Hour), false, false},
		"used":                          {identity.RefreshToken{ExpiresAt: expires, UsedAt: made()}, made(), false, true},
		"used and expired":              {identity.RefreshToken{ExpiresAt: expires, UsedAt: made()}, expires, false, true},
		"of a family that ended":        {identity.RefreshToken{ExpiresAt: expires, RevokedAt: made()}, made(), false, false},
		"used, of a family that ended":  {identity.RefreshToken{ExpiresAt: expires, UsedAt: made(), RevokedAt: made()}, made(), false, false},
		"without an end, as none is so": {identity.RefreshToken{}, made(), false, false},
	} {
		if got := c.token.Usable(c.now); got != c.usable {
			t.Errorf("a token %s: Usable = %t, want %t", name, got, c.usable)
		}
		if got := c.token.Reused(); got != c.reused {
			t.Errorf("a token %s: Reused = %t, want %t", name, got, c.reused)
		}
	}
}

func TestPasswordLength(t *testing.T) {
	t.Parallel()
	for password, ok := range map[string]bool{
		"":                               false,
		"123456789":                      false,
		"1234567890":                     true,
		"çãõéíóúâê":                      false, // nine characters in 18 bytes
		"çãõéíóúâêô":                     true,
		"          ":                     true,
		strings.Repeat("x", 254):         true,
		strings.Repeat("x", 255):         false,
		strings.Repeat("é", 127):         true,
		strings.Repeat("é", 128):         false,
		"1234567890\xff":                 false,
		"um longo segredo que se lembra": true,
	} {
		err := identity.CheckPassword(password)
		if (err == nil) != ok {
			t.Errorf("a password of %d bytes: %v, want accepted: %t", len(password), err, ok)
		}
		if err != nil && errs.CodeOf(err) != "invalid-input" {
			t.Errorf("a password of %d bytes: %v, want invalid-input", len(password), err)
		}
		if err != nil && password != "" && strings.Contains(err.Error(), password) {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
