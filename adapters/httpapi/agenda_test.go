package httpapi_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// visit is the body of a booking.
func visit(professional, start, more string) string {
	return fmt.Sprintf(`{"professional_id":%q,"start":%q,"patient":{"name":"Ana Pereira","phone":"11955550011","birth_date":"1990-05-20"}%s}`, professional, start, more)
}

// ten and eleven are starts of tomorrow, in São Paulo.
const (
	ten     = "2026-12-01T10:00:00-03:00"
	elevenZ = "2026-12-01T14:00:00Z"
	tenZ    = "2026-12-01T13:00:00Z"
)

func (d *desk) book(tb testing.TB, body string) result {
	tb.Helper()
	return d.do(tb, d.manager, http.MethodPost, d.at("/appointments"), body)
}

func TestAVisitIsBookedMovedAndCancelled(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	got := want(t, d.book(t, visit(d.costa, ten, `,"notes":"Primeira visita","google_calendar_id":"costa@calendar"`)), http.StatusCreated, map[string]any{
		"status": "confirmed", "start": tenZ, "end": "2026-12-01T13:30:00Z", "google_calendar_id": "costa@calendar", "service_id": nil,
		"held_until": nil, "contact": nil, "notes": "Primeira visita", "professional_id": d.costa, "tenant_id": d.tenant,
	})
	who, _ := got["patient"].(map[string]any)
	wantMembers(t, who, map[string]any{"name": "Ana Pereira", "phone": "+5511955550011", "birth_date": "1990-05-20"})
	one := d.at(fmt.Sprintf("/appointments/%v", got["appointment_id"]))
	if n := d.events(t); n != 1 {
		t.Fatalf("there are %d events, want 1", n)
	}
	wantProblem(t, d.book(t, visit(d.costa, ten, "")), http.StatusConflict, "slot-taken")
	want(t, d.do(t, d.manager, http.MethodPost, one+"/reschedule", `{"start":"`+elevenZ+`"}`), http.StatusOK, map[string]any{"start": elevenZ, "status": "confirmed"})
	want(t, d.do(t, d.manager, http.MethodGet, one, ""), http.StatusOK, map[string]any{"start": elevenZ})
	want(t, d.book(t, visit(d.costa, ten, "")), http.StatusCreated, nil)
	want(t, d.do(t, d.manager, http.MethodPost, one+"/cancel", `{"reason":"viagem"}`), http.StatusOK, map[string]any{"status": "cancelled", "cancel_reason": "viagem"})
	want(t, d.do(t, d.manager, http.MethodPost, one+"/cancel", ""), http.StatusOK, map[string]any{"status": "cancelled", "cancel_reason": "viagem"})
	wantProblem(t, d.do(t, d.manager, http.MethodPost, one+"/reschedule", `{"start":"`+tenZ+`"}`), http.StatusConflict, "appointment-state")
	if n := d.events(t); n != 1 {
		t.Errorf("there are %d events, want 1: the cancelled one's is gone", n)
	}
}

func TestAVisitThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.calendar.Block(d.calendarOf("silva@calendar"), agenda.Interval{Start: time.Date(2026, 12, 1, 13, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 1, 14, 0, 0, 0, time.UTC)})
	for name, row := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"OutsideWorkingHours":       {visit(d.costa, "2026-12-01T05:00:00-03:00", ""), 422, "slot-not-offered"},
		"OnSunday":                  {visit(d.costa, "2026-12-06T10:00:00-03:00", ""), 422, "slot-not-offered"},
		"InThePast":                 {visit(d.costa, "2026-11-27T10:00:00-03:00", ""), 422, "slot-not-offered"},
		"BeforeTheNotice":           {visit(d.costa, "2026-11-30T08:30:00-03:00", ""), 422, "slot-not-offered"},
		"BeyondTheHorizon":          {visit(d.costa, "2027-12-01T10:00:00-03:00", ""), 422, "slot-not-offered"},
		"BesidesTheGrid":            {visit(d.costa, "2026-12-01T10:07:00-03:00", ""), 422, "slot-not-offered"},
		"InTheYear10000":            {visit(d.costa, "9999-12-31T23:59:59-23:59", ""), 422, "slot-not-offered"},
		"BusyInTheCalendar":         {visit(d.silva, ten, ""), 409, "slot-taken"},
		"ServiceOfSomebodyElse":     {visit(d.silva, ten, `,"service_id":"`+d.botox+`"`), 422, "service-not-offered"},
		"UnknownService":            {visit(d.silva, ten, `,"service_id":"`+d.costa+`"`), 404, "service-not-found"},
		"UnknownProfessional":       {visit(d.botox, ten, ""), 404, "professional-not-found"},
		"AnotherCalendar":           {visit(d.costa, ten, `,"google_calendar_id":"silva@calendar"`), 403, "calendar-mismatch"},
		"ACalendarOfNobody":         {visit(d.costa, ten, `,"google_calendar_id":"elsewhere@calendar"`), 403, "calendar-mismatch"},
		"NoPatient":                 {`{"professional_id":"` + d.costa + `","start":"` + ten + `"}`, 422, "invalid-input"},
		"NoStart":                   {`{"professional_id":"` + d.costa + `","patient":{"name":"Ana"}}`, 422, "invalid-input"},
		"BadBirthDate":              {`{"professional_id":"` + d.costa + `","start":"` + ten + `","patient":{"name":"Ana","birth_date":"1990-02-30"}}`, 422, "invalid-input"},
		"BadPhone":                  {`{"professional_id":"` + d.costa + `","start":"` + ten + `","patient":{"name":"Ana","phone":"123"}}`, 422, "invalid-input"},
		"StartWithoutAZone":         {visit(d.costa, "2026-12-01T10:00:00", ""), 422, "invalid-input"},
		"UnknownMember":             {visit(d.costa, ten, `,"end":"`+elevenZ+`"`), 422, "invalid-input"},
		"ProfessionalThatIsNoUUID":  {visit("costa", ten, ""), 422, "invalid-input"},
		"ProfessionalThatIsNothing": {visit("", ten, ""), 422, "invalid-input"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, d.book(t, row.body), row.status, row.code)
		})
	}
	t.Cleanup(func() { // after the subtests
		if n := d.events(t); n != 1 {
			t.Errorf("there are %d events, want only the one that was there", n)
		}
	})
}

func TestAnUnreachableCalendarBooksNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.calendar.Fail(http.ErrServerClosed)
	wantProblem(t, d.book(t, visit(d.costa, ten, "")), http.StatusServiceUnavailable, "calendar-unavailable")
	wantProblem(t, d.do(t, d.manager, http.MethodGet, d.at("/availability"), ""), http.StatusServiceUnavailable, "calendar-unavailable")
	d.calendar.Fail(nil)
	want(t, d.book(t, visit(d.costa, ten, "")), http.StatusCreated, nil)
}

func TestFiftyBookingsOfOneSlotAreOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var all sync.WaitGroup
	results := make([]result, 50)
	for i := range results {
		all.Go(func() { results[i] = d.book(t, visit(d.costa, ten, "")) })
	}
	all.Wait()
	made := 0
	for _, got := range results {
		if got.status == http.StatusCreated {
			made++
			continue
		}
		wantProblem(t, got, http.StatusConflict, "slot-taken")
	}
	if n := d.events(t); made != 1 || n != 1 {
		t.Errorf("%d appointments and %d events, want 1 and 1", made, n)
	}
}

func TestAppointmentsAreListedByPeriodStatusAndProfessional(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := want(t, d.book(t, visit(d.costa, ten, "")), http.StatusCreated, nil)
	want(t, d.book(t, visit(d.silva, "2026-12-02T10:00:00-03:00", "")), http.StatusCreated, nil)
	want(t, d.do(t, d.manager, http.MethodPost, d.at(fmt.Sprintf("/appointments/%v/cancel", first["appointment_id"])), "{}"), http.StatusOK, nil)
	for query, count := range map[string]int{
		"":                                2,
		"?status=confirmed":               1,
		"?status=cancelled":               1,
		"?professional_id=" + d.silva:     1,
		"?from=2026-12-02":                1,
		"?to=2026-12-01":                  1, // the day is included
		"?from=2026-12-01&to=2026-12-02":  2,
		"?from=2026-12-01T13:30:00Z":      1, // it ends then
		"?to=2026-12-01T10:00:00-03:00":   0, // it starts then
		"?from=2026-12-01T10:00:00+00:00": 2, // the plus sign is not escaped
		"?from=2026-12-03":                0,
		"?professional_id=" + d.costa + "&status=confirmed&limit=1":     0,
		"?professional_id=00000000-0000-7000-8000-000000000000&limit=5": 0,
	} {
		got := want(t, d.do(t, d.manager, http.MethodGet, d.at("/appointments"+query), ""), http.StatusOK, nil)
		if items, ok := got["items"].([]any); !ok || len(items) != count {
			t.Errorf("%s lists %v, want %d", query, got["items"], count)
		}
	}
	for _, query := range []string{"?from=yesterday", "?to=2026-13-01", "?from=10000-01-01", "?status=lost", "?professional_id=1", "?from=9999-12-31T23:59:59-12:00"} {
		wantProblem(t, d.do(t, d.manager, http.MethodGet, d.at("/appointments"+query), ""), http.StatusUnprocessableEntity, "invalid-input")
	}
}

func TestTheCalendarRouterWorksOnTheProfessionalsOwnCalendar(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	route := func(operation, data string) result {
		return d.do(t, d.manager, http.MethodPost, d.at("/calendar-router"),
			fmt.Sprintf(`{"professional_id":%q,"operation":%q,"event_data":{%s}}`, d.costa, operation, data))
	}
	made := want(t, route("create", `"calendarId":"costa@calendar","start":"`+ten+`","summary":"Ana Pereira","description":"Retorno"`), http.StatusOK,
		map[string]any{"operation": "create-event", "professional_id": d.costa, "google_calendar_id": "costa@calendar"})
	a, _ := made["appointment"].(map[string]any)
	wantMembers(t, a, map[string]any{"status": "confirmed", "start": tenZ, "notes": "Retorno"})
	who, _ := a["patient"].(map[string]any)
	if phone, there := who["phone"]; who["name"] != "Ana Pereira" || phone != nil || !there {
		t.Errorf("patient = %v, want the name, and null for the rest", who)
	}
	key, event := a["appointment_id"], fmt.Sprintf(`"event_id":%q`, a["event_id"])
	listed := want(t, route("list_events", `"time_min":"2026-12-01T00:00:00Z","time_max":"2026-12-02T00:00:00Z"`), http.StatusOK, nil)
	if events, _ := listed["events"].([]any); len(events) != 1 || listed["busy"] != nil || listed["appointment"] != nil {
		t.Errorf("listed = %v", listed)
	}
	got := want(t, route("get-event", event), http.StatusOK, nil)
	if events, _ := got["events"].([]any); len(events) != 1 {
		t.Errorf("got = %v", got)
	}
	busy := want(t, route("get-freebusy", `"start":"2026-12-01T00:00:00Z","end":"2026-12-02T00:00:00Z"`), http.StatusOK, nil)
	taken, _ := busy["busy"].([]any)
	if len(taken) != 1 {
		t.Fatalf("busy = %v", busy)
	}
	first, _ := taken[0].(map[string]any)
	wantMembers(t, first, map[string]any{"start": tenZ, "event_id": a["event_id"]})
	moved := want(t, route("update-event", event+`,"start":"`+elevenZ+`"`), http.StatusOK, nil)
	a, _ = moved["appointment"].(map[string]any)
	wantMembers(t, a, map[string]any{"start": elevenZ, "appointment_id": key})
	gone := want(t, route("delete-event", event), http.StatusOK, nil)
	a, _ = gone["appointment"].(map[string]any)
	wantMembers(t, a, map[string]any{"status": "cancelled"})
	empty := want(t, route("list-events", ""), http.StatusOK, nil)
	if events, ok := empty["events"].([]any); !ok || len(events) != 0 {
		t.Errorf("an empty calendar is %v", empty["events"])
	}
	wantProblem(t, route("get-event", `"event_id":"sec00"`), http.StatusNotFound, "event-not-found")
	wantProblem(t, route("erase", ""), http.StatusUnprocessableEntity, "invalid-input")
	wantProblem(t, route("create-event", `"start":"`+ten+`"`), http.StatusUnprocessableEntity, "invalid-input")
	wantProblem(t, route("list-events", `"calendar_id":"a","calendarId":"b"`), http.StatusUnprocessableEntity, "invalid-input")
}

func TestACalendarMismatchIsRefusedAndAudited(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i, operation := range []string{"list-events", "get-event", "create-event", "update-event", "delete-event", "get-freebusy"} {
		member := []string{"calendar_id", "calendarId", "google_calendar_id"}[i%3]
		body := fmt.Sprintf(`{"professional_id":%q,"operation":%q,"event_data":{%q:"silva@calendar","start":%q,"summary":"Ana"}}`, d.costa, operation, member, ten)
		wantProblem(t, d.do(t, d.manager, http.MethodPost, d.at("/calendar-router"), body), http.StatusForbidden, "calendar-mismatch")
	}
	wantProblem(t, d.book(t, visit(d.costa, ten, `,"google_calendar_id":"silva@calendar"`)), http.StatusForbidden, "calendar-mismatch")
	if n := d.events(t); n != 0 {
		t.Errorf("there are %d events", n)
	}
	found, err := d.deps.Repositories.AuditLog.List(t.Context(), identity.AllEntities(), identity.AuditFilter{Action: "calendar-mismatch"}, page.Request{})
	if err != nil {
		t.Fatal(err)
	}
	mismatches := found.Items
	if len(mismatches) != 7 || mismatches[0].RowID != d.costa || mismatches[0].Actor != "user:1" {
		t.Errorf("the audit log has %d entries of 7: %+v", len(mismatches), mismatches)
	}
}
