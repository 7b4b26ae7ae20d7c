package httpapi

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/service"
)

const (
	idempotencyHeader = "Idempotency-Key" // in the form in which net/http keeps it
	replayedHeader    = "Idempotent-Replayed"
)

// repeatable reports whether an operation takes an Idempotency-Key: those that do something and need a token.
func repeatable(op huma.Operation) bool {
	if op.Method != http.MethodPost || len(op.Security) == 0 {
		return false
	}
	switch op.OperationID {
	case "connect-whatsapp": // done again it is the same
		return false
	case "preview-availability", "find-group-availability", "understand": // they do nothing
		return false
	case "create-api-key", "create-join-token": // the answer holds a secret, which is never stored
		return false
	}
	return true
}

// once does a request that has an Idempotency-Key, or answers it as it was answered before. It comes after
// authentication, for an answer is only for whom it was, and after readBody.
func (s *server) once(ctx huma.Context, next func(huma.Context)) {
	r, w := humachi.Unwrap(ctx)
	given, named := r.Header[idempotencyHeader]
	if !named {
		next(ctx)
		return
	}
	key := given[0]
	if len(given) > 1 {
		key = "" // which is none
	}
	parts, err := requestParts(ctx.Operation(), r)
	if err != nil {
		refuse(ctx, s.problem(ctx.Context(), err))
		return
	}
	begun, before, err := s.Idempotency.Begin(ctx.Context(), actor(ctx.Context()), service.NamedRequest{Key: key, Tenant: tenantOf(ctx), Parts: parts})
	if err != nil {
		refuse(ctx, s.problem(ctx.Context(), err))
		return
	}
	if before != nil {
		for name, value := range before.Header {
			w.Header().Set(name, value)
		}
		w.Header().Set(replayedHeader, "true")
		sendAnswer(w, *before)
		return
	}
	failed := service.Answer{Status: http.StatusInternalServerError} // of a handler that panics, and one that nobody waits for
	ended := false
	end := func(a service.Answer) {
		ended = true
		if err := s.Idempotency.End(begun, a); err != nil {
			s.log.LogAttrs(begun, slog.LevelError, "the answer of a request with an idempotency key was not kept", requestID(begun), slog.Any("err", err))
		}
	}
	defer func() {
		if !ended {
			end(failed)
		}
	}()
	kept := &keptAnswer{ResponseWriter: w, status: http.StatusOK}
	next(humachi.NewContext(ctx.Operation(), r.WithContext(begun), kept))
	answer := kept.answer()
	if answer.Status == statusGone {
		end(failed)
	} else {
		end(answer) // before it is sent: who gets it may rely on it
	}
	sendAnswer(w, answer)
}

// tenantOf is the clinic in the path of a request; zero when there is none.
func tenantOf(ctx huma.Context) id.UUID {
	tenant, err := id.Parse[agenda.Clinic](ctx.Param("tenant_id"))
	if err != nil {
		return id.UUID{} // the operation will say so
	}
	return tenant.UUID
}

// requestParts is everything that a request asks for: how its JSON was spaced and ordered makes no difference. Secrets
// are left out, because the store keeps a hash of it all that a password is not safe in.
func requestParts(op *huma.Operation, r *http.Request) ([]string, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	parts := []string{op.OperationID, r.URL.Path, r.URL.RawQuery, r.Header.Get("If-Match")}
	if len(raw) == 0 {
		return parts, nil
	}
	var body any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&body); err != nil {
		return nil, invalidJSON(readable(err).Error())
	}
	if members, ok := body.(map[string]any); ok {
		delete(members, "password")
		delete(members, "evolution_webhook_token")
	}
	canonical, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return append(parts, string(canonical)), nil
}

// keptAnswer keeps what is written to it. Its header is the real one.
type keptAnswer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (k *keptAnswer) WriteHeader(status int) { k.status = status }

// Write implements http.ResponseWriter.
func (k *keptAnswer) Write(b []byte) (int, error) { return k.body.Write(b) }

// Unwrap is for http.ResponseController.
func (k *keptAnswer) Unwrap() http.ResponseWriter { return k.ResponseWriter }

func (k *keptAnswer) answer() service.Answer {
	a := service.Answer{Status: k.status, Header: map[string]string{}, Body: k.body.String()}
	for _, name := range []string{"Content-Type", "Location", "ETag"} {
		if value := k.Header().Get(name); value != "" {
			a.Header[name] = value
		}
	}
	return a
}

func sendAnswer(w http.ResponseWriter, a service.Answer) {
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Body)
}

// takeKey makes an operation take the header.
func (s *server) takeKey(op *huma.Operation) {
	longest, shortest := service.MaxIdempotencyKey, 1
	op.Errors = append(op.Errors, http.StatusConflict)
	op.Middlewares = append(op.Middlewares, s.once)
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: idempotencyHeader, In: "header", Example: "01985c1e-7f3a-7a10-8a53-0f4b7c1de001",
		Schema: &huma.Schema{Type: huma.TypeString, MinLength: &shortest, MaxLength: &longest, Pattern: "^[!-~]+$"},
		Description: "Names this request, so that it can be sent again when no answer came: within 24 hours, the same key of the same " +
			"user or API key with the same request has the same answer, and no other effect. Choose a new one, such as a UUID, for each new request.",
	})
}

// documentKey shows what a request with a key may be answered with.
func documentKey(op huma.Operation) {
	for status, response := range op.Responses {
		if status[0] != '2' {
			continue
		}
		if response.Headers == nil {
			response.Headers = map[string]*huma.Param{}
		}
		response.Headers[replayedHeader] = &huma.Param{
			Description: "true when this is the answer of an earlier request with the same Idempotency-Key.", Schema: &huma.Schema{Type: huma.TypeString},
		}
	}
	problems := func(status string, examples ...*errs.Error) {
		media := op.Responses[status].Content["application/problem+json"]
		if media.Examples == nil {
			media.Examples = map[string]*huma.Example{}
		}
		for _, e := range examples {
			media.Examples[e.Code] = &huma.Example{Summary: "With an Idempotency-Key", Value: problemOf(e)}
		}
	}
	problems("409",
		errs.New(errs.Conflict, "idempotency-key-in-flight", "the request with this idempotency key is being carried out; try again"),
		errs.New(errs.Conflict, "idempotency-answer-lost", "the request was carried out, at least in part, and its answer was lost: look its result up"))
	problems("422", errs.New(errs.Invalid, "idempotency-key-reused", "the idempotency key was used for another request"))
}
