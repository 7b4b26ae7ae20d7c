package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

// defaultUsageIdle is how long nothing is heard of a session before it counts as abandoned, unless the options say so.
const defaultUsageIdle = 6 * time.Hour

// usageKeyMemory is how long the keys of a session's updates are known: longer than anything is sent again.
const usageKeyMemory = 30 * 24 * time.Hour

// abandonBatch is how many sessions are looked up at once.
const abandonBatch = 100

var errNotIdle = errors.New("the session is not idle any more")

// endAbandoned ends the sessions of which nothing was heard for long, at the moment of their last change: an agent that
// crashed never says so. One that cannot be ended does not keep the others.
func (h *Housekeeping) endAbandoned(ctx context.Context, now time.Time) error {
	since := now.Add(-h.options.UsageIdle)
	ended := 0
	var failed error
	for ctx.Err() == nil {
		idle, err := h.d.Repositories.AgentUsages.Idle(ctx, since, abandonBatch)
		if err != nil {
			failed = errors.Join(failed, err)
			break
		}
		progress := false
		for _, id := range idle {
			switch err := h.endIdle(ctx, id, since, now); {
			case err == nil:
				ended++
				progress = true
			case errors.Is(err, errNotIdle):
				progress = true
			default:
				failed = errors.Join(failed, err)
			}
		}
		if len(idle) < abandonBatch || !progress {
			break
		}
	}
	h.note(ctx, "abandoned sessions of agents were ended", slog.Int("sessions", ended))
	return errors.Join(failed, ctx.Err())
}

// endIdle ends one session, unless something was heard of it since it was found.
func (h *Housekeeping) endIdle(ctx context.Context, id metering.UsageID, since, now time.Time) error {
	_, err := h.d.Repositories.AgentUsages.Update(ctx, identity.AllEntities(), id, func(v *metering.AgentUsage) error {
		if !v.SessionEnd.IsZero() || !v.UpdatedAt.Before(since) {
			return errNotIdle
		}
		v.End(v.UpdatedAt, metering.Abandoned, now)
		return nil
	})
	return err
}
