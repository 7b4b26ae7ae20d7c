package googlecalendar_test

import (
	"testing"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/secretary-api/secretary/adapters/googlecalendar"
	"github.com/secretary-api/secretary/adapters/googlecalendar/googletest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

func TestChangesOfEveryKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *googlecalendar.Options) { o.Now = func() time.Time { return at(0) } })
	w.server.PageSize(2)
	for n := range 5 {
		w.put(t, n*60)
	}
	stripped := w.put(t, 600)
	changes, token, err := w.Changes(t.Context(), w.maria, "")
	if err != nil || len(changes) != 0 || token == "" {
		t.Fatalf("at first: got %v, the token %q, error %v", changes, token, err)
	}
	day := w.server.Insert(owner, w.maria.ID, googletest.AllDay("feriado", "2018-11-04", "2018-11-05"))
	series := googletest.Timed("supervisão", at(0), at(60))
	series.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=3"}
	w.server.Insert(owner, w.maria.ID, series)
	home := googletest.Timed("em casa", at(0), at(60))
	home.EventType = "workingLocation"
	w.server.Insert(owner, w.maria.ID, home)
	declined := googletest.Timed("reunião", at(0), at(60))
	declined.Attendees = []*calendar.EventAttendee{{Self: true, ResponseStatus: "declined"}}
	w.server.Insert(owner, w.maria.ID, declined)
	w.server.Remove(owner, w.maria.ID, stripped.ID)
	w.server.Strip(owner, w.maria.ID, stripped.ID)

	changes, _, err = w.Changes(t.Context(), w.maria, token)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, c := range changes {
		seen[c.Summary]++
		switch {
		case c.ID == day && !c.Start.Equal(time.Date(2018, time.November, 4, 3, 0, 0, 0, time.UTC)):
			t.Errorf("the whole day begins at %v", c.Start)
		case c.Summary == "reunião" && !c.Free:
			t.Error("what was declined takes time")
		case c.Removed && c.Event != (agenda.Event{ID: stripped.ID, CalendarID: w.maria.ID}):
			t.Errorf("removed: %v, want the ids", c.Event)
		}
	}
	for summary, want := range map[string]int{"feriado": 1, "supervisão": 3, "em casa": 0, "reunião": 1, "": 1} {
		if seen[summary] != want {
			t.Errorf("%q was changed %d times, want %d", summary, seen[summary], want)
		}
	}
	if len(changes) != 6 {
		t.Errorf("got %d changes, want 6: %v", len(changes), changes)
	}
}

func TestATokenOfAnotherAccountBeginsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.AddCalendar(owner, googletest.Calendar{ID: "joao@example.com"})
	other := w.maria
	other.ID = "joao@example.com"
	_, token, err := w.Changes(t.Context(), other, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range []string{token, "nonsense"} {
		_, _, err = w.Changes(t.Context(), w.maria, old)
		wantError(t, "the token "+old, err, errs.Conflict, "sync-token-expired")
	}
}

func TestChangesFailAsWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, token, err := w.Changes(t.Context(), w.maria, "")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		w.put(t, n*60)
	}
	w.server.PageSize(1)
	w.server.Inject(googletest.Fault{On: googletest.List, Rate: 0.5, Status: 503, Reason: "backendError"})
	for range 20 {
		changes, next, err := w.Changes(t.Context(), w.maria, token)
		if err == nil && len(changes) != 3 || err != nil && (changes != nil || next != "") {
			t.Fatalf("got %d changes and the token %q, error %v: a part of them", len(changes), next, err)
		}
	}
	w.server.Heal()
	w.server.Inject(googletest.Fault{On: googletest.List, Answer: `{"items":[]}`})
	_, next, err := w.Changes(t.Context(), w.maria, token)
	wantError(t, "no next token", err, errs.Unavailable, "calendar-unavailable")
	if next != "" {
		t.Errorf("got the token %q", next)
	}
}
