package service_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/service"
)

// guess tries a wrong password from an address of its own.
func (o *office) guess(t *testing.T, email string, i int) error {
	t.Helper()
	_, err := o.sessions.Login(t.Context(), service.LoginParams{Email: email, Password: "wrong", Address: "198.51.100." + strconv.Itoa(i)})
	return err
}

func TestElevenFailuresOfAnAccountAreOneTooMany(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i := range 10 {
		wantRefusal(t, o.guess(t, "ana@example.com", i), errs.Unauthenticated, "invalid-credentials")
		o.clock.advance(time.Minute)
	}
	before := o.passwords.count()
	right := service.LoginParams{Email: "Ana@example.com ", Password: goodPassword, Address: homeAddress}
	_, err := o.sessions.Login(t.Context(), right)
	wantRefusal(t, err, errs.Exhausted, "too-many-logins")
	if e, ok := errors.AsType[*errs.Error](err); !ok || e.Retry != 5*time.Minute {
		t.Errorf("got %+v, want to retry in 5 minutes", err)
	}
	if o.passwords.count() != before {
		t.Error("a password was verified, want none")
	}
	o.login(t, "bruno@example.com") // another account is not concerned
	o.clock.advance(5 * time.Minute)
	if _, err := o.sessions.Login(t.Context(), right); err != nil {
		t.Errorf("after the window: %v", err)
	}
}

func TestUnknownAccountIsLimitedLikeAKnownOne(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i := range 10 {
		wantRefusal(t, o.guess(t, "nobody@example.com", i), errs.Unauthenticated, "invalid-credentials")
	}
	wantRefusal(t, o.guess(t, "nobody@example.com", 10), errs.Exhausted, "too-many-logins")
}

func TestSuccessForgetsTheFailuresOfAnAccount(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range 3 {
		for i := range 9 {
			wantRefusal(t, o.guess(t, "ana@example.com", i), errs.Unauthenticated, "invalid-credentials")
		}
		o.login(t, "ana@example.com")
	}
}

func TestParallelGuessesGetNoFurther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	before := o.passwords.count()
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() { _ = o.guess(t, "ana@example.com", i) })
	}
	wg.Wait()
	if n := o.passwords.count() - before; n != 10 {
		t.Errorf("%d passwords were verified, want 10", n)
	}
}

func TestFailureOfTheServiceIsNotTheAccounts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.passwords.broken = errors.New("out of memory")
	for i := range 20 {
		if err := o.guess(t, "ana@example.com", i); errs.KindOf(err) != errs.Internal {
			t.Fatalf("got %v, want the internal error", err)
		}
	}
	o.passwords.broken = nil
	o.login(t, "ana@example.com")
}

func TestFiftyAttemptsOfAnAddressAreEnough(t *testing.T) {
	t.Parallel()
	for name, addresses := range map[string]func(i int) string{
		"IPv4":           func(int) string { return "192.0.2.7" },
		"IPv4 in IPv6":   func(i int) string { return []string{"192.0.2.7", "::ffff:192.0.2.7"}[i%2] },
		"one IPv6 line":  func(i int) string { return "2001:db8:1:2::" + strconv.FormatInt(int64(i), 16) },
		"not an address": func(int) string { return "unix socket" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			try := func(i int) error {
				_, err := o.sessions.Login(t.Context(), service.LoginParams{Email: strconv.Itoa(i) + "@example.com", Password: "wrong", Address: addresses(i)})
				return err
			}
			for i := range 50 {
				wantRefusal(t, try(i), errs.Unauthenticated, "invalid-credentials")
			}
			wantRefusal(t, try(50), errs.Exhausted, "too-many-logins")
			o.login(t, "ana@example.com") // from another address
			o.clock.advance(15 * time.Minute)
			wantRefusal(t, try(51), errs.Unauthenticated, "invalid-credentials")
		})
	}
}
