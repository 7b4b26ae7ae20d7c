package memory

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

// Calendar is a [ports.Calendar] in memory: any number of calendars, each made by the first event that is put there. It is a
// [ports.CalendarChanges] too, and has hands for those who use a calendar directly.
type Calendar struct {
	mu       sync.Mutex
	events   map[calendarKey]map[string]agenda.Event // by calendar, then by event
	changes  map[calendarKey]map[string]change       // what was last done to each event that there ever was
	changed  int64
	oldest   int64 // tokens from before are no longer good
	failure  error
	failures map[string]error // by calendar id
}

// change is the last that was done to an event.
type change struct {
	agenda.EventChange

	at int64
}

// calendarKey names a calendar. Its id is unique in its clinic only: what another clinic calls by the same id is another
// calendar, as it would be in another Google account.
type calendarKey struct {
	tenant agenda.TenantID
	id     string
}

func keyOfCalendar(cal agenda.Calendar) calendarKey { return calendarKey{cal.TenantID, cal.ID} }

// NewCalendar makes a calendar without events.
func NewCalendar() *Calendar {
	return &Calendar{
		events: map[calendarKey]map[string]agenda.Event{}, changes: map[calendarKey]map[string]change{}, failures: map[string]error{},
	}
}

// Block puts an event into a calendar that is none of ours, as somebody who uses the calendar directly would. It returns
// the event's id.
func (c *Calendar) Block(cal agenda.Calendar, taken agenda.Interval) string {
	return c.Plant(cal, agenda.Event{Summary: "ocupado", Start: taken.Start, End: taken.End})
}

// Plant is Block for any event. One without an id is given one.
func (c *Calendar) Plant(cal agenda.Calendar, e agenda.Event) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.ID == "" {
		e.ID = "foreign" + strconv.FormatInt(c.changed+1, 10)
	}
	e.CalendarID, e.Start, e.End = cal.ID, utc(e.Start), utc(e.End)
	c.put(cal, e)
	return e.ID
}

// MoveByHand moves an event, whoever's it is. It does nothing when there is none.
func (c *Calendar) MoveByHand(cal agenda.Calendar, eventID string, to agenda.Interval) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.events[keyOfCalendar(cal)][eventID]; ok {
		e.Start, e.End = utc(to.Start), utc(to.End)
		c.put(cal, e)
	}
}

// RemoveByHand deletes an event, whoever's it is. It does nothing when there is none.
func (c *Calendar) RemoveByHand(cal agenda.Calendar, eventID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(cal, eventID)
}

// Fail makes every call fail with Unavailable "calendar-unavailable" because of err; nil ends that.
func (c *Calendar) Fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failure = awayBecause(err)
}

// FailFor is Fail for the calendars of one id.
func (c *Calendar) FailFor(calendarID string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures[calendarID] = awayBecause(err)
}

func awayBecause(err error) error {
	if err == nil {
		return nil
	}
	return errs.Wrap(errs.Unavailable, "calendar-unavailable", "the calendar cannot be reached", err)
}

// ExpireTokens makes every token that [Calendar.Changes] has given too old.
func (c *Calendar) ExpireTokens() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed++
	c.oldest = c.changed
}

// Changes implements [ports.CalendarChanges].
func (c *Calendar) Changes(ctx context.Context, cal agenda.Calendar, token string) (changes []agenda.EventChange, next string, err error) {
	changes = []agenda.EventChange{}
	err = c.do(ctx, cal, func() error {
		next = strconv.FormatInt(c.changed, 10)
		if token == "" {
			return nil
		}
		since, err := strconv.ParseInt(token, 10, 64)
		if err != nil || since < c.oldest || since > c.changed {
			return errs.New(errs.Conflict, "sync-token-expired", "too much has changed; follow the calendar anew")
		}
		for _, change := range c.changes[keyOfCalendar(cal)] {
			if change.at > since {
				changes = append(changes, change.EventChange)
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return changes, next, nil
}

// Busy implements [ports.Calendar].
func (c *Calendar) Busy(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Busy, error) {
	events, err := c.Events(ctx, cal, from, to)
	return cal.Taken(events), err
}

// Events implements [ports.Calendar].
func (c *Calendar) Events(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Event, error) {
	events, span := []agenda.Event{}, agenda.Interval{Start: from, End: to}
	err := c.do(ctx, cal, func() error {
		for _, e := range c.events[keyOfCalendar(cal)] {
			if span.Overlaps(agenda.Interval{Start: e.Start, End: e.End}) {
				events = append(events, e)
			}
		}
		return nil
	})
	slices.SortFunc(events, func(a, b agenda.Event) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	return events, err
}

// Get implements [ports.Calendar].
func (c *Calendar) Get(ctx context.Context, cal agenda.Calendar, eventID string) (e agenda.Event, err error) {
	err = c.do(ctx, cal, func() error {
		var ok bool
		if e, ok = c.events[keyOfCalendar(cal)][eventID]; !ok {
			return errs.Absent("event")
		}
		return nil
	})
	return e, err
}

// Put implements [ports.Calendar].
func (c *Calendar) Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error {
	return c.do(ctx, cal, func() error {
		if err := cal.Guard(e); err != nil {
			return err
		}
		e.Start, e.End = utc(e.Start), utc(e.End)
		c.put(cal, e)
		return nil
	})
}

// Delete implements [ports.Calendar]. What it finds is guarded: an event that is none of the professional's stays.
func (c *Calendar) Delete(ctx context.Context, cal agenda.Calendar, eventID string) error {
	return c.do(ctx, cal, func() error {
		e, ok := c.events[keyOfCalendar(cal)][eventID]
		if !ok {
			return nil
		}
		if err := cal.Guard(e); err != nil {
			return err
		}
		c.remove(cal, eventID)
		return nil
	})
}

func (c *Calendar) put(cal agenda.Calendar, e agenda.Event) {
	key := keyOfCalendar(cal)
	if c.events[key] == nil {
		c.events[key] = map[string]agenda.Event{}
	}
	c.events[key][e.ID] = e
	c.note(key, agenda.EventChange{Event: e})
}

func (c *Calendar) remove(cal agenda.Calendar, eventID string) {
	key := keyOfCalendar(cal)
	if e, ok := c.events[key][eventID]; ok {
		delete(c.events[key], eventID)
		gone := agenda.Event{ID: e.ID, CalendarID: e.CalendarID, ProfessionalID: e.ProfessionalID, AppointmentID: e.AppointmentID}
		c.note(key, agenda.EventChange{Event: gone, Removed: true}) // what it told is gone with it
	}
}

func (c *Calendar) note(key calendarKey, done agenda.EventChange) {
	if c.changes[key] == nil {
		c.changes[key] = map[string]change{}
	}
	c.changed++
	c.changes[key][done.ID] = change{done, c.changed}
}

func (c *Calendar) do(ctx context.Context, cal agenda.Calendar, fn func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := cmp.Or(c.failure, c.failures[cal.ID]); err != nil {
		return err
	}
	return fn()
}
