package reception

import (
	"slices"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
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

// Inbound is a message as a channel delivered it.
type Inbound struct {
	Instance   string // the channel's name of the clinic
	ExternalID string
	From       string // the address to answer, as the channel gave it
	Phone      string // the sender's telephone as far as the channel tells; "" when it tells none
	Name       string // what the sender calls itself
	Kind       ContentKind
	Text       string
	SentAt     time.Time // zero when unknown
	FromClinic bool      // typed by the clinic on its own phone
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
