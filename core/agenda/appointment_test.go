package agenda_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

// noon is a Monday noon in São Paulo, to the microsecond.
func noon() time.Time { return time.Date(2026, time.March, 2, 15, 0, 0, 123456000, time.UTC) }

// later is a microsecond after noon.
func later() time.Time { return noon().Add(time.Microsecond) }

// xyz is a clinic where Maria and João work; Botox is Maria's.
func xyz() (at agenda.Clinic, maria, joao agenda.ClinicProfessional, botox agenda.Service) {
	at = agenda.Clinic{
		ID: id.Derive[agenda.Clinic]("xyz"), EntityID: 3, Name: "Clínica XYZ", TimeZone: agenda.DefaultTimeZone, HoldTime: 10 * time.Minute, Active: true,
	}
	professional := func(name, specialty, calendar string, order int) agenda.ClinicProfessional {
		return agenda.ClinicProfessional{
			ID: id.Derive[agenda.ClinicProfessional](name), TenantID: at.ID, EntityID: 3, ProfessionalID: 5, Name: name, Specialty: specialty,
			GoogleCalendarID: calendar, ConsultationMinutes: 30, BufferMinutes: 10, DisplayOrder: order, Active: true,
		}
	}
	maria = professional("Dra. Maria Costa", "Dermatologista", "maria@group.calendar.google.com", 1)
	joao = professional("Dr. João Silva", "Cardiologista", "joao@group.calendar.google.com", 0)
	botox = agenda.Service{
		ID: id.Derive[agenda.Service]("botox"), ProfessionalID: maria.ID, TenantID: at.ID, EntityID: 3, Name: "Botox", PriceCents: 120000,
		DurationMinutes: 45, Active: true,
	}
	return at, maria, joao, botox
}

// visit asks for a plain visit to Maria tomorrow at 10:00 in São Paulo.
func visit() agenda.VisitParams {
	at, maria, _, _ := xyz()
	return agenda.VisitParams{
		Clinic: at, Professional: maria, Patient: agenda.Patient{Name: "Ana", Phone: "+5511955550011"}, Contact: "+5511955550011",
		Start: time.Date(2026, time.March, 3, 10, 0, 0, 0, time.FixedZone("BRT", -3*3600)),
	}
}

func held(tb testing.TB) agenda.Appointment {
	tb.Helper()
	a, err := agenda.Hold(id.Derive[agenda.Appointment]("a"), visit(), noon())
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func confirmed(tb testing.TB) agenda.Appointment {
	tb.Helper()
	a := held(tb)
	if err := a.Confirm(later()); err != nil {
		tb.Fatal(err)
	}
	return a
}

func isConflict(err error, code string) bool {
	return errs.KindOf(err) == errs.Conflict && errs.CodeOf(err) == code
}

func TestHoldOfAPlainVisit(t *testing.T) {
	t.Parallel()
	p := visit()
	p.Patient = agenda.Patient{Name: " Joa\u0303o da Silva ", BirthDate: mustDate(t, "1990-05-20"), Phone: "(11) 8555-0011"}
	p.Notes = " primeira vez\n"
	p.Professional.BufferBeforeMinutes = 5
	p.Group, p.Override = id.New[agenda.Group](), " encaixe: dor forte "
	key := id.New[agenda.Appointment]()
	got, err := agenda.Hold(key, p, noon())
	want := agenda.Appointment{
		ID: key, TenantID: p.Clinic.ID, EntityID: 3, ProfessionalID: p.Professional.ID, CalendarID: "maria@group.calendar.google.com",
		Patient: agenda.Patient{Name: "Joa\u0303o da Silva", BirthDate: mustDate(t, "1990-05-20"), Phone: "+5511985550011"}, Contact: "+5511955550011",
		Start: time.Date(2026, time.March, 3, 13, 0, 0, 0, time.UTC), End: time.Date(2026, time.March, 3, 13, 30, 0, 0, time.UTC),
		BufferBefore: 5 * time.Minute, BufferAfter: 10 * time.Minute, GroupID: p.Group, OverrideReason: "encaixe: dor forte",
		Status: agenda.Held, HeldUntil: noon().Add(10 * time.Minute), Notes: "primeira vez", Version: 1,
		CreatedAt: noon(), UpdatedAt: noon(),
	}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v, %s", err, cmp.Diff(want, got))
	}
	if got.Start.Location() != time.UTC || got.End.Location() != time.UTC {
		t.Errorf("from %v to %v, want UTC", got.Start, got.End)
	}
}

func TestHoldOfAService(t *testing.T) {
	t.Parallel()
	_, _, joao, botox := xyz()
	p := visit()
	p.Service = &botox
	got, err := agenda.Hold(id.New[agenda.Appointment](), p, noon())
	if err != nil || got.ServiceID != botox.ID || got.End.Sub(got.Start) != 45*time.Minute || got.CalendarID != p.Professional.GoogleCalendarID {
		t.Errorf("got %+v, %v, want 45 minutes of Botox with Maria", got, err)
	}
	p.Professional = joao
	if got, err := agenda.Hold(id.New[agenda.Appointment](), p, noon()); errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "service-not-offered" || got.CalendarID != "" {
		t.Errorf("Maria's Botox with João: %+v, %v, want service-not-offered", got, err)
	}
	p = visit()
	botox.Active = false
	p.Service = &botox
	if _, err := agenda.Hold(id.New[agenda.Appointment](), p, noon()); errs.CodeOf(err) != "service-not-offered" {
		t.Errorf("a service that is no longer offered: %v, want service-not-offered", err)
	}
}

func TestHoldRefuses(t *testing.T) {
	t.Parallel()
	for path, spoil := range map[string]func(*agenda.VisitParams){
		"professional_id":    func(p *agenda.VisitParams) { p.Professional.Active = false },
		"patient.name":       func(p *agenda.VisitParams) { p.Patient.Name = " " },
		"patient.phone":      func(p *agenda.VisitParams) { p.Patient.Phone = "192" },
		"patient.birth_date": func(p *agenda.VisitParams) { p.Patient.BirthDate = mustDate(t, "2026-03-03") },
		"notes":              func(p *agenda.VisitParams) { p.Notes = strings.Repeat("x", 2001) },
		"override_reason":    func(p *agenda.VisitParams) { p.Override = strings.Repeat("x", 501) },
		"start":              func(p *agenda.VisitParams) { p.Start = time.Time{} },
	} {
		p := visit()
		spoil(&p)
		_, err := agenda.Hold(id.New[agenda.Appointment](), p, noon())
		if got := wrongFields(t, err); !slices.Equal(got, []string{path}) {
			t.Errorf("wrong %q, want %q", got, path)
		}
	}
	p := visit()
	p.Professional.TenantID = id.New[agenda.Clinic]()
	if _, err := agenda.Hold(id.New[agenda.Appointment](), p, noon()); errs.KindOf(err) != errs.NotFound || errs.CodeOf(err) != "professional-not-found" {
		t.Errorf("a professional of another clinic: %v, want professional-not-found", err)
	}
}

func TestBirthDateHasBeen(t *testing.T) {
	t.Parallel()
	p := visit()
	now := time.Date(2026, time.March, 3, 2, 0, 0, 0, time.UTC) // still March 2 in São Paulo
	for date, ok := range map[agenda.Date]bool{
		{}:                                     true,
		{Year: 2026, Month: 3, Day: 2}:         true,
		{Year: 2026, Month: 3, Day: 3}:         false,
		{Year: 2025, Month: 2, Day: 29}:        false,
		{Year: 1924, Month: time.July, Day: 1}: true,
	} {
		p.Patient.BirthDate = date
		if _, err := agenda.Hold(id.New[agenda.Appointment](), p, now); (err == nil) != ok {
			t.Errorf("born on %v: %v, want accepted: %t", date, err, ok)
		}
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	a := held(t)
	until := a.HeldUntil
	if err := a.Confirm(until); err != nil {
		t.Fatalf("at the end of the hold: %v", err)
	}
	if a.Status != agenda.Confirmed || !a.HeldUntil.IsZero() || a.Version != 2 || a.UpdatedAt != until || !a.TakesTime() {
		t.Errorf("a confirmed appointment is %+v", a)
	}
	before := a
	if err := a.Confirm(until.Add(time.Hour)); err != nil || a != before {
		t.Errorf("confirming again: %+v, %v, want no change", a, err)
	}
	late := held(t)
	before = late
	if err := late.Confirm(until.Add(time.Microsecond)); !isConflict(err, "hold-expired") || late != before {
		t.Errorf("after the hold: %+v, %v, want conflict hold-expired and no change", late, err)
	}
	for status, code := range map[agenda.AppointmentStatus]string{
		agenda.Cancelled: "appointment-state", agenda.Expired: "hold-expired", "": "appointment-state",
	} {
		a := held(t)
		a.Status = status
		if err := a.Confirm(later()); !isConflict(err, code) || a.Status != status {
			t.Errorf("a %q one: status %q, %v, want conflict %s", status, a.Status, err, code)
		}
	}
}

func TestReleaseGivesOnlyHoldsUp(t *testing.T) {
	t.Parallel()
	a := held(t)
	a.Release(later())
	if a.Status != agenda.Expired || !a.HeldUntil.IsZero() || a.Version != 2 || a.UpdatedAt != later() || a.TakesTime() {
		t.Errorf("a released hold is %+v", a)
	}
	for _, status := range []agenda.AppointmentStatus{agenda.Confirmed, agenda.Cancelled, agenda.Expired} {
		a := held(t)
		a.Status = status
		before := a
		if a.Release(later()); a != before {
			t.Errorf("releasing a %s one made %+v", status, a)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for _, a := range []agenda.Appointment{held(t), confirmed(t)} {
		version := a.Version
		if err := a.Cancel(" mudou de ideia\n", a.Start.Add(-time.Microsecond)); err != nil {
			t.Fatalf("just before the visit: %v", err)
		}
		if a.Status != agenda.Cancelled || a.CancelReason != "mudou de ideia" || a.Version != version+1 || a.TakesTime() || !a.HeldUntil.IsZero() {
			t.Errorf("a cancelled appointment is %+v", a)
		}
		before := a
		if err := a.Cancel("outra razão", a.Start.Add(time.Hour)); err != nil || a != before {
			t.Errorf("cancelling again: %+v, %v, want no change", a, err)
		}
	}
	begun := confirmed(t)
	if err := begun.Cancel("", begun.Start); !isConflict(err, "appointment-past") || begun.Status != agenda.Confirmed {
		t.Errorf("a visit that begins: %s, %v, want conflict appointment-past", begun.Status, err)
	}
	expired := held(t)
	expired.Release(later())
	if err := expired.Cancel("", later()); !isConflict(err, "appointment-state") {
		t.Errorf("an expired one: %v, want conflict appointment-state", err)
	}
	a := confirmed(t)
	if got := wrongFields(t, a.Cancel(strings.Repeat("x", 501), later())); !slices.Equal(got, []string{"reason"}) {
		t.Errorf("wrong %q, want reason", got)
	}
}

func TestMoveKeepsTheLength(t *testing.T) {
	t.Parallel()
	a := confirmed(t)
	a.End = a.Start.Add(45 * time.Minute)
	calendar, professional := a.CalendarID, a.ProfessionalID
	start := time.Date(2026, time.March, 9, 9, 0, 0, 0, time.FixedZone("BRT", -3*3600))
	if err := a.Move(start, later()); err != nil {
		t.Fatal(err)
	}
	if !a.Start.Equal(start) || a.Start.Location() != time.UTC || a.End.Sub(a.Start) != 45*time.Minute || a.Version != 3 || a.UpdatedAt != later().Add(time.Microsecond) {
		t.Errorf("a moved appointment is %+v", a)
	}
	if a.Status != agenda.Confirmed || a.CalendarID != calendar || a.ProfessionalID != professional || a.EventID() != confirmed(t).EventID() {
		t.Errorf("a moved appointment is on %s as %s", a.CalendarID, a.EventID())
	}
	for _, status := range []agenda.AppointmentStatus{agenda.Held, agenda.Cancelled, agenda.Expired} {
		a := held(t)
		a.Status = status
		before := a
		if err := a.Move(start, later()); !isConflict(err, "appointment-state") || a != before {
			t.Errorf("moving a %s one: %+v, %v, want conflict appointment-state", status, a, err)
		}
	}
	begun := confirmed(t)
	if err := begun.Move(start, begun.Start); !isConflict(err, "appointment-past") {
		t.Errorf("a visit that begins: %v, want conflict appointment-past", err)
	}
}

func TestBlocksIncludesTheBuffer(t *testing.T) {
	t.Parallel()
	a := held(t)
	if got, want := a.Blocks(), (agenda.Interval{Start: a.Start, End: a.Start.Add(40 * time.Minute)}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	a.BufferAfter = 0
	if got, want := a.Blocks(), (agenda.Interval{Start: a.Start, End: a.End}); got != want {
		t.Errorf("without a buffer: got %v, want %v", got, want)
	}
	next := agenda.Interval{Start: held(t).Blocks().End, End: held(t).Blocks().End.Add(time.Hour)}
	if held(t).Blocks().Overlaps(next) {
		t.Error("a visit that follows the buffer overlaps it")
	}
}

func TestEventIDIsWhatGoogleTakes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i := range 100 {
		a := agenda.Appointment{ID: id.Derive[agenda.Appointment](fmt.Sprint(i))}
		event := a.EventID()
		if len(event) < 5 || len(event) > 1024 || strings.Trim(event, "0123456789abcdefghijklmnopqrstuv") != "" || seen[event] {
			t.Fatalf("event id %q of %s", event, a.ID)
		}
		seen[event] = true
		if back, ok := agenda.AppointmentOfEvent(event); !ok || back != a.ID {
			t.Fatalf("%s is of appointment %s, %t, want %s", event, back, ok, a.ID)
		}
	}
}

func TestForeignEventsAreNoAppointments(t *testing.T) {
	t.Parallel()
	ours := agenda.Appointment{ID: id.New[agenda.Appointment]()}.EventID()
	for _, event := range []string{
		"", "sec", ours[:len(ours)-1], ours[:len(ours)-2], ours + "0", ours + "00", ours[3:], "x" + ours, "Sec" + ours[3:], "sec" + strings.Repeat("g", 32),
		"sec" + strings.Repeat("0", 32), "7kukuqrfedlm2f9t02o0", strings.Replace(ours, "sec", "sec-", 1),
	} {
		if key, ok := agenda.AppointmentOfEvent(event); ok || !key.IsZero() {
			t.Errorf("%q is of appointment %q, %t, want none", event, key, ok)
		}
	}
}
