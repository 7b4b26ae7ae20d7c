package id_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

type thing struct{}

type thingID = id.Of[thing]

func TestNewUUIDSortsByMillisecond(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	last := ""
	for _, after := range []time.Duration{
		0, time.Millisecond, 2 * time.Millisecond, time.Second, time.Hour, 365 * 24 * time.Hour, 100 * 365 * 24 * time.Hour,
	} {
		got := id.NewUUID(begin.Add(after)).String()
		if got <= last {
			t.Errorf("the id made after %v is %s, not later than %s", after, got, last)
		}
		last = got
	}
}

func TestNewUUIDIsVersion7(t *testing.T) {
	t.Parallel()
	moment := time.UnixMilli(0x017F22E279B0) // the example of RFC 9562, appendix A.6
	seen := map[id.UUID]bool{}
	for range 200 {
		u := id.NewUUID(moment)
		text := u.String()
		if !strings.HasPrefix(text, "017f22e2-79b0-7") {
			t.Fatalf("got %s, want it to begin with 017f22e2-79b0-7", text)
		}
		if !strings.ContainsRune("89ab", rune(text[19])) {
			t.Fatalf("got %s, want the variant of RFC 9562", text)
		}
		if seen[u] {
			t.Fatalf("%s was made twice", u)
		}
		seen[u] = true
	}
}

func TestNewIsNeverNone(t *testing.T) {
	t.Parallel()
	a, b := id.New[thing](), id.New[thing]()
	if a.IsZero() || b.IsZero() || a == b {
		t.Errorf("got %s and %s, want two ids", a, b)
	}
}

func TestTextRoundTrip(t *testing.T) {
	t.Parallel()
	const canonical = "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b"
	for _, text := range []string{canonical, strings.ToUpper(canonical)} {
		got, err := id.Parse[thing](text)
		if err != nil || got.String() != canonical {
			t.Errorf("Parse(%q) = %s, %v, want %s", text, got, err, canonical)
		}
	}
}

func TestNoneIsTheEmptyText(t *testing.T) {
	t.Parallel()
	var none thingID
	if !none.IsZero() || none.String() != "" {
		t.Errorf("the zero value is %q, want it to be none", none)
	}
	back := id.New[thing]()
	if err := back.UnmarshalText(nil); err != nil || back != none {
		t.Errorf("the empty text is %s, %v, want none", back, err)
	}
}

func TestBadFormsAreInvalidAndChangeNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"x", "019a2b3c4d5e7f608a9b0c1d2e3f4a5b", "{019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b}",
		"urn:uuid:019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b", "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5", "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b0",
		"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5g", "019a2b3c04d5e-7f60-8a9b-0c1d2e3f4a5b", "019a2b3c-4d5e-7f60-8a9b 0c1d2e3f4a5b",
		" 19a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b", "-19a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b", "0é9a2b3-4d5e-7f60-8a9b-0c1d2e3f4a5b",
		strings.Repeat("-", 36), strings.Repeat("\x00", 36),
	} {
		kept := id.New[thing]()
		before := kept
		err := kept.UnmarshalText([]byte(text))
		if errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "invalid-id" {
			t.Errorf("%q: error %v, want invalid-id", text, err)
		}
		if kept != before {
			t.Errorf("%q changed the id to %s", text, kept)
		}
		if got, err := id.Parse[thing](text); err == nil || !got.IsZero() {
			t.Errorf("Parse(%q) = %s, %v, want none and an error", text, got, err)
		}
	}
}

func TestJSONIsTheText(t *testing.T) {
	t.Parallel()
	type record struct {
		ID    thingID
		Other thingID
	}
	in := record{ID: id.Derive[thing]("a")}
	raw, err := json.Marshal(in)
	if want := `{"ID":"` + in.ID.String() + `","Other":""}`; err != nil || string(raw) != want {
		t.Fatalf("Marshal = %s, %v, want %s", raw, err, want)
	}
	var out record
	if err := json.Unmarshal(raw, &out); err != nil || out != in {
		t.Errorf("Unmarshal = %v, %v, want %v", out, err, in)
	}
	if err := json.Unmarshal([]byte(`{"ID":"7"}`), &out); errs.CodeOf(err) != "invalid-id" {
		t.Errorf("Unmarshal of a bad id: %v, want invalid-id", err)
	}
}

func TestDeriveIsStableAndDistinct(t *testing.T) {
	t.Parallel()
	seen := map[thingID][]string{}
	for _, parts := range [][]string{
		nil,
		{""},
		{"", ""},
		{"a"},
		{"b"},
		{"ab"},
		{"a", "b"},
		{"b", "a"},
		{"a", ""},
		{"", "a"},
		{"a", "b", ""},
		{"a\x00b"},
		{"a\x00", "b"},
		{"ação"},
		{"ac\u0327a\u0303o"},
	} {
		got := id.Derive[thing](parts...)
		if again := id.Derive[thing](parts...); again != got {
			t.Errorf("%q gives %s, then %s", parts, got, again)
		}
		if other, taken := seen[got]; taken {
			t.Errorf("%q and %q both give %s", parts, other, got)
		}
		seen[got] = parts
		if text := got.String(); text[14] != '8' || !strings.ContainsRune("89ab", rune(text[19])) {
			t.Errorf("%q gives %s, want version 8 and the variant of RFC 9562", parts, text)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b", "00000000-0000-0000-0000-000000000000", "019A2B3C-4D5E-7F60-8A9B-0C1D2E3F4A5B", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := id.Parse[thing](text)
		if err != nil {
			if errs.CodeOf(err) != "invalid-id" || !got.IsZero() {
				t.Fatalf("Parse(%q) = %s, %v, want none and invalid-id", text, got, err)
			}
			return
		}
		if !got.IsZero() && got.String() != strings.ToLower(text) {
			t.Fatalf("Parse(%q) = %s", text, got)
		}
		if again, err := id.Parse[thing](got.String()); err != nil || again != got {
			t.Fatalf("%s is read as %s, %v", got, again, err)
		}
	})
}
