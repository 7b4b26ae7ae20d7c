package porttest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/ports"
)

// RunLocks runs the contract of locks. open returns the locks of two processes on one store, or the same ones twice where
// a store has one process only.
func RunLocks(t *testing.T, open func(t *testing.T) (one, other ports.Locks)) {
	t.Helper()
	for _, part := range []struct {
		name string
		test func(t *testing.T, one, other ports.Locks)
	}{
		{"OneCallerAtATimeHasAKey", func(t *testing.T, one, _ ports.Locks) { testLockExcludes(t, one, one) }},
		{"OneProcessAtATimeHasAKey", testLockExcludes},
		{"DifferentKeysAreHadSideBySide", testLockSideBySide},
		{"CallersOfOneProcessAreServedInOrder", testLockInOrder},
		{"WhoseContextEndsStopsWaiting", testLockContextEnds},
		{"AnEndedContextGetsNoKey", testLockContextEnded},
		{"HeldIsTheCallersContext", testLockHeld},
		{"AnAbandonedContextDoesNotGiveTheKeyBack", testLockAbandoned},
		{"NothingIsLostUnderLoad", testLockLoad},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			one, other := open(t)
			part.test(t, one, other)
		})
	}
}

// lock gets a key, or fails.
func lock(t *testing.T, l ports.Locks, key string) (unlock func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, unlock, err := l.Lock(ctx, key)
	if err != nil {
		t.Fatalf("lock %q: %v", key, err)
	}
	return unlock
}

// waiter waits for a key in the background. got is closed when it has it; it gives it back when the test ends, or when
// release is called.
type waiter struct {
	got     chan struct{}
	release func()
}

func await(t *testing.T, l ports.Locks, key string) *waiter {
	t.Helper()
	w := &waiter{got: make(chan struct{})}
	released, ended := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	w.release = sync.OnceFunc(func() {
		close(released)
		cancel()
		<-ended
	})
	t.Cleanup(w.release)
	go func() {
		defer close(ended)
		_, unlock, err := l.Lock(ctx, key)
		if err != nil {
			return // the test ended first
		}
		close(w.got)
		<-released
		unlock()
	}()
	return w
}

func (w *waiter) want(t *testing.T) {
	t.Helper()
	select {
	case <-w.got:
	case <-time.After(patience):
		t.Fatal("the key was given back, and who waits for it does not get it")
	}
}

func (w *waiter) wantNot(t *testing.T) {
	t.Helper()
	select {
	case <-w.got:
		t.Fatal("two have one key")
	case <-time.After(100 * time.Millisecond): // enough for a lock that does not hold to show it
	}
}

func testLockExcludes(t *testing.T, one, other ports.Locks) {
	unlock := lock(t, one, "conversation:7")
	second := await(t, other, "conversation:7")
	second.wantNot(t)
	unlock()
	second.want(t)
	third := await(t, one, "conversation:7")
	third.wantNot(t)
	second.release()
	third.want(t)
}

func testLockSideBySide(t *testing.T, one, other ports.Locks) {
	defer lock(t, one, "a")()
	defer lock(t, one, "b")()
	defer lock(t, other, "c")()
	defer lock(t, one, "")()
	defer lock(t, other, "a key with 'quotes', ção and much more of everything")()
}

func testLockInOrder(t *testing.T, one, _ ports.Locks) {
	unlock := lock(t, one, "key")
	var mu sync.Mutex
	var got, want []string
	var waiting sync.WaitGroup
	for i := range 10 {
		want = append(want, fmt.Sprint(i))
		waiting.Go(func() {
			_, unlock, err := one.Lock(t.Context(), "key")
			if err != nil {
				t.Errorf("lock: %v", err)
				return
			}
			mu.Lock()
			got = append(got, fmt.Sprint(i))
			mu.Unlock()
			unlock()
		})
		time.Sleep(20 * time.Millisecond) // it stands in the line before the next one comes
	}
	unlock()
	waiting.Wait()
	wantSame(t, "the order", got, want)
}

func testLockContextEnds(t *testing.T, one, other ports.Locks) {
	unlock := lock(t, one, "key")
	for name, l := range map[string]ports.Locks{"of the same process": one, "of another process": other} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, _, err := l.Lock(ctx, "key"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller %s: got error %v, want %v", name, err, context.DeadlineExceeded)
		}
		cancel()
	}
	unlock()
	lock(t, other, "key")()
	lock(t, one, "key")()
}

func testLockContextEnded(t *testing.T, one, _ ports.Locks) {
	_, _, err := one.Lock(cancelled(t), "key")
	wantCancelled(t, "Lock", err)
	lock(t, one, "key")()
}

func testLockHeld(t *testing.T, one, _ ports.Locks) {
	type mark struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), mark{}, "mine"))
	held, unlock, err := one.Lock(ctx, "key")
	okay(t, "lock", err)
	defer unlock()
	if held.Value(mark{}) != "mine" || held.Err() != nil {
		t.Errorf("held has the value %v and the error %v, want those of the caller's context", held.Value(mark{}), held.Err())
	}
	cancel()
	select {
	case <-held.Done():
	case <-time.After(patience):
		t.Error("held goes on when the caller's context has ended")
	}
}

func testLockAbandoned(t *testing.T, one, other ports.Locks) {
	ctx, cancel := context.WithCancel(t.Context())
	_, unlock, err := one.Lock(ctx, "key")
	okay(t, "lock", err)
	cancel()
	second := await(t, other, "key")
	second.wantNot(t)
	unlock()
	second.want(t)
}

func testLockLoad(t *testing.T, one, other ports.Locks) {
	const callers, times = 20, 50
	var inside atomic.Int32
	count := map[string]int{} // a key's number is guarded by its lock
	for _, key := range []string{"a", "b"} {
		count[key] = 0
	}
	var mu sync.Mutex // only for the map itself: reading and writing a number are two steps
	var running sync.WaitGroup
	for i := range callers {
		l, key := one, "a"
		if i%2 == 1 {
			l = other
		}
		if i%5 == 4 {
			key = "b"
		}
		running.Go(func() {
			for range times {
				_, unlock, err := l.Lock(t.Context(), key)
				if err != nil {
					t.Errorf("lock: %v", err)
					return
				}
				inside.Add(1)
				mu.Lock()
				n := count[key]
				mu.Unlock()
				time.Sleep(10 * time.Microsecond)
				mu.Lock()
				count[key] = n + 1
				mu.Unlock()
				unlock()
			}
		})
	}
	running.Wait()
	if got := count["a"] + count["b"]; got != callers*times || int(inside.Load()) != callers*times {
		t.Errorf("%d of %d increments are left", got, callers*times)
	}
}
