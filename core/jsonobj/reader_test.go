package jsonobj_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/jsonobj"
)

// readAny reads a value as encoding/json does, but numbers and words, of which it keeps none.
func readAny(r *jsonobj.Reader, depth int) any {
	switch {
	case depth > 20:
		r.Skip()
	case r.Next() == '{':
		members := map[string]any{}
		for name := range r.Members {
			members[name] = readAny(r, depth+1)
		}
		return members
	case r.Next() == '[':
		items := []any{}
		for range r.Items {
			items = append(items, readAny(r, depth+1))
		}
		return items
	case r.Next() == '"':
		return r.Text()
	default:
		r.Skip()
	}
	return nil
}

// without takes out of a decoded value what readAny keeps none of.
func without(v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			v[name] = without(v[name], depth+1)
		}
		if depth <= 20 {
			return v
		}
	case []any:
		for i := range v {
			v[i] = without(v[i], depth+1)
		}
		if depth <= 20 {
			return v
		}
	case string:
		if depth <= 20 {
			return v
		}
	}
	return nil
}

func checkReader(tb testing.TB, text string) {
	tb.Helper()
	r := jsonobj.NewReader(text)
	got := readAny(r, 0)
	at, broken := r.Broken()
	valid := json.Valid([]byte(text)) && utf8.ValidString(text)
	if read := !broken && r.End(); read != valid {
		tb.Fatalf("%.200q: read is %t, want %t; the reader stopped at byte %d", text, read, valid, at)
	}
	if after, _ := r.Broken(); broken && (after != at || r.Next() != 0 || r.Text() != "" || at > len(text)) {
		tb.Fatalf("%.200q: broken at byte %d, then at %d", text, at, after)
	}
	if !valid {
		return
	}
	var want any
	if err := json.Unmarshal([]byte(text), &want); err != nil && !strings.Contains(err.Error(), "cannot unmarshal number") {
		tb.Fatal(err)
	}
	if want = without(want, 0); !reflect.DeepEqual(got, want) { // cmp takes seconds for what is nested
		tb.Fatalf("%.200q is read as %.200v, want %.200v", text, got, want)
	}
}

func TestReaderReadsWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, text := range append(flaws(),
		` "só" `, `["\ud83d\ude00 \ud83d \u0000 \/"]`, `{"a":"1","a":"2","\u0061":["3"]}`, ` [ [ ] , { } , { "a" : [ "b" , null ] } ] `, "true", "7 8", `"a" "b"`) {
		checkReader(t, text)
	}
}

func TestReaderMeetsObjects(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", jsonobj.MaxDepth-1) + strings.Repeat("]", jsonobj.MaxDepth-1)
	text := `[ { "a" : 1 } , null, 7, {"a":"\u0000"}, {}, {"a":` + deep + `}, {"a":[` + deep + `]}, {"a":1e999}, "x", {"b":2}]`
	r := jsonobj.NewReader(text)
	var got []string
	for range r.Items {
		o, err := r.Object()
		got = append(got, strings.TrimSpace(string(o)+" "+strings.TrimPrefix(fmt.Sprint(err), "invalid-object: ")))
	}
	want := []string{
		`{"a":1} <nil>`, "<nil>", "must be a JSON object", `must not contain the character \u0000`, "{} <nil>", `{"a":` + deep + "} <nil>",
		"must not be nested more than 16 levels deep", "must not contain numbers beyond 1e308", "must be a JSON object", `{"b":2} <nil>`,
	}
	if diff := cmp.Diff(want, got); diff != "" || !r.End() {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReaderTellsWhereATextIsBroken(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0, " ": 1, "[": 1, `{"a"`: 4, `{"a":nulx}`: 8, `["a" "b"]`: 5, `["a`: 3, "[\"\n\"]": 2, `[01]`: 2, "[\"a\xff\"]": 3, `["\u00e"]`: 7, `{"a":1,}`: 7,
	} {
		r := jsonobj.NewReader(text)
		readAny(r, 0)
		if at, broken := r.Broken(); !broken || at != want {
			t.Errorf("%q: broken is %t at byte %d, want byte %d", text, broken, at, want)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, text := range flaws() {
		if len(text) < 1000 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) { checkReader(t, text) })
}
