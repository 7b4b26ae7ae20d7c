package httpapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/jsonobj"
)

type slowEvent struct {
	Name string          `json:"name"`
	Data json.RawMessage `json:"data"`
}

type slowBatch struct {
	Events []slowEvent `json:"events"`
}

// slowDecode is what reads the body of an event or a batch, by encoding/json, in several passes. It returns the text of the
// refusal. Within a batch encoding/json does not tell which event has a member of a wrong type.
func slowDecode(raw []byte, batch bool) ([]conference.EventParams, string) {
	if !utf8.Valid(raw) {
		return nil, "invalid-json: the request body must be valid UTF-8"
	}
	if tooDeep(raw) {
		return nil, "invalid-json: the request body must not be nested more than 64 levels deep"
	}
	one, many := slowEvent{}, slowBatch{}
	var into any = &one
	if batch {
		into = &many
	}
	if refusal := slowStrict(raw, into); refusal != "" {
		return nil, refusal
	}
	if !batch {
		many.Events = []slowEvent{one}
	}
	if n := len(many.Events); n == 0 || n > conference.MaxBatch {
		return nil, "invalid-input: body.events: must be 1 to 1000 events"
	}
	var params []conference.EventParams
	for i, e := range many.Events {
		data, err := jsonobj.Parse(e.Data)
		if err != nil {
			place := "body"
			if batch {
				place = fmt.Sprintf("body.events[%d]", i)
			}
			return nil, "invalid-input: " + place + ".data: " + strings.TrimPrefix(err.Error(), "invalid-object: ")
		}
		params = append(params, conference.EventParams{Name: e.Name, Data: data})
	}
	return params, ""
}

func slowStrict(raw []byte, v any) (refusal string) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	wrong, isWrong := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "invalid-json: the body is not valid JSON: it ends too early"
	case isSyntax:
		return fmt.Sprintf("invalid-json: the body is not valid JSON, at byte %d", syntax.Offset)
	case isWrong && wrong.Field == "":
		return "invalid-input: body: must be a JSON object"
	case isWrong:
		return "invalid-input: body." + wrong.Field + ": is of the wrong type or out of range"
	case err != nil:
		return "invalid-input: body: has an unknown member"
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return "invalid-json: the body is not valid JSON: it goes on after its end"
	}
	return ""
}

// tooDeep reports whether the brackets of what may be no JSON nest too deep.
func tooDeep(raw []byte) bool {
	text := regexp.MustCompile(`(?s)"(\\.|[^"\\])*("|\\?$)`).ReplaceAll(raw, nil)
	depth := 0
	for _, c := range text {
		switch c {
		case '{', '[':
			if depth++; depth > 64 {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// asOurs reports whether a body means the same to both: encoding/json takes Name for name, and puts the events of a second
// list into those of the first.
func asOurs(raw []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	lists := 0
	for {
		token, err := dec.Token()
		if err != nil {
			return true
		}
		text, _ := token.(string)
		for _, name := range []string{"name", "data", "events"} {
			if text != name && strings.EqualFold(text, name) {
				return false
			}
		}
		if text == "events" {
			lists++
		}
		if lists > 1 {
			return false
		}
	}
}

func checkEventBody(tb testing.TB, raw []byte) {
	tb.Helper()
	if !asOurs(raw) {
		return
	}
	one, oneErr := httpapi.DecodeEvent(raw)
	many, manyErr := httpapi.DecodeEvents(raw)
	for _, got := range []struct {
		batch  bool
		params []conference.EventParams
		err    error
	}{{false, []conference.EventParams{one}, oneErr}, {true, many, manyErr}} {
		want, refusal := slowDecode(raw, got.batch)
		if got.err == nil {
			if refusal != "" || !reflect.DeepEqual(got.params, want) {
				tb.Fatalf("%.300q is read as %.300q, want %.300q, %s", raw, got.params, want, refusal)
			}
			continue
		}
		said := got.err.Error()
		if !strings.Contains(said, "].data:") { // encoding/json knows less
			said = regexp.MustCompile(`\[\d+\]`).ReplaceAllString(said, "")
		}
		said = strings.Replace(said, "body.events: has an unknown member", "body: has an unknown member", 1)
		if said != refusal {
			tb.Fatalf("%.300q (batch: %t):\n%s, want\n%s", raw, got.batch, said, refusal)
		}
	}
}

// eventBodies are bodies, most of which are refused.
func eventBodies() []string {
	event := `{"name":"x","data":{"text":"olá","n":[1,2.50]}}`
	bodies := []string{
		event, " \n" + strings.ReplaceAll(event, ":", " : ") + "\r\n", `{"events":[` + event + `]}`, ` { "events" : [ ` + event + " , " + event + ` ] } `,
		"", " ", "null", "nul", "true", "7", "7x", `"x"`, "[]", "{}", "{", "{]", `{"events":`, `{"events":[`, `{"events":[{`, `{"events":[]}`, `{"events":null}`, `{"events":{}}`,
		`{"name":null,"data":null}`, `{"name":5}`, `{"name":true}`, `{"name":[]}`, `{"name":{"a":1}}`, `{"data":5}`, `{"data":[]}`, `{"data":"x"}`, `{"data":nul}`, `{"data":{"a":1,}}`,
		`{"name":"a\u0000\n\ud83d \ud83d\ude00\/"}`, `{"n\u0061me":"x"}`, `{"\u0064ata":{"a":"\ud83d"}}`, `{"":1}`,
		`{"name":"a","name":"b"}`, `{"name":"a","name":null}`, `{"name":"a","name":5}`, `{"data":[],"data":{"a":1}}`, `{"data":{"a":1},"data":[]}`, `{"data":{"a":1},"data":null}`,
		`{"when":1,"name":5}`, `{"name":5,"when":1}`, `{"when":{"name":5,"deep":[[]]},"name":"x"}`, `{"when":{"name":5,}}`, `{"name":5} x`, `{"name":"x"} x`, `{"name":"x"}{}`, `{"data":[]} x`,
		`{"events":[null]}`, `{"events":[1]}`, `{"events":[{"name":"x"},{"name":1}]}`, `{"events":[{"name":"x"},{"data":1},{"data":[]}]}`, `{"events":[{"name":"x","when":1}]}`,
		`{"events":[{"data":1}],"when":1}`, `{"when":1,"events":[{"data":1}]}`, `{"events":[{"data":1},{"name":"x"]}`, `{"events":[{"name":"x"},]}`, `{"events":[{"name":"x"} {}]}`, `{"events":"x"}`, `{"events":[[]]}`,
		"{\"name\":\"\xff\"}", "{\"name\":5}\xff", "{\"events\":[{\"name\":\"x\"}]}\xff", "{\xff", "{\"\xff\":1}", "{\"data\":{\"a\":\"\xc0\x80\"}}",
		`{"events":[` + strings.Repeat(`{"name":"x"},`, conference.MaxBatch) + `{"name":"x"}]}`,
		`{"events":[` + strings.Repeat(`{"name":"x"},`, conference.MaxBatch) + `{"name":5}]}`,
		`{"events":[` + strings.Repeat(`{"name":"x"},`, conference.MaxBatch-1) + `{"data":5}]}`,
		`{"data":{"a":"` + strings.Repeat("x", jsonobj.MaxBytes) + `"}}`,
	}
	for _, depth := range []int{15, 16, 17, 61, 62, 63, 64, 65, 20_000} {
		open, end := strings.Repeat("[", depth), strings.Repeat("]", depth)
		bodies = append(bodies, open, open+end, `{"data":{"a":`+open+end+`}}`, `{"data":`+open+end+`,"data":{}}`, `{"when":`+open+end+`}`, `{"name":"x"}`+open, `{"name":"`+open+`"}`, `{"events":[{"data":{"a":`+open)
	}
	return bodies
}

func TestEventBodiesAreReadAsByEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, body := range eventBodies() {
		checkEventBody(t, []byte(body))
	}
}

func TestRefusalsOfEventBodiesSayWhere(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"events":[{"name":"x"},{"name":5}]}`:                       "invalid-input: body.events[1].name: is of the wrong type or out of range",
		`{"events":[{},{},{"when":1}]}`:                              "invalid-input: body.events[2]: has an unknown member",
		`{"events":[{},7]}`:                                          "invalid-input: body.events[1]: is of the wrong type or out of range",
		`{"when":1}`:                                                 "invalid-input: body: has an unknown member",
		`{"Events":[]}`:                                              "invalid-input: body: has an unknown member",
		`{"events":[{},{"data":{"a":"\u0000"}},{"data":1}]}`:         `invalid-input: body.events[1].data: must not contain the character \u0000`,
		`{"events":[{"name":"x","data":1}],"events":[{"name":"y"}]}`: "", // the last list counts
		`{"events":[{"name":"x"}],"events":null}`:                    "invalid-input: body.events: must be 1 to 1000 events",
		`{"events":[{"data":{"a":` + strings.Repeat("[", 70) + `}}],"events":[{}]}`:                     "invalid-json: the request body must not be nested more than 64 levels deep",
		`{"events":[{"data":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}],"events":[{}]}`: "invalid-json: the request body must not be nested more than 64 levels deep",
	} {
		_, err := httpapi.DecodeEvents([]byte(body))
		if err == nil != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

func TestEventsOutliveTheBufferOfTheirBody(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"events":[{"name":"first","data":{"a":1}},{"name":"second","data":{"a": 2}}]}`)
	params, err := httpapi.DecodeEvents(raw)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		raw[i] = 'x'
	}
	if want := []conference.EventParams{{Name: "first", Data: `{"a":1}`}, {Name: "second", Data: `{"a":2}`}}; !reflect.DeepEqual(params, want) {
		t.Errorf("the events are %q, want %q", params, want)
	}
}

func TestAKeyIsNotSpentOnABodyThatIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/v1/rooms/%d/events", w.ours.room)
	for name, broken := range map[string]string{"utf8": "{\"name\":\"\xff\"}", "deep": strings.Repeat("[", 70), "cut": `{"name":"x"`} {
		wantProblem(t, w.do(t, w.admin, http.MethodPost, path, broken, named(name)), http.StatusBadRequest, "invalid-json")
		if got := w.do(t, w.admin, http.MethodPost, path, `{"name":"x"}`, named(name)); got.status != http.StatusCreated {
			t.Errorf("%s: the event that was meant, with the same key: %d %s", name, got.status, got.body)
		}
	}
}

func FuzzEventBodies(f *testing.F) {
	for _, body := range eventBodies() {
		if len(body) < 1000 {
			f.Add([]byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) { checkEventBody(t, raw) })
}
