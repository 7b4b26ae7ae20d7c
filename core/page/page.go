package page

import (
	"encoding/base64"
	"encoding/json"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/errs"
)

// Sizes of a page, in items.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Request asks for one page.
type Request struct {
	Limit  int    // 1 to MaxLimit; 0 means DefaultLimit
	Cursor string // NextCursor of the page before; "" starts
}

// Page is one page of a list.
type Page[T any] struct {
	Items      []T
	NextCursor string // "" on the last page
}

// Position is where a page ends: the sort key of its last item, and the item's id to break ties.
type Position struct {
	Key string // "" when the list is sorted by id alone
	ID  string
}

type cursor struct {
	Key  string `json:"k,omitempty"`
	ID   string `json:"i"`
	List string `json:"l"`
}

// Size returns the number of items asked for, or Invalid "invalid-limit".
func (r Request) Size() (int, error) {
	switch {
	case r.Limit == 0:
		return DefaultLimit, nil
	case r.Limit < 0 || r.Limit > MaxLimit:
		return 0, errs.Newf(errs.Invalid, "invalid-limit", "limit must be between 1 and %d", MaxLimit)
	}
	return r.Limit, nil
}

// After returns the position after which the page starts; started is false on the first page. list is the
// [Fingerprint] of the list being read: a cursor that is broken or of another list is Invalid "invalid-cursor".
func (r Request) After(list string) (after Position, started bool, err error) {
	if r.Cursor == "" {
		return Position{}, false, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(r.Cursor)
	if err != nil {
		return Position{}, false, errCursor
	}
	var c cursor
	if json.Unmarshal(raw, &c) != nil || c.ID == "" || c.List != list {
		return Position{}, false, errCursor
	}
	return Position{Key: c.Key, ID: c.ID}, true, nil
}

// Encode returns the cursor of a position in a list.
func (p Position) Encode(list string) string {
	if p.Key == "" && plain(p.ID) && plain(list) { // as nearly all are
		return base64.RawURLEncoding.EncodeToString([]byte(`{"i":"` + p.ID + `","l":"` + list + `"}`))
	}
	raw, err := json.Marshal(cursor{Key: p.Key, ID: p.ID, List: list})
	if err != nil { // strings always marshal
		panic("page: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// plain reports whether a text is the same in JSON, between its quotes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// Of cuts a page out of up to size+1 items: the extra item only tells that there is a next page.
func Of[T any](items []T, size int, list string, position func(T) Position) Page[T] {
	p := Page[T]{Items: items}
	if len(items) > size {
		p.Items = items[:size:size]
		p.NextCursor = position(p.Items[size-1]).Encode(list)
	}
	if p.Items == nil {
		p.Items = []T{}
	}
	return p
}

// BadCursor is the error of a cursor that decodes but whose position means nothing to the list.
func BadCursor() error { return errCursor }

var errCursor = errs.New(errs.Invalid, "invalid-cursor", "the cursor is broken or belongs to another list")
