package jsonobj_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/jsonobj"
)

// slowMerge is RFC 7396 word for word, on decoded objects.
func slowMerge(target any, p any) any {
	members, ok := p.(map[string]any)
	if !ok {
		return p
	}
	merged, ok := target.(map[string]any)
	if !ok {
		merged = map[string]any{}
	}
	for name, value := range members {
		if value == nil {
			delete(merged, name)
		} else {
			merged[name] = slowMerge(merged[name], value)
		}
	}
	return merged
}

func TestMergePatchKeepsWhatIsWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ original, patch, result string }{
		{`{"b":"a\u00e7","a":[1.0,{"z":1,"y":2}]}`, `{"c":{"d":"\/"}}`, `{"a":[1.0,{"z":1,"y":2}],"b":"a\u00e7","c":{"d":"\/"}}`},
		{`{"\u0061":1}`, `{"a":2}`, `{"a":2}`},
		{`{"a":1}`, `{"\u0061":null}`, `{}`},
		{`{"a\"\\\n":1,"<ç>":2}`, `{"z":3}`, `{"<ç>":2,"a\"\\\n":1,"z":3}`},
		{`{"a":1,"a":2}`, `{"b":1,"b":null}`, `{"a":2}`},
		{`{"a":"{"}`, `{"a":{"b":null,"c":[null]}}`, `{"a":{"c":[null]}}`},
	} {
		got, err := mustParse(t, c.original).MergePatch(mustParse(t, c.patch))
		if err != nil || string(got) != c.result {
			t.Errorf("%s patched by %s = %s, %v, want %s", c.original, c.patch, got, err, c.result)
		}
	}
}

func TestMember(t *testing.T) {
	t.Parallel()
	o := mustParse(t, `{"a":1,"b":{"c":[2]},"\u0064":"x","a":null}`)
	for name, want := range map[string]string{"a": "null", "b": `{"c":[2]}`, "d": `"x"`} {
		if got, ok := o.Member(name); !ok || got != want {
			t.Errorf("%s is %s, %t, want %s", name, got, ok, want)
		}
	}
	for _, none := range []jsonobj.Object{"", "{}", o} {
		if got, ok := none.Member("c"); ok {
			t.Errorf("%q has a member c: %s", none, got)
		}
	}
}

func FuzzMergePatch(f *testing.F) {
	f.Add(`{"a":{"b":1,"\u0063":[1]},"d":"\n"}`, `{"a":{"b":null,"c":{"e":null}},"d":1.0}`)
	f.Add(`{"a":1}`, `{"a":{"a":{"a":null}},"\"":{}}`)
	f.Add(``, `{"a":{},"b":null}`)
	f.Fuzz(func(t *testing.T, original, p string) {
		o, err := jsonobj.Parse([]byte(original))
		by, err2 := jsonobj.Parse([]byte(p))
		if err != nil || err2 != nil {
			return
		}
		got, err := o.MergePatch(by)
		if err != nil {
			return
		}
		want := slowMerge(o.Map(), by.Map())
		if diff := cmp.Diff(want, any(got.Map())); diff != "" {
			t.Fatalf("%s patched by %s = %s (-want +got):\n%s", o, by, got, diff)
		}
		if again, err := jsonobj.Parse([]byte(got)); err != nil || again != got {
			t.Fatalf("%s patched by %s = %s, which Parse takes for %s, %v", o, by, got, again, err)
		}
	})
}

func BenchmarkMergePatch(b *testing.B) {
	o := mustParse(b, `{"specialty":"general","department":5,"greeting":"You reached department 5.","vocabulary":["holter"],"escalation":{"after_minutes":10,"to":"on-call"}}`)
	p := mustParse(b, `{"specialty":"cardiology","department":5,"greeting":"You reached department 5. Tell me what brings you here.","vocabulary":["electrocardiogram","blood pressure","arrhythmia","holter"]}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.MergePatch(p); err != nil {
			b.Fatal(err)
		}
	}
}
