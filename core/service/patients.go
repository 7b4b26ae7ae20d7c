package service

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// Patients returns a page of a clinic's patients, the first known first, and logs that. The filter's telephone is taken as
// people write it, and may be a channel's own id ("...@lid"). Errors: NotFound "clinic-not-found", Invalid.
func (s *Agenda) Patients(ctx context.Context, actor identity.Actor, f agenda.PatientFilter, req page.Request) (page.Page[agenda.PatientRecord], error) {
	var none page.Page[agenda.PatientRecord]
	if err := actor.Require(identity.AgendaRead); err != nil {
		return none, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), f.TenantID)
	if err != nil {
		return none, err
	}
	if f.Phone != "" {
		var check errs.Check
		key, err := agenda.ContactKey(f.Phone)
		check.Note("query.phone", err)
		if err := check.Err(); err != nil {
			return none, err
		}
		if f.Phone = key; agenda.IsLID(key) {
			f.Phone, f.Contact = "", key
		}
	}
	p, err := s.d.Repositories.Patients.List(ctx, actor.Scope(), f, req)
	if err != nil {
		return none, err
	}
	return logList(ctx, s.d, actor, "patients", "", c.EntityID, p)
}

// Patient returns a patient of a clinic, and logs that. Errors: NotFound.
func (s *Agenda) Patient(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.PatientID) (agenda.PatientRecord, error) {
	if err := actor.Require(identity.AgendaRead); err != nil {
		return agenda.PatientRecord{}, err
	}
	v, err := patientOf(ctx, s.d.Repositories, actor.Scope(), tenant, key)
	if err == nil {
		err = logRead(ctx, s.d, actor, "patients", key.String(), v.EntityID, nil)
	}
	if err != nil {
		return agenda.PatientRecord{}, err
	}
	return v, nil
}

// patientOf reads a patient who must be of the clinic.
func patientOf(ctx context.Context, r ports.Repositories, scope identity.Scope, tenant agenda.TenantID, key agenda.PatientID) (agenda.PatientRecord, error) {
	v, err := r.Patients.Get(ctx, scope, key)
	if err == nil && v.TenantID != tenant {
		err = errs.Absent("patient")
	}
	if err != nil {
		return agenda.PatientRecord{}, err
	}
	return v, nil
}

// AddPatient registers a patient. Errors: NotFound "clinic-not-found", Invalid, Conflict "patient-exists" when the contact
// has one with that name and birth date.
func (s *Agenda) AddPatient(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, p agenda.PatientParams) (agenda.PatientRecord, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return agenda.PatientRecord{}, err
	}
	now, key := s.d.Now(), id.New[agenda.PatientRecord]()
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (agenda.PatientRecord, error) {
		c, err := r.Clinics.Get(ctx, actor.Scope(), tenant)
		if err != nil {
			return agenda.PatientRecord{}, err
		}
		v, err := agenda.NewPatient(key, c, p, now)
		if err != nil {
			return agenda.PatientRecord{}, err
		}
		return r.Patients.Create(ctx, v)
	})
}

// ChangePatient changes a patient; visits keep what they were booked with. Errors: NotFound, Invalid, Stale, Conflict
// "patient-exists" or "patient-erased".
func (s *Agenda) ChangePatient(ctx context.Context, actor identity.Actor, tenant agenda.TenantID, key agenda.PatientID, p agenda.PatientPatch, match version.Match) (agenda.PatientRecord, error) {
	if err := actor.Require(identity.AgendaWrite); err != nil {
		return agenda.PatientRecord{}, err
	}
	now := s.d.Now()
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (agenda.PatientRecord, error) {
		if _, err := patientOf(ctx, r, actor.Scope(), tenant, key); err != nil {
			return agenda.PatientRecord{}, err
		}
		c, err := r.Clinics.Get(ctx, actor.Scope(), tenant)
		if err != nil {
			return agenda.PatientRecord{}, err
		}
		return r.Patients.Update(ctx, actor.Scope(), key, func(v *agenda.PatientRecord) error {
			if err := match.Check(v.UpdatedAt); err != nil {
				return err
			}
			return v.Apply(p, c, now)
		})
	})
}
