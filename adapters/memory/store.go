package memory

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/keylock"
	"github.com/secretary-api/secretary/ports"
)

// Store is a store in memory. It implements [ports.Transactor], [ports.JobRunner] and [ports.Locks], and
// [Store.Repositories] are its repositories. It may be used by several goroutines at once.
type Store struct {
	schema  *schema
	state   atomic.Pointer[data]
	turn    chan struct{} // held by the one transaction that may write
	edits   uint64        // how many transactions have begun; guarded by turn
	journal Journal
	now     func() time.Time
	log     *slog.Logger
	retries ports.Retries
	queue   *queue
	locks   keylock.Locks // those of [Store.Lock]
	turns   keylock.Locks // who does the periodic jobs, by kind
	bus     bus
}

// Option configures a Store.
type Option func(*Store)

// WithClock sets the clock that jobs go by; the default is the machine's.
func WithClock(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// WithLogger sets where jobs that were given up are logged; the default is slog's.
func WithLogger(log *slog.Logger) Option { return func(s *Store) { s.log = log } }

// WithJournal sets what is told of every transaction before it becomes visible; the default is nothing.
func WithJournal(j Journal) Option { return func(s *Store) { s.journal = j } }

// WithRetries sets when failing jobs are tried again.
func WithRetries(r ports.Retries) Option {
	return func(s *Store) { s.retries = r.WithDefaults() }
}

// New makes an empty store.
func New(opts ...Option) *Store {
	s := &Store{
		schema: newSchema(), turn: make(chan struct{}, 1), now: time.Now, log: slog.Default(),
		retries: ports.Retries{}.WithDefaults(),
	}
	for _, opt := range opts {
		opt(s)
	}
	s.queue = newQueue(s.now)
	empty := &data{tables: make([]any, len(s.schema.tables))}
	for i, t := range s.schema.tables {
		empty.tables[i] = t.empty()
	}
	s.state.Store(empty)
	return s
}

// Repositories returns the repositories, each call of which is a transaction of its own.
func (s *Store) Repositories() ports.Repositories { return repositories(s) }

// InTx implements [ports.Transactor]. Transactions take turns; readers do not wait for them.
//
// A reference that is unknown ends a transaction as a Conflict does, and after either every other call in the
// transaction fails with it: a database would do the same. The repositories are for the goroutine that runs fn.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	if ctx.Value(inside{s}) != nil {
		return errs.New(errs.Internal, "nested-transaction", "a transaction was begun inside another one")
	}
	return s.transact(ctx, func(tx *tx) error {
		return fn(context.WithValue(ctx, inside{s}, true), repositories(tx))
	})
}

// Restore repeats the changes of a journal, in their order, and tells the journal nothing. It is for a store that is
// not in use yet. A change that does not fit, which a journal of this store never holds, is an error, and then nothing is
// restored.
func (s *Store) Restore(ctx context.Context, changes []Change) error {
	return s.transact(ctx, func(tx *tx) error {
		tx.restoring = true
		for _, c := range changes {
			t := s.schema.table(c.Table)
			if t == nil {
				return errs.Newf(errs.Invalid, "invalid-change", "there is no table %q", c.Table)
			}
			if err := t.apply(tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// inside marks the context that a transaction of the store hands out.
type inside struct{ store *Store }

// session is what a repository works on: the store, or one transaction of it.
type session interface {
	tables() *schema
	// view returns the state to read from.
	view(ctx context.Context) (*data, error)
	// change runs fn in the session's transaction, or in one of its own.
	change(ctx context.Context, fn func(*tx) error) error
}

func (s *Store) tables() *schema { return s.schema }

func (s *Store) view(ctx context.Context) (*data, error) {
	if err := s.outside(ctx); err != nil {
		return nil, err
	}
	return s.state.Load(), nil
}

func (s *Store) change(ctx context.Context, fn func(*tx) error) error {
	if err := s.outside(ctx); err != nil {
		return err
	}
	return s.transact(ctx, fn)
}

func (s *Store) outside(ctx context.Context) error {
	if ctx.Value(inside{s}) != nil {
		return errOutside()
	}
	return ctx.Err()
}

func errOutside() error {
	return errs.New(errs.Internal, "outside-transaction", "a repository was used that is not the running transaction's")
}

// transact runs fn when it is its turn, and commits. A panic of fn forgets the transaction and goes on.
func (s *Store) transact(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	s.edits++
	tx := newTx(s, s.edits, s.state.Load())
	tx.trail = identity.TrailOf(ctx)
	defer tx.over.Store(true)
	if err := fn(tx); err != nil {
		return err
	}
	if tx.refused != nil {
		return tx.refused
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.commit(ctx, tx)
}
