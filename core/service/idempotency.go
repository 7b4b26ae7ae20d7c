package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// IdempotencyTime is how long a request with a key is remembered.
const IdempotencyTime = 24 * time.Hour

// MaxIdempotencyKey is the longest key, in characters.
const MaxIdempotencyKey = 255

// Idempotency is how a client names a request, so that it can send the request again when it does not know what became
// of it: the same key of the same actor, with the same operation and request, has the same answer and no other effect.
type Idempotency struct {
	Key       string // 1 to MaxIdempotencyKey visible ASCII characters; "": done whenever it comes
	Operation string // names the operation among all: "append-room-events"
}

func (i Idempotency) check() error {
	invisible := func(r rune) bool { return r <= ' ' || r > '~' }
	if len(i.Key) == 0 || len(i.Key) > MaxIdempotencyKey || strings.ContainsFunc(i.Key, invisible) {
		return errs.InvalidField("header.Idempotency-Key", "must be 1 to 255 visible ASCII characters")
	}
	return nil
}

// fingerprint is the SHA-256 of the operation and the request, hexadecimal. Each part is led by its length, so that no
// two requests read alike.
func (i Idempotency) fingerprint(request []string) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%d:%s", len(i.Operation), i.Operation) // a hash never fails
	for _, part := range request {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// once does a request that has a key, and remembers in the same transaction what its answer is made of. A request that
// comes again within IdempotencyTime does nothing, and gets that. The caller checks before what the actor may see.
//
// request is everything that the client asked for, in a form that is the same for equal requests. do is given to InTx.
// Errors: Invalid "invalid-input" for the key, Invalid "idempotency-key-reused" when the key came with something else,
// and those of do.
func once(ctx context.Context, d Deps, actor identity.Actor, i Idempotency, request []string, do func(context.Context, ports.Repositories) (jsonobj.Object, error)) (jsonobj.Object, error) {
	if err := i.check(); err != nil {
		return "", err
	}
	record := identity.IdempotencyRecord{Owner: actor.String(), Key: i.Key, Fingerprint: i.fingerprint(request)}
	var refused error
	for range 3 {
		now := d.Now()
		before, err := d.Repositories.IdempotencyKeys.Get(ctx, record.Owner, record.Key)
		found := err == nil
		if found && !before.ExpiresAt.Before(now) {
			return repeated(before, record)
		}
		if !found && errs.KindOf(err) != errs.NotFound {
			return "", err
		}
		if refused != nil && errs.CodeOf(refused) != "idempotency-key-exists" {
			return "", refused // for a reason of its own, and not because the same request was faster
		}
		record.CreatedAt, record.ExpiresAt = now, now.Add(IdempotencyTime)
		result, err := remembered(ctx, d, record, found, do)
		if err == nil || errs.KindOf(err) != errs.Conflict {
			return result, err
		}
		refused = err // the same request may have been faster: look again
	}
	return "", refused
}

// repeated is what comes of a request whose key was seen before.
func repeated(before, again identity.IdempotencyRecord) (jsonobj.Object, error) {
	if before.Fingerprint != again.Fingerprint {
		return "", errs.New(errs.Invalid, "idempotency-key-reused", "the idempotency key was used for another request")
	}
	return before.Result, nil
}

// remembered does a request and stores its record. An expired record of the same key is in the way until it is removed.
func remembered(ctx context.Context, d Deps, record identity.IdempotencyRecord, expired bool, do func(context.Context, ports.Repositories) (jsonobj.Object, error)) (jsonobj.Object, error) {
	return inTx(ctx, d, func(ctx context.Context, r ports.Repositories) (jsonobj.Object, error) {
		if expired {
			if _, err := r.IdempotencyKeys.DeleteExpired(ctx, record.CreatedAt); err != nil {
				return "", err
			}
		}
		result, err := do(ctx, r)
		if err != nil {
			return "", err
		}
		record.Result = result
		_, err = r.IdempotencyKeys.Create(ctx, record)
		return result, err
	})
}
