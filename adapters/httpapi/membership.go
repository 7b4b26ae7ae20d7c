package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/service"
)

// Membership says that a professional works for an entity, perhaps in one of its departments.
type Membership struct {
	ID             int64     `json:"id" example:"21"`
	ProfessionalID int64     `json:"professional_id" example:"11"`
	EntityID       int64     `json:"entity_id" example:"3"`
	DepartmentID   *int64    `json:"department_id" example:"5" doc:"null: the entity as a whole."`
	Active         bool      `json:"active" example:"true"`
	CreatedAt      time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt      time.Time `json:"updated_at" example:"2025-11-03T14:30:00Z"`
}

// NewMembership is what a membership is made of.
type NewMembership struct {
	EntityID     *int64 `json:"entity_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"3" doc:"Left out: the entity of an ENTITY_ADMIN."`
	DepartmentID *int64 `json:"department_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"5"`
}

// MembershipPatch ends a membership, or takes it up again.
type MembershipPatch struct {
	Active Patch[bool] `json:"active,omitzero" example:"false"`
}

func membershipOf(m clinic.Membership) Membership {
	return Membership{
		ID: int64(m.ID), ProfessionalID: int64(m.ProfessionalID), EntityID: int64(m.EntityID),
		DepartmentID: nullID(m.DepartmentID), Active: m.Active, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt,
	}
}

// changedAt implements changeable.
func (m Membership) changedAt() time.Time { return m.UpdatedAt }

func (m NewMembership) params(professional int64) service.NewMembership {
	return service.NewMembership{
		ProfessionalID: clinic.ProfessionalID(professional), EntityID: idOf[clinic.EntityID](m.EntityID),
		DepartmentID: idOf[clinic.DepartmentID](m.DepartmentID),
	}
}

func (s *server) registerMemberships() {
	tags := []string{"professionals"}
	handle(s, huma.Operation{
		OperationID: "list-memberships", Method: http.MethodGet, Path: "/v1/professionals/{id}/memberships", Tags: tags,
		Summary: "List where a professional works",
	}, func(ctx context.Context, in *struct {
		ByID
		PageQuery
		ActiveQuery
		EntityID int64 `query:"entity_id" minimum:"1" maximum:"2147483647"`
	},
	) (*answer[List[Membership]], error) {
		professional := clinic.ProfessionalID(in.ID)
		if _, err := s.Professionals.Get(ctx, actor(ctx), professional); err != nil {
			return nil, err
		}
		v, err := s.Memberships.List(ctx, actor(ctx), clinic.MembershipFilter{
			ProfessionalID: professional, EntityID: clinic.EntityID(in.EntityID), Active: in.Active.pointer(),
		}, in.request())
		return listed(v, err, membershipOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-membership", Method: http.MethodPost, Path: "/v1/professionals/{id}/memberships", Tags: tags,
		Summary:       "Let a professional work for an entity",
		Description:   "The same professional, entity and department again is `membership-exists`.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByID
		Body NewMembership
	},
	) (*created[Membership], error) {
		v, err := s.Memberships.Create(ctx, actor(ctx), in.Body.params(in.ID))
		return createdAt("/v1/memberships/", v.ID, v, err, membershipOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-membership", Method: http.MethodGet, Path: "/v1/memberships/{id}", Tags: tags,
		Summary: "Get a membership",
	}, func(ctx context.Context, in *ByID) (*answer[Membership], error) {
		v, err := s.Memberships.Get(ctx, actor(ctx), clinic.MembershipID(in.ID))
		return reply(v, err, membershipOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-membership", Method: http.MethodPatch, Path: "/v1/memberships/{id}", Tags: tags,
		Summary: "End a membership, or take it up again",
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
		Body MembershipPatch
	},
	) (*answer[Membership], error) {
		v, err := s.Memberships.Update(ctx, actor(ctx), clinic.MembershipID(in.ID), service.MembershipChange{Active: in.Body.Active.Of}, in.match())
		return reply(v, err, membershipOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-membership", Method: http.MethodDelete, Path: "/v1/memberships/{id}", Tags: tags,
		Summary:     "End a membership",
		Description: "A soft delete: the record stays, with `active` false.",
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Memberships.Delete(ctx, actor(ctx), clinic.MembershipID(in.ID), in.match())
	})
}
