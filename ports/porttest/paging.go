package porttest

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// mixed stores rows of two entities, and of none where there are such, in turns.
func (r records[T, ID, F]) mixed(f *Fixtures, count int) []T {
	f.t.Helper()
	homes := []clinic.EntityID{f.Entity().ID, f.Entity().ID}
	if r.homeless {
		homes = append(homes, 0)
	}
	rows := make([]T, 0, count)
	for n := range count {
		rows = append(rows, r.row(f, n, homes[n%len(homes)]))
	}
	return rows
}

func (r records[T, ID, F]) testFilters(t *testing.T, f *Fixtures) {
	rows := r.mixed(f, 9)
	all := r.everything(t, f)
	scopes := []identity.Scope{
		identity.AllEntities(), identity.OnlyEntity(r.entity(f, rows[0])), identity.OnlyEntity(r.entity(f, rows[1])), {},
	}
	for _, c := range append(r.filters(f, rows), filter[T, F]{name: "none", matches: func(T) bool { return true }}) {
		for i, scope := range scopes {
			var want []T
			for _, v := range all {
				if c.matches(v) && scope.Includes(r.entity(f, v)) {
					want = append(want, v)
				}
			}
			if i == 0 && (len(want) == 0 || len(want) == len(all) && c.name != "none") {
				t.Fatalf("filter %s: matches %d of %d rows, which shows nothing", c.name, len(want), len(all))
			}
			wantSame(t, "filter "+c.name, r.listed(t, f, scope, c.filter), want)
		}
	}
}

func (r records[T, ID, F]) runPaging(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "PagesHaveNoGapAndNoRepeat", r.testWalk)
	try(t, open, "PagesAreStableUnderInsert", r.testInsertWhileWalking)
	try(t, open, "CursorsOfOtherListsAreRefused", r.testForeignCursors)
	try(t, open, "BrokenCursorsAreRefused", r.testBrokenCursors)
	try(t, open, "LimitsAreChecked", r.testLimits)
}

func (r records[T, ID, F]) testWalk(t *testing.T, f *Fixtures) {
	rows := r.mixed(f, 7)
	for _, scope := range []identity.Scope{identity.AllEntities(), identity.OnlyEntity(r.entity(f, rows[0]))} {
		want := r.listed(t, f, scope, *new(F))
		if !slices.IsSortedFunc(want, func(a, b T) int { return strings.Compare(r.order(a), r.order(b)) }) {
			t.Errorf("the list is not in its order")
		}
		list := func(req page.Request) (page.Page[T], error) { return r.of(f).List(t.Context(), scope, *new(F), req) }
		for _, limit := range []int{1, 2, 3, len(want), len(want) + 1} {
			wantWalk(t, list, limit, want)
		}
	}
}

// wantWalk reads a list page by page: each is full, but for the last, which has no cursor even when it is full.
func wantWalk[T any](t *testing.T, list func(page.Request) (page.Page[T], error), limit int, want []T) {
	t.Helper()
	var got []T
	req := page.Request{Limit: limit}
	for range len(want) + 1 {
		p := ok[page.Page[T]](t, "a page")(list(req))
		got = append(got, p.Items...)
		if p.NextCursor == "" {
			wantSame(t, "the pages together", got, want)
			return
		}
		if len(p.Items) != limit || len(got) >= len(want) {
			t.Fatalf("limit %d: a page of %d items after %d of %d says there is a next one", limit, len(p.Items), len(got), len(want))
		}
		req.Cursor = p.NextCursor
	}
	t.Fatalf("limit %d: the pages do not end", limit)
}

func (r records[T, ID, F]) testInsertWhileWalking(t *testing.T, f *Fixtures) {
	r.mixed(f, 6)
	before := r.everything(t, f)
	first := ok[page.Page[T]](t, "the first page")(r.of(f).List(t.Context(), identity.AllEntities(), *new(F), page.Request{Limit: 3}))
	r.mixed(f, 6)
	got, cursor := first.Items, first.NextCursor
	for cursor != "" {
		p := ok[page.Page[T]](t, "a page")(r.of(f).List(t.Context(), identity.AllEntities(), *new(F), page.Request{Limit: 3, Cursor: cursor}))
		got, cursor = append(got, p.Items...), p.NextCursor
	}
	seen := map[ID]int{}
	for _, v := range got {
		seen[*r.id(&v)]++
	}
	for _, v := range before {
		if n := seen[*r.id(&v)]; n != 1 {
			t.Errorf("row %v was listed %d times, want once", *r.id(&v), n)
		}
	}
	if !slices.IsSortedFunc(got, func(a, b T) int { return strings.Compare(r.order(a), r.order(b)) }) {
		t.Errorf("the pages together are not in the list's order")
	}
}

func (r records[T, ID, F]) testForeignCursors(t *testing.T, f *Fixtures) {
	rows := r.mixed(f, 6)
	cursor := r.cursor(t, f)
	refused := func(what string, scope identity.Scope, by F) {
		_, err := r.of(f).List(t.Context(), scope, by, page.Request{Limit: 1, Cursor: cursor})
		wantError(t, what, err, errs.Invalid, "invalid-cursor")
	}
	refused("the scope of one entity", identity.OnlyEntity(r.entity(f, rows[0])), *new(F))
	refused("the empty scope", identity.Scope{}, *new(F))
	for _, c := range r.filters(f, rows) {
		refused("filter "+c.name, identity.AllEntities(), c.filter)
	}
	for what, list := range map[string]func(page.Request) error{
		"participant": func(req page.Request) error {
			_, err := f.Participants.List(t.Context(), identity.AllEntities(), conference.ParticipantFilter{}, req)
			return err
		},
		"user": func(req page.Request) error {
			_, err := f.Users.List(t.Context(), identity.AllEntities(), identity.UserFilter{}, req)
			return err
		},
	} {
		if what != r.what {
			wantError(t, "the list of every "+what, list(page.Request{Limit: 1, Cursor: cursor}), errs.Invalid, "invalid-cursor")
		}
	}
}

// cursor is one of the list of everything.
func (r records[T, ID, F]) cursor(t *testing.T, f *Fixtures) string {
	t.Helper()
	p := ok[page.Page[T]](t, "a page")(r.of(f).List(t.Context(), identity.AllEntities(), *new(F), page.Request{Limit: 1}))
	if p.NextCursor == "" {
		t.Fatal("the first page of several has no next cursor")
	}
	return p.NextCursor
}

func (r records[T, ID, F]) testBrokenCursors(t *testing.T, f *Fixtures) {
	r.mixed(f, 3)
	cursor := r.cursor(t, f)
	for _, broken := range []string{
		"x", "not a cursor", "e30", cursor[:len(cursor)-2], cursor + "AA",
		forged(t, cursor, "i", "no-id"), forged(t, cursor, "i", ""), forged(t, cursor, "i", "99999999999999999999"),
		forged(t, cursor, "i", "'; DROP TABLE users; --"), forged(t, cursor, "l", "another"),
		forged(t, cursor, "k", "no-key"),
	} {
		_, err := r.of(f).List(t.Context(), identity.AllEntities(), *new(F), page.Request{Limit: 1, Cursor: broken})
		wantError(t, "cursor "+broken, err, errs.Invalid, "invalid-cursor")
	}
}

// forged is a cursor with one part replaced, as somebody who reads base64 can make it.
func forged(t *testing.T, cursor, part, value string) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	okay(t, "decode a cursor", err)
	parts := map[string]string{}
	okay(t, "decode a cursor", json.Unmarshal(raw, &parts))
	parts[part] = value
	raw, err = json.Marshal(parts)
	okay(t, "encode a cursor", err)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (r records[T, ID, F]) testLimits(t *testing.T, f *Fixtures) {
	r.row(f, 0, f.Entity().ID)
	list := func(limit int) (page.Page[T], error) {
		return r.of(f).List(t.Context(), identity.AllEntities(), *new(F), page.Request{Limit: limit})
	}
	for _, limit := range []int{-1, page.MaxLimit + 1} {
		_, err := list(limit)
		wantError(t, "a bad limit", err, errs.Invalid, "invalid-limit")
	}
	for _, limit := range []int{0, 1, page.MaxLimit} {
		if _, err := list(limit); err != nil {
			t.Errorf("limit %d: got error %v", limit, err)
		}
	}
}
