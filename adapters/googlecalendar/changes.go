package googlecalendar

import (
	"context"
	"net/http"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

// lookBack is how old events may be of which changes are told: those that ended longer ago are not listed when following
// begins. Google lets a first listing have such a bound, and keeps to it later.
const lookBack = 365 * 24 * time.Hour

// Changes implements [ports.CalendarChanges].
func (c *Client) Changes(ctx context.Context, cal agenda.Calendar, token string) (changes []agenda.EventChange, next string, err error) {
	changes = []agenda.EventChange{}
	err = c.patience.within(ctx, func(ctx context.Context) error {
		// All but the bound must be the same each time.
		list := c.list(ctx, cal).ShowDeleted(true)
		if token == "" {
			// Only the last page tells the token, so all of them are asked for, and nothing of what is on them.
			list = list.TimeMin(c.now().Add(-lookBack).Format(time.RFC3339)).Fields("nextPageToken,nextSyncToken")
		} else {
			list = list.SyncToken(token).Fields(pageFields)
		}
		return c.pages(ctx, cal, list, func(page *calendar.Events) error {
			next = page.NextSyncToken
			for _, item := range page.Items {
				if !isOfAgendas(item) {
					continue
				}
				change, err := changeOf(cal.ID, item, zoneNamed(page.TimeZone))
				if err != nil {
					return err
				}
				changes = append(changes, change)
			}
			return nil
		})
	})
	if s := statusOf(err); token != "" && (s.code == http.StatusGone || s.code == http.StatusBadRequest) {
		return nil, "", errs.Wrap(errs.Conflict, "sync-token-expired", "too much has changed; follow the calendar anew", causeOf(err))
	}
	if err == nil && next == "" {
		err = errs.New(errs.Unavailable, "calendar-unavailable", "Google does not let this calendar be followed")
	}
	if err != nil {
		return nil, "", failure(cal.ID, err)
	}
	return changes, next, nil
}

func changeOf(calendarID string, e *calendar.Event, zone zoneOf) (agenda.EventChange, error) {
	if e.Status != statusCancelled {
		event, err := eventOf(calendarID, e, zone)
		return agenda.EventChange{Event: event}, err
	}
	removed := agenda.Event{ID: e.Id, CalendarID: calendarID}
	removed.ProfessionalID, removed.AppointmentID = owned(e)
	return agenda.EventChange{Event: removed, Removed: true}, nil
}
