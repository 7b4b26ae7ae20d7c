package reception

import (
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
)

// ConsentID identifies an entry of the ledger of consents. A later entry has a larger id.
type ConsentID int64

// String returns the decimal form.
func (i ConsentID) String() string { return strconv.FormatInt(int64(i), 10) }

// ConsentPurpose is what a contact agrees to.
type ConsentPurpose string

// The purposes. As long as the ledger says nothing, whoever writes may be answered, and whoever books a visit may be
// reminded of it.
const (
	ToBeReminded ConsentPurpose = "reminders" // of visits
	ToBeWritten  ConsentPurpose = "messages"  // of whatever kind, answers among them
)

// ConsentPurposes are all the purposes.
func ConsentPurposes() []ConsentPurpose { return []ConsentPurpose{ToBeReminded, ToBeWritten} }

// Consent is an entry of the ledger: what a contact agreed to, or took back, when and how. Entries are never changed; the
// last one of a purpose holds.
type Consent struct {
	ID       ConsentID
	TenantID agenda.TenantID
	EntityID clinic.EntityID
	Contact  string // E.164 or "...@lid"
	Purpose  ConsentPurpose
	Granted  bool            // false: taken back
	How      string          // how that was told: "api", or the channel and the text that it was answered with, as "whatsapp:opted_out/1"
	UserID   identity.UserID // who of the clinic noted it; 0 when the contact's own message did
	At       time.Time
}

// ConsentFilter selects entries of the ledger, oldest first.
type ConsentFilter struct {
	TenantID agenda.TenantID // zero: any
	Contact  string          // "": any
}

// consentText is the version of the texts that answer a contact who opts out or comes back. It rises when they come to mean
// something else.
const consentText = "1"

// ConsentsOf are the entries that a message leads to which took a conversation from one state to its present one. Opting
// out takes everything back, and "voltar" gives it again; whoever only asks something after opting out may be answered, and
// is not reminded of anything; voltar says which of the two it was.
func ConsentsOf(before State, after Conversation, voltar bool, channel Channel, now time.Time) []Consent {
	entry := func(purpose ConsentPurpose, granted bool, text string) Consent {
		return Consent{
			TenantID: after.TenantID, EntityID: after.EntityID, Contact: after.Contact, Purpose: purpose, Granted: granted,
			How: string(channel) + ":" + text + "/" + consentText, At: now,
		}
	}
	switch {
	case after.State == OptedOut && before != OptedOut:
		return []Consent{entry(ToBeReminded, false, "opted_out"), entry(ToBeWritten, false, "opted_out")}
	case before != OptedOut || after.State == OptedOut:
		return nil
	case voltar:
		return []Consent{entry(ToBeReminded, true, "welcome_back"), entry(ToBeWritten, true, "welcome_back")}
	}
	return []Consent{entry(ToBeWritten, true, "written")}
}

// Consent notes that the contact told the clinic, by other means than a message, whether it may be written to. Whoever has
// opted out comes back with it, and people who have the conversation keep it unless the contact opts out.
func (c *Conversation) Consent(granted bool, now time.Time) {
	switch {
	case !granted && c.State != OptedOut:
		c.reset(OptedOut)
	case granted && c.State == OptedOut:
		c.reset(Idle)
	default:
		return
	}
	c.UpdatedAt = now
}
