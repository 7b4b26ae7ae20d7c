package porttest

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

func testWaiting(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	// handed stores a conversation that people have since a minute of the hour, for an hour.
	handed := func(f *Fixtures, at agenda.Clinic, why reception.HandoffReason, minute int) reception.Conversation {
		v := f.NewConversation(at)
		v.State = reception.HandedOff
		v.Handoff = reception.Handoff{Reason: why, At: f.Monday().Add(time.Duration(minute) * time.Minute)}
		v.Handoff.Until = v.Handoff.At.Add(time.Hour)
		return store(f, f.Conversations.Create, v)
	}
	try(t, open, "ListsEmergenciesFirstAndThenTheLongest", func(t *testing.T, f *Fixtures) {
		at, other := f.ClinicOf(f.Entity().ID), f.ClinicOf(f.Entity().ID)
		f.Conversation(at) // with the assistant
		handed(f, other, reception.Anger, 0)
		asked, angry := handed(f, at, reception.PatientAsked, 20), handed(f, at, reception.Anger, 10)
		ill, iller := handed(f, at, reception.EmergencySigns, 40), handed(f, at, reception.EmergencySigns, 30)
		unnamed := handed(f, at, "", 5)
		want := []reception.Conversation{iller, ill, unnamed, angry, asked}
		same := []reception.Conversation{handed(f, at, reception.StaffWrote, 50), handed(f, at, reception.StaffWrote, 50)}
		if same[1].ID.String() < same[0].ID.String() {
			same[0], same[1] = same[1], same[0]
		}
		want = append(want, same...)
		list := func(scope identity.Scope) func(page.Request) (page.Page[reception.Conversation], error) {
			return func(req page.Request) (page.Page[reception.Conversation], error) {
				return f.Waiting.List(t.Context(), scope, at.ID, req)
			}
		}
		for _, limit := range []int{1, 2, 3, 7, 8} {
			wantWalk(t, list(identity.AllEntities()), limit, want)
			wantWalk(t, list(identity.OnlyEntity(at.EntityID)), limit, want)
		}
		for _, scope := range []identity.Scope{identity.OnlyEntity(other.EntityID), {}} {
			wantSame(t, "another scope", ok[page.Page[reception.Conversation]](t, "list")(list(scope)(page.Request{})).Items, nil)
		}
		first := ok[page.Page[reception.Conversation]](t, "the first page")(list(identity.AllEntities())(page.Request{Limit: 1}))
		_, err := f.Waiting.List(t.Context(), identity.AllEntities(), other.ID, page.Request{Cursor: first.NextCursor})
		wantError(t, "another clinic's cursor", err, errs.Invalid, "invalid-cursor")
		_, err = list(identity.AllEntities())(page.Request{Limit: -1})
		wantError(t, "a bad limit", err, errs.Invalid, "invalid-limit")

		_, err = f.Conversations.Update(t.Context(), identity.AllEntities(), iller.ID, func(c *reception.Conversation) error {
			return c.GiveBack(f.Now())
		})
		okay(t, "give back", err)
		wantWalk(t, list(identity.AllEntities()), 3, want[1:])
	})
	try(t, open, "OverdueIsWhatGoesBackByNow", func(t *testing.T, f *Fixtures) {
		at, other := f.ClinicOf(f.Entity().ID), f.ClinicOf(f.Entity().ID)
		second, third, first := handed(f, at, reception.Anger, 20), handed(f, other, reception.PatientAsked, 30), handed(f, at, reception.Anger, 10)
		forever := f.NewConversation(at)
		forever.State, forever.Handoff = reception.HandedOff, reception.Handoff{Reason: reception.Anger, At: f.Monday()}
		store(f, f.Conversations.Create, forever)
		f.Conversation(at) // with the assistant, whatever else it says
		overdue := func(minute, limit int) []reception.Conversation {
			return ok[[]reception.Conversation](t, "overdue")(f.Waiting.Overdue(t.Context(), f.Monday().Add(time.Hour+time.Duration(minute)*time.Minute), limit))
		}
		wantSame(t, "before the first", overdue(9, 10), []reception.Conversation{})
		wantSame(t, "at the second's end", overdue(20, 10), []reception.Conversation{first, second})
		wantSame(t, "after all", overdue(999, 10), []reception.Conversation{first, second, third})
		wantSame(t, "the longest overdue", overdue(999, 2), []reception.Conversation{first, second})
	})
	try(t, open, "CancelledContextStops", func(t *testing.T, f *Fixtures) {
		_, err := f.Waiting.List(cancelled(t), identity.AllEntities(), f.ClinicOf(f.Entity().ID).ID, page.Request{})
		wantCancelled(t, "List", err)
		_, err = f.Waiting.Overdue(cancelled(t), f.Now(), 1)
		wantCancelled(t, "Overdue", err)
	})
}

func testSent(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	// reply stores an outbound message, by WhatsApp and without an id unless it is changed.
	reply := func(f *Fixtures, in reception.Conversation, change func(*reception.Message)) reception.Message {
		m := f.NewMessage(in)
		m.Direction, m.Author, m.ExternalID = reception.Out, reception.Assistant, ""
		if change != nil {
			change(&m)
		}
		return store(f, f.Messages.Create, m)
	}
	try(t, open, "ByExternalIDIsTheFirstOutboundOfTheClinic", func(t *testing.T, f *Fixtures) {
		mine, theirs := f.ConversationOf(f.Entity().ID), f.ConversationOf(f.Entity().ID)
		received := f.Message(mine)
		named := func(m *reception.Message) { m.ExternalID = received.ExternalID }
		_, err := f.Sent.ByExternalID(t.Context(), mine.TenantID, received.ExternalID)
		wantError(t, "an inbound one", err, errs.NotFound, "message-not-found")
		first := reply(f, mine, named)
		reply(f, mine, named)
		other := reply(f, theirs, named)
		for _, want := range []reception.Message{first, other} {
			wantSame(t, "the message", ok[reception.Message](t, "by external id")(f.Sent.ByExternalID(t.Context(), want.TenantID, want.ExternalID)), want)
		}
		reply(f, mine, nil)
		_, err = f.Sent.ByExternalID(t.Context(), mine.TenantID, "")
		wantError(t, "no external id", err, errs.NotFound, "message-not-found")
		_, err = f.Sent.ByExternalID(cancelled(t), mine.TenantID, first.ExternalID)
		wantCancelled(t, "ByExternalID", err)
	})
	try(t, open, "UnmatchedIsWhatHasNoIDOfTheChannel", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		in, neighbour := f.Conversation(at), f.Conversation(at)
		unmatched := func() []reception.Message {
			return ok[[]reception.Message](t, "unmatched")(f.Sent.Unmatched(t.Context(), in.ID))
		}
		wantSame(t, "with none", unmatched(), []reception.Message{})
		pending := reply(f, in, nil)
		failed := reply(f, in, func(m *reception.Message) { m.Status, m.Error = reception.Failed, "whatsapp-uncertain" })
		reply(f, in, func(m *reception.Message) { m.ExternalID = "3EB0SENT" })
		reply(f, in, func(m *reception.Message) { m.Channel = reception.API })
		f.Message(in)
		nameless := f.NewMessage(in)
		nameless.ExternalID = ""
		store(f, f.Messages.Create, nameless)
		reply(f, neighbour, nil)
		wantSame(t, "oldest first", unmatched(), []reception.Message{pending, failed})
		_, err := f.Messages.Update(t.Context(), pending.ID, func(m *reception.Message) error {
			m.ExternalID = "3EB0ECHO"
			return nil
		})
		okay(t, "match", err)
		wantSame(t, "after one was matched", unmatched(), []reception.Message{failed})
		var last reception.Message
		for range 100 {
			last = reply(f, in, nil)
		}
		if got := unmatched(); len(got) != 100 || got[0].ID == failed.ID || got[99].ID != last.ID {
			t.Errorf("got %d messages from %v to %v, want the newest 100, up to %v", len(got), got[0].ID, got[len(got)-1].ID, last.ID)
		}
		_, err = f.Sent.Unmatched(cancelled(t), in.ID)
		wantCancelled(t, "Unmatched", err)
	})
	try(t, open, "NewestOfEachConversationComesFirst", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		one, two, empty := f.Conversation(at), f.Conversation(at), f.Conversation(at)
		a, b, c := f.Message(one), f.Message(two), f.Message(one)
		d := reply(f, one, nil)
		newest := func(each int, keys ...reception.ConversationID) []reception.Message {
			return ok[[]reception.Message](t, "newest")(f.Messages.Newest(t.Context(), keys, each))
		}
		wantSame(t, "one of each", newest(1, two.ID, one.ID), []reception.Message{b, d})
		wantSame(t, "two of each", newest(2, one.ID, empty.ID, id.New[reception.Conversation](), two.ID), []reception.Message{d, c, b})
		wantSame(t, "all of one", newest(9, one.ID), []reception.Message{d, c, a})
		wantSame(t, "of none", newest(9), []reception.Message{})
		_, err := f.Messages.Newest(cancelled(t), []reception.ConversationID{one.ID}, 1)
		wantCancelled(t, "Newest", err)
	})
}
