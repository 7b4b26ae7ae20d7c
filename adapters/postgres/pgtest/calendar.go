package pgtest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/ports"
)

// Calendar is a store's calendar that a test can block and take away, as it can the one in memory. What it does not
// have of its own is the store's.
type Calendar struct {
	ports.Calendar

	tb      testing.TB
	blocked atomic.Int64
	failure atomic.Pointer[errs.Error]
}

// NewCalendar makes a calendar of a test.
func NewCalendar(tb testing.TB, stored ports.Calendar) *Calendar {
	tb.Helper()
	return &Calendar{Calendar: stored, tb: tb}
}

// Block puts an event into a calendar that is none of the professional's, as somebody who uses the calendar directly
// would. It returns the event's id.
func (c *Calendar) Block(cal agenda.Calendar, taken agenda.Interval) string {
	c.tb.Helper()
	cal.ProfessionalID = id.New[agenda.ClinicProfessional]() // somebody else's, or it could not be written
	e := agenda.Event{
		ID: fmt.Sprint("foreign", c.blocked.Add(1)), CalendarID: cal.ID, ProfessionalID: cal.ProfessionalID, Summary: "ocupado",
		Start: taken.Start, End: taken.End,
	}
	if err := c.Calendar.Put(c.tb.Context(), cal, e); err != nil {
		c.tb.Fatalf("blocking %s: %v", cal.ID, err)
	}
	return e.ID
}

// Fail makes every call fail with Unavailable "calendar-unavailable" because of err; nil ends that.
func (c *Calendar) Fail(err error) {
	if err == nil {
		c.failure.Store(nil)
		return
	}
	c.failure.Store(errs.Wrap(errs.Unavailable, "calendar-unavailable", "the calendar cannot be reached", err))
}

// Busy implements [ports.Calendar].
func (c *Calendar) Busy(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Busy, error) {
	if err := c.failure.Load(); err != nil {
		return nil, err
	}
	return c.Calendar.Busy(ctx, cal, from, to)
}

// Put implements [ports.Calendar].
func (c *Calendar) Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error {
	if err := c.failure.Load(); err != nil {
		return err
	}
	return c.Calendar.Put(ctx, cal, e)
}

// Delete implements [ports.Calendar].
func (c *Calendar) Delete(ctx context.Context, cal agenda.Calendar, eventID string) error {
	if err := c.failure.Load(); err != nil {
		return err
	}
	return c.Calendar.Delete(ctx, cal, eventID)
}

// Get implements [ports.Calendar].
func (c *Calendar) Get(ctx context.Context, cal agenda.Calendar, eventID string) (agenda.Event, error) {
	if err := c.failure.Load(); err != nil {
		return agenda.Event{}, err
	}
	return c.Calendar.Get(ctx, cal, eventID)
}

// Events implements [ports.Calendar].
func (c *Calendar) Events(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Event, error) {
	if err := c.failure.Load(); err != nil {
		return nil, err
	}
	return c.Calendar.Events(ctx, cal, from, to)
}
