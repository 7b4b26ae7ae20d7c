package httpapi

import (
	"errors"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
)

// Object is free JSON that the service keeps as it is: always an object, or null.
type Object struct {
	object jsonobj.Object
	err    error // of reading it, told by Resolve, which knows where it is
	absent bool  // it is not told at all, not even as null, where that may be
}

func objectOf(o jsonobj.Object) Object { return Object{object: o} }

// IsZero makes omitzero leave out what is not told.
func (o Object) IsZero() bool { return o.absent }

func (o Object) core() jsonobj.Object { return o.object }

// flaw is what is wrong with an object that was read, nil when nothing is.
func (o Object) flaw() error { return o.err }

// MarshalJSON implements json.Marshaler.
func (o Object) MarshalJSON() ([]byte, error) { return o.object.MarshalJSON() }

// UnmarshalJSON implements json.Unmarshaler. It never fails: Resolve does.
func (o *Object) UnmarshalJSON(raw []byte) error {
	o.object, o.err = jsonobj.Parse(raw)
	return nil
}

// Resolve implements huma.ResolverWithPath: what is too big or too deep is refused with its location.
func (o *Object) Resolve(_ huma.Context, prefix *huma.PathBuffer) []error {
	return complain(prefix, o.err)
}

// Schema implements huma.SchemaProvider.
func (Object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// complain is the error of a resolver about the value at the path.
func complain(at *huma.PathBuffer, err error) []error {
	if err == nil {
		return nil
	}
	message := "does not have the documented form"
	if e, ok := errors.AsType[*errs.Error](err); ok {
		message = e.Msg
	}
	return []error{&huma.ErrorDetail{Location: at.String(), Message: message}}
}
