package redis_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/redis/go-redis/v9"

	"github.com/secretary-api/secretary/adapters/redis"
	"github.com/secretary-api/secretary/adapters/redis/redistest"
	"github.com/secretary-api/secretary/core/errs"
)

const patience = 20 * time.Second

// open makes a cache. Its timeout is long, as the machine may be loaded, unless edit changes it.
func open(t *testing.T, url string, key []byte, edit ...func(*redis.Options)) *redis.Cache {
	t.Helper()
	o := redis.Options{URL: url, Key: key, Timeout: 5 * time.Second}
	for _, change := range edit {
		change(&o)
	}
	c, err := redis.NewCache(o)
	if err != nil {
		t.Fatalf("NewCache: %v", err)
	}
	t.Cleanup(c.Close)
	c.Look(t.Context(), "first") // from now on copies are trusted
	time.Sleep(time.Millisecond)
	return c
}

func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return key
}

// pair are the caches of two processes, with a server that others use too.
func pair(t *testing.T) (one, other *redis.Cache) {
	t.Helper()
	url, key := redistest.URL(t), newKey()
	return open(t, url, key), open(t, url, key)
}

func put(t *testing.T, c *redis.Cache, key, group, value string) {
	t.Helper()
	c.Store(t.Context(), key, c.Look(t.Context(), key), group, []byte(value))
}

func want(t *testing.T, what string, c *redis.Cache, key, value string) {
	t.Helper()
	if got := string(c.Look(t.Context(), key).Value); got != value {
		t.Errorf("%s: found %q, want %q", what, got, value)
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestACopyIsFoundByEveryProcessUntilItIsForgotten(t *testing.T) {
	t.Parallel()
	one, other := pair(t)
	want(t, "at first", one, "users:1", "")
	put(t, one, "users:1", "", "ana")
	want(t, "one", one, "users:1", "ana")
	want(t, "the other", other, "users:1", "ana")
	other.Forget(t.Context(), "users:2", "users:1")
	want(t, "one, forgotten", one, "users:1", "")
	want(t, "the other, forgotten", other, "users:1", "")
	put(t, one, "users:1", "", "bia")
	want(t, "the other, stored again", other, "users:1", "bia")
}

func TestALoadingThatBeganBeforeAChangeIsNotStored(t *testing.T) {
	t.Parallel()
	one, other := pair(t)
	for i, before := range []func(key string){
		func(string) {},
		func(key string) { put(t, one, key, "", "older") },
		func(key string) { one.Forget(t.Context(), key) },
	} {
		key := fmt.Sprint("users:", i)
		before(key)
		began := one.Look(t.Context(), key)
		other.Forget(t.Context(), key)
		one.Store(t.Context(), key, began, "", []byte("old"))
		want(t, key, other, key, "")
		want(t, key, one, key, "")
	}
}

func TestOfTwoLoadingsTheFirstIsStored(t *testing.T) {
	t.Parallel()
	one, other := pair(t)
	first, second := one.Look(t.Context(), "users:1"), other.Look(t.Context(), "users:1")
	one.Store(t.Context(), "users:1", first, "", []byte("first"))
	other.Store(t.Context(), "users:1", second, "", []byte("second"))
	want(t, "one", one, "users:1", "first")
}

func TestAGroupIsForgottenWithItsName(t *testing.T) {
	t.Parallel()
	one, other := pair(t)
	put(t, one, "departments:1", "entities:1", "a")
	put(t, other, "departments:2", "entities:1", "b")
	put(t, one, "departments:3", "entities:2", "c")
	other.Forget(t.Context(), "entities:1")
	want(t, "the first", one, "departments:1", "")
	want(t, "the second", one, "departments:2", "")
	want(t, "another group's", other, "departments:3", "c")
}

func TestAfterDistrustNothingIsFoundThatWasLoadedBefore(t *testing.T) {
	t.Parallel()
	one, other := pair(t)
	put(t, one, "users:1", "", "ana")
	one.Distrust()
	want(t, "one", one, "users:1", "")
	want(t, "the other, who trusts it", other, "users:1", "ana")
	put(t, one, "users:1", "", "bia")
	want(t, "one, loaded since", one, "users:1", "bia")
	want(t, "the other, loaded since", other, "users:1", "bia")
}

func TestALoadingThatBeganBeforeDistrustIsNotTrusted(t *testing.T) {
	t.Parallel()
	one, _ := pair(t)
	began := one.Look(t.Context(), "users:1")
	one.Distrust()
	want(t, "looked for", one, "users:1", "")
	one.Store(t.Context(), "users:1", began, "", []byte("old"))
	want(t, "one", one, "users:1", "")
}

func TestACopyLivesForItsLifetime(t *testing.T) {
	t.Parallel()
	c := open(t, redistest.URL(t), newKey(), func(o *redis.Options) { o.Lifetime = 300 * time.Millisecond })
	began := time.Now()
	put(t, c, "users:1", "", "ana")
	found := c.Look(t.Context(), "users:1")
	if took := time.Since(began); string(found.Value) != "ana" && took < 300*time.Millisecond {
		t.Errorf("found %q after %v, want the copy", found.Value, took)
	}
	if found.Age < 0 || found.Age > time.Since(began) {
		t.Errorf("age %v, want one from 0 to %v", found.Age, time.Since(began))
	}
	eventually(t, "the end of the copy", func() bool { return c.Look(t.Context(), "users:1").Value == nil })
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("it was gone after %v", took)
	}
}

func TestOnlyWhoHasTheKeyFindsACopyAndNobodyReadsIt(t *testing.T) {
	t.Parallel()
	url, key := redistest.URL(t), newKey()
	c := open(t, url, key)
	put(t, c, "users:1", "", "MANAGER secret")
	want(t, "another key", open(t, url, newKey()), "users:1", "")
	want(t, "another namespace", open(t, url, key, func(o *redis.Options) { o.Namespace = "other" }), "users:1", "")

	raw := rawClient(t, url)
	stored := 0
	for _, name := range raw.Keys(t.Context(), "*users:1").Val() {
		value := raw.Get(t.Context(), name).Val()
		if strings.Contains(value, "secret") || strings.Contains(value, "MANAGER") {
			t.Errorf("the copy can be read in Redis: %q", value)
		}
		stored++
	}
	if stored == 0 {
		t.Fatal("the copy is not where it was looked for")
	}
}

func TestWhatSomebodyElseWroteIsNoCopy(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	c := open(t, s.URL, newKey())
	put(t, c, "users:1", "", "admin of 1")
	put(t, c, "users:2", "", "manager")
	raw := rawClient(t, s.URL)
	name := func(key string) string { return raw.Keys(t.Context(), "*"+key).Val()[0] }
	manager := raw.Get(t.Context(), name("users:2")).Val()
	broken := []byte(manager)
	broken[len(broken)-1] ^= 1
	for what, value := range map[string]string{"another record's copy": manager, "a broken one": string(broken), "text": "v", "none": ""} {
		raw.Set(t.Context(), name("users:1"), value, 0)
		want(t, what, c, "users:1", "")
	}
	raw.Set(t.Context(), name("users:1"), "v", 0)
	put(t, c, "users:1", "", "admin again")
	want(t, "stored over it", c, "users:1", "admin again")
}

func rawClient(t *testing.T, url string) *client.Client {
	t.Helper()
	options, err := client.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	raw := client.NewClient(options)
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}

// journal is where a cache logs.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) lines(with string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), with)
}

func TestWhileRedisHangsNobodyWaitsAndAfterwardsNothingOldIsFound(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	key := newKey()
	var log journal
	one := open(t, s.URL, key, func(o *redis.Options) {
		o.Timeout, o.Log = 200*time.Millisecond, slog.New(slog.NewTextHandler(&log, nil))
	})
	other := open(t, s.URL, key, func(o *redis.Options) { o.Timeout = time.Minute })
	eventually(t, "a copy", func() bool {
		put(t, one, "users:1", "", "old")
		put(t, one, "users:2", "", "old")
		return one.Look(t.Context(), "users:1").Value != nil && one.Look(t.Context(), "users:2").Value != nil
	})

	s.Hang(t)
	// The other process does not notice, and neither forgets.
	one.Forget(t.Context(), "users:1")
	if one.Up() {
		t.Error("the cache is up, although Redis did not take what it was told")
	}
	began := time.Now()
	for range 1000 {
		found := one.Look(t.Context(), "users:1")
		if !found.Away || found.Value != nil {
			t.Fatalf("found %+v, want that the cache is away", found)
		}
		one.Store(t.Context(), "users:1", found, "", []byte("x"))
		one.Forget(t.Context(), "users:2") // Redis is not even told
	}
	if took := time.Since(began); took > 5*time.Second { // each of them would wait for a fifth of a second
		t.Errorf("3000 calls of a cache that is away took %v", took)
	}
	s.Continue(t)
	eventually(t, "the cache to be back", one.Up)
	want(t, "one, who could not have it forgotten", one, "users:1", "")
	want(t, "one, who could not have the other one forgotten", one, "users:2", "")
	put(t, one, "users:1", "", "new")
	want(t, "one", one, "users:1", "new")
	want(t, "the other", other, "users:1", "new")
	eventually(t, "both lines of the log", func() bool { return log.lines("Redis is back") > 0 })
	if away, back := log.lines("Redis is away"), log.lines("Redis is back"); away != back {
		t.Errorf("logged %d times that it is away, %d times that it is back", away, back)
	}
}

func TestAServerThatWasRestartedIsAnotherOne(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	key := newKey()
	one, other := open(t, s.URL, key), open(t, s.URL, key)
	began := one.Look(t.Context(), "users:1")
	put(t, one, "users:2", "", "old")
	// What is marked as forgotten is gone with the server, and the loading that began before ends after.
	other.Forget(t.Context(), "users:1")
	s.Kill(t)
	s.Restart(t)
	one.Store(t.Context(), "users:1", began, "", []byte("old"))
	eventually(t, "both to be back", func() bool {
		one.Look(t.Context(), "x")
		other.Look(t.Context(), "x")
		return one.Up() && other.Up()
	})
	for what, c := range map[string]*redis.Cache{"one": one, "the other": other} {
		want(t, what, c, "users:1", "")
		want(t, what, c, "users:2", "")
	}
	eventually(t, "a new copy", func() bool {
		put(t, one, "users:1", "", "new")
		return string(other.Look(t.Context(), "users:1").Value) == "new"
	})
}

func TestAServerThatRefusesToStoreIsAway(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	var log journal
	var failures int
	c := open(t, s.URL, newKey(), func(o *redis.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
		o.Failed = func() { failures++ }
	})
	put(t, c, "users:1", "", "old")
	raw := rawClient(t, s.URL)
	if err := raw.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	c.Forget(t.Context(), "users:1")
	if c.Up() || failures == 0 {
		t.Errorf("up %v after %d failures, want a cache that is away", c.Up(), failures)
	}
	time.Sleep(600 * time.Millisecond) // two probes, which a server that only answers would pass
	if c.Up() {
		t.Error("the cache is back while the server takes nothing")
	}
	if err := raw.ConfigSet(t.Context(), "maxmemory", "0").Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the cache to be back", c.Up)
	want(t, "what could not be forgotten", c, "users:1", "")
	if got := log.lines("Redis is away"); got != 1 {
		t.Errorf("logged %d times that Redis is away, want once", got)
	}
}

func TestACacheWithoutAServerStartsAndIsThereWhenTheServerIs(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	s.Kill(t)
	c := open(t, s.URL, newKey())
	if c.Up() {
		t.Error("up without a server")
	}
	c.Forget(t.Context(), "users:1")
	s.Restart(t)
	eventually(t, "the cache", c.Up)
	eventually(t, "a copy", func() bool {
		put(t, c, "users:1", "", "ana")
		return string(c.Look(t.Context(), "users:1").Value) == "ana"
	})
}

func TestBadOptionsAreRefusedWithoutBeingRepeated(t *testing.T) {
	t.Parallel()
	for code, o := range map[string]redis.Options{
		"invalid-redis-url": {URL: "http://:hunter2@localhost", Key: newKey()},
		"invalid-key":       {URL: "redis://localhost", Key: []byte("hunter2")},
	} {
		_, err := redis.NewCache(o)
		if errs.CodeOf(err) != code || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got error %v, want %s without the secret", err, code)
		}
	}
}
