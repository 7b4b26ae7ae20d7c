package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// FuzzFrontDeskPaths asks for clinics and conversations of any name.
func FuzzFrontDeskPaths(f *testing.F) {
	d := newDesk(f)
	for _, id := range []string{
		"", "x", "01985c1e-7f3a-7a10-8a53-0f4b7c1de001", "00000000-0000-0000-0000-000000000000", "+5511955550011", "5511955550011", "123@lid",
		"%2B55", "(11) 95555-0011", "\x00", "\xff", "..", "a/b", strings.Repeat("9", 300), "٥٥١١٩٥٥٥٥٠٠١١",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		for _, path := range []string{"/v1/clinics/", d.at("/professionals/"), d.at("/appointments/"), d.at("/conversations/"), "/v1/webhooks/evolution/"} {
			for _, raw := range []string{"", path + url.PathEscape(id)} {
				got := d.do(t, d.manager, http.MethodGet, "/", "", func(r *http.Request) { r.URL = &url.URL{Path: path + id, RawPath: raw} })
				checkAnswer(t, got)
			}
		}
	})
}

// FuzzFrontDeskQueries asks for availability, appointments and a search with any text.
func FuzzFrontDeskQueries(f *testing.F) {
	d := newDesk(f)
	for _, text := range []string{
		"2026-12-01", "2026-12-01T10:00:00-03:00", "2026-12-01T10:00:00 03:00", "9999-12-31", "0000-01-01", "0001-01-01T00:00:00+14:00", "2026-02-30",
		"9998-12-31T23:59:59.999999999Z", "botox", "coração", "\x00", "\xff", " ", "-1", d.silva, d.botox,
	} {
		f.Add(text, "2026-12-02")
		f.Add("2026-12-01", text)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		a, b := url.QueryEscape(one), url.QueryEscape(two)
		for _, path := range []string{
			"/availability?from=" + a + "&to=" + b, "/availability?specialty=" + a + "&service_id=" + b, "/appointments?from=" + a + "&to=" + b,
			"/search?q=" + a, "/appointments?professional_id=" + a + "&cursor=" + b, "/conversations?state=" + a + "&cursor=" + b,
		} {
			checkAnswer(t, d.do(t, d.manager, http.MethodGet, d.at(path), ""))
		}
	})
}

// FuzzFrontDeskBodies sends anything to the operations whose bodies hold times, days, ids and patients' words.
func FuzzFrontDeskBodies(f *testing.F) {
	d := newDesk(f)
	for _, body := range []string{
		visit(d.costa, ten, ""), visit(d.costa, "9999-12-31T23:59:59-23:59", `,"service_id":null`),
		fmt.Sprintf(`{"professional_id":%q,"operation":"list","event_data":{"time_min":"0001-01-01T00:00:00Z","time_max":"9999-12-31T23:59:59-12:00"}}`, d.silva),
		fmt.Sprintf(`{"professional_id":%q,"operation":"create_event","event_data":{"start":%q,"patient":{"name":"Ana","birth_date":"0000-01-01"}}}`, d.silva, ten),
		`{"working_days":["1",2,null,1e2],"working_hours_start":"24:00","working_hours_end":"00:00:01"}`,
		`{"timezone":"America/Sao_Paulo","working_hours":[{"days":["0",6],"start":"00:00","end":"24:00"}],"end_before_start":"next_day","from":"9998-12-30","to":"9998-12-30",
			"windows_utc":[{"start":"0001-01-01T00:00:00+14:00","end":"9999-12-31T23:59:59-12:00"}],"busy":[{"start":"0001-01-01T00:00:00+14:00","end":"9999-12-31T23:59:59-12:00"}],
			"date_overrides":[{"date":"9999-12-31","windows":[{"start":"23:59","end":"00:00"}]}],"now":"9998-12-31T00:00:00Z","duration_minutes":1440,"minimum_notice_minutes":527040}`,
		`{"timezone":"../../etc/passwd","from":"2026-12-01","to":"2026-12-01","duration_minutes":1}`,
		`{"id":"x","name":"Ana","text":"Quero consulta com Dr. Santos 31/02/0000 às 25h, 2º"}`, `{"text":"\u0000` + secret + `"}`, `{"text":"1"}`,
		`{"text":"Ana Pereira, 20/05/1990, (11) 95555-0011"}`, `{"event":"messages.upsert"}`, `{"reason":"` + secret + `\u0007"}`, `{"start":"` + ten + `"}`,
	} {
		for which := range uint8(8) {
			f.Add(which, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		token, method, path := d.manager, http.MethodPost, ""
		switch which % 8 {
		case 0:
			path = d.at("/appointments")
		case 1:
			path = d.at("/calendar-router")
		case 2:
			method, path = http.MethodPatch, d.at("/professionals/"+d.santos)
		case 3:
			path = "/v1/availability/preview"
		case 4:
			path = d.at("/conversations/" + ana + "/messages")
		case 5:
			path = d.at("/understand")
		case 6:
			token, path = webhookToken, hook
		case 7:
			method, path = http.MethodPatch, d.at("")
		}
		checkAnswer(t, d.do(t, token, method, path, string(body)))
	})
}
