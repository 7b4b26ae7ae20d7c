// Package keylock lets goroutines of one process take turns, key by key. Stores build their locks on it: one in memory
// needs no more, one in a database has only the first of each line ask for the database's lock.
package keylock

import (
	"context"
	"sync"
)

// Locks lets one caller at a time have a key, in the order they came. The zero value is ready. It must not be copied.
type Locks struct {
	mu   sync.Mutex
	keys map[string]*line
}

// line is who has a key and who waits for it.
type line struct {
	turn  chan struct{} // holds one token; the runtime wakes waiting receivers first come, first served
	users int
}

// Lock waits for the key, or until ctx ends, which is its error. The returned function gives the key back, and must be
// called once.
func (l *Locks) Lock(ctx context.Context, key string) (unlock func(), err error) {
	q := l.join(key)
	select {
	case <-q.turn:
		return func() {
			q.turn <- struct{}{}
			l.leave(key, q)
		}, nil
	case <-ctx.Done():
		l.leave(key, q)
		return nil, ctx.Err()
	}
}

func (l *Locks) join(key string) *line {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keys == nil {
		l.keys = map[string]*line{}
	}
	q, ok := l.keys[key]
	if !ok {
		q = &line{turn: make(chan struct{}, 1)}
		q.turn <- struct{}{}
		l.keys[key] = q
	}
	q.users++
	return q
}

func (l *Locks) leave(key string, q *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(l.keys, key) // a key that nobody uses costs no memory
	}
}
