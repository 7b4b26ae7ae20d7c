package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/service"
)

// Room is a place where participants meet.
type Room struct {
	ID             int64   `json:"id" example:"41"`
	Name           string  `json:"name" example:"Consulta de Maria Oliveira"`
	Status         string  `json:"status" enum:"OPEN,IN_PROGRESS,CLOSED" example:"OPEN" doc:"It never goes back. With LiveKit, a room is IN_PROGRESS from the first person who joins, and CLOSED when LiveKit has ended it."`
	EntityID       *int64  `json:"entity_id" example:"3"`
	DepartmentID   *int64  `json:"department_id" example:"5" doc:"Decides the agents' instructions."`
	ProfessionalID *int64  `json:"professional_id" example:"11" doc:"Who hosts it."`
	Type           *string `json:"type" enum:"CLIENT,PROFESSIONAL,AGENT" example:"CLIENT" doc:"Who it was opened for."`
	PhoneNumber    *string `json:"phone_number" example:"+5511955550033" doc:"E.164."`
	ExternalID     *string `json:"external_id" example:"visit-77"`
	LiveKitName    string  `json:"livekit_name" example:"room-01985c1e-7f3a-7a10-8a53-0f4b7c1de001" doc:"The room's name in LiveKit."`
	LiveKitSID     *string `json:"livekit_sid" example:"RM_hycBMAjmt6Ub" doc:"Of the latest LiveKit room of the name; null until LiveKit has one."`

	EmptyTimeoutSeconds     int64 `json:"empty_timeout_seconds" example:"600" doc:"How long LiveKit keeps the room for the first to come."`
	DepartureTimeoutSeconds int64 `json:"departure_timeout_seconds" example:"60" doc:"How long LiveKit keeps the room after the last has left."`
	MaxParticipants         int   `json:"max_participants" example:"3" doc:"How many LiveKit lets in, people and agents; 0: any number."`

	Agent        OrNull[RoomAgent] `json:"agent" doc:"Its AI agent; null when none was ever asked for."`
	OpenedAt     time.Time         `json:"opened_at" example:"2025-11-03T14:30:00Z"`
	ClosedAt     *time.Time        `json:"closed_at" example:"2025-11-03T15:15:00Z"`
	ClosedReason *string           `json:"closed_reason" enum:"requested,livekit-finished,livekit-lost" example:"livekit-finished" doc:"requested: by a user or an API key. livekit-finished: everybody left, nobody came, or somebody closed it in LiveKit. livekit-lost: LiveKit does not have it any more, and never told why."`
	CreatedAt    time.Time         `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt    time.Time         `json:"updated_at" example:"2025-11-03T14:30:00Z"`
}

// NewRoom is what a room is made of.
type NewRoom struct {
	Name           string  `json:"name" minLength:"1" maxLength:"100" example:"Consulta de Maria Oliveira"`
	EntityID       *int64  `json:"entity_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"3" doc:"Left out: the entity of an ENTITY_ADMIN; for a MANAGER none."`
	DepartmentID   *int64  `json:"department_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"5" doc:"A department of that entity."`
	ProfessionalID *int64  `json:"professional_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"11"`
	Type           *string `json:"type,omitempty" nullable:"true" enum:"CLIENT,PROFESSIONAL,AGENT" example:"CLIENT"`
	PhoneNumber    *string `json:"phone_number,omitempty" nullable:"true" maxLength:"40" example:"+5511955550033"`
	ExternalID     *string `json:"external_id,omitempty" nullable:"true" maxLength:"254" example:"visit-77"`

	EmptyTimeoutSeconds     *int64 `json:"empty_timeout_seconds,omitempty" nullable:"true" minimum:"10" maximum:"86400" example:"600" doc:"How long LiveKit is to keep the room for the first to come. Left out: 600."`
	DepartureTimeoutSeconds *int64 `json:"departure_timeout_seconds,omitempty" nullable:"true" minimum:"1" maximum:"86400" example:"60" doc:"How long LiveKit is to keep the room after the last has left. Left out: 60."`
	MaxParticipants         *int   `json:"max_participants,omitempty" nullable:"true" minimum:"0" maximum:"10000" example:"3" doc:"How many LiveKit is to let in, people and agents. 0 or left out: any number."`
}

// RoomPatch changes parts of a room; its entity and department are for good.
type RoomPatch struct {
	Name           Patch[string]         `json:"name,omitzero" minLength:"1" maxLength:"100"`
	Status         Patch[string]         `json:"status,omitzero" enum:"OPEN,IN_PROGRESS,CLOSED" example:"IN_PROGRESS"`
	ProfessionalID NullablePatch[int64]  `json:"professional_id,omitzero" minimum:"1" maximum:"2147483647"`
	Type           NullablePatch[string] `json:"type,omitzero" enum:"CLIENT,PROFESSIONAL,AGENT"`
	PhoneNumber    NullablePatch[string] `json:"phone_number,omitzero" maxLength:"40"`
	ExternalID     NullablePatch[string] `json:"external_id,omitzero" maxLength:"254"`
}

// Instructions is what an agent in a room is told.
type Instructions struct {
	Instructions Object   `json:"instructions" example:"{\"prompt\":\"Você atende a Clínica XYZ.\",\"rules\":[\"Seja cordial.\"]}" doc:"Every level merged: prompts are concatenated, lists appended, objects merged, and for other keys the department wins."`
	Text         string   `json:"text" doc:"The same as a prompt."`
	Sources      []Source `json:"sources" nullable:"false" doc:"Where it comes from, from the general to the specific."`
}

// Source is one origin of instructions.
type Source struct {
	Level string `json:"level" enum:"platform,entity,department" example:"entity"`
	ID    *int64 `json:"id" example:"3" doc:"Of the entity or the department; null for the platform."`
}

func roomOf(r conference.Room) Room {
	out := Room{
		ID: int64(r.ID), Name: r.Name, Status: string(r.Status), EntityID: nullID(r.EntityID),
		DepartmentID: nullID(r.DepartmentID), ProfessionalID: nullID(r.ProfessionalID), Type: nullText(r.Type),
		PhoneNumber: nullText(r.PhoneNumber), ExternalID: nullText(r.ExternalID), LiveKitName: r.LiveKitName,
		LiveKitSID: nullText(r.LiveKitSID), EmptyTimeoutSeconds: int64(r.Limits.EmptyTimeout / time.Second),
		DepartureTimeoutSeconds: int64(r.Limits.DepartureTimeout / time.Second), MaxParticipants: r.Limits.MaxParticipants,
		OpenedAt: r.OpenedAt, ClosedAt: nullTime(r.ClosedAt), ClosedReason: nullText(r.ClosedReason), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if r.Agent.Status != "" {
		out.Agent = valueOf(roomAgentOf(r))
	}
	return out
}

// changedAt implements changeable.
func (r Room) changedAt() time.Time { return r.UpdatedAt }

func (r NewRoom) params() service.NewRoom {
	return service.NewRoom{
		Name: r.Name, EntityID: idOf[clinic.EntityID](r.EntityID), DepartmentID: idOf[clinic.DepartmentID](r.DepartmentID),
		ProfessionalID: idOf[clinic.ProfessionalID](r.ProfessionalID), Type: textOf[conference.ParticipantType](r.Type),
		PhoneNumber: textOf[string](r.PhoneNumber), ExternalID: textOf[string](r.ExternalID), Limits: r.limits(),
	}
}

func (r NewRoom) limits() (l conference.RoomLimits) {
	if r.EmptyTimeoutSeconds != nil {
		l.EmptyTimeout = time.Duration(*r.EmptyTimeoutSeconds) * time.Second
	}
	if r.DepartureTimeoutSeconds != nil {
		l.DepartureTimeout = time.Duration(*r.DepartureTimeoutSeconds) * time.Second
	}
	if r.MaxParticipants != nil {
		l.MaxParticipants = *r.MaxParticipants
	}
	return l
}

func (p RoomPatch) patch() conference.RoomPatch {
	return conference.RoomPatch{
		Name:           p.Name.Of,
		Status:         converted(p.Status.Of, func(v string) conference.RoomStatus { return conference.RoomStatus(v) }),
		ProfessionalID: identified[clinic.ProfessionalID](p.ProfessionalID.Of),
		Type:           converted(p.Type.Of, func(v string) conference.ParticipantType { return conference.ParticipantType(v) }),
		PhoneNumber:    p.PhoneNumber.Of, ExternalID: p.ExternalID.Of,
	}
}

func instructionsOf(v clinic.Instructions) Instructions {
	out := Instructions{Instructions: objectOf(v.Merged), Text: v.Text, Sources: make([]Source, 0, len(v.Sources))}
	if v.Merged.IsNone() {
		out.Instructions = objectOf("{}")
	}
	for _, source := range v.Sources {
		s := Source{Level: string(source.Level), ID: &source.ID}
		if source.Level == clinic.LevelPlatform {
			s.ID = nil
		}
		out.Sources = append(out.Sources, s)
	}
	return out
}

// appendJSON implements appender.
func (v Instructions) appendJSON(b []byte) []byte {
	b = appendObject(b, `{"instructions":`, v.Instructions.object)
	b = appendText(b, `,"text":`, v.Text)
	b = append(b, `,"sources":[`...)
	for i, source := range v.Sources {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, `{"level":`, source.Level)
		if source.ID == nil {
			b = append(b, `,"id":null}`...)
			continue
		}
		b = append(appendID(b, `,"id":`, *source.ID), '}')
	}
	return append(b, ']', '}')
}

func (s *server) registerRooms() {
	tags := []string{"rooms"}
	handle(s, huma.Operation{
		OperationID: "list-rooms", Method: http.MethodGet, Path: "/v1/rooms", Tags: tags,
		Summary: "List rooms",
	}, func(ctx context.Context, in *struct {
		PageQuery
		EntityID     int64  `query:"entity_id" minimum:"1" maximum:"2147483647"`
		DepartmentID int64  `query:"department_id" minimum:"1" maximum:"2147483647"`
		Status       string `query:"status" enum:"OPEN,IN_PROGRESS,CLOSED"`
		ExternalID   string `query:"external_id" maxLength:"254"`
	},
	) (*answer[List[Room]], error) {
		v, err := s.Rooms.List(ctx, actor(ctx), conference.RoomFilter{
			EntityID: clinic.EntityID(in.EntityID), DepartmentID: clinic.DepartmentID(in.DepartmentID),
			Status: conference.RoomStatus(in.Status), ExternalID: in.ExternalID,
		}, in.request())
		return listed(v, err, roomOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-room", Method: http.MethodPost, Path: "/v1/rooms", Tags: tags,
		Summary: "Open a room",
		Description: "It appends the room event `room_opened`. When LiveKit is configured, it makes the room too, and `livekit_sid` says that it has; while LiveKit does " +
			"not answer, the room is opened all the same, and LiveKit makes it as soon as it does (room event `livekit_room_started`). Without " +
			"LiveKit a room is a record, whose status changes by PATCH.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct{ Body NewRoom }) (*created[Room], error) {
		v, err := s.Rooms.Create(ctx, actor(ctx), in.Body.params())
		return createdAt("/v1/rooms/", v.ID, v, err, roomOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-room", Method: http.MethodGet, Path: "/v1/rooms/{id}", Tags: tags,
		Summary: "Get a room",
	}, func(ctx context.Context, in *ByID) (*answer[Room], error) {
		v, err := s.Rooms.Get(ctx, actor(ctx), conference.RoomID(in.ID))
		return reply(v, err, roomOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-room", Method: http.MethodPatch, Path: "/v1/rooms/{id}", Tags: tags,
		Summary:     "Change a room",
		Description: "A closed room cannot be changed (`room-closed`), and a status never goes back (`room-status`).",
		Errors:      []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
		Body RoomPatch
	},
	) (*answer[Room], error) {
		v, err := s.Rooms.Update(ctx, actor(ctx), conference.RoomID(in.ID), in.Body.patch(), in.match())
		return reply(v, err, roomOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-room", Method: http.MethodDelete, Path: "/v1/rooms/{id}", Tags: tags,
		Summary:     "Close a room",
		Description: "A room is never removed: it becomes CLOSED. LiveKit ends it too, and removes everybody from it; who ends it in LiveKit closes it here.",
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Rooms.Delete(ctx, actor(ctx), conference.RoomID(in.ID), in.match())
	})
	handle(s, huma.Operation{
		OperationID: "get-room-instructions", Method: http.MethodGet, Path: "/v1/rooms/{id}/instructions", Tags: tags,
		Summary:     "What an agent in the room is told",
		Description: "The entity's instructions with the department's over them; the platform's for a room without an entity.",
	}, func(ctx context.Context, in *ByID) (*answer[Instructions], error) {
		v, err := s.Rooms.Instructions(ctx, actor(ctx), conference.RoomID(in.ID))
		return reply(v, err, instructionsOf)
	})
}
