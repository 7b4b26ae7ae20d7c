package service

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/ports"
)

// The jobs of housekeeping. They have no argument.
const (
	JobExpireHolds   = "expire-holds"   // give up holds that ran out
	JobPrepareEvents = "prepare-events" // make ready for the events of the next months
	JobDropEvents    = "drop-events"    // remove events that are older than they are kept
	JobForgetExpired = "forget-expired" // remove what has expired and is of no more use
	JobCheckBudgets  = "check-budgets"  // tell of budgets that are running out
	JobEndAbandoned  = "end-abandoned"  // end agents' sessions of which nothing is heard any more
)

// tokenMemory is how long a refresh token is kept after it has expired: as long as an old one is known, using it again
// ends its login, which may have been refreshed many times since.
const tokenMemory = 30 * 24 * time.Hour

// receiptMemory is how long a webhook is known that was taken in: longer than its signature is good.
const receiptMemory = 24 * time.Hour

// HousekeepingOptions is how long things are kept.
type HousekeepingOptions struct {
	EventRetention time.Duration // of room events and agents' events, by whole months; 0: for ever
	UsageIdle      time.Duration // for which nothing is heard of an agent's session until it counts as abandoned; 0: 6 hours
}

// Housekeeping is what the service does by itself from time to time.
type Housekeeping struct {
	d       Deps
	storage ports.EventStorage
	options HousekeepingOptions
}

// NewHousekeeping makes the use cases of housekeeping.
func NewHousekeeping(d Deps, storage ports.EventStorage, o HousekeepingOptions) *Housekeeping {
	o.UsageIdle = cmp.Or(o.UsageIdle, defaultUsageIdle)
	return &Housekeeping{d: d, storage: storage, options: o}
}

// Periodic is what [ports.JobRunner.Work] is to have done, by [Housekeeping.Do].
func (h *Housekeeping) Periodic() []ports.PeriodicJob {
	jobs := []ports.PeriodicJob{
		{Kind: JobExpireHolds, Every: time.Minute},
		{Kind: JobPrepareEvents, Every: time.Hour},
		{Kind: JobForgetExpired, Every: time.Hour},
		{Kind: JobCheckBudgets, Every: time.Minute},
		{Kind: JobEndAbandoned, Every: 5 * time.Minute},
	}
	if h.options.EventRetention > 0 {
		jobs = append(jobs, ports.PeriodicJob{Kind: JobDropEvents, Every: time.Hour})
	}
	return jobs
}

// Do does a job of housekeeping. A job of another kind is not handled, and left to others.
func (h *Housekeeping) Do(ctx context.Context, j ports.Job) (handled bool, err error) {
	now := h.d.Now()
	switch j.Kind {
	case JobExpireHolds:
		return true, h.expireHolds(ctx, now)
	case JobPrepareEvents:
		return true, h.storage.Prepare(ctx, now)
	case JobDropEvents:
		return true, h.dropEvents(ctx, now)
	case JobForgetExpired:
		return true, h.forgetExpired(ctx, now)
	case JobCheckBudgets:
		return true, h.checkBudgets(ctx, now)
	case JobEndAbandoned:
		return true, h.endAbandoned(ctx, now)
	}
	return false, nil
}

// expireHolds frees the slots of bookings that were never finished. An event that was written for one is taken back by
// the job that the hold enqueued, see [Agenda.Sync].
func (h *Housekeeping) expireHolds(ctx context.Context, now time.Time) error {
	expired, err := h.d.Repositories.Appointments.ExpireHolds(ctx, agenda.ClinicProfessionalID{}, now)
	if err == nil {
		h.note(ctx, "holds ran out", slog.Int("holds", expired))
	}
	return err
}

// dropEvents does nothing without a retention: the job may be left from a time when there was one.
func (h *Housekeeping) dropEvents(ctx context.Context, now time.Time) error {
	if h.options.EventRetention <= 0 {
		return nil
	}
	before := now.Add(-h.options.EventRetention)
	months, err := h.storage.Drop(ctx, before)
	if err == nil {
		h.note(ctx, "old events were removed", slog.Int("months", months), slog.Time("ended_before", before))
	}
	return err
}

func (h *Housekeeping) forgetExpired(ctx context.Context, now time.Time) error {
	tokens, tokensErr := h.d.Repositories.RefreshTokens.DeleteExpired(ctx, now.Add(-tokenMemory))
	keys, keysErr := h.d.Repositories.IdempotencyKeys.DeleteExpired(ctx, now)
	h.note(ctx, "expired refresh tokens were removed", slog.Int("tokens", tokens))
	updates, updatesErr := h.d.Repositories.AgentUsages.Forget(ctx, now.Add(-usageKeyMemory))
	webhooks, webhooksErr := h.d.Repositories.WebhookReceipts.DeleteBefore(ctx, now.Add(-receiptMemory))
	h.note(ctx, "expired idempotency keys were removed", slog.Int("keys", keys))
	h.note(ctx, "keys of old updates of agents' sessions were removed", slog.Int("updates", updates))
	h.note(ctx, "receipts of old webhooks were removed", slog.Int("webhooks", webhooks))
	return errors.Join(tokensErr, keysErr, updatesErr, webhooksErr)
}

// note logs what was done, if anything was; count says how much.
func (h *Housekeeping) note(ctx context.Context, what string, count slog.Attr, more ...slog.Attr) {
	if count.Value.Int64() > 0 {
		h.d.Log.LogAttrs(ctx, slog.LevelInfo, what, append(more, count)...)
	}
}
