package ports

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
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
// users, api_keys, entities, departments, professionals, professional_entities, model_prices, budgets, tenant_config,
// clinic_professionals, professional_services and appointments. Who did it is identity.TrailOf of the context, that of
// InTx inside a transaction; what changed is what the record's Audited method tells, by the rules of package audit. A write that
// changes nothing that is audited leaves no entry.
type AuditLogRepository interface {
	Append(ctx context.Context, e identity.AuditEntry) (identity.AuditEntry, error)
	// List returns a page of the entries of the scope, newest first: by their time, and of one time by id. Errors:
	// Invalid "invalid-limit", "invalid-cursor".
	List(ctx context.Context, scope identity.Scope, filter identity.AuditFilter, req page.Request) (page.Page[identity.AuditEntry], error)
}

// APIKeyRepository keeps API keys. A repeated hash is Conflict "api-key-exists".
type APIKeyRepository interface {
	Reader[identity.APIKey, identity.APIKeyID, identity.APIKeyFilter]
	Writer[identity.APIKey, identity.APIKeyID]
	// ByHash returns the key of a hash, whatever the entity, and whether it is good or not: it is for logging in. Errors:
	// NotFound "api-key-not-found".
	ByHash(ctx context.Context, hash string) (identity.APIKey, error)
	// Used notes when a key was used last, if that is later than what is noted. It is no change of the key: UpdatedAt stays,
	// and Update leaves it alone. An unknown key is no error.
	Used(ctx context.Context, key identity.APIKeyID, at time.Time) error
}

// IdempotencyRepository remembers what requests with a key led to, so that a repeated one has the same answer and no
// other effect. A record belongs to whoever sent the request, not to a tenant: no scope.
//
// Whoever has reserved a key names the reservation by the record that Reserve returned: its Owner, Key and ReservedUntil.
// A reservation that another one took the place of can do no more: it is Unavailable "idempotency-key-lost".
type IdempotencyRepository interface {
	// Get returns the record of an owner's key. Errors: NotFound "idempotency-key-not-found".
	Get(ctx context.Context, owner, key string) (identity.IdempotencyRecord, error)
	// Reserve stores a record as reserved, and reports that it is the caller's. When the key has a record, that one is
	// returned instead, unless it expired before r.CreatedAt, or is a reservation of the same fingerprint that ended
	// before then: such a record is replaced. Of several callers one gets the key; a transaction that is about to change
	// the record is waited for.
	Reserve(ctx context.Context, r identity.IdempotencyRecord) (stored identity.IdempotencyRecord, mine bool, err error)
	// Mark sets the state of a reservation to committed, or to reserved again when the effect was undone. It is called in
	// the transaction that stores or undoes the effect. Errors: Unavailable "idempotency-key-lost".
	Mark(ctx context.Context, reservation identity.IdempotencyRecord, state identity.IdempotencyState) error
	// Complete stores the answer of a reservation, which is done then. Errors: Unavailable "idempotency-key-lost".
	Complete(ctx context.Context, reservation identity.IdempotencyRecord, result jsonobj.Object) error
	// Forget takes away every answer of requests about a clinic. They stay committed: what they did is done.
	Forget(ctx context.Context, tenant id.UUID) error
	// Release removes a reservation whose effect was not stored. Of any other it removes nothing, which is no error.
	Release(ctx context.Context, reservation identity.IdempotencyRecord) error
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

// AccessTokens issues and verifies the short-lived tokens of users, and those of room agents.
type AccessTokens interface {
	// Issue returns a signed token that ends at expires.
	Issue(u identity.User, now, expires time.Time) (string, error)
	// IssueRoomAgent returns a signed token, good for one room, that ends at expires.
	IssueRoomAgent(a identity.RoomAgent, now, expires time.Time) (string, error)
	// Verify returns whom a token names. Errors: Unauthenticated "invalid-token" or "expired-token".
	Verify(token string, now time.Time) (identity.Subject, error)
}
