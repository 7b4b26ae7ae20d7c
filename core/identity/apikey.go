package identity

import (
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// APIKeyID identifies an API key.
type APIKeyID = id.Of[APIKey]

// APIKey lets an integration, such as n8n, act in one entity. The key itself is shown once and never stored.
type APIKey struct {
	ID         APIKeyID
	EntityID   clinic.EntityID
	Name       string       // 1 to 100 characters, for people
	Prefix     string       // the readable beginning of the key, by which people tell keys apart; 4 to 16 characters
	Hash       string       // SHA-256 of the whole key, hexadecimal; unique
	Scopes     []Permission // what it may do, at least one of [GrantablePermissions], sorted
	CreatedBy  UserID       // 0 when unknown
	ExpiresAt  time.Time    // zero: never
	RevokedAt  time.Time    // zero: not revoked
	LastUsedAt time.Time    // to the minute or so; zero: never
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// APIKeyParams is what an API key is made of.
type APIKeyParams struct {
	EntityID  clinic.EntityID
	Name      string
	Prefix    string
	Hash      string
	Scopes    []Permission
	CreatedBy UserID
	ExpiresAt time.Time // zero: never; otherwise in the future
}

// APIKeyPatch changes parts of an API key; its entity and the key itself are for good.
type APIKeyPatch struct {
	Name      patch.Of[string]
	Scopes    patch.Of[[]Permission]
	ExpiresAt patch.Of[time.Time] // null: never
}

// APIKeyFilter selects API keys of a list.
type APIKeyFilter struct {
	EntityID clinic.EntityID // 0: any
	Active   *bool           // neither revoked nor expired; nil: both
	Now      time.Time       // decides what has expired
}

// NewAPIKey makes a key. Errors: Invalid "invalid-input".
func NewAPIKey(p APIKeyParams, now time.Time) (APIKey, error) {
	k := APIKey{
		ID: APIKeyID{UUID: id.NewUUID(now)}, EntityID: p.EntityID, Name: p.Name, Prefix: p.Prefix, Hash: p.Hash,
		Scopes: slices.Clone(p.Scopes), CreatedBy: p.CreatedBy, ExpiresAt: p.ExpiresAt, CreatedAt: now, UpdatedAt: now,
	}
	return k, k.validate(true, now)
}

// Change applies a patch, by the rules of [NewAPIKey]: only a new expiry must be in the future. Errors: Conflict
// "api-key-revoked", Invalid "invalid-input".
func (k *APIKey) Change(p APIKeyPatch, now time.Time) error {
	if !k.RevokedAt.IsZero() {
		return errs.New(errs.Conflict, "api-key-revoked", "the API key was revoked, which is for good")
	}
	p.Name.Apply(&k.Name)
	p.ExpiresAt.Apply(&k.ExpiresAt)
	if p.Scopes.Present {
		k.Scopes = slices.Clone(p.Scopes.Value)
	}
	k.UpdatedAt = version.Next(k.UpdatedAt, now)
	return k.validate(p.ExpiresAt.Present, now)
}

func (k *APIKey) validate(newExpiry bool, now time.Time) error {
	var c errs.Check
	k.Name = valid.Text(&c, "name", k.Name, 100)
	slices.Sort(k.Scopes)
	k.Scopes = slices.Compact(k.Scopes)
	c.That(k.EntityID > 0, "entity_id", "must name the entity of the key")
	c.That(len(k.Scopes) > 0, "scopes", "must name at least one scope")
	grantable := GrantablePermissions()
	unknown := func(s Permission) bool { return !slices.Contains(grantable, s) }
	c.That(!slices.ContainsFunc(k.Scopes, unknown), "scopes", "must be scopes that a key may have, such as rooms:read")
	c.That(!newExpiry || k.ExpiresAt.IsZero() || k.ExpiresAt.After(now), "expires_at", "must be in the future")
	return c.Err()
}

// Active reports whether the key is good now.
func (k APIKey) Active(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

// Revoke ends the key; revoking it again changes nothing.
func (k *APIKey) Revoke(now time.Time) {
	if k.RevokedAt.IsZero() {
		k.RevokedAt, k.UpdatedAt = now, version.Next(k.UpdatedAt, now)
	}
}

// Actor is the key as a principal.
func (k APIKey) Actor() Actor {
	return Actor{kind: kindAPIKey, key: k.ID, entity: k.EntityID, granted: grantsOf(k.Scopes)}
}
