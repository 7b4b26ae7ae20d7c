package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
)

// scanner reads one row of a query into a value of the domain.
type scanner[T any] func(row pgx.CollectableRow) (T, error)

// get returns the one row of a read, NotFound "<what>-not-found" when there is none.
func get[T any](ctx context.Context, s session, what string, scan scanner[T], sql string, args ...any) (T, error) {
	var v T
	err := s.read(ctx, func(q querier) (err error) {
		v, err = one(ctx, q, what, scan, sql, args...)
		return err
	})
	return v, err
}

// one runs a statement that finds or writes one row.
func one[T any](ctx context.Context, q querier, what string, scan scanner[T], sql string, args ...any) (T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		var none T
		return none, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToFunc[T](scan))
	if err == pgx.ErrNoRows { //nolint:errorlint // pgx returns it bare, and a wrapped one would be another's
		return v, errs.Absent(what)
	}
	return v, err
}

// all runs a query of any number of rows.
func all[T any](ctx context.Context, q querier, scan scanner[T], sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToFunc[T](scan))
}

// create runs an INSERT that returns the stored row.
func create[T any](ctx context.Context, s session, scan scanner[T], sql string, args ...any) (T, error) {
	var v T
	err := s.change(ctx, func(q querier) (err error) {
		v, err = one(ctx, q, "row", scan, sql, args...)
		return err
	})
	return zeroOn(v, err)
}

// insert is create for tables without audit: outside of a transaction it is one round trip.
func insert[T any](ctx context.Context, s session, scan scanner[T], sql string, args ...any) (T, error) {
	var v T
	err := s.statement(ctx, func(q querier) (err error) {
		v, err = one(ctx, q, "row", scan, sql, args...)
		return err
	})
	return zeroOn(v, err)
}

func formatInt[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// What a column holds is NULL where the domain has a zero value.

// text is an optional text.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// number is an optional id.
func number[N ~int64](n N) any {
	if n == 0 {
		return nil
	}
	return int64(n)
}

// uuid is an optional UUID.
func uuid(u id.UUID) any {
	if u.IsZero() {
		return nil
	}
	return [16]byte(u)
}

// moment is an optional time.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// object is an optional JSON object.
func object(o jsonobj.Object) any {
	if o.IsNone() {
		return nil
	}
	return string(o)
}

// entityOf is the entity that a scope is bound to, for conditions of the form ($1 OR entity_id = $2).
func entityOf(s identity.Scope) (all bool, entity int64) { return s.All(), int64(s.EntityID()) }

// The other way round: where a column may be NULL, these take it as the zero value.

type (
	optionalText   struct{ to *string }
	optionalNumber struct{ to *int64 }
	optionalUUID   struct{ to *id.UUID }
	optionalMoment struct{ to *time.Time }
	optionalObject struct{ to *jsonobj.Object }
)

// ScanText implements [pgtype.TextScanner].
func (o optionalText) ScanText(v pgtype.Text) error { *o.to = v.String; return nil }

// ScanInt64 implements [pgtype.Int64Scanner].
func (o optionalNumber) ScanInt64(v pgtype.Int8) error { *o.to = v.Int64; return nil }

// ScanUUID implements [pgtype.UUIDScanner].
func (o optionalUUID) ScanUUID(v pgtype.UUID) error { *o.to = v.Bytes; return nil }

// ScanTimestamptz implements [pgtype.TimestamptzScanner].
func (o optionalMoment) ScanTimestamptz(v pgtype.Timestamptz) error { *o.to = v.Time.UTC(); return nil }

// ScanText implements [pgtype.TextScanner]; the column is read as text.
func (o optionalObject) ScanText(v pgtype.Text) error {
	*o.to = jsonobj.Stored(v.String)
	return nil
}

func zeroOn[T any](v T, err error) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return v, nil
}
