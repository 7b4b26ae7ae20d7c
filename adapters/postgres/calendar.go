package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// calendar keeps the events of clinics that have connected no calendar of their own, in a table.
type calendar struct{ store *Store }

// Calendar returns the calendar of those who have configured no other. It is not a part of anybody's transaction, and
// like every other calendar it fails inside one.
func (s *Store) Calendar() ports.Calendar { return calendar{s} }

const eventColumns = `event_id, calendar_id, professional_id, appointment_id, summary, description, starts_at, ends_at`

func scanEvent(row pgx.CollectableRow) (v agenda.Event, err error) {
	err = row.Scan(&v.ID, &v.CalendarID, optionalUUID{&v.ProfessionalID.UUID}, optionalUUID{&v.AppointmentID.UUID},
		&v.Summary, &v.Description, &v.Start, &v.End)
	return v, err
}

const eventByID = `SELECT ` + eventColumns + ` FROM calendar_events WHERE tenant_id = $1 AND calendar_id = $2 AND event_id = $3`

// Busy implements [ports.Calendar].
func (c calendar) Busy(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Busy, error) {
	events, err := c.Events(ctx, cal, from, to)
	return cal.Taken(events), err
}

// Events implements [ports.Calendar].
func (c calendar) Events(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Event, error) {
	events := []agenda.Event{}
	err := c.store.read(ctx, func(q querier) (err error) {
		if !from.Before(to) {
			return nil // an empty span touches nothing
		}
		events, err = all(ctx, q, scanEvent, `SELECT `+eventColumns+` FROM calendar_events
			WHERE tenant_id = $1 AND calendar_id = $2 AND ends_at > $3 AND starts_at < $4 AND starts_at < ends_at
			ORDER BY starts_at, event_id COLLATE "C"`, uuid(cal.TenantID.UUID), cal.ID, from, to)
		return err
	})
	return zeroOn(events, calendarError(err))
}

// Get implements [ports.Calendar].
func (c calendar) Get(ctx context.Context, cal agenda.Calendar, eventID string) (agenda.Event, error) {
	e, err := get(ctx, c.store, "event", scanEvent, eventByID, uuid(cal.TenantID.UUID), cal.ID, eventID)
	return e, calendarError(err)
}

// Put implements [ports.Calendar].
func (c calendar) Put(ctx context.Context, cal agenda.Calendar, e agenda.Event) error {
	return calendarError(c.store.statement(ctx, func(q querier) error {
		if err := cal.Guard(e); err != nil {
			return err
		}
		_, err := q.Exec(ctx, `INSERT INTO calendar_events
				(tenant_id, calendar_id, event_id, professional_id, appointment_id, summary, description, starts_at, ends_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (tenant_id, calendar_id, event_id) DO UPDATE SET professional_id = excluded.professional_id,
				appointment_id = excluded.appointment_id, summary = excluded.summary, description = excluded.description,
				starts_at = excluded.starts_at, ends_at = excluded.ends_at, updated_at = now()`,
			uuid(cal.TenantID.UUID), cal.ID, e.ID, uuid(e.ProfessionalID.UUID), uuid(e.AppointmentID.UUID), e.Summary, e.Description,
			e.Start, e.End)
		return err
	}))
}

// Delete implements [ports.Calendar]. What it finds is guarded: an event that is none of the professional's stays.
func (c calendar) Delete(ctx context.Context, cal agenda.Calendar, eventID string) error {
	key := []any{uuid(cal.TenantID.UUID), cal.ID, eventID}
	return calendarError(c.store.change(ctx, func(q querier) error {
		e, err := one(ctx, q, "event", scanEvent, eventByID+` FOR UPDATE`, key...)
		if errs.KindOf(err) == errs.NotFound {
			return nil
		}
		if err == nil {
			err = cal.Guard(e)
		}
		if err == nil {
			_, err = q.Exec(ctx, `DELETE FROM calendar_events WHERE tenant_id = $1 AND calendar_id = $2 AND event_id = $3`, key...)
		}
		return err
	}))
}

// calendarError tells of the calendar, not of the database, that it cannot be reached.
func calendarError(err error) error {
	if errs.KindOf(err) != errs.Unavailable {
		return err
	}
	away := errs.Wrap(errs.Unavailable, "calendar-unavailable", "the calendar cannot be reached", err)
	away.Retry = retryAfter
	return away
}
