package service_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// insist works until every job that fails has been given up, without letting a conversation become stale.
func (w *world) insist() {
	w.t.Helper()
	for range 12 {
		w.work()
		w.pass(6 * time.Minute) // longer than any wait between two attempts
	}
	w.work()
}

// inbox are the messages of ana's conversation in one direction.
func (w *world) inbox(direction reception.Direction) []reception.Message {
	w.t.Helper()
	list, err := w.desk.Messages(w.t.Context(), w.manager, w.clinic.ID, ana, page.Request{Limit: page.MaxLimit})
	w.must(err)
	var out []reception.Message
	for _, m := range list.Items {
		if m.Direction == direction {
			out = append(out, m)
		}
	}
	return out
}

func (w *world) state(contact string) reception.State {
	w.t.Helper()
	c, err := w.desk.Conversation(w.t.Context(), w.manager, w.clinic.ID, contact)
	w.must(err)
	return c.State
}

func TestAMessageThatAlwaysFailsHandsItsConversationOver(t *testing.T) {
	t.Parallel()
	w := open(t)
	for key, text := range []string{"Quero consulta com o Dr. João na quinta-feira", anaData, "1"} {
		w.deliver(whatsapp("m"+string(rune('0'+key)), ana, text))
		w.work()
	}
	w.writer.failures.Store(1 << 30)
	before := len(w.messenger.all())
	w.deliver(whatsapp("yes", ana, "sim"), whatsapp("after", ana, "alô?"))
	w.insist()

	if got := w.state(ana); got != reception.HandedOff {
		t.Fatalf("the conversation is %s, want %s", got, reception.HandedOff)
	}
	in := w.inbox(reception.In)
	failed, behind := in[len(in)-2], in[len(in)-1]
	if failed.Status != reception.Failed || failed.Error != "internal" {
		t.Errorf("the message is %s with the error %q, want %s with internal", failed.Status, failed.Error, reception.Failed)
	}
	if behind.Status != reception.Done {
		t.Errorf("the message behind it is %s, want %s", behind.Status, reception.Done)
	}
	sent := w.messenger.all()[before:]
	if len(sent) != 1 || !strings.Contains(sent[0].Text, "pessoa") {
		t.Errorf("sent %v, want only that a person will answer", sent)
	}
	if n := len(w.confirmed(w.joao)) + len(w.events(w.joao)); n != 0 {
		t.Errorf("%d visits and events are left of what failed", n)
	}
	w.writer.failures.Store(0)
	w.deliver(whatsapp("bia", bia, "Quero consulta com o Dr. João"))
	w.work()
	if got := w.state(bia); got != reception.CollectingPatient {
		t.Errorf("another patient's conversation is %s, want %s", got, reception.CollectingPatient)
	}
}

// deaf understands nothing, and says so with an error.
type deaf struct{ err error }

func (d deaf) Understand(context.Context, string, reception.Context) (reception.Meaning, int, error) {
	return reception.Meaning{}, 0, d.err
}

func TestWhoOptedOutHearsNothingOfAMessageThatFailed(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.deliver(whatsapp("m1", ana, "parar"))
	w.work()
	if got := w.state(ana); got != reception.OptedOut {
		t.Fatalf("the conversation is %s, want %s", got, reception.OptedOut)
	}
	before := len(w.messenger.all())
	w.desk = service.NewFrontDesk(w.deps(), w.agenda, deaf{errs.New(errs.Unavailable, "model-unavailable", "away")}, jsonDecoder{}, w.messenger,
		service.FrontDeskOptions{WebhookToken: "the-webhook-token"})
	w.deliver(whatsapp("m2", ana, "oi"), whatsapp("m3", ana, "oi?"))
	w.insist()
	if sent := w.messenger.all()[before:]; len(sent) != 0 || w.state(ana) != reception.OptedOut {
		t.Errorf("the conversation is %s and was sent %v, want it as it was", w.state(ana), sent)
	}
	for _, m := range w.inbox(reception.In)[1:] {
		if m.Status != reception.Failed || m.Error != "model-unavailable" {
			t.Errorf("message %s is %s with the error %q, want %s with model-unavailable", m.ID, m.Status, m.Error, reception.Failed)
		}
	}
}

func TestAReplyThatCanNeverBeSentIsMarked(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"whatsapp-unavailable": errs.New(errs.Unavailable, "whatsapp-unavailable", "away"),
		"internal":             errors.New("nobody expected this"),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			for range 10 {
				w.messenger.errs = append(w.messenger.errs, err)
			}
			w.deliver(whatsapp("m1", ana, "oi"))
			w.insist()
			w.deliver(whatsapp("m2", ana, "oi"))
			w.work()
			out := w.inbox(reception.Out)
			if len(out) != 2 || out[0].Status != reception.Failed || out[0].Error != want || !out[0].SentAt.IsZero() {
				t.Fatalf("got replies %+v, want two, the first one failed with %s", out, want)
			}
			if out[1].Status != reception.Done || len(w.messenger.all()) != 1 {
				t.Errorf("the reply behind it is %s, want %s", out[1].Status, reception.Done)
			}
		})
	}
}

// overtaken understands, while another caller whose lock was not lost handles the same message.
type overtaken struct {
	service.Offline
	once func()
}

func (o overtaken) Understand(ctx context.Context, text string, in reception.Context) (reception.Meaning, int, error) {
	o.once()
	return o.Offline.Understand(ctx, text, in)
}

func TestATurnWhoseMessageWasHandledElsewhereIsDropped(t *testing.T) {
	t.Parallel()
	w := open(t)
	winner := w.desk
	deps := w.deps()
	deps.Locks = lostLocks{} // as when the store lost every lock
	done := false
	w.desk = service.NewFrontDesk(deps, w.agenda, overtaken{once: func() {
		if !done {
			done = true
			w.must(winner.Do(t.Context(), ports.Job{Kind: service.JobHandleMessages, Arg: w.conversation(ana).String()}))
		}
	}}, jsonDecoder{}, w.messenger, service.FrontDeskOptions{})
	shown := w.say(ana, "Quero consulta com o Dr. João")
	if shown.State != reception.CollectingPatient {
		t.Errorf("the answer is %+v, want the turn of whoever was faster", shown.Turn)
	}
	if in, out := w.inbox(reception.In), w.inbox(reception.Out); len(in) != 1 || in[0].Status != reception.Done || len(out) != len(shown.Replies) {
		t.Errorf("%d messages and %d replies are stored, want 1 and those of one turn, %d", len(in), len(out), len(shown.Replies))
	}
}

func (w *world) conversation(contact string) reception.ConversationID {
	w.t.Helper()
	c, err := w.desk.Conversation(w.t.Context(), w.manager, w.clinic.ID, contact)
	w.must(err)
	return c.ID
}

// lostLocks gives every key to everybody.
type lostLocks struct{}

func (lostLocks) Lock(ctx context.Context, _ string) (context.Context, func(), error) {
	return ctx, func() {}, nil
}

// revokedLocks takes every lock back at once.
type revokedLocks struct{ cause error }

func (l revokedLocks) Lock(ctx context.Context, _ string) (context.Context, func(), error) {
	held, cancel := context.WithCancelCause(ctx)
	cancel(l.cause)
	return held, func() {}, nil
}

func TestALostLockIsTheReasonOfAFailure(t *testing.T) {
	t.Parallel()
	w := open(t)
	lost := errs.New(errs.Unavailable, "lock-lost", "the lock was lost")
	deps := w.deps()
	deps.Locks = revokedLocks{lost}
	desk := service.NewFrontDesk(deps, w.agenda, service.Offline{}, jsonDecoder{}, w.messenger, service.FrontDeskOptions{})
	_, err := desk.Say(t.Context(), w.manager, w.clinic.ID, ana, service.Said{Text: "oi"})
	if !errors.Is(err, lost) {
		t.Errorf("got error %v, want %v", err, lost)
	}
	a := service.NewAgenda(deps, w.calendar)
	if err := a.Sync(t.Context(), agenda.AppointmentID{}); !errors.Is(err, lost) {
		t.Errorf("sync: got error %v, want %v", err, lost)
	}
	// A lost lock is no verdict on the message: it is pending, whichever attempt that was.
	if err := desk.Do(t.Context(), ports.Job{Kind: service.JobHandleMessages, Arg: w.conversation(ana).String(), Last: true}); !errors.Is(err, lost) {
		t.Errorf("the last attempt: got error %v, want %v", err, lost)
	}
	pending, err := w.store.Repositories().Messages.Pending(t.Context(), w.conversation(ana), 2)
	if err != nil || len(pending) != 1 {
		t.Errorf("pending are %+v, error %v, want the message", pending, err)
	}
}
