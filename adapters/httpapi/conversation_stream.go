package httpapi

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
)

// conversationNotice is the data of a frame.
type conversationNotice struct {
	ConversationID reception.ConversationID `json:"conversation_id"`
	Contact        string                   `json:"contact"`
	State          string                   `json:"state"`
	Handoff        OrNull[Handoff]          `json:"handoff"`
	Links          conversationLinks        `json:"links"`
}

// conversationLinks are where the rest is read.
type conversationLinks struct {
	Conversation string `json:"conversation"`
	Messages     string `json:"messages"`
}

const conversationStreamExample = `retry: 2000
event: open
data: {}

event: waiting
data: {"conversation_id":"01985c1e-7f3a-7a10-8a53-0f4b7c1de005","contact":"+5511955550011","state":"handed_off","handoff":{"reason":"patient_asked","at":"2026-11-30T12:00:00Z","until":"2026-12-01T00:00:00Z","by":null},"links":{"conversation":"/v1/clinics/01985c1e-7f3a-7a10-8a53-0f4b7c1de001/conversations/+5511955550011","messages":"/v1/clinics/01985c1e-7f3a-7a10-8a53-0f4b7c1de001/conversations/+5511955550011/messages"}}

: heartbeat

event: changed
data: {}

event: end
data: {"reason":"shutting-down"}

`

func (s *server) registerConversationStream() {
	handle(s, huma.Operation{
		OperationID: "stream-conversations", Method: http.MethodGet, Path: "/v1/clinics/{tenant_id}/conversations/stream", Tags: []string{"front desk"},
		Summary: "Follow what happens in a clinic's conversations",
		Description: "Server-sent events (`text/event-stream`), from now on: `waiting` (a conversation waits for a person), `taken` (a person has it), " +
			"`returned` (the assistant answers again), `message` (somebody wrote). A frame says which conversation and how it is when the frame is " +
			"made, and no message: the links lead to those. Frames may repeat, and there is no resuming: who connects, connects again, or gets " +
			"`changed`, which says that frames may be missing, reads the list of waiting conversations. Comments are heartbeats. Before the service " +
			"ends a stream it says why in a frame `end`: `slow-reader`, `unauthorized`, `shutting-down` or `unavailable`. `too-many-streams` refuses " +
			"a stream when the process has as many as it may.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The stream, which goes on until either side ends it.",
			Content: map[string]*huma.MediaType{eventStream: {
				Schema:  &huma.Schema{Type: huma.TypeString, Description: "Frames as the WHATWG specification of server-sent events has them."},
				Example: conversationStreamExample,
			}},
		}},
		Errors: []int{http.StatusServiceUnavailable},
	}, func(ctx context.Context, in *ByClinic) (*huma.StreamResponse, error) {
		reader, err := s.ConversationStreams.Follow(ctx, actor(ctx), in.TenantID)
		if err != nil {
			return nil, err
		}
		return s.streamed(ctx, "retry: 2000\nevent: open\ndata: {}\n\n", reader), nil
	})
}

// AppendConversationEvent appends an event as a frame of a stream.
func AppendConversationEvent(b []byte, e service.ConversationEvent) []byte {
	b = append(b, "event: "...)
	b = append(b, e.Kind...)
	b = append(b, "\ndata: "...)
	if e.Kind == service.ConversationsChanged {
		return append(b, "{}\n\n"...)
	}
	c := e.Conversation
	notice := conversationNotice{ConversationID: c.ID, Contact: c.Contact, State: string(c.State), Links: linksOf(c.TenantID, c.Contact)}
	if c.State == reception.HandedOff {
		notice.Handoff = valueOf(handoffOf(c.Handoff))
	}
	return append(appendValue(b, notice), "\n\n"...) // whose JSON is one line
}

func linksOf(tenant agenda.TenantID, contact string) conversationLinks {
	at := "/v1/clinics/" + tenant.String() + "/conversations/" + url.PathEscape(contact)
	return conversationLinks{at, at + "/messages"}
}
