package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/errs"
)

// Problem is an error as RFC 9457 has it. Programs key on its code.
type Problem struct {
	Type   string         `json:"type" format:"uri" example:"urn:secretary:problem:room-not-found" doc:"The code as a URN."`
	Title  string         `json:"title" example:"Not Found" doc:"The status in words."`
	Status int            `json:"status" example:"404" doc:"The HTTP status."`
	Detail string         `json:"detail,omitempty" example:"room not found" doc:"What went wrong, for a person."`
	Code   string         `json:"code" example:"room-not-found" doc:"What went wrong, for a program. Codes are stable."`
	Errors []ProblemField `json:"errors,omitempty" doc:"Which parts of the input are wrong. Values are never repeated."`

	CurrentVersion string `json:"current_version,omitempty" example:"dx3k5p2m9c" doc:"Of version-mismatch: the version that the record has now, as in its ETag."`

	headers http.Header
}

// ProblemField is one wrong part of an input.
type ProblemField struct {
	Location string `json:"location,omitempty" example:"body.name" doc:"Where in the request."`
	Message  string `json:"message" example:"must not be empty" doc:"Why it is wrong."`
}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problemError is a problem on its way through huma, which writes it as its JSON.
type problemError struct{ *Problem }

// Error implements error.
func (e problemError) Error() string { return e.Code + ": " + e.Detail }

// GetStatus implements huma.StatusError.
func (e problemError) GetStatus() int { return e.Status }

// GetHeaders implements huma.HeadersError.
func (e problemError) GetHeaders() http.Header { return e.headers }

const problemType = "urn:secretary:problem:"

// statusGone is what nginx notes when the client went away. Nobody receives it.
const statusGone = 499

func newProblem(status int, code, detail string) *Problem {
	title := http.StatusText(status)
	if title == "" {
		title = code
	}
	p := &Problem{Type: problemType + code, Title: title, Status: status, Detail: detail, Code: code}
	if status == http.StatusUnauthorized {
		p.headers = http.Header{"Www-Authenticate": {"Bearer"}}
	}
	return p
}

// statusOf is the HTTP status of a kind of error; false when the kind has none.
func statusOf(kind errs.Kind) (int, bool) {
	switch kind {
	case errs.Internal:
		return http.StatusInternalServerError, true
	case errs.Invalid:
		return http.StatusUnprocessableEntity, true
	case errs.Unauthenticated:
		return http.StatusUnauthorized, true
	case errs.Forbidden:
		return http.StatusForbidden, true
	case errs.NotFound:
		return http.StatusNotFound, true
	case errs.Conflict:
		return http.StatusConflict, true
	case errs.Stale:
		return http.StatusPreconditionFailed, true
	case errs.Exhausted:
		return http.StatusTooManyRequests, true
	case errs.Unavailable:
		return http.StatusServiceUnavailable, true
	case errs.TooLarge:
		return http.StatusRequestEntityTooLarge, true
	default:
		return http.StatusInternalServerError, false
	}
}

// problem is the only place where an error becomes HTTP. What nobody classified is logged here, once, and answered
// without a word about its cause.
func (s *server) problem(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[problemError](err); ok {
		return p.Problem
	}
	e, classified := errors.AsType[*errs.Error](err)
	switch {
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return newProblem(statusGone, "client-gone", "the client went away")
	case !classified && errors.Is(err, context.DeadlineExceeded):
		s.log.LogAttrs(ctx, slog.LevelWarn, "timed out", requestID(ctx), slog.Any("err", err))
		late := errs.New(errs.Unavailable, "timed-out", "the operation took too long; try again later")
		late.Retry = time.Second
		return problemOf(late)
	case !classified || e.Kind == errs.Internal:
		s.log.LogAttrs(ctx, slog.LevelError, "internal error", requestID(ctx), slog.Any("err", err))
		return internalProblem()
	case e.Kind == errs.Unavailable:
		s.log.LogAttrs(ctx, slog.LevelWarn, "unavailable", requestID(ctx), slog.Any("err", err))
	}
	return problemOf(e)
}

func problemOf(e *errs.Error) *Problem {
	status, _ := statusOf(e.Kind)
	p := newProblem(status, e.Code, e.Msg)
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, ProblemField{Location: location(f.Path), Message: f.Msg})
	}
	if e.Retry > 0 {
		seconds := int64((e.Retry + time.Second - 1) / time.Second)
		p.headers = http.Header{"Retry-After": {strconv.FormatInt(seconds, 10)}}
	}
	if e.Version != "" {
		p.CurrentVersion, p.headers = e.Version, http.Header{"Etag": {etag(e.Version)}}
	}
	return p
}

func invalidJSON(detail string) error {
	return problemError{newProblem(http.StatusBadRequest, "invalid-json", detail)}
}

func internalProblem() *Problem {
	return newProblem(http.StatusInternalServerError, "internal", "internal error")
}

// location puts a field that core names into the body, where nearly every field of core comes from.
func location(path string) string {
	first, _, _ := strings.Cut(path, ".")
	switch first {
	case "body", "query", "path", "header":
		return path
	}
	return "body." + path
}

// asProblem gives huma's own errors the form of ours. It drops the values that huma repeats, which may be a password,
// and any detail of a failure that is not the client's.
func asProblem(_ huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	switch model.Status {
	case http.StatusBadRequest:
		detail := model.Detail
		if len(model.Errors) > 0 {
			detail = model.Errors[0].Message
		}
		return newProblem(model.Status, "invalid-json", detail), nil
	case http.StatusRequestEntityTooLarge:
		return newProblem(model.Status, "body-too-large", "the request body is too large"), nil
	case http.StatusUnsupportedMediaType:
		return newProblem(model.Status, "unsupported-media-type", "the request body must be JSON"), nil
	case http.StatusUnprocessableEntity:
		return invalidInput(model), nil
	}
	return internalProblem(), nil
}

func invalidInput(model *huma.ErrorModel) *Problem {
	p := newProblem(model.Status, "invalid-input", model.Detail)
	for _, e := range model.Errors {
		p.Errors = append(p.Errors, ProblemField{Location: e.Location, Message: e.Message})
	}
	if len(p.Errors) > 0 {
		p.Detail = strings.TrimPrefix(p.Errors[0].Location+": "+p.Errors[0].Message, ": ")
		if n := len(p.Errors) - 1; n > 0 {
			p.Detail += fmt.Sprintf(" (and %d more)", n)
		}
	}
	return p
}

// writeProblem answers with a problem outside of a huma handler.
func writeProblem(w http.ResponseWriter, p *Problem) {
	maps.Copy(w.Header(), p.headers)
	w.Header().Del("Content-Length") // of another answer, which a panic kept from being sent
	body, err := json.Marshal(p)
	if err != nil { // strings and integers always marshal
		panic(err)
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}

// schemas is the registry of the OpenAPI document, in which huma's error model is ours.
func schemas() huma.Registry {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	return registry
}

// tidySchemas documents that arrays are never null, for which huma has only a global switch, and that null is one of the
// values of a nullable enum.
func tidySchemas(doc *huma.OpenAPI) {
	for _, schema := range doc.Components.Schemas.Map() {
		for _, property := range schema.Properties {
			if property.Type == huma.TypeArray {
				property.Nullable = false
			}
			if property.Nullable && len(property.Enum) > 0 {
				property.Enum = append(property.Enum, nil)
			}
		}
	}
}
