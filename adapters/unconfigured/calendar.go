package unconfigured

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// Sealer stands in for encryption: everything is Unavailable "encryption-unconfigured", and names what has to be set.
type Sealer struct{}

var _ ports.Sealer = Sealer{}

// Seal implements [ports.Sealer].
func (Sealer) Seal([]byte, string) ([]byte, error) { return nil, errNoKey() }

// Open implements [ports.Sealer].
func (Sealer) Open([]byte, string) (plain []byte, newest bool, err error) {
	return nil, false, errNoKey()
}

func errNoKey() error {
	return errs.New(errs.Unavailable, "encryption-unconfigured", "nothing can be encrypted: set SECRETARY_ENCRYPTION_KEY")
}

// Calendar stands in for Google Calendar: everything is Unavailable "calendar-unconfigured", and names what has to be set. A
// clinic that was connected while Google was configured has its events there, so that nothing else may stand in for it.
type Calendar struct{}

var (
	_ ports.Calendar         = Calendar{}
	_ ports.CalendarProvider = Calendar{}
	_ ports.CalendarChanges  = Calendar{}
)

// Busy implements [ports.Calendar].
func (Calendar) Busy(context.Context, agenda.Calendar, time.Time, time.Time) ([]agenda.Busy, error) {
	return nil, errNoGoogle()
}

// Put implements [ports.Calendar].
func (Calendar) Put(context.Context, agenda.Calendar, agenda.Event) error {
	return errNoGoogle()
}

// Delete implements [ports.Calendar].
func (Calendar) Delete(context.Context, agenda.Calendar, string) error {
	return errNoGoogle()
}

// Get implements [ports.Calendar].
func (Calendar) Get(context.Context, agenda.Calendar, string) (agenda.Event, error) {
	return agenda.Event{}, errNoGoogle()
}

// Events implements [ports.Calendar].
func (Calendar) Events(context.Context, agenda.Calendar, time.Time, time.Time) ([]agenda.Event, error) {
	return nil, errNoGoogle()
}

// ConsentURL implements [ports.CalendarProvider].
func (Calendar) ConsentURL(string, string) (string, error) {
	return "", errNoGoogle()
}

// Redeem implements [ports.CalendarProvider].
func (Calendar) Redeem(context.Context, string, string) (agenda.CalendarGrant, error) {
	return agenda.CalendarGrant{}, errNoGoogle()
}

// Calendars implements [ports.CalendarProvider].
func (Calendar) Calendars(context.Context, agenda.TenantID) ([]agenda.AccountCalendar, error) {
	return nil, errNoGoogle()
}

// Forget implements [ports.CalendarProvider].
func (Calendar) Forget(context.Context, string) error {
	return errNoGoogle()
}

// Changes implements [ports.CalendarChanges].
func (Calendar) Changes(context.Context, agenda.Calendar, string) ([]agenda.EventChange, string, error) {
	return nil, "", errNoGoogle()
}

func errNoGoogle() error {
	return errs.New(errs.Unavailable, "calendar-unconfigured",
		"Google Calendar is not configured: set GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and SECRETARY_ENCRYPTION_KEY")
}
