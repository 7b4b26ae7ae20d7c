package service

import (
	"context"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// Entities is what users may do with entities: a MANAGER everything, an ENTITY_ADMIN read its own and change its name,
// type and instructions.
type Entities struct {
	reader[clinic.Entity, clinic.EntityID, clinic.EntityFilter]
	d Deps
}

// NewEntities makes the use cases of entities.
func NewEntities(d Deps) *Entities {
	return &Entities{reader[clinic.Entity, clinic.EntityID, clinic.EntityFilter]{d.Repositories.Entities, identity.DirectoryRead}, d}
}

// Create makes an entity. Errors: Forbidden "manager-only", Invalid "invalid-input".
func (s *Entities) Create(ctx context.Context, actor identity.Actor, p clinic.EntityParams) (clinic.Entity, error) {
	if err := actor.Require(identity.PlatformWrite); err != nil {
		return clinic.Entity{}, err
	}
	e, err := clinic.NewEntity(p, s.d.Now())
	if err != nil {
		return clinic.Entity{}, err
	}
	return write(ctx, s.d, func(ctx context.Context, r ports.Repositories) (clinic.Entity, error) {
		return r.Entities.Create(ctx, e)
	})
}

// Update changes an entity. Errors: NotFound "entity-not-found", Forbidden "manager-only" when an ENTITY_ADMIN changes
// whether it is active, Invalid "invalid-input".
func (s *Entities) Update(ctx context.Context, actor identity.Actor, id clinic.EntityID, p clinic.EntityPatch, match version.Match) (clinic.Entity, error) {
	if err := actor.Require(identity.DirectoryWrite); err != nil {
		return clinic.Entity{}, err
	}
	now := s.d.Now()
	return s.d.Repositories.Entities.Update(ctx, actor.Scope(), id, func(e *clinic.Entity) error {
		if err := match.Check(e.UpdatedAt); err != nil {
			return err
		}
		if p.Active.Present && p.Active.Value != e.Active {
			if err := actor.Require(identity.PlatformWrite); err != nil {
				return err
			}
		}
		return e.Change(p, now)
	})
}

// Delete deactivates an entity; its records stay. Errors: NotFound "entity-not-found", Forbidden "manager-only".
func (s *Entities) Delete(ctx context.Context, actor identity.Actor, id clinic.EntityID, match version.Match) error {
	if err := actor.Require(identity.DirectoryWrite); err != nil {
		return err
	}
	now := s.d.Now()
	_, err := s.d.Repositories.Entities.Update(ctx, actor.Scope(), id, func(e *clinic.Entity) error {
		// Here, not above: to another entity's administrator the row is absent, and not forbidden.
		if err := actor.Require(identity.PlatformWrite); err != nil {
			return err
		}
		if err := match.Check(e.UpdatedAt); err != nil {
			return err
		}
		e.Deactivate(now)
		return nil
	})
	return err
}
