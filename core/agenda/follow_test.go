package agenda_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

func TestAVisitFollowsItsEvent(t *testing.T) {
	t.Parallel()
	start := later().Add(24 * time.Hour)
	visit := agenda.Appointment{Start: start, End: start.Add(30 * time.Minute), BufferAfter: time.Minute, Status: agenda.Confirmed, Version: 4, UpdatedAt: noon()}
	to := agenda.Interval{Start: start.Add(-time.Hour).In(time.FixedZone("-03", -3*60*60)), End: start}
	for override, kept := range map[string]string{"": "before", "moved": "moved"} {
		got, want := visit, visit
		got.OverrideReason, want.OverrideReason = "before", kept
		want.Start, want.End, want.Version, want.UpdatedAt = to.Start.UTC(), start, 5, later()
		err := got.Follow(to, override, later())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("override %q: %v\n%s", override, err, diff)
		}
	}
	for name, c := range map[string]struct {
		change func(*agenda.Appointment)
		to     agenda.Interval
		now    time.Time
		code   string
	}{
		"cancelled": {func(a *agenda.Appointment) { a.Status = agenda.Cancelled }, to, later(), "appointment-state"},
		"held":      {func(a *agenda.Appointment) { a.Status = agenda.Held }, to, later(), "appointment-state"},
		"begun":     {func(*agenda.Appointment) {}, to, start, "appointment-past"},
		"empty":     {func(*agenda.Appointment) {}, agenda.Interval{Start: start, End: start}, later(), "visit-length"},
		"backwards": {func(*agenda.Appointment) {}, agenda.Interval{Start: start, End: start.Add(-time.Minute)}, later(), "visit-length"},
		"a day":     {func(*agenda.Appointment) {}, agenda.Interval{Start: start, End: start.Add(24 * time.Hour)}, later(), "visit-length"},
	} {
		got := visit
		c.change(&got)
		before := got
		if err := got.Follow(c.to, "", c.now); errs.CodeOf(err) != c.code || !cmp.Equal(got, before) {
			t.Errorf("%s: got %v and %+v, want code %s and no change", name, err, got, c.code)
		}
	}
}
