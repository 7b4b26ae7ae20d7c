package identity_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/patch"
)

func keyTime() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func keyParams() identity.APIKeyParams {
	return identity.APIKeyParams{
		EntityID: 3, Name: " n8n ", Prefix: "sk_abcdefgh", Hash: "hash", CreatedBy: 7, ExpiresAt: keyTime().Add(time.Hour),
		Scopes: []identity.Permission{identity.RoomsWrite, identity.AgendaRead, identity.RoomsWrite},
	}
}

func newKey(t *testing.T) identity.APIKey {
	t.Helper()
	k, err := identity.NewAPIKey(keyParams(), keyTime())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAPIKeyIsTidied(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	want := identity.APIKey{
		ID: k.ID, EntityID: 3, Name: "n8n", Prefix: "sk_abcdefgh", Hash: "hash", CreatedBy: 7, ExpiresAt: keyTime().Add(time.Hour),
		Scopes: []identity.Permission{identity.AgendaRead, identity.RoomsWrite}, CreatedAt: keyTime(), UpdatedAt: keyTime(),
	}
	if diff := cmp.Diff(want, k); diff != "" || k.ID.IsZero() {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAPIKeyIsChecked(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[string]func(*identity.APIKeyParams){
		"entity_id":  func(p *identity.APIKeyParams) { p.EntityID = 0 },
		"name":       func(p *identity.APIKeyParams) { p.Name = " " },
		"scopes":     func(p *identity.APIKeyParams) { p.Scopes = nil },
		"expires_at": func(p *identity.APIKeyParams) { p.ExpiresAt = keyTime() },
	} {
		p := keyParams()
		spoil(&p)
		_, err := identity.NewAPIKey(p, keyTime())
		wantField(t, err, field)
	}
}

func TestAPIKeyIsNotGivenWhatCouldGiveItMore(t *testing.T) {
	t.Parallel()
	grantable := identity.GrantablePermissions()
	for _, scope := range append(identity.Permissions(), "rooms:*", "") {
		p := keyParams()
		p.Scopes = []identity.Permission{scope}
		_, err := identity.NewAPIKey(p, keyTime())
		if slices.Contains(grantable, scope) {
			if err != nil {
				t.Errorf("%s: got error %v", scope, err)
			}
			continue
		}
		wantField(t, err, "scopes")
	}
	for _, never := range []identity.Permission{
		identity.UsersRead, identity.UsersWrite, identity.KeysRead, identity.KeysWrite, identity.AuditRead, identity.PlatformWrite,
	} {
		if slices.Contains(grantable, never) {
			t.Errorf("%s can be given to a key", never)
		}
	}
}

func TestAPIKeyIsGoodUntilItExpiresOrIsRevoked(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	for after, want := range map[time.Duration]bool{0: true, time.Hour - 1: true, time.Hour: false, 2 * time.Hour: false} {
		if got := k.Active(keyTime().Add(after)); got != want {
			t.Errorf("after %v: active is %v, want %v", after, got, want)
		}
	}
	k.Revoke(keyTime())
	if k.Active(keyTime()) {
		t.Error("a revoked key is active")
	}
	once := k
	k.Revoke(keyTime().Add(time.Minute))
	if diff := cmp.Diff(once, k); diff != "" {
		t.Errorf("revoking twice changed it: %s", diff)
	}
	if !k.UpdatedAt.After(keyTime()) {
		t.Errorf("updated at %v, want a later version than that of %v", k.UpdatedAt, keyTime())
	}
	forever := keyParams()
	forever.ExpiresAt = time.Time{}
	if k, err := identity.NewAPIKey(forever, keyTime()); err != nil || !k.Active(keyTime().AddDate(100, 0, 0)) {
		t.Errorf("a key without an expiry ends, or got error %v", err)
	}
}

func TestAPIKeyIsChangedUntilItIsRevoked(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	late := keyTime().Add(2 * time.Hour) // it has expired
	err := k.Change(identity.APIKeyPatch{Name: patch.Set("other"), Scopes: patch.Set([]identity.Permission{identity.UsageWrite})}, late)
	if err != nil || k.Name != "other" || !slices.Equal(k.Scopes, []identity.Permission{identity.UsageWrite}) || !k.UpdatedAt.Equal(late) {
		t.Errorf("got %+v, error %v", k, err)
	}
	wantField(t, k.Change(identity.APIKeyPatch{ExpiresAt: patch.Set(late)}, late), "expires_at")
	wantField(t, k.Change(identity.APIKeyPatch{Scopes: patch.Set([]identity.Permission{identity.KeysWrite})}, late), "scopes")
	k = newKey(t)
	if err := k.Change(identity.APIKeyPatch{ExpiresAt: patch.Clear[time.Time]()}, late); err != nil || !k.Active(late) {
		t.Errorf("a key whose expiry was cleared is %+v, error %v", k, err)
	}
	k.Revoke(late)
	if err := k.Change(identity.APIKeyPatch{Name: patch.Set("again")}, late); errs.CodeOf(err) != "api-key-revoked" {
		t.Errorf("got error %v, want api-key-revoked", err)
	}
}

func TestAPIKeyActsInItsEntityByItsScopes(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	who := k.Actor()
	if got, want := who.String(), "api-key:"+k.ID.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if who.Scope() != identity.OnlyEntity(3) || who.UserID() != 0 || who.IsManager() {
		t.Errorf("got the scope %+v of user %v", who.Scope(), who.UserID())
	}
	want := []identity.Permission{identity.RoomsWrite, identity.AgendaRead}
	if diff := cmp.Diff(want, who.Permissions()); diff != "" {
		t.Errorf("permissions: -want +got\n%s", diff)
	}
	for _, p := range identity.Permissions() {
		switch err := who.Require(p); {
		case slices.Contains(want, p) && err != nil:
			t.Errorf("%s: got error %v", p, err)
		case !slices.Contains(want, p) && errs.CodeOf(err) != "scope-missing":
			t.Errorf("%s: got error %v, want scope-missing", p, err)
		}
	}
}

func TestUsersHaveEveryPermissionButThePlatforms(t *testing.T) {
	t.Parallel()
	manager, admin := identity.User{ID: 1, Role: identity.Manager}.Actor(), identity.User{ID: 2, Role: identity.EntityAdmin, EntityID: 3}.Actor()
	if diff := cmp.Diff(identity.Permissions(), manager.Permissions()); diff != "" {
		t.Errorf("a manager's: -want +got\n%s", diff)
	}
	notThePlatforms := slices.DeleteFunc(identity.Permissions(), func(p identity.Permission) bool { return p == identity.PlatformWrite })
	if diff := cmp.Diff(notThePlatforms, admin.Permissions()); diff != "" {
		t.Errorf("an administrator's: -want +got\n%s", diff)
	}
	for who, code := range map[identity.Actor]string{admin: "manager-only", identity.FrontDesk(3): "users-only", {}: "users-only"} {
		if err := who.Require(identity.PlatformWrite); errs.CodeOf(err) != code {
			t.Errorf("%v: got error %v, want %s", who, err, code)
		}
	}
	if got := (identity.Actor{}).Permissions(); len(got) > 0 {
		t.Errorf("nobody has %v", got)
	}
}

// wantField checks that an error names one field, and no other.
func wantField(t *testing.T, err error, field string) {
	t.Helper()
	if got := wrongPaths(t, err); !slices.Equal(got, []string{field}) {
		t.Errorf("wrong %q, want %q", got, field)
	}
}
