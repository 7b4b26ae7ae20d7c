package patch_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/patch"
)

type document struct {
	Name patch.Of[string]   `json:"name"`
	Tags patch.Of[[]string] `json:"tags"`
	Age  patch.Of[int]      `json:"age"`
}

func TestFieldsOfABody(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]document{
		`{}`:                              {},
		`{"name":"Ana"}`:                  {Name: patch.Set("Ana")},
		`{"name":""}`:                     {Name: patch.Set("")},
		`{"name":null}`:                   {Name: patch.Clear[string]()},
		`{"name": null , "age": 0}`:       {Name: patch.Clear[string](), Age: patch.Set(0)},
		`{"tags":[]}`:                     {Tags: patch.Set([]string{})},
		`{"tags":["a"],"age":7}`:          {Tags: patch.Set([]string{"a"}), Age: patch.Set(7)},
		`{"name":"null"}`:                 {Name: patch.Set("null")},
		`{"name":"Ana","name":null}`:      {Name: patch.Clear[string]()},
		`{"name":null,"name":"Ana"}`:      {Name: patch.Set("Ana")},
		`{"tags":["a","b"],"tags":["c"]}`: {Tags: patch.Set([]string{"c"})},
	} {
		var got document
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Errorf("%s: %v", body, err)
		} else if !cmp.Equal(got, want) {
			t.Errorf("%s: %s", body, cmp.Diff(want, got))
		}
	}
}

func TestValueOfAnotherTypeIsAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"name":1}`, `{"age":"7"}`, `{"age":1.5}`, `{"tags":"a"}`} {
		var got document
		if err := json.Unmarshal([]byte(body), &got); err == nil {
			t.Errorf("%s is taken as %v, want an error", body, got)
		}
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		field patch.Of[string]
		want  string
	}{
		{"AbsentChangesNothing", patch.Of[string]{}, "before"},
		{"ValueReplaces", patch.Set("after"), "after"},
		{"EmptyValueReplaces", patch.Set(""), ""},
		{"NullClears", patch.Clear[string](), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := "before"
			c.field.Apply(&got)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestMapChangesValuesOnly(t *testing.T) {
	t.Parallel()
	if got, err := patch.Map(patch.Set("7"), strconv.Atoi); err != nil || got != patch.Set(7) {
		t.Errorf("a value: %v, %v, want 7", got, err)
	}
	never := func(string) (int, error) { return 0, errors.New("called") }
	if got, err := patch.Map(patch.Clear[string](), never); err != nil || got != patch.Clear[int]() {
		t.Errorf("null: %v, %v, want null", got, err)
	}
	if got, err := patch.Map(patch.Of[string]{}, never); err != nil || got.Present {
		t.Errorf("absent: %v, %v, want absent", got, err)
	}
	if _, err := patch.Map(patch.Set("x"), strconv.Atoi); err == nil {
		t.Error("the error of the function is lost")
	}
}
