package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
)

// Department is an area of an entity.
type Department struct {
	ID           int64     `json:"id" example:"5"`
	EntityID     int64     `json:"entity_id" example:"3"`
	Name         string    `json:"name" example:"Cardiologia"`
	Instructions Object    `json:"instructions,omitzero" nullable:"true" doc:"For the agents of the department, over the entity's; null when there are none. Absent from a list that was not asked to include them."`
	Active       bool      `json:"active" example:"true"`
	CreatedAt    time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt    time.Time `json:"updated_at" example:"2025-11-03T14:30:00Z"`
}

// NewDepartment is what a department is made of.
type NewDepartment struct {
	Name         string `json:"name" minLength:"1" maxLength:"100" example:"Cardiologia"`
	Instructions Object `json:"instructions,omitzero" nullable:"true" example:"{\"prompt\":\"Pergunte se há dor no peito.\"}" doc:"prompt is a string, rules a list of strings; other keys are free."`
}

// DepartmentPatch changes parts of a department, which never moves to another entity.
type DepartmentPatch struct {
	Name         Patch[string]         `json:"name,omitzero" minLength:"1" maxLength:"100" example:"Cardiologia"`
	Instructions NullablePatch[Object] `json:"instructions,omitzero" doc:"Merged key by key; null for a key removes it, null for all of it clears."`
	Active       Patch[bool]           `json:"active,omitzero"`
}

func departmentOf(d clinic.Department) Department {
	return Department{
		ID: int64(d.ID), EntityID: int64(d.EntityID), Name: d.Name, Instructions: objectOf(d.Instructions),
		Active: d.Active, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
}

// changedAt implements changeable.
func (d Department) changedAt() time.Time { return d.UpdatedAt }

// appendJSON implements appender.
func (d Department) appendJSON(b []byte) []byte {
	b = appendID(b, `{"id":`, d.ID)
	b = appendID(b, `,"entity_id":`, d.EntityID)
	b = appendText(b, `,"name":`, d.Name)
	b = appendTold(b, `,"instructions":`, d.Instructions)
	b = strconv.AppendBool(append(b, `,"active":`...), d.Active)
	b = appendTime(b, `,"created_at":`, d.CreatedAt)
	b = appendTime(b, `,"updated_at":`, d.UpdatedAt)
	return append(b, '}')
}

func (d NewDepartment) params(entity int64) clinic.DepartmentParams {
	return clinic.DepartmentParams{EntityID: clinic.EntityID(entity), Name: d.Name, Instructions: d.Instructions.object}
}

func (p DepartmentPatch) patch() clinic.DepartmentPatch {
	return clinic.DepartmentPatch{
		Name: p.Name.Of, Instructions: converted(p.Instructions.Of, Object.core), Active: p.Active.Of,
	}
}

func (s *server) registerDepartments() {
	tags := []string{"departments"}
	handle(s, huma.Operation{
		OperationID: "list-departments", Method: http.MethodGet, Path: "/v1/entities/{id}/departments", Tags: tags,
		Summary:     "List the departments of an entity",
		Description: "Without their `instructions`, unless `include` asks for them.",
	}, func(ctx context.Context, in *struct {
		ByID
		PageQuery
		ActiveQuery
		InstructionsQuery
	},
	) (*answer[List[Department]], error) {
		entity := clinic.EntityID(in.ID)
		if err := s.mustSeeEntity(ctx, entity); err != nil {
			return nil, err
		}
		v, err := s.Departments.List(ctx, actor(ctx), clinic.DepartmentFilter{
			EntityID: entity, Active: in.Active.pointer(), Instructions: in.instructions(),
		}, in.request())
		return listed(v, err, func(d clinic.Department) Department {
			out := departmentOf(d)
			out.Instructions = told(out.Instructions, in.instructions())
			return out
		})
	})
	handle(s, huma.Operation{
		OperationID: "create-department", Method: http.MethodPost, Path: "/v1/entities/{id}/departments", Tags: tags,
		Summary:       "Create a department",
		DefaultStatus: http.StatusCreated,
	}, func(ctx context.Context, in *struct {
		ByID
		Body NewDepartment
	},
	) (*created[Department], error) {
		v, err := s.Departments.Create(ctx, actor(ctx), in.Body.params(in.ID))
		return createdAt("/v1/departments/", v.ID, v, err, departmentOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-department", Method: http.MethodGet, Path: "/v1/departments/{id}", Tags: tags,
		Summary: "Get a department",
	}, func(ctx context.Context, in *ByID) (*answer[Department], error) {
		v, err := s.Departments.Get(ctx, actor(ctx), clinic.DepartmentID(in.ID))
		return reply(v, err, departmentOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-department", Method: http.MethodPatch, Path: "/v1/departments/{id}", Tags: tags,
		Summary: "Change a department",
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
		Body DepartmentPatch
	},
	) (*answer[Department], error) {
		v, err := s.Departments.Update(ctx, actor(ctx), clinic.DepartmentID(in.ID), in.Body.patch(), in.match())
		return reply(v, err, departmentOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-department", Method: http.MethodDelete, Path: "/v1/departments/{id}", Tags: tags,
		Summary:     "Deactivate a department",
		Description: "A soft delete: the record stays, with `active` false.",
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Departments.Delete(ctx, actor(ctx), clinic.DepartmentID(in.ID), in.match())
	})
}

// mustSeeEntity tells a list of an absent entity from an empty one. Who belongs to the entity needs no look-up.
func (s *server) mustSeeEntity(ctx context.Context, entity clinic.EntityID) error {
	who := actor(ctx)
	if who.EntityID() == entity {
		return nil
	}
	_, err := s.Entities.Get(ctx, who, entity)
	return err
}
