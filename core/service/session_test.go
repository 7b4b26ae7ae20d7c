package service_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

const homeAddress = "192.0.2.1"

func (o *office) login(t *testing.T, email string) service.Session {
	t.Helper()
	return must(o.sessions.Login(t.Context(), service.LoginParams{Email: email, Password: goodPassword, Address: homeAddress}))(t)
}

func TestLoginOpensASession(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	s := o.login(t, " Ana@Example.COM ")
	if s.User.ID != o.ana.UserID() || s.ExpiresIn != 15*time.Minute || !strings.HasPrefix(s.RefreshToken, "sr_") || len(s.RefreshToken) != 3+43 {
		t.Errorf("got %+v, want a session of user %v for 15 minutes", s, o.ana.UserID())
	}
	if got := must(o.sessions.Authenticate(t.Context(), s.AccessToken))(t); got != o.ana {
		t.Errorf("the access token stands for %v, want %v", got, o.ana)
	}
	o.clock.advance(15 * time.Minute)
	_, err := o.sessions.Authenticate(t.Context(), s.AccessToken)
	wantRefusal(t, err, errs.Unauthenticated, "expired-token")
}

func TestRefreshTokenIsStoredAsAHash(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	s := o.login(t, "ana@example.com")
	_, err := o.repos.RefreshTokens.ByHash(t.Context(), s.RefreshToken)
	wantRefusal(t, err, errs.NotFound, "token-not-found")
}

func TestRefusedLoginsCannotBeToldApart(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	must(o.users.Update(t.Context(), o.manager, o.bruno.UserID(), service.UserChange{Active: patch.Set(false)}, version.Match{}))(t)
	for name, p := range map[string]service.LoginParams{
		"wrong password": {Email: "ana@example.com", Password: "correct horse batterY", Address: homeAddress},
		"no password":    {Email: "ana@example.com", Address: homeAddress},
		"unknown user":   {Email: "nobody@example.com", Password: goodPassword, Address: homeAddress},
		"inactive user":  {Email: "bruno@example.com", Password: goodPassword, Address: homeAddress},
		"no address":     {Email: "", Password: goodPassword, Address: homeAddress},
		"bad address":    {Email: "ana@example.com\x00", Password: goodPassword, Address: homeAddress},
	} {
		before := o.passwords.count()
		_, err := o.sessions.Login(t.Context(), p)
		if err == nil || err.Error() != "invalid-credentials: the e-mail address or the password is wrong" || errs.KindOf(err) != errs.Unauthenticated {
			t.Errorf("%s: got %v, want Unauthenticated invalid-credentials", name, err)
		}
		if n := o.passwords.count() - before; n != 1 {
			t.Errorf("%s: %d passwords were verified, want 1 as always", name, n)
		}
	}
}

func TestPasswordChangedWhileItIsVerifiedOpensNoSession(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.passwords.between = func() {
		o.passwords.between = nil
		must(o.users.Update(t.Context(), o.manager, o.ana.UserID(), service.UserChange{Password: patch.Set("another password")}, version.Match{}))(t)
	}
	_, err := o.sessions.Login(t.Context(), service.LoginParams{Email: "ana@example.com", Password: goodPassword, Address: homeAddress})
	wantRefusal(t, err, errs.Unauthenticated, "invalid-credentials")
}

func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	s := o.login(t, "ana@example.com")
	for range 3 {
		o.clock.advance(29 * 24 * time.Hour) // each refresh begins the 30 days anew
		next := must(o.sessions.Refresh(t.Context(), s.RefreshToken))(t)
		if next.RefreshToken == s.RefreshToken || next.User.ID != o.ana.UserID() || next.ExpiresIn != 15*time.Minute {
			t.Fatalf("got %+v, want a new session of user %v", next, o.ana.UserID())
		}
		if got := must(o.sessions.Authenticate(t.Context(), next.AccessToken))(t); got != o.ana {
			t.Errorf("the access token stands for %v, want %v", got, o.ana)
		}
		s = next
	}
}

func TestRefreshTokenThatIsNotGoodIsInvalid(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	refused := func(t *testing.T, token string) {
		t.Helper()
		_, err := o.sessions.Refresh(t.Context(), token)
		wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token")
	}
	refused(t, "")
	refused(t, "sr_unknown")

	loggedOut := o.login(t, "ana@example.com")
	if err := o.sessions.Logout(t.Context(), loggedOut.RefreshToken); err != nil {
		t.Fatal(err)
	}
	refused(t, loggedOut.RefreshToken)

	expired := o.login(t, "ana@example.com")
	o.clock.advance(30 * 24 * time.Hour)
	refused(t, expired.RefreshToken)

	if got := securityEvents(t, o.repos, identity.AllEntities()); len(got) != 0 {
		t.Errorf("got audit entries %+v, want none: nothing was reused", got)
	}
}

func TestReusedRefreshTokenEndsItsLogin(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first, other := o.login(t, "ana@example.com"), o.login(t, "ana@example.com")
	second := must(o.sessions.Refresh(t.Context(), first.RefreshToken))(t)

	_, err := o.sessions.Refresh(t.Context(), first.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "refresh-token-reused")
	_, err = o.sessions.Refresh(t.Context(), second.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token")
	_, err = o.sessions.Refresh(t.Context(), first.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token")
	if _, err := o.sessions.Refresh(t.Context(), other.RefreshToken); err != nil {
		t.Errorf("another login of the user ended too: %v", err)
	}

	entries := securityEvents(t, o.repos, identity.OnlyEntity(o.north.ID))
	if len(entries) != 1 || entries[0].Action != "refresh-token-reused" || entries[0].Actor != o.ana.String() {
		t.Errorf("got audit entries %+v, want one refresh-token-reused of %v", entries, o.ana)
	}
}

func TestTwentyRefreshesOfOneTokenHaveOneWinner(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	s := o.login(t, "ana@example.com")
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[string]int{}
	for range 20 {
		wg.Go(func() {
			_, err := o.sessions.Refresh(t.Context(), s.RefreshToken)
			mu.Lock()
			defer mu.Unlock()
			codes[errs.CodeOf(err)]++
		})
	}
	wg.Wait()
	if codes[""] != 1 || codes["refresh-token-reused"] != 1 || codes["invalid-refresh-token"] != 18 {
		t.Errorf("got %v, want one winner, one who ends the login, and 18 who find it ended", codes)
	}
}

func TestLogoutEndsTheWholeLogin(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.login(t, "ana@example.com")
	second := must(o.sessions.Refresh(t.Context(), first.RefreshToken))(t)
	for _, token := range []string{first.RefreshToken, first.RefreshToken, "unknown", ""} {
		if err := o.sessions.Logout(t.Context(), token); err != nil {
			t.Errorf("Logout(%q): %v", token, err)
		}
	}
	_, err := o.sessions.Refresh(t.Context(), second.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token")
}

func TestDeactivatedUserStopsAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	s := o.login(t, "ana@example.com")
	if err := o.users.Delete(t.Context(), o.manager, o.ana.UserID(), version.Match{}); err != nil {
		t.Fatal(err)
	}
	_, err := o.sessions.Authenticate(t.Context(), s.AccessToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-token")
	_, err = o.sessions.Refresh(t.Context(), s.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token")

	must(o.users.Update(t.Context(), o.manager, o.ana.UserID(), service.UserChange{Active: patch.Set(true)}, version.Match{}))(t)
	_, err = o.sessions.Refresh(t.Context(), s.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token") // the old login stays ended
}

func TestUserDeactivatedInTheStoreDoesNotRefresh(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	s := o.login(t, "ana@example.com")
	must(o.repos.Users.Update(t.Context(), identity.AllEntities(), o.ana.UserID(), func(u *identity.User) error {
		u.Active = false
		return nil
	}))(t)
	_, err := o.sessions.Refresh(t.Context(), s.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token")
}

func TestNewPasswordEndsTheLogins(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	s := o.login(t, "ana@example.com")
	must(o.users.Update(t.Context(), o.ana, o.ana.UserID(), service.UserChange{PhoneNumber: patch.Set("+5511955559999")}, version.Match{}))(t)
	s = must(o.sessions.Refresh(t.Context(), s.RefreshToken))(t) // another change ends nothing
	must(o.users.Update(t.Context(), o.ana, o.ana.UserID(), service.UserChange{Password: patch.Set("another password")}, version.Match{}))(t)
	_, err := o.sessions.Refresh(t.Context(), s.RefreshToken)
	wantRefusal(t, err, errs.Unauthenticated, "invalid-refresh-token")
	_, err = o.sessions.Login(t.Context(), service.LoginParams{Email: "ana@example.com", Password: goodPassword, Address: homeAddress})
	wantRefusal(t, err, errs.Unauthenticated, "invalid-credentials")
	must(o.sessions.Login(t.Context(), service.LoginParams{Email: "ana@example.com", Password: "another password", Address: homeAddress}))(t)
}

func TestTokenStandsForWhatTheUserIsNow(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	s := o.login(t, "ana@example.com")
	must(o.users.Update(t.Context(), o.manager, o.ana.UserID(), service.UserChange{EntityID: patch.Set(o.south.ID)}, version.Match{}))(t)
	if got := must(o.sessions.Authenticate(t.Context(), s.AccessToken))(t); got.EntityID() != o.south.ID {
		t.Errorf("got entity %v, want %v", got.EntityID(), o.south.ID)
	}
}

func TestTokenOfNobodyIsInvalid(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, token := range []string{"", "rubbish", "999 until 4102444800"} {
		_, err := o.sessions.Authenticate(t.Context(), token)
		wantRefusal(t, err, errs.Unauthenticated, "invalid-token")
	}
}

func TestMeIsTheOneWhoAsks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, actor := range []identity.Actor{o.manager, o.ana} {
		if got := must(o.sessions.Me(t.Context(), actor))(t); got.Actor() != actor {
			t.Errorf("got %v, want %v", got.Actor(), actor)
		}
	}
}
