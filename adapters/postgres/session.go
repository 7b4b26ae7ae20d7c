package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// querier is what a connection pool and a transaction can both do.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// session is what a repository works on: the store, or one transaction of it. What its functions return is translated:
// an error of core/errs, or the context's.
type session interface {
	// read runs a query. It may run again, so it must start its result anew.
	read(ctx context.Context, fn func(q querier) error) error
	// list is read for lists and reports, which a replica may serve.
	list(ctx context.Context, fn func(q querier) error) error
	// statement runs one statement that writes, by itself or in the session's transaction. By itself it has to tell the
	// audit log who acts, see [swap], unless it is of a table without audit. It may run again.
	statement(ctx context.Context, fn func(q querier) error) error
	// change runs statements that belong together, in a transaction of their own or in the session's, and tells the audit
	// log who acts. It may run again.
	change(ctx context.Context, fn func(q querier) error) error
	// alone reports whether each call is a transaction of its own.
	alone() bool
}

// attempts is how often a transaction is tried that loses against another one.
const attempts = 8

func (s *Store) read(ctx context.Context, fn func(q querier) error) error {
	if err := s.outside(ctx); err != nil {
		return err
	}
	return translate(ctx, fn(s.pool))
}

func (s *Store) list(ctx context.Context, fn func(q querier) error) error {
	if err := s.outside(ctx); err != nil {
		return err
	}
	if s.replica == nil || time.Now().UnixNano() < s.replicaRests.Load() {
		return translate(ctx, fn(s.pool))
	}
	err := translate(ctx, fn(s.replica))
	if errs.KindOf(err) != errs.Unavailable || ctx.Err() != nil {
		return err
	}
	if errs.CodeOf(err) == "database-unavailable" { // otherwise it cancelled this one, because of what it had to replay
		s.rest(ctx, err)
	}
	return translate(ctx, fn(s.pool))
}

// replicaRest is how long lists leave a replica alone that cannot be reached: each would wait for it in vain.
const replicaRest = time.Minute

// rest has lists leave the replica alone for a while.
func (s *Store) rest(ctx context.Context, err error) {
	before := s.replicaRests.Load()
	if now := time.Now(); now.UnixNano() >= before && s.replicaRests.CompareAndSwap(before, now.Add(replicaRest).UnixNano()) {
		s.log.WarnContext(ctx, "the replica cannot be reached, the database serves its lists", "for", replicaRest, "err", err)
	}
}

func (s *Store) statement(ctx context.Context, fn func(q querier) error) error {
	if err := s.outside(ctx); err != nil {
		return err
	}
	return s.again(ctx, func() (error, error) {
		err := translate(ctx, fn(s.pool))
		return err, err
	})
}

func (s *Store) change(ctx context.Context, fn func(q querier) error) error {
	if err := s.outside(ctx); err != nil {
		return err
	}
	return s.again(ctx, func() (error, error) {
		return s.transact(ctx, func(t *tx) error { return t.change(ctx, fn) })
	})
}

func (s *Store) alone() bool { return true }

func (s *Store) outside(ctx context.Context) error {
	if ctx.Value(inside{s}) != nil {
		return errOutside
	}
	return ctx.Err()
}

// inside marks the context that a transaction of the store hands out.
type inside struct{ store *Store }

// InTx implements [ports.Transactor]. Transactions are READ COMMITTED; a row is locked by the Update that changes it.
//
// Whatever the database refuses ends a transaction as a Conflict does, and after either every other call in it fails
// with that error. The repositories are for the goroutine that runs fn.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	if ctx.Value(inside{s}) != nil {
		return errs.New(errs.Internal, "nested-transaction", "a transaction was begun inside another one")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	within := context.WithValue(ctx, inside{s}, true)
	return s.again(ctx, func() (error, error) {
		return s.transact(ctx, func(t *tx) error { return fn(within, repositories(t, s.work)) })
	})
}

// again runs fn until it does not fail in a way that passes: fn returns its error, and what the database said, which
// decides.
func (s *Store) again(ctx context.Context, fn func() (err, cause error)) error {
	for attempt := 1; ; attempt++ {
		err, cause := fn()
		if cause == nil || attempt == attempts || ctx.Err() != nil {
			return err
		}
		if missing, ok := missingPartitions(cause); ok {
			made, err := s.makePartitions(ctx, missing)
			if err != nil {
				return err
			}
			// A session that looked at the table at the very moment in which a partition was attached may go on without it, for
			// writing and for reading: seen under load, once in some thousand times. New sessions know better.
			s.pool.Reset()
			if made {
				continue
			}
		} else if !lostRace(cause) {
			return err
		}
		if err := sleep(ctx, rand.N(time.Duration(attempt)*10*time.Millisecond)); err != nil { //nolint:gosec // only keeps losers apart
			return err
		}
	}
}

// tx is a running transaction.
type tx struct {
	q       pgx.Tx
	refused error // why it can never be committed
	over    bool
}

// transact runs fn in a transaction, and commits unless fn fails. It returns the error, and why the database refused.
func (s *Store) transact(ctx context.Context, fn func(*tx) error) (err, refused error) {
	begun, err := s.begin(ctx)
	if err != nil {
		err = translate(ctx, err)
		return err, err
	}
	t := &tx{q: begun}
	done := false
	defer func() {
		t.over = true
		if !done { // fn failed or panicked; the context may be what ended it
			s.rollback(context.WithoutCancel(ctx), begun)
		}
	}()
	if err := fn(t); err != nil {
		return err, t.refused
	}
	if t.refused != nil {
		return t.refused, t.refused
	}
	if err := ctx.Err(); err != nil {
		return err, nil
	}
	done = true
	err = translate(ctx, begun.Commit(ctx))
	return err, err
}

// begin begins a transaction and tells it who acts.
func (s *Store) begin(ctx context.Context) (pgx.Tx, error) {
	begun, err := s.pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	trail := identity.TrailOf(ctx)
	_, err = begun.Exec(ctx, `SELECT set_config('secretary.actor', $1, true), set_config('secretary.request_id', $2, true)`,
		trail.Actor, trail.RequestID)
	if err != nil {
		s.rollback(context.WithoutCancel(ctx), begun)
		return nil, err
	}
	return begun, nil
}

func (s *Store) rollback(ctx context.Context, t pgx.Tx) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := t.Rollback(ctx); err != nil { // the connection is gone, and the transaction with it
		s.log.DebugContext(ctx, "rollback", "err", err)
	}
}

func (t *tx) read(ctx context.Context, fn func(q querier) error) error { return t.do(ctx, fn) }

func (t *tx) list(ctx context.Context, fn func(q querier) error) error { return t.do(ctx, fn) }

func (t *tx) statement(ctx context.Context, fn func(q querier) error) error { return t.do(ctx, fn) }

func (t *tx) change(ctx context.Context, fn func(q querier) error) error { return t.do(ctx, fn) }

func (t *tx) alone() bool { return false }

func (t *tx) do(ctx context.Context, fn func(q querier) error) error {
	switch {
	case t.over:
		return errOutside
	case ctx.Err() != nil:
		return ctx.Err()
	case t.refused != nil:
		return t.refused
	}
	err := fn(t.q)
	if own, is := errors.AsType[*ownError](err); is {
		return own.err
	}
	// What was not found leaves the transaction as it was.
	if err = translate(ctx, err); err != nil && errs.KindOf(err) != errs.NotFound {
		t.refused = err
	}
	return err
}

var (
	_ session          = (*Store)(nil)
	_ session          = (*tx)(nil)
	_ querier          = (*pgxpool.Pool)(nil)
	_ ports.Transactor = (*Store)(nil)
)
