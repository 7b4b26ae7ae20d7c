package service

import (
	"context"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// Professionals is what users may do with professionals, who may work for several entities: an ENTITY_ADMIN sees those
// of its entity, and changes the record of one who works nowhere else.
type Professionals struct {
	reader[clinic.Professional, clinic.ProfessionalID, clinic.ProfessionalFilter]
	d Deps
}

// NewProfessionals makes the use cases of professionals.
func NewProfessionals(d Deps) *Professionals {
	return &Professionals{reader[clinic.Professional, clinic.ProfessionalID, clinic.ProfessionalFilter]{d.Repositories.Professionals, identity.DirectoryRead}, d}
}

// NewProfessional is a professional to be made, with the first membership when an entity is named.
type NewProfessional struct {
	clinic.ProfessionalParams
	EntityID     clinic.EntityID     // 0: the actor's own; for a MANAGER: independent
	DepartmentID clinic.DepartmentID // 0: the entity as a whole
}

// Create makes a professional and, together with it, the membership. Errors: NotFound "entity-not-found",
// "department-not-found", Invalid "invalid-input".
func (s *Professionals) Create(ctx context.Context, actor identity.Actor, p NewProfessional) (clinic.Professional, error) {
	if err := actor.Require(identity.DirectoryWrite); err != nil {
		return clinic.Professional{}, err
	}
	p.EntityID = homeEntity(actor, p.EntityID)
	now := s.d.Now()
	professional, err := clinic.NewProfessional(p.ProfessionalParams, now)
	if err != nil {
		return clinic.Professional{}, err
	}
	if p.EntityID == 0 {
		if p.DepartmentID != 0 {
			return clinic.Professional{}, errs.InvalidField("department_id", "needs an entity_id")
		}
		return write(ctx, s.d, func(ctx context.Context, r ports.Repositories) (clinic.Professional, error) {
			return r.Professionals.Create(ctx, professional)
		})
	}
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (clinic.Professional, error) {
		stored, err := r.Professionals.Create(ctx, professional)
		if err != nil {
			return clinic.Professional{}, err
		}
		_, err = link(ctx, r, actor, NewMembership{stored.ID, p.EntityID, p.DepartmentID}, now)
		return stored, err
	})
}

// Update changes a professional. Errors: NotFound "professional-not-found", Forbidden "shared-professional", Invalid
// "invalid-input".
func (s *Professionals) Update(ctx context.Context, actor identity.Actor, id clinic.ProfessionalID, p clinic.ProfessionalPatch, match version.Match) (clinic.Professional, error) {
	now := s.d.Now()
	return s.change(ctx, actor, id, match, func(v *clinic.Professional) error { return v.Change(p, now) })
}

// Delete deactivates a professional; the memberships stay. Errors: as for [Professionals.Update].
func (s *Professionals) Delete(ctx context.Context, actor identity.Actor, id clinic.ProfessionalID, match version.Match) error {
	now := s.d.Now()
	_, err := s.change(ctx, actor, id, match, func(v *clinic.Professional) error {
		v.Deactivate(now)
		return nil
	})
	return err
}

func (s *Professionals) change(ctx context.Context, actor identity.Actor, id clinic.ProfessionalID, match version.Match, change func(*clinic.Professional) error) (clinic.Professional, error) {
	if err := actor.Require(identity.DirectoryWrite); err != nil {
		return clinic.Professional{}, err
	}
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (clinic.Professional, error) {
		if err := requireOwnProfessional(ctx, r, actor, id); err != nil {
			return clinic.Professional{}, err
		}
		return r.Professionals.Update(ctx, actor.Scope(), id, func(v *clinic.Professional) error {
			if err := match.Check(v.UpdatedAt); err != nil {
				return err
			}
			return change(v)
		})
	})
}

// requireOwnProfessional fails with Forbidden "shared-professional" when an ENTITY_ADMIN is about to change somebody
// who works for another entity too, and with NotFound when it cannot see the professional at all.
func requireOwnProfessional(ctx context.Context, r ports.Repositories, actor identity.Actor, id clinic.ProfessionalID) error {
	if actor.IsManager() {
		return nil
	}
	if _, err := r.Professionals.Get(ctx, actor.Scope(), id); err != nil {
		return err
	}
	own, err := r.Memberships.WorksOnlyAt(ctx, id, actor.EntityID())
	if err != nil {
		return err
	}
	if !own {
		return errs.New(errs.Forbidden, "shared-professional", "the professional works for another entity too: only a MANAGER may change the record")
	}
	return nil
}
