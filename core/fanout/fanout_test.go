package fanout_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretary-api/secretary/core/fanout"
)

func at(second int) time.Time { return time.Date(2026, time.March, 9, 11, 0, second, 0, time.UTC) }

// heard keeps the keys that a subscriber got.
type heard struct {
	mu   sync.Mutex
	keys []string
}

func (h *heard) hear(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keys = append(h.keys, key)
}

func (h *heard) want(t *testing.T, keys ...string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Equal(h.keys, keys) {
		t.Errorf("got the keys %q, want %q", h.keys, keys)
	}
}

func TestKeysReachTheSubscribersOfTheirTopic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f fanout.Fanout
		var one, two, other heard
		f.Publish(at(0), "a", "before")
		f.Subscribe("a", one.hear)
		stop := f.Subscribe("a", two.hear)
		f.Subscribe("b", other.hear)
		f.Publish(at(1), "a", "1", "2")
		synctest.Wait()
		stop()
		stop()
		f.Publish(at(2), "a", "3")
		f.Publish(at(2), "b", "4")
		synctest.Wait()
		one.want(t, "1", "2", "3")
		two.want(t, "1", "2")
		other.want(t, "4")
		f.Gap(at(3))
		synctest.Wait()
		one.want(t, "1", "2", "3", "")
		other.want(t, "4", "")
	})
}

// blocked is a subscriber that does not return until it is released.
type blocked struct {
	heard
	release chan struct{}
}

func block(f *fanout.Fanout, topic string) *blocked {
	b := &blocked{release: make(chan struct{})}
	f.Subscribe(topic, func(key string) {
		b.hear(key)
		<-b.release
	})
	return b
}

func TestWaitingKeysWaitOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f fanout.Fanout
		b := block(&f, "a")
		f.Publish(at(0), "a", "1")
		synctest.Wait()
		f.Publish(at(0), "a", "1", "2", "3", "2", "1")
		close(b.release)
		synctest.Wait()
		b.want(t, "1", "1", "2", "3")
	})
}

func TestWhoIsFarBehindIsToldOfAGap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f fanout.Fanout
		b := block(&f, "a")
		f.Publish(at(0), "a", "first")
		synctest.Wait()
		for i := range 10_001 {
			f.Publish(at(0), "a", fmt.Sprint(i))
		}
		f.Publish(at(0), "a", "last")
		close(b.release)
		synctest.Wait()
		b.want(t, "first", "", "last")
	})
}

func TestDeliveredWaitsForSubscribers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f fanout.Fanout
		want := func(until, want int) {
			t.Helper()
			if got := f.Delivered(at(until)); !got.Equal(at(want)) {
				t.Errorf("until %v: delivered %v, want %v", at(until), got, at(want))
			}
		}
		b := block(&f, "a")
		want(1, 1)
		f.Publish(at(2), "a", "1")
		synctest.Wait()
		f.Publish(at(3), "a", "2")
		want(9, 2)
		b.release <- struct{}{}
		synctest.Wait()
		want(9, 3)
		b.release <- struct{}{}
		synctest.Wait()
		want(9, 9)
		want(8, 9)
	})
}

func TestAfterUnsubscribingNothingIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var f fanout.Fanout
		release := make(chan struct{})
		var h heard
		stop := f.Subscribe("a", func(key string) {
			h.hear(key)
			<-release
		})
		f.Publish(at(1), "a", "1", "2")
		synctest.Wait()
		stop()
		if got := f.Delivered(at(5)); !got.Equal(at(5)) {
			t.Errorf("delivered %v, want %v", got, at(5))
		}
		close(release)
		synctest.Wait()
		h.want(t, "1")
		if topics := f.Topics(); len(topics) != 0 {
			t.Errorf("got topics %q, want none", topics)
		}
	})
}
