package cached

import (
	"context"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
)

// local keeps the copies of one table in the process.
type local[T any] struct {
	store  *Store
	traits traits[T]
	kept   *otter.Cache[string, kept[T]]

	// Keeping and dropping take turns, so that nothing is kept that was loaded before a drop, of whatever record.
	mu    sync.Mutex
	drops uint64
}

type kept[T any] struct {
	v      T
	loaded time.Time // or a little before
}

// moment is when a loading began.
type moment struct {
	drops uint64
	at    time.Time
}

func newLocal[T any](s *Store, t traits[T]) *local[T] {
	return &local[T]{store: s, traits: t, kept: otter.Must(&otter.Options[string, kept[T]]{MaximumSize: s.opts.Size})}
}

func (l *local[T]) quick(id string) (T, bool) {
	inOrder := l.store.inOrder()
	k, ok := l.kept.GetIfPresent(id)
	if ok {
		age := l.store.opts.Now().Sub(k.loaded)
		ok = age < l.store.opts.Staleness || inOrder && age < l.store.opts.Lifetime
	}
	return k.v, ok
}

// look looks once more: another reading may have ended just before this one began.
func (l *local[T]) look(_ context.Context, id string) (v T, before any, r Result) {
	l.mu.Lock()
	now := moment{l.drops, l.store.opts.Now()}
	l.mu.Unlock()
	if v, ok := l.quick(id); ok {
		return v, nil, Hit
	}
	return v, now, Miss
}

func (l *local[T]) keep(_ context.Context, id string, before any, v T) {
	began, _ := before.(moment)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.drops == began.drops {
		l.kept.Set(id, kept[T]{l.traits.copyOf(v), began.at})
	}
}

func (l *local[T]) drop(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drops++
	l.kept.Invalidate(id)
}

func (l *local[T]) dropGroup(group string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drops++
	for id, k := range l.kept.All() {
		if l.traits.groupOf(k.v) == group {
			l.kept.Invalidate(id)
		}
	}
}

func (l *local[T]) dropAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drops++
	l.kept.InvalidateAll()
}
