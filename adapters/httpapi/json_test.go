package httpapi_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/httpapi"
)

// sameJSON checks that what writes its own JSON says what encoding/json would.
func sameJSON(tb testing.TB, v any) {
	tb.Helper()
	want, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	got := httpapi.Marshal(v)
	var wanted, gotten any
	if err := json.Unmarshal([]byte(got), &gotten); err != nil {
		tb.Fatalf("not JSON: %v: %s", err, got)
	}
	if err := json.Unmarshal(want, &wanted); err != nil {
		tb.Fatal(err)
	}
	if diff := cmp.Diff(wanted, gotten); diff != "" {
		tb.Errorf("%T (-encoding/json +ours):\n%s", v, diff)
	}
}

func object(tb testing.TB, raw string) httpapi.Object {
	tb.Helper()
	var o httpapi.Object
	if err := json.Unmarshal([]byte(raw), &o); err != nil {
		tb.Fatal(err)
	}
	return o
}

func checkRecords(tb testing.TB, id int64, text string, data httpapi.Object, at time.Time, flag bool) {
	tb.Helper()
	department := httpapi.Department{ID: id, EntityID: id + 1, Name: text, Instructions: data, Active: flag, CreatedAt: at, UpdatedAt: at}
	event := httpapi.Event{ID: id, RoomID: id + 1, Name: text, Data: data, CreatedAt: at}
	entity := httpapi.Entity{ID: id, Name: text, Type: text, Instructions: data, Active: flag, CreatedAt: at, UpdatedAt: at}
	sameJSON(tb, department)
	sameJSON(tb, entity)
	entity.Instructions = httpapi.Told(data, false)
	sameJSON(tb, entity)
	brief := department
	brief.Instructions = httpapi.Told(data, false)
	sameJSON(tb, brief)
	sameJSON(tb, event)
	sameJSON(tb, httpapi.List[httpapi.Department]{Items: []httpapi.Department{department, department}, NextCursor: text})
	sameJSON(tb, httpapi.List[httpapi.Event]{Items: []httpapi.Event{}})
	sameJSON(tb, httpapi.List[httpapi.Source]{Items: []httpapi.Source{{Level: text, ID: &id}, {Level: text}}})
	sameJSON(tb, httpapi.AppendedEvents{Inserted: 2, CreatedAt: at, IDs: []int64{id, id + 1}})
	sameJSON(tb, httpapi.AppendedEvents{IDs: []int64{}})
	sameJSON(tb, httpapi.Instructions{Instructions: data, Text: text, Sources: []httpapi.Source{{Level: text}, {Level: text, ID: &id}}})
}

func TestWhatWritesItsOwnJSONIsRight(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 11, 3, 14, 30, 0, 123456000, time.UTC)
	for _, text := range []string{"", "Cardiologia", "aspas \" e \\ barra", "\n\t\r\b\f\x00\x1f\x7f", "é 日本 😀 \u2028", "a\xffb\xc3", "<&>"} {
		checkRecords(t, 7, text, object(t, `{"a":[1,2.50,"x"]}`), at, true)
		checkRecords(t, -1, text, object(t, `null`), at.Truncate(time.Second), false)
	}
}

func FuzzWhatWritesItsOwnJSON(f *testing.F) {
	f.Add(int64(7), "Cardiologia \"A\"\x00\xff\u2028", `{"a":1}`, int64(1_700_000_000_000_000), true)
	f.Fuzz(func(t *testing.T, id int64, text, data string, micros int64, flag bool) {
		at := time.UnixMicro(micros).UTC()
		if id == 1<<63-1 || at.Year() < 0 || at.Year() > 9999 {
			return // JSON has no such time
		}
		checkRecords(t, id, text, object(t, "{}"), at, flag)
		if json.Valid([]byte(data)) {
			checkRecords(t, id, text, object(t, data), at, flag)
		}
	})
}
