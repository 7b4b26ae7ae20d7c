package mcpserver_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	must(t, err)
	return v
}

func homonym(of agenda.ClinicProfessional) service.NewClinicProfessional {
	return service.NewClinicProfessional{
		ClinicProfessionalParams: agenda.ClinicProfessionalParams{
			Name: "Dra. Ana Silva", Specialty: of.Specialty, DisplayOrder: 3, GoogleCalendarID: "ana@calendar",
		},
		Person: &clinic.ProfessionalParams{PhoneNumber: "+5511955550002"},
	}
}

// TestAnEventGoesToNoCalendarButTheProfessionals is the safety rule of document 2: cal.com#672 is what happens without it.
func TestAnEventGoesToNoCalendarButTheProfessionals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(t, w.ours.key)
	silva, costa := w.ours.silva, w.ours.costa
	made := a.call("create-event", object{"calendarId": silva.GoogleCalendarID, "summary": "Ana Pereira", "start": ten})
	for why, row := range map[string]struct {
		tool      string
		arguments object
	}{
		"a colleague's":          {"create-event", object{"calendarId": costa.GoogleCalendarID, "professionalId": silva.ID.String(), "summary": "Ana", "start": eleven}},
		"a colleague's, by name": {"create-event", object{"calendarId": costa.GoogleCalendarID, "professional": "João Silva", "summary": "Ana", "start": eleven}},
		"nobody's":               {"create-event", object{"calendarId": "primary", "summary": "Ana", "start": eleven}},
		"nobody's, with a name":  {"create-event", object{"calendarId": "primary", "professional": silva.Slug, "summary": "Ana", "start": eleven}},
		"another clinic's":       {"create-event", object{"calendarId": w.theirs.silva.GoogleCalendarID, "summary": "Ana", "start": eleven}},
		"moving":                 {"update-event", object{"calendarId": costa.GoogleCalendarID, "professional": silva.Slug, "eventId": made["eventId"], "start": eleven}},
		"removing":               {"delete-event", object{"calendarId": costa.GoogleCalendarID, "professional": silva.Slug, "eventId": made["eventId"]}},
		"reading":                {"list-events", object{"calendarId": "primary"}},
		"reading one":            {"get-event", object{"calendarId": "primary", "eventId": made["eventId"]}},
		"being busy": {"get-freebusy", object{
			"calendars": []object{{"id": silva.GoogleCalendarID}, {"id": "primary"}}, "timeMin": "2026-12-01", "timeMax": "2026-12-02",
		}},
	} {
		before := len(w.audit(t, "calendar-mismatch"))
		a.refused("calendar-mismatch", row.tool, row.arguments)
		entries := w.audit(t, "calendar-mismatch")
		if len(entries) != before+1 {
			t.Errorf("%s: %d entries in the audit log, want one more than %d", why, len(entries), before)
			continue
		}
		if e := entries[0]; !strings.HasPrefix(e.Actor, "api-key:") || e.EntityID != w.ours.entity || e.RequestID == "" {
			t.Errorf("%s: the audit log has %+v, want who and in which request", why, e)
		}
	}
	// The event of one professional is not there for another, whose calendar is named rightly.
	a.refused("event-not-found", "delete-event", object{"calendarId": costa.GoogleCalendarID, "eventId": made["eventId"]})
	if n, m := w.events(t, silva), w.events(t, costa); n != 1 || m != 0 {
		t.Errorf("%d and %d events, want the one", n, m)
	}
}

func TestAnotherClinicSeesNothingOfOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.connect(t, w.ours.key).call("create-event", object{"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Ana Pereira", "start": ten})
	a := w.connect(t, w.theirs.key)
	for _, row := range []struct {
		code, tool string
		arguments  object
	}{
		{"appointment-not-found", "confirm-appointment", object{"appointmentId": made["appointmentId"]}},
		{"appointment-not-found", "cancel-appointment", object{"appointmentId": made["appointmentId"]}},
		{"appointment-not-found", "reschedule-appointment", object{"appointmentId": made["appointmentId"], "start": eleven}},
		{"event-not-found", "delete-event", object{"calendarId": w.theirs.silva.GoogleCalendarID, "eventId": made["eventId"]}},
		{"event-not-found", "get-event", object{"calendarId": w.theirs.silva.GoogleCalendarID, "eventId": made["eventId"]}},
		{"professional-not-found", "list-free-slots", object{"professionalId": w.ours.silva.ID.String()}},
		{"professional-not-found", "hold-slot", object{"professionalId": w.ours.silva.ID.String(), "start": ten, "patient": object{"name": "Eva"}}},
		{"service-not-found", "list-free-slots", object{"serviceId": w.ours.botox.ID.String()}},
		{"calendar-mismatch", "list-events", object{"calendarId": w.ours.silva.GoogleCalendarID}},
	} {
		if text := a.refused(row.code, row.tool, row.arguments); strings.Contains(text, "Ana") || strings.Contains(text, "Silva") {
			t.Errorf("%s tells of another clinic: %q", row.tool, text)
		}
	}
	for tool, list := range map[string]string{"list-professionals": "professionals", "list-services": "services", "list-calendars": "calendars"} {
		raw, err := json.Marshal(items(t, a.call(tool, nil), list))
		must(t, err)
		for _, ours := range []string{w.ours.silva.ID.String(), w.ours.botox.ID.String(), w.ours.silva.GoogleCalendarID} {
			if strings.Contains(string(raw), ours) {
				t.Errorf("%s shows %s, which is another clinic's", tool, ours)
			}
		}
	}
}

func TestAnAgentOfOneProfessionalReachesNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	everybody, one := w.connect(t, w.ours.key), w.connectBound(t, w.ours.key, w.ours.costa.Slug)
	listed, err := one.session.ListTools(t.Context(), nil)
	must(t, err)
	for _, tool := range listed.Tools {
		in, _ := tool.InputSchema.(object)
		properties, _ := in["properties"].(object)
		for _, away := range []string{"calendarId", "calendars", "professionalId", "professional", "specialty"} {
			if _, there := properties[away]; there {
				t.Errorf("%s takes %s", tool.Name, away)
			}
		}
	}
	for _, away := range []string{"list-calendars", "list-professionals", "find-professional"} {
		if slices.Contains(one.names(), away) {
			t.Errorf("%s is there", away)
		}
	}
	one.refused("invalid-input", "create-event", object{"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Ana", "start": ten})

	made := one.call("create-event", object{"summary": "Ana Pereira", "start": ten, "idempotencyKey": "k"})
	wantMembers(t, made, object{"calendarId": w.ours.costa.GoogleCalendarID, "start": ten})
	other := everybody.call("create-event", object{"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Eva Lima", "start": eleven, "idempotencyKey": "o"})
	for _, row := range []struct {
		code, tool string
		arguments  object
	}{
		{"appointment-not-found", "confirm-appointment", object{"appointmentId": other["appointmentId"]}},
		{"appointment-not-found", "cancel-appointment", object{"appointmentId": other["appointmentId"]}},
		{"appointment-not-found", "reschedule-appointment", object{"appointmentId": other["appointmentId"], "start": ten}},
		{"event-not-found", "get-event", object{"eventId": other["eventId"]}},
		{"event-not-found", "delete-event", object{"eventId": other["eventId"]}},
		{"event-not-found", "update-event", object{"eventId": other["eventId"], "start": ten}},
		{"idempotency-key-reused", "create-event", object{"summary": "Ana", "start": eleven, "idempotencyKey": "o"}},
	} {
		if text := one.refused(row.code, row.tool, row.arguments); strings.Contains(text, "Eva") {
			t.Errorf("%s tells of another professional's patient: %q", row.tool, text)
		}
	}
	if n := len(items(t, one.call("list-events", nil), "events")); n != 1 {
		t.Errorf("%d events, want the professional's own", n)
	}
	busy := items(t, one.call("get-freebusy", object{"timeMin": "2026-12-01", "timeMax": "2026-12-01"}), "calendars")
	if len(busy) != 1 || busy[0]["id"] != w.ours.costa.GoogleCalendarID {
		t.Errorf("busy = %v, want the own calendar", busy)
	}
	for _, slot := range items(t, one.call("list-free-slots", object{"limit": 100}), "slots") {
		for _, who := range items(t, slot, "professionals") {
			if who["professionalId"] != w.ours.costa.ID.String() {
				t.Fatalf("a slot of %v is offered", who)
			}
		}
	}
	if services := items(t, one.call("list-services", nil), "services"); len(services) != 1 {
		t.Errorf("services = %v", services)
	}
	moved := one.call("reschedule-appointment", object{"appointmentId": made["appointmentId"], "start": "2026-12-01T15:00:00-03:00"})
	wantMembers(t, one.call("cancel-appointment", object{"appointmentId": moved["appointmentId"]}), object{"status": "cancelled"})
}

// post sends a message as the plainest client would.
func (w *world) post(t *testing.T, token, path, body string, change ...func(*http.Request)) (status int, header http.Header, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+path, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, c := range change {
		c(r)
	}
	got, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	defer func() { _ = got.Body.Close() }()
	raw, err := io.ReadAll(got.Body)
	must(t, err)
	return got.StatusCode, got.Header, string(raw)
}

const listTools = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`

func TestOneRequestIsEnough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, header, answer := w.post(t, w.ours.key, "/mcp", listTools, func(r *http.Request) { r.Header.Set("Accept", "application/json") })
	if status != http.StatusOK || !strings.Contains(answer, `"create-event"`) || header.Get("Content-Type") != "application/json" {
		t.Errorf("tools/list without a session: %d %v %s", status, header, answer)
	}
	if header.Get("X-Request-Id") == "" || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the answer lacks what every answer has: %v", header)
	}
}

// TestAProxyOnTheSameMachineIsServed: such a proxy passes on the public name as Host, over loopback.
func TestAProxyOnTheSameMachineIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	public := func(r *http.Request) { r.Host = "agenda.clinic.example" }
	if status, _, answer := w.post(t, w.ours.key, "/mcp", listTools, public); status != http.StatusOK {
		t.Errorf("/mcp: %d %s", status, answer)
	}
	if status, _, answer := w.post(t, w.ours.key, "/sse?sessionid=none", listTools, public); status != http.StatusNotFound {
		t.Errorf("/sse: %d %s, want the refusal of an unknown session", status, answer)
	}
	if status, _, _ := w.post(t, "", "/mcp", listTools, public); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d, want 401: that is what keeps a page in a browser out", status)
	}
}

func TestWhoMayNotIsToldWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	manager := "token-" + w.manager.UserID().String()
	for name, row := range map[string]struct {
		token, path string
		status      int
		code        string
	}{
		"nobody":                {"", "/mcp", 401, "missing-token"},
		"nobody over SSE":       {"", "/sse", 401, "missing-token"},
		"nobody, bound":         {"", "/mcp/professionals/" + w.ours.costa.Slug, 401, "missing-token"},
		"an unknown key":        {"sk_unknown", "/mcp", 401, "invalid-token"},
		"a manager":             {manager, "/mcp", 403, "clinic-unclear"},
		"a key without a scope": {w.key(t, w.ours, identity.RoomsRead), "/mcp", 403, "scope-missing"},
		"no such professional":  {w.ours.key, "/mcp/professionals/ninguem", 404, "professional-not-found"},
		"another clinic's":      {w.ours.key, "/mcp/professionals/../professionals/x", 404, "route-not-found"},
		"an ended session":      {w.ours.key, "/sse?sessionid=x", 404, "session-not-found"},
	} {
		status, header, answer := w.post(t, row.token, row.path, listTools)
		var p struct{ Code, Detail string }
		if err := json.Unmarshal([]byte(answer), &p); err != nil || status != row.status || p.Code != row.code || header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: got %d %s, want the problem %d %s", name, status, answer, row.status, row.code)
		}
		if (status == http.StatusUnauthorized) != (header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s: WWW-Authenticate is %q for %d", name, header.Get("WWW-Authenticate"), status)
		}
	}
	agent := identity.RoomAgent{Room: 1, Participant: 2, Number: 1}.Actor(w.ours.entity, false)
	err := w.agents.ServeAgent(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/mcp", strings.NewReader(listTools)), agent)
	if errs.CodeOf(err) != "room-agent" {
		t.Errorf("a room agent: %v, want room-agent", err)
	}
	if status, _, answer := w.post(t, w.ours.key, "/mcp", `{"x":"`+strings.Repeat("x", 2<<20)+`"}`); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of 2 MiB: %d %s", status, answer)
	}
	if who := tokenOf(w.ours.admin); len(w.connect(t, who).names()) == 0 {
		t.Error("an ENTITY_ADMIN has no tools")
	}
}

func TestScopesDecideWhatAKeyMayDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	book := object{"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Ana", "start": ten}
	reader := w.connect(t, w.key(t, w.ours, identity.AgendaRead))
	reader.call("list-free-slots", nil)
	reader.call("list-events", object{"calendarId": w.ours.silva.GoogleCalendarID})
	if text := reader.refused("scope-missing", "create-event", book); !strings.Contains(text, "agenda:write") {
		t.Errorf("%q does not name the scope", text)
	}
	if text := reader.refused("scope-missing", "list-professionals", nil); !strings.Contains(text, "clinics:read") {
		t.Errorf("%q does not name the scope", text)
	}
	directory := w.connect(t, w.key(t, w.ours, identity.ClinicsRead))
	directory.call("find-professional", object{"query": "pele"})
	directory.refused("scope-missing", "list-events", object{"calendarId": w.ours.silva.GoogleCalendarID})
	if n := w.events(t, w.ours.silva); n != 0 {
		t.Errorf("%d events, want none", n)
	}
}

func TestWhatWasRevokedEndsAtOnce(t *testing.T) {
	t.Parallel()
	for name, transport := range transports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			made, err := w.keys.Create(t.Context(), w.manager, service.NewAPIKey{
				EntityID: w.ours.entity, Name: "agent", Scopes: []identity.Permission{identity.AgendaRead, identity.AgendaWrite},
			})
			must(t, err)
			a := dial(t, transport(w.url, made.Key))
			a.call("get-current-time", nil)
			_, err = w.keys.Update(t.Context(), w.manager, made.ID, identity.APIKeyPatch{Scopes: patch.Set([]identity.Permission{identity.AgendaRead})}, version.Match{})
			must(t, err)
			a.refused("scope-missing", "create-event", object{"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Ana", "start": ten})
			must(t, w.keys.Revoke(t.Context(), w.manager, made.ID, version.Match{}))
			if got, err := a.session.CallTool(t.Context(), &mcp.CallToolParams{Name: "get-current-time"}); err == nil {
				t.Errorf("a revoked key is answered: %s", textOf(got))
			}
		})
	}
}

// sse opens a session by hand, and returns where its messages go.
func (w *world) sse(t *testing.T, token string) (endpoint string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/sse", nil)
	must(t, err)
	got, err := bearer(token).RoundTrip(r)
	must(t, err)
	t.Cleanup(func() { _ = got.Body.Close() })
	buffer := make([]byte, 200)
	n, err := got.Body.Read(buffer)
	must(t, err)
	_, rest, ok := strings.Cut(string(buffer[:n]), "event: endpoint\ndata: ")
	endpoint, _, _ = strings.Cut(rest, "\n")
	if !ok || got.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the session begins with %q, %v", buffer[:n], got.Header)
	}
	return endpoint
}

func TestASessionTakesNobodyElsesMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	endpoint := w.sse(t, w.ours.key)
	for who, token := range map[string]string{"another clinic": w.theirs.key, "another key": w.key(t, w.ours, identity.AgendaRead)} {
		if status, _, answer := w.post(t, token, endpoint, listTools); status != http.StatusNotFound || !strings.Contains(answer, "session-not-found") {
			t.Errorf("%s: %d %s", who, status, answer)
		}
	}
	if status, _, answer := w.post(t, w.ours.key, endpoint, "[]"); status != http.StatusUnprocessableEntity {
		t.Errorf("what is no message: %d %s", status, answer)
	}
	if status, _, answer := w.post(t, w.ours.key, endpoint, listTools); status != http.StatusAccepted {
		t.Errorf("the owner: %d %s", status, answer)
	}
}

func TestSessionsEndWithTheService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := dial(t, transports()["SSE"](w.url, w.ours.key))
	a.call("get-current-time", nil)
	w.agents.Close()
	must(t, a.session.Wait()) // or the test would never end
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/sse", nil)
	must(t, err)
	got, err := bearer(w.ours.key).RoundTrip(r)
	must(t, err)
	_ = got.Body.Close()
	if got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a new session while shutting down: %d, want 503", got.StatusCode)
	}
}

// TestReadsAreLogged: what names patients is read in nobody's absence.
func TestReadsAreLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(t, w.ours.key)
	made := a.call("create-event", object{"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Ana Pereira", "start": ten})
	a.call("list-events", object{"calendarId": w.ours.silva.GoogleCalendarID})
	a.call("get-event", object{"calendarId": w.ours.silva.GoogleCalendarID, "eventId": made["eventId"]})
	reads, err := service.NewAuditLog(w.deps).List(t.Context(), w.manager, identity.AuditFilter{
		Action: identity.AuditReading, Table: "calendar_events", RowID: w.ours.silva.ID.String(),
	}, page.Request{})
	must(t, err)
	if len(reads.Items) != 2 {
		t.Errorf("%d reads are logged, want 2", len(reads.Items))
	}
}
