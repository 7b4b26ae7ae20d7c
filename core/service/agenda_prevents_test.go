package service_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
)

// Each of these tests is named after a failure that others had, and that must not happen here.

// openWithHands is open with a calendar that a test uses as people do: it plants, moves and removes events.
func openWithHands(t *testing.T) (*world, *memory.Calendar) {
	t.Helper()
	w, hands := open(t), memory.NewCalendar()
	w.calendar, w.writer.Calendar = hands, hands
	return w, hands
}

// set changes a professional past the use cases, which other tests are about.
func (w *world) set(p agenda.ClinicProfessional, change func(*agenda.ClinicProfessional)) {
	w.t.Helper()
	_, err := w.store.Repositories().ClinicProfessionals.Update(w.t.Context(), identity.AllEntities(), p.ID, func(p *agenda.ClinicProfessional) error {
		change(p)
		return nil
	})
	w.must(err)
}

// setClinic is set for the clinic.
func (w *world) setClinic(change func(*agenda.Clinic)) {
	w.t.Helper()
	var err error
	w.clinic, err = w.store.Repositories().Clinics.Update(w.t.Context(), identity.AllEntities(), w.clinic.ID, func(c *agenda.Clinic) error {
		change(c)
		return nil
	})
	w.must(err)
}

func (w *world) offered(p service.AvailabilityParams) service.Availability {
	w.t.Helper()
	p.Tenant = w.clinic.ID
	v, err := w.agenda.Availability(w.t.Context(), w.manager, p)
	w.must(err)
	return v
}

// starts are the starts of one professional.
func (w *world) starts(p agenda.ClinicProfessional, from, to time.Time) []time.Time {
	w.t.Helper()
	var out []time.Time
	for _, slot := range w.offered(service.AvailabilityParams{Professional: p.ID, From: from, To: to}).Slots {
		out = append(out, slot.Start)
	}
	return out
}

func (w *world) offers(p agenda.ClinicProfessional, start time.Time) bool {
	w.t.Helper()
	return slices.ContainsFunc(w.starts(p, start, start.Add(12*time.Hour)), start.Equal)
}

func (w *world) cancel(a agenda.Appointment) {
	w.t.Helper()
	_, err := w.agenda.Cancel(w.t.Context(), w.manager, service.CancelParams{Tenant: w.clinic.ID, Appointment: a.ID})
	w.must(err)
}

func TestFiftyConcurrentBookingsOfOneStartMakeOneVisitAndOneEvent(t *testing.T) {
	t.Parallel()
	w := open(t)
	results := make([]error, 50)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { _, results[i] = w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(10, 0))) })
	}
	all.Wait()
	made, refused := 0, 0
	for _, err := range results {
		switch {
		case err == nil:
			made++
		case errs.CodeOf(err) == "slot-taken":
			refused++
		default:
			t.Errorf("err = %v, want slot-taken", err)
		}
	}
	if made != 1 || refused != 49 {
		t.Errorf("%d were made and %d refused, want 1 and 49", made, refused)
	}
	w.wantOnly(w.joao)
}

func TestOfTwoPendingRequestsForOneStartOnlyOneIsConfirmed(t *testing.T) {
	t.Parallel()
	w := open(t)
	first, err := w.agenda.Hold(t.Context(), w.manager, w.visit(w.joao, at(10, 0)))
	w.must(err)
	_, err = w.agenda.Hold(t.Context(), w.manager, w.visit(w.joao, at(10, 0)))
	w.wantCode(err, "slot-taken")
	w.pass(w.clinic.HoldTime + time.Second) // the first runs out, and somebody else is faster
	second, err := w.agenda.Hold(t.Context(), w.manager, w.visit(w.joao, at(10, 0)))
	w.must(err)
	_, err = w.agenda.Confirm(t.Context(), w.manager, w.clinic.ID, first.ID)
	w.wantCode(err, "hold-expired")
	_, err = w.agenda.Confirm(t.Context(), w.manager, w.clinic.ID, second.ID)
	w.must(err)
	if got := w.wantOnly(w.joao); got.ID != second.ID {
		t.Errorf("the visit is %s, want the second's", got.ID)
	}
}

func TestAStartInsideABufferIsRefusedThroughTheAPI(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*agenda.ClinicProfessional){
		"After":  func(p *agenda.ClinicProfessional) { p.BufferMinutes = 15 },
		"Before": func(p *agenda.ClinicProfessional) { p.BufferBeforeMinutes = 15 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			w.set(w.joao, set)
			w.book(w.joao, at(10, 0))
			for _, start := range []time.Time{at(9, 30), at(10, 30)} {
				if w.offers(w.joao, start) {
					t.Errorf("%s is offered", start)
				}
				_, err := w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, start))
				w.wantCode(err, "slot-taken")
			}
			w.book(w.joao, at(9, 0))
			w.book(w.joao, at(11, 0))
		})
	}
}

func TestAVisitIsMovedToItsOwnEndDespiteItsBuffer(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.set(w.joao, func(p *agenda.ClinicProfessional) {
		p.ConsultationMinutes, p.BufferMinutes, p.BufferBeforeMinutes = 60, 30, 30
	})
	a := w.book(w.joao, at(13, 0))
	moved, err := w.agenda.Reschedule(t.Context(), w.manager, service.RescheduleParams{Tenant: w.clinic.ID, Appointment: a.ID, Start: at(14, 0)})
	w.must(err)
	if !moved.Start.Equal(at(14, 0)) || !moved.End.Equal(at(15, 0)) {
		t.Errorf("moved to %s-%s, want 14:00-15:00", moved.Start, moved.End)
	}
	w.wantOnly(w.joao)
}

func TestTheDailyLimitFollowsTheProfessionalsDayForAVisitorElevenHoursAway(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.set(w.joao, func(p *agenda.ClinicProfessional) { p.MaxVisitsPerDay = 2 })
	w.book(w.joao, at(8, 0))
	w.book(w.joao, at(17, 30))
	// Tuesday 13:00 to 18:00 in São Paulo is Wednesday in Singapore, 11 hours ahead; what counts is that it is Tuesday here.
	singapore, err := time.LoadLocation("Asia/Singapore")
	w.must(err)
	wednesday := time.Date(2026, 11, 25, 0, 0, 0, 0, singapore)
	got := w.starts(w.joao, wednesday, wednesday.AddDate(0, 0, 1))
	if len(got) == 0 || !got[0].Equal(at(8+24, 0)) {
		t.Errorf("the first start of Singapore's Wednesday is %v, want 08:00 of São Paulo's", got)
	}
	_, err = w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(15, 0)))
	w.wantCode(err, "slot-not-offered")
	w.book(w.joao, at(8+24, 0))
}

func TestADayWithoutRoomForMoreMinutesOffersNothing(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.set(w.joao, func(p *agenda.ClinicProfessional) { p.MaxMinutesPerDay = 60 })
	first := w.book(w.joao, at(8, 0))
	w.book(w.joao, at(9, 0))
	if got := w.starts(w.joao, at(0, 0), at(24, 0)); len(got) != 0 {
		t.Errorf("an hour of visits is booked, and still %v are offered", got)
	}
	// One that is moved does not count against itself.
	_, err := w.agenda.Reschedule(t.Context(), w.manager, service.RescheduleParams{Tenant: w.clinic.ID, Appointment: first.ID, Start: at(15, 0)})
	w.must(err)
}

func TestConcurrentBookingsDoNotPassTheDailyLimit(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.set(w.joao, func(p *agenda.ClinicProfessional) { p.MaxVisitsPerDay = 2 })
	var all sync.WaitGroup
	for hour := range 10 {
		all.Go(func() { _, _ = w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(8+hour, 0))) })
	}
	all.Wait()
	if n := len(w.confirmed(w.joao)); n > 2 {
		t.Errorf("%d visits on a day that has room for 2", n)
	}
}

func TestTwoWhoAreFreeAtOnceAreOneStartThatNamesBoth(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.add("Dra. Rita Alves", "Cardiologista", "rita@calendar", 4)
	v := w.offered(service.AvailabilityParams{Specialty: "cardiologia", From: at(10, 0), To: at(10, 30)})
	if len(v.Slots) != 1 || len(v.Slots[0].Professionals) != 2 {
		t.Errorf("10:00 is %+v, want one start with both cardiologists", v.Slots)
	}
	first := w.offered(service.AvailabilityParams{Specialty: "cardiologia", From: at(10, 0), Limit: 1})
	if len(first.Slots) != 1 || !first.Slots[0].Start.Equal(at(10, 0)) {
		t.Errorf("the first cardiologist free is %+v, want 10:00", first.Slots)
	}
}

func TestAServiceOfOneNameIsOfferedByAllWhoHaveIt(t *testing.T) {
	t.Parallel()
	w := open(t)
	minutes := 45
	other, err := w.clinics.AddService(t.Context(), w.manager, w.clinic.ID, w.pedro.ID, agenda.ServiceParams{Name: "Botox", PriceCents: 90000, DurationMinutes: &minutes})
	w.must(err)
	v := w.offered(service.AvailabilityParams{ServiceName: "botox", From: at(8, 0), To: at(8, 45)})
	if len(v.Slots) != 1 || !slices.Equal(v.Slots[0].Professionals, []agenda.ClinicProfessionalID{w.maria.ID, w.pedro.ID}) ||
		!slices.Equal(v.Slots[0].Services, []agenda.ServiceID{w.botox.ID, other.ID}) {
		t.Errorf("08:00 is %+v, want Maria's and Pedro's own botox", v.Slots)
	}
}

// What the list offers the writer accepts, and nothing else, whatever the hours, the rhythm, the buffers and the limits, and
// whatever else the list was asked about.
func TestWhatTheListOffersTheWriterAccepts(t *testing.T) {
	t.Parallel()
	w, hands := openWithHands(t)
	ctx := t.Context()
	for round := range 12 {
		r := rand.New(rand.NewPCG(uint64(round), 42))
		anyOf := func(of ...int) int { return of[r.IntN(len(of))] }
		w.set(w.joao, func(p *agenda.ClinicProfessional) {
			p.ConsultationMinutes, p.SlotMinutes = anyOf(20, 30, 40, 45, 50, 60), anyOf(0, 0, 15, 25, 45)
			p.BufferMinutes, p.BufferBeforeMinutes = anyOf(0, 0, 10, 25), anyOf(0, 0, 5, 20)
			p.WorkingStart, p.WorkingEnd = agenda.LocalTime(anyOf(0, 7*60+10, 8*60)), agenda.LocalTime(anyOf(17*60, 18*60+20, 24*60))
			p.WorkingDays = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
			p.MaxVisitsPerDay = anyOf(0, 0, 3)
			p.TimeZone, p.WorkingHours = []string{"", "Asia/Kolkata", "America/Noronha"}[r.IntN(3)], nil
			if r.IntN(3) == 0 { // overnight, into the morning
				p.WorkingHours = []agenda.WeeklyHours{{Days: p.WorkingDays, Window: agenda.Window{Start: 21*60 + 20, End: 5 * 60}}}
			}
		})
		from := w.clock().AddDate(0, 0, 1+r.IntN(5)).Truncate(time.Hour)
		to := from.Add(time.Duration(30+r.IntN(60)) * time.Hour)
		for range r.IntN(5) {
			start := from.Add(time.Duration(r.IntN(60*60)) * time.Minute)
			hands.Block(w.joao.Calendar(), agenda.Interval{Start: start, End: start.Add(time.Duration(5+r.IntN(200)) * time.Minute)})
		}
		for range 3 {
			if free := w.starts(w.joao, from, to); len(free) > 0 {
				w.book(w.joao, free[r.IntN(len(free))])
			}
		}
		free := w.starts(w.joao, from, to)
		w.pass(time.Minute) // the grid does not move with the clock
		for _, wider := range w.starts(w.joao, from.Add(-17*time.Hour-3*time.Minute), to.Add(5*time.Hour)) {
			inside := !wider.Before(from) && wider.Before(to.Add(-2*time.Hour))
			if inside != (slices.ContainsFunc(free, wider.Equal) && wider.Before(to.Add(-2*time.Hour))) {
				t.Fatalf("round %d: %s is offered by one period and not by another", round, wider)
			}
		}
		try := func(start time.Time) error {
			held, err := w.agenda.Hold(ctx, w.manager, w.visit(w.joao, start))
			if err == nil {
				w.cancel(held)
			}
			return err
		}
		for range min(len(free), 5) {
			start := free[r.IntN(len(free))]
			if err := try(start); err != nil {
				t.Fatalf("round %d: %s is offered and refused: %v", round, start, err)
			}
		}
		for range 25 {
			start := from.Add(time.Duration(r.IntN(int(to.Sub(from)/time.Minute-120)/5)*5) * time.Minute)
			if err := try(start); (err == nil) != slices.ContainsFunc(free, start.Equal) {
				t.Fatalf("round %d: %s is offered: %v, and booking says %v", round, start, err != nil, err)
			}
		}
	}
}

func TestAVisitOverTwoHalfFreeProfessionalsIsNotOffered(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, p := range []agenda.ClinicProfessional{w.joao, w.maria, w.pedro} {
		w.set(p, func(p *agenda.ClinicProfessional) { p.ConsultationMinutes = 60 })
	}
	// João is free until 10:30, Maria and Pedro from then on.
	w.calendar.Block(w.joao.Calendar(), agenda.Interval{Start: at(10, 30), End: at(18, 0)})
	w.calendar.Block(w.maria.Calendar(), agenda.Interval{Start: at(8, 0), End: at(10, 30)})
	w.calendar.Block(w.pedro.Calendar(), agenda.Interval{Start: at(8, 0), End: at(10, 30)})
	for _, slot := range w.offered(service.AvailabilityParams{From: at(8, 0), To: at(18, 0)}).Slots {
		if slot.Start.Before(at(10, 30)) && slot.End.After(at(10, 30)) {
			t.Errorf("%v spans what nobody has", slot)
		}
	}
}

func TestABirthdayThatIsFreeDoesNotBlockAndTheSameInAHolidayCalendarDoes(t *testing.T) {
	t.Parallel()
	w, hands := openWithHands(t)
	allDay := agenda.Event{Summary: "Aniversário", Start: at(0, 0), End: at(24, 0), Free: true}
	hands.Plant(w.joao.Calendar(), allDay)
	if !w.offers(w.joao, at(10, 0)) {
		t.Error("an event that is shown as free takes time")
	}
	w.setClinic(func(c *agenda.Clinic) { c.BlockingCalendars = []string{"feriados@calendar"} })
	hands.Plant(agenda.Calendar{TenantID: w.clinic.ID, ID: "feriados@calendar"}, allDay)
	if got := w.offered(service.AvailabilityParams{From: at(0, 0), To: at(24, 0)}).Slots; len(got) != 0 {
		t.Errorf("on a day of the clinic's blocking calendar %v are offered", got)
	}
	_, err := w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(10, 0)))
	w.wantCode(err, "slot-taken")
	hands.FailFor("feriados@calendar", errors.New("away"))
	_, err = w.agenda.Availability(t.Context(), w.manager, service.AvailabilityParams{Tenant: w.clinic.ID})
	w.wantCode(err, "calendar-unavailable")
}

func TestOneUnreadableCalendarIsNamedAndTheOthersAreOffered(t *testing.T) {
	t.Parallel()
	w, hands := openWithHands(t)
	hands.FailFor(w.maria.GoogleCalendarID, errors.New("revoked"))
	v := w.offered(service.AvailabilityParams{From: at(10, 0), To: at(10, 30)})
	if len(v.Slots) != 1 || !slices.Equal(v.Slots[0].Professionals, []agenda.ClinicProfessionalID{w.joao.ID, w.pedro.ID}) {
		t.Errorf("10:00 is %+v, want João's and Pedro's", v.Slots)
	}
	if want := []service.UnreadCalendar{{Professional: w.maria.ID, Code: "calendar-unavailable"}}; !slices.Equal(v.Unavailable, want) {
		t.Errorf("unavailable = %+v, want %+v", v.Unavailable, want)
	}
	_, err := w.agenda.Availability(t.Context(), w.manager, service.AvailabilityParams{Tenant: w.clinic.ID, Professional: w.maria.ID})
	w.wantCode(err, "calendar-unavailable")
	_, err = w.agenda.Book(t.Context(), w.manager, w.visit(w.maria, at(10, 0)))
	w.wantCode(err, "calendar-unavailable")
}

func TestEventsMovedOrDeletedByHandAreSeenBeforeTheNextOffer(t *testing.T) {
	t.Parallel()
	w, hands := openWithHands(t)
	cal := w.joao.Calendar()
	theirs := hands.Block(cal, agenda.Interval{Start: at(10, 0), End: at(10, 30)})
	hands.MoveByHand(cal, theirs, agenda.Interval{Start: at(11, 0), End: at(11, 30)})
	if !w.offers(w.joao, at(10, 0)) || w.offers(w.joao, at(11, 0)) {
		t.Error("an event was moved from 10:00 to 11:00, and is still seen at 10:00")
	}
	hands.RemoveByHand(cal, theirs)
	if !w.offers(w.joao, at(11, 0)) {
		t.Error("an event was deleted, and is still seen")
	}
	a := w.book(w.joao, at(14, 0))
	hands.MoveByHand(cal, a.EventID(), agenda.Interval{Start: at(15, 0), End: at(15, 30)})
	for _, start := range []time.Time{at(14, 0), at(15, 0)} {
		if w.offers(w.joao, start) {
			t.Errorf("%s is offered, though the visit is there by its appointment or by its event", start)
		}
		_, err := w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, start))
		w.wantCode(err, "slot-taken")
	}
}

func TestAPeriodOfNinetyTwoDaysMayBeAskedAboutAndNotMore(t *testing.T) {
	t.Parallel()
	w := open(t)
	from := w.clock()
	w.offered(service.AvailabilityParams{From: from, To: from.Add(service.MaxAvailability)})
	_, err := w.agenda.Availability(t.Context(), w.manager, service.AvailabilityParams{
		Tenant: w.clinic.ID, From: from, To: from.Add(service.MaxAvailability + time.Second),
	})
	w.wantCode(err, "invalid-input")
}
