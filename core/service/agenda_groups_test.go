package service_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// pair is a visit to João and then Maria's botox.
func (w *world) pair(joao, maria time.Time) service.BookGroupParams {
	return service.BookGroupParams{
		Tenant: w.clinic.ID, Patient: agenda.Patient{Name: "Ana Souza", Phone: ana}, Notes: "consulta e procedimento",
		Visits: []service.GroupVisit{{Professional: w.joao.ID, Start: joao}, {Service: w.botox.ID, Start: maria}},
	}
}

func TestAGroupIsBookedFoundAndCancelledAsOne(t *testing.T) {
	t.Parallel()
	w := open(t)
	visits, err := w.agenda.BookGroup(t.Context(), w.manager, w.pair(at(10, 0), at(8, 0)))
	w.must(err)
	if len(visits) != 2 || visits[0].ProfessionalID != w.maria.ID || visits[1].ProfessionalID != w.joao.ID || visits[0].GroupID.IsZero() ||
		visits[0].GroupID != visits[1].GroupID || visits[0].Status != agenda.Confirmed || visits[1].Status != agenda.Confirmed {
		t.Fatalf("booked %+v", visits)
	}
	if len(w.events(w.joao)) != 1 || len(w.events(w.maria)) != 1 {
		t.Error("not each calendar has its event")
	}
	found, err := w.agenda.Group(t.Context(), w.manager, w.clinic.ID, visits[0].GroupID)
	w.must(err)
	if len(found) != 2 || found[0].ID != visits[0].ID || found[1].ID != visits[1].ID {
		t.Errorf("found %+v", found)
	}
	w.setClinic(func(c *agenda.Clinic) { c.CutOff = 23 * time.Hour }) // 08:00 has passed it, and 10:00 has not
	w.pass(time.Minute)
	p := service.CancelGroupParams{Tenant: w.clinic.ID, Group: visits[0].GroupID}
	_, err = w.agenda.CancelGroup(t.Context(), w.manager, p)
	w.wantCode(err, "cut-off-passed")
	if len(w.confirmed(w.joao)) != 1 {
		t.Error("half of the group was cancelled")
	}
	p.Override = "a paciente adoeceu"
	for range 2 { // again, nothing changes
		done, err := w.agenda.CancelGroup(t.Context(), w.manager, p)
		w.must(err)
		if len(done) != 2 || done[0].Status != agenda.Cancelled || done[1].Status != agenda.Cancelled {
			t.Errorf("cancelled %+v", done)
		}
	}
	if n := len(w.events(w.joao)) + len(w.events(w.maria)); n != 0 {
		t.Errorf("%d events are left", n)
	}
	w.wantOverrides(2)
}

func TestAGroupOfWhichOneVisitCannotBeIsNotBookedAtAll(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		spoil func(w *world) service.BookGroupParams
		code  string
	}{
		"TakenMeanwhile": {func(w *world) service.BookGroupParams {
			w.hold(w.maria, at(10, 0))
			return w.pair(at(9, 0), at(10, 15))
		}, "slot-taken"},
		"NotOffered": {func(w *world) service.BookGroupParams { return w.pair(at(9, 0), at(10, 20)) }, "slot-not-offered"},
		"OneCalendarFailsLate": {func(w *world) service.BookGroupParams {
			w.writer.failures.Store(1)
			return w.pair(at(9, 0), at(10, 15))
		}, ""},
		"Overlapping": {func(w *world) service.BookGroupParams { return w.pair(at(10, 0), at(10, 15)) }, "invalid-input"},
		"OnTwoDays":   {func(w *world) service.BookGroupParams { return w.pair(at(10, 0), at(24+8, 0)) }, "invalid-input"},
		"Alone": {func(w *world) service.BookGroupParams {
			p := w.pair(at(9, 0), at(10, 15))
			p.Visits = p.Visits[:1]
			return p
		}, "invalid-input"},
		"TheConfirmationFails": {func(w *world) service.BookGroupParams {
			w.tx.fail = failOnce(2)
			return w.pair(at(9, 0), at(10, 15))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			_, err := w.agenda.BookGroup(t.Context(), w.manager, row.spoil(w))
			if err == nil || row.code != "" && errs.CodeOf(err) != row.code {
				t.Errorf("err = %v, want %s", err, row.code)
			}
			for _, p := range []agenda.ClinicProfessional{w.joao, w.maria} {
				if n := len(w.confirmed(p)) + len(w.events(p)); n != 0 {
					t.Errorf("%s has %d visits and events", p.Name, n)
				}
			}
			w.book(w.joao, at(9, 0)) // nothing keeps it
		})
	}
}

func TestGroupsThatWantTheSameStartsNeverBlockEachOther(t *testing.T) {
	t.Parallel()
	w := open(t)
	var all sync.WaitGroup
	won := make(chan struct{}, 20)
	for i := range 20 {
		all.Go(func() {
			p := w.pair(at(9, 0), at(10, 15))
			if i%2 == 1 {
				p.Visits[0], p.Visits[1] = p.Visits[1], p.Visits[0]
			}
			switch _, err := w.agenda.BookGroup(t.Context(), w.manager, p); {
			case err == nil:
				won <- struct{}{}
			case errs.CodeOf(err) != "slot-taken":
				t.Errorf("err = %v, want slot-taken", err)
			}
		})
	}
	all.Wait()
	if len(won) != 1 || len(w.events(w.joao)) != 1 || len(w.events(w.maria)) != 1 {
		t.Errorf("%d groups were booked, with %d and %d events, want 1 of each", len(won), len(w.events(w.joao)), len(w.events(w.maria)))
	}
}

func TestWhatIsOfferedToAGroupCanBeBooked(t *testing.T) {
	t.Parallel()
	w, hands := openWithHands(t)
	hands.Block(w.joao.Calendar(), agenda.Interval{Start: at(8, 0), End: at(10, 0)})
	hands.FailFor(w.pedro.GoogleCalendarID, errors.New("away"))
	p := service.GroupAvailabilityParams{
		Tenant: w.clinic.ID, From: at(0, 0), To: at(48, 0), MaxGap: time.Hour, Limit: 5,
		Visits: []service.GroupWish{{Specialty: "cardiologia"}, {Service: w.botox.ID}},
	}
	v, err := w.agenda.GroupAvailability(t.Context(), w.manager, p)
	w.must(err)
	if len(v.Options) != 5 || v.Options[2].Date != v.Options[0].Date || v.Options[3].Date == v.Options[0].Date {
		t.Fatalf("options %+v, want three of the first day and two of the next", v.Options)
	}
	first := v.Options[0].Visits // Maria at 08:45 so that João follows within the hour
	if !first[0].Start.Equal(at(8, 45)) || first[0].Visit != 1 || !first[1].Start.Equal(at(10, 0)) {
		t.Errorf("the first option is %+v", first)
	}
	for _, o := range []service.GroupOption{v.Options[0], v.Options[4]} {
		book := service.BookGroupParams{Tenant: w.clinic.ID, Patient: agenda.Patient{Name: "Ana Souza"}}
		for _, visit := range o.Visits {
			book.Visits = append(book.Visits, service.GroupVisit{Professional: visit.Professional, Service: visit.Service, Start: visit.Start})
		}
		_, err := w.agenda.BookGroup(t.Context(), w.manager, book)
		w.must(err)
	}
	p.Visits = append(p.Visits, service.GroupWish{})
	_, err = w.agenda.GroupAvailability(t.Context(), w.manager, p)
	w.wantCode(err, "invalid-input")
	p.Visits[2].Professional = w.pedro.ID
	v, err = w.agenda.GroupAvailability(t.Context(), w.manager, p)
	w.must(err)
	if len(v.Options) != 0 || len(v.Unavailable) != 1 || v.Unavailable[0].Professional != w.pedro.ID {
		t.Errorf("got %+v, want nothing, because of Pedro's calendar", v)
	}
}

// failOnce makes the n-th transaction from now on fail, after everything in it was done.
func failOnce(n int) func(ports.Repositories) error {
	var count atomic.Int32
	return func(ports.Repositories) error {
		if int(count.Add(1)) == n {
			return errors.New("the connection was lost")
		}
		return nil
	}
}
