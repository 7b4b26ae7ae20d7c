package gather

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// work is what a group does: it notes which calls come together, and takes its time.
type work struct {
	mu    sync.Mutex
	runs  [][]int
	takes time.Duration
}

func (w *work) do(_ context.Context, calls []int) ([]string, error) {
	w.mu.Lock()
	w.runs = append(w.runs, slices.Clone(calls))
	w.mu.Unlock()
	time.Sleep(w.takes)
	if slices.Contains(calls, -1) {
		return nil, errBad
	}
	if slices.Contains(calls, -2) {
		panic("boom")
	}
	var results []string
	for _, c := range calls {
		results = append(results, fmt.Sprint(c))
	}
	return results, nil
}

var errBad = errors.New("bad")

func (w *work) want(t *testing.T, runs ...[]int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.EqualFunc(w.runs, runs, slices.Equal) {
		t.Errorf("got the runs %v, want %v", w.runs, runs)
	}
}

// from makes a call of its own goroutine, which waits when from returns.
func from(ctx context.Context, t *testing.T, g *Group[int, string], arg int, check func(string, error)) {
	t.Helper()
	go func() { check(g.Do(ctx, arg)) }()
	synctest.Wait()
}

func wants(t *testing.T, want string) func(string, error) {
	t.Helper()
	return func(got string, err error) {
		if got != want || err != nil {
			t.Errorf("got %q and error %v, want %q", got, err, want)
		}
	}
}

func wantsError(t *testing.T, want error) func(string, error) {
	t.Helper()
	return func(_ string, err error) {
		if !errors.Is(err, want) {
			t.Errorf("got error %v, want %v", err, want)
		}
	}
}

func TestCallsThatComeMeanwhileAreDoneTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := work{takes: time.Millisecond}
		g := New(w.do)
		for i := range 4 {
			from(t.Context(), t, g, i, wants(t, fmt.Sprint(i)))
		}
		w.want(t, []int{0}) // it did not wait for company
		g.Close()
		w.want(t, []int{0}, []int{1, 2, 3})
	})
}

func TestThereIsABoundToCallsThatAreDoneTogetherAndToThoseThatWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := work{takes: time.Millisecond}
		g := New(w.do)
		from(t.Context(), t, g, 0, wants(t, "0"))
		for range crowd {
			go func() { wants(t, "1")(g.Do(t.Context(), 1)) }()
		}
		synctest.Wait()
		from(t.Context(), t, g, 2, wantsError(t, ErrNotTaken))
		g.Close()
		if len(w.runs) != 1+crowd/most {
			t.Errorf("got %d runs, want %d", len(w.runs), 1+crowd/most)
		}
	})
}

func TestNobodyWaitsLongForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := work{takes: time.Second}
		g := New(w.do)
		for i := range atOnce {
			from(t.Context(), t, g, 2*i, wants(t, fmt.Sprint(2*i)))
			from(t.Context(), t, g, 2*i+1, wants(t, fmt.Sprint(2*i+1)))
			time.Sleep(patience)
			synctest.Wait()
		}
		// Those who came second found the first slow, and were joined by those who came next.
		w.want(t, []int{0}, []int{1}, []int{2, 3}, []int{4, 5})
		from(t.Context(), t, g, 8, wants(t, "8"))
		time.Sleep(100 * time.Millisecond)
		w.want(t, []int{0}, []int{1}, []int{2, 3}, []int{4, 5}) // so many at once are enough
		g.Close()
		if g.lanes != 0 || g.slow != 0 {
			t.Errorf("%d lanes are left, %d of them slow", g.lanes, g.slow)
		}
	})
}

func TestWhoeverIsGoneIsNotWaitedForNorDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := work{takes: time.Millisecond}
		g := New(w.do)
		ctx, cancel := context.WithCancel(t.Context())
		from(ctx, t, g, 1, wantsError(t, context.Canceled)) // it is begun, and goes on
		from(ctx, t, g, 2, wantsError(t, context.Canceled))
		from(t.Context(), t, g, 3, wants(t, "3"))
		begun := time.Now()
		cancel()
		synctest.Wait()
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("they waited %v", waited)
		}
		g.Close()
		w.want(t, []int{1}, []int{3})
	})
}

func TestAnErrorIsOfAllWhoShareItAndOfNobodyElse(t *testing.T) {
	t.Parallel()
	for _, bad := range []int{-1, -2} {
		synctest.Test(t, func(t *testing.T) {
			w := work{takes: time.Millisecond}
			g := New(w.do)
			failed := func(_ string, err error) {
				if !errors.Is(err, errBad) && (err == nil || !strings.Contains(err.Error(), "boom")) {
					t.Errorf("got error %v, want that of the function", err)
				}
			}
			from(t.Context(), t, g, 1, wants(t, "1"))
			from(t.Context(), t, g, 2, failed)
			from(t.Context(), t, g, bad, failed)
			time.Sleep(time.Millisecond)
			synctest.Wait()
			from(t.Context(), t, g, 3, wants(t, "3"))
			g.Close()
		})
	}
}

func TestAClosedGroupTakesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := work{takes: time.Second}
		g := New(w.do)
		from(t.Context(), t, g, 1, wants(t, "1"))
		from(t.Context(), t, g, 2, wants(t, "2"))
		g.Close() // waits for both
		wantsError(t, ErrNotTaken)(g.Do(t.Context(), 3))
		w.want(t, []int{1}, []int{2})
	})
}

func TestARunEndsSometime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := New(func(ctx context.Context, _ []int) ([]string, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		wantsError(t, context.DeadlineExceeded)(g.Do(t.Context(), 1))
		g.Close()
	})
}

func TestEveryCallOfManyIsDoneOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	done := map[int]int{}
	g := New(func(_ context.Context, calls []int) ([]string, error) {
		mu.Lock()
		defer mu.Unlock()
		var results []string
		for _, c := range calls {
			done[c]++
			results = append(results, fmt.Sprint(c))
		}
		return results, nil
	})
	const callers, times = 64, 100
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for n := range times {
				wants(t, fmt.Sprint(i*times+n))(g.Do(t.Context(), i*times+n))
			}
		})
	}
	all.Wait()
	g.Close()
	for i := range callers * times {
		if done[i] != 1 {
			t.Errorf("call %d was done %d times", i, done[i])
		}
	}
}
