package memory

import (
	"context"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
)

type identityTables struct {
	users         *table[identity.User]
	usersByEntity *index[identity.User]
	usersByEmail  *unique[identity.User]

	tokens         *table[identity.RefreshToken]
	tokensByHash   *unique[identity.RefreshToken]
	tokensByFamily *index[identity.RefreshToken]
	tokensByUser   *index[identity.RefreshToken]
	tokensByExpiry *index[identity.RefreshToken]

	idempotency         *table[identity.IdempotencyRecord]
	idempotencyByExpiry *index[identity.IdempotencyRecord]
	idempotencyByTenant *index[identity.IdempotencyRecord]
}

func (s *schema) addIdentity() {
	s.users = newTable(s, table[identity.User]{
		name: "users", what: "user",
		id:      serial(func(u *identity.User) *identity.UserID { return &u.ID }),
		inScope: func(_ *data, scope identity.Scope, u *identity.User) bool { return scope.Includes(u.EntityID) },
		tidy:    func(u *identity.User) { tidyTimes(&u.CreatedAt, &u.UpdatedAt) },
		refs:    func(d *data, u *identity.User) bool { return s.hasEntity(d, u.EntityID) },
	})
	s.usersByEntity = s.users.index(func(u *identity.User) (string, bool) { return intKey(u.EntityID), true })
	s.usersByEmail = s.users.unique("email-taken", "another user has this e-mail address",
		func(u *identity.User) (string, bool) { return u.Email, true })

	s.tokens = newTable(s, table[identity.RefreshToken]{
		name: "refresh_tokens", what: "token",
		id: given(func(t *identity.RefreshToken) id.UUID { return t.ID.UUID }),
		tidy: func(t *identity.RefreshToken) {
			tidyTimes(&t.ExpiresAt, &t.UsedAt, &t.RevokedAt, &t.CreatedAt)
		},
		refs: func(d *data, t *identity.RefreshToken) bool { return s.users.has(d, intKey(t.UserID)) },
	})
	s.tokensByHash = s.tokens.unique("token-exists", "this token exists",
		func(t *identity.RefreshToken) (string, bool) { return t.Hash, true })
	s.tokensByFamily = s.tokens.index(func(t *identity.RefreshToken) (string, bool) { return uuidKey(t.Family.UUID), true })
	s.tokensByUser = s.tokens.index(func(t *identity.RefreshToken) (string, bool) { return intKey(t.UserID), true })
	s.tokensByExpiry = byExpiry(s.tokens, func(t *identity.RefreshToken) time.Time { return t.ExpiresAt })

	s.idempotency = newTable(s, table[identity.IdempotencyRecord]{
		name: "idempotency_keys", what: "idempotency-key",
		id:   ownersKey(),
		tidy: func(v *identity.IdempotencyRecord) { tidyTimes(&v.ReservedUntil, &v.CreatedAt, &v.ExpiresAt) },
	})
	s.idempotencyByExpiry = byExpiry(s.idempotency, func(v *identity.IdempotencyRecord) time.Time { return v.ExpiresAt })
	s.idempotencyByTenant = s.idempotency.index(func(v *identity.IdempotencyRecord) (string, bool) { return uuidKey(v.Tenant), !v.Tenant.IsZero() })
}

// ownersKey identifies a record by its owner and its key, which has no space in it.
func ownersKey() ident[identity.IdempotencyRecord] {
	both := func(v *identity.IdempotencyRecord) string { return idempotencyKey(v.Owner, v.Key) }
	return ident[identity.IdempotencyRecord]{
		key: both, text: both,
		parse: func(text string) (string, error) { return text, nil },
	}
}

func idempotencyKey(owner, key string) string { return owner + " " + key }

// byExpiry is an index of all rows by the time at which they expire.
func byExpiry[T any](t *table[T], expires func(*T) time.Time) *index[T] {
	return t.sortedIndex(
		func(*T) (string, bool) { return "", true },
		func(v *T) string { return timeKey(expires(v)) + t.id.key(v) })
}

// deleteExpired removes the rows that expired before a moment, and returns how many.
func deleteExpired[T any](ctx context.Context, s session, t *table[T], by *index[T], before time.Time) (int, error) {
	removed, end := 0, timeKey(utc(before))
	err := s.change(ctx, func(tx *tx) error {
		var expired []*T
		for row := range t.in(tx.data, by, "", "") {
			if by.sort(row) >= end {
				break
			}
			expired = append(expired, row)
		}
		for _, row := range expired {
			t.store(tx, row, nil)
		}
		removed = len(expired)
		return nil
	})
	return orZero(removed, err)
}

type users struct{ session }

func (r users) Get(ctx context.Context, scope identity.Scope, key identity.UserID) (identity.User, error) {
	return get(ctx, r.session, r.tables().users, scope, intKey(key))
}

func (r users) ByEmail(ctx context.Context, email string) (identity.User, error) {
	t := r.tables()
	return one(ctx, r.session, t.users, func(d *data) (*identity.User, bool) {
		return t.users.find(d, t.usersByEmail, email)
	})
}

func (r users) List(ctx context.Context, scope identity.Scope, f identity.UserFilter, req page.Request) (page.Page[identity.User], error) {
	t := r.tables()
	return list(ctx, r.session, t.users, req, listing[identity.User]{
		scope: scope, list: page.Fingerprint("users", scope, f),
		rows: ofEntity(t.users, t.usersByEntity, scope, f.EntityID),
		filter: func(u *identity.User) bool {
			return wants(f.EntityID, u.EntityID) && wantsFlag(f.Active, u.Active)
		},
	})
}

func (r users) Create(ctx context.Context, u identity.User) (identity.User, error) {
	return create(ctx, r.session, r.tables().users, u)
}

func (r users) Update(ctx context.Context, scope identity.Scope, key identity.UserID, change func(*identity.User) error) (identity.User, error) {
	return update(ctx, r.session, r.tables().users, scope, intKey(key), change)
}

type refreshTokens struct{ session }

func (r refreshTokens) Create(ctx context.Context, t identity.RefreshToken) (identity.RefreshToken, error) {
	return create(ctx, r.session, r.tables().tokens, t)
}

func (r refreshTokens) ByHash(ctx context.Context, hash string) (identity.RefreshToken, error) {
	t := r.tables()
	return one(ctx, r.session, t.tokens, func(d *data) (*identity.RefreshToken, bool) {
		return t.tokens.find(d, t.tokensByHash, hash)
	})
}

// Use refuses a token of an ended login too, so that a login which ends while its token is exchanged stays ended.
func (r refreshTokens) Use(ctx context.Context, key identity.RefreshTokenID, now time.Time) error {
	return r.change(ctx, func(tx *tx) error {
		everywhere := func(*identity.RefreshToken) bool { return true }
		_, err := r.tables().tokens.update(tx, uuidKey(key.UUID), everywhere, func(t *identity.RefreshToken) error {
			if !t.UsedAt.IsZero() || !t.RevokedAt.IsZero() {
				return tx.refuse(errs.New(errs.Conflict, "token-used", "the token was used before"))
			}
			t.UsedAt = now
			return nil
		})
		return err
	})
}

func (r refreshTokens) RevokeFamily(ctx context.Context, f identity.FamilyID, now time.Time) (int, error) {
	return r.revoke(ctx, r.tables().tokensByFamily, uuidKey(f.UUID), now)
}

func (r refreshTokens) RevokeUser(ctx context.Context, user identity.UserID, now time.Time) error {
	_, err := r.revoke(ctx, r.tables().tokensByUser, intKey(user), now)
	return err
}

func (r refreshTokens) revoke(ctx context.Context, by *index[identity.RefreshToken], group string, now time.Time) (count int, err error) {
	tokens := r.tables().tokens
	err = r.change(ctx, func(tx *tx) error {
		for _, row := range slices.Collect(tokens.in(tx.data, by, group, "")) {
			if !row.RevokedAt.IsZero() {
				continue
			}
			ended := *row
			ended.RevokedAt = now
			if _, err := tokens.replace(tx, row, ended); err != nil {
				return err
			}
			count++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return count, nil
}

func (r refreshTokens) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	t := r.tables()
	return deleteExpired(ctx, r.session, t.tokens, t.tokensByExpiry, before)
}

type idempotencyKeys struct{ session }

func (r idempotencyKeys) Get(ctx context.Context, owner, key string) (identity.IdempotencyRecord, error) {
	t := r.tables().idempotency
	return one(ctx, r.session, t, func(d *data) (*identity.IdempotencyRecord, bool) {
		return t.get(d, idempotencyKey(owner, key))
	})
}

func (r idempotencyKeys) Reserve(ctx context.Context, v identity.IdempotencyRecord) (identity.IdempotencyRecord, bool, error) {
	t := r.tables().idempotency
	var stored identity.IdempotencyRecord
	mine := false
	err := r.change(ctx, func(tx *tx) (err error) {
		v.State, v.Result, mine = identity.RequestReserved, "", true
		before, found := t.get(tx.data, t.id.key(&v))
		if !found {
			stored, err = t.insert(tx, v)
			return err
		}
		now := utc(v.CreatedAt)
		over := before.State == identity.RequestReserved && before.ReservedUntil.Before(now) && before.Fingerprint == v.Fingerprint
		if over || before.ExpiresAt.Before(now) {
			stored, err = t.replace(tx, before, v)
			return err
		}
		stored, mine = t.clone(*before), false
		return nil
	})
	stored, err = orZero(stored, err)
	return stored, mine && err == nil, err
}

func (r idempotencyKeys) Mark(ctx context.Context, reservation identity.IdempotencyRecord, state identity.IdempotencyState) error {
	return r.set(ctx, reservation, func(v *identity.IdempotencyRecord) { v.State = state })
}

func (r idempotencyKeys) Complete(ctx context.Context, reservation identity.IdempotencyRecord, result jsonobj.Object) error {
	return r.set(ctx, reservation, func(v *identity.IdempotencyRecord) { v.State, v.Result = identity.RequestDone, result })
}

// set changes a reservation that nothing has taken the place of.
func (r idempotencyKeys) set(ctx context.Context, reservation identity.IdempotencyRecord, change func(*identity.IdempotencyRecord)) error {
	t := r.tables().idempotency
	return r.change(ctx, func(tx *tx) error {
		before, found := r.reserved(tx.data, reservation)
		if !found {
			return identity.ReservationLost()
		}
		after := t.clone(*before)
		change(&after)
		_, err := t.replace(tx, before, after)
		return err
	})
}

func (r idempotencyKeys) Forget(ctx context.Context, tenant id.UUID) error {
	t := r.tables()
	return r.change(ctx, func(tx *tx) error {
		for _, v := range slices.Collect(t.idempotency.in(tx.data, t.idempotencyByTenant, uuidKey(tenant), "")) {
			if v.State != identity.RequestDone {
				continue
			}
			after := t.idempotency.clone(*v)
			after.State, after.Result = identity.RequestCommitted, ""
			if _, err := t.idempotency.replace(tx, v, after); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r idempotencyKeys) Release(ctx context.Context, reservation identity.IdempotencyRecord) error {
	return r.change(ctx, func(tx *tx) error {
		if before, found := r.reserved(tx.data, reservation); found && before.State == identity.RequestReserved {
			r.tables().idempotency.store(tx, before, nil)
		}
		return nil
	})
}

func (r idempotencyKeys) reserved(d *data, reservation identity.IdempotencyRecord) (*identity.IdempotencyRecord, bool) {
	t := r.tables().idempotency
	v, found := t.get(d, t.id.key(&reservation))
	return v, found && v.State != identity.RequestDone && v.ReservedUntil.Equal(utc(reservation.ReservedUntil))
}

func (r idempotencyKeys) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	t := r.tables()
	return deleteExpired(ctx, r.session, t.idempotency, t.idempotencyByExpiry, before)
}
