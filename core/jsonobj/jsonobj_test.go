package jsonobj_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/patch"
)

func mustParse(tb testing.TB, text string) jsonobj.Object {
	tb.Helper()
	o, err := jsonobj.Parse([]byte(text))
	if err != nil {
		tb.Fatalf("Parse(%s): %v", text, err)
	}
	return o
}

func isRefused(err error) bool {
	return errs.KindOf(err) == errs.Invalid && errs.CodeOf(err) == "invalid-object"
}

func TestParseCompactsAndKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]jsonobj.Object{
		"":       "",
		" \n\t ": "",
		"null":   "",
		" null ": "",
		"{}":     "{}",
		" { } ":  "{}",
		`{"a" : [ 1 , 2.50 , -0 , 1e2, 12345678901234567890.10 ]}`: `{"a":[1,2.50,-0,1e2,12345678901234567890.10]}`,
		`{"z":1,"a":{"y":null}}`:                                   `{"z":1,"a":{"y":null}}`,
		`{"ação":"a\u00e7\u00e3o","<b>":"a & b"}`:                  `{"ação":"a\u00e7\u00e3o","<b>":"a & b"}`,
		`{"emoji":"😀 \ud83d\ude00"}`:                               `{"emoji":"😀 \ud83d\ude00"}`,
		`{"a":"\\u0000","b":"\\\\ud800"}`:                          `{"a":"\\u0000","b":"\\\\ud800"}`, // a backslash, then letters
		`{"e":1e308,"f":1e-308,"g":1E+2}`:                          `{"e":1e308,"f":1e-308,"g":1E+2}`,
	} {
		got, err := jsonobj.Parse([]byte(text))
		if err != nil || got != want {
			t.Errorf("Parse(%s) = %s, %v, want %s", text, got, err, want)
		}
		if got.IsNone() != (want == "") {
			t.Errorf("%s: IsNone() = %t", text, got.IsNone())
		}
	}
}

func TestParseRefusesWhatIsNoObject(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"[]", "[1]", `"text"`, "1", "true", "nul", "nullx", "{", "}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{'a':1}`, "{} {}", "{}x",
		`{"a":NaN}`, `{"a":01}`, "{\"a\":\"\n\"}", "\ufeff{}",
	} {
		if got, err := jsonobj.Parse([]byte(text)); !isRefused(err) || got != "" {
			t.Errorf("Parse(%s) = %s, %v, want invalid-object", text, got, err)
		}
	}
}

func TestParseRefusesWhatAStoreCannotKeep(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"invalid UTF-8":                   "{\"a\":\"\xff\"}",
		"an overlong zero":                "{\"a\":\"\xc0\x80\"}",
		"a zero":                          `{"a":"b\u0000"}`,
		"a zero in a key":                 `{"\u0000":1}`,
		"a zero after a backslash":        `{"a":"\\\u0000"}`,
		"a high surrogate alone":          `{"a":"\ud83d"}`,
		"a high surrogate and a letter":   `{"a":"\ud83dx\ude00"}`,
		"a high surrogate and another":    `{"a":"\ud83d\ud83d"}`,
		"a high surrogate and an escape":  `{"a":"\ud83d\n"}`,
		"a low surrogate alone":           `{"a":"\uDE00"}`,
		"a pair the wrong way round":      `{"a":"\ude00\ud83d"}`,
		"a number beyond a double":        `{"a":1e309}`,
		"a number of many zeros":          `{"a":[1e131071]}`,
		"a number of many decimal places": `{"a":1e-20000}`,
		"an exponent beyond an int":       `{"a":1e99999999999999999999}`,
		"a number of many digits":         `{"a":` + strings.Repeat("9", 500) + `}`,
	} {
		if got, err := jsonobj.Parse([]byte(text)); !isRefused(err) || got != "" {
			t.Errorf("%s: %v, want invalid-object", name, err)
		}
	}
}

func TestSizeBoundIsOfTheCompactText(t *testing.T) {
	t.Parallel()
	fits := `{"a":"` + strings.Repeat("x", jsonobj.MaxBytes-len(`{"a":""}`)) + `"}`
	if got := mustParse(t, strings.Repeat(" ", 1000)+fits); len(got) != jsonobj.MaxBytes {
		t.Errorf("got %d bytes, want %d", len(got), jsonobj.MaxBytes)
	}
	if _, err := jsonobj.Parse([]byte(strings.Replace(fits, "x", "xx", 1))); !isRefused(err) {
		t.Errorf("one byte more: %v, want invalid-object", err)
	}
}

func TestDepthBound(t *testing.T) {
	t.Parallel()
	nested := func(depth int, open, end string) string {
		return `{"a":` + strings.Repeat(open, depth-1) + "0" + strings.Repeat(end, depth-1) + `}`
	}
	for _, c := range []struct{ open, end string }{{`{"a":`, "}"}, {"[", "]"}} {
		mustParse(t, nested(jsonobj.MaxDepth, c.open, c.end))
		if _, err := jsonobj.Parse([]byte(nested(jsonobj.MaxDepth+1, c.open, c.end))); !isRefused(err) {
			t.Errorf("%d levels of %s: %v, want invalid-object", jsonobj.MaxDepth+1, c.open, err)
		}
		if _, err := jsonobj.Parse([]byte(nested(20_000, c.open, c.end))); !isRefused(err) {
			t.Errorf("20000 levels of %s: %v, want invalid-object", c.open, err)
		}
	}
	wide := `{"a":[` + strings.Repeat("[],{},", 100) + `0]}`
	if got := mustParse(t, wide); string(got) != wide {
		t.Error("a wide object is taken for a deep one")
	}
}

func TestMapIsACopyWithNumbersAsWritten(t *testing.T) {
	t.Parallel()
	o := mustParse(t, `{"n":1.10,"big":12345678901234567890,"list":[1],"text":"ç","no":null}`)
	want := map[string]any{
		"n": json.Number("1.10"), "big": json.Number("12345678901234567890"), "list": []any{json.Number("1")}, "text": "ç", "no": nil,
	}
	m := o.Map()
	if !cmp.Equal(m, want) {
		t.Errorf("Map: %s", cmp.Diff(want, m))
	}
	m["n"] = "changed"
	if !cmp.Equal(o.Map(), want) {
		t.Error("a change to the map changed the object")
	}
	if m := jsonobj.Object("").Map(); m == nil || len(m) != 0 {
		t.Errorf("none is %v, want an empty map that can be written to", m)
	}
}

func TestFromAndEncode(t *testing.T) {
	t.Parallel()
	if got, err := jsonobj.From(nil); err != nil || got != "" {
		t.Errorf("From(nil) = %s, %v, want none", got, err)
	}
	if got, err := jsonobj.Encode(nil); err != nil || got != "" {
		t.Errorf("Encode(nil) = %s, %v, want none", got, err)
	}
	got, err := jsonobj.From(map[string]any{"b": json.Number("1.00"), "a": "<rules> & João"})
	if want := jsonobj.Object(`{"a":"<rules> & João","b":1.00}`); err != nil || got != want {
		t.Errorf("From = %s, %v, want %s", got, err, want)
	}
	large := map[string]any{"a": strings.Repeat("x", jsonobj.MaxBytes)}
	if _, err := jsonobj.From(large); !isRefused(err) {
		t.Errorf("From of too much: %v, want invalid-object", err)
	}
	if got, err := jsonobj.Encode(large); err != nil || len(got) <= jsonobj.MaxBytes {
		t.Errorf("Encode of much: %d bytes, %v, want no bound", len(got), err)
	}
	if _, err := jsonobj.From(map[string]any{"a": func() {}}); !isRefused(err) {
		t.Errorf("From of a function: %v, want invalid-object", err)
	}
	if _, err := jsonobj.From(map[string]any{"a": "b\x00"}); !isRefused(err) {
		t.Errorf("From of a zero: %v, want invalid-object", err)
	}
}

func TestMergePatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ original, patch, result string }{
		// RFC 7396, appendix A: the examples whose original and patch are objects.
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		// RFC 7396, section 3.
		{
			`{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],"content":"x"}`,
			`{"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}`,
			`{"author":{"givenName":"John"},"content":"x","phoneNumber":"+01-123-456-7890","tags":["example"],"title":"Hello!"}`,
		},
		// What the RFC implies.
		{`{"a":"b"}`, `{"a":{"b":1,"c":null}}`, `{"a":{"b":1}}`},
		{`{"a":{"b":1}}`, `{"a":null}`, `{}`},
		{`{"a":[1]}`, `{"a":[null]}`, `{"a":[null]}`},
		{`{"a":1.10}`, `{"b":2.20}`, `{"a":1.10,"b":2.20}`},
		{``, `{"a":1,"b":null}`, `{"a":1}`},
		{`{"a":1}`, ``, `{"a":1}`},
	} {
		original, p := mustParse(t, c.original), mustParse(t, c.patch)
		got, err := original.MergePatch(p)
		if err != nil || string(got) != c.result {
			t.Errorf("%s patched by %s = %s, %v, want %s", c.original, c.patch, got, err, c.result)
		}
		if string(original) != c.original || string(p) != c.patch {
			t.Errorf("%s patched by %s changed its inputs to %s and %s", c.original, c.patch, original, p)
		}
	}
}

func TestMergePatchKeepsTheBounds(t *testing.T) {
	t.Parallel()
	half := strings.Repeat("x", jsonobj.MaxBytes/2)
	a, b := mustParse(t, fmt.Sprintf(`{"a":%q}`, half)), mustParse(t, fmt.Sprintf(`{"b":%q}`, half))
	if _, err := a.MergePatch(b); !isRefused(err) {
		t.Errorf("a result that is too big: %v, want invalid-object", err)
	}
	tags := mustParse(t, fmt.Sprintf(`{"a":%q}`, strings.Repeat("<>", jsonobj.MaxBytes/3)))
	if _, err := tags.MergePatch(mustParse(t, `{"b":1}`)); err != nil {
		t.Errorf("a result within the bound: %v", err)
	}
}

func TestPatchOfAField(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		field patch.Of[jsonobj.Object]
		want  jsonobj.Object
	}{
		"absent": {patch.Of[jsonobj.Object]{}, `{"a":1,"b":{"c":2}}`},
		"null":   {patch.Clear[jsonobj.Object](), ""},
		"object": {patch.Set[jsonobj.Object](`{"b":{"d":3},"a":null}`), `{"b":{"c":2,"d":3}}`},
	} {
		got := jsonobj.Object(`{"a":1,"b":{"c":2}}`)
		if err := jsonobj.Patch(&got, c.field); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, c.want)
		}
	}
	kept := jsonobj.Object(`{"a":1}`)
	if err := jsonobj.Patch(&kept, patch.Set(jsonobj.Object(`{"b":"`+strings.Repeat("x", jsonobj.MaxBytes)+`"}`))); !isRefused(err) || kept != `{"a":1}` {
		t.Errorf("a patch that makes it too big: %v, and the object has %d bytes", err, len(kept))
	}
}

func TestJSONOfAnObject(t *testing.T) {
	t.Parallel()
	type record struct{ Data, None jsonobj.Object }
	in := record{Data: mustParse(t, `{"n":1.10}`)}
	raw, err := json.Marshal(in)
	if want := `{"Data":{"n":1.10},"None":null}`; err != nil || string(raw) != want {
		t.Fatalf("Marshal = %s, %v, want %s", raw, err, want)
	}
	var out record
	if err := json.Unmarshal(raw, &out); err != nil || out != in {
		t.Errorf("Unmarshal = %v, %v, want %v", out, err, in)
	}
	out.Data = `{"kept":true}`
	if err := json.Unmarshal([]byte(`{"Data":[1]}`), &out); !isRefused(err) || out.Data != `{"kept":true}` {
		t.Errorf("Unmarshal of a list: %v, object %s", err, out.Data)
	}
	if err := json.Unmarshal([]byte(`{"Data":null}`), &out); err != nil || !out.Data.IsNone() {
		t.Errorf("Unmarshal of null = %s, %v, want none", out.Data, err)
	}
}
