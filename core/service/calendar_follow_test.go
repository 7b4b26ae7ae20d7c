package service_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// told is what calendars tell of changes, by their ids.
type told struct {
	mu      sync.Mutex
	changes map[string][]agenda.EventChange
	asked   map[string][]string // the tokens
	expired bool                // every token that is no ""
	err     error
}

func (c *told) Changes(_ context.Context, cal agenda.Calendar, token string) ([]agenda.EventChange, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked == nil {
		c.asked = map[string][]string{}
	}
	c.asked[cal.ID] = append(c.asked[cal.ID], token)
	switch {
	case c.err != nil:
		return nil, "", c.err
	case token == "":
		return nil, "next", nil
	case c.expired:
		return nil, "", errs.New(errs.Conflict, "sync-token-expired", "begin anew")
	}
	return c.changes[cal.ID], "next", nil
}

// changed are the changes of one event.
func (w *connecting) changed(a agenda.Appointment, removed bool) map[string][]agenda.EventChange {
	return map[string][]agenda.EventChange{a.CalendarID: {
		{Event: agenda.Event{ID: "foreign1"}}, {Event: agenda.Event{ID: a.EventID(), CalendarID: a.CalendarID}, Removed: removed},
	}}
}

// byHand puts an event somewhere else, as somebody who uses the calendar directly would.
func (w *connecting) byHand(a agenda.Appointment, start, end time.Time) {
	w.t.Helper()
	e, err := w.google.Get(w.t.Context(), w.joao.Calendar(), a.EventID())
	w.must(err)
	e.Start, e.End = start, end
	w.must(w.google.Put(w.t.Context(), w.joao.Calendar(), e))
}

func (w *connecting) follow(c *told) {
	w.t.Helper()
	f := service.NewCalendarFollow(w.loudDeps(), w.agenda, w.credentials, w.google, c)
	handled, err := f.Do(w.t.Context(), ports.Job{Kind: service.JobCalendarFollow})
	if !handled || err != nil {
		w.t.Errorf("follow: %v, %v", handled, err)
	}
}

func (w *connecting) stored(a agenda.Appointment) agenda.Appointment {
	w.t.Helper()
	got, err := w.store.Repositories().Appointments.Get(w.t.Context(), identity.AllEntities(), a.ID)
	w.must(err)
	return got
}

func TestAVisitThatWasMovedByHandFollows(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	w.connect(owner, "first")
	a, c := w.book(w.joao, at(8, 0)), &told{}
	w.follow(c) // from here on
	c.changes = w.changed(a, false)
	w.follow(c)
	if got := w.stored(a); got.Version != a.Version {
		t.Errorf("what the service wrote itself made %+v", got)
	}
	w.byHand(a, at(9, 15), at(10, 0))
	w.follow(c)
	got := w.stored(a)
	if !got.Start.Equal(at(9, 15)) || !got.End.Equal(at(10, 0)) || got.OverrideReason != "" {
		t.Errorf("got %+v", got)
	}
	w.follow(c)
	if again := w.stored(a); again.Version != got.Version {
		t.Errorf("followed twice: %+v", again)
	}
	entries, err := w.store.Repositories().AuditLog.List(t.Context(), identity.AllEntities(), identity.AuditFilter{Table: "appointments", Actor: "calendar"}, page.Request{})
	w.must(err)
	if len(entries.Items) != 1 || entries.Items[0].RowID != a.ID.String() {
		t.Errorf("the audit log tells %+v", entries.Items)
	}
	if tokens := c.asked[w.joao.GoogleCalendarID]; strings.Join(tokens, ",") != ",next,next,next" {
		t.Errorf("asked with %q", tokens)
	}
	// An all-day event is no visit.
	w.byHand(a, at(0, 0), at(24, 0))
	w.follow(c)
	if again := w.stored(a); again.Version != got.Version || !strings.Contains(w.logged.String(), "cannot follow its event") {
		t.Errorf("got %+v", again)
	}
}

func TestAVisitThatWasRemovedByHandIsCancelled(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	w.connect(owner, "first")
	a, c := w.book(w.joao, at(8, 0)), &told{}
	w.follow(c)
	c.changes = w.changed(a, true)
	w.follow(c) // it is there again by now
	if got := w.stored(a); got.Status != agenda.Confirmed {
		t.Errorf("got %+v", got)
	}
	w.must(w.google.Delete(t.Context(), w.joao.Calendar(), a.EventID()))
	w.follow(c)
	if got := w.stored(a); got.Status != agenda.Cancelled || got.CancelReason != "removed from the calendar" {
		t.Errorf("got %+v", got)
	}
}

// A change of this service that the calendar has not heard of yet must not be undone by what the calendar still shows.
func TestAVisitThatIsBeingMovedHereIsNotMovedBack(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	w.connect(owner, "first")
	a, c := w.book(w.joao, at(8, 0)), &told{}
	w.follow(c)
	w.google.Fail(errors.New("away"))
	_, err := w.store.Repositories().Appointments.Update(t.Context(), identity.AllEntities(), a.ID, func(v *agenda.Appointment) error {
		return v.Move(at(11, 0), w.clock())
	})
	w.must(err)
	w.google.Fail(nil)
	c.changes = w.changed(a, false) // its making is told only now
	w.follow(c)
	if got := w.stored(a); !got.Start.Equal(at(11, 0)) {
		t.Errorf("the visit is at %v, want 11:00", got.Start)
	}
}

func TestAnExpiredTokenComparesEveryVisitToCome(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	before := w.book(w.joao, at(7, 0).Add(time.Hour)) // in the built-in calendar
	w.connect(owner, "first")
	moved, removed, c := w.book(w.joao, at(9, 0)), w.book(w.joao, at(10, 0)), &told{}
	w.follow(c)
	if e, err := w.google.Get(t.Context(), w.joao.Calendar(), before.EventID()); err != nil || !e.Start.Equal(before.Start) {
		t.Errorf("a visit from before the account was connected: %+v, %v, want its event there", e, err)
	}
	c.expired = true
	w.byHand(moved, at(20, 0), at(20, 30))
	w.must(w.google.Delete(t.Context(), w.joao.Calendar(), removed.EventID()))
	w.follow(c)
	if got := w.stored(moved); !got.Start.Equal(at(20, 0)) {
		t.Errorf("moved: %+v", got)
	}
	if got := w.stored(removed); got.Status != agenda.Cancelled {
		t.Errorf("removed: %+v", got)
	}
	if got := w.stored(before); got.Version != before.Version {
		t.Errorf("untouched: %+v", got)
	}
}

func TestACalendarThatCannotBeReadIsNotedOnceAndKeepsNobodyElse(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	a := w.connect(owner, "first")
	c := &told{err: errs.New(errs.Unavailable, "calendar-unavailable", "away")}
	since := w.clock()
	for range 3 {
		w.follow(c)
		w.pass(time.Minute)
	}
	if n := strings.Count(w.logged.String(), "a calendar cannot be followed"); n != 3 { // once for each professional
		t.Errorf("logged %d times:\n%s", n, w.logged)
	}
	kept, err := w.store.Repositories().CalendarSyncs.Of(t.Context(), a.ID)
	w.must(err)
	if len(kept) != 3 || kept[0].Problem != "calendar-unavailable" || !kept[0].ProblemAt.Equal(since) || kept[0].Token != "" {
		t.Errorf("kept %+v", kept)
	}
	c.err = nil
	w.follow(c)
	kept, err = w.store.Repositories().CalendarSyncs.Of(t.Context(), a.ID)
	w.must(err)
	if kept[0].Problem != "" || kept[0].Token != "next" {
		t.Errorf("kept %+v", kept)
	}
	w.must(w.credentials.Lost(t.Context(), w.clinic.ID, "first", "invalid_grant"))
	asked := len(c.asked[w.joao.GoogleCalendarID])
	w.follow(c)
	if len(c.asked[w.joao.GoogleCalendarID]) != asked {
		t.Error("an account that was lost was asked")
	}
}

// Where an owner's hand puts a visit it stays, whatever the rules of the agenda say, and with a reason that tells so.
func TestAVisitThatWasMovedByHandAgainstTheRulesStaysThere(t *testing.T) {
	t.Parallel()
	for name, where := range map[string]func(w *connecting) (start, end time.Time){
		"onto another visit": func(w *connecting) (start, end time.Time) {
			other := w.book(w.joao, at(11, 0))
			return other.Start, other.End
		},
		"outside of the hours": func(*connecting) (start, end time.Time) { return at(20, 0), at(20, 30) },
		"into a closure": func(w *connecting) (start, end time.Time) {
			w.setClinic(func(c *agenda.Clinic) {
				day := agenda.DateOf(at(24, 0), c.Location())
				c.Closures = []agenda.Closure{{First: day, Last: day, Name: "Recesso"}}
			})
			return at(24+9, 0), at(24+9, 30)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := openConnecting(t)
			w.connect(owner, "first")
			a, c := w.book(w.joao, at(8, 0)), &told{}
			w.follow(c)
			start, end := where(w)
			c.changes = w.changed(a, false)
			w.byHand(a, start, end)
			w.follow(c)
			got := w.stored(a)
			if !got.Start.Equal(start) || !got.End.Equal(end) || got.OverrideReason != "moved in the calendar" || got.Status != agenda.Confirmed {
				t.Errorf("got %+v, want it from %s to %s", got, start, end)
			}
		})
	}
}
