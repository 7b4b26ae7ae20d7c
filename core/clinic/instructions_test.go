package clinic_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
)

func TestCheckInstructions(t *testing.T) {
	t.Parallel()
	for text, want := range map[jsonobj.Object][]string{
		"":                                  nil,
		"{}":                                nil,
		`{"prompt":"","rules":[]}`:          nil,
		`{"prompt":"p","rules":["a","b"]}`:  nil,
		`{"free":{"prompt":1,"rules":2}}`:   nil,
		`{"prompt":null}`:                   {"instructions.prompt"},
		`{"prompt":["p"]}`:                  {"instructions.prompt"},
		`{"rules":null}`:                    {"instructions.rules"},
		`{"rules":"r"}`:                     {"instructions.rules"},
		`{"rules":{"a":"r"}}`:               {"instructions.rules"},
		`{"rules":["a",1]}`:                 {"instructions.rules"},
		`{"prompt":1,"rules":[["nested"]]}`: {"instructions.prompt", "instructions.rules"},
	} {
		if got := wrongPaths(t, clinic.CheckInstructions(text)); !slices.Equal(got, want) {
			t.Errorf("%s: wrong %q, want %q", text, got, want)
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ general, specific, want jsonobj.Object }{
		"prompts are concatenated":          {`{"prompt":"Geral."}`, `{"prompt":"Cardio."}`, `{"prompt":"Geral.\n\nCardio."}`},
		"line breaks at the seam are two":   {`{"prompt":"Geral.\n\n\n"}`, `{"prompt":"\n\nCardio."}`, `{"prompt":"Geral.\n\nCardio."}`},
		"an empty specific prompt":          {`{"prompt":"Geral."}`, `{"prompt":" \n"}`, `{"prompt":"Geral."}`},
		"an empty general prompt":           {`{"prompt":""}`, `{"prompt":"Cardio."}`, `{"prompt":"Cardio."}`},
		"a prompt of one level":             {`{}`, `{"prompt":"Cardio."}`, `{"prompt":"Cardio."}`},
		"a prompt inside is a key":          {`{"x":{"prompt":"a"}}`, `{"x":{"prompt":"b"}}`, `{"x":{"prompt":"b"}}`},
		"a prompt of another type wins":     {`{"prompt":"a"}`, `{"prompt":{"b":1}}`, `{"prompt":{"b":1}}`},
		"arrays are appended":               {`{"rules":["a","b"]}`, `{"rules":["c"]}`, `{"rules":["a","b","c"]}`},
		"arrays do not repeat":              {`{"rules":["a","b"]}`, `{"rules":["b","c","c","a"]}`, `{"rules":["a","b","c"]}`},
		"case and accents are no repeats":   {`{"rules":["não"]}`, `{"rules":["Não","nao"]}`, `{"rules":["não","Não","nao"]}`},
		"arrays of objects do not repeat":   {`{"l":[{"a":1,"b":2}]}`, `{"l":[{"b":2,"a":1},{"a":1}]}`, `{"l":[{"a":1,"b":2},{"a":1}]}`},
		"arrays inside objects":             {`{"x":{"l":[1]}}`, `{"x":{"l":[1,2]}}`, `{"x":{"l":[1,2]}}`},
		"an array over a text wins":         {`{"l":"a"}`, `{"l":["b"]}`, `{"l":["b"]}`},
		"a text over an array wins":         {`{"l":["b"]}`, `{"l":"a"}`, `{"l":"a"}`},
		"objects merge deeply":              {`{"x":{"y":{"a":1,"b":2}}}`, `{"x":{"y":{"b":3,"c":4},"z":5}}`, `{"x":{"y":{"a":1,"b":3,"c":4},"z":5}}`},
		"an object over a text wins":        {`{"x":"a"}`, `{"x":{"b":1}}`, `{"x":{"b":1}}`},
		"other keys: the specific one wins": {`{"tone":"warm","a":1}`, `{"tone":"formal","b":2}`, `{"a":1,"b":2,"tone":"formal"}`},
		"null is a value like any other":    {`{"tone":"warm"}`, `{"tone":null}`, `{"tone":null}`},
		"numbers stay as written":           {`{"a":1.10,"l":[1.0]}`, `{"b":12345678901234567890,"l":[1]}`, `{"a":1.10,"b":12345678901234567890,"l":[1.0,1]}`},
		"tags and ampersands":               {`{"prompt":"<rules>"}`, `{"prompt":"P&D"}`, `{"prompt":"<rules>\n\nP&D"}`},
		"nothing specific":                  {`{"a":1}`, ``, `{"a":1}`},
		"nothing general":                   {``, `{"a":1}`, `{"a":1}`},
		"nothing at all":                    {``, ``, `{}`},
	} {
		got, err := clinic.Merge(c.general, c.specific)
		if err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, c.want)
		}
	}
}

func entityOf(instructions jsonobj.Object) *clinic.Entity {
	return &clinic.Entity{ID: 3, Name: "Clínica", Instructions: instructions, Active: true}
}

func departmentOf(instructions jsonobj.Object) *clinic.Department {
	return &clinic.Department{ID: 9, EntityID: 3, Name: "Cardiologia", Instructions: instructions, Active: true}
}

func TestInstructionsFor(t *testing.T) {
	t.Parallel()
	const platform = jsonobj.Object(`{"prompt":"Plataforma."}`)
	var (
		ofPlatform   = clinic.Source{Level: clinic.LevelPlatform}
		ofEntity     = clinic.Source{Level: clinic.LevelEntity, ID: 3}
		ofDepartment = clinic.Source{Level: clinic.LevelDepartment, ID: 9}
	)
	for name, c := range map[string]struct {
		platform   jsonobj.Object
		entity     *clinic.Entity
		department *clinic.Department
		want       clinic.Instructions
	}{
		"no entity and no default": {"", nil, nil, clinic.Instructions{Merged: "{}", Sources: []clinic.Source{}}},
		"no entity": {platform, nil, nil, clinic.Instructions{
			Merged: platform, Text: "Plataforma.", Sources: []clinic.Source{ofPlatform},
		}},
		"an entity does not take the default": {platform, entityOf(""), nil, clinic.Instructions{Merged: "{}", Sources: []clinic.Source{}}},
		"an entity": {platform, entityOf(`{"prompt":"Geral."}`), nil, clinic.Instructions{
			Merged: `{"prompt":"Geral."}`, Text: "Geral.", Sources: []clinic.Source{ofEntity},
		}},
		"both": {platform, entityOf(`{"prompt":"Geral.","rules":["a"]}`), departmentOf(`{"prompt":"Cardio.","rules":["b"]}`), clinic.Instructions{
			Merged: `{"prompt":"Geral.\n\nCardio.","rules":["a","b"]}`, Text: "Geral.\n\nCardio.\n\nrules:\n- a\n- b",
			Sources: []clinic.Source{ofEntity, ofDepartment},
		}},
		"a department of an entity that says nothing": {platform, entityOf(""), departmentOf(`{"prompt":"Cardio."}`), clinic.Instructions{
			Merged: `{"prompt":"Cardio."}`, Text: "Cardio.", Sources: []clinic.Source{ofDepartment},
		}},
		"a department that says nothing": {platform, entityOf(`{"prompt":"Geral."}`), departmentOf(""), clinic.Instructions{
			Merged: `{"prompt":"Geral."}`, Text: "Geral.", Sources: []clinic.Source{ofEntity},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := clinic.InstructionsFor(c.platform, c.entity, c.department)
			if err != nil || !cmp.Equal(got, c.want) {
				t.Errorf("%v, %s", err, cmp.Diff(c.want, got))
			}
		})
	}
}

func TestInstructionsForLeavesItsInputsAlone(t *testing.T) {
	t.Parallel()
	e, d := entityOf(`{"prompt":"a","rules":["r"],"x":{"y":1}}`), departmentOf(`{"prompt":"b","rules":["s"],"x":{"y":2}}`)
	before, beforeDepartment := *e, *d
	first, err := clinic.InstructionsFor("", e, d)
	if err != nil {
		t.Fatal(err)
	}
	if *e != before || *d != beforeDepartment {
		t.Errorf("the records became %+v and %+v", *e, *d)
	}
	if again, err := clinic.InstructionsFor("", e, d); err != nil || !cmp.Equal(again, first) {
		t.Errorf("the second time: %v, %s", err, cmp.Diff(first, again))
	}
}

// Each level may be as large as an object gets, and the room's agent must still be told both.
func TestLargeLevelsStillMerge(t *testing.T) {
	t.Parallel()
	large := func(letter string) jsonobj.Object {
		o, err := jsonobj.Parse(fmt.Appendf(nil, `{"prompt":%q}`, strings.Repeat(letter, jsonobj.MaxBytes-20)))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	got, err := clinic.InstructionsFor("", entityOf(large("e")), departmentOf(large("d")))
	if err != nil || len(got.Text) != 2*(jsonobj.MaxBytes-20)+2 {
		t.Errorf("%d bytes of text, %v, want both prompts (%v)", len(got.Text), err, errs.KindOf(err))
	}
	if merged, err := clinic.Merge(large("e"), large("d")); err != nil || merged != got.Merged {
		t.Errorf("Merge: %v, %d bytes, want %d", err, len(merged), len(got.Merged))
	}
}

func TestTextOfInstructions(t *testing.T) {
	t.Parallel()
	for object, want := range map[jsonobj.Object]string{
		`{"prompt":"  Você é a secretária.\n"}`:                                                          "Você é a secretária.",
		`{"rules":["Seja breve.","Não dê diagnóstico."]}`:                                                "rules:\n- Seja breve.\n- Não dê diagnóstico.",
		`{"zeta":"z","prompt":"P.","alpha":["x",1.10,{"b":true}],"rules":["r"]}`:                         "P.\n\nrules:\n- r\n\nalpha:\n- x\n- 1.10\n- {\"b\":true}\n\nzeta: z",
		`{"prompt":"P.","rules":[],"none":null,"list":[],"n":2.50,"yes":true,"o":{"b":1,"a":"<x> & y"}}`: "P.\n\nn: 2.50\n\no: {\"a\":\"<x> & y\",\"b\":1}\n\nyes: true",
		`{"tone":"warm"}`: "tone: warm",
		`{}`:              "",
	} {
		got, err := clinic.InstructionsFor("", entityOf(object), nil)
		if err != nil || got.Text != want {
			t.Errorf("%s: %q, %v, want %q", object, got.Text, err, want)
		}
	}
}
