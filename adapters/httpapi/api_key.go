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

// APIKey lets an integration act in one entity. The key itself is only in the answer to its creation.
type APIKey struct {
	ID         identity.APIKeyID `json:"id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de007"`
	EntityID   int64             `json:"entity_id" example:"3" doc:"The only entity in which the key may do anything."`
	Name       string            `json:"name" example:"n8n"`
	Prefix     string            `json:"prefix" example:"sk_k7m2p9xq" doc:"What the key begins with, to tell keys apart."`
	Scopes     []Scope           `json:"scopes" nullable:"false" example:"[\"agenda:read\",\"agenda:write\"]" doc:"What the key may do."`
	CreatedBy  *int64            `json:"created_by" example:"7" doc:"The user who made it."`
	ExpiresAt  *time.Time        `json:"expires_at" example:"2027-11-03T00:00:00Z" doc:"null: never."`
	RevokedAt  *time.Time        `json:"revoked_at" doc:"null: it was not."`
	LastUsedAt *time.Time        `json:"last_used_at" example:"2026-11-03T14:30:00Z" doc:"To the minute; null: never."`
	Active     bool              `json:"active" example:"true" doc:"Whether it is neither revoked nor expired now."`
	CreatedAt  time.Time         `json:"created_at" example:"2026-11-03T14:30:00Z"`
	UpdatedAt  time.Time         `json:"updated_at" example:"2026-11-03T14:30:00Z"`
}

// changedAt implements changeable.
func (k APIKey) changedAt() time.Time { return k.UpdatedAt }

// IssuedAPIKey is a new key, with the one sight of itself.
type IssuedAPIKey struct {
	APIKey
	Key string `json:"key" example:"sk_k7m2p9xq_3q2-7wEXAMPLE" doc:"Send it as Authorization: Bearer. It is not stored, and never shown again."`
}

// NewAPIKey is what an API key is made of.
type NewAPIKey struct {
	EntityID  *int64     `json:"entity_id,omitempty" nullable:"true" minimum:"1" maximum:"2147483647" example:"3" doc:"Left out: the entity of an ENTITY_ADMIN."`
	Name      string     `json:"name" minLength:"1" maxLength:"100" example:"n8n" doc:"For people."`
	Scopes    []Scope    `json:"scopes" nullable:"false" minItems:"1" maxItems:"50" example:"[\"agenda:read\",\"agenda:write\"]" doc:"What the key may do."`
	ExpiresAt *time.Time `json:"expires_at,omitempty" nullable:"true" example:"2027-11-03T00:00:00Z" doc:"In the future; left out: never."`
}

// APIKeyPatch changes parts of an API key; its entity and the key itself are for good.
type APIKeyPatch struct {
	Name      Patch[string]            `json:"name,omitzero" minLength:"1" maxLength:"100" example:"n8n"`
	Scopes    Patch[[]Scope]           `json:"scopes,omitzero" minItems:"1" maxItems:"50" doc:"All of them: what is left out is taken away."`
	ExpiresAt NullablePatch[time.Time] `json:"expires_at,omitzero" doc:"In the future; null: never."`
}

// Scope is a permission that an API key can have.
type Scope string

// Schema implements huma.SchemaProvider.
func (Scope) Schema(huma.Registry) *huma.Schema {
	return permissionSchema(identity.GrantablePermissions())
}

// Permission is something that somebody may do.
type Permission string

// Schema implements huma.SchemaProvider.
func (Permission) Schema(huma.Registry) *huma.Schema { return permissionSchema(identity.Permissions()) }

func permissionSchema(list []identity.Permission) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, p := range list {
		s.Enum = append(s.Enum, string(p))
	}
	s.PrecomputeMessages()
	return s
}

// ByAPIKey is the path of an API key.
type ByAPIKey struct {
	ID identity.APIKeyID `path:"id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de007"`
}

func (s *server) apiKeyOf(k identity.APIKey) APIKey {
	return APIKey{
		ID: k.ID, EntityID: int64(k.EntityID), Name: k.Name, Prefix: k.Prefix, Scopes: permissionsOf[Scope](k.Scopes),
		CreatedBy: nullID(k.CreatedBy), ExpiresAt: nullTime(k.ExpiresAt), RevokedAt: nullTime(k.RevokedAt),
		LastUsedAt: nullTime(k.LastUsedAt), Active: k.Active(s.now()), CreatedAt: k.CreatedAt, UpdatedAt: k.UpdatedAt,
	}
}

// permissionsOf turns the names of permissions from one type into another one.
func permissionsOf[To, From ~string](list []From) []To {
	out := make([]To, 0, len(list))
	for _, p := range list {
		out = append(out, To(p))
	}
	return out
}

func (k NewAPIKey) params() service.NewAPIKey {
	p := service.NewAPIKey{
		EntityID: idOf[clinic.EntityID](k.EntityID), Name: k.Name, Scopes: permissionsOf[identity.Permission](k.Scopes),
	}
	if k.ExpiresAt != nil {
		p.ExpiresAt = k.ExpiresAt.UTC()
	}
	return p
}

func (p APIKeyPatch) patch() identity.APIKeyPatch {
	return identity.APIKeyPatch{
		Name: p.Name.Of, Scopes: converted(p.Scopes.Of, permissionsOf[identity.Permission, Scope]),
		ExpiresAt: converted(p.ExpiresAt.Of, time.Time.UTC),
	}
}

func (s *server) registerAPIKeys() {
	tags := []string{"api keys"}
	handle(s, huma.Operation{
		OperationID: "list-api-keys", Method: http.MethodGet, Path: "/v1/api-keys", Tags: tags,
		Summary: "List API keys",
	}, func(ctx context.Context, in *struct {
		PageQuery
		EntityID int64       `query:"entity_id" minimum:"1" maximum:"2147483647"`
		Active   Maybe[bool] `query:"active" doc:"true: only good ones; false: only revoked and expired ones; left out: both."`
	},
	) (*answer[List[APIKey]], error) {
		filter := identity.APIKeyFilter{EntityID: clinic.EntityID(in.EntityID), Active: in.Active.pointer()}
		v, err := s.APIKeys.List(ctx, actor(ctx), filter, in.request())
		return listed(v, err, s.apiKeyOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-api-key", Method: http.MethodPost, Path: "/v1/api-keys", Tags: tags,
		Summary: "Create an API key",
		Description: "The answer is the only one that holds `key`. It acts in one entity, within its scopes, and never manages users or keys, " +
			"nor reads the audit log.",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct{ Body NewAPIKey }) (*created[IssuedAPIKey], error) {
		v, err := s.APIKeys.Create(ctx, actor(ctx), in.Body.params())
		return createdAt("/v1/api-keys/", v.ID, v, err, func(k service.IssuedKey) IssuedAPIKey {
			return IssuedAPIKey{APIKey: s.apiKeyOf(k.APIKey), Key: k.Key}
		})
	})
	handle(s, huma.Operation{
		OperationID: "get-api-key", Method: http.MethodGet, Path: "/v1/api-keys/{id}", Tags: tags,
		Summary: "Get an API key",
	}, func(ctx context.Context, in *ByAPIKey) (*answer[APIKey], error) {
		v, err := s.APIKeys.Get(ctx, actor(ctx), in.ID)
		return reply(v, err, s.apiKeyOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-api-key", Method: http.MethodPatch, Path: "/v1/api-keys/{id}", Tags: tags,
		Summary:     "Change an API key",
		Description: "It holds from the key's next request on. A revoked key stays as it is: `api-key-revoked`.",
		Errors:      []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByAPIKey
		IfMatchHeader
		Body APIKeyPatch
	},
	) (*answer[APIKey], error) {
		v, err := s.APIKeys.Update(ctx, actor(ctx), in.ID, in.Body.patch(), in.match())
		return reply(v, err, s.apiKeyOf)
	})
	handle(s, huma.Operation{
		OperationID: "revoke-api-key", Method: http.MethodDelete, Path: "/v1/api-keys/{id}", Tags: tags,
		Summary:     "Revoke an API key",
		Description: "At once and for good. The record stays; revoking it again is no error.",
		Errors:      []int{http.StatusForbidden},
	}, func(ctx context.Context, in *struct {
		ByAPIKey
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.APIKeys.Revoke(ctx, actor(ctx), in.ID, in.match())
	})
}
