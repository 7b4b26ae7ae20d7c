package cached

import (
	"context"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

type (
	entityRecord     = clinic.Entity
	departmentRecord = clinic.Department
)

func entityTraits() traits[entityRecord] { return traits[entityRecord]{} }

// Departments are forgotten with their entity.
func departmentTraits() traits[departmentRecord] {
	return traits[departmentRecord]{group: func(d departmentRecord) string { return noticeOf(entities, d.EntityID.String()) }}
}

// Of each repository every write is written out: one that came by embedding would not be noticed.

type entityRepository struct {
	ports.EntityRepository
	store *Store
}

func (r entityRepository) Get(ctx context.Context, scope identity.Scope, id clinic.EntityID) (clinic.Entity, error) {
	if err := r.store.outside(ctx); err != nil {
		return clinic.Entity{}, err
	}
	v, err := r.store.entities.get(ctx, id.String(), func(ctx context.Context) (clinic.Entity, error) {
		return r.EntityRepository.Get(ctx, identity.AllEntities(), id)
	})
	if err == nil && !scope.Includes(v.ID) {
		return clinic.Entity{}, errs.Absent("entity")
	}
	return v, err
}

func (r entityRepository) Create(ctx context.Context, v clinic.Entity) (clinic.Entity, error) {
	return r.EntityRepository.Create(ctx, v) // what is absent is not kept, so there is nothing to forget
}

func (r entityRepository) Update(ctx context.Context, scope identity.Scope, id clinic.EntityID, change func(*clinic.Entity) error) (clinic.Entity, error) {
	return changing[clinic.Entity, clinic.EntityID]{
		r.store.entities, r.store, r.EntityRepository, func(e clinic.Entity) clinic.EntityID { return e.ID },
	}.update(ctx, scope, id, change)
}

// roomRepository keeps where rooms belong, in this process and for as long as there is space: it never changes.
type roomRepository struct {
	ports.RoomRepository
	store *Store
}

func (r roomRepository) Place(ctx context.Context, scope identity.Scope, id conference.RoomID) (conference.Place, error) {
	if err := r.store.outside(ctx); err != nil {
		return conference.Place{}, err
	}
	place, known := r.store.places.GetIfPresent(id)
	if known {
		r.store.opts.Count(rooms, Hit)
	} else {
		r.store.opts.Count(rooms, Miss)
		var err error
		if place, err = r.RoomRepository.Place(ctx, identity.AllEntities(), id); err != nil {
			return conference.Place{}, err
		}
		r.store.places.Set(id, place)
	}
	if !scope.Includes(place.EntityID) {
		return conference.Place{}, errs.Absent("room")
	}
	return place, nil
}

type departmentRepository struct {
	ports.DepartmentRepository
	store *Store
}

func (r departmentRepository) Get(ctx context.Context, scope identity.Scope, id clinic.DepartmentID) (clinic.Department, error) {
	if err := r.store.outside(ctx); err != nil {
		return clinic.Department{}, err
	}
	v, err := r.store.departments.get(ctx, id.String(), func(ctx context.Context) (clinic.Department, error) {
		return r.DepartmentRepository.Get(ctx, identity.AllEntities(), id)
	})
	if err == nil && !scope.Includes(v.EntityID) {
		return clinic.Department{}, errs.Absent("department")
	}
	return v, err
}

func (r departmentRepository) Create(ctx context.Context, v clinic.Department) (clinic.Department, error) {
	return r.DepartmentRepository.Create(ctx, v)
}

func (r departmentRepository) Update(ctx context.Context, scope identity.Scope, id clinic.DepartmentID, change func(*clinic.Department) error) (clinic.Department, error) {
	return changing[clinic.Department, clinic.DepartmentID]{
		r.store.departments, r.store, r.DepartmentRepository, func(d clinic.Department) clinic.EntityID { return d.EntityID },
	}.update(ctx, scope, id, change)
}
