package agenda

import (
	"math"
	"time"
)

const daySeconds = 24 * 60 * 60

// zone converts between instants and the wall clock of one place. It remembers the last period during which the clock
// was not changed, because looking periods up is what costs. It is not safe for concurrent use.
type zone struct {
	loc        *time.Location
	offset     int64 // what the wall clock is ahead of UTC, in seconds
	start, end int64 // the period in which it is so, [start, end), in Unix seconds
}

func newZone(loc *time.Location) *zone { return &zone{loc: loc} }

// load makes the period that holds an instant the current one.
func (z *zone) load(unix int64) {
	if z.start <= unix && unix < z.end {
		return
	}
	t := time.Unix(unix, 0).In(z.loc)
	_, offset := t.Zone()
	start, end := t.ZoneBounds()
	z.offset, z.start, z.end = int64(offset), math.MinInt64, math.MaxInt64
	if !start.IsZero() {
		z.start = start.Unix()
	}
	if end.IsZero() {
		return
	}
	z.end = end.Unix()
	// Where a zone follows a yearly rule, ZoneBounds ends the last period of a year 365 days after the year began: in a
	// leap year it leaves December 31 outside its own bounds.
	if z.end <= unix {
		z.end = max(z.end+daySeconds, unix+1)
	}
}

// at returns the first instant at which the wall clock reads wall or more; wall is what [Date.wall] returns.
func (z *zone) at(wall int64) time.Time {
	// Two days after a change of the clock, no instant before the change can have read as much: offsets are below a day.
	if unix := wall - z.offset; z.start < unix-2*daySeconds && unix < z.end {
		return time.Unix(unix, 0).UTC()
	}
	earliest := wall - daySeconds
	for {
		z.load(earliest)
		unix := max(wall-z.offset, earliest)
		if unix < z.end {
			return time.Unix(unix, 0).UTC()
		}
		earliest = z.end
	}
}

// day numbers the day that the calendar shows at t; the next day has the next number.
func (z *zone) day(t time.Time) int64 {
	z.load(t.Unix())
	wall := t.Unix() + z.offset
	day := wall / daySeconds
	if wall%daySeconds < 0 {
		day--
	}
	return day
}

// align returns the first instant at or after t at which the wall clock shows a whole multiple of unit, which divides
// the hour: with 15 minutes, the next full quarter.
func (z *zone) align(t time.Time, unit time.Duration) time.Time {
	earliest := t.Unix()
	if t.Nanosecond() > 0 {
		earliest++
	}
	seconds := int64(unit / time.Second)
	for {
		z.load(earliest)
		past := (earliest + z.offset) % seconds
		if past < 0 {
			past += seconds
		}
		unix := earliest
		if past > 0 {
			unix += seconds - past
		}
		if unix < z.end {
			return time.Unix(unix, 0).UTC()
		}
		earliest = z.end
	}
}
