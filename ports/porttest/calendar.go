package porttest

import (
	"context"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/ports"
)

// diary is a calendar service with two calendars of one clinic.
type diary struct {
	ports.Calendar

	mine, theirs agenda.Calendar
}

// CalendarHands are those of somebody who uses a calendar directly.
type CalendarHands interface {
	// Plant makes an event; one that begins and ends at midnight in São Paulo may be made as one of whole days. It returns
	// the event's id, which is the given one unless that is "".
	Plant(cal agenda.Calendar, e agenda.Event) string
	MoveByHand(cal agenda.Calendar, eventID string, to agenda.Interval)
	RemoveByHand(cal agenda.Calendar, eventID string)
}

// RunCalendar runs the contract of a calendar. open returns one that serves any calendar id and holds no event. What people
// do by hand is tested when it has [CalendarHands].
func RunCalendar(t *testing.T, open func(t *testing.T) ports.Calendar) {
	t.Helper()
	tenant := id.New[agenda.Clinic]()
	name := func(calendar string) agenda.Calendar {
		return agenda.Calendar{TenantID: tenant, ProfessionalID: id.New[agenda.ClinicProfessional](), ID: calendar}
	}
	_, used := open(t).(CalendarHands)
	for _, part := range []struct {
		name string
		test func(*testing.T, diary)
		used bool // it is about what people do, who use the calendar directly
	}{
		{"WhatIsPutComesBack", testCalendarRoundTrip, false},
		{"PutTwiceIsOneEvent", testCalendarPutTwice, false},
		{"EventOfAnotherIsRefused", testCalendarGuard, false},
		{"TwoCalendarsNeverMix", testCalendarsApart, false},
		{"AnotherClinicHasAnotherCalendarByTheSameID", testCalendarTenants, false},
		{"DeletedIsGoneAndAbsentIsFine", testCalendarDelete, false},
		{"SpansAreHalfOpenAndSorted", testCalendarSpans, false},
		{"CancelledContextStops", testCalendarCancelled, false},
		{"FreeTimeIsNotTakenUnlessTheCalendarBlocksAll", testCalendarFree, true},
		{"WhatIsMadeByHandIsNobodysToChange", testCalendarByHand, true},
	} {
		if part.used && !used {
			continue
		}
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.test(t, diary{open(t), name("maria@example.com"), name("joao@example.com")})
		})
	}
}

// visit is an event of 30 minutes that begins so many minutes after eight.
func (d diary) visit(cal agenda.Calendar, minutes int) agenda.Event {
	a := agenda.Appointment{ID: id.New[agenda.Appointment]()}
	start := d.at(minutes)
	return agenda.Event{
		ID: a.EventID(), CalendarID: cal.ID, ProfessionalID: cal.ProfessionalID, AppointmentID: a.ID,
		Summary: "Consulta: Ana Lima", Description: "Com a Dra. Maria Costa.\nTelefone: +5511955550011",
		Start: start, End: start.Add(30 * time.Minute),
	}
}

func (d diary) at(minutes int) time.Time {
	return time.Date(2026, time.March, 9, 11, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

func (d diary) put(t *testing.T, cal agenda.Calendar, minutes int) agenda.Event {
	t.Helper()
	e := d.visit(cal, minutes)
	okay(t, "put", d.Put(t.Context(), cal, e))
	return e
}

// wantDay checks what a day of a calendar holds, as events and as busy times.
func (d diary) wantDay(t *testing.T, cal agenda.Calendar, from, to int, want ...agenda.Event) {
	t.Helper()
	wantSame(t, "Events", ok[[]agenda.Event](t, "events")(d.Events(t.Context(), cal, d.at(from), d.at(to))), want)
	busy := ok[[]agenda.Busy](t, "busy")(d.Busy(t.Context(), cal, d.at(from), d.at(to)))
	if len(busy) != len(want) {
		t.Fatalf("Busy: got %v, want the times of %v", busy, want)
	}
	for i, e := range want {
		if !busy[i].Start.Equal(e.Start) || !busy[i].End.Equal(e.End) {
			t.Errorf("Busy: got %v to %v, want the whole of %v to %v", busy[i].Start, busy[i].End, e.Start, e.End)
		}
		if busy[i].EventID != "" && busy[i].EventID != e.ID {
			t.Errorf("Busy: got the event %q, want %q or none", busy[i].EventID, e.ID)
		}
	}
}

func testCalendarRoundTrip(t *testing.T, d diary) {
	want := d.visit(d.mine, 60)
	given := want
	given.Start = given.Start.In(time.FixedZone("-03", -3*60*60))
	okay(t, "put", d.Put(t.Context(), d.mine, given))
	got := ok[agenda.Event](t, "get")(d.Get(t.Context(), d.mine, want.ID))
	wantSame(t, "the event", got, want)
	if got.Start.Location() != time.UTC || got.End.Location() != time.UTC {
		t.Errorf("the times came back in %v and %v, want UTC", got.Start.Location(), got.End.Location())
	}
	d.wantDay(t, d.mine, 0, 600, want)
	_, err := d.Get(t.Context(), d.mine, d.visit(d.mine, 0).ID)
	wantError(t, "an unknown event", err, errs.NotFound, "event-not-found")
}

func testCalendarTenants(t *testing.T, d diary) {
	e := d.put(t, d.mine, 60)
	stranger := agenda.Calendar{TenantID: id.New[agenda.Clinic](), ProfessionalID: id.New[agenda.ClinicProfessional](), ID: d.mine.ID}
	d.wantDay(t, stranger, 0, 600)
	_, err := d.Get(t.Context(), stranger, e.ID)
	wantError(t, "another clinic's event", err, errs.NotFound, "event-not-found")
	okay(t, "delete what is not there", d.Delete(t.Context(), stranger, e.ID))
	d.wantDay(t, d.mine, 0, 600, e)
}

func testCalendarPutTwice(t *testing.T, d diary) {
	e := d.put(t, d.mine, 60)
	okay(t, "put again", d.Put(t.Context(), d.mine, e))
	d.wantDay(t, d.mine, 0, 600, e)
	e.Start, e.End, e.Summary = d.at(120), d.at(150), "Consulta: Ana Lima (remarcada)"
	okay(t, "put elsewhere", d.Put(t.Context(), d.mine, e))
	d.wantDay(t, d.mine, 0, 600, e)
	okay(t, "delete", d.Delete(t.Context(), d.mine, e.ID))
	okay(t, "put after it was deleted", d.Put(t.Context(), d.mine, e))
	d.wantDay(t, d.mine, 0, 600, e)
}

func testCalendarGuard(t *testing.T, d diary) {
	kept := d.put(t, d.mine, 60)
	for what, e := range map[string]agenda.Event{
		"another calendar":     func() agenda.Event { e := d.visit(d.mine, 120); e.CalendarID = d.theirs.ID; return e }(),
		"another professional": func() agenda.Event { e := d.visit(d.mine, 120); e.ProfessionalID = d.theirs.ProfessionalID; return e }(),
		"no professional": func() agenda.Event {
			e := d.visit(d.mine, 120)
			e.ProfessionalID = agenda.ClinicProfessionalID{}
			return e
		}(),
		"no calendar": func() agenda.Event { e := d.visit(d.mine, 120); e.CalendarID = ""; return e }(),
		"a change of another's": func() agenda.Event {
			e := kept
			e.ProfessionalID, e.Start, e.End = d.theirs.ProfessionalID, d.at(120), d.at(150)
			return e
		}(),
	} {
		wantError(t, what, d.Put(t.Context(), d.mine, e), errs.Forbidden, "calendar-mismatch")
	}
	stranger := agenda.Calendar{TenantID: d.mine.TenantID, ProfessionalID: d.theirs.ProfessionalID, ID: d.mine.ID}
	wantError(t, "deleting another's", d.Delete(t.Context(), stranger, kept.ID), errs.Forbidden, "calendar-mismatch")
	d.wantDay(t, d.mine, -600, 600, kept)
	d.wantDay(t, d.theirs, -600, 600)
}

func testCalendarsApart(t *testing.T, d diary) {
	mine, theirs := d.visit(d.mine, 60), d.visit(d.theirs, 90)
	theirs.ID = mine.ID
	okay(t, "put", d.Put(t.Context(), d.mine, mine))
	d.wantDay(t, d.theirs, 0, 600)
	okay(t, "put", d.Put(t.Context(), d.theirs, theirs))
	d.wantDay(t, d.mine, 0, 600, mine)
	d.wantDay(t, d.theirs, 0, 600, theirs)
	okay(t, "delete", d.Delete(t.Context(), d.theirs, theirs.ID))
	d.wantDay(t, d.theirs, 0, 600)
	wantSame(t, "the other calendar's event", ok[agenda.Event](t, "get")(d.Get(t.Context(), d.mine, mine.ID)), mine)
}

func testCalendarDelete(t *testing.T, d diary) {
	gone, kept := d.put(t, d.mine, 60), d.put(t, d.mine, 120)
	for range 2 {
		okay(t, "delete", d.Delete(t.Context(), d.mine, gone.ID))
	}
	okay(t, "delete what never was", d.Delete(t.Context(), d.mine, d.visit(d.mine, 0).ID))
	okay(t, "delete in a calendar without events", d.Delete(t.Context(), d.theirs, gone.ID))
	_, err := d.Get(t.Context(), d.mine, gone.ID)
	wantError(t, "the deleted event", err, errs.NotFound, "event-not-found")
	d.wantDay(t, d.mine, 0, 600, kept)
}

func testCalendarSpans(t *testing.T, d diary) {
	third, first, second := d.put(t, d.mine, 180), d.put(t, d.mine, 0), d.put(t, d.mine, 90)
	d.wantDay(t, d.mine, -600, 600, first, second, third)
	d.wantDay(t, d.mine, 30, 90)
	d.wantDay(t, d.mine, 29, 91, first, second)
	d.wantDay(t, d.mine, 100, 110, second)
	d.wantDay(t, d.mine, 120, 180)
	d.wantDay(t, d.mine, 120, 181, third)
	d.wantDay(t, d.mine, -60, 0)
	d.wantDay(t, d.mine, 210, 600)
}

func testCalendarCancelled(t *testing.T, d diary) {
	kept := d.put(t, d.mine, 60)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.Busy(ctx, d.mine, d.at(0), d.at(600))
	wantCancelled(t, "Busy", err)
	_, err = d.Events(ctx, d.mine, d.at(0), d.at(600))
	wantCancelled(t, "Events", err)
	_, err = d.Get(ctx, d.mine, kept.ID)
	wantCancelled(t, "Get", err)
	wantCancelled(t, "Put", d.Put(ctx, d.mine, d.visit(d.mine, 120)))
	wantCancelled(t, "Delete", d.Delete(ctx, d.mine, kept.ID))
	d.wantDay(t, d.mine, 0, 600, kept)
}

func (d diary) hands(t *testing.T) CalendarHands {
	t.Helper()
	hands, ok := d.Calendar.(CalendarHands)
	if !ok {
		t.Fatal("nobody uses this calendar directly")
	}
	return hands
}

func testCalendarFree(t *testing.T, d diary) {
	hands := d.hands(t)
	loc := agenda.Clinic{TimeZone: "America/Sao_Paulo"}.Location()
	midnight := agenda.DateOf(d.at(0), loc).At(0, loc)
	span := func(e agenda.Event) agenda.Interval { return agenda.Interval{Start: e.Start, End: e.End} }
	busy := agenda.Event{Summary: "ocupado", Start: d.at(0), End: d.at(60)}
	free := agenda.Event{Summary: "lembrete", Start: d.at(30), End: d.at(90), Free: true}
	holiday := agenda.Event{Summary: "Feriado de São João", Start: midnight, End: midnight.AddDate(0, 0, 1), Free: true}
	vacation := agenda.Event{Summary: "férias", Start: midnight.AddDate(0, 0, 2), End: midnight.AddDate(0, 0, 5)}
	all := d.mine
	all.ID, all.ProfessionalID = "feriados#br@example.com", agenda.ClinicProfessionalID{}
	for _, cal := range []agenda.Calendar{d.mine, all} {
		for _, e := range []*agenda.Event{&busy, &free, &holiday, &vacation} {
			e.ID = ""
			e.ID = hands.Plant(cal, *e)
			e.CalendarID = cal.ID
		}
		from, to := midnight.AddDate(0, 0, -1), midnight.AddDate(0, 0, 3)
		got := ok[[]agenda.Event](t, "events")(d.Events(t.Context(), cal, from, to))
		wantSame(t, "Events of "+cal.ID, got, []agenda.Event{holiday, busy, free, vacation})
		want := []agenda.Interval{span(busy), span(vacation)}
		if cal.BlocksAll() {
			want = []agenda.Interval{span(holiday), span(busy), span(free), span(vacation)}
		}
		taken := []agenda.Interval{}
		for _, b := range ok[[]agenda.Busy](t, "busy")(d.Busy(t.Context(), cal, from, to)) {
			taken = append(taken, b.Interval)
		}
		wantSame(t, "Busy of "+cal.ID, taken, want)
		wantSame(t, "the day in "+cal.ID, ok[agenda.Event](t, "get")(d.Get(t.Context(), cal, holiday.ID)), holiday)
	}
}

func testCalendarByHand(t *testing.T, d diary) {
	hands := d.hands(t)
	foreign := agenda.Event{Summary: "dentista", Start: d.at(0), End: d.at(60)}
	foreign.ID, foreign.CalendarID = hands.Plant(d.mine, foreign), d.mine.ID
	d.wantDay(t, d.mine, 0, 600, foreign)
	wantError(t, "deleting it", d.Delete(t.Context(), d.mine, foreign.ID), errs.Forbidden, "calendar-mismatch")

	ours := d.put(t, d.mine, 120)
	hands.MoveByHand(d.mine, ours.ID, agenda.Interval{Start: d.at(180), End: d.at(210)})
	moved := ours
	moved.Start, moved.End = d.at(180), d.at(210)
	d.wantDay(t, d.mine, 0, 600, foreign, moved)
	okay(t, "put it back", d.Put(t.Context(), d.mine, ours))
	d.wantDay(t, d.mine, 0, 600, foreign, ours)
	hands.RemoveByHand(d.mine, ours.ID)
	d.wantDay(t, d.mine, 0, 600, foreign)
	okay(t, "delete what somebody has removed", d.Delete(t.Context(), d.mine, ours.ID))
	okay(t, "put what somebody has removed", d.Put(t.Context(), d.mine, ours))
	d.wantDay(t, d.mine, 0, 600, foreign, ours)
}
