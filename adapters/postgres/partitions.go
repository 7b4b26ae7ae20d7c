package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// partitionError is an insert into months whose partitions are not there.
type partitionError struct {
	table  string
	months []time.Time // a moment of each
	err    error
}

func (e *partitionError) Error() string { return e.err.Error() }

func (e *partitionError) Unwrap() error { return e.err }

// missingPartitions returns which partitions an error wants to be made.
func missingPartitions(err error) (*partitionError, bool) {
	return errors.AsType[*partitionError](err)
}

// noPartition reports whether an insert into a partitioned table failed because no partition takes a row. PostgreSQL has
// no code of its own for it: it is a check violation of the table that names no constraint.
func noPartition(err error, table string) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && refusal.Code == checkViolation && refusal.ConstraintName == "" && refusal.TableName == table
}

// makePartitions makes the partitions that an insert was missing. It reports whether any was still missing: otherwise
// somebody else has just made them, or is removing them.
func (s *Store) makePartitions(ctx context.Context, missing *partitionError) (made bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT coalesce(bool_or(ensure_event_partition($1::text::regclass, at)), false)
		FROM unnest($2::timestamptz[]) AS at`, missing.table, missing.months).Scan(&made)
	return made, translate(ctx, err)
}

// monthsOf returns a moment of each month that the times are in.
func monthsOf(times []time.Time) []time.Time {
	var months []time.Time
	for _, t := range times {
		t = t.UTC()
		months = append(months, time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC))
	}
	slices.SortFunc(months, time.Time.Compare)
	return slices.CompactFunc(months, time.Time.Equal)
}
