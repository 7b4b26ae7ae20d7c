package service

import (
	"context"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// Departments is what users may do with departments: an ENTITY_ADMIN everything in its entity.
type Departments struct {
	reader[clinic.Department, clinic.DepartmentID, clinic.DepartmentFilter]
	d Deps
}

// NewDepartments makes the use cases of departments.
func NewDepartments(d Deps) *Departments {
	return &Departments{reader[clinic.Department, clinic.DepartmentID, clinic.DepartmentFilter]{d.Repositories.Departments, identity.DirectoryRead}, d}
}

// Create makes a department, of the actor's entity when none is named. Errors: NotFound "entity-not-found", Invalid
// "invalid-input", also when the entity is not active.
func (s *Departments) Create(ctx context.Context, actor identity.Actor, p clinic.DepartmentParams) (clinic.Department, error) {
	if err := actor.Require(identity.DirectoryWrite); err != nil {
		return clinic.Department{}, err
	}
	p.EntityID = homeEntity(actor, p.EntityID)
	department, err := clinic.NewDepartment(p, s.d.Now())
	if err != nil {
		return clinic.Department{}, err
	}
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (clinic.Department, error) {
		if err := activeEntity(ctx, r, actor, p.EntityID); err != nil {
			return clinic.Department{}, err
		}
		return r.Departments.Create(ctx, department)
	})
}

// Update changes a department. Errors: NotFound "department-not-found", Invalid "invalid-input".
func (s *Departments) Update(ctx context.Context, actor identity.Actor, id clinic.DepartmentID, p clinic.DepartmentPatch, match version.Match) (clinic.Department, error) {
	if err := actor.Require(identity.DirectoryWrite); err != nil {
		return clinic.Department{}, err
	}
	now := s.d.Now()
	return s.d.Repositories.Departments.Update(ctx, actor.Scope(), id, func(d *clinic.Department) error {
		if err := match.Check(d.UpdatedAt); err != nil {
			return err
		}
		return d.Change(p, now)
	})
}

// Delete deactivates a department. Rooms that have it keep its instructions. Errors: NotFound "department-not-found".
func (s *Departments) Delete(ctx context.Context, actor identity.Actor, id clinic.DepartmentID, match version.Match) error {
	if err := actor.Require(identity.DirectoryWrite); err != nil {
		return err
	}
	now := s.d.Now()
	_, err := s.d.Repositories.Departments.Update(ctx, actor.Scope(), id, func(d *clinic.Department) error {
		if err := match.Check(d.UpdatedAt); err != nil {
			return err
		}
		d.Deactivate(now)
		return nil
	})
	return err
}
