package porttest

import (
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/reception"
)

func testConversations(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[reception.Conversation, reception.ConversationFilter]
	records[reception.Conversation, reception.ConversationID, reception.ConversationFilter]{
		what: "conversation", given: true,
		of: func(f *Fixtures) repository[reception.Conversation, reception.ConversationID, reception.ConversationFilter] {
			return f.Conversations
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) reception.Conversation {
			v := f.NewConversation(f.ClinicOf(entity))
			if n%3 == 1 {
				v.State = reception.Idle
			}
			return v
		},
		id: func(v *reception.Conversation) *reception.ConversationID { return &v.ID }, missing: id.New[reception.Conversation](),
		order:  func(v reception.Conversation) string { return v.ID.String() },
		entity: func(_ *Fixtures, v reception.Conversation) clinic.EntityID { return v.EntityID },
		at:     func(v *reception.Conversation) *time.Time { return &v.HeardAt },
		change: func(v *reception.Conversation) {
			v.ReplyTo, v.ContactName, v.State, v.Misses = "", "Outra", reception.HandedOff, v.Misses+1
			v.Patient, v.Draft = agenda.Patient{Name: "Outra"}, reception.Draft{Purpose: reception.ToCancel}
			v.LID, v.Handoff, v.About = "", reception.Handoff{Reason: reception.StaffWrote, At: v.HeardAt}, agenda.AppointmentID{}
			v.HeardAt, v.UpdatedAt = v.HeardAt.Add(time.Hour), v.UpdatedAt.Add(time.Hour)
		},
		bare: func(v *reception.Conversation) {
			v.ReplyTo, v.ContactName, v.Patient, v.Draft, v.Misses = "", "", agenda.Patient{}, reception.Draft{}, 0
			v.LID, v.Handoff, v.About = "", reception.Handoff{}, agenda.AppointmentID{}
		},
		damage: func(v *reception.Conversation) {
			v.Draft.Options[0], v.Draft.Appointments[0] = id.New[agenda.ClinicProfessional](), id.New[agenda.Appointment]()
			*v.Draft.Time, *v.Draft.From, *v.Draft.Until = 1, 2, 3
			v.Draft.Patient.Name, v.Draft.Patients[0].Name = "Outra", "Outra"
			v.Draft.Slots[0].End = v.Draft.Slots[0].End.Add(time.Hour)
		},
		filters: func(_ *Fixtures, rows []reception.Conversation) list {
			some := rows[0]
			return list{
				{"tenant", reception.ConversationFilter{TenantID: some.TenantID}, func(v reception.Conversation) bool { return v.TenantID == some.TenantID }},
				{"state", reception.ConversationFilter{State: some.State}, func(v reception.Conversation) bool { return v.State == some.State }},
				{"state in a tenant", reception.ConversationFilter{TenantID: some.TenantID, State: reception.Idle}, func(v reception.Conversation) bool {
					return v.TenantID == some.TenantID && v.State == reception.Idle
				}},
			}
		},
		conflicts: []conflict[reception.Conversation]{
			{"conversation-exists", func(first reception.Conversation, second *reception.Conversation) { second.Contact = first.Contact }, false},
			{"lid-taken", func(first reception.Conversation, second *reception.Conversation) { second.LID = first.LID }, true},
		},
		unknown: []unknown[reception.Conversation]{
			{"tenant", func(v *reception.Conversation) { v.TenantID = id.New[agenda.Clinic]() }},
		},
	}.run(t, open)

	try(t, open, "ByContactStaysWithinTheClinicAndTheScope", func(t *testing.T, f *Fixtures) {
		mine := f.ConversationOf(f.Entity().ID)
		theirs := f.NewConversation(f.ClinicOf(f.Entity().ID))
		theirs.Contact = mine.Contact
		theirs = store(f, f.Conversations.Create, theirs)
		for _, want := range []reception.Conversation{mine, theirs} {
			got := ok[reception.Conversation](t, "by contact")(f.Conversations.ByContact(t.Context(), identity.OnlyEntity(want.EntityID), want.TenantID, want.Contact))
			wantSame(t, "the conversation", got, want)
		}
		for what, find := range map[string]struct {
			scope   identity.Scope
			tenant  agenda.TenantID
			contact string
		}{
			"another scope":   {identity.OnlyEntity(theirs.EntityID), mine.TenantID, mine.Contact},
			"the empty scope": {identity.Scope{}, mine.TenantID, mine.Contact},
			"another contact": {identity.AllEntities(), mine.TenantID, "+5511900000000"},
			"another clinic":  {identity.AllEntities(), id.New[agenda.Clinic](), mine.Contact},
		} {
			_, err := f.Conversations.ByContact(t.Context(), find.scope, find.tenant, find.contact)
			wantError(t, what, err, errs.NotFound, "conversation-not-found")
		}
		_, err := f.Conversations.ByContact(cancelled(t), identity.AllEntities(), mine.TenantID, mine.Contact)
		wantCancelled(t, "ByContact", err)
	})
	try(t, open, "ByLIDStaysWithinTheClinicAndTheScope", func(t *testing.T, f *Fixtures) {
		mine := f.ConversationOf(f.Entity().ID)
		theirs := f.NewConversation(f.ClinicOf(f.Entity().ID))
		theirs.LID = mine.LID
		theirs = store(f, f.Conversations.Create, theirs)
		for _, want := range []reception.Conversation{mine, theirs} {
			got := ok[reception.Conversation](t, "by lid")(f.Conversations.ByLID(t.Context(), identity.OnlyEntity(want.EntityID), want.TenantID, want.LID))
			wantSame(t, "the conversation", got, want)
		}
		_, err := f.Conversations.ByLID(t.Context(), identity.OnlyEntity(theirs.EntityID), mine.TenantID, mine.LID)
		wantError(t, "another scope", err, errs.NotFound, "conversation-not-found")
		_, err = f.Conversations.ByLID(t.Context(), identity.AllEntities(), mine.TenantID, "")
		wantError(t, "no lid", err, errs.NotFound, "conversation-not-found")
		_, err = f.Conversations.ByLID(cancelled(t), identity.AllEntities(), mine.TenantID, mine.LID)
		wantCancelled(t, "ByLID", err)
	})
	try(t, open, "OneOfManyBeginsAConversation", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		conversations := make([]reception.Conversation, racers)
		for i := range conversations {
			conversations[i] = f.NewConversation(at)
			conversations[i].Contact, conversations[i].LID = "+5511955550011", ""
		}
		race(t, "conversation-exists", func(i int) error {
			_, err := f.Conversations.Create(t.Context(), conversations[i])
			return err
		})
	})
}

func testMessages(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	get := func(t *testing.T, f *Fixtures, key reception.MessageID) reception.Message {
		t.Helper()
		return ok[reception.Message](t, "get")(f.Messages.Get(t.Context(), key))
	}
	handle := func(t *testing.T, f *Fixtures, m reception.Message) {
		t.Helper()
		_, err := f.Messages.Update(t.Context(), m.ID, func(m *reception.Message) error {
			m.Status = reception.Done
			return nil
		})
		okay(t, "handle a message", err)
	}
	const absent = "message-not-found"

	try(t, open, "WhatIsCreatedAndChangedComesBack", func(t *testing.T, f *Fixtures) {
		want := f.NewMessage(f.ConversationOf(f.Entity().ID))
		got := store(f, f.Messages.Create, want)
		if got.ID < 1 {
			t.Errorf("got id %d", got.ID)
		}
		want.ID = got.ID
		wantSame(t, "what Create returned", got, want)
		wantSame(t, "what Get returned", get(t, f, want.ID), want)
		turn := f.NewTurn()
		change := func(m *reception.Message) error {
			m.Status, m.Error, m.Turn, m.SentAt, m.Text = reception.Failed, "no answer", &turn, m.SentAt.Add(time.Hour), ""
			return nil
		}
		okay(t, "change", change(&want))
		got = ok[reception.Message](t, "update")(f.Messages.Update(t.Context(), want.ID, change))
		wantSame(t, "what Update returned", got, want)
		wantSame(t, "what Get returned after", get(t, f, want.ID), want)
		bare := reception.Message{
			ConversationID: want.ConversationID, TenantID: want.TenantID, EntityID: want.EntityID, Direction: reception.Out, Author: reception.Staff,
			Channel: reception.API, Kind: reception.Text, Text: "Olá!", Status: reception.Done, CreatedAt: f.Now(),
		}
		got = store(f, f.Messages.Create, bare)
		bare.ID = got.ID
		wantSame(t, "a message with nothing that need not be", get(t, f, got.ID), bare)
	})
	try(t, open, "WhatAPatientWritesComesBackAsItWas", func(t *testing.T, f *Fixtures) {
		in := f.ConversationOf(f.Entity().ID)
		for _, text := range []string{
			`'); DROP TABLE conversation_messages; --`, `%_\ $1 ? {"a": "\u0000"}`, " linha\r\n\tlinha ", "<b>&amp;</b>",
			"a\u0301 \u200d\ufeff\u2028", "👩🏽‍⚕️ 🇧🇷", "\x01\x7f", "\ufffd \uffff \U0010ffff", strings.Repeat("é", 100_000),
		} {
			m := f.NewMessage(in)
			m.Text, m.Turn = text, &reception.Turn{Replies: []string{text}}
			created := store(f, f.Messages.Create, m)
			m.ID = created.ID
			wantSame(t, "the message", get(t, f, m.ID), m)
		}
	})
	try(t, open, "AbsentIsNotFound", func(t *testing.T, f *Fixtures) {
		in := f.ConversationOf(f.Entity().ID)
		_, err := f.Messages.Get(t.Context(), nowhere)
		wantError(t, "Get", err, errs.NotFound, absent)
		_, err = f.Messages.Update(t.Context(), nowhere, func(*reception.Message) error { return nil })
		wantError(t, "Update", err, errs.NotFound, absent)
		_, err = f.Messages.ByExternalID(t.Context(), in.TenantID, "nothing")
		wantError(t, "ByExternalID", err, errs.NotFound, absent)
	})
	try(t, open, "ErrorOfChangeComesBackAndNothingIsSaved", func(t *testing.T, f *Fixtures) {
		m := f.Message(f.ConversationOf(f.Entity().ID))
		_, err := f.Messages.Update(t.Context(), m.ID, func(m *reception.Message) error {
			m.Status = reception.Done
			return errs.New(errs.Stale, "of-the-domain", "no")
		})
		wantError(t, "Update", err, errs.Stale, "of-the-domain")
		wantSame(t, "the message", get(t, f, m.ID), m)
	})
	try(t, open, "ReturnedAndGivenValuesAreCopies", func(t *testing.T, f *Fixtures) {
		m := f.NewMessage(f.ConversationOf(f.Entity().ID))
		m.Turn = new(f.NewTurn())
		created := store(f, f.Messages.Create, m)
		want := snapshot(t, get(t, f, created.ID))
		wantKept := func(when string) {
			t.Helper()
			if got := snapshot(t, get(t, f, created.ID)); got != want {
				t.Errorf("after %s was changed: got the message %s, want %s", when, got, want)
			}
		}
		m.Turn.Replies[0] = "changed"
		wantKept("the given message")
		created.Turn.Options[0] = id.New[agenda.ClinicProfessional]()
		wantKept("the created message")
		get(t, f, created.ID).Turn.Slots[0].End = time.Time{}
		wantKept("the read message")
		list := ok[page.Page[reception.Message]](t, "list")(f.Messages.List(t.Context(), identity.AllEntities(), m.ConversationID, page.Request{}))
		list.Items[0].Turn.Replies[0] = "changed"
		wantKept("the listed message")
		byID := ok[reception.Message](t, "by external id")(f.Messages.ByExternalID(t.Context(), m.TenantID, m.ExternalID))
		byID.Turn.Replies[0] = "changed"
		wantKept("the message that was found")
	})
	try(t, open, "UnknownConversationIsInvalid", func(t *testing.T, f *Fixtures) {
		m := f.NewMessage(f.ConversationOf(f.Entity().ID))
		m.ConversationID = id.New[reception.Conversation]()
		_, err := f.Messages.Create(t.Context(), m)
		wantError(t, "Create", err, errs.Invalid, "unknown-reference")
	})
	try(t, open, "AnInboundMessageComesOnce", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		in, other := f.Conversation(at), f.Conversation(at)
		messages := make([]reception.Message, racers)
		for i := range messages {
			messages[i] = f.NewMessage([]reception.Conversation{in, other}[i%2])
			messages[i].ExternalID = "3EB0WANTED"
		}
		race(t, "message-repeated", func(i int) error {
			_, err := f.Messages.Create(t.Context(), messages[i])
			return err
		})
		got := ok[reception.Message](t, "by external id")(f.Messages.ByExternalID(t.Context(), in.TenantID, "3EB0WANTED"))
		wantSame(t, "the message", got, get(t, f, got.ID))
	})
	try(t, open, "OnlyInboundExternalIDsOfOneClinicAreUnique", func(t *testing.T, f *Fixtures) {
		mine, theirs := f.ConversationOf(f.Entity().ID), f.ConversationOf(f.Entity().ID)
		sent := f.NewMessage(mine)
		sent.Direction = reception.Out
		first, reply := f.Message(mine), sent
		reply.ExternalID = first.ExternalID
		for range 2 {
			store(f, f.Messages.Create, reply)
		}
		same := f.NewMessage(theirs)
		same.ExternalID = first.ExternalID
		same = store(f, f.Messages.Create, same)
		for _, want := range []reception.Message{first, same} {
			got := ok[reception.Message](t, "by external id")(f.Messages.ByExternalID(t.Context(), want.TenantID, want.ExternalID))
			wantSame(t, "the message", got, want)
		}
		for range 2 {
			none := f.NewMessage(mine)
			none.ExternalID = ""
			store(f, f.Messages.Create, none)
		}
		_, err := f.Messages.ByExternalID(t.Context(), mine.TenantID, "")
		wantError(t, "no external id", err, errs.NotFound, absent)
	})
	try(t, open, "PendingAreTheUnhandledOfThePatientOldestFirst", func(t *testing.T, f *Fixtures) {
		at := f.ClinicOf(f.Entity().ID)
		in, neighbour := f.Conversation(at), f.Conversation(at)
		f.Message(neighbour)
		reply := f.NewMessage(in)
		reply.Direction = reception.Out
		store(f, f.Messages.Create, reply)
		pending := func(most int) []reception.Message {
			t.Helper()
			return ok[[]reception.Message](t, "pending")(f.Messages.Pending(t.Context(), in.ID, most))
		}
		wantSame(t, "with none", pending(5), nil)
		want := []reception.Message{f.Message(in), f.Message(in), f.Message(in)}
		wantSame(t, "all", pending(5), want)
		wantSame(t, "exactly as many", pending(3), want)
		wantSame(t, "some", pending(2), want[:2])
		handle(t, f, want[1])
		wantSame(t, "the others", pending(5), []reception.Message{want[0], want[2]})
		pending(1)[0].Text = "changed"
		wantSame(t, "after a copy was changed", pending(1), want[:1])
	})
	try(t, open, "ListsOldestFirstInTheScopeOfTheConversation", func(t *testing.T, f *Fixtures) {
		in, other := f.ConversationOf(f.Entity().ID), f.ConversationOf(f.Entity().ID)
		want := make([]reception.Message, 5)
		for i := range want {
			want[i] = f.Message(in)
			f.Message(other)
		}
		list := func(scope identity.Scope) func(page.Request) (page.Page[reception.Message], error) {
			return func(req page.Request) (page.Page[reception.Message], error) {
				return f.Messages.List(t.Context(), scope, in.ID, req)
			}
		}
		for _, limit := range []int{1, 2, 5, 6} {
			wantWalk(t, list(identity.AllEntities()), limit, want)
			wantWalk(t, list(identity.OnlyEntity(in.EntityID)), limit, want)
		}
		for _, scope := range []identity.Scope{identity.OnlyEntity(other.EntityID), {}} {
			wantSame(t, "another scope", ok[page.Page[reception.Message]](t, "list")(list(scope)(page.Request{})).Items, nil)
		}
		first := ok[page.Page[reception.Message]](t, "the first page")(list(identity.AllEntities())(page.Request{Limit: 1}))
		_, err := list(identity.OnlyEntity(in.EntityID))(page.Request{Cursor: first.NextCursor})
		wantError(t, "another scope's cursor", err, errs.Invalid, "invalid-cursor")
		_, err = f.Messages.List(t.Context(), identity.AllEntities(), other.ID, page.Request{Cursor: first.NextCursor})
		wantError(t, "another conversation's cursor", err, errs.Invalid, "invalid-cursor")
		_, err = list(identity.AllEntities())(page.Request{Limit: -1})
		wantError(t, "a bad limit", err, errs.Invalid, "invalid-limit")
	})
	try(t, open, "CancelledContextStops", func(t *testing.T, f *Fixtures) {
		m, ctx := f.Message(f.ConversationOf(f.Entity().ID)), cancelled(t)
		_, err := f.Messages.Create(ctx, f.NewMessage(f.ConversationOf(m.EntityID)))
		wantCancelled(t, "Create", err)
		_, err = f.Messages.Update(ctx, m.ID, func(m *reception.Message) error { m.Text = ""; return nil })
		wantCancelled(t, "Update", err)
		_, err = f.Messages.Get(ctx, m.ID)
		wantCancelled(t, "Get", err)
		_, err = f.Messages.ByExternalID(ctx, m.TenantID, m.ExternalID)
		wantCancelled(t, "ByExternalID", err)
		_, err = f.Messages.Pending(ctx, m.ConversationID, 1)
		wantCancelled(t, "Pending", err)
		_, err = f.Messages.List(ctx, identity.AllEntities(), m.ConversationID, page.Request{})
		wantCancelled(t, "List", err)
		wantSame(t, "the message", get(t, f, m.ID), m)
	})
}
