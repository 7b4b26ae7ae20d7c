package porttest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/ports"
)

// RunBus runs the contract of the bus. open returns the buses of two processes on one store, or the same one twice where
// a store has one process only.
func RunBus(t *testing.T, open func(t *testing.T) (one, other ports.Bus)) {
	t.Helper()
	for _, part := range []struct {
		name string
		test func(t *testing.T, one, other ports.Bus)
	}{
		{"ANoticeReachesTheSubscribersOfEveryProcess", testBusReaches},
		{"TopicsAreApart", testBusTopics},
		{"NoticesOfOnePublisherComeInTheirOrder", testBusOrder},
		{"AnEndedContextDoesNotStopANotice", testBusContext},
		{"ASlowSubscriberHoldsUpNobody", testBusSlow},
		{"ASubscriberIsCalledByOneGoroutineAtATime", testBusOneAtATime},
		{"WhoHasUnsubscribedHearsNoMore", testBusUnsubscribe},
		{"WhatIsConfirmedHasBeenDelivered", testBusConfirmed},
		{"NothingIsConfirmedPastASubscriberThatDoesNotReturn", testBusUnconfirmed},
		{"KeysMayBeLong", testBusKeys},
		{"NothingIsLostUnderLoad", testBusLoad},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			one, other := open(t)
			part.test(t, one, other)
		})
	}
}

// listener notes what a subscriber hears. Nothing is said of notices that come twice, and a gap may be told at any time:
// whoever is told of one knows that anything may have happened, so it is as good as every notice before it.
type listener struct {
	mu    sync.Mutex
	keys  []string // each when it came first, without gaps
	gaps  int
	heard chan struct{} // closed and made anew with every notice
}

func listen(t *testing.T, bus ports.Bus, topic string) *listener {
	t.Helper()
	l := &listener{heard: make(chan struct{})}
	t.Cleanup(bus.Subscribe(topic, l.hear))
	inOrder(t, bus)
	return l
}

// inOrder waits until a bus hears of everything. Until it does, who has just subscribed may be told of a gap only.
func inOrder(t *testing.T, bus ports.Bus) {
	t.Helper()
	now := time.Now()
	wait(t, "the bus to be in order", nil, func() bool { return bus.Confirmed().After(now) })
}

func (l *listener) hear(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case key == "":
		l.gaps++
	case !slices.Contains(l.keys, key):
		l.keys = append(l.keys, key)
	}
	close(l.heard)
	l.heard = make(chan struct{})
}

// has returns the keys, how many gaps there were, and what is closed with the next notice.
func (l *listener) has() (keys []string, gaps int, next <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.keys), l.gaps, l.heard
}

// want waits until the listener has heard the keys.
func (l *listener) want(t *testing.T, want ...string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		keys, _, next := l.has()
		if len(keys) >= len(want) {
			wantSame(t, "the keys", keys, want)
			return
		}
		select {
		case <-next:
		case <-deadline:
			t.Fatalf("got the keys %q, want %q", keys, want)
		}
	}
}

// wait waits until something is so.
func wait(t *testing.T, what string, notice <-chan struct{}, is func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for !is() {
		select {
		case <-notice:
		case <-time.After(5 * time.Millisecond):
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// settle waits until everything that was published until now has been delivered.
func settle(t *testing.T, buses ...ports.Bus) {
	t.Helper()
	for _, bus := range buses { // nothing is confirmed to who does not listen
		defer bus.Subscribe(ports.TopicRooms, func(string) {})()
	}
	// What is published is sent a little later, at the latest when the publisher's own confirmation has moved on.
	for range 2 {
		now := time.Now()
		for _, bus := range buses {
			wait(t, "the bus to confirm what was sent", nil, func() bool { return bus.Confirmed().After(now) })
		}
	}
}

func testBusReaches(t *testing.T, one, other ports.Bus) {
	here, there := listen(t, one, ports.TopicRooms), listen(t, other, ports.TopicRooms)
	second := listen(t, one, ports.TopicRooms)
	one.Publish(t.Context(), ports.TopicRooms, "1", "2")
	for _, l := range []*listener{here, there, second} {
		l.want(t, "1", "2")
	}
	other.Publish(t.Context(), ports.TopicRooms, "3")
	for _, l := range []*listener{here, there, second} {
		l.want(t, "1", "2", "3")
	}
}

func testBusTopics(t *testing.T, one, other ports.Bus) {
	rooms, changes := listen(t, other, ports.TopicRooms), listen(t, other, ports.TopicChanges)
	one.Publish(t.Context(), ports.TopicRooms, "7")
	one.Publish(t.Context(), "nobody", "8")
	one.Publish(t.Context(), ports.TopicChanges, "users:9")
	one.Publish(t.Context(), ports.TopicRooms)
	rooms.want(t, "7")
	changes.want(t, "users:9")
	settle(t, one, other)
	rooms.want(t, "7")
	changes.want(t, "users:9")
}

func testBusOrder(t *testing.T, one, other ports.Bus) {
	here, there := listen(t, one, ports.TopicRooms), listen(t, other, ports.TopicRooms)
	var want []string
	for i := range 200 {
		want = append(want, fmt.Sprint(i))
		one.Publish(t.Context(), ports.TopicRooms, fmt.Sprint(i))
		if i%50 == 0 {
			time.Sleep(20 * time.Millisecond) // so that some are sent while others come
		}
	}
	here.want(t, want...)
	there.want(t, want...)
}

func testBusContext(t *testing.T, one, other ports.Bus) {
	there := listen(t, other, ports.TopicRooms)
	one.Publish(cancelled(t), ports.TopicRooms, "1")
	there.want(t, "1")
}

func testBusSlow(t *testing.T, one, other ports.Bus) {
	there := listen(t, other, ports.TopicRooms)
	release := make(chan struct{})
	var slow listener
	slow.heard = make(chan struct{})
	t.Cleanup(other.Subscribe(ports.TopicRooms, func(key string) {
		<-release
		slow.hear(key)
	}))
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprint(i))
		one.Publish(t.Context(), ports.TopicRooms, fmt.Sprint(i))
	}
	there.want(t, want...)
	close(release)
	slow.want(t, want...)
}

func testBusOneAtATime(t *testing.T, one, other ports.Bus) {
	var inside, calls atomic.Int32
	t.Cleanup(other.Subscribe(ports.TopicRooms, func(string) {
		if inside.Add(1) > 1 {
			t.Error("two goroutines call the subscriber")
		}
		time.Sleep(time.Millisecond)
		inside.Add(-1)
		calls.Add(1)
	}))
	inOrder(t, other)
	var all sync.WaitGroup
	for i := range racers {
		all.Go(func() {
			one.Publish(t.Context(), ports.TopicRooms, fmt.Sprint("a", i))
			other.Publish(t.Context(), ports.TopicRooms, fmt.Sprint("b", i))
		})
	}
	all.Wait()
	wait(t, "the calls", nil, func() bool { return calls.Load() >= 2*racers })
}

func testBusUnsubscribe(t *testing.T, one, other ports.Bus) {
	stays := listen(t, other, ports.TopicRooms)
	var gone listener
	gone.heard = make(chan struct{})
	unsubscribe := other.Subscribe(ports.TopicRooms, gone.hear)
	inOrder(t, other)
	one.Publish(t.Context(), ports.TopicRooms, "1")
	gone.want(t, "1")
	stays.want(t, "1")
	settle(t, one, other)
	unsubscribe()
	one.Publish(t.Context(), ports.TopicRooms, "2")
	stays.want(t, "1", "2")
	settle(t, one, other)
	gone.want(t, "1")
}

func testBusConfirmed(t *testing.T, one, other ports.Bus) {
	there := listen(t, other, ports.TopicChanges)
	last := other.Confirmed()
	for i := range 5 {
		key := fmt.Sprint("users:", i)
		one.Publish(t.Context(), ports.TopicChanges, key)
		settle(t, one, other)
		keys, gaps, _ := there.has()
		if !slices.Contains(keys, key) && gaps == 0 {
			t.Errorf("%s was sent before what is confirmed, and was not delivered", key)
		}
		confirmed := other.Confirmed()
		if confirmed.Before(last) || confirmed.After(time.Now()) {
			t.Errorf("confirmed %v after %v, at %v", confirmed, last, time.Now())
		}
		last = confirmed
	}
}

func testBusUnconfirmed(t *testing.T, one, other ports.Bus) {
	listen(t, other, ports.TopicRooms)
	release, called := make(chan struct{}), make(chan struct{}, 1000)
	free := sync.OnceFunc(func() { close(release) })
	t.Cleanup(free)
	t.Cleanup(other.Subscribe(ports.TopicRooms, func(key string) {
		if key == "" {
			return
		}
		called <- struct{}{}
		<-release
	}))
	settle(t, one, other)
	one.Publish(t.Context(), ports.TopicRooms, "1")
	select {
	case <-called:
	case <-time.After(patience):
		t.Fatal("the notice does not come")
	}
	stuck := time.Now()
	time.Sleep(700 * time.Millisecond) // enough for a confirmation that does not wait to show it
	if confirmed := other.Confirmed(); confirmed.After(stuck) {
		t.Errorf("confirmed %v, while a notice waits since before %v", confirmed, stuck)
	}
	free()
	wait(t, "the confirmation", nil, func() bool { return other.Confirmed().After(stuck) })
}

func testBusKeys(t *testing.T, one, other ports.Bus) {
	there := listen(t, other, ports.TopicChanges)
	var want []string
	for i := range 300 { // more than one message may hold
		want = append(want, fmt.Sprintf("%0100d", i))
	}
	want = append(want, `api_keys:'quotes' "and" \more\, {a:b} $1 @x`)
	one.Publish(t.Context(), ports.TopicChanges, want...)
	there.want(t, want...)
}

func testBusLoad(t *testing.T, one, other ports.Bus) {
	const publishers, each = 8, 250
	here, there := listen(t, one, ports.TopicRooms), listen(t, other, ports.TopicRooms)
	ctx := context.WithoutCancel(t.Context())
	var all sync.WaitGroup
	for p := range publishers {
		bus := one
		if p%2 == 1 {
			bus = other
		}
		all.Go(func() {
			for i := range each {
				bus.Publish(ctx, ports.TopicRooms, fmt.Sprint(p*each+i))
			}
		})
	}
	all.Wait()
	for _, l := range []*listener{here, there} {
		wait(t, "every notice", nil, func() bool {
			keys, _, _ := l.has()
			return len(keys) == publishers*each
		})
	}
}
