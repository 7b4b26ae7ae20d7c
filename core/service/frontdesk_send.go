package service

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// keepReply stores a reply to a message, and enqueues the job that sends it.
func (s *FrontDesk) keepReply(ctx context.Context, r ports.Repositories, to reception.Message, text string, now time.Time) error {
	reply := reception.Message{
		ConversationID: to.ConversationID, TenantID: to.TenantID, EntityID: to.EntityID, Direction: reception.Out, Author: reception.Assistant,
		Channel: to.Channel, Kind: reception.Text, Text: text, Status: reception.Done, CreatedAt: now,
	}
	if to.Channel == reception.WhatsApp {
		reply.Status = reception.Pending
	}
	reply, err := r.Messages.Create(ctx, reply)
	if err != nil || reply.Status == reception.Done {
		return err
	}
	return r.Jobs.Enqueue(ctx, ports.Job{
		Kind: JobSendReply, Key: "replies:" + to.ConversationID.String(), Arg: reply.ID.String(), RunAt: now,
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
		m.Status, m.ExternalID, m.SentAt = reception.Done, external, now
		if never {
			m.Status, m.Error, m.SentAt = reception.Failed, failure(err), time.Time{}
		}
		return nil
	})
	if never {
		s.d.Log.WarnContext(ctx, "reply not sent", slog.String("message_id", m.ID.String()), slog.String("code", failure(err)))
	}
	return updateErr
}
