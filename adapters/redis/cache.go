package redis

import (
	"bytes"
	"cmp"
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/secretary-api/secretary/ports"
)

const (
	defaultLifetime     = 5 * time.Minute
	longestLoad         = 5 * time.Second // of which the result is still stored
	markLifetime        = 2 * longestLoad // so a mark outlives every loading that began before it
	membersSuffix       = ":members"      // of the set of a group
	formatVersion       = "secretary:1:"  // of everything that is kept, and the beginning of every key
	tagSize             = 1 + 8 + 32 + 12 // of the head of a value, which no other value has
	runSize             = 32              // of the run id, which has 40 digits: that many are told apart enough
	markSize            = 1 + 16          // of a mark
	kindValue, kindMark = byte('v'), byte('m')
)

// Options is how a cache is kept, or how a bus goes. Zero values take the defaults.
type Options struct {
	// URL names the server: redis://user:password@host:port/database, or rediss:// for TLS.
	URL string
	// Key seals the copies, at least 32 bytes. Processes with different keys share nothing, and do not hear each other.
	Key []byte
	// Namespace tells stores apart that share a server and a key, such as the address of a database.
	Namespace string
	// Lifetime is how long a copy is kept; the default is 5 minutes. A bus keeps nothing.
	Lifetime time.Duration
	// Timeout is how long Redis may take for anything; the default is 100 ms, and 2 seconds for a bus, for which nobody
	// waits.
	Timeout time.Duration
	// Log is told when Redis goes away and when it comes back; nil is nobody.
	Log *slog.Logger
	// Failed is called for every failure of Redis; nil is nobody.
	Failed func()
}

// Cache keeps copies in Redis. It implements [ports.SharedCache].
type Cache struct {
	server   *server
	prefix   string
	seal     cipher.AEAD
	lifetime time.Duration
	store    *redis.Script
	forget   *redis.Script

	mu    sync.Mutex
	since trust
}

// trust says from when on copies are trusted, by the time of the server, in microseconds: those of the epoch.
type trust struct {
	known bool
	epoch uint64
	at    int64
}

// ticket is what was in Redis before a loading.
type ticket struct {
	seen  []byte // the tag of what was there, empty for nothing
	run   string
	at    int64 // by the server's time
	began time.Time
}

func (o Options) withDefaults(timeout time.Duration) Options {
	o.Lifetime, o.Timeout = cmp.Or(o.Lifetime, defaultLifetime), cmp.Or(o.Timeout, timeout)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Failed == nil {
		o.Failed = func() {}
	}
	return o
}

// NewCache makes a cache. It does not fail when the server is away. Errors: Invalid "invalid-redis-url", "invalid-key".
func NewCache(o Options) (*Cache, error) {
	o = o.withDefaults(defaultTimeout)
	seal, space, err := sealOf(o.Key, o.Namespace)
	if err != nil {
		return nil, err
	}
	c := &Cache{
		prefix: formatVersion + space + ":", seal: seal, lifetime: o.Lifetime,
		store: redis.NewScript(storeScript), forget: redis.NewScript(forgetScript),
	}
	c.server, err = newServer(o.URL, o.Timeout, o.Log, o.Failed, func(client *redis.Client) error { return c.mark(context.Background(), client, c.prefix+"probe") })
	return c, err
}

// Close gives the connections back. The cache must not be used any more.
func (c *Cache) Close() { c.server.close() }

// Up reports whether Redis answers.
func (c *Cache) Up() bool { return !c.server.state().away }

// Look implements [ports.SharedCache].
func (c *Cache) Look(ctx context.Context, key string) ports.CacheLook {
	before := c.server.state()
	if before.away {
		return ports.CacheLook{Away: true}
	}
	began := time.Now()
	// Whoever asks may give up meanwhile, which is no failure of Redis: its timeout is short.
	ctx = context.WithoutCancel(ctx)
	pipe := c.server.client.Pipeline()
	clock, got := pipe.Time(ctx), pipe.Get(ctx, c.prefix+key)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		c.server.down(err)
		return ports.CacheLook{Away: true}
	}
	now := clock.Val().UnixMicro()
	raw, _ := got.Bytes() // none when there is none
	found := ports.CacheLook{Ticket: ticket{seen: tagOf(raw), run: before.run, at: now, began: began}}
	after := c.server.state()
	since, ok := c.trusted(before.epoch, after.epoch, now)
	if !ok || after.run != before.run {
		return found
	}
	if value, loaded, run, ok := c.open(key, raw); ok && run == runOf(after.run) && loaded > since && loaded <= now {
		if age := time.Duration(now-loaded) * time.Microsecond; age < c.lifetime {
			found.Value, found.Age = value, age
		}
	}
	return found
}

// trusted returns from when on copies are trusted that were found by a look, before which and after which the server was
// in these epochs, and which took place now. The first look of an epoch decides.
func (c *Cache) trusted(before, after uint64, now int64) (since int64, ok bool) {
	if before != after {
		return 0, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.since.known || c.since.epoch < before {
		c.since = trust{true, before, now}
	}
	return c.since.at, c.since.epoch == before
}

// storeScript stores a value if what is there is what was seen before it was loaded.
const storeScript = `
if string.sub(redis.call('GET', KEYS[1]) or '', 1, #ARGV[2]) ~= ARGV[2] or ARGV[2] == '' and redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
if KEYS[2] then
  redis.call('SADD', KEYS[2], KEYS[1])
  redis.call('PEXPIRE', KEYS[2], 2 * ARGV[3])
end
return 1`

// Store implements [ports.SharedCache].
func (c *Cache) Store(ctx context.Context, key string, l ports.CacheLook, group string, value []byte) {
	t, ok := l.Ticket.(ticket)
	now := c.server.state()
	if !ok || now.away || now.run != t.run || t.run == "" || time.Since(t.began) > longestLoad {
		return
	}
	keys := []string{c.prefix + key}
	if group != "" {
		keys = append(keys, c.prefix+group+membersSuffix)
	}
	sealed := c.wrap(key, t, value)
	if err := c.store.Run(context.WithoutCancel(ctx), c.server.client, keys, sealed, t.seen, c.lifetime.Milliseconds()).Err(); err != nil {
		c.server.down(err)
	}
}

// forgetScript marks keys, and the members of the groups of that name, as forgotten.
const forgetScript = `
for _, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
  local group = key .. ARGV[3]
  for _, member in ipairs(redis.call('SMEMBERS', group)) do
    redis.call('SET', member, ARGV[1], 'PX', ARGV[2])
  end
  redis.call('DEL', group)
end
return 1`

// Forget implements [ports.SharedCache].
func (c *Cache) Forget(ctx context.Context, keys ...string) {
	if len(keys) == 0 || c.server.state().away { // when it is back, nothing is trusted that is there
		return
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = c.prefix + key
	}
	if err := c.mark(ctx, c.server.client, names...); err != nil {
		c.server.missed()
		c.server.down(err)
	}
}

// mark writes over what is kept.
func (c *Cache) mark(ctx context.Context, client *redis.Client, names ...string) error {
	mark := make([]byte, markSize)
	mark[0] = kindMark
	_, _ = rand.Read(mark[1:]) // never fails since Go 1.24
	return c.forget.Run(context.WithoutCancel(ctx), client, names, mark, markLifetime.Milliseconds(), membersSuffix).Err()
}

// Distrust implements [ports.SharedCache].
func (c *Cache) Distrust() { c.server.missed() }

// A value is a head, which tells it from every other one and is authenticated with it, and the sealed copy:
// 'v', when its loading began (8 bytes, microseconds), the beginning of the server's run id, and a nonce.

func (c *Cache) wrap(key string, t ticket, value []byte) []byte {
	head := make([]byte, 0, tagSize+len(value)+c.seal.Overhead())
	head = append(head, kindValue)
	head = binary.BigEndian.AppendUint64(head, uint64(t.at)) //nolint:gosec // the server's clock is not before 1970
	head = append(head, runOf(t.run)...)
	nonce := make([]byte, tagSize-len(head))
	_, _ = rand.Read(nonce)
	head = append(head, nonce...)
	return c.seal.Seal(head, nonce, value, append([]byte(c.prefix+key), head...))
}

func (c *Cache) open(key string, raw []byte) (value []byte, loaded int64, run string, ok bool) {
	if len(raw) < tagSize || raw[0] != kindValue {
		return nil, 0, "", false
	}
	head := raw[:tagSize]
	value, err := c.seal.Open(nil, head[tagSize-12:], raw[tagSize:], append([]byte(c.prefix+key), head...))
	if err != nil { // somebody else's
		return nil, 0, "", false
	}
	return value, int64(binary.BigEndian.Uint64(head[1:])), string(head[9 : 9+runSize]), true //nolint:gosec // as it was written
}

// tagOf is the part of a value or of a mark that no other one has.
func tagOf(raw []byte) []byte { return bytes.Clone(raw[:min(len(raw), tagSize)]) }

// runOf is as much of a run id as a value holds.
func runOf(run string) string { return (run + string(make([]byte, runSize)))[:runSize] }

var _ ports.SharedCache = (*Cache)(nil)
