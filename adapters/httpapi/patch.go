package httpapi

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/patch"
)

// Patch is a field of a merge patch that may be left out, and is never null.
type Patch[T any] struct{ field[T] }

// NullablePatch is a field of a merge patch that may be left out, and that null clears.
type NullablePatch[T any] struct{ field[T] }

// field reads a field of a merge patch. It never fails to: Resolve tells what is wrong, because it knows where it is.
type field[T any] struct {
	patch.Of[T]
	err error
}

func (f *field[T]) read(raw []byte) {
	f.Of = patch.Of[T]{Present: true}
	if bytes.Equal(raw, []byte("null")) {
		f.Null = true
		return
	}
	if json.Unmarshal(raw, &f.Value) != nil {
		f.err = errs.New(errs.Invalid, "invalid-input", "is of the wrong type or out of range")
	}
	if v, ok := any(&f.Value).(interface{ flaw() error }); ok {
		f.err = v.flaw()
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Patch[T]) UnmarshalJSON(raw []byte) error { p.read(raw); return nil }

// UnmarshalJSON implements json.Unmarshaler.
func (p *NullablePatch[T]) UnmarshalJSON(raw []byte) error { p.read(raw); return nil }

// Resolve implements huma.ResolverWithPath.
func (p *Patch[T]) Resolve(_ huma.Context, prefix *huma.PathBuffer) []error {
	if p.Null {
		return complain(prefix, errs.New(errs.Invalid, "invalid-input", "must not be null"))
	}
	return complain(prefix, p.err)
}

// Resolve implements huma.ResolverWithPath.
func (p *NullablePatch[T]) Resolve(_ huma.Context, prefix *huma.PathBuffer) []error {
	return complain(prefix, p.err)
}

// Schema implements huma.SchemaProvider.
func (Patch[T]) Schema(r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeFor[T](), true, "") }

// Schema implements huma.SchemaProvider.
func (NullablePatch[T]) Schema(r huma.Registry) *huma.Schema {
	s := r.Schema(reflect.TypeFor[T](), true, "")
	s.Nullable = true
	return s
}

// converted turns a field of a patch into core's type.
func converted[T, U any](f patch.Of[T], to func(T) U) patch.Of[U] {
	g := patch.Of[U]{Present: f.Present, Null: f.Null}
	if f.Present && !f.Null {
		g.Value = to(f.Value)
	}
	return g
}

// identified turns a field with an id into one with core's type of id.
func identified[ID ~int64](f patch.Of[int64]) patch.Of[ID] {
	return converted(f, func(v int64) ID { return ID(v) })
}
