package agenda

import (
	"slices"
	"time"
)

const (
	// latestReminder is how long before a visit a reminder that waits for the end of quiet hours comes at the latest.
	latestReminder = 30 * time.Minute
	// beforeQuiet is how long before quiet hours a reminder is sent that cannot wait for their end.
	beforeQuiet = 10 * time.Minute
)

// ReminderClaim says of which start of a visit the patient was reminded, and how long before.
type ReminderClaim struct {
	AppointmentID AppointmentID
	Start         time.Time
	Lead          time.Duration // whole minutes
	At            time.Time     // when it was claimed
}

// KnownBefore is how long before the moment of a reminder the patient must have known of the visit: nobody is reminded of
// what was only just arranged. A quarter of the lead, at least half an hour and at most six hours.
func KnownBefore(lead time.Duration) time.Duration {
	return min(max(lead/4, latestReminder), 6*time.Hour)
}

// around returns the quiet hours that a moment is in; ok is false when it is in none.
func (q QuietHours) around(t time.Time, loc *time.Location) (span Interval, ok bool) {
	today := DateOf(t, loc)
	for _, day := range []Date{today.AddDays(-1), today} {
		if span := q.of(day, loc); !t.Before(span.Start) && t.Before(span.End) {
			return span, true
		}
	}
	return Interval{}, false
}

// after returns the first quiet hours that begin after a moment; they are empty when there are none.
func (q QuietHours) after(t time.Time, loc *time.Location) Interval {
	today := DateOf(t, loc)
	span := q.of(today, loc)
	if !span.Start.After(t) {
		span = q.of(today.AddDays(1), loc)
	}
	return span
}

// of returns the quiet hours that begin on a day.
func (q QuietHours) of(day Date, loc *time.Location) Interval {
	end := day
	if q.From > q.Until {
		end = day.AddDays(1)
	}
	return Interval{Start: day.At(q.From, loc), End: end.At(q.Until, loc)}
}

// QuietUntil returns when the quiet hours end in which a moment is; quiet is false when it is in none.
func (c Clinic) QuietUntil(t time.Time) (end time.Time, quiet bool) {
	span, quiet := c.QuietHours.around(t, c.Location())
	return span.End, quiet
}

// RemindAt is when a patient is reminded of a visit, so long before it. In quiet hours the reminder waits for their end,
// and when that would be too late it comes shortly before they begin.
func (c Clinic) RemindAt(start time.Time, lead time.Duration) time.Time {
	at := start.Add(-lead)
	quiet, is := c.QuietHours.around(at, c.Location())
	switch {
	case !is:
		return at
	case !quiet.End.After(start.Add(-latestReminder)):
		return quiet.End
	}
	return quiet.Start.Add(-beforeQuiet)
}

// DueReminder returns which of the clinic's reminders of a visit is due, for a patient who knows of its start since known.
// Of several whose moment has come it is the nearest to the visit: what was missed is not made up for. due is false when there is
// none, when it is quiet, when the visit has begun, and when the patient knows of it only since shortly before.
func (c Clinic) DueReminder(start, known, now time.Time) (lead time.Duration, due bool) {
	for _, lead := range slices.Backward(c.Reminders) { // the shortest first
		at := c.RemindAt(start, lead)
		if now.Before(at) {
			continue
		}
		_, quiet := c.QuietUntil(now)
		tooNew := known.After(start.Add(-lead-KnownBefore(lead))) || known.After(at.Add(-latestReminder))
		return lead, !quiet && now.Before(start) && !tooNew
	}
	return 0, false
}

// RemindUntil is the latest start of a visit of which a reminder so long before it may be due now.
func (c Clinic) RemindUntil(lead time.Duration, now time.Time) time.Time {
	until := now
	if next := c.QuietHours.after(now, c.Location()); !next.IsEmpty() && !next.Start.After(now.Add(beforeQuiet)) {
		until = next.End
	}
	return until.Add(lead)
}
