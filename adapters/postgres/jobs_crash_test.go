package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// patience is how long a test waits before it fails. Nothing is measured with it.
const patience = 30 * time.Second

// done are the jobs that a crew of a test has done.
type done struct {
	mu   sync.Mutex
	jobs []ports.Job
}

func (d *done) add(j ports.Job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.jobs = append(d.jobs, j)
}

func (d *done) args() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, j := range d.jobs {
		out = append(out, j.Arg)
	}
	return out
}

// want waits until just these jobs are done, in this order.
func (d *done) want(t *testing.T, want ...string) {
	t.Helper()
	for deadline := time.Now().Add(patience); len(d.args()) < len(want) && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if got := d.args(); !slices.Equal(got, want) {
		t.Fatalf("done are %v, want %v", got, want)
	}
}

// work does a store's jobs until the test ends.
func work(t *testing.T, s *postgres.Store, handle ports.JobHandler) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Work(ctx, 2, nil, handle) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Work: %v", err)
		}
	})
}

func enqueue(t *testing.T, s *postgres.Store, key string, args ...string) {
	t.Helper()
	for _, arg := range args {
		if err := s.Repositories().Jobs.Enqueue(t.Context(), ports.Job{Kind: "kind", Key: key, Arg: arg}); err != nil {
			t.Fatal(err)
		}
	}
}

// open returns a store and a connection to its database.
func open(t *testing.T, edit ...func(*postgres.Options)) (s *postgres.Store, url string, db *pgx.Conn) {
	t.Helper()
	url = pgtest.URL(t)
	db, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(context.WithoutCancel(t.Context())) })
	return openStore(t, append(edit, func(o *postgres.Options) { o.URL = url })...), url, db
}

func value[T any](t *testing.T, db *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// victim is set in a process that is there to be killed: it is the URL of the database whose jobs it begins.
const victim = "SECRETARY_TEST_VICTIM"

func TestWhatAKilledProcessWasDoingIsDoneAgain(t *testing.T) {
	t.Parallel()
	if url := os.Getenv(victim); url != "" {
		beVictim(t, url)
		return
	}
	s, url, db := open(t, func(o *postgres.Options) { o.Retries.Attempts = 2 })
	enqueue(t, s, "conversation:7", "interrupted", "behind it")

	process := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	process.Env = append(os.Environ(), victim+"="+url)
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "begun interrupted\n" {
		t.Fatalf("the other process said %q, error %v", line, err)
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	_ = process.Wait()
	if state := value[string](t, db, `SELECT state::text FROM river.river_job`); state != "running" {
		t.Fatalf("after the kill the job is %s, want running", state)
	}

	var got done
	work(t, s, func(_ context.Context, j ports.Job) error {
		if j.Last {
			t.Errorf("being killed counted as an attempt of %q", j.Arg)
		}
		got.add(j)
		return nil
	})
	got.want(t, "interrupted", "behind it")
	t.Logf("taken over after %v", time.Since(killed))
}

// beVictim begins a job, says so, and never ends.
func beVictim(t *testing.T, url string) {
	t.Helper()
	s := openStore(t, func(o *postgres.Options) { o.URL = url })
	_ = s.Work(t.Context(), 2, nil, func(_ context.Context, j ports.Job) error {
		if _, err := os.Stdout.WriteString("begun " + j.Arg + "\n"); err != nil { // the other process reads it
			return err
		}
		select {}
	})
}

func TestALostConnectionEndsWhatIsHeldAndIsMadeAnew(t *testing.T) {
	t.Parallel()
	s, _, db := open(t)
	held, unlock, err := s.Lock(t.Context(), "conversation:7")
	if err != nil {
		t.Fatal(err)
	}
	hangUp(t, db)
	select {
	case <-held.Done():
	case <-time.After(patience):
		t.Fatal("the connection was lost, and who held a lock was not told")
	}
	if err := context.Cause(held); errs.CodeOf(err) != "lock-lost" || errs.KindOf(err) != errs.Unavailable {
		t.Errorf("the cause is %v, want lock-lost", err)
	}
	unlock()
	for deadline := time.Now().Add(patience); ; {
		held, unlock, err := s.Lock(t.Context(), "conversation:7")
		if err == nil {
			defer unlock()
			if held.Err() != nil {
				t.Errorf("the next lock is lost at once: %v", context.Cause(held))
			}
			break
		}
		if errs.CodeOf(err) != "database-unavailable" || time.Now().After(deadline) {
			t.Fatalf("lock again: %v", err)
		}
	}
	if n := value[int](t, db, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); n != 1 {
		t.Errorf("%d locks are held, want the one", n)
	}
}

// hangUp ends the connections that hold locks.
func hangUp(t *testing.T, db *pgx.Conn) {
	t.Helper()
	if n := value[int](t, db, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'secretary (locks)'`); n == 0 {
		t.Fatal("no connection holds locks")
	}
}

func TestACrewIsNotTakenForDeadWhenItsConnectionIsLost(t *testing.T) {
	t.Parallel()
	s, url, db := open(t)
	other := openStore(t, func(o *postgres.Options) { o.URL = url })
	enqueue(t, s, "key", "long", "behind it")
	var got done
	begun, finish := make(chan struct{}, 5), make(chan struct{})
	handle := func(_ context.Context, j ports.Job) error {
		if j.Arg == "long" {
			begun <- struct{}{}
			<-finish
		}
		got.add(j)
		return nil
	}
	t.Cleanup(sync.OnceFunc(func() {
		select {
		case <-finish:
		default:
			close(finish)
		}
	}))
	work(t, s, handle)
	work(t, other, handle)
	select {
	case <-begun:
	case <-time.After(patience):
		t.Fatal("no job was begun")
	}
	hangUp(t, db)
	time.Sleep(5 * time.Second) // longer than it takes to take over what a dead crew did
	close(finish)
	got.want(t, "long", "behind it")
	if len(begun) != 0 {
		t.Error("the job was begun by the other crew as well")
	}
}

func TestARowWithoutAHeadIsRepaired(t *testing.T) {
	t.Parallel()
	s, _, db := open(t)
	enqueue(t, s, "key", "first", "second")
	enqueue(t, s, "other", "of another key")
	if n := value[int](t, db, `SELECT count(*) FROM river.river_job`); n != 2 {
		t.Fatalf("two keys have %d heads", n)
	}
	if _, err := db.Exec(t.Context(), `DELETE FROM river.river_job WHERE args->>'lane' = 'key'`); err != nil {
		t.Fatal(err)
	}
	var got done
	work(t, s, func(_ context.Context, j ports.Job) error {
		if j.Key == "key" {
			got.add(j)
		}
		return nil
	})
	got.want(t, "first", "second")
	wantNothingLeft(t, db)
}

func TestAHeadWhoseJobIsGoneMakesWayForTheNext(t *testing.T) {
	t.Parallel()
	s, _, db := open(t)
	enqueue(t, s, "key", "was done elsewhere", "second", "third")
	if _, err := db.Exec(t.Context(), `DELETE FROM jobs WHERE arg = 'was done elsewhere'`); err != nil {
		t.Fatal(err)
	}
	var got done
	work(t, s, func(_ context.Context, j ports.Job) error {
		got.add(j)
		return nil
	})
	got.want(t, "second", "third")
	wantNothingLeft(t, db)
}

// wantNothingLeft waits until there is no job, and no head.
func wantNothingLeft(t *testing.T, db *pgx.Conn) {
	t.Helper()
	const left = `SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM river.river_job WHERE state <> 'completed')`
	for deadline := time.Now().Add(patience); value[int](t, db, left) != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d jobs and heads are left", value[int](t, db, left))
		}
	}
}

func TestAJobThatRiverForgotIsDoneAgain(t *testing.T) {
	t.Parallel()
	s, _, db := open(t)
	var got done
	work(t, s, func(_ context.Context, j ports.Job) error {
		got.add(j)
		return nil
	})
	enqueue(t, s, "before", "the crew works")
	got.want(t, "the crew works")
	crew := value[string](t, db, `SELECT attempted_by[1] FROM river.river_job`)
	// As when the database was away just when River was to store that the attempt had failed.
	_, err := db.Exec(t.Context(), `WITH job AS (INSERT INTO jobs (kind, key, arg, run_at) VALUES ('kind', 'key', 'forgotten', now()) RETURNING id)
		INSERT INTO river.river_job (state, attempt, max_attempts, attempted_at, args, attempted_by, kind)
		SELECT 'running', 1, 100, now(), json_build_object('lane', 'key', 'job', id), ARRAY[$1::text], 'head' FROM job`, crew)
	if err != nil {
		t.Fatal(err)
	}
	got.want(t, "the crew works", "forgotten")
}

func TestAFailureOfTheDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	s, _, _ := open(t)
	if _, unlock, err := s.Lock(t.Context(), "key"); err != nil {
		t.Fatal(err)
	} else {
		unlock()
	}
	s.Close()
	if _, _, err := s.Lock(t.Context(), "key"); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("a lock of a closed store: got error %v, want Unavailable", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Lock(ctx, "key"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func BenchmarkFromEnqueueToBegin(b *testing.B) {
	url := pgtest.URL(b)
	s, err := postgres.Open(b.Context(), postgres.Options{URL: url})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(b.Context())
	begun := make(chan struct{})
	var working sync.WaitGroup
	working.Go(func() {
		_ = s.Work(ctx, 4, nil, func(context.Context, ports.Job) error {
			begun <- struct{}{}
			return nil
		})
	})
	jobs := s.Repositories().Jobs
	do := func(key string) {
		if err := jobs.Enqueue(ctx, ports.Job{Kind: "kind", Key: key}); err != nil {
			b.Fatal(err)
		}
		<-begun
	}
	do("warm") // the crew works
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		do(fmt.Sprint(i % 7))
	}
	b.StopTimer()
	cancel()
	working.Wait()
}
