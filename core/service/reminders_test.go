package service_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// reminding is a world in which patients are reminded, by two processes on one store.
type reminding struct {
	*world
	processes [2]*service.Reminders
}

func openReminding(t *testing.T) *reminding {
	t.Helper()
	w := &reminding{world: open(t)}
	for i := range w.processes {
		w.processes[i] = service.NewReminders(w.deps())
	}
	return w
}

// do does a job, whosever it is.
func (w *reminding) do(ctx context.Context, j ports.Job) error {
	if done, err := w.processes[0].Do(ctx, j); done {
		return err
	}
	return w.desk.Do(ctx, j)
}

// work runs the jobs until none is due.
func (w *reminding) work() {
	w.t.Helper()
	w.jobs(w.do)
}

// look has both processes look at once whom to remind.
func (w *reminding) look() {
	w.t.Helper()
	var all sync.WaitGroup
	failed := make([]error, len(w.processes))
	for i, p := range w.processes {
		all.Go(func() { _, failed[i] = p.Do(w.t.Context(), ports.Job{Kind: service.JobRemind}) })
	}
	all.Wait()
	w.must(errors.Join(failed...))
}

// at passes time until a moment of the days of the tests in São Paulo, and does what is due then. It returns what was sent.
func (w *reminding) at(day, hour, minute int) []string {
	w.t.Helper()
	w.pass(brasilia(day, hour, minute).Sub(w.clock()))
	before := len(w.messenger.all())
	w.look()
	w.work()
	w.look()
	w.work()
	var texts []string
	for _, m := range w.messenger.all()[before:] {
		texts = append(texts, m.Text)
	}
	return texts
}

func (w *reminding) wantSent(what string, got []string, want ...string) {
	w.t.Helper()
	if len(got) != len(want) {
		w.t.Fatalf("%s: sent %q, want %d messages", what, got, len(want))
	}
	for i, part := range want {
		if !strings.Contains(got[i], part) {
			w.t.Errorf("%s: sent %q, want %q in it", what, got[i], part)
		}
	}
}

// brasilia is a moment of November 2026 in São Paulo.
func brasilia(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour+3, minute, 0, 0, time.UTC)
}

// visit has staff book a visit for ana with somebody, in the conversation if she has one.
func (w *reminding) visit(with agenda.ClinicProfessional, start time.Time, contact string) agenda.Appointment {
	w.t.Helper()
	a, err := w.agenda.Book(w.t.Context(), w.manager, service.BookParams{
		Tenant: w.clinic.ID, Professional: with.ID, Start: start, Contact: contact,
		Patient: agenda.Patient{Name: "Ana Souza", BirthDate: agenda.Date{Year: 1985, Month: 3, Day: 12}, Phone: ana},
	})
	w.must(err)
	return a
}

// talkTo has ana write a message on WhatsApp and returns what was replied.
func (w *reminding) talkTo(key, text string) []string {
	w.t.Helper()
	before := len(w.messenger.all())
	w.deliver(whatsapp(key, ana, text))
	w.work()
	var texts []string
	for _, m := range w.messenger.all()[before:] {
		texts = append(texts, m.Text)
	}
	return texts
}

func (w *reminding) appointment(key agenda.AppointmentID) agenda.Appointment {
	w.t.Helper()
	a, err := w.store.Repositories().Appointments.Get(w.t.Context(), identity.AllEntities(), key)
	w.must(err)
	return a
}

func (w *reminding) conversationOf(contact string) reception.Conversation {
	w.t.Helper()
	c, err := w.store.Repositories().Conversations.ByContact(w.t.Context(), identity.AllEntities(), w.clinic.ID, contact)
	w.must(err)
	return c
}

func (w *reminding) proactive() []reception.Message {
	w.t.Helper()
	p, err := w.store.Repositories().Messages.List(w.t.Context(), identity.AllEntities(), w.conversationOf(ana).ID, page.Request{Limit: page.MaxLimit})
	w.must(err)
	return slices.DeleteFunc(p.Items, func(m reception.Message) bool { return !m.Proactive })
}

func (w *reminding) move(a agenda.Appointment, start time.Time) agenda.Appointment {
	w.t.Helper()
	moved, err := w.agenda.Reschedule(w.t.Context(), w.manager, service.RescheduleParams{Tenant: w.clinic.ID, Appointment: a.ID, Start: start})
	w.must(err)
	return moved
}

func (w *reminding) cancelVisit(a agenda.Appointment) {
	w.t.Helper()
	_, err := w.agenda.Cancel(w.t.Context(), w.manager, service.CancelParams{Tenant: w.clinic.ID, Appointment: a.ID})
	w.must(err)
}

func TestAPatientIsRemindedADayAndTwoHoursBeforeOnceEach(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	w.patch(agenda.ClinicPatch{Address: patch.Set("Rua A, 12")})
	a := w.visit(w.joao, brasilia(26, 15, 0), "")
	w.wantSent("before it is due", w.at(25, 14, 59))
	w.wantSent("a day before", w.at(25, 15, 0), "consulta com Dr. João Silva (Cardiologista), quinta-feira, 26/11/2026, às 15:00")
	w.wantSent("later", w.at(25, 19, 0))
	w.wantSent("in the morning", w.at(26, 12, 59))
	w.wantSent("two hours before", w.at(26, 13, 0), "Endereço: Rua A, 12")
	w.wantSent("when it begins", w.at(26, 15, 0))
	if to := w.messenger.all()[0].To; to != ana {
		t.Errorf("sent to %s", to)
	}
	for _, m := range w.proactive() {
		if m.Appointment != a.ID || m.Status != reception.Done || m.SentAt.IsZero() {
			t.Errorf("the message is %+v", m)
		}
	}
	if about := w.conversationOf(ana).About; about != a.ID {
		t.Errorf("the conversation is about %s, want %s", about, a.ID)
	}
}

// patch changes the clinic.
func (w *reminding) patch(p agenda.ClinicPatch) {
	w.t.Helper()
	_, err := w.clinics.Update(w.t.Context(), w.manager, w.clinic.ID, p, version.Match{})
	w.must(err)
}

func TestWhatWasClaimedIsSentAlthoughTheProcessDies(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	w.visit(w.joao, brasilia(26, 15, 0), "")
	w.pass(brasilia(25, 15, 0).Sub(w.clock()))
	killed := errors.New("killed before the commit")
	w.tx.mu.Lock()
	w.tx.fail = func(ports.Repositories) error { return killed }
	w.tx.mu.Unlock()
	if _, err := w.processes[0].Do(t.Context(), ports.Job{Kind: service.JobRemind}); !errors.Is(err, killed) {
		t.Fatalf("got error %v, want %v", err, killed)
	}
	w.tx.mu.Lock()
	w.tx.fail = nil
	w.tx.mu.Unlock()
	w.look() // and dies before it sends
	w.look()
	if n := len(w.messenger.all()); n != 0 {
		t.Fatalf("%d were sent", n)
	}
	w.wantSent("by the next process", w.at(25, 15, 10), "quinta-feira, 26/11/2026")
}

func TestQuietHoursAreKept(t *testing.T) {
	t.Parallel()
	t.Run("ItComesBeforeThemOrWaits", func(t *testing.T) {
		t.Parallel()
		w := openReminding(t)
		w.visit(w.joao, brasilia(26, 8, 0), "")
		w.visit(w.maria, brasilia(26, 9, 0), "")
		w.wantSent("a day before the first", w.at(25, 8, 0), "Dr. João")
		w.wantSent("a day before the second", w.at(25, 9, 0), "Dra. Maria")
		w.wantSent("too early", w.at(25, 20, 49))
		w.wantSent("before the quiet night", w.at(25, 20, 50), "Dr. João")
		w.wantSent("in it", w.at(26, 7, 0))
		w.wantSent("after it", w.at(26, 8, 0), "Dra. Maria")
	})
	t.Run("WhatWasNotSentBeforeThemIsPutOff", func(t *testing.T) {
		t.Parallel()
		w := openReminding(t)
		w.visit(w.joao, brasilia(26, 15, 0), "")
		w.pass(brasilia(25, 20, 59).Sub(w.clock()))
		w.look()
		w.pass(2 * time.Minute)
		w.work()
		if n := len(w.messenger.all()); n != 0 {
			t.Fatalf("%d were sent in quiet hours", n)
		}
		w.wantSent("when they end", w.at(26, 8, 0), "Dr. João")
	})
	t.Run("ByThenTheVisitWasCancelled", func(t *testing.T) {
		t.Parallel()
		w := openReminding(t)
		a := w.visit(w.joao, brasilia(26, 15, 0), "")
		w.pass(brasilia(25, 20, 59).Sub(w.clock()))
		w.look()
		w.pass(2 * time.Minute)
		w.work()
		w.cancelVisit(a)
		w.wantSent("when they end", w.at(26, 8, 0), "foi cancelada")
		if m := w.proactive()[0]; m.Status != reception.Failed || m.Error != "outdated" {
			t.Errorf("the reminder is %s with the error %q, want %s with outdated", m.Status, m.Error, reception.Failed)
		}
	})
}

func TestAMovedVisitIsToldAndRemindedOfAnew(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	a := w.visit(w.joao, brasilia(26, 15, 0), "")
	w.wantSent("a day before", w.at(25, 15, 0), "Lembrete")
	w.wantSent("the answer", w.talkTo("m1", "confirmo"), "Presença confirmada!")
	if got := w.appointment(a.ID); got.Attendance != agenda.Coming || !got.AttendanceAt.Equal(w.clock()) {
		t.Errorf("the attendance is %q at %s", got.Attendance, got.AttendanceAt)
	}
	w.move(a, brasilia(27, 10, 0))
	if got := w.appointment(a.ID); got.Attendance != agenda.NotAnswered {
		t.Errorf("the attendance after the move is %q", got.Attendance)
	}
	w.wantSent("at once", w.at(25, 15, 0))
	w.wantSent("when it has settled", w.at(25, 15, 2), "que seria quinta-feira, 26/11/2026, às 15:00, foi remarcada pela Clínica XYZ para sexta-feira, 27/11/2026, às 10:00")
	w.wantSent("two hours before it would have been", w.at(26, 13, 0), "sexta-feira, 27/11/2026") // the new one, a day before
	w.wantSent("two hours before it is", w.at(27, 8, 0), "sexta-feira, 27/11/2026")
}

func TestAChangeThatIsTakenBackIsToldToNobody(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	a := w.visit(w.joao, brasilia(26, 15, 0), "")
	w.pass(24 * time.Hour)
	w.move(a, brasilia(27, 10, 0))
	w.pass(30 * time.Second)
	w.move(a, brasilia(26, 15, 0))
	w.wantSent("after both", w.at(24, 9, 10))
	w.move(a, brasilia(27, 10, 0))
	w.pass(30 * time.Second)
	w.move(a, brasilia(27, 11, 0))
	w.wantSent("of two only the last", w.at(24, 9, 20), "que seria quinta-feira, 26/11/2026, às 15:00, foi remarcada pela Clínica XYZ para sexta-feira, 27/11/2026, às 11:00")
}

func TestACancelledVisitIsToldAndNotRemindedOf(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	a := w.visit(w.joao, brasilia(26, 15, 0), "")
	w.pass(24 * time.Hour)
	w.cancelVisit(a)
	w.wantSent("when it has settled", w.at(24, 9, 10), "quinta-feira, 26/11/2026, às 15:00, foi cancelada pela Clínica XYZ")
	w.wantSent("a day before", w.at(25, 15, 0))
	w.wantSent("two hours before", w.at(26, 13, 0))
}

func TestAChangeIsToldInQuietHoursOnlyWhenTheVisitIsSoon(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	soon, late := w.visit(w.joao, brasilia(25, 10, 0), ""), w.visit(w.maria, brasilia(27, 10, 0), "")
	w.at(24, 22, 0)
	w.cancelVisit(soon)
	w.cancelVisit(late)
	w.wantSent("at night", w.at(24, 22, 5), "Dr. João")
	w.wantSent("in the morning", w.at(25, 8, 0), "Dra. Maria")
}

func TestWhatThePatientChangesIsNotTold(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	for i, text := range []string{"Quero consulta com o Dr. João na quinta-feira", anaData, "1", "sim", "quero remarcar minha consulta", "2", "sim"} {
		w.talkTo("m"+string(rune('a'+i)), text)
	}
	if len(w.confirmed(w.joao)) != 1 {
		t.Fatalf("booked %v", w.confirmed(w.joao))
	}
	w.wantSent("after the move", w.at(23, 9, 10))
	w.talkTo("mx", "quero cancelar minha consulta")
	w.wantSent("the cancelling", w.talkTo("my", "sim"), "foi cancelada")
	w.wantSent("after it", w.at(23, 9, 20))
}

func TestWhoHasOptedOutIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	a := w.visit(w.joao, brasilia(26, 15, 0), "")
	w.wantSent("the farewell", w.talkTo("m1", "parar"), "não enviaremos mais mensagens")
	w.wantSent("a day before", w.at(25, 15, 0))
	w.cancelVisit(a)
	w.wantSent("after it was cancelled", w.at(25, 15, 10))
	list := w.proactive()
	if len(list) != 2 {
		t.Fatalf("%d messages were kept, want the reminder and the change", len(list))
	}
	for _, m := range list {
		if m.Status != reception.Failed || m.Error != "opted-out" || !m.SentAt.IsZero() {
			t.Errorf("the message is %s with the error %q, want %s with opted-out", m.Status, m.Error, reception.Failed)
		}
	}
}

func TestAReplyThatWaitedIsNotSentToWhoHasOptedOut(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	w.messenger.errs = []error{errs.New(errs.Unavailable, "whatsapp-unavailable", "away")}
	w.deliver(whatsapp("m1", ana, "oi"))
	w.work()
	w.deliver(whatsapp("m2", ana, "parar"))
	w.insist()
	sent := w.messenger.all()
	if len(sent) != 1 || !strings.Contains(sent[0].Text, "não enviaremos mais mensagens") {
		t.Errorf("sent %v, want only the farewell", sent)
	}
}

func TestTheAnswerToAReminderBelongsToItsVisit(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	first, last := w.visit(w.joao, brasilia(26, 10, 0), ""), w.visit(w.maria, brasilia(26, 11, 0), "")
	w.at(25, 10, 0)
	w.wantSent("the second reminder", w.at(25, 11, 0), "Dra. Maria")
	w.wantSent("no", w.talkTo("m1", "não vou conseguir ir"), "O que prefere fazer com a sua consulta com Dra. Maria")
	w.wantSent("cancel", w.talkTo("m2", "2"), "Confirma o cancelamento da sua consulta com Dra. Maria")
	w.wantSent("yes", w.talkTo("m3", "sim"), "Dra. Maria")
	if got := w.appointment(last.ID); got.Status != agenda.Cancelled {
		t.Errorf("the visit of the reminder is %s", got.Status)
	}
	w.wantSent("yes to the other", w.talkTo("m4", "confirmo"), "Presença confirmada! Esperamos você: Dr. João")
	if got := w.appointment(first.ID); got.Status != agenda.Confirmed || got.Attendance != agenda.Coming {
		t.Errorf("the other visit is %s, attendance %q", got.Status, got.Attendance)
	}
	w.wantSent("the reminder two hours before", w.at(26, 8, 0), "A sua presença está confirmada.")
}

func TestWhomNobodyCanWriteToIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	_, err := w.agenda.Book(t.Context(), w.manager, service.BookParams{
		Tenant: w.clinic.ID, Professional: w.joao.ID, Start: brasilia(26, 15, 0), Patient: agenda.Patient{Name: "Ana Souza"},
	})
	w.must(err)
	w.wantSent("without a telephone", w.at(25, 15, 0))
	w.patch(agenda.ClinicPatch{EvolutionInstance: patch.Clear[string]()})
	a := w.visit(w.maria, brasilia(27, 15, 0), "")
	w.wantSent("without an instance", w.at(26, 15, 0))
	w.cancelVisit(a)
	w.wantSent("a change without an instance", w.at(26, 15, 10))
	if w.appointment(a.ID).Untold() {
		t.Error("it is tried for ever")
	}
}

func TestANumberWithoutWhatsAppIsSeenToFail(t *testing.T) {
	t.Parallel()
	w := openReminding(t)
	w.visit(w.joao, brasilia(26, 15, 0), "")
	w.messenger.errs = []error{errs.New(errs.Invalid, "not-on-whatsapp", "no")}
	w.wantSent("a day before", w.at(25, 15, 0))
	if m := w.proactive()[0]; m.Status != reception.Failed || m.Error != "not-on-whatsapp" {
		t.Errorf("the reminder is %s with the error %q", m.Status, m.Error)
	}
}
