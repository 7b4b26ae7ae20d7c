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

// orphanedAfter is how long after its room was closed a session counts as abandoned: its agent may report its end until then.
const orphanedAfter = 10 * time.Minute

// abandonBatch is how many sessions are looked up at once.
const abandonBatch = 100

var errNotIdle = errors.New("the session is not idle any more")

// endAbandoned ends the sessions of which nothing was heard for long, and those whose room was closed, at the moment of
// their last change: an agent that crashed never says so. One that cannot be ended does not keep the others.
func (h *Housekeeping) endAbandoned(ctx context.Context, now time.Time) error {
	usages := h.d.Repositories.AgentUsages
	since, closed := now.Add(-h.options.UsageIdle), now.Add(-orphanedAfter)
	idle, idleErr := h.endAll(ctx, now,
		func() ([]metering.UsageID, error) { return usages.Idle(ctx, since, abandonBatch) },
		func(v metering.AgentUsage) bool { return v.UpdatedAt.Before(since) })
	orphaned, orphanedErr := h.endAll(ctx, now,
		func() ([]metering.UsageID, error) { return usages.Orphaned(ctx, closed, abandonBatch) },
		func(metering.AgentUsage) bool { return true }) // a closed room stays closed
	h.note(ctx, "abandoned sessions of agents were ended", slog.Int("sessions", idle+orphaned))
	return errors.Join(idleErr, orphanedErr, ctx.Err())
}

// endAll ends the sessions that find returns some of, as long as it returns any, if they still are as they were sought. It
// returns how many it ended.
func (h *Housekeeping) endAll(ctx context.Context, now time.Time, find func() ([]metering.UsageID, error), still func(metering.AgentUsage) bool) (ended int, failed error) {
	for ctx.Err() == nil {
		found, err := find()
		if err != nil {
			return ended, errors.Join(failed, err)
		}
		progress := false
		for _, id := range found {
			switch err := h.endOne(ctx, id, now, still); {
			case err == nil:
				ended++
				progress = true
			case errors.Is(err, errNotIdle):
				progress = true
			default:
				failed = errors.Join(failed, err)
			}
		}
		if len(found) < abandonBatch || !progress {
			break
		}
	}
	return ended, failed
}

// endOne ends one session, unless something was heard of it since it was found.
func (h *Housekeeping) endOne(ctx context.Context, id metering.UsageID, now time.Time, still func(metering.AgentUsage) bool) error {
	_, err := h.d.Repositories.AgentUsages.Update(ctx, identity.AllEntities(), id, func(v *metering.AgentUsage) error {
		if !v.SessionEnd.IsZero() || !still(*v) {
			return errNotIdle
		}
		v.End(v.UpdatedAt, metering.Abandoned, now)
		return nil
	})
	return err
}
