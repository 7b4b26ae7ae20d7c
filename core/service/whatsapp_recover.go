package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/reception"
)

const (
	// recoverOverlap is how much of what was asked for before is asked for again: a message may be told late.
	recoverOverlap = 10 * time.Minute
	recoverLongest = 24 * time.Hour // of the past is asked for
	recoverMost    = 500            // messages at once
)

// recover asks for the messages that an instance has seen since it was asked last, and takes in those that no webhook told.
// Their ids keep one that comes both ways from being answered twice. Without a webhook of this service nothing is missed:
// whoever else answers the clinic's patients goes on to.
func (s *WhatsApp) recover(ctx context.Context, c agenda.Clinic) error {
	st, err := s.d.Repositories.ChannelStatuses.Of(ctx, c.ID)
	if err != nil || st.ReadAt.IsZero() || c.EvolutionInstance == "" || !c.Active {
		return err
	}
	now := s.d.Now()
	since := st.ReadAt.Add(-recoverOverlap)
	if earliest := now.Add(-recoverLongest); since.Before(earliest) {
		since = earliest
	}
	found, err := s.channel.History(ctx, c.EvolutionInstance, since, recoverMost)
	if err != nil {
		return err
	}
	recovered, unanswered := 0, 0
	for _, in := range found {
		in.History = true
		m, fresh, err := s.desk.recover(ctx, c, in)
		if err != nil {
			return err
		}
		if fresh {
			recovered++
			if m.Status == reception.Done {
				unanswered++
			}
		}
	}
	if recovered > 0 || len(found) == recoverMost {
		s.d.Log.WarnContext(ctx, "messages came by no webhook", slog.String("tenant_id", c.ID.String()), slog.Int("recovered", recovered),
			slog.Int("too_old_to_answer", unanswered), slog.Bool("there_may_be_more", len(found) == recoverMost))
	}
	_, err = s.d.Repositories.ChannelStatuses.Update(ctx, c.ID, func(v *reception.ChannelStatus) error {
		if v.ReadAt.Before(now) {
			v.ReadAt = now
		}
		return nil
	})
	return err
}

// recover takes in a message of the past, unless it is known: fresh says whether it is not. What the clinic wrote is left.
func (s *FrontDesk) recover(ctx context.Context, c agenda.Clinic, in reception.Inbound) (m reception.Message, fresh bool, err error) {
	if in.FromClinic {
		return reception.Message{}, false, nil
	}
	_, err = s.d.Repositories.Messages.ByExternalID(ctx, c.ID, in.ExternalID)
	if errs.KindOf(err) != errs.NotFound {
		return reception.Message{}, false, err
	}
	m, err = s.store(ctx, c, in, reception.WhatsApp)
	return m, err == nil, err
}
