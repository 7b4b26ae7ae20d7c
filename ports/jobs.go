package ports

import (
	"context"
	"time"
)

// Job is something to be done after a transaction, at least once.
type Job struct {
	ID    int64
	Kind  string    // which handler
	Key   string    // jobs of one key are done one after another, in the order they were enqueued
	Arg   string    // what the handler needs, such as an id
	RunAt time.Time // not before

	// Last is told to the handler: the job is given up when it fails once more. Enqueue ignores it.
	Last bool
}

// JobQueue takes jobs. A job enqueued in a transaction exists when the transaction is committed, and not otherwise.
type JobQueue interface {
	Enqueue(ctx context.Context, j Job) error
}

// JobHandler does a job. An error has it tried again, after a while and not for ever; being stopped by ctx is no failure.
type JobHandler func(ctx context.Context, j Job) error

// Retries says how often a failing job is tried, how long after the first failure it is tried again, and the longest such
// wait: it doubles each time. Fields that are zero take the defaults: 10 attempts, 1 second, 5 minutes.
type Retries struct {
	Attempts       int
	First, Longest time.Duration
}

// WithDefaults returns the retries with every field set.
func (r Retries) WithDefaults() Retries {
	if r.Attempts == 0 {
		r.Attempts = 10
	}
	if r.First == 0 {
		r.First = time.Second
	}
	if r.Longest == 0 {
		r.Longest = 5 * time.Minute
	}
	return r
}

// After is how long a job waits that has failed so many times, 1 or more.
func (r Retries) After(failures int) time.Duration {
	wait := r.First
	for range failures - 1 {
		if wait *= 2; wait >= r.Longest {
			return r.Longest
		}
	}
	return wait
}

// PeriodicJob is a job that comes again and again, whoever enqueues what. Its key is its kind.
type PeriodicJob struct {
	Kind  string
	Every time.Duration
}

// JobRunner does the jobs of a store.
type JobRunner interface {
	// Work does jobs with so many workers until ctx ends, and returns nil once the handlers that are running have
	// returned; what they were doing is done again, later or by another process. Of several processes on one store each
	// job is done by one, and a periodic job comes once, not once for each; it comes first when work begins.
	//
	//   - Jobs of one key are done one at a time, in their order, the key "" included; jobs of different keys side by side.
	//   - A job whose handler fails or panics is tried again after a while, and the jobs behind it wait; after the last
	//     attempt it is logged and dropped.
	//   - A job is removed after its handler has returned, so it is done at least once. One that a process was doing when
	//     it was killed is done again, soon.
	Work(ctx context.Context, workers int, periodic []PeriodicJob, handle JobHandler) error
}

// Locks lets one caller at a time work on something, among all processes of one store.
type Locks interface {
	// Lock waits for the key, or until ctx ends, which is its error. Within a process callers get the key in the order they
	// came. held is ctx, and ends early when the store can no longer promise the lock; what is done after that may meet
	// another caller. unlock gives the key back, and must be called once.
	Lock(ctx context.Context, key string) (held context.Context, unlock func(), err error)
}

// EventStorage is how the two event tables are kept: by calendar months, in UTC.
type EventStorage interface {
	// Prepare makes ready for events of the month of now and of the months after it.
	Prepare(ctx context.Context, now time.Time) error
	// Drop removes the events of every month that had ended at the given moment, and returns how many months of events,
	// of both tables together, it removed. Appending goes on meanwhile.
	Drop(ctx context.Context, endedAt time.Time) (months int, err error)
}
