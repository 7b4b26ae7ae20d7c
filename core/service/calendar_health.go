package service

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

const (
	// healthTime is how long everything together may take that is asked for a clinic's health.
	healthTime = 5 * time.Second
	// healthProbes is how many calendars are asked at once.
	healthProbes = 4
)

// HealthStatus says how well something does.
type HealthStatus string

// The statuses, from the best to the worst.
const (
	HealthOK       HealthStatus = "ok"
	HealthDegraded HealthStatus = "degraded" // it works for now, or in part
	HealthDown     HealthStatus = "down"     // it does not work
)

// What is looked at.
const (
	ComponentAccount  = "google-account"
	ComponentCalendar = "calendar"
)

// HealthCheck is how one component of a clinic does.
type HealthCheck struct {
	Component    string
	Professional *agenda.ClinicProfessional // whose calendar it is; nil for the whole clinic
	Status       HealthStatus
	Problem      string    // a code; "" when there is none
	Since        time.Time // since when; zero when that is not known
	Action       string    // what to do about it, for people; "" when nothing
}

// Health is how a clinic does.
type Health struct {
	Status HealthStatus // the worst of the checks
	Checks []HealthCheck
}

// HealthSource looks at a part of what a clinic depends on.
type HealthSource interface {
	healthChecks(ctx context.Context, dir agenda.Directory) ([]HealthCheck, error)
}

// Healths is how clinics do.
type Healths struct {
	d       Deps
	sources []HealthSource
}

// NewHealths makes the use case that looks how a clinic does, in the order of the sources.
func NewHealths(d Deps, sources ...HealthSource) *Healths { return &Healths{d, sources} }

// Of looks whether what a clinic depends on works: its account, the calendar of every professional, its WhatsApp. What it
// finds is for the clinic's owner. It asks the others themselves, for a few seconds at most. Errors: NotFound
// "clinic-not-found".
func (s *Healths) Of(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) (Health, error) {
	if err := actor.Require(identity.ClinicsRead); err != nil {
		return Health{}, err
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), tenant)
	if err != nil {
		return Health{}, err
	}
	found, failed := make([][]HealthCheck, len(s.sources)), make([]error, len(s.sources))
	sideBySide(len(s.sources), len(s.sources), func(i int) {
		found[i], failed[i] = s.sources[i].healthChecks(ctx, dir)
	})
	if err := errors.Join(failed...); err != nil {
		return Health{}, err
	}
	h := Health{Status: HealthOK, Checks: slices.Concat(found...)}
	for _, c := range h.Checks {
		if c.Status == HealthDown || c.Status == HealthDegraded && h.Status == HealthOK {
			h.Status = c.Status
		}
	}
	return h, nil
}

// healthChecks implements [HealthSource].
func (s *CalendarAccounts) healthChecks(ctx context.Context, dir agenda.Directory) ([]HealthCheck, error) {
	if _, connected := dir.Clinic.Account(); !connected {
		return []HealthCheck{{
			Component: ComponentAccount, Status: HealthOK, Problem: "not-connected",
			Action: "Nothing is wrong: events are kept in the built-in calendar. Connect a Google account to have them there.",
		}}, nil
	}
	a, err := s.d.account(ctx, dir.Clinic)
	if errs.KindOf(err) == errs.Unavailable && errs.CodeOf(err) != "calendar-not-connected" {
		return nil, err // it is the store that is away
	}
	asking, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	var there []agenda.AccountCalendar
	if err == nil {
		there, err = s.provider.Calendars(asking, dir.Clinic.ID)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return []HealthCheck{accountCheck(a, err)}, nil
	}
	syncs, err := s.d.Repositories.CalendarSyncs.Of(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	checks := make([]HealthCheck, 1+len(dir.Professionals))
	checks[0] = HealthCheck{Component: ComponentAccount, Status: HealthOK}
	places := make(chan struct{}, healthProbes)
	var all sync.WaitGroup
	for i, p := range dir.Professionals {
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			checks[1+i] = s.checkCalendar(asking, p, there, syncs)
		})
	}
	all.Wait()
	return checks, ctx.Err()
}

// accountCheck says what is wrong with an account that cannot be used because of err.
func accountCheck(a agenda.CalendarAccount, err error) HealthCheck {
	c := HealthCheck{Component: ComponentAccount, Status: HealthDown, Problem: errs.CodeOf(err), Since: a.ProblemAt}
	const again = "No visit can be booked until it is repaired."
	switch c.Problem {
	case "calendar-access-lost":
		c.Action = "Google no longer lets this service in: access was taken away, or has expired. Connect the account again. " + again
	case "calendar-not-connected":
		c.Action = "The account that the clinic names is not there any more. Connect it again. " + again
	case "encryption-unconfigured":
		c.Action = "Whoever runs this service has to set SECRETARY_ENCRYPTION_KEY again. " + again
	case "sealed-with-unknown-key":
		c.Action = "Whoever runs this service has to add the key to SECRETARY_ENCRYPTION_KEY with which this account was connected, or else " +
			"connect the account again. " + again
	case "calendar-unconfigured":
		c.Action = "Whoever runs this service has to set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET again. " + again
	default:
		c.Problem = "calendar-unavailable"
		c.Action = "Google does not answer at the moment. Look again in some minutes. " + again
	}
	return c
}

// checkCalendar looks at the calendar of a professional, which is one of those that the account lists, or else may be
// readable without being listed.
func (s *CalendarAccounts) checkCalendar(ctx context.Context, p agenda.ClinicProfessional, there []agenda.AccountCalendar, syncs []agenda.CalendarSync) HealthCheck {
	c := HealthCheck{Component: ComponentCalendar, Professional: &p, Status: HealthOK}
	at := slices.IndexFunc(there, func(v agenda.AccountCalendar) bool {
		return v.ID == p.GoogleCalendarID || v.Primary && p.GoogleCalendarID == "primary"
	})
	now := s.d.Now()
	_, err := s.calendar.Busy(ctx, p.Calendar(), now, now.Add(time.Hour))
	switch {
	case err != nil && ctx.Err() != nil:
		c.Status, c.Problem = HealthDegraded, "not-checked"
		c.Action = "There was no time to look at this calendar. Look again in some minutes."
	case err != nil:
		c.Status, c.Problem = HealthDown, "calendar-unreadable"
		c.Action = "The calendar cannot be read. Share it with the connected account, with the right to change events, or choose another one for this professional."
	case at < 0:
		c.Status, c.Problem = HealthDegraded, "calendar-not-listed"
		c.Action = "The calendar can be read, but is not among the account's calendars. Add it there, so that it can be seen whether events can be written."
	case !there[at].Writable:
		c.Status, c.Problem = HealthDown, "calendar-read-only"
		c.Action = "Visits cannot be written. Share the calendar with the connected account with the right to change events."
	}
	for _, v := range syncs {
		if v.CalendarID != p.GoogleCalendarID || v.Problem == "" {
			continue
		}
		if c.Since = v.ProblemAt; c.Status == HealthOK {
			c.Status, c.Problem = HealthDegraded, "changes-unseen"
			c.Action = "What is changed by hand in the calendar is not seen at the moment. Look again in some minutes."
		}
	}
	return c
}
