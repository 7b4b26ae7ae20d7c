package jsonobj

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/secretary-api/secretary/core/patch"
)

// MergePatch returns the object changed by a JSON merge patch (RFC 7396): objects merge key by key, null removes a key,
// anything else replaces. What is not an object on both sides stays as it was written. It fails as [Parse] does when the
// result is too big.
func (o Object) MergePatch(p Object) (Object, error) {
	var b strings.Builder
	b.Grow(len(o) + len(p))
	writeMerged(&b, membersOf(string(o)), membersOf(string(p)))
	if b.Len() > MaxBytes {
		return "", tooLarge()
	}
	return Object(b.String()), nil
}

// Patch applies a field of a merge patch to dst.
func Patch(dst *Object, f patch.Of[Object]) error {
	if !f.Present {
		return nil
	}
	if f.Null {
		*dst = ""
		return nil
	}
	v, err := dst.MergePatch(f.Value)
	if err != nil {
		return err
	}
	*dst = v
	return nil
}

// Member returns the JSON text of a member of the object. Of two with the name it is the last one.
func (o Object) Member(name string) (text string, ok bool) {
	text, ok = membersOf(string(o))[name]
	return text, ok
}

// membersOf are the members of an object's compact text, or of none, as they are written.
func membersOf(text string) map[string]string {
	members := map[string]string{}
	if text == "" {
		return members
	}
	r := NewReader(text)
	for name := range r.Members {
		from := r.at
		r.Skip()
		members[name] = text[from:r.at]
	}
	return members
}

// writeMerged writes the target, which it may change, patched by p, sorted by name.
func writeMerged(b *strings.Builder, target, p map[string]string) {
	for name, value := range p {
		if value == "null" {
			delete(target, name)
			delete(p, name)
		} else if _, ok := target[name]; !ok {
			target[name] = ""
		}
	}
	b.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(target)) {
		if i > 0 {
			b.WriteByte(',')
		}
		writeText(b, name)
		b.WriteByte(':')
		before := target[name]
		after, patched := p[name]
		switch {
		case !patched:
			b.WriteString(before)
		case after[0] != '{':
			b.WriteString(after)
		case strings.HasPrefix(before, "{"):
			writeMerged(b, membersOf(before), membersOf(after))
		default:
			writeMerged(b, map[string]string{}, membersOf(after)) // which has no null among the members
		}
	}
	b.WriteByte('}')
}

// writeText writes a text as JSON.
func writeText(b *strings.Builder, s string) {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) {
		quoted, _ := json.Marshal(s) // a text can always be written
		b.Write(quoted)
		return
	}
	b.WriteByte('"')
	b.WriteString(s)
	b.WriteByte('"')
}
