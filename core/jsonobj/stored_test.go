package jsonobj_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/secretary-api/secretary/core/jsonobj"
)

// compacted is what encoding/json makes of a text; false when that is no JSON.
func compacted(text string) (string, bool) {
	var b bytes.Buffer
	err := json.Compact(&b, []byte(text))
	return b.String(), err == nil
}

func TestStoredDropsBlanks(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, `{"a":1}`, `{"a": 1}`, `{"a": "b c", "d e": [1, 2, " "]}`, `{"\" ": "\\", "b": "\\\" "}`, `{"a": {"b": {"c": [{}, [ ]]}}}`,
		" {\n\t\"a\" :\r [ true , false , null ] } ", `{"é ": "日本 😀", "u": "\u0020\u00e9"}`, `{"a": " "}`, `{"": ""}`,
	} {
		want, isJSON := compacted(text)
		if got := jsonobj.Stored(text); string(got) != want || !isJSON {
			t.Errorf("Stored(%s) = %s, want %s", text, got, want)
		}
	}
	if got := jsonobj.Stored(""); !got.IsNone() {
		t.Errorf("Stored of nothing = %s, want none", got)
	}
}

func FuzzStored(f *testing.F) {
	f.Add(`{"a": "b \" c", "d": [1, 2]}`)
	f.Add(`{"a":"\\"}`)
	f.Add(`{"a`)
	f.Fuzz(func(t *testing.T, text string) {
		got := jsonobj.Stored(text) // never panics, whatever it is given
		if want, isJSON := compacted(text); isJSON && string(got) != want {
			t.Errorf("Stored(%q) = %q, want %q", text, got, want)
		}
	})
}

func BenchmarkStored(b *testing.B) {
	text := `{"prompt": "Pergunte se há dor no peito.", "vocabulary": ["electrocardiogram", "blood pressure", "arrhythmia", "holter"], "rules": ["Seja cordial.", "Não dê diagnósticos."]}`
	b.ReportAllocs()
	for b.Loop() {
		jsonobj.Stored(text)
	}
}
