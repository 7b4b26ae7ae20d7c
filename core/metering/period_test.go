package metering_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones, wherever the tests run

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/metering"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func TestPeriodsBeginWhereTheClockOfTheZoneSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone   string
		by           metering.GroupBy
		from, to     string
		starts       []string
		first, named string
	}{
		{
			"MonthsOfAClinic", "America/Sao_Paulo", metering.ByMonth, "2026-11-15T12:00:00Z", "2027-01-01T03:00:00Z",
			[]string{"2026-11-01T03:00:00Z", "2026-12-01T03:00:00Z"},
			"2026-11", "2026-12",
		},
		{
			"AReportThatEndsAMomentLaterHasOneMore", "America/Sao_Paulo", metering.ByMonth, "2026-11-15T12:00:00Z", "2026-12-01T03:00:01Z",
			[]string{"2026-11-01T03:00:00Z", "2026-12-01T03:00:00Z"},
			"2026-11", "2026-12",
		},
		{
			"TheEveningIsStillTheSameDay", "America/Sao_Paulo", metering.ByDay, "2026-11-30T23:00:00Z", "2026-12-01T12:00:00Z",
			[]string{"2026-11-30T03:00:00Z", "2026-12-01T03:00:00Z"},
			"2026-11-30", "2026-12-01",
		},
		{
			"ADayWithoutMidnight", "America/Sao_Paulo", metering.ByDay, "2018-11-03T12:00:00Z", "2018-11-05T12:00:00Z",
			[]string{"2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
			"2018-11-03", "2018-11-04",
		},
		{
			"ADayAfterAnHourThatComesTwice", "America/Sao_Paulo", metering.ByDay, "2019-02-16T12:00:00Z", "2019-02-17T12:00:00Z",
			[]string{"2019-02-16T02:00:00Z", "2019-02-17T03:00:00Z"},
			"2019-02-16", "2019-02-17",
		},
		{
			"ADayWithTwoMidnights", "America/Havana", metering.ByDay, "2025-11-01T12:00:00Z", "2025-11-02T12:00:00Z",
			[]string{"2025-11-01T04:00:00Z", "2025-11-02T04:00:00Z"},
			"2025-11-01", "2025-11-02",
		},
		{
			"EastOfGreenwich", "Asia/Kathmandu", metering.ByDay, "2026-11-22T18:15:00Z", "2026-11-23T18:15:00Z",
			[]string{"2026-11-22T18:15:00Z"},
			"2026-11-23", "2026-11-23",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			q := metering.ReportQuery{From: at(c.from), To: at(c.to), GroupBy: c.by, Zone: zone}
			got := q.Periods()
			var starts []string
			for _, start := range got {
				starts = append(starts, start.Format(time.RFC3339))
			}
			if diff := cmp.Diff(c.starts, starts); diff != "" {
				t.Fatalf("-want +got\n%s", diff)
			}
			if first, second := q.PeriodOf(got[0]), q.PeriodOf(got[min(1, len(got)-1)]); first != c.first || second != c.named {
				t.Errorf("got the names %s and %s, want %s and %s", first, second, c.first, c.named)
			}
		})
	}
}

func TestOnlyReportsByTimeHavePeriods(t *testing.T) {
	t.Parallel()
	q := metering.ReportQuery{From: at("2026-11-01T00:00:00Z"), To: at("2026-12-01T00:00:00Z"), GroupBy: metering.ByRoom}
	if got := q.Periods(); got != nil {
		t.Errorf("got %v, want none", got)
	}
	q.GroupBy = metering.ByDay // without a zone: UTC
	if got := q.Periods(); len(got) != 30 || !got[29].Equal(at("2026-11-30T00:00:00Z")) {
		t.Errorf("got %d days, the last %v, want November's", len(got), got[len(got)-1])
	}
}
