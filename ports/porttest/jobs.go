package porttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/ports"
)

// JobStore is a store with what does its jobs.
type JobStore struct {
	Store

	Runner ports.JobRunner
	// Other is the runner of another process on the same store; Runner again where a store has one process only.
	Other ports.JobRunner
}

// patience is how long the suite waits for a job before it fails. Nothing is measured with it.
const patience = 20 * time.Second

// RunJobs runs the contract of the job queue and of the runner behind it. open returns an empty store that tries a
// failing job again after milliseconds and gives it up after three to five attempts.
func RunJobs(t *testing.T, open func(t *testing.T) JobStore) {
	t.Helper()
	for _, part := range []struct {
		name string
		test func(*testing.T, JobStore)
	}{
		{"AJobIsDoneWithWhatItWasGiven", testJobDone},
		{"RolledBackJobsDoNotExist", testJobRolledBack},
		{"JobsWaitForTheCommit", testJobWaitsForCommit},
		{"JobsOfOneKeyAreDoneInOrderOneAtATime", testJobsInOrder},
		{"JobsOfDifferentKeysAreDoneSideBySide", testJobsSideBySide},
		{"NoJobIsDoneBeforeItsTime", testJobRunAt},
		{"AFailingJobIsTriedAgainAndHoldsItsKey", testJobRetried},
		{"AJobIsGivenUpInTheEnd", testJobGivenUp},
		{"TheLastAttemptIsToldToTheHandler", testJobLast},
		{"APanicIsAFailure", testJobPanic},
		{"AnInterruptedJobIsDoneAgain", testJobInterrupted},
		{"WorkWaitsForItsHandlersWhenItIsStopped", testJobStopWaits},
		{"EnqueueWithACancelledContextStops", testJobCancelled},
		{"APeriodicJobComesAtTheStartAndAgain", testJobPeriodic},
		{"APeriodicJobThatFailsComesAgain", testJobPeriodicFails},
		{"TwoCrewsDoEachJobOnceAndInOrder", func(t *testing.T, s JobStore) { testJobTwoCrews(t, s, s.Runner) }},
		{"TwoProcessesDoEachJobOnceAndInOrder", func(t *testing.T, s JobStore) { testJobTwoCrews(t, s, s.Other) }},
		{"OfTwoProcessesOneDoesAPeriodicJob", testJobPeriodicOnce},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.test(t, open(t))
		})
	}
}

// crew does jobs during a test and notes those that were done without an error, in order.
type crew struct {
	t    *testing.T
	stop func()

	mu   sync.Mutex
	done []ports.Job
	news chan struct{}
}

func (s JobStore) start(t *testing.T, workers int, handle ports.JobHandler, periodic ...ports.PeriodicJob) *crew {
	t.Helper()
	c := &crew{t: t, news: make(chan struct{}, 1)}
	c.join(s.Runner, workers, handle, periodic...)
	return c
}

// join has another runner's workers join the crew.
func (c *crew) join(runner ports.JobRunner, workers int, handle ports.JobHandler, periodic ...ports.PeriodicJob) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- runner.Work(ctx, workers, periodic, func(ctx context.Context, j ports.Job) error {
			if err := handle(ctx, j); err != nil {
				return err
			}
			c.mu.Lock()
			c.done = append(c.done, j)
			c.mu.Unlock()
			select {
			case c.news <- struct{}{}:
			default:
			}
			return nil
		})
	}()
	others := c.stop
	c.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			c.t.Errorf("Work returned %v when its context ended", err)
		}
		if others != nil {
			others()
		}
	})
	c.t.Cleanup(c.stop)
}

// wait waits until so many jobs are done, stops the crew, and returns them.
func (c *crew) wait(count int) []ports.Job {
	c.t.Helper()
	timeout := time.After(patience)
	for {
		c.mu.Lock()
		done := slices.Clone(c.done)
		c.mu.Unlock()
		if len(done) >= count {
			c.stop()
			return done
		}
		select {
		case <-c.news:
		case <-timeout:
			c.t.Fatalf("%d of %d jobs are done", len(done), count)
		}
	}
}

func doing(context.Context, ports.Job) error { return nil }

func (s JobStore) enqueue(t *testing.T, key string, args ...string) {
	t.Helper()
	for _, arg := range args {
		okay(t, "enqueue", s.Repositories.Jobs.Enqueue(t.Context(), ports.Job{Kind: "kind", Key: key, Arg: arg}))
	}
}

func args(jobs []ports.Job) []string {
	var out []string
	for _, j := range jobs {
		out = append(out, j.Arg)
	}
	return out
}

func testJobDone(t *testing.T, s JobStore) {
	want := ports.Job{Kind: "reply", Key: "conversation:7", Arg: "42", RunAt: time.Date(2026, time.March, 2, 12, 0, 0, 123456000, time.UTC)}
	okay(t, "enqueue", s.Repositories.Jobs.Enqueue(t.Context(), want))
	done := s.start(t, 2, doing).wait(1)
	if done[0].ID < 1 {
		t.Errorf("the job has the id %d", done[0].ID)
	}
	want.ID = done[0].ID
	wantSame(t, "the job", done, []ports.Job{want})
	s.enqueue(t, "conversation:7", "next")
	wantSame(t, "what is left for the next crew", args(s.start(t, 1, doing).wait(1)), []string{"next"})
}

func testJobRolledBack(t *testing.T, s JobStore) {
	boom := errors.New("boom")
	c := s.start(t, 2, doing)
	err := s.Transactor.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		okay(t, "enqueue", r.Jobs.Enqueue(ctx, ports.Job{Kind: "kind", Key: "key", Arg: "rolled back"}))
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got error %v, want %v", err, boom)
	}
	okay(t, "transaction", s.Transactor.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		return r.Jobs.Enqueue(ctx, ports.Job{Kind: "kind", Key: "key", Arg: "committed"})
	}))
	wantSame(t, "the jobs that were done", args(c.wait(1)), []string{"committed"})
}

func testJobWaitsForCommit(t *testing.T, s JobStore) {
	var committing atomic.Bool
	c := s.start(t, 2, func(context.Context, ports.Job) error {
		if !committing.Load() {
			t.Error("a job was done while its transaction was open")
		}
		return nil
	})
	okay(t, "transaction", s.Transactor.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		if err := r.Jobs.Enqueue(ctx, ports.Job{Kind: "kind", Key: "key", Arg: "early"}); err != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond) // a runner that looks too early has the time to
		committing.Store(true)
		return nil
	}))
	c.wait(1)
}

func testJobsInOrder(t *testing.T, s JobStore) {
	var want []string
	for i := range 15 {
		want = append(want, fmt.Sprint(i))
	}
	s.enqueue(t, "key", want[:10]...)
	var running atomic.Int32
	c := s.start(t, 4, func(context.Context, ports.Job) error {
		if running.Add(1) != 1 {
			t.Error("two jobs of one key are being done at once")
		}
		time.Sleep(time.Millisecond)
		running.Add(-1)
		return nil
	})
	s.enqueue(t, "key", want[10:]...)
	wantSame(t, "the order", args(c.wait(len(want))), want)
}

func testJobsSideBySide(t *testing.T, s JobStore) {
	const workers = 3
	for i := range workers {
		s.enqueue(t, fmt.Sprint("key", i), "first", "second")
	}
	var together sync.WaitGroup
	together.Add(workers)
	s.start(t, workers, func(ctx context.Context, j ports.Job) error {
		if j.Arg == "second" {
			return nil
		}
		together.Done()
		met := make(chan struct{})
		go func() { together.Wait(); close(met) }()
		select {
		case <-met:
			return nil
		case <-time.After(patience):
			t.Error("the jobs of different keys wait for one another")
			return ctx.Err()
		}
	}).wait(2 * workers)
}

func testJobRunAt(t *testing.T, s JobStore) {
	runAt := time.Now().Add(300 * time.Millisecond).Truncate(time.Microsecond)
	okay(t, "enqueue", s.Repositories.Jobs.Enqueue(t.Context(), ports.Job{Kind: "kind", Key: "patient", Arg: "later", RunAt: runAt}))
	s.enqueue(t, "patient", "behind it")
	s.enqueue(t, "another", "at once")
	okay(t, "enqueue", s.Repositories.Jobs.Enqueue(t.Context(), ports.Job{Kind: "kind", Key: "another", Arg: "later", RunAt: runAt}))
	done := s.start(t, 2, func(_ context.Context, j ports.Job) error {
		if early := time.Until(runAt); j.Arg != "at once" && early > 0 {
			t.Errorf("job %q was done %v before its time", j.Arg, early)
		}
		return nil
	}).wait(4)
	patients := slices.DeleteFunc(done, func(j ports.Job) bool { return j.Key != "patient" })
	wantSame(t, "the order", args(patients), []string{"later", "behind it"})
}

func testJobRetried(t *testing.T, s JobStore) {
	s.enqueue(t, "key", "fails twice", "behind it")
	var failures atomic.Int32
	done := s.start(t, 4, func(_ context.Context, j ports.Job) error {
		if j.Arg == "fails twice" && failures.Add(1) <= 2 {
			return errors.New("not yet")
		}
		return nil
	}).wait(2)
	wantSame(t, "the order", args(done), []string{"fails twice", "behind it"})
	if got := failures.Load(); got != 3 {
		t.Errorf("the failing job was tried %d times, want 3", got)
	}
}

func testJobGivenUp(t *testing.T, s JobStore) {
	s.enqueue(t, "key", "never", "behind it")
	var tries atomic.Int32
	done := s.start(t, 2, func(_ context.Context, j ports.Job) error {
		if j.Arg == "never" {
			tries.Add(1)
			return errors.New("never")
		}
		return nil
	}).wait(1)
	wantSame(t, "the jobs that were done", args(done), []string{"behind it"})
	if got := tries.Load(); got < 3 {
		t.Errorf("the job was given up after %d attempts, want several", got)
	}
}

func testJobLast(t *testing.T, s JobStore) {
	s.enqueue(t, "key", "never", "behind it")
	okay(t, "enqueue", s.Repositories.Jobs.Enqueue(t.Context(), ports.Job{Kind: "kind", Key: "other", Arg: "well", Last: true}))
	var mu sync.Mutex
	var told []bool
	done := s.start(t, 2, func(_ context.Context, j ports.Job) error {
		if j.Arg != "never" {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		told = append(told, j.Last)
		return errors.New("never")
	}).wait(2)
	for _, j := range done {
		if j.Last {
			t.Errorf("the first attempt of %q was told to be the last", j.Arg)
		}
	}
	for i, last := range told {
		if want := i == len(told)-1; last != want {
			t.Errorf("attempt %d of %d: last is %t, want %t", i+1, len(told), last, want)
		}
	}
}

func testJobPanic(t *testing.T, s JobStore) {
	s.enqueue(t, "key", "panics once")
	var tries atomic.Int32
	s.start(t, 1, func(context.Context, ports.Job) error {
		if tries.Add(1) == 1 {
			panic("boom")
		}
		return nil
	}).wait(1)
}

func testJobInterrupted(t *testing.T, s JobStore) {
	s.enqueue(t, "key", "interrupted", "behind it")
	for range 6 { // more often than a failing job is tried: being stopped is no failure
		begun := make(chan struct{})
		c := s.start(t, 2, func(ctx context.Context, _ ports.Job) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		})
		select {
		case <-begun:
		case <-time.After(patience):
			t.Fatal("no job was begun")
		}
		c.stop()
	}
	wantSame(t, "the jobs of the next crew", args(s.start(t, 2, doing).wait(2)), []string{"interrupted", "behind it"})
}

func testJobStopWaits(t *testing.T, s JobStore) {
	s.enqueue(t, "key", "slow")
	begun, finish, stopped := make(chan struct{}), make(chan struct{}), make(chan struct{})
	c := s.start(t, 2, func(context.Context, ports.Job) error { // which does not heed its context
		close(begun)
		<-finish
		return nil
	})
	select {
	case <-begun:
	case <-time.After(patience):
		t.Fatal("no job was begun")
	}
	go func() {
		defer close(stopped)
		c.stop()
	}()
	select {
	case <-stopped:
		t.Error("Work has returned, and a handler is running")
	case <-time.After(100 * time.Millisecond): // enough for a Work that does not wait to return
	}
	close(finish)
	<-stopped
	s.enqueue(t, "key", "after it")
	wantSame(t, "the jobs of the next crew", args(s.start(t, 1, doing).wait(1)), []string{"after it"})
}

func testJobCancelled(t *testing.T, s JobStore) {
	wantCancelled(t, "Enqueue", s.Repositories.Jobs.Enqueue(cancelled(t), ports.Job{Kind: "kind", Key: "key", Arg: "lost"}))
	s.enqueue(t, "key", "kept")
	wantSame(t, "the jobs that were done", args(s.start(t, 1, doing).wait(1)), []string{"kept"})
}

// often is how often the periodic jobs of the tests come.
const often = 150 * time.Millisecond

func testJobPeriodic(t *testing.T, s JobStore) {
	s.enqueue(t, "key", "a job like any other")
	c := s.start(t, 2, doing, ports.PeriodicJob{Kind: "tidy", Every: often}, ports.PeriodicJob{Kind: "yearly", Every: 365 * 24 * time.Hour})
	count := map[string]int{}
	for _, j := range c.wait(6) {
		count[j.Kind]++
		if j.ID, j.RunAt = 0, (time.Time{}); j.Kind != "kind" && j != (ports.Job{Kind: j.Kind, Key: j.Kind}) {
			t.Errorf("a periodic job came as %+v, want its kind and its key only", j)
		}
	}
	if count["kind"] != 1 || count["yearly"] != 1 || count["tidy"] < 4 {
		t.Errorf("got %v, want the job and the yearly one once, and what comes often 4 times", count)
	}
	next := s.start(t, 2, doing, ports.PeriodicJob{Kind: "yearly", Every: 365 * 24 * time.Hour})
	if done := next.wait(1); done[0].Kind != "yearly" {
		t.Errorf("the next crew began with %+v, want the yearly job", done[0])
	}
}

func testJobPeriodicFails(t *testing.T, s JobStore) {
	var tries atomic.Int32
	done := s.start(t, 1, func(context.Context, ports.Job) error {
		switch tries.Add(1) {
		case 1:
			return errors.New("not this time")
		case 2:
			panic("nor this time")
		}
		return nil
	}, ports.PeriodicJob{Kind: "tidy", Every: often}).wait(1)
	wantSame(t, "the job", done[0].Kind, "tidy")
}

// testJobTwoCrews has two crews do jobs at once, of the same store or of two processes.
func testJobTwoCrews(t *testing.T, s JobStore, other ports.JobRunner) {
	const keys, each = 6, 15
	var mu sync.Mutex
	running, order := map[string]int{}, map[string][]string{}
	handle := func(_ context.Context, j ports.Job) error {
		mu.Lock()
		if running[j.Key]++; running[j.Key] != 1 {
			t.Errorf("two jobs of %s are being done at once", j.Key)
		}
		order[j.Key] = append(order[j.Key], j.Arg)
		mu.Unlock()
		time.Sleep(time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		running[j.Key]--
		return nil
	}
	c := s.start(t, 3, handle)
	c.join(other, 3, handle)
	var enqueuing sync.WaitGroup
	var want []string
	for i := range each {
		want = append(want, fmt.Sprint(i))
	}
	for k := range keys {
		enqueuing.Go(func() {
			for _, arg := range want {
				err := s.Repositories.Jobs.Enqueue(t.Context(), ports.Job{Kind: "kind", Key: fmt.Sprint("key", k), Arg: arg})
				if err != nil {
					t.Errorf("enqueue: %v", err)
				}
			}
		})
	}
	enqueuing.Wait()
	if got := len(c.wait(keys * each)); got != keys*each {
		t.Errorf("%d jobs were done, want %d", got, keys*each)
	}
	for k := range keys {
		wantSame(t, "the order", order[fmt.Sprint("key", k)], want)
	}
}

func testJobPeriodicOnce(t *testing.T, s JobStore) {
	var running atomic.Int32
	handle := func(context.Context, ports.Job) error {
		if running.Add(1) != 1 {
			t.Error("a periodic job is being done twice at once")
		}
		time.Sleep(often / 5)
		running.Add(-1)
		return nil
	}
	tidy := ports.PeriodicJob{Kind: "tidy", Every: often}
	yearly := ports.PeriodicJob{Kind: "yearly", Every: 365 * 24 * time.Hour}
	c := s.start(t, 2, handle, tidy)
	c.join(s.Other, 2, handle, tidy)
	c.wait(4)
	// The yearly job shows that it comes once for all: what comes often may, by chance, come as often as for one.
	c = s.start(t, 2, doing, yearly)
	c.join(s.Other, 2, doing, yearly)
	time.Sleep(2 * often)
	wantSame(t, "the jobs that were done", len(c.wait(1)), 1)
}
