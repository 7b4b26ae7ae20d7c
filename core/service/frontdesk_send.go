package service

import (
	"cmp"
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// keepReply stores a reply to a message, and has it sent. about is the visit that the reply tells of, zero when none.
func (s *FrontDesk) keepReply(ctx context.Context, r ports.Repositories, to reception.Message, text string, about agenda.AppointmentID, now time.Time) error {
	_, err := s.post(ctx, r, reception.Message{
		ConversationID: to.ConversationID, TenantID: to.TenantID, EntityID: to.EntityID, Direction: reception.Out, Author: reception.Assistant,
		Appointment: about, Channel: to.Channel, Kind: reception.Text, Text: text, CreatedAt: now,
	})
	return err
}

// post stores an outbound message, and enqueues the job that sends it; what came by the API is delivered by its caller.
func (s *FrontDesk) post(ctx context.Context, r ports.Repositories, m reception.Message) (reception.Message, error) {
	m.Status = reception.Done
	if m.Channel == reception.WhatsApp {
		m.Status = reception.Pending
	}
	m, err := r.Messages.Create(ctx, m)
	if err != nil || m.Status == reception.Done {
		return m, err
	}
	return m, r.Jobs.Enqueue(ctx, ports.Job{
		Kind: JobSendReply, Key: "replies:" + m.ConversationID.String(), Arg: m.ID.String(), RunAt: m.CreatedAt,
	})
}

// send sends one reply through the messenger. With last set there will be no other attempt: it is marked as failed when
// it cannot be sent.
func (s *FrontDesk) send(ctx context.Context, arg string, last bool) error {
	n, err := strconv.ParseInt(arg, 10, 64)
	if err != nil {
		return err
	}
	m, err := s.d.Repositories.Messages.Get(ctx, reception.MessageID(n))
	if err != nil || m.Status != reception.Pending {
		return err
	}
	scope := identity.OnlyEntity(m.EntityID)
	conversation, err := s.d.Repositories.Conversations.Get(ctx, scope, m.ConversationID)
	if err != nil {
		return err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, scope, m.TenantID)
	if err != nil {
		return err
	}
	external, err := s.messenger.Send(ctx, ports.OutgoingMessage{Instance: c.EvolutionInstance, To: conversation.ReplyTo, Text: m.Text})
	never := errs.KindOf(err) == errs.Invalid || errs.CodeOf(err) == ports.CodeSendUncertain ||
		err != nil && last && ctx.Err() == nil
	if err != nil && !never {
		return err // the job tries again
	}
	now := s.d.Now()
	// It was sent: that is noted even when the service is being stopped.
	_, updateErr := s.d.Repositories.Messages.Update(context.WithoutCancel(ctx), m.ID, func(m *reception.Message) error {
		switch {
		case !never:
			m.Status, m.Error, m.SentAt = reception.Done, "", now
			m.ExternalID = cmp.Or(external, m.ExternalID)
		case m.Status == reception.Pending: // else the channel has told meanwhile that it was sent, or it was dropped
			m.Status, m.Error, m.SentAt = reception.Failed, failure(err), time.Time{}
		}
		return nil
	})
	if never {
		s.d.Log.WarnContext(ctx, "reply not sent", slog.String("message_id", m.ID.String()), slog.String("code", failure(err)))
	}
	return updateErr
}
