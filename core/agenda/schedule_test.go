package agenda_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

func window(tb testing.TB, start, end string) agenda.Window {
	tb.Helper()
	return agenda.Window{Start: mustTime(tb, start), End: mustTime(tb, end)}
}

func everyDay(tb testing.TB, start, end string) []agenda.WeeklyHours {
	tb.Helper()
	days := []time.Weekday{time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}
	return []agenda.WeeklyHours{{Days: days, Window: window(tb, start, end)}}
}

// instant reads "2026-12-01T08:00" on the wall clock of loc, or an RFC 3339 time with its own offset.
func instant(tb testing.TB, loc *time.Location, text string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.ParseInLocation("2006-01-02T15:04", text, loc)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

// shown writes intervals on the wall clock of loc, which is what the cases below are written in.
func shown(in []agenda.Interval, loc *time.Location) []string {
	out := []string{}
	for _, i := range in {
		out = append(out, i.Start.In(loc).Format("01-02T15:04-07:00")+" "+i.End.In(loc).Format("01-02T15:04-07:00"))
	}
	return out
}

func TestScheduleOpen(t *testing.T) {
	t.Parallel()
	weekdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	override := func(date string, windows ...agenda.Window) agenda.DateOverride {
		return agenda.DateOverride{Date: mustDate(t, date), Windows: windows}
	}
	closed := func(first, last string) agenda.Closure {
		return agenda.Closure{First: mustDate(t, first), Last: mustDate(t, last)}
	}
	utc := func(start, end string) agenda.Interval {
		return agenda.Interval{Start: instant(t, time.UTC, start), End: instant(t, time.UTC, end)}
	}
	tests := []struct {
		name, zone, from, to string
		schedule             agenda.Schedule
		want                 []string
	}{
		{
			"TwoWindowsADayAndNoWeekend", "America/Sao_Paulo", "2026-12-04T00:00", "2026-12-08T00:00",
			agenda.Schedule{Weekly: []agenda.WeeklyHours{
				{Days: weekdays, Window: window(t, "14:00", "18:00")}, {Days: weekdays, Window: window(t, "08:00", "12:00")},
			}},
			[]string{
				"12-04T08:00-03:00 12-04T12:00-03:00", "12-04T14:00-03:00 12-04T18:00-03:00",
				"12-07T08:00-03:00 12-07T12:00-03:00", "12-07T14:00-03:00 12-07T18:00-03:00",
			},
		},
		{
			"ClippedToTheSpan", "America/Sao_Paulo", "2026-12-01T09:10", "2026-12-02T08:20",
			agenda.Schedule{Weekly: everyDay(t, "08:00", "12:00")},
			[]string{"12-01T09:10-03:00 12-01T12:00-03:00", "12-02T08:00-03:00 12-02T08:20-03:00"},
		},
		{
			"OverrideReplacesClosesAndOpens", "America/Sao_Paulo", "2026-12-03T00:00", "2026-12-06T00:00",
			agenda.Schedule{
				Weekly: []agenda.WeeklyHours{{Days: weekdays, Window: window(t, "08:00", "18:00")}},
				Overrides: []agenda.DateOverride{
					override("2026-12-03", window(t, "10:00", "11:00")), override("2026-12-04"),
					override("2026-12-05", window(t, "09:00", "10:00")), override("2026-12-05", window(t, "15:00", "16:00")),
				},
			},
			[]string{"12-03T10:00-03:00 12-03T11:00-03:00", "12-05T09:00-03:00 12-05T10:00-03:00", "12-05T15:00-03:00 12-05T16:00-03:00"},
		},
		{
			"OvernightOfTheDayBeforeCounts", "America/Sao_Paulo", "2026-12-02T03:00", "2026-12-02T23:00",
			agenda.Schedule{Weekly: everyDay(t, "22:00", "06:00"), Overnight: true},
			[]string{"12-02T03:00-03:00 12-02T06:00-03:00", "12-02T22:00-03:00 12-02T23:00-03:00"},
		},
		{
			"OvernightBelongsToTheDayItStarts", "America/Sao_Paulo", "2026-12-01T12:00", "2026-12-03T12:00",
			agenda.Schedule{
				Weekly: everyDay(t, "22:00", "06:00"), Overnight: true,
				Overrides: []agenda.DateOverride{override("2026-12-02")},
			},
			[]string{"12-01T22:00-03:00 12-02T06:00-03:00"},
		},
		{
			"BackwardsIsSkippedWithoutOvernight", "America/Sao_Paulo", "2026-12-01T00:00", "2026-12-03T00:00",
			agenda.Schedule{Weekly: everyDay(t, "22:00", "06:00")},
			[]string{},
		},
		{
			"RoundTheClockIsOneInterval", "America/Sao_Paulo", "2026-12-01T10:00", "2026-12-03T10:00",
			agenda.Schedule{Weekly: everyDay(t, "00:00", "24:00")},
			[]string{"12-01T10:00-03:00 12-03T10:00-03:00"},
		},
		{
			"SameStartAndEndIsAWholeDayOvernight", "America/Sao_Paulo", "2026-12-01T10:00", "2026-12-02T20:00",
			agenda.Schedule{Weekly: []agenda.WeeklyHours{{Days: []time.Weekday{time.Tuesday}, Window: window(t, "12:00", "12:00")}}, Overnight: true},
			[]string{"12-01T12:00-03:00 12-02T12:00-03:00"},
		},
		{
			"FixedReplacesWeekly", "America/Sao_Paulo", "2026-12-01T00:00", "2026-12-03T00:00",
			agenda.Schedule{
				Weekly: everyDay(t, "08:00", "18:00"),
				Fixed: []agenda.Interval{
					utc("2026-12-02T12:00", "2026-12-02T13:00"), utc("2026-11-30T12:00", "2026-12-01T12:00"), utc("2026-12-01T11:00", "2026-12-01T14:00"),
				},
			},
			[]string{"12-01T00:00-03:00 12-01T11:00-03:00", "12-02T09:00-03:00 12-02T10:00-03:00"},
		},
		{
			"OverrideCutsItsDateOutOfFixed", "America/Sao_Paulo", "2026-12-01T00:00", "2026-12-04T00:00",
			agenda.Schedule{
				Fixed:     []agenda.Interval{utc("2026-12-01T12:00", "2026-12-03T12:00")},
				Overrides: []agenda.DateOverride{override("2026-12-02", window(t, "10:00", "11:00"))},
			},
			[]string{"12-01T09:00-03:00 12-02T00:00-03:00", "12-02T10:00-03:00 12-02T11:00-03:00", "12-03T00:00-03:00 12-03T09:00-03:00"},
		},
		{
			"ClosureClosesWhatStartsOnItsDays", "America/Sao_Paulo", "2026-12-01T12:00", "2026-12-05T12:00",
			agenda.Schedule{
				Weekly: everyDay(t, "22:00", "06:00"), Overnight: true, Closures: []agenda.Closure{closed("2026-12-02", "2026-12-03")},
			},
			[]string{"12-01T22:00-03:00 12-02T06:00-03:00", "12-04T22:00-03:00 12-05T06:00-03:00"},
		},
		{
			"OverrideOpensADayOfAClosure", "America/Sao_Paulo", "2026-12-24T00:00", "2026-12-27T00:00",
			agenda.Schedule{
				Weekly: everyDay(t, "08:00", "18:00"), Closures: []agenda.Closure{closed("2026-12-24", "2026-12-26"), closed("2026-12-25", "2026-12-25")},
				Overrides: []agenda.DateOverride{override("2026-12-25", window(t, "09:00", "10:00"))},
			},
			[]string{"12-25T09:00-03:00 12-25T10:00-03:00"},
		},
		{
			"ClosureThatHasLastedForYears", "America/Sao_Paulo", "2026-12-01T00:00", "2026-12-02T00:00",
			agenda.Schedule{Weekly: everyDay(t, "08:00", "18:00"), Closures: []agenda.Closure{closed("0001-01-01", "9999-12-31")}},
			[]string{},
		},
		{
			"ClosureCutsItsDaysOutOfFixed", "America/Sao_Paulo", "2026-12-01T00:00", "2026-12-05T00:00",
			agenda.Schedule{
				Fixed:     []agenda.Interval{utc("2026-12-01T12:00", "2026-12-04T12:00")},
				Closures:  []agenda.Closure{closed("2026-12-02", "2026-12-03")},
				Overrides: []agenda.DateOverride{override("2026-12-03", window(t, "10:00", "11:00"))},
			},
			[]string{"12-01T09:00-03:00 12-02T00:00-03:00", "12-03T10:00-03:00 12-03T11:00-03:00", "12-04T00:00-03:00 12-04T09:00-03:00"},
		},
		{
			"ClosedDayThatBeginsAtOne", "America/Sao_Paulo", "2018-11-03T12:00", "2018-11-05T12:00",
			agenda.Schedule{Weekly: everyDay(t, "00:00", "02:00"), Closures: []agenda.Closure{closed("2018-11-04", "2018-11-04")}},
			[]string{"11-05T00:00-02:00 11-05T02:00-02:00"},
		},
		{
			"EmptyFixedIsNeverOpen", "America/Sao_Paulo", "2026-12-01T00:00", "2026-12-04T00:00",
			agenda.Schedule{Weekly: everyDay(t, "08:00", "18:00"), Fixed: []agenda.Interval{}},
			[]string{},
		},
		{
			"WindowAcrossTheGapIsAnHourShorter", "America/New_York", "2026-03-08T00:00", "2026-03-09T00:00",
			agenda.Schedule{Weekly: everyDay(t, "00:30", "04:00")},
			[]string{"03-08T00:30-05:00 03-08T04:00-04:00"},
		},
		{
			"WindowFromInsideTheGapOpensAtItsEnd", "America/New_York", "2026-03-08T00:00", "2026-03-09T00:00",
			agenda.Schedule{Weekly: everyDay(t, "02:30", "04:00")},
			[]string{"03-08T03:00-04:00 03-08T04:00-04:00"},
		},
		{
			"WindowInsideTheGapIsEmpty", "America/New_York", "2026-03-08T00:00", "2026-03-09T00:00",
			agenda.Schedule{Weekly: everyDay(t, "02:00", "03:00")},
			[]string{},
		},
		{
			"WindowOfTheHourThatHappensTwiceHasBoth", "America/New_York", "2026-11-01T00:00", "2026-11-02T00:00",
			agenda.Schedule{Weekly: everyDay(t, "01:00", "02:00")},
			[]string{"11-01T01:00-04:00 11-01T02:00-05:00"},
		},
		{
			"WindowToAnHourThatHappensTwiceEndsAtTheFirst", "Europe/London", "2026-10-25T00:00", "2026-10-26T00:00",
			agenda.Schedule{Weekly: everyDay(t, "00:00", "01:30")},
			[]string{"10-25T00:00+01:00 10-25T01:30+01:00"},
		},
		{
			"WindowsOutOfOrderAroundTheHourThatHappensTwice", "America/New_York", "2026-11-01T00:00", "2026-11-02T00:00",
			agenda.Schedule{Weekly: append(everyDay(t, "05:00", "06:00"), everyDay(t, "01:30", "02:30")...)},
			[]string{"11-01T01:30-04:00 11-01T02:30-05:00", "11-01T05:00-05:00 11-01T06:00-05:00"},
		},
		{
			"OvernightAcrossTheGap", "Europe/London", "2026-03-28T12:00", "2026-03-29T12:00",
			agenda.Schedule{Weekly: everyDay(t, "22:00", "06:00"), Overnight: true},
			[]string{"03-28T22:00+00:00 03-29T06:00+01:00"},
		},
		{
			"DayThatBeginsAtOne", "America/Sao_Paulo", "2018-11-03T12:00", "2018-11-04T12:00",
			agenda.Schedule{Weekly: everyDay(t, "00:00", "02:00")},
			[]string{"11-04T01:00-02:00 11-04T02:00-02:00"},
		},
		{
			"DayOf25HoursUpToMidnight", "America/Sao_Paulo", "2019-02-16T12:00", "2019-02-17T12:00",
			agenda.Schedule{Weekly: everyDay(t, "22:00", "24:00")},
			[]string{"02-16T22:00-02:00 02-17T00:00-03:00"},
		},
		{
			"DayThatBeganTwice", "America/St_Johns", "2010-11-07T02:00:00Z", "2010-11-07T03:20:00Z",
			agenda.Schedule{Weekly: []agenda.WeeklyHours{{Days: []time.Weekday{time.Sunday}, Window: window(t, "00:00", "06:00")}}},
			[]string{"11-07T00:00-02:30 11-06T23:50-03:30"},
		},
		{
			"HalfHourZone", "Asia/Kolkata", "2026-12-01T00:00", "2026-12-02T00:00",
			agenda.Schedule{Weekly: everyDay(t, "09:15", "10:00")},
			[]string{"12-01T09:15+05:30 12-01T10:00+05:30"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			loc := mustZone(t, test.zone)
			test.schedule.Location = loc
			if err := test.schedule.Validate(); err != nil {
				t.Fatal(err)
			}
			open := test.schedule.Open(instant(t, loc, test.from), instant(t, loc, test.to))
			if diff := cmp.Diff(test.want, shown(open, loc)); diff != "" {
				t.Errorf("Open (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScheduleOpenOfNoTimeIsNothing(t *testing.T) {
	t.Parallel()
	s := agenda.Schedule{Weekly: everyDay(t, "00:00", "24:00")}
	at := time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)
	if got := s.Open(at, at); len(got) != 0 {
		t.Errorf("Open of an empty span = %v", got)
	}
	if got := s.Open(at, at.Add(-time.Hour)); len(got) != 0 {
		t.Errorf("Open of a backwards span = %v", got)
	}
}

func TestScheduleValidateNamesEverythingWrong(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)
	err := agenda.Schedule{
		Weekly: []agenda.WeeklyHours{
			{Days: []time.Weekday{time.Monday}, Window: agenda.Window{Start: 480, End: agenda.EndOfDay}},
			{Days: []time.Weekday{time.Monday, 7}, Window: agenda.Window{Start: agenda.EndOfDay, End: 1441}},
		},
		Overrides: []agenda.DateOverride{{Date: agenda.Date{Year: 2026, Month: 2, Day: 30}, Windows: []agenda.Window{{Start: -1, End: 60}}}},
		Closures:  []agenda.Closure{{First: mustDate(t, "2026-12-02"), Last: mustDate(t, "2026-12-01")}},
		Fixed:     []agenda.Interval{{Start: at, End: at.Add(-time.Second)}},
	}.Validate()
	want := []string{"timezone", "weekly[1].days[1]", "weekly[1].start", "weekly[1].end", "overrides[0].date", "overrides[0].windows[0].start", "closures[0].last", "fixed[0].end"}
	if diff := cmp.Diff(want, wrongFields(t, err)); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if err := (agenda.Schedule{Location: time.UTC}).Validate(); err != nil {
		t.Errorf("a schedule without hours: %v, want valid", err)
	}
}

// wrongFields lists the paths of an "invalid-input" error.
func wrongFields(tb testing.TB, err error) []string {
	tb.Helper()
	if errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "invalid-input" {
		tb.Fatalf("error %v, want invalid-input", err)
	}
	e, _ := errors.AsType[*errs.Error](err)
	paths := make([]string, 0, len(e.Fields))
	for _, f := range e.Fields {
		paths = append(paths, f.Path)
	}
	return paths
}
