package googlecalendar

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

// retryAfter is what a caller is told to wait when Google did not say.
const retryAfter = 5 * time.Second

// patience says how often, and for how long, something is tried.
type patience struct {
	tries   int
	budget  time.Duration
	backoff time.Duration
}

func (p *patience) defaults() {
	if p.tries <= 0 {
		p.tries = defaultTries
	}
	if p.budget <= 0 {
		p.budget = defaultBudget
	}
	if p.backoff <= 0 {
		p.backoff = defaultBackoff
	}
}

// within gives an operation its budget. A caller that went away is told so, and not that Google is away.
func (p patience) within(ctx context.Context, fn func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, p.budget)
	defer cancel()
	err := fn(limited)
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return err
}

// retry repeats what fails for a while, with pauses that are drawn at random, so that many who failed together do not come
// back together.
func (p patience) retry(ctx context.Context, try func() error) error {
	for n := 0; ; n++ {
		err := try()
		asked, again := worthRepeating(err)
		if !again || n == p.tries-1 || ctx.Err() != nil {
			return err
		}
		pause := max(asked, rand.N(p.backoff<<n)) //nolint:gosec // nobody gains by foretelling it
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// run makes a request of a clinic's account, whose token it puts into the header. A token that is refused is replaced, once.
func run[T any](ctx context.Context, c *Client, tenant agenda.TenantID, header http.Header, do func() (T, error)) (out T, err error) {
	err = c.patience.retry(ctx, func() error {
		for range 2 {
			token, err := c.access.token(ctx, tenant)
			if err != nil {
				return err
			}
			header.Set("Authorization", "Bearer "+token)
			if out, err = do(); statusOf(err).code != http.StatusUnauthorized {
				return err
			}
			c.access.drop(tenant, token)
		}
		return errs.New(errs.Unavailable, "calendar-unavailable", "Google does not take the access token it has just given")
	})
	return out, err
}

// status is how Google answered.
type status struct {
	code   int    // 0: there was no answer
	reason string // "" when it gave none, as something that is not Google does not
	header http.Header
}

func statusOf(err error) status {
	if refused, ok := errors.AsType[*googleapi.Error](err); ok {
		s := status{code: refused.Code, header: refused.Header}
		if len(refused.Errors) > 0 {
			s.reason = refused.Errors[0].Reason
		}
		return s
	}
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		s := status{reason: refused.ErrorCode}
		if refused.Response != nil {
			s.code, s.header = refused.Response.StatusCode, refused.Response.Header
		}
		return s
	}
	return status{}
}

// passing reports whether the same request may succeed a little later.
func (s status) passing() bool {
	switch s.code {
	case http.StatusForbidden:
		return s.reason == "rateLimitExceeded" || s.reason == "userRateLimitExceeded" || s.reason == "quotaExceeded"
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return true
	}
	return s.code >= 500
}

// wait is for how long Google asks to be left alone, 0 when it does not say.
func (s status) wait() time.Duration {
	text := s.header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), 3600)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(time.Until(at), 0), time.Hour)
	}
	return 0
}

// worthRepeating reports whether an error may pass, and how long to wait at least. Whatever was lost on the way passes: every
// request here may be repeated.
func worthRepeating(err error) (after time.Duration, again bool) {
	if err == nil {
		return 0, false
	}
	if s := statusOf(err); s.code != 0 {
		return s.wait(), s.passing()
	}
	_, classified := errors.AsType[*errs.Error](err)
	return 0, !classified
}

// failure classifies what came of a request about a calendar, or about none ("").
func failure(calendarID string, err error) error {
	if _, classified := errors.AsType[*errs.Error](err); classified || err == nil {
		return err
	}
	s, cause := statusOf(err), causeOf(err)
	switch {
	case s.passing() || s.code == 0 || s.reason == "":
		away := errs.Wrap(errs.Unavailable, "calendar-unavailable", "Google Calendar cannot be reached", cause)
		if away.Retry = s.wait(); away.Retry == 0 {
			away.Retry = retryAfter
		}
		return away
	case s.code == http.StatusNotFound && calendarID != "":
		return errs.Wrap(errs.Unavailable, "calendar-not-found",
			"the clinic's Google account cannot see the calendar "+calendarID, cause)
	case s.code == http.StatusForbidden:
		return errs.Wrap(errs.Unavailable, "calendar-forbidden",
			"the clinic's Google account may not do this with the calendar "+calendarID, cause)
	}
	return cause
}

// causeOf says what happened, for the log, without what Google or a library wrote: an address has its query, and a body
// anything.
func causeOf(err error) error {
	if s := statusOf(err); s.code != 0 {
		return fmt.Errorf("googlecalendar: Google answered %d %q", s.code, s.reason)
	}
	if lost, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("googlecalendar: %s: %w", lost.Op, lost.Err)
	}
	return fmt.Errorf("googlecalendar: %w", err)
}
