package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/errs"
)

const (
	// webhookMedia is what LiveKit calls its JSON.
	webhookMedia = "application/webhook+json"
	// maxLiveKitWebhook is in bytes. What LiveKit tells takes a few thousand.
	maxLiveKitWebhook = 1 << 20
)

// LiveKitWebhook is what LiveKit posts.
type LiveKitWebhook struct {
	Authorization string `header:"Authorization" hidden:"true"` // OpenAPI knows no such parameter
	RawBody       []byte `contentType:"application/webhook+json"`
}

// signedOnly refuses a webhook that nobody signed, or that nobody here could verify, before its body is read.
func (s *server) signedOnly(ctx huma.Context, next func(huma.Context)) {
	err := s.Media.Available()
	if err == nil && ctx.Header("Authorization") == "" {
		err = errs.New(errs.Unauthenticated, "invalid-signature", "the webhook is not signed")
	}
	if err != nil {
		refuse(ctx, s.problem(ctx.Context(), err))
		return
	}
	next(ctx)
}

func (s *server) registerLiveKitWebhook() {
	body := &huma.RequestBody{}
	handlePublic(s, huma.Operation{
		OperationID: "receive-livekit-webhook", Method: http.MethodPost, Path: "/v1/webhooks/livekit", Tags: []string{"webhooks"},
		Summary: "Take in an event of LiveKit",
		Description: "Name this address under `webhook.urls` in LiveKit's configuration, with the API key that the service has. LiveKit signs " +
			"the bytes of each event: its JWT is the `Authorization` header, without `Bearer`. What is not signed, or wrongly, or was altered on " +
			"the way, or whose JWT has expired, is `invalid-signature`; an event that was taken in and comes again after more than a minute is " +
			"`replayed-webhook`. LiveKit tries again after 5xx, and gives an event up after 4xx.\n\n" +
			"Events become room events, and move the room on: OPEN, IN_PROGRESS with the first person who joins, CLOSED when LiveKit has ended it. They may " +
			"come late, twice and in any order. What never comes is found out by asking LiveKit. Events of rooms that are not known here are acknowledged.",
		Middlewares:      huma.Middlewares{s.signedOnly},
		RequestBody:      body,
		MaxBodyBytes:     maxLiveKitWebhook,
		SkipValidateBody: true,
		Metadata:         map[string]any{signedBody: true},
		Errors:           []int{http.StatusUnauthorized, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *LiveKitWebhook) (*struct{}, error) {
		return nil, s.Media.Receive(ctx, in.Authorization, in.RawBody)
	})
	body.Content[webhookMedia].Schema = &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: true, Description: "The event as LiveKit sends it.",
	}
	body.Content["application/json"] = body.Content[webhookMedia]
	body.Required = false // an empty body is refused for its signature, too
}
