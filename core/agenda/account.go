package agenda

import (
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
)

// CalendarAccountID identifies an account.
type CalendarAccountID = id.Of[CalendarAccount]

// CalendarAccount is the account with which a clinic's calendars are read and written: its owner has given consent by OAuth
// 2.0. A clinic has one, or none.
type CalendarAccount struct {
	ID        CalendarAccountID
	EntityID  clinic.EntityID
	Account   string    // the e-mail address of the account
	Token     []byte    // the refresh token, sealed; nil once it was disconnected
	Scopes    []string  // what the owner agreed to
	Problem   string    // why it cannot be used, for the owner; "" while all is well
	ProblemAt time.Time // since when; zero while all is well
	RevokedAt time.Time // when it was disconnected here; zero: it is connected
	CreatedAt time.Time
	UpdatedAt time.Time
}

// CalendarAccountFilter selects accounts of a list.
type CalendarAccountFilter struct {
	EntityID clinic.EntityID // 0: any
	Active   *bool           // not disconnected; nil: both
}

// CalendarGrant is what an owner's consent led to.
type CalendarGrant struct {
	RefreshToken string
	Account      string // the e-mail address of the account
	Scopes       []string
}

// AccountCalendar is a calendar that an account can see, to be chosen for a professional.
type AccountCalendar struct {
	ID       string
	Name     string
	TimeZone string // IANA name
	Primary  bool   // the account's own
	Writable bool   // events can be written: what a professional's calendar needs
}
