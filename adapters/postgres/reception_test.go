package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/reception"
)

// known is an id that ends in a digit.
func known[T any](t *testing.T, digit string) id.Of[T] {
	t.Helper()
	v, err := id.Parse[T]("0190a1b2-c3d4-7000-8000-00000000000" + digit)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What a conversation is in the middle of outlives the program that stored it: the keys may be added to, and nothing else.
func TestKeysOfDraftsAndTurnsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	start := time.Date(2026, time.March, 9, 8, 0, 0, 123456789, time.FixedZone("-03", -3*60*60))
	slot := agenda.Interval{Start: start, End: start.Add(30 * time.Minute)}
	c := d.NewConversation(d.ClinicOf(d.Entity().ID))
	c.Draft = reception.Draft{
		Purpose: reception.ToBook, Professional: known[agenda.ClinicProfessional](t, "1"), Service: known[agenda.Service](t, "2"),
		Services: []agenda.ServiceID{known[agenda.Service](t, "3")}, Offered: true,
		Options: []agenda.ClinicProfessionalID{known[agenda.ClinicProfessional](t, "4")},
		Menu:    []agenda.ServiceID{known[agenda.Service](t, "5")}, Appointments: []agenda.AppointmentID{known[agenda.Appointment](t, "6")},
		Appointment: known[agenda.Appointment](t, "7"), Date: agenda.Date{Year: 2026, Month: time.March, Day: 9},
		Time: new(agenda.LocalTime(8 * 60)), Period: reception.Morning, After: start, Slots: []agenda.Interval{slot}, Slot: slot,
	}
	c, err := d.Conversations.Create(t.Context(), c)
	if err != nil {
		t.Fatalf("create: got error %v", err)
	}
	const want = `{"date": "2026-03-09", ` +
		`"menu": ["0190a1b2-c3d4-7000-8000-000000000005"], ` +
		`"slot": {"end": "2026-03-09T11:30:00.123456Z", "start": "2026-03-09T11:00:00.123456Z"}, ` +
		`"time": "08:00", "after": "2026-03-09T11:00:00.123456Z", ` +
		`"slots": [{"end": "2026-03-09T11:30:00.123456Z", "start": "2026-03-09T11:00:00.123456Z"}], ` +
		`"period": "morning", "offered": true, ` +
		`"options": ["0190a1b2-c3d4-7000-8000-000000000004"], "purpose": "book", ` +
		`"service_id": "0190a1b2-c3d4-7000-8000-000000000002", ` +
		`"service_ids": ["0190a1b2-c3d4-7000-8000-000000000003"], ` +
		`"appointment_id": "0190a1b2-c3d4-7000-8000-000000000007", ` +
		`"appointment_ids": ["0190a1b2-c3d4-7000-8000-000000000006"], ` +
		`"professional_id": "0190a1b2-c3d4-7000-8000-000000000001"}`
	if diff := cmp.Diff(want, one[string](t, d.sql, `SELECT draft::text FROM conversations`)); diff != "" {
		t.Errorf("the draft: -want +got\n%s", diff)
	}
	m := d.NewMessage(c)
	m.Turn = &reception.Turn{
		Replies: []string{"Olá <b>!"}, Intent: reception.Schedule, State: reception.ChoosingSlot, Professional: c.Draft.Professional,
		Service: c.Draft.Service, Options: c.Draft.Options, Slots: c.Draft.Slots, Appointment: c.Draft.Appointment, ModelCalls: 1,
	}
	if _, err := d.Messages.Create(t.Context(), m); err != nil {
		t.Fatalf("create: got error %v", err)
	}
	const wantTurn = `{"slots": [{"end": "2026-03-09T11:30:00.123456Z", "start": "2026-03-09T11:00:00.123456Z"}], ` +
		`"state": "choosing_slot", "intent": "schedule", ` +
		`"options": ["0190a1b2-c3d4-7000-8000-000000000004"], "replies": ["Olá <b>!"], ` +
		`"service_id": "0190a1b2-c3d4-7000-8000-000000000002", "model_calls": 1, ` +
		`"appointment_id": "0190a1b2-c3d4-7000-8000-000000000007", ` +
		`"professional_id": "0190a1b2-c3d4-7000-8000-000000000001"}`
	if diff := cmp.Diff(wantTurn, one[string](t, d.sql, `SELECT turn::text FROM conversation_messages`)); diff != "" {
		t.Errorf("the turn: -want +got\n%s", diff)
	}
}

func TestDraftsOfOtherVersionsAreRead(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	c := d.ConversationOf(d.Entity().ID)
	for draft, want := range map[string]reception.Draft{
		`{}`:   {},
		`null`: {},
		`{"of_the_future": [1], "purpose": "move", "service_id": "", "slots": null, "slot": {}, "date": ""}`: {Purpose: reception.ToMove},
	} {
		d.exec(`UPDATE conversations SET draft = $1`, draft)
		got, err := d.Conversations.Get(t.Context(), identity.AllEntities(), c.ID)
		if err != nil {
			t.Errorf("draft %s: got error %v", draft, err)
		}
		if diff := cmp.Diff(want, got.Draft); diff != "" {
			t.Errorf("draft %s: -want +got\n%s", draft, diff)
		}
	}
}

// Nothing lets these texts in; should one come all the same, it is refused and not cut off.
func TestTextsThatPostgreSQLCannotHoldAreInvalid(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	c := d.ConversationOf(d.Entity().ID)
	for what, spoil := range map[string]func(*reception.Message){
		"U+0000 in a text":     func(m *reception.Message) { m.Text = "a\x00b" },
		"broken UTF-8":         func(m *reception.Message) { m.Text = "a\xffb" },
		"U+0000 in a reply":    func(m *reception.Message) { m.Turn = &reception.Turn{Replies: []string{"a\x00b"}} },
		"an id that is longer": func(m *reception.Message) { m.ExternalID = strings.Repeat("x", 255) },
	} {
		m := d.NewMessage(c)
		spoil(&m)
		if _, err := d.Messages.Create(t.Context(), m); errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "invalid-value" {
			t.Errorf("%s: got error %v, want Invalid invalid-value", what, err)
		}
	}
	if n := one[int](t, d.sql, `SELECT count(*) FROM conversation_messages`); n != 0 {
		t.Errorf("got %d messages, want none", n)
	}
}
