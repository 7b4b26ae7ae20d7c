package httpapi

import (
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/secretary-api/secretary/core/version"
)

// changeable is a DTO of a record that can be changed: an answer that is one carries the entity tag of its version.
type changeable interface {
	changedAt() time.Time
}

// IfMatchHeader is the header that binds a change to the versions that it was made for. huma ignores the fields of an
// unexported embedded struct, so this is exported.
type IfMatchHeader struct {
	IfMatch string `header:"If-Match" example:"\"dx3k5p2m9c\"" doc:"The ETag of the record that this change was made for, or a list of them: when the record has changed since, nothing is done and the answer is version-mismatch. * is any version; left out, the change is made whatever happened since."`

	versions version.Match
}

// Resolve implements huma.Resolver. It reads every line of the header, of which huma takes the first.
func (h *IfMatchHeader) Resolve(ctx huma.Context) []error {
	r, _ := humachi.Unwrap(ctx)
	lines := r.Header.Values("If-Match")
	if len(lines) == 0 {
		return nil
	}
	match, ok := parseIfMatch(strings.Join(lines, ","))
	if !ok {
		return []error{&huma.ErrorDetail{Location: "header.If-Match", Message: `must be * or entity tags in quotes, such as "dx3k5p2m9c"`}}
	}
	h.versions = match
	return nil
}

// match is the versions that the change was made for.
func (h IfMatchHeader) match() version.Match { return h.versions }

// parseIfMatch reads the field of RFC 9110, section 13.1.1. It compares strongly, so that a weak tag matches nothing.
func parseIfMatch(field string) (version.Match, bool) {
	rest := strings.Trim(field, " \t")
	if rest == "*" {
		return version.Existing(), true
	}
	var versions []string
	found := false
	for {
		rest = strings.Trim(rest, ", \t") // a list may have empty elements
		if rest == "" {
			return version.Exactly(versions...), found
		}
		tag, after, ok := entityTag(rest)
		after = strings.TrimLeft(after, " \t")
		if !ok || after != "" && after[0] != ',' {
			return version.Match{}, false
		}
		if !strings.HasPrefix(rest, "W/") {
			versions = append(versions, tag)
		}
		rest, found = after, true
	}
}

// entityTag reads the tag at the beginning of s, and returns what is between its quotes.
func entityTag(s string) (tag, rest string, ok bool) {
	s = strings.TrimPrefix(s, "W/")
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	tag, rest, ok = strings.Cut(s[1:], `"`)
	plain := strings.IndexFunc(tag, func(r rune) bool { return r <= ' ' || r == 0x7f }) < 0
	return tag, rest, ok && plain
}

// etag is the entity tag of a version.
func etag(v string) string { return `"` + v + `"` }

// bodied is a reply whose body may be a changeable record.
type bodied interface{ body() any }

func (a *answer[T]) body() any  { return &a.Body }
func (c *created[T]) body() any { return &c.Body }

// tagged sets the ETag of a reply that is a changeable record.
func tagged(header http.Header, out any) {
	reply, ok := out.(bodied)
	if !ok {
		return
	}
	if record, ok := reply.body().(changeable); ok {
		header.Set("ETag", etag(version.Of(record.changedAt())))
	}
}

// bindsVersion reports whether an input embeds IfMatchHeader.
func bindsVersion(input reflect.Type) bool {
	field, ok := input.FieldByName("IfMatchHeader")
	return ok && field.Type == reflect.TypeFor[IfMatchHeader]()
}

// documentETag shows the header in the successful answers of an operation that answers with a changeable record.
func documentETag[O any](op huma.Operation) {
	reply, ok := any(new(O)).(bodied)
	if !ok {
		return
	}
	if _, ok := reply.body().(changeable); !ok {
		return
	}
	for status, response := range op.Responses {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		if response.Headers == nil {
			response.Headers = map[string]*huma.Param{}
		}
		response.Headers["ETag"] = &huma.Param{
			Description: "The version of the record, for If-Match.",
			Schema:      &huma.Schema{Type: huma.TypeString}, Example: etag("dx3k5p2m9c"),
		}
	}
}
