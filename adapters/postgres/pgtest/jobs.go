package pgtest

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/ports"
)

// What the store's own runner has by default.
const (
	jobAttempts  = 10
	firstWait    = time.Second
	longestWait  = 5 * time.Minute
	selectQueues = `SELECT DISTINCT ON (key) id, kind, key, arg, run_at FROM jobs ORDER BY key, id`
)

// Jobs does the jobs of a store by a clock that the test sets, one after another. River, which does them otherwise, goes
// by the real time, in which the jobs of a test that plays on another day are not due.
type Jobs struct {
	tb       testing.TB
	url      string
	now      func() time.Time
	failures map[int64]int // of jobs
}

// OpenWithJobs opens a store as [Open] does, with its jobs.
func OpenWithJobs(tb testing.TB, now func() time.Time) (*postgres.Store, *Jobs) {
	tb.Helper()
	jobs := &Jobs{tb: tb, now: now, failures: map[int64]int{}}
	store := Open(tb, func(o *postgres.Options) { jobs.url = o.URL })
	return store, jobs
}

// Work does jobs until none is due.
func (j *Jobs) Work(handle ports.JobHandler) {
	j.tb.Helper()
	ctx := j.tb.Context()
	db, err := pgx.Connect(ctx, j.url)
	if err != nil {
		j.tb.Fatalf("connecting to do jobs: %v", err)
	}
	defer func() { _ = db.Close(ctx) }()
	for {
		job, err := j.due(ctx, db)
		if err != nil {
			j.tb.Fatalf("looking for jobs: %v", err)
		}
		if job == nil {
			return
		}
		if err := j.do(ctx, db, *job, handle); err != nil {
			j.tb.Fatalf("finishing a job: %v", err)
		}
	}
}

// due returns the first job of its key that has been due for the longest time; nil when none is.
func (j *Jobs) due(ctx context.Context, db *pgx.Conn) (*ports.Job, error) {
	rows, err := db.Query(ctx, selectQueues)
	if err != nil {
		return nil, err
	}
	heads, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (job ports.Job, err error) {
		return job, row.Scan(&job.ID, &job.Kind, &job.Key, &job.Arg, &job.RunAt)
	})
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	first := slices.MinFunc(heads, func(a, b ports.Job) int { return cmp.Or(a.RunAt.Compare(b.RunAt), cmp.Compare(a.ID, b.ID)) })
	if first.RunAt.After(j.now()) {
		return nil, nil //nolint:nilnil // as above
	}
	return &first, nil
}

func (j *Jobs) do(ctx context.Context, db *pgx.Conn, job ports.Job, handle ports.JobHandler) error {
	job.Last = j.failures[job.ID] == jobAttempts-1
	if err := handle(ctx, job); err != nil && !job.Last {
		wait := min(firstWait<<j.failures[job.ID], longestWait)
		j.failures[job.ID]++
		_, err := db.Exec(ctx, `UPDATE jobs SET run_at = $2 WHERE id = $1`, job.ID, j.now().Add(wait))
		return err
	}
	_, err := db.Exec(ctx, `DELETE FROM jobs WHERE id = $1`, job.ID)
	return err
}
