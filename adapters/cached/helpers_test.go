package cached_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/redis"
	"github.com/secretary-api/secretary/adapters/redis/redistest"
)

// sharedCache makes a cache with a key of its own, so that nobody else has anything in it.
func sharedCache(tb testing.TB) *redis.Cache {
	tb.Helper()
	return openCache(tb, redistest.URL(tb), newKey())
}

func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return key
}

// openCache connects to a server, which may take its time on a loaded machine.
func openCache(tb testing.TB, url string, key []byte) *redis.Cache {
	tb.Helper()
	c, err := redis.NewCache(redis.Options{URL: url, Key: key, Timeout: 5 * time.Second})
	if err != nil {
		tb.Fatalf("opening the cache: %v", err)
	}
	tb.Cleanup(c.Close)
	return c
}
