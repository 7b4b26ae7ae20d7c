package googlecalendar_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/googlecalendar"
	"github.com/secretary-api/secretary/adapters/googlecalendar/googletest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

// mustRead reads the calendar, which must go well.
func (w *world) mustRead(t *testing.T, what string) {
	t.Helper()
	if _, err := w.Busy(t.Context(), w.maria, at(0), at(60)); err != nil {
		t.Errorf("%s: got error %v", what, err)
	}
}

func (w *world) wantRefreshes(t *testing.T, what string, want int) {
	t.Helper()
	if got := w.server.Calls(googletest.Token); got != want {
		t.Errorf("%s: %d access tokens were asked for by now, want %d", what, got, want)
	}
}

func TestAnAccessTokenIsAskedForOnce(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	w := newWorld(t, func(o *googlecalendar.Options) {
		o.Now = func() time.Time { return at(0).Add(time.Duration(passed.Load())) }
	})
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() { w.mustRead(t, "many at once") })
	}
	group.Wait()
	w.wantRefreshes(t, "many at once", 1)
	passed.Store(int64(58 * time.Minute))
	w.mustRead(t, "after 58 minutes")
	w.wantRefreshes(t, "after 58 minutes", 1)
	passed.Store(int64(59 * time.Minute))
	w.mustRead(t, "a minute before its end")
	w.wantRefreshes(t, "a minute before its end", 2)
}

func TestARefusedAccessTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustRead(t, "at first")
	w.server.ExpireAccess()
	w.mustRead(t, "after it expired early")
	w.wantRefreshes(t, "after it expired early", 2)

	w.server.Inject(googletest.Fault{On: googletest.List, Status: http.StatusUnauthorized, Reason: "authError"})
	before := w.server.Calls(googletest.List)
	_, err := w.Busy(t.Context(), w.maria, at(0), at(60))
	wantError(t, "when none is taken", err, errs.Unavailable, "calendar-unavailable")
	if n := w.server.Calls(googletest.List) - before; n != 2 {
		t.Errorf("asked %d times, want twice", n)
	}
	w.wantRefreshes(t, "when none is taken", 3)
}

func TestAnotherAccountIsAskedFromTheNextCallOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(t, 0)
	w.server.AddCalendar("outra@example.com", googletest.Calendar{ID: w.maria.ID})
	w.vault.set(w.maria.TenantID, w.server.RefreshToken("outra@example.com"))
	if busy, err := w.Busy(t.Context(), w.maria, at(0), at(60)); err != nil || len(busy) != 0 {
		t.Errorf("after the account was changed: got %v, error %v, want the other's empty calendar", busy, err)
	}
	w.vault.set(w.maria.TenantID, "")
	before := w.server.Calls(googletest.List)
	_, err := w.Busy(t.Context(), w.maria, at(0), at(60))
	wantError(t, "after it was disconnected", err, errs.Unavailable, "calendar-not-connected")
	if n := w.server.Calls(googletest.List) - before; n != 0 {
		t.Errorf("after it was disconnected it was asked %d times", n)
	}
}

func TestTwoClinicsNeverShareAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(t, 0)
	w.server.AddCalendar("outra@example.com", googletest.Calendar{ID: w.maria.ID})
	other := w.maria
	other.TenantID = id.New[agenda.Clinic]()
	w.vault.set(other.TenantID, w.server.RefreshToken("outra@example.com"))
	var group sync.WaitGroup
	for range 20 {
		for cal, want := range map[agenda.Calendar]int{w.maria: 1, other: 0} {
			group.Go(func() {
				if busy, err := w.Busy(t.Context(), cal, at(0), at(60)); err != nil || len(busy) != want {
					t.Errorf("got %v, error %v, want %d", busy, err, want)
				}
			})
		}
		w.server.ExpireAccess()
	}
	group.Wait()
}

func TestConsentThatWasWithdrawnIsNoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustRead(t, "at first")
	w.server.Withdraw(owner)
	w.server.ExpireAccess()
	for range 3 {
		wantError(t, "after it was withdrawn", w.Put(t.Context(), w.maria, w.visit(0)), errs.Unavailable, "calendar-access-lost")
	}
	w.wantRefreshes(t, "after it was withdrawn", 2)
	if problem := w.vault.problem(w.maria.TenantID); !strings.Contains(problem, "invalid_grant") {
		t.Errorf("the owner is told %q, want what Google said", problem)
	}
	w.vault.set(w.maria.TenantID, w.server.RefreshToken(owner))
	w.mustRead(t, "connected again")
}

// switching replaces the refresh token the moment before the old one is refused, as another process would.
type switching struct {
	*vault

	reads atomic.Int32
	fresh string
}

func (s *switching) RefreshToken(ctx context.Context, tenant agenda.TenantID) (string, error) {
	if s.reads.Add(1) == 3 {
		s.set(tenant, s.fresh)
	}
	return s.vault.RefreshToken(ctx, tenant)
}

func TestATokenThatAnotherProcessReplacedIsNoLoss(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Withdraw(owner)
	s := &switching{vault: w.vault, fresh: w.server.RefreshToken(owner)}
	c, err := googlecalendar.New(googlecalendar.Options{
		ClientID: googletest.ClientID, ClientSecret: googletest.ClientSecret, Endpoint: w.server.URL, Backoff: time.Millisecond,
	}, s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Busy(t.Context(), w.maria, at(0), at(60)); err != nil {
		t.Errorf("got error %v", err)
	}
	if problem := w.vault.problem(w.maria.TenantID); problem != "" {
		t.Errorf("the owner is told %q, want nothing", problem)
	}
}

func TestReplacedRefreshTokensAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.RotateRefreshTokens()
	for range 3 {
		w.server.ExpireAccess()
		w.mustRead(t, "with tokens that are good once")
	}
	if w.vault.renewed != 3 {
		t.Errorf("kept %d times, want 3", w.vault.renewed)
	}
	w.vault.mu.Lock()
	w.vault.refuses = errors.New("the store is away")
	w.vault.mu.Unlock()
	for range 2 {
		w.server.ExpireAccess()
		w.mustRead(t, "while the store is away")
	}
	w.vault.mu.Lock()
	w.vault.refuses = nil
	w.vault.mu.Unlock()
	w.server.ExpireAccess()
	w.mustRead(t, "when it is back")
	stored, err := w.vault.RefreshToken(t.Context(), w.maria.TenantID)
	if err != nil || !w.server.IsGood(stored) {
		t.Errorf("what is stored is no longer good, error %v", err)
	}
}

func TestTheTokensAddressFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Inject(googletest.Fault{On: googletest.Token, Times: 3, Status: http.StatusServiceUnavailable, Answer: `{"error":"internal_failure"}`})
	w.mustRead(t, "when it fails for a while")
	w.server.ExpireAccess()
	w.server.Inject(googletest.Fault{On: googletest.Token, Status: http.StatusTooManyRequests, Answer: "<html>"})
	_, err := w.Busy(t.Context(), w.maria, at(0), at(60))
	wantError(t, "when it fails for good", err, errs.Unavailable, "calendar-unavailable")
	w.server.Heal()

	stranger := clientOf(t, w.server.URL, w.vault, func(o *googlecalendar.Options) { o.ClientSecret = "another" })
	_, err = stranger.Busy(t.Context(), w.maria, at(0), at(60))
	wantError(t, "with another's secret", err, errs.Unavailable, "calendar-unconfigured")
	if problem := w.vault.problem(w.maria.TenantID); problem != "" {
		t.Errorf("the owner is told %q; it is not the owner's to mend", problem)
	}
	nobody := clientOf(t, w.server.URL, w.vault, func(o *googlecalendar.Options) { o.ClientID = "" })
	_, err = nobody.Busy(t.Context(), w.maria, at(0), at(60))
	wantError(t, "without a client", err, errs.Unavailable, "calendar-unconfigured")
	_, err = nobody.ConsentURL("state", "verifier")
	wantError(t, "ConsentURL without a client", err, errs.Unavailable, "calendar-unconfigured")
	_, err = nobody.Redeem(t.Context(), "code", "verifier")
	wantError(t, "Redeem without a client", err, errs.Unavailable, "calendar-unconfigured")
}
