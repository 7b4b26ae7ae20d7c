package httpapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAListIsWalkedPageByPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 7 {
		w.create(t, "/v1/rooms", `{"name":"room %d","external_id":"walk","entity_id":%d}`, i, w.ours.entity)
	}
	seen := map[float64]bool{}
	cursor := ""
	for pages := 1; ; pages++ {
		path := "/v1/rooms?external_id=walk&limit=3"
		if cursor != "" {
			path += "&cursor=" + url.QueryEscape(cursor)
		}
		page := want(t, w.do(t, w.admin, http.MethodGet, path, ""), http.StatusOK, nil)
		items, _ := page["items"].([]any)
		for _, item := range items {
			id, _ := item.(map[string]any)["id"].(float64)
			if seen[id] {
				t.Errorf("room %v is on two pages", id)
			}
			seen[id] = true
		}
		next, more := page["next_cursor"].(string)
		if !more {
			if pages != 3 || len(seen) != 7 {
				t.Errorf("walked %d pages and %d rooms, want 3 and 7", pages, len(seen))
			}
			return
		}
		cursor = next
	}
}

func TestACursorIsOfItsList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := want(t, w.do(t, w.manager, http.MethodGet, "/v1/entities?limit=1", ""), http.StatusOK, nil)
	cursor, _ := page["next_cursor"].(string)
	if cursor == "" {
		t.Fatal("no next page")
	}
	for _, path := range []string{"/v1/rooms?cursor=", "/v1/entities?active=true&cursor="} {
		wantProblem(t, w.do(t, w.manager, http.MethodGet, path+cursor, ""), http.StatusUnprocessableEntity, "invalid-cursor")
	}
}

func TestAnEmptyListIsAnEmptyArray(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.do(t, w.admin, http.MethodGet, "/v1/rooms?external_id=none", "")
	if got.body != `{"items":[]}`+"\n" {
		t.Errorf("got %s", got.body)
	}
}

func TestAListHasInstructionsWhenAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	departments := fmt.Sprintf("/v1/entities/%d/departments", w.ours.entity)
	w.create(t, departments, `{"name":"with","instructions":{"prompt":"Pergunte se há dor."}}`)
	w.create(t, departments, `{"name":"without"}`)
	for _, tt := range []struct{ list, name, want string }{
		{departments + "?", "with", `{"prompt":"Pergunte se há dor."}`},
		{departments + "?", "without", `null`},
		{"/v1/entities?", "ours", `{"prompt":"Clínica"}`},
	} {
		t.Run(tt.list+tt.name, func(t *testing.T) {
			t.Parallel()
			var asked any
			if err := json.Unmarshal([]byte(tt.want), &asked); err != nil {
				t.Fatal(err)
			}
			brief := itemNamed(t, w, tt.list, tt.name)
			if told, is := brief["instructions"]; is {
				t.Errorf("the list has instructions: %v", told)
			}
			whole := itemNamed(t, w, tt.list+"include=instructions", tt.name)
			told, is := whole["instructions"]
			if diff := cmp.Diff(asked, told); diff != "" || !is {
				t.Errorf("the list with instructions has them: %v (-want +got):\n%s", is, diff)
			}
			delete(whole, "instructions")
			if diff := cmp.Diff(whole, brief); diff != "" {
				t.Errorf("the rest (-with +without):\n%s", diff)
			}
		})
	}
	got := w.do(t, w.manager, http.MethodGet, departments+"?include=everything", "")
	wantProblem(t, got, http.StatusUnprocessableEntity, "invalid-input")
}

// itemNamed is the record of a list that has the name.
func itemNamed(t *testing.T, w *world, path, name string) map[string]any {
	t.Helper()
	page := want(t, w.do(t, w.manager, http.MethodGet, path, ""), http.StatusOK, nil)
	items, _ := page["items"].([]any)
	for _, item := range items {
		if record, _ := item.(map[string]any); record["name"] == name {
			return record
		}
	}
	t.Fatalf("no %q in %v", name, page)
	return nil
}

func TestAnAnswerTellsItsLength(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 30 { // more than net/http would gather by itself
		w.create(t, fmt.Sprintf("/v1/entities/%d/departments", w.ours.entity), `{"name":"department %d"}`, i)
	}
	server := httptest.NewServer(w.handler)
	defer server.Close()
	for path, status := range map[string]int{
		fmt.Sprintf("/v1/entities/%d/departments", w.ours.entity): http.StatusOK,
		"/v1/entities?limit=x": http.StatusUnprocessableEntity,
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+w.manager)
			answer, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if err != nil || answer.StatusCode != status {
				t.Fatalf("%s %s: got %d, %v", method, path, answer.StatusCode, err)
			}
			if answer.ContentLength <= 0 || method == http.MethodGet && answer.ContentLength != int64(len(body)) {
				t.Errorf("%s %s: got length %d and %d bytes", method, path, answer.ContentLength, len(body))
			}
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.ours
	if got := w.do(t, w.manager, http.MethodDelete, fmt.Sprintf("/v1/departments/%d", c.department), ""); got.status != http.StatusNoContent {
		t.Fatal(got.body)
	}
	tests := []struct {
		path     string
		has, not string
	}{
		{fmt.Sprintf("/v1/users?entity_id=%d", c.entity), "ours@clinic.example", "theirs@"},
		{"/v1/users?active=true", "ours@clinic.example", ""},
		{"/v1/users?active=false", `"items":[]`, "ours@"},
		{fmt.Sprintf("/v1/professionals?entity_id=%d", c.entity), `"ours"`, `"theirs"`},
		{fmt.Sprintf("/v1/professionals?department_id=%d", c.department), `"ours"`, `"theirs"`},
		{"/v1/professionals?phone_number=(11)+95555-0003", `"ours"`, `"items":[]`},
		{"/v1/professionals?phone_number=%2B5511999999999", `"items":[]`, `"ours"`},
		{fmt.Sprintf("/v1/participants?entity_id=%d&type=CLIENT", c.entity), `"ours"`, `"theirs"`},
		{"/v1/participants?type=AGENT", `"ours agent"`, `"ours"`},
		{fmt.Sprintf("/v1/rooms?entity_id=%d&status=OPEN", c.entity), `"ours"`, `"theirs"`},
		{fmt.Sprintf("/v1/rooms?department_id=%d", c.department), `"ours"`, `"theirs"`},
		{"/v1/rooms?status=CLOSED", `"items":[]`, `"ours"`},
		{fmt.Sprintf("/v1/entities/%d/departments?active=true", c.entity), `"items":[]`, `"ours"`},
		{fmt.Sprintf("/v1/entities/%d/departments?active=false", c.entity), `"ours"`, ""},
		{fmt.Sprintf("/v1/entities/%d/departments", c.entity), `"ours"`, `"theirs"`},
		{fmt.Sprintf("/v1/professionals/%d/memberships?entity_id=%d", c.professional, c.entity), `"professional_id"`, ""},
		{fmt.Sprintf("/v1/professionals/%d/memberships?active=false", c.professional), `"items":[]`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			got := w.do(t, w.manager, http.MethodGet, tt.path, "")
			if got.status != http.StatusOK || !strings.Contains(got.body, tt.has) {
				t.Errorf("%d, want %s in %s", got.status, tt.has, got.body)
			}
			if tt.not != "" && strings.Contains(got.body, tt.not) {
				t.Errorf("%s in %s", tt.not, got.body)
			}
		})
	}
}
