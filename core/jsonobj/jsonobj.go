// Package jsonobj is free JSON that the service keeps but does not own: an entity's instructions, an event's data, a
// participant's context. It is always an object, bounded in size and depth, and kept as compact text, so that numbers
// stay as they were written and a copy is a copy.
package jsonobj

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/patch"
)

// Bounds of an object.
const (
	MaxBytes = 64 << 10 // of its compact text
	MaxDepth = 16       // nested objects and arrays
)

// Bounds of a number. jsonb writes every digit out: without them 64 KiB of 1e99999 would come back as a gigabyte.
const (
	maxExponent = 308 // of ten, as a double's
	maxNumber   = 400 // characters
)

// Object is the compact JSON text of an object. "" means none.
type Object string

// Parse checks and compacts a JSON object. null and empty input are none. Anything else is Invalid "invalid-object".
func Parse(raw []byte) (Object, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	if raw[0] != '{' {
		return "", bad("must be a JSON object")
	}
	if !utf8.Valid(raw) {
		return "", bad("must be valid UTF-8")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return "", bad("must be valid JSON")
	}
	if compact.Len() > MaxBytes {
		return "", errs.Newf(errs.Invalid, "invalid-object", "must not be larger than %d KiB", MaxBytes>>10)
	}
	if err := checkEscapes(compact.Bytes()); err != nil {
		return "", err
	}
	if err := checkTokens(compact.Bytes()); err != nil {
		return "", err
	}
	return Object(compact.String()), nil
}

// From makes an object of a Go map. It fails as Parse does.
func From(m map[string]any) (Object, error) {
	o, err := Encode(m)
	if err != nil {
		return "", err
	}
	return Parse([]byte(o))
}

// Encode makes an object of a Go map without the bounds of [Parse]: it is for what is put together from objects that
// were checked when they came in. A nil map is none. It fails with Invalid "invalid-object" for what JSON cannot say.
func Encode(m map[string]any) (Object, error) {
	if m == nil {
		return "", nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // agents are told things such as <rules>; six bytes for each < would be read as written
	if err := enc.Encode(m); err != nil {
		return "", bad("must be a JSON object")
	}
	return Object(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// IsNone reports whether there is no object.
func (o Object) IsNone() bool { return o == "" }

// Map decodes the object; numbers are json.Number. None is an empty map.
func (o Object) Map() map[string]any {
	m := map[string]any{}
	if o == "" {
		return m
	}
	dec := json.NewDecoder(strings.NewReader(string(o)))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil { // an Object comes from Parse
		panic("jsonobj: " + err.Error())
	}
	return m
}

// MergePatch returns the object changed by a JSON merge patch (RFC 7396): objects merge key by key, null removes a key,
// anything else replaces. It fails as [Parse] does when the result is too big.
func (o Object) MergePatch(p Object) (Object, error) {
	return From(mergePatch(o.Map(), p.Map()))
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

func mergePatch(target, p map[string]any) map[string]any {
	for key, value := range p {
		switch v := value.(type) {
		case nil:
			delete(target, key)
		case map[string]any:
			before, ok := target[key].(map[string]any)
			if !ok {
				before = map[string]any{}
			}
			target[key] = mergePatch(before, v)
		default:
			target[key] = value
		}
	}
	return target
}

// MarshalJSON implements json.Marshaler: the text itself, null for none.
func (o Object) MarshalJSON() ([]byte, error) {
	if o == "" {
		return []byte("null"), nil
	}
	return []byte(o), nil
}

// UnmarshalJSON implements json.Unmarshaler, with the checks of Parse.
func (o *Object) UnmarshalJSON(raw []byte) error {
	v, err := Parse(raw)
	if err != nil {
		return err
	}
	*o = v
	return nil
}

// checkEscapes refuses the escapes in valid JSON that stand for no character of a text: \u0000 and half of a surrogate
// pair. jsonb refuses them, so every store does.
func checkEscapes(raw []byte) error {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		if raw[i] != 'u' {
			continue
		}
		r := escaped(raw[i:])
		i += 4
		if r == 0 {
			return bad(`must not contain the character \u0000`)
		}
		if !utf16.IsSurrogate(r) {
			continue
		}
		if i+1 >= len(raw) || raw[i+1] != '\\' || utf16.DecodeRune(r, escaped(raw[i+2:])) == utf8.RuneError {
			return bad("must not contain half of a surrogate pair")
		}
		i += 6
	}
	return nil
}

// escaped reads "u00e9" at the beginning of raw, and returns -1 when something else stands there.
func escaped(raw []byte) rune {
	if len(raw) < 5 || raw[0] != 'u' {
		return -1
	}
	r, err := strconv.ParseUint(string(raw[1:5]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(r)
}

func checkNumber(n json.Number) error {
	_, exponent, _ := strings.Cut(strings.ToLower(n.String()), "e")
	size, err := strconv.Atoi(cmp.Or(exponent, "0"))
	if err != nil || size < -maxExponent || size > maxExponent || len(n) > maxNumber {
		return errs.Newf(errs.Invalid, "invalid-object", "must not contain numbers beyond 1e%d", maxExponent)
	}
	return nil
}

// checkTokens checks the depth and the numbers.
func checkTokens(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	depth := 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bad("must be valid JSON")
		}
		if n, ok := tok.(json.Number); ok {
			if err := checkNumber(n); err != nil {
				return err
			}
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > MaxDepth {
				return errs.Newf(errs.Invalid, "invalid-object", "must not be nested more than %d levels deep", MaxDepth)
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}

func bad(msg string) error { return errs.New(errs.Invalid, "invalid-object", msg) }
