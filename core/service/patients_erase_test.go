package service_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

const (
	xis    = "+5511977443322"
	xisLID = "200099887766554@lid"
)

// canaries are the words by which the patient of these tests is known, each in one place at least before it is erased.
func canaries() []string {
	return []string{
		"xismênia", "quartzolina", "xismenia", "quartzinha", "977443322", "200099887766554", "1951-02-17", "17/02/1951",
		"zumbifrenia", "alergifeira", "encaixofilia", "desmarcolândia",
	}
}

// erasing is a world with a patient of whom the clinic knows a lot.
type erasing struct {
	*reminding
	erasures *service.Erasures
	said     int
}

func openErasing(t *testing.T) *erasing {
	t.Helper()
	w := &erasing{reminding: openReminding(t)}
	w.erasures = service.NewErasures(w.deps(), w.agenda)
	return w
}

// writes has the patient write on WhatsApp.
func (w *erasing) writes(texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		w.said++
		w.pass(time.Second)
		in := byBoth(fmt.Sprint("xis-", w.said), xis, xisLID, text)
		in.Name = "Quartzinha"
		w.deliver(in)
		w.work()
	}
}

// lives has the patient book, move, cancel and be reminded, and returns the record.
func (w *erasing) lives() agenda.PatientRecord {
	w.t.Helper()
	w.writes("Quero consulta com o Dr. João, estou com zumbifrenia", "Xismênia Quartzolina, 17/02/1951, 11 97744-3322", "1", "sim",
		"quero remarcar minha consulta", "3", "sim")
	if first := w.confirmed(w.joao); len(first) != 1 || first[0].Told.Start.IsZero() || first[0].Version < 3 {
		w.t.Fatalf("visits = %+v, want one that was moved", first)
	}
	who := agenda.Patient{Name: "Xismênia Quartzolina", BirthDate: agenda.Date{Year: 1951, Month: time.February, Day: 17}, Phone: xis}
	staff := service.BookParams{
		Tenant: w.clinic.ID, Professional: w.maria.ID, Patient: who, Start: brasilia(27, 10, 0), Notes: "Tem alergifeira.", Override: "Sofre de encaixofilia.",
	}
	_, err := w.agenda.Book(w.t.Context(), w.manager, staff)
	w.must(err)
	staff.Start, staff.Override = brasilia(27, 15, 0), ""
	gone, err := w.agenda.Book(w.t.Context(), w.manager, staff)
	w.must(err)
	_, err = w.agenda.Cancel(w.t.Context(), w.manager, service.CancelParams{Tenant: w.clinic.ID, Appointment: gone.ID, Reason: "Foi a desmarcolândia."})
	w.must(err)
	staff.Professional, staff.Start = w.pedro.ID, brasilia(30, 10, 0)
	_, err = w.agenda.Hold(w.t.Context(), w.manager, staff)
	w.must(err)
	if sent := w.at(26, 10, 0); len(sent) == 0 || !strings.Contains(sent[0], "Lembrete") && !strings.Contains(strings.Join(sent, "\n"), "Dra. Maria") {
		w.t.Fatalf("sent %q, want a reminder", sent)
	}
	w.writes("quero marcar outra consulta", "sair", "voltar")
	people := w.patients()
	if len(people) != 1 || people[0].Contact != xis {
		w.t.Fatalf("patients = %+v, want one", people)
	}
	return people[0]
}

// keptAnswer has an answer that tells of the patient kept for a day.
func (w *erasing) keptAnswer() {
	w.t.Helper()
	record := identity.IdempotencyRecord{
		Owner: "user:1", Key: "booking", Tenant: w.clinic.ID.UUID, Fingerprint: "f", ReservedUntil: w.clock().Add(time.Minute),
		CreatedAt: w.clock(), ExpiresAt: w.clock().Add(24 * time.Hour),
	}
	stored, _, err := w.store.Repositories().IdempotencyKeys.Reserve(w.t.Context(), record)
	w.must(err)
	w.must(w.store.Repositories().IdempotencyKeys.Complete(w.t.Context(), stored, `{"status":201,"body":"{\"name\":\"Xismênia\"}"}`))
}

func (w *erasing) erase(key agenda.PatientID) {
	w.t.Helper()
	w.must(w.erasures.Erase(w.t.Context(), w.manager, w.clinic.ID, key))
}

func (w *erasing) wantNothingOf(what string, words ...string) {
	w.t.Helper()
	for _, found := range w.find(words...) {
		w.t.Errorf("%s there is still %s", what, found)
	}
}

func (w *erasing) visits() []agenda.Appointment {
	w.t.Helper()
	p, err := w.store.Repositories().Appointments.List(w.t.Context(), identity.AllEntities(), agenda.AppointmentFilter{TenantID: w.clinic.ID}, page.Request{Limit: page.MaxLimit})
	w.must(err)
	return p.Items
}

func TestNothingOfAnErasedPatientIsLeft(t *testing.T) {
	t.Parallel()
	w := openErasing(t)
	v := w.lives()
	w.keptAnswer()
	for _, word := range canaries() {
		if len(w.find(word)) == 0 {
			t.Errorf("%q is nowhere before the patient is erased: its absence would prove nothing", word)
		}
	}
	before, events := w.visits(), len(w.events(w.joao))+len(w.events(w.maria))
	w.pass(brasilia(27, 12, 0).Sub(w.clock())) // after two of the visits
	w.erase(v.ID)
	w.work()
	w.wantNothingOf("after the erasure", canaries()...)

	if n := len(w.events(w.joao)) + len(w.events(w.maria)); n != events {
		t.Errorf("the calendars have %d events, want %d", n, events)
	}
	for i, a := range w.visits() {
		was := before[i]
		if a.ID != was.ID || a.PatientID != v.ID || !a.Start.Equal(was.Start) || a.ProfessionalID != was.ProfessionalID || a.ServiceID != was.ServiceID || !a.IsErased() ||
			a.Version <= was.Version || (a.OverrideReason == "") != (was.OverrideReason == "") {
			t.Errorf("the visit %+v became %+v", was, a)
		}
	}
	got := w.patients()[0]
	if got.ID != v.ID || got.ErasedAt.IsZero() || !got.CreatedAt.Equal(v.CreatedAt) {
		t.Errorf("the record is %+v", got)
	}
	told, err := w.store.Repositories().AuditLog.List(t.Context(), identity.AllEntities(),
		identity.AuditFilter{Action: service.AuditErasure, Table: "patients", RowID: v.ID.String()}, page.Request{})
	w.must(err)
	if len(told.Items) != 1 || told.Items[0].Actor != w.manager.String() || told.Items[0].EntityID != w.clinic.EntityID {
		t.Errorf("the audit log tells %+v", told.Items)
	}

	// The channel repeats itself, and somebody edits what was erased.
	w.deliver(byBoth("xis-1", xis, xisLID, "Quero consulta com o Dr. João, estou com zumbifrenia"))
	w.deliverEdit(reception.Edit{ExternalID: "xis-1", Text: "zumbifrenia", At: w.clock()})
	w.work()
	w.at(27, 20, 0)
	w.erase(v.ID)
	w.work()
	w.wantNothingOf("later", canaries()...)
	if all := w.conversations(); len(all) != 1 || all[0].State != reception.Idle || !all[0].IsErased() {
		t.Errorf("conversations = %+v", all)
	}

	w.writes("oi")
	if all := w.conversations(); len(all) != 2 {
		t.Errorf("%d conversations after another message, want another one", len(all))
	}
	sent := w.messenger.all()
	if last := sent[len(sent)-1]; !strings.Contains(last.To, "200099887766554") || strings.Contains(last.Text, "João") {
		t.Errorf("the greeting is %+v, want one that knows of no visit", last)
	}
}

func TestAnErasedChildLeavesTheMother(t *testing.T) {
	t.Parallel()
	w := openErasing(t)
	w.writes("Quero consulta com o Dr. João", "Ana Souza, 12/03/1985, 11 97744-3322", "1", "sim",
		"Quero marcar com a Dra. Maria para minha filha", "Bruna Quartzolina, 01/06/2018", "1", "sim", "Quero consulta com o Dr. Santos", "2")
	people := w.patients()
	if len(people) != 2 || people[1].Patient.Name != "Bruna Quartzolina" {
		t.Fatalf("patients = %+v", people)
	}
	if c := w.conversationOf(xis); c.Draft.Patient == nil {
		t.Fatalf("nothing is being arranged for the child: %+v", c)
	}
	w.erase(people[1].ID)
	w.work()
	w.wantNothingOf("after the erasure", "quartzolina", "2018-06-01", "01/06/2018", "quartzinha")
	c := w.conversationOf(xis)
	if c.State != reception.Idle || c.LID != xisLID || c.Draft.Patient != nil || c.Patient.Name != "" || c.ReplyTo == "" {
		t.Errorf("the conversation is %+v", c)
	}
	if own := w.confirmed(w.joao); len(own) != 1 || own[0].IsErased() || own[0].Contact != xis {
		t.Errorf("the mother's visit is %+v", own)
	}
	child := w.confirmed(w.maria)
	if len(child) != 1 || !child[0].IsErased() || child[0].Contact != "" {
		t.Errorf("the child's visit is %+v", child)
	}
	for _, e := range w.events(w.joao) {
		if !strings.Contains(e.Summary, "Ana Souza") {
			t.Errorf("the mother's event is %+v", e)
		}
	}
	w.writes("quais são as minhas consultas?")
	sent := w.messenger.all()
	if last := sent[len(sent)-1].Text; !strings.Contains(last, "Dr. João") || strings.Contains(last, "Dra. Maria") {
		t.Errorf("the mother is told %q, want her own visit alone", last)
	}

	w.erase(people[0].ID)
	w.work()
	w.wantNothingOf("after the mother's erasure", "977443322", "ana souza", "1985-03-12", "200099887766554")
}

func TestAnErasureWaitsForATurn(t *testing.T) {
	t.Parallel()
	w := openErasing(t)
	v := w.lives()
	var erased sync.WaitGroup
	during := understandingOf(func(ctx context.Context, text string, in reception.Context) (reception.Meaning, int, error) {
		erased.Go(func() {
			if err := w.erasures.Erase(w.t.Context(), w.manager, w.clinic.ID, v.ID); err != nil {
				t.Error(err)
			}
		})
		return service.Offline{}.Understand(ctx, text, in)
	})
	w.desk = service.NewFrontDesk(w.deps(), w.agenda, during, jsonDecoder{}, w.messenger, service.FrontDeskOptions{WebhookToken: "the-webhook-token"})
	w.deliver(byBoth("during", xis, xisLID, "Meu nome é Xismênia Quartzolina, quero consulta com a Dra. Maria"))
	w.work()
	erased.Wait()
	w.work()
	w.wantNothingOf("after the erasure", canaries()...)
}

// understandingOf is an understanding made of a function.
type understandingOf func(context.Context, string, reception.Context) (reception.Meaning, int, error)

func (u understandingOf) Understand(ctx context.Context, text string, in reception.Context) (reception.Meaning, int, error) {
	return u(ctx, text, in)
}

func TestWhatIsBeingSentStaysErased(t *testing.T) {
	t.Parallel()
	w := openErasing(t)
	v := w.lives()
	m, once := w.name(), sync.Once{}
	m.before = func(string, ports.OutgoingMessage) error {
		once.Do(func() { w.erase(v.ID) })
		return nil
	}
	w.writes("Quero consulta com a Dra. Maria")
	if n := len(m.all()); n == 0 {
		t.Fatal("nothing was sent")
	}
	w.wantNothingOf("after the erasure", canaries()...)
	for _, text := range w.find("Dra. Maria Costa") {
		if strings.Contains(text, "conversation_messages") {
			t.Errorf("a text came back: %s", text)
		}
	}
}

func TestBookingsAndMessagesAtTheMomentOfAnErasure(t *testing.T) {
	t.Parallel()
	for round := range 5 {
		w := openErasing(t)
		v := w.lives()
		var all sync.WaitGroup
		all.Go(func() {
			if err := w.erasures.Erase(t.Context(), w.manager, w.clinic.ID, v.ID); err != nil {
				t.Error(err)
			}
		})
		for i := range 4 {
			all.Go(func() {
				_, err := w.agenda.Book(t.Context(), w.manager, service.BookParams{
					Tenant: w.clinic.ID, Professional: w.maria.ID, Start: brasilia(30, 9+i, 0), Offered: true, Patient: v.Patient,
				})
				if err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				w.deliver(byBoth(fmt.Sprint("now-", i), xis, xisLID, "zumbifrenia, quero falar com uma pessoa"))
			})
		}
		all.Wait()
		w.work()
		known := map[agenda.PatientID]agenda.PatientRecord{}
		for _, p := range w.patients() {
			known[p.ID] = p
			if strings.HasPrefix(p.Contact, "erased:") {
				t.Errorf("round %d: a patient is of an erased contact: %+v", round, p)
			}
		}
		for _, a := range w.visits() {
			if p := known[a.PatientID]; p.ErasedAt.IsZero() == a.IsErased() {
				t.Errorf("round %d: the visit %+v is of %+v", round, a, p)
			}
		}
		for _, c := range w.conversations() {
			messages, err := w.store.Repositories().Messages.List(t.Context(), identity.AllEntities(), c.ID, page.Request{Limit: page.MaxLimit})
			w.must(err)
			for _, m := range messages.Items {
				if c.IsErased() && m.Text != "" {
					t.Errorf("round %d: an erased conversation has the message %+v", round, m)
				}
			}
		}
	}
}

func TestWhoMayErase(t *testing.T) {
	t.Parallel()
	w := openErasing(t)
	w.writes("Quero consulta com o Dr. João", anaData, "1", "sim")
	v := w.patients()[0]
	for what, c := range map[string]struct {
		actor   identity.Actor
		tenant  agenda.TenantID
		patient agenda.PatientID
		code    string
	}{
		"NobodysPatient":  {w.manager, w.clinic.ID, id.New[agenda.PatientRecord](), "patient-not-found"},
		"NobodysClinic":   {w.manager, id.New[agenda.Clinic](), v.ID, "clinic-not-found"},
		"AnotherEntitys":  {identity.FrontDesk(w.clinic.EntityID + 1), w.clinic.ID, v.ID, "clinic-not-found"},
		"WithoutTheRight": {identity.Actor{}, w.clinic.ID, v.ID, ""},
	} {
		err := w.erasures.Erase(t.Context(), c.actor, c.tenant, c.patient)
		if err == nil || c.code != "" && errs.CodeOf(err) != c.code {
			t.Errorf("%s: got error %v, want %s", what, err, c.code)
		}
	}
	if got := w.patients()[0]; got.Patient != v.Patient {
		t.Errorf("the patient is %+v", got)
	}
	failed := errors.New("the commit fails")
	w.tx.mu.Lock()
	w.tx.fail = func(ports.Repositories) error { return failed }
	w.tx.mu.Unlock()
	if err := w.erasures.Erase(t.Context(), w.manager, w.clinic.ID, v.ID); !errors.Is(err, failed) {
		t.Errorf("got error %v, want %v", err, failed)
	}
	if got := w.patients()[0]; got.Patient != v.Patient || w.confirmed(w.joao)[0].IsErased() {
		t.Errorf("half of it is gone: %+v", got)
	}
}
