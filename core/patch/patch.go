// Package patch holds the parts of a JSON merge patch (RFC 7396): a field is absent, null, or a new value.
package patch

import "encoding/json"

// Of is one field of a merge patch.
type Of[T any] struct {
	Present bool // the field was sent
	Null    bool // it was sent as null
	Value   T    // the new value, the zero value when absent or null
}

// Set is the field sent with a value.
func Set[T any](v T) Of[T] { return Of[T]{Present: true, Value: v} }

// Clear is the field sent as null.
func Clear[T any]() Of[T] { return Of[T]{Present: true, Null: true} }

// Apply puts the new value, or the zero value for null, into dst. An absent field changes nothing.
func (f Of[T]) Apply(dst *T) {
	if f.Present {
		*dst = f.Value
	}
}

// UnmarshalJSON implements json.Unmarshaler; it is called for null too, and again when a key is repeated: the last one
// counts.
func (f *Of[T]) UnmarshalJSON(b []byte) error {
	*f = Of[T]{Present: true}
	if string(b) == "null" {
		f.Null = true
		return nil
	}
	return json.Unmarshal(b, &f.Value)
}

// Map changes the value of a field and keeps whether it is present or null. fn is called for a value only.
func Map[T, U any](f Of[T], fn func(T) (U, error)) (Of[U], error) {
	g := Of[U]{Present: f.Present, Null: f.Null}
	if !f.Present || f.Null {
		return g, nil
	}
	v, err := fn(f.Value)
	g.Value = v
	return g, err
}
