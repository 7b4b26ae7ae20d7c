package ports

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/identity"
)

// UserRepository keeps users. A user's entity decides the scope it is in; a manager is in the scope of all only.
// A repeated e-mail is Conflict "email-taken".
type UserRepository interface {
	Reader[identity.User, identity.UserID, identity.UserFilter]
	Writer[identity.User, identity.UserID]
	// ByEmail returns the user of a lower-case address, whatever the entity: it is for login. Errors: NotFound.
	ByEmail(ctx context.Context, email string) (identity.User, error)
}

// RefreshTokenRepository keeps refresh tokens. They belong to a user, not to a tenant: no scope.
type RefreshTokenRepository interface {
	// Create stores a token. A repeated hash is Conflict "token-exists".
	Create(ctx context.Context, t identity.RefreshToken) (identity.RefreshToken, error)
	// ByHash returns a token. Errors: NotFound "token-not-found".
	ByHash(ctx context.Context, hash string) (identity.RefreshToken, error)
	// Use marks an unused token as used; only one of several callers succeeds, the others get Conflict "token-used". So
	// does whoever uses a revoked one: a login that was ended in the middle of an exchange must not live on.
	Use(ctx context.Context, id identity.RefreshTokenID, now time.Time) error
	// RevokeFamily ends every token of a login, and returns how many it ended: of several callers one ends each. A token
	// that is being exchanged meanwhile is ended with what it is exchanged for. It never fails for there being none.
	RevokeFamily(ctx context.Context, f identity.FamilyID, now time.Time) (ended int, err error)
	// RevokeUser ends every token of a user as RevokeFamily does.
	RevokeUser(ctx context.Context, user identity.UserID, now time.Time) error
	// DeleteExpired removes the tokens that expired before a moment, and returns how many.
	DeleteExpired(ctx context.Context, before time.Time) (int, error)
}

// AuditLogRepository keeps the audit log, newest first. It is only ever appended to.
//
// The store itself appends to it, in the same transaction, whenever a row of an audited table is created or changed:
// users, entities, departments, professionals, professional_entities, tenant_config, clinic_professionals,
// professional_services and appointments. Who did it is identity.TrailOf of the context, that of InTx inside a
// transaction; what changed is what the record's Audited method tells, by the rules of package audit. A write that
// changes nothing that is audited leaves no entry.
type AuditLogRepository interface {
	Append(ctx context.Context, e identity.AuditEntry) (identity.AuditEntry, error)
	// Recent returns up to limit entries of the scope, newest first.
	Recent(ctx context.Context, scope identity.Scope, limit int) ([]identity.AuditEntry, error)
}

// IdempotencyRepository remembers what requests with a key led to, so that a repeated one has the same answer and no
// other effect. A record belongs to whoever sent the request, not to a tenant: no scope.
type IdempotencyRepository interface {
	// Get returns the record of an owner's key. Errors: NotFound "idempotency-key-not-found".
	Get(ctx context.Context, owner, key string) (identity.IdempotencyRecord, error)
	// Create stores a record. A repeated key of an owner is Conflict "idempotency-key-exists"; one that is being created
	// by another transaction is waited for.
	Create(ctx context.Context, r identity.IdempotencyRecord) (identity.IdempotencyRecord, error)
	// DeleteExpired removes the records that expired before a moment, and returns how many.
	DeleteExpired(ctx context.Context, before time.Time) (int, error)
}

// Passwords hashes passwords.
type Passwords interface {
	// Hash returns a PHC string. It may wait for its turn, as hashing is costly on purpose.
	Hash(ctx context.Context, password string) (string, error)
	// Verify reports whether the password is the one that was hashed. An empty hash costs as much and is false, so that
	// an unknown user cannot be told by the time it takes.
	Verify(ctx context.Context, hash, password string) (bool, error)
}

// AccessTokens issues and verifies the short-lived tokens of users.
type AccessTokens interface {
	// Issue returns a signed token that ends at expires.
	Issue(u identity.User, now, expires time.Time) (string, error)
	// Verify returns the user of a token. Errors: Unauthenticated "invalid-token" or "expired-token".
	Verify(token string, now time.Time) (identity.UserID, error)
}
