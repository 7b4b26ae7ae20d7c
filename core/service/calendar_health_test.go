package service_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/unconfigured"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// health is how the clinic does, a line for each check.
func (w *connecting) health(of *service.CalendarAccounts) string {
	w.t.Helper()
	h, err := service.NewHealths(w.deps(), of).Of(w.t.Context(), w.admin, w.clinic.ID)
	w.must(err)
	lines := []string{string(h.Status)}
	for _, c := range h.Checks {
		line := c.Component
		if c.Professional != nil {
			line += " of " + c.Professional.Name
		}
		line += ": " + strings.TrimSpace(string(c.Status)+" "+c.Problem)
		if !c.Since.IsZero() {
			line += " since " + c.Since.Format("15:04")
		}
		if (c.Action == "") != (c.Problem == "") {
			w.t.Errorf("%s: the action is %q", line, c.Action)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (w *connecting) wantHealth(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(strings.Join(want, "\n"), w.health(w.accounts)); diff != "" {
		w.t.Errorf("health (-want +got):\n%s", diff)
	}
}

// unreadable is a calendar of which some cannot be read.
type unreadable struct {
	ports.Calendar
	ids []string
}

func (c unreadable) Busy(ctx context.Context, cal agenda.Calendar, from, to time.Time) ([]agenda.Busy, error) {
	if slices.Contains(c.ids, cal.ID) {
		return nil, errs.New(errs.Unavailable, "calendar-unavailable", "not shared")
	}
	return c.Calendar.Busy(ctx, cal, from, to)
}

func TestHealthTellsTheOwnerWhatToDo(t *testing.T) {
	t.Parallel()
	w := openConnecting(t)
	w.wantHealth("ok", "google-account: ok not-connected")
	a := w.connect(owner, "first")
	w.provider.calendars = []agenda.AccountCalendar{
		{ID: w.joao.GoogleCalendarID, Writable: true}, {ID: w.maria.GoogleCalendarID, Writable: true}, {ID: w.pedro.GoogleCalendarID, Writable: true},
	}
	const joao, maria, pedro = "calendar of Dr. João Silva: ", "calendar of Dra. Maria Costa: ", "calendar of Dr. Pedro Santos: "
	w.wantHealth("ok", "google-account: ok", joao+"ok", maria+"ok", pedro+"ok")
	w.must(w.store.Repositories().CalendarSyncs.Keep(t.Context(), agenda.CalendarSync{
		AccountID: a.ID, CalendarID: w.joao.GoogleCalendarID, Problem: "calendar-unavailable", ProblemAt: w.clock(),
	}))
	w.wantHealth("degraded", "google-account: ok", joao+"degraded changes-unseen since 12:00", maria+"ok", pedro+"ok")
	w.provider.calendars[1].Writable = false
	w.provider.calendars = w.provider.calendars[:2]
	w.wantHealth("down", "google-account: ok", joao+"degraded changes-unseen since 12:00", maria+"down calendar-read-only", pedro+"degraded calendar-not-listed")
	some := service.NewCalendarAccounts(w.deps(), w.sealer, w.provider, unreadable{w.both, []string{w.joao.GoogleCalendarID, w.pedro.GoogleCalendarID}})
	want := "down\ngoogle-account: ok\n" + joao + "down calendar-unreadable since 12:00\n" + maria + "down calendar-read-only\n" + pedro + "down calendar-unreadable"
	if diff := cmp.Diff(want, w.health(some)); diff != "" {
		t.Errorf("health (-want +got):\n%s", diff)
	}

	w.provider.err = errs.Wrap(errs.Unavailable, "calendar-unavailable", "away", errors.New("away"))
	w.wantHealth("down", "google-account: down calendar-unavailable")
	w.provider.err = context.DeadlineExceeded
	w.wantHealth("down", "google-account: down calendar-unavailable")
	w.must(w.credentials.Lost(t.Context(), w.clinic.ID, "first", "invalid_grant"))
	w.pass(time.Hour)
	w.wantHealth("down", "google-account: down calendar-access-lost since 12:00")

	for _, c := range []struct {
		sealer ports.Sealer
		want   string
	}{
		{unconfigured.Sealer{}, "encryption-unconfigured"}, {sealer(t, 9), "sealed-with-unknown-key"},
	} {
		p := &provider{credentials: service.NewCalendarCredentials(w.deps(), c.sealer)}
		of := service.NewCalendarAccounts(w.deps(), c.sealer, p, w.both)
		if got := w.health(of); got != "down\ngoogle-account: down "+c.want+" since 12:00" {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got := w.health(service.NewCalendarAccounts(w.deps(), w.sealer, unconfigured.Calendar{}, w.both)); !strings.Contains(got, "down calendar-unconfigured") {
		t.Errorf("got %s", got)
	}
	_, err := w.store.Repositories().Clinics.Update(t.Context(), identity.AllEntities(), w.clinic.ID, func(c *agenda.Clinic) error {
		c.GoogleOAuthCredentialID = "gone"
		return nil
	})
	w.must(err)
	w.wantHealth("down", "google-account: down calendar-not-connected")
	_, err = service.NewHealths(w.deps(), w.accounts).Of(t.Context(), w.admin, id.New[agenda.Clinic]())
	w.wantCode(err, "clinic-not-found")
}
