package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/secretary-api/secretary/ports"
)

// monthsAhead is for how many months after the present one there are partitions, should nobody call Prepare for a while.
const monthsAhead = 3

// Prepare implements [ports.EventStorage]: it makes the missing partitions of this month and the next three.
func (s *Store) Prepare(ctx context.Context, now time.Time) error {
	// One table at a time: who makes a partition keeps others from making theirs, and must not wait for the other table
	// meanwhile.
	for _, table := range eventTables() {
		err := s.statement(ctx, func(q querier) error {
			_, err := q.Exec(ctx, `SELECT ensure_month_partitions($1::text::regclass, $2, $3)`, table, monthsAhead, now)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Drop implements [ports.EventStorage]. It removes whole partitions, in steps that hold nobody up for long:
//
//   - the partition gets a comment, by which it is known as ours to drop from then on;
//   - it is detached, while events are read and appended; it is gone from the table at once;
//   - it is dropped, which nobody notices any more.
//
// What to do next is read from the catalogue before every step. So a run that was killed between two of them, or in the
// middle of detaching, is carried on by the next one. A table that somebody else detached, such as an archive, has no such
// comment and is left alone; so is a partition that has no upper bound.
//
// Detaching waits for a lock only for a moment, as everybody who comes later waits behind it, and is tried again. When that
// does not help for long, such as during a dump, Drop fails with Unavailable "database-busy".
func (s *Store) Drop(ctx context.Context, endedAt time.Time) (months int, err error) {
	if err := s.outside(ctx); err != nil {
		return 0, err
	}
	// A connection of its own: closing it gives the lock below back, whatever happens.
	cfg := s.pool.Config().ConnConfig
	cfg.RuntimeParams["lock_timeout"] = formatInt(briefly.Milliseconds())
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return 0, translate(ctx, err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := conn.Close(ctx); err != nil {
			s.log.DebugContext(ctx, "close a connection", "err", err)
		}
	}()
	d := dropping{conn}
	if err := d.lock(ctx); err != nil {
		return 0, translate(ctx, err)
	}
	for _, table := range eventTables() {
		n, err := d.drop(ctx, table, endedAt)
		months += n
		if err != nil {
			return months, translate(ctx, err)
		}
	}
	return months, nil
}

const (
	// briefly is how long a step may keep others waiting behind it.
	briefly = 200 * time.Millisecond
	// patiently is how long a step waits that keeps nobody waiting, long enough for autovacuum to give way.
	patiently = "SET LOCAL lock_timeout = '5s'"
	// stepAttempts is how often a step is tried, for half a minute altogether.
	stepAttempts = 100
)

// dropping is a connection that removes old partitions.
type dropping struct{ conn *pgx.Conn }

// lock waits until nobody else removes partitions of the database. It asks again and again instead of waiting in the
// database, as detaching waits for everybody who does.
func (d dropping) lock(ctx context.Context) error {
	for {
		var locked bool
		if err := d.conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtext('secretary'), hashtext('drop events'))`).Scan(&locked); err != nil || locked {
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context) error {
	return sleep(ctx, rand.N(200*time.Millisecond)) //nolint:gosec // only keeps tries apart
}

// drop removes the old partitions of a table, and returns how many of them had events.
func (d dropping) drop(ctx context.Context, table string, endedAt time.Time) (months int, err error) {
	for attempt := 1; ; attempt++ {
		var step partitionStep
		if step, err = d.next(ctx, table, endedAt); err != nil || step.do == "" {
			return months, err
		}
		had, err := d.take(ctx, table, step)
		switch {
		case err == nil:
			attempt = 0
			if had {
				months++
			}
		case attempt == stepAttempts || !wasBusy(err):
			return months, err
		default:
			if err := pause(ctx); err != nil {
				return months, err
			}
		}
	}
}

// wasBusy reports whether a step failed only because it did not get its lock.
func wasBusy(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refusal.Code == lockNotAvailable || refusal.Code == queryCanceled) || lostRace(err)
}

// partitionStep is what is to be done next to a table.
type partitionStep struct {
	do   string // "drop", "finalize" or "detach"; "" when nothing is left to be done
	name string // of the partition, quoted and with its schema
}

// mark is the comment of the partitions of a table that are ours to drop.
func mark(table string) string {
	return "The events of " + table + " in here have been kept long enough; secretary is dropping it."
}

// next finds the next step. What was begun comes first: while a partition is being detached, no other can be.
func (d dropping) next(ctx context.Context, table string, endedAt time.Time) (partitionStep, error) {
	var step partitionStep
	err := d.conn.QueryRow(ctx, `
		WITH begun AS (
			SELECT c.oid, CASE WHEN i.inhdetachpending THEN 'finalize' ELSE 'drop' END AS step
			FROM pg_description AS d
			JOIN pg_class AS c ON c.oid = d.objoid AND c.relkind = 'r'
			LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
			WHERE d.classoid = 'pg_class'::regclass AND d.objsubid = 0 AND d.description = $3
				AND (i.inhparent IS NULL OR i.inhparent = $1::text::regclass AND i.inhdetachpending)
		), partitions AS MATERIALIZED (
			SELECT c.oid, substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \(''([^'']+)''\)')::timestamptz AS until
			FROM pg_inherits AS i
			JOIN pg_class AS c ON c.oid = i.inhrelid AND c.relkind = 'r'
			WHERE i.inhparent = $1::text::regclass AND NOT i.inhdetachpending
		), steps AS (
			SELECT oid, step, 1 AS turn, NULL::timestamptz AS until FROM begun
			UNION ALL
			SELECT oid, 'detach', 2, until FROM partitions WHERE until <= $2
		)
		SELECT s.step, format('%I.%I', n.nspname, c.relname)
		FROM steps AS s
		JOIN pg_class AS c ON c.oid = s.oid
		JOIN pg_namespace AS n ON n.oid = c.relnamespace
		ORDER BY s.turn, s.until, s.oid LIMIT 1`, table, endedAt, mark(table)).Scan(&step.do, &step.name)
	if errors.Is(err, pgx.ErrNoRows) {
		return partitionStep{}, nil
	}
	return step, err
}

// take takes a step; dropped reports whether it has dropped events. The names come from the catalogue, which quoted them.
func (d dropping) take(ctx context.Context, table string, step partitionStep) (dropped bool, err error) {
	switch step.do {
	case "drop":
		return d.dropTable(ctx, table, step.name)
	case "finalize":
		_, err := d.conn.Exec(ctx, `ALTER TABLE `+table+` DETACH PARTITION `+step.name+` FINALIZE`)
		return false, err
	}
	err = pgx.BeginFunc(ctx, d.conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, patiently); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `COMMENT ON TABLE `+step.name+` IS '`+mark(table)+`'`)
		return err
	})
	if err != nil {
		return false, err
	}
	// It cannot be in a transaction, and is two of them itself.
	_, err = d.conn.Exec(ctx, `ALTER TABLE `+table+` DETACH PARTITION `+step.name+` CONCURRENTLY`)
	return false, err
}

// dropTable drops a detached partition, unless an event came for its month and made it a partition again.
func (d dropping) dropTable(ctx context.Context, table, name string) (dropped bool, err error) {
	err = pgx.BeginFunc(ctx, d.conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, patiently); err != nil {
			return err
		}
		// By the first of the locks, which is that of ensure_event_partition, no partition of the table is made meanwhile; by
		// the second nobody else changes this one.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('ensure_event_partition ' || $1::text, 0))`, table); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `LOCK TABLE `+name+` IN ACCESS EXCLUSIVE MODE`); err != nil {
			return err
		}
		var attached bool
		err := tx.QueryRow(ctx, `SELECT relispartition, EXISTS (SELECT FROM `+name+`) FROM pg_class WHERE oid = $1::text::regclass`, name).Scan(&attached, &dropped)
		if err != nil || attached {
			dropped = false
			return err
		}
		_, err = tx.Exec(ctx, `DROP TABLE `+name)
		return err
	})
	return dropped && err == nil, err
}

var _ ports.EventStorage = (*Store)(nil)
