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

// Calendar is a [ports.Calendar] in memory: any number of calendars, each made by the first event that is put there.
type Calendar struct {
	mu      sync.Mutex
	events  map[calendarKey]map[string]agenda.Event // by calendar, then by event
	blocked int
	failure error
}

// calendarKey names a calendar. Its id is unique in its clinic only: what another clinic calls by the same id is another
// calendar, as it would be in another Google account.
type calendarKey struct {
	tenant agenda.TenantID
	id     string
}

func keyOfCalendar(cal agenda.Calendar) calendarKey { return calendarKey{cal.TenantID, cal.ID} }

// NewCalendar makes a calendar without events.
func NewCalendar() *Calendar { return &Calendar{events: map[calendarKey]map[string]agenda.Event{}} }

// Block puts an event into a calendar that is none of ours, as somebody who uses the calendar directly would. It returns
// the event's id.
func (c *Calendar) Block(cal agenda.Calendar, taken agenda.Interval) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.blocked++
	e := agenda.Event{
		ID: "foreign" + strconv.Itoa(c.blocked), CalendarID: cal.ID, Summary: "ocupado",
		Start: utc(taken.Start), End: utc(taken.End),
	}
	c.put(cal, e)
	return e.ID
}

// Fail makes every call fail with Unavailable "calendar-unavailable" because of err; nil ends that.
func (c *Calendar) Fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failure = nil
	if err != nil {
		c.failure = errs.Wrap(errs.Unavailable, "calendar-unavailable", "the calendar cannot be reached", err)
	}
}

// Busy implements [ports.Calendar].
func (c *Calendar) Busy(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Busy, error) {
	events, err := c.Events(ctx, cal, from, to)
	busy := make([]agenda.Busy, 0, len(events))
	for _, e := range events {
		busy = append(busy, agenda.Busy{Interval: agenda.Interval{Start: e.Start, End: e.End}, EventID: e.ID})
	}
	return busy, err
}

// Events implements [ports.Calendar].
func (c *Calendar) Events(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Event, error) {
	events, span := []agenda.Event{}, agenda.Interval{Start: from, End: to}
	err := c.do(ctx, func() error {
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
	err = c.do(ctx, func() error {
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
	return c.do(ctx, func() error {
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
	return c.do(ctx, func() error {
		e, ok := c.events[keyOfCalendar(cal)][eventID]
		if !ok {
			return nil
		}
		if err := cal.Guard(e); err != nil {
			return err
		}
		delete(c.events[keyOfCalendar(cal)], eventID)
		return nil
	})
}

func (c *Calendar) put(cal agenda.Calendar, e agenda.Event) {
	key := keyOfCalendar(cal)
	if c.events[key] == nil {
		c.events[key] = map[string]agenda.Event{}
	}
	c.events[key][e.ID] = e
}

func (c *Calendar) do(ctx context.Context, fn func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure != nil {
		return c.failure
	}
	return fn()
}
