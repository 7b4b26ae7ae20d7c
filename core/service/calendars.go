package service

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// Calendars implements [ports.Calendar] over two: a clinic that has connected an account has its events there, and every
// other one in the built-in calendar. Never is the one used in the place of the other: when an account is broken, its clinic
// has no calendar. Which one it is, is read for every call, so that a clinic that has just connected does not write to the
// old place.
type Calendars struct {
	d               Deps
	builtIn, google ports.Calendar
}

var _ ports.Calendar = (*Calendars)(nil)

// NewCalendars makes the calendar of all clinics.
func NewCalendars(d Deps, builtIn, google ports.Calendar) *Calendars {
	return &Calendars{d: d, builtIn: builtIn, google: google}
}

// of returns where a clinic's events are, and of which account.
func (s *Calendars) of(ctx context.Context, cal agenda.Calendar) (ports.Calendar, agenda.CalendarAccountID, error) {
	c, err := s.d.Repositories.Clinics.Get(ctx, identity.AllEntities(), cal.TenantID)
	if err != nil {
		return nil, agenda.CalendarAccountID{}, err
	}
	key, connected := c.Account()
	if !connected {
		return s.builtIn, key, nil
	}
	a, err := s.d.account(ctx, c)
	return s.google, a.ID, err
}

// Busy implements [ports.Calendar].
func (s *Calendars) Busy(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Busy, error) {
	c, _, err := s.of(ctx, cal)
	if err != nil {
		return nil, err
	}
	return c.Busy(ctx, cal, from, to)
}

// Put implements [ports.Calendar]. When an event of an account is, is noted, so that what is moved by hand can be told.
func (s *Calendars) Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error {
	if err := cal.Guard(e); err != nil {
		return err
	}
	c, account, err := s.of(ctx, cal)
	if err != nil {
		return err
	}
	if err := c.Put(ctx, cal, e); err != nil || account.IsZero() {
		return err
	}
	return s.d.Repositories.CalendarSyncs.Wrote(ctx, account, cal.ID, e.AppointmentID, agenda.Interval{Start: e.Start, End: e.End})
}

// Delete implements [ports.Calendar].
func (s *Calendars) Delete(ctx context.Context, cal agenda.Calendar, eventID string) error {
	c, _, err := s.of(ctx, cal)
	if err != nil {
		return err
	}
	return c.Delete(ctx, cal, eventID)
}

// Get implements [ports.Calendar].
func (s *Calendars) Get(ctx context.Context, cal agenda.Calendar, eventID string) (agenda.Event, error) {
	c, _, err := s.of(ctx, cal)
	if err != nil {
		return agenda.Event{}, err
	}
	return c.Get(ctx, cal, eventID)
}

// Events implements [ports.Calendar].
func (s *Calendars) Events(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Event, error) {
	c, _, err := s.of(ctx, cal)
	if err != nil {
		return nil, err
	}
	return c.Events(ctx, cal, from, to)
}
