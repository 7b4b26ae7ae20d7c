package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// oursTold finds the mark of our records, which is not a part of a longer word such as quiet_hours.
var oursTold = regexp.MustCompile(`\bours\b`)

// access is one row of the access table: how an operation is asked, and what it answers to whom. Every operation of the
// OpenAPI document has a row: the test fails for one that has none.
type access struct {
	operation string // OperationID
	method    string
	path      func(c clinicIDs) string // of a record of that clinic
	body      func(c clinicIDs) string // nil: none

	endless bool // an answer to who may ask does not end by itself

	public bool // needs no token; only that is checked, with the status
	// strange says what another entity's administrator gets.
	strange strange
	status  int // what the manager gets; 0 is 200
}

// strange is what an administrator of another entity gets.
type strange int

const (
	notFound  strange = iota // 404, the very same as for a record that is not there
	forbidden                // 403, the very same as for a record that is not there: not an operation for administrators
	hidden                   // 2xx, and the answer does not have what is not its own
	allowed                  // 2xx: the operation touches nothing of anybody
)

func accessTable() []access {
	return append(backOfficeAccess(), frontDeskAccess()...)
}

// absent is a clinic that is not there.
func absent() clinicIDs {
	const none = 999_999
	return clinicIDs{none, none, none, none, none, none, none, none, none, none, none, none, none, noRepricing, absentKey, absentFrontDesk()}
}

func (a access) send(tb testing.TB, w *world, token string, c clinicIDs) result {
	tb.Helper()
	body := ""
	if a.body != nil {
		body = a.body(c)
	}
	if a.endless {
		ctx, cancel := context.WithTimeout(tb.Context(), 500*time.Millisecond)
		defer cancel()
		return w.do(tb, token, a.method, a.path(c), body, func(r *http.Request) { *r = *r.WithContext(ctx) })
	}
	return w.do(tb, token, a.method, a.path(c), body)
}

func TestAccess(t *testing.T) {
	t.Parallel()
	shared := newConference(t) // of those that change nothing in it
	for _, row := range accessTable() {
		t.Run(row.operation, func(t *testing.T) {
			t.Parallel()
			w := shared
			if row.method != http.MethodGet && !row.public {
				w = newConference(t)
			}
			if row.public {
				row.checkPublic(t, w)
				return
			}
			got := row.send(t, w, "", w.ours)
			wantProblem(t, got, http.StatusUnauthorized, "missing-token")
			if got.header.Get("WWW-Authenticate") == "" {
				t.Error("a 401 has no WWW-Authenticate")
			}
			wantProblem(t, row.send(t, w, "token-expired", w.ours), http.StatusUnauthorized, "expired-token")
			row.checkStrange(t, w)
			row.checkManager(t, w)
			row.checkKeys(t, shared)
		})
	}
}

func (a access) checkPublic(t *testing.T, w *world) {
	t.Helper()
	if got := a.send(t, w, "", w.ours); got.status != a.wantStatus() {
		t.Errorf("without a token: status = %d, want %d: %s", got.status, a.wantStatus(), got.body)
	}
}

func (a access) checkManager(t *testing.T, w *world) {
	t.Helper()
	if got := a.send(t, w, w.manager, w.ours); got.status != a.wantStatus() {
		t.Errorf("as a manager: status = %d, want %d: %s", got.status, a.wantStatus(), got.body)
	}
}

func (a access) wantStatus() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

func (a access) checkStrange(t *testing.T, w *world) {
	t.Helper()
	a.checkForeign(t, w, w.other, w.admin)
}

// checkForeign checks what somebody of another entity gets, who is good for anything there; own is somebody of this one.
func (a access) checkForeign(t *testing.T, w *world, foreign, own string) {
	t.Helper()
	got, nothing := a.send(t, w, foreign, w.ours), a.send(t, w, foreign, absent())
	want := map[strange]int{notFound: http.StatusNotFound, forbidden: http.StatusForbidden}[a.strange]
	switch a.strange {
	case notFound, forbidden:
		if got.status != want {
			t.Errorf("as somebody of another entity: status = %d, want %d: %s", got.status, want, got.body)
		}
		if got.status != nothing.status || got.body != nothing.body {
			t.Errorf("another entity's record can be told from an absent one:\n%d %s%d %s", got.status, got.body, nothing.status, nothing.body)
		}
	case hidden:
		if got.status != http.StatusOK {
			t.Errorf("as somebody of another entity: status = %d, want 200: %s", got.status, got.body)
		}
		if oursTold.MatchString(got.body) {
			t.Errorf("somebody of another entity sees what is not its own: %s", got.body)
		}
		if seen := a.send(t, w, own, w.ours); !oursTold.MatchString(seen.body) {
			t.Errorf("somebody of the entity does not see its own: %s", seen.body)
		}
	case allowed:
		if got.status/100 != 2 {
			t.Errorf("as somebody of another entity: status = %d: %s", got.status, got.body)
		}
	}
}

func TestEveryOperationHasAnAccessRow(t *testing.T) {
	t.Parallel()
	rows := map[string]access{}
	for _, row := range accessTable() {
		if _, twice := rows[row.operation]; twice {
			t.Errorf("%s has two rows", row.operation)
		}
		rows[row.operation] = row
	}
	for id, op := range documented(t, newWorld(t)) {
		row, ok := rows[id]
		if !ok {
			t.Errorf("%s has no row in the access table", id)
			continue
		}
		delete(rows, id)
		if public := len(op.Security) == 0; public != row.public {
			t.Errorf("%s: public in the document is %v, in the table %v", id, public, row.public)
		}
		if row.method != op.method {
			t.Errorf("%s: method is %s in the document, %s in the table", id, op.method, row.method)
		}
	}
	for id := range rows {
		t.Errorf("%s has a row in the access table, and is no operation", id)
	}
}

// operation is what the tests read of an operation in the OpenAPI document.
type operation struct {
	OperationID string                `json:"operationId"`
	Summary     string                `json:"summary"`
	Description string                `json:"description"`
	Tags        []string              `json:"tags"`
	Security    []map[string][]string `json:"security"`
	RequestBody json.RawMessage       `json:"requestBody"`
	Responses   map[string]struct {
		Content map[string]struct {
			Schema struct {
				Ref string `json:"$ref"`
			} `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
	method, path string
}

func documented(tb testing.TB, w *world) map[string]operation {
	tb.Helper()
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	w.do(tb, "", http.MethodGet, "/openapi.json", "").decode(tb, &doc)
	operations := map[string]operation{}
	for path, methods := range doc.Paths {
		for method, raw := range methods {
			op := operation{method: strings.ToUpper(method), path: path}
			if err := json.Unmarshal(raw, &op); err != nil {
				tb.Fatal(err)
			}
			operations[op.OperationID] = op
		}
	}
	if len(operations) < 20 {
		tb.Fatalf("the document has %d operations: the test does not see it", len(operations))
	}
	return operations
}
