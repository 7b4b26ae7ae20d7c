package valid_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	_ "time/tzdata" // the zones must not depend on the machine

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/valid"
)

// wrong is what a check noted, as "path: message".
func wrong(tb testing.TB, c *errs.Check) []string {
	tb.Helper()
	err := c.Err()
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		tb.Fatalf("error %v, want an *errs.Error", err)
	}
	var out []string
	for _, f := range e.Fields {
		out = append(out, f.Path+": "+f.Msg)
	}
	return out
}

func TestText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in, out string
		wrong   []string
	}{
		"plain":                  {"Ana", "Ana", nil},
		"trimmed":                {" \t\u00a0Ana Maria\n ", "Ana Maria", nil},
		"accents":                {"João", "João", nil},
		"NFD counts marks":       {"Joa\u0303o12345", "Joa\u0303o12345", nil},
		"ten characters":         {"ção😀日本語éíó", "ção😀日本語éíó", nil},
		"eleven characters":      {"ção😀日本語éíóú", "ção😀日本語éíóú", []string{"name: must be at most 10 characters"}},
		"spaces do not count":    {"   1234567890   ", "1234567890", nil},
		"empty":                  {"", "", []string{"name: must not be empty"}},
		"only spaces":            {" \n ", "", []string{"name: must not be empty"}},
		"a line break inside":    {"Ana\nMaria", "Ana\nMaria", []string{"name: must not contain control characters"}},
		"a zero":                 {"Ana\x00", "Ana\x00", []string{"name: must not contain control characters"}},
		"a delete":               {"Ana\x7fM", "Ana\x7fM", []string{"name: must not contain control characters"}},
		"ten plain characters":   {"Ana ~Maria", "Ana ~Maria", nil},
		"eleven plain":           {"Ana Maria S", "Ana Maria S", []string{"name: must be at most 10 characters"}},
		"an escape":              {"\x1b[31mAna", "\x1b[31mAna", []string{"name: must not contain control characters"}},
		"a control of Latin-1":   {"Ana\u009bM", "Ana\u009bM", []string{"name: must not contain control characters"}},
		"invalid UTF-8":          {"Ana\xff", "Ana\xff", []string{"name: must be valid UTF-8"}},
		"half a character":       {"Jo\xc3", "Jo\xc3", []string{"name: must be valid UTF-8"}},
		"replacement characters": {"Ana\ufffd", "Ana\ufffd", nil},
	} {
		var c2 errs.Check
		if got := valid.Text(&c2, "name", c.in, 10); got != c.out {
			t.Errorf("%s: got %q, want %q", name, got, c.out)
		}
		if got := wrong(t, &c2); !slices.Equal(got, c.wrong) {
			t.Errorf("%s: wrong %q, want %q", name, got, c.wrong)
		}
	}
}

func TestOptionalTextMayBeEmpty(t *testing.T) {
	t.Parallel()
	var c errs.Check
	if got := valid.OptionalText(&c, "type", "  ", 10); got != "" || c.Err() != nil {
		t.Errorf("got %q, %v, want nothing and no error", got, c.Err())
	}
	valid.OptionalText(&c, "type", "12345678901", 10)
	valid.OptionalText(&c, "other", "a\rb", 10)
	if got, want := wrong(t, &c), []string{"type: must be at most 10 characters", "other: must not contain control characters"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestProseMayHaveLines(t *testing.T) {
	t.Parallel()
	var c errs.Check
	if got, want := valid.Prose(&c, "notes", "\n um\r\n\tdois \n", 20), "um\r\n\tdois"; got != want || c.Err() != nil {
		t.Errorf("got %q, %v, want %q", got, c.Err(), want)
	}
	if got := valid.Prose(&c, "notes", "", 20); got != "" || c.Err() != nil {
		t.Errorf("got %q, %v, want nothing and no error", got, c.Err())
	}
	valid.Prose(&c, "notes", "a\x00b", 20)
	valid.Prose(&c, "notes", strings.Repeat("é", 21), 20)
	if got, want := wrong(t, &c), []string{"notes: must not contain control characters", "notes: must be at most 20 characters"}; !slices.Equal(got, want) {
		t.Errorf("wrong %q, want %q", got, want)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in, out []string
		wrong   []string
	}{
		"none":               {nil, nil, nil},
		"an empty list":      {[]string{}, nil, nil},
		"repeated ones":      {[]string{"pele", " pele ", "Pele", "pele"}, []string{"pele", "Pele"}, nil},
		"an empty one":       {[]string{"pele", " "}, []string{"pele"}, []string{"words: must not be empty"}},
		"too many":           {[]string{"a", "b", "c", "d", "e"}, []string{"a", "b", "c", "d", "e"}, []string{"words: has too many items"}},
		"one that is longer": {[]string{"abcdefgh"}, []string{"abcdefgh"}, []string{"words: must be at most 7 characters"}},
	} {
		before := slices.Clone(c.in)
		var check errs.Check
		got := valid.Texts(&check, "words", c.in, 4, 7)
		if !slices.Equal(got, c.out) || (got == nil) != (c.out == nil) {
			t.Errorf("%s: got %#v, want %#v", name, got, c.out)
		}
		if got := wrong(t, &check); !slices.Equal(got, c.wrong) {
			t.Errorf("%s: wrong %q, want %q", name, got, c.wrong)
		}
		if !slices.Equal(c.in, before) {
			t.Errorf("%s: the input became %q", name, c.in)
		}
	}
}

func TestEmailAccepts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ana@example.com":                        "ana@example.com",
		" Ana.Maria+Clinica@Example.COM ":        "ana.maria+clinica@example.com",
		"joão@clínica.com.br":                    "joão@clínica.com.br",
		"JOÃO@example.com":                       "joão@example.com",
		"o'neil_{x}@example.com":                 "o'neil_{x}@example.com",
		"root@localhost":                         "root@localhost",
		strings.Repeat("a", 64) + "@example.com": strings.Repeat("a", 64) + "@example.com",
	} {
		var c errs.Check
		got := valid.Email(&c, "email", text)
		if err := c.Err(); err != nil || got != want {
			t.Errorf("Email(%q) = %q, %v, want %q", text, got, err, want)
		}
		if again := valid.Email(&c, "email", got); again != got {
			t.Errorf("Email(%q) = %q, want it unchanged", got, again)
		}
	}
}

func TestEmailRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "ana", "@", "ana@", "@example.com", `""@example.com`, `"ana"@example.com`, `"ana maria"@example.com`, "ana maria@example.com",
		"Ana <ana@example.com>", "<ana@example.com>", "ana@example.com (Ana)", "ana@example.com(x)", "ana@example.com()", "ana(x)@example.com", "ana@example.com, rui@example.com",
		"ana@@example.com", "ana@a@example.com", ".ana@example.com", "ana.@example.com", "a..b@example.com", "ana@example..com", "ana@.com",
		"ana@example.com.", "ana@exa mple.com", "ana@example.com\nBcc: rui@example.com", "ana\x00@example.com", "ana\xff@example.com",
		"mailto:ana@example.com", strings.Repeat("a", 250) + "@example.com",
	} {
		var c errs.Check
		valid.Email(&c, "email", text)
		err := c.Err()
		if errs.CodeOf(err) != "invalid-input" {
			t.Errorf("Email(%q): error %v, want invalid-input", text, err)
		}
	}
}

func TestPhoneNotesItsPath(t *testing.T) {
	t.Parallel()
	var c errs.Check
	if got := valid.Phone(&c, "phone_number", "(11) 95555-0011"); got != "+5511955550011" || c.Err() != nil {
		t.Errorf("got %q, %v, want +5511955550011", got, c.Err())
	}
	if got := valid.Phone(&c, "patient.phone", "192"); got != "" {
		t.Errorf("got %q for no telephone number, want nothing", got)
	}
	if got := wrong(t, &c); len(got) != 1 || !strings.HasPrefix(got[0], "patient.phone: not a telephone number") {
		t.Errorf("wrong %q, want one about patient.phone", got)
	}
}

func TestTimeZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/Sao_Paulo", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+3"} {
		var c errs.Check
		if got := valid.TimeZone(&c, "timezone", name); got != name || c.Err() != nil {
			t.Errorf("TimeZone(%q) = %q, %v", name, got, c.Err())
		}
	}
	for _, name := range []string{
		"", "Local", "local time", "America/São_Paulo", "America/Brasilia", " America/Sao_Paulo", "-03:00", "../zoneinfo/UTC", "/etc/passwd",
	} {
		var c errs.Check
		valid.TimeZone(&c, "timezone", name)
		if got := wrong(t, &c); len(got) != 1 || !strings.HasPrefix(got[0], "timezone: must be an IANA time zone") {
			t.Errorf("TimeZone(%q): wrong %q, want one about timezone", name, got)
		}
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for _, slug := range []string{"a", "7", "dr-joao-silva", "a-1-b", "0123456789"} {
		var c errs.Check
		if got := valid.Slug(&c, "slug", slug, 13); got != slug || c.Err() != nil {
			t.Errorf("Slug(%q) = %q, %v", slug, got, c.Err())
		}
	}
	for _, slug := range []string{
		"", "-", "-a", "a-", "a--b", "A", "joão", "a b", "a_b", "a/b", "a.b", "a%20b", "a\x00", "\xff", "é", "１", "abcdefghijklmn",
	} {
		var c errs.Check
		valid.Slug(&c, "slug", slug, 13)
		if got := wrong(t, &c); len(got) != 1 {
			t.Errorf("Slug(%q): wrong %q, want one", slug, got)
		}
	}
}
