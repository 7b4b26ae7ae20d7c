package httpapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
)

// absentKey is the id of no API key.
const absentKey = "00000000-0000-7000-8000-000000000000"

func keyPath(c clinicIDs) string { return "/v1/api-keys/" + c.apiKey }

// key stores an API key of an entity, which change may spoil, and returns it.
func (w *world) key(tb testing.TB, entity int64, change func(*identity.APIKey), scopes ...identity.Permission) string {
	tb.Helper()
	made := realTime()
	k, err := identity.NewAPIKey(identity.APIKeyParams{
		EntityID: clinic.EntityID(entity), Name: "of a test", Prefix: "sk_testtest", Scopes: scopes,
	}, made)
	if err != nil {
		tb.Fatal(err)
	}
	token := "sk_" + k.ID.String()
	hash := sha256.Sum256([]byte(token))
	k.Hash = hex.EncodeToString(hash[:])
	if change != nil {
		change(&k)
	}
	if _, err := w.repos.APIKeys.Create(tb.Context(), k); err != nil {
		tb.Fatal(err)
	}
	return token
}

// needsNoScope reports whether whoever is known may do an operation.
func (a access) needsNoScope() bool {
	return slices.Contains([]string{"get-my-permissions", "preview-availability"}, a.operation)
}

// notForKeys reports whether an operation is for users only: what a key could give itself more by, or hide what it did, and
// what is a manager's.
func (a access) notForKeys() bool {
	for _, of := range []string{"/v1/users", "/v1/api-keys", "/v1/audit-log"} {
		if strings.HasPrefix(a.path(absent()), of) {
			return true
		}
	}
	return a.operation == "get-me" || a.operation == "connect-google" || a.strange == forbidden
}

// checkKeys tries the operation with API keys. What they change is in a world of their own.
func (a access) checkKeys(t *testing.T, w *world) {
	t.Helper()
	if a.method != http.MethodGet {
		w = newConference(t)
	}
	all := identity.GrantablePermissions()
	revoked := w.key(t, w.ours.entity, func(k *identity.APIKey) { k.RevokedAt = k.CreatedAt }, all...)
	expired := w.key(t, w.ours.entity, func(k *identity.APIKey) { k.ExpiresAt = realTime() }, all...)
	for _, token := range []string{revoked, expired, "sk_unknown"} {
		got := a.send(t, w, token, w.ours)
		wantProblem(t, got, http.StatusUnauthorized, "invalid-token")
		if got.header.Get("WWW-Authenticate") == "" {
			t.Error("a 401 has no WWW-Authenticate")
		}
	}
	full, theirs := w.key(t, w.ours.entity, nil, all...), w.key(t, w.theirs.entity, nil, all...)
	if a.notForKeys() {
		for _, token := range []string{full, theirs} {
			got, nothing := a.send(t, w, token, w.ours), a.send(t, w, token, absent())
			if code := got.object(t)["code"]; got.status != http.StatusForbidden || code != "scope-missing" && code != "users-only" {
				t.Errorf("as an API key: got %d %s, want 403 scope-missing or users-only", got.status, got.body)
			}
			if got.body != nothing.body {
				t.Errorf("a record that an API key may not see can be told from an absent one:\n%s%s", got.body, nothing.body)
			}
		}
		return
	}
	a.checkScope(t, w)
	a.checkForeign(t, w, theirs, full)
	if a.operation == "delete-entity" { // a manager's, but what is not there is not forbidden
		wantProblem(t, a.send(t, w, full, w.ours), http.StatusForbidden, "scope-missing")
		return
	}
	if got := a.send(t, w, full, w.ours); got.status != a.wantStatus() {
		t.Errorf("as an API key with every scope: status = %d, want %d: %s", got.status, a.wantStatus(), got.body)
	}
}

// checkScope finds out which scope the operation needs, and that no other scope is as good.
func (a access) checkScope(t *testing.T, w *world) {
	t.Helper()
	all := identity.GrantablePermissions()
	const says = "the API key does not have the scope "
	var needed identity.Permission
	for _, only := range []identity.Permission{identity.ReportsRead, identity.DirectoryRead} { // nothing needs both
		got := a.send(t, w, w.key(t, w.ours.entity, nil, only), w.ours)
		if got.status == http.StatusForbidden {
			detail, _ := wantProblem(t, got, http.StatusForbidden, "scope-missing")["detail"].(string)
			needed = identity.Permission(strings.TrimPrefix(detail, says))
		}
	}
	if needed == "" {
		if !a.needsNoScope() {
			t.Error("an API key needs no scope for it")
		}
		return
	}
	if a.needsNoScope() || !slices.Contains(all, needed) {
		t.Fatalf("an API key needs the scope %q for it", needed)
	}
	if write := strings.HasSuffix(string(needed), ":write"); write && a.method == http.MethodGet {
		t.Errorf("reading needs the scope %q", needed)
	}
	others := slices.DeleteFunc(slices.Clone(all), func(p identity.Permission) bool { return p == needed })
	poor := w.key(t, w.ours.entity, nil, others...)
	got, nothing := a.send(t, w, poor, w.ours), a.send(t, w, poor, absent())
	wantProblem(t, got, http.StatusForbidden, "scope-missing")
	if got.body != nothing.body {
		t.Errorf("a record that an API key may not see can be told from an absent one:\n%s%s", got.body, nothing.body)
	}
}

func TestAnAPIKeyNeedsNoSecondScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for scope, paths := range map[identity.Permission][]func(clinicIDs) string{
		identity.AgendaRead: {
			in("/appointments?from=2026-12-01"), in("/availability?from=2026-12-01&to=2026-12-02"), inAppointment(""),
		},
		identity.ConversationsRead: {in("/conversations"), inConversation(""), inConversation("/messages")},
		identity.EventsRead:        {of("/v1/rooms/%d/events", roomID), of("/v1/rooms/%d/agent-events", roomID)},
		identity.DirectoryRead:     {of("/v1/professionals/%d/memberships", professionalID), of("/v1/entities/%d/departments", entityID)},
	} {
		token := w.key(t, w.ours.entity, nil, scope)
		for _, path := range paths {
			if got := w.do(t, token, http.MethodGet, path(w.ours), ""); got.status != http.StatusOK {
				t.Errorf("with %s alone: GET %s is %d %s", scope, path(w.ours), got.status, got.body)
			}
		}
	}
	cancels := w.key(t, w.ours.entity, nil, identity.AgendaWrite)
	if got := w.do(t, cancels, http.MethodPost, inAppointment("/cancel")(w.ours), `{}`); got.status != http.StatusOK {
		t.Errorf("with agenda:write alone: cancelling is %d %s", got.status, got.body)
	}
}
