package service

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// ConsentTime is how long an owner has to give consent after it was asked for.
const ConsentTime = 10 * time.Minute

const consentPurpose = "google-consent"

// CalendarAccounts is how clinics connect the account that holds their calendars.
type CalendarAccounts struct {
	d           Deps
	credentials *CalendarCredentials
	provider    ports.CalendarProvider
	sealer      ports.Sealer
	calendar    ports.Calendar // that of all clinics, see [Calendars]
}

// NewCalendarAccounts makes the use cases of accounts.
func NewCalendarAccounts(d Deps, sealer ports.Sealer, provider ports.CalendarProvider, calendar ports.Calendar) *CalendarAccounts {
	return &CalendarAccounts{d: d, credentials: NewCalendarCredentials(d, sealer), provider: provider, sealer: sealer, calendar: calendar}
}

// consent is what an owner's answer has to bring back: it is all the authority that the answer has. It is sealed.
type consent struct {
	Tenant   agenda.TenantID `json:"t"`
	User     identity.UserID `json:"u"`
	Verifier string          `json:"v"` // of PKCE
	Expires  time.Time       `json:"e"`
}

// Connect returns where the owner of an account is asked for consent, and until when. It changes nothing, and is for people
// only: a user of the back office has to sit there. Errors: NotFound "clinic-not-found", Conflict "clinic-inactive",
// Unavailable "calendar-unconfigured", "encryption-unconfigured".
func (s *CalendarAccounts) Connect(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) (url string, expires time.Time, err error) {
	if err := actor.Require(identity.ClinicsWrite); err != nil {
		return "", time.Time{}, err
	}
	if err := actor.RequireUser(); err != nil {
		return "", time.Time{}, err
	}
	c, err := s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
	if err == nil {
		err = c.RequireActive()
	}
	if err != nil {
		return "", time.Time{}, err
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails since Go 1.24
	asked := consent{
		Tenant: tenant, User: actor.UserID(), Verifier: base64.RawURLEncoding.EncodeToString(random[:]), Expires: s.d.Now().Add(ConsentTime),
	}
	plain, err := json.Marshal(asked)
	if err != nil {
		return "", time.Time{}, err
	}
	sealed, err := s.sealer.Seal(plain, consentPurpose)
	if err != nil {
		return "", time.Time{}, err
	}
	url, err = s.provider.ConsentURL(base64.RawURLEncoding.EncodeToString(sealed), asked.Verifier)
	return url, asked.Expires, err
}

// Connected is what a consent led to, for the page that its owner sees.
type Connected struct {
	ClinicName string
	Account    string // the e-mail address
}

// Finish takes an owner's answer: the state that Connect gave out, and a code, or else the provider's word for why there is
// none. Nobody is logged in then: the state says who began, who must still be allowed to. The account that the clinic had before
// is disconnected when it is another one.
//
// Errors: Invalid "consent-expired" when the state is none of ours or too old, "consent-refused", Forbidden "manager-only"
// or "consent-withdrawn" when who began may not connect the clinic any more, NotFound "clinic-not-found", Conflict
// "clinic-inactive", Unavailable as of the provider.
func (s *CalendarAccounts) Finish(ctx context.Context, state, code, problem string) (Connected, error) {
	asked, err := s.asked(state)
	if err != nil {
		return Connected{}, err
	}
	u, err := s.d.Repositories.Users.Get(ctx, identity.AllEntities(), asked.User)
	if err == nil && !u.Active {
		err = errs.New(errs.Forbidden, "consent-withdrawn", "whoever began this may not connect the clinic any more")
	}
	if err != nil {
		return Connected{}, err
	}
	actor := u.Actor()
	ctx = identity.WithTrail(ctx, identity.Trail{Actor: actor.String(), RequestID: identity.TrailOf(ctx).RequestID})
	c, err := s.clinic(ctx, actor, identity.ClinicsWrite, asked.Tenant)
	if err == nil {
		err = c.RequireActive()
	}
	if err == nil && (problem != "" || code == "") {
		err = errs.New(errs.Invalid, "consent-refused", "access to the calendars was not given")
	}
	if err != nil {
		return Connected{}, err
	}
	grant, err := s.provider.Redeem(ctx, code, asked.Verifier)
	if err != nil {
		return Connected{}, err
	}
	if err := s.attach(ctx, c, grant); err != nil {
		return Connected{}, err
	}
	return Connected{ClinicName: c.Name, Account: grant.Account}, nil
}

func (s *CalendarAccounts) asked(state string) (consent, error) {
	expired := errs.New(errs.Invalid, "consent-expired", "this link is not good, or not good any more: begin again")
	sealed, err := base64.RawURLEncoding.DecodeString(state)
	if err != nil {
		return consent{}, expired
	}
	plain, _, err := s.sealer.Open(sealed, consentPurpose)
	if errs.CodeOf(err) == "sealed-with-unknown-key" {
		return consent{}, expired
	}
	if err != nil {
		return consent{}, err
	}
	var asked consent
	if err := json.Unmarshal(plain, &asked); err != nil {
		return consent{}, err
	}
	if !s.d.Now().Before(asked.Expires) {
		return consent{}, expired
	}
	return asked, nil
}

// attach stores a grant as the account of a clinic.
func (s *CalendarAccounts) attach(ctx context.Context, c agenda.Clinic, grant agenda.CalendarGrant) error {
	now, fresh := s.d.Now(), id.New[agenda.CalendarAccount]()
	var left *agenda.CalendarAccount
	err := s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		left = nil
		accounts, err := accountsOf(ctx, r, c.EntityID)
		if err != nil {
			return err
		}
		key := fresh
		for _, a := range accounts {
			switch {
			case a.Account == grant.Account: // the same again: what is known of its calendars still holds
				key = a.ID
			case a.Connected():
				left = &a
				if _, err := r.CalendarAccounts.Update(ctx, identity.OnlyEntity(c.EntityID), a.ID, func(v *agenda.CalendarAccount) error {
					v.Disconnect(now)
					return nil
				}); err != nil {
					return err
				}
			}
		}
		sealed, err := s.sealer.Seal([]byte(grant.RefreshToken), tokenPurpose(key))
		if err != nil {
			return err
		}
		if key == fresh {
			_, err = r.CalendarAccounts.Create(ctx, agenda.NewCalendarAccount(key, c.EntityID, grant, sealed, now))
		} else {
			_, err = r.CalendarAccounts.Update(ctx, identity.OnlyEntity(c.EntityID), key, func(v *agenda.CalendarAccount) error {
				v.Connect(grant, sealed, now)
				return nil
			})
		}
		if err != nil {
			return err
		}
		_, err = r.Clinics.Update(ctx, identity.OnlyEntity(c.EntityID), c.ID, func(v *agenda.Clinic) error {
			v.Attach(key, now)
			return nil
		})
		return err
	})
	if err == nil && left != nil {
		s.forget(ctx, *left)
	}
	return err
}

// Disconnect ends the use of a clinic's account, whose grant is given back. The clinic keeps its events in the built-in
// calendar from then on. A clinic without an account stays as it is. Errors: NotFound "clinic-not-found".
func (s *CalendarAccounts) Disconnect(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) error {
	c, err := s.clinic(ctx, actor, identity.ClinicsWrite, tenant)
	if err != nil {
		return err
	}
	now := s.d.Now()
	var left []agenda.CalendarAccount
	err = s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		left = nil
		accounts, err := accountsOf(ctx, r, c.EntityID)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if !a.Connected() {
				continue
			}
			left = append(left, a)
			if _, err := r.CalendarAccounts.Update(ctx, actor.Scope(), a.ID, func(v *agenda.CalendarAccount) error {
				v.Disconnect(now)
				return nil
			}); err != nil {
				return err
			}
		}
		if _, connected := c.Account(); !connected {
			return nil
		}
		_, err = r.Clinics.Update(ctx, actor.Scope(), tenant, func(v *agenda.Clinic) error {
			v.Attach(agenda.CalendarAccountID{}, now)
			return nil
		})
		return err
	})
	if err != nil {
		return err
	}
	for _, a := range left {
		s.forget(ctx, a)
	}
	return nil
}

// forget gives the grant of an account back, which is not used here any more. Another clinic may have connected the same
// account, and the provider would end both: then it is kept. What fails is logged: the token is gone from here either way.
func (s *CalendarAccounts) forget(ctx context.Context, left agenda.CalendarAccount) {
	log := s.d.Log.With(slog.String("account_id", left.ID.String()))
	inUse := false
	err := s.d.eachAccount(ctx, func(a agenda.CalendarAccount) error {
		inUse = inUse || a.Account == left.Account
		return nil
	})
	if err == nil && inUse {
		log.InfoContext(ctx, "the grant of a calendar account is kept: another clinic uses the account")
		return
	}
	var token []byte
	if err == nil {
		token, _, err = s.sealer.Open(left.Token, tokenPurpose(left.ID))
	}
	if err == nil {
		err = s.provider.Forget(ctx, string(token))
	}
	if err != nil {
		log.WarnContext(ctx, "the grant of a calendar account could not be given back: its owner may take access away", slog.Any("err", err))
	}
}

// CalendarChoice is a calendar of an account, and who has it.
type CalendarChoice struct {
	agenda.AccountCalendar
	Professional *agenda.ClinicProfessional // nil: nobody
}

// Calendars returns the calendars of a clinic's account, to be given to professionals. Errors: NotFound "clinic-not-found",
// Conflict "calendar-not-connected", Unavailable as of the provider.
func (s *CalendarAccounts) Calendars(ctx context.Context, actor identity.Actor, tenant agenda.TenantID) ([]CalendarChoice, error) {
	if err := actor.Require(identity.ClinicsRead); err != nil {
		return nil, err
	}
	dir, err := s.d.Repositories.Clinics.Directory(ctx, actor.Scope(), tenant)
	if err != nil {
		return nil, err
	}
	if _, connected := dir.Clinic.Account(); !connected {
		return nil, errs.New(errs.Conflict, "calendar-not-connected", "the clinic has not connected a calendar account")
	}
	found, err := s.provider.Calendars(ctx, tenant)
	if err != nil {
		return nil, err
	}
	out := make([]CalendarChoice, 0, len(found))
	for _, cal := range found {
		choice := CalendarChoice{AccountCalendar: cal}
		for _, p := range dir.Professionals {
			if p.GoogleCalendarID == cal.ID {
				choice.Professional = &p
			}
		}
		out = append(out, choice)
	}
	return out, nil
}

// clinic returns a clinic of the actor's, who has a permission.
func (s *CalendarAccounts) clinic(ctx context.Context, actor identity.Actor, may identity.Permission, tenant agenda.TenantID) (agenda.Clinic, error) {
	if err := actor.Require(may); err != nil {
		return agenda.Clinic{}, err
	}
	return s.d.Repositories.Clinics.Get(ctx, actor.Scope(), tenant)
}

// accountsOf returns the accounts of an entity, those that were disconnected too.
func accountsOf(ctx context.Context, r ports.Repositories, entity clinic.EntityID) ([]agenda.CalendarAccount, error) {
	var found []agenda.CalendarAccount
	err := eachPage(func(req page.Request) (page.Page[agenda.CalendarAccount], error) {
		return r.CalendarAccounts.List(ctx, identity.OnlyEntity(entity), agenda.CalendarAccountFilter{}, req)
	}, func(a agenda.CalendarAccount) error {
		found = append(found, a)
		return nil
	})
	return found, err
}

// eachAccount calls fn with every account that is connected, until it fails.
func (d Deps) eachAccount(ctx context.Context, fn func(agenda.CalendarAccount) error) error {
	return eachPage(func(req page.Request) (page.Page[agenda.CalendarAccount], error) {
		return d.Repositories.CalendarAccounts.List(ctx, identity.AllEntities(), agenda.CalendarAccountFilter{Active: new(true)}, req)
	}, fn)
}

// eachPage calls fn with every item of a list, until it fails.
func eachPage[T any](list func(page.Request) (page.Page[T], error), fn func(T) error) error {
	req := page.Request{Limit: page.MaxLimit}
	for {
		p, err := list(req)
		if err != nil {
			return err
		}
		for _, v := range p.Items {
			if err := fn(v); err != nil {
				return err
			}
		}
		if p.NextCursor == "" {
			return nil
		}
		req.Cursor = p.NextCursor
	}
}
