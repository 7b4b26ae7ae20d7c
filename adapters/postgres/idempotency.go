package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/identity"
)

type idempotencyKeys struct{ session }

const idempotencyColumns = `owner, key, fingerprint, result::text, created_at, expires_at`

func scanIdempotencyRecord(row pgx.CollectableRow) (v identity.IdempotencyRecord, err error) {
	err = row.Scan(&v.Owner, &v.Key, &v.Fingerprint, optionalObject{&v.Result}, &v.CreatedAt, &v.ExpiresAt)
	return v, err
}

func (r idempotencyKeys) Get(ctx context.Context, owner, key string) (identity.IdempotencyRecord, error) {
	return get(ctx, r.session, "idempotency-key", scanIdempotencyRecord,
		`SELECT `+idempotencyColumns+` FROM idempotency_keys WHERE owner = $1 AND key = $2`, owner, key)
}

// Create waits, as any INSERT does, for a transaction that has created the same key and is not over.
func (r idempotencyKeys) Create(ctx context.Context, v identity.IdempotencyRecord) (identity.IdempotencyRecord, error) {
	var stored identity.IdempotencyRecord
	err := r.statement(ctx, func(q querier) (err error) {
		stored, err = one(ctx, q, "idempotency-key", scanIdempotencyRecord,
			`INSERT INTO idempotency_keys (owner, key, fingerprint, result, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6) RETURNING `+idempotencyColumns,
			v.Owner, v.Key, v.Fingerprint, object(v.Result), v.CreatedAt, v.ExpiresAt)
		return err
	})
	return zeroOn(stored, err)
}

func (r idempotencyKeys) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	return deleteRows(ctx, r.session, `DELETE FROM idempotency_keys WHERE expires_at < $1`, before)
}
