package postgres_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

func TestCalendarContract(t *testing.T) {
	t.Parallel()
	porttest.RunCalendar(t, func(t *testing.T) ports.Calendar {
		t.Helper()
		return pgtest.Open(t).Calendar()
	})
}

func TestAnEventMadeByHandIsBusyAndNobodysToDelete(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	c, cal := d.Calendar(), agenda.Calendar{
		TenantID: id.New[agenda.Clinic](), ProfessionalID: id.New[agenda.ClinicProfessional](), ID: "maria@example.com",
	}
	start := d.Monday()
	d.exec(`INSERT INTO calendar_events (tenant_id, calendar_id, event_id, summary, starts_at, ends_at)
		VALUES ($1, $2, 'holiday', 'férias', $3, $4), ($1, $2, 'nothing', 'lembrete', $3, $3)`, cal.TenantID.String(), cal.ID, start, start.AddDate(0, 1, 0))
	for _, days := range []int{0, 29} {
		from := start.AddDate(0, 0, days)
		busy, err := c.Busy(t.Context(), cal, from, from.Add(time.Hour))
		if err != nil || len(busy) != 1 || busy[0].EventID != "holiday" || !busy[0].Start.Equal(start) {
			t.Errorf("after %d days: got %v, error %v, want the whole holiday", days, busy, err)
		}
	}
	for _, span := range [][2]time.Time{{start.Add(time.Hour), start.Add(time.Hour)}, {start.Add(2 * time.Hour), start.Add(time.Hour)}} {
		if events, err := c.Events(t.Context(), cal, span[0], span[1]); err != nil || len(events) != 0 {
			t.Errorf("from %v to %v: got %v, error %v, want nothing", span[0], span[1], events, err)
		}
	}
	if err := c.Delete(t.Context(), cal, "holiday"); errs.KindOf(err) != errs.Forbidden || errs.CodeOf(err) != "calendar-mismatch" {
		t.Errorf("Delete: got error %v, want calendar-mismatch", err)
	}
	if got, err := c.Get(t.Context(), cal, "holiday"); err != nil || got.Summary != "férias" || !got.ProfessionalID.IsZero() {
		t.Errorf("Get: got %v, error %v", got, err)
	}
}

func TestACalendarThatCannotBeReachedIsUnavailable(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t, func(o *postgres.Options) { o.LockTimeout = 20 * time.Millisecond })
	c, a := d.Calendar(), agenda.Appointment{ID: id.New[agenda.Appointment]()}
	cal := agenda.Calendar{
		TenantID: id.New[agenda.Clinic](), ProfessionalID: id.New[agenda.ClinicProfessional](), ID: "maria@example.com",
	}
	e := agenda.Event{
		ID: a.EventID(), CalendarID: cal.ID, ProfessionalID: cal.ProfessionalID, Summary: "Consulta", Start: d.Monday(), End: d.Monday().Add(time.Hour),
	}
	d.exec(`BEGIN`)
	d.exec(`LOCK TABLE calendar_events`)
	_, busyErr := c.Busy(t.Context(), cal, e.Start, e.End)
	_, eventsErr := c.Events(t.Context(), cal, e.Start, e.End)
	_, getErr := c.Get(t.Context(), cal, e.ID)
	for what, err := range map[string]error{
		"Busy": busyErr, "Events": eventsErr, "Get": getErr, "Put": c.Put(t.Context(), cal, e), "Delete": c.Delete(t.Context(), cal, e.ID),
	} {
		if errs.KindOf(err) != errs.Unavailable || errs.CodeOf(err) != "calendar-unavailable" {
			t.Errorf("%s: got error %v, want Unavailable calendar-unavailable", what, err)
		}
	}
	d.exec(`ROLLBACK`)
	if err := c.Put(t.Context(), cal, e); err != nil {
		t.Errorf("after it came back: got error %v", err)
	}
}
