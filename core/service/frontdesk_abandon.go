package service

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// abandon gives a message up that failed for the last time: it would fail for ever, and keep the conversation from
// whatever is written after it. The conversation waits for a person, and the patient is told so.
func (s *FrontDesk) abandon(ctx context.Context, m reception.Message, cause error) error {
	s.d.Log.ErrorContext(ctx, "a message was given up and its conversation handed over", slog.String("conversation_id", m.ConversationID.String()),
		slog.String("message_id", m.ID.String()), slog.String("reason", string(reception.CannotComplete)), slog.Any("err", cause))
	now, scope := s.d.Now(), identity.OnlyEntity(m.EntityID)
	err := s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		c, err := r.Clinics.Get(ctx, scope, m.TenantID)
		if err != nil {
			return err
		}
		desk := reception.Desk{Directory: agenda.NewDirectory(c, nil, nil), Say: s.catalogue, Now: now}
		turn := reception.Turn{Intent: reception.Other}
		after, err := r.Conversations.Update(ctx, scope, m.ConversationID, func(c *reception.Conversation) error {
			turn.Replies = nil // the change may run again
			if c.State != reception.HandedOff && c.State != reception.OptedOut {
				turn.Replies = desk.Failed(c).Replies
			}
			c.HeardAt, c.UpdatedAt = now, now
			return nil
		})
		if err != nil {
			return err
		}
		turn.State = after.State
		_, err = r.Messages.Update(ctx, m.ID, func(m *reception.Message) error {
			if m.Status != reception.Pending {
				return errHandled()
			}
			m.Status, m.Error, m.Turn = reception.Failed, failure(cause), &turn
			return nil
		})
		if err != nil {
			return err
		}
		for _, text := range turn.Replies {
			if err := s.keepReply(ctx, r, m, text, agenda.AppointmentID{}, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.tell(ctx, m.TenantID, m.ConversationID, ConversationWaiting)
	}
	return err
}

// failure is what a message says about why it failed.
func failure(err error) string { return cmp.Or(errs.CodeOf(err), "internal") }

// errHandled says that a message is not pending any more: somebody else took it up, after this caller's lock was lost.
func errHandled() error {
	return errs.New(errs.Conflict, codeHandled, "the message was handled elsewhere")
}

// errPeople says that people took a conversation, or gave it back, while a turn of it ran.
func errPeople() error {
	return errs.New(errs.Conflict, codePeople, "people took the conversation or gave it back meanwhile")
}

const (
	codeHandled = "message-handled"
	codePeople  = "conversation-changed-hands"
)
