package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// matching sets If-Match, as often as it is given fields.
func matching(fields ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header["If-Match"] = fields }
}

// wantETag returns the ETag of an answer.
func wantETag(tb testing.TB, got result) string {
	tb.Helper()
	tag := got.header.Get("ETag")
	if len(tag) < 3 || !strings.HasPrefix(tag, `"`) || !strings.HasSuffix(tag, `"`) {
		tb.Fatalf("ETag = %q, want an entity tag: %d %s", tag, got.status, got.body)
	}
	return tag
}

// wantStale checks that an answer refuses a change that was made for another version than the current one.
func wantStale(tb testing.TB, got result, current string) {
	tb.Helper()
	p := wantProblem(tb, got, http.StatusPreconditionFailed, "version-mismatch")
	if tag := fmt.Sprintf("%q", p["current_version"]); tag != current || wantETag(tb, got) != current {
		tb.Errorf("current_version is %v and the ETag %s, want %s", p["current_version"], got.header.Get("ETag"), current)
	}
}

// TestEveryChangeCanBeBoundToAVersion drives every PATCH and DELETE of the document by its row of the access table.
func TestEveryChangeCanBeBoundToAVersion(t *testing.T) {
	t.Parallel()
	operations := documented(t, newWorld(t))
	readable := map[string]bool{} // paths
	for _, op := range operations {
		if op.method == http.MethodGet {
			readable[op.path] = true
		}
	}
	for _, row := range accessTable() {
		if row.method != http.MethodPatch && row.method != http.MethodDelete {
			continue
		}
		t.Run(row.operation, func(t *testing.T) {
			t.Parallel()
			if !readable[operations[row.operation].path] {
				t.Fatalf("%s cannot be read, so that its version is unknown", operations[row.operation].path)
			}
			w := newConference(t)
			body := ""
			if row.body != nil {
				body = row.body(w.ours)
			}
			change := func(fields ...string) result {
				return w.do(t, w.manager, row.method, row.path(w.ours), body, matching(fields...))
			}
			read := func() result { return w.do(t, w.manager, http.MethodGet, row.path(w.ours), "") }

			before := read()
			tag := wantETag(t, before)
			wantStale(t, change(`"another"`), tag)
			if after := read(); after.body != before.body || wantETag(t, after) != tag {
				t.Errorf("a refused change changed something:\n%s%s", before.body, after.body)
			}
			got := change(tag)
			if got.status != row.wantStatus() {
				t.Fatalf("with the right version: %d %s", got.status, got.body)
			}
			if row.method != http.MethodPatch {
				return
			}
			if next := wantETag(t, got); next == tag || next != wantETag(t, read()) {
				t.Errorf("the ETag was %s and is %s, and then %s", tag, next, read().header.Get("ETag"))
			}
			wantStale(t, change(tag), wantETag(t, got))
		})
	}
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/v1/departments/%d", w.ours.department)
	for name, tt := range map[string]struct {
		fields func(tag string) []string
		status int
	}{
		"Any":            {func(string) []string { return []string{"*"} }, 200},
		"AnySpaced":      {func(string) []string { return []string{" * "} }, 200},
		"Exact":          {func(tag string) []string { return []string{tag} }, 200},
		"InAList":        {func(tag string) []string { return []string{`"a", ,` + tag + ` ,"b"`} }, 200},
		"OnASecondLine":  {func(tag string) []string { return []string{`"a"`, tag} }, 200},
		"Weak":           {func(tag string) []string { return []string{"W/" + tag} }, 412},
		"Another":        {func(string) []string { return []string{`"a"`} }, 412},
		"AQuotedStar":    {func(string) []string { return []string{`"*"`} }, 412},
		"WithAComma":     {func(string) []string { return []string{`"a,b"`} }, 412},
		"EmptyTag":       {func(string) []string { return []string{`""`} }, 412},
		"Empty":          {func(string) []string { return []string{""} }, 422},
		"Commas":         {func(string) []string { return []string{" , ,"} }, 422},
		"Unquoted":       {func(tag string) []string { return []string{strings.Trim(tag, `"`)} }, 422},
		"Open":           {func(tag string) []string { return []string{strings.TrimSuffix(tag, `"`)} }, 422},
		"Glued":          {func(tag string) []string { return []string{tag + tag} }, 422},
		"StarInAList":    {func(tag string) []string { return []string{"*, " + tag} }, 422},
		"LowerCaseWeak":  {func(tag string) []string { return []string{"w/" + tag} }, 422},
		"SpaceInTheTag":  {func(string) []string { return []string{`"a b"`} }, 422},
		"SomethingAfter": {func(tag string) []string { return []string{tag + " x"} }, 422},
	} {
		// One after another: each needs the tag that is left by the one before.
		tag := wantETag(t, w.do(t, w.admin, http.MethodGet, path, ""))
		got := w.do(t, w.admin, http.MethodPatch, path, `{"name":"x"}`, matching(tt.fields(tag)...))
		if got.status != tt.status {
			t.Errorf("%s: status = %d, want %d: %s", name, got.status, tt.status, got.body)
		}
		if got.status == http.StatusUnprocessableEntity && !strings.Contains(got.body, "header.If-Match") {
			t.Errorf("%s: the problem does not name the header: %s", name, got.body)
		}
	}
}

func TestOneOfManyChangesOfAVersionIsMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/v1/departments/%d", w.ours.department)
	tag := wantETag(t, w.do(t, w.admin, http.MethodGet, path, ""))
	answers := make([]result, 64)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i] = w.do(t, w.admin, http.MethodPatch, path, fmt.Sprintf(`{"name":"n%d"}`, i), matching(tag))
		})
	}
	all.Wait()
	after := w.do(t, w.admin, http.MethodGet, path, "")
	won := 0
	for _, got := range answers {
		if got.status == http.StatusOK {
			won++
			if got.body != after.body {
				t.Errorf("the winner was told %s and there is %s", got.body, after.body)
			}
			continue
		}
		wantStale(t, got, wantETag(t, after))
	}
	if won != 1 {
		t.Errorf("%d of 64 changes were made, want 1", won)
	}
}

func TestChangesWithoutAVersionAreMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := fmt.Sprintf("/v1/departments/%d", w.ours.department)
	tags := map[string]bool{}
	for range 20 { // faster than the clock's microsecond, if it comes to that
		tags[wantETag(t, w.do(t, w.admin, http.MethodPatch, path, `{"name":"x"}`))] = true
	}
	if len(tags) != 20 {
		t.Errorf("20 changes had %d versions", len(tags))
	}
}

func TestAVisitIsCancelledOrMovedInTheVersionThatWasSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/v1/clinics/" + w.ours.frontDesk.tenant + "/appointments/" + w.ours.frontDesk.appointment
	tag := wantETag(t, w.do(t, w.admin, http.MethodGet, path, ""))
	for operation, body := range map[string]string{"/cancel": `{"reason":"x"}`, "/reschedule": `{"start":"2030-01-01T12:00:00Z"}`} {
		wantStale(t, w.do(t, w.admin, http.MethodPost, path+operation, body, matching(`"another"`)), tag)
	}
	got := w.do(t, w.admin, http.MethodPost, path+"/cancel", `{"reason":"x"}`, matching(tag))
	if got.status != http.StatusOK || wantETag(t, got) == tag {
		t.Errorf("with the right version: %d %s", got.status, got.body)
	}
}

func TestListsHaveNoETag(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/v1/entities", "/v1/rooms"} {
		if got := w.do(t, w.manager, http.MethodGet, path, ""); got.status != http.StatusOK || got.header.Get("ETag") != "" {
			t.Errorf("GET %s: %d with the ETag %q", path, got.status, got.header.Get("ETag"))
		}
	}
}
