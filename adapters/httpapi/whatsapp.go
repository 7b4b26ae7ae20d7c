package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
)

// WhatsApp is how a clinic is connected to WhatsApp.
type WhatsApp struct {
	TenantID     agenda.TenantID `json:"tenant_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de001"`
	InstanceName *string         `json:"evolution_instance_name" example:"clinica-moreira" doc:"Null when the clinic has none."`
	State        *string         `json:"state" enum:"open,connecting,close,refused" example:"open" doc:"As it was known last; null when nothing is known."`
	Reason       *int            `json:"reason,omitempty" example:"401" doc:"WhatsApp's code of why it is so, such as 401 after the phone logged out."`
	Problem      *string         `json:"problem,omitempty" example:"whatsapp-unavailable" doc:"Why it cannot be told: whatsapp-unconfigured, whatsapp-unavailable, whatsapp-unauthorized, whatsapp-instance-unknown."`
	Since        *time.Time      `json:"since,omitempty" example:"2026-12-01T12:00:00Z" doc:"Since when it is so."`
	CheckedAt    *time.Time      `json:"checked_at,omitempty" example:"2026-12-01T12:00:00Z" doc:"When the WhatsApp server was asked last, or told."`
	HeardAt      *time.Time      `json:"heard_at,omitempty" example:"2026-12-01T12:00:00Z" doc:"When a message came last by the webhook, to the minute."`
	WebhookURL   *string         `json:"webhook_url" example:"https://secretary.example.com/v1/webhooks/evolution/clinica-moreira" doc:"Where the instance is to post to; it begins with SECRETARY_PUBLIC_URL."`
}

func whatsAppOf(v service.WhatsAppStatus) WhatsApp {
	out := WhatsApp{
		TenantID: v.TenantID, InstanceName: nullText(v.Instance), State: nullText(string(v.State)), Problem: nullText(v.Problem), WebhookURL: nullText(v.WebhookURL),
	}
	if v.Reason != 0 {
		out.Reason = &v.Reason
	}
	for _, at := range []struct {
		from time.Time
		to   **time.Time
	}{{v.Since, &out.Since}, {v.CheckedAt, &out.CheckedAt}, {v.HeardAt, &out.HeardAt}} {
		if !at.from.IsZero() {
			*at.to = &at.from
		}
	}
	return out
}

func (s *server) registerWhatsApp() {
	tags := []string{"clinics"}
	handle(s, huma.Operation{
		OperationID: "connect-whatsapp", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/whatsapp/connect", Tags: tags,
		Summary: "Have the WhatsApp instance of a clinic post to this service",
		Description: "Sets the webhook of the instance that `evolution_instance_name` names on the Evolution API server: the address, the events and a token, which is " +
			"made when the clinic has none. It may be repeated, which repairs what was changed on the server. The phone is connected on that server, by its QR code.",
		Errors: []int{http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *ByClinic) (*answer[WhatsApp], error) {
		v, err := s.WhatsApp.Connect(ctx, actor(ctx), in.TenantID)
		return reply(v, err, whatsAppOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-whatsapp", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/whatsapp", Tags: tags,
		Summary:     "See how a clinic is connected to WhatsApp",
		Description: "It asks the WhatsApp server, for a few seconds at most; what that cannot tell is the `problem`.",
	}, func(ctx context.Context, in *ByClinic) (*answer[WhatsApp], error) {
		v, err := s.WhatsApp.Status(ctx, actor(ctx), in.TenantID)
		return reply(v, err, whatsAppOf)
	})
}
