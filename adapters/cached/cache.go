package cached

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/maypok86/otter/v2"
)

// traits is what a cache has to know of its records.
type traits[T any] struct {
	clone func(T) T      // nil when a copy of the value shares nothing
	group func(T) string // the record with which a copy is forgotten too, as in a notice; nil is none
}

func (t traits[T]) copyOf(v T) T {
	if t.clone == nil {
		return v
	}
	return t.clone(v)
}

func (t traits[T]) groupOf(v T) string {
	if t.group == nil {
		return ""
	}
	return t.group(v)
}

// copies is where a cache keeps its copies: [local] or [shared].
type copies[T any] interface {
	// quick returns a copy that is at hand.
	quick(id string) (T, bool)
	// look returns a copy, or with another result than Hit what keep has to know of the moment before the loading.
	look(ctx context.Context, id string) (v T, before any, r Result)
	// keep keeps a copy, unless it was forgotten since look.
	keep(ctx context.Context, id string, before any, v T)
	// drop, dropGroup and dropAll forget what this process keeps.
	drop(id string)
	dropGroup(group string)
	dropAll()
}

// cache keeps the records of one table.
type cache[T any] struct {
	name   string
	copies copies[T]
	last   *otter.Cache[string, T] // what changes of this process left: only for the next change, never to be read
	traits traits[T]
	count  func(cache string, r Result)

	mu      sync.Mutex
	flights map[string]*flight[T]
}

func newCache[T any](s *Store, name string, t traits[T]) *cache[T] {
	c := &cache[T]{name: name, traits: t, count: s.opts.Count, flights: map[string]*flight[T]{}}
	c.last = otter.Must(&otter.Options[string, T]{MaximumSize: s.opts.Size})
	if s.opts.Shared != nil {
		c.copies = newShared(s, name, t)
	} else {
		c.copies = newLocal(s, t)
	}
	return c
}

// flight is one reading of a record for all who want it at the same time.
type flight[T any] struct {
	waiting int // guarded by the cache's mu
	cancel  context.CancelFunc
	done    chan struct{} // closed when the rest is set

	v      T
	err    error
	result Result
}

// get returns the record of an id: a copy, or what load returns. Who comes while it is being loaded waits for the same
// loading, unless the record was forgotten in between.
func (c *cache[T]) get(ctx context.Context, id string, load func(context.Context) (T, error)) (T, error) {
	if v, ok := c.copies.quick(id); ok {
		c.count(c.name, Hit)
		return c.traits.copyOf(v), nil
	}
	f := c.join(ctx, id, load)
	defer c.leave(id, f)
	select {
	case <-f.done:
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
	c.count(c.name, f.result)
	if f.err != nil {
		var none T
		return none, f.err
	}
	return c.traits.copyOf(f.v), nil
}

// join returns the flight of an id, and lets one begin when there is none.
func (c *cache[T]) join(ctx context.Context, id string, load func(context.Context) (T, error)) *flight[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, begun := c.flights[id]
	if !begun {
		// It ends when the last one who waits for it has gone, and not with the one who began it.
		reading, cancel := context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // the flight keeps cancel, and calls it
		f = &flight[T]{cancel: cancel, done: make(chan struct{})}
		c.flights[id] = f
		go c.fly(reading, id, f, load)
	}
	f.waiting++
	return f
}

func (c *cache[T]) leave(id string, f *flight[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.waiting--
	if f.waiting == 0 {
		f.cancel()
		c.end(id, f)
	}
}

// end lets nobody join a flight any more. The caller holds mu.
func (c *cache[T]) end(id string, f *flight[T]) {
	if c.flights[id] == f {
		delete(c.flights, id)
	}
}

func (c *cache[T]) fly(ctx context.Context, id string, f *flight[T], load func(context.Context) (T, error)) {
	defer close(f.done)
	defer func() {
		if failure := recover(); failure != nil { // in a goroutine of its own it would end the process
			f.err = fmt.Errorf("cached: reading one of the %s panicked: %v\n%s", c.name, failure, debug.Stack())
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.end(id, f)
	}()
	var before any
	if f.v, before, f.result = c.copies.look(ctx, id); f.result == Hit {
		return
	}
	if f.v, f.err = load(ctx); f.err == nil {
		c.copies.keep(ctx, id, before, f.v)
	}
}

// What is read is let go after the copies, as a reading may have begun with a copy until then. Who is reading may go on,
// and nobody joins.

// drop forgets a record.
func (c *cache[T]) drop(id string) {
	c.copies.drop(id)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, id)
}

// dropGroup forgets the records of a group, and what is being read, which may be one of them.
func (c *cache[T]) dropGroup(group string) {
	c.copies.dropGroup(group)
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.flights)
}

func (c *cache[T]) dropAll() {
	c.copies.dropAll()
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.flights)
}
