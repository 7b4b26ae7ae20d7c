package memory

import (
	"context"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/version"
)

type patientTables struct {
	patients          *table[agenda.PatientRecord]
	patientsByEntity  *index[agenda.PatientRecord]
	patientsByTenant  *index[agenda.PatientRecord]
	patientsByContact *index[agenda.PatientRecord]

	consents          *table[reception.Consent]
	consentsByEntity  *index[reception.Consent]
	consentsByContact *index[reception.Consent]
}

func (s *schema) addPatients() {
	s.patients = newTable(s, table[agenda.PatientRecord]{
		name: "patients", what: "patient",
		id:      given(func(v *agenda.PatientRecord) id.UUID { return v.ID.UUID }),
		inScope: func(_ *data, scope identity.Scope, v *agenda.PatientRecord) bool { return scope.Includes(v.EntityID) },
		tidy:    func(v *agenda.PatientRecord) { tidyTimes(&v.ErasedAt, &v.CreatedAt, &v.UpdatedAt) },
		refs:    func(d *data, v *agenda.PatientRecord) bool { return s.clinics.has(d, uuidKey(v.TenantID.UUID)) },
	})
	s.patients.unique("patient-exists", "the contact has a patient of this name and birth date already",
		func(v *agenda.PatientRecord) (string, bool) {
			return contactKey(v.TenantID, v.Contact) + textKey(v.Patient.NameKey()) + v.Patient.BirthDate.String(), v.Contact != ""
		})
	s.patientsByEntity = s.patients.index(func(v *agenda.PatientRecord) (string, bool) { return intKey(v.EntityID), true })
	s.patientsByTenant = s.patients.index(func(v *agenda.PatientRecord) (string, bool) { return uuidKey(v.TenantID.UUID), true })
	s.patientsByContact = s.patients.index(func(v *agenda.PatientRecord) (string, bool) {
		return contactKey(v.TenantID, v.Contact), v.Contact != ""
	})
	s.consents = newTable(s, table[reception.Consent]{
		name: "consents", what: "consent",
		id:      serial(func(v *reception.Consent) *reception.ConsentID { return &v.ID }),
		inScope: func(_ *data, scope identity.Scope, v *reception.Consent) bool { return scope.Includes(v.EntityID) },
		tidy:    func(v *reception.Consent) { tidyTimes(&v.At) },
		refs:    func(d *data, v *reception.Consent) bool { return s.clinics.has(d, uuidKey(v.TenantID.UUID)) },
	})
	s.consentsByEntity = s.consents.index(func(v *reception.Consent) (string, bool) { return intKey(v.EntityID), true })
	s.consentsByContact = s.consents.index(func(v *reception.Consent) (string, bool) { return contactKey(v.TenantID, v.Contact), true })
}

// contactKey is a contact of a clinic.
func contactKey(tenant agenda.TenantID, contact string) string {
	return uuidKey(tenant.UUID) + textKey(contact)
}

// knows reports whether a patient, if any, is the clinic's.
func (s *schema) knows(d *data, tenant agenda.TenantID, patient agenda.PatientID) bool {
	if patient.IsZero() {
		return true
	}
	v, ok := s.patients.get(d, uuidKey(patient.UUID))
	return ok && v.TenantID == tenant
}

type patients struct{ session }

func (r patients) Get(ctx context.Context, scope identity.Scope, key agenda.PatientID) (agenda.PatientRecord, error) {
	return get(ctx, r.session, r.tables().patients, scope, uuidKey(key.UUID))
}

func (r patients) List(ctx context.Context, scope identity.Scope, f agenda.PatientFilter, req page.Request) (page.Page[agenda.PatientRecord], error) {
	t := r.tables()
	rows := ofEntity(t.patients, t.patientsByEntity, scope, 0)
	switch {
	case !f.TenantID.IsZero() && f.Contact != "":
		rows = group(t.patients, t.patientsByContact, contactKey(f.TenantID, f.Contact))
	case !f.TenantID.IsZero():
		rows = group(t.patients, t.patientsByTenant, uuidKey(f.TenantID.UUID))
	}
	words := f.Words()
	return list(ctx, r.session, t.patients, req, listing[agenda.PatientRecord]{
		scope: scope, list: page.Fingerprint("patients", scope, f), rows: rows,
		filter: func(v *agenda.PatientRecord) bool {
			return wants(f.TenantID, v.TenantID) && wants(f.Contact, v.Contact) && (wants(f.Phone, v.Patient.Phone) || wants(f.Phone, v.Contact)) &&
				v.Patient.IsNamed(words...)
		},
	})
}

func (r patients) Create(ctx context.Context, v agenda.PatientRecord) (agenda.PatientRecord, error) {
	return create(ctx, r.session, r.tables().patients, v)
}

func (r patients) Update(ctx context.Context, scope identity.Scope, key agenda.PatientID, change func(*agenda.PatientRecord) error) (agenda.PatientRecord, error) {
	return update(ctx, r.session, r.tables().patients, scope, uuidKey(key.UUID), change)
}

type contacts struct{ session }

func (r contacts) Move(ctx context.Context, tenant agenda.TenantID, from, to string, now time.Time) error {
	t := r.tables()
	return r.change(ctx, func(tx *tx) error {
		kept := slices.Collect(t.patients.in(tx.data, t.patientsByContact, contactKey(tenant, to), ""))
		for _, v := range slices.Collect(t.patients.in(tx.data, t.patientsByContact, contactKey(tenant, from), "")) {
			if err := t.movePatient(tx, v, kept, to, now); err != nil {
				return err
			}
		}
		for _, v := range slices.Collect(t.appointments.in(tx.data, t.appointmentsByContact, textKey(from), "")) {
			if v.TenantID != tenant {
				continue
			}
			moved := *v
			moved.Contact = to
			if err := t.touchAppointment(tx, v, moved, now); err != nil {
				return err
			}
		}
		for _, v := range slices.Collect(t.consents.in(tx.data, t.consentsByContact, contactKey(tenant, from), "")) {
			moved := *v
			moved.Contact = to
			if _, err := t.consents.replace(tx, v, moved); err != nil {
				return err
			}
		}
		return nil
	})
}

// movePatient gives a patient to another contact. When that one has the same patient, it gets the visits instead.
func (s *schema) movePatient(tx *tx, v *agenda.PatientRecord, kept []*agenda.PatientRecord, to string, now time.Time) error {
	for _, other := range kept {
		if other.Patient.NameKey() != v.Patient.NameKey() || other.Patient.BirthDate != v.Patient.BirthDate {
			continue
		}
		for _, a := range slices.Collect(s.appointments.in(tx.data, s.appointmentsByPatient, uuidKey(v.ID.UUID), "")) {
			moved := *a
			moved.PatientID = other.ID
			if err := s.touchAppointment(tx, a, moved, now); err != nil {
				return err
			}
		}
		s.patients.store(tx, v, nil)
		return nil
	}
	moved := *v
	moved.Contact, moved.UpdatedAt = to, version.Next(v.UpdatedAt, now)
	_, err := s.patients.replace(tx, v, moved)
	return err
}

func (s *schema) touchAppointment(tx *tx, before *agenda.Appointment, after agenda.Appointment, now time.Time) error {
	after.Version, after.UpdatedAt = before.Version+1, version.Next(before.UpdatedAt, now)
	_, err := s.appointments.replace(tx, before, after)
	return err
}

func (r contacts) Merge(ctx context.Context, from, into reception.ConversationID) error {
	t := r.tables()
	return r.change(ctx, func(tx *tx) error {
		empty, ok := t.conversations.get(tx.data, uuidKey(from.UUID))
		if !ok {
			return errs.Absent("conversation")
		}
		for _, m := range slices.Collect(t.messages.in(tx.data, t.messagesByConversation, uuidKey(from.UUID), "")) {
			moved := m.Clone()
			moved.ConversationID = into
			if _, err := t.messages.replace(tx, m, moved); err != nil {
				return err
			}
		}
		t.conversations.store(tx, empty, nil)
		return nil
	})
}

func (r contacts) Redact(ctx context.Context, key reception.ConversationID) error {
	t := r.tables()
	return r.change(ctx, func(tx *tx) error {
		for _, m := range slices.Collect(t.messages.in(tx.data, t.messagesByConversation, uuidKey(key.UUID), "")) {
			redacted := m.Clone()
			redacted.Text = ""
			if redacted.Turn != nil {
				redacted.Turn.Replies = nil
			}
			if redacted.Status == reception.Pending {
				redacted.Status, redacted.Error = reception.Failed, "erased"
			}
			if _, err := t.messages.replace(tx, m, redacted); err != nil {
				return err
			}
		}
		return nil
	})
}

type consents struct{ session }

func (r consents) Append(ctx context.Context, v reception.Consent) (reception.Consent, error) {
	return create(ctx, r.session, r.tables().consents, v)
}

func (r consents) Latest(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, contact string, purpose reception.ConsentPurpose) (reception.Consent, error) {
	t := r.tables()
	return one(ctx, r.session, t.consents, func(d *data) (*reception.Consent, bool) {
		for v := range t.consents.backIn(d, t.consentsByContact, contactKey(tenant, contact), "") {
			if v.Purpose == purpose && scope.Includes(v.EntityID) {
				return v, true
			}
		}
		return nil, false
	})
}

func (r consents) List(ctx context.Context, scope identity.Scope, f reception.ConsentFilter, req page.Request) (page.Page[reception.Consent], error) {
	t := r.tables()
	rows := ofEntity(t.consents, t.consentsByEntity, scope, 0)
	if !f.TenantID.IsZero() && f.Contact != "" {
		rows = group(t.consents, t.consentsByContact, contactKey(f.TenantID, f.Contact))
	}
	return list(ctx, r.session, t.consents, req, listing[reception.Consent]{
		scope: scope, list: page.Fingerprint("consents", scope, f), rows: rows,
		filter: func(v *reception.Consent) bool { return wants(f.TenantID, v.TenantID) && wants(f.Contact, v.Contact) },
	})
}
