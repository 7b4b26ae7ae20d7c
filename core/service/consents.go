package service

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// consentByAPI is how consent was told that somebody of the clinic noted.
const consentByAPI = "api"

// Consents returns a page of what a contact of a clinic agreed to and took back, oldest first, and logs that. Errors:
// NotFound "clinic-not-found", Invalid.
func (s *FrontDesk) Consents(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string, req page.Request) (page.Page[reception.Consent], error) {
	var none page.Page[reception.Consent]
	if err := actor.Require(identity.ConversationsRead); err != nil {
		return none, err
	}
	c, key, err := s.contactOf(ctx, actor, tenant, contact)
	if err != nil {
		return none, err
	}
	p, err := s.d.Repositories.Consents.List(ctx, actor.Scope(), reception.ConsentFilter{TenantID: tenant, Contact: key}, req)
	if err != nil {
		return none, err
	}
	return logList(ctx, s.d, actor, "consents", "", c.EntityID, p)
}

// contactOf reads the clinic and how a contact of it is named. It need not have written yet.
func (s *FrontDesk) contactOf(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string) (agenda.Clinic, string, error) {
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
	if err != nil {
		return agenda.Clinic{}, "", err
	}
	var check errs.Check
	key, err := agenda.ContactKey(contact)
	check.Note("path.phone", err)
	return c, key, check.Err()
}

// NoteConsent appends to the ledger what a contact told the clinic by other means than a message. Taking back the consent
// to be written to at all is opting out, and giving it again is coming back. Errors: NotFound "clinic-not-found", Invalid.
func (s *FrontDesk) NoteConsent(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string, purpose reception.ConsentPurpose, granted bool) (reception.Consent, error) {
	if err := actor.Require(identity.ConversationsWrite); err != nil {
		return reception.Consent{}, err
	}
	c, key, err := s.contactOf(ctx, actor, tenant, contact)
	if err != nil {
		return reception.Consent{}, err
	}
	entry := reception.Consent{
		TenantID: tenant, EntityID: c.EntityID, Contact: key, Purpose: purpose, Granted: granted, How: consentByAPI, UserID: actor.UserID(),
	}
	conversation, err := findConversation(ctx, s.d.Repositories, actor.Scope(), tenant, senderOf(reception.Inbound{Phone: key}))
	known := err == nil
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return reception.Consent{}, err
	}
	if !known || purpose != reception.ToBeWritten {
		entry.At = s.d.Now()
		return write(ctx, s.d, func(ctx context.Context, r ports.Repositories) (reception.Consent, error) {
			return r.Consents.Append(ctx, entry)
		})
	}
	// A turn that is under way ends first, so that it does not put back how the conversation was.
	var noted reception.Consent
	err = s.d.locked(ctx, conversationKey(conversation.ID), func(ctx context.Context) error {
		entry.Contact, entry.At = conversation.Contact, s.d.Now()
		noted, err = inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (reception.Consent, error) {
			_, err := r.Conversations.Update(ctx, actor.Scope(), conversation.ID, func(v *reception.Conversation) error {
				v.Consent(granted, entry.At)
				return nil
			})
			if err != nil {
				return reception.Consent{}, err
			}
			return r.Consents.Append(ctx, entry)
		})
		return err
	})
	return noted, err
}

// consented refuses to send a contact what it has taken its consent back for, with Conflict "opted-out". The turn in which
// that was said is the last one that is answered.
func (s *FrontDesk) consented(ctx context.Context, to reception.Conversation, kind string) error {
	refused := errs.New(errs.Conflict, codeOptedOut, "the contact wants no such messages")
	var purposes []reception.ConsentPurpose
	switch kind {
	case JobSendFarewell:
		return nil
	case JobSendReminder:
		purposes = reception.ConsentPurposes()
	case JobSendChange, JobSendNotice:
		purposes = []reception.ConsentPurpose{reception.ToBeWritten}
	}
	if to.State == reception.OptedOut {
		return refused
	}
	for _, purpose := range purposes {
		last, err := s.d.Repositories.Consents.Latest(ctx, identity.OnlyEntity(to.EntityID), to.TenantID, to.Contact, purpose)
		if errs.KindOf(err) == errs.NotFound {
			continue // nothing was told: whoever books is reminded
		}
		if err != nil {
			return err
		}
		if !last.Granted {
			return refused
		}
	}
	return nil
}
