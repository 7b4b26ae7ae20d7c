package service_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/url"
	"sync"
	"testing"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/sealing"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// sealer has a key of so many bytes n, and then those after it.
func sealer(t *testing.T, n ...byte) *sealing.Sealer {
	t.Helper()
	keys := make([][]byte, len(n))
	for i, b := range n {
		keys[i] = bytes.Repeat([]byte{b}, 32)
	}
	s, err := sealing.New(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// provider is the vendor: whoever agrees there has the account and the token that the test says.
type provider struct {
	credentials ports.CalendarCredentials

	mu        sync.Mutex
	grants    map[string]agenda.CalendarGrant // by code
	verifiers map[string]string               // by state
	calendars []agenda.AccountCalendar
	err       error // of Calendars and Redeem
	forgotten []string
}

func (p *provider) ConsentURL(state, verifier string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.verifiers == nil {
		p.verifiers = map[string]string{}
	}
	p.verifiers[state] = verifier
	return "https://accounts.example.com/auth?state=" + url.QueryEscape(state), nil
}

func (p *provider) Redeem(_ context.Context, code, verifier string) (agenda.CalendarGrant, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := false
	for _, v := range p.verifiers {
		known = known || v == verifier
	}
	g, ok := p.grants[code]
	if !ok || !known {
		return agenda.CalendarGrant{}, errs.New(errs.Invalid, "consent-refused", "the code is not accepted")
	}
	delete(p.grants, code)
	return g, p.err
}

func (p *provider) Calendars(ctx context.Context, tenant agenda.TenantID) ([]agenda.AccountCalendar, error) {
	if _, err := p.credentials.RefreshToken(ctx, tenant); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calendars, p.err
}

func (p *provider) Forget(_ context.Context, token string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgotten = append(p.forgotten, token)
	return nil
}

// connecting is a world with a vendor.
type connecting struct {
	*world
	provider    *provider
	sealer      *sealing.Sealer
	google      *memory.Calendar
	both        *service.Calendars
	credentials *service.CalendarCredentials
	accounts    *service.CalendarAccounts
	admin       identity.Actor
	adminID     identity.UserID
	logged      *bytes.Buffer
}

func openConnecting(t *testing.T) *connecting {
	t.Helper()
	w := &connecting{world: open(t), google: memory.NewCalendar(), sealer: sealer(t, 1), logged: &bytes.Buffer{}}
	d := w.loudDeps()
	w.credentials = service.NewCalendarCredentials(d, w.sealer)
	w.provider = &provider{credentials: w.credentials, grants: map[string]agenda.CalendarGrant{}}
	w.both = service.NewCalendars(d, w.calendar, w.google)
	w.accounts = service.NewCalendarAccounts(d, w.sealer, w.provider, w.both)
	w.agenda = service.NewAgenda(d, w.both)
	u, err := identity.NewUser(identity.UserParams{
		Email: "admin@example.com", PhoneNumber: "+5511955550098", Role: identity.EntityAdmin, EntityID: w.clinic.EntityID,
	}, w.now)
	w.must(err)
	u, err = w.store.Repositories().Users.Create(t.Context(), u)
	w.must(err)
	w.admin, w.adminID = u.Actor(), u.ID
	return w
}

func (w *connecting) loudDeps() service.Deps {
	d := w.deps()
	d.Log = slog.New(slog.NewTextHandler(&lockedWriter{to: w.logged}, nil))
	return d
}

// begin asks for consent and returns the state that comes back.
func (w *connecting) begin() string {
	w.t.Helper()
	to, expires, err := w.accounts.Connect(w.t.Context(), w.admin, w.clinic.ID)
	w.must(err)
	if want := w.clock().Add(service.ConsentTime); !expires.Equal(want) {
		w.t.Errorf("it expires at %v, want %v", expires, want)
	}
	u, err := url.Parse(to)
	w.must(err)
	return u.Query().Get("state")
}

// agree has the owner of an account agree, by a code that the vendor then knows.
func (w *connecting) agree(account, token string) string {
	w.provider.mu.Lock()
	defer w.provider.mu.Unlock()
	w.provider.grants["code-"+token] = agenda.CalendarGrant{RefreshToken: token, Account: account, Scopes: []string{"calendar.events"}}
	return "code-" + token
}

// connect connects an account from beginning to end.
func (w *connecting) connect(account, token string) agenda.CalendarAccount {
	w.t.Helper()
	state := w.begin()
	got, err := w.accounts.Finish(w.t.Context(), state, w.agree(account, token), "")
	w.must(err)
	if got.Account != account || got.ClinicName != w.clinic.Name {
		w.t.Errorf("got %+v", got)
	}
	return w.account()
}

// account is the clinic's.
func (w *connecting) account() agenda.CalendarAccount {
	w.t.Helper()
	c, err := w.store.Repositories().Clinics.Get(w.t.Context(), identity.AllEntities(), w.clinic.ID)
	w.must(err)
	key, _ := c.Account()
	a, err := w.store.Repositories().CalendarAccounts.Get(w.t.Context(), identity.OnlyEntity(w.clinic.EntityID), key)
	w.must(err)
	return a
}

func (w *connecting) wantToken(want, code string) {
	w.t.Helper()
	got, err := w.credentials.RefreshToken(w.t.Context(), w.clinic.ID)
	if got != want || errs.CodeOf(err) != code {
		w.t.Errorf("the token is %q, %v, want %q and code %q", got, err, want, code)
	}
}

// eventsOf are the events of a calendar around the days of tests.
type eventsOf struct {
	t  *testing.T
	of ports.Calendar
}

func (e eventsOf) Events(cal agenda.Calendar) []agenda.Event {
	e.t.Helper()
	found, err := e.of.Events(e.t.Context(), cal, monday().AddDate(0, 0, -7), monday().AddDate(0, 3, 0))
	if err != nil {
		e.t.Fatal(err)
	}
	return found
}
