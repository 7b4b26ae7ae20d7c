package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// TestAuditNamesWhoAskedAndInWhichRequest checks that what a request changed can be found by the request id it was
// answered with, its own or a made one.
func TestAuditNamesWhoAskedAndInWhichRequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	entity := d.create(t, "/v1/entities", `{"name":"Clínica Sul"}`)
	user := d.create(t, "/v1/users",
		`{"email":"sul@clinic.example","password":%q,"phone_number":"+5511955550002","role":"ENTITY_ADMIN","entity_id":%d}`, password, entity)
	admin, path := fmt.Sprint("token-", user), fmt.Sprint("/v1/entities/", entity)
	own := func(r *http.Request) { r.Header.Set("X-Request-Id", "from-the-client") }
	for name, change := range map[string]func(*http.Request){"a made id": func(*http.Request) {}, "the client's id": own} {
		got := d.do(t, admin, http.MethodPatch, path, fmt.Sprintf(`{"name":%q}`, name), change)
		want(t, got, http.StatusOK, map[string]any{"name": name})
		last := d.lastAudit(t)
		wantEntry := identity.AuditEntry{
			Actor: fmt.Sprint("user:", user), Action: "update", Table: "entities", RowID: fmt.Sprint(entity), RequestID: got.header.Get("X-Request-Id"),
		}
		if last.Actor != wantEntry.Actor || last.Action != wantEntry.Action || last.Table != wantEntry.Table ||
			last.RowID != wantEntry.RowID || last.RequestID != wantEntry.RequestID || last.RequestID == "" {
			t.Errorf("%s: the last entry is %+v, want %+v", name, last, wantEntry)
		}
		if !strings.Contains(string(last.Changes), name) || int64(last.EntityID) != entity {
			t.Errorf("%s: the last entry is %+v, want one of entity %d that tells the new name", name, last, entity)
		}
	}
	last := d.lastAudit(t)
	wantProblem(t, d.do(t, "", http.MethodPatch, path, `{"name":"x"}`), http.StatusUnauthorized, "missing-token")
	if now := d.lastAudit(t); now.ID != last.ID {
		t.Errorf("a request without a token left the entry %+v", now)
	}
}

func TestAuditTellsThatThePatientsMessageWasAnsweredByTheFrontDesk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	got := d.book(t, visit(d.silva, ten, ""))
	want(t, got, http.StatusCreated, nil)
	if last := d.lastAudit(t); last.Table != "appointments" || last.Actor != "user:1" || last.RequestID != got.header.Get("X-Request-Id") {
		t.Errorf("booked by staff: the last entry is %+v, want one of an appointment, of user:1 and request %s", last, got.header.Get("X-Request-Id"))
	}
	var said result
	for _, text := range []string{"Quero marcar com a Dra. Maria", "Ana Souza, 12/03/1985, 11 95555-0011", "1", "sim"} {
		said = d.do(t, d.manager, http.MethodPost, d.at("/conversations/+5511955550011/messages"), fmt.Sprintf(`{"text":%q}`, text))
		want(t, said, http.StatusOK, nil)
	}
	last := d.lastAudit(t)
	if last.Table != "appointments" || last.Actor != identity.FrontDesk(last.EntityID).String() || last.RequestID != said.header.Get("X-Request-Id") {
		t.Errorf("booked by the patient: the last entry is %+v, want one of an appointment, of the front desk", last)
	}
}

// lastAudit is the newest entry of the audit log.
func (d *desk) lastAudit(tb testing.TB) identity.AuditEntry {
	tb.Helper()
	entries, err := d.deps.Repositories.AuditLog.List(tb.Context(), identity.AllEntities(), identity.AuditFilter{}, page.Request{Limit: 1})
	if err != nil || len(entries.Items) != 1 {
		tb.Fatalf("got %d entries, error %v, want 1", len(entries.Items), err)
	}
	return entries.Items[0]
}
