package service

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// Whom a message is of, as its channel tells: a telephone, the channel's own id, or both. Either may come first, and what
// they have in common shows only later. A conversation has both as soon as both were told; one that began without a
// telephone has its id for a contact until then.

// sender is whom a message is of.
type sender struct {
	phone string // E.164; "" when not told
	lid   string // "...@lid"; "" when not told
	other string // the address it came from, of a channel that tells neither
}

func senderOf(in reception.Inbound) sender {
	s := sender{phone: in.Phone, lid: in.LID, other: in.From}
	switch {
	case agenda.IsLID(in.Phone): // the API takes either for a contact
		s.phone, s.lid = "", in.Phone
	case in.LID == "" && in.Phone == "" && agenda.IsLID(in.From):
		s.lid = in.From
	}
	return s
}

// contact is what the sender's conversation is found by, as far as this message alone tells.
func (s sender) contact() string {
	switch {
	case s.phone != "":
		return s.phone
	case s.lid != "":
		return s.lid
	}
	return s.other
}

// is reports whether a conversation is the sender's.
func (s sender) is(c reception.Conversation) bool {
	return c.Contact == s.contact() || s.lid != "" && c.LID == s.lid
}

// conversationOf finds the conversation that a message belongs to, or begins it under the key, inside the transaction that
// stores the message. Errors: Conflict when somebody else began it, or told who the sender is, at this moment; it is then
// found by another attempt, after [FrontDesk.unite].
func (s *FrontDesk) conversationOf(ctx context.Context, r ports.Repositories, c agenda.Clinic, key reception.ConversationID, in reception.Inbound) (reception.Conversation, error) {
	from, scope := senderOf(in), identity.OnlyEntity(c.EntityID)
	found, err := findConversation(ctx, r, scope, c.ID, from)
	known := err == nil
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return reception.Conversation{}, err
	}
	if known && (from.lid == "" || found.LID == from.lid) {
		return found, nil
	}
	if from.phone != "" && from.lid != "" {
		if err := s.takeLID(ctx, r, scope, c.ID, from); err != nil {
			return reception.Conversation{}, err
		}
	}
	if !known {
		begun := reception.NewConversation(key, c, from.contact(), s.d.Now())
		begun.LID = from.lid
		return r.Conversations.Create(ctx, begun)
	}
	return r.Conversations.Update(ctx, scope, found.ID, func(v *reception.Conversation) error {
		v.LID = from.lid
		return nil
	})
}

// findConversation finds the conversation of a sender, by telephone where that is told. Errors: NotFound.
func findConversation(ctx context.Context, r ports.Repositories, scope identity.Scope, tenant agenda.TenantID, from sender) (reception.Conversation, error) {
	if from.phone == "" && from.lid != "" {
		return r.Conversations.ByLID(ctx, scope, tenant, from.lid)
	}
	return r.Conversations.ByContact(ctx, scope, tenant, from.contact())
}

// takeLID takes the channel's id of a sender away from the conversation of another telephone: it is of whom the channel
// names now. That of a conversation that has no telephone yet is not taken: the two are one, see [FrontDesk.unite].
func (s *FrontDesk) takeLID(ctx context.Context, r ports.Repositories, scope identity.Scope, tenant agenda.TenantID, from sender) error {
	holder, err := r.Conversations.ByLID(ctx, scope, tenant, from.lid)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if agenda.IsLID(holder.Contact) {
		return errs.New(errs.Conflict, "conversation-split", "the contact has a conversation without its telephone")
	}
	_, err = r.Conversations.Update(ctx, scope, holder.ID, func(v *reception.Conversation) error {
		v.LID = ""
		return nil
	})
	return err
}

// unite makes one of what was thought to be two contacts, before a message that tells both the telephone and the channel's
// id is stored: the conversation that began without the telephone gets it, or is merged into the telephone's own. It waits
// for turns of both that are under way, so that none books for the contact that is no more.
func (s *FrontDesk) unite(ctx context.Context, c agenda.Clinic, in reception.Inbound) error {
	from, scope := senderOf(in), identity.OnlyEntity(c.EntityID)
	if from.phone == "" || from.lid == "" {
		return nil
	}
	bare, err := s.d.Repositories.Conversations.ByLID(ctx, scope, c.ID, from.lid)
	if errs.KindOf(err) == errs.NotFound || err == nil && !agenda.IsLID(bare.Contact) {
		return nil
	}
	if err != nil {
		return err
	}
	keys := []string{conversationKey(bare.ID)}
	target, err := s.d.Repositories.Conversations.ByContact(ctx, scope, c.ID, from.phone)
	if err == nil {
		keys = append(keys, conversationKey(target.ID))
	} else if errs.KindOf(err) != errs.NotFound {
		return err
	}
	return s.d.lockedAll(ctx, keys, func(ctx context.Context) error {
		return s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
			return s.uniteIn(ctx, r, c, from, len(keys) == 2)
		})
	})
}

// uniteIn is unite under its locks, when what was seen before them still holds: twoSeen says whether the telephone had a
// conversation then. Errors: Conflict "conversation-split" when that changed.
func (s *FrontDesk) uniteIn(ctx context.Context, r ports.Repositories, c agenda.Clinic, from sender, twoSeen bool) error {
	scope, now := identity.OnlyEntity(c.EntityID), s.d.Now()
	bare, err := r.Conversations.ByLID(ctx, scope, c.ID, from.lid)
	if errs.KindOf(err) == errs.NotFound || err == nil && !agenda.IsLID(bare.Contact) {
		return nil // somebody was faster
	}
	if err != nil {
		return err
	}
	target, err := r.Conversations.ByContact(ctx, scope, c.ID, from.phone)
	two := err == nil
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	if two != twoSeen {
		return errs.New(errs.Conflict, "conversation-split", "the contact's other conversation has just begun")
	}
	if err := r.Contacts.Move(ctx, c.ID, bare.Contact, from.phone, now); err != nil {
		return err
	}
	if !two {
		_, err = r.Conversations.Update(ctx, scope, bare.ID, func(v *reception.Conversation) error {
			v.Contact = from.phone
			return nil
		})
		return err
	}
	if err := r.Contacts.Merge(ctx, bare.ID, target.ID); err != nil {
		return err
	}
	if _, err := r.Conversations.Update(ctx, scope, target.ID, func(v *reception.Conversation) error {
		v.Absorb(bare)
		return nil
	}); err != nil {
		return err
	}
	// What the old one's jobs would have answered is the other one's now.
	return r.Jobs.Enqueue(ctx, ports.Job{
		Kind: JobHandleMessages, Key: conversationKey(target.ID), Arg: target.ID.String(), RunAt: now,
	})
}
