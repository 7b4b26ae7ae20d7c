package service

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// APIKeys is what users may do with API keys: an ENTITY_ADMIN with those of its entity. A key may do nothing with keys.
type APIKeys struct {
	reader[identity.APIKey, identity.APIKeyID, identity.APIKeyFilter]
	d Deps
}

// NewAPIKeys makes the use cases of API keys.
func NewAPIKeys(d Deps) *APIKeys {
	return &APIKeys{reader[identity.APIKey, identity.APIKeyID, identity.APIKeyFilter]{d.Repositories.APIKeys, identity.KeysRead}, d}
}

// NewAPIKey is a key to be made.
type NewAPIKey struct {
	EntityID  clinic.EntityID // 0: for an ENTITY_ADMIN who asks, its own
	Name      string
	Scopes    []identity.Permission
	ExpiresAt time.Time // zero: never
}

// IssuedKey is a new key, with the one sight of itself.
type IssuedKey struct {
	identity.APIKey
	Key string // what the integration sends as bearer token; it is not stored
}

// List returns a page of the keys that the actor may see. What is active is decided now. Errors: Invalid "invalid-limit",
// "invalid-cursor".
func (s *APIKeys) List(ctx context.Context, actor identity.Actor, filter identity.APIKeyFilter, req page.Request) (page.Page[identity.APIKey], error) {
	filter.Now = s.d.Now()
	return s.reader.List(ctx, actor, filter, req)
}

// Create makes a key for an entity. Errors: NotFound "entity-not-found", Invalid "invalid-input".
func (s *APIKeys) Create(ctx context.Context, actor identity.Actor, p NewAPIKey) (IssuedKey, error) {
	if err := actor.Require(identity.KeysWrite); err != nil {
		return IssuedKey{}, err
	}
	key, prefix := newAPIKey()
	k, err := identity.NewAPIKey(identity.APIKeyParams{
		EntityID: homeEntity(actor, p.EntityID), Name: p.Name, Prefix: prefix, Hash: hashToken(key), Scopes: p.Scopes,
		CreatedBy: actor.UserID(), ExpiresAt: p.ExpiresAt,
	}, s.d.Now())
	if err != nil {
		return IssuedKey{}, err
	}
	stored, err := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (identity.APIKey, error) {
		if err := activeEntity(ctx, r, actor, k.EntityID); err != nil {
			return identity.APIKey{}, err
		}
		return r.APIKeys.Create(ctx, k)
	})
	if err != nil {
		return IssuedKey{}, err
	}
	return IssuedKey{APIKey: stored, Key: key}, nil
}

// Update changes the name, the scopes or the expiry of a key, which holds from the next request on. Errors: NotFound
// "api-key-not-found", Stale "version-mismatch", Conflict "api-key-revoked", Invalid "invalid-input".
func (s *APIKeys) Update(ctx context.Context, actor identity.Actor, id identity.APIKeyID, p identity.APIKeyPatch, match version.Match) (identity.APIKey, error) {
	if err := actor.Require(identity.KeysWrite); err != nil {
		return identity.APIKey{}, err
	}
	now := s.d.Now()
	return s.d.Repositories.APIKeys.Update(ctx, actor.Scope(), id, func(k *identity.APIKey) error {
		if err := match.Check(k.UpdatedAt); err != nil {
			return err
		}
		return k.Change(p, now)
	})
}

// Revoke ends a key at once and for good; revoking it again is no error. Errors: NotFound "api-key-not-found", Stale
// "version-mismatch".
func (s *APIKeys) Revoke(ctx context.Context, actor identity.Actor, id identity.APIKeyID, match version.Match) error {
	if err := actor.Require(identity.KeysWrite); err != nil {
		return err
	}
	now := s.d.Now()
	_, err := s.d.Repositories.APIKeys.Update(ctx, actor.Scope(), id, func(k *identity.APIKey) error {
		if err := match.Check(k.UpdatedAt); err != nil {
			return err
		}
		k.Revoke(now)
		return nil
	})
	return err
}

// apiKeyMark is what an API key begins with, and no access token.
const apiKeyMark = "sk_"

// newAPIKey returns a key of 256 random bits behind a mark for scanners of leaked secrets and a name for people; and its
// beginning, up to the name, which tells nothing of the rest.
func newAPIKey() (key, prefix string) {
	const letters = "abcdefghjkmnpqrstuvwxyz023456789" // 32, without those that look like others
	name := make([]byte, 8)
	_, _ = rand.Read(name) // never fails since Go 1.24
	for i := range name {
		name[i] = letters[name[i]%32]
	}
	prefix = apiKeyMark + string(name)
	return prefix + "_" + newSecret(), prefix
}

// newSecret returns 256 random bits as 43 characters.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func isAPIKey(token string) bool { return strings.HasPrefix(token, apiKeyMark) }

// authenticateKey returns whom an API key stands for. Of a key that is not good nobody is told why. It is looked up by its
// hash, so that the time it takes tells nothing of any other key.
func (s *Sessions) authenticateKey(ctx context.Context, token string) (identity.Actor, error) {
	now := s.d.Now()
	k, err := s.d.Repositories.APIKeys.ByHash(ctx, hashToken(token))
	if errs.KindOf(err) == errs.NotFound || err == nil && !k.Active(now) {
		return identity.Actor{}, errInvalidToken("the API key is not valid")
	}
	if err != nil {
		return identity.Actor{}, err
	}
	entity, err := s.d.Repositories.Entities.Get(ctx, identity.AllEntities(), k.EntityID)
	if errs.KindOf(err) == errs.NotFound || err == nil && !entity.Active {
		return identity.Actor{}, errInvalidToken("the API key is not valid")
	}
	if err != nil {
		return identity.Actor{}, err
	}
	s.noteUse(ctx, k, now)
	return k.Actor(), nil
}

// Of each use of a key only the first in a while is noted, and nobody waits long for that.
const (
	useNotedEvery = time.Minute
	useNotedIn    = time.Second
)

// noteUse notes that a key is used. The request goes on when that fails.
func (s *Sessions) noteUse(ctx context.Context, k identity.APIKey, now time.Time) {
	if !s.uses.due(k, now) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), useNotedIn)
	defer cancel()
	if err := s.d.Repositories.APIKeys.Used(ctx, k.ID, now); err != nil {
		s.d.Log.WarnContext(ctx, "the use of an API key was not noted", slog.String("api_key_id", k.ID.String()), slog.Any("err", err))
	}
}

// keyUses is when this process last noted the use of each key.
type keyUses struct {
	mu    sync.Mutex
	noted map[identity.APIKeyID]time.Time
}

// due reports whether the use of a key is to be noted, of several callers to one. What the record itself says counts
// too: another process may have noted it.
func (u *keyUses) due(k identity.APIKey, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	last := u.noted[k.ID]
	if k.LastUsedAt.After(last) {
		last = k.LastUsedAt
	}
	if now.Sub(last) < useNotedEvery {
		return false
	}
	if u.noted == nil {
		u.noted = map[identity.APIKeyID]time.Time{}
	}
	u.noted[k.ID] = now
	return true
}
