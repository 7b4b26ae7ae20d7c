package keylock

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

func TestAKeyIsServedInTheOrderOfArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l Locks
		unlock, err := l.Lock(t.Context(), "ana")
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var got, want []int
		for i := range 20 {
			want = append(want, i)
			go func() {
				unlock, err := l.Lock(t.Context(), "ana")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got = append(got, i)
				mu.Unlock()
				unlock()
			}()
			synctest.Wait() // the goroutine is waiting in the line
		}
		other, err := l.Lock(t.Context(), "bia")
		if err != nil {
			t.Fatalf("another key had to wait: %v", err)
		}
		other()
		if len(got) != 0 {
			t.Fatalf("%v went ahead of who holds the key", got)
		}
		unlock()
		synctest.Wait()
		if !slices.Equal(got, want) {
			t.Errorf("served %v, want %v", got, want)
		}
		if len(l.keys) != 0 {
			t.Errorf("%d keys are kept that nobody uses", len(l.keys))
		}
	})
}

func TestWhoStopsWaitingLeavesTheLine(t *testing.T) {
	t.Parallel()
	var l Locks
	unlock, err := l.Lock(t.Context(), "ana")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Lock(ctx, "ana"); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want the context's", err)
	}
	unlock()
	if again, err := l.Lock(t.Context(), "ana"); err != nil {
		t.Errorf("the key was lost: %v", err)
	} else {
		again()
	}
	if len(l.keys) != 0 {
		t.Errorf("%d keys are kept that nobody uses", len(l.keys))
	}
}
