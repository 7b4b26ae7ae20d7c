package metering

import "time"

// Month is the calendar month of a zone that a moment is in, "2026-11": it begins at from and ends before to, wherever the
// clock is changed.
func Month(at time.Time, zone *time.Location) (label string, from, to time.Time) {
	year, month, _ := at.In(zone).Date()
	if !at.Before(DayStart(year, month+1, 1, zone)) {
		month++ // a clock that was set back over midnight shows the month before again
	}
	from, to = DayStart(year, month, 1, zone), DayStart(year, month+1, 1, zone)
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Format("2006-01"), from, to
}
