package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/googlecalendar/googletest"
)

const (
	stormAccount = "clinica@example.com"
	stormSlots   = 10 // of both professionals together
)

// storm is a clinic on Google, whose ten slots of one day two hundred clients want.
type storm struct {
	*torture

	google *googletest.Server
	key    string // an API key of the clinic
	day    string // on which the slots are
	gone   atomic.Bool
	visits atomic.Int64 // that somebody was told of
}

// TestTwoHundredWantTenSlots has two hundred clients book the same ten slots by the API, by tools and by conversation, while
// Google fails at random, forgets to answer what it did, and the service is killed once. There are ten visits in the end,
// and ten events, each in the calendar of its professional.
func TestTwoHundredWantTenSlots(t *testing.T) {
	t.Parallel()
	s := newStorm(t)
	s.google.Inject(googletest.Fault{Rate: 0.25, Status: http.StatusServiceUnavailable, Reason: "backendError"})
	s.google.Inject(googletest.Fault{On: googletest.Insert, Rate: 0.2, Drop: true})
	s.google.Inject(googletest.Fault{On: googletest.List, Rate: 0.05, Status: http.StatusTooManyRequests, Reason: "rateLimitExceeded"})
	for i := range s.crowd() {
		s.clients.Go(func() { s.want(i) })
	}
	s.await("the first visits", func() bool { return s.visits.Load() >= 2 })
	s.killService(0)
	s.passTime() // nobody is left to confirm what the killed process had held
	s.watch()
	s.clients.Wait()
	s.google.Heal()
	s.settle()
	s.checkTen()
	for _, p := range s.services {
		p.end()
	}
	t.Logf("%s", s.tally)
	if t.Failed() {
		t.Log(s.logs())
	}
}

// crowd is how many clients there are: fewer where everything is slow, who would only wait for each other.
func (*storm) crowd() int {
	if raceDetector {
		return 50
	}
	return 200
}

// newStorm makes the clinic: two doctors with five slots each on one day, whose calendars are on Google.
func newStorm(t *testing.T) *storm {
	t.Helper()
	s := &storm{google: googletest.Start(t)}
	s.google.Seed(1)
	s.google.AddCalendar(stormAccount, googletest.Calendar{ID: stormAccount, Name: "Clínica", Primary: true})
	s.torture = newTorture(t, testDatabase(t), 1, false,
		"GOOGLE_CLIENT_ID="+googletest.ClientID, "GOOGLE_CLIENT_SECRET="+googletest.ClientSecret, "GOOGLE_CALENDAR_ENDPOINT="+s.google.URL,
		"SECRETARY_ENCRYPTION_KEY="+strings.Repeat("ab", 32), "SECRETARY_PUBLIC_URL=http://clinic.example")
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	s.day = time.Now().In(zone).AddDate(0, 0, 7).Format(time.DateOnly)
	for i, p := range s.clinic.Professionals {
		s.google.AddCalendar(stormAccount, googletest.Calendar{ID: p.Calendar, Name: p.Name})
		hours := []map[string]any{}
		if i < 2 { // five visits of 20 minutes
			hours = append(hours, map[string]any{"start": "08:00", "end": "09:40"})
		}
		s.call(http.MethodPatch, "/v1/clinics/"+s.clinic.TenantID+"/professionals/"+p.ID, map[string]any{
			"buffer_time_minutes": 0, "working_hours_start": "00:00", "working_hours_end": "00:05",
			"date_overrides": []map[string]any{{"date": s.day, "windows": hours}},
		}, nil)
	}
	s.connect()
	var key struct{ Key string }
	s.call(http.MethodPost, "/v1/api-keys", map[string]any{
		"entity_id": s.entity, "name": "agente", "scopes": []string{"agenda:read", "agenda:write", "clinics:read"},
	}, &key)
	s.key = key.Key
	return s
}

// connect has the clinic's owner give consent, as a browser would.
func (s *storm) connect() {
	s.t.Helper()
	s.google.Consenter(stormAccount)
	var begun struct {
		URL string `json:"authorization_url"`
	}
	s.call(http.MethodGet, "/v1/clinics/"+s.clinic.TenantID+"/google/connect", nil, &begun)
	status, location := s.get(begun.URL)
	back, err := url.Parse(location)
	if err != nil || location == "" {
		s.t.Fatalf("Google answered %d and the address %q to go back to: %v", status, location, err)
	}
	if status, _ = s.get(s.anyService() + back.RequestURI()); status != http.StatusOK {
		s.t.Fatalf("the consent was answered with %d", status)
	}
}

// get is what a browser gets that follows nothing: how it went, and where it is sent.
func (s *storm) get(address string) (status int, location string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := s.http.Transport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("Location")
}

func (s *storm) call(method, path string, in, out any) {
	s.t.Helper()
	if err := s.session.client.call(s.t.Context(), method, path, in, out); err != nil {
		s.t.Fatal(err)
	}
}

// want has a client try until it has a visit, or nothing is left.
func (s *storm) want(client int) {
	way := []struct {
		name string
		book func(client, n int) bool
	}{{"by the API", s.byAPI}, {"by a tool", s.byTool}, {"by talking", s.byTalking}}[client%3]
	for n := 0; !s.gone.Load(); n++ {
		if way.book(client, n) {
			s.visits.Add(1)
			s.tally.ack(way.name)
			return
		}
		s.think()
	}
}

// one is a slot at random of those that are free on the day.
func (s *storm) one() (professional professional, start time.Time, ok bool) {
	a, ok := s.send("availability", http.MethodGet, "/v1/clinics/"+s.clinic.TenantID+"/availability?from="+s.day+"&to="+s.day, nil, nil)
	if !ok || a.status != http.StatusOK {
		return professional, start, false
	}
	var free struct {
		Slots []struct {
			Start         time.Time `json:"start"`
			Professionals []struct {
				ID string `json:"professional_id"`
			} `json:"professionals"`
		} `json:"slots"`
	}
	if a.decode(s.torture, &free); len(free.Slots) == 0 {
		return professional, start, false
	}
	slot := free.Slots[rand.IntN(len(free.Slots))]
	return s.clinic.professional(slot.Professionals[rand.IntN(len(slot.Professionals))].ID), slot.Start, true
}

// untilAnswered repeats a request that nobody may have answered because of the kill.
func (s *storm) untilAnswered(ask func() (answer, bool)) (answer, bool) {
	for !s.gone.Load() {
		if a, ok := ask(); ok {
			return a, true
		}
	}
	return answer{}, false
}

func (s *storm) byAPI(client, n int) bool {
	with, start, ok := s.one()
	if !ok {
		return false
	}
	header := map[string]string{"Idempotency-Key": fmt.Sprintf("storm-%d-%d", client, n)}
	a, ok := s.untilAnswered(func() (answer, bool) {
		return s.send("book", http.MethodPost, "/v1/clinics/"+s.clinic.TenantID+"/appointments", header, map[string]any{
			"professional_id": with.ID, "start": start, "patient": map[string]any{"name": "Ana Souza"},
		})
	})
	return ok && a.status == http.StatusCreated
}

func (s *storm) byTool(client, n int) bool {
	with, start, ok := s.one()
	if !ok {
		return false
	}
	a, ok := s.untilAnswered(func() (answer, bool) {
		return s.send("tool", http.MethodPost, "/mcp", map[string]string{"Authorization": "Bearer " + s.key}, map[string]any{
			"jsonrpc": "2.0", "id": n, "method": "tools/call", "params": map[string]any{"name": "create-event", "arguments": map[string]any{
				"calendarId": with.Calendar, "summary": "Bruno Lima", "start": start.Format(time.RFC3339),
				"idempotencyKey": fmt.Sprintf("storm-%d-%d", client, n),
			}},
		})
	})
	if !ok || a.status != http.StatusOK {
		return false
	}
	var called struct {
		Error  any
		Result struct{ IsError bool }
	}
	a.decode(s.torture, &called)
	s.expect(called.Error == nil, "the tool was answered with %s", a.body)
	return called.Error == nil && !called.Result.IsError
}

// byTalking books by a conversation of its own, as the patient answers what is asked.
func (s *storm) byTalking(client, n int) bool {
	number := fmt.Sprintf("+55119%08d", 60_000_000+client*100+n)
	words := []string{"Preciso de um cardiologista", "Preciso de um dermatologista"}[(client/3+n)%2]
	for turnNumber := 0; turnNumber < 20 && !s.gone.Load(); turnNumber++ {
		a, ok := s.untilAnswered(func() (answer, bool) {
			return s.send("say", http.MethodPost, "/v1/clinics/"+s.clinic.TenantID+"/conversations/"+number+"/messages", nil, map[string]any{
				"id": fmt.Sprintf("%s-%d", number, turnNumber), "text": words,
			})
		})
		if !ok || a.status != http.StatusOK {
			return false
		}
		var t turn
		a.decode(s.torture, &t)
		has := func(part string) bool { return strings.Contains(t.text(), part) }
		switch {
		case has("Consulta confirmada!"):
			return true
		case has("Está correto?"):
			words = "sim"
		case has("Qual você prefere?"):
			words = strconv.Itoa(1 + rand.IntN(max(1, strings.Count(t.text(), ", às "))))
		case has("Nome completo"):
			words = patientData
		case has("tentar de novo em alguns minutos"): // the same words again
		default:
			return false // nothing is free now
		}
	}
	return false
}

// checkTen checks that each slot has its visit, and each visit its event, where it belongs.
func (s *storm) checkTen() {
	s.t.Helper()
	visits := rows[struct {
		Event, Calendar string
		Start           time.Time
	}](s.torture, `SELECT 'sec' || replace(a.appointment_id::text, '-', ''), p.google_calendar_id, a.starts_at
		FROM appointments AS a JOIN clinic_professionals AS p USING (professional_id) WHERE a.status = 'confirmed'`)
	s.expect(len(visits) == stormSlots, "%d visits, want %d", len(visits), stormSlots)
	s.expect(s.visits.Load() <= stormSlots, "%d clients were told of a visit", s.visits.Load())
	type place struct {
		calendar string
		start    int64
	}
	taken, wanted := map[place]bool{}, map[string]place{}
	for _, v := range visits {
		at := place{v.Calendar, v.Start.Unix()}
		s.expect(!taken[at], "two visits at %v in %s", v.Start, v.Calendar)
		taken[at], wanted[v.Event] = true, at
	}
	events := 0
	for _, calendarID := range []string{s.clinic.Professionals[0].Calendar, s.clinic.Professionals[1].Calendar, s.clinic.Professionals[2].Calendar, stormAccount} {
		for _, e := range s.google.Events(stormAccount, calendarID) {
			events++
			start, err := time.Parse(time.RFC3339, e.Start.DateTime)
			want, ok := wanted[e.Id]
			s.expect(err == nil && ok && want == place{calendarID, start.Unix()}, "the event %s in %s at %s is of no visit", e.Id, calendarID, e.Start.DateTime)
		}
	}
	s.expect(events == stormSlots, "%d events, want %d", events, stormSlots)
}

// watch ends the storm when every slot is taken for good.
func (s *storm) watch() {
	s.await("ten visits", func() bool {
		var n int
		s.query(`SELECT count(*) FROM appointments WHERE status = 'confirmed'`, &n)
		return n >= stormSlots
	})
	s.gone.Store(true)
}
