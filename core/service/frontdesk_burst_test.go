package service_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/reception"
	"github.com/secretary-api/secretary/core/service"
)

// debounced is a world whose front desk waits for what contacts write in one go.
func debounced(t *testing.T, options ...func(*service.FrontDeskOptions)) *world {
	t.Helper()
	w := open(t)
	o := service.FrontDeskOptions{Debounce: 2 * time.Second}
	for _, set := range options {
		set(&o)
	}
	w.desk = service.NewFrontDesk(w.deps(), w.agenda, service.Offline{}, jsonDecoder{}, w.messenger, o)
	return w
}

// sentAt is a message that was written so many seconds after the beginning.
func sentAt(seconds int, key, text string) reception.Inbound {
	m := whatsapp(key, ana, text)
	m.SentAt = monday().Add(time.Duration(seconds) * time.Second)
	return m
}

// wait has time pass, and does what is due then.
func (w *world) wait(d time.Duration) {
	w.t.Helper()
	w.pass(d)
	w.work()
}

func (w *world) wantSent(n int) []string {
	w.t.Helper()
	var texts []string
	for _, m := range w.messenger.all() {
		texts = append(texts, m.Text)
	}
	if len(texts) != n {
		w.t.Fatalf("%d replies were sent, want %d: %q", len(texts), n, texts)
	}
	return texts
}

func TestWhatIsWrittenInOneGoIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := debounced(t)
	w.deliver(sentAt(0, "m1", "oi"))
	w.wait(1500 * time.Millisecond)
	w.deliver(sentAt(1, "m2", "quero marcar"))
	w.wait(1500 * time.Millisecond)
	w.deliver(sentAt(3, "m3", "com a dra maria"))
	w.wait(1900 * time.Millisecond)
	w.wantSent(0)
	w.wait(100 * time.Millisecond)
	if sent := w.wantSent(1); !strings.Contains(sent[0], "Dra. Maria Costa") {
		t.Errorf("said %q, want the professional that was named last", sent)
	}
	in := w.inbox(reception.In)
	for _, m := range in {
		if m.Status != reception.Done || m.Turn == nil || m.Turn.State != reception.CollectingPatient {
			t.Errorf("message %q is %s with the turn %+v, want the one of all", m.Text, m.Status, m.Turn)
		}
	}
	w.deliver(sentAt(0, "m1", "oi"), sentAt(1, "m2", "quero marcar"))
	w.wait(time.Minute)
	w.wantSent(1)
	again, err := w.desk.Say(t.Context(), w.manager, w.clinic.ID, ana, service.Said{ExternalID: "m2", Text: "quero marcar"})
	w.must(err)
	w.wantSaid(again, "Dra. Maria Costa")
}

func TestOvertakenMessagesOfABurstAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	w := debounced(t)
	var heard noting
	w.desk = service.NewFrontDesk(w.deps(), w.agenda, &heard, jsonDecoder{}, w.messenger, service.FrontDeskOptions{Debounce: 2 * time.Second})
	w.deliver(sentAt(2, "m2", "com a Dra. Maria"))
	w.deliver(sentAt(1, "m1", "Quero marcar"))
	w.wait(2 * time.Second)
	w.wantSent(1)
	if want := []string{"Quero marcar\ncom a Dra. Maria"}; !slices.Equal(heard.texts, want) {
		t.Errorf("heard %q, want %q", heard.texts, want)
	}
}

// noting understands, and notes what it is asked.
type noting struct {
	service.Offline
	texts []string
}

func (n *noting) Understand(ctx context.Context, text string, in reception.Context) (reception.Meaning, int, error) {
	n.texts = append(n.texts, text)
	return n.Offline.Understand(ctx, text, in)
}

func TestMessagesThatAreNotOfOneGoAreAnsweredEach(t *testing.T) {
	t.Parallel()
	w := debounced(t)
	w.deliver(sentAt(0, "m1", "Quero marcar com o Dr. João"))
	w.pass(2 * time.Second) // exactly as long as the silence that is waited for
	w.deliver(sentAt(2, "m2", "não, com a Dra. Maria"))
	w.wait(2 * time.Second) // both jobs come late, as when all workers were busy
	if sent := w.wantSent(2); !strings.Contains(sent[0], "João") || !strings.Contains(sent[1], "Maria") {
		t.Errorf("said %q, want an answer to each", sent)
	}
}

func TestWhoGoesOnWritingIsAnsweredAfterTenSeconds(t *testing.T) {
	t.Parallel()
	w := debounced(t)
	for i := range 8 { // at 0, 1.5, ... 10.5 seconds
		w.deliver(sentAt(i, string(rune('a'+i)), "oi"))
		w.wait(1500 * time.Millisecond)
		if elapsed := time.Duration(i+1) * 1500 * time.Millisecond; elapsed < 8*time.Second {
			w.wantSent(0)
		}
	}
	if n := len(w.messenger.all()); n == 0 {
		t.Error("nothing was answered after twelve seconds of writing")
	}
}

func TestOtherContentOfABurstIsAnsweredByItself(t *testing.T) {
	t.Parallel()
	w := debounced(t)
	audio := sentAt(1, "m2", "")
	audio.Kind = reception.Audio
	w.deliver(sentAt(0, "m1", "Quero marcar"), audio, sentAt(2, "m3", "com a Dra. Maria"))
	w.wait(2 * time.Second)
	if sent := w.wantSent(3); !strings.Contains(sent[1], "áudio") {
		t.Errorf("said %q, want the audio to be answered between the texts", sent)
	}
}

func TestSayingByTheAPIWaitsForNothing(t *testing.T) {
	t.Parallel()
	w := debounced(t)
	w.wantSaid(w.say(ana, "Quero marcar com o Dr. João"), "Dr. João Silva")
	w.deliver(sentAt(0, "m1", "não, com a Dra. Maria"))
	turn := w.say(ana, "quanto custa o botox?")
	w.wantSaid(turn, "1.200,00")
	w.wait(5 * time.Second)
	if sent := w.wantSent(1); !strings.Contains(sent[0], "Maria") {
		t.Errorf("said %q, want what was pending to be answered before", sent)
	}
}

func TestOldMessagesAreKeptAndNotAnswered(t *testing.T) {
	t.Parallel()
	w := debounced(t)
	retried, old, missed, lost := sentAt(-29*60, "retried", "Quero marcar com o Dr. João"), sentAt(-31*60, "old", "oi"), sentAt(-119*60, "missed", "oi"), sentAt(-121*60, "lost", "oi")
	missed.History, lost.History = true, true
	w.deliver(old, lost)
	w.wait(time.Minute)
	w.wantSent(0)
	for _, m := range w.inbox(reception.In) {
		if m.Status != reception.Done || m.Turn != nil {
			t.Errorf("message %s is %s with the turn %+v, want done without any", m.ExternalID, m.Status, m.Turn)
		}
	}
	w.pass(-time.Minute)
	w.deliver(retried)
	w.wait(2 * time.Second)
	w.wantSent(1)
	w.pass(-2 * time.Second)
	w.deliver(missed)
	w.wait(2 * time.Second)
	w.wantSent(2)
}

// deliverEdit posts that a message was changed.
func (w *world) deliverEdit(e reception.Edit) {
	w.t.Helper()
	w.post(reception.Delivery{Instance: w.clinic.EvolutionInstance, Edits: []reception.Edit{e}})
}

func TestACorrectionOfAMessageThatWaitsReplacesIt(t *testing.T) {
	t.Parallel()
	w := debounced(t)
	w.deliver(sentAt(0, "m1", "Quero marcar com o Dr. João"))
	w.deliverEdit(reception.Edit{ExternalID: "m1", Phone: ana, From: "x", Text: "Quero marcar com a Dra. Maria"})
	w.wait(2 * time.Second)
	w.deliverEdit(reception.Edit{ExternalID: "m1", Text: "Quero marcar com a Dra. Maria"}) // once more
	w.wait(time.Minute)
	if sent := w.wantSent(1); !strings.Contains(sent[0], "Maria") {
		t.Errorf("said %q, want the corrected text to be answered", sent)
	}
}

func TestACorrectionOfAnAnsweredMessageIsHeardOnce(t *testing.T) {
	t.Parallel()
	w := debounced(t)
	w.deliver(sentAt(0, "m1", "Quero marcar com o Dr. João"))
	w.wait(2 * time.Second)
	correction := reception.Edit{ExternalID: "m1", Phone: ana, From: "x", Text: "Quero marcar com a Dra. Maria"}
	theirs := correction
	theirs.Phone = bia
	w.deliverEdit(theirs)
	w.deliverEdit(reception.Edit{ExternalID: "unknown", Text: "oi"})
	w.wait(2 * time.Second)
	w.wantSent(1)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { w.deliverEdit(correction) })
	}
	wg.Wait()
	w.wait(2 * time.Second)
	w.deliverEdit(correction)
	w.wait(2 * time.Second)
	if sent := w.wantSent(2); !strings.Contains(sent[1], "Maria") {
		t.Errorf("said %q, want the corrected text to be answered", sent)
	}
	w.deliver(sentAt(10, "m2", "qual o endereço?"))
	w.wait(2 * time.Second)
	n := len(w.messenger.all())
	w.pass(16 * time.Minute)
	w.deliverEdit(reception.Edit{ExternalID: "m2", Text: "qual o horário?"})
	w.wait(2 * time.Second)
	w.wantSent(n)
}

// interrupted understands, while something else happens.
type interrupted struct {
	service.Offline
	once sync.Once
	do   func()
}

func (i *interrupted) Understand(ctx context.Context, text string, in reception.Context) (reception.Meaning, int, error) {
	i.once.Do(i.do)
	return i.Offline.Understand(ctx, text, in)
}

func TestACorrectionWhileAMessageIsAnsweredIsHeardAfterIt(t *testing.T) {
	t.Parallel()
	w := debounced(t)
	understanding := &interrupted{do: func() {
		w.deliverEdit(reception.Edit{ExternalID: "m1", Text: "Quero marcar com a Dra. Maria"})
	}}
	w.desk = service.NewFrontDesk(w.deps(), w.agenda, understanding, jsonDecoder{}, w.messenger, service.FrontDeskOptions{Debounce: 2 * time.Second})
	w.deliver(sentAt(0, "m1", "Quero marcar com o Dr. João"))
	w.wait(2 * time.Second)
	w.wait(2 * time.Second)
	if sent := w.wantSent(2); !strings.Contains(sent[0], "João") || !strings.Contains(sent[1], "Maria") {
		t.Errorf("said %q, want the message and then its correction to be answered", sent)
	}
}

// shown notes who is shown that an answer is being written, and takes its time.
type shown struct {
	to   chan string
	done chan struct{}
}

func (s shown) Typing(ctx context.Context, instance, to string, _ time.Duration) error {
	s.to <- instance + " " + to
	select {
	case <-ctx.Done():
	case <-s.done:
	}
	return context.DeadlineExceeded
}

func TestTypingIsShownAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	typing := shown{make(chan string, 9), make(chan struct{})}
	w := debounced(t, func(o *service.FrontDeskOptions) { o.Typing = typing })
	w.deliver(sentAt(0, "m1", "oi"))
	w.wait(2 * time.Second)
	w.wantSent(1)
	if got, want := <-typing.to, "clinica-xyz 5511955550011@s.whatsapp.net"; got != want {
		t.Errorf("shown to %s, want %s", got, want)
	}
	close(typing.done)
	w.say(ana, "quero falar com um atendente")
	w.deliver(sentAt(5, "m2", "oi?"))
	w.wait(2 * time.Second)
	if n := len(typing.to); n != 0 {
		t.Errorf("shown %d times where a person answers, or the API was used", n)
	}
}
