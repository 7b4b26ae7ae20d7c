package service

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// AuthenticateWebhook finds the clinic of a channel's instance and checks its bearer token, before anything of the
// request is read. Errors: Unauthenticated "invalid-webhook-token", Unavailable "webhook-unconfigured", NotFound.
func (s *FrontDesk) AuthenticateWebhook(ctx context.Context, instance, bearer string) (agenda.Clinic, error) {
	c, err := s.d.Repositories.Clinics.ByInstance(ctx, instance)
	known := err == nil
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return agenda.Clinic{}, err
	}
	switch {
	case sameToken(bearer, s.options.WebhookToken), known && sameToken(bearer, c.WebhookToken):
	case s.options.WebhookToken != "" || known && c.WebhookToken != "":
		return agenda.Clinic{}, errWebhookToken()
	case !s.options.OpenWebhook:
		return agenda.Clinic{}, errs.New(errs.Unavailable, "webhook-unconfigured",
			"webhooks are not configured: set EVOLUTION_WEBHOOK_TOKEN, or evolution_webhook_token of the clinic")
	}
	if !known {
		return agenda.Clinic{}, err
	}
	if !c.Active {
		return agenda.Clinic{}, errs.Absent("clinic")
	}
	return c, nil
}

func errWebhookToken() error {
	return errs.New(errs.Unauthenticated, "invalid-webhook-token", "the webhook's bearer token is missing or wrong")
}

// sameToken compares in constant time, whatever the lengths; an empty token is never the same.
func sameToken(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && want != ""
}

// Receive stores what a channel posted for a clinic that [FrontDesk.AuthenticateWebhook] returned, to be answered by a
// job after the webhook was acknowledged. A message that is already known is no error and is not handled again; one that
// is too old is kept and not answered. Errors: Invalid "invalid-webhook".
func (s *FrontDesk) Receive(ctx context.Context, c agenda.Clinic, body []byte) (received int, err error) {
	delivery, err := s.decoder.Decode(body)
	if err != nil {
		return 0, err
	}
	told := len(delivery.Messages)+len(delivery.Edits) > 0 || delivery.Connection != nil
	if delivery.Instance != c.EvolutionInstance && told {
		return 0, errs.New(errs.Invalid, "invalid-webhook", "the body is of another instance than the address")
	}
	for _, in := range delivery.Messages {
		if in.FromClinic {
			if err := s.clinicWrote(ctx, c, in); err != nil {
				return received, err
			}
			continue
		}
		if _, err := s.store(ctx, c, in, reception.WhatsApp); err != nil {
			return received, err
		}
		received++
	}
	if received > 0 {
		if err := s.d.heard(ctx, c); err != nil {
			return received, err
		}
	}
	if delivery.Connection != nil {
		if _, err := s.d.connected(ctx, c, *delivery.Connection); err != nil {
			return received, err
		}
	}
	for _, e := range delivery.Edits {
		if err := s.edited(ctx, c, e); err != nil {
			return received, err
		}
	}
	return received, nil
}

// store puts an inbound message and its conversation into the store, once. A repeated one comes back as it was stored
// first.
func (s *FrontDesk) store(ctx context.Context, c agenda.Clinic, in reception.Inbound, channel reception.Channel) (reception.Message, error) {
	for attempt := 0; ; attempt++ {
		if in.ExternalID != "" {
			m, err := s.d.Repositories.Messages.ByExternalID(ctx, c.ID, in.ExternalID)
			if err == nil {
				return s.repeated(ctx, c, m, in)
			}
			if errs.KindOf(err) != errs.NotFound {
				return reception.Message{}, err
			}
		}
		m, err := s.storeNew(ctx, c, in, channel)
		// Somebody stored the same message, or began the same conversation, at this moment: look again.
		if errs.KindOf(err) == errs.Conflict && attempt < 3 {
			continue
		}
		if err == nil {
			s.tell(ctx, m.TenantID, m.ConversationID, ConversationMessage)
		}
		return m, err
	}
}

// repeated answers a message that is already known: the very same one, unless it is of somebody else. Of whom a conversation
// was that has been erased nobody knows: what the channel tells of it once more stays what it is.
func (s *FrontDesk) repeated(ctx context.Context, c agenda.Clinic, m reception.Message, in reception.Inbound) (reception.Message, error) {
	conversation, err := s.d.Repositories.Conversations.Get(ctx, identity.OnlyEntity(c.EntityID), m.ConversationID)
	if err != nil {
		return reception.Message{}, err
	}
	erased := conversation.IsErased() && m.Channel == reception.WhatsApp
	if !erased && !senderOf(in).is(conversation) {
		return reception.Message{}, errs.New(errs.Conflict, "message-repeated", "the id was used by another message")
	}
	return m, nil
}

func (s *FrontDesk) storeNew(ctx context.Context, c agenda.Clinic, in reception.Inbound, channel reception.Channel) (reception.Message, error) {
	if err := s.unite(ctx, c, in); err != nil {
		return reception.Message{}, err
	}
	now, scope := s.d.Now(), identity.OnlyEntity(c.EntityID)
	key := id.New[reception.Conversation]()
	var out reception.Message
	err := s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		conversation, err := s.conversationOf(ctx, r, c, key, in)
		if err != nil {
			return err
		}
		if in.From != "" && in.From != conversation.ReplyTo || in.Name != "" && in.Name != conversation.ContactName {
			_, err = r.Conversations.Update(ctx, scope, conversation.ID, func(v *reception.Conversation) error {
				v.Address(in)
				return nil
			})
			if err != nil {
				return err
			}
		}
		m := reception.Message{
			ConversationID: conversation.ID, TenantID: c.ID, EntityID: c.EntityID, Direction: reception.In, Author: reception.Contact, Channel: channel,
			ExternalID: in.ExternalID, Kind: in.Kind, Text: in.Text, Status: reception.Pending, SentAt: in.SentAt, CreatedAt: now,
		}
		if s.tooLate(in, now) {
			m.Status = reception.Done
			out, err = r.Messages.Create(ctx, m)
		} else {
			out, err = s.pend(ctx, r, m)
		}
		if err != nil {
			return err
		}
		// Whoever erases the conversation at this moment was waited for, and could not see the message.
		conversation, err = r.Conversations.Get(ctx, scope, conversation.ID)
		if err == nil && conversation.IsErased() {
			err = errErased()
		}
		return err
	})
	return out, err
}

// errErased says that a conversation was erased at this moment: who writes has another one.
func errErased() error {
	return errs.New(errs.Conflict, "conversation-erased", "the conversation has just been erased")
}

const (
	// defaultAnswerWithin is longer than a webhook is tried again, which is for 20 minutes: what came late that way is
	// answered, and what a telephone tells of the past after a reconnection is not.
	defaultAnswerWithin = 30 * time.Minute
	// missedWithin is the same for what was missed during an outage and asked for afterwards.
	missedWithin = 2 * time.Hour
)

// tooLate reports whether nobody waits for an answer to a message any more.
func (s *FrontDesk) tooLate(in reception.Inbound, now time.Time) bool {
	within := s.options.AnswerWithin
	if in.History {
		within = max(within, missedWithin)
	}
	return !in.SentAt.IsZero() && now.Sub(in.SentAt) > within
}

// pend stores a message that is to be handled, with the job that does so.
func (s *FrontDesk) pend(ctx context.Context, r ports.Repositories, m reception.Message) (reception.Message, error) {
	m, err := r.Messages.Create(ctx, m)
	if err != nil {
		return m, err
	}
	runAt := m.CreatedAt
	if m.Channel == reception.WhatsApp {
		runAt = runAt.Add(s.options.Debounce)
	}
	return m, r.Jobs.Enqueue(ctx, ports.Job{
		Kind: JobHandleMessages, Key: conversationKey(m.ConversationID), Arg: handling(m.ConversationID, m.ID), RunAt: runAt,
	})
}
