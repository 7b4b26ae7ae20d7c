package service

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

const (
	// correctedWithin is how long after a message came a correction of it is heard; WhatsApp takes no later ones.
	correctedWithin = 15 * time.Minute
	// correctionSuffix is after the id of the message that was corrected.
	correctionSuffix = ":edit"
	maxExternalID    = 254
)

// edited takes in that somebody changed a message. One that was not answered yet says what it says now. One that was is
// followed by another that has the new text, once. What is not known, or not theirs to change, is left.
func (s *FrontDesk) edited(ctx context.Context, c agenda.Clinic, e reception.Edit) error {
	m, err := s.d.Repositories.Messages.ByExternalID(ctx, c.ID, e.ExternalID+correctionSuffix) // corrected before
	if errs.KindOf(err) == errs.NotFound {
		m, err = s.d.Repositories.Messages.ByExternalID(ctx, c.ID, e.ExternalID)
	}
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	conversation, err := s.d.Repositories.Conversations.Get(ctx, identity.OnlyEntity(c.EntityID), m.ConversationID)
	if err != nil || !conversation.IsWith(e) {
		return err
	}
	now := s.d.Now()
	err = s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		heard := false
		m, err := r.Messages.Update(ctx, m.ID, func(m *reception.Message) error {
			heard = m.Status != reception.Pending && m.Text != e.Text && !m.IsRedacted()
			if m.Status == reception.Pending {
				m.Text, m.Kind = e.Text, reception.Text
			}
			return nil
		})
		// Without a turn it was too old to be answered.
		if err != nil || !heard || m.Turn == nil || m.ExternalID != e.ExternalID || now.Sub(m.CreatedAt) > correctedWithin {
			return err
		}
		return s.pendCorrection(ctx, r, m, e.Text, now)
	})
	if errs.CodeOf(err) == "message-repeated" { // somebody took in the same correction at this moment
		return nil
	}
	return err
}

// pendCorrection stores what a message that was answered says now, to be handled.
func (s *FrontDesk) pendCorrection(ctx context.Context, r ports.Repositories, of reception.Message, text string, now time.Time) error {
	key := of.ExternalID + correctionSuffix
	if len(key) > maxExternalID {
		return nil
	}
	_, err := s.pend(ctx, r, reception.Message{
		ConversationID: of.ConversationID, TenantID: of.TenantID, EntityID: of.EntityID, Direction: reception.In, Author: reception.Contact,
		Channel: of.Channel, ExternalID: key, Kind: reception.Text, Text: text, Status: reception.Pending, CreatedAt: now,
	})
	return err
}
