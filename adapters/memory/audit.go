package memory

import (
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/audit"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

// audited has every change of a table logged. entity is whose the change is, 0 for nobody's.
func audited[T interface{ Audited() []audit.Field }](s *schema, t *table[T], entity func(*T) clinic.EntityID) {
	t.audit = func(tx *tx, before, after *T) error {
		row, action := after, identity.AuditUpdate
		var was, is []audit.Field
		if before != nil {
			was = (*before).Audited()
		} else {
			action = identity.AuditCreate
		}
		if after != nil {
			is = (*after).Audited()
		} else {
			row, action = before, identity.AuditDelete
		}
		changes := audit.Changes(was, is)
		if changes.IsNone() {
			return nil
		}
		_, err := s.audit.insert(tx, identity.AuditEntry{
			Actor: tx.trail.Actor, Action: action, Table: t.name, RowID: t.id.text(row), EntityID: entity(row),
			RequestID: tx.trail.RequestID, Changes: changes, CreatedAt: tx.store.now(),
		})
		return err
	}
}

// addAudited says which tables are logged.
func (s *schema) addAudited() {
	audited(s, s.entities, func(v *clinic.Entity) clinic.EntityID { return v.ID })
	audited(s, s.departments, func(v *clinic.Department) clinic.EntityID { return v.EntityID })
	audited(s, s.professionals, func(*clinic.Professional) clinic.EntityID { return 0 })
	audited(s, s.memberships, func(v *clinic.Membership) clinic.EntityID { return v.EntityID })
	audited(s, s.users, func(v *identity.User) clinic.EntityID { return v.EntityID })
	audited(s, s.apiKeys, func(v *identity.APIKey) clinic.EntityID { return v.EntityID })
	audited(s, s.prices, func(v *metering.ModelPrice) clinic.EntityID { return v.EntityID })
	audited(s, s.budgets, func(v *metering.Budget) clinic.EntityID { return v.EntityID })
	audited(s, s.clinics, func(v *agenda.Clinic) clinic.EntityID { return v.EntityID })
	audited(s, s.clinicProfessionals, func(v *agenda.ClinicProfessional) clinic.EntityID { return v.EntityID })
	audited(s, s.services, func(v *agenda.Service) clinic.EntityID { return v.EntityID })
	audited(s, s.accounts, func(v *agenda.CalendarAccount) clinic.EntityID { return v.EntityID })
	audited(s, s.patients, func(v *agenda.PatientRecord) clinic.EntityID { return v.EntityID })
	audited(s, s.appointments, func(v *agenda.Appointment) clinic.EntityID { return v.EntityID })
}
