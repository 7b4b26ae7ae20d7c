package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
)

// Entity is a clinic, a company or another organisation.
type Entity struct {
	ID           int64     `json:"id" example:"3"`
	Name         string    `json:"name" example:"Clínica XYZ"`
	Type         string    `json:"type" example:"medical_clinic" doc:"Free; may be empty."`
	Instructions Object    `json:"instructions,omitzero" nullable:"true" doc:"For every agent of the entity; null when there are none. Absent from a list that was not asked to include them."`
	Active       bool      `json:"active" example:"true"`
	CreatedAt    time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt    time.Time `json:"updated_at" example:"2025-11-03T14:30:00Z"`
}

// NewEntity is what an entity is made of.
type NewEntity struct {
	Name         string `json:"name" minLength:"1" maxLength:"200" example:"Clínica XYZ"`
	Type         string `json:"type,omitempty" maxLength:"100" example:"medical_clinic"`
	Instructions Object `json:"instructions,omitzero" nullable:"true" example:"{\"prompt\":\"Você atende a Clínica XYZ.\",\"rules\":[\"Seja cordial.\"]}" doc:"prompt is a string, rules a list of strings; other keys are free."`
}

// EntityPatch changes parts of an entity.
type EntityPatch struct {
	Name         Patch[string]         `json:"name,omitzero" minLength:"1" maxLength:"200" example:"Clínica XYZ"`
	Type         Patch[string]         `json:"type,omitzero" maxLength:"100" example:"medical_clinic"`
	Instructions NullablePatch[Object] `json:"instructions,omitzero" example:"{\"rules\":[\"Seja cordial.\"]}" doc:"Merged key by key; null for a key removes it, null for all of it clears."`
	Active       Patch[bool]           `json:"active,omitzero"`
}

func entityOf(e clinic.Entity) Entity {
	return Entity{
		ID: int64(e.ID), Name: e.Name, Type: e.Type, Instructions: objectOf(e.Instructions), Active: e.Active,
		CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
}

// changedAt implements changeable.
func (e Entity) changedAt() time.Time { return e.UpdatedAt }

// appendJSON implements appender.
func (e Entity) appendJSON(b []byte) []byte {
	b = appendID(b, `{"id":`, e.ID)
	b = appendText(b, `,"name":`, e.Name)
	b = appendText(b, `,"type":`, e.Type)
	b = appendTold(b, `,"instructions":`, e.Instructions)
	b = strconv.AppendBool(append(b, `,"active":`...), e.Active)
	b = appendTime(b, `,"created_at":`, e.CreatedAt)
	b = appendTime(b, `,"updated_at":`, e.UpdatedAt)
	return append(b, '}')
}

func (e NewEntity) params() clinic.EntityParams {
	return clinic.EntityParams{Name: e.Name, Type: e.Type, Instructions: e.Instructions.object}
}

func (p EntityPatch) patch() clinic.EntityPatch {
	return clinic.EntityPatch{
		Name: p.Name.Of, Type: p.Type.Of, Instructions: converted(p.Instructions.Of, Object.core), Active: p.Active.Of,
	}
}

func (s *server) registerEntities() {
	tags := []string{"entities"}
	handle(s, huma.Operation{
		OperationID: "list-entities", Method: http.MethodGet, Path: "/v1/entities", Tags: tags,
		Summary:     "List entities",
		Description: "Without their `instructions`, unless `include` asks for them.",
	}, func(ctx context.Context, in *struct {
		PageQuery
		ActiveQuery
		InstructionsQuery
	},
	) (*answer[List[Entity]], error) {
		v, err := s.Entities.List(ctx, actor(ctx), clinic.EntityFilter{Active: in.Active.pointer(), Instructions: in.instructions()}, in.request())
		return listed(v, err, func(e clinic.Entity) Entity {
			out := entityOf(e)
			out.Instructions = told(out.Instructions, in.instructions())
			return out
		})
	})
	handle(s, huma.Operation{
		OperationID: "create-entity", Method: http.MethodPost, Path: "/v1/entities", Tags: tags,
		Summary:       "Create an entity",
		Description:   "Only a MANAGER may.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusForbidden},
	}, func(ctx context.Context, in *struct{ Body NewEntity }) (*created[Entity], error) {
		v, err := s.Entities.Create(ctx, actor(ctx), in.Body.params())
		return createdAt("/v1/entities/", v.ID, v, err, entityOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-entity", Method: http.MethodGet, Path: "/v1/entities/{id}", Tags: tags,
		Summary: "Get an entity",
	}, func(ctx context.Context, in *ByID) (*answer[Entity], error) {
		v, err := s.Entities.Get(ctx, actor(ctx), clinic.EntityID(in.ID))
		return reply(v, err, entityOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-entity", Method: http.MethodPatch, Path: "/v1/entities/{id}", Tags: tags,
		Summary:     "Change an entity",
		Description: "Only a MANAGER changes `active`.",
		Errors:      []int{http.StatusForbidden},
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
		Body EntityPatch
	},
	) (*answer[Entity], error) {
		v, err := s.Entities.Update(ctx, actor(ctx), clinic.EntityID(in.ID), in.Body.patch(), in.match())
		return reply(v, err, entityOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-entity", Method: http.MethodDelete, Path: "/v1/entities/{id}", Tags: tags,
		Summary:     "Deactivate an entity",
		Description: "A soft delete: the record stays, with `active` false. Only a MANAGER may.",
		Errors:      []int{http.StatusForbidden},
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Entities.Delete(ctx, actor(ctx), clinic.EntityID(in.ID), in.match())
	})
}
