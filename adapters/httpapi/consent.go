package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
)

// ConsentEntry is one of the ledger of what a contact agreed to and took back.
type ConsentEntry struct {
	ConsentID int64           `json:"consent_id" example:"12"`
	TenantID  agenda.TenantID `json:"tenant_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de001"`
	Contact   string          `json:"contact" example:"+5511955550011"`
	Purpose   string          `json:"purpose" enum:"reminders,messages" example:"reminders" doc:"To be reminded of visits, or to be written to at all."`
	Granted   bool            `json:"granted" example:"false" doc:"false: taken back."`
	How       string          `json:"how" example:"whatsapp:opted_out/1" doc:"How it was told: api, or the channel, the text that it was answered with and that text's version."`
	UserID    *int64          `json:"user_id" example:"7" doc:"Who of the clinic noted it; null when the contact's own message, or an API key, did."`
	At        time.Time       `json:"at" example:"2026-11-30T12:00:00Z"`
}

// NewConsentEntry is what a contact told the clinic.
type NewConsentEntry struct {
	Purpose string `json:"purpose" enum:"reminders,messages" example:"reminders"`
	Granted bool   `json:"granted" example:"false"`
}

func consentEntryOf(v reception.Consent) ConsentEntry {
	return ConsentEntry{
		ConsentID: int64(v.ID), TenantID: v.TenantID, Contact: v.Contact, Purpose: string(v.Purpose), Granted: v.Granted, How: v.How,
		UserID: nullID(v.UserID), At: v.At,
	}
}

func (s *server) registerConsents() {
	tags := []string{"patients"}
	const path = "/v1/clinics/{tenant_id}/conversations/{phone}/consents"
	handle(s, huma.Operation{
		OperationID: "list-consents", Method: http.MethodGet, Path: path, Tags: tags,
		Summary: "List what a contact agreed to and took back, oldest first",
		Description: "The last entry of a purpose holds. As long as there is none, who writes is answered, and who books a visit is reminded of it. " +
			"Opting out by a message (\"sair\") and coming back (\"voltar\") are entered by themselves.",
	}, func(ctx context.Context, in *struct {
		ByContact
		PageQuery
	},
	) (*answer[List[ConsentEntry]], error) {
		v, err := s.FrontDesk.Consents(ctx, actor(ctx), in.TenantID, in.Phone, in.request())
		return listed(v, err, consentEntryOf)
	})
	handle(s, huma.Operation{
		OperationID: "note-consent", Method: http.MethodPost, Path: path, Tags: tags,
		Summary: "Note what a contact told the clinic about being written to",
		Description: "Such as on paper or by telephone. Without `reminders` no reminder is sent; without `messages` nothing is, and the assistant " +
			"keeps silent until the contact asks for something or comes back. Entries are never changed: a later one replaces them.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *struct {
		ByContact
		Body NewConsentEntry
	},
	) (*answer[ConsentEntry], error) {
		v, err := s.FrontDesk.NoteConsent(ctx, actor(ctx), in.TenantID, in.Phone, reception.ConsentPurpose(in.Body.Purpose), in.Body.Granted)
		return reply(v, err, consentEntryOf)
	})
}
