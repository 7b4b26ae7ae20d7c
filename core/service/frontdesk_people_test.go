package service_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// typed is a message that the clinic's phone or panel sent to a contact.
func typed(key, to, text string) reception.Inbound {
	in := whatsapp(key, to, text)
	in.FromClinic, in.Name = true, ""
	return in
}

// namingMessenger gives every message an id, after telling of it.
type namingMessenger struct {
	recordingMessenger
	before func(id string, m ports.OutgoingMessage) error // nil when nothing happens; its error is Send's
}

func (m *namingMessenger) Send(ctx context.Context, out ports.OutgoingMessage) (string, error) {
	m.mu.Lock()
	name, before := fmt.Sprintf("SENT%d", len(m.sent)), m.before
	m.mu.Unlock()
	if before != nil {
		if err := before(name, out); err != nil {
			return "", err
		}
	}
	_, err := m.recordingMessenger.Send(ctx, out)
	return name, err
}

// name has the world send through a messenger that gives ids.
func (w *world) name() *namingMessenger {
	m := &namingMessenger{}
	w.messenger = &m.recordingMessenger
	w.desk = service.NewFrontDesk(w.deps(), w.agenda, service.Offline{}, jsonDecoder{}, m, service.FrontDeskOptions{WebhookToken: "the-webhook-token"})
	return m
}

func (w *world) talkWith(contact string) reception.Conversation {
	w.t.Helper()
	c, err := w.desk.Conversation(w.t.Context(), w.manager, w.clinic.ID, contact)
	w.must(err)
	return c
}

// user is another user of the back office.
func (w *world) user(email string) identity.Actor {
	w.t.Helper()
	u, err := identity.NewUser(identity.UserParams{Email: email, PhoneNumber: "+5511955550098", Role: identity.EntityAdmin, EntityID: w.clinic.EntityID}, w.clock())
	w.must(err)
	u, err = w.store.Repositories().Users.Create(w.t.Context(), u)
	w.must(err)
	return u.Actor()
}

func (w *world) wantHandoff(contact string, want reception.Handoff) {
	w.t.Helper()
	c := w.talkWith(contact)
	if diff := cmp.Diff(want, c.Handoff); diff != "" || c.State != reception.HandedOff {
		w.t.Errorf("the conversation is %s, and its handing over (-want +got):\n%s", c.State, diff)
	}
}

func TestWhatTheClinicTypesPausesTheAssistant(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.deliver(whatsapp("m1", ana, "Quero consulta com o Dr. João"))
	w.work()
	before := len(w.messenger.all())
	w.pass(time.Minute)
	byHand := typed("c1", ana, "Oi Ana, aqui é a Carla. Já te respondo")
	w.deliver(byHand)
	w.deliver(byHand) // again
	w.wantHandoff(ana, reception.Handoff{Reason: reception.StaffWrote, At: w.clock(), Until: w.clock().Add(12 * time.Hour)})

	w.pass(11 * time.Hour)
	w.deliver(whatsapp("m2", ana, "tudo bem, Carla"))
	w.work()
	w.deliver(typed("c2", ana, "Pode vir às 10"))
	w.pass(11 * time.Hour) // longer than a pause since the first, not since the second
	w.deliver(whatsapp("m3", ana, "combinado"), whatsapp("m4", ana, "Quero consulta com o Dr. Pedro"))
	w.work()
	if sent := w.messenger.all(); len(sent) != before {
		t.Errorf("the assistant said %v while a person answers", sent[before:])
	}
	var staff []string
	for _, m := range w.inbox(reception.Out) {
		if m.Author == reception.Staff {
			staff = append(staff, m.ExternalID+" "+string(m.Status))
		}
	}
	if diff := cmp.Diff([]string{"c1 done", "c2 done"}, staff); diff != "" {
		t.Errorf("what staff wrote (-want +got):\n%s", diff)
	}
	for _, m := range w.inbox(reception.In)[1:] {
		if m.Status != reception.Done || m.Turn == nil || len(m.Turn.Replies) != 0 || m.Turn.State != reception.HandedOff {
			t.Errorf("message %q is %s and led to %+v, want silence", m.Text, m.Status, m.Turn)
		}
	}

	w.pass(2 * time.Hour)
	w.deliver(whatsapp("m5", ana, "oi"))
	w.work()
	sent := w.messenger.all()[before:]
	if len(sent) != 1 || !strings.Contains(sent[0].Text, "assistente virtual") {
		t.Errorf("after the pause the assistant said %v, want a greeting and nothing of what was written in it", sent)
	}
}

func TestAClinicMayBeginAConversation(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.deliver(typed("c1", ana, "Olá! Sua guia está pronta"), whatsapp("m1", ana, "obrigada!"))
	w.work()
	if sent := w.messenger.all(); len(sent) != 0 || w.state(ana) != reception.HandedOff {
		t.Errorf("the conversation is %s, and the assistant said %v", w.state(ana), sent)
	}
	if c := w.talkWith(ana); c.ReplyTo != "5511955550011@s.whatsapp.net" || c.ContactName != "Ana" {
		t.Errorf("replies to %q, who is called %q", c.ReplyTo, c.ContactName)
	}
}

func TestOldMessagesOfTheClinicAreOnlyKept(t *testing.T) {
	t.Parallel()
	w := open(t)
	old, recent := typed("c1", ana, "bom dia"), typed("c2", bia, "bom dia")
	old.SentAt, recent.SentAt = w.clock().Add(-12*time.Hour), w.clock().Add(-11*time.Hour)
	w.deliver(old, recent)
	if got := w.state(ana); got != reception.Idle || len(w.inbox(reception.Out)) != 1 {
		t.Errorf("the conversation is %s, want idle with one message", got)
	}
	w.wantHandoff(bia, reception.Handoff{Reason: reception.StaffWrote, At: w.clock(), Until: w.clock().Add(time.Hour)})
}

func TestAnEchoOfOurOwnIsNobodyWriting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		echo func(id string, m ports.OutgoingMessage) reception.Inbound
		when string
	}{
		"AfterTheAnswer":           {func(id string, m ports.OutgoingMessage) reception.Inbound { return typed(id, ana, m.Text) }, "after"},
		"BeforeTheAnswer":          {func(id string, m ports.OutgoingMessage) reception.Inbound { return typed(id, ana, m.Text) }, "before"},
		"OtherSpace":               {func(id string, m ports.OutgoingMessage) reception.Inbound { return typed(id, ana, " "+m.Text+"\r\n") }, "before"},
		"InsteadOfTheAnswer":       {func(id string, m ports.OutgoingMessage) reception.Inbound { return typed(id, ana, m.Text) }, "instead"},
		"LongAfterALostAnswer":     {func(id string, m ports.OutgoingMessage) reception.Inbound { return typed(id, ana, m.Text) }, "late"},
		"TwiceBeforeAndAfterwards": {func(id string, m ports.OutgoingMessage) reception.Inbound { return typed(id, ana, m.Text) }, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			m := w.name()
			var echo reception.Inbound
			m.before = func(id string, out ports.OutgoingMessage) error {
				echo = c.echo(id, out)
				switch c.when {
				case "before":
					w.deliver(echo)
				case "twice":
					w.deliver(echo, echo)
				case "instead", "late":
					if c.when == "instead" {
						w.deliver(echo)
					}
					return errs.New(errs.Unavailable, ports.CodeSendUncertain, "lost")
				}
				return nil
			}
			w.deliver(whatsapp("m1", ana, "oi"))
			w.work()
			if c.when == "late" {
				w.pass(14 * time.Minute)
			}
			w.deliver(echo)
			if got := w.state(ana); got == reception.HandedOff {
				t.Fatal("the assistant paused because of what it said itself")
			}
			out := w.inbox(reception.Out)
			if len(out) != 1 || out[0].Author != reception.Assistant || out[0].ExternalID != echo.ExternalID || out[0].Status != reception.Done || out[0].Error != "" {
				t.Errorf("kept %+v, want one message that was sent as %s", out, echo.ExternalID)
			}
			// The same words by hand are somebody writing: the message that was sent is known by its id.
			w.deliver(typed("by-hand", ana, echo.Text))
			if got := w.state(ana); got != reception.HandedOff {
				t.Errorf("the conversation is %s after a person wrote, want %s", got, reception.HandedOff)
			}
		})
	}
}

// overheard understands after something else has happened.
type overheard struct {
	service.Offline
	first *sync.Once
	do    func()
}

func (i overheard) Understand(ctx context.Context, text string, in reception.Context) (reception.Meaning, int, error) {
	i.first.Do(i.do)
	return i.Offline.Understand(ctx, text, in)
}

func TestAPersonWhoWritesWhileATurnRunsHasTheConversation(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.desk = service.NewFrontDesk(w.deps(), w.agenda, overheard{first: &sync.Once{}, do: func() {
		w.deliver(typed("c1", ana, "Oi, é a Carla"))
	}}, jsonDecoder{}, w.messenger, service.FrontDeskOptions{WebhookToken: "the-webhook-token"})
	w.deliver(whatsapp("m1", ana, "Quero consulta com o Dr. João"), whatsapp("m2", ana, "parar"))
	w.work()
	sent := w.messenger.all()
	if len(sent) != 1 || !strings.Contains(sent[0].Text, "não enviaremos mais mensagens") {
		t.Errorf("sent %v, want only the answer to opting out", sent)
	}
	if got := w.state(ana); got != reception.OptedOut {
		t.Errorf("the conversation is %s, want %s: that is heard whoever answers", got, reception.OptedOut)
	}
	if m := w.inbox(reception.In)[0]; m.Status != reception.Done || len(m.Turn.Replies) != 0 {
		t.Errorf("the first message is %s with %+v, want silence", m.Status, m.Turn)
	}
}

// interruptedWriter is a calendar that is written to after something else has happened.
type interruptedWriter struct {
	ports.Calendar
	first *sync.Once
	do    func()
}

func (c interruptedWriter) Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error {
	c.first.Do(c.do)
	return c.Calendar.Put(ctx, cal, e)
}

func TestWhatWasBookedWhileAPersonWroteIsStillTold(t *testing.T) {
	t.Parallel()
	w := open(t)
	for i, text := range []string{"Quero consulta com o Dr. João", anaData, "1"} {
		w.deliver(whatsapp(fmt.Sprintf("m%d", i), ana, text))
		w.work()
	}
	before := len(w.messenger.all())
	w.agenda = service.NewAgenda(w.deps(), interruptedWriter{w.calendar, &sync.Once{}, func() { w.deliver(typed("c1", ana, "Oi, é a Carla")) }})
	w.desk = service.NewFrontDesk(w.deps(), w.agenda, service.Offline{}, jsonDecoder{}, w.messenger, service.FrontDeskOptions{WebhookToken: "the-webhook-token"})
	w.deliver(whatsapp("yes", ana, "sim"))
	w.work()
	w.wantOnly(w.joao)
	sent := w.messenger.all()[before:]
	if len(sent) != 1 || !strings.Contains(sent[0].Text, "Consulta confirmada!") {
		t.Errorf("sent %v, want the confirmation", sent)
	}
	if got := w.state(ana); got != reception.HandedOff {
		t.Errorf("the conversation is %s, want %s", got, reception.HandedOff)
	}
}

func TestUnsentRepliesAreDroppedWhenAPersonWrites(t *testing.T) {
	t.Parallel()
	w := open(t)
	away := errs.New(errs.Unavailable, "whatsapp-unavailable", "away")
	for i, text := range []string{"Quero consulta com o Dr. João", anaData, "1"} {
		w.deliver(whatsapp(fmt.Sprintf("m%d", i), ana, text))
		w.work()
	}
	before := len(w.messenger.all())
	w.messenger.errs = []error{away}
	w.deliver(whatsapp("yes", ana, "sim"))
	w.work()
	w.messenger.errs = []error{away, away}
	w.deliver(whatsapp("more", ana, "quais os horários de atendimento?"))
	w.work()
	if n := len(w.messenger.all()) - before; n != 0 {
		t.Fatalf("%d replies were sent before a person wrote", n)
	}
	w.deliver(typed("c1", ana, "Oi, é a Carla"))
	w.messenger.errs = nil
	w.insist()
	sent := w.messenger.all()[before:]
	if len(sent) != 1 || !strings.Contains(sent[0].Text, "Consulta confirmada!") {
		t.Errorf("sent %v, want only what tells of the visit that was booked", sent)
	}
	out := w.inbox(reception.Out)
	if m := out[len(out)-2]; m.Status != reception.Failed || m.Error != "handed-off" {
		t.Errorf("%q is %s with the error %q, want %s with handed-off", m.Text, m.Status, m.Error, reception.Failed)
	}
}

func TestWhoOptedOutStaysSoWhenTheClinicWrites(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.deliver(whatsapp("m1", ana, "parar"))
	w.work()
	w.deliver(typed("c1", ana, "desculpe o incômodo"))
	if got := w.state(ana); got != reception.OptedOut {
		t.Errorf("the conversation is %s, want %s", got, reception.OptedOut)
	}
	ctx := t.Context()
	_, err := w.desk.Answer(ctx, w.manager, w.clinic.ID, ana, "oi", true)
	if errs.CodeOf(err) != "contact-opted-out" {
		t.Errorf("answer: %v, want contact-opted-out", err)
	}
	_, err = w.desk.HandOff(ctx, w.manager, w.clinic.ID, ana)
	if errs.CodeOf(err) != "contact-opted-out" {
		t.Errorf("hand off: %v, want contact-opted-out", err)
	}
}

func TestRepeatedFailureAndAngerHandOver(t *testing.T) {
	t.Parallel()
	w := open(t)
	var last service.Shown
	for i := range 4 {
		if last = w.say(ana, "xyzzy plugh"); i < 3 && last.State == reception.HandedOff {
			t.Fatalf("handed over after %d messages", i+1)
		}
	}
	w.wantSaid(last, "Vou chamar uma pessoa")
	w.wantHandoff(ana, reception.Handoff{Reason: reception.RepeatedFailure, At: w.clock(), Until: w.clock().Add(12 * time.Hour)})

	w.desk = service.NewFrontDesk(w.deps(), w.agenda, angry{}, jsonDecoder{}, w.messenger, service.FrontDeskOptions{})
	w.wantSaid(w.say(bia, "Que absurdo!"), "Sinto muito")
	w.wantHandoff(bia, reception.Handoff{Reason: reception.Anger, At: w.clock(), Until: w.clock().Add(12 * time.Hour)})
	if again := w.say(bia, "Que absurdo!"); len(again.Replies) != 0 {
		t.Errorf("said %q again, want silence: a person was called", said(again))
	}
}

// angry understands that everybody is.
type angry struct{}

func (angry) Understand(context.Context, string, reception.Context) (reception.Meaning, int, error) {
	return reception.Meaning{Intent: reception.Other, Angry: true}, 0, nil
}

func TestPeopleTakeAnswerAndGiveBack(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx, carla := t.Context(), w.user("carla@example.com")
	w.deliver(whatsapp("a1", ana, "quero falar com uma pessoa"))
	w.work()
	w.pass(time.Minute)
	w.deliver(whatsapp("b1", bia, "estou com dor no peito forte e não consigo respirar"))
	w.work()
	waiting, err := w.desk.Waiting(ctx, carla, w.clinic.ID, page.Request{})
	w.must(err)
	if len(waiting.Items) != 2 || waiting.Items[0].Contact != bia || waiting.Items[1].Contact != ana || waiting.Items[0].Handoff.Reason != reception.EmergencySigns {
		t.Fatalf("waiting are %+v, want the emergency and then the other", waiting.Items)
	}
	if last := waiting.Items[1].Last; last == nil || !strings.Contains(last.Text, "Vou chamar uma pessoa") {
		t.Errorf("the last message is %+v", last)
	}

	w.pass(time.Minute)
	since := w.talkWith(ana).Handoff.At
	m, err := w.desk.Answer(ctx, carla, w.clinic.ID, ana, "Oi Ana, sou a Carla.", false)
	w.must(err)
	if m.Author != reception.Staff || m.UserID != carla.UserID() || m.Channel != reception.WhatsApp {
		t.Errorf("answered with %+v", m)
	}
	w.work()
	if sent := w.messenger.all(); sent[len(sent)-1].Text != "Oi Ana, sou a Carla." {
		t.Errorf("sent %v, want the answer last", sent)
	}
	w.wantHandoff(ana, reception.Handoff{Reason: reception.PatientAsked, At: since, Until: w.clock().Add(12 * time.Hour), By: carla.UserID()})
	_, err = w.desk.Answer(ctx, w.manager, w.clinic.ID, ana, "eu também", false)
	if errs.CodeOf(err) != "conversation-taken" {
		t.Errorf("another user's answer: %v, want conversation-taken", err)
	}
	_, err = w.desk.Take(ctx, w.manager, w.clinic.ID, ana, true)
	w.must(err)
	if by := w.talkWith(ana).Handoff.By; by != w.manager.UserID() {
		t.Errorf("taken by %d, want %d", by, w.manager.UserID())
	}

	before := len(w.messenger.all())
	w.deliver(whatsapp("a2", ana, "quero consulta com o Dr. João"))
	c, err := w.desk.GiveBack(ctx, w.manager, w.clinic.ID, ana)
	w.must(err)
	if c.State != reception.Idle || c.Handoff != (reception.Handoff{}) {
		t.Errorf("given back as %s with %+v", c.State, c.Handoff)
	}
	w.work()
	if sent := w.messenger.all()[before:]; len(sent) != 0 {
		t.Errorf("said %v to what was written before it was given back", sent)
	}
	w.deliver(whatsapp("a3", ana, "quero consulta com o Dr. João"))
	w.work()
	if sent := w.messenger.all()[before:]; len(sent) != 1 || !strings.Contains(sent[0].Text, "João") {
		t.Errorf("said %v, want an answer to what was written after", sent)
	}
	_, err = w.desk.GiveBack(ctx, w.manager, w.clinic.ID, ana)
	if errs.CodeOf(err) != "conversation-not-handed-off" {
		t.Errorf("give back again: %v", err)
	}

	c, err = w.desk.HandOff(ctx, carla, w.clinic.ID, ana)
	w.must(err)
	if c.State != reception.HandedOff || c.Handoff.By != 0 || c.Handoff.Reason != reception.StaffWrote {
		t.Errorf("paused by hand: %s with %+v", c.State, c.Handoff)
	}
	_, err = w.desk.Answer(ctx, carla, w.clinic.ID, "+5511955550077", "oi", false)
	if errs.CodeOf(err) != "conversation-not-found" {
		t.Errorf("an unknown contact: %v", err)
	}
}

func TestAnAnswerToWhoWroteByTheAPIIsForTheCaller(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.say(ana, "oi")
	m, err := w.desk.Answer(t.Context(), w.manager, w.clinic.ID, ana, "Oi!", false)
	w.must(err)
	if m.Channel != reception.API || m.Status != reception.Done {
		t.Errorf("answered by %s, %s; want api, done", m.Channel, m.Status)
	}
	w.work()
	if sent := w.messenger.all(); len(sent) != 0 {
		t.Errorf("sent %v", sent)
	}
	if again := w.say(ana, "quero consulta com o Dr. João"); len(again.Replies) != 0 {
		t.Errorf("said %q while a person answers", said(again))
	}
}

func TestOneOfTwoUsersTakesAConversation(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.deliver(whatsapp("a1", ana, "quero falar com uma pessoa"))
	w.work()
	users := []identity.Actor{w.user("carla@example.com"), w.user("bruna@example.com"), w.manager}
	failures := make([]error, len(users))
	var all sync.WaitGroup
	for i, u := range users {
		all.Go(func() { _, failures[i] = w.desk.Take(t.Context(), u, w.clinic.ID, ana, false) })
	}
	all.Wait()
	won := slices.IndexFunc(failures, func(err error) bool { return err == nil })
	if won < 0 || w.talkWith(ana).Handoff.By != users[won].UserID() {
		t.Fatalf("got %v, and it is taken by %d", failures, w.talkWith(ana).Handoff.By)
	}
	for i, err := range failures {
		if i != won && errs.CodeOf(err) != "conversation-taken" {
			t.Errorf("user %d: %v, want conversation-taken", i, err)
		}
	}
}

// giveBack runs the periodic job.
func (w *world) giveBack() {
	w.t.Helper()
	w.must(w.desk.Do(w.t.Context(), ports.Job{Kind: service.JobReturnConversations}))
	w.work()
}

func TestConversationsGoBackAfterATime(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx := t.Context()
	const carlos, davi = "+5511955550013", "+5511955550014"
	_, err := w.clinics.Update(ctx, w.manager, w.clinic.ID, agenda.ClinicPatch{QuietHours: patch.Clear[agenda.QuietHours]()}, version.Match{})
	w.must(err)
	w.deliver(whatsapp("a1", ana, "quero falar com uma pessoa"), whatsapp("b1", bia, "quero falar com uma pessoa"),
		whatsapp("c1", carlos, "quero falar com uma pessoa"), typed("d1", davi, "Sua guia está pronta"), whatsapp("d2", davi, "obrigado"))
	w.work()
	w.pass(time.Hour)
	w.deliver(typed("b2", bia, "Oi Bia, resolvido"), whatsapp("b3", bia, "obrigada"))
	_, err = w.desk.Take(ctx, w.manager, w.clinic.ID, carlos, false)
	w.must(err)
	w.work()
	before := len(w.messenger.all())

	w.pass(11*time.Hour - time.Minute)
	w.giveBack()
	if w.state(ana) != reception.HandedOff || w.state(davi) != reception.HandedOff {
		t.Fatal("given back too early")
	}
	w.pass(time.Minute)
	w.giveBack()
	w.giveBack() // once is enough
	if w.state(ana) != reception.Idle || w.state(davi) != reception.Idle || w.state(bia) != reception.HandedOff || w.state(carlos) != reception.HandedOff {
		t.Fatalf("the conversations are %s, %s, %s, %s", w.state(ana), w.state(bia), w.state(carlos), w.state(davi))
	}
	sent := w.messenger.all()[before:]
	if len(sent) != 1 || !strings.HasPrefix(ana, "+"+strings.TrimSuffix(sent[0].To, "@s.whatsapp.net")) || !strings.Contains(sent[0].Text, "ainda não conseguiu responder") {
		t.Errorf("told %v, want only the one whom nobody answered", sent)
	}
	w.pass(time.Hour)
	w.giveBack()
	if w.state(bia) != reception.Idle || w.state(carlos) != reception.Idle || len(w.messenger.all()) != before+1 {
		t.Errorf("the conversations are %s, %s, and sent was %v", w.state(bia), w.state(carlos), w.messenger.all()[before:])
	}
	w.deliver(whatsapp("a2", ana, "quero consulta com o Dr. João"))
	w.work()
	if sent := w.messenger.all()[before+1:]; len(sent) != 1 || !strings.Contains(sent[0].Text, "João") {
		t.Errorf("said %v, want one answer to the new message", sent)
	}
}

func TestASlowReaderOfConversationsIsEnded(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx := t.Context()
	streams := service.NewConversationStreams(w.deps(), func(b []byte, e service.ConversationEvent) []byte { return append(b, e.Kind...) }, 1)
	t.Cleanup(streams.Close)
	w.say(ana, "oi")
	reader, err := streams.Follow(ctx, w.manager, w.clinic.ID)
	w.must(err)
	for i := range 300 {
		w.store.Bus().Publish(ctx, ports.TopicConversations, fmt.Sprintf("%s:%s:%d", w.clinic.ID, w.conversation(ana), i))
	}
	waiting, enough := context.WithTimeout(ctx, 20*time.Second)
	defer enough()
	for { // there is room for one, until the first is ended
		next, err := streams.Follow(waiting, w.manager, w.clinic.ID)
		if err == nil {
			next.Close()
			break
		}
		if errs.CodeOf(err) != "too-many-streams" || waiting.Err() != nil {
			t.Fatalf("a second stream: %v", err)
		}
		runtime.Gosched()
	}
	for range 300 { // what it has room for it still gets
		if _, err = reader.Next(ctx, nil, 10*time.Second); err != nil {
			break
		}
	}
	if errs.CodeOf(err) != "slow-reader" {
		t.Errorf("ended with %v, want slow-reader", err)
	}
}
