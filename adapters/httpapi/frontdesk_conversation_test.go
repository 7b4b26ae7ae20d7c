package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const ana = "+5511955550011"

func TestASpecialtyLeadsToItsProfessional(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.say(t, ana, "Preciso de um cardiologista")
	wantSaid(t, v, "Dr. João Silva", "Cardiologista", "Nome completo", "Data de nascimento", "Telefone")
	if v.Professional == nil || v.Professional.ID != d.silva {
		t.Errorf("professional = %+v, want Dr. João Silva", v.Professional)
	}
	d.wantBooked(t, d.finish(t, ana, v), d.silva, "silva@calendar")
}

func TestAServiceLeadsToWhoOffersIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.say(t, ana, "Quero fazer botox")
	wantSaid(t, v, "Dra. Maria Costa", "Dermatologista", "R$ 1.200,00", "45 minutos", "Gostaria de agendar")
	if v.Service == nil || v.Service.ID != d.botox || v.Service.Cents != 120000 {
		t.Errorf("service = %+v, want Botox", v.Service)
	}
	v = d.finish(t, ana, d.say(t, ana, "Sim"))
	d.wantBooked(t, v, d.costa, "costa@calendar")
	if got := v.Appointment.End.Sub(v.Appointment.Start); got != 45*time.Minute || v.Appointment.Service != d.botox {
		t.Errorf("the visit is %s of service %s, want 45 minutes of Botox", got, v.Appointment.Service)
	}
}

func TestAnAmbiguousRequestIsAnsweredWithEverybody(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.say(t, ana, "Quero marcar uma consulta")
	wantState(t, v, "choosing_professional")
	wantSaid(t, v, "com qual profissional", "Dr. João Silva - Cardiologista", "Dra. Maria Costa - Dermatologista", "Dr. Pedro Santos - Clínico Geral")
	if len(v.Options) != 3 || v.Options[0].Name != "Dr. João Silva" || v.Professional != nil {
		t.Errorf("options = %+v, professional = %+v", v.Options, v.Professional)
	}
	v = d.say(t, ana, "Com a Dra. Maria")
	d.wantBooked(t, d.finish(t, ana, v), d.costa, "costa@calendar")
}

func TestANameLeadsToItsProfessional(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.say(t, ana, "Quero consulta com Dr. Santos")
	wantSaid(t, v, "Dr. Pedro Santos", "Clínico Geral")
	d.wantBooked(t, d.finish(t, ana, v), d.santos, "santos@calendar")
}

func TestAnUnknownProfessionalIsAnsweredWithTheList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.say(t, ana, "Quero consulta com o Dr. Fulano")
	wantSaid(t, v, "Não encontrei esse profissional", "Dr. João Silva", "Dra. Maria Costa", "Dr. Pedro Santos")
	if len(v.Options) != 3 {
		t.Errorf("options = %+v, want the three professionals", v.Options)
	}
}

func TestAServiceThatIsNotOfferedIsAnsweredWithWhatIs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.say(t, ana, "Quero fazer um clareamento dental")
	wantSaid(t, v, "não está disponível", "Botox")
	if v.Professional != nil || v.Appointment != nil {
		t.Errorf("professional = %+v, appointment = %+v", v.Professional, v.Appointment)
	}
}

func TestAChangeOfMindStartsTheSelectionAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.say(t, ana, "Preciso de um cardiologista")
	d.say(t, ana, patient)
	wantState(t, d.say(t, ana, "1"), "confirming")
	v := d.say(t, ana, "Não, prefiro com o Dr. Santos")
	if v.Professional == nil || v.Professional.ID != d.santos || d.events(t) != 0 {
		t.Fatalf("professional = %+v, %d events: %s", v.Professional, d.events(t), v.text())
	}
	wantState(t, v, "choosing_slot") // the patient is remembered
	wantState(t, d.say(t, ana, "1"), "confirming")
	d.wantBooked(t, d.say(t, ana, "sim"), d.santos, "santos@calendar")
}

func TestAPatientMovesAndCancelsTheOwnVisit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	booked := d.finish(t, ana, d.say(t, ana, "Quero consulta com Dr. Santos"))
	v := d.say(t, ana, "Preciso remarcar minha consulta")
	wantState(t, v, "choosing_slot")
	wantState(t, d.say(t, ana, "2"), "confirming")
	v = d.say(t, ana, "sim")
	d.wantBooked(t, v, d.santos, "santos@calendar")
	if v.Appointment.ID != booked.Appointment.ID || v.Appointment.Start.Equal(booked.Appointment.Start) {
		t.Errorf("moved to %+v from %+v", v.Appointment, booked.Appointment)
	}
	if stranger := d.say(t, "+5511955550012", "Quero cancelar a consulta"); stranger.Appointment != nil || d.events(t) != 1 {
		t.Errorf("somebody else reached the visit: %s", stranger.text())
	}
	wantState(t, d.say(t, ana, "Quero cancelar minha consulta"), "cancelling")
	v = d.say(t, ana, "sim")
	if v.Appointment == nil || v.Appointment.Status != "cancelled" || d.events(t) != 0 {
		t.Errorf("appointment = %+v, %d events: %s", v.Appointment, d.events(t), v.text())
	}
}

func TestAnEmergencyIsHandedToAPerson(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.say(t, ana, "Estou com dor no peito forte e não consigo respirar")
	wantState(t, v, "handed_off")
	wantSaid(t, v, "SAMU", "192")
	if v = d.say(t, ana, "Quero marcar uma consulta"); v.Replies == nil || len(v.Replies) != 0 {
		t.Errorf("the assistant goes on while a person answers: %s", v.text())
	}
	waiting := want(t, d.do(t, d.manager, http.MethodGet, d.at("/conversations?state=handed_off"), ""), http.StatusOK, nil)
	if items, _ := waiting["items"].([]any); len(items) != 1 {
		t.Errorf("conversations that wait for a person = %v", items)
	}
}

func TestAConversationCanBeRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.say(t, ana, "Quero consulta com Dr. Santos")
	d.say(t, ana, patient)
	for _, phone := range []string{"+5511955550011", "5511955550011", "%2B5511955550011", "11955550011"} {
		c := want(t, d.do(t, d.manager, http.MethodGet, d.at("/conversations/"+phone), ""), http.StatusOK, map[string]any{
			"contact": ana, "contact_name": nil, "state": "choosing_slot", "purpose": "book", "professional_id": d.santos, "service_id": nil, "slot": nil,
		})
		who, _ := c["patient"].(map[string]any)
		if who["name"] != "Ana Pereira" || who["birth_date"] != "1990-05-20" || who["phone"] != ana {
			t.Errorf("patient = %v", who)
		}
		if slots, _ := c["slots"].([]any); len(slots) == 0 {
			t.Errorf("slots = %v", c["slots"])
		}
	}
	var messages struct {
		Items []struct{ Direction, Channel, Text, Kind, Status string }
	}
	d.do(t, d.manager, http.MethodGet, d.at("/conversations/"+ana+"/messages"), "").decode(t, &messages)
	if len(messages.Items) != 4 || messages.Items[0].Text != "Quero consulta com Dr. Santos" || messages.Items[1].Direction != "out" ||
		messages.Items[3].Status != "done" || messages.Items[0].Channel != "api" || messages.Items[0].Kind != "text" {
		t.Errorf("messages = %+v", messages.Items)
	}
	var list struct{ Items []map[string]any }
	d.do(t, d.manager, http.MethodGet, d.at("/conversations?state=choosing_slot"), "").decode(t, &list)
	if len(list.Items) != 1 || list.Items[0]["contact"] != ana {
		t.Errorf("conversations = %v", list.Items)
	}
	wantProblem(t, d.do(t, d.manager, http.MethodGet, d.at("/conversations/+5511955559999"), ""), http.StatusNotFound, "conversation-not-found")
	wantProblem(t, d.do(t, d.manager, http.MethodGet, d.at("/conversations/ana"), ""), http.StatusUnprocessableEntity, "invalid-phone")
}

func TestARepeatedMessageIsAnsweredWithTheSameTurn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	post := func(phone string) result {
		return d.do(t, d.manager, http.MethodPost, d.at("/conversations/"+phone+"/messages"), `{"id":"M1","name":"Ana","text":"Quero fazer botox"}`)
	}
	first, second := post(ana), post(ana)
	if first.status != http.StatusOK || first.body != second.body {
		t.Errorf("first: %d %ssecond: %d %s", first.status, first.body, second.status, second.body)
	}
	wantProblem(t, post("+5511955550012"), http.StatusConflict, "message-repeated")
	want(t, d.do(t, d.manager, http.MethodGet, d.at("/conversations/"+ana), ""), http.StatusOK, map[string]any{"contact_name": "Ana"})
}

func TestAMessageMustSaySomething(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, body := range []string{`{}`, `{"text":""}`, `{"text":"  "}`, `{"text":null}`, `{"text":"x","calendar_id":"y"}`, `{"text":"` + strings.Repeat("a", 4097) + `"}`} {
		wantProblem(t, d.do(t, d.manager, http.MethodPost, d.at("/conversations/"+ana+"/messages"), body), http.StatusUnprocessableEntity, "invalid-input")
	}
}

func TestUnderstandTellsTheMeaningAndDoesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ask := func(text string) map[string]any {
		return want(t, d.do(t, d.manager, http.MethodPost, d.at("/understand"), fmt.Sprintf(`{"text":%q}`, text)), http.StatusOK, nil)
	}
	m := ask("Quero consulta com Dr. Santos amanhã às 15h")
	if m["intent"] != "schedule" || m["date"] != "2026-12-01" || m["time"] != "15:00" || m["specialty"] != nil || m["service"] != nil {
		t.Errorf("meaning = %v", m)
	}
	if who, _ := m["candidates"].([]any); len(who) != 1 || who[0] != d.santos {
		t.Errorf("candidates = %v, want Dr. Pedro Santos", m["candidates"])
	}
	m = ask("Quero fazer botox de manhã")
	if services, _ := m["services"].([]any); len(services) != 1 || services[0] != d.botox || m["period"] != "morning" || m["date"] != nil || m["time"] != nil {
		t.Errorf("meaning = %v", m)
	}
	if m = ask("Estou com dor no peito forte e não consigo respirar"); m["emergency"] != true {
		t.Errorf("meaning = %v, want an emergency", m)
	}
	for _, key := range []string{"intent", "confidence", "professional", "specialty", "service", "symptom", "candidates", "date", "time", "period", "emergency", "opt_out", "wants_person"} {
		if _, there := m[key]; !there {
			t.Errorf("a meaning has no %s", key)
		}
	}
	var list struct{ Items []any }
	d.do(t, d.manager, http.MethodGet, d.at("/conversations"), "").decode(t, &list)
	if len(list.Items) != 0 {
		t.Errorf("understanding began a conversation: %v", list.Items)
	}
}

func TestFiftyPatientsConfirmOneSlotAndOneGetsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const patients = 50
	phones := make([]string, patients)
	for i := range phones {
		phones[i] = fmt.Sprintf("+55119555501%02d", i)
		d.say(t, phones[i], "Quero consulta com Dr. Santos")
		d.say(t, phones[i], patient)
		wantState(t, d.say(t, phones[i], "1"), "confirming")
	}
	turns := make([]turn, patients)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i, phone := range phones {
		all.Go(func() {
			<-start
			got := d.do(t, d.manager, http.MethodPost, d.at("/conversations/"+phone+"/messages"), `{"text":"sim"}`)
			if got.status != http.StatusOK {
				t.Errorf("%d %s", got.status, got.body)
				return
			}
			got.decode(t, &turns[i])
		})
	}
	close(start)
	all.Wait()
	booked := 0
	for _, v := range turns {
		if v.State == "booked" {
			booked++
			continue
		}
		if v.State != "choosing_slot" || len(v.Slots) == 0 || v.Appointment != nil || !strings.Contains(v.text(), "acabou de ser preenchido") {
			t.Errorf("a patient who came too late is in %s with %d slots: %s", v.State, len(v.Slots), v.text())
		}
	}
	if n := d.events(t); booked != 1 || n != 1 {
		t.Errorf("%d appointments and %d events, want 1 and 1", booked, n)
	}
}
