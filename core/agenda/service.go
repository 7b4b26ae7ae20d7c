package agenda

import (
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/text"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// ServiceID identifies a service.
type ServiceID = id.Of[Service]

// Service is what one clinic professional offers, at a price and for a time. Nobody else offers it, unless they have a
// service of their own by that name.
type Service struct {
	ID              ServiceID
	ProfessionalID  ClinicProfessionalID
	TenantID        TenantID
	EntityID        clinic.EntityID
	Name            string // "Botox"
	Slug            string // unique among the professional's services
	Description     string
	Keywords        []string // "toxina", "rugas"
	PriceCents      int64    // in cents of the real
	DurationMinutes int
	Active          bool
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// ServiceParams is what a service is made of.
type ServiceParams struct {
	Name            string
	Slug            string // "" makes one of the name
	Description     string
	Keywords        []string
	PriceCents      int64
	DurationMinutes *int // default 30
}

// ServicePatch changes parts of a service; whose it is stays.
type ServicePatch struct {
	Name            patch.Of[string]
	Slug            patch.Of[string]
	Description     patch.Of[string]
	Keywords        patch.Of[[]string]
	PriceCents      patch.Of[int64]
	DurationMinutes patch.Of[int]
	Active          patch.Of[bool]
}

// ServiceFilter selects services of a list.
type ServiceFilter struct {
	TenantID       TenantID             // zero: any
	ProfessionalID ClinicProfessionalID // zero: any
	Active         *bool                // nil: both
}

// NewService makes an active service of a clinic professional. It fails with Invalid "invalid-input".
func NewService(key ServiceID, of ClinicProfessional, p ServiceParams, now time.Time) (Service, error) {
	s := Service{
		ID: key, ProfessionalID: of.ID, TenantID: of.TenantID, EntityID: of.EntityID, Name: p.Name, Slug: p.Slug,
		Description: p.Description, Keywords: p.Keywords, PriceCents: p.PriceCents,
		DurationMinutes: valueOr(p.DurationMinutes, 30), Active: true, CreatedAt: now, UpdatedAt: now,
	}
	if s.Slug == "" {
		s.Slug = text.Slug(s.Name)
	}
	return s, s.validate()
}

// Change applies a patch. It fails with Invalid "invalid-input".
func (s *Service) Change(p ServicePatch, now time.Time) error {
	p.Name.Apply(&s.Name)
	p.Slug.Apply(&s.Slug)
	p.Description.Apply(&s.Description)
	p.Keywords.Apply(&s.Keywords)
	p.PriceCents.Apply(&s.PriceCents)
	p.DurationMinutes.Apply(&s.DurationMinutes)
	p.Active.Apply(&s.Active)
	s.UpdatedAt = version.Next(s.UpdatedAt, now)
	return s.validate()
}

// Deactivate is the soft delete of a service.
func (s *Service) Deactivate(now time.Time) {
	s.Active, s.UpdatedAt = false, version.Next(s.UpdatedAt, now)
}

// Clone returns a copy that shares nothing with s.
func (s Service) Clone() Service {
	s.Keywords = slices.Clone(s.Keywords)
	return s
}

func (s *Service) validate() error {
	var c errs.Check
	s.Name = valid.Text(&c, "service_name", s.Name, 200)
	s.Slug = valid.Slug(&c, "service_slug", s.Slug, 100)
	s.Description = valid.Prose(&c, "service_description", s.Description, 2000)
	s.Keywords = valid.Texts(&c, "service_keywords", s.Keywords, 100, 100)
	c.That(s.PriceCents >= 0 && s.PriceCents <= 100_000_000_00, "price_cents", "must be between 0 and 10000000000")
	checkVisitMinutes(&c, "duration_minutes", s.DurationMinutes)
	return c.Err()
}

// VisitLength is how long a visit to the professional lasts, without buffers; the zero service is a plain visit.
func (v ClinicProfessional) VisitLength(s Service) time.Duration {
	if s.ID.IsZero() {
		return time.Duration(v.ConsultationMinutes) * time.Minute
	}
	return time.Duration(s.DurationMinutes) * time.Minute
}
