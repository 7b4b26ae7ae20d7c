package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/secretary-api/secretary/ports"
)

const (
	fetchCooldown = 10 * time.Millisecond // between two looks for jobs, however much there is to do
	fetchInterval = time.Second           // between two looks when nobody tells of a job
	crewRestart   = time.Second           // before a crew that could not begin is tried again
	finishTimeout = 10 * time.Second
	keepDone      = 10 * time.Minute // how long River keeps what is done
)

// Work implements [ports.JobRunner] with River. How long failing jobs wait, and when they are given up, is an option of
// the store; a periodic job that fails waits for its next turn. Any number of crews may work at once, in this process and
// in others. While the database is away Work waits for it.
func (s *Store) Work(ctx context.Context, workers int, periodic []ports.PeriodicJob, handle ports.JobHandler) error {
	for ctx.Err() == nil {
		c := &crew{work: s.work, id: "secretary-" + rand.Text(), ctx: ctx, handle: handle, doing: map[int64]bool{}}
		if err := c.run(ctx, max(workers, 1), periodic); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "jobs cannot be done, and are tried again", "err", err)
			_ = sleep(ctx, crewRestart)
		}
	}
	return nil
}

// crew is one call of Work: a client of River.
type crew struct {
	*work
	id     string
	ctx    context.Context //nolint:containedctx // Work's, whose end the handlers see; River's own ends for other reasons
	handle ports.JobHandler

	mu    sync.Mutex
	doing map[int64]bool // the jobs of River that handlers have, or that are being finished
}

// run works until ctx ends and the handlers have returned.
func (c *crew) run(ctx context.Context, workers int, jobs []ports.PeriodicJob) error {
	registered := river.NewWorkers()
	river.AddWorker(registered, river.WorkFunc(c.doHead))
	river.AddWorker(registered, river.WorkFunc(c.doPeriodic))
	client, err := river.NewClient(riverpgxv5.New(c.pool), &river.Config{
		ID: c.id, Schema: riverSchema, Logger: riverLog(c.log), Workers: registered,
		Queues:        map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		FetchCooldown: fetchCooldown, FetchPollInterval: fetchInterval,
		JobTimeout:           -1, // handlers have limits of their own
		RescueStuckJobsAfter: 24 * time.Hour,
		RetryPolicy:          retryPolicy{c.retries}, PeriodicJobs: periodicJobs(jobs),
		CompletedJobRetentionPeriod: keepDone,
	})
	if err != nil {
		return fmt.Errorf("postgres: river: %w", err)
	}
	// Nobody may take this crew for dead, so it is enlisted before it has jobs.
	lasting := context.WithoutCancel(ctx)
	defer c.lifeline.dismiss(lasting, c.id)
	if err := c.lifeline.enlist(ctx, c.id); err != nil {
		return err
	}
	if err := client.Start(lasting); err != nil {
		return fmt.Errorf("postgres: river: %w", err)
	}
	watching, stopWatching := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { c.watch(watching) })
	select {
	case <-ctx.Done():
	case <-client.Stopped():
		err = errors.New("postgres: river has stopped")
	}
	stopWatching()
	watch.Wait()
	if stopped := client.Stop(lasting); stopped != nil {
		err = errors.Join(err, stopped)
	}
	if woken := wake(lasting, c.pool); woken != nil && err == nil { // others may take over what was interrupted
		err = woken
	}
	return err
}

func periodicJobs(jobs []ports.PeriodicJob) []*river.PeriodicJob {
	var out []*river.PeriodicJob
	for _, j := range jobs {
		out = append(out, river.NewPeriodicJob(river.PeriodicInterval(j.Every), func() (river.JobArgs, *river.InsertOpts) {
			return periodic{Name: j.Kind}, &river.InsertOpts{UniqueOpts: once()}
		}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	return out
}

// retryPolicy tells River when to try again.
type retryPolicy struct{ ports.Retries }

// NextRetry implements [river.ClientRetryPolicy].
func (r retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	return time.Now().Add(r.After(job.Attempt))
}

// doHead does the job that a head stands for.
func (c *crew) doHead(ctx context.Context, h *river.Job[head]) error {
	defer c.begin(h.ID)()
	again := river.JobSnooze(c.retries.First) // which is no attempt
	job, err := c.load(ctx, h.Args.Job)
	if err != nil {
		c.log.WarnContext(ctx, "a job could not be read and is tried again", "job", h.Args.Job, "err", err)
		return again
	}
	if job != nil {
		if wait := time.Until(job.RunAt); wait > 0 {
			c.wakeIn(wait)
			return river.JobSnooze(wait)
		}
		job.Last = h.Attempt >= c.retries.Attempts
		err := c.attempt(ctx, *job)
		switch {
		case err == nil:
		case c.ctx.Err() != nil:
			return river.JobSnooze(0) // stopped, which is no failure of the job
		case !job.Last:
			c.log.WarnContext(ctx, "a job failed and is tried again", "kind", job.Kind, "job", job.ID, "failures", h.Attempt, "err", err)
			return err
		default:
			c.log.ErrorContext(ctx, "a job was given up", "kind", job.Kind, "key", job.Key, "arg", job.Arg, "job", job.ID, "failures", h.Attempt, "err", err)
		}
	}
	if err := c.finish(ctx, h); err != nil {
		c.log.ErrorContext(ctx, "a job could not be removed and is done again", "job", h.Args.Job, "err", err)
		return again
	}
	return nil
}

// wakeLate is how long River takes to note that a job was put off.
const wakeLate = 60 * time.Millisecond

// wakeIn has somebody look for a job when it is due, without waiting for the next regular look.
func (c *crew) wakeIn(wait time.Duration) {
	time.AfterFunc(wait+wakeLate, func() {
		if err := wake(c.ctx, c.pool); err != nil && c.ctx.Err() == nil {
			c.log.WarnContext(c.ctx, "a job that is due waits for the next look", "err", err)
		}
	})
}

// doPeriodic does a periodic job. Its failure is no matter of River's: it comes again anyway.
func (c *crew) doPeriodic(ctx context.Context, p *river.Job[periodic]) error {
	defer c.begin(p.ID)()
	err := c.attempt(ctx, ports.Job{Kind: p.Args.Name, Key: p.Args.Name})
	if err != nil && c.ctx.Err() != nil {
		return river.JobSnooze(0)
	}
	if err != nil {
		c.log.ErrorContext(ctx, "a periodic job failed and waits for its next turn", "kind", p.Args.Name, "err", err)
	}
	return nil
}

// begin notes that a job of River is being done.
func (c *crew) begin(id int64) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doing[id] = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.doing, id)
	}
}

func (c *crew) isDoing(id int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doing[id]
}

// load reads a job; nil when it was done already.
func (c *crew) load(ctx context.Context, id int64) (*ports.Job, error) {
	rows, err := c.pool.Query(ctx, `SELECT id, kind, key, arg, run_at FROM jobs WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (j ports.Job, err error) {
		return j, row.Scan(&j.ID, &j.Kind, &j.Key, &j.Arg, &j.RunAt)
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// attempt runs the handler, whose context ends with that of Work too. A panic is an error like any other.
func (c *crew) attempt(ctx context.Context, job ports.Job) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(c.ctx, func() { cancel(context.Cause(c.ctx)) })() //nolint:contextcheck // Work ends its handlers
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.handle(ctx, job)
}

// finish removes the job that a head stands for, and puts the next head of its key in the same transaction. A crash
// before the commit has the job done again, and one after it loses nothing. What is done is removed even when the crew
// is just being stopped.
func (c *crew) finish(ctx context.Context, h *river.Job[head]) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	return pgx.BeginFunc(ctx, c.pool, func(tx pgx.Tx) error {
		var next []ports.Job
		b := &pgx.Batch{}
		lockLane(b, h.Args.Lane)
		b.Queue(`DELETE FROM jobs WHERE id = $1`, h.Args.Job)
		oldest(b, h.Args.Lane, &next)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		// When the head is not there any more, somebody took this crew for dead and was faster.
		if _, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, h); err != nil && !errors.Is(err, rivertype.ErrNotFound) {
			return err
		}
		return c.promote(ctx, tx, next)
	})
}

// oldest queues the query for the oldest job of a key.
func oldest(b *pgx.Batch, key string, out *[]ports.Job) {
	b.Queue(`SELECT id, key, run_at FROM jobs WHERE key = $1 ORDER BY id LIMIT 1`, key).Query(func(rows pgx.Rows) (err error) {
		*out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (j ports.Job, err error) {
			return j, row.Scan(&j.ID, &j.Key, &j.RunAt)
		})
		return err
	})
}

// promote makes the oldest job of a key its head, if there is one.
func (w *work) promote(ctx context.Context, q querier, oldest []ports.Job) error {
	if len(oldest) == 0 {
		return nil
	}
	return w.insertHead(ctx, q, oldest[0].Key, oldest[0].ID, oldest[0].RunAt)
}

var _ ports.JobRunner = (*Store)(nil)
