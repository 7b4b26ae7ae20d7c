package identity

import (
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/jsonobj"
)

// IdempotencyState is how far a request with an idempotency key has come.
type IdempotencyState string

// The states.
const (
	RequestReserved  IdempotencyState = "reserved"  // it is being done; nothing of it is stored
	RequestCommitted IdempotencyState = "committed" // its effect is stored, in the transaction that says so
	RequestDone      IdempotencyState = "done"      // so is its answer
)

// IdempotencyRecord is what a request with an idempotency key led to.
type IdempotencyRecord struct {
	Owner         string  // who sent it: [Actor.String]
	Key           string  // as sent
	Tenant        id.UUID // the clinic whose front desk it is about; zero when none
	Fingerprint   string  // of everything that was asked for: another request under the same key is refused
	State         IdempotencyState
	ReservedUntil time.Time      // when whoever does it has given up at the latest; tells reservations of a key apart
	Result        jsonobj.Object // the answer of a request that is done, else none
	CreatedAt     time.Time
	ExpiresAt     time.Time
}

// ReservationLost is the Unavailable error of a request that took so long that its key was reserved anew.
func ReservationLost() error {
	return errs.New(errs.Unavailable, "idempotency-key-lost", "the request took too long, and was sent again meanwhile")
}
