package porttest

import (
	"fmt"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// desk is one professional and a way to talk about the times of visits.
type desk struct {
	*Fixtures
	with agenda.ClinicProfessional
}

func tryDesk(t *testing.T, open func(*testing.T) Store, name string, test func(*testing.T, desk)) {
	t.Helper()
	try(t, open, name, func(t *testing.T, f *Fixtures) {
		test(t, desk{Fixtures: f, with: f.AgendaOf(f.Entity().ID)})
	})
}

// visit is a confirmed visit of 30 minutes that begins so many minutes after eight.
func (d desk) visit(minutes int) agenda.Appointment { return d.NewAppointment(d.with, d.at(minutes)) }

func (d desk) at(minutes int) time.Time { return d.Monday().Add(time.Duration(minutes) * time.Minute) }

func (d desk) wantTaken(t *testing.T, what string, v agenda.Appointment) {
	t.Helper()
	_, err := d.Appointments.Create(t.Context(), v)
	wantError(t, what, err, errs.Conflict, "slot-taken")
	_, err = d.Appointments.Get(t.Context(), identity.AllEntities(), v.ID)
	wantError(t, what+": the refused appointment", err, errs.NotFound, "appointment-not-found")
}

func (d desk) update(t *testing.T, v agenda.Appointment, change func(*agenda.Appointment)) (agenda.Appointment, error) {
	t.Helper()
	return d.Appointments.Update(t.Context(), identity.AllEntities(), v.ID, func(v *agenda.Appointment) error {
		change(v)
		return nil
	})
}

func (d desk) stored(t *testing.T, v agenda.Appointment) agenda.Appointment {
	t.Helper()
	return ok[agenda.Appointment](t, "get")(d.Appointments.Get(t.Context(), identity.AllEntities(), v.ID))
}

func testSlots(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	tryDesk(t, open, "OneOfManyGetsASlot", func(t *testing.T, d desk) {
		visits := make([]agenda.Appointment, racers)
		for i := range visits {
			visits[i] = d.visit(60)
			if i%2 == 0 {
				visits[i] = d.NewHold(d.with, d.at(60), d.Now().Add(time.Hour))
			}
		}
		race(t, "slot-taken", func(i int) error {
			_, err := d.Appointments.Create(t.Context(), visits[i])
			return err
		})
	})
	tryDesk(t, open, "OneOfManyOverlappingGetsItsSlot", func(t *testing.T, d desk) {
		visits := make([]agenda.Appointment, racers)
		for i := range visits {
			visits[i] = d.visit(60 + i) // all hold 09:20
		}
		race(t, "slot-taken", func(i int) error {
			_, err := d.Appointments.Create(t.Context(), visits[i])
			return err
		})
	})
	tryDesk(t, open, "OneOfManyMovesIntoASlot", func(t *testing.T, d desk) {
		visits := make([]agenda.Appointment, racers)
		for i := range visits {
			visits[i] = d.Appointment(d.visit(120 + 30*i))
		}
		race(t, "slot-taken", func(i int) error {
			_, err := d.update(t, visits[i], func(v *agenda.Appointment) { v.Start, v.End = d.at(0), d.at(30) })
			return err
		})
	})
	tryDesk(t, open, "NeighboursMayTouch", func(t *testing.T, d desk) {
		for _, minutes := range []int{30, 0, 60} {
			d.Appointment(d.visit(minutes))
		}
	})
	tryDesk(t, open, "BuffersCount", func(t *testing.T, d desk) {
		first := d.visit(60)
		first.BufferAfter = 10 * time.Minute
		d.Appointment(first)
		d.wantTaken(t, "within the buffer of the one before", d.visit(99))
		d.Appointment(d.visit(100))
		reaching := d.visit(30)
		reaching.BufferAfter = time.Minute
		d.wantTaken(t, "with a buffer that reaches into the next", reaching)
		d.Appointment(d.visit(30))
	})
	tryDesk(t, open, "BuffersOnBothSidesCount", func(t *testing.T, d desk) {
		second := d.visit(120)
		second.BufferBefore, second.BufferAfter = 20*time.Minute, 10*time.Minute
		d.Appointment(second) // from 09:40 on
		d.wantTaken(t, "within the buffer of the one after", d.visit(71))
		d.Appointment(d.visit(70))
		reaching := d.visit(160)
		reaching.BufferBefore = time.Minute
		d.wantTaken(t, "with a buffer that reaches back into the one before", reaching)
		reaching = d.visit(165)
		reaching.BufferBefore = 6 * time.Minute // it begins after the buffer of the one before has, and starts after it ended
		d.wantTaken(t, "with a buffer that reaches back into the one before", reaching)
		reaching.BufferBefore = 5 * time.Minute
		d.Appointment(reaching)
	})
	tryDesk(t, open, "WhatStaffSqueezedInMayOverlap", func(t *testing.T, d desk) {
		plain := d.Appointment(d.visit(60))
		squeezed := d.visit(60)
		squeezed.OverrideReason = "dor forte"
		squeezed = d.Appointment(squeezed)
		another := d.NewHold(d.with, d.at(70), d.Now().Add(time.Hour))
		another.OverrideReason = "retorno rápido"
		d.Appointment(another)
		d.wantTaken(t, "a plain one on top of a plain one", d.visit(75))
		d.Appointment(d.visit(90)) // on top of one that was squeezed in; it is core that refuses this
		_, err := d.update(t, squeezed, func(v *agenda.Appointment) { v.OverrideReason = "" })
		wantError(t, "making a plain one of it", err, errs.Conflict, "slot-taken")
		wantSame(t, "the one that was squeezed in", d.stored(t, squeezed), squeezed)
		_, err = d.update(t, plain, func(v *agenda.Appointment) { v.Status = agenda.Cancelled })
		okay(t, "cancel the plain one", err)
		_, err = d.update(t, squeezed, func(v *agenda.Appointment) { v.OverrideReason = "" })
		okay(t, "make a plain one of it where nothing else is", err)
	})
	tryDesk(t, open, "TheLongestBlockIsFoundAtItsEnds", func(t *testing.T, d desk) {
		long := d.visit(0)
		long.End, long.BufferBefore, long.BufferAfter = d.at(12*60), agenda.LongestBuffer, agenda.LongestBuffer
		long = d.Appointment(long)
		for minutes, want := range map[int][]agenda.Appointment{-241: nil, -240: {long}, 16*60 - 1: {long}, 16 * 60: nil} {
			got := ok[[]agenda.Appointment](t, "blocking")(d.Appointments.Blocking(t.Context(), d.with.ID, d.at(minutes), d.at(minutes+1)))
			wantSame(t, fmt.Sprintf("what takes the minute %d after eight", minutes), got, want)
		}
	})
	tryDesk(t, open, "AnAppointmentIsItsProfessionals", testWhose)
	tryDesk(t, open, "AnotherProfessionalHasTimesOfTheirOwn", func(t *testing.T, d desk) {
		d.Appointment(d.visit(60))
		colleague := d.ClinicProfessional(d.ClinicOf(d.with.EntityID))
		d.Appointment(d.NewAppointment(colleague, d.at(60)))
	})
	tryDesk(t, open, "OnlyHeldAndConfirmedTakeTime", func(t *testing.T, d desk) {
		for _, status := range []agenda.AppointmentStatus{agenda.Cancelled, agenda.Expired} {
			gone := d.visit(60)
			gone.Status = status
			d.Appointment(gone)
		}
		held := d.Appointment(d.NewHold(d.with, d.at(60), d.Now().Add(time.Hour)))
		d.wantTaken(t, "beside a hold", d.visit(60))
		_, err := d.update(t, held, func(v *agenda.Appointment) { v.Release(d.Now()) })
		okay(t, "release the hold", err)
		confirmed := d.Appointment(d.visit(60))
		d.wantTaken(t, "beside a confirmed one", d.NewHold(d.with, d.at(60), d.Now().Add(time.Hour)))
		gone := d.visit(60)
		gone.Status = agenda.Cancelled
		d.Appointment(gone) // beside a confirmed one: it needs no time
		_, err = d.update(t, held, func(v *agenda.Appointment) { v.Notes = "não confirmou" })
		okay(t, "change one that takes no time", err)
		_, err = d.update(t, held, func(v *agenda.Appointment) { v.Status = agenda.Confirmed })
		wantError(t, "taking time again", err, errs.Conflict, "slot-taken")
		_, err = d.update(t, confirmed, func(v *agenda.Appointment) { v.Status = agenda.Cancelled })
		okay(t, "cancel", err)
		d.Appointment(d.visit(60))
	})
	tryDesk(t, open, "AnAppointmentMovesWithinItsOwnTime", func(t *testing.T, d desk) {
		v := d.Appointment(d.visit(60))
		d.Appointment(d.visit(120))
		moved, err := d.update(t, v, func(v *agenda.Appointment) { v.Start, v.End = d.at(75), d.at(105) })
		okay(t, "move", err)
		wantSame(t, "the moved appointment", d.stored(t, v), moved)
		d.Appointment(d.visit(45))
	})
	tryDesk(t, open, "MovingIntoATakenSlotChangesNothing", func(t *testing.T, d desk) {
		early, late := d.Appointment(d.visit(0)), d.Appointment(d.visit(60))
		for _, minutes := range []int{60, 45, 89} {
			_, err := d.update(t, early, func(v *agenda.Appointment) {
				v.Start, v.End, v.Version = d.at(minutes), d.at(minutes+30), v.Version+1
			})
			wantError(t, "move", err, errs.Conflict, "slot-taken")
			wantSame(t, "the one that stayed", d.stored(t, early), early)
			wantSame(t, "the other one", d.stored(t, late), late)
		}
		d.wantTaken(t, "where the one that stayed is", d.visit(10))
	})
	tryDesk(t, open, "BlockingIsWhatTouchesTheSpan", testBlocking)
	tryDesk(t, open, "ExpireHoldsExpiresWhatRanOut", testExpireHolds)
	tryDesk(t, open, "TheLongestVisitIsListedUntilItEnds", func(t *testing.T, d desk) {
		long := d.visit(0)
		long.End = d.at(12 * 60) // no visit is longer
		long = d.Appointment(long)
		for minutes, want := range map[int][]agenda.Appointment{-60: {long}, 12*60 - 1: {long}, 12 * 60: nil} {
			got := ok[page.Page[agenda.Appointment]](t, "list")(d.Appointments.List(t.Context(), identity.AllEntities(),
				agenda.AppointmentFilter{From: d.at(minutes)}, page.Request{}))
			wantSame(t, fmt.Sprintf("what ends later than %d minutes after eight", minutes), got.Items, want)
		}
	})
}

// testWhose checks that what an appointment names belongs together.
func testWhose(t *testing.T, d desk) {
	colleague := d.ClinicProfessional(d.ClinicOf(d.with.EntityID))
	stranger := d.AgendaOf(d.Entity().ID)
	service, another := d.Service(d.with), d.Service(colleague)
	refused := func(what string, change func(*agenda.Appointment)) {
		t.Helper()
		v := d.visit(60)
		change(&v)
		_, err := d.Appointments.Create(t.Context(), v)
		wantError(t, what, err, errs.Invalid, "unknown-reference")
	}
	refused("a colleague's service", func(v *agenda.Appointment) { v.ServiceID = another.ID })
	refused("a colleague's calendar", func(v *agenda.Appointment) { v.CalendarID = colleague.GoogleCalendarID })
	refused("another clinic's professional", func(v *agenda.Appointment) {
		v.ProfessionalID, v.CalendarID = stranger.ID, stranger.GoogleCalendarID
	})
	refused("a professional's other clinic", func(v *agenda.Appointment) { v.TenantID = stranger.TenantID })

	booked := d.visit(60)
	booked.ServiceID = service.ID
	booked = d.Appointment(booked)
	move := func(to string) {
		t.Helper()
		_, err := d.ClinicProfessionals.Update(t.Context(), identity.AllEntities(), d.with.ID, func(v *agenda.ClinicProfessional) error {
			v.GoogleCalendarID = to
			return nil
		})
		okay(t, "give the professional another calendar", err)
	}
	before := d.with.GoogleCalendarID
	move("new@example.com")
	_, err := d.update(t, booked, func(v *agenda.Appointment) { v.Notes = "remarcou" })
	okay(t, "change an appointment on the calendar of before", err)
	late := d.visit(120)
	late.CalendarID = "new@example.com"
	late = d.Appointment(late)
	move(before)
	_, err = d.update(t, late, func(v *agenda.Appointment) { v.Status = agenda.Cancelled })
	okay(t, "change an appointment on the calendar in between", err)
	_, err = d.update(t, late, func(v *agenda.Appointment) { v.CalendarID = colleague.GoogleCalendarID })
	wantError(t, "move it to a colleague's calendar", err, errs.Invalid, "unknown-reference")
}

func testBlocking(t *testing.T, d desk) {
	buffered := d.visit(0) // until 08:30, with the buffer 08:40
	buffered.BufferAfter = 10 * time.Minute
	third, first := d.Appointment(d.visit(120)), d.Appointment(buffered)
	second := d.Appointment(d.NewHold(d.with, d.at(60), d.Now().Add(time.Hour)))
	gone := d.visit(90)
	gone.Status = agenda.Cancelled
	d.Appointment(gone)
	d.Appointment(d.NewAppointment(d.ClinicProfessional(d.ClinicOf(d.with.EntityID)), d.at(60)))
	prepared := d.visit(300) // 13:00, with what goes before from 12:40 on
	prepared.BufferBefore = 20 * time.Minute
	prepared = d.Appointment(prepared)
	squeezed := d.visit(285) // begins before it, and takes time after it does
	squeezed.OverrideReason = "encaixe"
	squeezed = d.Appointment(squeezed)
	for _, c := range []struct {
		name     string
		from, to int
		want     []agenda.Appointment
	}{
		{"the day", -60, 600, []agenda.Appointment{first, second, third, squeezed, prepared}},
		{"in a buffer before", 270, 281, []agenda.Appointment{prepared}},
		{"what was squeezed in", 284, 286, []agenda.Appointment{squeezed, prepared}},
		{"inside one", 10, 20, []agenda.Appointment{first}},
		{"in a buffer", 35, 40, []agenda.Appointment{first}},
		{"between two", 40, 60, nil},
		{"after a cancelled one", 90, 120, nil},
		{"from the last minute of one into the next", 39, 61, []agenda.Appointment{first, second}},
		{"before all", -60, 0, nil},
		{"before a buffer before", 150, 280, nil},
		{"after all", 330, 600, nil},
		{"an empty span inside one", 10, 10, nil},
		{"a span that ends before it begins", 20, 10, nil},
	} {
		got := ok[[]agenda.Appointment](t, c.name)(d.Appointments.Blocking(t.Context(), d.with.ID, d.at(c.from), d.at(c.to)))
		wantSame(t, c.name, got, c.want)
	}
	_, err := d.Appointments.Blocking(cancelled(t), d.with.ID, d.at(0), d.at(60))
	wantCancelled(t, "Blocking", err)
}

func testExpireHolds(t *testing.T, d desk) {
	colleague, now := d.ClinicProfessional(d.ClinicOf(d.with.EntityID)), d.Now().Add(time.Hour)
	late := d.Appointment(d.NewHold(d.with, d.at(0), now.Add(-time.Microsecond)))
	just := d.Appointment(d.NewHold(d.with, d.at(60), now))
	confirmed := d.Appointment(d.visit(120))
	colleagues := d.Appointment(d.NewHold(colleague, d.at(0), now.Add(-time.Minute)))
	expire := func(of agenda.ClinicProfessionalID, at time.Time, want int) {
		t.Helper()
		if got := ok[int](t, "expire holds")(d.Appointments.ExpireHolds(t.Context(), of, at)); got != want {
			t.Errorf("expired %d holds, want %d", got, want)
		}
	}
	_, err := d.Appointments.ExpireHolds(cancelled(t), d.with.ID, now)
	wantCancelled(t, "ExpireHolds", err)
	expire(d.with.ID, now, 1)
	expire(d.with.ID, now, 0)
	late.Release(now)
	for _, want := range []agenda.Appointment{late, just, confirmed, colleagues} {
		wantSame(t, "an appointment", d.stored(t, want), want)
	}
	d.Appointment(d.visit(0)) // its time is free again
	expire(agenda.ClinicProfessionalID{}, now.Add(time.Minute), 2)
	just.Release(now.Add(time.Minute))
	colleagues.Release(now.Add(time.Minute))
	for _, want := range []agenda.Appointment{just, colleagues} {
		wantSame(t, "an appointment", d.stored(t, want), want)
	}
}
