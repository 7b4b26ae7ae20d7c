package memory

import (
	"context"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type keyTables struct {
	apiKeys         *table[identity.APIKey]
	apiKeysByEntity *index[identity.APIKey]
	apiKeysByHash   *unique[identity.APIKey]
}

func (s *schema) addKeys() {
	s.apiKeys = newTable(s, table[identity.APIKey]{
		name: "api_keys", what: "api-key",
		id:      given(func(k *identity.APIKey) id.UUID { return k.ID.UUID }),
		inScope: func(_ *data, scope identity.Scope, k *identity.APIKey) bool { return scope.Includes(k.EntityID) },
		tidy: func(k *identity.APIKey) {
			tidyTimes(&k.ExpiresAt, &k.RevokedAt, &k.LastUsedAt, &k.CreatedAt, &k.UpdatedAt)
		},
		clone: func(k identity.APIKey) identity.APIKey {
			k.Scopes = slices.Clone(k.Scopes)
			return k
		},
		refs: func(d *data, k *identity.APIKey) bool {
			return s.entities.has(d, intKey(k.EntityID)) && (k.CreatedBy == 0 || s.users.has(d, intKey(k.CreatedBy)))
		},
	})
	s.apiKeysByEntity = s.apiKeys.index(func(k *identity.APIKey) (string, bool) { return intKey(k.EntityID), true })
	s.apiKeysByHash = s.apiKeys.unique("api-key-exists", "this API key exists",
		func(k *identity.APIKey) (string, bool) { return k.Hash, true })
}

type apiKeys struct{ session }

func (r apiKeys) Get(ctx context.Context, scope identity.Scope, key identity.APIKeyID) (identity.APIKey, error) {
	return get(ctx, r.session, r.tables().apiKeys, scope, uuidKey(key.UUID))
}

func (r apiKeys) ByHash(ctx context.Context, hash string) (identity.APIKey, error) {
	t := r.tables()
	return one(ctx, r.session, t.apiKeys, func(d *data) (*identity.APIKey, bool) {
		return t.apiKeys.find(d, t.apiKeysByHash, hash)
	})
}

// List does not bind a cursor to the time of asking, which is another one for every page.
func (r apiKeys) List(ctx context.Context, scope identity.Scope, f identity.APIKeyFilter, req page.Request) (page.Page[identity.APIKey], error) {
	t, now := r.tables(), utc(f.Now)
	return list(ctx, r.session, t.apiKeys, req, listing[identity.APIKey]{
		scope: scope, list: page.Fingerprint("api_keys", scope, f.EntityID, f.Active),
		rows: ofEntity(t.apiKeys, t.apiKeysByEntity, scope, f.EntityID),
		filter: func(k *identity.APIKey) bool {
			return wants(f.EntityID, k.EntityID) && wantsFlag(f.Active, k.Active(now))
		},
	})
}

func (r apiKeys) Create(ctx context.Context, k identity.APIKey) (identity.APIKey, error) {
	return create(ctx, r.session, r.tables().apiKeys, k)
}

// Update leaves alone when the key was used: only Used says that.
func (r apiKeys) Update(ctx context.Context, scope identity.Scope, key identity.APIKeyID, change func(*identity.APIKey) error) (identity.APIKey, error) {
	return update(ctx, r.session, r.tables().apiKeys, scope, uuidKey(key.UUID), func(k *identity.APIKey) error {
		used := k.LastUsedAt
		err := change(k)
		k.LastUsedAt = used
		return err
	})
}

func (r apiKeys) Used(ctx context.Context, key identity.APIKeyID, at time.Time) error {
	at = utc(at)
	return r.change(ctx, func(tx *tx) error {
		t := r.tables().apiKeys
		before, ok := t.get(tx.data, uuidKey(key.UUID))
		if !ok || !at.After(before.LastUsedAt) {
			return nil
		}
		after := t.clone(*before)
		after.LastUsedAt = at
		_, err := t.replace(tx, before, after)
		return err
	})
}
