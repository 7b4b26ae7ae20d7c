package service

import (
	"bytes"
	"context"
	"log/slog"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// CalendarCredentials implements [ports.CalendarCredentials] over the accounts that clinics have connected. It acts for the
// service itself: nobody's permissions are checked.
type CalendarCredentials struct {
	d      Deps
	sealer ports.Sealer
}

// NewCalendarCredentials makes the credentials of calendars.
func NewCalendarCredentials(d Deps, sealer ports.Sealer) *CalendarCredentials {
	return &CalendarCredentials{d: d, sealer: sealer}
}

// tokenPurpose is what the token of an account is sealed for: a row's token opens in that row only.
func tokenPurpose(key agenda.CalendarAccountID) string { return "google-token:" + key.String() }

func errNotConnected() error {
	return errs.New(errs.Unavailable, "calendar-not-connected", "the clinic has no connected calendar account: connect one")
}

// account returns the account of a clinic: the one that the clinic names and that is of the same entity. Errors:
// Unavailable "calendar-not-connected".
func (d Deps) account(ctx context.Context, c agenda.Clinic) (agenda.CalendarAccount, error) {
	key, connected := c.Account()
	if !connected {
		return agenda.CalendarAccount{}, errNotConnected()
	}
	a, err := d.Repositories.CalendarAccounts.Get(ctx, identity.OnlyEntity(c.EntityID), key)
	if errs.KindOf(err) == errs.NotFound || err == nil && !a.Connected() {
		return agenda.CalendarAccount{}, errNotConnected()
	}
	return a, err
}

// current returns the account of a clinic with its token.
func (s *CalendarCredentials) current(ctx context.Context, tenant agenda.TenantID) (agenda.CalendarAccount, string, error) {
	c, err := s.d.Repositories.Clinics.Get(ctx, identity.AllEntities(), tenant)
	if err != nil {
		return agenda.CalendarAccount{}, "", err
	}
	a, err := s.d.account(ctx, c)
	if err != nil {
		return agenda.CalendarAccount{}, "", err
	}
	token, _, err := s.sealer.Open(a.Token, tokenPurpose(a.ID))
	if err != nil {
		return agenda.CalendarAccount{}, "", err
	}
	return a, string(token), nil
}

// RefreshToken implements [ports.CalendarCredentials].
func (s *CalendarCredentials) RefreshToken(ctx context.Context, tenant agenda.TenantID) (string, error) {
	a, token, err := s.current(ctx, tenant)
	if err == nil && a.Problem != "" {
		err = errs.New(errs.Unavailable, "calendar-access-lost", "access to the calendar account was lost: its owner has to connect it again")
	}
	if err != nil {
		return "", err
	}
	return token, nil
}

// Lost implements [ports.CalendarCredentials].
func (s *CalendarCredentials) Lost(ctx context.Context, tenant agenda.TenantID, refreshToken, problem string) error {
	now := s.d.Now()
	return s.replace(ctx, tenant, refreshToken, func(a *agenda.CalendarAccount) error {
		if a.Problem == "" {
			s.d.Log.WarnContext(ctx, "access to a calendar account was lost: its owner has to connect it again",
				slog.String("tenant_id", tenant.String()), slog.String("account_id", a.ID.String()), slog.String("problem", problem))
		}
		a.Lose(problem, now)
		return nil
	})
}

// Renewed implements [ports.CalendarCredentials].
func (s *CalendarCredentials) Renewed(ctx context.Context, tenant agenda.TenantID, old, fresh string) error {
	now := s.d.Now()
	return s.replace(ctx, tenant, old, func(a *agenda.CalendarAccount) error {
		sealed, err := s.sealer.Seal([]byte(fresh), tokenPurpose(a.ID))
		if err == nil {
			a.Reseal(sealed, now)
		}
		return err
	})
}

// replace changes the account of a clinic if its token is still the one that is given.
func (s *CalendarCredentials) replace(ctx context.Context, tenant agenda.TenantID, token string, change func(*agenda.CalendarAccount) error) error {
	seen, current, err := s.current(ctx, tenant)
	if errs.CodeOf(err) == "calendar-not-connected" || err == nil && current != token {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.d.Repositories.CalendarAccounts.Update(ctx, identity.OnlyEntity(seen.EntityID), seen.ID, func(a *agenda.CalendarAccount) error {
		if !bytes.Equal(a.Token, seen.Token) { // replaced since it was read
			return nil
		}
		return change(a)
	})
	return err
}

// Reseal seals with the newest key what was sealed with an older one, so that the older one can be retired. What no key opens
// stays as it is, and is logged. Without a key it does nothing.
func (s *CalendarCredentials) Reseal(ctx context.Context) error {
	resealed := 0
	err := s.d.eachAccount(ctx, func(a agenda.CalendarAccount) error {
		plain, newest, err := s.sealer.Open(a.Token, tokenPurpose(a.ID))
		switch {
		case errs.CodeOf(err) == "sealed-with-unknown-key":
			s.d.Log.ErrorContext(ctx, "the token of a calendar account does not open with any key of SECRETARY_ENCRYPTION_KEY",
				slog.String("account_id", a.ID.String()))
			return nil
		case err != nil || newest:
			return err
		}
		sealed, err := s.sealer.Seal(plain, tokenPurpose(a.ID))
		if err != nil {
			return err
		}
		now := s.d.Now()
		_, err = s.d.Repositories.CalendarAccounts.Update(ctx, identity.OnlyEntity(a.EntityID), a.ID, func(v *agenda.CalendarAccount) error {
			if bytes.Equal(v.Token, a.Token) {
				v.Reseal(sealed, now)
				resealed++
			}
			return nil
		})
		return err
	})
	if resealed > 0 {
		s.d.Log.InfoContext(ctx, "calendar accounts were sealed with the newest key", slog.Int("accounts", resealed))
	}
	if errs.CodeOf(err) == "encryption-unconfigured" {
		return nil
	}
	return err
}
