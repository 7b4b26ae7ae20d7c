package memory

import (
	"context"

	"github.com/secretary-api/secretary/ports"
)

// Lock implements [ports.Locks] for one process. What it gives is never lost, so held is ctx.
func (s *Store) Lock(ctx context.Context, key string) (held context.Context, unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	unlock, err = s.locks.Lock(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	return ctx, unlock, nil
}

var (
	_ ports.Locks     = (*Store)(nil)
	_ ports.JobRunner = (*Store)(nil)
)
