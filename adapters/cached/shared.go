package cached

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/secretary-api/secretary/ports"
)

// shared keeps the copies of one table in the cache of all processes.
type shared[T any] struct {
	store  *Store
	table  string
	shape  []byte // of the record, before each value
	traits traits[T]
}

func newShared[T any](s *Store, table string, t traits[T]) *shared[T] {
	return &shared[T]{store: s, table: table, shape: shapeOf[T](), traits: t}
}

// shapeOf tells types apart by their fields. Processes of two versions of the program may share a cache for a while, and a
// copy that lacks a field would be taken for a record in which it is empty.
func shapeOf[T any]() []byte {
	var zero T
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v", zero))
	return hex.AppendEncode(nil, sum[:4])
}

func (s *shared[T]) quick(string) (T, bool) {
	var none T
	return none, false
}

func (s *shared[T]) look(ctx context.Context, id string) (v T, before any, r Result) {
	key := noticeOf(s.table, id)
	inOrder := s.store.inOrder()
	if s.store.later.has(key) {
		return v, nil, Bypass
	}
	found := s.store.opts.Shared.Look(ctx, key)
	switch {
	case found.Away:
		return v, nil, Bypass
	case found.Value == nil, found.Age >= s.store.opts.Lifetime, found.Age >= s.store.opts.Staleness && !inOrder:
		return v, found, Miss
	}
	v, ok := s.decode(found.Value)
	if !ok {
		return v, found, Miss
	}
	return v, nil, Hit
}

func (s *shared[T]) keep(ctx context.Context, id string, before any, v T) {
	found, ok := before.(ports.CacheLook)
	if !ok {
		return
	}
	value := bytes.NewBuffer(bytes.Clone(s.shape))
	if err := gob.NewEncoder(value).Encode(&v); err != nil {
		return // no record of a known type is like that
	}
	s.store.opts.Shared.Store(context.WithoutCancel(ctx), noticeOf(s.table, id), found, s.traits.groupOf(v), value.Bytes())
}

func (s *shared[T]) decode(value []byte) (v T, ok bool) {
	record, ok := bytes.CutPrefix(value, s.shape)
	if !ok || gob.NewDecoder(bytes.NewReader(record)).Decode(&v) != nil {
		var none T
		return none, false
	}
	return v, true
}

// What is dropped is dropped for all, see [Store.forget] and [forgetter].
func (s *shared[T]) drop(string)      {}
func (s *shared[T]) dropGroup(string) {}
func (s *shared[T]) dropAll()         {}

// forgetter tells the shared cache to forget what notices were about, as who hears them must not wait for it. Until that
// is done, nobody in this process looks for these records there.
type forgetter struct {
	cache ports.SharedCache

	mu      sync.Mutex
	pending map[string]int // how many notices of a key are not done yet
	queue   []string
	ring    chan struct{}
	stop    chan struct{}
	stopped chan struct{}
}

func newForgetter(cache ports.SharedCache) *forgetter {
	f := &forgetter{
		cache: cache, pending: map[string]int{}, ring: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	go f.run()
	return f
}

func (f *forgetter) add(key string) {
	f.mu.Lock()
	f.pending[key]++
	f.queue = append(f.queue, key)
	f.mu.Unlock()
	select {
	case f.ring <- struct{}{}:
	default: // it is awake
	}
}

func (f *forgetter) has(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pending[key] > 0
}

func (f *forgetter) run() {
	defer close(f.stopped)
	for {
		select {
		case <-f.ring:
		case <-f.stop:
			return
		}
		f.mu.Lock()
		keys := f.queue
		f.queue = nil
		f.mu.Unlock()
		if len(keys) == 0 {
			continue
		}
		f.cache.Forget(context.Background(), keys...)
		f.mu.Lock()
		for _, key := range keys {
			if f.pending[key]--; f.pending[key] == 0 {
				delete(f.pending, key)
			}
		}
		f.mu.Unlock()
	}
}

func (f *forgetter) close() {
	close(f.stop)
	<-f.stopped
}
