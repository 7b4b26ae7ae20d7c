package service

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// NewClinicProfessional is what an agenda at a clinic is made of. The person is one of the directory, named by
// ProfessionalID, or a new one, made of Person.
type NewClinicProfessional struct {
	agenda.ClinicProfessionalParams
	Person       *clinic.ProfessionalParams // its name is taken from the agenda when empty
	DepartmentID clinic.DepartmentID        // of the membership; 0: the entity as a whole
}

// Professionals returns a page of a clinic's agendas. Errors: NotFound "clinic-not-found".
func (s *Clinics) Professionals(ctx context.Context, actor identity.Actor, f agenda.ClinicProfessionalFilter, req page.Request) (page.Page[agenda.ClinicProfessional], error) {
	if _, err := s.Get(ctx, actor, f.TenantID); err != nil {
		return page.Page[agenda.ClinicProfessional]{}, err
	}
	return s.d.Repositories.ClinicProfessionals.List(ctx, actor.Scope(), f, req)
}

// Professional returns an agenda of a clinic. Errors: NotFound.
func (s *Clinics) Professional(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.ClinicProfessionalID) (agenda.ClinicProfessional, error) {
	if err := actor.Require(identity.ClinicsRead); err != nil {
		return agenda.ClinicProfessional{}, err
	}
	return professionalOf(ctx, s.d.Repositories, actor.Scope(), tenant, key)
}

// professionalOf reads an agenda that must be of the clinic.
func professionalOf(ctx context.Context, r ports.Repositories, scope identity.Scope, tenant agenda.TenantID, key agenda.ClinicProfessionalID) (agenda.ClinicProfessional, error) {
	p, err := r.ClinicProfessionals.Get(ctx, scope, key)
	if err == nil && p.TenantID != tenant {
		err = errs.Absent("professional")
	}
	if err != nil {
		return agenda.ClinicProfessional{}, err
	}
	return p, nil
}

// AddProfessional opens a professional's agenda at a clinic, and makes the membership in the clinic's entity unless
// there is one, in one transaction. Errors: NotFound, Invalid, Conflict "slug-taken" or "calendar-taken".
func (s *Clinics) AddProfessional(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, p NewClinicProfessional) (agenda.ClinicProfessional, error) {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return agenda.ClinicProfessional{}, err
	}
	if (p.ProfessionalID == 0) == (p.Person == nil) {
		return agenda.ClinicProfessional{}, errs.InvalidField("directory_professional_id",
			"name a professional of the directory, or give a phone_number to register a new one")
	}
	now, key := s.d.Now(), id.New[agenda.ClinicProfessional]()
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (agenda.ClinicProfessional, error) {
		at, err := r.Clinics.Get(ctx, actor.Scope(), tenant)
		if err != nil {
			return agenda.ClinicProfessional{}, err
		}
		params := p.ClinicProfessionalParams
		if params.ProfessionalID, err = p.person(ctx, r, actor, now); err != nil {
			return agenda.ClinicProfessional{}, err
		}
		member := NewMembership{ProfessionalID: params.ProfessionalID, EntityID: at.EntityID, DepartmentID: p.DepartmentID}
		if err := ensureMembership(ctx, r, actor, member, now); err != nil {
			return agenda.ClinicProfessional{}, err
		}
		v, err := agenda.NewClinicProfessional(key, at, params, now)
		if err != nil {
			return agenda.ClinicProfessional{}, err
		}
		return r.ClinicProfessionals.Create(ctx, v)
	})
}

// person is the directory's record of the professional: the one that was named, or a new one.
func (p NewClinicProfessional) person(ctx context.Context, r ports.Repositories, actor identity.Actor, now time.Time) (clinic.ProfessionalID, error) {
	if p.Person == nil {
		return p.ProfessionalID, visibleProfessional(ctx, r, actor, p.ProfessionalID)
	}
	params := *p.Person
	if params.Name == "" {
		params.Name = p.Name
	}
	v, err := clinic.NewProfessional(params, now)
	if err != nil {
		return 0, err
	}
	v, err = r.Professionals.Create(ctx, v)
	return v.ID, err
}

// ensureMembership links a professional to an entity, unless an active membership does already; one that ended is taken
// up again.
func ensureMembership(ctx context.Context, r ports.Repositories, actor identity.Actor, p NewMembership, now time.Time) error {
	have, err := r.Memberships.List(ctx, identity.OnlyEntity(p.EntityID),
		clinic.MembershipFilter{ProfessionalID: p.ProfessionalID, EntityID: p.EntityID}, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return err
	}
	ended := clinic.MembershipID(0)
	for _, m := range have.Items {
		if m.Active && (p.DepartmentID == 0 || m.DepartmentID == p.DepartmentID) {
			return nil
		}
		if !m.Active && m.DepartmentID == p.DepartmentID {
			ended = m.ID
		}
	}
	if ended == 0 {
		_, err = link(ctx, r, actor, p, now)
		return err
	}
	_, err = r.Memberships.Update(ctx, identity.OnlyEntity(p.EntityID), ended, func(m *clinic.Membership) error {
		m.SetActive(true, now)
		return nil
	})
	return err
}

// UpdateProfessional changes an agenda. Its calendar cannot change while visits are coming on the old one: Conflict
// "calendar-in-use". Other errors: NotFound, Invalid, Conflict "slug-taken" or "calendar-taken".
func (s *Clinics) UpdateProfessional(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.ClinicProfessionalID, p agenda.ClinicProfessionalPatch, match version.Match) (agenda.ClinicProfessional, error) {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return agenda.ClinicProfessional{}, err
	}
	now := s.d.Now()
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (agenda.ClinicProfessional, error) {
		before, err := professionalOf(ctx, r, actor.Scope(), tenant, key)
		if err != nil {
			return agenda.ClinicProfessional{}, err
		}
		if p.GoogleCalendarID.Present && p.GoogleCalendarID.Value != before.GoogleCalendarID {
			coming, err := r.Appointments.Blocking(ctx, key, now, now.AddDate(2, 0, 0))
			if err != nil {
				return agenda.ClinicProfessional{}, err
			}
			if len(coming) > 0 {
				return agenda.ClinicProfessional{}, errs.New(errs.Conflict, "calendar-in-use", "visits are coming on the present calendar; move or cancel them first")
			}
		}
		return r.ClinicProfessionals.Update(ctx, actor.Scope(), key, func(v *agenda.ClinicProfessional) error {
			if err := match.Check(v.UpdatedAt); err != nil {
				return err
			}
			return v.Change(p, now)
		})
	})
}

// RemoveProfessional deactivates an agenda: the professional is no longer offered; visits that are booked stay.
func (s *Clinics) RemoveProfessional(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.ClinicProfessionalID, match version.Match) error {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return err
	}
	if _, err := s.Professional(ctx, actor, tenant, key); err != nil {
		return err
	}
	now := s.d.Now()
	_, err := s.d.Repositories.ClinicProfessionals.Update(ctx, actor.Scope(), key, func(v *agenda.ClinicProfessional) error {
		if err := match.Check(v.UpdatedAt); err != nil {
			return err
		}
		v.Deactivate(now)
		return nil
	})
	return err
}

// Services returns a page of what a professional offers at a clinic. Errors: NotFound.
func (s *Clinics) Services(ctx context.Context, actor identity.Actor, f agenda.ServiceFilter, req page.Request) (page.Page[agenda.Service], error) {
	if _, err := s.Professional(ctx, actor, f.TenantID, f.ProfessionalID); err != nil {
		return page.Page[agenda.Service]{}, err
	}
	return s.d.Repositories.Services.List(ctx, actor.Scope(), f, req)
}

// Service returns one service of a professional at a clinic. Errors: NotFound.
func (s *Clinics) Service(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, of agenda.ClinicProfessionalID, key agenda.ServiceID) (agenda.Service, error) {
	if err := actor.Require(identity.ClinicsRead); err != nil {
		return agenda.Service{}, err
	}
	v, err := s.d.Repositories.Services.Get(ctx, actor.Scope(), key)
	if err == nil && (v.TenantID != tenant || v.ProfessionalID != of) {
		err = errs.Absent("service")
	}
	if err != nil {
		return agenda.Service{}, err
	}
	return v, nil
}

// AddService adds what a professional offers. Errors: NotFound, Invalid, Conflict "slug-taken".
func (s *Clinics) AddService(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, of agenda.ClinicProfessionalID, p agenda.ServiceParams) (agenda.Service, error) {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return agenda.Service{}, err
	}
	professional, err := s.Professional(ctx, actor, tenant, of)
	if err != nil {
		return agenda.Service{}, err
	}
	v, err := agenda.NewService(id.New[agenda.Service](), professional, p, s.d.Now())
	if err != nil {
		return agenda.Service{}, err
	}
	return write(ctx, s.d, func(ctx context.Context, r ports.Repositories) (agenda.Service, error) {
		return r.Services.Create(ctx, v)
	})
}

// UpdateService changes a service. Errors: NotFound, Invalid, Conflict "slug-taken".
func (s *Clinics) UpdateService(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, of agenda.ClinicProfessionalID, key agenda.ServiceID, p agenda.ServicePatch, match version.Match) (agenda.Service, error) {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return agenda.Service{}, err
	}
	if _, err := s.Service(ctx, actor, tenant, of, key); err != nil {
		return agenda.Service{}, err
	}
	now := s.d.Now()
	return s.d.Repositories.Services.Update(ctx, actor.Scope(), key, func(v *agenda.Service) error {
		if err := match.Check(v.UpdatedAt); err != nil {
			return err
		}
		return v.Change(p, now)
	})
}

// RemoveService deactivates a service.
func (s *Clinics) RemoveService(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, of agenda.ClinicProfessionalID, key agenda.ServiceID, match version.Match) error {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return err
	}
	if _, err := s.Service(ctx, actor, tenant, of, key); err != nil {
		return err
	}
	now := s.d.Now()
	_, err := s.d.Repositories.Services.Update(ctx, actor.Scope(), key, func(v *agenda.Service) error {
		if err := match.Check(v.UpdatedAt); err != nil {
			return err
		}
		v.Deactivate(now)
		return nil
	})
	return err
}
