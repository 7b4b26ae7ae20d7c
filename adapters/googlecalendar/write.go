package googlecalendar

import (
	"context"
	"net/http"

	"google.golang.org/api/calendar/v3"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

// collisions is how often somebody else may change an event between our reading and our writing.
const collisions = 4

// Put implements [ports.Calendar]. An event that was deleted comes back, and one that somebody changed by hand is what e says.
func (c *Client) Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error {
	return failure(cal.ID, c.patience.within(ctx, func(ctx context.Context) error {
		if err := cal.Guard(e); err != nil {
			return err
		}
		if !isName(cal.ID) {
			return errNoCalendar(cal)
		}
		for range collisions {
			fresh := &calendar.Event{}
			write(fresh, e)
			insert := c.api.Events.Insert(cal.ID, fresh).Context(ctx).Fields("id")
			_, err := run(ctx, c, cal.TenantID, insert.Header(), func() (*calendar.Event, error) { return insert.Do() })
			if statusOf(err).code != http.StatusConflict {
				return err
			}
			if done, err := c.replace(ctx, cal, e); done || err != nil {
				return err
			}
		}
		return errCollisions()
	}))
}

// replace makes the event that stands under e's id what e says. done is false when it was changed or removed meanwhile.
func (c *Client) replace(ctx context.Context, cal agenda.Calendar, e agenda.Event) (done bool, err error) {
	found, err := c.find(ctx, cal, e.ID)
	if err != nil || found == nil {
		return false, err
	}
	if err := guard(cal, found); err != nil {
		return false, err
	}
	if isWritten(found, e) {
		return true, nil
	}
	write(found, e)
	update := c.api.Events.Update(cal.ID, e.ID, found).Context(ctx).Fields("id")
	update.Header().Set("If-Match", found.Etag)
	_, err = run(ctx, c, cal.TenantID, update.Header(), func() (*calendar.Event, error) { return update.Do() })
	if isGone(err) || statusOf(err).code == http.StatusPreconditionFailed {
		return false, nil
	}
	return err == nil, err
}

// Delete implements [ports.Calendar]. What it finds is guarded: an event that is none of the professional's stays.
func (c *Client) Delete(ctx context.Context, cal agenda.Calendar, eventID string) error {
	return failure(cal.ID, c.patience.within(ctx, func(ctx context.Context) error {
		for range collisions {
			found, err := c.find(ctx, cal, eventID)
			if err != nil || found == nil || found.Status == statusCancelled {
				return err
			}
			if err := guard(cal, found); err != nil {
				return err
			}
			remove := c.api.Events.Delete(cal.ID, eventID).Context(ctx)
			remove.Header().Set("If-Match", found.Etag)
			_, err = run(ctx, c, cal.TenantID, remove.Header(), func() (struct{}, error) { return struct{}{}, remove.Do() })
			if isGone(err) {
				return nil
			}
			if statusOf(err).code != http.StatusPreconditionFailed {
				return err
			}
		}
		return errCollisions()
	}))
}

// guard checks that what stands under an id is the calendar's own professional's. Of a deleted event Google promises the id
// alone, which is ours by how it is made.
func guard(cal agenda.Calendar, found *calendar.Event) error {
	professional, _ := owned(found)
	if _, ours := agenda.AppointmentOfEvent(found.Id); ours && found.Status == statusCancelled && found.ExtendedProperties == nil {
		return nil
	}
	return cal.Guard(agenda.Event{CalendarID: cal.ID, ProfessionalID: professional})
}

func errCollisions() error {
	err := errs.New(errs.Unavailable, "calendar-unavailable", "somebody else keeps changing the same event")
	err.Retry = retryAfter
	return err
}
