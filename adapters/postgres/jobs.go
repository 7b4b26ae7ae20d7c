package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/secretary-api/secretary/core/keylock"
	"github.com/secretary-api/secretary/ports"
)

// Jobs are done by River, which knows no order. So every job is a row of our own table, and River has one job for each
// key that has any: its head, which stands for the key's oldest row. Whoever removes a row puts the next head in the same
// transaction. Everything that changes the jobs of a key holds the key's lane lock until it commits; within a key, the
// ids of rows are therefore in the order of the commits.
//
// That a key with jobs has exactly one live head is also what River's unique index sees to: a second one is not inserted.

// riverSchema is where River's tables are.
const riverSchema = "river"

// work is what a store has for jobs and locks.
type work struct {
	pool     *pgxpool.Pool
	log      *slog.Logger
	retries  ports.Retries
	heads    *river.Client[pgx.Tx] // only inserts
	lines    keylock.Locks
	lifeline *lifeline
}

func newWork(pool *pgxpool.Pool, retries ports.Retries, log *slog.Logger) (*work, error) {
	heads, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Schema: riverSchema, Logger: riverLog(log),
		// This client wakes the workers as often as this, which may be too seldom: see insertHead.
		FetchCooldown: 24 * time.Hour, FetchPollInterval: 24 * time.Hour,
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: river: %w", err)
	}
	return &work{
		pool: pool, log: log, retries: retries.WithDefaults(), heads: heads,
		lifeline: newLifeline(pool.Config().ConnConfig, log),
	}, nil
}

// close lets the locks go. It is for when nobody works any more.
func (w *work) close() { w.lifeline.close() }

// head is River's job for a key.
type head struct {
	Lane string `json:"lane" river:"unique"` // the key
	Job  int64  `json:"job"`                 // the row that it stands for
}

// Kind implements [river.JobArgs].
func (head) Kind() string { return "head" }

// periodic is River's job for a periodic one.
type periodic struct {
	Name string `json:"name" river:"unique"` // the kind
}

// Kind implements [river.JobArgs].
func (periodic) Kind() string { return "periodic" }

// once has River keep no more than one live job with the same arguments.
func once() river.UniqueOpts {
	return river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}
}

type jobs struct {
	session
	work *work
}

func (r jobs) Enqueue(ctx context.Context, j ports.Job) error {
	return r.change(ctx, func(q querier) error {
		var id int64
		var first bool
		b := &pgx.Batch{}
		lockLane(b, j.Key)
		b.Queue(`INSERT INTO jobs (kind, key, arg, run_at) VALUES ($1, $2, $3, $4)
			RETURNING id, NOT EXISTS (SELECT 1 FROM jobs WHERE key = $2)`, j.Kind, j.Key, j.Arg, j.RunAt).
			QueryRow(func(row pgx.Row) error { return row.Scan(&id, &first) })
		if err := q.SendBatch(ctx, b).Close(); err != nil || !first {
			return err
		}
		return r.work.insertHead(ctx, q, j.Key, id, j.RunAt)
	})
}

// lockLane queues the statement that holds the lane lock of a key until the transaction ends.
func lockLane(b *pgx.Batch, key string) {
	b.Queue(`SELECT pg_advisory_xact_lock($1)`, lockKey(laneLock, key))
}

// soon is how often River looks for what has become due. What is due before that is given to a crew at once, which puts it off
// until then: a patient who is answered after two seconds of silence would wait for seven.
const soon = 5 * time.Second

// insertHead inserts the head of a key, in a transaction that holds its lane lock. There is no second one.
func (w *work) insertHead(ctx context.Context, q querier, key string, job int64, runAt time.Time) error {
	tx, ok := q.(pgx.Tx)
	if !ok {
		return fmt.Errorf("postgres: a head needs a transaction, not a %T", q)
	}
	// How often a job is tried is for us to count: a head that River gave up would leave its key without one.
	opts := river.InsertOpts{MaxAttempts: math.MaxInt16, UniqueOpts: once()}
	due := !runAt.After(time.Now().Add(soon))
	if !due {
		opts.ScheduledAt = runAt
	}
	if _, err := w.heads.InsertTx(ctx, tx, head{Lane: key, Job: job}, &opts); err != nil || !due {
		return err
	}
	return wake(ctx, q)
}

// wake has every process look for jobs as soon as the transaction is committed. River does not do so for each insert,
// and then a job waits for the next regular look.
func wake(ctx context.Context, q querier) error {
	_, err := q.Exec(ctx, `SELECT pg_notify($1, $2)`, riverSchema+".river_insert", `{"queue": "`+river.QueueDefault+`"}`)
	return err
}

// riverLog is what River tells: of what it tells about every job and every start, only what is wrong.
func riverLog(log *slog.Logger) *slog.Logger {
	return slog.New(warnings{log.Handler()}).With("component", "river")
}

// warnings is a handler of warnings and errors only.
type warnings struct{ slog.Handler }

func (h warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

func (h warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{h.Handler.WithAttrs(attrs)}
}

func (h warnings) WithGroup(name string) slog.Handler { return warnings{h.Handler.WithGroup(name)} }
