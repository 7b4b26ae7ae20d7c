package clinic

import "github.com/secretary-api/secretary/core/audit"

// Audited returns what the audit log tells of an entity.
func (e Entity) Audited() []audit.Field {
	return []audit.Field{
		{Name: "name", Value: e.Name},
		{Name: "type", Value: audit.Text(e.Type)},
		{Name: "instructions", Value: e.Instructions},
		{Name: "active", Value: e.Active},
	}
}

// Audited returns what the audit log tells of a department.
func (d Department) Audited() []audit.Field {
	return []audit.Field{
		{Name: "entity_id", Value: audit.Number(d.EntityID)},
		{Name: "name", Value: d.Name},
		{Name: "instructions", Value: d.Instructions},
		{Name: "active", Value: d.Active},
	}
}

// Audited returns what the audit log tells of a professional, without what only says how to reach somebody.
func (v Professional) Audited() []audit.Field {
	return []audit.Field{
		{Name: "name", Value: v.Name},
		{Name: "email", Value: audit.Text(v.Email), Hidden: true},
		{Name: "phone_number", Value: v.PhoneNumber, Hidden: true},
		{Name: "external_id", Value: audit.Text(v.ExternalID)},
		{Name: "license_number", Value: audit.Text(v.LicenseNumber)},
		{Name: "active", Value: v.Active},
	}
}

// Audited returns what the audit log tells of a membership.
func (m Membership) Audited() []audit.Field {
	return []audit.Field{
		{Name: "professional_id", Value: audit.Number(m.ProfessionalID)},
		{Name: "entity_id", Value: audit.Number(m.EntityID)},
		{Name: "department_id", Value: audit.Number(m.DepartmentID)},
		{Name: "active", Value: m.Active},
	}
}
