package agenda_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
)

// starts writes when slots start on the wall clock of loc.
func starts(slots []agenda.Interval, loc *time.Location) []string {
	out := []string{}
	for _, s := range slots {
		out = append(out, s.Start.In(loc).Format("02 15:04"))
	}
	return out
}

func busyAt(tb testing.TB, loc *time.Location, times ...string) []agenda.Interval {
	tb.Helper()
	var busy []agenda.Interval
	for i := 0; i < len(times); i += 2 {
		busy = append(busy, agenda.Interval{Start: instant(tb, loc, times[i]), End: instant(tb, loc, times[i+1])})
	}
	return busy
}

// TestSlots takes Tuesday 2026-12-01 in Sao Paulo, 08:00 to 12:00, seen from a week before, with visits of an hour; each
// case changes something.
func TestSlots(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	loc := mustZone(t, "America/Sao_Paulo")
	at := func(text string) time.Time { return instant(t, loc, text) }
	tests := []struct {
		name   string
		change func(*agenda.Query)
		want   []string
	}{
		{"StepIsTheDuration", func(*agenda.Query) {}, []string{"01 08:00", "01 09:00", "01 10:00", "01 11:00"}},
		{"ShorterStepOverlaps", func(q *agenda.Query) { q.Duration, q.Step = 150*minute, 30*minute }, []string{"01 08:00", "01 08:30", "01 09:00", "01 09:30"}},
		{"StepOf45DriftsFromTheHour", func(q *agenda.Query) { q.Duration = 45 * minute }, []string{"01 08:00", "01 08:45", "01 09:30", "01 10:15", "01 11:00"}},
		{"VisitLongerThanTheRange", func(q *agenda.Query) { q.Duration = 241 * minute }, []string{}},
		{"VisitAsLongAsTheRange", func(q *agenda.Query) { q.Duration = 240 * minute }, []string{"01 08:00"}},

		{"NeighboursMayTouch", func(q *agenda.Query) {
			q.Busy = busyAt(t, loc, "2026-12-01T09:00", "2026-12-01T10:00")
		}, []string{"01 08:00", "01 10:00", "01 11:00"}},
		{"BusyUnsortedOverlappingAndEmpty", func(q *agenda.Query) {
			q.Busy = busyAt(t, loc, "2026-12-01T10:30", "2026-12-01T11:00", "2026-12-01T07:00", "2026-12-01T08:30",
				"2026-12-01T10:00", "2026-12-01T10:45", "2026-12-01T09:30", "2026-12-01T09:30")
		}, []string{"01 09:00", "01 11:00"}},
		{"RhythmRestartsAfterBusy", func(q *agenda.Query) {
			q.Duration = 45 * minute
			q.Busy = busyAt(t, loc, "2026-12-01T09:00", "2026-12-01T09:20")
		}, []string{"01 08:00", "01 09:30", "01 10:15", "01 11:00"}},
		{"RangeStartsInsideAMinute", func(q *agenda.Query) {
			q.Duration = 7 * minute
			q.Busy = busyAt(t, loc, "2026-12-01T07:00", "2026-12-01T11:44:30-03:00")
		}, []string{"01 11:45", "01 11:52"}},

		{"BufferBeforeFollowsBusy", func(q *agenda.Query) {
			q.Step, q.BufferBefore = 15*minute, 15*minute
			q.Busy = busyAt(t, loc, "2026-12-01T09:00", "2026-12-01T10:00")
		}, []string{"01 08:00", "01 10:15", "01 10:30", "01 10:45", "01 11:00"}},
		{"BufferAfterPrecedesBusy", func(q *agenda.Query) {
			q.Step, q.BufferAfter = 15*minute, 15*minute
			q.Busy = busyAt(t, loc, "2026-12-01T09:30", "2026-12-01T10:30")
		}, []string{"01 08:00", "01 08:15", "01 10:30", "01 10:45", "01 11:00"}},
		{"BuffersNeedNotLieInWorkingHours", func(q *agenda.Query) {
			q.BufferBefore, q.BufferAfter = 30*minute, 30*minute
		}, []string{"01 08:00", "01 09:00", "01 10:00", "01 11:00"}},
		{"BusyOutsideWorkingHoursReachesInWithItsBuffer", func(q *agenda.Query) {
			q.BufferBefore, q.BufferAfter = 30*minute, 30*minute
			q.Busy = busyAt(t, loc, "2026-12-01T07:00", "2026-12-01T08:00", "2026-12-01T12:15", "2026-12-01T13:00")
		}, []string{"01 09:00", "01 10:00"}},
		{"BusyBeforeFromReachesInWithItsBuffer", func(q *agenda.Query) {
			q.From, q.BufferBefore = at("2026-12-01T09:00"), 10*minute
			q.Busy = busyAt(t, loc, "2026-12-01T08:30", "2026-12-01T09:00")
		}, []string{"01 10:00", "01 11:00"}},

		{"FromLimitsTheStart", func(q *agenda.Query) { q.From = at("2026-12-01T08:01") }, []string{"01 09:00", "01 10:00", "01 11:00"}},
		{"FromItselfIsAStart", func(q *agenda.Query) { q.From = at("2026-12-01T09:00") }, []string{"01 09:00", "01 10:00", "01 11:00"}},
		{"ToLimitsTheEnd", func(q *agenda.Query) { q.To = at("2026-12-01T10:59") }, []string{"01 08:00", "01 09:00"}},
		{"ToItselfIsAnEnd", func(q *agenda.Query) { q.To = at("2026-12-01T11:00") }, []string{"01 08:00", "01 09:00", "01 10:00"}},
		{"ThePastIsNotOffered", func(q *agenda.Query) { q.Now = at("2026-12-01T09:01") }, []string{"01 10:00", "01 11:00"}},
		{"NoticeLimitsTheStart", func(q *agenda.Query) {
			q.Now, q.MinimumNotice = at("2026-12-01T06:00"), 3*time.Hour
		}, []string{"01 09:00", "01 10:00", "01 11:00"}},
		{"NoticeMissedByANanosecond", func(q *agenda.Query) {
			q.Now, q.MinimumNotice = at("2026-12-01T06:00").Add(1), 3*time.Hour
		}, []string{"01 10:00", "01 11:00"}},
		{"RhythmRestartsAtTheNotice", func(q *agenda.Query) {
			q.Duration, q.Now, q.MinimumNotice = 45*minute, at("2026-12-01T07:05"), 2*time.Hour
		}, []string{"01 09:15", "01 10:00", "01 10:45"}},
		{"MaximumAheadLimitsTheStartNotTheEnd", func(q *agenda.Query) {
			q.Now, q.MaximumAhead = at("2026-11-24T10:00"), 7*24*time.Hour
		}, []string{"01 08:00", "01 09:00", "01 10:00"}},
		{"MaximumAheadMissedByANanosecond", func(q *agenda.Query) {
			q.Now, q.MaximumAhead = at("2026-11-24T10:00").Add(-1), 7*24*time.Hour
		}, []string{"01 08:00", "01 09:00"}},
		{"NoticeBeyondMaximumAhead", func(q *agenda.Query) {
			q.MinimumNotice, q.MaximumAhead = 8*24*time.Hour, 7*24*time.Hour
		}, []string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			q := agenda.Query{
				Schedule: agenda.Schedule{Location: loc, Weekly: everyDay(t, "08:00", "12:00")},
				Now:      at("2026-11-24T12:00"), From: at("2026-12-01T00:00"), To: at("2026-12-02T00:00"), Duration: time.Hour,
			}
			test.change(&q)
			if err := q.Validate(); err != nil {
				t.Fatal(err)
			}
			slots := q.Slots()
			if diff := cmp.Diff(test.want, starts(slots, loc)); diff != "" {
				t.Errorf("starts (-want +got):\n%s", diff)
			}
			for _, s := range slots {
				if s.Duration() != q.Duration || s.Start.Location() != time.UTC {
					t.Errorf("slot %v is not %v long or not in UTC", s, q.Duration)
				}
			}
			acceptsExactly(t, q, slots)
		})
	}
}

// acceptsExactly fails when Accepts and Slots disagree about any minute of the query's span, or about a second beside a
// slot, or when Fits refuses a slot.
func acceptsExactly(tb testing.TB, q agenda.Query, slots []agenda.Interval) {
	tb.Helper()
	offered := make(map[time.Time]bool, len(slots))
	for _, s := range slots {
		offered[s.Start] = true
		if q.Accepts(s.Start.Add(time.Second)) || q.Accepts(s.Start.Add(-time.Second)) {
			tb.Fatalf("a second beside %v is accepted", s.Start)
		}
		if !q.Fits(s.Start) {
			tb.Fatalf("slot %v does not fit", s.Start)
		}
	}
	for at := q.From.Add(-time.Hour).UTC().Truncate(time.Minute); at.Before(q.To.Add(time.Hour)); at = at.Add(time.Minute) {
		if got := q.Accepts(at); got != offered[at] {
			tb.Fatalf("Accepts(%v) = %v, but offered = %v", at, got, offered[at])
		}
	}
}

func TestFirstStartIsAlignedByTheStep(t *testing.T) {
	t.Parallel()
	// The range begins at 08:01, so the first start shows which part of the hour the step is aligned with.
	loc := mustZone(t, "America/Sao_Paulo")
	for step, want := range map[int]string{
		120: "09:00", 60: "09:00", 90: "08:30", 30: "08:30", 40: "08:20", 20: "08:20", 45: "08:15", 15: "08:15", 50: "08:10", 10: "08:10",
		25: "08:05", 5: "08:05", 7: "08:01", 1: "08:01",
	} {
		q := agenda.Query{
			Schedule: agenda.Schedule{Location: loc, Weekly: everyDay(t, "08:01", "12:00")},
			From:     instant(t, loc, "2026-12-01T00:00"), To: instant(t, loc, "2026-12-02T00:00"),
			Duration: 20 * time.Minute, Step: time.Duration(step) * time.Minute,
		}
		slots := q.Slots()
		if got := slots[0].Start.In(loc).Format("15:04"); got != want {
			t.Errorf("step %d: first start %s, want %s", step, got, want)
		}
		if got, want := slots[1].Start.Sub(slots[0].Start), q.Step; got != want {
			t.Errorf("step %d: second start after %v", step, got)
		}
	}
}

func TestSlotsWhenTheClockChanges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone, start, end, from, to string
		want                             []string
	}{
		{
			"NewYorkSkipsAnHour", "America/New_York", "00:00", "05:00", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00",
			[]string{"08 00:00", "08 01:00", "08 03:00", "08 04:00"},
		},
		{
			"NewYorkHasAnHourTwice", "America/New_York", "00:00", "03:00", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00",
			[]string{"01 00:00", "01 01:00", "01 01:00", "01 02:00"},
		},
		{
			"LondonOvernight", "Europe/London", "23:00", "03:00", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z",
			[]string{"28 23:00", "29 00:00", "29 02:00"},
		},
		{
			"SaoPauloSkipsMidnight", "America/Sao_Paulo", "22:00", "02:00", "2018-11-03T12:00:00-03:00", "2018-11-04T12:00:00-02:00",
			[]string{"03 22:00", "03 23:00", "04 01:00"},
		},
		{
			"SaoPauloHasTheLastHourTwice", "America/Sao_Paulo", "22:00", "24:00", "2019-02-16T12:00:00-02:00", "2019-02-17T12:00:00-03:00",
			[]string{"16 22:00", "16 23:00", "16 23:00"},
		},
		{
			"KolkataCountsInLocalTime", "Asia/Kolkata", "09:15", "12:30", "2026-12-01T00:00:00+05:30", "2026-12-02T00:00:00+05:30",
			[]string{"01 10:00", "01 11:00"},
		},
		{
			// At 02:00 the clock goes to 02:30, so 03:00 is the first full hour after 01:30.
			"LordHoweSkipsHalfAnHour", "Australia/Lord_Howe", "01:30", "05:00", "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00",
			[]string{"04 03:00", "04 04:00"},
		},
		{
			"BeforeTheUnixEpoch", "UTC", "08:10", "10:00", "1969-12-01T00:00:00Z", "1969-12-02T00:00:00Z",
			[]string{"01 09:00"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			loc := mustZone(t, test.zone)
			q := agenda.Query{
				Schedule: agenda.Schedule{Location: loc, Weekly: everyDay(t, test.start, test.end), Overnight: true},
				From:     instant(t, loc, test.from), To: instant(t, loc, test.to), Duration: time.Hour,
			}
			slots := q.Slots()
			if diff := cmp.Diff(test.want, starts(slots, loc)); diff != "" {
				t.Errorf("starts (-want +got):\n%s", diff)
			}
			acceptsExactly(t, q, slots)
		})
	}
}

func TestStartWithinABufferIsRefused(t *testing.T) {
	t.Parallel()
	loc := mustZone(t, "America/Sao_Paulo")
	q := agenda.Query{
		Schedule: agenda.Schedule{Location: loc, Weekly: everyDay(t, "08:00", "18:00")},
		Busy:     busyAt(t, loc, "2026-12-01T13:00", "2026-12-01T14:00"),
		From:     instant(t, loc, "2026-12-01T00:00"), To: instant(t, loc, "2026-12-02T00:00"),
		Duration: 30 * time.Minute, BufferBefore: 30 * time.Minute, BufferAfter: 30 * time.Minute,
	}
	for text, want := range map[string]bool{
		"2026-12-01T12:00": true, "2026-12-01T12:30": false, "2026-12-01T13:00": false, "2026-12-01T14:00": false, "2026-12-01T14:30": true,
	} {
		if got := q.Accepts(instant(t, loc, text)); got != want {
			t.Errorf("Accepts(%s) = %v, want %v", text, got, want)
		}
		if got := q.Fits(instant(t, loc, text)); got != want {
			t.Errorf("Fits(%s) = %v, want %v", text, got, want)
		}
	}
	q.Busy = nil // the visit that is being moved does not stand in its own way
	if !q.Accepts(instant(t, loc, "2026-12-01T14:00")) {
		t.Error("a visit cannot be moved to the end of its old time")
	}
}

func TestFitsForgivesOnlyTheRhythm(t *testing.T) {
	t.Parallel()
	loc := mustZone(t, "America/Sao_Paulo")
	q := agenda.Query{
		Schedule: agenda.Schedule{Location: loc, Weekly: everyDay(t, "08:00", "12:00")},
		Now:      instant(t, loc, "2026-12-01T07:50"),
		From:     instant(t, loc, "2026-12-01T00:00"), To: instant(t, loc, "2026-12-02T00:00"), Duration: 45 * time.Minute,
	}
	offered := instant(t, loc, "2026-12-01T10:15")
	if !q.Accepts(offered) || !q.Fits(offered) {
		t.Fatal("10:15 is not offered at 07:50")
	}
	q.Now = instant(t, loc, "2026-12-01T08:20") // while the patient made up his mind
	if q.Accepts(offered) || !q.Fits(offered) {
		t.Error("10:15 lost its rhythm at 08:20, and must still fit")
	}
	for _, text := range []string{"2026-12-01T08:19", "2026-12-01T11:16", "2026-12-01T07:00", "2026-12-01T12:00"} {
		if q.Fits(instant(t, loc, text)) {
			t.Errorf("%s fits", text)
		}
	}
}

func TestFreeIsBoundedByNoticeAndMaximumAhead(t *testing.T) {
	t.Parallel()
	loc := mustZone(t, "America/Sao_Paulo")
	q := agenda.Query{
		Schedule: agenda.Schedule{Location: loc, Weekly: everyDay(t, "08:00", "18:00")},
		Busy:     busyAt(t, loc, "2026-12-01T10:00", "2026-12-01T11:00", "2026-12-02T06:00", "2026-12-02T09:00"),
		Now:      instant(t, loc, "2026-12-01T08:10"),
		From:     instant(t, loc, "2026-12-01T00:00"), To: instant(t, loc, "2026-12-31T00:00"), Duration: time.Hour,
		BufferBefore: 5 * time.Minute, BufferAfter: 10 * time.Minute, MinimumNotice: time.Hour, MaximumAhead: 28 * time.Hour,
	}
	want := []string{
		"12-01T09:10-03:00 12-01T09:50-03:00", "12-01T11:05-03:00 12-01T18:00-03:00", "12-02T09:05-03:00 12-02T12:10-03:00",
	}
	if diff := cmp.Diff(want, shown(q.Free(), loc)); diff != "" {
		t.Errorf("Free (-want +got):\n%s", diff)
	}
	if !q.Accepts(instant(t, loc, "2026-12-02T12:00")) {
		t.Error("a visit that starts before the maximum ahead and ends after it is refused")
	}
}

func TestQueryValidateNamesEverythingWrong(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)
	valid := agenda.Query{
		Schedule: agenda.Schedule{Location: time.UTC}, Busy: []agenda.Interval{{Start: at, End: at}},
		From: at, To: at.AddDate(0, 0, 366), Duration: 24 * time.Hour, Step: time.Minute,
	}
	if err := valid.Validate(); err != nil {
		t.Fatalf("a query at its limits: %v, want valid", err)
	}
	tests := []struct {
		name   string
		change func(*agenda.Query)
		want   []string
	}{
		{"NoDuration", func(q *agenda.Query) { q.Duration = 0 }, []string{"duration_minutes"}},
		{"DurationOverADay", func(q *agenda.Query) { q.Duration += time.Minute }, []string{"duration_minutes"}},
		{"DurationWithSeconds", func(q *agenda.Query) { q.Duration -= time.Second }, []string{"duration_minutes"}},
		{"StepUnderAMinute", func(q *agenda.Query) { q.Step = -time.Minute }, []string{"interval_minutes"}},
		{"StepWithSeconds", func(q *agenda.Query) { q.Step = 90 * time.Second }, []string{"interval_minutes"}},
		{"SpanTooLong", func(q *agenda.Query) { q.To = q.To.Add(time.Second) }, []string{"to"}},
		{"SpanEmpty", func(q *agenda.Query) { q.To = q.From }, []string{"to"}},
		{"VisitBackwards", func(q *agenda.Query) { q.Visits = []agenda.Interval{{Start: at, End: at.Add(-1)}} }, []string{"visits[0].end"}},
		{"NegativeLimits", func(q *agenda.Query) { q.MaxVisits, q.MaxDaily = -1, -1 }, []string{"max_visits_per_day", "max_minutes_per_day"}},
		{"BusyBackwards", func(q *agenda.Query) { q.Busy[0].End = at.Add(-1) }, []string{"busy[0].end"}},
		{"Negative", func(q *agenda.Query) {
			q.Schedule.Location, q.BufferBefore, q.BufferAfter, q.MinimumNotice, q.MaximumAhead = nil, -1, -1, -1, -1
		}, []string{"timezone", "buffer_before_minutes", "buffer_after_minutes", "minimum_notice_minutes", "maximum_ahead_days"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			q := valid
			q.Busy = slices.Clone(valid.Busy)
			test.change(&q)
			if diff := cmp.Diff(test.want, wrongFields(t, q.Validate())); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}
