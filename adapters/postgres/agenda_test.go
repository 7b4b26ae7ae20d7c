package postgres_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports/porttest"
)

// frontDesk is a store, and a way to write to its tables past it.
type frontDesk struct {
	*postgres.Store
	*porttest.Fixtures

	t   *testing.T
	sql *pgx.Conn
}

func newFrontDesk(t *testing.T, edit ...func(*postgres.Options)) frontDesk {
	t.Helper()
	var url string
	s := pgtest.Open(t, append(edit, func(o *postgres.Options) { url = o.URL })...)
	return frontDesk{Store: s, Fixtures: porttest.NewFixtures(t, storeOf(s)), t: t, sql: connect(t, url)}
}

func (d frontDesk) exec(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.sql.Exec(d.t.Context(), sql, args...); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
}

func TestAgendasMadeByHandAreRead(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	made := d.AgendaOf(d.Entity().ID)
	for days, want := range map[string][]time.Weekday{
		`["1", "3"]`:     {time.Monday, time.Wednesday},
		`[5, "0", 5, 1]`: {time.Sunday, time.Monday, time.Friday},
		`[]`:             {},
	} {
		d.exec(`UPDATE clinic_professionals SET working_days = $1, working_hours_start = '08:00:30', working_hours_end = '24:00',
			specialty_keywords = '{}' WHERE professional_id = $2`, days, made.ID.String())
		got, err := d.ClinicProfessionals.Get(t.Context(), identity.AllEntities(), made.ID)
		if err != nil {
			t.Fatalf("days %s: got error %v", days, err)
		}
		if !slices.Equal(got.WorkingDays, want) {
			t.Errorf("days %s: got %v, want %v", days, got.WorkingDays, want)
		}
		if got.WorkingStart != 8*60 || got.WorkingEnd != agenda.EndOfDay || got.SpecialtyKeywords != nil {
			t.Errorf("got hours from %v to %v and keywords %q, want 08:00 to 24:00 and none",
				got.WorkingStart, got.WorkingEnd, got.SpecialtyKeywords)
		}
	}
}

func TestIntervalsMadeByHandAreRead(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	made := d.ClinicOf(d.Entity().ID)
	d.exec(`UPDATE tenant_config SET minimum_notice = '1 day 2 hours', maximum_ahead = '2 months', hold_time = '90 seconds'
		WHERE tenant_id = $1`, made.ID.String())
	got, err := d.Clinics.Get(t.Context(), identity.AllEntities(), made.ID)
	if err != nil {
		t.Fatalf("got error %v", err)
	}
	if got.MinimumNotice != 26*time.Hour || got.MaximumAhead != 60*24*time.Hour || got.HoldTime != 90*time.Second {
		t.Errorf("got %v, %v and %v, want 26 hours, 60 days and 90 seconds", got.MinimumNotice, got.MaximumAhead, got.HoldTime)
	}
}

func TestColumnsOfTheAgendaHoldWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	with := d.AgendaOf(d.Entity().ID)
	v := d.NewAppointment(with, d.Monday())
	v.BufferBefore, v.BufferAfter = 5*time.Minute, 15*time.Minute
	d.Appointment(v)
	for sql, want := range map[string]string{
		`SELECT working_days::text || ' ' || working_hours_start || ' ' || working_hours_end FROM clinic_professionals`:    `["1", "3", "6"] 08:00:00 18:30:00`,
		`SELECT minimum_notice || ' ' || maximum_ahead || ' ' || hold_time FROM tenant_config`:                             `02:00:00 720:00:00 00:05:00`,
		`SELECT (starts_at - blocked_from)::text FROM appointments`:                                                        `00:05:00`,
		`SELECT working_hours ->> 1 FROM clinic_professionals`:                                                             `{"end": "06:00", "days": [5], "start": "22:00"}`,
		`SELECT date_overrides::text FROM clinic_professionals`:                                                            `[{"date": "2026-12-24", "windows": []}, {"date": "2026-12-25", "windows": [{"end": "24:00", "start": "09:00"}]}]`,
		`SELECT closures ->> 0 FROM tenant_config`:                                                                         `{"last": "2026-07-01", "name": "", "first": "2026-07-01"}`,
		`SELECT string_agg(google_calendar_id, ' ') FROM professional_calendars`:                                           with.GoogleCalendarID,
		`SELECT patient_birth_date || ' ' || (blocked_until - starts_at) || ' ' || (held_until IS NULL) FROM appointments`: `1990-05-17 00:45:00 true`,
	} {
		if got := one[string](t, d.sql, sql); got != want {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
	}
}

func TestAPositionOutsideOfTheCalendarIsABadCursor(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	with := d.AgendaOf(d.Entity().ID)
	for i := range 2 {
		d.Appointment(d.NewAppointment(with, d.Monday().Add(time.Duration(i)*time.Hour)))
	}
	list := func(cursor string) (page.Page[agenda.Appointment], error) {
		return d.Appointments.List(t.Context(), identity.AllEntities(), agenda.AppointmentFilter{}, page.Request{Limit: 1, Cursor: cursor})
	}
	first, err := list("")
	if err != nil {
		t.Fatalf("the first page: got error %v", err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(first.NextCursor)
	if err != nil {
		t.Fatal(err)
	}
	good := fmt.Sprintf(`"k":"%d"`, first.Items[0].Start.UnixMicro())
	for _, micros := range []string{"9223372036854775807", "-9223372036854775808", "-99999999999999999", ""} {
		forged := strings.Replace(string(raw), good, `"k":"`+micros+`"`, 1)
		if _, err := list(base64.RawURLEncoding.EncodeToString([]byte(forged))); errs.CodeOf(err) != "invalid-cursor" {
			t.Errorf("after %s: got error %v, want invalid-cursor", micros, err)
		}
	}
}

func TestTheDirectoryIsAskedForAtOnce(t *testing.T) {
	t.Parallel()
	var seen batches
	d := newFrontDesk(t, func(o *postgres.Options) { o.Tracer = &seen })
	with := d.AgendaOf(d.Entity().ID)
	service := d.Service(with)
	seen = batches{}
	got, err := d.Clinics.Directory(t.Context(), identity.OnlyEntity(with.EntityID), with.TenantID)
	if err != nil {
		t.Fatalf("got error %v", err)
	}
	if len(got.Professionals) != 1 || cmp.Diff(got.Services, []agenda.Service{service}) != "" {
		t.Errorf("got the directory %v", got)
	}
	if seen != (batches{batches: 1}) {
		t.Errorf("got %d batches and %d other statements, want one batch", seen.batches, seen.others)
	}
}

// batches counts what a store asks its database.
type batches struct{ batches, others int }

func (b *batches) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	b.others++
	return ctx
}

func (b *batches) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (b *batches) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	b.batches++
	return ctx
}

func (b *batches) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (b *batches) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
