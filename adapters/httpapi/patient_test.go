package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
)

func TestPatientsByTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.ours.frontDesk
	at := "/v1/clinics/" + f.tenant
	type listed struct {
		Items []struct {
			PatientID string `json:"patient_id"`
			Name      string
		}
	}
	list := func(query string) []string {
		t.Helper()
		var got listed
		w.do(t, w.manager, http.MethodGet, at+"/patients"+query, "").decode(t, &got)
		names := make([]string, 0, len(got.Items))
		for _, v := range got.Items {
			names = append(names, v.Name)
		}
		return names
	}
	child := w.made(t, "patient_id", at+"/patients", `{"contact":"11 95555-0011","name":"João D'Ávila","birth_date":"2018-06-01"}`)
	for query, want := range map[string]string{
		"?q=joao%20avila":               "[João D'Ávila]",
		"?q=PEREIRA":                    "[Ana Pereira]",
		"?phone=11955550011":            "[Ana Pereira João D'Ávila]",
		"?phone=1133334444":             "[]",
		"?q=ana&phone=%2B5511955550011": "[Ana Pereira]",
	} {
		if got := fmt.Sprint(list(query)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	for body, code := range map[string]string{
		`{"contact":"+5511955550011","name":"joao d'avila","birth_date":"2018-06-01"}`: "patient-exists",
		`{"name":"Bia"}`:               "invalid-input",
		`{"name":"Bia","phone":"123"}`: "invalid-input",
		`{"name":"Bia","phone":"+5511955550011","birth_date":"2918-06-01"}`: "invalid-input",
		`{"name":"Bia","phone":"+5511955550011","birth_date":"1818-06-01"}`: "invalid-input",
	} {
		status := http.StatusUnprocessableEntity
		if code == "patient-exists" {
			status = http.StatusConflict
		}
		wantProblem(t, w.do(t, w.manager, http.MethodPost, at+"/patients", body), status, code)
	}
	wantProblem(t, w.do(t, w.manager, http.MethodGet, at+"/patients?phone=abc", ""), http.StatusUnprocessableEntity, "invalid-input")
	wantProblem(t, w.do(t, w.manager, http.MethodPatch, at+"/patients/"+child, `{"name":null}`), http.StatusUnprocessableEntity, "invalid-input")
	wantProblem(t, w.do(t, w.manager, http.MethodPatch, at+"/patients/"+child, `{"name":"Ana Pereira","birth_date":"1990-05-20"}`),
		http.StatusConflict, "patient-exists")

	w.made(t, "appointment_id", at+"/appointments",
		`{"professional_id":%q,"start":%q,"patient":{"name":"João d'Avila","phone":"11 95555-0011","birth_date":"2018-06-01"}}`, f.professional, f.starts[0])
	var visits struct {
		Items []struct {
			PatientID string `json:"patient_id"`
		}
	}
	w.do(t, w.manager, http.MethodGet, at+"/appointments?patient_id="+child, "").decode(t, &visits)
	if len(visits.Items) != 1 || visits.Items[0].PatientID != child {
		t.Errorf("the child's visits are %+v, want one", visits.Items)
	}
}

func TestConsentsByTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	contact := "/v1/clinics/" + w.ours.frontDesk.tenant + "/conversations/" + w.ours.frontDesk.phone
	say := func(text string) (state string) {
		t.Helper()
		var turn struct{ State string }
		w.do(t, w.manager, http.MethodPost, contact+"/messages", fmt.Sprintf(`{"text":%q}`, text)).decode(t, &turn)
		return turn.State
	}
	if got := say("sair"); got != "opted_out" {
		t.Fatalf("after sair: %s", got)
	}
	got := w.do(t, w.manager, http.MethodPost, contact+"/consents", `{"purpose":"messages","granted":true}`)
	if entry := got.object(t); got.status != http.StatusCreated || entry["how"] != "api" || entry["user_id"] == nil {
		t.Errorf("noted: %d %s", got.status, got.body)
	}
	if got := say("obrigada"); got != "idle" {
		t.Errorf("after coming back: %s", got)
	}
	var ledger struct {
		Items []struct {
			Purpose, How string
			Granted      bool
		}
	}
	w.do(t, w.manager, http.MethodGet, contact+"/consents", "").decode(t, &ledger)
	if len(ledger.Items) != 3 || ledger.Items[0].Granted || ledger.Items[0].How != "api:opted_out/1" || !ledger.Items[2].Granted {
		t.Errorf("the ledger is %+v", ledger.Items)
	}
	wantProblem(t, w.do(t, w.manager, http.MethodPost, contact+"/consents", `{"purpose":"all","granted":true}`), http.StatusUnprocessableEntity, "invalid-input")
}
