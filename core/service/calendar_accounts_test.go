package service_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/unconfigured"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

const owner = "clinica@example.com"

func TestAnOwnerConnectsAnAccount(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	w.wantToken("", "calendar-not-connected")
	a := w.connect(owner, "1//refresh")
	w.wantToken("1//refresh", "")
	if bytes.Contains(a.Token, []byte("refresh")) {
		t.Error("the token is kept as it is")
	}
	c, err := w.clinics.Get(t.Context(), w.admin, w.clinic.ID)
	w.must(err)
	if c.GoogleOAuthCredentialID != a.ID.String() || a.EntityID != c.EntityID || a.Account != owner {
		t.Errorf("the clinic names %q, the account is %+v", c.GoogleOAuthCredentialID, a)
	}
	entries, err := w.store.Repositories().AuditLog.List(t.Context(), identity.OnlyEntity(c.EntityID), identity.AuditFilter{Table: "google_credentials"}, page.Request{})
	w.must(err)
	if len(entries.Items) != 1 || entries.Items[0].Actor != w.admin.String() || strings.Contains(string(entries.Items[0].Changes), owner) {
		t.Errorf("the audit log tells %+v, want that %s has connected, and not whose it is", entries.Items, w.admin)
	}
	if strings.Contains(w.logged.String(), "refresh") {
		t.Errorf("the log tells the token: %s", w.logged)
	}
}

func TestAnAnswerIsGoodForTenMinutesAndForWhoBegan(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	state := w.begin()
	for name, bad := range map[string]string{
		"none": "", "no base64": "%%", "made up": "AAAA", "cut": state[:len(state)-4], "changed": "x" + state[1:],
	} {
		if _, err := w.accounts.Finish(t.Context(), bad, w.agree(owner, name), ""); errs.CodeOf(err) != "consent-expired" {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	token, err := w.sealer.Seal([]byte(`{"t":"`+w.clinic.ID.String()+`","u":1}`), "google-token:x")
	w.must(err)
	if _, err := w.accounts.Finish(t.Context(), string(token), "code", ""); errs.CodeOf(err) != "consent-expired" {
		t.Errorf("what was sealed for another purpose: got error %v", err)
	}
	_, err = w.accounts.Finish(t.Context(), state, "", "access_denied")
	w.wantCode(err, "consent-refused")
	_, err = w.accounts.Finish(t.Context(), state, "unknown", "")
	w.wantCode(err, "consent-refused")
	w.pass(service.ConsentTime)
	_, err = w.accounts.Finish(t.Context(), state, w.agree(owner, "late"), "")
	w.wantCode(err, "consent-expired")

	state = w.begin()
	users := w.store.Repositories().Users
	_, err = users.Update(t.Context(), identity.AllEntities(), w.adminID, func(u *identity.User) error { u.Deactivate(w.clock()); return nil })
	w.must(err)
	_, err = w.accounts.Finish(t.Context(), state, w.agree(owner, "left"), "")
	w.wantCode(err, "consent-withdrawn")
	other, err := clinic.NewEntity(clinic.EntityParams{Name: "Outra"}, w.clock())
	w.must(err)
	other, err = w.store.Repositories().Entities.Create(t.Context(), other)
	w.must(err)
	_, err = users.Update(t.Context(), identity.AllEntities(), w.adminID, func(u *identity.User) error { u.Active, u.EntityID = true, other.ID; return nil })
	w.must(err)
	_, err = w.accounts.Finish(t.Context(), state, w.agree(owner, "moved"), "")
	w.wantCode(err, "clinic-not-found")
	w.wantToken("", "calendar-not-connected")
}

func TestConnectIsForPeopleWhoMayWriteTheClinic(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	_, _, err := w.accounts.Connect(t.Context(), identity.FrontDesk(w.clinic.EntityID), w.clinic.ID)
	w.wantCode(err, "users-only")
	_, _, err = w.accounts.Connect(t.Context(), w.admin, id.New[agenda.Clinic]())
	w.wantCode(err, "clinic-not-found")
	silent := service.NewCalendarAccounts(w.deps(), unconfigured.Sealer{}, w.provider, w.both)
	_, _, err = silent.Connect(t.Context(), w.admin, w.clinic.ID)
	w.wantCode(err, "encryption-unconfigured")
	missing := service.NewCalendarAccounts(w.deps(), w.sealer, unconfigured.Calendar{}, w.both)
	_, _, err = missing.Connect(t.Context(), w.admin, w.clinic.ID)
	w.wantCode(err, "calendar-unconfigured")
	w.must(w.clinics.Delete(t.Context(), w.admin, w.clinic.ID, version.Match{}))
	_, _, err = w.accounts.Connect(t.Context(), w.admin, w.clinic.ID)
	w.wantCode(err, "clinic-inactive")
}

func TestTheSameAccountAgainIsTheSameAndAnotherOneReplacesIt(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	first := w.connect(owner, "first")
	w.must(w.credentials.Lost(t.Context(), w.clinic.ID, "first", "invalid_grant"))
	again := w.connect(owner, "second")
	if again.ID != first.ID || again.Problem != "" || !again.ProblemAt.IsZero() {
		t.Errorf("got %+v, want the account %s without a problem", again, first.ID)
	}
	w.wantToken("second", "")
	if len(w.provider.forgotten) != 0 {
		t.Errorf("given back: %q, which would end the new grant as well", w.provider.forgotten)
	}
	other := w.connect("outra@example.com", "third")
	w.wantToken("third", "")
	if other.ID == first.ID {
		t.Error("another account has the id of the first")
	}
	old, err := w.store.Repositories().CalendarAccounts.Get(t.Context(), identity.AllEntities(), first.ID)
	w.must(err)
	if old.Connected() || old.Token != nil {
		t.Errorf("the first account is %+v, want it disconnected and without its token", old)
	}
	if diff := cmp.Diff([]string{"second"}, w.provider.forgotten); diff != "" {
		t.Errorf("given back (-want +got):\n%s", diff)
	}
	back := w.connect(owner, "fourth")
	if back.ID != first.ID || !back.Connected() {
		t.Errorf("got %+v, want the first account again", back)
	}
}

func TestDisconnectGivesTheGrantBackUnlessAnotherClinicUsesTheAccount(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	w.must(w.accounts.Disconnect(t.Context(), w.admin, w.clinic.ID)) // nothing to do
	w.connect(owner, "first")
	other, err := clinic.NewEntity(clinic.EntityParams{Name: "Outra"}, w.clock())
	w.must(err)
	other, err = w.store.Repositories().Entities.Create(t.Context(), other)
	w.must(err)
	theirs, err := w.clinics.Create(t.Context(), w.manager, agenda.ClinicParams{EntityID: other.ID, Name: "Outra"})
	w.must(err)
	ours, admin := w.clinic, w.admin
	w.clinic, w.admin = theirs, w.manager
	w.connect(owner, "second")
	w.must(w.accounts.Disconnect(t.Context(), w.manager, theirs.ID))
	w.clinic, w.admin = ours, admin
	if len(w.provider.forgotten) != 0 {
		t.Errorf("given back: %q, which would disconnect the other clinic", w.provider.forgotten)
	}
	w.wantToken("first", "")
	w.must(w.accounts.Disconnect(t.Context(), w.admin, ours.ID))
	w.wantToken("", "calendar-not-connected")
	if diff := cmp.Diff([]string{"first"}, w.provider.forgotten); diff != "" {
		t.Errorf("given back (-want +got):\n%s", diff)
	}
	c, err := w.clinics.Get(t.Context(), w.admin, ours.ID)
	w.must(err)
	if c.GoogleOAuthCredentialID != "" {
		t.Errorf("the clinic names %q", c.GoogleOAuthCredentialID)
	}
	w.wantCode(w.accounts.Disconnect(t.Context(), w.admin, theirs.ID), "clinic-not-found")
}

// A platform where anybody could name any account would let one tenant read another's calendars.
func TestAClinicNamesNoAccountButItsOwn(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	own := w.connect(owner, "own")
	e, err := clinic.NewEntity(clinic.EntityParams{Name: "Outra"}, w.clock())
	w.must(err)
	e, err = w.store.Repositories().Entities.Create(t.Context(), e)
	w.must(err)
	_, err = w.clinics.Create(t.Context(), w.manager, agenda.ClinicParams{EntityID: e.ID, Name: "Outra", GoogleOAuthCredentialID: own.ID.String()})
	w.wantCode(err, "unknown-reference")
	theirs, err := w.clinics.Create(t.Context(), w.manager, agenda.ClinicParams{EntityID: e.ID, Name: "Outra"})
	w.must(err)
	set := func(tenant agenda.TenantID, credential string) error {
		_, err := w.clinics.Update(t.Context(), w.manager, tenant, agenda.ClinicPatch{GoogleOAuthCredentialID: patch.Set(credential)}, version.Match{})
		return err
	}
	w.wantCode(set(theirs.ID, own.ID.String()), "unknown-reference")
	w.wantCode(set(theirs.ID, "credential-1"), "unknown-reference")
	w.wantCode(set(w.clinic.ID, id.New[agenda.CalendarAccount]().String()), "unknown-reference")
	w.must(set(w.clinic.ID, ""))
	w.wantToken("", "calendar-not-connected")
	w.must(set(w.clinic.ID, own.ID.String()))
	w.wantToken("own", "")
	// Past every rule of the use cases, as somebody with the database at hand could.
	_, err = w.store.Repositories().Clinics.Update(t.Context(), identity.AllEntities(), theirs.ID, func(c *agenda.Clinic) error {
		c.GoogleOAuthCredentialID = own.ID.String()
		return nil
	})
	w.must(err)
	if token, err := w.credentials.RefreshToken(t.Context(), theirs.ID); token != "" || errs.CodeOf(err) != "calendar-not-connected" {
		t.Errorf("another entity's clinic gets %q, %v", token, err)
	}
	w.must(w.credentials.Lost(t.Context(), theirs.ID, "own", "stolen"))
	w.wantToken("own", "")
}

func TestALostTokenIsNotedOnceAndNotTriedAgain(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	w.connect(owner, "first")
	w.must(w.credentials.Lost(t.Context(), w.clinic.ID, "another", "invalid_grant")) // not the one that it has by now
	w.wantToken("first", "")
	since := w.clock()
	w.must(w.credentials.Lost(t.Context(), w.clinic.ID, "first", "invalid_grant"))
	w.pass(time.Hour)
	w.must(w.credentials.Lost(t.Context(), w.clinic.ID, "first", "something else"))
	w.wantToken("", "calendar-access-lost")
	if a := w.account(); a.Problem != "invalid_grant" || !a.ProblemAt.Equal(since) {
		t.Errorf("got %+v, want the first problem", a)
	}
	if n := strings.Count(w.logged.String(), "access to a calendar account was lost"); n != 1 {
		t.Errorf("logged %d times: %s", n, w.logged)
	}
}

func TestARenewedTokenReplacesTheOneItWasGivenFor(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	w.must(w.credentials.Renewed(t.Context(), w.clinic.ID, "none", "fresh")) // nothing is connected
	w.connect(owner, "first")
	w.must(w.credentials.Renewed(t.Context(), w.clinic.ID, "another", "wrong"))
	w.wantToken("first", "")
	w.must(w.credentials.Renewed(t.Context(), w.clinic.ID, "first", "fresh"))
	w.wantToken("fresh", "")
}

func TestAKeyIsRetiredAfterEverythingWasSealedAgain(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	w.connect(owner, "first")
	both := service.NewCalendarCredentials(w.loudDeps(), sealer(t, 2, 1))
	newest := service.NewCalendarCredentials(w.loudDeps(), sealer(t, 2))
	_, err := newest.RefreshToken(t.Context(), w.clinic.ID)
	w.wantCode(err, "sealed-with-unknown-key")
	w.must(newest.Reseal(t.Context()))
	if !strings.Contains(w.logged.String(), "does not open with any key") {
		t.Errorf("the log says %s", w.logged)
	}
	before := w.account()
	w.must(both.Reseal(t.Context()))
	w.must(both.Reseal(t.Context()))
	if n := strings.Count(w.logged.String(), "sealed with the newest key"); n != 1 {
		t.Errorf("sealed again %d times, want once: %s", n, w.logged)
	}
	if token, err := newest.RefreshToken(t.Context(), w.clinic.ID); token != "first" || err != nil {
		t.Errorf("with the new key alone: %q, %v", token, err)
	}
	if after := w.account(); bytes.Equal(after.Token, before.Token) || !after.UpdatedAt.After(before.UpdatedAt) {
		t.Errorf("the account was not changed")
	}
	w.must(service.NewCalendarCredentials(w.deps(), unconfigured.Sealer{}).Reseal(t.Context()))
}

func TestTheCalendarsOfAnAccountNameWhoHasThem(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	_, err := w.accounts.Calendars(t.Context(), w.admin, w.clinic.ID)
	w.wantCode(err, "calendar-not-connected")
	w.connect(owner, "first")
	w.provider.calendars = []agenda.AccountCalendar{{ID: owner, Primary: true}, {ID: w.maria.GoogleCalendarID, Name: "Maria", Writable: true}}
	got, err := w.accounts.Calendars(t.Context(), w.admin, w.clinic.ID)
	w.must(err)
	if len(got) != 2 || got[0].Professional != nil || got[1].Professional == nil || got[1].Professional.ID != w.maria.ID || got[1].Name != "Maria" {
		t.Errorf("got %+v", got)
	}
	w.provider.err = errs.Wrap(errs.Unavailable, "calendar-unavailable", "away", errors.New("away"))
	_, err = w.accounts.Calendars(t.Context(), w.admin, w.clinic.ID)
	w.wantCode(err, "calendar-unavailable")
}

func TestAClinicHasItsEventsInOnePlaceOnly(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	built := w.book(w.joao, at(8, 0))
	a := w.connect(owner, "first")
	there := w.book(w.joao, at(9, 0))
	events := func(of eventsOf) []string {
		var ids []string
		for _, e := range of.Events(w.joao.Calendar()) {
			ids = append(ids, e.ID)
		}
		return ids
	}
	if diff := cmp.Diff([]string{built.EventID()}, events(eventsOf{t, w.calendar})); diff != "" {
		t.Errorf("built in (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{there.EventID()}, events(eventsOf{t, w.google})); diff != "" {
		t.Errorf("on Google (-want +got):\n%s", diff)
	}
	when, written, err := w.store.Repositories().CalendarSyncs.Written(t.Context(), a.ID, w.joao.GoogleCalendarID, there.ID)
	if err != nil || !written || when != (agenda.Interval{Start: there.Start, End: there.End}) {
		t.Errorf("noted as written: %v, %v, %v", when, written, err)
	}
	// A broken account is not replaced by the built-in calendar.
	w.google.Fail(errors.New("away"))
	_, err = w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(10, 0)))
	w.wantCode(err, "calendar-unavailable")
	_, err = w.agenda.Availability(t.Context(), w.manager, service.AvailabilityParams{Tenant: w.clinic.ID, Professional: w.joao.ID})
	w.wantCode(err, "calendar-unavailable")
	w.google.Fail(nil)
	_, err = w.store.Repositories().Clinics.Update(t.Context(), identity.AllEntities(), w.clinic.ID, func(c *agenda.Clinic) error {
		c.GoogleOAuthCredentialID = "gone"
		return nil
	})
	w.must(err)
	_, err = w.agenda.Book(t.Context(), w.manager, w.visit(w.joao, at(10, 0)))
	w.wantCode(err, "calendar-not-connected")
	if len(w.confirmed(w.joao)) != 2 || len(events(eventsOf{t, w.calendar}))+len(events(eventsOf{t, w.google})) != 2 {
		t.Error("something was written somewhere")
	}
	w.must(w.accounts.Disconnect(t.Context(), w.admin, w.clinic.ID))
	w.book(w.joao, at(11, 0))
	if got := events(eventsOf{t, w.calendar}); len(got) != 2 {
		t.Errorf("built in after: %v", got)
	}
}
