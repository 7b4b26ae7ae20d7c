package postgres

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/secretary-api/secretary/ports"
)

// How long a caller waits before it asks again for a lock that another process has: longer each time.
const (
	lockWait        = 2 * time.Millisecond
	lockWaitLongest = 50 * time.Millisecond
)

// Lock implements [ports.Locks] by advisory locks of a session. Callers of one process stand in a line, and only its
// first asks the database. Errors, besides those of the context: Unavailable "database-unavailable"; what ends held
// early is Unavailable "lock-lost".
func (s *Store) Lock(ctx context.Context, key string) (held context.Context, unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	leave, err := s.work.lines.Lock(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	held, cancel := context.WithCancelCause(ctx)
	h := &hold{key: lockKey(callerLock, key), tell: cancel}
	for wait := lockWait; ; wait = min(2*wait, lockWaitLongest) {
		got, err := s.work.lifeline.try(ctx, h)
		if got {
			return held, func() {
				s.work.lifeline.release(ctx, h)
				cancel(context.Canceled)
				leave()
			}, nil
		}
		if err == nil {
			err = sleep(ctx, wait/2+rand.N(wait)) //nolint:gosec // only keeps processes from asking in step
		}
		if err != nil {
			cancel(err)
			leave()
			return nil, nil, err
		}
	}
}

// sleep waits, or until ctx ends, which is its error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var _ ports.Locks = (*Store)(nil)
