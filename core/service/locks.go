package service

import (
	"context"
	"slices"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// locked runs fn while nobody else has the key. The context of fn ends early when the lock is lost; what fn then fails
// with is told as the reason of that, so that it is not taken for a caller who went away.
func (d Deps) locked(ctx context.Context, key string, fn func(context.Context) error) error {
	held, unlock, err := d.Locks.Lock(ctx, key)
	if err != nil {
		return err
	}
	defer unlock()
	if err := fn(held); err != nil {
		if held.Err() != nil && ctx.Err() == nil {
			return context.Cause(held)
		}
		return err
	}
	return nil
}

// lockedAll runs fn under several locks, which all who take several take in one order.
func (d Deps) lockedAll(ctx context.Context, keys []string, fn func(context.Context) error) error {
	if len(keys) == 0 {
		return fn(ctx)
	}
	keys = slices.Sorted(slices.Values(keys))
	return d.locked(ctx, keys[0], func(ctx context.Context) error { return d.lockedAll(ctx, keys[1:], fn) })
}

// conversationKey is the lock under which a conversation's messages are handled, and the key of the jobs that do so.
func conversationKey(key reception.ConversationID) string { return "conversation:" + key.String() }

// calendarKey is the lock under which the calendar is made to follow an appointment.
func calendarKey(key agenda.AppointmentID) string { return "calendar:" + key.String() }
