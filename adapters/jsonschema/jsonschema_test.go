package jsonschema_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/jsonschema"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
)

func parse(tb testing.TB, document string) *jsonschema.Schemas {
	tb.Helper()
	s, err := jsonschema.Parse([]byte(document))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// wrong are the parts that an error names; nil when there is no error.
func wrong(tb testing.TB, err error) []errs.Field {
	tb.Helper()
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid || e.Code != "invalid-input" {
		tb.Fatalf("error %v, want invalid-input", err)
	}
	return e.Fields
}

func TestDataIsCheckedByTheNameOfItsEvent(t *testing.T) {
	t.Parallel()
	s := parse(t, `{
		"transcript": {"type":"object","required":["text"],"properties":{"text":{"type":"string","minLength":1}},"additionalProperties":false},
		"never": false,
		"anything": true
	}`)
	for _, c := range []struct {
		name string
		data jsonobj.Object
		want []errs.Field
	}{
		{"transcript", `{"text":"olá"}`, nil},
		{"transcript", `{"text":7}`, []errs.Field{{Path: "data.text", Msg: "must be of type string"}}},
		{"transcript", `{"text":""}`, []errs.Field{{Path: "data.text", Msg: "must be at least 1 characters"}}},
		{"transcript", `{"txt":"olá"}`, []errs.Field{
			{Path: "data.text", Msg: "is required"}, {Path: "data.txt", Msg: "is not a member that the schema knows"},
		}},
		{"transcript", "", []errs.Field{{Path: "data.text", Msg: "is required"}}},
		{"Transcript", `{"text":7}`, nil},
		{"never", `{}`, []errs.Field{{Path: "data", Msg: "is not allowed"}}},
		{"anything", `{"a":[1]}`, nil},
		{"unknown", `{"a":[1]}`, nil},
	} {
		if diff := cmp.Diff(c.want, wrong(t, s.Check(c.name, c.data))); diff != "" {
			t.Errorf("%s %s: %s", c.name, c.data, diff)
		}
	}
}

func TestWhatIsWrongIsSaidWithoutTheValue(t *testing.T) {
	t.Parallel()
	const secret = "Ana-12345"
	for _, c := range []struct{ schema, value, path, msg string }{
		{`{"type":["string","null"]}`, `7`, "data.v", "must be of type null or string"},
		{`{"enum":["a",1]}`, `"Ana-12345"`, "data.v", `must be one of "a", 1`},
		{`{"const":"a"}`, `"Ana-12345"`, "data.v", `must be "a"`},
		{`{"pattern":"^[0-9]+$"}`, `"Ana-12345"`, "data.v", "must match the pattern ^[0-9]+$"},
		{`{"format":"date-time"}`, `"Ana-12345"`, "data.v", "must be of the format date-time"},
		{`{"format":"email"}`, `"Ana-12345"`, "data.v", "must be of the format email"},
		{`{"maxLength":3}`, `"Ana-12345"`, "data.v", "must be at most 3 characters"},
		{`{"minimum":0.5}`, `0.25`, "data.v", "must be at least 0.5"},
		{`{"maximum":10}`, `12345`, "data.v", "must be at most 10"},
		{`{"exclusiveMinimum":10}`, `10`, "data.v", "must be more than 10"},
		{`{"exclusiveMaximum":10}`, `12345`, "data.v", "must be less than 10"},
		{`{"multipleOf":0.01}`, `0.001`, "data.v", "must be a multiple of 0.01"},
		{`{"minItems":1}`, `[]`, "data.v", "must have at least 1 items"},
		{`{"maxItems":1}`, `[1,2]`, "data.v", "must have at most 1 items"},
		{`{"uniqueItems":true}`, `["Ana-12345","Ana-12345"]`, "data.v", "must not have the same item twice"},
		{`{"minProperties":1}`, `{}`, "data.v", "must have at least 1 members"},
		{`{"maxProperties":0}`, `{"a":"Ana-12345"}`, "data.v", "must have at most 0 members"},
		{`{"items":{"properties":{"a":{"type":"integer"}}}}`, `[{"a":1},{"a":"Ana-12345"}]`, "data.v[1].a", "must be of type integer"},
		{`{"anyOf":[{"type":"integer"},{"maxLength":3}]}`, `"Ana-12345"`, "data.v", "must be one of the alternatives of the schema"},
		{`{"oneOf":[{"minLength":1},{"maxLength":30}]}`, `"Ana-12345"`, "data.v", "must be one of the alternatives of the schema"},
		{`{"allOf":[{"maxLength":3}]}`, `"Ana-12345"`, "data.v", "must be at most 3 characters"},
		{`{"not":{"type":"string"}}`, `"Ana-12345"`, "data.v", "does not satisfy the schema's rules"},
		{`{"contains":{"type":"integer"}}`, `["Ana-12345"]`, "data.v", "does not have the items that the schema asks for"},
		{`{"propertyNames":{"maxLength":1}}`, `{"long":"Ana-12345"}`, "data.*.long", "is not a name that is allowed"},
		{`{"dependentRequired":{"a":["b"]}}`, `{"a":"Ana-12345"}`, "data.v.b", "is required beside a"},
		{`{"$ref":"#/$defs/short","$defs":{"short":{"maxLength":3}}}`, `"Ana-12345"`, "data.v", "must be at most 3 characters"},
	} {
		t.Run(c.schema, func(t *testing.T) {
			t.Parallel()
			// $defs are looked for from the root of the schema.
			document := `{"e":{"properties":{"v":` + c.schema + `},"$defs":{"short":{"maxLength":3}}}}`
			err := parse(t, document).Check("e", jsonobj.Object(`{"v":`+c.value+`}`))
			if diff := cmp.Diff([]errs.Field{{Path: c.path, Msg: c.msg}}, wrong(t, err)); diff != "" {
				t.Error(diff)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%v repeats the value", err)
			}
		})
	}
}

func TestWhatIsWrongIsBounded(t *testing.T) {
	t.Parallel()
	s := parse(t, `{"e":{"additionalProperties":false}}`)
	var data strings.Builder
	for i := range 100 {
		data.WriteString(`,"` + strings.Repeat("x", 1000) + strconv.Itoa(i) + `":1`)
	}
	object := jsonobj.Object("{" + data.String()[1:] + "}")
	fields := wrong(t, s.Check("e", object))
	if len(fields) == 0 || len(fields) > 20 || len(fields[0].Path) > 210 {
		t.Errorf("%d fields, the first of %d characters", len(fields), len(fields[0].Path))
	}
	s = parse(t, `{"e":{"properties":{"a":{"type":"string"},"b":{"type":"string"},"c":{"type":"string"},"d":{"type":"string"}}}}`)
	want := wrong(t, s.Check("e", `{"a":1,"b":1,"c":1,"d":1}`))
	for range 20 {
		if diff := cmp.Diff(want, wrong(t, s.Check("e", `{"a":1,"b":1,"c":1,"d":1}`))); diff != "" || len(want) != 4 {
			t.Fatalf("another order: %s", diff)
		}
	}
}

func TestBadSchemasAreToldAtTheStart(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"":                                     "must be a JSON object",
		"[]":                                   "must be a JSON object",
		"{":                                    "is no valid JSON",
		`{"a":{}`:                              "is no valid JSON",
		`{"a":`:                                `event "a": is no valid JSON`,
		`{"a":{}} {}`:                          "nothing after it",
		`{"":{}}`:                              `event "": an event has a name`,
		`{" a":{}}`:                            `event " a": an event has a name`,
		`{"a":{},"a":{}}`:                      `event "a": has two schemas`,
		`{"a":7}`:                              `event "a"`,
		`{"good":{},"a b":{"type":"text"}}`:    `event "a b"`,
		`{"a":{"properties":{"t":{"type":7}}}`: "",
		`{"a":{"properties":{"text":{"minLength":-1}}}}`:              "/properties/text/minLength",
		`{"a":{"pattern":"("}}`:                                       `event "a"`,
		`{"a":{"$ref":"#/$defs/none"}}`:                               "$defs/none",
		`{"a":{"$ref":"b"},"b":{}}`:                                   "only refer to its own parts",
		`{"a":{"$ref":"https://example.com/schema.json"}}`:            "only refer to its own parts",
		`{"a":{"$ref":"file:///etc/passwd"}}`:                         "only refer to its own parts",
		`{"a":{"$schema":"https://example.com/my-draft","type":"x"}}`: "only refer to its own parts",
	} {
		_, err := jsonschema.Parse([]byte(document))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q in one line", document, err, want)
		}
	}
}

func TestLoadReadsAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "schemas.json")
	if _, err := jsonschema.Load(path); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.WriteFile(path, []byte(`{"e":false}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := jsonschema.Load(path)
	if err != nil || s.Check("e", "{}") == nil {
		t.Errorf("%v, and the schema is not used", err)
	}
}
