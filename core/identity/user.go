package identity

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// UserID identifies a user. 0 means none.
type UserID int64

// String returns the decimal form.
func (i UserID) String() string { return strconv.FormatInt(int64(i), 10) }

// Role is what a user of the back office may do.
type Role string

// The roles.
const (
	Manager     Role = "MANAGER"      // everything, in every entity
	EntityAdmin Role = "ENTITY_ADMIN" // everything in one entity
)

// User logs in to the back office.
type User struct {
	ID           UserID
	Email        string // lower case, unique
	PasswordHash string // PHC string of argon2id
	PhoneNumber  string // E.164
	Role         Role
	EntityID     clinic.EntityID // of an ENTITY_ADMIN; 0 for a MANAGER
	Active       bool
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// UserParams is what a user is made of. The password is hashed by the caller.
type UserParams struct {
	Email        string
	PasswordHash string
	PhoneNumber  string
	Role         Role
	EntityID     clinic.EntityID
}

// UserPatch changes parts of a user. The password arrives hashed.
type UserPatch struct {
	Email        patch.Of[string]
	PasswordHash patch.Of[string]
	PhoneNumber  patch.Of[string]
	Role         patch.Of[Role]
	EntityID     patch.Of[clinic.EntityID]
	Active       patch.Of[bool]
}

// UserFilter selects users of a list.
type UserFilter struct {
	EntityID clinic.EntityID // 0: any
	Active   *bool           // nil: both
}

// NewUser makes an active user. An ENTITY_ADMIN has an entity and a MANAGER has none: otherwise, as for any other bad
// field, Invalid "invalid-input".
func NewUser(p UserParams, now time.Time) (User, error) {
	u := User{
		Email: p.Email, PasswordHash: p.PasswordHash, PhoneNumber: p.PhoneNumber, Role: p.Role, EntityID: p.EntityID,
		Active: true, CreatedAt: now, UpdatedAt: now,
	}
	return u, u.validate()
}

// Change applies a patch, by the rules of [NewUser].
func (u *User) Change(p UserPatch, now time.Time) error {
	p.Email.Apply(&u.Email)
	p.PasswordHash.Apply(&u.PasswordHash)
	p.PhoneNumber.Apply(&u.PhoneNumber)
	p.Role.Apply(&u.Role)
	p.EntityID.Apply(&u.EntityID)
	p.Active.Apply(&u.Active)
	u.UpdatedAt = version.Next(u.UpdatedAt, now)
	return u.validate()
}

// Deactivate is the soft delete of a user, who can no longer log in or use a token.
func (u *User) Deactivate(now time.Time) {
	u.Active, u.UpdatedAt = false, version.Next(u.UpdatedAt, now)
}

// Actor is the user as a principal.
func (u User) Actor() Actor {
	return Actor{kind: kindUser, user: u.ID, role: u.Role, entity: u.EntityID}
}

func (u *User) validate() error {
	var c errs.Check
	u.Email = valid.Email(&c, "email", u.Email)
	u.PhoneNumber = valid.Phone(&c, "phone_number", u.PhoneNumber)
	switch u.Role {
	case Manager:
		c.That(u.EntityID == 0, "entity_id", "must be null for a MANAGER")
	case EntityAdmin:
		c.That(u.EntityID > 0, "entity_id", "must name the entity of an ENTITY_ADMIN")
	default:
		c.That(false, "role", "must be MANAGER or ENTITY_ADMIN")
	}
	return c.Err()
}

// Lengths of a password: the lower bound of NIST SP 800-63B-4 for a single factor is 15, for one behind a rate limit
// 8; the upper one keeps hashing cheap to refuse.
const (
	MinPassword = 10  // characters
	MaxPassword = 254 // bytes
)

// CheckPassword checks a new password. It fails with Invalid "invalid-input", which never holds the password.
func CheckPassword(password string) error {
	var c errs.Check
	c.That(utf8.RuneCountInString(password) >= MinPassword, "password", "must be at least 10 characters")
	c.That(len(password) <= MaxPassword && utf8.ValidString(password), "password", "must be at most 254 bytes of UTF-8")
	return c.Err()
}
