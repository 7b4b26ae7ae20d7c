package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheHoursOfAProfessionalAreSetAndRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	path := d.at("/professionals/" + d.silva)
	want(t, d.do(t, d.manager, http.MethodGet, path, ""), http.StatusOK, map[string]any{
		"buffer_before_minutes": 0.0, "slot_interval_minutes": 0.0, "timezone": nil, "working_hours": []any{}, "date_overrides": []any{},
		"max_visits_per_day": 0.0, "max_minutes_per_day": 0.0,
	})
	got := d.do(t, d.manager, http.MethodPatch, path, `{"buffer_before_minutes":5,"slot_interval_minutes":20,"timezone":"America/Manaus",
		"working_hours":[{"days":["5",1],"start":"8:00","end":"12:00"},{"days":[5],"start":"22:00","end":"06:00"}],
		"date_overrides":[{"date":"2026-12-31","windows":[{"start":"08:00","end":"10:00"}]},{"date":"2026-12-24"}],
		"max_visits_per_day":12,"max_minutes_per_day":480}`)
	want(t, got, http.StatusOK, map[string]any{
		"buffer_before_minutes": 5.0, "slot_interval_minutes": 20.0, "timezone": "America/Manaus", "max_visits_per_day": 12.0, "max_minutes_per_day": 480.0,
	})
	for _, member := range []string{
		`"working_hours":[{"days":[1,5],"start":"08:00","end":"12:00"},{"days":[5],"start":"22:00","end":"06:00"}]`,
		`"date_overrides":[{"date":"2026-12-24"},{"date":"2026-12-31","windows":[{"start":"08:00","end":"10:00"}]}]`,
	} {
		if !strings.Contains(got.body, member) {
			t.Errorf("the answer has no %s: %s", member, got.body)
		}
	}
	for body, field := range map[string]string{
		`{"working_hours":[{"days":[],"start":"08:00","end":"12:00"}]}`:  "body.working_hours[0].days",
		`{"working_hours":[{"days":[1],"start":"24:00","end":"12:00"}]}`: "body.working_hours[0].start",
		`{"working_hours":null}`: "body.working_hours",
		`{"date_overrides":[{"date":"2026-12-24"},{"date":"2026-12-24"}]}`: "body.date_overrides[1].date",
		`{"date_overrides":[{"date":"2026-02-30"}]}`:                       "body.date_overrides",
		`{"timezone":"Mars/Olympus"}`:                                      "body.timezone",
		`{"slot_interval_minutes":4}`:                                      "body.slot_interval_minutes",
		`{"buffer_before_minutes":241}`:                                    "body.buffer_before_minutes",
		`{"max_visits_per_day":-1}`:                                        "body.max_visits_per_day",
	} {
		wrong := d.do(t, d.manager, http.MethodPatch, path, body)
		wantProblem(t, wrong, http.StatusUnprocessableEntity, "invalid-input")
		if !strings.Contains(wrong.body, `"`+field) {
			t.Errorf("%s: no field %s in %s", body, field, wrong.body)
		}
	}
	want(t, d.do(t, d.manager, http.MethodPatch, path, `{"timezone":null,"working_hours":[],"date_overrides":[]}`), http.StatusOK,
		map[string]any{"timezone": nil, "working_hours": []any{}, "date_overrides": []any{}, "buffer_before_minutes": 5.0})
}

func TestTheClosuresOfAClinicAreSetAndRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	want(t, d.do(t, d.manager, http.MethodGet, d.at(""), ""), http.StatusOK, map[string]any{
		"cut_off_minutes": 0.0, "national_holidays": true, "closures": []any{}, "blocking_calendars": []any{}, "event_details": "full",
	})
	got := d.do(t, d.manager, http.MethodPatch, d.at(""), `{"cut_off_minutes":120,"national_holidays":false,"event_details":"initials",
		"closures":[{"first":"2026-12-24","last":"2027-01-02","name":"Recesso"},{"first":"2026-07-01","last":"2026-07-01"}],
		"blocking_calendars":["feriados@calendar"]}`)
	want(t, got, http.StatusOK, map[string]any{"cut_off_minutes": 120.0, "national_holidays": false, "event_details": "initials", "blocking_calendars": []any{"feriados@calendar"}})
	if member := `"closures":[{"first":"2026-07-01","last":"2026-07-01"},{"first":"2026-12-24","last":"2027-01-02","name":"Recesso"}]`; !strings.Contains(got.body, member) {
		t.Errorf("the answer has no %s: %s", member, got.body)
	}
	for body, field := range map[string]string{
		`{"closures":[{"first":"2026-12-24","last":"2026-12-23"}]}`: "body.closures[0].last",
		`{"event_details":"some"}`:                                  "body.event_details",
		`{"cut_off_minutes":43201}`:                                 "body.cut_off_minutes",
		`{"national_holidays":null}`:                                "body.national_holidays",
	} {
		wrong := d.do(t, d.manager, http.MethodPatch, d.at(""), body)
		wantProblem(t, wrong, http.StatusUnprocessableEntity, "invalid-input")
		if !strings.Contains(wrong.body, `"`+field) {
			t.Errorf("%s: no field %s in %s", body, field, wrong.body)
		}
	}
}
