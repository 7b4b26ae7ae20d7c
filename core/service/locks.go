package service

import (
	"context"

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

// conversationKey is the lock under which a conversation's messages are handled, and the key of the jobs that do so.
func conversationKey(key reception.ConversationID) string { return "conversation:" + key.String() }

// calendarKey is the lock under which the calendar is made to follow an appointment.
func calendarKey(key agenda.AppointmentID) string { return "calendar:" + key.String() }
