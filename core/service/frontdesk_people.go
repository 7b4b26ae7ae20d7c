package service

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/ports"
)

// echoWindow is for how long a message that was sent without an answer is recognised by its text when the channel tells
// of it.
const echoWindow = 15 * time.Minute

// WaitingConversation is one that people have, with what was said last in it.
type WaitingConversation struct {
	reception.Conversation
	Last *reception.Message // nil when nothing was said
}

// Waiting returns a page of the conversations that people have, and logs that: signs of an emergency first, then those that
// have waited longest. Errors: NotFound "clinic-not-found".
func (s *FrontDesk) Waiting(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, req page.Request) (page.Page[WaitingConversation], error) {
	var none page.Page[WaitingConversation]
	if err := actor.Require(identity.ConversationsRead); err != nil {
		return none, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
	if err != nil {
		return none, err
	}
	p, err := s.d.Repositories.Waiting.List(ctx, actor.Scope(), tenant, req)
	if err != nil {
		return none, err
	}
	keys := make([]reception.ConversationID, 0, len(p.Items))
	for _, v := range p.Items {
		keys = append(keys, v.ID)
	}
	newest, err := s.d.Repositories.Messages.Newest(ctx, keys, 1)
	if err != nil {
		return none, err
	}
	last := map[reception.ConversationID]*reception.Message{}
	for i, m := range newest {
		last[m.ConversationID] = &newest[i]
	}
	out := page.Page[WaitingConversation]{Items: make([]WaitingConversation, 0, len(p.Items)), NextCursor: p.NextCursor}
	for _, v := range p.Items {
		out.Items = append(out.Items, WaitingConversation{v, last[v.ID]})
	}
	return logList(ctx, s.d, actor, "conversations", "", c.EntityID, out)
}

// Take gives a conversation to the user who acts, and pauses the assistant in it. Errors: NotFound, Invalid, Conflict
// "clinic-inactive", "contact-opted-out", or "conversation-taken" when another user has it, unless forced.
func (s *FrontDesk) Take(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string, force bool) (reception.Conversation, error) {
	return s.byPeople(ctx, actor, tenant, contact, ConversationTaken, func(c *reception.Conversation, now, until time.Time) error {
		return c.Take(actor.UserID(), force, now, until)
	}, nil)
}

// HandOff pauses the assistant in a conversation, which then waits for a person; when it does so already, it goes on to.
// Errors: as Take's, without "conversation-taken".
func (s *FrontDesk) HandOff(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string) (reception.Conversation, error) {
	return s.byPeople(ctx, actor, tenant, contact, ConversationWaiting, func(c *reception.Conversation, now, until time.Time) error {
		return c.Take(c.Handoff.By, false, now, until)
	}, nil)
}

// Answer sends the contact a text of a person, who takes the conversation. It goes where the contact wrote from: through
// the messenger, or, when that was the API, only into the list of messages, for the caller to deliver. Errors: as Take's.
func (s *FrontDesk) Answer(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact, text string, force bool) (reception.Message, error) {
	if err := actor.Require(identity.ConversationsWrite); err != nil {
		return reception.Message{}, err
	}
	var check errs.Check
	text = valid.Prose(&check, "text", text, MaxMessage)
	check.That(text != "", "text", "must not be empty")
	if err := check.Err(); err != nil {
		return reception.Message{}, err
	}
	var sent reception.Message
	_, err := s.byPeople(ctx, actor, tenant, contact, ConversationTaken, func(c *reception.Conversation, now, until time.Time) error {
		return c.Take(actor.UserID(), force, now, until)
	}, func(ctx context.Context, r ports.Repositories, at agenda.Clinic, c reception.Conversation) (err error) {
		m := reception.Message{
			ConversationID: c.ID, TenantID: c.TenantID, EntityID: c.EntityID, Direction: reception.Out, Author: reception.Staff,
			UserID: actor.UserID(), Channel: reception.API, Kind: reception.Text, Text: text, CreatedAt: c.UpdatedAt,
		}
		if c.ReplyTo != "" && at.EvolutionInstance != "" {
			m.Channel = reception.WhatsApp
		}
		sent, err = s.post(ctx, r, m)
		return err
	})
	if err == nil {
		s.tell(ctx, sent.TenantID, sent.ConversationID, ConversationMessage)
	}
	return sent, err
}

// GiveBack has the assistant answer again: what the contact writes from now on, and nothing that was written before.
// Errors: NotFound, Invalid, Conflict "clinic-inactive", "conversation-not-handed-off".
func (s *FrontDesk) GiveBack(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string) (reception.Conversation, error) {
	c, err := s.change(ctx, actor, tenant, contact)
	if err != nil {
		return reception.Conversation{}, err
	}
	// What has just arrived is handled as long as people have the conversation: in silence, unless it matters.
	if err := s.answer(ctx, c.ID, 0, false); err != nil {
		return reception.Conversation{}, err
	}
	now := s.d.Now()
	c, err = write(ctx, s.d, func(ctx context.Context, r ports.Repositories) (reception.Conversation, error) {
		return r.Conversations.Update(ctx, actor.Scope(), c.ID, func(c *reception.Conversation) error { return c.GiveBack(now) })
	})
	if err == nil {
		s.tell(ctx, c.TenantID, c.ID, ConversationReturned)
	}
	return c, err
}

// change returns a conversation that the actor may change.
func (s *FrontDesk) change(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string) (reception.Conversation, error) {
	if err := actor.Require(identity.ConversationsWrite); err != nil {
		return reception.Conversation{}, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
	if err == nil {
		err = c.RequireActive()
	}
	if err != nil {
		return reception.Conversation{}, err
	}
	return s.conversation(ctx, actor, tenant, contact)
}

// byPeople changes a conversation on a person's behalf, in one transaction with what follows from it; also may be nil.
func (s *FrontDesk) byPeople(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string, event ConversationEventKind,
	change func(c *reception.Conversation, now, until time.Time) error,
	also func(ctx context.Context, r ports.Repositories, at agenda.Clinic, c reception.Conversation) error,
) (reception.Conversation, error) {
	c, err := s.change(ctx, actor, tenant, contact)
	if err != nil {
		return reception.Conversation{}, err
	}
	now := s.d.Now()
	err = s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		at, err := r.Clinics.Get(ctx, actor.Scope(), tenant)
		if err != nil {
			return err
		}
		c, err = s.leave(ctx, r, c, func(c *reception.Conversation) error {
			if c.IsErased() {
				return errs.Absent("conversation")
			}
			return change(c, now, now.Add(at.HandoffReturn))
		})
		if err == nil && also != nil {
			err = also(ctx, r, at, c)
		}
		return err
	})
	if err != nil {
		return reception.Conversation{}, err
	}
	s.tell(ctx, c.TenantID, c.ID, event)
	return c, nil
}

// leave leaves a conversation to people, as change says, and drops what the assistant has not sent yet: a person says what
// is to be said. Only what tells of a visit that was booked, moved or cancelled is still sent, because it has happened.
func (s *FrontDesk) leave(ctx context.Context, r ports.Repositories, c reception.Conversation, change func(*reception.Conversation) error) (reception.Conversation, error) {
	c, err := r.Conversations.Update(ctx, identity.OnlyEntity(c.EntityID), c.ID, change)
	if err != nil || c.State != reception.HandedOff {
		return c, err
	}
	unsent, err := r.Sent.Unmatched(ctx, c.ID)
	if err != nil {
		return c, err
	}
	for _, m := range unsent {
		if m.Status != reception.Pending || m.Author != reception.Assistant || !m.Appointment.IsZero() {
			continue
		}
		_, err := r.Messages.Update(ctx, m.ID, func(m *reception.Message) error {
			if m.Status == reception.Pending {
				m.Status, m.Error = reception.Failed, "handed-off"
			}
			return nil
		})
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// clinicWrote takes in what a channel says the clinic sent. What the service sent itself comes back that way, and changes
// nothing; anything else was typed by a person, on the clinic's phone or in the channel's panel: the assistant pauses in
// that conversation. What is older than a pause is only kept.
func (s *FrontDesk) clinicWrote(ctx context.Context, c agenda.Clinic, in reception.Inbound) error {
	for attempt := 0; ; attempt++ {
		conversation, typed, err := s.storeTyped(ctx, c, in)
		// Somebody began the same conversation at this moment: look again.
		if errs.KindOf(err) == errs.Conflict && attempt < 3 {
			continue
		}
		if err != nil || !typed {
			return err
		}
		s.d.Log.InfoContext(ctx, "the clinic wrote by itself", slog.String("tenant_id", c.ID.String()),
			slog.String("conversation_id", conversation.ID.String()), slog.String("state", string(conversation.State)))
		s.tell(ctx, c.ID, conversation.ID, ConversationMessage)
		return nil
	}
}

// storeTyped is one attempt of clinicWrote; typed is false when the message is known or an echo.
func (s *FrontDesk) storeTyped(ctx context.Context, c agenda.Clinic, in reception.Inbound) (conversation reception.Conversation, typed bool, err error) {
	now, scope := s.d.Now(), identity.OnlyEntity(c.EntityID)
	at := now
	if !in.SentAt.IsZero() && in.SentAt.Before(now) {
		at = in.SentAt
	}
	if err := s.unite(ctx, c, in); err != nil {
		return conversation, false, err
	}
	key := id.New[reception.Conversation]()
	err = s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		conversation, err = s.conversationOf(ctx, r, c, key, in)
		if err != nil {
			return err
		}
		// This also keeps others who take in the same message waiting, so that they find it.
		conversation, err = r.Conversations.Update(ctx, scope, conversation.ID, func(v *reception.Conversation) error {
			if v.IsErased() {
				return errErased()
			}
			v.Address(reception.Inbound{From: in.From}) // a name would be the clinic's own
			return nil
		})
		if err != nil {
			return err
		}
		ours, err := s.echo(ctx, r, conversation, in, now)
		if typed = !ours; err != nil || ours {
			return err
		}
		_, err = r.Messages.Create(ctx, reception.Message{
			ConversationID: conversation.ID, TenantID: c.ID, EntityID: c.EntityID, Direction: reception.Out, Author: reception.Staff,
			Channel: reception.WhatsApp, ExternalID: in.ExternalID, Kind: in.Kind, Text: in.Text, Status: reception.Done, SentAt: in.SentAt, CreatedAt: now,
		})
		if until := at.Add(c.HandoffReturn); err == nil && until.After(now) {
			conversation, err = s.leave(ctx, r, conversation, func(v *reception.Conversation) error {
				v.Pause(now, until)
				return nil
			})
		}
		return err
	})
	return conversation, typed, err
}

// echo reports whether a message of the clinic is one that is stored: by the channel's id, or, as long as the channel has
// not answered the sending with one, by its text. It then has been sent, whatever the sending ends with.
func (s *FrontDesk) echo(ctx context.Context, r ports.Repositories, c reception.Conversation, in reception.Inbound, now time.Time) (bool, error) {
	unmatched, err := r.Sent.Unmatched(ctx, c.ID) // before the ids are looked at: a message goes from here to there
	if err != nil {
		return false, err
	}
	if in.ExternalID != "" {
		_, err := r.Sent.ByExternalID(ctx, c.TenantID, in.ExternalID)
		if err == nil || errs.KindOf(err) != errs.NotFound {
			return err == nil, err
		}
	}
	for _, m := range unmatched {
		sending := m.Status == reception.Pending
		recent := now.Sub(m.CreatedAt) < echoWindow && (m.Status == reception.Done || m.Error == ports.CodeSendUncertain)
		if !sameWords(m.Text, in.Text) || !sending && !recent {
			continue
		}
		matched := false
		_, err := r.Messages.Update(ctx, m.ID, func(m *reception.Message) error {
			if matched = m.ExternalID == "" || m.ExternalID == in.ExternalID; matched {
				m.Status, m.Error, m.ExternalID, m.SentAt = reception.Done, "", in.ExternalID, now
			}
			return nil
		})
		if err != nil || matched {
			return matched, err
		}
	}
	return false, nil
}

// sameWords compares texts but for space, which channels trim.
func sameWords(a, b string) bool {
	return a != "" && strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}
