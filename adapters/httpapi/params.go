package httpapi

import (
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/phone"
)

// ByID is the id in a path. huma ignores the fields of an unexported embedded struct, so this is exported.
type ByID struct {
	ID int64 `path:"id" minimum:"1" maximum:"2147483647" example:"7"`
}

// PageQuery is what every list takes.
type PageQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items at most."`
	Cursor string `query:"cursor" maxLength:"2048" doc:"next_cursor of the page before; left out for the first page."`
}

func (q PageQuery) request() page.Request { return page.Request{Limit: q.Limit, Cursor: q.Cursor} }

// ActiveQuery filters by the soft delete.
type ActiveQuery struct {
	Active Maybe[bool] `query:"active" doc:"true: only active ones; false: only deactivated ones; left out: both."`
}

// InstructionsQuery asks for the instructions of the records of a list.
type InstructionsQuery struct {
	Include string `query:"include" enum:"instructions" doc:"instructions: tell them too. They can have 64 KiB each, so a list leaves them out otherwise."`
}

// instructions reports whether they are asked for.
func (q InstructionsQuery) instructions() bool { return q.Include == "instructions" }

// told is what a list tells of an object: nothing at all unless it was asked for.
func told(o Object, asked bool) Object {
	if !asked {
		return Object{absent: true}
	}
	return o
}

// Maybe is a query parameter that can be told from its zero value.
type Maybe[T any] struct {
	Value T
	set   bool
}

// Schema implements huma.SchemaProvider.
func (Maybe[T]) Schema(r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeFor[T](), true, "") }

// Receiver implements huma.ParamWrapper.
func (m *Maybe[T]) Receiver() reflect.Value { return reflect.ValueOf(m).Elem().Field(0) }

// OnParamSet implements huma.ParamReactor.
func (m *Maybe[T]) OnParamSet(set bool, _ any) { m.set = set }

// pointer returns nil when the parameter was left out.
func (m Maybe[T]) pointer() *T {
	if !m.set {
		return nil
	}
	return &m.Value
}

// List is a page.
type List[T any] struct {
	Items      []T    `json:"items" nullable:"false"`
	NextCursor string `json:"next_cursor,omitempty" doc:"Where the next page starts; absent on the last page."`
}

// appendJSON implements appender.
func (l List[T]) appendJSON(b []byte) []byte {
	b = append(b, `{"items":[`...)
	for i := range l.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, &l.Items[i])
	}
	b = append(b, ']')
	if l.NextCursor != "" {
		b = appendText(b, `,"next_cursor":`, l.NextCursor)
	}
	return append(b, '}')
}

// listed makes the answer of a list operation.
func listed[T, D any](p page.Page[T], err error, dto func(T) D) (*answer[List[D]], error) {
	if err != nil {
		return nil, err
	}
	return &answer[List[D]]{listOf(p, dto)}, nil
}

func listOf[T, D any](p page.Page[T], dto func(T) D) List[D] {
	items := make([]D, 0, len(p.Items))
	for _, item := range p.Items {
		items = append(items, dto(item))
	}
	return List[D]{Items: items, NextCursor: p.NextCursor}
}

// phoneFilter normalises a telephone number to look for, as the store has it. "" stays.
func phoneFilter(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	normal, err := phone.Normalize(s)
	if err != nil {
		return "", errs.InvalidField("query.phone_number", "must be a telephone number, such as +5511955550011")
	}
	return normal, nil
}

// nullID is the id of a record, nil for none.
func nullID[T ~int64](id T) *int64 {
	if id == 0 {
		return nil
	}
	v := int64(id)
	return &v
}

// idOf is the id that a body names, 0 for none.
func idOf[T ~int64](id *int64) T {
	if id == nil {
		return 0
	}
	return T(*id)
}

// nullText is a text, nil for none.
func nullText[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	v := string(s)
	return &v
}

// textOf is the text that a body holds, "" for none.
func textOf[T ~string](s *string) T {
	if s == nil {
		return ""
	}
	return T(*s)
}

// nullTime is a moment, nil for none.
func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
