package agenda_test

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
)

func mustZone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return loc
}

func mustDate(tb testing.TB, text string) agenda.Date {
	tb.Helper()
	d, err := agenda.ParseDate(text)
	if err != nil {
		tb.Fatalf("ParseDate(%q): %v", text, err)
	}
	return d
}

func mustTime(tb testing.TB, text string) agenda.LocalTime {
	tb.Helper()
	lt, err := agenda.ParseLocalTime(text)
	if err != nil {
		tb.Fatalf("ParseLocalTime(%q): %v", text, err)
	}
	return lt
}

// ruleZone is a zone that knows only a POSIX rule, as the newer time zone databases are for years to come.
func ruleZone(tb testing.TB, rule string) *time.Location {
	tb.Helper()
	header := func(types byte) []byte {
		h := append([]byte("TZif2"), make([]byte, 39)...)
		h[39], h[43] = types, 4*types // numbers of local time types and of bytes of their names
		return h
	}
	data := append(header(0), header(1)...)
	data = append(data, 0, 0, 0, 0, 0, 0) // one type: UTC, no daylight saving, name at 0
	data = append(data, "LMT\x00\n"+rule+"\n"...)
	loc, err := time.LoadLocationFromTZData(rule, data)
	if err != nil {
		tb.Fatal(err)
	}
	return loc
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2026-12-01", "2024-02-29", "0001-01-01", "9999-12-31"} {
		if got := mustDate(t, text).String(); got != text {
			t.Errorf("ParseDate(%q) = %s", text, got)
		}
	}
	for _, text := range []string{
		"", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-01-00", "0000-01-01", "2026-1-1", "2026/12/01",
		"+026-12-01", "20261-2-01", "2026-12-01T00:00", "01/12/2026", "2026-12-0１",
	} {
		if got, err := agenda.ParseDate(text); errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "invalid-date" {
			t.Errorf("ParseDate(%q) = %v, %v, want invalid-date", text, got, err)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	d := mustDate(t, "2024-02-28")
	if got := d.AddDays(2).String(); got != "2024-03-01" {
		t.Errorf("AddDays(2) = %s", got)
	}
	if got := d.AddDays(-59).String(); got != "2023-12-31" {
		t.Errorf("AddDays(-59) = %s", got)
	}
	if got := d.Weekday(); got != time.Wednesday {
		t.Errorf("Weekday = %v", got)
	}
	next := d.AddDays(1)
	if !d.Before(next) || d.After(next) || !next.After(d) || d.Before(d) || d.Compare(d) != 0 || next.Compare(d) != 1 {
		t.Error("dates do not compare by day")
	}
	if !(agenda.Date{}).IsZero() || d.IsZero() {
		t.Error("only the zero date is zero")
	}
	late := time.Date(2026, time.December, 2, 1, 30, 0, 0, time.UTC)
	if got := agenda.DateOf(late, mustZone(t, "America/Sao_Paulo")).String(); got != "2026-12-01" {
		t.Errorf("DateOf in Sao Paulo = %s, want the day before", got)
	}
}

func TestDateAsText(t *testing.T) {
	t.Parallel()
	type body struct{ Birth, None agenda.Date }
	raw, err := json.Marshal(body{Birth: mustDate(t, "1980-05-09")})
	if want := `{"Birth":"1980-05-09","None":""}`; err != nil || string(raw) != want {
		t.Fatalf("Marshal = %s, %v, want %s", raw, err, want)
	}
	back := body{None: mustDate(t, "2020-01-01")}
	if err := json.Unmarshal(raw, &back); err != nil || back.Birth != mustDate(t, "1980-05-09") || !back.None.IsZero() {
		t.Errorf("Unmarshal = %v, %v", back, err)
	}
	if _, err := (agenda.Date{Year: 2026, Month: 2, Day: 30}).MarshalText(); errs.CodeOf(err) != "invalid-date" {
		t.Errorf("MarshalText of February 30: %v, want invalid-date", err)
	}
}

func TestDateAt(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, zone, date, time, want string }{
		{"Plain", "America/Sao_Paulo", "2026-12-01", "08:00", "2026-12-01T11:00:00Z"},
		{"EndOfDayIsTheNextMidnight", "America/Sao_Paulo", "2026-12-01", "24:00", "2026-12-02T03:00:00Z"},
		{"HalfHourZone", "Asia/Kolkata", "2026-12-01", "08:00", "2026-12-01T02:30:00Z"},
		{"BeforeTheGap", "America/New_York", "2026-03-08", "01:59", "2026-03-08T06:59:00Z"},
		{"StartOfTheGap", "America/New_York", "2026-03-08", "02:00", "2026-03-08T07:00:00Z"},
		{"InTheGapIsItsEnd", "America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00:00Z"},
		{"AfterTheGap", "America/New_York", "2026-03-08", "03:00", "2026-03-08T07:00:00Z"},
		{"TwiceIsTheFirst", "America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30:00Z"},
		{"AfterTheFold", "America/New_York", "2026-11-01", "02:00", "2026-11-01T07:00:00Z"},
		{"LondonGap", "Europe/London", "2026-03-29", "01:15", "2026-03-29T01:00:00Z"},
		{"LondonTwiceIsTheFirst", "Europe/London", "2026-10-25", "01:15", "2026-10-25T00:15:00Z"},
		{"LondonAfterTheFold", "Europe/London", "2026-10-25", "02:00", "2026-10-25T02:00:00Z"},
		{"MidnightInTheGap", "America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00:00Z"},
		{"EndOfTheDayBeforeThatGap", "America/Sao_Paulo", "2018-11-03", "24:00", "2018-11-04T03:00:00Z"},
		{"TwiceBeforeMidnight", "America/Sao_Paulo", "2019-02-16", "23:30", "2019-02-17T01:30:00Z"},
		{"EndOfADayOf25Hours", "America/Sao_Paulo", "2019-02-16", "24:00", "2019-02-17T03:00:00Z"},
		{"GapOfHalfAnHour", "Australia/Lord_Howe", "2026-10-04", "02:10", "2026-10-03T15:30:00Z"},
		{"DayThatWasSkipped", "Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T10:00:00Z"},
		{"UTC", "UTC", "2026-12-01", "08:00", "2026-12-01T08:00:00Z"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			at := mustDate(t, test.date).At(mustTime(t, test.time), mustZone(t, test.zone))
			if got := at.Format(time.RFC3339); got != test.want {
				t.Errorf("%s %s in %s = %s, want %s", test.date, test.time, test.zone, got, test.want)
			}
		})
	}
}

// A year rule gives no bounds to the last day of a leap year; a walk over it must neither hang nor lose an hour.
func TestDateAtOnTheLastDayOfALeapYear(t *testing.T) {
	t.Parallel()
	loc := ruleZone(t, "EST5EDT,M3.2.0,M11.1.0")
	for text, want := range map[string]string{
		"2028-03-12": "2028-03-12T07:00:00Z", "2028-12-31": "2028-12-31T07:30:00Z", "2029-01-01": "2029-01-01T07:30:00Z",
	} {
		if got := mustDate(t, text).At(2*60+30, loc).Format(time.RFC3339); got != want {
			t.Errorf("%s 02:30 = %s, want %s", text, got, want)
		}
	}
	weekly := agenda.Schedule{Location: loc, Weekly: everyDay(t, "08:00", "09:00")}
	open := weekly.Open(time.Date(2028, time.December, 1, 0, 0, 0, 0, loc), time.Date(2029, time.January, 11, 0, 0, 0, 0, loc))
	if len(open) != 41 {
		t.Fatalf("open on %d days, want 41", len(open))
	}
	for _, i := range open {
		if i.Start.Hour() != 13 || i.Duration() != time.Hour {
			t.Errorf("open %v, want 13:00 to 14:00 in UTC", i)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2026-12-01", "2024-02-29", "2023-02-29", "9999-12-31", "0000-00-00", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := agenda.ParseDate(text)
		standard, wrong := time.Parse(time.DateOnly, text)
		if wrong == nil && standard.Year() == 0 {
			wrong = errs.New(errs.Invalid, "invalid-date", "there was no year 0")
		}
		if (err == nil) != (wrong == nil) {
			t.Fatalf("ParseDate(%q): %v, package time says %v", text, err, wrong)
		}
		if err == nil && (got.String() != text || got != agenda.DateOf(standard, time.UTC)) {
			t.Fatalf("ParseDate(%q) = %v", text, got)
		}
	})
}

// FuzzDateAt walks the minutes around a local time until a clock on the wall reads it or more.
func FuzzDateAt(f *testing.F) {
	zones := []string{"America/New_York", "Europe/London", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca"}
	f.Add(uint8(0), uint16(20520), uint16(150))
	f.Add(uint8(2), uint16(17839), uint16(0))
	f.Add(uint8(2), uint16(17943), uint16(1410))
	f.Add(uint8(5), uint16(13453), uint16(30))
	f.Fuzz(func(t *testing.T, zone uint8, day, minute uint16) {
		loc := mustZone(t, zones[int(zone)%len(zones)])
		d := agenda.Date{Year: 1970, Month: time.January, Day: 1}.AddDays(int(day))
		lt := agenda.LocalTime(minute % 1441)
		want := time.Date(d.Year, d.Month, d.Day, 0, int(lt), 0, 0, time.UTC)
		reads := func(u time.Time) time.Time {
			_, offset := u.In(loc).Zone()
			return u.UTC().Add(time.Duration(offset) * time.Second)
		}
		u := want.Add(-26 * time.Hour)
		for reads(u).Before(want) {
			u = u.Add(time.Minute)
		}
		if got := d.At(lt, loc); !got.Equal(u) {
			t.Fatalf("%s %s in %s = %s, want %s", d, lt, loc, got, u)
		}
	})
}
