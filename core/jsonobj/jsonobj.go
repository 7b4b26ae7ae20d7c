// Package jsonobj is free JSON that the service keeps but does not own: an entity's instructions, an event's data, a
// participant's context. It is always an object, bounded in size and depth, and kept as compact text, so that numbers
// stay as they were written and a copy is a copy.
package jsonobj

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/errs"
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
	return parse(string(bytes.TrimSpace(raw)))
}

func parse(text string) (Object, error) {
	if text == "" || text == "null" {
		return "", nil
	}
	if text[0] != '{' {
		return "", bad("must be a JSON object")
	}
	r := NewReader(text)
	o, err := r.Object()
	if r.at == len(text) && !r.broken {
		return o, err
	}
	if !utf8.ValidString(text) {
		return "", bad("must be valid UTF-8")
	}
	return "", bad("must be valid JSON")
}

// From makes an object of a Go map. It fails as Parse does.
func From(m map[string]any) (Object, error) {
	o, err := Encode(m)
	if err != nil {
		return "", err
	}
	return parse(string(o))
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

func tooLarge() error {
	return bad("must not be larger than " + strconv.Itoa(MaxBytes>>10) + " KiB")
}

func bad(msg string) error { return errs.New(errs.Invalid, "invalid-object", msg) }
