package cached

import (
	"context"
	"fmt"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// changing is how a record is changed whose copies are kept.
type changing[T any, ID fmt.Stringer] struct {
	cache  *cache[T]
	store  *Store
	writer ports.Writer[T, ID] // of the wrapped store
	entity func(T) clinic.EntityID
}

// update has the wrapped store change a record, and forgets its copies. The store is told what is known of the record, so
// that it need not be read for that: as what was known decides nothing there unless it is still true, it may be older than
// any copy that is read.
func (c changing[T, ID]) update(ctx context.Context, scope identity.Scope, id ID, change func(*T) error) (v T, err error) {
	key := id.String()
	if known, ok := c.cache.known(key); ok && scope.Includes(c.entity(known)) {
		v, err = ports.UpdateKnown(ctx, c.writer, scope, id, known, change)
	} else {
		v, err = c.writer.Update(ctx, scope, id, change)
	}
	c.store.forget(ctx, noticeOf(c.cache.name, key))
	c.cache.changed(key, v, err)
	return v, err
}

// known returns the latest of a record that is at hand.
func (c *cache[T]) known(id string) (T, bool) {
	v, ok := c.copies.quick(id)
	if !ok {
		v, ok = c.last.GetIfPresent(id)
	}
	return c.traits.copyOf(v), ok
}

// changed remembers what a change left, for the next one.
func (c *cache[T]) changed(id string, v T, err error) {
	if err != nil {
		c.last.Invalidate(id)
		return
	}
	c.last.Set(id, c.traits.copyOf(v))
}
