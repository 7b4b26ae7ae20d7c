package service_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/version"
)

func (w *world) wantError(what string, err error, kind errs.Kind, code string) {
	w.t.Helper()
	if errs.KindOf(err) != kind || errs.CodeOf(err) != code {
		w.t.Errorf("%s: got error %v, want %v %s", what, err, kind, code)
	}
}

func TestPatientsAreRegisteredFoundAndCorrected(t *testing.T) {
	t.Parallel()
	w := open(t)
	born := agenda.Date{Year: 1985, Month: time.March, Day: 12}
	jose, err := w.agenda.AddPatient(t.Context(), w.manager, w.clinic.ID,
		agenda.PatientParams{Name: "  José D'Ávila ", BirthDate: born, Phone: "(11) 95555-0011"})
	w.must(err)
	if jose.Patient.Name != "José D'Ávila" || jose.Contact != ana || jose.Patient.Phone != ana {
		t.Errorf("registered %+v", jose)
	}
	_, err = w.agenda.AddPatient(t.Context(), w.manager, w.clinic.ID, agenda.PatientParams{Name: "JOSE D'AVILA", BirthDate: born, Contact: ana})
	w.wantError("the same again", err, errs.Conflict, "patient-exists")
	_, err = w.agenda.AddPatient(t.Context(), w.manager, w.clinic.ID, agenda.PatientParams{Name: "José D'Ávila"})
	w.wantError("without a contact", err, errs.Invalid, "invalid-input")
	_, err = w.agenda.AddPatient(t.Context(), w.manager, w.clinic.ID,
		agenda.PatientParams{Name: "José", Phone: ana, BirthDate: agenda.Date{Year: 1885, Month: time.March, Day: 12}})
	w.wantError("born too long ago", err, errs.Invalid, "invalid-input")

	w.talk(ana, "Quero consulta com o Dr. João", "jose d'avila, 12/03/1985, este número", "1", "sim")
	if visits := w.confirmed(w.joao); len(visits) != 1 || visits[0].PatientID != jose.ID {
		t.Errorf("visits = %+v, want one of the patient who is known", visits)
	}
	for name, f := range map[string]agenda.PatientFilter{
		"a name":  {Name: "avila jose"},
		"a phone": {Phone: "11 95555 0011"},
	} {
		f.TenantID = w.clinic.ID
		p, err := w.agenda.Patients(t.Context(), w.manager, f, page.Request{})
		if err != nil || len(p.Items) != 1 || p.Items[0].ID != jose.ID {
			t.Errorf("by %s: %+v, error %v, want José", name, p.Items, err)
		}
	}
	_, err = w.agenda.Patients(t.Context(), w.manager, agenda.PatientFilter{TenantID: w.clinic.ID, Phone: "abc"}, page.Request{})
	w.wantError("by no phone", err, errs.Invalid, "invalid-input")

	changed, err := w.agenda.ChangePatient(t.Context(), w.manager, w.clinic.ID, jose.ID,
		agenda.PatientPatch{Name: patch.Set("José Maria D'Ávila")}, version.Exactly(version.Of(jose.UpdatedAt)))
	if err != nil || changed.Patient.Name != "José Maria D'Ávila" || changed.Patient.BirthDate != born {
		t.Errorf("changed to %+v, error %v", changed, err)
	}
	_, err = w.agenda.ChangePatient(t.Context(), w.manager, w.clinic.ID, jose.ID,
		agenda.PatientPatch{Name: patch.Set("Outro")}, version.Exactly(version.Of(jose.UpdatedAt)))
	w.wantError("a change of what it was", err, errs.Stale, "version-mismatch")
	_, err = w.agenda.Patient(t.Context(), identity.FrontDesk(w.clinic.EntityID+1), w.clinic.ID, jose.ID)
	w.wantError("another entity's", err, errs.NotFound, "patient-not-found")
}

func TestWhatIsNotAgreedToIsNotSent(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	note := func(purpose reception.ConsentPurpose, granted bool) {
		t.Helper()
		got, err := w.desk.NoteConsent(t.Context(), w.manager, w.clinic.ID, "11 95555-0011", purpose, granted)
		if w.must(err); got.Contact != ana || got.UserID != w.manager.UserID() || got.How != "api" || !got.At.Equal(w.clock()) {
			t.Errorf("noted %+v", got)
		}
	}
	note(reception.ToBeReminded, false) // before the contact ever wrote
	first := w.visit(w.joao, brasilia(26, 15, 0), "")
	w.wantSent("an answer", w.talkTo("m1", "oi"), "assistente")
	w.wantSent("a day before", w.at(25, 15, 0))
	w.cancelVisit(first)
	w.wantSent("the change, which is no reminder", w.at(25, 15, 10), "cancelada")

	note(reception.ToBeReminded, true)
	w.visit(w.maria, brasilia(27, 15, 0), "")
	w.wantSent("a day before", w.at(26, 15, 0), "Dra. Maria")

	note(reception.ToBeWritten, false)
	if c := w.conversationOf(ana); c.State != reception.OptedOut {
		t.Errorf("the conversation is %s, want %s", c.State, reception.OptedOut)
	}
	w.wantSent("two hours before", w.at(27, 13, 0))
	w.wantSent("thanks", w.talkTo("m2", "obrigada"))
	note(reception.ToBeWritten, true)
	w.wantSent("an answer", w.talkTo("m3", "quais são os horários?"), "")
	p, err := w.desk.Consents(t.Context(), w.manager, w.clinic.ID, ana, page.Request{})
	if w.must(err); len(p.Items) != 4 {
		t.Errorf("the ledger is %+v, want four entries", p.Items)
	}
}
