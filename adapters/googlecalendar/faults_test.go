package googlecalendar_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/googlecalendar"
	"github.com/secretary-api/secretary/adapters/googlecalendar/googletest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

func passing() map[string]googletest.Fault {
	return map[string]googletest.Fault{
		"too many requests": {Status: http.StatusTooManyRequests, Reason: "rateLimitExceeded"},
		"the minute's":      {Status: http.StatusForbidden, Reason: "rateLimitExceeded"},
		"the user's":        {Status: http.StatusForbidden, Reason: "userRateLimitExceeded"},
		"the day's":         {Status: http.StatusForbidden, Reason: "quotaExceeded"},
		"an error":          {Status: http.StatusInternalServerError, Reason: "backendError"},
		"a proxy's error":   {Status: http.StatusBadGateway, Answer: "<html>"},
		"no answer":         {Drop: true},
		"half an answer":    {Answer: `{"items":[{"id":`},
	}
}

func TestWhatPassesIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(t, 0)
	for what, fault := range passing() {
		fault.On, fault.Times = googletest.List, 3
		w.server.Inject(fault)
		before := w.server.Calls(googletest.List)
		if busy, err := w.Busy(t.Context(), w.maria, at(0), at(60)); err != nil || len(busy) != 1 {
			t.Errorf("%s: got %v, error %v, want the visit", what, busy, err)
		}
		if n := w.server.Calls(googletest.List) - before; n != 4 {
			t.Errorf("%s: asked %d times, want 4", what, n)
		}
	}
}

func TestWhatDoesNotPassIsGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(t, 0)
	for what, fault := range passing() {
		fault.On = googletest.List
		w.server.Inject(fault)
		before := w.server.Calls(googletest.List)
		busy, err := w.Busy(t.Context(), w.maria, at(0), at(60))
		wantError(t, what, err, errs.Unavailable, "calendar-unavailable")
		if failed, ok := errors.AsType[*errs.Error](err); !ok || failed.Retry <= 0 || len(busy) != 0 {
			t.Errorf("%s: got %v, and %v does not say when to come back", what, busy, err)
		}
		// net/http asks once more by itself when a connection that was used before breaks.
		if n := w.server.Calls(googletest.List) - before; n != 4 && (n < 4 || !fault.Drop) {
			t.Errorf("%s: asked %d times, want 4", what, n)
		}
		w.server.Heal()
	}
}

func TestWhatIsRefusedIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(t, 0)
	for code, fault := range map[string]googletest.Fault{
		"calendar-forbidden": {Status: http.StatusForbidden, Reason: "forbidden"},
		"calendar-not-found": {Status: http.StatusNotFound, Reason: "notFound"},
		"":                   {Status: http.StatusBadRequest, Reason: "invalid"},
	} {
		fault.On = googletest.List
		w.server.Inject(fault)
		before := w.server.Calls(googletest.List)
		_, err := w.Busy(t.Context(), w.maria, at(0), at(60))
		if err == nil || errs.CodeOf(err) != code {
			t.Errorf("%s: got error %v, want the code %q", fault.Reason, err, code)
		}
		if n := w.server.Calls(googletest.List) - before; n != 1 {
			t.Errorf("%s: asked %d times, want once", fault.Reason, n)
		}
		w.server.Heal()
	}
}

func TestGoogleIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(t, 0)
	w.server.Inject(googletest.Fault{On: googletest.List, Times: 1, Status: http.StatusServiceUnavailable, Reason: "backendError", RetryAfter: "1"})
	began := time.Now()
	if _, err := w.Busy(t.Context(), w.maria, at(0), at(60)); err != nil {
		t.Errorf("got error %v", err)
	}
	if waited := time.Since(began); waited < time.Second {
		t.Errorf("it was asked again after %v, want a second", waited)
	}
	w.server.Inject(googletest.Fault{On: googletest.List, Status: http.StatusTooManyRequests, Reason: "rateLimitExceeded", RetryAfter: "90"})
	before := w.server.Calls(googletest.List)
	_, err := w.Busy(t.Context(), w.maria, at(0), at(60))
	if failed, ok := errors.AsType[*errs.Error](err); !ok || failed.Retry != 90*time.Second {
		t.Errorf("longer than anybody waits: got error %v, want one that says 90 seconds", err)
	}
	if n := w.server.Calls(googletest.List) - before; n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

func TestAnEventWhoseAnswerWasLostIsOneEvent(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(w *world, o *googlecalendar.Options){
		"the connection broke": func(w *world, _ *googlecalendar.Options) {
			w.server.Inject(googletest.Fault{On: googletest.Insert, Times: 1, Drop: true})
		},
		"every answer but the last is lost": func(w *world, _ *googlecalendar.Options) {
			for op, times := range map[string]int{googletest.Token: 1, googletest.Insert: 2, googletest.Get: 3} {
				w.server.Inject(googletest.Fault{On: op, Times: times, Drop: true})
			}
		},
		"it came late, but not too late": func(w *world, _ *googlecalendar.Options) {
			w.server.Inject(googletest.Fault{Times: 2, Delay: 20 * time.Millisecond}) // the token, and the event
		},
		"it came too late": func(w *world, o *googlecalendar.Options) {
			o.Timeout = 100 * time.Millisecond
			w.server.Inject(googletest.Fault{On: googletest.Insert, Times: 1, Delay: time.Hour})
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Client = clientOf(t, w.server.URL, w.vault, func(o *googlecalendar.Options) { change(w, o) })
			w.put(t, 0)
			if got := w.server.Events(owner, w.maria.ID); len(got) != 1 || w.server.Calls(googletest.Update) != 0 {
				t.Errorf("got %d events, %d times changed; want one, as it was", len(got), w.server.Calls(googletest.Update))
			}
		})
	}
}

func TestNobodyWaitsForGoogleForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *googlecalendar.Options) { o.Budget = 300 * time.Millisecond })
	w.server.Inject(googletest.Fault{On: googletest.List, Delay: time.Hour})
	_, err := w.Busy(t.Context(), w.maria, at(0), at(60))
	wantError(t, "the budget is spent", err, errs.Unavailable, "calendar-unavailable")

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = w.Busy(ctx, w.maria, at(0), at(60))
	wantError(t, "the caller's patience ends", err, errs.Unavailable, "calendar-unavailable")

	patient := clientOf(t, w.server.URL, w.vault, func(o *googlecalendar.Options) { o.Budget, o.Timeout = time.Hour, time.Hour })
	ctx, cancel = context.WithCancel(t.Context())
	gone, before := make(chan error, 1), w.server.Calls(googletest.List)
	go func() { _, err := patient.Busy(ctx, w.maria, at(0), at(60)); gone <- err }()
	for w.server.Calls(googletest.List) == before {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller went away: got error %v, want %v", err, context.Canceled)
	}
	w.server.Heal()

	w.server.Inject(googletest.Fault{On: googletest.List, Status: http.StatusServiceUnavailable, Reason: "backendError", RetryAfter: "3000"})
	ctx, cancel = context.WithCancel(t.Context())
	before = w.server.Calls(googletest.List)
	go func() { _, err := patient.Busy(ctx, w.maria, at(0), at(60)); gone <- err }()
	for w.server.Calls(googletest.List) == before {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller went away during a pause: got error %v, want %v", err, context.Canceled)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth2/token" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"access_token":"a","token_type":"Bearer","expires_in":3600}`))
			return
		}
		space := bytes.Repeat([]byte(" "), 1<<20)
		for range 33 {
			if _, err := w.Write(space); err != nil {
				return
			}
		}
		_, _ = w.Write([]byte(`{}`))
	}))
	t.Cleanup(s.Close)
	v := newVault(nil)
	cal := newWorldsCalendar(v)
	c := clientOf(t, s.URL, v, func(o *googlecalendar.Options) { o.HTTPClient, o.Tries = s.Client(), 1 })
	_, err := c.Busy(t.Context(), cal, at(0), at(60))
	wantError(t, "an answer without end", err, errs.Unavailable, "calendar-unavailable")
}

func TestATokenIsNotTakenElsewhere(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	s := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	t.Cleanup(s.Close)
	v := newVault(nil)
	cal := newWorldsCalendar(v)
	c := clientOf(t, s.URL, v, func(o *googlecalendar.Options) { o.HTTPClient = s.Client() })
	_, err := c.Busy(t.Context(), cal, at(0), at(60))
	wantError(t, "sent elsewhere", err, errs.Unavailable, "calendar-unavailable")
	wantError(t, "forget", c.Forget(t.Context(), "1//refresh"), errs.Unavailable, "calendar-unavailable")
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("another server was asked %d times", n)
	}
}

func newWorldsCalendar(v *vault) agenda.Calendar {
	cal := agenda.Calendar{ID: "maria@example.com"}
	v.set(cal.TenantID, "1//refresh")
	return cal
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func TestNoErrorAndNoLogHoldsASecret(t *testing.T) {
	t.Parallel()
	logged := &lines{}
	w := newWorld(t, func(o *googlecalendar.Options) { o.Log, o.Tries = slog.New(slog.NewJSONHandler(logged, nil)), 1 })
	e := w.put(t, 0)
	_, token, err := w.Changes(t.Context(), w.maria, "")
	if err != nil {
		t.Fatal(err)
	}
	refresh, _ := w.vault.RefreshToken(t.Context(), w.maria.TenantID)
	var said []string
	note := func(err error) {
		if err == nil {
			t.Error("nothing failed")
			return
		}
		said = append(said, err.Error())
	}
	every := func() {
		_, err := w.Busy(t.Context(), w.maria, at(0), at(60))
		note(err)
		_, _, err = w.Changes(t.Context(), w.maria, token)
		note(err)
		_, err = w.Calendars(t.Context(), w.maria.TenantID)
		note(err)
		note(w.Put(t.Context(), w.maria, e))
		if err := w.Forget(t.Context(), refresh); err != nil { // any answer with the right status is a yes
			note(err)
		}
		_, err = w.Redeem(t.Context(), "4/secret-code", "secret-verifier")
		note(err)
	}
	body := `{"error":{"code":400,"message":"` + refresh + ` ya29.access","errors":[{"reason":"teapot","message":"` + refresh + `"}]}}`
	for _, fault := range []googletest.Fault{
		{Drop: true},
		{Status: http.StatusBadRequest, Answer: body},
		{Status: http.StatusForbidden, Answer: refresh + " ya29.access " + token},
		{Answer: refresh + " ya29.access " + token},
	} {
		w.server.Inject(fault)
		every()
		w.server.Heal()
		w.server.ExpireAccess()
		w.server.Inject(fault)
		every()
		w.server.Heal()
	}
	w.server.Withdraw(owner)
	w.server.ExpireAccess()
	_, err = w.Busy(t.Context(), w.maria, at(0), at(60))
	note(err)
	text := strings.Join(said, "\n") + logged.text.String()
	for _, secret := range []string{"1//refresh", "ya29.", "4/secret", "secret-verifier", googletest.ClientSecret, token, "syncToken"} {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%q is in %q", secret, text[max(0, i-80):min(len(text), i+80)])
		}
	}
	if logged.text.Len() == 0 {
		t.Error("nothing was logged, so nothing was tested of it")
	}
}
