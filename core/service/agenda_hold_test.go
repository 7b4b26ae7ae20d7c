package service_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

func (w *world) hold(p agenda.ClinicProfessional, start time.Time) agenda.Appointment {
	w.t.Helper()
	a, err := w.agenda.Hold(w.t.Context(), w.manager, w.visit(p, start))
	w.must(err)
	return a
}

func (w *world) confirm(a agenda.Appointment) (agenda.Appointment, error) {
	return w.agenda.Confirm(w.t.Context(), w.manager, w.clinic.ID, a.ID)
}

func (w *world) status(a agenda.Appointment) agenda.AppointmentStatus {
	w.t.Helper()
	got, err := w.store.Repositories().Appointments.Get(w.t.Context(), identity.AllEntities(), a.ID)
	w.must(err)
	return got.Status
}

func TestAHoldKeepsItsStartAndIsConfirmedOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	held := w.hold(w.joao, at(10, 0))
	if held.Status != agenda.Held || !held.HeldUntil.Equal(w.clock().Add(w.clinic.HoldTime)) || len(w.events(w.joao)) != 0 {
		t.Fatalf("the hold is %+v, with %d events", held, len(w.events(w.joao)))
	}
	if w.offers(w.joao, at(10, 0)) {
		t.Error("what is held for somebody is offered to others")
	}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			got, err := w.confirm(held)
			if err != nil || got.Status != agenda.Confirmed || got.Version != held.Version+1 {
				t.Errorf("confirming at the same time: %+v, %v", got, err)
			}
		})
	}
	all.Wait()
	w.wantOnly(w.joao)
}

// One confirmation that fails must not take back the event of another one that did not.
func TestAFailedConfirmationLeavesTheConfirmedVisitItsEvent(t *testing.T) {
	t.Parallel()
	w := open(t)
	held := w.hold(w.joao, at(10, 0))
	w.writer.failures.Store(3) // of six, some fail
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() { _, _ = w.confirm(held) })
	}
	all.Wait()
	w.wantOnly(w.joao)
}

func TestAHoldThatIsCancelledFreesItsStartAtOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.setClinic(func(c *agenda.Clinic) { c.CutOff = 30 * 24 * time.Hour }) // it is for visits, and a hold is none
	held := w.hold(w.joao, at(10, 0))
	w.cancel(held)
	if !w.offers(w.joao, at(10, 0)) {
		t.Error("the start of a cancelled hold is not offered")
	}
	_, err := w.confirm(held)
	w.wantCode(err, "appointment-state")
	w.book(w.joao, at(10, 0))
	w.wantOnly(w.joao)
}

// slowCalendar does something while an event is being written.
type slowCalendar struct {
	ports.Calendar

	meanwhile func()
}

func (c slowCalendar) Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error {
	err := c.Calendar.Put(ctx, cal, e)
	c.meanwhile()
	return err
}

func TestAHoldThatRunsOutWhileItIsConfirmedLeavesNothing(t *testing.T) {
	t.Parallel()
	w := open(t)
	held := w.hold(w.joao, at(10, 0))
	slow := service.NewAgenda(w.deps(), slowCalendar{w.calendar, func() { w.pass(w.clinic.HoldTime + time.Second) }})
	_, err := slow.Confirm(t.Context(), w.manager, w.clinic.ID, held.ID)
	w.wantCode(err, "hold-expired")
	if n := len(w.events(w.joao)); n != 0 || w.status(held) != agenda.Expired {
		t.Errorf("the hold is %s and has %d events, want expired and none", w.status(held), n)
	}
	w.book(w.joao, at(10, 0))
}

func TestAHoldIsNotConfirmedOnceItsProfessionalIsGone(t *testing.T) {
	t.Parallel()
	w := open(t)
	held := w.hold(w.joao, at(10, 0))
	w.must(w.clinics.RemoveProfessional(t.Context(), w.manager, w.clinic.ID, w.joao.ID, version.Match{}))
	_, err := w.confirm(held)
	w.wantCode(err, "professional-not-found")
	if n := len(w.events(w.joao)); n != 0 {
		t.Errorf("%d events, want 0", n)
	}
}

func TestAHoldOutlivesACalendarThatIsAwayAndNotATakenStart(t *testing.T) {
	t.Parallel()
	w := open(t)
	held := w.hold(w.joao, at(10, 0))
	w.calendar.Fail(errors.New("away"))
	_, err := w.confirm(held)
	w.wantCode(err, "calendar-unavailable")
	w.calendar.Fail(nil)
	if got := w.status(held); got != agenda.Held {
		t.Fatalf("the calendar was away, and the hold is %s", got)
	}
	_, err = w.confirm(held)
	w.must(err)

	lost := w.hold(w.maria, at(10, 0))
	w.calendar.Block(w.maria.Calendar(), agenda.Interval{Start: at(9, 0), End: at(11, 0)})
	_, err = w.confirm(lost)
	w.wantCode(err, "slot-taken")
	if got := w.status(lost); got != agenda.Expired {
		t.Errorf("the start was taken in the calendar, and the hold is %s", got)
	}
}

func TestAfterTheCutOffOnlyStaffMovesOrCancelsAndSaysWhy(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.setClinic(func(c *agenda.Clinic) { c.CutOff = 24 * time.Hour })
	soon := w.book(w.joao, at(8, 0)) // in 23 hours
	for name, actor := range map[string]identity.Actor{
		"user": w.manager, "front desk": identity.FrontDesk(w.clinic.EntityID),
		"key": identity.APIKey{EntityID: w.clinic.EntityID, Scopes: identity.GrantablePermissions()}.Actor(),
	} {
		_, err := w.agenda.Cancel(t.Context(), actor, service.CancelParams{Tenant: w.clinic.ID, Appointment: soon.ID})
		if errs.CodeOf(err) != "cut-off-passed" {
			t.Errorf("cancelled by the %s: %v, want cut-off-passed", name, err)
		}
		_, err = w.agenda.Reschedule(t.Context(), actor, service.RescheduleParams{Tenant: w.clinic.ID, Appointment: soon.ID, Start: at(12, 0)})
		if errs.CodeOf(err) != "cut-off-passed" {
			t.Errorf("moved by the %s: %v, want cut-off-passed", name, err)
		}
		if name == "user" {
			continue
		}
		_, err = w.agenda.Cancel(t.Context(), actor, service.CancelParams{Tenant: w.clinic.ID, Appointment: soon.ID, Override: "a paciente pediu"})
		if errs.CodeOf(err) != "users-only" {
			t.Errorf("overridden by the %s: %v, want users-only", name, err)
		}
	}
	later := w.book(w.maria, at(9, 0)) // in exactly 24 hours: just in time
	w.cancel(later)
	_, err := w.agenda.Cancel(t.Context(), w.manager, service.CancelParams{Tenant: w.clinic.ID, Appointment: soon.ID, Override: "Ana está doente"})
	w.must(err)
	w.wantOverrides(1)
}

// wantOverrides checks how often the audit log tells of an override, without a word of it.
func (w *world) wantOverrides(want int) {
	w.t.Helper()
	entries := slices.DeleteFunc(securityEvents(w.t, w.store.Repositories(), identity.OnlyEntity(w.clinic.EntityID)), func(e identity.AuditEntry) bool {
		return e.Action != service.AuditOverride
	})
	if len(entries) != want {
		w.t.Errorf("the audit log tells of %d overrides, want %d", len(entries), want)
	}
	for _, e := range entries {
		if e.Actor != w.manager.String() || e.Table != "appointments" || len(e.Detail) != 1 || strings.Contains(e.Detail["operation"], " ") {
			w.t.Errorf("audit = %+v", e)
		}
	}
}

func TestStaffSqueezesAVisitInAndItTakesItsTimeFromEverybodyElse(t *testing.T) {
	t.Parallel()
	w := open(t)
	squeezed := w.visit(w.joao, at(19, 7)) // after hours, beside the grid
	squeezed.Override = "encaixe"
	a, err := w.agenda.Book(t.Context(), w.manager, squeezed)
	w.must(err)
	if a.OverrideReason != "encaixe" {
		t.Errorf("the reason is %q", a.OverrideReason)
	}
	w.wantOnly(w.joao)
	w.wantOverrides(1)

	inHours := w.visit(w.maria, at(9, 30))
	inHours.Override = "encaixe"
	_, err = w.agenda.Book(t.Context(), w.manager, inHours)
	w.must(err)
	_, err = w.agenda.Book(t.Context(), w.manager, w.visit(w.maria, at(9, 30)))
	w.wantCode(err, "slot-taken")
	if w.offers(w.maria, at(9, 30)) {
		t.Error("what staff squeezed in does not take time")
	}

	for name, actor := range map[string]identity.Actor{
		"front desk": identity.FrontDesk(w.clinic.EntityID),
		"key":        identity.APIKey{EntityID: w.clinic.EntityID, Scopes: identity.GrantablePermissions()}.Actor(),
	} {
		if _, err := w.agenda.Book(t.Context(), actor, squeezed); errs.CodeOf(err) != "users-only" {
			t.Errorf("%s: %v, want users-only", name, err)
		}
	}
	for name, change := range map[string]func(*service.BookParams){
		"InThePast":      func(p *service.BookParams) { p.Start = w.clock().Add(-time.Minute) },
		"InTheYear9999":  func(p *service.BookParams) { p.Start = time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC) },
		"BlankReason":    func(p *service.BookParams) { p.Override = " \n" },
		"TooLongAReason": func(p *service.BookParams) { p.Override = strings.Repeat("é", 501) },
	} {
		p := squeezed
		change(&p)
		if _, err := w.agenda.Book(t.Context(), w.manager, p); errs.CodeOf(err) != "invalid-input" {
			t.Errorf("%s: %v, want invalid-input", name, err)
		}
	}
	foreign := squeezed
	foreign.CalendarID = w.pedro.GoogleCalendarID
	_, err = w.agenda.Book(t.Context(), w.manager, foreign)
	w.wantCode(err, "calendar-mismatch")
}

func TestStaffSqueezesAVisitOnTopOfAnother(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.book(w.joao, at(10, 0))
	p := w.visit(w.joao, at(10, 10))
	p.Override = "urgência"
	a, err := w.agenda.Book(t.Context(), w.manager, p)
	w.must(err)
	if n := len(w.events(w.joao)); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
	// Moved by the rules it keeps to them again.
	a, err = w.agenda.Reschedule(t.Context(), w.manager, service.RescheduleParams{Tenant: w.clinic.ID, Appointment: a.ID, Start: at(11, 0)})
	w.must(err)
	if a.OverrideReason != "" {
		t.Errorf("it keeps the reason %q", a.OverrideReason)
	}
	_, err = w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(11, 0)))
	w.wantCode(err, "slot-taken")
}

func TestEventsTellAsMuchOfAPatientAsTheClinicWants(t *testing.T) {
	t.Parallel()
	w := open(t)
	for hour, details := range []agenda.EventDetails{agenda.FullDetails, agenda.InitialsOnly, agenda.NoDetails} {
		w.setClinic(func(c *agenda.Clinic) { c.EventDetails = details })
		p := w.visit(w.joao, at(10+hour, 0))
		p.Notes = "alergia"
		a, err := w.agenda.Book(t.Context(), w.manager, p)
		w.must(err)
		e, err := w.calendar.Get(t.Context(), w.joao.Calendar(), a.EventID())
		w.must(err)
		text := e.Summary + "\n" + e.Description
		for part, want := range map[string]bool{
			w.joao.Name: true, "Ana Souza": details == agenda.FullDetails, ana: details == agenda.FullDetails,
			"alergia": details == agenda.FullDetails, "A. S.": details == agenda.InitialsOnly, a.ID.String(): details == agenda.NoDetails,
		} {
			if strings.Contains(text, part) != want {
				t.Errorf("%s: %q in %q: %v, want %v", details, part, text, !want, want)
			}
		}
		w.must(w.agenda.Sync(t.Context(), a.ID)) // the job that repairs it writes the same
		again, err := w.calendar.Get(t.Context(), w.joao.Calendar(), a.EventID())
		if err != nil || again != e {
			t.Errorf("%s: the job wrote %+v, %v", details, again, err)
		}
	}
}
