package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type apiKeys struct{ session }

const apiKeyColumns = `id, entity_id, name, prefix, hash, scopes, created_by, expires_at, revoked_at, last_used_at, created_at, updated_at`

func scanAPIKey(row pgx.CollectableRow) (v identity.APIKey, err error) {
	err = row.Scan(optionalUUID{&v.ID.UUID}, &v.EntityID, &v.Name, &v.Prefix, &v.Hash, &v.Scopes, optionalNumber{(*int64)(&v.CreatedBy)},
		optionalMoment{&v.ExpiresAt}, optionalMoment{&v.RevokedAt}, optionalMoment{&v.LastUsedAt}, &v.CreatedAt, &v.UpdatedAt)
	return v, err
}

func (r apiKeys) Get(ctx context.Context, scope identity.Scope, key identity.APIKeyID) (identity.APIKey, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "api-key", scanAPIKey,
		`SELECT `+apiKeyColumns+` FROM api_keys WHERE id = $1 AND ($2 OR entity_id = $3)`, uuid(key.UUID), all, entity)
}

func (r apiKeys) ByHash(ctx context.Context, hash string) (identity.APIKey, error) {
	return get(ctx, r.session, "api-key", scanAPIKey, `SELECT `+apiKeyColumns+` FROM api_keys WHERE hash = $1`, hash)
}

// List does not bind a cursor to the time of asking, which is another one for every page.
func (r apiKeys) List(ctx context.Context, scope identity.Scope, f identity.APIKeyFilter, req page.Request) (page.Page[identity.APIKey], error) {
	var where conditions
	where.inScope("entity_id", scope)
	wanted(&where, "entity_id", f.EntityID)
	if f.Active != nil {
		where.add("(revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)) = ?", f.Now, *f.Active)
	}
	return list(ctx, r.session, req, listing[identity.APIKey]{
		list: page.Fingerprint("api_keys", scope, f.EntityID, f.Active), scope: scope,
		from: `SELECT ` + apiKeyColumns + ` FROM api_keys`, where: &where, scan: scanner[identity.APIKey](scanAPIKey),
		sorting: byUUID("id", func(v identity.APIKey) string { return v.ID.String() }),
	})
}

func (r apiKeys) Create(ctx context.Context, v identity.APIKey) (identity.APIKey, error) {
	return create(ctx, r.session, scanAPIKey,
		`INSERT INTO api_keys (id, entity_id, name, prefix, hash, scopes, created_by, expires_at, revoked_at, last_used_at, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING `+apiKeyColumns,
		uuid(v.ID.UUID), v.EntityID, v.Name, v.Prefix, v.Hash, scopes(v.Scopes), number(v.CreatedBy), moment(v.ExpiresAt), moment(v.RevokedAt),
		moment(v.LastUsedAt), v.CreatedAt, v.UpdatedAt)
}

// Update leaves alone when the key was used: only Used says that.
func (r apiKeys) Update(ctx context.Context, scope identity.Scope, key identity.APIKeyID, change func(*identity.APIKey) error) (identity.APIKey, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[identity.APIKey]{
		what: "api-key", columns: apiKeyColumns, scan: scanAPIKey,
		find: `SELECT ` + apiKeyColumns + ` FROM api_keys WHERE id = $1 AND ($2 OR entity_id = $3)`,
		args: []any{uuid(key.UUID), all, entity}, changedAt: func(v *identity.APIKey) time.Time { return v.UpdatedAt },
	}, change, func(v identity.APIKey) (string, []any) {
		return `UPDATE api_keys SET entity_id = $2, name = $3, prefix = $4, hash = $5, scopes = $6, created_by = $7, expires_at = $8,
				revoked_at = $9, created_at = $10, updated_at = $11
			WHERE id = $1`,
			[]any{
				uuid(key.UUID), v.EntityID, v.Name, v.Prefix, v.Hash, scopes(v.Scopes), number(v.CreatedBy), moment(v.ExpiresAt),
				moment(v.RevokedAt), v.CreatedAt, v.UpdatedAt,
			}
	})
}

func (r apiKeys) Used(ctx context.Context, key identity.APIKeyID, at time.Time) error {
	return r.statement(ctx, func(q querier) error {
		_, err := q.Exec(ctx, `UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)`, uuid(key.UUID), at)
		return err
	})
}

// scopes is never NULL, as the column is not.
func scopes(list []identity.Permission) []identity.Permission {
	if list == nil {
		return []identity.Permission{}
	}
	return list
}
