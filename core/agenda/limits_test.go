package agenda_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/agenda"
)

// TestLimits takes the first two days of December, 08:00 to 12:00, with visits of an hour; each case changes something.
func TestLimits(t *testing.T) {
	t.Parallel()
	const minute = time.Minute
	loc := mustZone(t, "America/Sao_Paulo")
	first, second := []string{"01 08:00", "01 09:00", "01 10:00", "01 11:00"}, []string{"02 08:00", "02 09:00", "02 10:00", "02 11:00"}
	both := append(append([]string{}, first...), second...)
	tests := []struct {
		name   string
		change func(*agenda.Query)
		want   []string
	}{
		{"None", func(q *agenda.Query) { q.Visits = busyAt(t, loc, "2026-12-01T13:00", "2026-12-01T23:00") }, both},
		{"OneMoreVisit", func(q *agenda.Query) {
			q.MaxVisits, q.Visits = 2, busyAt(t, loc, "2026-12-01T13:00", "2026-12-01T14:00")
		}, both},
		{"NoMoreVisits", func(q *agenda.Query) {
			q.MaxVisits, q.Visits = 2, busyAt(t, loc, "2026-12-01T13:00", "2026-12-01T14:00", "2026-12-01T15:00", "2026-12-01T15:05")
		}, second},
		{"JustEnoughMinutes", func(q *agenda.Query) {
			q.MaxDaily, q.Visits = 150*minute, busyAt(t, loc, "2026-12-02T13:00", "2026-12-02T14:30")
		}, both},
		{"AMinuteTooMany", func(q *agenda.Query) {
			q.MaxDaily, q.Visits = 149*minute, busyAt(t, loc, "2026-12-02T13:00", "2026-12-02T14:30")
		}, first},
		{"LongerThanTheLimitItself", func(q *agenda.Query) { q.MaxDaily = 59 * minute }, []string{}},
		{"ByTheDayOfTheStart", func(q *agenda.Query) {
			q.MaxVisits, q.Visits = 1, busyAt(t, loc, "2026-12-01T23:30", "2026-12-02T00:30")
		}, second},
		{"TheLastMinuteOfTheDayBefore", func(q *agenda.Query) {
			q.MaxVisits, q.Visits = 1, busyAt(t, loc, "2026-11-30T23:59", "2026-12-01T00:30", "2026-12-03T00:00", "2026-12-03T00:30")
		}, both},
		{"TheRhythmStays", func(q *agenda.Query) {
			q.Duration, q.MaxVisits, q.Visits = 50*minute, 1, busyAt(t, loc, "2026-12-01T13:00", "2026-12-01T14:00")
			q.Schedule.Weekly = everyDay(t, "00:00", "24:00")
			q.From, q.To = instant(t, loc, "2026-12-01T22:00"), instant(t, loc, "2026-12-02T03:00")
		}, []string{"02 00:30", "02 01:20", "02 02:10"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			q := agenda.Query{
				Schedule: agenda.Schedule{Location: loc, Weekly: everyDay(t, "08:00", "12:00")},
				From:     instant(t, loc, "2026-12-01T00:00"), To: instant(t, loc, "2026-12-03T00:00"), Duration: time.Hour,
			}
			test.change(&q)
			if err := q.Validate(); err != nil {
				t.Fatal(err)
			}
			slots := q.Slots()
			if diff := cmp.Diff(test.want, starts(slots, loc)); diff != "" {
				t.Errorf("starts (-want +got):\n%s", diff)
			}
			acceptsExactly(t, q, slots)
		})
	}
}

// TestLimitsAreOfTheProfessionalsDay prevents what happened to others: a limit of one visit a day, counted by days of UTC or
// of the office, fills the wrong day of a professional who is eleven hours away (cal.com#15360).
func TestLimitsAreOfTheProfessionalsDay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ zone, visit, full, free string }{
		// A morning in Nouméa is the evening before in UTC.
		"ElevenHoursAhead": {"Pacific/Noumea", "2026-12-02T08:00", "2026-12-02T15:00", "2026-12-01T15:00"},
		// An evening in Pago Pago is the morning after in UTC.
		"ElevenHoursBehind":  {"Pacific/Pago_Pago", "2026-12-01T20:00", "2026-12-01T09:00", "2026-12-02T09:00"},
		"HalfAnHour":         {"Asia/Kolkata", "2026-12-02T05:00", "2026-12-02T23:00", "2026-12-01T23:00"},
		"DayThatBeginsAtOne": {"America/Sao_Paulo", "2018-11-04T01:00", "2018-11-04T22:00", "2018-11-03T23:00"},
	} {
		loc := mustZone(t, c.zone)
		start := instant(t, loc, c.visit)
		q := agenda.Query{
			Schedule:  agenda.Schedule{Location: loc, Weekly: everyDay(t, "00:00", "24:00")},
			Visits:    []agenda.Interval{{Start: start, End: start.Add(time.Hour)}},
			MaxVisits: 1, Duration: time.Hour, From: start.Add(-48 * time.Hour), To: start.Add(48 * time.Hour),
		}
		full, free := instant(t, loc, c.full), instant(t, loc, c.free)
		if q.Accepts(full) || q.Fits(full) {
			t.Errorf("%s: a second visit on %s is accepted", name, c.full)
		}
		if !q.Accepts(free) || !q.Fits(free) {
			t.Errorf("%s: the only visit on %s is refused", name, c.free)
		}
		q.Visits = nil // the visit that is being moved leaves room for itself
		if !q.Accepts(full) {
			t.Errorf("%s: the visit cannot be moved within its day", name)
		}
	}
}

// TestBuffersOfNeighboursAddUp: what a booked visit keeps free around itself, and what the new one needs.
func TestBuffersOfNeighboursAddUp(t *testing.T) {
	t.Parallel()
	loc := mustZone(t, "America/Sao_Paulo")
	booked := agenda.Appointment{
		Start: instant(t, loc, "2026-12-01T12:00"), End: instant(t, loc, "2026-12-01T13:00"),
		BufferBefore: 20 * time.Minute, BufferAfter: 10 * time.Minute,
	}
	q := agenda.Query{
		Schedule: agenda.Schedule{Location: loc, Weekly: everyDay(t, "08:00", "18:00")}, Busy: []agenda.Interval{booked.Blocks()},
		From: instant(t, loc, "2026-12-01T00:00"), To: instant(t, loc, "2026-12-02T00:00"),
		Duration: time.Hour, Step: 5 * time.Minute, BufferBefore: 15 * time.Minute, BufferAfter: 5 * time.Minute,
	}
	for text, want := range map[string]bool{
		"2026-12-01T10:35": true, "2026-12-01T10:40": false, // until 11:35, 5 and 20 minutes before 12:00
		"2026-12-01T13:20": false, "2026-12-01T13:25": true, // 10 and 15 minutes after 13:00
	} {
		if got := q.Accepts(instant(t, loc, text)); got != want {
			t.Errorf("Accepts(%s) = %v, want %v", text, got, want)
		}
	}
	acceptsExactly(t, q, q.Slots())
}
