package mcpserver_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/secretary-api/secretary/core/agenda"
)

var update = flag.Bool("update", false, "write the golden files anew")

// names are those of the tools that a session lists.
func (a *agent) names() []string {
	a.t.Helper()
	listed, err := a.session.ListTools(a.t.Context(), nil)
	must(a.t, err)
	var out []string
	for _, tool := range listed.Tools {
		out = append(out, tool.Name)
	}
	slices.Sort(out)
	return out
}

// wantMembers checks some members of an answer.
func wantMembers(t *testing.T, got, want object) {
	t.Helper()
	for name, v := range want {
		if diff := cmp.Diff(v, got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEveryToolDoesItsWorkOverBothTransports(t *testing.T) {
	t.Parallel()
	for name, transport := range transports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := dial(t, transport(w.url, w.ours.key))
			called := map[string]bool{}
			do := func(tool string, arguments object) object {
				t.Helper()
				called[tool] = true
				return a.call(tool, arguments)
			}
			silva, costa := w.ours.silva, w.ours.costa

			wantMembers(t, do("get-current-time", nil), object{
				"currentTime": "2026-11-30T08:00:00-03:00", "timeZone": "America/Sao_Paulo", "date": "2026-11-30", "weekday": "segunda-feira",
			})
			calendars := items(t, do("list-calendars", nil), "calendars")
			if len(calendars) != 2 || calendars[1]["id"] != costa.GoogleCalendarID {
				t.Errorf("calendars = %v, want those of two professionals", calendars)
			}
			if all := items(t, do("list-professionals", nil), "professionals"); len(all) != 2 || all[0]["calendarId"] != silva.GoogleCalendarID {
				t.Errorf("professionals = %v", all)
			}
			found := items(t, do("find-professional", object{"query": "quero botox"}), "matches")
			if len(found) != 1 || found[0]["reason"] != "service" {
				t.Errorf("botox: %v, want the one who offers it", found)
			}
			services := items(t, do("list-services", object{"professional": "maria costa"}), "services")
			if len(services) != 1 || services[0]["price"] != "R$ 1.200,00" {
				t.Errorf("services = %v, want Botox", services)
			}
			slots := items(t, do("list-free-slots", object{"timeMin": "2026-12-01", "timeMax": "2026-12-01", "limit": 3}), "slots")
			if len(slots) != 3 || slots[0]["start"] != "2026-12-01T08:00:00-03:00" || len(items(t, slots[0], "professionals")) != 2 {
				t.Errorf("slots = %v, want three from 08:00 on, of both", slots)
			}

			made := do("create-event", object{
				"calendarId": costa.GoogleCalendarID, "professionalId": costa.ID.String(), "serviceId": w.ours.botox.ID.String(),
				"summary": "Botox - José", "start": half, "end": "2026-12-01T10:15:00-03:00", "description": "primeira vez",
				"patient": object{"name": "José Conceição", "phone": "11955550011", "birthDate": "1990-05-20"},
			})
			wantMembers(t, made, object{
				"status": "confirmed", "start": half, "end": "2026-12-01T10:15:00-03:00", "calendarId": costa.GoogleCalendarID, "service": "Botox",
				"patient": object{"name": "José Conceição", "phone": "+5511955550011", "birthDate": "1990-05-20"},
			})
			event := object{"calendarId": costa.GoogleCalendarID, "eventId": made["eventId"]}
			if all := items(t, do("list-events", object{"calendarId": costa.GoogleCalendarID}), "events"); len(all) != 1 {
				t.Errorf("events = %v, want the one", all)
			}
			wantMembers(t, do("get-event", event), object{"appointmentId": made["appointmentId"], "start": half})
			busy := items(t, do("get-freebusy", object{
				"calendars": []object{{"id": costa.GoogleCalendarID}, {"id": silva.GoogleCalendarID}}, "timeMin": "2026-12-01", "timeMax": "2026-12-01",
			}), "calendars")
			if len(busy) != 2 || len(items(t, busy[0], "busy")) != 1 || len(items(t, busy[1], "busy")) != 0 {
				t.Errorf("busy = %v, want one time of the first", busy)
			}
			wantMembers(t, do("update-event", object{
				"calendarId": costa.GoogleCalendarID, "eventId": made["eventId"], "start": "2026-12-01T14:00:00", "end": "2026-12-01T14:45:00",
			}), object{"start": "2026-12-01T14:00:00-03:00"})
			wantMembers(t, do("delete-event", event), object{"status": "cancelled"})

			held := do("hold-slot", object{"professional": silva.Slug, "start": eleven, "patient": object{"name": "Ana Pereira"}})
			wantMembers(t, held, object{"status": "held", "heldUntil": "2026-11-30T08:10:00-03:00"})
			one := object{"appointmentId": held["appointmentId"]}
			wantMembers(t, do("confirm-appointment", one), object{"status": "confirmed", "start": eleven})
			wantMembers(t, do("reschedule-appointment", object{"appointmentId": held["appointmentId"], "start": ten}), object{"start": ten})
			wantMembers(t, do("cancel-appointment", object{"appointmentId": held["appointmentId"], "reason": "viagem"}), object{"status": "cancelled"})

			if n := w.events(t, silva) + w.events(t, costa); n != 0 {
				t.Errorf("%d events are left, want none: all were cancelled", n)
			}
			for _, tool := range a.names() {
				if !called[tool] {
					t.Errorf("%s was not called", tool)
				}
			}
		})
	}
}

func TestTheListOfToolsIsAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, a := range map[string]*agent{
		"tools": w.connect(t, w.ours.key), "tools_one": w.connectBound(t, w.ours.key, w.ours.costa.Slug),
	} {
		listed, err := a.session.ListTools(t.Context(), nil)
		must(t, err)
		got, err := json.MarshalIndent(listed.Tools, "", "\t")
		must(t, err)
		got = append(got, '\n')
		path := filepath.Join("testdata", name+".golden.json")
		if *update {
			must(t, os.WriteFile(path, got, 0o600))
		}
		want, err := os.ReadFile(path)
		must(t, err)
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: go test ./adapters/mcpserver -update (-want +got):\n%s", path, diff)
		}
	}
}

// TestSchemasAreOnesThatModelsTake: several models' APIs refuse lists of types, and n8n prunes what a schema does not name.
func TestSchemasAreOnesThatModelsTake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, a := range []*agent{w.connect(t, w.ours.key), w.connectBound(t, w.ours.key, w.ours.costa.Slug)} {
		listed, err := a.session.ListTools(t.Context(), nil)
		must(t, err)
		for _, tool := range listed.Tools {
			raw, err := json.Marshal(object{"in": tool.InputSchema, "out": tool.OutputSchema})
			must(t, err)
			if bytes.Contains(raw, []byte(`"null"`)) || bytes.Contains(raw, []byte(`"type":[`)) {
				t.Errorf("%s has a type that may be null: %s", tool.Name, raw)
			}
			if tool.Description == "" || tool.Annotations == nil || tool.Annotations.DestructiveHint == nil {
				t.Errorf("%s is not described: %+v", tool.Name, tool)
			}
			for which, schema := range map[string]any{"input": tool.InputSchema, "output": tool.OutputSchema} {
				s, _ := schema.(object)
				if s["type"] != "object" || s["additionalProperties"] != false {
					t.Errorf("the %s of %s is %v, want an object of known properties", which, tool.Name, s)
				}
			}
		}
	}
}

// TestWhatIsOfferedCanBeBooked goes from the question to the visit with nothing but answers.
func TestWhatIsOfferedCanBeBooked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(t, w.ours.key)
	found := items(t, a.call("find-professional", object{"query": "coração"}), "matches")
	who, _ := found[0]["professional"].(object)
	for i, slot := range items(t, a.call("list-free-slots", object{"professionalId": who["professionalId"], "limit": 5}), "slots") {
		a.call("create-event", object{
			"calendarId": who["calendarId"], "professionalId": who["professionalId"], "summary": "Paciente " + string(rune('A'+i)), "start": slot["start"], "end": slot["end"],
		})
	}
	if n := w.events(t, w.ours.silva); n != 5 {
		t.Errorf("%d events, want 5", n)
	}
}

func TestTimesAreReadInTheZoneThatIsMeant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(t, w.ours.key)
	for _, row := range []struct{ given, zone, want string }{
		{"2026-12-01T10:00:00", "", ten},
		{"2026-12-01 10:30", "", "2026-12-01T10:30:00-03:00"},
		{"2026-12-01T14:00:00Z", "", eleven},
		{"2026-12-01T15:30:00", "Europe/Lisbon", "2026-12-01T15:30:00Z"},
	} {
		made := a.call("create-event", object{
			"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Ana Pereira", "start": row.given, "timeZone": row.zone,
		})
		if made["start"] != row.want {
			t.Errorf("%s %s: start = %v, want %s", row.given, row.zone, made["start"], row.want)
		}
	}
	for why, arguments := range map[string]object{
		"a date alone":       {"start": "2026-12-01"},
		"no date":            {"start": "amanhã às dez"},
		"a day that is not":  {"start": "2026-02-30T10:00:00"},
		"an unknown zone":    {"start": "2026-12-01T10:00:00", "timeZone": "Marte/Olimpo"},
		"the server's zone":  {"start": "2026-12-01T10:00:00", "timeZone": "Local"},
		"a broken birthday":  {"start": "2026-12-02T10:00:00", "patient": object{"name": "Ana", "birthDate": "20/05/1990"}},
		"an unknown member":  {"start": "2026-12-02T10:00:00", "attendees": []string{"a@b.example"}},
		"two professionals":  {"start": "2026-12-02T10:00:00", "professionalId": w.ours.silva.ID.String(), "professional": w.ours.costa.Slug},
		"an id that is none": {"start": "2026-12-02T10:00:00", "professionalId": "7"},
	} {
		arguments["calendarId"], arguments["summary"] = w.ours.silva.GoogleCalendarID, "Ana Pereira"
		if text := a.refused("invalid-input", "create-event", arguments); len(text) < 40 {
			t.Errorf("%s: %q is no advice", why, text)
		}
	}
	wrong := a.refused("visit-length", "create-event", object{
		"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Ana", "start": "2026-12-02T10:00:00-03:00", "end": "2026-12-02T11:00:00-03:00",
	})
	if !strings.Contains(wrong, "2026-12-02T10:30:00-03:00") {
		t.Errorf("%q does not say the right end", wrong)
	}
}

func TestTheSameKeyAgainIsTheSameVisit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(t, w.ours.key)
	arguments := object{"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Ana Pereira", "start": ten, "idempotencyKey": "mensagem-17"}
	first, again := a.call("create-event", arguments), a.call("create-event", arguments)
	if first["appointmentId"] != again["appointmentId"] || w.events(t, w.ours.silva) != 1 {
		t.Errorf("a repetition made another visit: %v and %v", first, again)
	}
	arguments["start"] = eleven
	a.refused("idempotency-key-reused", "create-event", arguments)
	other := w.connect(t, w.theirs.key)
	arguments["calendarId"] = w.theirs.silva.GoogleCalendarID
	if made := other.call("create-event", arguments); made["appointmentId"] == first["appointmentId"] {
		t.Error("another clinic's key led to our visit")
	}
	held := object{"professional": w.ours.costa.Slug, "start": ten, "patient": object{"name": "Ana"}, "idempotencyKey": "mensagem-18"}
	if a.call("hold-slot", held)["appointmentId"] != a.call("hold-slot", held)["appointmentId"] {
		t.Error("a repetition held another slot")
	}
}

func TestSeveralProfessionalsOfANameAreAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.ours.silva
	_, err := w.clinics.AddProfessional(t.Context(), w.manager, w.ours.tenant, homonym(other))
	must(t, err)
	a := w.connect(t, w.ours.key)
	text := a.refused("professional-ambiguous", "hold-slot", object{"professional": "Silva", "start": ten, "patient": object{"name": "Ana"}})
	if !strings.Contains(text, "Dr. João Silva") || !strings.Contains(text, "Dra. Ana Silva") {
		t.Errorf("%q does not name both", text)
	}
	found := a.call("find-professional", object{"query": "Silva"})
	if advice, _ := found["advice"].(string); len(items(t, found, "matches")) != 2 || !strings.Contains(advice, "pergunte") {
		t.Errorf("find-professional answers %v, want both, and to ask", found)
	}
	a.refused("invalid-input", "hold-slot", object{"start": ten, "patient": object{"name": "Ana"}})
	byService := a.call("hold-slot", object{"serviceId": w.ours.botox.ID.String(), "start": half, "patient": object{"name": "Ana"}})
	if who, _ := byService["professional"].(object); who["professionalId"] != w.ours.costa.ID.String() {
		t.Errorf("Botox was held with %v", who)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(t, w.ours.key)
	book := func(start string) object {
		return object{"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Ana Pereira", "start": start}
	}
	made := a.call("create-event", book(ten))
	for _, row := range []struct {
		code, tool string
		arguments  object
		says       string
	}{
		{"slot-taken", "create-event", book(ten), "list-free-slots"},
		{"slot-not-offered", "create-event", book("2026-12-01T05:00:00-03:00"), "list-free-slots"},
		{"service-not-offered", "create-event", object{
			"calendarId": w.ours.silva.GoogleCalendarID, "summary": "Ana", "start": eleven, "serviceId": w.ours.botox.ID.String(),
		}, "list-services"},
		{"professional-not-found", "hold-slot", object{"professional": "Dr. Ninguém", "start": ten, "patient": object{"name": "Ana"}}, "list-professionals"},
		{"specialty-not-found", "list-free-slots", object{"specialty": "astrologia"}, "especialidade"},
		{"service-not-found", "list-free-slots", object{"serviceId": w.theirs.botox.ID.String()}, "list-services"},
		{"appointment-not-found", "confirm-appointment", object{"appointmentId": "quatro"}, "id"},
		{"event-not-found", "delete-event", object{"calendarId": w.ours.silva.GoogleCalendarID, "eventId": "nenhum"}, "list-events"},
		{"event-not-found", "get-event", object{"calendarId": w.ours.silva.GoogleCalendarID, "eventId": "nenhum"}, "list-events"},
		{"invalid-input", "hold-slot", object{"professional": w.ours.silva.Slug, "start": eleven, "patient": object{"name": "Ana", "phone": "x"}}, "patient.phone"},
		{"invalid-input", "list-free-slots", object{"timeMin": "2026-12-01", "timeMax": "2027-12-01"}, "timeMax"},
		{"invalid-input", "list-free-slots", object{"limit": 500}, "limit"},
	} {
		if text := a.refused(row.code, row.tool, row.arguments); !strings.Contains(text, row.says) {
			t.Errorf("%s: %q does not speak of %q", row.tool, text, row.says)
		}
	}
	a.call("cancel-appointment", object{"appointmentId": made["appointmentId"]})
	a.refused("appointment-state", "reschedule-appointment", object{"appointmentId": made["appointmentId"], "start": eleven})

	w.calendar.Fail(os.ErrDeadlineExceeded)
	for tool, arguments := range map[string]object{"create-event": book(eleven), "list-free-slots": {"professional": w.ours.silva.Slug}} {
		result, err := a.session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
		must(t, err)
		if text := textOf(result); !result.IsError || strings.Contains(text, "timeout") || strings.Contains(text, "deadline") {
			t.Errorf("%s: %q, want a refusal without its cause", tool, text)
		}
	}
	w.calendar.Fail(nil)
	w.calendar.Block(w.ours.silva.Calendar(), agenda.Interval{Start: at(t, eleven), End: at(t, "2026-12-01T11:30:00-03:00")})
	a.refused("slot-taken", "create-event", book(eleven))
}
