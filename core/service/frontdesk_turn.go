package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/ports"
)

// maxActions bounds how many actions one message may lead to; the machine needs three.
const maxActions = 5

// answer handles a conversation's pending messages, oldest first, one caller at a time. With a message named it leaves
// those that came after that one. With last set there will be no other attempt: what fails is given up.
func (s *FrontDesk) answer(ctx context.Context, key reception.ConversationID, until reception.MessageID, last bool) error {
	return s.d.locked(ctx, conversationKey(key), func(ctx context.Context) error {
		for {
			b, err := s.nextBurst(ctx, key, until)
			if err != nil || len(b) == 0 {
				return err
			}
			m := b[0]
			err = s.answerOne(ctx, b)
			if errs.CodeOf(err) == codePeople {
				continue // the message is heard as the conversation is now
			}
			if err != nil && last && ctx.Err() == nil {
				err = s.abandonAll(ctx, b, err)
				until = 0 // what came after it waits for a person too
			}
			// A lock that was lost let somebody else handle the message: what that led to stands.
			if errs.CodeOf(err) == codeHandled {
				s.d.Log.WarnContext(ctx, "a turn was dropped: its message had been handled elsewhere", slog.String("message_id", m.ID.String()))
				err = nil
			}
			if err != nil {
				return err
			}
		}
	})
}

// answerOne runs the conversation over one burst, and stores what it led to in one transaction. When it is run again
// after a crash, what was booked is booked under the same id and so only once.
func (s *FrontDesk) answerOne(ctx context.Context, b burst) error {
	m := b.joined()
	actor := identity.FrontDesk(m.EntityID)
	ctx = identity.WithActor(ctx, actor) // whoever handed the message in: what it leads to is the front desk's doing
	conversation, err := s.d.Repositories.Conversations.Get(ctx, actor.Scope(), m.ConversationID)
	if err != nil {
		return err
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), m.TenantID)
	if err != nil {
		return err
	}
	known, err := patientsOf(ctx, s.d.Repositories, m.EntityID, m.TenantID, conversation.Contact)
	if err != nil {
		return err
	}
	t := turn{
		s: s, actor: actor, burst: b, message: m, conversation: conversation.Clone(), handoff: conversation.Handoff,
		desk: reception.Desk{Directory: dir, Say: s.catalogue, Now: s.d.Now(), Written: m.CreatedAt, Patients: known},
	}
	s.showTyping(ctx, dir.Clinic, conversation, m)
	if err := t.run(ctx); err != nil {
		return err
	}
	if err := s.keep(ctx, actor, t); err != nil {
		return err
	}
	if after := t.conversation.Handoff; t.out.State == reception.HandedOff && !after.Same(conversation.Handoff) {
		s.d.Log.WarnContext(ctx, "a conversation waits for a person", slog.String("tenant_id", m.TenantID.String()),
			slog.String("conversation_id", m.ConversationID.String()), slog.String("reason", string(after.Reason)))
		s.tell(ctx, m.TenantID, m.ConversationID, ConversationWaiting)
	} else if len(t.out.Replies) > 0 {
		s.tell(ctx, m.TenantID, m.ConversationID, ConversationMessage)
	}
	return nil
}

// turn is the handling of one burst.
type turn struct {
	s            *FrontDesk
	actor        identity.Actor
	desk         reception.Desk
	burst        burst
	message      reception.Message // the burst as one
	conversation reception.Conversation
	handoff      reception.Handoff // the conversation's, before the turn
	out          reception.Turn
	voltar       bool // the message asks the assistant to go on
}

func (t *turn) run(ctx context.Context) error {
	t.out.Intent = reception.Other
	before := t.conversation.Clone()
	var step reception.Step
	if t.message.Kind == reception.Text {
		in := t.s.context(t.desk.Directory, t.conversation.State)
		in.Asked, in.Visits = t.conversation.Draft.Person, t.conversation.Draft.ListedVisits()
		meaning, calls, err := t.s.understanding.Understand(ctx, t.message.Text, in)
		if err != nil {
			return err
		}
		if s := t.conversation.State; s == reception.ChoosingSlot || s == reception.Confirming {
			if err := t.lookUpOwn(ctx); err != nil {
				return err
			}
		}
		t.out.Intent, t.out.ModelCalls, t.voltar = meaning.Intent, calls, meaning.OptIn
		step = t.desk.Hear(&t.conversation, meaning)
	} else {
		step = t.desk.HearUnreadable(&t.conversation, t.message.Kind)
	}
	for range maxActions {
		t.out.Replies = append(t.out.Replies, step.Replies...)
		if step.Action.Kind == reception.NoAction {
			break
		}
		next, err := t.act(ctx, step.Action)
		if err != nil {
			return err
		}
		step = next.Introduced(step.Action)
	}
	t.out.Replies = t.desk.Unrepeated(&t.conversation, before, t.out.Replies)
	draft := t.conversation.Draft
	t.out.State = t.conversation.State
	if t.out.Professional.IsZero() {
		t.out.Professional, t.out.Service = draft.Professional, draft.Service
	}
	if t.conversation.State == reception.ChoosingProfessional {
		t.out.Options = draft.Options
	}
	if t.conversation.State == reception.ChoosingSlot {
		t.out.Slots = draft.Slots
	}
	return nil
}

// context is what a message is understood in.
func (s *FrontDesk) context(dir agenda.Directory, state reception.State) reception.Context {
	zone := dir.Clinic.Location()
	now := s.d.Now().In(zone)
	return reception.Context{
		Directory: dir, State: state, Today: agenda.DateOf(now, zone), Now: agenda.LocalTimeOf(now, zone),
	}
}

// act does what the conversation asks for and tells it the result.
func (t *turn) act(ctx context.Context, a reception.Action) (reception.Step, error) {
	switch a.Kind {
	case reception.FindSlots:
		return t.findSlots(ctx)
	case reception.Book:
		return t.book(ctx)
	case reception.MoveVisit:
		return t.move(ctx)
	case reception.FindOwn:
		return t.findOwn(ctx)
	case reception.CancelVisit:
		return t.cancel(ctx)
	case reception.NoteAttendance:
		return t.attend(ctx)
	case reception.TellOwn, reception.GreetOwn:
		return t.tellOwn(ctx, a)
	case reception.FindFirst:
		return t.findFirst(ctx)
	case reception.NoAction:
	}
	return reception.Step{}, nil
}

func (t *turn) findSlots(ctx context.Context) (reception.Step, error) {
	draft, c := t.conversation.Draft, t.desk.Directory.Clinic
	professional, ok := t.desk.Directory.Professional(draft.Professional)
	if !ok {
		return t.desk.Failed(&t.conversation), nil
	}
	var service *agenda.Service
	if v, ok := t.desk.Directory.Service(draft.Service); ok {
		service = &v
	}
	var except []agenda.AppointmentID
	if draft.Purpose == reception.ToMove {
		except = append(except, draft.Appointment)
	}
	if err := t.lookUpOwn(ctx); err != nil {
		return reception.Step{}, err
	}
	free, err := t.s.agenda.free(ctx, t.desk.Directory, professional, service, t.desk.Now, t.desk.Now.Add(c.MaximumAhead), except...)
	if err != nil {
		return t.trouble(ctx, err)
	}
	return t.desk.OfferSlots(&t.conversation, free), nil
}

func (t *turn) book(ctx context.Context) (reception.Step, error) {
	draft := t.conversation.Draft
	a, err := t.s.agenda.Book(ctx, t.actor, BookParams{
		Key:    id.Derive[agenda.Appointment](t.conversation.ID.String(), t.message.ID.String()),
		Tenant: t.conversation.TenantID, Professional: draft.Professional, Service: draft.Service,
		Patient: t.conversation.Whom(), Contact: t.conversation.Contact, Start: draft.Slot.Start, Offered: true,
	})
	if err != nil {
		return t.trouble(ctx, err)
	}
	t.about(a)
	return t.desk.Booked(&t.conversation, a), nil
}

func (t *turn) move(ctx context.Context) (reception.Step, error) {
	draft := t.conversation.Draft
	if step, err, ok := t.own(ctx, draft.Appointment); !ok {
		return step, err
	}
	a, err := t.s.agenda.Reschedule(ctx, t.actor, RescheduleParams{
		Tenant: t.conversation.TenantID, Appointment: draft.Appointment, Start: draft.Slot.Start, Offered: true,
	})
	if err != nil {
		return t.trouble(ctx, err)
	}
	t.about(a)
	return t.desk.Moved(&t.conversation, a), nil
}

func (t *turn) cancel(ctx context.Context) (reception.Step, error) {
	draft := t.conversation.Draft
	if step, err, ok := t.own(ctx, draft.Appointment); !ok {
		return step, err
	}
	a, err := t.s.agenda.Cancel(ctx, t.actor, CancelParams{
		Tenant: t.conversation.TenantID, Appointment: draft.Appointment, Reason: "cancelled by the patient",
	})
	if err != nil {
		return t.trouble(ctx, err)
	}
	t.about(a)
	return t.desk.Cancelled(&t.conversation, a), nil
}

// own checks that an appointment is the contact's: a conversation never touches another patient's.
func (t *turn) own(ctx context.Context, key agenda.AppointmentID) (reception.Step, error, bool) {
	a, err := t.s.agenda.Get(ctx, t.actor, t.conversation.TenantID, key)
	if err == nil && a.Contact != t.conversation.Contact {
		err = errs.Absent("appointment")
	}
	if err != nil {
		step, err := t.trouble(ctx, err)
		return step, err, false
	}
	return reception.Step{}, nil, true
}

// about notes the appointment that a turn made or changed.
func (t *turn) about(a agenda.Appointment) {
	t.out.Appointment, t.out.Professional, t.out.Service = a.ID, a.ProfessionalID, a.ServiceID
}

// trouble tells the conversation what went wrong. What is nobody's expected failure is an error of the turn, which is
// then tried again.
func (t *turn) trouble(ctx context.Context, err error) (reception.Step, error) {
	switch errs.CodeOf(err) {
	case "slot-taken", "slot-not-offered", "hold-expired":
		return t.desk.SlotTaken(&t.conversation), nil
	case "calendar-unavailable":
		t.s.d.Log.WarnContext(ctx, "calendar unavailable", slog.String("tenant_id", t.conversation.TenantID.String()), slog.Any("err", err))
		return t.desk.CalendarAway(&t.conversation), nil
	case "appointment-past", "appointment-state":
		return t.desk.TooLate(&t.conversation), nil
	case "cut-off-passed": // staff may still do it, so a person takes over
		return t.desk.Failed(&t.conversation), nil
	}
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Forbidden, errs.NotFound, errs.Conflict, errs.Stale:
		t.s.d.Log.ErrorContext(ctx, "conversation handed over", slog.String("conversation_id", t.conversation.ID.String()), slog.Any("err", err))
		return t.desk.Failed(&t.conversation), nil
	case errs.Internal, errs.Unauthenticated, errs.Exhausted, errs.Unavailable, errs.TooLarge:
	}
	return reception.Step{}, err
}

// keep stores a turn: the conversation, the messages as done, the replies, and the jobs that send them.
func (s *FrontDesk) keep(ctx context.Context, actor identity.Actor, t turn) error {
	now := s.d.Now()
	// The visit may be booked by now, so what it led to is stored even when the caller has gone away.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		var before reception.State
		after, err := r.Conversations.Update(ctx, actor.Scope(), t.conversation.ID, func(c *reception.Conversation) error {
			before = c.State
			switch {
			case c.Handoff.Same(t.handoff):
				c.Keep(t.conversation)
			case t.out.Appointment.IsZero():
				return errPeople()
			default: // what was booked, moved or cancelled has happened, and is told; people have the rest
				c.Patient = t.conversation.Patient
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, entry := range reception.ConsentsOf(before, after, t.voltar, t.message.Channel, now) {
			if _, err := r.Consents.Append(ctx, entry); err != nil {
				return err
			}
		}
		if err := s.settle(ctx, r, t, now); err != nil {
			return err
		}
		for _, text := range t.out.Replies {
			if err := s.keepReply(ctx, r, t.message, text, t.out.Appointment, now); err != nil {
				return err
			}
		}
		return nil
	})
}
