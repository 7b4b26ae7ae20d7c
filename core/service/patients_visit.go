package service

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// meeting is a transaction that books: it runs again when the patient was made, or erased, by somebody else at this moment.
func (s *Agenda) meeting(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	for attempt := 0; ; attempt++ {
		err := s.d.Tx.InTx(ctx, fn)
		code := errs.CodeOf(err)
		if code != "patient-exists" && code != "patient-erased" || attempt == 2 { // an erasure, and then another booking
			return err
		}
	}
}

// recordPatient finds the patient of a visit among those of who booked it, or makes one, and returns its id: zero when
// neither a contact nor a telephone is known. What the visit tells of a known one is added to the record.
func recordPatient(ctx context.Context, r ports.Repositories, a agenda.Appointment, now time.Time) (agenda.PatientID, error) {
	contact := cmp.Or(a.Contact, a.Patient.Phone)
	if contact == "" || a.Patient.Name == "" {
		return agenda.PatientID{}, nil
	}
	known, err := patientsOf(ctx, r, a.EntityID, a.TenantID, contact)
	if err != nil {
		return agenda.PatientID{}, err
	}
	found, ok := samePatient(known, a.Patient)
	if !ok {
		made, err := r.Patients.Create(ctx, agenda.PatientRecord{
			ID: id.New[agenda.PatientRecord](), TenantID: a.TenantID, EntityID: a.EntityID, Contact: contact, Patient: a.Patient,
			CreatedAt: now, UpdatedAt: now,
		})
		return made.ID, err
	}
	told := found
	learns := told.Learn(a.Patient, now) && !isPatientTwice(known, told)
	// Also when there is nothing to add: whoever erases the patient at this moment waits for the visit, or is waited for.
	_, err = r.Patients.Update(ctx, identity.OnlyEntity(a.EntityID), found.ID, func(v *agenda.PatientRecord) error {
		if !v.ErasedAt.IsZero() {
			return agenda.ErrPatientErased()
		}
		if !learns || !v.Learn(a.Patient, now) {
			return errNothingNew
		}
		return nil
	})
	if errors.Is(err, errNothingNew) {
		err = nil
	}
	return found.ID, err
}

// errNothingNew leaves a patient as it is.
var errNothingNew = errors.New("nothing new is told of the patient")

// patientsOf are the patients that a contact writes for, the first known first, and at most a page of them.
func patientsOf(ctx context.Context, r ports.Repositories, entity clinic.EntityID, tenant agenda.TenantID, contact string) ([]agenda.PatientRecord, error) {
	found, err := r.Patients.List(ctx, identity.OnlyEntity(entity), agenda.PatientFilter{TenantID: tenant, Contact: contact}, page.Request{Limit: page.MaxLimit})
	return found.Items, err
}

// samePatient is whom among the known a patient is, the one of that very name and birth date before all others.
func samePatient(known []agenda.PatientRecord, p agenda.Patient) (agenda.PatientRecord, bool) {
	for _, v := range known {
		if v.Patient.NameKey() == p.NameKey() && v.Patient.BirthDate == p.BirthDate {
			return v, true
		}
	}
	for _, v := range known {
		if v.Patient.SameAs(p) {
			return v, true
		}
	}
	return agenda.PatientRecord{}, false
}

// isPatientTwice reports whether another of the known has the name and the birth date that a patient gets.
func isPatientTwice(known []agenda.PatientRecord, v agenda.PatientRecord) bool {
	for _, other := range known {
		if other.ID != v.ID && other.Patient.NameKey() == v.Patient.NameKey() && other.Patient.BirthDate == v.Patient.BirthDate {
			return true
		}
	}
	return false
}
