package service_test

import (
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

// at is an hour of Tuesday, 24 November 2026, in São Paulo.
func at(hour, minute int) time.Time { return time.Date(2026, 11, 24, hour+3, minute, 0, 0, time.UTC) }

func (w *world) visit(p agenda.ClinicProfessional, start time.Time) service.BookParams {
	return service.BookParams{
		Tenant: w.clinic.ID, Professional: p.ID, Patient: agenda.Patient{Name: "Ana Souza", Phone: ana}, Start: start,
	}
}

func (w *world) book(p agenda.ClinicProfessional, start time.Time) agenda.Appointment {
	w.t.Helper()
	a, err := w.agenda.Book(w.t.Context(), w.manager, w.visit(p, start))
	w.must(err)
	return a
}

func (w *world) wantCode(err error, code string) {
	w.t.Helper()
	if errs.CodeOf(err) != code {
		w.t.Errorf("err = %v, want code %q", err, code)
	}
}

func TestWhatIsOfferedIsAcceptedAndNothingElse(t *testing.T) {
	t.Parallel()
	w := open(t)
	got, err := w.agenda.Availability(t.Context(), w.manager, service.AvailabilityParams{
		Tenant: w.clinic.ID, Professional: w.joao.ID, From: at(0, 0), To: at(24, 0),
	})
	w.must(err)
	slots := got.Slots
	if len(slots) != 20 || !slots[0].Start.Equal(at(8, 0)) || !slots[19].End.Equal(at(18, 0)) {
		t.Fatalf("%d slots, want the 20 half hours from 08:00 to 18:00: %v", len(slots), slots)
	}
	for _, start := range []time.Time{at(7, 30), at(8, 7), at(17, 45), at(18, 0), at(23, 0), monday().Add(-time.Hour), monday().Add(30 * time.Minute)} {
		_, err := w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, start))
		w.wantCode(err, "slot-not-offered")
	}
	refused, err := w.agenda.List(t.Context(), w.manager, agenda.AppointmentFilter{TenantID: w.clinic.ID}, page.Request{})
	w.must(err)
	if len(refused.Items) != 0 {
		t.Errorf("refused bookings left %d rows", len(refused.Items))
	}
	for _, slot := range slots {
		w.book(w.joao, slot.Start)
	}
	_, err = w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(8, 0)))
	w.wantCode(err, "slot-taken")
	if n := len(w.events(w.joao)); n != 20 {
		t.Errorf("%d events, want 20", n)
	}
}

func TestOneStartNamesEverybodyWhoHasIt(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.book(w.joao, at(8, 0))
	got, err := w.agenda.Availability(t.Context(), w.manager, service.AvailabilityParams{Tenant: w.clinic.ID, From: at(8, 0), To: at(9, 0)})
	w.must(err)
	slots := got.Slots
	if len(slots) != 2 {
		t.Fatalf("%d slots, want each start once: %v", len(slots), slots)
	}
	if got := len(slots[0].Professionals); got != 2 {
		t.Errorf("08:00 names %d professionals, want the 2 who are free", got)
	}
	if got := len(slots[1].Professionals); got != 3 {
		t.Errorf("08:30 names %d professionals, want 3", got)
	}
}

func TestAServiceIsBookedOnlyWithWhoOffersIt(t *testing.T) {
	t.Parallel()
	w := open(t)
	p := w.visit(w.joao, at(8, 0))
	p.Service = w.botox.ID
	_, err := w.agenda.Book(t.Context(), w.manager, p)
	w.wantCode(err, "service-not-offered")
	_, err = w.agenda.Availability(t.Context(), w.manager, service.AvailabilityParams{Tenant: w.clinic.ID, Professional: w.joao.ID, Service: w.botox.ID})
	w.wantCode(err, "service-not-offered")
	p.Professional = w.maria.ID
	a, err := w.agenda.Book(t.Context(), w.manager, p)
	w.must(err)
	if got := a.End.Sub(a.Start); got != 45*time.Minute {
		t.Errorf("length = %s, want the service's 45 minutes", got)
	}
}

func TestAForeignCalendarIsRefusedAndAudited(t *testing.T) {
	t.Parallel()
	w := open(t)
	p := w.visit(w.joao, at(8, 0))
	p.CalendarID = w.pedro.GoogleCalendarID
	_, err := w.agenda.Book(t.Context(), w.manager, p)
	w.wantCode(err, "calendar-mismatch")
	_, err = w.agenda.Route(t.Context(), w.manager, service.RouteParams{
		Tenant: w.clinic.ID, Professional: w.joao.ID, Operation: "list-events", CalendarID: w.pedro.GoogleCalendarID,
	})
	w.wantCode(err, "calendar-mismatch")
	for _, who := range []agenda.ClinicProfessional{w.joao, w.pedro} {
		if n := len(w.events(who)) + len(w.confirmed(who)); n != 0 {
			t.Errorf("%s: %d rows were written", who.Name, n)
		}
	}
	entries := securityEvents(t, w.store.Repositories(), identity.OnlyEntity(w.clinic.EntityID))
	if len(entries) != 2 || entries[0].Action != "calendar-mismatch" || entries[0].Actor != w.manager.String() || entries[0].RowID != w.joao.ID.String() {
		t.Errorf("audit = %+v, want two security events", entries)
	}
}

func TestAVisitIsNeverWrittenToACalendarThatIsNoLongerItsProfessionals(t *testing.T) {
	t.Parallel()
	w := open(t)
	a := w.book(w.joao, at(8, 0))
	// Past every rule of the use cases, as somebody with the database at hand could.
	_, err := w.store.Repositories().ClinicProfessionals.Update(t.Context(), identity.AllEntities(), w.joao.ID, func(p *agenda.ClinicProfessional) error {
		p.GoogleCalendarID = "another@calendar"
		return nil
	})
	w.must(err)
	_, err = w.agenda.Reschedule(t.Context(), w.manager, service.RescheduleParams{Tenant: w.clinic.ID, Appointment: a.ID, Start: at(9, 0)})
	w.wantCode(err, "calendar-mismatch")
	w.wantCode(w.agenda.Sync(t.Context(), a.ID), "calendar-mismatch")
	if got := w.confirmed(w.joao); len(got) != 1 || !got[0].Start.Equal(at(8, 0)) {
		t.Errorf("visits = %+v, want the one, where it was", got)
	}
	renamed := w.joao
	renamed.GoogleCalendarID = "another@calendar"
	if n := len(w.events(renamed)); n != 0 {
		t.Errorf("%d events in the other calendar, want 0", n)
	}
	entries := securityEvents(t, w.store.Repositories(), identity.OnlyEntity(w.clinic.EntityID))
	if len(entries) != 2 || entries[0].Action != "calendar-mismatch" || entries[1].Action != "calendar-mismatch" {
		t.Errorf("audit = %+v, want a security event for each attempt", entries)
	}
}

func TestTwentyBookingsOfOneStartMakeOneVisit(t *testing.T) {
	t.Parallel()
	w := open(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 20 {
		wg.Go(func() {
			_, err := w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(10, 0)))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if errs.CodeOf(err) != "slot-taken" {
				t.Errorf("err = %v, want slot-taken", err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d bookings succeeded, want 1", won)
	}
	w.wantOnly(w.joao)
}

func TestTheBufferIsKeptFreeWhenReadingAndWhenWriting(t *testing.T) {
	t.Parallel()
	w := open(t)
	_, err := w.clinics.UpdateProfessional(t.Context(), w.manager, w.clinic.ID, w.joao.ID, agenda.ClinicProfessionalPatch{BufferMinutes: patch.Set(30)}, version.Match{})
	w.must(err)
	w.book(w.joao, at(10, 0))
	for _, start := range []time.Time{at(9, 30), at(10, 30)} {
		_, err := w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, start))
		w.wantCode(err, "slot-taken")
	}
	w.book(w.joao, at(9, 0))
	w.book(w.joao, at(11, 0))
}

func TestAVisitIsMovedIntoItsOwnTime(t *testing.T) {
	t.Parallel()
	w := open(t)
	p := w.visit(w.maria, at(13, 15))
	p.Service = w.botox.ID
	a, err := w.agenda.Book(t.Context(), w.manager, p)
	w.must(err)
	moved, err := w.agenda.Reschedule(t.Context(), w.manager, service.RescheduleParams{Tenant: w.clinic.ID, Appointment: a.ID, Start: at(13, 45), Offered: true})
	w.must(err)
	if moved.ID != a.ID || !moved.Start.Equal(at(13, 45)) || moved.End.Sub(moved.Start) != 45*time.Minute {
		t.Errorf("moved to %s-%s", moved.Start, moved.End)
	}
	w.wantOnly(w.maria)
}

func TestAMoveToATakenSlotChangesNothing(t *testing.T) {
	t.Parallel()
	w := open(t)
	a := w.book(w.joao, at(8, 0))
	w.book(w.joao, at(9, 0))
	_, err := w.agenda.Reschedule(t.Context(), w.manager, service.RescheduleParams{Tenant: w.clinic.ID, Appointment: a.ID, Start: at(9, 0)})
	w.wantCode(err, "slot-taken")
	got, err := w.agenda.Get(t.Context(), w.manager, w.clinic.ID, a.ID)
	w.must(err)
	if !got.Start.Equal(at(8, 0)) {
		t.Errorf("start = %s, want it unchanged", got.Start)
	}
}

func TestACancelledVisitFreesItsTimeEvenWhenTheCalendarIsAway(t *testing.T) {
	t.Parallel()
	w := open(t)
	a := w.book(w.joao, at(8, 0))
	w.calendar.Fail(errs.New(errs.Unavailable, "calendar-unavailable", "away"))
	_, err := w.agenda.Cancel(t.Context(), w.manager, service.CancelParams{Tenant: w.clinic.ID, Appointment: a.ID})
	w.must(err)
	w.calendar.Fail(nil)
	w.pass(time.Minute)
	w.work() // the job removes the event
	if n := len(w.events(w.joao)); n != 0 {
		t.Fatalf("%d events are left, want 0", n)
	}
	w.book(w.joao, at(8, 0))
}

func TestAClinicThatWasDeactivatedTakesNothing(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.must(w.clinics.Delete(t.Context(), w.manager, w.clinic.ID, version.Match{}))
	_, err := w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(8, 0)))
	w.wantCode(err, "clinic-inactive")
	_, err = w.desk.Say(t.Context(), w.manager, w.clinic.ID, ana, service.Said{Text: "oi"})
	w.wantCode(err, "clinic-inactive")
	_, err = w.desk.AuthenticateWebhook(t.Context(), "clinica-xyz", "the-webhook-token")
	w.wantCode(err, "clinic-not-found")
}

func TestAHoldThatWasLeftBehindExpires(t *testing.T) {
	t.Parallel()
	w := open(t)
	p, err := agenda.Hold(agenda.AppointmentID{UUID: [16]byte{1}}, agenda.VisitParams{
		Clinic: w.clinic, Professional: w.joao, Patient: agenda.Patient{Name: "Ana Souza"}, Start: at(8, 0),
	}, w.clock())
	w.must(err)
	_, err = w.store.Repositories().Appointments.Create(t.Context(), p)
	w.must(err)
	_, err = w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(8, 0)))
	w.wantCode(err, "slot-taken")
	w.pass(w.clinic.HoldTime + time.Second)
	w.book(w.joao, at(8, 0))
}

func TestACalendarWithVisitsOnItCannotBeChanged(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.book(w.joao, at(8, 0))
	change := agenda.ClinicProfessionalPatch{GoogleCalendarID: patch.Set("another@calendar")}
	_, err := w.clinics.UpdateProfessional(t.Context(), w.manager, w.clinic.ID, w.joao.ID, change, version.Match{})
	w.wantCode(err, "calendar-in-use")
	_, err = w.clinics.UpdateProfessional(t.Context(), w.manager, w.clinic.ID, w.pedro.ID, change, version.Match{})
	w.must(err)
}

func TestRouterWritesThroughTheBookingRules(t *testing.T) {
	t.Parallel()
	w := open(t)
	route := func(p service.RouteParams) (service.Routed, error) {
		p.Tenant, p.Professional = w.clinic.ID, w.joao.ID
		return w.agenda.Route(t.Context(), w.manager, p)
	}
	made, err := route(service.RouteParams{Operation: "create_event", Patient: agenda.Patient{Name: "Ana Souza"}, Start: at(8, 0)})
	w.must(err)
	_, err = route(service.RouteParams{Operation: "create", Patient: agenda.Patient{Name: "Bia Lima"}, Start: at(8, 0)})
	w.wantCode(err, "slot-taken")
	event := made.Appointment.EventID()
	moved, err := route(service.RouteParams{Operation: "update-event", EventID: event, Start: at(9, 0)})
	w.must(err)
	if !moved.Appointment.Start.Equal(at(9, 0)) {
		t.Errorf("start = %s, want 09:00", moved.Appointment.Start)
	}
	byHand := w.calendar.Block(w.joao.Calendar(), agenda.Interval{Start: at(15, 0), End: at(16, 0)})
	_, err = route(service.RouteParams{Operation: "delete-event", EventID: byHand})
	w.wantCode(err, "event-not-found")
	_, err = w.agenda.Route(t.Context(), w.manager, service.RouteParams{Tenant: w.clinic.ID, Professional: w.pedro.ID, Operation: "delete", EventID: event})
	w.wantCode(err, "event-not-found")
	_, err = route(service.RouteParams{Operation: "delete", EventID: event})
	w.must(err)
	_, err = route(service.RouteParams{Operation: "drop-table"})
	w.wantCode(err, "invalid-input")
}

func TestAnotherEntityReachesNothingOfTheClinic(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx := t.Context()
	a := w.book(w.joao, at(8, 0))
	w.say(ana, "oi")
	e, err := clinic.NewEntity(clinic.EntityParams{Name: "Outra"}, w.clock())
	w.must(err)
	e, err = w.store.Repositories().Entities.Create(ctx, e)
	w.must(err)
	stranger := identity.User{ID: 99, Role: identity.EntityAdmin, EntityID: e.ID}.Actor()
	for name, try := range map[string]func() error{
		"Clinic":       func() error { _, err := w.clinics.Get(ctx, stranger, w.clinic.ID); return err },
		"Directory":    func() error { _, err := w.clinics.Directory(ctx, stranger, w.clinic.ID); return err },
		"Professional": func() error { _, err := w.clinics.Professional(ctx, stranger, w.clinic.ID, w.joao.ID); return err },
		"Book":         func() error { _, err := w.agenda.Book(ctx, stranger, w.visit(w.joao, at(9, 0))); return err },
		"Appointment":  func() error { _, err := w.agenda.Get(ctx, stranger, w.clinic.ID, a.ID); return err },
		"Cancel": func() error {
			_, err := w.agenda.Cancel(ctx, stranger, service.CancelParams{Tenant: w.clinic.ID, Appointment: a.ID})
			return err
		},
		"Reschedule": func() error {
			_, err := w.agenda.Reschedule(ctx, stranger, service.RescheduleParams{Tenant: w.clinic.ID, Appointment: a.ID, Start: at(9, 0)})
			return err
		},
		"Say": func() error {
			_, err := w.desk.Say(ctx, stranger, w.clinic.ID, ana, service.Said{Text: "oi"})
			return err
		},
		"Conversation": func() error { _, err := w.desk.Conversation(ctx, stranger, w.clinic.ID, ana); return err },
		"Understand":   func() error { _, err := w.desk.Understand(ctx, stranger, w.clinic.ID, "oi"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := try(); errs.KindOf(err) != errs.NotFound {
				t.Errorf("err = %v, want not found", err)
			}
		})
	}
}
