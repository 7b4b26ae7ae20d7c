package memory

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// data is one state of the store. A published one never changes.
type data struct {
	tables  []any         // *rows[T] by the slot of the table
	longest time.Duration // of all appointments, buffers included
	// calendars are those that are or were a professional's, by [ownCalendarKey].
	calendars tree[struct{}]
}

// tx is a transaction: a state that is not published yet, and how it came to be.
type tx struct {
	store     *Store
	edit      uint64
	data      *data
	trail     identity.Trail // who changes what
	changes   []Change
	refused   error // why it can never be committed
	restoring bool  // the journal has the changes already
	over      atomic.Bool
}

func newTx(s *Store, edit uint64, base *data) *tx {
	return &tx{store: s, edit: edit, data: &data{tables: slices.Clone(base.tables), longest: base.longest, calendars: base.calendars}}
}

// refuse notes that the transaction cannot be committed.
func (t *tx) refuse(err error) error {
	if t.refused == nil {
		t.refused = err
	}
	return err
}

func (t *tx) tables() *schema { return t.store.schema }

func (t *tx) view(ctx context.Context) (*data, error) {
	if err := t.usable(ctx); err != nil {
		return nil, err
	}
	return t.data, nil
}

func (t *tx) change(ctx context.Context, fn func(*tx) error) error {
	if err := t.usable(ctx); err != nil {
		return err
	}
	return fn(t)
}

func (t *tx) usable(ctx context.Context) error {
	if t.over.Load() {
		return errOutside()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.refused
}

// Change is one write of a transaction. Before and After are values of the domain's types, such as an identity.User:
// Before is nil for a new row, After for one that was removed. What they share with the store must not be changed.
type Change struct {
	Table  string // "users"
	Key    string // the row's id, as text
	Before any
	After  any
}

// Journal is told of every transaction that writes.
type Journal interface {
	// Append is given all changes of one transaction, in the order in which they were made, before anybody sees them.
	// Calls come one at a time, in the order of the transactions. An error aborts the transaction, whose caller gets it
	// wrapped: nothing of it was stored, and the journal must not hold any of it. Append may keep the slice. It holds
	// up every other writer, and must not use the store.
	Append(changes []Change) error
}

// notices are the keys by which the bus tells of a change of what may be cached.
func notices(c Change) []string {
	switch c.Table {
	case "users", "api_keys", "entities", "departments":
		if c.Before != nil {
			return []string{c.Table + ":" + c.Key}
		}
	case "tenant_config":
		var keys []string
		for _, v := range []any{c.Before, c.After} {
			if v, ok := v.(agenda.Clinic); ok {
				keys = append(keys, "time_zones:"+v.EntityID.String())
			}
		}
		return keys
	}
	return nil
}

// commit is the one point at which anything is stored.
func (s *Store) commit(ctx context.Context, tx *tx) error {
	if len(tx.changes) == 0 {
		return nil
	}
	if s.journal != nil && !tx.restoring {
		if err := s.journal.Append(tx.changes); err != nil {
			return fmt.Errorf("memory: the journal refused a transaction: %w", err)
		}
	}
	s.state.Store(tx.data)
	for _, c := range tx.changes {
		if keys := notices(c); len(keys) > 0 {
			s.bus.Publish(ctx, ports.TopicChanges, keys...)
		}
		if job, ok := c.After.(ports.Job); ok && s.schema.jobs.has(tx.data, intKey(job.ID)) {
			s.queue.add(job)
		}
	}
	return nil
}
