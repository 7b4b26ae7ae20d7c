package identity

import "github.com/secretary-api/secretary/core/audit"

// Audited returns what the audit log tells of a user: that the address or the password changed, never which they are.
func (u User) Audited() []audit.Field {
	return []audit.Field{
		{Name: "email", Value: u.Email, Hidden: true},
		{Name: "password", Value: u.PasswordHash, Hidden: true},
		{Name: "phone_number", Value: u.PhoneNumber, Hidden: true},
		{Name: "role", Value: string(u.Role)},
		{Name: "entity_id", Value: audit.Number(u.EntityID)},
		{Name: "active", Value: u.Active},
	}
}
