package ports

import (
	"context"
	"time"
)

// SharedCache keeps copies of records outside of the process, for all processes of one store. It never fails: a cache
// that is away is one that has nothing, and whoever asks reads the store.
type SharedCache interface {
	// Look looks for the copy of a key. It returns none that was loaded before the key was forgotten by any process, nor
	// before this process called Distrust or could not make the cache forget something.
	Look(ctx context.Context, key string) CacheLook
	// Store keeps a copy that was loaded after Look had returned l for its key, unless the key was forgotten or stored
	// meanwhile, or the cache is another one now. The copy is forgotten with its key, and with the group, if it has one.
	Store(ctx context.Context, key string, l CacheLook, group string, value []byte)
	// Forget drops the copies of the keys, and those whose group is one of the keys. When it returns, Look in this process
	// finds none of them, whether the cache could be reached or not.
	Forget(ctx context.Context, keys ...string)
	// Distrust has this process use nothing any more that was loaded before: it may have missed that it was to be forgotten.
	Distrust()
}

// CacheLook is what [SharedCache.Look] found.
type CacheLook struct {
	Away   bool          // the cache could not be asked
	Value  []byte        // nil: there is no copy
	Age    time.Duration // since the loading of the copy began, or a little more
	Ticket any           // how the cache knows what was there; for [SharedCache.Store]
}
