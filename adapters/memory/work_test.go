package memory_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/ports"
)

// notes is what handlers write down.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func (n *notes) want(t *testing.T, want ...string) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if diff := cmp.Diff(want, n.lines); diff != "" {
		t.Errorf("what was done: -want +got\n%s", diff)
	}
}

func enqueue(t *testing.T, s *memory.Store, key, arg string, runAt time.Time) {
	t.Helper()
	if err := s.Repositories().Jobs.Enqueue(t.Context(), ports.Job{Kind: "kind", Key: key, Arg: arg, RunAt: runAt}); err != nil {
		t.Fatal(err)
	}
}

// work runs the store's jobs until the test ends.
func work(t *testing.T, s *memory.Store, workers int, handle ports.JobHandler) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Work(ctx, workers, nil, handle) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Work: %v", err)
		}
	})
}

func TestFailingJobWaitsLongerEachTimeAndIsThenLoggedAndDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := memory.New(
			memory.WithRetries(ports.Retries{Attempts: 5, First: time.Second, Longest: 3 * time.Second}),
			memory.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		)
		began, n := time.Now(), &notes{}
		enqueue(t, s, "key", "never", began)
		enqueue(t, s, "key", "behind it", began)
		enqueue(t, s, "another", "not held up", began)
		work(t, s, 1, func(_ context.Context, j ports.Job) error {
			n.add("%s %v", j.Arg, time.Since(began))
			if j.Arg == "never" {
				return errors.New("never")
			}
			return nil
		})
		time.Sleep(time.Hour)
		n.want(t, "never 0s", "not held up 0s", "never 1s", "never 3s", "never 6s", "never 9s", "behind it 9s")
		if got := strings.Count(log.String(), "level=ERROR"); got != 1 || strings.Count(log.String(), "level=WARN") != 4 {
			t.Errorf("got this log, want 4 warnings and 1 error:\n%s", log.String())
		}
	})
}

func TestPeriodicJobsKeepTheirTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s, began, n := memory.New(memory.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))), time.Now(), &notes{}
		ctx, cancel := context.WithCancel(t.Context())
		var working sync.WaitGroup
		working.Go(func() {
			_ = s.Work(ctx, 1, []ports.PeriodicJob{{Kind: "hourly", Every: time.Hour}, {Kind: "daily", Every: 24 * time.Hour}},
				func(_ context.Context, j ports.Job) error {
					n.add("%s %v", j.Kind, time.Since(began))
					if j.Kind == "daily" {
						return errors.New("not today")
					}
					return nil
				})
		})
		time.Sleep(time.Nanosecond)
		n.mu.Lock()
		slices.Sort(n.lines) // nothing says which of them comes first
		n.mu.Unlock()
		time.Sleep(150 * time.Minute)
		n.want(t, "daily 0s", "hourly 0s", "hourly 1h0m0s", "hourly 2h0m0s")
		cancel()
		working.Wait()
		if got := strings.Count(log.String(), "level=ERROR"); got != 1 {
			t.Errorf("got this log, want 1 error:\n%s", log.String())
		}
	})
}

func TestJobsAreDoneWhenTheirTimeComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, began, n := memory.New(), time.Now(), &notes{}
		work(t, s, 2, func(_ context.Context, j ports.Job) error {
			n.add("%s %v", j.Arg, time.Since(began))
			return nil
		})
		enqueue(t, s, "a", "in two hours", began.Add(2*time.Hour))
		enqueue(t, s, "b", "in an hour", began.Add(time.Hour))
		enqueue(t, s, "c", "now", time.Time{})
		time.Sleep(24 * time.Hour)
		n.want(t, "now 0s", "in an hour 1h0m0s", "in two hours 2h0m0s")
	})
}

func TestIdleFollowsAClockThatIsMovedByHand(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	s := memory.New(memory.WithClock(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}))
	n := &notes{}
	enqueue(t, s, "key", "now", now)
	enqueue(t, s, "key", "tomorrow", now.Add(24*time.Hour))
	work(t, s, 2, func(_ context.Context, j ports.Job) error {
		n.add("%s", j.Arg)
		return nil
	})
	if err := s.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.want(t, "now")
	mu.Lock()
	now = now.Add(24 * time.Hour)
	mu.Unlock()
	if err := s.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.want(t, "now", "tomorrow")
}

func TestIdleWaitsForWhatHandlersEnqueue(t *testing.T) {
	t.Parallel()
	s, n := memory.New(), &notes{}
	enqueue(t, s, "key", "first", time.Time{})
	work(t, s, 2, func(ctx context.Context, j ports.Job) error {
		n.add("%s", j.Arg)
		if j.Arg == "first" {
			return s.Repositories().Jobs.Enqueue(ctx, ports.Job{Kind: "kind", Key: "other", Arg: "second"})
		}
		return nil
	})
	if err := s.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.want(t, "first", "second")
}

func TestIdleEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := memory.New()
	if err := s.Idle(t.Context()); err != nil {
		t.Errorf("an empty queue: got error %v", err)
	}
	enqueue(t, s, "key", "nobody does it", time.Time{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Idle(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}
