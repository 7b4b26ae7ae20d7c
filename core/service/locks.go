package service

import (
	"context"
	"sync"
)

// keyedLock lets one caller at a time work on a key, in the order they came.
type keyedLock struct {
	mu   sync.Mutex
	keys map[string]*keyQueue
}

type keyQueue struct {
	turn  chan struct{} // holds one token; the runtime wakes waiting receivers first come, first served
	users int
}

// lock waits for the key, or for ctx to end. The returned function gives the key back.
func (l *keyedLock) lock(ctx context.Context, key string) (unlock func(), err error) {
	l.mu.Lock()
	if l.keys == nil {
		l.keys = map[string]*keyQueue{}
	}
	q, ok := l.keys[key]
	if !ok {
		q = &keyQueue{turn: make(chan struct{}, 1)}
		q.turn <- struct{}{}
		l.keys[key] = q
	}
	q.users++
	l.mu.Unlock()

	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if q.users--; q.users == 0 {
			delete(l.keys, key) // a key that nobody uses costs no memory
		}
	}
	select {
	case <-q.turn:
		return func() {
			q.turn <- struct{}{}
			leave()
		}, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
