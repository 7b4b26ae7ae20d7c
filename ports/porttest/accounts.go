package porttest

import (
	"fmt"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

// NewAccount returns an account that an entity has connected, which has a problem.
func (f *Fixtures) NewAccount(entity clinic.EntityID) agenda.CalendarAccount {
	n := f.next()
	return agenda.CalendarAccount{
		ID: id.New[agenda.CalendarAccount](), EntityID: entity, Account: fmt.Sprintf("clinica%d@example.com", n),
		Token: []byte{1, 0, 0xff, byte(n)}, Scopes: []string{"calendar.events", "email"}, Problem: "the owner has taken access away",
		ProblemAt: f.Now().Add(-time.Hour), CreatedAt: f.Now(), UpdatedAt: f.Now().Add(time.Second),
	}
}

// Account stores an account.
func (f *Fixtures) Account(entity clinic.EntityID) agenda.CalendarAccount {
	f.t.Helper()
	return store(f, f.CalendarAccounts.Create, f.NewAccount(entity))
}

func testCalendarAccounts(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[agenda.CalendarAccount, agenda.CalendarAccountFilter]
	records[agenda.CalendarAccount, agenda.CalendarAccountID, agenda.CalendarAccountFilter]{
		what: "account", given: true, alone: true,
		of: func(f *Fixtures) repository[agenda.CalendarAccount, agenda.CalendarAccountID, agenda.CalendarAccountFilter] {
			return f.CalendarAccounts
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) agenda.CalendarAccount {
			v := f.NewAccount(entity)
			if n%3 == 1 {
				v.Disconnect(f.Now())
			}
			return v
		},
		id: func(v *agenda.CalendarAccount) *agenda.CalendarAccountID { return &v.ID }, missing: id.New[agenda.CalendarAccount](),
		order:  func(v agenda.CalendarAccount) string { return v.ID.String() },
		entity: func(_ *Fixtures, v agenda.CalendarAccount) clinic.EntityID { return v.EntityID },
		at:     func(v *agenda.CalendarAccount) *time.Time { return &v.ProblemAt },
		change: func(v *agenda.CalendarAccount) {
			v.Account, v.Token, v.Scopes, v.Problem, v.ProblemAt = "outra@example.com", []byte("other"), []string{"x"}, "", time.Time{}
			v.RevokedAt = v.CreatedAt.Add(time.Minute)
			v.UpdatedAt = v.UpdatedAt.Add(time.Hour)
		},
		bare: func(v *agenda.CalendarAccount) {
			v.Account, v.Token, v.Scopes, v.Problem, v.ProblemAt = "", nil, nil, "", time.Time{}
		},
		damage: func(v *agenda.CalendarAccount) { v.Token[0], v.Scopes[0] = 'x', "changed" },
		filters: func(_ *Fixtures, rows []agenda.CalendarAccount) list {
			entity := rows[0].EntityID
			return list{
				{"entity", agenda.CalendarAccountFilter{EntityID: entity}, func(v agenda.CalendarAccount) bool { return v.EntityID == entity }},
				{"active", agenda.CalendarAccountFilter{Active: new(true)}, agenda.CalendarAccount.Connected},
				{"not active", agenda.CalendarAccountFilter{Active: new(false)}, func(v agenda.CalendarAccount) bool { return !v.Connected() }},
			}
		},
		conflicts: []conflict[agenda.CalendarAccount]{
			{"account-exists", func(first agenda.CalendarAccount, second *agenda.CalendarAccount) {
				second.EntityID, second.RevokedAt = first.EntityID, time.Time{}
			}, true},
		},
		unknown: []unknown[agenda.CalendarAccount]{{"entity", func(v *agenda.CalendarAccount) { v.EntityID = nowhere }}},
	}.run(t, open)

	try(t, open, "ADisconnectedAccountMakesRoom", func(t *testing.T, f *Fixtures) {
		entity := f.Entity().ID
		for range 3 {
			v := f.NewAccount(entity)
			v.Disconnect(f.Now())
			store(f, f.CalendarAccounts.Create, v)
		}
		accounts := make([]agenda.CalendarAccount, racers)
		for i := range accounts {
			accounts[i] = f.NewAccount(entity)
		}
		race(t, "account-exists", func(i int) error {
			_, err := f.CalendarAccounts.Create(t.Context(), accounts[i])
			return err
		})
	})
}

func testCalendarSyncs(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "WhatIsKeptComesBack", func(t *testing.T, f *Fixtures) {
		one, other := f.Account(f.Entity().ID), f.Account(f.Entity().ID)
		of := func(a agenda.CalendarAccount) []agenda.CalendarSync {
			t.Helper()
			return ok[[]agenda.CalendarSync](t, "of")(f.CalendarSyncs.Of(t.Context(), a.ID))
		}
		wantSame(t, "of an account without any", of(one), nil)
		b := agenda.CalendarSync{AccountID: one.ID, CalendarID: "b@example.com", Token: "token=", SyncedAt: f.Now()}
		a := agenda.CalendarSync{AccountID: one.ID, CalendarID: "Açaí", Problem: "calendar-unavailable", ProblemAt: f.Now(), SyncedAt: f.Now().Add(-time.Hour)}
		theirs := agenda.CalendarSync{AccountID: other.ID, CalendarID: b.CalendarID, Token: "theirs"}
		for _, v := range []agenda.CalendarSync{b, a, theirs} {
			okay(t, "keep", f.CalendarSyncs.Keep(t.Context(), v))
		}
		wantSame(t, "of one", of(one), []agenda.CalendarSync{a, b})
		a, b = agenda.CalendarSync{AccountID: one.ID, CalendarID: a.CalendarID, Token: "x"}, agenda.CalendarSync{AccountID: one.ID, CalendarID: b.CalendarID}
		okay(t, "keep again", f.CalendarSyncs.Keep(t.Context(), a))
		okay(t, "keep again", f.CalendarSyncs.Keep(t.Context(), b))
		wantSame(t, "of one after", of(one), []agenda.CalendarSync{a, b})
		wantSame(t, "of the other", of(other), []agenda.CalendarSync{theirs})
		zoned := a
		zoned.SyncedAt = time.Date(2026, time.March, 9, 9, 30, 0, 123456789, time.FixedZone("-03", -3*60*60))
		okay(t, "keep", f.CalendarSyncs.Keep(t.Context(), zoned))
		if got, want := of(one)[0].SyncedAt, time.Date(2026, time.March, 9, 12, 30, 0, 123456000, time.UTC); got != want {
			t.Errorf("synced at %v, want %v", got, want)
		}
		nobodys := agenda.CalendarSync{AccountID: id.New[agenda.CalendarAccount](), CalendarID: "x"}
		wantError(t, "keep of no account", f.CalendarSyncs.Keep(t.Context(), nobodys), errs.Invalid, "unknown-reference")
		wantCancelled(t, "Keep", f.CalendarSyncs.Keep(cancelled(t), b))
		_, err := f.CalendarSyncs.Of(cancelled(t), one.ID)
		wantCancelled(t, "Of", err)
	})
	try(t, open, "WhatWasWrittenIsKnown", func(t *testing.T, f *Fixtures) {
		one, other := f.Account(f.Entity().ID), f.Account(f.Entity().ID)
		visit, another := id.New[agenda.Appointment](), id.New[agenda.Appointment]()
		first := agenda.Interval{Start: f.Monday(), End: f.Monday().Add(30 * time.Minute)}
		second := agenda.Interval{Start: f.Monday().Add(time.Hour), End: f.Monday().Add(2 * time.Hour)}
		wrote := func(a agenda.CalendarAccount, calendar string, of agenda.AppointmentID, when agenda.Interval) {
			t.Helper()
			okay(t, "wrote", f.CalendarSyncs.Wrote(t.Context(), a.ID, calendar, of, when))
		}
		want := func(a agenda.CalendarAccount, calendar string, of agenda.AppointmentID, want agenda.Interval, known bool) {
			t.Helper()
			got, written, err := f.CalendarSyncs.Written(t.Context(), a.ID, calendar, of)
			if err != nil || got != want || written != known {
				t.Errorf("of %s in %s: got %v, %v, %v, want %v, %v", of, calendar, got, written, err, want, known)
			}
		}
		want(one, "joao", visit, agenda.Interval{}, false)
		wrote(one, "joao", visit, first)
		wrote(one, "maria", another, first)
		want(one, "joao", visit, first, true)
		wrote(one, "joao", visit, second)
		want(one, "joao", visit, second, true)
		want(one, "maria", another, first, true)
		for _, none := range []struct {
			account  agenda.CalendarAccount
			calendar string
			visit    agenda.AppointmentID
		}{{one, "maria", visit}, {other, "joao", visit}, {one, "joao", another}} {
			want(none.account, none.calendar, none.visit, agenda.Interval{}, false)
		}
		err := f.CalendarSyncs.Wrote(t.Context(), id.New[agenda.CalendarAccount](), "joao", visit, first)
		wantError(t, "wrote to no account", err, errs.Invalid, "unknown-reference")
		wantCancelled(t, "Wrote", f.CalendarSyncs.Wrote(cancelled(t), one.ID, "joao", visit, first))
		_, _, err = f.CalendarSyncs.Written(cancelled(t), one.ID, "joao", visit)
		wantCancelled(t, "Written", err)
	})
}
