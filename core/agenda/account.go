package agenda

import (
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/audit"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/version"
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

// CalendarSync is how far the changes of one calendar of an account have been followed.
type CalendarSync struct {
	AccountID  CalendarAccountID
	CalendarID string
	Token      string    // from which on changes are asked for; "": from the beginning
	Problem    string    // why it cannot be read, as a code; "" while all is well
	ProblemAt  time.Time // since when; zero while all is well
	SyncedAt   time.Time // when it was read last; zero: never
}

// NewCalendarAccount is what a consent led to; token is the grant's, sealed.
func NewCalendarAccount(key CalendarAccountID, entity clinic.EntityID, g CalendarGrant, token []byte, now time.Time) CalendarAccount {
	a := CalendarAccount{ID: key, EntityID: entity, CreatedAt: now}
	a.Connect(g, token, now)
	return a
}

// Clone returns a copy that shares nothing with the account.
func (a CalendarAccount) Clone() CalendarAccount {
	a.Token, a.Scopes = slices.Clone(a.Token), slices.Clone(a.Scopes)
	return a
}

// Connect takes a new consent, which ends every problem; token is the grant's, sealed.
func (a *CalendarAccount) Connect(g CalendarGrant, token []byte, now time.Time) {
	a.Account, a.Scopes, a.Token = g.Account, g.Scopes, token
	a.Problem, a.ProblemAt, a.RevokedAt = "", time.Time{}, time.Time{}
	a.UpdatedAt = version.Next(a.UpdatedAt, now)
}

// Disconnect ends the use of the account, and forgets its token.
func (a *CalendarAccount) Disconnect(now time.Time) {
	if a.Connected() {
		a.Token, a.RevokedAt = nil, now
		a.Problem, a.ProblemAt = "", time.Time{}
		a.UpdatedAt = version.Next(a.UpdatedAt, now)
	}
}

// Connected reports whether the account is in use, be it with a problem.
func (a CalendarAccount) Connected() bool { return a.RevokedAt.IsZero() }

// Lose notes why the account cannot be used any more; the first reason stays.
func (a *CalendarAccount) Lose(problem string, now time.Time) {
	if a.Problem == "" {
		a.Problem, a.ProblemAt = problem, now
		a.UpdatedAt = version.Next(a.UpdatedAt, now)
	}
}

// Reseal replaces the sealed token.
func (a *CalendarAccount) Reseal(token []byte, now time.Time) {
	a.Token = token
	a.UpdatedAt = version.Next(a.UpdatedAt, now)
}

// Audited returns what the audit log tells of an account: neither whose it is nor its token.
func (a CalendarAccount) Audited() []audit.Field {
	return []audit.Field{
		{Name: "entity_id", Value: audit.Number(a.EntityID)},
		{Name: "account", Value: audit.Text(a.Account), Hidden: true},
		{Name: "token", Value: audit.Text(string(a.Token)), Hidden: true},
		{Name: "scopes", Value: a.Scopes},
		{Name: "problem", Value: audit.Text(a.Problem)},
		{Name: "problem_at", Value: audit.Time(a.ProblemAt)},
		{Name: "revoked_at", Value: audit.Time(a.RevokedAt)},
	}
}
