package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/service"
)

// RoomAgent is the AI agent of a room, from the request for one on.
type RoomAgent struct {
	Status        string     `json:"status" enum:"REQUESTED,DISPATCHED,JOINED,LEFT,FAILED" example:"JOINED" doc:"REQUESTED: LiveKit is being asked for it. DISPATCHED: LiveKit was asked, and no agent has joined yet. JOINED: it is there. LEFT: it was there. FAILED: it never came."`
	ParticipantID int64      `json:"participant_id" example:"37" doc:"The participant as which it joins."`
	AgentName     string     `json:"agent_name" example:"secretary" doc:"Under which agents register with LiveKit."`
	Request       int        `json:"request" example:"1" doc:"Which of the room's requests for an agent this is. The token that the agent was handed is good for this one only."`
	DispatchID    *string    `json:"dispatch_id" example:"AD_tyfcK3eb2CTq" doc:"LiveKit's; null until it has one."`
	Attempts      int        `json:"attempts" example:"1" doc:"How often LiveKit was asked for this request."`
	Reason        *string    `json:"reason" example:"did-not-join" doc:"Why it failed or left, or why the latest attempt did: did-not-join (no agent of the name is registered, or it refused, or it crashed before joining), livekit-unavailable, room-closed, vanished, dismissed, or what LiveKit says of who leaves, such as CLIENT_INITIATED."`
	RequestedAt   time.Time  `json:"requested_at" example:"2025-11-03T14:30:00Z"`
	Deadline      time.Time  `json:"deadline" example:"2025-11-03T14:30:20Z" doc:"By when it has to have joined, by the latest attempt."`
	JoinedAt      *time.Time `json:"joined_at" example:"2025-11-03T14:30:02Z"`
	EndedAt       *time.Time `json:"ended_at" example:"2025-11-03T15:15:00Z" doc:"When it left or failed."`

	changed time.Time // of the room
}

// changedAt implements changeable: an agent has the version of its room.
func (a RoomAgent) changedAt() time.Time { return a.changed }

// NewRoomAgent is a request for an agent.
type NewRoomAgent struct {
	AgentName *string `json:"agent_name,omitempty" nullable:"true" minLength:"1" maxLength:"100" example:"secretary" doc:"Under which agents register with LiveKit. Left out: the service's SECRETARY_AGENT_NAME."`
}

// NewJoinToken is a request for a join token.
type NewJoinToken struct {
	ParticipantID int64  `json:"participant_id" minimum:"1" maximum:"2147483647" example:"31" doc:"A client or a professional who is in the room."`
	TTLSeconds    *int64 `json:"ttl_seconds,omitempty" nullable:"true" minimum:"30" maximum:"21600" example:"600" doc:"In which one has to join; who has joined stays. Left out: 600."`
}

// JoinToken is what somebody joins a LiveKit room with.
type JoinToken struct {
	Token     string `json:"token" example:"eyJhbGciOiJIUzI1NiJ9.e30.EXAMPLE" doc:"For LiveKit. It is not stored, and never shown again."`
	URL       string `json:"url" example:"wss://livekit.example.com" doc:"Where LiveKit is."`
	Room      string `json:"room" example:"room-01985c1e-7f3a-7a10-8a53-0f4b7c1de001" doc:"The room's name in LiveKit."`
	Identity  string `json:"identity" example:"participant-31" doc:"The participant's in LiveKit."`
	ExpiresIn int64  `json:"expires_in" example:"600" doc:"Seconds in which one has to join."`
}

// requestedAgent is the reply to a request for an agent: 201 for a new one, 200 when there was one.
type requestedAgent struct {
	Status   int
	Location string `header:"Location" doc:"The path of the room's agent."`
	Body     RoomAgent
}

func (r *requestedAgent) body() any { return &r.Body }

func roomAgentOf(r conference.Room) RoomAgent {
	a := r.Agent
	return RoomAgent{
		Status: string(a.Status), ParticipantID: int64(a.ParticipantID), AgentName: a.Name, Request: a.Number,
		DispatchID: nullText(a.DispatchID), Attempts: a.Attempts, Reason: nullText(a.Reason), RequestedAt: a.RequestedAt,
		Deadline: a.Deadline, JoinedAt: nullTime(a.JoinedAt), EndedAt: nullTime(a.EndedAt), changed: r.UpdatedAt,
	}
}

func joinTokenOf(t service.JoinToken) JoinToken {
	return JoinToken{
		Token: t.Token, URL: t.URL, Room: t.RoomName, Identity: t.Identity, ExpiresIn: int64(t.ExpiresIn / time.Second),
	}
}

func (s *server) registerLiveKit() {
	tags, unavailable := []string{"rooms"}, http.StatusServiceUnavailable
	handle(s, huma.Operation{
		OperationID: "create-join-token", Method: http.MethodPost, Path: "/v1/rooms/{id}/tokens", Tags: tags,
		Summary: "Issue a token with which a participant joins the room on LiveKit",
		Description: "Hand it to the client's or the professional's browser or app, which connects to `url` with it. It is good for this room " +
			"and this participant only, who can speak, show and listen there, and change nothing of the room. Who is not in the room's " +
			"participants is `room-participant-not-found`; a closed room is `room-closed`. An AGENT gets none: it is dispatched. " +
			"Without LiveKit the answer is `livekit-unconfigured`, and `livekit-unavailable` while LiveKit does not have the room and does not answer.",
		DefaultStatus: http.StatusOK, Errors: []int{http.StatusConflict, unavailable},
	}, func(ctx context.Context, in *struct {
		ByID
		Body NewJoinToken
	},
	) (*answer[JoinToken], error) {
		var lifetime time.Duration
		if in.Body.TTLSeconds != nil {
			lifetime = time.Duration(*in.Body.TTLSeconds) * time.Second
		}
		v, err := s.Media.JoinToken(ctx, actor(ctx), conference.RoomID(in.ID), conference.ParticipantID(in.Body.ParticipantID), lifetime)
		return reply(v, err, joinTokenOf)
	})
	s.registerAgentRequest(tags)
	handle(s, huma.Operation{
		OperationID: "get-room-agent", Method: http.MethodGet, Path: "/v1/rooms/{id}/agent", Tags: tags,
		Summary:     "What became of the request for an AI agent",
		Description: "It is in the room, too. A room that was never asked for one has none: `agent-not-found`. The `ETag` is the room's.",
	}, func(ctx context.Context, in *ByID) (*answer[RoomAgent], error) {
		v, err := s.Media.Agent(ctx, actor(ctx), conference.RoomID(in.ID))
		return reply(v, err, roomAgentOf)
	})
	handle(s, huma.Operation{
		OperationID: "dismiss-agent", Method: http.MethodDelete, Path: "/v1/rooms/{id}/agent", Tags: tags,
		Summary: "Send the AI agent away",
		Description: "Or take the request for it back, if it has not come yet. Its token is good for nothing then but for the last of its usage. " +
			"A room without an agent stays as it is. The `If-Match` is the room's.",
		Errors: []int{unavailable},
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Media.DismissAgent(ctx, actor(ctx), conference.RoomID(in.ID), in.match())
	})
}

// requestAgentText is for who writes the agent, too.
const requestAgentText = "LiveKit is asked to send an agent that has registered with it under `agent_name`. Who asks again while there is an agent, or " +
	"one is expected, gets that one, with status 200: there is never a second one. LiveKit does not say whether anybody came, so an " +
	"agent that has not joined by `deadline` is asked for again, a few times, and then it is FAILED, with a `reason`. While LiveKit is " +
	"away the request stays, and is tried again until then. What happens is also told by room events: `agent_requested`, `agent_dispatched`, " +
	"`agent_joined`, `agent_missed`, `agent_left`, `agent_failed`.\n\n" +
	"The agent finds this JSON in its job's metadata: `secretary_url` (where this API is), `room_id`, `participant_id`, `identity` (with which it is to " +
	"join LiveKit), `entity_id` and `department_id` (null for none), `instructions` and `instructions_text` (`instructions` and `text` of " +
	"GET /v1/rooms/{id}/instructions; left out when they are large: fetch them), `token` and `token_expires_at`. With the token as its bearer token it may read its room's instructions, append agent session " +
	"events, and start, update, report and end its usage; nothing else, in no other room. When its time in the room is over, it may only report the " +
	"last of its usage, until 10 minutes after the room was closed."

func (s *server) registerAgentRequest(tags []string) {
	op := huma.Operation{
		OperationID: "request-agent", Method: http.MethodPost, Path: "/v1/rooms/{id}/agent", Tags: tags,
		Summary: "Send an AI agent into the room", Description: requestAgentText,
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusConflict, http.StatusServiceUnavailable},
		Responses: map[string]*huma.Response{"200": {
			Description: "There is one already, or one is expected.",
			Content: map[string]*huma.MediaType{"application/json": {
				Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[RoomAgent](), true, ""),
			}},
		}},
	}
	handle(s, op, func(ctx context.Context, in *struct {
		ByID
		Body *NewRoomAgent
	},
	) (*requestedAgent, error) {
		name := ""
		if in.Body != nil {
			name = textOf[string](in.Body.AgentName)
		}
		v, fresh, err := s.Media.RequestAgent(ctx, actor(ctx), conference.RoomID(in.ID), name)
		if err != nil {
			return nil, err
		}
		out := &requestedAgent{Status: http.StatusOK, Location: "/v1/rooms/" + v.ID.String() + "/agent", Body: roomAgentOf(v)}
		if fresh {
			out.Status = http.StatusCreated
		}
		return out, nil
	})
}
