package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
)

// Handoff is why people answer a conversation instead of the assistant.
type Handoff struct {
	Reason *string    `json:"reason" enum:"patient_asked,emergency,anger,repeated_failure,cannot_complete,staff_wrote" example:"patient_asked" doc:"null when it was handed over before reasons were kept."`
	At     time.Time  `json:"at" example:"2026-11-30T12:00:00Z" doc:"Since when."`
	Until  *time.Time `json:"until" example:"2026-12-01T00:00:00Z" doc:"When the assistant answers again, unless a person writes before; null when it has to be given back."`
	By     *int64     `json:"by" example:"7" doc:"The user who took it; null as long as nobody did, or when an API key or the clinic's phone answers."`
}

// WaitingConversation is a conversation that people have.
type WaitingConversation struct {
	Conversation
	LastMessage OrNull[Message] `json:"last_message" doc:"What was said last, by whomever."`
}

// StaffAnswer is what a person of the clinic writes to a contact.
type StaffAnswer struct {
	Text string `json:"text" minLength:"1" maxLength:"4096" example:"Oi Ana, aqui é a Carla. Vou verificar com o convênio."`
}

// ForceQuery takes a conversation from whoever has it.
type ForceQuery struct {
	Force bool `query:"force" doc:"Also when another user has taken the conversation."`
}

func handoffOf(h reception.Handoff) Handoff {
	return Handoff{Reason: nullText(h.Reason), At: h.At, Until: nullTime(h.Until), By: nullID(h.By)}
}

func waitingOf(c service.WaitingConversation) WaitingConversation {
	out := WaitingConversation{Conversation: conversationOf(c.Conversation)}
	if c.Last != nil {
		out.LastMessage = valueOf(messageOf(*c.Last))
	}
	return out
}

func (s *server) registerPeople() {
	tags := []string{"front desk"}
	handle(s, huma.Operation{
		OperationID: "list-waiting-conversations", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/conversations/waiting", Tags: tags,
		Summary: "List the conversations that wait for a person, or have one",
		Description: "Signs of an emergency first, then those that have waited longest. `handoff` says why and since when, and who took it; " +
			"`conversations/stream` tells when the list changes.",
	}, func(ctx context.Context, in *struct {
		ByClinic
		PageQuery
	},
	) (*answer[List[WaitingConversation]], error) {
		v, err := s.FrontDesk.Waiting(ctx, actor(ctx), in.TenantID, in.request())
		return listed(v, err, waitingOf)
	})
	handle(s, huma.Operation{
		OperationID: "take-conversation", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/conversations/{phone}/take", Tags: tags,
		Summary: "Take a conversation",
		Description: "The assistant pauses, until the clinic's handoff_return_minutes after a person last wrote. Of two users who take it at once one " +
			"wins: the other gets `conversation-taken`. Who wants no messages is `contact-opted-out`.",
		Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByContact
		ForceQuery
	},
	) (*answer[Conversation], error) {
		v, err := s.FrontDesk.Take(ctx, actor(ctx), in.TenantID, in.Phone, in.Force)
		return reply(v, err, conversationOf)
	})
	handle(s, huma.Operation{
		OperationID: "answer-conversation", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/conversations/{phone}/answer", Tags: tags,
		Summary: "Answer a contact as a person",
		Description: "Takes the conversation and sends the text where the contact wrote from. `status` is `pending` until it is sent; when the contact " +
			"wrote by this API, `channel` is `api` and whoever calls delivers it. Who wants no messages is `contact-opted-out`.",
		DefaultStatus: http.StatusOK,
		Errors:        []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByContact
		ForceQuery
		Body StaffAnswer
	},
	) (*answer[Message], error) {
		v, err := s.FrontDesk.Answer(ctx, actor(ctx), in.TenantID, in.Phone, in.Body.Text, in.Force)
		return reply(v, err, messageOf)
	})
	handle(s, huma.Operation{
		OperationID: "give-back-conversation", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/conversations/{phone}/give-back", Tags: tags,
		Summary:     "Give a conversation back to the assistant",
		Description: "The assistant answers what the contact writes from now on, and nothing that was written before. Without a person in it: `conversation-not-handed-off`.",
		Errors:      []int{http.StatusConflict, http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *ByContact) (*answer[Conversation], error) {
		v, err := s.FrontDesk.GiveBack(ctx, actor(ctx), in.TenantID, in.Phone)
		return reply(v, err, conversationOf)
	})
	handle(s, huma.Operation{
		OperationID: "hand-off-conversation", Method: http.MethodPost, Path: "/v1/clinics/{tenant_id}/conversations/{phone}/hand-off", Tags: tags,
		Summary:     "Pause the assistant in a conversation",
		Description: "It then waits for a person, as if the patient had asked for one. Who has taken it already keeps it.",
		Errors:      []int{http.StatusConflict},
	}, func(ctx context.Context, in *ByContact) (*answer[Conversation], error) {
		v, err := s.FrontDesk.HandOff(ctx, actor(ctx), in.TenantID, in.Phone)
		return reply(v, err, conversationOf)
	})
}
