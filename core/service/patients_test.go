package service_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

func (w *world) patients() []agenda.PatientRecord {
	w.t.Helper()
	p, err := w.store.Repositories().Patients.List(w.t.Context(), identity.AllEntities(), agenda.PatientFilter{TenantID: w.clinic.ID}, page.Request{})
	w.must(err)
	return p.Items
}

func TestAMotherBooksForHerselfAndForHerChild(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.talk(ana, "Quero consulta com o Dr. João", anaData, "1", "sim")
	w.wantSaid(w.say(ana, "Quero marcar com a Dra. Maria para minha filha"), "Nome completo", "Data de nascimento")
	w.wantSaid(w.talk(ana, "Bruna Souza, 01/06/2018", "1"), "para Bruna Souza", "Está correto?")
	w.say(ana, "sim")
	people := w.patients()
	if len(people) != 2 || people[0].Patient.Name != "Ana Souza" || people[1].Patient.Name != "Bruna Souza" || people[1].Contact != ana {
		t.Fatalf("patients = %+v, want Ana and Bruna", people)
	}
	own, child := w.confirmed(w.joao), w.confirmed(w.maria)
	if len(own) != 1 || own[0].PatientID != people[0].ID || len(child) != 1 || child[0].PatientID != people[1].ID || child[0].Contact != ana {
		t.Errorf("visits = %+v and %+v, want one each of Ana and Bruna", own, child)
	}
	w.wantSaid(w.say(ana, "Quero consulta com o Dr. Santos"), "Para quem é a consulta?", "1. Ana Souza", "2. Bruna Souza", "3. Outra pessoa")
	w.wantSaid(w.talk(ana, "2", "1"), "para Bruna Souza")
	w.say(ana, "sim")
	if n := len(w.patients()); n != 2 {
		t.Errorf("%d patients after another visit of a known one, want 2", n)
	}
}

func TestOptingOutAndBackIsInTheLedger(t *testing.T) {
	t.Parallel()
	w := open(t)
	latest := func(purpose reception.ConsentPurpose) (reception.Consent, error) {
		return w.store.Repositories().Consents.Latest(t.Context(), identity.AllEntities(), w.clinic.ID, ana, purpose)
	}
	w.say(ana, "oi")
	if _, err := latest(reception.ToBeReminded); errs.KindOf(err) != errs.NotFound {
		t.Errorf("before anything was said: got error %v, want NotFound", err)
	}
	for _, c := range []struct {
		text    string
		granted bool
		how     string
	}{{"sair", false, "api:opted_out/1"}, {"voltar", true, "api:welcome_back/1"}} {
		w.say(ana, c.text)
		for _, purpose := range reception.ConsentPurposes() {
			got, err := latest(purpose)
			if err != nil || got.Granted != c.granted || got.How != c.how {
				t.Errorf("after %q, %s: %+v, error %v", c.text, purpose, got, err)
			}
		}
	}
}
