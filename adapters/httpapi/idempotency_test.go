package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// named sets the header, as often as it is given keys.
func named(keys ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header["Idempotency-Key"] = keys }
}

// wantEvents checks how many events of a kind and a name a room has.
func (w *world) wantEvents(t *testing.T, path, name string, want int) {
	t.Helper()
	got, cursor := 0, ""
	for {
		var list struct {
			Items []struct{}
			Next  string `json:"next_cursor"`
		}
		w.do(t, w.admin, http.MethodGet, path+"?limit=200&name="+name+cursor, "").decode(t, &list)
		got += len(list.Items)
		if list.Next == "" {
			break
		}
		cursor = "&cursor=" + url.QueryEscape(list.Next)
	}
	if got != want {
		t.Errorf("%s has %d events %q, want %d", path, got, name, want)
	}
}

func TestARepeatedRequestIsAnsweredTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, kind := range []string{"events", "agent-events"} {
		path := fmt.Sprintf("/v1/rooms/%d/%s", w.ours.room, kind)
		for key, request := range map[string]struct{ path, body, spaced string }{
			kind + "-one":  {path, `{"name":"one","data":{"n":1.50,"m":2}}`, "{ \"data\": {\"m\": 2, \"n\":1.50},\n \"name\":\"one\" }"},
			kind + "-many": {path + "/batch", `{"events":[{"name":"many"},{"name":"many","data":{}}]}`, `{"events":[{"name":"many","data":{}},{"data":null,"name":"many"}]}`},
		} {
			first := w.do(t, w.admin, http.MethodPost, request.path, request.body, named(key))
			again := w.do(t, w.admin, http.MethodPost, request.path, request.body, named(key))
			if first.status != http.StatusCreated || again.status != http.StatusCreated || first.body != again.body {
				t.Errorf("%s: first %d %s, then %d %s", key, first.status, first.body, again.status, again.body)
			}
			spaced := w.do(t, w.admin, http.MethodPost, request.path, request.spaced, named(key))
			if was, is := first.object(t), spaced.object(t); spaced.status != http.StatusCreated || was["id"] != is["id"] || fmt.Sprint(was["items"]) != fmt.Sprint(is["items"]) {
				t.Errorf("%s, written otherwise: first %s, then %d %s", key, first.body, spaced.status, spaced.body)
			}
		}
		w.wantEvents(t, path, "one", 1)
		w.wantEvents(t, path, "many", 2)
	}
}

func TestAKeyIsNotReusedForAnotherRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/v1/rooms/%d/events", w.ours.room)
	agents := fmt.Sprintf("/v1/rooms/%d/agent-events", w.ours.room)
	another := w.create(t, "/v1/rooms", `{"name":"another","entity_id":%d}`, w.ours.entity)
	one, batch := `{"name":"x"}`, `{"events":[{"name":"x"}]}`
	if got := w.do(t, w.admin, http.MethodPost, path, one, named("key")); got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	for _, request := range []struct{ path, body string }{
		{path, `{"name":"y"}`},
		{path, `{"name":"x","data":{"n":1}}`},
		{path + "/batch", batch},
		{agents, one},
		{agents + "/batch", batch},
		{fmt.Sprintf("/v1/rooms/%d/events", another), one},
	} {
		got := w.do(t, w.admin, http.MethodPost, request.path, request.body, named("key"))
		wantProblem(t, got, http.StatusUnprocessableEntity, "idempotency-key-reused")
	}
	if got := w.do(t, w.manager, http.MethodPost, path, `{"name":"y"}`, named("key")); got.status != http.StatusCreated {
		t.Errorf("another user's key: %d %s", got.status, got.body)
	}
	w.wantEvents(t, path, "x", 1)
	w.wantEvents(t, path, "y", 1)
	w.wantEvents(t, agents, "x", 0)
}

func TestBadKeysAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/v1/rooms/%d/events", w.ours.room)
	for name, keys := range map[string][]string{
		"Empty": {""}, "Two": {"a", "b"}, "TwoEqual": {"a", "a"}, "WithASpace": {"a b"}, "NotASCII": {"chavé"},
		"Control": {"a\x01"}, "TooLong": {strings.Repeat("k", 256)},
	} {
		for path, body := range map[string]string{path: `{"name":"x"}`, path + "/batch": `{"events":[{"name":"x"}]}`} {
			p := wantProblem(t, w.do(t, w.admin, http.MethodPost, path, body, named(keys...)), http.StatusUnprocessableEntity, "invalid-input")
			if !strings.Contains(fmt.Sprint(p["errors"]), "location:header.Idempotency-Key") {
				t.Errorf("%s: the errors %v do not name the header", name, p["errors"])
			}
		}
	}
	w.wantEvents(t, path, "x", 0)
	wantProblem(t, w.do(t, "", http.MethodPost, path, `{"name":"x"}`, named("")), http.StatusUnauthorized, "missing-token")
	longest := w.do(t, w.admin, http.MethodPost, path, `{"name":"x"}`, named(strings.Repeat("~", 255)))
	if longest.status != http.StatusCreated {
		t.Errorf("the longest key: %d %s", longest.status, longest.body)
	}
}

func TestAFullBatchIsRepeatedByManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/v1/rooms/%d/events", w.ours.room)
	body := `{"events":[` + strings.Repeat(`{"name":"x","data":{"text":"olá"}},`, 999) + `{"name":"x"}]}`
	answers := make([]result, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = w.do(t, w.admin, http.MethodPost, path+"/batch", body, named("key")) })
	}
	all.Wait()
	for _, got := range answers {
		if got.status != http.StatusCreated || got.body != answers[0].body {
			t.Fatalf("answers differ: %d %.200s, and %d %.200s", got.status, got.body, answers[0].status, answers[0].body)
		}
	}
	var stored struct {
		Inserted int
		Items    []struct{ ID int64 }
	}
	answers[0].decode(t, &stored)
	if stored.Inserted != 1000 || len(stored.Items) != 1000 {
		t.Errorf("inserted %d, and answered with %d", stored.Inserted, len(stored.Items))
	}
	w.wantEvents(t, path, "x", 1000)
}
