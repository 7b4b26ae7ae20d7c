package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/service"
)

// idempotencyHeader is in the form in which net/http keeps it.
const idempotencyHeader = "Idempotency-Key"

// IdempotencyHeader is the header that makes a request repeatable. huma ignores the fields of an unexported embedded
// struct, so this is exported.
type IdempotencyHeader struct {
	IdempotencyKey string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]+$" patternDescription:"visible ASCII characters" example:"01985c1e-7f3a-7a10-8a53-0f4b7c1de001" doc:"Names this request, so that it can be sent again when no answer came: within 24 hours, the same key of the same user with the same request has the same answer, and no other effect. Choose a new one, such as a UUID, for each new request."`
}

// named is the name of a request for an operation.
func (h IdempotencyHeader) named(operation string) service.Idempotency {
	return service.Idempotency{Key: h.IdempotencyKey, Operation: operation}
}

// idempotent makes an operation take the header: its input embeds IdempotencyHeader. What it answers is set before it
// is registered; documentReuse completes the document after.
func idempotent(op huma.Operation) huma.Operation {
	op.Description += " With an `Idempotency-Key` it is done once, however often it is sent (`idempotency-key-reused` when the key came with another request)."
	op.Middlewares = append(op.Middlewares, oneIdempotencyKey)
	op.Responses = map[string]*huma.Response{}
	return op
}

// oneIdempotencyKey refuses an empty key, which huma takes for none, and several, of which it takes the first.
func oneIdempotencyKey(ctx huma.Context, next func(huma.Context)) {
	r, _ := humachi.Unwrap(ctx)
	if given := r.Header[idempotencyHeader]; len(given) > 1 || len(given) == 1 && given[0] == "" {
		refuse(ctx, problemOf(errs.InvalidField("header."+idempotencyHeader, "must be there once, with 1 to 255 visible ASCII characters")))
		return
	}
	next(ctx)
}

// documentReuse shows what the reuse of a key is answered with.
func documentReuse(op huma.Operation) {
	reused := newProblem(http.StatusUnprocessableEntity, "idempotency-key-reused", "the idempotency key was used for another request")
	op.Responses["422"].Content["application/problem+json"].Examples = map[string]*huma.Example{
		"idempotency-key-reused": {Summary: "The key came with another request before", Value: reused},
	}
}
