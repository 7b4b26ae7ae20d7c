package cached

import (
	"context"
	"slices"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

type (
	userRecord   = identity.User
	apiKeyRecord = identity.APIKey
)

func userTraits() traits[userRecord] { return traits[userRecord]{} }

func apiKeyTraits() traits[apiKeyRecord] {
	return traits[apiKeyRecord]{clone: func(k apiKeyRecord) apiKeyRecord {
		k.Scopes = slices.Clone(k.Scopes)
		return k
	}}
}

type userRepository struct {
	ports.UserRepository
	store *Store
}

func (r userRepository) Get(ctx context.Context, scope identity.Scope, id identity.UserID) (identity.User, error) {
	if err := r.store.outside(ctx); err != nil {
		return identity.User{}, err
	}
	v, err := r.store.users.get(ctx, id.String(), func(ctx context.Context) (identity.User, error) {
		return r.UserRepository.Get(ctx, identity.AllEntities(), id)
	})
	if err == nil && !scope.Includes(v.EntityID) {
		return identity.User{}, errs.Absent("user")
	}
	return v, err
}

func (r userRepository) Create(ctx context.Context, v identity.User) (identity.User, error) {
	return r.UserRepository.Create(ctx, v)
}

func (r userRepository) Update(ctx context.Context, scope identity.Scope, id identity.UserID, change func(*identity.User) error) (identity.User, error) {
	v, err := r.UserRepository.Update(ctx, scope, id, change)
	r.store.forget(ctx, noticeOf(users, id.String()))
	return v, err
}

// hashes remembers whose hash is whose, in this process. It may be wrong, which the key tells: it has its hash.
type hashes struct {
	keys *otter.Cache[string, identity.APIKeyID]
}

func newHashes(o Options) hashes {
	return hashes{otter.Must(&otter.Options[string, identity.APIKeyID]{MaximumSize: o.Size})}
}

type apiKeyRepository struct {
	ports.APIKeyRepository
	store *Store
}

// ByHash returns a key whose LastUsedAt may be behind. A key that was not used in this process yet is looked for by its
// hash; from then on it is read by its id, by which changes are told.
func (r apiKeyRepository) ByHash(ctx context.Context, hash string) (identity.APIKey, error) {
	if err := r.store.outside(ctx); err != nil {
		return identity.APIKey{}, err
	}
	if id, known := r.store.hashes.keys.GetIfPresent(hash); known {
		v, err := r.store.apiKeys.get(ctx, id.String(), func(ctx context.Context) (identity.APIKey, error) {
			return r.Get(ctx, identity.AllEntities(), id)
		})
		if errs.KindOf(err) != errs.NotFound && (err != nil || v.Hash == hash) {
			return v, err
		}
		r.store.hashes.keys.Invalidate(hash)
	} else {
		r.store.opts.Count(apiKeys, Miss)
	}
	v, err := r.APIKeyRepository.ByHash(ctx, hash)
	if err == nil {
		r.store.hashes.keys.Set(hash, v.ID)
	}
	return v, err
}

func (r apiKeyRepository) Create(ctx context.Context, v identity.APIKey) (identity.APIKey, error) {
	return r.APIKeyRepository.Create(ctx, v)
}

func (r apiKeyRepository) Update(ctx context.Context, scope identity.Scope, id identity.APIKeyID, change func(*identity.APIKey) error) (identity.APIKey, error) {
	v, err := r.APIKeyRepository.Update(ctx, scope, id, change)
	r.store.forget(ctx, noticeOf(apiKeys, id.String()))
	return v, err
}

// Used is written out like every write.
func (r apiKeyRepository) Used(ctx context.Context, id identity.APIKeyID, at time.Time) error {
	err := r.APIKeyRepository.Used(ctx, id, at)
	r.store.forget(ctx, noticeOf(apiKeys, id.String()))
	return err
}
