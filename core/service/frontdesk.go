package service

import (
	"cmp"
	"context"
	"log/slog"
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

// The jobs of the front desk.
const (
	JobHandleMessages = "handle-messages" // answer what a conversation has pending; see handling for the argument
	JobSendReply      = "send-reply"      // send one reply; the argument is the message's id
	JobSendFarewell   = "send-farewell"   // likewise, of the turn in which the contact opted out
	JobSendReminder   = "send-reminder"   // send a reminder; the argument is a [notice], whose moment is the start it is of
	JobSendNotice     = "send-notice"     // send what is about no visit; the argument is a [notice] without a moment
	JobSendChange     = "send-change"     // tell of a change; the argument is a [notice], whose moment is when it would be too late
)

// MaxMessage is the longest message that is read, in characters.
const MaxMessage = 4096

// FrontDeskOptions is how the front desk is set up.
type FrontDeskOptions struct {
	WebhookToken string // what Evolution sends as bearer token, besides a clinic's own; "" when none
	OpenWebhook  bool   // accept webhooks of clinics without any token: for the demo on loopback only

	// Debounce is how long a contact must have been silent on WhatsApp before it is answered: what people write in several
	// messages is understood as one. 0: each message by itself.
	Debounce time.Duration
	// AnswerWithin is how old a message may be when it comes and still be answered; 0: 30 minutes.
	AnswerWithin time.Duration
	// Typing shows contacts that they are being answered; nil: nothing does.
	Typing Typing
}

// FrontDesk is the conversations with patients.
type FrontDesk struct {
	d             Deps
	agenda        *Agenda
	understanding ports.Understanding
	decoder       ports.WebhookDecoder
	messenger     ports.Messenger
	options       FrontDeskOptions
	catalogue     *reception.Catalogue
}

// NewFrontDesk makes the use cases of conversations.
func NewFrontDesk(d Deps, a *Agenda, u ports.Understanding, dec ports.WebhookDecoder, m ports.Messenger, o FrontDeskOptions) *FrontDesk {
	o.AnswerWithin = cmp.Or(o.AnswerWithin, defaultAnswerWithin)
	return &FrontDesk{
		d: d, agenda: a, understanding: u, decoder: dec, messenger: m, options: o, catalogue: reception.Portuguese(),
	}
}

// Said is a message that arrives by the API.
type Said struct {
	ExternalID string // makes a repeated delivery answer with the first one's turn; "" when it has none
	Name       string // what the contact calls itself; "" when unknown
	Text       string
}

// Shown is a turn with the records that it names.
type Shown struct {
	reception.Turn
	Directory   agenda.Directory
	Appointment *agenda.Appointment
}

// Say takes in a message by the API and answers with the turn. The reply is only in the answer: whoever called delivers
// it. Errors: NotFound, Invalid, Conflict "clinic-inactive", or "message-repeated" when the id was used in another
// conversation.
func (s *FrontDesk) Say(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string, said Said) (Shown, error) {
	if err := actor.Require(identity.ConversationsWrite); err != nil {
		return Shown{}, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
	if err == nil {
		err = c.RequireActive()
	}
	if err != nil {
		return Shown{}, err
	}
	var check errs.Check
	in := reception.Inbound{
		ExternalID: valid.OptionalText(&check, "id", said.ExternalID, 254),
		Name:       valid.OptionalText(&check, "name", said.Name, 100),
		Text:       valid.Prose(&check, "text", said.Text, MaxMessage),
		Kind:       reception.Text,
	}
	check.That(in.Text != "", "text", "must not be empty")
	in.Phone, err = agenda.ContactKey(contact)
	check.Note("path.phone", err)
	if err := check.Err(); err != nil {
		return Shown{}, err
	}
	m, err := s.store(ctx, c, in, reception.API)
	if err != nil {
		return Shown{}, err
	}
	if err := s.answer(ctx, m.ConversationID, m.ID, false); err != nil {
		return Shown{}, err
	}
	if m, err = s.d.Repositories.Messages.Get(ctx, m.ID); err != nil {
		return Shown{}, err
	}
	if m.Turn == nil {
		return Shown{}, errs.New(errs.Conflict, "message-repeated", "the message is being handled elsewhere")
	}
	return s.show(ctx, actor, tenant, *m.Turn)
}

// show looks up what a turn names.
func (s *FrontDesk) show(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, turn reception.Turn) (Shown, error) {
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), tenant)
	if err != nil {
		return Shown{}, err
	}
	out := Shown{Turn: turn, Directory: dir}
	if !turn.Appointment.IsZero() {
		a, err := s.agenda.Get(ctx, identity.FrontDesk(dir.Clinic.EntityID), tenant, turn.Appointment)
		if err != nil {
			return Shown{}, err
		}
		out.Appointment = &a
	}
	return out, nil
}

// Understood is what a text means, and what it took to find out.
type Understood struct {
	reception.Meaning
	ModelCalls int
}

// Understand tells what a text means to the clinic, and does nothing else, but that calls to a model are counted. Errors:
// NotFound, Invalid.
func (s *FrontDesk) Understand(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, text string) (Understood, error) {
	if err := actor.Require(identity.ConversationsRead); err != nil {
		return Understood{}, err
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), tenant)
	if err != nil {
		return Understood{}, err
	}
	var check errs.Check
	text = valid.Prose(&check, "text", text, MaxMessage)
	check.That(text != "", "text", "must not be empty")
	if err := check.Err(); err != nil {
		return Understood{}, err
	}
	m, calls, err := s.understanding.Understand(ctx, text, s.context(dir, reception.Idle))
	return Understood{m, calls}, err
}

// Conversation returns a clinic's conversation with a contact, and logs that. Errors: NotFound, Invalid.
func (s *FrontDesk) Conversation(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string) (reception.Conversation, error) {
	c, err := s.conversation(ctx, actor, tenant, contact)
	if err == nil {
		err = logRead(ctx, s.d, actor, "conversations", c.ID.String(), c.EntityID, nil)
	}
	if err != nil {
		return reception.Conversation{}, err
	}
	return c, nil
}

func (s *FrontDesk) conversation(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string) (reception.Conversation, error) {
	if err := actor.Require(identity.ConversationsRead); err != nil {
		return reception.Conversation{}, err
	}
	if _, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant); err != nil {
		return reception.Conversation{}, err
	}
	key, err := agenda.ContactKey(contact)
	if err != nil {
		return reception.Conversation{}, err
	}
	return findConversation(ctx, s.d.Repositories, actor.Scope(), tenant, senderOf(reception.Inbound{Phone: key}))
}

// Conversations returns a page of a clinic's conversations, and logs that. Errors: NotFound "clinic-not-found".
func (s *FrontDesk) Conversations(ctx context.Context, actor identity.Actor, f reception.ConversationFilter, req page.Request) (page.Page[reception.Conversation], error) {
	if err := actor.Require(identity.ConversationsRead); err != nil {
		return page.Page[reception.Conversation]{}, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), f.TenantID)
	if err != nil {
		return page.Page[reception.Conversation]{}, err
	}
	p, err := s.d.Repositories.Conversations.List(ctx, actor.Scope(), f, req)
	if err != nil {
		return p, err
	}
	return logList(ctx, s.d, actor, "conversations", "", c.EntityID, p)
}

// Messages returns a page of a conversation's messages, oldest first, and logs that. Errors: NotFound, Invalid.
func (s *FrontDesk) Messages(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, contact string, req page.Request) (page.Page[reception.Message], error) {
	c, err := s.conversation(ctx, actor, tenant, contact)
	if err != nil {
		return page.Page[reception.Message]{}, err
	}
	p, err := s.d.Repositories.Messages.List(ctx, actor.Scope(), c.ID, req)
	if err != nil {
		return p, err
	}
	return logList(ctx, s.d, actor, "conversation_messages", c.ID.String(), c.EntityID, p)
}

// Do is the handler of the service's jobs.
func (s *FrontDesk) Do(ctx context.Context, j ports.Job) error {
	switch j.Kind {
	case JobHandleMessages:
		return s.handle(ctx, j.Arg, j.Last)
	case JobSendReply, JobSendFarewell, JobSendReminder, JobSendChange, JobSendNotice:
		return s.send(ctx, j)
	case JobReturnConversations:
		return s.returnOverdue(ctx)
	case JobCalendarSync:
		key, err := id.Parse[agenda.Appointment](j.Arg)
		if err != nil {
			return err
		}
		return s.agenda.Sync(ctx, key)
	}
	s.d.Log.ErrorContext(ctx, "unknown job", slog.String("kind", j.Kind))
	return nil
}
