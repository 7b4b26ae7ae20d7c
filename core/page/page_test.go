package page_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

func TestSizeHasADefaultAndBounds(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{0: page.DefaultLimit, 1: 1, 50: 50, 199: 199, page.MaxLimit: page.MaxLimit} {
		if got, err := (page.Request{Limit: limit}).Size(); err != nil || got != want {
			t.Errorf("limit %d: size %d, %v, want %d", limit, got, err, want)
		}
	}
	for _, limit := range []int{-1, page.MaxLimit + 1, 1 << 40, -1 << 40} {
		if _, err := (page.Request{Limit: limit}).Size(); errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "invalid-limit" {
			t.Errorf("limit %d: error %v, want invalid-limit", limit, err)
		}
	}
}

func TestCursorRoundTrip(t *testing.T) {
	t.Parallel()
	list := page.Fingerprint("rooms")
	for _, want := range []page.Position{
		{ID: "7"},
		{ID: `a "b" \`},
		{Key: "2026-03-02T08:00:00.000001Z", ID: "7"},
		{Key: "João \"Zé\" <b>&\n", ID: "019a"},
		{Key: "Joa\u0303o", ID: "1"},
		{Key: "\u2028😀", ID: "日本"},
	} {
		cursor := want.Encode(list)
		if strings.ContainsFunc(cursor, func(r rune) bool {
			return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", r)
		}) {
			t.Errorf("cursor %q does not go into a URL as it is", cursor)
		}
		got, started, err := page.Request{Cursor: cursor}.After(list)
		if err != nil || !started || got != want {
			t.Errorf("After = %q, %v, %v, want %q", got, started, err, want)
		}
	}
}

func TestNoCursorStartsTheList(t *testing.T) {
	t.Parallel()
	if got, started, err := (page.Request{}).After("any"); got != (page.Position{}) || started || err != nil {
		t.Errorf("After = %v, %v, %v, want the beginning", got, started, err)
	}
}

func TestBadCursorsAreInvalid(t *testing.T) {
	t.Parallel()
	list := page.Fingerprint("rooms", identity.OnlyEntity(3))
	good := page.Position{Key: "k", ID: "7"}.Encode(list)
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for name, cursor := range map[string]string{
		"of another list":  page.Position{Key: "k", ID: "7"}.Encode(page.Fingerprint("users", identity.OnlyEntity(3))),
		"of another scope": page.Position{Key: "k", ID: "7"}.Encode(page.Fingerprint("rooms", identity.OnlyEntity(4))),
		"cut off":          good[:len(good)-5],
		"padded":           good + "=",
		"with more":        good + encode("{}"),
		"not base64":       "*",
		"no JSON":          encode("7"),
		"no object":        encode(`["7"]`),
		"without an id":    encode(`{"k":"k","l":"` + list + `"}`),
		"without a list":   encode(`{"k":"k","i":"7"}`),
		"id of a number":   encode(`{"i":7,"l":"` + list + `"}`),
		"null":             encode("null"),
	} {
		if got, started, err := (page.Request{Cursor: cursor}).After(list); errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "invalid-cursor" ||
			started || got != (page.Position{}) {
			t.Errorf("a cursor %s: After = %v, %v, %v, want invalid-cursor", name, got, started, err)
		}
	}
	if errs.CodeOf(page.BadCursor()) != "invalid-cursor" {
		t.Errorf("BadCursor() = %v, want invalid-cursor", page.BadCursor())
	}
}

func TestFingerprintsDifferByNameScopeAndFilter(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	seen := map[string]string{}
	for name, got := range map[string]string{
		"rooms, bare":         page.Fingerprint("rooms"),
		"entities of all":     page.Fingerprint("entities", identity.AllEntities(), clinic.EntityFilter{}),
		"users of all":        page.Fingerprint("users", identity.AllEntities(), clinic.EntityFilter{}),
		"entities of nothing": page.Fingerprint("entities", identity.Scope{}, clinic.EntityFilter{}),
		"entities of 1":       page.Fingerprint("entities", identity.OnlyEntity(1), clinic.EntityFilter{}),
		"entities of 2":       page.Fingerprint("entities", identity.OnlyEntity(2), clinic.EntityFilter{}),
		"active ones of 1":    page.Fingerprint("entities", identity.OnlyEntity(1), clinic.EntityFilter{Active: &yes}),
		"inactive ones of 1":  page.Fingerprint("entities", identity.OnlyEntity(1), clinic.EntityFilter{Active: &no}),
		"two parts":           page.Fingerprint("entities", "a", "b"),
		"one part":            page.Fingerprint("entities", "ab"),
		"parts in a list":     page.Fingerprint("entities", []string{"a", "b"}),
		"an empty list":       page.Fingerprint("entities", []string{}),
		"an empty text":       page.Fingerprint("entities", ""),
		"zero":                page.Fingerprint("entities", 0),
		"a small zero":        page.Fingerprint("entities", uint8(0)),
		"minus one":           page.Fingerprint("entities", -1),
		"no time":             page.Fingerprint("entities", time.Time{}),
		"a time":              page.Fingerprint("entities", noon),
		"a nanosecond later":  page.Fingerprint("entities", noon.Add(1)),
		"an id":               page.Fingerprint("entities", id.Of[int]{UUID: id.UUID{1}}),
		"another id":          page.Fingerprint("entities", id.Of[int]{UUID: id.UUID{15: 1}}),
		"with instructions":   page.Fingerprint("entities", identity.OnlyEntity(1), clinic.EntityFilter{Instructions: true}),
	} {
		if other, taken := seen[got]; taken {
			t.Errorf("%q and %q have the same fingerprint", name, other)
		}
		seen[got] = name
	}
	again := true
	if page.Fingerprint("entities", identity.OnlyEntity(1), clinic.EntityFilter{Active: &again}) !=
		page.Fingerprint("entities", identity.OnlyEntity(1), clinic.EntityFilter{Active: &yes}) {
		t.Error("the same question has two fingerprints")
	}
	if page.Fingerprint("entities", noon) != page.Fingerprint("entities", noon.In(time.FixedZone("UTC-3", -3*60*60))) {
		t.Error("the same moment has two fingerprints")
	}
}

func TestFingerprintOfAnUnknownPartPanics(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]any{
		"a function": func() {}, "nothing": nil, "a map": map[string]int{"a": 1}, "one in a filter": struct{ Of chan int }{},
		"one in a list": []any{1}, "a fraction": 1.5, "a hidden time": struct{ at time.Time }{},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("a fingerprint that ignores a part would mix lists up, and did not panic")
				}
			}()
			page.Fingerprint("rooms", part)
		})
	}
}

func numbers(from, n int) []int {
	out := make([]int, 0, n)
	for i := range n {
		out = append(out, from+i)
	}
	return out
}

func TestPageIsCutAtItsSize(t *testing.T) {
	t.Parallel()
	at := func(n int) page.Position { return page.Position{ID: strconv.Itoa(n)} }
	for _, c := range []struct{ have, size, items int }{
		{0, 3, 0}, {1, 3, 1}, {2, 3, 2}, {3, 3, 3}, {4, 3, 3}, {2, 1, 1}, {1, 1, 1},
	} {
		t.Run(fmt.Sprintf("%d of %d", c.have, c.size), func(t *testing.T) {
			t.Parallel()
			got := page.Of(numbers(1, c.have), c.size, "list", at)
			if !slices.Equal(got.Items, numbers(1, c.items)) {
				t.Errorf("items %v, want %v", got.Items, numbers(1, c.items))
			}
			want := ""
			if c.have > c.size {
				want = at(c.size).Encode("list")
			}
			if got.NextCursor != want {
				t.Errorf("next cursor %q, want %q", got.NextCursor, want)
			}
		})
	}
}

func TestEmptyPageIsAList(t *testing.T) {
	t.Parallel()
	got := page.Of[int](nil, 5, "list", func(int) page.Position { return page.Position{ID: "1"} })
	if got.Items == nil || len(got.Items) != 0 || got.NextCursor != "" {
		t.Errorf("got %#v, want an empty list and no cursor", got)
	}
}

func TestAppendingToAPageLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	all := numbers(1, 4)
	got := page.Of(all, 3, "list", func(n int) page.Position { return page.Position{ID: strconv.Itoa(n)} })
	_ = append(got.Items, 99)
	if all[3] != 4 {
		t.Errorf("the item after the page became %d", all[3])
	}
}

func BenchmarkFingerprint(b *testing.B) {
	active := true
	b.ReportAllocs()
	for b.Loop() {
		page.Fingerprint("departments", identity.OnlyEntity(7), clinic.DepartmentFilter{EntityID: 7, Active: &active})
	}
}

func BenchmarkEncode(b *testing.B) {
	list := page.Fingerprint("departments")
	b.ReportAllocs()
	for b.Loop() {
		page.Position{ID: "12345"}.Encode(list)
	}
}
