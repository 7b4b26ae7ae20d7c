package redis_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/redis"
	"github.com/secretary-api/secretary/adapters/redis/redistest"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

func openBus(t *testing.T, url string, key []byte, edit ...func(*redis.Options)) *redis.Bus {
	t.Helper()
	o := redis.Options{URL: url, Key: key}
	for _, change := range edit {
		change(&o)
	}
	b, err := redis.NewBus(o)
	if err != nil {
		t.Fatalf("NewBus: %v", err)
	}
	t.Cleanup(b.Close)
	return b
}

func TestBusContract(t *testing.T) {
	t.Parallel()
	porttest.RunBus(t, func(t *testing.T) (one, other ports.Bus) {
		t.Helper()
		url, key := redistest.URL(t), newKey()
		return openBus(t, url, key), openBus(t, url, key)
	})
}

// hearing notes what a subscriber hears.
type hearing struct {
	mu   sync.Mutex
	keys []string
}

func (h *hearing) hear(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keys = append(h.keys, key)
}

// without returns the keys that were heard, without gaps.
func (h *hearing) without() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(h.keys), func(key string) bool { return key == "" })
}

func (h *hearing) count(key string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range h.keys {
		if k == key {
			n++
		}
	}
	return n
}

func subscribed(t *testing.T, bus ports.Bus, topic string) *hearing {
	t.Helper()
	h := &hearing{}
	t.Cleanup(bus.Subscribe(topic, h.hear))
	inOrder(t, bus)
	return h
}

func inOrder(t *testing.T, bus ports.Bus) {
	t.Helper()
	now := time.Now()
	eventually(t, "the bus to confirm", func() bool { return bus.Confirmed().After(now) })
}

func TestTwoBusesOnOneServerReachEachOther(t *testing.T) {
	t.Parallel()
	url, key := redistest.URL(t), newKey()
	one, other := openBus(t, url, key), openBus(t, url, key)
	here, there := subscribed(t, one, ports.TopicRooms), subscribed(t, other, ports.TopicRooms)
	one.Publish(t.Context(), ports.TopicRooms, "1")
	eventually(t, "the other's notice", func() bool { return there.count("1") > 0 })
	other.Publish(t.Context(), ports.TopicRooms, "2")
	eventually(t, "one's notice", func() bool { return here.count("2") > 0 })
	inOrder(t, one)
	inOrder(t, other)
	for what, h := range map[string]*hearing{"one": here, "the other": there} {
		if h.count("1") != 1 || h.count("2") != 1 {
			t.Errorf("%s heard %q, want each once", what, h.keys)
		}
	}
}

func TestBusesOfOtherStoresAreNotHeard(t *testing.T) {
	t.Parallel()
	url, key := redistest.URL(t), newKey()
	heard := subscribed(t, openBus(t, url, key), ports.TopicRooms)
	for what, stranger := range map[string]*redis.Bus{
		"another-key":       openBus(t, url, newKey()),
		"another-namespace": openBus(t, url, key, func(o *redis.Options) { o.Namespace = "other" }),
	} {
		subscribed(t, stranger, ports.TopicRooms)
		stranger.Publish(t.Context(), ports.TopicRooms, what)
		inOrder(t, stranger)
	}
	friend := openBus(t, url, key)
	friend.Publish(t.Context(), ports.TopicRooms, "last")
	eventually(t, "the last notice", func() bool { return heard.count("last") > 0 })
	if got := heard.without(); !slices.Equal(got, []string{"last"}) {
		t.Errorf("heard %q, want the last only", got)
	}
}

func TestAfterARestartOfRedisEverybodyIsToldOfAGapAndHearsAgain(t *testing.T) {
	t.Parallel()
	s, key := redistest.Start(t), newKey()
	var log journal
	one := openBus(t, s.URL, key)
	other := openBus(t, s.URL, key, func(o *redis.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	rooms, changes := subscribed(t, other, ports.TopicRooms), subscribed(t, other, ports.TopicChanges)
	own := subscribed(t, one, ports.TopicRooms)
	gaps := rooms.count("") + changes.count("")

	s.Kill(t)
	killed := time.Now()
	one.Publish(t.Context(), ports.TopicRooms, "7")
	eventually(t, "the own process's notice", func() bool { return own.count("7") > 0 })
	time.Sleep(4 * 250 * time.Millisecond) // several beats
	if confirmed := other.Confirmed(); confirmed.After(killed) {
		t.Errorf("confirmed %v, and nothing can have come since %v", confirmed, killed)
	}
	if n := rooms.count("") + changes.count(""); n != gaps {
		t.Errorf("told of %d gaps while nothing is heard, want %d", n, gaps)
	}

	s.Restart(t)
	inOrder(t, one)
	inOrder(t, other)
	eventually(t, "the gaps", func() bool {
		return rooms.count("") > 0 && changes.count("") > 0 && rooms.count("")+changes.count("") >= gaps+2
	})
	one.Publish(t.Context(), ports.TopicRooms, "8")
	eventually(t, "a notice", func() bool { return rooms.count("8") > 0 })
	if lost, again := log.lines("was lost"), log.lines("heard again"); lost != 1 || again != 1 {
		t.Errorf("logged %d times that the connection was lost and %d times that all is well, want once each:\n%s", lost, again, &log.text)
	}
}

func TestWhatIsPublishedWhileRedisIsAwayIsSentLaterAndConfirmedLater(t *testing.T) {
	t.Parallel()
	s, key := redistest.Start(t), newKey()
	var failures sync.Map
	one := openBus(t, s.URL, key, func(o *redis.Options) { o.Failed = func() { failures.Store("any", true) } })
	other := openBus(t, s.URL, key, func(o *redis.Options) { o.Timeout = time.Minute })
	subscribed(t, one, ports.TopicChanges)
	there := subscribed(t, other, ports.TopicRooms)

	s.Hang(t)
	hung := time.Now()
	var want []string
	for i := range 2000 {
		want = append(want, fmt.Sprint(i))
		one.Publish(t.Context(), ports.TopicRooms, fmt.Sprint(i))
	}
	if took := time.Since(hung); took > 10*time.Second { // each of them would wait for two seconds
		t.Errorf("2000 notices took %v while Redis hangs", took)
	}
	eventually(t, "a failure", func() bool { _, failed := failures.Load("any"); return failed })
	if confirmed := one.Confirmed(); confirmed.After(hung) {
		t.Errorf("confirmed %v, and nothing can have left since %v", confirmed, hung)
	}
	s.Continue(t)
	eventually(t, "all notices", func() bool { return there.count("1999") > 0 })
	got := there.without()
	slices.Sort(got)
	slices.Sort(want)
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("heard %d notices, want %d", len(got), len(want))
	}
	inOrder(t, one)
}

func TestABusWithoutAServerStartsAndIsThereWhenTheServerIs(t *testing.T) {
	t.Parallel()
	s, key := redistest.Start(t), newKey()
	s.Kill(t)
	one, other := openBus(t, s.URL, key), openBus(t, s.URL, key)
	var here, there hearing
	t.Cleanup(one.Subscribe(ports.TopicRooms, here.hear))
	t.Cleanup(other.Subscribe(ports.TopicRooms, there.hear))
	one.Publish(t.Context(), ports.TopicRooms, "1")
	eventually(t, "the own process's notice", func() bool { return here.count("1") == 1 })
	if confirmed := one.Confirmed(); !confirmed.IsZero() {
		t.Errorf("confirmed %v without a server", confirmed)
	}
	s.Restart(t)
	inOrder(t, other)
	one.Publish(t.Context(), ports.TopicRooms, "2")
	eventually(t, "the notice", func() bool { return there.count("2") > 0 })
}

func TestNoticesThatComeAtOnceAreSentTogether(t *testing.T) {
	t.Parallel()
	url, key := redistest.URL(t), newKey()
	here, there := openBus(t, url, key), openBus(t, url, key)
	heard := subscribed(t, there, ports.TopicRooms)
	for range 1000 {
		here.Publish(t.Context(), ports.TopicRooms, "7")
	}
	here.Publish(t.Context(), ports.TopicRooms, "last")
	eventually(t, "the last one", func() bool { return heard.count("last") == 1 })
	if n := heard.count("7"); n > 100 {
		t.Errorf("the other process was told %d times of the same key", n)
	}
}

func TestOneConnectionListensHoweverManySubscribe(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	bus := openBus(t, s.URL, newKey())
	for range 5 {
		subscribed(t, bus, ports.TopicRooms)
		subscribed(t, bus, ports.TopicChanges)
	}
	listening := 0
	for line := range strings.Lines(rawClient(t, s.URL).ClientList(t.Context()).Val()) {
		if !strings.Contains(line, " sub=0 ") {
			listening++
		}
	}
	if listening != 1 {
		t.Errorf("%d connections listen, want 1", listening)
	}
}

func TestWhatWasPublishedIsSentBeforeTheBusIsClosed(t *testing.T) {
	t.Parallel()
	url, key := redistest.URL(t), newKey()
	heard := subscribed(t, openBus(t, url, key), ports.TopicRooms)
	closing := openBus(t, url, key)
	want := strings.Fields("1 2 3 4 5")
	for _, key := range want {
		closing.Publish(t.Context(), ports.TopicRooms, key)
	}
	closing.Close()
	closing.Publish(t.Context(), ports.TopicRooms, "late")
	eventually(t, "all notices", func() bool { return heard.count("5") == 1 })
	if got := heard.without(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBadOptionsOfABusAreRefusedWithoutBeingRepeated(t *testing.T) {
	t.Parallel()
	for code, o := range map[string]redis.Options{
		"invalid-redis-url": {URL: "http://:hunter2@localhost", Key: newKey()},
		"invalid-key":       {URL: "redis://localhost", Key: []byte("hunter2")},
	} {
		_, err := redis.NewBus(o)
		if errs.CodeOf(err) != code || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got error %v, want %s without the secret", err, code)
		}
	}
}
