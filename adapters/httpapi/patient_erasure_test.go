package httpapi_test

import (
	"net/http"
	"testing"
)

func TestAnErasedPatientByTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := w.ours.frontDesk
	at := "/v1/clinics/" + f.tenant
	first, second := named("first"), named("second")
	const body = `{"name":"Zélia Duarte","birth_date":"1951-02-17","phone":"11 97744-3322"}`
	made := want(t, w.do(t, w.manager, http.MethodPost, at+"/patients", body, first), http.StatusCreated, nil)
	key, _ := made["patient_id"].(string)
	visit := w.made(t, "appointment_id", at+"/appointments",
		`{"professional_id":%q,"start":%q,"patient":`+body+`,"notes":"Tem medo de agulhas."}`, f.professional, f.starts[0])
	for range 2 { // the second answer is the kept one of the first
		if got := w.do(t, w.manager, http.MethodPost, at+"/patients/"+key+"/erasure", "", second); got.status != http.StatusNoContent {
			t.Fatalf("status = %d: %s", got.status, got.body)
		}
	}
	if got := w.do(t, w.manager, http.MethodPost, at+"/patients/"+key+"/erasure", ""); got.status != http.StatusNoContent {
		t.Errorf("again: status = %d: %s", got.status, got.body)
	}
	// What was answered once and told the data is answered no more.
	wantProblem(t, w.do(t, w.manager, http.MethodPost, at+"/patients", body, first), http.StatusConflict, "idempotency-key-in-flight")
	erased := want(t, w.do(t, w.manager, http.MethodGet, at+"/patients/"+key, ""), http.StatusOK,
		map[string]any{"name": "", "phone": nil, "birth_date": nil, "contact": nil})
	if erased["erased_at"] == nil {
		t.Errorf("the patient is %v", erased)
	}
	a := want(t, w.do(t, w.manager, http.MethodGet, at+"/appointments/"+visit, ""), http.StatusOK,
		map[string]any{"notes": "", "contact": nil, "status": "confirmed"})
	if who, _ := a["patient"].(map[string]any); who["name"] != "" || who["phone"] != nil || who["birth_date"] != nil {
		t.Errorf("the visit is %v's", who)
	}
	wantProblem(t, w.do(t, w.manager, http.MethodPatch, at+"/patients/"+key, `{"name":"Zélia"}`), http.StatusConflict, "patient-erased")
}
