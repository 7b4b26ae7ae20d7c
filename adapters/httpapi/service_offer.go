package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
)

// Service is what one professional of a clinic offers.
type Service struct {
	ServiceID          agenda.ServiceID            `json:"service_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de003"`
	ProfessionalID     agenda.ClinicProfessionalID `json:"professional_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de002"`
	ServiceName        string                      `json:"service_name" example:"Botox"`
	ServiceSlug        string                      `json:"service_slug" example:"botox"`
	ServiceDescription string                      `json:"service_description" example:"Aplicação de toxina botulínica."`
	ServiceKeywords    []string                    `json:"service_keywords" example:"[\"toxina\",\"rugas\"]"`
	PriceCents         int64                       `json:"price_cents" example:"120000" doc:"In cents of the real."`
	DurationMinutes    int                         `json:"duration_minutes" example:"45"`
	IsActive           bool                        `json:"is_active" example:"true"`
	CreatedAt          time.Time                   `json:"created_at" example:"2026-01-01T12:00:00Z"`
	UpdatedAt          time.Time                   `json:"updated_at" example:"2026-01-01T12:00:00Z"`
}

// NewService is what a service is made of.
type NewService struct {
	ServiceName        string   `json:"service_name" minLength:"1" maxLength:"200" example:"Botox"`
	ServiceSlug        *string  `json:"service_slug,omitempty" nullable:"true" maxLength:"100" example:"botox" doc:"Unique among the professional's services; made of the name when left out."`
	ServiceDescription *string  `json:"service_description,omitempty" nullable:"true" maxLength:"2000" example:"Aplicação de toxina botulínica."`
	ServiceKeywords    []string `json:"service_keywords,omitempty" maxItems:"100" example:"[\"toxina\",\"rugas\"]" doc:"What patients say instead."`
	PriceCents         int64    `json:"price_cents" minimum:"0" maximum:"10000000000" example:"120000" doc:"In cents of the real."`
	DurationMinutes    *int     `json:"duration_minutes,omitempty" nullable:"true" minimum:"5" maximum:"720" example:"45" doc:"30 when left out."`
}

// ServicePatch changes parts of a service; whose it is stays.
type ServicePatch struct {
	ServiceName        Patch[string]         `json:"service_name,omitzero" minLength:"1" maxLength:"200" example:"Botox"`
	ServiceSlug        Patch[string]         `json:"service_slug,omitzero" minLength:"1" maxLength:"100"`
	ServiceDescription NullablePatch[string] `json:"service_description,omitzero" maxLength:"2000"`
	ServiceKeywords    Patch[[]string]       `json:"service_keywords,omitzero" maxItems:"100"`
	PriceCents         Patch[int64]          `json:"price_cents,omitzero" minimum:"0" maximum:"10000000000" example:"130000"`
	DurationMinutes    Patch[int]            `json:"duration_minutes,omitzero" minimum:"5" maximum:"720"`
	IsActive           Patch[bool]           `json:"is_active,omitzero"`
}

// ByService is the path of a service.
type ByService struct {
	ByClinicProfessional
	ServiceID agenda.ServiceID `path:"service_id" format:"uuid" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de003"`
}

func serviceOf(v agenda.Service) Service {
	return Service{
		ServiceID: v.ID, ProfessionalID: v.ProfessionalID, ServiceName: v.Name, ServiceSlug: v.Slug,
		ServiceDescription: v.Description, ServiceKeywords: texts(v.Keywords), PriceCents: v.PriceCents,
		DurationMinutes: v.DurationMinutes, IsActive: v.Active, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
}

// changedAt implements changeable.
func (s Service) changedAt() time.Time { return s.UpdatedAt }

func (v NewService) params() agenda.ServiceParams {
	return agenda.ServiceParams{
		Name: v.ServiceName, Slug: textOf[string](v.ServiceSlug), Description: textOf[string](v.ServiceDescription),
		Keywords: v.ServiceKeywords, PriceCents: v.PriceCents, DurationMinutes: v.DurationMinutes,
	}
}

func (p ServicePatch) patch() agenda.ServicePatch {
	return agenda.ServicePatch{
		Name: p.ServiceName.Of, Slug: p.ServiceSlug.Of, Description: p.ServiceDescription.Of, Keywords: p.ServiceKeywords.Of,
		PriceCents: p.PriceCents.Of, DurationMinutes: p.DurationMinutes.Of, Active: p.IsActive.Of,
	}
}

func (s *server) registerServiceOffers() {
	tags := []string{"clinics"}
	const collection = "/v1/clinics/{tenant_id}/professionals/{professional_id}/services"
	const one = collection + "/{service_id}"
	handle(s, huma.Operation{
		OperationID: "list-services", Method: http.MethodGet, Path: collection, Tags: tags,
		Summary: "List what a professional offers",
	}, func(ctx context.Context, in *struct {
		ByClinicProfessional
		PageQuery
		ActiveQuery
	},
	) (*answer[List[Service]], error) {
		v, err := s.Clinics.Services(ctx, actor(ctx), agenda.ServiceFilter{
			TenantID: in.TenantID, ProfessionalID: in.ProfessionalID, Active: in.Active.pointer(),
		}, in.request())
		return listed(v, err, serviceOf)
	})
	handle(s, huma.Operation{
		OperationID: "create-service", Method: http.MethodPost, Path: collection, Tags: tags,
		Summary:       "Add what a professional offers",
		DefaultStatus: http.StatusCreated, Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByClinicProfessional
		Body NewService
	},
	) (*created[Service], error) {
		v, err := s.Clinics.AddService(ctx, actor(ctx), in.TenantID, in.ProfessionalID, in.Body.params())
		path := "/v1/clinics/" + in.TenantID.String() + "/professionals/" + in.ProfessionalID.String() + "/services/"
		return createdAt(path, v.ID, v, err, serviceOf)
	})
	handle(s, huma.Operation{
		OperationID: "get-service", Method: http.MethodGet, Path: one, Tags: tags,
		Summary: "Get a service",
	}, func(ctx context.Context, in *ByService) (*answer[Service], error) {
		v, err := s.Clinics.Service(ctx, actor(ctx), in.TenantID, in.ProfessionalID, in.ServiceID)
		return reply(v, err, serviceOf)
	})
	handle(s, huma.Operation{
		OperationID: "update-service", Method: http.MethodPatch, Path: one, Tags: tags,
		Summary:     "Change a service",
		Description: "Visits that are booked keep their length.",
		Errors:      []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		ByService
		IfMatchHeader
		Body ServicePatch
	},
	) (*answer[Service], error) {
		v, err := s.Clinics.UpdateService(ctx, actor(ctx), in.TenantID, in.ProfessionalID, in.ServiceID, in.Body.patch(), in.match())
		return reply(v, err, serviceOf)
	})
	handle(s, huma.Operation{
		OperationID: "delete-service", Method: http.MethodDelete, Path: one, Tags: tags,
		Summary:     "Deactivate a service",
		Description: "It is no longer offered; visits that are booked stay.",
	}, func(ctx context.Context, in *struct {
		ByService
		IfMatchHeader
	},
	) (*struct{}, error) {
		return nil, s.Clinics.RemoveService(ctx, actor(ctx), in.TenantID, in.ProfessionalID, in.ServiceID, in.match())
	})
}
