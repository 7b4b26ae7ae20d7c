package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestAClinicIsReadWithItsProfessionalsAndServices(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	got := want(t, d.do(t, d.manager, http.MethodGet, d.at(""), ""), http.StatusOK, map[string]any{
		"tenant_name": "Clínica Moreira", "evolution_instance_name": "clinica-moreira", "timezone": "America/Sao_Paulo",
		"minimum_notice_minutes": 60.0, "maximum_days_ahead": 60.0, "hold_minutes": 10.0, "is_active": true,
		"has_webhook_token": false, "google_oauth_credential_id": nil,
	})
	professionals, _ := got["professionals"].([]any)
	if len(professionals) != 3 {
		t.Fatalf("professionals = %v", professionals)
	}
	maria, _ := professionals[1].(map[string]any)
	wantMembers(t, maria, map[string]any{
		"professional_name": "Dra. Maria Costa", "professional_slug": "dra-maria-costa", "google_calendar_id": "costa@calendar",
		"working_hours_start": "08:00", "working_hours_end": "18:00", "consultation_duration_default": 30.0, "buffer_time_minutes": 10.0,
		"working_days": []any{1.0, 2.0, 3.0, 4.0, 5.0}, "specialty_keywords": []any{"pele", "manchas"},
	})
	services, _ := maria["services"].([]any)
	if len(services) != 1 {
		t.Fatalf("services = %v", services)
	}
	botox, _ := services[0].(map[string]any)
	wantMembers(t, botox, map[string]any{"service_name": "Botox", "price_cents": 120000.0, "duration_minutes": 45.0, "service_slug": "botox"})
	silva, _ := professionals[0].(map[string]any)
	if none, ok := silva["services"].([]any); !ok || len(none) != 0 {
		t.Error("a professional without services has no empty list of them")
	}
	list := d.do(t, d.manager, http.MethodGet, "/v1/clinics", "")
	if strings.Contains(list.body, `"professionals"`) {
		t.Errorf("the list has professionals: %s", list.body)
	}
}

// wantMembers checks some members of an object.
func wantMembers(tb testing.TB, got, members map[string]any) {
	tb.Helper()
	for name, value := range members {
		if fmt.Sprint(got[name]) != fmt.Sprint(value) {
			tb.Errorf("%s = %v, want %v", name, got[name], value)
		}
	}
}

func TestAClinicIsChangedAndDeactivated(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	got := want(t, d.do(t, d.manager, http.MethodPatch, d.at(""),
		`{"minimum_notice_minutes":120,"maximum_days_ahead":30,"hold_minutes":5,"evolution_instance_name":null,"system_prompt":"Oi {{ professionals_list }}"}`),
		http.StatusOK, map[string]any{"minimum_notice_minutes": 120.0, "maximum_days_ahead": 30.0, "hold_minutes": 5.0, "evolution_instance_name": nil})
	if professionals, _ := got["professionals"].([]any); len(professionals) != 3 {
		t.Errorf("professionals = %v", got["professionals"])
	}
	prompt := want(t, d.do(t, d.manager, http.MethodGet, d.at("/prompt"), ""), http.StatusOK, nil)
	if text, _ := prompt["prompt"].(string); !strings.HasPrefix(text, "Oi ") || !strings.Contains(text, "Dra. Maria Costa") {
		t.Errorf("prompt = %v", prompt["prompt"])
	}
	for _, body := range []string{
		`{"timezone":"Mars/Olympus"}`, `{"timezone":null}`, `{"hold_minutes":0}`, `{"maximum_days_ahead":"30"}`,
		`{"evolution_webhook_token":"short"}`, `{"tenant_name":""}`, `{"google_calendar_id":"x"}`,
	} {
		wantProblem(t, d.do(t, d.manager, http.MethodPatch, d.at(""), body), http.StatusUnprocessableEntity, "invalid-input")
	}
	if got := d.do(t, d.manager, http.MethodDelete, d.at(""), ""); got.status != http.StatusNoContent {
		t.Fatalf("status = %d: %s", got.status, got.body)
	}
	want(t, d.do(t, d.manager, http.MethodGet, d.at(""), ""), http.StatusOK, map[string]any{"is_active": false})
	none := want(t, d.do(t, d.manager, http.MethodGet, "/v1/clinics?active=true", ""), http.StatusOK, nil)
	if items, _ := none["items"].([]any); len(items) != 0 {
		t.Errorf("a deactivated clinic is listed as active: %v", items)
	}
}

func TestAnEntityHasOneClinicAndAnInstanceOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wantProblem(t, w.do(t, w.admin, http.MethodPost, "/v1/clinics", `{"tenant_name":"again"}`), http.StatusConflict, "clinic-exists")
	entity := w.create(t, "/v1/entities", `{"name":"third"}`)
	body := fmt.Sprintf(`{"entity_id":%d,"tenant_name":"third","evolution_instance_name":"instance-%d"}`, entity, w.ours.entity)
	wantProblem(t, w.do(t, w.manager, http.MethodPost, "/v1/clinics", body), http.StatusConflict, "instance-taken")
}

func TestAProfessionalIsAPersonOfTheDirectoryOrANewOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := in("/professionals")(w.ours)
	ask := func(body string) result { return w.do(t, w.admin, http.MethodPost, path, body) }
	const rest = `"professional_name":"Dr. Novo","specialty":"Ortopedista","google_calendar_id":"novo"`
	for _, who := range []string{`"display_order":1`, `"directory_professional_id":1,"phone_number":"+5511955550066"`} {
		wantProblem(t, ask(`{`+who+`,`+rest+`}`), http.StatusUnprocessableEntity, "invalid-input")
	}
	wantProblem(t, ask(`{"email":"novo@clinic.example",`+rest+`}`), http.StatusUnprocessableEntity, "invalid-input")
	wantProblem(t, ask(`{"directory_professional_id":999999,`+rest+`}`), http.StatusNotFound, "professional-not-found")
	got := want(t, ask(`{"phone_number":"+5511955550066","email":"novo@clinic.example",`+rest+`}`), http.StatusCreated, map[string]any{
		"professional_slug": "dr-novo", "is_active": true,
	})
	// The person is in the directory, as a member of the clinic's entity: its administrator sees it.
	person := fmt.Sprintf("/v1/professionals/%v", got["directory_professional_id"])
	want(t, w.do(t, w.admin, http.MethodGet, person, ""), http.StatusOK, map[string]any{"name": "Dr. Novo", "phone_number": "+5511955550066"})
	wantProblem(t, w.do(t, w.other, http.MethodGet, person, ""), http.StatusNotFound, "professional-not-found")
	wantProblem(t, ask(`{"phone_number":"+5511955550067","professional_slug":"outro",`+rest+`}`), http.StatusConflict, "calendar-taken")
	same := strings.Replace(rest, `"novo"`, `"outro"`, 1)
	wantProblem(t, ask(`{"phone_number":"+5511955550067",`+same+`}`), http.StatusConflict, "slug-taken")
}

func TestWorkingDaysAreNumbersOrTheDocumentsTexts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	path := d.at("/professionals/" + d.silva)
	change := func(days string) result {
		return d.do(t, d.manager, http.MethodPatch, path, `{"working_days":`+days+`}`)
	}
	for _, days := range []string{`["5","1",1]`, `[1,5]`, `["1","5"]`} {
		got := want(t, change(days), http.StatusOK, nil)
		if fmt.Sprint(got["working_days"]) != "[1 5]" {
			t.Errorf("working_days %s became %v, want [1 5]", days, got["working_days"])
		}
	}
	for _, days := range []string{`[7]`, `["7"]`, `[-1]`, `[1.5]`, `["seg"]`, `[null]`, `"1"`, `[]`, `null`, `[true]`} {
		wantProblem(t, change(days), http.StatusUnprocessableEntity, "invalid-input")
	}
}

func TestAProfessionalIsChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	path := d.at("/professionals/" + d.silva)
	want(t, d.do(t, d.manager, http.MethodPatch, path, `{"working_hours_start":"9:30","google_calendar_label":"Agenda","buffer_time_minutes":0}`),
		http.StatusOK, map[string]any{"working_hours_start": "09:30", "google_calendar_label": "Agenda", "buffer_time_minutes": 0.0})
	for _, body := range []string{`{"working_hours_start":"25:00"}`, `{"working_hours_start":8}`, `{"working_hours_end":"09:00"}`, `{"tenant_id":"x"}`} {
		wantProblem(t, d.do(t, d.manager, http.MethodPatch, path, body), http.StatusUnprocessableEntity, "invalid-input")
	}
	d.wantBooked(t, d.finish(t, ana, d.say(t, ana, "Preciso de um cardiologista")), d.silva, "silva@calendar")
	wantProblem(t, d.do(t, d.manager, http.MethodPatch, path, `{"google_calendar_id":"another"}`), http.StatusConflict, "calendar-in-use")
	if got := d.do(t, d.manager, http.MethodDelete, path, ""); got.status != http.StatusNoContent {
		t.Fatalf("status = %d: %s", got.status, got.body)
	}
	want(t, d.do(t, d.manager, http.MethodGet, path, ""), http.StatusOK, map[string]any{"is_active": false})
	wantSaid(t, d.say(t, "+5511955550012", "Preciso de um cardiologista"), "Não temos essa especialidade")
}

func TestSearchFindsByNameSpecialtyServiceAndKeyword(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for query, expect := range map[string][3]string{ // professional, reason, service
		"q=coracao":               {d.silva, "keyword"},
		"q=Dra.%20Maria":          {d.costa, "name"},
		"q=botox":                 {d.costa, "service", d.botox},
		"name=santos":             {d.santos, "name"},
		"specialty=cardiologista": {d.silva, "specialty"},
		"service=toxina":          {d.costa, "service", d.botox},
	} {
		var got struct {
			Items []struct {
				Professional struct {
					ID string `json:"professional_id"`
				}
				Service *struct {
					ID string `json:"service_id"`
				}
				Reason string
				Score  float64
			}
		}
		d.do(t, d.manager, http.MethodGet, d.at("/search?"+query), "").decode(t, &got)
		if len(got.Items) != 1 {
			t.Errorf("%s found %d, want 1", query, len(got.Items))
			continue
		}
		item, service := got.Items[0], ""
		if item.Service != nil {
			service = item.Service.ID
		}
		if found := [3]string{item.Professional.ID, item.Reason, service}; found != expect || item.Score <= 0 || item.Score > 1 {
			t.Errorf("%s found %v with score %v, want %v", query, found, item.Score, expect)
		}
	}
	nobody := d.do(t, d.manager, http.MethodGet, d.at("/search?q=dentista"), "")
	if strings.TrimSpace(nobody.body) != `{"items":[]}` {
		t.Errorf("nobody found is %s", nobody.body)
	}
	for _, query := range []string{"", "?q=a&name=b", "?q="} {
		wantProblem(t, d.do(t, d.manager, http.MethodGet, d.at("/search"+query), ""), http.StatusUnprocessableEntity, "invalid-input")
	}
}

func TestAServiceBelongsToItsProfessional(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	own, others := d.at("/professionals/"+d.costa+"/services/"+d.botox), d.at("/professionals/"+d.silva+"/services/"+d.botox)
	want(t, d.do(t, d.manager, http.MethodPatch, own, `{"price_cents":130000,"service_keywords":["botox"]}`), http.StatusOK, map[string]any{"price_cents": 130000.0})
	wantProblem(t, d.do(t, d.manager, http.MethodGet, others, ""), http.StatusNotFound, "service-not-found")
	wantProblem(t, d.do(t, d.manager, http.MethodPatch, others, `{"price_cents":1}`), http.StatusNotFound, "service-not-found")
	wantProblem(t, d.do(t, d.manager, http.MethodDelete, others, ""), http.StatusNotFound, "service-not-found")
	again := d.do(t, d.manager, http.MethodPost, d.at("/professionals/"+d.costa+"/services"), `{"service_name":"Botox","price_cents":1}`)
	wantProblem(t, again, http.StatusConflict, "slug-taken")
	for _, body := range []string{`{"service_name":"x"}`, `{"service_name":"x","price_cents":-1}`, `{"service_name":"x","price_cents":1.5}`, `{"service_name":"x","price_cents":1,"duration_minutes":4}`} {
		wantProblem(t, d.do(t, d.manager, http.MethodPost, d.at("/professionals/"+d.costa+"/services"), body), http.StatusUnprocessableEntity, "invalid-input")
	}
}

func TestIDsOfAClinicThatAreNoUUIDsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := []string{"1", "x", "01985c1e7f3a7a108a530f4b7c1de001", "urn:uuid:01985c1e-7f3a-7a10-8a53-0f4b7c1de001", "01985c1e-7f3a-7a10-8a53-0f4b7c1de00g"}
	for _, id := range ids {
		wantProblem(t, w.do(t, w.manager, http.MethodGet, "/v1/clinics/"+id, ""), http.StatusUnprocessableEntity, "invalid-input")
		body := fmt.Sprintf(`{"professional_id":%q,"start":"2026-12-01T12:00:00Z","patient":{"name":"Ana"}}`, id)
		got := w.do(t, w.manager, http.MethodPost, in("/appointments")(w.ours), body)
		wantProblem(t, got, http.StatusUnprocessableEntity, "invalid-input")
		if slices.Contains(ids[1:], id) && id != "x" && strings.Contains(got.body, id) {
			t.Errorf("the id is repeated: %s", got.body)
		}
	}
	upper := strings.ToUpper(w.ours.frontDesk.tenant)
	want(t, w.do(t, w.manager, http.MethodGet, "/v1/clinics/"+upper, ""), http.StatusOK, map[string]any{"tenant_id": w.ours.frontDesk.tenant})
}

func TestAWorkflowLoadsItsClinicByTheInstance(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var list struct {
		Items []struct {
			TenantID string `json:"tenant_id"`
		}
	}
	d.do(t, d.manager, http.MethodGet, "/v1/clinics?evolution_instance_name=clinica-moreira", "").decode(t, &list)
	if len(list.Items) != 1 || list.Items[0].TenantID != d.tenant {
		t.Errorf("clinics of the instance = %+v, want %s", list.Items, d.tenant)
	}
	d.do(t, d.manager, http.MethodGet, "/v1/clinics?evolution_instance_name=another", "").decode(t, &list)
	if len(list.Items) != 0 {
		t.Errorf("clinics of another instance = %+v", list.Items)
	}
}

func TestAnAgentIsToldTheClinicAndHowToTalk(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	prompt := func(query string) string {
		text, _ := want(t, d.do(t, d.manager, http.MethodGet, d.at("/prompt"+query), ""), http.StatusOK, nil)["prompt"].(string)
		return text
	}
	chat := prompt("")
	for _, part := range []string{
		"Clínica Moreira", "segunda-feira, 2026-11-30 08:00", "Dr. João Silva - Cardiologista", "Botox: Dra. Maria Costa, R$ 1.200,00", "NUNCA misture agendas", "COMO ESCREVER",
	} {
		if !strings.Contains(chat, part) {
			t.Errorf("the prompt does not say %q:\n%s", part, chat)
		}
	}
	if chat != prompt("?channel=chat") || !strings.Contains(prompt("?channel=voice"), "COMO FALAR") {
		t.Error("the channel changes nothing")
	}
	wantProblem(t, d.do(t, d.manager, http.MethodGet, d.at("/prompt?channel=fax"), ""), http.StatusUnprocessableEntity, "invalid-input")
	want(t, d.do(t, d.manager, http.MethodPatch, d.at(""), `{"system_prompt":"Você é a Bia, da {{ clinic_name }}."}`), http.StatusOK, nil)
	if own := prompt(""); !strings.HasPrefix(own, "Você é a Bia, da Clínica Moreira.\n\nREGRAS CRÍTICAS DE AGENDAMENTO:") {
		t.Errorf("the clinic's own prompt:\n%s", own)
	}
}
