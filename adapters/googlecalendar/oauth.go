package googlecalendar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
	"google.golang.org/api/calendar/v3"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

const (
	scopeEvents    = "https://www.googleapis.com/auth/calendar.events"
	scopeCalendars = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
	scopeEmail     = "https://www.googleapis.com/auth/userinfo.email"
)

func scopes() []string { return []string{scopeEvents, scopeCalendars, "openid", scopeEmail} }

// ConsentURL implements [ports.CalendarProvider].
func (c *Client) ConsentURL(state, verifier string) (string, error) {
	if err := c.access.configured(); err != nil {
		return "", err
	}
	// Without prompt=consent Google gives a refresh token the first time only.
	return c.config.AuthCodeURL(state, oauth2.AccessTypeOffline, oauth2.SetAuthURLParam("prompt", "consent"),
		oauth2.S256ChallengeOption(verifier)), nil
}

// Redeem implements [ports.CalendarProvider]. A code is good once, so it is not tried again. An owner may untick single
// permissions; without those for calendars the consent is of no use, and is refused here.
func (c *Client) Redeem(ctx context.Context, code, verifier string) (grant agenda.CalendarGrant, err error) {
	if err := c.access.configured(); err != nil {
		return grant, err
	}
	err = c.patience.within(ctx, func(ctx context.Context) error {
		got, err := c.config.Exchange(context.WithValue(ctx, oauth2.HTTPClient, c.http), code, oauth2.VerifierOption(verifier))
		if err != nil {
			return exchangeFailure(err)
		}
		granted, _ := got.Extra("scope").(string)
		grant = agenda.CalendarGrant{RefreshToken: got.RefreshToken, Scopes: strings.Fields(granted)}
		if got.RefreshToken == "" {
			return errConsent("Google gave no lasting permission", nil)
		}
		for _, needed := range []string{scopeEvents, scopeCalendars} {
			if !slices.Contains(grant.Scopes, needed) {
				return errConsent("the permission to use the calendars was not given", nil)
			}
		}
		return c.patience.retry(ctx, func() error {
			grant.Account, err = c.account(ctx, got.AccessToken)
			return err
		})
	})
	if err != nil {
		return agenda.CalendarGrant{}, failure("", err)
	}
	return grant, nil
}

// exchangeFailure tells a code or a verifier that is no good from our own client being refused.
func exchangeFailure(err error) error {
	switch s := statusOf(err); s.reason {
	case "invalid_grant", "invalid_request":
		return errConsent("Google does not accept the answer; begin again", causeOf(err))
	case "invalid_client", "unauthorized_client", "deleted_client", "disabled_client", "redirect_uri_mismatch":
		return errUnconfigured(causeOf(err))
	}
	return err
}

func errConsent(msg string, cause error) error {
	return errs.Wrap(errs.Invalid, "consent-refused", msg, cause)
}

// account asks whose account an access token is for.
func (c *Client) account(ctx context.Context, accessToken string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.userinfo, nil)
	if err != nil {
		return "", errors.New("googlecalendar: make a request for the account's name")
	}
	req.Header.Set("Authorization", "Bearer "+accessToken)
	body, err := c.send(req)
	if err != nil {
		return "", err
	}
	var who struct {
		Email string `json:"email"`
	}
	if err := json.Unmarshal(body, &who); err != nil || who.Email == "" {
		return "", errs.Wrap(errs.Unavailable, "calendar-unavailable", "Google does not tell whose account it is", err)
	}
	return who.Email, nil
}

// Forget implements [ports.CalendarProvider].
func (c *Client) Forget(ctx context.Context, refreshToken string) error {
	err := c.patience.within(ctx, func(ctx context.Context) error {
		return c.patience.retry(ctx, func() error {
			form := url.Values{"token": {refreshToken}}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.revoke, strings.NewReader(form.Encode()))
			if err != nil {
				return errors.New("googlecalendar: make a request to give a consent back")
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			_, err = c.send(req)
			return err
		})
	})
	if s := statusOf(err); s.code == http.StatusBadRequest && s.reason == "invalid_token" {
		return nil // it is no longer good, which is what was wanted
	}
	return failure("", err)
}

// send makes a request that is not the API's. A refusal is told as the library tells those of the token's address.
func (c *Client) send(req *http.Request) ([]byte, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		refusal := &oauth2.RetrieveError{Response: resp}
		var said struct {
			Error json.RawMessage `json:"error"` // a word, or an object as the API has it
		}
		if json.Unmarshal(body, &said) == nil {
			_ = json.Unmarshal(said.Error, &refusal.ErrorCode)
		}
		return nil, refusal
	}
	if err != nil {
		return nil, fmt.Errorf("googlecalendar: read an answer: %w", err)
	}
	return body, nil
}

// Calendars implements [ports.CalendarProvider].
func (c *Client) Calendars(ctx context.Context, tenant agenda.TenantID) ([]agenda.AccountCalendar, error) {
	calendars := []agenda.AccountCalendar{}
	err := c.patience.within(ctx, func(ctx context.Context) error {
		list := c.api.CalendarList.List().Context(ctx).MaxResults(250).
			Fields("nextPageToken,items(id,summary,summaryOverride,timeZone,accessRole,primary)")
		for {
			page, err := run(ctx, c, tenant, list.Header(), func() (*calendar.CalendarList, error) { return list.Do() })
			if err != nil {
				return err
			}
			for _, item := range page.Items {
				calendars = append(calendars, calendarOf(item))
			}
			if page.NextPageToken == "" {
				return nil
			}
			list = list.PageToken(page.NextPageToken)
		}
	})
	if err != nil {
		return nil, failure("", err)
	}
	slices.SortStableFunc(calendars, func(a, b agenda.AccountCalendar) int {
		switch {
		case a.Primary == b.Primary:
			return 0
		case a.Primary:
			return -1
		}
		return 1
	})
	return calendars, nil
}

func calendarOf(item *calendar.CalendarListEntry) agenda.AccountCalendar {
	name := item.SummaryOverride // what the account's owner calls it
	if name == "" {
		name = item.Summary
	}
	return agenda.AccountCalendar{
		ID: item.Id, Name: name, TimeZone: item.TimeZone, Primary: item.Primary,
		Writable: item.AccessRole == "owner" || item.AccessRole == "writer",
	}
}
