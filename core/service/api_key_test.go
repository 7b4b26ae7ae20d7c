package service_test

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

func (o *office) deps() service.Deps {
	return service.Deps{Repositories: o.repos, Tx: o.store, Now: o.clock.Now, Log: slog.New(slog.DiscardHandler)}
}

func (o *office) newKey(t *testing.T, actor identity.Actor, scopes ...identity.Permission) service.IssuedKey {
	t.Helper()
	return must(service.NewAPIKeys(o.deps()).Create(t.Context(), actor, service.NewAPIKey{Name: "n8n", Scopes: scopes}))(t)
}

func TestAnAPIKeyIsShownOnceAndKeptAsAHash(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	k := o.newKey(t, o.ana, identity.RoomsRead, identity.AgendaRead)
	if !regexp.MustCompile(`^sk_[a-hjkmnp-z02-9]{8}_[A-Za-z0-9_-]{43}$`).MatchString(k.Key) || k.Prefix != k.Key[:11] {
		t.Errorf("got the key %q with the prefix %q", k.Key, k.Prefix)
	}
	if k.EntityID != o.north.ID || k.CreatedBy != o.ana.UserID() || k.Hash == "" {
		t.Errorf("got %+v, want a key of north that %v made", k.APIKey, o.ana)
	}
	for _, e := range auditEntries(t, o.repos, identity.AllEntities()) {
		if whole := string(e.Changes); strings.Contains(whole, k.Hash) || strings.Contains(whole, k.Key[12:]) {
			t.Errorf("the audit log tells the key: %s", whole)
		}
	}
	if other := o.newKey(t, o.ana, identity.RoomsRead); other.Key == k.Key || other.Prefix == k.Prefix || other.Hash == k.Hash {
		t.Errorf("two keys are alike: %q and %q", k.Key, other.Key)
	}
}

func TestAPIKeysAreOfWhoseEntityTheyAre(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	keys := service.NewAPIKeys(o.deps())
	ctx, scopes := t.Context(), []identity.Permission{identity.RoomsRead}
	north, south := o.newKey(t, o.ana, scopes...), o.newKey(t, o.bruno, scopes...)
	_, err := keys.Create(ctx, o.ana, service.NewAPIKey{Name: "x", Scopes: scopes, EntityID: o.south.ID})
	wantRefusal(t, err, errs.NotFound, "entity-not-found")
	_, err = keys.Create(ctx, o.manager, service.NewAPIKey{Name: "x", Scopes: scopes})
	wantRefusal(t, err, errs.Invalid, "invalid-input")
	managers := must(keys.Create(ctx, o.manager, service.NewAPIKey{Name: "x", Scopes: scopes, EntityID: o.south.ID}))(t)

	_, absent := keys.Get(ctx, o.ana, identity.APIKeyID{})
	_, err = keys.Get(ctx, o.ana, south.ID)
	wantAbsent(t, err, absent)
	_, err = keys.Update(ctx, o.ana, south.ID, identity.APIKeyPatch{}, version.Match{})
	wantAbsent(t, err, absent)
	wantAbsent(t, keys.Revoke(ctx, o.ana, south.ID, version.Match{}), absent)
	if got := items(keys.List(ctx, o.ana, identity.APIKeyFilter{}, page.Request{}))(t); len(got) != 1 || got[0].ID != north.ID {
		t.Errorf("ana sees %+v, want her own key", got)
	}
	var got []identity.APIKeyID
	for _, k := range items(keys.List(ctx, o.manager, identity.APIKeyFilter{EntityID: o.south.ID}, page.Request{}))(t) {
		got = append(got, k.ID)
	}
	if len(got) != 2 || !slices.Contains(got, south.ID) || !slices.Contains(got, managers.ID) {
		t.Errorf("the manager sees %v of south, want bruno's key and his own", got)
	}
}

func TestAnAPIKeyManagesNeitherKeysNorUsersNorReadsTheAuditLog(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx, d := t.Context(), o.deps()
	keys, log := service.NewAPIKeys(d), service.NewAuditLog(d)
	k := o.newKey(t, o.ana, identity.GrantablePermissions()...)
	who := must(o.sessions.Authenticate(ctx, k.Key))(t)
	_, created := keys.Create(ctx, who, service.NewAPIKey{Name: "x", Scopes: []identity.Permission{identity.RoomsRead}})
	_, got := keys.Get(ctx, who, k.ID)
	_, listed := keys.List(ctx, who, identity.APIKeyFilter{}, page.Request{})
	_, updated := keys.Update(ctx, who, k.ID, identity.APIKeyPatch{Name: patch.Set("x")}, version.Match{})
	_, users := o.users.List(ctx, who, identity.UserFilter{}, page.Request{})
	_, entries := log.List(ctx, who, identity.AuditFilter{}, page.Request{})
	_, entity := o.entities.Create(ctx, who, clinic.EntityParams{Name: "West"})
	for what, err := range map[string]error{
		"create": created, "get": got, "list": listed, "update": updated, "revoke": keys.Revoke(ctx, who, k.ID, version.Match{}),
		"list users": users, "list the log": entries, "create an entity": entity,
	} {
		if errs.KindOf(err) != errs.Forbidden || errs.CodeOf(err) != "scope-missing" {
			t.Errorf("%s: got error %v, want scope-missing", what, err)
		}
	}
	_, err := o.sessions.Me(ctx, who)
	wantRefusal(t, err, errs.Forbidden, "users-only")
	if diff := cmp.Diff(identity.GrantablePermissions(), must(o.sessions.Permissions(ctx, who))(t)); diff != "" {
		t.Errorf("permissions: -want +got\n%s", diff)
	}
}

func TestAnAPIKeyIsGoodAsItIsNow(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, end := range map[string]func(t *testing.T, o *office, keys *service.APIKeys, k identity.APIKey){
		"revoked": func(t *testing.T, o *office, keys *service.APIKeys, k identity.APIKey) {
			t.Helper()
			for range 2 {
				if err := keys.Revoke(ctx, o.ana, k.ID, version.Match{}); err != nil {
					t.Error(err)
				}
			}
		},
		"expired": func(t *testing.T, o *office, keys *service.APIKeys, k identity.APIKey) {
			t.Helper()
			soon := identity.APIKeyPatch{ExpiresAt: patch.Set(o.clock.Now().Add(time.Minute))}
			must(keys.Update(ctx, o.ana, k.ID, soon, version.Exactly(version.Of(k.UpdatedAt))))(t)
			o.clock.advance(time.Minute)
		},
		"of an entity that is not active": func(t *testing.T, o *office, _ *service.APIKeys, _ identity.APIKey) {
			t.Helper()
			if err := o.entities.Delete(ctx, o.manager, o.north.ID, version.Match{}); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			keys := service.NewAPIKeys(o.deps())
			k := o.newKey(t, o.ana, identity.RoomsRead)
			o.newRoom(t, o.ana, "ours")
			o.newRoom(t, o.bruno, "theirs")
			who := must(o.sessions.Authenticate(ctx, k.Key))(t)
			if got := items(o.rooms.List(ctx, who, conference.RoomFilter{}, page.Request{}))(t); len(got) != 1 || got[0].Name != "ours" {
				t.Errorf("the key sees %+v, want the room of its entity", got)
			}
			_, err := o.rooms.Create(ctx, who, service.NewRoom{Name: "x"})
			wantRefusal(t, err, errs.Forbidden, "scope-missing")
			must(keys.Update(ctx, o.ana, k.ID, identity.APIKeyPatch{Scopes: patch.Set([]identity.Permission{identity.RoomsWrite})}, version.Match{}))(t)
			who = must(o.sessions.Authenticate(ctx, k.Key))(t)
			_, err = o.rooms.List(ctx, who, conference.RoomFilter{}, page.Request{})
			wantRefusal(t, err, errs.Forbidden, "scope-missing")

			end(t, o, keys, must(keys.Get(ctx, o.ana, k.ID))(t))
			_, err = o.sessions.Authenticate(ctx, k.Key)
			wantRefusal(t, err, errs.Unauthenticated, "invalid-token")
		})
	}
}

func TestAPIKeysThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	k := o.newKey(t, o.ana, identity.RoomsRead)
	for _, token := range []string{"sk_", k.Prefix, k.Hash, k.Key[:len(k.Key)-1], k.Key + "x", strings.ToUpper(k.Key), " " + k.Key, "sk_\x00", "sk_" + strings.Repeat("x", 1<<16)} {
		_, err := o.sessions.Authenticate(t.Context(), token)
		wantRefusal(t, err, errs.Unauthenticated, "invalid-token")
	}
}

func TestAnEditOfAnAPIKeyIsBoundToItsVersion(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx, keys := t.Context(), service.NewAPIKeys(o.deps())
	k := o.newKey(t, o.ana, identity.RoomsRead)
	seen := version.Exactly(version.Of(k.UpdatedAt))
	must(keys.Update(ctx, o.ana, k.ID, identity.APIKeyPatch{Name: patch.Set("first")}, seen))(t)
	_, err := keys.Update(ctx, o.ana, k.ID, identity.APIKeyPatch{Name: patch.Set("second")}, seen)
	wantRefusal(t, err, errs.Stale, "version-mismatch")
	wantRefusal(t, keys.Revoke(ctx, o.ana, k.ID, seen), errs.Stale, "version-mismatch")
	if got := must(keys.Get(ctx, o.ana, k.ID))(t); got.Name != "first" || !got.RevokedAt.IsZero() {
		t.Errorf("got %+v, want the first edit alone", got)
	}
}

// countedKeys counts the notes of use, and fails them as it is told.
type countedKeys struct {
	ports.APIKeyRepository
	used []time.Time
	err  error
}

func (c *countedKeys) Used(ctx context.Context, key identity.APIKeyID, at time.Time) error {
	c.used = append(c.used, at)
	if c.err != nil {
		return c.err
	}
	return c.APIKeyRepository.Used(ctx, key, at)
}

func TestTheUseOfAnAPIKeyIsNotedOnceAMinuteAndNeverInTheWay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	k := o.newKey(t, o.ana, identity.RoomsRead)
	d := o.deps()
	noted := &countedKeys{APIKeyRepository: o.repos.APIKeys}
	d.Repositories.APIKeys = noted
	process := func() *service.Sessions {
		return service.NewSessions(d, o.passwords, plainTokens{}, service.SessionOptions{})
	}
	first, begin := process(), o.clock.Now()
	wantNoted := func(when string, want ...time.Duration) {
		t.Helper()
		var got []time.Duration
		for _, at := range noted.used {
			got = append(got, at.Sub(begin))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: noted after %v, want %v", when, got, want)
		}
	}
	for range 3 {
		must(first.Authenticate(ctx, k.Key))(t)
	}
	o.clock.advance(59 * time.Second)
	must(first.Authenticate(ctx, k.Key))(t)
	must(process().Authenticate(ctx, k.Key))(t) // the record tells another process
	wantNoted("within a minute", 0)
	o.clock.advance(time.Second)
	gone, cancel := context.WithCancel(ctx)
	must(first.Authenticate(gone, k.Key))(t)
	cancel()
	wantNoted("after a minute", 0, time.Minute)
	if got := must(o.repos.APIKeys.Get(ctx, identity.AllEntities(), k.ID))(t); !got.LastUsedAt.Equal(begin.Add(time.Minute)) || !got.UpdatedAt.Equal(k.UpdatedAt) {
		t.Errorf("got %+v, want it used a minute after %v and otherwise as it was", got, begin)
	}
	noted.err = errors.New("boom")
	o.clock.advance(time.Minute)
	must(first.Authenticate(ctx, k.Key))(t)
	must(first.Authenticate(ctx, k.Key))(t)
	wantNoted("when it cannot be noted", 0, time.Minute, 2*time.Minute)
}
