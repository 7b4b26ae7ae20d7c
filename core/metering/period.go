package metering

import (
	"slices"
	"time"
)

// Periods are the days or months that a report by them can have rows for: where each begins, in order, the first at or
// before the beginning of the report. They are nil for a report that groups by something else.
//
// Stores put a session into the last period that began by its start, so that all of them go by the same time zones.
func (q ReportQuery) Periods() []time.Time {
	months, days := 0, 0
	switch q.GroupBy {
	case ByMonth:
		months = 1
	case ByDay:
		days = 1
	case ByEntity, ByDepartment, ByRoom, ByAgent, ByModel:
		return nil
	default: // there is no such group
		return nil
	}
	year, month, day := q.From.In(q.zone()).Date()
	if months > 0 {
		day = 1
	}
	var starts []time.Time
	for n := 0; ; n++ {
		start := DayStart(year, month+time.Month(n*months), day+n*days, q.zone())
		if n > 0 && !start.Before(q.To) {
			return starts
		}
		starts = append(starts, start)
	}
}

// PeriodOf names the period that begins at a moment: "2026-11-22" of a report by day, "2026-11" by month.
func (q ReportQuery) PeriodOf(start time.Time) string {
	if q.GroupBy == ByMonth {
		return start.In(q.zone()).Format("2006-01")
	}
	return start.In(q.zone()).Format(time.DateOnly)
}

func (q ReportQuery) zone() *time.Location {
	if q.Zone == nil {
		return time.UTC
	}
	return q.Zone
}

// DayStart is the first moment of a calendar day in a zone; a day beyond the month's end is one of the next. Clocks are changed at midnight in some places: then there is no
// midnight, and the day begins when the clocks were changed, or there are two, of which the first counts.
func DayStart(year int, month time.Month, day int, zone *time.Location) time.Time {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	near := time.Date(year, month, day, 0, 0, 0, 0, zone)
	var candidates []time.Time
	for _, at := range []time.Time{near.Add(-24 * time.Hour), near.Add(24 * time.Hour)} {
		_, offset := at.Zone()
		if c := midnight.Add(-time.Duration(offset) * time.Second).In(zone); c.Format(time.DateTime) == midnight.Format(time.DateTime) {
			candidates = append(candidates, c)
		}
	}
	if len(candidates) > 0 {
		return slices.MinFunc(candidates, time.Time.Compare).UTC()
	}
	_, changed := near.ZoneBounds()
	if near.Format(time.DateOnly) >= midnight.Format(time.DateOnly) {
		changed, _ = near.ZoneBounds()
	}
	return changed.UTC()
}
