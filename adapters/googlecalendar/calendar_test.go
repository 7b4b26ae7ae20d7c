package googlecalendar_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/secretary-api/secretary/adapters/googlecalendar/googletest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

func TestWholeDaysAreDaysOfTheCalendarsZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.AddCalendar(owner, googletest.Calendar{ID: "manaus@example.com", TimeZone: "America/Manaus"})
	for what, test := range map[string]struct {
		calendar, first, end string
		want                 [2]string
	}{
		"no change of the clock":       {w.maria.ID, "2026-03-09", "2026-03-10", [2]string{"2026-03-09T03:00:00Z", "2026-03-10T03:00:00Z"}},
		"midnight is skipped":          {w.maria.ID, "2018-11-04", "2018-11-05", [2]string{"2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"}},
		"the evening before is longer": {w.maria.ID, "2018-02-17", "2018-02-18", [2]string{"2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z"}},
		"another zone":                 {"manaus@example.com", "2026-12-24", "2026-12-26", [2]string{"2026-12-24T04:00:00Z", "2026-12-26T04:00:00Z"}},
	} {
		cal := w.maria
		cal.ID = test.calendar
		made := googletest.AllDay(what, test.first, test.end)
		made.Transparency = "opaque"
		event := w.server.Insert(owner, cal.ID, made)
		start, _ := time.Parse(time.RFC3339, test.want[0])
		end, _ := time.Parse(time.RFC3339, test.want[1])
		busy, err := w.Busy(t.Context(), cal, start.Add(-24*time.Hour), end.Add(24*time.Hour))
		if err != nil || len(busy) != 1 || !busy[0].Start.Equal(start) || !busy[0].End.Equal(end) {
			t.Errorf("%s: got %v, error %v, want %v", what, busy, err, test.want)
		}
		if e, err := w.Get(t.Context(), cal, event); err != nil || !e.Start.Equal(start) || !e.End.Equal(end) {
			t.Errorf("%s: got %v to %v, error %v, want %v", what, e.Start, e.End, err, test.want)
		}
		for _, outside := range []time.Time{start.Add(-time.Minute), end} {
			if busy, err := w.Busy(t.Context(), cal, outside, outside.Add(time.Minute)); err != nil || len(busy) != 0 {
				t.Errorf("%s: at %v got %v, error %v, want nothing", what, outside, busy, err)
			}
		}
	}
}

func TestWhatTakesTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := agenda.Calendar{TenantID: w.maria.TenantID, ID: w.maria.ID}
	guest := func(self bool, answer string) *calendar.EventAttendee {
		return &calendar.EventAttendee{Email: "x@example.com", Self: self, ResponseStatus: answer}
	}
	for what, test := range map[string]struct {
		change              func(*calendar.Event)
		takes, takesBlocked int
	}{
		"an event":            {func(*calendar.Event) {}, 1, 1},
		"tentative":           {func(e *calendar.Event) { e.Status = "tentative" }, 1, 1},
		"shown as free":       {func(e *calendar.Event) { e.Transparency = "transparent" }, 0, 1},
		"cancelled":           {func(e *calendar.Event) { e.Status = "cancelled" }, 0, 0},
		"declined":            {func(e *calendar.Event) { e.Attendees = []*calendar.EventAttendee{guest(true, "declined")} }, 0, 1},
		"declined by another": {func(e *calendar.Event) { e.Attendees = []*calendar.EventAttendee{guest(false, "declined")} }, 1, 1},
		"not answered":        {func(e *calendar.Event) { e.Attendees = []*calendar.EventAttendee{guest(true, "needsAction")} }, 1, 1},
		"declined among many": {func(e *calendar.Event) {
			e.Attendees = []*calendar.EventAttendee{guest(false, "accepted"), guest(true, "declined")}
		}, 0, 1},
		"out of office":             {func(e *calendar.Event) { e.EventType = "outOfOffice" }, 1, 1},
		"focus time":                {func(e *calendar.Event) { e.EventType = "focusTime" }, 1, 1},
		"focus time shown as free":  {func(e *calendar.Event) { e.EventType, e.Transparency = "focusTime", "transparent" }, 0, 1},
		"made from an e-mail":       {func(e *calendar.Event) { e.EventType = "fromGmail" }, 1, 1},
		"where one works":           {func(e *calendar.Event) { e.EventType = "workingLocation" }, 0, 0},
		"a birthday":                {func(e *calendar.Event) { e.EventType = "birthday" }, 0, 0},
		"three days of a series":    {func(e *calendar.Event) { e.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=3"} }, 3, 3},
		"no longer than a moment":   {func(e *calendar.Event) { e.End = e.Start }, 0, 0},
		"one of a series of visits": {func(e *calendar.Event) { e.RecurringEventId = "series" }, 1, 1},
	} {
		made := googletest.Timed(what, at(0), at(60))
		test.change(made)
		event := w.server.Insert(owner, w.maria.ID, made)
		for cal, want := range map[agenda.Calendar]int{w.maria: test.takes, all: test.takesBlocked} {
			busy, err := w.Busy(t.Context(), cal, at(-60), at(6*24*60))
			if err != nil || len(busy) != want {
				t.Errorf("%s, blocking all %t: got %v, error %v, want %d", what, cal.BlocksAll(), busy, err, want)
			}
		}
		w.server.Change(owner, w.maria.ID, event, func(e *calendar.Event) { e.Status, e.Recurrence = "cancelled", nil })
	}
}

func TestAPeriodOfFractionsOfASecondIsWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(t, 0)
	busy, err := w.Busy(t.Context(), w.maria, at(-1), at(0).Add(time.Millisecond))
	if err != nil || len(busy) != 1 {
		t.Errorf("until a millisecond after it began: got %v, error %v, want the visit", busy, err)
	}
}

func TestIDsAreNeverAnotherPath(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kept := w.put(t, 0)
	for _, event := range []string{"", ".", "..", "../" + kept.ID, "x/../" + kept.ID, kept.ID + "?x=1", "ação%2F#"} {
		_, err := w.Get(t.Context(), w.maria, event)
		wantError(t, "get "+event, err, errs.NotFound, "event-not-found")
		if err := w.Delete(t.Context(), w.maria, event); err != nil {
			t.Errorf("delete %q: got error %v", event, err)
		}
	}
	for _, name := range []string{"pt.brazilian#holiday@group.v.calendar.google.com", "sala 1/térreo@example.com", "50%@example.com", "a?b=c"} {
		w.server.AddCalendar(owner, googletest.Calendar{ID: name})
		cal, e := w.maria, w.visit(0)
		cal.ID, e.CalendarID = name, name
		if err := w.Put(t.Context(), cal, e); err != nil {
			t.Errorf("put into %q: got error %v", name, err)
		}
		if got, err := w.Get(t.Context(), cal, e.ID); err != nil || got != e {
			t.Errorf("get from %q: got %v, error %v", name, got, err)
		}
	}
	if got := summaries(w.server.Events(owner, w.maria.ID)); len(got) != 1 {
		t.Errorf("the first calendar holds %q, want its one event", got)
	}
}

func TestACalendarThatCannotBeSeenIsNotFree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"nobody@example.com", "..", "."} {
		cal, e := w.maria, w.visit(0)
		cal.ID, e.CalendarID = name, name
		_, busyErr := w.Busy(t.Context(), cal, at(0), at(60))
		_, eventsErr := w.Events(t.Context(), cal, at(0), at(60))
		_, getErr := w.Get(t.Context(), cal, e.ID)
		_, _, changesErr := w.Changes(t.Context(), cal, "")
		for what, err := range map[string]error{
			"Busy": busyErr, "Events": eventsErr, "Get": getErr, "Changes": changesErr,
			"Put": w.Put(t.Context(), cal, e), "Delete": w.Delete(t.Context(), cal, e.ID),
		} {
			wantError(t, what, err, errs.Unavailable, "calendar-not-found")
			if !strings.Contains(err.Error(), "calendar "+name) {
				t.Errorf("%s: %q does not name the calendar", what, err)
			}
		}
	}
	w.server.AddCalendar(owner, googletest.Calendar{ID: w.maria.ID, Role: "reader"})
	wantError(t, "writing what may be read", w.Put(t.Context(), w.maria, w.visit(0)), errs.Unavailable, "calendar-forbidden")
	if _, err := w.Busy(t.Context(), w.maria, at(0), at(60)); err != nil {
		t.Errorf("reading it: got error %v", err)
	}
}

func TestWhatIsNotGoogleIsNotBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.put(t, 0)
	for what, fault := range map[string]googletest.Fault{
		"a proxy's page":    {Status: http.StatusNotFound, Answer: "<html>Not Found</html>"},
		"another API":       {Status: http.StatusNotFound, Answer: `{"message":"Not Found"}`},
		"a gone page":       {Status: http.StatusGone, Answer: "gone"},
		"a page of a hotel": {Answer: "<html>Bem-vindo ao wifi</html>"},
	} {
		w.server.Inject(fault)
		_, getErr := w.Get(t.Context(), w.maria, e.ID)
		_, busyErr := w.Busy(t.Context(), w.maria, at(0), at(60))
		for op, err := range map[string]error{"Get": getErr, "Busy": busyErr, "Delete": w.Delete(t.Context(), w.maria, e.ID)} {
			wantError(t, what+": "+op, err, errs.Unavailable, "calendar-unavailable")
		}
		w.server.Heal()
	}
	for _, on := range []string{googletest.Get, googletest.Delete} {
		w.server.Inject(googletest.Fault{On: on, Status: http.StatusNotFound, Answer: `{"message":"Not Found"}`})
		wantError(t, on+" goes elsewhere", w.Delete(t.Context(), w.maria, e.ID), errs.Unavailable, "calendar-unavailable")
		w.server.Heal()
	}
	if _, err := w.Get(t.Context(), w.maria, e.ID); err != nil {
		t.Errorf("the event is gone: %v", err)
	}
	w.server.Insert(owner, w.maria.ID, googletest.AllDay("feriado", "2026-03-09", "2026-03-10"))
	for _, zone := range []string{"", "Local", "Mars/Olympus_Mons"} {
		w.server.Inject(googletest.Fault{On: googletest.List, Answer: `{"timeZone":"` + zone + `","items":[{"id":"day","start":{"date":"2026-03-09"},"end":{"date":"2026-03-10"}}]}`})
		_, err := w.Busy(t.Context(), w.maria, at(0), at(60))
		wantError(t, "whole days in the zone "+zone, err, errs.Unavailable, "calendar-unavailable")
		w.server.Heal()
	}
}

func TestPutWritesNoMoreThanItMust(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.put(t, 0)
	for range 2 {
		if err := w.Put(t.Context(), w.maria, e); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.server.Calls(googletest.Update); n != 0 {
		t.Errorf("the same event was written again, %d times", n)
	}
	changes := map[string]func(*calendar.Event){
		"another title": func(e *calendar.Event) { e.Summary = "outro" },
		"another text":  func(e *calendar.Event) { e.Description = "" },
		"shown as free": func(e *calendar.Event) { e.Transparency = "transparent" },
		"a whole day": func(e *calendar.Event) {
			d := googletest.AllDay("", "2026-03-09", "2026-03-10")
			e.Start, e.End = d.Start, d.End
		},
		"a series":           func(e *calendar.Event) { e.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=9"} },
		"cancelled":          func(e *calendar.Event) { e.Status = "cancelled" },
		"stripped":           func(e *calendar.Event) { *e = calendar.Event{Id: e.Id, Status: "cancelled"} },
		"another visit's":    func(e *calendar.Event) { e.ExtendedProperties.Private["secretary_appointment"] = "" },
		"an hour later":      func(e *calendar.Event) { d := googletest.Timed("", at(60), at(90)); e.Start, e.End = d.Start, d.End },
		"in another's words": func(e *calendar.Event) { e.Start.DateTime = "2026-03-09T08:01:00-03:00" },
	}
	for what, change := range changes {
		w.server.Change(owner, w.maria.ID, e.ID, change)
		before := w.server.Calls(googletest.Update)
		if err := w.Put(t.Context(), w.maria, e); err != nil {
			t.Errorf("%s: got error %v", what, err)
		}
		if got, err := w.Get(t.Context(), w.maria, e.ID); err != nil || got != e {
			t.Errorf("%s: it came back as %v, error %v, want %v", what, got, err, e)
		}
		if got, err := w.Events(t.Context(), w.maria, at(0), at(90*24*60)); err != nil || len(got) != 1 || got[0] != e {
			t.Errorf("%s: in the calendar is %v, error %v, want %v alone", what, got, err, e)
		}
		if n := w.server.Calls(googletest.Update) - before; n != 1 {
			t.Errorf("%s: written %d times, want once", what, n)
		}
	}
	w.server.Change(owner, w.maria.ID, e.ID, func(e *calendar.Event) { e.ColorId, e.Location = "7", "Sala 2" })
	e.Start, e.End = at(120), at(150)
	if err := w.Put(t.Context(), w.maria, e); err != nil {
		t.Fatal(err)
	}
	if got := w.server.Events(owner, w.maria.ID)[0]; got.ColorId != "7" || got.Location != "Sala 2" {
		t.Errorf("what people added was lost: colour %q, place %q", got.ColorId, got.Location)
	}
}

func TestAnEventOfAnotherUnderTheSameIDStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	theirs := w.put(t, 0)
	other := w.maria
	other.ProfessionalID = id.New[agenda.ClinicProfessional]()
	ours := theirs
	ours.ProfessionalID, ours.Start, ours.End = other.ProfessionalID, at(60), at(90)
	check := func(what string) {
		before := w.server.Calls(googletest.Update) + w.server.Calls(googletest.Delete)
		wantError(t, what+": put", w.Put(t.Context(), other, ours), errs.Forbidden, "calendar-mismatch")
		if after := w.server.Calls(googletest.Update) + w.server.Calls(googletest.Delete); after != before {
			t.Errorf("%s: something was written", what)
		}
	}
	check("another professional's")
	wantError(t, "delete", w.Delete(t.Context(), other, theirs.ID), errs.Forbidden, "calendar-mismatch")
	w.server.Remove(owner, w.maria.ID, theirs.ID)
	check("another professional's that was deleted")
	w.server.Change(owner, w.maria.ID, theirs.ID, func(e *calendar.Event) { e.Status, e.ExtendedProperties = "confirmed", nil })
	check("nobody's")

	copied := w.put(t, 200)
	twin := w.server.Events(owner, w.maria.ID)[1]
	twin.Id = ""
	twinID := w.server.Insert(owner, w.maria.ID, &twin)
	if got, err := w.Get(t.Context(), w.maria, twinID); err != nil || !got.ProfessionalID.IsZero() || !got.AppointmentID.IsZero() {
		t.Errorf("somebody's copy of %v passes for one of ours: %v, error %v", copied, got, err)
	}
	wantError(t, "deleting the copy", w.Delete(t.Context(), w.maria, twinID), errs.Forbidden, "calendar-mismatch")
}

func TestWhoIsFasterIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.put(t, 0)
	e.Start, e.End = at(60), at(90)
	w.server.Inject(googletest.Fault{On: googletest.Update, Times: 2, Status: http.StatusPreconditionFailed, Reason: "conditionNotMet"})
	if err := w.Put(t.Context(), w.maria, e); err != nil {
		t.Errorf("put: got error %v", err)
	}
	w.server.Inject(googletest.Fault{On: googletest.Delete, Times: 2, Status: http.StatusPreconditionFailed, Reason: "conditionNotMet"})
	if err := w.Delete(t.Context(), w.maria, e.ID); err != nil {
		t.Errorf("delete: got error %v", err)
	}
	if got := w.server.Events(owner, w.maria.ID); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
	w.server.Inject(googletest.Fault{On: googletest.Update, Status: http.StatusPreconditionFailed, Reason: "conditionNotMet"})
	wantError(t, "a fight without end", w.Put(t.Context(), w.maria, e), errs.Unavailable, "calendar-unavailable")
}

func TestAVersionThatWasReadIsTheOneThatIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.put(t, 0)
	e.Summary = "Consulta: outra"
	w.meanwhile(t, googletest.Update, func() error { return w.Put(t.Context(), w.maria, e) }, func(e *calendar.Event) { e.Location = "Sala 9" })
	if got := w.server.Events(owner, w.maria.ID)[0]; got.Location != "Sala 9" || got.Summary != e.Summary {
		t.Errorf("got %q in %q, want both changes", got.Summary, got.Location)
	}
	w.meanwhile(t, googletest.Delete, func() error { return w.Delete(t.Context(), w.maria, e.ID) }, func(e *calendar.Event) { e.Location = "Sala 10" })
	if got := w.server.Events(owner, w.maria.ID); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}

// meanwhile changes the one event of the calendar after do has read it, while do's own change is on its way. That one must
// come back and be made again.
func (w *world) meanwhile(t *testing.T, operation string, do func() error, change func(*calendar.Event)) {
	t.Helper()
	slow := make(chan error, 1)
	w.server.Inject(googletest.Fault{On: operation, Times: 1, Delay: 200 * time.Millisecond})
	go func() { slow <- do() }()
	for w.server.Calls(operation) == 0 {
		time.Sleep(time.Millisecond)
	}
	w.server.Change(owner, w.maria.ID, w.server.Events(owner, w.maria.ID)[0].Id, change)
	if err := <-slow; err != nil {
		t.Errorf("%s: got error %v", operation, err)
	}
	if n := w.server.Calls(operation); n != 2 {
		t.Errorf("%s: tried %d times, want once in vain and once more", operation, n)
	}
}
