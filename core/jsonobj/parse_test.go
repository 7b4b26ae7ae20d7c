package jsonobj_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/jsonobj"
)

// slowParse is jsonobj.Parse by encoding/json, in a pass for each thing that is checked: the obvious one. It returns the
// message of the error.
func slowParse(raw []byte) (object, msg string) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return "", ""
	}
	if raw[0] != '{' {
		return "", "must be a JSON object"
	}
	if !utf8.Valid(raw) {
		return "", "must be valid UTF-8"
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		return "", "must be valid JSON"
	}
	if compact.Len() > jsonobj.MaxBytes {
		return "", "must not be larger than 64 KiB"
	}
	if msg := cmp.Or(slowEscapes(compact.Bytes()), slowTokens(compact.Bytes())); msg != "" {
		return "", msg
	}
	return compact.String(), ""
}

func slowEscapes(raw []byte) (msg string) {
	unit := func(raw []byte) rune {
		if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
			return -1
		}
		r, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
		if err != nil {
			return -1
		}
		return rune(r)
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		r := unit(raw[i:])
		switch {
		case r < 0:
			i++
			continue
		case r == 0:
			return `must not contain the character \u0000`
		case utf16.IsSurrogate(r):
			if utf16.DecodeRune(r, unit(raw[i+6:])) == utf8.RuneError {
				return "must not contain half of a surrogate pair"
			}
			i += 6
		}
		i += 5
	}
	return ""
}

func slowTokens(raw []byte) (msg string) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	depth := 0
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			return "must be valid JSON"
		}
		if n, ok := tok.(json.Number); ok {
			_, exponent, _ := strings.Cut(strings.ToLower(n.String()), "e")
			size, err := strconv.Atoi(cmp.Or(exponent, "0"))
			if err != nil || size < -308 || size > 308 || len(n) > 400 {
				return "must not contain numbers beyond 1e308"
			}
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > jsonobj.MaxDepth {
				return "must not be nested more than 16 levels deep"
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
}

// sameAsSlow checks that Parse says what slowParse says.
func sameAsSlow(tb testing.TB, raw []byte) {
	tb.Helper()
	object, msg := slowParse(raw)
	got, err := jsonobj.Parse(raw)
	if string(got) != object {
		tb.Fatalf("Parse(%.200q) = %.200q, want %.200q", raw, got, object)
	}
	if said := strings.TrimPrefix(fmt.Sprint(err), "invalid-object: "); err != nil && said != msg || err == nil && msg != "" {
		tb.Fatalf("Parse(%.200q): %v, want %q", raw, err, msg)
	}
}

// flaws are texts that each have something wrong, or nearly.
func flaws() []string {
	texts := []string{
		"", "null", " null\n", "nul", "nullx", "{", "}", "[]", "7", "\u00a0{}\u2003", "{} {}", "{}x", "{},", "\ufeff{}",
		`{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{"a" 1}`, `{a:1}`, `{"a":1]`, `{"a":[1,]}`, `{"a":[,]}`, `{"a":[1 2]}`, `{"a":[}`, `{1:2}`,
		`{"a":"`, `{"a":"\`, `{"a":"\u`, `{"a":"\u12`, `{"a":"\u12g4"}`, `{"a":"\q"}`, `{"a":"\U0041"}`, "{\"a\":\"\x1f\"}", "{\"a\":\"\x7f\"}", "{\"a\":\x00}",
		`{"a":"\"\\\/\b\f\n\r\t\u00e9\u00C9"}`, `{"\u0000":1}`, `{"a":"\u0000","b":1e999}`, `{"b":1e999,"a":"\u0000"}`, `{"a":"\\u0000"}`,
		`{"a":"\ud83d\ude00"}`, `{"a":"\uD83D\uDE00"}`, `{"a":"\ud83d"}`, `{"a":"\ude00"}`, `{"a":"\ud83d\u0041"}`, `{"a":"\ud83d\u0000"}`, `{"a":"\ud83d\ud83d\ude00"}`, `{"a":"\ud83d\u00"}`, `{"a":"\ud83d\n"}`,
		"{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\xbd\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xf0\x9f\x98", "{\"a\":1}\xff", "{\"a\":x}\xff", "{\xff}", "{\"a\":\"\xef\xbf\xbd\"}",
		`{"a":true,"b":false,"c":null}`, `{"a":tru}`, `{"a":trux}`, `{"a":nulll}`, `{"a":NaN}`, `{"a":True}`,
	}
	for _, number := range []string{
		"0", "-0", "00", "01", "-", "-a", "+1", ".5", "1.", "1.e1", "1.5", "1e", "1e+", "1e+5", "1E-5", "1e5.5", "0x1", "1_0", "1a", "--1", "0e0",
		"1e308", "1e309", "1e-308", "1e-309", "1e0000000308", "1e99999999999999999999", "1.0e+308",
		strings.Repeat("9", 400), strings.Repeat("9", 401), "0." + strings.Repeat("1", 398), "0." + strings.Repeat("1", 399),
	} {
		texts = append(texts, `{"a":`+number+`}`, `{"a":[`+number+` ,1]}`)
	}
	for _, depth := range []int{15, 16, 17, 64, 9_998, 9_999, 10_000} { // the object around it is one more
		texts = append(texts,
			`{"a":`+strings.Repeat("[", depth)+strings.Repeat("]", depth)+`}`,
			`{"a":`+strings.Repeat(`{"a":`, depth)+"1e999"+strings.Repeat("}", depth)+`}`,
			`{"a":[1e999,`+strings.Repeat("[", depth))
	}
	for _, size := range []int{jsonobj.MaxBytes - 8, jsonobj.MaxBytes - 7} {
		long := strings.Repeat("x", size)
		texts = append(texts, `{"a":"`+long+`"}`, ` { "a" : "`+long+`" } `, `{"a":"`+long+`","b":"\u0000"}`, `{"a":"`+long+`"`)
	}
	return texts
}

func TestParseIsAsTheObviousOne(t *testing.T) {
	t.Parallel()
	for _, text := range flaws() {
		sameAsSlow(t, []byte(text))
	}
	const whole = " { \"a\\n\" : [ 1 , -2.50e+1, \"é\\ud83d\\ude00\\\\\" , { } , [ ] ],\t\"b\\\"\":{\"c\":null , \"d\" : true}\r\n} "
	sameAsSlow(t, []byte(whole))
	for i := range len(whole) { // cut off, with a byte less, and with another byte
		sameAsSlow(t, []byte(whole[:i]))
		sameAsSlow(t, []byte(whole[:i]+whole[i+1:]))
		for _, c := range "\x00 \"\\,;:{}[]019eEtu-.+\x80\xff" {
			sameAsSlow(t, append([]byte(whole[:i]), append([]byte{byte(c)}, whole[i+1:]...)...))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range flaws() {
		if len(text) < 1000 { // the fuzzer grows them
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		sameAsSlow(t, raw)
		o, err := jsonobj.Parse(raw)
		if err != nil {
			if !isRefused(err) {
				t.Fatalf("Parse: %v, want invalid-object", err)
			}
			return
		}
		if again, err := jsonobj.Parse([]byte(o)); err != nil || again != o {
			t.Fatalf("%s is read as %s, %v", o, again, err)
		}
		if patched, err := o.MergePatch("{}"); err == nil && fmt.Sprint(patched.Map()) != fmt.Sprint(o.Map()) {
			t.Fatalf("an empty patch made %s of %s", patched, o)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, bm := range []struct{ name, text string }{
		{"Small", `{"identity":"user-17","source":"livekit","sequence":17}`},
		{"Spaced", `{"identity": "user-17", "source": "livekit", "sequence": 17}`},
		{"Text", `{"text":"` + strings.Repeat("Bom dia, doutor. Não é nada grave? ", 30) + `"}`},
		{"Instructions", `{"rules":[` + strings.Repeat(`{"when":"the caller is \"new\"","priority":1.50,"then":["greet","ask",null,true]},`, 20) + `1]}`},
	} {
		b.Run(bm.name, func(b *testing.B) {
			raw := []byte(bm.text)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := jsonobj.Parse(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
