package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type users struct{ session }

const userColumns = `id, email, password, phone_number, role, entity_id, active, created_at, updated_at`

func userFields(v *identity.User) []any {
	return []any{
		(*int64)(&v.ID), &v.Email, &v.PasswordHash, &v.PhoneNumber, &v.Role,
		optionalNumber{(*int64)(&v.EntityID)},
		&v.Active,
		optionalMoment{&v.CreatedAt},
		optionalMoment{&v.UpdatedAt},
	}
}

func scanUser(row pgx.CollectableRow) (identity.User, error) {
	return fields[identity.User](userFields).scan(row)
}

func (r users) Get(ctx context.Context, scope identity.Scope, key identity.UserID) (identity.User, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "user", scanUser,
		`SELECT `+userColumns+` FROM users WHERE id = $1 AND ($2 OR entity_id = $3)`, key, all, entity)
}

func (r users) ByEmail(ctx context.Context, email string) (identity.User, error) {
	return get(ctx, r.session, "user", scanUser, `SELECT `+userColumns+` FROM users WHERE email = $1`, email)
}

func (r users) List(ctx context.Context, scope identity.Scope, f identity.UserFilter, req page.Request) (page.Page[identity.User], error) {
	var where conditions
	where.ofEntity(scope, f.EntityID)
	where.flag("active", f.Active)
	return list(ctx, r.session, req, listing[identity.User]{
		list: page.Fingerprint("users", scope, f), scope: scope,
		from: `SELECT ` + userColumns + ` FROM users`, where: &where, scan: fields[identity.User](userFields),
		sorting: byID(func(v identity.User) string { return v.ID.String() }),
	})
}

func (r users) Create(ctx context.Context, v identity.User) (identity.User, error) {
	return create(ctx, r.session, scanUser,
		`INSERT INTO users (email, password, phone_number, role, entity_id, active, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING `+userColumns,
		v.Email, v.PasswordHash, v.PhoneNumber, v.Role, number(v.EntityID), v.Active, v.CreatedAt, v.UpdatedAt)
}

func (r users) Update(ctx context.Context, scope identity.Scope, key identity.UserID, change func(*identity.User) error) (identity.User, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[identity.User]{
		what: "user", columns: userColumns, scan: scanUser,
		find: `SELECT ` + userColumns + ` FROM users WHERE id = $1 AND ($2 OR entity_id = $3)`,
		args: []any{key, all, entity},
	}, change, func(v identity.User) (string, []any) {
		return `UPDATE users SET email = $2, password = $3, phone_number = $4, role = $5, entity_id = $6, active = $7,
				created_at = $8, updated_at = $9
			WHERE id = $1`,
			[]any{key, v.Email, v.PasswordHash, v.PhoneNumber, v.Role, number(v.EntityID), v.Active, v.CreatedAt, v.UpdatedAt}
	})
}

type refreshTokens struct{ session }

const refreshColumns = `id, family, user_id, hash, expires_at, used_at, revoked_at, created_at`

func scanRefreshToken(row pgx.CollectableRow) (v identity.RefreshToken, err error) {
	err = row.Scan(optionalUUID{&v.ID.UUID}, optionalUUID{&v.Family.UUID}, &v.UserID, &v.Hash, &v.ExpiresAt,
		optionalMoment{&v.UsedAt}, optionalMoment{&v.RevokedAt}, &v.CreatedAt)
	return v, err
}

func (r refreshTokens) Create(ctx context.Context, v identity.RefreshToken) (identity.RefreshToken, error) {
	var stored identity.RefreshToken
	err := r.statement(ctx, func(q querier) (err error) {
		stored, err = one(ctx, q, "token", scanRefreshToken,
			`INSERT INTO refresh_tokens (id, family, user_id, hash, expires_at, used_at, revoked_at, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING `+refreshColumns,
			uuid(v.ID.UUID), uuid(v.Family.UUID), v.UserID, v.Hash, v.ExpiresAt, moment(v.UsedAt), moment(v.RevokedAt), v.CreatedAt)
		return err
	})
	return zeroOn(stored, err)
}

func (r refreshTokens) ByHash(ctx context.Context, hash string) (identity.RefreshToken, error) {
	return get(ctx, r.session, "token", scanRefreshToken, `SELECT `+refreshColumns+` FROM refresh_tokens WHERE hash = $1`, hash)
}

// Use marks the token in one statement, which only one of several callers finds unused; the others are told whether it
// is there at all.
func (r refreshTokens) Use(ctx context.Context, key identity.RefreshTokenID, now time.Time) error {
	return r.change(ctx, func(q querier) error {
		tag, err := q.Exec(ctx, `UPDATE refresh_tokens SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL`, uuid(key.UUID), now)
		if err != nil || tag.RowsAffected() == 1 {
			return err
		}
		if _, err := one(ctx, q, "token", pgx.RowTo[bool], `SELECT true FROM refresh_tokens WHERE id = $1`, uuid(key.UUID)); err != nil {
			return err
		}
		return errs.New(errs.Conflict, "token-used", "the token was used before")
	})
}

func (r refreshTokens) RevokeFamily(ctx context.Context, f identity.FamilyID, now time.Time) (int, error) {
	return r.revoke(ctx, `UPDATE refresh_tokens SET revoked_at = $2 WHERE family = $1 AND revoked_at IS NULL`, uuid(f.UUID), now)
}

func (r refreshTokens) RevokeUser(ctx context.Context, user identity.UserID, now time.Time) error {
	_, err := r.revoke(ctx, `UPDATE refresh_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL`, user, now)
	return err
}

// revoke repeats the statement until it finds nothing more. Of a token that was being exchanged it has waited for the
// end of that, and the token that came of it is seen by the next statement only.
func (r refreshTokens) revoke(ctx context.Context, sql string, whose any, now time.Time) (int, error) {
	ended := 0
	err := r.change(ctx, func(q querier) error {
		ended = 0
		for {
			tag, err := q.Exec(ctx, sql, whose, now)
			if err != nil || tag.RowsAffected() == 0 {
				return err
			}
			ended += int(tag.RowsAffected())
		}
	})
	return zeroOn(ended, err)
}

func (r refreshTokens) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	return deleteRows(ctx, r.session, `DELETE FROM refresh_tokens WHERE expires_at < $1`, before)
}

// deleteRows runs a DELETE and returns how many rows it removed.
func deleteRows(ctx context.Context, s session, sql string, args ...any) (int, error) {
	removed := 0
	err := s.statement(ctx, func(q querier) error {
		tag, err := q.Exec(ctx, sql, args...)
		removed = int(tag.RowsAffected())
		return err
	})
	return zeroOn(removed, err)
}
