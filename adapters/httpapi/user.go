package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
)

// User logs in to the back office. Its password is never in an answer.
type User struct {
	ID          int64     `json:"id" example:"7"`
	Email       string    `json:"email" format:"email" example:"ana@clinicaxyz.com.br"`
	PhoneNumber string    `json:"phone_number" example:"+5511955550011" doc:"E.164."`
	Role        string    `json:"role" enum:"MANAGER,ENTITY_ADMIN" example:"ENTITY_ADMIN"`
	EntityID    *int64    `json:"entity_id" example:"3" doc:"The entity of an ENTITY_ADMIN; null for a MANAGER."`
	Active      bool      `json:"active" example:"true"`
	CreatedAt   time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
	UpdatedAt   time.Time `json:"updated_at" example:"2025-11-03T14:30:00Z"`
}

// NewUser is what a user is made of.
type NewUser struct {
	Email       string `json:"email" maxLength:"254" example:"ana@clinicaxyz.com.br"`
	Password    string `json:"password" minLength:"10" maxLength:"254" writeOnly:"true" example:"correct horse battery"`
	PhoneNumber string `json:"phone_number" maxLength:"40" example:"+5511955550011" doc:"Kept as E.164."`
	Role        string `json:"role" enum:"MANAGER,ENTITY_ADMIN" example:"ENTITY_ADMIN"`
	EntityID    *int64 `json:"entity_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"3" doc:"Of an ENTITY_ADMIN; left out it is the entity of who asks. None for a MANAGER."`
}

// UserPatch changes parts of a user.
type UserPatch struct {
	Email       Patch[string]        `json:"email,omitzero" maxLength:"254" example:"ana@clinicaxyz.com.br"`
	Password    Patch[string]        `json:"password,omitzero" minLength:"10" maxLength:"254" writeOnly:"true" doc:"Ends every session of the user."`
	PhoneNumber Patch[string]        `json:"phone_number,omitzero" maxLength:"40" example:"+5511955550011"`
	Role        Patch[string]        `json:"role,omitzero" enum:"MANAGER,ENTITY_ADMIN"`
	EntityID    NullablePatch[int64] `json:"entity_id,omitzero" minimum:"1" maximum:"2147483647"`
	Active      Patch[bool]          `json:"active,omitzero" doc:"Deactivating ends every session of the user."`
}

func userOf(u identity.User) User {
	return User{
		ID: int64(u.ID), Email: u.Email, PhoneNumber: u.PhoneNumber, Role: string(u.Role), EntityID: nullID(u.EntityID),
		Active: u.Active, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	}
}

// changedAt implements changeable.
func (u User) changedAt() time.Time { return u.UpdatedAt }

func (u NewUser) params() service.NewUser {
	return service.NewUser{
		Email: u.Email, Password: u.Password, PhoneNumber: u.PhoneNumber, Role: identity.Role(u.Role),
		EntityID: idOf[clinic.EntityID](u.EntityID),
	}
}

func (p UserPatch) change() service.UserChange {
	return service.UserChange{
		Email: p.Email.Of, Password: p.Password.Of, PhoneNumber: p.PhoneNumber.Of,
		Role:     converted(p.Role.Of, func(v string) identity.Role { return identity.Role(v) }),
		EntityID: identified[clinic.EntityID](p.EntityID.Of), Active: p.Active.Of,
	}
}

func (s *server) registerUsers() {
	tags := []string{"users"}
	handle(s, huma.Operation{
		OperationID: "list-users", Method: http.MethodGet, Path: "/v1/users", Tags: tags,
		Summary: "List users",
	}, func(ctx context.Context, in *struct {
		PageQuery
		ActiveQuery
		EntityID int64 `query:"entity_id" minimum:"1" maximum:"2147483647"`
	},
	) (*answer[List[User]], error) {
		filter := identity.UserFilter{EntityID: clinic.EntityID(in.EntityID), Active: in.Active.pointer()}
		v, err := s.Users.List(ctx, actor(ctx), filter, in.request())
		return listed(v, err, userOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-user", Method: http.MethodPost, Path: "/v1/users", Tags: tags,
		Summary:       "Create a user",
		Description:   "An ENTITY_ADMIN creates admins of its own entity only. A repeated e-mail is `email-taken`.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *struct{ Body NewUser }) (*created[User], error) {
		v, err := s.Users.Create(ctx, actor(ctx), in.Body.params())
		return createdAt("/v1/users/", v.ID, v, err, userOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-user", Method: http.MethodGet, Path: "/v1/users/{id}", Tags: tags,
		Summary: "Get a user",
	}, func(ctx context.Context, in *ByID) (*answer[User], error) {
		v, err := s.Users.Get(ctx, actor(ctx), identity.UserID(in.ID))
		return reply(v, err, userOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-user", Method: http.MethodPatch, Path: "/v1/users/{id}", Tags: tags,
		Summary:     "Change a user",
		Description: "Only a MANAGER changes roles and entities. Nobody deactivates or demotes oneself (`own-user`), nor the last active MANAGER (`last-manager`).",
		Errors:      []int{http.StatusForbidden, http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
		Body UserPatch
	},
	) (*answer[User], error) {
		v, err := s.Users.Update(ctx, actor(ctx), identity.UserID(in.ID), in.Body.change(), in.match())
		return reply(v, err, userOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-user", Method: http.MethodDelete, Path: "/v1/users/{id}", Tags: tags,
		Summary:     "Deactivate a user",
		Description: "A soft delete: the record stays, with `active` false. Every session of the user ends.",
		Errors:      []int{http.StatusForbidden, http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByID
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Users.Delete(ctx, actor(ctx), identity.UserID(in.ID), in.match())
	})
}
