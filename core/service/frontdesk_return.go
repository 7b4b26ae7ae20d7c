package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// JobReturnConversations gives conversations back to the assistant that people have had for as long as they are given. It
// has no argument.
const JobReturnConversations = "return-conversations"

const (
	returnBatch = 100 // conversations that are looked for at once
	returnLook  = 50  // messages of a conversation that are looked through for a person's
)

// Periodic is what [ports.JobRunner.Work] is to have done, by [FrontDesk.Do].
func (s *FrontDesk) Periodic() []ports.PeriodicJob {
	return []ports.PeriodicJob{{Kind: JobReturnConversations, Every: time.Minute}}
}

// returnOverdue gives back every conversation whose time with people is over. One that cannot be given back is tried again
// by the next run, and keeps no other from it.
func (s *FrontDesk) returnOverdue(ctx context.Context) error {
	for {
		now := s.d.Now()
		list, err := s.d.Repositories.Waiting.Overdue(ctx, now, returnBatch)
		if err != nil {
			return err
		}
		returned := 0
		var failed error
		for _, c := range list {
			ok, err := s.returnOne(ctx, c, now)
			failed = errors.Join(failed, err)
			if ok {
				returned++
			}
		}
		if failed != nil || returned == 0 || len(list) < returnBatch {
			return failed
		}
	}
}

// returnOne gives a conversation back. A contact who wrote and whom nobody answered is told so, once.
func (s *FrontDesk) returnOne(ctx context.Context, c reception.Conversation, now time.Time) (returned bool, err error) {
	told := false
	err = s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		returned, told = false, false
		scope := identity.OnlyEntity(c.EntityID)
		at, err := r.Clinics.Get(ctx, scope, c.TenantID)
		if err != nil {
			return err
		}
		var was reception.Conversation
		_, err = r.Conversations.Update(ctx, scope, c.ID, func(v *reception.Conversation) error {
			was = v.Clone()
			if returned = v.Overdue(now); !returned {
				return nil // somebody has it again
			}
			return v.GiveBack(now)
		})
		if err != nil || !returned {
			return err
		}
		unanswered, err := s.unanswered(ctx, r, was)
		if err != nil || !unanswered || !at.Active {
			return err
		}
		desk := reception.Desk{Directory: agenda.NewDirectory(at, nil, nil), Say: s.catalogue, Now: now}
		told = true
		return keepNotice(ctx, r, JobSendNotice, c, agenda.AppointmentID{}, desk.NobodyAnswered(), time.Time{}, now)
	})
	if err != nil || !returned {
		return false, err
	}
	s.d.Log.InfoContext(ctx, "a conversation went back to the assistant", slog.String("tenant_id", c.TenantID.String()),
		slog.String("conversation_id", c.ID.String()), slog.String("reason", string(c.Handoff.Reason)), slog.Bool("unanswered", told))
	s.tell(ctx, c.TenantID, c.ID, ConversationReturned)
	return true, nil
}

// unanswered reports whether the contact wrote and no person took the conversation or wrote since it was handed over, so
// that the contact is to be told that.
func (s *FrontDesk) unanswered(ctx context.Context, r ports.Repositories, c reception.Conversation) (bool, error) {
	if c.Handoff.By != 0 || c.Handoff.Reason == reception.StaffWrote {
		return false, nil // nobody waits
	}
	newest, err := r.Messages.Newest(ctx, []reception.ConversationID{c.ID}, returnLook)
	if err != nil {
		return false, err
	}
	var last *reception.Message
	for i, m := range newest {
		switch {
		case m.Author == reception.Staff && !m.CreatedAt.Before(c.Handoff.At):
			return false, nil // somebody answered
		case last == nil && m.Direction == reception.In:
			last = &newest[i]
		}
	}
	// What came by the API cannot be told anything by itself. What is pending is answered in a moment.
	return last != nil && last.Channel == reception.WhatsApp && last.Status != reception.Pending, nil
}
