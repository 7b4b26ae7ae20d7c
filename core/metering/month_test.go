package metering_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/metering"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return loc
}

func TestMonth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, at  string
		label, from, to string
	}{
		{"UTC", "UTC", "2026-11-22T15:00:00Z", "2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"},
		{"EveningOfTheLastDay", "America/Sao_Paulo", "2026-11-01T02:59:59Z", "2026-10", "2026-10-01T03:00:00Z", "2026-11-01T03:00:00Z"},
		{"FirstMoment", "America/Sao_Paulo", "2026-11-01T03:00:00Z", "2026-11", "2026-11-01T03:00:00Z", "2026-12-01T03:00:00Z"},
		{"EndOfTheYear", "America/Sao_Paulo", "2027-01-01T02:00:00Z", "2026-12", "2026-12-01T03:00:00Z", "2027-01-01T03:00:00Z"},
		{"LeapDay", "UTC", "2028-02-29T23:59:59Z", "2028-02", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
		{"SummerTimeBegins", "Europe/Lisbon", "2026-03-29T12:00:00Z", "2026-03", "2026-03-01T00:00:00Z", "2026-03-31T23:00:00Z"},
		{"SummerTimeEnds", "America/New_York", "2026-11-01T12:00:00Z", "2026-11", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"},
		{"MidnightTwice", "America/Havana", "2026-11-01T05:30:00Z", "2026-11", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"},
		{"NoMidnight", "America/Asuncion", "2017-10-01T04:00:00Z", "2017-10", "2017-10-01T04:00:00Z", "2017-11-01T03:00:00Z"},
		{"BeforeNoMidnight", "America/Asuncion", "2017-10-01T03:59:59Z", "2017-09", "2017-09-01T04:00:00Z", "2017-10-01T04:00:00Z"},
		{"SetBackOverMidnight", "America/St_Johns", "2009-11-01T03:00:00Z", "2009-11", "2009-11-01T02:30:00Z", "2009-12-01T03:30:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			label, from, to := metering.Month(at, zone(t, c.zone))
			if got := [3]string{label, from.Format(time.RFC3339), to.Format(time.RFC3339)}; got != [3]string{c.label, c.from, c.to} {
				t.Errorf("got %s, want %s from %s to %s", got, c.label, c.from, c.to)
			}
		})
	}
}
