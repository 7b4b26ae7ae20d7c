package googlecalendar

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/keylock"
	"github.com/secretary-api/secretary/ports"
)

// early is how long before its end an access token is no longer used: a request may be on its way for a while.
const early = time.Minute

type key = agenda.TenantID

// access turns the clinics' refresh tokens into access tokens, which it keeps until shortly before they expire.
type access struct {
	config      oauth2.Config
	client      *http.Client
	credentials ports.CalendarCredentials
	now         func() time.Time
	log         *slog.Logger
	turns       keylock.Locks // one refresh at a time for each clinic

	mu     sync.Mutex
	tokens map[key]token
}

// token is what a clinic's refresh token was last good for.
type token struct {
	stored  string // the refresh token as the credentials have it
	refresh string // the one to use: another when Google has replaced it and the credentials could not take that
	access  string
	until   time.Time
}

// token returns an access token of a clinic. The refresh token is asked for each time: one that was withdrawn here or
// replaced is of no use from then on, whichever process did it.
func (a *access) token(ctx context.Context, tenant agenda.TenantID) (string, error) {
	if err := a.configured(); err != nil {
		return "", err
	}
	stored, err := a.credentials.RefreshToken(ctx, tenant)
	if err != nil {
		return "", err
	}
	if kept, ok := a.kept(tenant, stored); ok {
		return kept, nil
	}
	done, err := a.turns.Lock(ctx, tenant.String())
	if err != nil {
		return "", err
	}
	defer done()
	return a.renew(ctx, tenant)
}

// renew asks Google, unless somebody did while this one waited for its turn. Another process may have replaced the refresh
// token a moment ago; so one that is refused is compared with what is stored by then.
func (a *access) renew(ctx context.Context, tenant agenda.TenantID) (string, error) {
	stored, err := a.credentials.RefreshToken(ctx, tenant)
	for err == nil {
		if kept, ok := a.kept(tenant, stored); ok {
			return kept, nil
		}
		fresh, problem := a.exchange(ctx, tenant, stored)
		if problem == nil {
			return fresh, nil
		}
		if statusOf(problem).reason != "invalid_grant" {
			return "", problem
		}
		var latest string
		if latest, err = a.credentials.RefreshToken(ctx, tenant); err == nil && latest == stored {
			return "", a.lost(ctx, tenant, stored, problem)
		}
		stored = latest
	}
	return "", err
}

func (a *access) exchange(ctx context.Context, tenant agenda.TenantID, stored string) (string, error) {
	use := a.replacement(tenant, stored)
	got, err := a.config.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, a.client), &oauth2.Token{RefreshToken: use}).Token()
	if err != nil {
		switch statusOf(err).reason {
		case "invalid_client", "unauthorized_client", "deleted_client", "disabled_client":
			return "", errUnconfigured(causeOf(err))
		}
		return "", err
	}
	lasts, _ := got.Extra("expires_in").(float64)
	t := token{
		stored: stored, refresh: got.RefreshToken, access: got.AccessToken,
		until: a.now().Add(time.Duration(lasts)*time.Second - early),
	}
	if t.refresh != stored {
		// The old one may be of no use by now, so whoever asked is not let down, and a failure is made good the next time.
		if err := a.credentials.Renewed(context.WithoutCancel(ctx), tenant, stored, t.refresh); err != nil {
			a.log.WarnContext(ctx, "a replaced refresh token was not stored", "tenant", tenant.String(), "err", err)
		} else {
			t.stored = t.refresh
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokens[tenant] = t
	return t.access, nil
}

// lost notes that the owner's consent is gone, and that nothing more can be done.
func (a *access) lost(ctx context.Context, tenant agenda.TenantID, stored string, problem error) error {
	a.forget(tenant)
	cause := causeOf(problem)
	err := a.credentials.Lost(context.WithoutCancel(ctx), tenant, stored,
		"Google no longer accepts the consent (invalid_grant): it was withdrawn, or it has expired. Connect the account again.")
	a.log.WarnContext(ctx, "the access to a clinic's calendars is lost", "tenant", tenant.String(), "err", errors.Join(cause, err))
	return errs.Wrap(errs.Unavailable, "calendar-access-lost",
		"the consent to use the clinic's calendars is gone; the account must be connected again", errors.Join(cause, err))
}

func (a *access) kept(tenant agenda.TenantID, stored string) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t, ok := a.tokens[tenant]
	if !ok || t.stored != stored || t.access == "" || !a.now().Before(t.until) {
		return "", false
	}
	return t.access, true
}

// replacement is the refresh token to use in place of the stored one, as a rule that itself.
func (a *access) replacement(tenant agenda.TenantID, stored string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t, ok := a.tokens[tenant]; ok && t.stored == stored {
		return t.refresh
	}
	return stored
}

// drop no longer uses an access token that was refused.
func (a *access) drop(tenant agenda.TenantID, refused string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.tokens[tenant]; t.access == refused {
		t.access = ""
		a.tokens[tenant] = t
	}
}

func (a *access) forget(tenant agenda.TenantID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tokens, tenant)
}
