package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// IdempotencyTime is how long a request with a key is remembered.
const IdempotencyTime = 24 * time.Hour

// ReservationTime is how long a request with a key is taken to be still under way: longer than any takes.
const ReservationTime = time.Minute

// MaxIdempotencyKey is the longest key, in characters.
const MaxIdempotencyKey = 255

// MaxKeptAnswer is the size of the largest answer that is kept, in bytes.
const MaxKeptAnswer = 1 << 20

// Idempotency lets a client name a request, so that it can send the request again when it does not know what became of
// it: the same key of the same actor with the same request has the same answer, and no other effect.
//
// Begin reserves the key before the request is done. The transaction that stores the request's effect marks the
// reservation as committed, see [Remembering], so that the two cannot come apart; End keeps the answer. What a process
// leaves that dies in between tells whether the request may be done again: a mere reservation may, once its time is
// over, a committed one never.
type Idempotency struct{ d Deps }

// NewIdempotency makes the use case. It panics unless the transactor is a [Remembering], without which a request could
// be done twice.
func NewIdempotency(d Deps) *Idempotency {
	if _, ok := d.Tx.(remembering); !ok {
		panic("service: NewIdempotency needs a transactor made by Remembering")
	}
	return &Idempotency{d}
}

// Answer is what a request was answered with.
type Answer struct {
	Status int               `json:"status"`           // of HTTP
	Header map[string]string `json:"header,omitempty"` // what of it belongs to the answer: "Location"
	Body   string            `json:"body"`             // as it was sent, byte for byte
}

// NamedRequest is a request with a key.
type NamedRequest struct {
	Key    string   // 1 to MaxIdempotencyKey visible ASCII characters
	Tenant id.UUID  // the clinic whose front desk it is about; zero when none
	Parts  []string // everything that was asked for, in a form that is the same for equal requests
}

func (r NamedRequest) check() error {
	if r.Key == "" || !isKey(r.Key, MaxIdempotencyKey) {
		return errs.InvalidField("header.Idempotency-Key", "must be there once, with 1 to 255 visible ASCII characters")
	}
	return nil
}

// isKey reports whether a key that a client chose is of visible ASCII characters, so many at most.
func isKey(key string, most int) bool {
	invisible := func(r rune) bool { return r <= ' ' || r > '~' }
	return len(key) <= most && !strings.ContainsFunc(key, invisible)
}

// fingerprint is the SHA-256 of the parts, hexadecimal. Each is led by its length, so that no two requests read alike.
func (r NamedRequest) fingerprint() string {
	h := sha256.New()
	for _, part := range r.Parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part) // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Begin reserves the key of a request, and returns the context in which to do it, which End takes; or else the answer
// that the request had before. The caller has authenticated the actor: an answer is only ever for whom it was.
//
// Errors: Invalid "invalid-input" for the key, Invalid "idempotency-key-reused" when the key came with another request,
// Conflict "idempotency-key-in-flight" while the request is being done, Conflict "idempotency-answer-lost" when it was
// done and its answer was not kept.
func (s *Idempotency) Begin(ctx context.Context, actor identity.Actor, r NamedRequest) (context.Context, *Answer, error) {
	if err := r.check(); err != nil {
		return ctx, nil, err
	}
	now := s.d.Now()
	wanted := identity.IdempotencyRecord{
		Owner: actor.String(), Key: r.Key, Tenant: r.Tenant, Fingerprint: r.fingerprint(), State: identity.RequestReserved,
		ReservedUntil: now.Add(ReservationTime), CreatedAt: now, ExpiresAt: now.Add(IdempotencyTime),
	}
	record, mine, err := s.d.Repositories.IdempotencyKeys.Reserve(ctx, wanted)
	switch {
	case err != nil:
		return ctx, nil, err
	case mine:
		return context.WithValue(ctx, reservationKey{}, &reservation{record: record}), nil, nil
	case record.Fingerprint != wanted.Fingerprint:
		return ctx, nil, errs.New(errs.Invalid, "idempotency-key-reused", "the idempotency key was used for another request")
	case record.State == identity.RequestDone:
		answer, err := answerOf(record.Result)
		return ctx, answer, err
	case record.State == identity.RequestCommitted && record.ReservedUntil.Before(now):
		return ctx, nil, errs.New(errs.Conflict, "idempotency-answer-lost",
			"the request was carried out, at least in part, and its answer was lost: look its result up")
	}
	inFlight := errs.New(errs.Conflict, "idempotency-key-in-flight", "the request with this idempotency key is being carried out; try again")
	inFlight.Retry = time.Second
	return ctx, nil, inFlight
}

// End keeps the answer of a request that succeeded, or that failed after it had an effect, when that is the caller's
// fault and so for good. Any other leaves its key free, unless it had an effect. It does so even when the caller has gone
// away. Without a reservation in the context it does nothing.
func (s *Idempotency) End(ctx context.Context, a Answer) error {
	held := reservationOf(ctx)
	if held == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	keys := s.d.Repositories.IdempotencyKeys
	succeeded := a.Status >= 200 && a.Status < 300
	switch {
	case !succeeded && (a.Status >= 500 || held.effects.Load() == 0):
		return keys.Release(ctx, held.record)
	case len(a.Body) > MaxKeptAnswer:
		return keys.Mark(ctx, held.record, identity.RequestCommitted)
	}
	result, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("the answer of a named request: %w", err)
	}
	return keys.Complete(ctx, held.record, jsonobj.Object(result))
}

func answerOf(result jsonobj.Object) (*Answer, error) {
	var a Answer
	if err := json.Unmarshal([]byte(result), &a); err != nil {
		return nil, fmt.Errorf("the answer of an idempotency key: %w", err)
	}
	return &a, nil
}

// reservation is a request that is being done under a key. It travels in the context, because every transaction of the
// request has to know it, and none of the use cases.
type reservation struct {
	record  identity.IdempotencyRecord
	effects atomic.Int32 // how many are stored
}

type reservationKey struct{}

func reservationOf(ctx context.Context) *reservation {
	held, _ := ctx.Value(reservationKey{}).(*reservation)
	return held
}

type undoKey struct{}

// undoing returns a context whose next transaction takes an effect of the request back: when it was the only one, the
// request may be done again.
func undoing(ctx context.Context) context.Context { return context.WithValue(ctx, undoKey{}, true) }

// Remembering wraps the transactor that use cases are made with: a transaction of a request with an idempotency key says
// so in the key's record. It is the outermost wrapper.
func Remembering(tx ports.Transactor) ports.Transactor { return remembering{tx} }

type remembering struct{ ports.Transactor }

// InTx implements [ports.Transactor].
func (t remembering) InTx(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	held := reservationOf(ctx)
	if held == nil {
		return t.Transactor.InTx(ctx, fn)
	}
	state, effects := identity.RequestCommitted, held.effects.Load()+1
	if ctx.Value(undoKey{}) != nil {
		effects = max(effects-2, 0)
	}
	if effects == 0 {
		state = identity.RequestReserved
	}
	err := t.Transactor.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		if err := fn(ctx, r); err != nil {
			return err
		}
		return r.IdempotencyKeys.Mark(ctx, held.record, state)
	})
	if err == nil {
		held.effects.Store(effects)
	}
	return err
}

// write is for a use case that writes once: in a transaction when the request has a key, and by itself otherwise.
func write[T any](ctx context.Context, d Deps, fn func(ctx context.Context, r ports.Repositories) (T, error)) (T, error) {
	if reservationOf(ctx) == nil {
		return fn(ctx, d.Repositories)
	}
	return inTx(ctx, d, fn)
}
