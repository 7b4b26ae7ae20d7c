package audit_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/audit"
	"github.com/secretary-api/secretary/core/jsonobj"
)

// fields is a record of two plain fields and a hidden one.
func fields(name, kind, phone any) []audit.Field {
	return []audit.Field{
		{Name: "name", Value: name}, {Name: "type", Value: kind}, {Name: "phone_number", Value: phone, Hidden: true},
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	ana := fields("Ana", "x", "+5511955550000")
	for _, test := range []struct {
		name          string
		before, after []audit.Field
		want          jsonobj.Object
	}{
		{"Created", nil, ana, `{"name":{"new":"Ana"},"type":{"new":"x"},"phone_number":{"new":"***"}}`},
		{"CreatedWithoutSome", nil, fields("Ana", nil, nil), `{"name":{"new":"Ana"}}`},
		{"Removed", ana, nil, `{"name":{"old":"Ana"},"type":{"old":"x"},"phone_number":{"old":"***"}}`},
		{"Unchanged", ana, fields("Ana", "x", "+5511955550000"), ""},
		{"Changed", ana, fields("Bia", "x", "+5511955550000"), `{"name":{"old":"Ana","new":"Bia"}}`},
		{"Cleared", ana, fields("Ana", nil, "+5511955550000"), `{"type":{"old":"x","new":null}}`},
		{"Set", fields("Ana", nil, nil), ana, `{"type":{"old":null,"new":"x"},"phone_number":{"old":null,"new":"***"}}`},
		{"HiddenChanged", ana, fields("Ana", "x", "+5511955551111"), `{"phone_number":{"old":"***","new":"***"}}`},
		{"NothingOfNothing", nil, fields(nil, nil, nil), ""},
		{"Quoted", nil, fields("\"\\\n\x01é🙂<b>", nil, nil), `{"name":{"new":"\"\\\n\u0001é🙂<b>"}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := audit.Changes(test.before, test.after); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestValuesAreToldAsJSONB(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, time.March, 9, 8, 0, 0, 123_400_999, time.FixedZone("-03", -3*60*60))
	for _, test := range []struct {
		name  string
		value any
		want  string // none: it is not told
	}{
		{"EmptyText", audit.Text(""), ""},
		{"NoID", audit.Number(int64(0)), ""},
		{"NoTime", audit.Time(time.Time{}), ""},
		{"NoObject", jsonobj.Object(""), ""},
		{"ID", audit.Number(int64(7)), `7`},
		{"Int", 30, `30`},
		{"ZeroInt", 0, `0`},
		{"False", false, `false`},
		{"Numeric", json.Number("2.5000"), `2.5000`},
		{"TextThatMustBe", "", `""`},
		{"Time", audit.Time(moment), `"2026-03-09T11:00:00.1234+00:00"`},
		{"WholeSecond", audit.Time(moment.Truncate(time.Second)), `"2026-03-09T11:00:00+00:00"`},
		{"Duration", audit.Duration(60 * 24 * time.Hour), `"1440:00:00"`},
		{"ShortDuration", audit.Duration(5*time.Minute + 7*time.Second), `"00:05:07"`},
		{"NoTexts", []string(nil), `[]`},
		{"Texts", []string{"a", `b"`}, `["a","b\""]`},
		{"NoList", []any{}, `[]`},
		{"List", []any{map[string]any{"b": "x", "a": []any{json.Number("1")}}}, `[{"a":[1],"b":"x"}]`},
		{"Object", jsonobj.Object(`{"b":[1,null,true],"a":{}}`), `{"a":{},"b":[1,null,true]}`},
		{"Numbers", jsonobj.Object(`{"a":[1.50,1e3,-0,-0.0,1.5e-3,1.50e1,12E+1]}`), `{"a":[1.50,1000,0,0.0,0.0015,15.0,120]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := jsonobj.Object("")
			if test.want != "" {
				want = jsonobj.Object(`{"value":{"new":` + test.want + `}}`)
			}
			if got := audit.Changes(nil, []audit.Field{{Name: "value", Value: test.value}}); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestObjectsAreComparedByMeaning(t *testing.T) {
	t.Parallel()
	changes := func(before, after jsonobj.Object) jsonobj.Object {
		return audit.Changes([]audit.Field{{Name: "value", Value: before}}, []audit.Field{{Name: "value", Value: after}})
	}
	if got := changes(`{"a":1e2,"b":"é"}`, `{"b":"\u00e9","a":100}`); !got.IsNone() {
		t.Errorf("the same in another form: got %s, want none", got)
	}
	if got, want := changes(`{"a":1}`, `{"a":"1"}`), jsonobj.Object(`{"value":{"old":{"a":1},"new":{"a":"1"}}}`); got != want {
		t.Errorf("a number that became a text: got %s, want %s", got, want)
	}
}

func TestLongValuesAreMasked(t *testing.T) {
	t.Parallel()
	const masked = jsonobj.Object(`{"value":{"new":"***"}}`)
	fits := strings.Repeat("é", audit.MaxValue)
	for name, test := range map[string]struct {
		value any
		want  bool
	}{
		"text that fits":     {fits, false},
		"long text":          {fits + "x", true},
		"quotes do not":      {strings.Repeat(`"`, audit.MaxValue), false},
		"object that fits":   {jsonobj.Object(`{"a":"` + fits[:2*(audit.MaxValue-9)] + `"}`), false}, // and a space after the colon
		"long object":        {jsonobj.Object(`{"a":"` + fits[:2*(audit.MaxValue-8)] + `"}`), true},
		"escapes in objects": {jsonobj.Object(`{"a":"` + strings.Repeat(`\n`, audit.MaxValue/2) + `"}`), true},
		"number":             {jsonobj.Object(`{"a":[` + strings.Repeat(`1e300,`, 20) + `1]}`), true},
		"long list":          {[]string{fits}, true},
	} {
		got := audit.Changes(nil, []audit.Field{{Name: "value", Value: test.value}})
		if (got == masked) != test.want {
			t.Errorf("%s: masked is %v, want %v", name, got == masked, test.want)
		}
	}
}
