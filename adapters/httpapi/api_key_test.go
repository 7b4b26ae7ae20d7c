package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/identity"
)

func TestAnAPIKeyFromItsCreationToItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.do(t, w.admin, http.MethodPost, "/v1/api-keys", `{"name":"n8n","scopes":["rooms:read","agenda:read"]}`)
	want(t, made, http.StatusCreated, map[string]any{
		"entity_id": float64(w.ours.entity), "name": "n8n", "scopes": []any{"agenda:read", "rooms:read"}, "created_by": float64(w.ours.user),
		"expires_at": nil, "revoked_at": nil, "last_used_at": nil, "active": true,
	})
	k := made.object(t)
	key, prefix, path := fmt.Sprint(k["key"]), fmt.Sprint(k["prefix"]), fmt.Sprint("/v1/api-keys/", k["id"])
	if !strings.HasPrefix(key, prefix+"_") || made.header.Get("Location") != path || made.header.Get("ETag") == "" {
		t.Errorf("got the key %q, the prefix %q and the header %v", key, prefix, made.header)
	}
	for _, asked := range []string{path, "/v1/api-keys", "/v1/audit-log?table=api_keys"} {
		if got := w.do(t, w.admin, http.MethodGet, asked, ""); got.status != http.StatusOK || strings.Contains(got.body, key[len(prefix):]) {
			t.Errorf("GET %s is %d, and tells the key: %s", asked, got.status, got.body)
		}
	}
	rooms := w.do(t, key, http.MethodGet, "/v1/rooms", "")
	if rooms.status != http.StatusOK || !strings.Contains(rooms.body, "ours") || strings.Contains(rooms.body, "theirs") {
		t.Errorf("the key sees %d %s", rooms.status, rooms.body)
	}
	seen := w.do(t, w.admin, http.MethodGet, path, "")
	if used, _ := seen.object(t)["last_used_at"].(string); used == "" || seen.header.Get("ETag") != made.header.Get("ETag") {
		t.Errorf("after a use the key is %s with the tag %s, want when it was used and the tag %s", seen.body, seen.header.Get("ETag"), made.header.Get("ETag"))
	}
	bound := func(r *http.Request) { r.Header.Set("If-Match", made.header.Get("ETag")) }
	expires := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	changed := w.do(t, w.admin, http.MethodPatch, path, fmt.Sprintf(`{"name":"other","expires_at":%q}`, expires), bound)
	want(t, changed, http.StatusOK, map[string]any{"name": "other", "expires_at": expires, "active": true})
	wantProblem(t, w.do(t, w.admin, http.MethodPatch, path, `{"name":"late"}`, bound), http.StatusPreconditionFailed, "version-mismatch")
	want(t, w.do(t, w.admin, http.MethodPatch, path, `{"expires_at":null}`), http.StatusOK, map[string]any{"expires_at": nil})
	for range 2 {
		if got := w.do(t, w.admin, http.MethodDelete, path, ""); got.status != http.StatusNoContent {
			t.Errorf("revoking is %d %s", got.status, got.body)
		}
	}
	wantProblem(t, w.do(t, key, http.MethodGet, "/v1/rooms", ""), http.StatusUnauthorized, "invalid-token")
	wantProblem(t, w.do(t, w.admin, http.MethodPatch, path, `{"name":"again"}`), http.StatusConflict, "api-key-revoked")
	want(t, w.do(t, w.admin, http.MethodGet, path, ""), http.StatusOK, map[string]any{"active": false})
	for query, want := range map[string]bool{"?active=true": false, "?active=false": true, "": true} {
		if got := w.do(t, w.admin, http.MethodGet, "/v1/api-keys"+query, ""); strings.Contains(got.body, prefix) != want {
			t.Errorf("the list %q has the revoked key: %v, want %v", query, !want, want)
		}
	}
}

func TestAnAPIKeyIsCheckedBeforeItIsMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, body := range []string{
		`{"name":"x","scopes":[]}`, `{"name":"","scopes":["rooms:read"]}`, `{"name":"x","scopes":["users:write"]}`, `{"name":"x","scopes":["rooms:*"]}`,
		`{"name":"x","scopes":null}`, `{"name":"x"}`, `{"name":"x","scopes":["rooms:read"],"expires_at":"2020-01-01T00:00:00Z"}`,
		`{"name":"x","scopes":["rooms:read"],"expires_at":"tomorrow"}`,
	} {
		if got := w.do(t, w.admin, http.MethodPost, "/v1/api-keys", body); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d %s, want 422", body, got.status, got.body)
		}
	}
	got := w.do(t, w.admin, http.MethodPost, "/v1/api-keys", fmt.Sprintf(`{"name":"x","scopes":["rooms:read"],"entity_id":%d}`, w.theirs.entity))
	wantProblem(t, got, http.StatusNotFound, "entity-not-found")
}

func TestWhoAsksIsToldItsPermissions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	type permissions struct {
		Kind        string
		Role        *string
		EntityID    *int64 `json:"entity_id"`
		Scope       string
		Permissions []identity.Permission
	}
	all := identity.Permissions()
	manager, admin := "MANAGER", "ENTITY_ADMIN"
	for token, want := range map[string]permissions{
		w.manager: {"user", &manager, nil, "all", all},
		w.admin:   {"user", &admin, &w.ours.entity, "entity", all[:len(all)-1]},
		w.key(t, w.theirs.entity, nil, identity.UsageWrite, identity.RoomsRead): {
			"api_key", nil, &w.theirs.entity, "entity", []identity.Permission{identity.RoomsRead, identity.UsageWrite},
		},
	} {
		var got permissions
		w.do(t, token, http.MethodGet, "/v1/me/permissions", "").decode(t, &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

func TestTheAuditLogIsSearched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begin := time.Now().UTC()
	path := fmt.Sprint("/v1/departments/", w.ours.department)
	named := func(r *http.Request) { r.Header.Set("X-Request-Id", "of-the-test") }
	want(t, w.do(t, w.admin, http.MethodPatch, path, `{"name":"Dermatologia"}`, named), http.StatusOK, nil)
	want(t, w.do(t, w.admin, http.MethodGet, fmt.Sprint("/v1/participants/", w.ours.participant), "", named), http.StatusOK, nil)
	find := func(token string, query ...string) []map[string]any {
		t.Helper()
		values := url.Values{}
		for i := 0; i < len(query); i += 2 {
			values.Set(query[i], query[i+1])
		}
		var page struct {
			Items []map[string]any
		}
		got := w.do(t, token, http.MethodGet, "/v1/audit-log?"+values.Encode(), "")
		if got.status != http.StatusOK {
			t.Fatalf("%v: %d %s", query, got.status, got.body)
		}
		got.decode(t, &page)
		return page.Items
	}
	row, user := fmt.Sprint(w.ours.department), fmt.Sprint("user:", w.ours.user)
	changes := find(w.admin, "table", "departments", "row_id", row, "action", "update", "actor", user)
	if len(changes) != 1 {
		t.Fatalf("got %v, want one change", changes)
	}
	e := changes[0]
	at, err := time.Parse(time.RFC3339, fmt.Sprint(e["created_at"]))
	if err != nil || at.Before(begin.Add(-time.Minute)) {
		t.Errorf("the entry is of %v", e["created_at"])
	}
	delete(e, "id")
	delete(e, "created_at")
	wantEntry := map[string]any{
		"actor": user, "action": "update", "table": "departments", "row_id": row, "entity_id": float64(w.ours.entity), "request_id": "of-the-test",
		"detail": map[string]any{}, "changes": map[string]any{"name": map[string]any{"old": "ours", "new": "Dermatologia"}},
	}
	if diff := cmp.Diff(wantEntry, e); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	reads := find(w.manager, "action", "read", "actor", user, "entity_id", fmt.Sprint(w.ours.entity))
	if len(reads) != 1 || reads[0]["row_id"] != fmt.Sprint(w.ours.participant) || reads[0]["changes"] != nil || reads[0]["request_id"] != "of-the-test" {
		t.Errorf("got the readings %v, want one of the participant", reads)
	}
	if got := find(w.manager, "from", begin.Add(time.Hour).Format(time.RFC3339)); len(got) > 0 {
		t.Errorf("of the future: got %v", got)
	}
	if got := find(w.manager, "to", begin.Add(-time.Hour).Format(time.RFC3339)); len(got) > 0 {
		t.Errorf("of the past: got %v", got)
	}
	for _, bad := range []string{"row_id=1", "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from=yesterday", "limit=0", "cursor=x"} {
		if got := w.do(t, w.manager, http.MethodGet, "/v1/audit-log?"+bad, ""); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d %s, want 422", bad, got.status, got.body)
		}
	}
}
