package service_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

const anaLID = "200077001122334@lid"

// byLID is a message of which the channel tells no telephone, byBoth one of which it tells both.
func byLID(key, lid, text string) reception.Inbound {
	return reception.Inbound{ExternalID: key, From: lid, LID: lid, Name: "Ana", Kind: reception.Text, Text: text}
}

func byBoth(key, phone, lid, text string) reception.Inbound {
	in := whatsapp(key, phone, text)
	in.From, in.LID = lid, lid
	return in
}

func (w *world) conversations() []reception.Conversation {
	w.t.Helper()
	p, err := w.store.Repositories().Conversations.List(w.t.Context(), identity.AllEntities(), reception.ConversationFilter{TenantID: w.clinic.ID}, page.Request{})
	w.must(err)
	return p.Items
}

// wantOneConversation returns the clinic's only conversation and how many of its messages the contact wrote; all of them
// must have been handled, once each, in the order in which they came.
func (w *world) wantOneConversation(contact, lid string, inbound int) reception.Conversation {
	w.t.Helper()
	all := w.conversations()
	if len(all) != 1 || all[0].Contact != contact || all[0].LID != lid {
		w.t.Fatalf("conversations = %+v, want one with %s and %s", all, contact, lid)
	}
	p, err := w.store.Repositories().Messages.List(w.t.Context(), identity.AllEntities(), all[0].ID, page.Request{Limit: page.MaxLimit})
	w.must(err)
	heard := 0
	for _, m := range p.Items {
		if m.Direction == reception.In {
			heard++
			if m.Status != reception.Done || m.Turn == nil {
				w.t.Errorf("message %q is %s", m.Text, m.Status)
			}
		}
	}
	if heard != inbound {
		w.t.Errorf("%d messages of the contact, want %d", heard, inbound)
	}
	return all[0]
}

func TestAContactIsKnownByTelephoneAndByLID(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		messages []reception.Inbound
		contact  string
	}{
		"PhoneThenBothThenLID": {[]reception.Inbound{whatsapp("1", ana, "oi"), byBoth("2", ana, anaLID, "tudo bem?"), byLID("3", anaLID, "quais os horários?")}, ana},
		"LIDThenBoth":          {[]reception.Inbound{byLID("1", anaLID, "oi"), byBoth("2", ana, anaLID, "tudo bem?"), whatsapp("3", ana, "quais os horários?")}, ana},
		"BothThenEither":       {[]reception.Inbound{byBoth("1", ana, anaLID, "oi"), byLID("2", anaLID, "bom dia"), whatsapp("3", ana, "olá")}, ana},
		"PhoneAndLIDThenBoth":  {[]reception.Inbound{whatsapp("1", ana, "oi"), byLID("2", anaLID, "bom dia"), byBoth("3", ana, anaLID, "olá")}, ana},
		"OnlyLID":              {[]reception.Inbound{byLID("1", anaLID, "oi"), byLID("2", anaLID, "bom dia"), {ExternalID: "3", From: anaLID, Kind: reception.Text, Text: "olá"}}, anaLID},
	} {
		for _, working := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/handled between: %t", name, working), func(t *testing.T) {
				t.Parallel()
				w := open(t)
				for _, in := range c.messages {
					w.deliver(in)
					w.deliver(in) // the channel repeats itself
					if working {
						w.work()
					}
				}
				w.work()
				w.wantOneConversation(c.contact, anaLID, 3)
				if n := len(w.messenger.all()); n != 3 {
					t.Errorf("%d replies were sent, want 3", n)
				}
			})
		}
	}
}

func TestTheNinthDigitMakesNoOtherContact(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.say("+5511955550011", "oi")
	w.say("551133330011", "bom dia") // a landline: another number
	w.say("11 95555-0011", "olá")
	if n := len(w.conversations()); n != 2 {
		t.Errorf("%d conversations, want 2", n)
	}
	w.say("+55 11 8555-0012", "oi")
	w.say("+5511985550012", "oi")
	if n := len(w.conversations()); n != 3 {
		t.Errorf("%d conversations, want 3: a mobile with and without its ninth digit is one", n)
	}
}

func TestAVisitThatWasBookedWithoutATelephoneStaysTheContacts(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]bool{"TheTelephoneIsNew": false, "TheTelephoneHasItsOwnConversation": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			if before {
				w.talk(ana, "Quero consulta com a Dra. Maria", anaData, "1", "sim")
			}
			for i, text := range []string{"Quero consulta com o Dr. João", anaData, "1", "sim"} {
				w.deliver(byLID(fmt.Sprint("lid-", i), anaLID, text))
				w.work()
			}
			w.deliver(byBoth("both", ana, anaLID, "obrigada"))
			w.work()
			w.wantOneConversation(ana, anaLID, 5+map[bool]int{true: 4}[before])
			own := w.say(ana, "quero cancelar minha consulta com o Dr. João")
			w.wantSaid(own, "Confirma o cancelamento", "Dr. João Silva")
			w.say(ana, "sim")
			if n := len(w.confirmed(w.joao)); n != 0 {
				t.Errorf("%d visits are left, want none", n)
			}
			people, err := w.store.Repositories().Patients.List(t.Context(), identity.AllEntities(), agenda.PatientFilter{TenantID: w.clinic.ID}, page.Request{})
			w.must(err)
			if len(people.Items) != 1 || people.Items[0].Contact != ana || people.Items[0].Patient.Name != "Ana Souza" {
				t.Errorf("patients = %+v, want Ana alone", people.Items)
			}
		})
	}
}

func TestAMergedConversationKeepsThatItsContactOptedOut(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.deliver(byLID("1", anaLID, "sair"))
	w.work()
	w.pass(time.Minute)
	w.deliver(whatsapp("2", ana, "oi"))
	w.work()
	w.deliver(byBoth("3", ana, anaLID, "oi"))
	w.work()
	if got := w.wantOneConversation(ana, anaLID, 3); got.State != reception.OptedOut {
		t.Errorf("state %s, want opted out", got.State)
	}
}

func TestFirstMessagesAtOnceBeginOneConversation(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.deliver(byBoth("0", ana, anaLID, "oi")) // from now on both names are known to be one
	const each = 4
	var all sync.WaitGroup
	for i := range each {
		for kind, in := range map[string]reception.Inbound{
			"phone": whatsapp("", ana, "oi"), "lid": byLID("", anaLID, "oi"), "both": byBoth("", ana, anaLID, "oi"),
		} {
			in.ExternalID = fmt.Sprint(kind, i)
			all.Go(func() { w.deliver(in) })
		}
	}
	all.Wait()
	w.work()
	w.wantOneConversation(ana, anaLID, 3*each+1)
}

func TestUnknownNamesOfOneContactAtOnceBecomeOneConversation(t *testing.T) {
	t.Parallel()
	for round := range 5 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			w := open(t)
			var all sync.WaitGroup
			for _, in := range []reception.Inbound{
				byLID("1", anaLID, "oi"), byBoth("2", ana, anaLID, "oi"), whatsapp("3", ana, "oi"), byLID("4", anaLID, "oi"), byBoth("5", ana, anaLID, "oi"),
			} {
				all.Go(func() { w.deliver(in) })
				all.Go(func() { w.deliver(in) })
			}
			all.Wait()
			w.work()
			w.wantOneConversation(ana, anaLID, 5)
		})
	}
}

func TestALIDThatIsAnotherTelephonesNowIsTakenOver(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.deliver(byBoth("1", ana, anaLID, "oi"))
	w.deliver(byBoth("2", bia, anaLID, "oi"))
	w.deliver(byLID("3", anaLID, "quais os horários?"))
	w.work()
	for _, c := range w.conversations() {
		want := map[string]string{ana: "", bia: anaLID}[c.Contact]
		if c.LID != want {
			t.Errorf("%s has %q, want %q", c.Contact, c.LID, want)
		}
	}
}
