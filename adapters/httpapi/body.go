package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/secretary-api/secretary/core/errs"
)

// maxDepth bounds how deep the objects and arrays of a body nest. core bounds the free objects in it further.
const maxDepth = 64

// checkParameters refuses texts in the path and the query that no store could hold.
func (s *server) checkParameters(ctx huma.Context, next func(huma.Context)) {
	target := ctx.URL()
	if !storable(target.Path) {
		refuse(ctx, problemOf(errs.InvalidField("path", "must be valid UTF-8 without control characters")))
		return
	}
	if target.RawQuery != "" {
		query, err := url.ParseQuery(target.RawQuery)
		if err != nil {
			refuse(ctx, problemOf(errs.InvalidField("query", "must be correctly escaped")))
			return
		}
		for name, values := range query {
			if !storable(name) || len(values) > 1 || !storable(values[0]) {
				refuse(ctx, problemOf(errs.InvalidField("query", "must have each parameter once, in valid UTF-8 without control characters")))
				return
			}
		}
	}
	next(ctx)
}

func storable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// signedBody is in the metadata of an operation that verifies a signature over the very bytes of its body. What was altered
// is refused for its signature then, whatever it is.
const signedBody = "signed-body"

// checkedBody is in the metadata of an operation whose own reader of the body refuses what checkJSON refuses, in the pass in
// which it reads.
const checkedBody = "checked-body"

// readBody reads the body of an operation that takes one, after authentication and before decoding: it checks the media
// type, the size, the encoding and the depth, so that what decodes it meets no surprise.
func (s *server) readBody(ctx huma.Context, next func(huma.Context)) {
	op := ctx.Operation()
	r, w := humachi.Unwrap(ctx)
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	media = strings.ToLower(strings.TrimSpace(media))
	if _, known := op.RequestBody.Content[media]; media != "" && !known {
		refuse(ctx, newProblem(http.StatusUnsupportedMediaType, "unsupported-media-type", "the request body must be JSON"))
		return
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	raw, err := receiveBody(w, r, op.MaxBodyBytes-1)
	_, signed := op.Metadata[signedBody]
	_, checked := op.Metadata[checkedBody]
	if err == nil && !signed && !checked {
		err = checkJSON(raw)
	}
	if err != nil {
		refuse(ctx, bodyProblem(err, op.MaxBodyBytes-1))
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	next(ctx)
}

// receiveBody reads a body of at most limit bytes, within the time that a client may take.
func receiveBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	// The deadline does not outlive the reading: net/http would cancel the context of a slow handler with it. Not every
	// writer has deadlines; those of connections do.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyTimeout))
	raw, err := readAll(http.MaxBytesReader(w, r.Body, limit), r.ContentLength, limit+1)
	_ = control.SetReadDeadline(time.Time{})
	return raw, err
}

// readAll is io.ReadAll with a buffer of the announced size, when that is believable.
func readAll(body io.Reader, announced, limit int64) ([]byte, error) {
	var buf bytes.Buffer
	if announced > 0 && announced < limit {
		buf.Grow(int(announced) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(body)
	return buf.Bytes(), err
}

func bodyProblem(err error, limit int64) *Problem {
	if p, ok := errors.AsType[problemError](err); ok {
		return p.Problem
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return newProblem(http.StatusRequestEntityTooLarge, "body-too-large",
			fmt.Sprintf("the request body must not be larger than %d bytes", limit))
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return newProblem(http.StatusRequestTimeout, "body-too-slow", "the request body did not arrive in time")
	}
	return newProblem(http.StatusBadRequest, "body-unreadable", "the request body ended too early")
}

// checkJSON refuses what decoders of JSON disagree about: invalid UTF-8, which some replace silently, and nesting without
// end.
func checkJSON(raw []byte) error {
	if !utf8.Valid(raw) {
		return invalidJSON("the request body must be valid UTF-8")
	}
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return invalidJSON(fmt.Sprintf("the request body must not be nested more than %d levels deep", maxDepth))
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
