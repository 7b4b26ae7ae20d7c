package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
)

// Participant is somebody, or an AI agent, who can be in rooms.
type Participant struct {
	ID             int64     `json:"id" example:"31"`
	EntityID       *int64    `json:"entity_id" example:"3" doc:"The entity that knows the participant; null: the platform."`
	Name           string    `json:"name" example:"Maria Oliveira"`
	Type           string    `json:"type" enum:"CLIENT,PROFESSIONAL,AGENT" example:"CLIENT"`
	PhoneNumber    *string   `json:"phone_number" example:"+5511955550033" doc:"E.164; null for an AGENT without one."`
	ExternalID     *string   `json:"external_id" example:"patient-42"`
	ProfessionalID *int64    `json:"professional_id" example:"11" doc:"Only of a PROFESSIONAL."`
	CreatedAt      time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt      time.Time `json:"updated_at" example:"2025-11-03T14:30:00Z"`
}

// NewParticipant is what a participant is made of.
type NewParticipant struct {
	EntityID       *int64  `json:"entity_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"3" doc:"Left out: the entity of an ENTITY_ADMIN; for a MANAGER none."`
	Name           string  `json:"name" minLength:"1" maxLength:"100" example:"Maria Oliveira"`
	Type           string  `json:"type" enum:"CLIENT,PROFESSIONAL,AGENT" example:"CLIENT"`
	PhoneNumber    *string `json:"phone_number,omitempty" nullable:"true" maxLength:"40" example:"+5511955550033" doc:"Kept as E.164. Only an AGENT can be without one."`
	ExternalID     *string `json:"external_id,omitempty" nullable:"true" maxLength:"254" example:"patient-42"`
	ProfessionalID *int64  `json:"professional_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" doc:"Only of a PROFESSIONAL."`
}

// ParticipantPatch changes parts of a participant; its type and entity are for good.
type ParticipantPatch struct {
	Name           Patch[string]         `json:"name,omitzero" minLength:"1" maxLength:"100" example:"Maria Oliveira"`
	PhoneNumber    Patch[string]         `json:"phone_number,omitzero" maxLength:"40" example:"+5511955550033"`
	ExternalID     NullablePatch[string] `json:"external_id,omitzero" maxLength:"254"`
	ProfessionalID NullablePatch[int64]  `json:"professional_id,omitzero" minimum:"1" maximum:"2147483647"`
}

func participantOf(p conference.Participant) Participant {
	return Participant{
		ID: int64(p.ID), EntityID: nullID(p.EntityID), Name: p.Name, Type: string(p.Type), PhoneNumber: nullText(p.PhoneNumber),
		ExternalID: nullText(p.ExternalID), ProfessionalID: nullID(p.ProfessionalID),
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
}

// changedAt implements changeable.
func (p Participant) changedAt() time.Time { return p.UpdatedAt }

func (p NewParticipant) params() conference.ParticipantParams {
	return conference.ParticipantParams{
		EntityID: idOf[clinic.EntityID](p.EntityID), Name: p.Name, Type: conference.ParticipantType(p.Type),
		PhoneNumber: textOf[string](p.PhoneNumber), ExternalID: textOf[string](p.ExternalID),
		ProfessionalID: idOf[clinic.ProfessionalID](p.ProfessionalID),
	}
}

func (p ParticipantPatch) patch() conference.ParticipantPatch {
	return conference.ParticipantPatch{
		Name: p.Name.Of, PhoneNumber: p.PhoneNumber.Of, ExternalID: p.ExternalID.Of,
		ProfessionalID: identified[clinic.ProfessionalID](p.ProfessionalID.Of),
	}
}

func (s *server) registerParticipants() {
	tags := []string{"participants"}
	handle(s, huma.Operation{
		OperationID: "list-participants", Method: http.MethodGet, Path: "/v1/participants", Tags: tags,
		Summary: "List participants",
	}, func(ctx context.Context, in *struct {
		PageQuery
		EntityID    int64  `query:"entity_id" minimum:"1" maximum:"2147483647"`
		Type        string `query:"type" enum:"CLIENT,PROFESSIONAL,AGENT"`
		PhoneNumber string `query:"phone_number" maxLength:"40" doc:"In any form; a + is written %2B."`
		ExternalID  string `query:"external_id" maxLength:"254"`
	},
	) (*answer[List[Participant]], error) {
		number, err := phoneFilter(in.PhoneNumber)
		if err != nil {
			return nil, err
		}
		v, err := s.Participants.List(ctx, actor(ctx), conference.ParticipantFilter{
			EntityID: clinic.EntityID(in.EntityID), Type: conference.ParticipantType(in.Type),
			PhoneNumber: number, ExternalID: in.ExternalID,
		}, in.request())
		return listed(v, err, participantOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-participant", Method: http.MethodPost, Path: "/v1/participants", Tags: tags,
		Summary:       "Create a participant",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct{ Body NewParticipant }) (*created[Participant], error) {
		v, err := s.Participants.Create(ctx, actor(ctx), in.Body.params())
		return createdAt("/v1/participants/", v.ID, v, err, participantOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-participant", Method: http.MethodGet, Path: "/v1/participants/{id}", Tags: tags,
		Summary: "Get a participant",
	}, func(ctx context.Context, in *ByID) (*answer[Participant], error) {
		v, err := s.Participants.Get(ctx, actor(ctx), conference.ParticipantID(in.ID))
		return reply(v, err, participantOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-participant", Method: http.MethodPatch, Path: "/v1/participants/{id}", Tags: tags,
		Summary: "Change a participant",
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
		Body ParticipantPatch
	},
	) (*answer[Participant], error) {
		v, err := s.Participants.Update(ctx, actor(ctx), conference.ParticipantID(in.ID), in.Body.patch(), in.match())
		return reply(v, err, participantOf)
	})
}
