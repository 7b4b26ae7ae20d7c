package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
)

// frontDeskIDs is the front desk of one entity, with a record of every kind.
type frontDeskIDs struct {
	tenant, professional, service, appointment string
	held                                       string    // an appointment that is only held
	phone                                      string    // of a contact with a conversation
	starts                                     [2]string // that are free, RFC 3339
	group                                      string    // two visits that were booked together
	together                                   [2]string // two starts of one day that are free
	waiting                                    string    // of a contact who waits for a person
	patient                                    string
}

// webhookToken is what the service accepts of Evolution in tests.
const webhookToken = "a-webhook-token-of-tests"

// addFrontDesk adds the use cases of the front desk, with the offline understanding.
func addFrontDesk(s stored, services *httpapi.Services) {
	google := newGoogle(s)
	services.Clinics = service.NewClinics(s.deps)
	services.Agenda = service.NewAgenda(s.deps, google.calendars)
	services.Matrix = service.NewMatrix(services.Agenda)
	services.CalendarAccounts = service.NewCalendarAccounts(s.deps, google.sealer, google, google.calendars)
	services.ConversationStreams = service.NewConversationStreams(s.deps, httpapi.AppendConversationEvent, 0)
	services.FrontDesk = service.NewFrontDesk(s.deps, services.Agenda, service.Offline{}, &notedBodies{}, nil,
		service.FrontDeskOptions{WebhookToken: webhookToken})
	services.WhatsApp = service.NewWhatsApp(s.deps, services.FrontDesk, connected{}, "https://secretary.example.com")
	services.Erasures = service.NewErasures(s.deps, services.Agenda)
	services.Healths = service.NewHealths(s.deps, services.CalendarAccounts, services.WhatsApp)
}

// frontDesk makes the front desk of an entity.
func (w *world) frontDesk(tb testing.TB, c clinicIDs) frontDeskIDs {
	tb.Helper()
	f, name := frontDeskIDs{phone: "+5511955550011", waiting: "+5511955550022"}, "theirs"
	if w.ours.entity == 0 { // ours is made first
		name = "ours"
	}
	f.tenant = w.made(tb, "tenant_id", "/v1/clinics",
		`{"entity_id":%d,"tenant_name":%q,"evolution_instance_name":"instance-%d"}`, c.entity, name, c.entity)
	at := "/v1/clinics/" + f.tenant
	f.professional = w.made(tb, "professional_id", at+"/professionals",
		`{"directory_professional_id":%d,"professional_name":"Dra. Maria Costa","specialty":"Dermatologista","google_calendar_id":"costa-%d"}`,
		c.professional, c.entity)
	f.service = w.made(tb, "service_id", at+"/professionals/"+f.professional+"/services",
		`{"service_name":"Botox","price_cents":120000,"duration_minutes":45}`)
	var free struct{ Slots []struct{ Start string } }
	w.do(tb, w.manager, http.MethodGet, at+"/availability", "").decode(tb, &free)
	if len(free.Slots) < 10 {
		tb.Fatalf("there are %d free slots in a week", len(free.Slots))
	}
	// Not the first one, which may come too close while the test runs.
	f.starts = [2]string{free.Slots[4].Start, free.Slots[7].Start}
	f.appointment = w.made(tb, "appointment_id", at+"/appointments",
		`{"professional_id":%q,"start":%q,"patient":{"name":"Ana Pereira"}}`, f.professional, free.Slots[1].Start)
	f.held = w.made(tb, "appointment_id", at+"/appointments",
		`{"professional_id":%q,"start":%q,"patient":{"name":"Bia Lima"},"hold":true}`, f.professional, free.Slots[9].Start)
	w.do(tb, w.manager, http.MethodGet, at+"/availability?from="+realTime().AddDate(0, 0, 14).Format(time.DateOnly), "").decode(tb, &free)
	f.group = w.made(tb, "group_id", at+"/appointment-groups",
		`{"patient":{"name":"Ana Pereira"},"visits":[{"professional_id":%q,"start":%q},{"service_id":%q,"start":%q}]}`,
		f.professional, free.Slots[0].Start, f.service, free.Slots[6].Start)
	f.together = [2]string{free.Slots[3].Start, free.Slots[10].Start}
	f.patient = w.made(tb, "patient_id", at+"/patients", `{"name":"Ana Pereira","birth_date":"1990-05-20","phone":"11 95555-0011"}`)
	for phone, text := range map[string]string{f.phone: "Oi", f.waiting: "Quero falar com uma pessoa"} {
		got := w.do(tb, w.manager, http.MethodPost, at+"/conversations/"+phone+"/messages", fmt.Sprintf(`{"text":%q}`, text))
		if got.status != http.StatusOK {
			tb.Fatalf("message: %d %s", got.status, got.body)
		}
	}
	return f
}

// made posts as the manager and returns the id of the new record, which has that name.
func (w *world) made(tb testing.TB, id, path, body string, args ...any) string {
	tb.Helper()
	got := w.do(tb, w.manager, http.MethodPost, path, fmt.Sprintf(body, args...))
	key, _ := got.object(tb)[id].(string)
	if got.status != http.StatusCreated || key == "" {
		tb.Fatalf("POST %s: %d %s", path, got.status, got.body)
	}
	if where, want := got.header.Get("Location"), path+"/"+key; where != want {
		tb.Errorf("Location = %q, want %q", where, want)
	}
	return key
}

// absentFrontDesk is one that is not there.
func absentFrontDesk() frontDeskIDs {
	const none = "00000000-0000-7000-8000-000000000000"
	start := "2026-12-01T12:00:00Z"
	return frontDeskIDs{none, none, none, none, none, "+5511955559999", [2]string{start, start}, none, [2]string{start, "2026-12-01T14:00:00Z"}, "+5511955559998", none}
}

// in is a path of the clinic.
func in(path string) func(clinicIDs) string {
	return func(c clinicIDs) string { return "/v1/clinics/" + c.frontDesk.tenant + path }
}

func inProfessional(path string) func(clinicIDs) string {
	return func(c clinicIDs) string { return in("/professionals/")(c) + c.frontDesk.professional + path }
}

func inService(c clinicIDs) string { return inProfessional("/services/")(c) + c.frontDesk.service }

func inAppointment(path string) func(clinicIDs) string {
	return func(c clinicIDs) string { return in("/appointments/")(c) + c.frontDesk.appointment + path }
}

func inGroup(path string) func(clinicIDs) string {
	return func(c clinicIDs) string { return in("/appointment-groups/")(c) + c.frontDesk.group + path }
}

func inHeld(path string) func(clinicIDs) string {
	return func(c clinicIDs) string { return in("/appointments/")(c) + c.frontDesk.held + path }
}

func inConversation(path string) func(clinicIDs) string {
	return func(c clinicIDs) string { return in("/conversations/")(c) + c.frontDesk.phone + path }
}

func inPatient(path string) func(clinicIDs) string {
	return func(c clinicIDs) string { return in("/patients/")(c) + c.frontDesk.patient + path }
}

// frontDeskAccess is the rows of the front desk's operations.
func frontDeskAccess() []access {
	const (
		get, post, patch, del = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
		made, gone            = http.StatusCreated, http.StatusNoContent
	)
	person := func(c clinicIDs) string {
		return fmt.Sprintf(`{"phone_number":"+5511955550044","department_id":%d,"professional_name":"Dr. João Silva","specialty":"Cardiologista",`+
			`"google_calendar_id":"silva","working_days":["1",2]}`, c.department)
	}
	visit := func(c clinicIDs) string {
		return fmt.Sprintf(`{"professional_id":%q,"start":%q,"patient":{"name":"Bia Lima","phone":"11955550012","birth_date":"1990-05-20"}}`,
			c.frontDesk.professional, c.frontDesk.starts[0])
	}
	route := func(c clinicIDs) string {
		return fmt.Sprintf(`{"professional_id":%q,"operation":"list_events","event_data":{"calendar_id":null}}`, c.frontDesk.professional)
	}
	group := func(c clinicIDs) string {
		return fmt.Sprintf(`{"patient":{"name":"Bia Lima"},"visits":[{"professional_id":%q,"start":%q},{"professional_id":%q,"start":%q}]}`,
			c.frontDesk.professional, c.frontDesk.together[0], c.frontDesk.professional, c.frontDesk.together[1])
	}
	wishes := func(c clinicIDs) string {
		return fmt.Sprintf(`{"visits":[{"professional_id":%q},{"specialty":"dermatologista"}]}`, c.frontDesk.professional)
	}
	preview := fixed(`{"working_hours":[{"days":[1,"2"],"start":"08:00","end":"12:00"}],"date_overrides":[{"date":"2026-12-01","windows":[]}],` +
		`"busy":[{"start":"2026-11-30T12:00:00Z","end":"2026-11-30T12:30:00Z"}],"now":"2026-11-30T00:00:00Z","from":"2026-11-30","to":"2026-12-02","duration_minutes":30}`)
	return []access{
		{operation: "list-clinics", method: get, path: fixed("/v1/clinics"), strange: hidden},
		{operation: "create-clinic", method: post, path: fixed("/v1/clinics"), body: of(`{"entity_id":%d,"tenant_name":"again"}`, entityID), status: http.StatusConflict},
		{operation: "get-clinic", method: get, path: in("")},
		{operation: "update-clinic", method: patch, path: in(""), body: fixed(`{"tenant_name":"renamed","minimum_notice_minutes":30}`)},
		{operation: "delete-clinic", method: del, path: in(""), status: gone},
		{operation: "search-clinic", method: get, path: in("/search?q=botox")},
		{operation: "get-clinic-prompt", method: get, path: in("/prompt")},

		{operation: "connect-google", method: get, path: in("/google/connect")},
		{operation: "list-google-calendars", method: get, path: in("/google/calendars"), status: http.StatusConflict}, // none is connected
		{operation: "disconnect-google", method: post, path: in("/google/disconnect"), status: gone},
		{operation: "connect-whatsapp", method: post, path: in("/whatsapp/connect")},
		{operation: "get-whatsapp", method: get, path: in("/whatsapp")},
		{operation: "get-clinic-health", method: get, path: in("/health")},

		{operation: "list-clinic-professionals", method: get, path: in("/professionals")},
		{operation: "create-clinic-professional", method: post, path: in("/professionals"), body: person, status: made},
		{operation: "get-clinic-professional", method: get, path: inProfessional("")},
		{operation: "update-clinic-professional", method: patch, path: inProfessional(""), body: fixed(`{"specialty":"Dermatologia","working_days":["1"]}`)},
		{operation: "delete-clinic-professional", method: del, path: inProfessional(""), status: gone},

		{operation: "list-services", method: get, path: inProfessional("/services")},
		{operation: "create-service", method: post, path: inProfessional("/services"), body: fixed(`{"service_name":"Peeling","price_cents":30000}`), status: made},
		{operation: "get-service", method: get, path: inService},
		{operation: "update-service", method: patch, path: inService, body: fixed(`{"price_cents":110000}`)},
		{operation: "delete-service", method: del, path: inService, status: gone},

		{operation: "get-availability", method: get, path: in("/availability?from=2026-12-01&to=2026-12-02")},
		{operation: "get-availability-matrix", method: get, path: in("/availability/matrix?week=2026-12-01")},
		{operation: "preview-availability", method: post, path: fixed("/v1/availability/preview"), body: preview, strange: allowed},
		{operation: "list-appointments", method: get, path: in("/appointments?from=2026-12-01")},
		{operation: "book-appointment", method: post, path: in("/appointments"), body: visit, status: made},
		{operation: "get-appointment", method: get, path: inAppointment("")},
		{operation: "cancel-appointment", method: post, path: inAppointment("/cancel"), body: fixed(`{"reason":"x"}`)},
		{operation: "reschedule-appointment", method: post, path: inAppointment("/reschedule"), body: func(c clinicIDs) string {
			return fmt.Sprintf(`{"start":%q}`, c.frontDesk.starts[1])
		}},
		{operation: "confirm-appointment", method: post, path: inHeld("/confirm")},
		{operation: "find-group-availability", method: post, path: in("/availability/groups"), body: wishes},
		{operation: "book-appointment-group", method: post, path: in("/appointment-groups"), body: group, status: made},
		{operation: "get-appointment-group", method: get, path: inGroup("")},
		{operation: "cancel-appointment-group", method: post, path: inGroup("/cancel"), body: fixed(`{"reason":"x"}`)},
		{operation: "route-calendar", method: post, path: in("/calendar-router"), body: route},

		{operation: "list-patients", method: get, path: in("/patients?q=ana&phone=11955550011")},
		{operation: "create-patient", method: post, path: in("/patients"), body: fixed(`{"contact":"+5511955550011","name":"João Pereira"}`), status: made},
		{operation: "get-patient", method: get, path: inPatient("")},
		{operation: "update-patient", method: patch, path: inPatient(""), body: fixed(`{"name":"Ana Maria Pereira","phone":null}`)},
		{operation: "erase-patient", method: post, path: inPatient("/erasure"), status: gone},
		{operation: "list-consents", method: get, path: inConversation("/consents")},
		{operation: "note-consent", method: post, path: inConversation("/consents"), body: fixed(`{"purpose":"reminders","granted":false}`), status: made},

		{operation: "list-conversations", method: get, path: in("/conversations")},
		{operation: "get-conversation", method: get, path: inConversation("")},
		{operation: "list-messages", method: get, path: inConversation("/messages")},
		{operation: "send-message", method: post, path: inConversation("/messages"), body: fixed(`{"id":null,"name":"Ana","text":"Quero fazer botox"}`)},
		{operation: "list-waiting-conversations", method: get, path: in("/conversations/waiting")},
		{operation: "take-conversation", method: post, path: inConversation("/take")},
		{operation: "answer-conversation", method: post, path: inConversation("/answer?force=true"), body: fixed(`{"text":"Oi!"}`)},
		{operation: "hand-off-conversation", method: post, path: inConversation("/hand-off")},
		{operation: "give-back-conversation", method: post, path: func(c clinicIDs) string { return in("/conversations/")(c) + c.frontDesk.waiting + "/give-back" }},
		{operation: "stream-conversations", method: get, path: in("/conversations/stream"), endless: true},
		{operation: "get-model-usage", method: get, path: in("/model-usage?from=2026-11-01&to=2026-11-30")},
		{operation: "understand", method: post, path: in("/understand"), body: fixed(`{"text":"Quero fazer botox"}`)},

		{
			operation: "receive-evolution-webhook", method: post, path: fixed("/v1/webhooks/evolution/instance-1"), body: fixed(`{}`),
			public: true, status: http.StatusUnauthorized,
		},
		{
			operation: "receive-evolution-event", method: post, path: fixed("/v1/webhooks/evolution/instance-1/messages-upsert"), body: fixed(`{}`),
			public: true, status: http.StatusUnauthorized,
		},
	}
}

// A clinic of one's own does not open the records of another one.
func TestRecordsOfAnotherClinicAreNotInOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own, theirs := "/v1/clinics/"+w.ours.frontDesk.tenant, w.theirs.frontDesk
	book := func(professional, service string) string {
		return fmt.Sprintf(`{"professional_id":%q,"service_id":%s,"start":%q,"patient":{"name":"Ana"}}`, professional, service, w.ours.frontDesk.starts[0])
	}
	for _, token := range []string{w.admin, w.manager} {
		for _, row := range []struct{ method, path, body, code string }{
			{http.MethodGet, "/professionals/" + theirs.professional, "", "professional-not-found"},
			{http.MethodPatch, "/professionals/" + theirs.professional, `{"display_order":1}`, "professional-not-found"},
			{http.MethodDelete, "/professionals/" + theirs.professional, "", "professional-not-found"},
			{http.MethodGet, "/professionals/" + theirs.professional + "/services", "", "professional-not-found"},
			{http.MethodGet, "/professionals/" + w.ours.frontDesk.professional + "/services/" + theirs.service, "", "service-not-found"},
			{http.MethodGet, "/appointments/" + theirs.appointment, "", "appointment-not-found"},
			{http.MethodPost, "/appointments/" + theirs.appointment + "/cancel", `{}`, "appointment-not-found"},
			{http.MethodPost, "/appointments/" + theirs.appointment + "/reschedule", `{"start":"2026-12-01T12:00:00Z"}`, "appointment-not-found"},
			{http.MethodGet, "/patients/" + theirs.patient, "", "patient-not-found"},
			{http.MethodPatch, "/patients/" + theirs.patient, `{"name":"Ana"}`, "patient-not-found"},
			{http.MethodPost, "/patients/" + theirs.patient + "/erasure", "", "patient-not-found"},
			{http.MethodPost, "/appointments", book(theirs.professional, "null"), "professional-not-found"},
			{http.MethodPost, "/appointments", book(w.ours.frontDesk.professional, `"`+theirs.service+`"`), "service-not-found"},
			{http.MethodGet, "/availability?professional_id=" + theirs.professional, "", "professional-not-found"},
			{http.MethodGet, "/availability?service_id=" + theirs.service, "", "service-not-found"},
			{http.MethodPost, "/calendar-router", fmt.Sprintf(`{"professional_id":%q,"operation":"list-events"}`, theirs.professional), "professional-not-found"},
		} {
			wantProblem(t, w.do(t, token, row.method, own+row.path, row.body), http.StatusNotFound, row.code)
		}
	}
}

// connected is a WhatsApp server on which every instance is connected, and has nothing to tell.
type connected struct{}

func (connected) SetWebhook(context.Context, string, string, string) error { return nil }

func (connected) Connection(context.Context, string) (reception.Connection, error) {
	return reception.Connection{State: reception.Open}, nil
}

func (connected) History(context.Context, string, time.Time, int) ([]reception.Inbound, error) {
	return nil, nil
}

func (connected) Typing(context.Context, string, string, time.Duration) error { return nil }
