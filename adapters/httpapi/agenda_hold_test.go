package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestASlotIsHeldAndConfirmed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	held := want(t, d.book(t, visit(d.costa, ten, `,"hold":true`)), http.StatusCreated, map[string]any{"status": "held", "start": tenZ})
	if held["held_until"] == nil || d.events(t) != 0 {
		t.Errorf("held until %v, with %d events; want until when, and none", held["held_until"], d.events(t))
	}
	wantProblem(t, d.book(t, visit(d.costa, ten, "")), http.StatusConflict, "slot-taken")
	one := d.at(fmt.Sprintf("/appointments/%v", held["appointment_id"]))
	for range 2 {
		want(t, d.do(t, d.manager, http.MethodPost, one+"/confirm", ""), http.StatusOK, map[string]any{"status": "confirmed", "held_until": nil})
	}
	if n := d.events(t); n != 1 {
		t.Errorf("there are %d events, want 1", n)
	}
	given := want(t, d.book(t, visit(d.costa, elevenZ, `,"hold":true`)), http.StatusCreated, nil)
	gone := d.at(fmt.Sprintf("/appointments/%v", given["appointment_id"]))
	want(t, d.do(t, d.manager, http.MethodPost, gone+"/cancel", ""), http.StatusOK, nil)
	wantProblem(t, d.do(t, d.manager, http.MethodPost, gone+"/confirm", ""), http.StatusConflict, "appointment-state")
	want(t, d.book(t, visit(d.costa, elevenZ, "")), http.StatusCreated, nil)
}

func TestStaffSqueezesAVisitInWithAReason(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	want(t, d.book(t, visit(d.costa, ten, "")), http.StatusCreated, nil)
	want(t, d.book(t, visit(d.costa, ten, `,"override_reason":"dor forte"`)), http.StatusCreated, map[string]any{
		"status": "confirmed", "start": tenZ, "override_reason": "dor forte",
	})
	want(t, d.book(t, visit(d.costa, "2026-12-06T10:00:00-03:00", `,"override_reason":"só pode no domingo"`)), http.StatusCreated, nil)
	wantProblem(t, d.book(t, visit(d.costa, ten, `,"override_reason":"dor forte","google_calendar_id":"silva@calendar"`)), http.StatusForbidden, "calendar-mismatch")
	entries := d.do(t, d.manager, http.MethodGet, "/v1/audit-log?action=override", "")
	if got := want(t, entries, http.StatusOK, nil); len(got["items"].([]any)) != 2 || strings.Contains(entries.body, "Ana") {
		t.Errorf("the audit log tells %s, want both and no patient", entries.body)
	}
}

func TestVisitsOfOneDayAreBookedTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	group := func(first, second string) result {
		return d.do(t, d.manager, http.MethodPost, d.at("/appointment-groups"), fmt.Sprintf(
			`{"patient":{"name":"Ana Pereira"},"visits":[{"professional_id":%q,"start":%q},{"professional_id":%q,"start":%q}]}`, d.costa, first, d.silva, second))
	}
	want(t, d.book(t, visit(d.silva, elevenZ, "")), http.StatusCreated, nil)
	wantProblem(t, group(ten, elevenZ), http.StatusConflict, "slot-taken")
	if n := d.events(t); n != 1 {
		t.Errorf("there are %d events, want none of a group that cannot be", n)
	}
	made := want(t, group(ten, "2026-12-01T15:00:00Z"), http.StatusCreated, nil)
	if visits, _ := made["appointments"].([]any); len(visits) != 2 || d.events(t) != 3 {
		t.Fatalf("made %v, with %d events", made, d.events(t))
	}
	at := d.at(fmt.Sprintf("/appointment-groups/%v", made["group_id"]))
	want(t, d.do(t, d.manager, http.MethodPost, at+"/cancel", ""), http.StatusOK, nil)
	if got := want(t, d.do(t, d.manager, http.MethodGet, at, ""), http.StatusOK, nil); strings.Count(fmt.Sprint(got), "cancelled") != 2 || d.events(t) != 1 {
		t.Errorf("cancelled: %v, with %d events", got, d.events(t))
	}
}

func TestAPlanOfADayIsOneThatCanBeBooked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	got := want(t, d.do(t, d.manager, http.MethodPost, d.at("/availability/groups"), fmt.Sprintf(
		`{"visits":[{"specialty":"dermatologista"},{"professional_id":%q}],"from":"2026-12-01","to":"2026-12-01","limit":1}`, d.silva)), http.StatusOK, nil)
	options, _ := got["options"].([]any)
	if len(options) != 1 {
		t.Fatalf("options: %v", got)
	}
	var visits []string
	for _, v := range options[0].(map[string]any)["visits"].([]any) {
		visits = append(visits, fmt.Sprintf(`{"professional_id":%q,"start":%q}`, v.(map[string]any)["professional_id"], v.(map[string]any)["start"]))
	}
	want(t, d.do(t, d.manager, http.MethodPost, d.at("/appointment-groups"),
		`{"patient":{"name":"Ana Pereira"},"visits":[`+strings.Join(visits, ",")+`]}`), http.StatusCreated, nil)
}

func TestTheWeekOfAProfessionalFollowsItsVisits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	has := func() bool {
		got := d.do(t, d.manager, http.MethodGet, d.at("/availability/matrix?week=2026-11-30&professional_id="+d.costa), "")
		want(t, got, http.StatusOK, map[string]any{"week": "2026-11-30"})
		return strings.Contains(got.body, `"`+tenZ+`"`)
	}
	if !has() {
		t.Error("the week does not have a free start")
	}
	a := want(t, d.book(t, visit(d.costa, ten, "")), http.StatusCreated, nil)
	if has() {
		t.Error("the week has a start that was booked")
	}
	want(t, d.do(t, d.manager, http.MethodPost, d.at(fmt.Sprintf("/appointments/%v/cancel", a["appointment_id"])), ""), http.StatusOK, nil)
	if !has() {
		t.Error("the week does not have the start of a visit that was cancelled")
	}
}
