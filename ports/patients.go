package ports

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

// PatientRepository keeps patients. A second one of a contact of a clinic with the same name, whatever its case and accents,
// and the same birth date, or none too, is Conflict "patient-exists", on Create and on Update. Those without a contact,
// whose data was erased, are never the same.
type PatientRepository interface {
	Reader[agenda.PatientRecord, agenda.PatientID, agenda.PatientFilter]
	Writer[agenda.PatientRecord, agenda.PatientID]
}

// ContactRepository changes at once what is kept of a contact of a clinic in several places.
type ContactRepository interface {
	// Move gives everything that is kept of one contact of a clinic to another: appointments, patients and consents.
	// Patients that both have become one, with the visits of both. Conversations stay as they are.
	Move(ctx context.Context, tenant agenda.TenantID, from, to string, now time.Time) error
	// Merge moves the messages of a conversation into another one of the clinic and removes the empty one. Errors: NotFound
	// "conversation-not-found", Invalid "unknown-reference" when the other is not there.
	Merge(ctx context.Context, from, into reception.ConversationID) error
	// Redact takes away every text of a conversation's messages, and of the turns that they led to. What was still to be
	// answered or sent is failed, with the error "erased".
	Redact(ctx context.Context, conversation reception.ConversationID) error
}

// ConsentRepository keeps the ledger of consents, which is only ever appended to. A clinic that is not there is Invalid
// "unknown-reference".
type ConsentRepository interface {
	// Append stores an entry and returns it with its id, which rises.
	Append(ctx context.Context, v reception.Consent) (reception.Consent, error)
	// Latest returns the last entry of a contact of a clinic for a purpose. Errors: NotFound "consent-not-found": nothing
	// was told, see [reception.ConsentPurpose].
	Latest(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, contact string, purpose reception.ConsentPurpose) (reception.Consent, error)
	// List returns a page of the entries, oldest first. Errors: as [Reader.List].
	List(ctx context.Context, scope identity.Scope, filter reception.ConsentFilter, req page.Request) (page.Page[reception.Consent], error)
}
