package googlecalendar

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/googleapi"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

const (
	pageSize = 2500
	// eventFields is what is read of an event: nobody's guests, and nothing of what is not used.
	eventFields = "id,status,summary,description,start(date,dateTime),end(date,dateTime),transparency,eventType,recurrence,etag," +
		"attendees(self,responseStatus),extendedProperties/private"
	pageFields = "timeZone,nextPageToken,nextSyncToken,items(" + eventFields + ")"
)

// Busy implements [ports.Calendar].
func (c *Client) Busy(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Busy, error) {
	events, err := c.Events(ctx, cal, from, to)
	return cal.Taken(events), err
}

// Events implements [ports.Calendar]. Recurring events are given one by one.
func (c *Client) Events(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Event, error) {
	events, span := []agenda.Event{}, agenda.Interval{Start: from, End: to}
	err := c.patience.within(ctx, func(ctx context.Context) error {
		if span.IsEmpty() {
			return nil // an empty span touches nothing
		}
		list := c.list(ctx, cal).ShowDeleted(false).Fields(pageFields).
			TimeMin(from.Format(time.RFC3339)).TimeMax(to.Add(time.Second - 1).Format(time.RFC3339)) // Google drops fractions
		return c.pages(ctx, cal, list, func(page *calendar.Events) error {
			zone := zoneNamed(page.TimeZone)
			for _, item := range page.Items {
				if item.Status == statusCancelled || !isOfAgendas(item) {
					continue
				}
				e, err := eventOf(cal.ID, item, zone)
				if err != nil {
					return err
				}
				if span.Overlaps(agenda.Interval{Start: e.Start, End: e.End}) {
					events = append(events, e)
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil, failure(cal.ID, err)
	}
	slices.SortFunc(events, func(a, b agenda.Event) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	return events, nil
}

// Get implements [ports.Calendar].
func (c *Client) Get(ctx context.Context, cal agenda.Calendar, eventID string) (e agenda.Event, err error) {
	err = c.patience.within(ctx, func(ctx context.Context) error {
		found, err := c.find(ctx, cal, eventID)
		if err != nil {
			return err
		}
		if found == nil || found.Status == statusCancelled {
			return errs.Absent("event")
		}
		e, err = eventOf(cal.ID, found, func() (*time.Location, error) { return c.zone(ctx, cal) })
		return err
	})
	return e, failure(cal.ID, err)
}

// list begins a listing of a calendar's events, the occurrences of recurring ones included. Of guests the owner is enough.
func (c *Client) list(ctx context.Context, cal agenda.Calendar) *calendar.EventsListCall {
	return c.api.Events.List(cal.ID).Context(ctx).SingleEvents(true).MaxResults(pageSize).MaxAttendees(1)
}

// pages makes a listing, page by page. The library's own way would make a page's request once.
func (c *Client) pages(ctx context.Context, cal agenda.Calendar, list *calendar.EventsListCall, take func(*calendar.Events) error) error {
	if !isName(cal.ID) {
		return errNoCalendar(cal)
	}
	for {
		page, err := run(ctx, c, cal.TenantID, list.Header(), func() (*calendar.Events, error) { return list.Do() })
		if err != nil {
			return err
		}
		if err := take(page); err != nil || page.NextPageToken == "" {
			return err
		}
		list = list.PageToken(page.NextPageToken)
	}
}

// find returns what stands under an id, a deleted event included, and nil when nothing does. Google answers for an unknown
// calendar as it does for an unknown event; that the event is not there is only believed when the calendar is.
func (c *Client) find(ctx context.Context, cal agenda.Calendar, eventID string) (*calendar.Event, error) {
	if !isName(cal.ID) {
		return nil, errNoCalendar(cal)
	}
	if !isName(eventID) {
		return nil, nil //nolint:nilnil // nothing is there, as nothing is wrong
	}
	get := c.api.Events.Get(cal.ID, eventID).Context(ctx)
	found, err := run(ctx, c, cal.TenantID, get.Header(), func() (*calendar.Event, error) { return get.Do() })
	if isGone(err) {
		_, err = c.zone(ctx, cal)
		return nil, err
	}
	return found, err
}

// zone asks for the time zone of a calendar.
func (c *Client) zone(ctx context.Context, cal agenda.Calendar) (*time.Location, error) {
	list := c.api.Events.List(cal.ID).Context(ctx).MaxResults(1).Fields(googleapi.Field("timeZone"))
	page, err := run(ctx, c, cal.TenantID, list.Header(), func() (*calendar.Events, error) { return list.Do() })
	if err != nil {
		return nil, failure(cal.ID, err)
	}
	return zoneNamed(page.TimeZone)()
}

// zoneNamed loads a zone when it is needed, and once.
func zoneNamed(name string) zoneOf {
	return sync.OnceValues(func() (*time.Location, error) {
		if name == "" || name == "Local" { // to Go these are zones of its own
			return nil, fmt.Errorf("googlecalendar: a calendar in no known time zone: %q", name)
		}
		return time.LoadLocation(name)
	})
}

// isGone reports whether Google says that an event is not there, or not any more.
func isGone(err error) bool {
	s := statusOf(err)
	return s.reason != "" && (s.code == http.StatusNotFound || s.code == http.StatusGone)
}

// isName reports whether an id can be a part of a path: none would be the path of the list, and dots another path.
func isName(s string) bool { return strings.Trim(s, ".") != "" }

func errNoCalendar(cal agenda.Calendar) error {
	return errs.New(errs.Unavailable, "calendar-not-found", "the clinic's Google account cannot see the calendar "+cal.ID)
}
