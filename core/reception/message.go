package reception

import (
	"slices"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
)

// MessageID identifies a message. 0 means none. A later message has a larger id.
type MessageID int64

// String returns the decimal form.
func (i MessageID) String() string { return strconv.FormatInt(int64(i), 10) }

// Direction says who wrote a message.
type Direction string

// The directions.
const (
	In  Direction = "in"  // the patient
	Out Direction = "out" // the clinic
)

// Channel says how a message came, and so how it is answered.
type Channel string

// The channels.
const (
	WhatsApp Channel = "whatsapp" // answered through the messenger
	API      Channel = "api"      // answered in the response
)

// Author says who wrote a message.
type Author string

// The authors.
const (
	Contact   Author = "contact"   // whom the conversation is with
	Assistant Author = "assistant" // the front desk itself
	Staff     Author = "staff"     // a person of the clinic: by the API, the panel of the channel, or the phone
)

// MessageStatus is how far the handling of a message got.
type MessageStatus string

// The statuses.
const (
	Pending MessageStatus = "pending" // to be handled, or to be sent
	Done    MessageStatus = "done"    // handled, or sent
	Failed  MessageStatus = "failed"  // never to be sent
)

// ContentKind says what an inbound message holds.
type ContentKind string

// The kinds of content.
const (
	Text        ContentKind = "text"
	Audio       ContentKind = "audio" // without a transcription
	Unsupported ContentKind = "unsupported"
)

// Message is one message of a conversation.
type Message struct {
	ID             MessageID
	ConversationID ConversationID
	TenantID       agenda.TenantID
	EntityID       clinic.EntityID
	Direction      Direction
	Author         Author
	UserID         identity.UserID      // who of the clinic wrote it by the API; 0 when nobody did
	Proactive      bool                 // an outbound message that answers nothing, such as a reminder: quiet hours and opting out hold for it
	Appointment    agenda.AppointmentID // the visit that an outbound message is about; zero when none
	Channel        Channel
	ExternalID     string // the channel's id, unique among a clinic's inbound messages; "" when it has none
	Kind           ContentKind
	Text           string
	Status         MessageStatus
	Error          string // why it was not sent; never personal data
	Turn           *Turn  // what an inbound message led to, once it is done
	SentAt         time.Time
	CreatedAt      time.Time
}

// Clone returns a copy that shares nothing with m.
func (m Message) Clone() Message {
	if m.Turn != nil {
		turn := m.Turn.Clone()
		m.Turn = &turn
	}
	return m
}

// Delivery is what a channel told of one of its instances.
type Delivery struct {
	Instance   string // the channel's name of the clinic
	Messages   []Inbound
	Edits      []Edit
	Connection *Connection // how the instance is connected now; nil when that was not told
}

// Edit is a message that its writer changed after it was sent.
type Edit struct {
	ExternalID string // of the message that was changed
	From       string // as of Inbound; "" when the channel does not tell who wrote it
	Phone      string // as of Inbound
	LID        string // as of Inbound
	Text       string // what it says now
	At         time.Time
}

// Connection is how an instance of a channel is connected to its network.
type Connection struct {
	State  ConnectionState
	Reason int // the channel's code of why it is so, such as 401 after the phone logged it out; 0 when it gave none
}

// ConnectionState says whether an instance of a channel can send and receive.
type ConnectionState string

// The states of a connection.
const (
	Open       ConnectionState = "open"
	Connecting ConnectionState = "connecting" // it comes back by itself
	Closed     ConnectionState = "close"      // somebody has to connect the phone again
	Refused    ConnectionState = "refused"    // likewise
)

// Inbound is a message as a channel delivered it.
type Inbound struct {
	ExternalID string
	From       string // the address to answer, as the channel gave it
	Phone      string // the contact's telephone as far as the channel tells; "" when it tells none
	LID        string // the contact's "...@lid" as far as the channel tells; "" when it tells none
	Name       string // what the sender calls itself
	Kind       ContentKind
	Text       string
	SentAt     time.Time // zero when unknown
	FromClinic bool      // sent by the clinic: typed on its phone, or an echo of what was sent for it
	History    bool      // from the past, told after a reconnection or when asked for: nobody waits for an answer by now
}

// Turn is what one message led to: what was said, and where the conversation stands. It names records by id; whoever
// shows it looks them up.
type Turn struct {
	Replies      []string
	Intent       Intent
	State        State
	Professional agenda.ClinicProfessionalID   // zero when none is chosen
	Service      agenda.ServiceID              // zero when none is chosen
	Options      []agenda.ClinicProfessionalID // professionals that were offered
	Slots        []agenda.Interval             // slots that were offered
	Appointment  agenda.AppointmentID          // zero when none was made or changed
	ModelCalls   int
}

// Clone returns a copy that shares nothing with t.
func (t Turn) Clone() Turn {
	t.Replies = slices.Clone(t.Replies)
	t.Options = slices.Clone(t.Options)
	t.Slots = slices.Clone(t.Slots)
	return t
}
