package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
)

// maxWebhookBody is larger than other bodies are: Evolution can be set to send media inside the event.
const maxWebhookBody = 16 << 20

// WebhookReceipt acknowledges a webhook.
type WebhookReceipt struct {
	Received int `json:"received" example:"1" doc:"How many messages of patients were taken in. Events of other kinds count nothing."`
}

// EvolutionWebhook is what Evolution API posts.
type EvolutionWebhook struct {
	Instance string `path:"instance" minLength:"1" maxLength:"100" example:"clinica-moreira" doc:"The clinic's evolution_instance_name."`
	RawBody  []byte `contentType:"application/json"`
}

// EvolutionEventWebhook is what Evolution API posts in its byEvents mode.
type EvolutionEventWebhook struct {
	EvolutionWebhook
	Event string `path:"event" minLength:"1" maxLength:"100" example:"messages-upsert" doc:"The event. The body says it too, and is believed."`
}

type webhookClinicKey struct{}

// authenticateWebhook lets a webhook through when its bearer token is good for the instance in the path, and does so
// before the body is read: nobody else makes the service read 16 MiB. The clinic goes into the context.
func (s *server) authenticateWebhook(ctx huma.Context, next func(huma.Context)) {
	token, _ := bearer(ctx.Header("Authorization"))
	c, err := s.FrontDesk.AuthenticateWebhook(ctx.Context(), ctx.Param("instance"), token)
	if err != nil {
		refuse(ctx, s.problem(ctx.Context(), err))
		return
	}
	next(huma.WithValue(ctx, webhookClinicKey{}, c))
}

func (s *server) registerWebhooks() {
	s.registerLiveKitWebhook()
	const path = "/v1/webhooks/evolution/{instance}"
	handleWebhook(s, "receive-evolution-webhook", path, func(ctx context.Context, in *EvolutionWebhook) (*answer[WebhookReceipt], error) {
		return s.receive(ctx, in.RawBody)
	})
	handleWebhook(s, "receive-evolution-event", path+"/{event}", func(ctx context.Context, in *EvolutionEventWebhook) (*answer[WebhookReceipt], error) {
		return s.receive(ctx, in.RawBody)
	})
}

// handleWebhook registers an operation that no user calls. Its body is whatever the channel's version sends, so it has no
// schema.
func handleWebhook[I any](s *server, operation, path string, fn func(context.Context, *I) (*answer[WebhookReceipt], error)) {
	body := &huma.RequestBody{Required: true}
	handlePublic(s, huma.Operation{
		OperationID: operation, Method: http.MethodPost, Path: path, Tags: []string{"webhooks"},
		Summary: "Take in an event of Evolution API",
		Description: "Evolution authenticates with `Authorization: Bearer` and the token that is set as `evolution_webhook_token` of the clinic or " +
			"as `EVOLUTION_WEBHOOK_TOKEN` of the service; without either the webhook is `webhook-unconfigured`. Messages are stored and " +
			"answered after the acknowledgement. A message that came before is acknowledged and not handled again.",
		Middlewares:      huma.Middlewares{s.authenticateWebhook},
		RequestBody:      body,
		MaxBodyBytes:     maxWebhookBody,
		SkipValidateBody: true,
		Errors:           []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusServiceUnavailable},
	}, fn)
	body.Content["application/json"].Schema = &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: true, Description: "The event as Evolution API sends it.",
	}
}

func (s *server) receive(ctx context.Context, body []byte) (*answer[WebhookReceipt], error) {
	c, _ := ctx.Value(webhookClinicKey{}).(agenda.Clinic) // there is one: authenticateWebhook put it there
	n, err := s.FrontDesk.Receive(ctx, c, body)
	if err != nil {
		return nil, err
	}
	return &answer[WebhookReceipt]{WebhookReceipt{n}}, nil
}
