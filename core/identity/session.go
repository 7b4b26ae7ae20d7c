package identity

import (
	"time"

	"github.com/secretary-api/secretary/core/id"
)

// RefreshTokenID identifies a refresh token.
type RefreshTokenID = id.Of[RefreshToken]

// FamilyID identifies the chain of refresh tokens that one login began.
type FamilyID = id.Of[family]

type family struct{}

// RefreshToken is one link of a login's chain. A token is used once and makes the next one; when an old one is used
// again, somebody copied it, and the whole family ends (RFC 9700, section 4.14.2).
type RefreshToken struct {
	ID        RefreshTokenID
	Family    FamilyID
	UserID    UserID
	Hash      string // SHA-256 of the token, hexadecimal; the token itself is never stored
	ExpiresAt time.Time
	UsedAt    time.Time // zero while unused
	RevokedAt time.Time // zero while the family lives
	CreatedAt time.Time
}

// Usable reports whether the token may still be exchanged.
func (t RefreshToken) Usable(now time.Time) bool {
	return t.UsedAt.IsZero() && t.RevokedAt.IsZero() && now.Before(t.ExpiresAt)
}

// Reused reports whether presenting the token shows that it was copied.
func (t RefreshToken) Reused() bool { return !t.UsedAt.IsZero() && t.RevokedAt.IsZero() }
