package porttest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

func userRecords() records[identity.User, identity.UserID, identity.UserFilter] {
	return records[identity.User, identity.UserID, identity.UserFilter]{
		what: "user",
		of: func(f *Fixtures) repository[identity.User, identity.UserID, identity.UserFilter] {
			return f.Users
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) identity.User {
			u := f.NewUser(entity)
			u.Active = n%3 != 1
			return u
		},
		id: func(u *identity.User) *identity.UserID { return &u.ID }, missing: nowhere,
		order:  func(u identity.User) string { return rising(u.ID) },
		entity: func(_ *Fixtures, u identity.User) clinic.EntityID { return u.EntityID },
		at:     func(u *identity.User) *time.Time { return &u.CreatedAt },
		change: func(u *identity.User) {
			u.Email, u.PasswordHash, u.PhoneNumber, u.Active = "new-"+u.Email, "$new", "+5511900000000", !u.Active
			u.UpdatedAt = u.UpdatedAt.Add(time.Hour)
		},
		bare:     func(u *identity.User) { u.Active = false },
		homeless: true,
		filters: func(f *Fixtures, rows []identity.User) []filter[identity.User, identity.UserFilter] {
			entity := rows[0].EntityID
			list := []filter[identity.User, identity.UserFilter]{
				{"active", identity.UserFilter{Active: new(true)}, func(u identity.User) bool { return u.Active }},
				{"inactive", identity.UserFilter{Active: new(false)}, func(u identity.User) bool { return !u.Active }},
			}
			if entity != 0 {
				list = append(list, filter[identity.User, identity.UserFilter]{
					"entity", identity.UserFilter{EntityID: entity}, func(u identity.User) bool { return u.EntityID == entity },
				})
			}
			return list
		},
		conflicts: []conflict[identity.User]{
			{"email-taken", func(first identity.User, second *identity.User) { second.Email = first.Email }, true},
		},
		unknown: []unknown[identity.User]{{"entity", func(u *identity.User) { u.EntityID = nowhere }}},
	}
}

func testUsers(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	userRecords().run(t, open)

	try(t, open, "ByEmailFindsAUserOfAnyEntity", func(t *testing.T, f *Fixtures) {
		admin, manager := f.User(f.Entity().ID), f.User(0)
		for _, want := range []identity.User{admin, manager} {
			wantSame(t, "the user", ok[identity.User](t, "by e-mail")(f.Users.ByEmail(t.Context(), want.Email)), want)
		}
		_, err := f.Users.ByEmail(t.Context(), "nobody@example.com")
		wantError(t, "an unknown address", err, errs.NotFound, "user-not-found")
		_, err = f.Users.ByEmail(cancelled(t), admin.Email)
		wantCancelled(t, "ByEmail", err)
	})
	try(t, open, "OldEmailIsFreeAfterAChange", func(t *testing.T, f *Fixtures) {
		u := f.User(0)
		_, err := f.Users.Update(t.Context(), identity.AllEntities(), u.ID, func(v *identity.User) error {
			v.Email = "moved@example.com"
			return nil
		})
		okay(t, "update", err)
		_, err = f.Users.ByEmail(t.Context(), u.Email)
		wantError(t, "the old address", err, errs.NotFound, "user-not-found")
		next := f.NewUser(0)
		next.Email = u.Email
		next = store(f, f.Users.Create, next)
		wantSame(t, "the next user", ok[identity.User](t, "by e-mail")(f.Users.ByEmail(t.Context(), u.Email)), next)
	})
	try(t, open, "OneOfManyGetsAnEmail", func(t *testing.T, f *Fixtures) {
		users := make([]identity.User, racers)
		for i := range users {
			users[i] = f.NewUser(0)
			users[i].Email = "wanted@example.com"
		}
		race(t, "email-taken", func(i int) error {
			_, err := f.Users.Create(t.Context(), users[i])
			return err
		})
	})
	try(t, open, "UpdatesAtOnceLoseNothing", func(t *testing.T, f *Fixtures) {
		u := f.User(0)
		var all sync.WaitGroup
		for range racers {
			all.Go(func() {
				_, err := f.Users.Update(t.Context(), identity.AllEntities(), u.ID, func(v *identity.User) error {
					v.PasswordHash += "x"
					return nil
				})
				if err != nil {
					t.Errorf("update: %v", err)
				}
			})
		}
		all.Wait()
		got := ok[identity.User](t, "get")(f.Users.Get(t.Context(), identity.AllEntities(), u.ID))
		if want := len(u.PasswordHash) + racers; len(got.PasswordHash) != want {
			t.Errorf("got %d changes of %d", len(got.PasswordHash)-len(u.PasswordHash), racers)
		}
	})
}

func testRefreshTokens(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	later := func(f *Fixtures) time.Time { return f.Now().Add(time.Hour) }

	try(t, open, "WhatIsCreatedComesBack", func(t *testing.T, f *Fixtures) {
		want := f.NewToken(f.User(0).ID, newFamily())
		wantSame(t, "what Create returned", store(f, f.RefreshTokens.Create, want), want)
		wantSame(t, "what ByHash returned", byHash(f, want), want)
		_, err := f.RefreshTokens.ByHash(t.Context(), "nothing")
		wantError(t, "an unknown hash", err, errs.NotFound, "token-not-found")
	})
	try(t, open, "RepeatedHashIsConflict", func(t *testing.T, f *Fixtures) {
		first := f.Token(f.User(0).ID, newFamily())
		second := f.NewToken(first.UserID, newFamily())
		second.Hash = first.Hash
		_, err := f.RefreshTokens.Create(t.Context(), second)
		wantError(t, "a repeated hash", err, errs.Conflict, "token-exists")
		third := f.NewToken(first.UserID, newFamily())
		third.ID = first.ID
		_, err = f.RefreshTokens.Create(t.Context(), third)
		wantError(t, "a repeated id", err, errs.Conflict, "id-taken")
		wantSame(t, "the first token", byHash(f, first), first)
	})
	try(t, open, "UnknownUserIsInvalid", func(t *testing.T, f *Fixtures) {
		_, err := f.RefreshTokens.Create(t.Context(), f.NewToken(nowhere, newFamily()))
		wantError(t, "an unknown user", err, errs.Invalid, "unknown-reference")
	})
	try(t, open, "TokenIsUsedOnce", func(t *testing.T, f *Fixtures) {
		want := f.Token(f.User(0).ID, newFamily())
		okay(t, "use", f.RefreshTokens.Use(t.Context(), want.ID, later(f)))
		want.UsedAt = later(f)
		wantSame(t, "the token", byHash(f, want), want)
		err := f.RefreshTokens.Use(t.Context(), want.ID, later(f).Add(time.Hour))
		wantError(t, "a second use", err, errs.Conflict, "token-used")
		wantSame(t, "the token after a second use", byHash(f, want), want)
		err = f.RefreshTokens.Use(t.Context(), id.New[identity.RefreshToken](), later(f))
		wantError(t, "an unknown token", err, errs.NotFound, "token-not-found")
	})
	try(t, open, "OneOfManyUsesAToken", func(t *testing.T, f *Fixtures) {
		token := f.Token(f.User(0).ID, newFamily())
		race(t, "token-used", func(int) error { return f.RefreshTokens.Use(t.Context(), token.ID, later(f)) })
	})
	try(t, open, "TokenOfAnEndedLoginIsNotUsed", func(t *testing.T, f *Fixtures) {
		token := f.Token(f.User(0).ID, newFamily())
		ok[int](t, "revoke")(f.RefreshTokens.RevokeFamily(t.Context(), token.Family, later(f)))
		err := f.RefreshTokens.Use(t.Context(), token.ID, later(f))
		wantError(t, "a revoked token", err, errs.Conflict, "token-used")
	})
	try(t, open, "FamilyEndsAsAWholeAndAlone", func(t *testing.T, f *Fixtures) {
		user := f.User(0).ID
		first := f.Token(user, newFamily())
		second, other := f.Token(user, first.Family), f.Token(user, newFamily())
		for _, want := range []int{2, 0} {
			if ended := ok[int](t, "revoke")(f.RefreshTokens.RevokeFamily(t.Context(), first.Family, later(f))); ended != want {
				t.Errorf("got %d ended tokens, want %d", ended, want)
			}
		}
		first.RevokedAt, second.RevokedAt = later(f), later(f)
		for _, want := range []identity.RefreshToken{first, second, other} {
			wantSame(t, "a token", byHash(f, want), want)
		}
		if ended := ok[int](t, "revoke a family of none")(f.RefreshTokens.RevokeFamily(t.Context(), newFamily(), later(f))); ended != 0 {
			t.Errorf("got %d ended tokens of a family of none", ended)
		}
	})
	try(t, open, "OneOfManyEndsALogin", func(t *testing.T, f *Fixtures) {
		token := f.Token(f.User(0).ID, newFamily())
		var all sync.WaitGroup
		var total atomic.Int64
		for range racers {
			all.Go(func() {
				ended, err := f.RefreshTokens.RevokeFamily(t.Context(), token.Family, later(f))
				total.Add(int64(ended))
				if err != nil {
					t.Errorf("revoke: %v", err)
				}
			})
		}
		all.Wait()
		if total.Load() != 1 {
			t.Errorf("one token was ended %d times", total.Load())
		}
	})
	try(t, open, "WhatATokenIsExchangedForEndsToo", func(t *testing.T, f *Fixtures) {
		user := f.User(0).ID
		for name, revoke := range map[string]func(of identity.RefreshToken) error{
			"its login": func(of identity.RefreshToken) error {
				_, err := f.RefreshTokens.RevokeFamily(t.Context(), of.Family, later(f))
				return err
			},
			"its user": func(of identity.RefreshToken) error {
				return f.RefreshTokens.RevokeUser(t.Context(), of.UserID, later(f))
			},
		} {
			old := f.Token(user, newFamily())
			next := f.NewToken(user, old.Family)
			done := make(chan error, 1)
			okay(t, "exchange", f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				if err := r.RefreshTokens.Use(ctx, old.ID, later(f)); err != nil {
					return err
				}
				go func() { done <- revoke(old) }()
				time.Sleep(50 * time.Millisecond) // so that it meets the exchange; when it comes later there is nothing to it
				_, err := r.RefreshTokens.Create(ctx, next)
				return err
			}))
			okay(t, "revoke "+name, <-done)
			if got := byHash(f, next); !got.RevokedAt.Equal(later(f)) {
				t.Errorf("%s was ended, and the token %+v lives on", name, got)
			}
		}
	})
	try(t, open, "UserEndsWithAllFamiliesAndAlone", func(t *testing.T, f *Fixtures) {
		user, neighbour := f.User(0).ID, f.User(0).ID
		first, second, other := f.Token(user, newFamily()), f.Token(user, newFamily()), f.Token(neighbour, newFamily())
		okay(t, "revoke", f.RefreshTokens.RevokeUser(t.Context(), user, later(f)))
		first.RevokedAt, second.RevokedAt = later(f), later(f)
		for _, want := range []identity.RefreshToken{first, second, other} {
			wantSame(t, "a token", byHash(f, want), want)
		}
		okay(t, "revoke a user without tokens", f.RefreshTokens.RevokeUser(t.Context(), nowhere, later(f)))
	})
	try(t, open, "OnlyExpiredTokensAreDeleted", func(t *testing.T, f *Fixtures) {
		user := f.User(0).ID
		var tokens []identity.RefreshToken
		for _, age := range []time.Duration{-time.Hour, -time.Microsecond, 0, time.Microsecond} {
			token := f.NewToken(user, newFamily())
			token.ExpiresAt = f.Now().Add(age)
			tokens = append(tokens, store(f, f.RefreshTokens.Create, token))
		}
		okay(t, "use", f.RefreshTokens.Use(t.Context(), tokens[0].ID, f.Now()))
		ok[int](t, "revoke")(f.RefreshTokens.RevokeFamily(t.Context(), tokens[1].Family, f.Now()))
		for _, want := range []int{2, 0} {
			if got := ok[int](t, "delete")(f.RefreshTokens.DeleteExpired(t.Context(), f.Now())); got != want {
				t.Errorf("%d tokens were deleted, want %d", got, want)
			}
		}
		for _, gone := range tokens[:2] {
			_, err := f.RefreshTokens.ByHash(t.Context(), gone.Hash)
			wantError(t, "an expired token", err, errs.NotFound, "token-not-found")
		}
		for _, want := range tokens[2:] {
			wantSame(t, "a token", byHash(f, want), want)
		}
	})
	try(t, open, "CancelledContextStops", func(t *testing.T, f *Fixtures) {
		token, ctx := f.Token(f.User(0).ID, newFamily()), cancelled(t)
		_, err := f.RefreshTokens.Create(ctx, f.NewToken(token.UserID, newFamily()))
		wantCancelled(t, "Create", err)
		_, err = f.RefreshTokens.ByHash(ctx, token.Hash)
		wantCancelled(t, "ByHash", err)
		wantCancelled(t, "Use", f.RefreshTokens.Use(ctx, token.ID, later(f)))
		_, err = f.RefreshTokens.RevokeFamily(ctx, token.Family, later(f))
		wantCancelled(t, "RevokeFamily", err)
		wantCancelled(t, "RevokeUser", f.RefreshTokens.RevokeUser(ctx, token.UserID, later(f)))
		_, err = f.RefreshTokens.DeleteExpired(ctx, token.ExpiresAt.Add(time.Hour))
		wantCancelled(t, "DeleteExpired", err)
		wantSame(t, "the token", byHash(f, token), token)
	})
}

func newFamily() identity.FamilyID { return identity.FamilyID{UUID: id.New[identity.User]().UUID} }

func byHash(f *Fixtures, token identity.RefreshToken) identity.RefreshToken {
	f.t.Helper()
	return ok[identity.RefreshToken](f.t, "by hash")(f.RefreshTokens.ByHash(f.ctx(), token.Hash))
}
