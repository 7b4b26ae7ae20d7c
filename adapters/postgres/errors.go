package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/secretary-api/secretary/core/errs"
)

// retryAfter is what a caller is told to wait when the database is away or busy.
const retryAfter = time.Second

// ownError is what a function of the caller's said inside a statement. It goes back to the caller as it was.
type ownError struct{ err error }

func (e *ownError) Error() string { return e.err.Error() }

func (e *ownError) Unwrap() error { return e.err }

// conflict is what a caller is told when a constraint refuses a row.
type conflict struct{ code, msg string }

// conflictOf is the one map from constraints to conflicts. It goes by the constraint's name, never by a message's text.
func conflictOf(constraint string) (conflict, bool) {
	switch constraint {
	case "users_email_key":
		return conflict{"email-taken", "another user has this e-mail address"}, true
	case "refresh_tokens_hash_key":
		return conflict{"token-exists", "the token exists already"}, true
	case "api_keys_hash_key":
		return conflict{"api-key-exists", "the API key exists already"}, true
	case "idempotency_keys_pkey":
		return conflict{"idempotency-key-exists", "a request with this key was made before"}, true
	case "professional_entities_key":
		return conflict{"membership-exists", "the professional has this membership already"}, true
	case "rooms_livekit_name_key":
		return conflict{"room-name-taken", "another room has this LiveKit name"}, true
	case "room_participants_key":
		return conflict{"already-in-room", "the participant is in the room already"}, true
	case "tenant_config_entity_key":
		return conflict{"clinic-exists", "the entity has a clinic already"}, true
	case "tenant_config_instance_key":
		return conflict{"instance-taken", "another clinic uses this WhatsApp instance"}, true
	case "clinic_professionals_slug_key":
		return conflict{"slug-taken", "another professional of the clinic has this slug"}, true
	case "clinic_professionals_calendar_key":
		return conflict{"calendar-taken", "another professional of the clinic has this calendar"}, true
	case "professional_services_slug_key":
		return conflict{"slug-taken", "another service of the professional has this slug"}, true
	case "google_credentials_connected_key":
		return conflict{"account-exists", "the entity has connected an account already"}, true
	case "model_prices_key":
		return conflict{"price-exists", "there is a price for this from the same moment on"}, true
	case "budgets_key":
		return conflict{"budget-exists", "there is a budget for this"}, true
	case "appointments_no_overlap":
		return conflict{"slot-taken", "the time is taken by another appointment"}, true
	case "patients_key":
		return conflict{"patient-exists", "the contact has a patient of this name and birth date already"}, true
	case "conversations_contact_key":
		return conflict{"conversation-exists", "the clinic has a conversation with this contact"}, true
	case "conversations_lid_key":
		return conflict{"lid-taken", "the clinic has another conversation with this contact"}, true
	case "conversation_messages_external_key":
		return conflict{"message-repeated", "the clinic has received this message before"}, true
	}
	if strings.HasSuffix(constraint, "_pkey") {
		return conflict{"id-taken", "the id is taken"}, true
	}
	return conflict{}, false
}

// SQLSTATEs, by appendix A of PostgreSQL's manual.
const (
	uniqueViolation     = "23505"
	exclusionViolation  = "23P01"
	foreignKeyViolation = "23503"
	checkViolation      = "23514"
	serializationFailed = "40001"
	deadlockDetected    = "40P01"
	lockNotAvailable    = "55P03"
	queryCanceled       = "57014"
	readOnlyTransaction = "25006"
	dataException       = "22" // a class
	connectionException = "08" // a class
	noResources         = "53" // a class: too many connections, disk full
	operatorIntervened  = "57" // a class: shutting down, starting up
)

// translate makes an error of the database one of core/errs. The context's own error stays what it is.
func translate(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*errs.Error](err); ok {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	// Whoever is refused when connecting has asked for nothing yet, whatever the reason.
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting || !ok && isConnection(err) {
		return unavailable("database-unavailable", "the database cannot be reached", err)
	}
	if !ok {
		return errs.Wrap(errs.Internal, "database", "the database failed", err)
	}
	if _, ok := missingPartitions(err); ok { // which is made before anybody is told, unless it is just being removed
		return unavailable("database-busy", "the database is too busy", err)
	}
	switch class := refusal.Code[:2]; {
	case refusal.Code == uniqueViolation, refusal.Code == exclusionViolation:
		if c, ok := conflictOf(refusal.ConstraintName); ok {
			return errs.Wrap(errs.Conflict, c.code, c.msg, err)
		}
	case refusal.Code == foreignKeyViolation:
		return unknownReference(err)
	case refusal.Code == serializationFailed, refusal.Code == deadlockDetected, refusal.Code == lockNotAvailable, refusal.Code == queryCanceled:
		return unavailable("database-busy", "the database is too busy", err)
	case class == dataException: // such as an escape that PostgreSQL's JSON cannot hold
		return errs.Wrap(errs.Invalid, "invalid-value", "a value cannot be stored", err)
	case refusal.Code == readOnlyTransaction, class == connectionException, class == noResources, class == operatorIntervened:
		return unavailable("database-unavailable", "the database cannot be reached", err)
	}
	return errs.Wrap(errs.Internal, "database", "the database refused a statement", err)
}

// unknownReference is for a reference to nothing; the error is nil when no constraint found that out.
func unknownReference(err error) error {
	return errs.Wrap(errs.Invalid, "unknown-reference", "it refers to a record that is not there", err)
}

func unavailable(code, msg string, err error) error {
	e := errs.Wrap(errs.Unavailable, code, msg, err)
	e.Retry = retryAfter
	return e
}

// isConnection reports whether an error is of the way to the database, not of what was asked.
func isConnection(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, pgx.ErrTxClosed) || pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "conn closed")
}

// lostRace reports whether the database gave a transaction up for another one: it may succeed when it is repeated.
func lostRace(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refusal.Code == serializationFailed || refusal.Code == deadlockDetected)
}
