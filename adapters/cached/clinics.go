package cached

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// clinicRepository keeps the time zones of clinics, by entity, also that an entity has no clinic: its first one is a change.
type clinicRepository struct {
	ports.ClinicRepository
	store *Store
}

func (r clinicRepository) TimeZone(ctx context.Context, scope identity.Scope, entity clinic.EntityID) (string, error) {
	if err := r.store.outside(ctx); err != nil || !scope.Includes(entity) {
		return "", err
	}
	return r.store.timeZones.get(ctx, entity.String(), func(ctx context.Context) (string, error) {
		return r.ClinicRepository.TimeZone(ctx, identity.AllEntities(), entity)
	})
}

func (r clinicRepository) Create(ctx context.Context, v agenda.Clinic) (agenda.Clinic, error) {
	created, err := r.ClinicRepository.Create(ctx, v)
	r.store.forget(ctx, noticeOf(timeZones, v.EntityID.String()))
	return created, err
}

func (r clinicRepository) Update(ctx context.Context, scope identity.Scope, id agenda.TenantID, change func(*agenda.Clinic) error) (agenda.Clinic, error) {
	var changed changes
	v, err := r.ClinicRepository.Update(ctx, scope, id, changed.ofClinic(change))
	r.store.forget(ctx, changed.keys...)
	return v, err
}

type notedClinics struct {
	ports.ClinicRepository
	noted *changes
}

func (r notedClinics) Create(ctx context.Context, v agenda.Clinic) (agenda.Clinic, error) {
	r.noted.add(timeZones, v.EntityID.String())
	return r.ClinicRepository.Create(ctx, v)
}

func (r notedClinics) Update(ctx context.Context, scope identity.Scope, id agenda.TenantID, change func(*agenda.Clinic) error) (agenda.Clinic, error) {
	return r.ClinicRepository.Update(ctx, scope, id, r.noted.ofClinic(change))
}

// ofClinic notes whose clinic a change is about, before and after it.
func (c *changes) ofClinic(change func(*agenda.Clinic) error) func(*agenda.Clinic) error {
	return func(v *agenda.Clinic) error {
		c.add(timeZones, v.EntityID.String())
		err := change(v)
		c.add(timeZones, v.EntityID.String())
		return err
	}
}
