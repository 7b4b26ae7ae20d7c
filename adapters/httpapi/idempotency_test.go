package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// named sets the header, as often as it is given keys.
func named(keys ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header["Idempotency-Key"] = keys }
}

// takesKey are the operations that take an Idempotency-Key by the document.
func takesKey(tb testing.TB, w *world) map[string]bool {
	tb.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Parameters  []struct{ Name, In string }
		}
	}
	w.do(tb, "", http.MethodGet, "/openapi.json", "").decode(tb, &doc)
	takes := map[string]bool{}
	for _, methods := range doc.Paths {
		for _, op := range methods {
			for _, p := range op.Parameters {
				if p.Name == "Idempotency-Key" && p.In == "header" {
					takes[op.OperationID] = true
				}
			}
		}
	}
	return takes
}

// forgetful are keys whose answers are never kept, as if the process died before.
type forgetful struct{ ports.IdempotencyRepository }

func (forgetful) Complete(context.Context, identity.IdempotencyRecord, jsonobj.Object) error {
	return errors.New("the process died")
}

// sameAnswer checks that an answer is another one again, byte for byte.
func sameAnswer(tb testing.TB, first, again result) {
	tb.Helper()
	if again.status != first.status || again.body != first.body {
		tb.Errorf("first %d %s\nthen %d %s", first.status, first.body, again.status, again.body)
	}
	for _, name := range []string{"Content-Type", "Location", "ETag"} {
		if was, is := first.header.Get(name), again.header.Get(name); was != is {
			tb.Errorf("%s was %q and is %q", name, was, is)
		}
	}
	if first.header.Get("Idempotent-Replayed") != "" || again.header.Get("Idempotent-Replayed") != "true" {
		tb.Errorf("Idempotent-Replayed is %q, and then %q", first.header.Get("Idempotent-Replayed"), again.header.Get("Idempotent-Replayed"))
	}
}

// spaced is a JSON object, written otherwise.
func spaced(tb testing.TB, body string) string {
	tb.Helper()
	if body == "" {
		return ""
	}
	dec := json.NewDecoder(strings.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		tb.Fatal(err)
	}
	out, err := json.MarshalIndent(v, " ", "\t")
	if err != nil {
		tb.Fatal(err)
	}
	return string(out)
}

// TestEveryPOSTIsDoneOnce drives every POST that does something by its row of the access table.
func TestEveryPOSTIsDoneOnce(t *testing.T) {
	t.Parallel()
	takes := takesKey(t, newWorld(t))
	exempt := map[string]bool{"connect-whatsapp": true, "understand": true, "preview-availability": true, "find-group-availability": true, "create-api-key": true, "create-join-token": true}
	for _, row := range accessTable() {
		if row.method != http.MethodPost || row.public {
			continue
		}
		if takes[row.operation] == exempt[row.operation] {
			t.Errorf("%s takes a key: %v", row.operation, takes[row.operation])
		}
		switch row.operation {
		case "create-clinic": // the table's is refused
			row.status = http.StatusCreated
			row.body = func(c clinicIDs) string { return fmt.Sprintf(`{"tenant_name":"new","entity_id":%d}`, c.entity+2) }
		case "route-calendar": // the table's does nothing
			row.body = func(c clinicIDs) string {
				return fmt.Sprintf(`{"professional_id":%q,"operation":"create","event_data":{"start":%q,"summary":"Ana"}}`, c.frontDesk.professional, c.frontDesk.starts[0])
			}
		}
		if takes[row.operation] {
			t.Run(row.operation, func(t *testing.T) {
				t.Parallel()
				checkReplayed(t, row)
			})
			t.Run(row.operation+"/KilledBeforeTheAnswerIsKept", func(t *testing.T) {
				t.Parallel()
				checkKilled(t, row)
			})
		}
	}
}

// post sends the request of a row with a key.
func (w *world) post(t *testing.T, row access) result {
	t.Helper()
	body := ""
	if row.body != nil {
		body = row.body(w.ours)
	}
	return w.do(t, w.manager, http.MethodPost, row.path(w.ours), body, named("key"))
}

func checkReplayed(t *testing.T, row access) {
	t.Helper()
	w := newConference(t)
	w.create(t, "/v1/entities", `{"name":"new"}`) // one that has no clinic
	first := w.post(t, row)
	if first.status != row.wantStatus() {
		t.Fatalf("%d %s", first.status, first.body)
	}
	sameAnswer(t, first, w.post(t, row))
	if row.body != nil {
		written := row.body
		row.body = func(c clinicIDs) string { return spaced(t, written(c)) }
		sameAnswer(t, first, w.post(t, row))
	}
	another := w.do(t, w.manager, http.MethodPost, "/v1/entities", `{"name":"another request"}`, named("key"))
	wantProblem(t, another, http.StatusUnprocessableEntity, "idempotency-key-reused")
}

func checkKilled(t *testing.T, row access) {
	t.Helper()
	s := openStore(t, realTime)
	keys := s.deps.Repositories.IdempotencyKeys
	s.deps.Repositories.IdempotencyKeys = forgetful{keys}
	s.liveKit = newLiveKit()
	w := newWorldIn(t, s)
	w.create(t, "/v1/entities", `{"name":"new"}`)
	if got := w.post(t, row); got.status != row.wantStatus() {
		t.Fatalf("%d %s", got.status, got.body)
	}
	record, err := keys.Get(t.Context(), strings.Replace(w.manager, "token-", "user:", 1), "key")
	if err != nil {
		t.Fatal(err)
	}
	if record.State != identity.RequestCommitted {
		t.Errorf("the effect was stored without its key, whose state is %s: the request would be done again", record.State)
	}
	got := w.post(t, row)
	wantProblem(t, got, http.StatusConflict, "idempotency-key-in-flight")
	if got.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After = %q, want 1", got.header.Get("Retry-After"))
	}
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
	bound := w.do(t, w.admin, http.MethodPost, path, one, named("key"), matching(`"x"`))
	wantProblem(t, bound, http.StatusUnprocessableEntity, "idempotency-key-reused")
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

func TestARefusedRequestMayBeSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, body := range []string{`{"name":""}`, `{"name":7}`} {
		for range 2 {
			wantProblem(t, w.do(t, w.admin, http.MethodPost, "/v1/rooms", body, named("key")), http.StatusUnprocessableEntity, "invalid-input")
		}
	}
	if got := w.do(t, w.admin, http.MethodPost, "/v1/rooms", `{"name":"x"}`, named("key")); got.status != http.StatusCreated {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestABookingThatFailedMayBeSentAgain books a start while the calendar is away: the slot that was held meanwhile is free
// again, and so is the key.
func TestABookingThatFailedMayBeSentAgain(t *testing.T) {
	t.Parallel()
	s := openStore(t, realTime)
	w := newWorld(t, func(cfg *httpapi.Config) { cfg.Services = newServices(s) })
	path := "/v1/clinics/" + w.ours.frontDesk.tenant + "/appointments"
	body := fmt.Sprintf(`{"professional_id":%q,"start":%q,"patient":{"name":"Ana"}}`, w.ours.frontDesk.professional, w.ours.frontDesk.starts[0])
	book := func() result { return w.do(t, w.admin, http.MethodPost, path, body, named("key")) }
	for range 2 {
		s.calendar.Fail(errors.New("away"))
		if got := book(); got.status < 500 {
			t.Fatalf("without a calendar: %d %s", got.status, got.body)
		}
	}
	s.calendar.Fail(nil)
	first := book()
	if first.status != http.StatusCreated {
		t.Fatalf("%d %s", first.status, first.body)
	}
	sameAnswer(t, first, book())
	other := w.do(t, w.admin, http.MethodPost, path, body, named("another"))
	if other.status < 400 || other.status >= 500 {
		t.Errorf("the same start with another key: %d %s", other.status, other.body)
	}
}

func TestOneOfManyEqualRequestsIsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	events := fmt.Sprintf("/v1/rooms/%d/events", w.ours.room)
	batch := `{"events":[` + strings.Repeat(`{"name":"x","data":{"text":"olá"}},`, 99) + `{"name":"x"}]}`
	for path, body := range map[string]string{"/v1/entities": `{"name":"once"}`, events + "/batch": batch} {
		answers := make([]result, 64)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = w.do(t, w.manager, http.MethodPost, path, body, named("key-of"+path)) })
		}
		all.Wait()
		last := w.do(t, w.manager, http.MethodPost, path, body, named("key-of"+path))
		done := 0
		for _, got := range answers {
			switch {
			case got.status == http.StatusConflict:
				wantProblem(t, got, http.StatusConflict, "idempotency-key-in-flight")
			case got.header.Get("Idempotent-Replayed") == "":
				done++
				sameAnswer(t, got, last)
			case got.body != last.body:
				t.Errorf("%s: two answers differ: %s %s", path, got.body, last.body)
			}
		}
		if done != 1 {
			t.Errorf("%s was done %d times", path, done)
		}
	}
	w.wantEvents(t, events, "x", 100)
	if got := w.do(t, w.manager, http.MethodGet, "/v1/entities?limit=200", ""); strings.Count(got.body, `"once"`) != 1 {
		t.Errorf("the entities are %s", got.body)
	}
}

func TestAPasswordIsNoPartOfWhatIsRemembered(t *testing.T) {
	t.Parallel()
	s := openStore(t, realTime)
	w := newWorld(t, func(cfg *httpapi.Config) { cfg.Services = newServices(s) })
	request := func(secret string) result {
		return w.do(t, w.manager, http.MethodPost, "/v1/users", fmt.Sprintf(
			`{"email":"new@clinic.example","password":%q,"phone_number":"+5511955550009","role":"ENTITY_ADMIN","entity_id":%d}`, secret, w.ours.entity), named("key"))
	}
	const secret = "correct horse battery"
	first := request(secret)
	if first.status != http.StatusCreated {
		t.Fatalf("%d %s", first.status, first.body)
	}
	// The fingerprint of a request with another password is the same: nobody can try passwords on it.
	sameAnswer(t, first, request("another horse battery"))
	record, err := s.deps.Repositories.IdempotencyKeys.Get(t.Context(), strings.Replace(w.manager, "token-", "user:", 1), "key")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(record.Result), secret) {
		t.Errorf("the record holds the password: %s", record.Result)
	}
}
