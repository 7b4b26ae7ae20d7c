package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// offered is what the tests read of an availability.
type offered struct {
	Timezone string
	Slots    []struct {
		Start, End    string
		Professionals []struct {
			ID   string `json:"professional_id"`
			Name string `json:"professional_name"`
		}
	}
}

func (d *desk) availability(tb testing.TB, query string) offered {
	tb.Helper()
	got := d.do(tb, d.manager, http.MethodGet, d.at("/availability?"+query), "")
	if got.status != http.StatusOK {
		tb.Fatalf("%s: %d %s", query, got.status, got.body)
	}
	var v offered
	got.decode(tb, &v)
	return v
}

func TestAvailabilityIsWhatTheCalendarsLeave(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	all := d.availability(t, "from=2026-12-01&to=2026-12-01")
	if all.Timezone != "America/Sao_Paulo" || len(all.Slots) == 0 {
		t.Fatalf("availability = %+v", all)
	}
	first := all.Slots[0]
	if first.Start != "2026-12-01T11:00:00Z" || first.End != "2026-12-01T11:30:00Z" || len(first.Professionals) != 3 || first.Professionals[1].Name != "Dra. Maria Costa" {
		t.Errorf("first slot = %+v", first)
	}
	if last := all.Slots[len(all.Slots)-1]; last.End > "2026-12-01T21:00:00Z" {
		t.Errorf("last slot = %+v, after the doctors went home", last)
	}
	want(t, d.book(t, visit(d.costa, ten, "")), http.StatusCreated, nil)
	after := d.availability(t, "from=2026-12-01T10:00:00-03:00&to=2026-12-01T10:30:00-03:00")
	if len(after.Slots) != 1 || len(after.Slots[0].Professionals) != 2 {
		t.Errorf("after a booking = %+v", after)
	}
	cardio := d.availability(t, "specialty=cardiologista&from=2026-12-01&to=2026-12-01")
	if len(cardio.Slots) == 0 || cardio.Slots[0].Professionals[0].ID != d.silva {
		t.Errorf("cardiology = %+v", cardio)
	}
	botox := d.availability(t, "service_id="+d.botox+"&from=2026-12-02&to=2026-12-02")
	if len(botox.Slots) == 0 || botox.Slots[0].End != "2026-12-02T11:45:00Z" || botox.Slots[0].Professionals[0].ID != d.costa {
		t.Errorf("botox = %+v", botox)
	}
	if sunday := d.availability(t, "from=2026-12-06&to=2026-12-06"); sunday.Slots == nil || len(sunday.Slots) != 0 {
		t.Errorf("sunday = %+v", sunday)
	}
	if week := d.availability(t, ""); len(week.Slots) == 0 || week.Slots[0].Start != "2026-11-30T12:00:00Z" {
		t.Errorf("the next week does not begin after the notice: %+v", week.Slots[:1])
	}
}

func TestAvailabilityRefusesBadQuestions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for query, code := range map[string]string{
		"from=x": "invalid-input", "from=2026-12-02&to=2026-12-01": "invalid-input", "to=2027-12-01": "invalid-input",
		"professional_id=1": "invalid-input", "from=0000-01-01": "invalid-input", "from=2026-12-01T10:00": "invalid-input",
		"when=now": "invalid-input", "professional_id=" + d.silva + "&service_id=" + d.botox: "service-not-offered",
	} {
		wantProblem(t, d.do(t, d.manager, http.MethodGet, d.at("/availability?"+query), ""), http.StatusUnprocessableEntity, code)
	}
	for query, code := range map[string]string{
		"professional_id=" + d.botox: "professional-not-found", "service_id=" + d.silva: "service-not-found", "specialty=dentista": "specialty-not-found",
	} {
		wantProblem(t, d.do(t, d.manager, http.MethodGet, d.at("/availability?"+query), ""), http.StatusNotFound, code)
	}
}

// previewed is the answer of a preview.
type previewed struct {
	Free  []struct{ Start, End string }
	Slots []string
}

func preview(tb testing.TB, w *world, body string) previewed {
	tb.Helper()
	got := w.do(tb, w.manager, http.MethodPost, "/v1/availability/preview", body)
	if got.status != http.StatusOK {
		tb.Fatalf("%d %s", got.status, got.body)
	}
	var v previewed
	got.decode(tb, &v)
	if v.Free == nil || v.Slots == nil {
		tb.Errorf("a list is null: %s", got.body)
	}
	return v
}

func TestPreviewComputesFreeTimeAndStarts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const weekly = `"working_hours":[{"days":[1,2,3,4,5],"start":"08:00","end":"10:00"}],`
	for name, row := range map[string]struct {
		body string
		want previewed
	}{
		"AroundBusyTimeAndItsBuffers": {
			`{` + weekly + `"busy":[{"start":"2026-12-01T08:30:00-03:00","end":"2026-12-01T09:00:00-03:00"}],"from":"2026-12-01","to":"2026-12-01",
			"duration_minutes":30,"buffer_before_minutes":15}`,
			previewed{
				[]struct{ Start, End string }{{"2026-12-01T11:00:00Z", "2026-12-01T11:30:00Z"}, {"2026-12-01T12:15:00Z", "2026-12-01T13:00:00Z"}},
				[]string{"2026-12-01T11:00:00Z", "2026-12-01T12:30:00Z"},
			},
		},
		"InAnotherZone": {
			`{"timezone":"Europe/Lisbon",` + weekly + `"from":"2026-12-01","to":"2026-12-01","duration_minutes":60}`,
			previewed{[]struct{ Start, End string }{{"2026-12-01T08:00:00Z", "2026-12-01T10:00:00Z"}}, []string{"2026-12-01T08:00:00Z", "2026-12-01T09:00:00Z"}},
		},
		"AfterTheNotice": {
			`{` + weekly + `"now":"2026-12-01T11:20:00Z","minimum_notice_minutes":60,"from":"2026-12-01","to":"2026-12-01","duration_minutes":30}`,
			previewed{[]struct{ Start, End string }{{"2026-12-01T12:20:00Z", "2026-12-01T13:00:00Z"}}, []string{"2026-12-01T12:30:00Z"}},
		},
		"OfTheClockWithoutANow": {
			`{` + weekly + `"minimum_notice_minutes":60,"from":"2026-11-30","to":"2026-11-30","duration_minutes":60}`,
			previewed{[]struct{ Start, End string }{{"2026-11-30T12:00:00Z", "2026-11-30T13:00:00Z"}}, []string{"2026-11-30T12:00:00Z"}},
		},
		"WithOtherHoursOnADate": {
			`{` + weekly + `"date_overrides":[{"date":"2026-12-01","windows":[{"start":"14:00","end":"15:00"}]},{"date":"2026-12-02"}],
			"from":"2026-12-01","to":"2026-12-02","duration_minutes":60}`,
			previewed{[]struct{ Start, End string }{{"2026-12-01T17:00:00Z", "2026-12-01T18:00:00Z"}}, []string{"2026-12-01T17:00:00Z"}},
		},
		"WithWindowsInUTC": {
			`{"windows_utc":[{"start":"2026-12-01T08:00:00Z","end":"2026-12-01T09:00:00Z"}],` + weekly + `"from":"2026-12-01T00:00:00Z","to":"2026-12-02T00:00:00Z",
			"duration_minutes":45,"interval_minutes":15}`,
			previewed{[]struct{ Start, End string }{{"2026-12-01T08:00:00Z", "2026-12-01T09:00:00Z"}}, []string{"2026-12-01T08:00:00Z", "2026-12-01T08:15:00Z"}},
		},
		"ASkippedNight": {
			`{"working_hours":[{"days":["2"],"start":"22:00","end":"02:00"}],"from":"2026-12-01","to":"2026-12-02","duration_minutes":120}`,
			previewed{[]struct{ Start, End string }{}, []string{}},
		},
		"ANightUntilTheNextDay": {
			`{"working_hours":[{"days":["2"],"start":"22:00","end":"02:00"}],"end_before_start":"next_day","from":"2026-12-01","to":"2026-12-02","duration_minutes":120}`,
			previewed{[]struct{ Start, End string }{{"2026-12-02T01:00:00Z", "2026-12-02T05:00:00Z"}}, []string{"2026-12-02T01:00:00Z", "2026-12-02T03:00:00Z"}},
		},
		"WithoutWorkingHours": {
			`{"from":"2026-12-01","to":"2026-12-02","duration_minutes":30}`, previewed{[]struct{ Start, End string }{}, []string{}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, preview(t, d.world, row.body)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPreviewSaysWhatIsWrongWhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const rest = `"from":"2026-12-01","to":"2026-12-02","duration_minutes":30`
	for body, where := range map[string]string{
		`{"timezone":"Local",` + rest + `}`:                                                                                                     "body.timezone",
		`{"timezone":"Mars/Olympus",` + rest + `}`:                                                                                              "body.timezone",
		`{"working_hours":[{"days":[1],"start":"24:00","end":"08:00"}],` + rest + `}`:                                                           "body.working_hours[0].start",
		`{"date_overrides":[{"date":"2026-12-01","windows":[{"start":"24:00","end":"24:00"}]}],` + rest + `}`:                                   "body.date_overrides[0].windows[0].start",
		`{"windows_utc":[{"start":"2026-12-01T08:00:00Z","end":"2026-12-01T07:00:00Z"}],` + rest + `}`:                                          "body.windows_utc[0].end",
		`{"busy":[{"start":"2026-12-01T08:00:00Z","end":"2026-12-01T07:00:00Z"}],` + rest + `}`:                                                 "body.busy[0].end",
		`{"from":"2026-12-01","to":"2026-11-01","duration_minutes":30}`:                                                                         "body.to",
		`{"from":"2026-12-01","to":"2027-12-01","duration_minutes":30}`:                                                                         "body.to",
		`{"from":"soon","to":"2026-12-02","duration_minutes":30}`:                                                                               "body.from",
		`{"from":"9999-12-30","to":"9999-12-31","duration_minutes":30}`:                                                                         "body.from",
		`{"from":"2026-12-01","to":"2026-12-02","duration_minutes":0}`:                                                                          "body.duration_minutes",
		`{"working_hours":[{"days":[0,1,2,3,4,5,6],"start":"00:00","end":"24:00"}],"from":"2026-12-01","to":"2026-12-30","duration_minutes":1}`: "body.to",
	} {
		got := d.do(t, d.manager, http.MethodPost, "/v1/availability/preview", body)
		wantProblem(t, got, http.StatusUnprocessableEntity, "invalid-input")
		if !strings.Contains(got.body, fmt.Sprintf(`"location":%q`, where)) {
			t.Errorf("%s: the problem is not about %s: %s", body, where, got.body)
		}
	}
}
