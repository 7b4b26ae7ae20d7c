package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

// row names the row of an update, and how it is read.
type row[T any] struct {
	what    string // as in "room-not-found"
	columns string // what scan reads
	scan    scanner[T]
	find    string // a SELECT of the row
	args    []any
	// changedAt is the moment of a row's last change. It is for tables whose rows never have the same one twice: core's
	// version.Next gives every change a moment of its own, and trg_updated_at does to changes that do not set it. Without
	// it the row is locked while it is changed.
	changedAt func(*T) time.Time
}

// update has a row changed, and saves what change left; save returns an UPDATE of it without RETURNING, and its arguments.
//
// In a transaction the row is locked first. By itself it is read without a lock and saved if nobody changed it meanwhile,
// which is two round trips instead of five. Where somebody did, others may be waiting for the same row, so it is locked then.
func update[T any](ctx context.Context, s session, r row[T], change func(*T) error, save func(T) (string, []any)) (T, error) {
	if r.changedAt == nil || !s.alone() {
		return updateLocked(ctx, s, r, change, save)
	}
	v, err := get(ctx, s, r.what, r.scan, r.find, r.args...)
	if err != nil {
		return zeroOn(v, err)
	}
	seen := r.changedAt(&v)
	if err := change(&v); err != nil {
		return zeroOn(v, err)
	}
	stored, swapped, err := swap(ctx, s, r, seen, v, save)
	if err != nil || swapped {
		return stored, err
	}
	return updateLocked(ctx, s, r, change, save)
}

// updateKnown is update of a row that was read before, which need not be read again if it is still the same. What change
// says of it is believed only if the row that is stored is refused too.
func updateKnown[T any](ctx context.Context, s session, r row[T], known T, change func(*T) error, save func(T) (string, []any)) (T, error) {
	if seen := r.changedAt(&known); s.alone() && change(&known) == nil {
		stored, swapped, err := swap(ctx, s, r, seen, known, save)
		if err != nil || swapped {
			return stored, err
		}
	}
	return update(ctx, s, r, change, save)
}

// swap saves a row if it was changed last when it was seen to be, and reports whether it was. It is one statement, which is
// a transaction by itself, and tells the audit log's trigger, which runs at its end, who acts. It need not look at the scope:
// a row that is as it was read is in the scope in which it was read.
func swap[T any](ctx context.Context, s session, r row[T], seen time.Time, v T, save func(T) (string, []any)) (stored T, swapped bool, err error) {
	trail := identity.TrailOf(ctx)
	sql, args := save(v)
	placeholder := func(n int) string { return "$" + strconv.Itoa(len(args)+n) }
	sql += ` AND updated_at = ` + placeholder(1) + ` AND set_config('secretary.actor', ` + placeholder(2) +
		`, true) IS NOT NULL AND set_config('secretary.request_id', ` + placeholder(3) + `, true) IS NOT NULL RETURNING ` + r.columns
	args = append(args, seen, trail.Actor, trail.RequestID)
	err = s.statement(ctx, func(q querier) (err error) {
		stored, err = one(ctx, q, r.what, r.scan, sql, args...)
		return err
	})
	if errs.KindOf(err) == errs.NotFound {
		return stored, false, nil
	}
	return stored, err == nil, err
}

// updateLocked is update of a row that nobody else changes meanwhile.
func updateLocked[T any](ctx context.Context, s session, r row[T], change func(*T) error, save func(T) (string, []any)) (T, error) {
	var v T
	err := s.change(ctx, func(q querier) (err error) {
		if v, err = one(ctx, q, r.what, r.scan, r.find+` FOR NO KEY UPDATE`, r.args...); err != nil {
			return err
		}
		if err := change(&v); err != nil {
			return &ownError{err}
		}
		sql, args := save(v)
		v, err = one(ctx, q, r.what, r.scan, sql+` RETURNING `+r.columns, args...)
		return err
	})
	return zeroOn(v, err)
}
