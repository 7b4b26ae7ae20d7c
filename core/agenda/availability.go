package agenda

import (
	"fmt"
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

const maxSpan = 366 * 24 * time.Hour

// Query asks when a visit may take place.
//
// # Buffers
//
// A visit needs BufferBefore free of busy time before it and BufferAfter free after it. Buffers need not lie inside
// working hours. An interval of Busy that carries buffers of its own has them included already.
//
// # Starts
//
// A free range is working time that is not busy, nor within a buffer of it. The first start in a range is its first
// instant at which the wall clock of the schedule shows a full hour, or a full 30, 20, 15, 10 or 5 minutes: the largest
// of them that divides Step, else a full minute. The other starts of the range follow it by Step. From and the minimum
// notice cut ranges too: with a step that does not divide the hour, starts depend on them.
//
// # Limits
//
// MaxVisits and MaxDaily bound what starts on one day of the schedule's zone, wherever the clinic or whoever asks is. A day
// whose Visits leave no room for one more has no starts; the rhythm of the others stays as it is, and so does Free.
type Query struct {
	Schedule      Schedule
	Busy          []Interval    // in any order, overlaps allowed; empty intervals occupy nothing
	Visits        []Interval    // that count against the limits of their days, without buffers; they are in Busy too
	MaxVisits     int           // a day of the schedule's zone, by the day on which a visit starts; 0 is no limit
	MaxDaily      time.Duration // of visits, likewise; 0 is no limit
	Now           time.Time
	From, To      time.Time     // visits start at From or later and end at To or earlier
	Duration      time.Duration // of the visit
	Step          time.Duration // from one start to the next; 0 is Duration
	BufferBefore  time.Duration
	BufferAfter   time.Duration
	MinimumNotice time.Duration // a visit starts at Now+MinimumNotice or later
	MaximumAhead  time.Duration // a visit starts at Now+MaximumAhead or earlier; 0 is no limit
}

// Validate reports everything that is wrong as Invalid "invalid-input", with paths such as "duration_minutes"; those of
// the schedule are as [Schedule.Validate] gives them. The other methods expect a valid query.
func (q Query) Validate() error {
	var c errs.Check
	c.Note("schedule", q.Schedule.Validate())
	for i, b := range q.Busy {
		c.That(!b.End.Before(b.Start), fmt.Sprintf("busy[%d].end", i), "must not be before the start")
	}
	for i, v := range q.Visits {
		c.That(!v.End.Before(v.Start), fmt.Sprintf("visits[%d].end", i), "must not be before the start")
	}
	c.That(q.MaxVisits >= 0, "max_visits_per_day", "must not be negative")
	c.That(q.MaxDaily >= 0, "max_minutes_per_day", "must not be negative")
	c.That(q.From.Before(q.To), "to", "must be after from")
	c.That(q.To.Sub(q.From) <= maxSpan, "to", "must be at most 366 days after from")
	c.That(q.Duration > 0 && q.Duration <= 24*time.Hour, "duration_minutes", "must be 1 to 1440")
	c.That(q.Duration%time.Minute == 0, "duration_minutes", "must be whole minutes")
	c.That(q.Step == 0 || q.Step >= time.Minute, "interval_minutes", "must be at least 1, or 0 for the duration")
	c.That(q.Step%time.Minute == 0, "interval_minutes", "must be whole minutes")
	c.That(q.BufferBefore >= 0, "buffer_before_minutes", "must not be negative")
	c.That(q.BufferAfter >= 0, "buffer_after_minutes", "must not be negative")
	c.That(q.MinimumNotice >= 0, "minimum_notice_minutes", "must not be negative")
	c.That(q.MaximumAhead >= 0, "maximum_ahead_days", "must not be negative")
	return c.Err()
}

// Free returns the free ranges between From and To, the minimum notice and the maximum ahead, in the form that [Merge]
// returns. A visit may end later than the last range: the maximum ahead limits its start only.
func (q Query) Free() []Interval {
	to := q.To
	if latest := q.Now.Add(q.MaximumAhead); q.MaximumAhead > 0 && latest.Before(to) {
		to = latest
	}
	return q.free(q.earliest(), to)
}

// Slots returns the visits that may be booked, by start, in UTC. When Step is shorter than Duration they overlap.
func (q Query) Slots() []Interval {
	step := q.step()
	if q.Duration <= 0 || step <= 0 {
		return nil
	}
	free := q.free(q.earliest(), q.horizon())
	most := 0
	for _, i := range free {
		if d := i.Duration(); d >= q.Duration {
			most += int((d-q.Duration)/step) + 1
		}
	}
	z, unit := newZone(q.Schedule.location()), alignment(step)
	limits := q.limits(z, q.earliest(), q.horizon())
	slots := make([]Interval, 0, most)
	for _, i := range free {
		slot := Interval{Start: z.align(i.Start, unit)}
		for {
			slot.End = slot.Start.Add(q.Duration)
			if slot.End.After(i.End) {
				break
			}
			if limits.allow(slot.Start) {
				slots = append(slots, slot)
			}
			slot.Start = slot.Start.Add(step)
		}
	}
	return slots
}

// Accepts reports whether Slots offers a visit at start, without listing the others.
func (q Query) Accepts(start time.Time) bool {
	step := q.step()
	if q.Duration <= 0 || step <= 0 {
		return false
	}
	since, ok := q.freeSince(start)
	if !ok {
		return false
	}
	first := newZone(q.Schedule.location()).align(since, alignment(step))
	return !start.Before(first) && start.Sub(first)%step == 0
}

// Fits reports whether a visit at start keeps to everything Accepts asks for except the rhythm of starts. A start that
// was offered a while ago may have lost the rhythm, because time has passed or a neighbour was booked, and still fit.
func (q Query) Fits(start time.Time) bool {
	_, ok := q.freeSince(start)
	return ok && q.Duration > 0
}

// freeSince returns the start of the free range that holds the visit at start, and whether there is one and its day has room
// for the visit.
func (q Query) freeSince(start time.Time) (since time.Time, ok bool) {
	visit := Interval{start.UTC(), start.UTC().Add(q.Duration)}
	earliest := q.earliest()
	if visit.Start.Before(earliest) || visit.End.After(q.horizon()) {
		return time.Time{}, false
	}
	since, ok = q.openSince(visit, earliest)
	if !ok || !q.limits(newZone(q.Schedule.location()), visit.Start, visit.Start).allow(visit.Start) {
		return time.Time{}, false
	}
	for _, b := range q.Busy {
		if b.IsEmpty() {
			continue
		}
		b = q.widen(b)
		if b.Overlaps(visit) {
			return time.Time{}, false
		}
		if !b.End.After(visit.Start) && b.End.After(since) {
			since = b.End
		}
	}
	return since, true
}

// openSince returns since when the schedule has been open at the visit, earliest at the earliest. It looks back one day,
// and further only when that day has no beginning.
func (q Query) openSince(visit Interval, earliest time.Time) (since time.Time, ok bool) {
	for back := 24 * time.Hour; ; back *= 4 {
		from := visit.Start.Add(-back)
		if from.Before(earliest) || back > maxSpan {
			from = earliest
		}
		open := q.Schedule.Open(from, visit.End)
		if len(open) == 0 || !open[len(open)-1].Contains(visit) {
			return time.Time{}, false
		}
		if since = open[len(open)-1].Start; since.After(from) || from.Equal(earliest) {
			return since, true
		}
	}
}

// free returns the free ranges in [from, to).
func (q Query) free(from, to time.Time) []Interval {
	span := Interval{from, to}
	busy := make([]Interval, 0, len(q.Busy))
	for _, b := range q.Busy {
		if b.IsEmpty() {
			continue
		}
		if b = q.widen(b); b.Overlaps(span) {
			busy = append(busy, b)
		}
	}
	return subtract(q.Schedule.Open(from, to), join(busy))
}

// widen returns the time from which a busy interval keeps visits away.
func (q Query) widen(b Interval) Interval {
	return Interval{b.Start.UTC().Add(-q.BufferAfter), b.End.UTC().Add(q.BufferBefore)}
}

// earliest is when the first visit may start.
func (q Query) earliest() time.Time {
	if notice := q.Now.Add(q.MinimumNotice); notice.After(q.From) {
		return notice.UTC()
	}
	return q.From.UTC()
}

// horizon is when the last visit ends at the latest.
func (q Query) horizon() time.Time {
	if last := q.Now.Add(q.MaximumAhead + q.Duration); q.MaximumAhead > 0 && last.Before(q.To) {
		return last.UTC()
	}
	return q.To.UTC()
}

func (q Query) step() time.Duration {
	if q.Step == 0 {
		return q.Duration
	}
	return q.Step
}

// alignment is the part of an hour on which the first start of a range falls.
func alignment(step time.Duration) time.Duration {
	for _, minutes := range [...]time.Duration{60, 30, 20, 15, 10, 5} {
		if unit := minutes * time.Minute; step%unit == 0 {
			return unit
		}
	}
	return time.Minute
}
