package ports

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

// ConversationRepository keeps conversations. A second one of a clinic with the same contact is Conflict
// "conversation-exists".
type ConversationRepository interface {
	Reader[reception.Conversation, reception.ConversationID, reception.ConversationFilter]
	Writer[reception.Conversation, reception.ConversationID]
	// ByContact returns the conversation of a clinic with somebody. Errors: NotFound.
	ByContact(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, contact string) (reception.Conversation, error)
	// ByLID returns the conversation of a clinic with the contact of a channel's id ("...@lid"). Errors: NotFound.
	ByLID(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, lid string) (reception.Conversation, error)
}

// MessageRepository keeps the messages of conversations. An inbound message whose external id the clinic already has is
// Conflict "message-repeated".
type MessageRepository interface {
	Create(ctx context.Context, m reception.Message) (reception.Message, error)
	// Update changes a message. Errors: NotFound.
	Update(ctx context.Context, id reception.MessageID, change func(*reception.Message) error) (reception.Message, error)
	// Get returns a message. Errors: NotFound "message-not-found".
	Get(ctx context.Context, id reception.MessageID) (reception.Message, error)
	// ByExternalID returns the clinic's inbound message of a channel's id. Errors: NotFound.
	ByExternalID(ctx context.Context, tenant agenda.TenantID, external string) (reception.Message, error)
	// Pending returns the conversation's inbound messages that were not handled, by id, and at most so many of the first.
	Pending(ctx context.Context, conversation reception.ConversationID, most int) ([]reception.Message, error)
	// List returns the messages of a conversation, oldest first. They are in the scope of their conversation.
	List(ctx context.Context, scope identity.Scope, conversation reception.ConversationID, req page.Request) (page.Page[reception.Message], error)
	// Newest returns the newest messages of each of some conversations, at most so many of each: in the order of the
	// conversations, and of one the newest first. None of an unknown conversation is no error.
	Newest(ctx context.Context, conversations []reception.ConversationID, each int) ([]reception.Message, error)
}

// WaitingRepository tells which conversations people have, those in state handed_off.
type WaitingRepository interface {
	// List returns those of a clinic: signs of an emergency first, then by since when, the longest first, then by id.
	List(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, req page.Request) (page.Page[reception.Conversation], error)
	// Overdue returns conversations of any clinic that go back to the assistant by now, the longest overdue first, at most so
	// many.
	Overdue(ctx context.Context, now time.Time, limit int) ([]reception.Conversation, error)
}

// SentRepository finds outbound messages again by what a channel tells of them. It is of the same messages as
// [MessageRepository].
type SentRepository interface {
	// ByExternalID returns the clinic's outbound message of a channel's id, the first when there are several. Errors: NotFound.
	ByExternalID(ctx context.Context, tenant agenda.TenantID, external string) (reception.Message, error)
	// Unmatched returns the outbound WhatsApp messages of a conversation that have no id of the channel, whether they are
	// still to be sent or not: the newest 100, oldest first.
	Unmatched(ctx context.Context, conversation reception.ConversationID) ([]reception.Message, error)
}

// ChannelStatusRepository keeps how clinics are connected to their channel.
type ChannelStatusRepository interface {
	// Of returns what is known of a clinic; when that is nothing, a status with its id only.
	Of(ctx context.Context, tenant agenda.TenantID) (reception.ChannelStatus, error)
	// Update changes what is known, beginning with nothing. Errors: whatever change returns; Invalid "unknown-reference"
	// when there is no such clinic.
	Update(ctx context.Context, tenant agenda.TenantID, change func(*reception.ChannelStatus) error) (reception.ChannelStatus, error)
}

// Understanding turns what a patient writes into a meaning.
type Understanding interface {
	// Understand never fails for being unsure: that is a meaning of low confidence. It returns how many calls to a
	// language model it took, 0 when none. What it names is checked against the directory by whoever uses it.
	Understand(ctx context.Context, text string, in reception.Context) (m reception.Meaning, modelCalls int, err error)
}

// Messenger sends replies to patients.
type Messenger interface {
	// Send sends one text and returns the channel's id of it, "" when it has none. Errors: Unavailable when it may be
	// tried again, except [CodeSendUncertain]; Invalid when it never will succeed, such as a number that is not on
	// WhatsApp.
	Send(ctx context.Context, m OutgoingMessage) (externalID string, err error)
}

// CodeSendUncertain is the code of an Unavailable error of [Messenger.Send] when the message may have been sent all the
// same. It must not be tried again: a patient who gets nothing writes again, one who gets everything twice is confused.
const CodeSendUncertain = "whatsapp-uncertain"

// OutgoingMessage is a reply to a patient.
type OutgoingMessage struct {
	Instance string // the clinic's WhatsApp instance
	To       string // the address the patient wrote from, as the channel gave it, or a telephone in E.164
	Text     string
}

// ChannelAdmin sets up and watches the instances of a channel. Its errors are those of [Messenger.Send], and
// "whatsapp-instance-unknown" is Unavailable.
type ChannelAdmin interface {
	// SetWebhook has the instance post what it receives to the address, with the token as bearer.
	SetWebhook(ctx context.Context, instance, url, token string) error
	// Connection tells how the instance is connected now.
	Connection(ctx context.Context, instance string) (reception.Connection, error)
	// History returns the messages of people that the instance has seen since a moment, oldest first and at most so many
	// of the newest, with Inbound.History set: those that the webhook told already among them.
	History(ctx context.Context, instance string, since time.Time, most int) ([]reception.Inbound, error)
	// Typing shows the contact that an answer is being written, for so long or until it comes. It returns as soon as the
	// instance was asked; where the instance cannot, it is no error.
	Typing(ctx context.Context, instance, to string, d time.Duration) error
}

// WebhookDecoder reads what a channel posts.
type WebhookDecoder interface {
	// Decode returns what a body tells; of its instance nothing when it holds nothing for the front desk. A body that is
	// not the channel's is Invalid "invalid-webhook".
	Decode(body []byte) (reception.Delivery, error)
}
