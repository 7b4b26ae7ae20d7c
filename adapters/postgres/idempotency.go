package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
)

type idempotencyKeys struct{ session }

const (
	idempotencyColumns = `owner, key, tenant_id, fingerprint, state, reserved_until, result::text, created_at, expires_at`
	// theReservation names a reservation ($1, $2, $3) that nothing has taken the place of.
	theReservation = ` WHERE owner = $1 AND key = $2 AND reserved_until = $3 AND state <> 'done'`
)

func scanIdempotencyRecord(row pgx.CollectableRow) (v identity.IdempotencyRecord, err error) {
	err = row.Scan(&v.Owner, &v.Key, optionalUUID{&v.Tenant}, &v.Fingerprint, &v.State, optionalMoment{&v.ReservedUntil}, optionalObject{&v.Result}, &v.CreatedAt, &v.ExpiresAt)
	return v, err
}

func (r idempotencyKeys) Get(ctx context.Context, owner, key string) (identity.IdempotencyRecord, error) {
	return get(ctx, r.session, "idempotency-key", scanIdempotencyRecord,
		`SELECT `+idempotencyColumns+` FROM idempotency_keys WHERE owner = $1 AND key = $2`, owner, key)
}

// Reserve waits, as any such INSERT does, for a transaction that is changing the record.
func (r idempotencyKeys) Reserve(ctx context.Context, v identity.IdempotencyRecord) (identity.IdempotencyRecord, bool, error) {
	for {
		stored, err := r.reserve(ctx, v)
		if err == nil || errs.KindOf(err) != errs.NotFound {
			return stored, err == nil, err
		}
		stored, err = r.Get(ctx, v.Owner, v.Key)
		if errs.KindOf(err) != errs.NotFound { // or else it was removed between the two statements
			return stored, false, err
		}
	}
}

func (r idempotencyKeys) reserve(ctx context.Context, v identity.IdempotencyRecord) (identity.IdempotencyRecord, error) {
	var stored identity.IdempotencyRecord
	err := r.statement(ctx, func(q querier) (err error) {
		stored, err = one(ctx, q, "idempotency-key", scanIdempotencyRecord,
			`INSERT INTO idempotency_keys AS k (owner, key, fingerprint, state, reserved_until, created_at, expires_at, tenant_id)
			VALUES ($1, $2, $3, 'reserved', $4, $5, $6, $7)
			ON CONFLICT (owner, key) DO UPDATE SET tenant_id = excluded.tenant_id, fingerprint = excluded.fingerprint, state = excluded.state,
				reserved_until = excluded.reserved_until, result = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at
			WHERE k.expires_at < $5 OR k.state = 'reserved' AND k.reserved_until < $5 AND k.fingerprint = $3
			RETURNING `+idempotencyColumns,
			v.Owner, v.Key, v.Fingerprint, v.ReservedUntil, v.CreatedAt, v.ExpiresAt, uuid(v.Tenant))
		return err
	})
	return zeroOn(stored, err)
}

func (r idempotencyKeys) Mark(ctx context.Context, v identity.IdempotencyRecord, state identity.IdempotencyState) error {
	return r.set(ctx, `UPDATE idempotency_keys SET state = $4`+theReservation, v.Owner, v.Key, v.ReservedUntil, state)
}

func (r idempotencyKeys) Complete(ctx context.Context, v identity.IdempotencyRecord, result jsonobj.Object) error {
	return r.set(ctx, `UPDATE idempotency_keys SET state = 'done', result = $4`+theReservation, v.Owner, v.Key, v.ReservedUntil, object(result))
}

// set runs an UPDATE of a reservation.
func (r idempotencyKeys) set(ctx context.Context, sql string, args ...any) error {
	return r.statement(ctx, func(q querier) error {
		tag, err := q.Exec(ctx, sql, args...)
		if err == nil && tag.RowsAffected() == 0 {
			return identity.ReservationLost()
		}
		return err
	})
}

func (r idempotencyKeys) Forget(ctx context.Context, tenant id.UUID) error {
	return r.statement(ctx, func(q querier) error {
		_, err := q.Exec(ctx, `UPDATE idempotency_keys SET state = 'committed', result = NULL WHERE tenant_id = $1 AND state = 'done'`, uuid(tenant))
		return err
	})
}

func (r idempotencyKeys) Release(ctx context.Context, v identity.IdempotencyRecord) error {
	return r.statement(ctx, func(q querier) error {
		_, err := q.Exec(ctx, `DELETE FROM idempotency_keys`+theReservation+` AND state = 'reserved'`, v.Owner, v.Key, v.ReservedUntil)
		return err
	})
}

func (r idempotencyKeys) DeleteExpired(ctx context.Context, before time.Time) (int, error) {
	return deleteRows(ctx, r.session, `DELETE FROM idempotency_keys WHERE expires_at < $1`, before)
}
