package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/service"
)

// Professional is a doctor, a consultant or the like, who may work for several entities.
type Professional struct {
	ID            int64     `json:"id" example:"11"`
	Name          string    `json:"name" example:"Dr. João Silva"`
	Email         *string   `json:"email" example:"joao@clinicaxyz.com.br"`
	PhoneNumber   string    `json:"phone_number" example:"+5511955550022" doc:"E.164."`
	ExternalID    *string   `json:"external_id" example:"crm-joao" doc:"The id in another system."`
	LicenseNumber *string   `json:"license_number" example:"CRM-SP 123456"`
	Active        bool      `json:"active" example:"true"`
	CreatedAt     time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt     time.Time `json:"updated_at" example:"2025-11-03T14:30:00Z"`
}

// NewProfessional is what a professional is made of, with the first membership.
type NewProfessional struct {
	Name          string  `json:"name" minLength:"1" maxLength:"200" example:"Dr. João Silva"`
	Email         *string `json:"email,omitempty" nullable:"true" maxLength:"254" example:"joao@clinicaxyz.com.br"`
	PhoneNumber   string  `json:"phone_number" maxLength:"40" example:"+5511955550022" doc:"Kept as E.164."`
	ExternalID    *string `json:"external_id,omitempty" nullable:"true" maxLength:"254" example:"crm-joao"`
	LicenseNumber *string `json:"license_number,omitempty" nullable:"true" maxLength:"100" example:"CRM-SP 123456"`
	EntityID      *int64  `json:"entity_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"3" doc:"Where the professional works. Left out: the entity of an ENTITY_ADMIN; for a MANAGER the professional is independent."`
	DepartmentID  *int64  `json:"department_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"5" doc:"A department of that entity."`
}

// ProfessionalPatch changes parts of a professional.
type ProfessionalPatch struct {
	Name          Patch[string]         `json:"name,omitzero" minLength:"1" maxLength:"200" example:"Dr. João Silva"`
	Email         NullablePatch[string] `json:"email,omitzero" maxLength:"254"`
	PhoneNumber   Patch[string]         `json:"phone_number,omitzero" maxLength:"40" example:"+5511955550022"`
	ExternalID    NullablePatch[string] `json:"external_id,omitzero" maxLength:"254"`
	LicenseNumber NullablePatch[string] `json:"license_number,omitzero" maxLength:"100"`
	Active        Patch[bool]           `json:"active,omitzero"`
}

func professionalOf(p clinic.Professional) Professional {
	return Professional{
		ID: int64(p.ID), Name: p.Name, Email: nullText(p.Email), PhoneNumber: p.PhoneNumber,
		ExternalID: nullText(p.ExternalID), LicenseNumber: nullText(p.LicenseNumber), Active: p.Active,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
}

// changedAt implements changeable.
func (p Professional) changedAt() time.Time { return p.UpdatedAt }

func (p NewProfessional) params() service.NewProfessional {
	return service.NewProfessional{
		ProfessionalParams: clinic.ProfessionalParams{
			Name: p.Name, Email: textOf[string](p.Email), PhoneNumber: p.PhoneNumber,
			ExternalID: textOf[string](p.ExternalID), LicenseNumber: textOf[string](p.LicenseNumber),
		},
		EntityID: idOf[clinic.EntityID](p.EntityID), DepartmentID: idOf[clinic.DepartmentID](p.DepartmentID),
	}
}

func (p ProfessionalPatch) patch() clinic.ProfessionalPatch {
	return clinic.ProfessionalPatch{
		Name: p.Name.Of, Email: p.Email.Of, PhoneNumber: p.PhoneNumber.Of, ExternalID: p.ExternalID.Of,
		LicenseNumber: p.LicenseNumber.Of, Active: p.Active.Of,
	}
}

func (s *server) registerProfessionals() {
	tags := []string{"professionals"}
	handle(s, huma.Operation{
		OperationID: "list-professionals", Method: http.MethodGet, Path: "/v1/professionals", Tags: tags,
		Summary:     "List professionals",
		Description: "`entity_id` and `department_id` ask for an active membership there.",
	}, func(ctx context.Context, in *struct {
		PageQuery
		ActiveQuery
		EntityID     int64  `query:"entity_id" minimum:"1" maximum:"2147483647"`
		DepartmentID int64  `query:"department_id" minimum:"1" maximum:"2147483647"`
		PhoneNumber  string `query:"phone_number" maxLength:"40" doc:"In any form; a + is written %2B."`
		ExternalID   string `query:"external_id" maxLength:"254"`
	},
	) (*answer[List[Professional]], error) {
		number, err := phoneFilter(in.PhoneNumber)
		if err != nil {
			return nil, err
		}
		v, err := s.Professionals.List(ctx, actor(ctx), clinic.ProfessionalFilter{
			EntityID: clinic.EntityID(in.EntityID), DepartmentID: clinic.DepartmentID(in.DepartmentID),
			PhoneNumber: number, ExternalID: in.ExternalID, Active: in.Active.pointer(),
		}, in.request())
		return listed(v, err, professionalOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-professional", Method: http.MethodPost, Path: "/v1/professionals", Tags: tags,
		Summary:       "Create a professional",
		Description:   "With an entity, the membership is created together with the professional.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct{ Body NewProfessional }) (*created[Professional], error) {
		v, err := s.Professionals.Create(ctx, actor(ctx), in.Body.params())
		return createdAt("/v1/professionals/", v.ID, v, err, professionalOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-professional", Method: http.MethodGet, Path: "/v1/professionals/{id}", Tags: tags,
		Summary: "Get a professional",
	}, func(ctx context.Context, in *ByID) (*answer[Professional], error) {
		v, err := s.Professionals.Get(ctx, actor(ctx), clinic.ProfessionalID(in.ID))
		return reply(v, err, professionalOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-professional", Method: http.MethodPatch, Path: "/v1/professionals/{id}", Tags: tags,
		Summary:     "Change a professional",
		Description: "An ENTITY_ADMIN may while the professional works nowhere else (`shared-professional`).",
		Errors:      []int{http.StatusForbidden},
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
		Body ProfessionalPatch
	},
	) (*answer[Professional], error) {
		v, err := s.Professionals.Update(ctx, actor(ctx), clinic.ProfessionalID(in.ID), in.Body.patch(), in.match())
		return reply(v, err, professionalOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-professional", Method: http.MethodDelete, Path: "/v1/professionals/{id}", Tags: tags,
		Summary:     "Deactivate a professional",
		Description: "A soft delete: the record stays, with `active` false. To take a shared professional out of one entity, end the membership.",
		Errors:      []int{http.StatusForbidden},
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Professionals.Delete(ctx, actor(ctx), clinic.ProfessionalID(in.ID), in.match())
	})
}
