package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/conference"
)

// RoomParticipant says that a participant is in a room.
type RoomParticipant struct {
	ID            int64     `json:"id" example:"51"`
	RoomID        int64     `json:"room_id" example:"41"`
	ParticipantID int64     `json:"participant_id" example:"31"`
	Context       Object    `json:"context" example:"{\"processedContext\":\"Retorno de exame.\"}" doc:"What is known of the participant in this room."`
	CreatedAt     time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt     time.Time `json:"updated_at" example:"2025-11-03T14:30:00Z"`
}

// NewRoomParticipant is who enters a room.
type NewRoomParticipant struct {
	ParticipantID int64  `json:"participant_id" minimum:"1" maximum:"2147483647" example:"31"`
	Context       Object `json:"context,omitzero" nullable:"true" example:"{\"processedContext\":\"Retorno de exame.\"}"`
}

// RoomParticipantPatch changes what is known of a participant in a room.
type RoomParticipantPatch struct {
	Context NullablePatch[Object] `json:"context,omitzero" doc:"Merged key by key; null for a key removes it, null for all of it empties."`
}

// ByRoomAndParticipant is the path of a participant in a room.
type ByRoomAndParticipant struct {
	ID            int64 `path:"id" minimum:"1" maximum:"2147483647" example:"41"`
	ParticipantID int64 `path:"participant_id" minimum:"1" maximum:"2147483647" example:"31"`
}

func roomParticipantOf(v conference.RoomParticipant) RoomParticipant {
	return RoomParticipant{
		ID: int64(v.ID), RoomID: int64(v.RoomID), ParticipantID: int64(v.ParticipantID), Context: objectOf(v.Context),
		CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
}

// changedAt implements changeable.
func (v RoomParticipant) changedAt() time.Time { return v.UpdatedAt }

func (s *server) registerRoomParticipants() {
	tags := []string{"rooms"}
	handle(s, huma.Operation{
		OperationID: "list-room-participants", Method: http.MethodGet, Path: "/v1/rooms/{id}/participants", Tags: tags,
		Summary: "List who is in a room",
	}, func(ctx context.Context, in *struct {
		ByID
		PageQuery
	},
	) (*answer[List[RoomParticipant]], error) {
		v, err := s.Rooms.Participants(ctx, actor(ctx), conference.RoomID(in.ID), in.request())
		return listed(v, err, roomParticipantOf)
	})
	handle(s, huma.Operation{
		OperationID: "add-room-participant", Method: http.MethodPost, Path: "/v1/rooms/{id}/participants", Tags: tags,
		Summary:       "Put a participant into a room",
		Description:   "It appends the room event `participant_added`. The same participant again is `already-in-room`.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByID
		Body NewRoomParticipant
	},
	) (*created[RoomParticipant], error) {
		v, err := s.Rooms.AddParticipant(ctx, actor(ctx), conference.RoomID(in.ID),
			conference.ParticipantID(in.Body.ParticipantID), in.Body.Context.object)
		return createdAt(fmt.Sprintf("/v1/rooms/%d/participants/", in.ID), v.ParticipantID, v, err, roomParticipantOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-room-participant", Method: http.MethodGet, Path: "/v1/rooms/{id}/participants/{participant_id}", Tags: tags,
		Summary: "Get what is known of a participant in a room",
	}, func(ctx context.Context, in *ByRoomAndParticipant) (*answer[RoomParticipant], error) {
		v, err := s.Rooms.Participant(ctx, actor(ctx), conference.RoomID(in.ID), conference.ParticipantID(in.ParticipantID))
		return reply(v, err, roomParticipantOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-room-participant", Method: http.MethodPatch, Path: "/v1/rooms/{id}/participants/{participant_id}", Tags: tags,
		Summary: "Change what is known of a participant in a room",
	}, func(ctx context.Context, in *struct {
		ByRoomAndParticipant
		IfMatchHeader
		Body RoomParticipantPatch
	},
	) (*answer[RoomParticipant], error) {
		v, err := s.Rooms.UpdateParticipant(ctx, actor(ctx), conference.RoomID(in.ID),
			conference.ParticipantID(in.ParticipantID), converted(in.Body.Context.Of, Object.core), in.match())
		return reply(v, err, roomParticipantOf)
	})
	handle(s, huma.Operation{
		OperationID: "remove-room-participant", Method: http.MethodDelete, Path: "/v1/rooms/{id}/participants/{participant_id}", Tags: tags,
		Summary:     "Take a participant out of a room",
		Description: "It appends the room event `participant_removed`.",
	}, func(ctx context.Context, in *struct {
		ByRoomAndParticipant
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Rooms.RemoveParticipant(ctx, actor(ctx), conference.RoomID(in.ID), conference.ParticipantID(in.ParticipantID), in.match())
	})
}
