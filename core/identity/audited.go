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

// Audited returns what the audit log tells of an API key, never its hash. That it was used is no change of it.
func (k APIKey) Audited() []audit.Field {
	scopes := make([]string, 0, len(k.Scopes))
	for _, s := range k.Scopes {
		scopes = append(scopes, string(s))
	}
	return []audit.Field{
		{Name: "entity_id", Value: audit.Number(k.EntityID)},
		{Name: "name", Value: k.Name},
		{Name: "prefix", Value: k.Prefix},
		{Name: "hash", Value: k.Hash, Hidden: true},
		{Name: "scopes", Value: scopes},
		{Name: "created_by", Value: audit.Number(k.CreatedBy)},
		{Name: "expires_at", Value: audit.Time(k.ExpiresAt)},
		{Name: "revoked_at", Value: audit.Time(k.RevokedAt)},
	}
}
