package memory_test

import (
	"errors"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

func TestBlockedTimeIsBusyAndNobodysToDelete(t *testing.T) {
	t.Parallel()
	c := memory.NewCalendar()
	cal := agenda.Calendar{ProfessionalID: id.New[agenda.ClinicProfessional](), ID: "maria@example.com"}
	start := time.Date(2026, time.March, 9, 11, 0, 0, 0, time.UTC)
	foreign := c.Block(cal, agenda.Interval{Start: start, End: start.Add(time.Hour)})
	busy, err := c.Busy(t.Context(), cal, start, start.Add(time.Hour))
	if err != nil || len(busy) != 1 || busy[0].EventID != foreign {
		t.Fatalf("got %v, error %v, want the blocked hour", busy, err)
	}
	if err := c.Delete(t.Context(), cal, foreign); errs.CodeOf(err) != "calendar-mismatch" {
		t.Errorf("Delete: got error %v, want calendar-mismatch", err)
	}
	if _, err := c.Get(t.Context(), cal, foreign); err != nil {
		t.Errorf("Get: got error %v", err)
	}
}

func TestFailedCalendarIsUnavailableUntilItIsMended(t *testing.T) {
	t.Parallel()
	c, boom := memory.NewCalendar(), errors.New("boom")
	cal := agenda.Calendar{ProfessionalID: id.New[agenda.ClinicProfessional](), ID: "maria@example.com"}
	now := time.Date(2026, time.March, 9, 11, 0, 0, 0, time.UTC)
	c.Fail(boom)
	_, busyErr := c.Busy(t.Context(), cal, now, now.Add(time.Hour))
	_, eventsErr := c.Events(t.Context(), cal, now, now.Add(time.Hour))
	_, getErr := c.Get(t.Context(), cal, "event")
	for what, err := range map[string]error{
		"Busy": busyErr, "Events": eventsErr, "Get": getErr, "Put": c.Put(t.Context(), cal, agenda.Event{}),
		"Delete": c.Delete(t.Context(), cal, "event"),
	} {
		if errs.KindOf(err) != errs.Unavailable || errs.CodeOf(err) != "calendar-unavailable" || !errors.Is(err, boom) {
			t.Errorf("%s: got error %v, want Unavailable calendar-unavailable because of %v", what, err, boom)
		}
	}
	c.Fail(nil)
	if _, err := c.Busy(t.Context(), cal, now, now.Add(time.Hour)); err != nil {
		t.Errorf("after it was mended: got error %v", err)
	}
}

func TestOneCalendarFailsAlone(t *testing.T) {
	t.Parallel()
	c, boom := memory.NewCalendar(), errors.New("boom")
	now := time.Date(2026, time.March, 9, 11, 0, 0, 0, time.UTC)
	read := func(calendar string) error {
		_, err := c.Busy(t.Context(), agenda.Calendar{ID: calendar}, now, now.Add(time.Hour))
		return err
	}
	c.FailFor("maria@example.com", boom)
	if err := read("maria@example.com"); errs.CodeOf(err) != "calendar-unavailable" || !errors.Is(err, boom) {
		t.Errorf("got error %v, want calendar-unavailable because of %v", err, boom)
	}
	if err := read("joao@example.com"); err != nil {
		t.Errorf("the other calendar: got error %v", err)
	}
	c.FailFor("maria@example.com", nil)
	if err := read("maria@example.com"); err != nil {
		t.Errorf("after it was mended: got error %v", err)
	}
}
