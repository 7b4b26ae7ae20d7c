package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// bearerAuth is the name of the security scheme in the OpenAPI document.
const bearerAuth = "bearerAuth"

// mergePatch is the media type of RFC 7396; PATCH takes it beside application/json.
const mergePatch = "application/merge-patch+json"

// handle registers an operation that needs a bearer token. Every error of fn reaches the client as a problem.
func handle[I, O any](s *server, op huma.Operation, fn func(context.Context, *I) (*O, error)) {
	op.Security = []map[string][]string{{bearerAuth: {}}}
	op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden) // an API key may lack the scope
	op.Description = strings.TrimSpace(op.Description + forRoomAgents(op.OperationID))
	handlePublic(s, op, fn)
}

// handlePublic registers an operation that anybody may call, or that authenticates in a middleware of its own.
func handlePublic[I, O any](s *server, op huma.Operation, fn func(context.Context, *I) (*O, error)) {
	body := takesBody(reflect.TypeFor[I]())
	if body {
		op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
		if op.RequestBody == nil {
			op.RequestBody = &huma.RequestBody{}
		}
		// After the operation's own middlewares, which may authenticate: nobody's body is read for a stranger.
		op.Middlewares = append(op.Middlewares, s.readBody)
	}
	if repeatable(op) {
		s.takeKey(&op)
	}
	if op.Security != nil && strings.Contains(op.Path, "{") {
		op.Errors = append(op.Errors, http.StatusNotFound)
	}
	if bindsVersion(reflect.TypeFor[I]()) {
		op.Errors = append(op.Errors, http.StatusPreconditionFailed)
	}
	op.Errors = append(op.Errors, http.StatusUnprocessableEntity, http.StatusInternalServerError)
	slices.Sort(op.Errors)
	op.Errors = slices.Compact(op.Errors)
	// huma refuses a body of exactly its limit, and would leave its read deadline on the connection, where it cancels the
	// context of a slow handler. readBody has read and bounded the body before.
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = s.maxBody
	}
	op.MaxBodyBytes++
	op.BodyReadTimeout = -1

	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}

	request := op.RequestBody
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err != nil {
			return nil, problemError{s.problem(ctx, err)}
		}
		tagged(requestOf(ctx).answer, out)
		return out, nil
	})
	documentETag[O](op)
	if repeatable(op) {
		documentKey(op)
	}
	if body && op.Method == http.MethodPatch {
		request.Content[mergePatch] = request.Content["application/json"]
	}
}

// handleRaw is handle for hot writes: the input has a RawBody that the operation decodes itself, in one pass. The OpenAPI
// document shows T as the body.
func handleRaw[T, I, O any](s *server, op huma.Operation, fn func(context.Context, *I) (*O, error)) {
	op.SkipValidateBody = true
	op.RequestBody = &huma.RequestBody{Required: true}
	handle(s, op, fn)
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	op.RequestBody.Content["application/json"] = &huma.MediaType{Schema: schema}
}

func takesBody(input reflect.Type) bool {
	_, typed := input.FieldByName("Body")
	_, raw := input.FieldByName("RawBody")
	return typed || raw
}

// answer is a reply with a body.
type answer[T any] struct{ Body T }

// created is the reply of a creation.
type created[T any] struct {
	Location string `header:"Location" doc:"The path of the new record."`
	Body     T
}

// reply makes an answer of what a use case returned.
func reply[T, D any](v T, err error, dto func(T) D) (*answer[D], error) {
	if err != nil {
		return nil, err
	}
	return &answer[D]{dto(v)}, nil
}

// createdAt makes the reply of a creation; the path of the new record is the collection's and its id.
func createdAt[T, D any](collection string, id fmt.Stringer, v T, err error, dto func(T) D) (*created[D], error) {
	if err != nil {
		return nil, err
	}
	return &created[D]{Location: collection + id.String(), Body: dto(v)}, nil
}
