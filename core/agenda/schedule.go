package agenda

import (
	"fmt"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

// Window is a span of the wall clock within a day. Whether one that ends at or before its start means "until the next
// day" is for the [Schedule] to say.
type Window struct {
	Start, End LocalTime
}

// WeeklyHours is a window that repeats every week on some days.
type WeeklyHours struct {
	Days []time.Weekday
	Window
}

// DateOverride replaces the weekly windows of one date. Without windows the date is closed.
type DateOverride struct {
	Date    Date
	Windows []Window
}

// Schedule is when somebody works.
//
// The windows that start on a date are those of its overrides; without any, none when a closure has the date; and otherwise
// those of the week. So who has an override works in spite of a closure, which is how somebody works on a holiday. A window belongs to the date on which it starts: an overnight window of Friday is open on Saturday morning even when
// an override closes Saturday.
type Schedule struct {
	Location  *time.Location // where the wall clock hangs; nil is read as UTC, and refused by Validate
	Weekly    []WeeklyHours
	Overrides []DateOverride // several of one date add up
	Closures  []Closure      // in any order
	Fixed     []Interval     // absolute windows; when not nil they replace Weekly, and overrides and closures cut their dates out of them
	Overnight bool           // a window that ends at or before its start ends on the next day; otherwise it is skipped
}

// Validate reports everything that is wrong as Invalid "invalid-input", with paths such as "weekly[0].start".
func (s Schedule) Validate() error {
	var c errs.Check
	c.That(s.Location != nil, "timezone", "is required")
	for i, h := range s.Weekly {
		path := fmt.Sprintf("weekly[%d]", i)
		for j, day := range h.Days {
			c.That(day >= time.Sunday && day <= time.Saturday, fmt.Sprintf("%s.days[%d]", path, j), "must be 0 (Sunday) to 6 (Saturday)")
		}
		h.check(&c, path)
	}
	for i, o := range s.Overrides {
		path := fmt.Sprintf("overrides[%d]", i)
		c.That(o.Date.IsValid(), path+".date", "must be a day of the calendar")
		for j, w := range o.Windows {
			w.check(&c, fmt.Sprintf("%s.windows[%d]", path, j))
		}
	}
	for i, v := range s.Closures {
		v.check(&c, fmt.Sprintf("closures[%d]", i))
	}
	for i, f := range s.Fixed {
		c.That(!f.End.Before(f.Start), fmt.Sprintf("fixed[%d].end", i), "must not be before the start")
	}
	return c.Err()
}

func (w Window) check(c *errs.Check, path string) {
	c.That(w.Start.IsValid() && w.Start < EndOfDay, path+".start", "must be 00:00 to 23:59")
	c.That(w.End.IsValid(), path+".end", "must be 00:00 to 24:00")
}

// Open returns the working time within [from, to), in the form that [Merge] returns.
func (s Schedule) Open(from, to time.Time) []Interval {
	span := Interval{from.UTC(), to.UTC()}
	if span.IsEmpty() {
		return nil
	}
	z := newZone(s.location())
	if s.Fixed != nil {
		return s.openFixed(z, span)
	}
	first, last := DateOf(span.Start, z.loc), DateOf(span.End, z.loc)
	// The day before may reach into the span overnight. So may the day after: where the clock goes back over midnight,
	// the next day has begun once already.
	first, last = first.AddDays(-1), last.AddDays(1)
	s = s.within(first, last)
	open := make([]Interval, 0, s.windowsIn(first, last))
	for d := first; !d.After(last); d = d.AddDays(1) {
		open = s.appendDate(open, z, span, d)
	}
	return join(open)
}

// within leaves out the overrides and closures of other dates, so that a year of them does not cost at every date.
func (s Schedule) within(first, last Date) Schedule {
	var overrides []DateOverride
	for _, o := range s.Overrides {
		if !o.Date.Before(first) && !o.Date.After(last) {
			overrides = append(overrides, o)
		}
	}
	var closures []Closure
	for _, v := range s.Closures {
		if !v.Last.Before(first) && !v.First.After(last) {
			closures = append(closures, v)
		}
	}
	s.Overrides, s.Closures = overrides, closures
	return s
}

func (s Schedule) openFixed(z *zone, span Interval) []Interval {
	closed := make([]Interval, 0, len(s.Overrides)+len(s.Closures))
	closeDays := func(first, last Date) {
		if days := (Interval{z.at(first.wall(0)), z.at(last.wall(EndOfDay))}); !days.IsEmpty() {
			closed = append(closed, days)
		}
	}
	for _, v := range s.Closures {
		closeDays(v.First, v.Last)
	}
	var instead []Interval
	for _, o := range s.Overrides {
		closeDays(o.Date, o.Date)
		for _, w := range o.Windows {
			instead = s.appendWindow(instead, z, span, o.Date, w)
		}
	}
	fixed := subtract(Merge(s.Fixed), join(closed))
	return join(append(Intersect(fixed, []Interval{span}), instead...))
}

// appendDate appends what the windows of one date have in common with span.
func (s Schedule) appendDate(open []Interval, z *zone, span Interval, d Date) []Interval {
	overridden := false
	for _, o := range s.Overrides {
		if o.Date != d {
			continue
		}
		overridden = true
		for _, w := range o.Windows {
			open = s.appendWindow(open, z, span, d, w)
		}
	}
	if overridden || slices.ContainsFunc(s.Closures, func(v Closure) bool { return v.has(d) }) {
		return open
	}
	weekday := d.Weekday()
	for _, h := range s.Weekly {
		if slices.Contains(h.Days, weekday) {
			open = s.appendWindow(open, z, span, d, h.Window)
		}
	}
	return open
}

func (s Schedule) appendWindow(open []Interval, z *zone, span Interval, d Date, w Window) []Interval {
	start, end := d.wall(w.Start), d.wall(w.End)
	if end <= start {
		if !s.Overnight {
			return open
		}
		end += daySeconds
	}
	if i := (Interval{z.at(start), z.at(end)}).clip(span); !i.IsEmpty() {
		open = append(open, i)
	}
	return open
}

// windowsIn is about how many windows there are between two dates, to allocate once.
func (s Schedule) windowsIn(first, last Date) int {
	week := 0
	for _, h := range s.Weekly {
		week += len(h.Days)
	}
	days := int(last.midnight().Sub(first.midnight()).Hours())/24 + 1
	return week*(days/7+1) + len(s.Overrides)
}

func (s Schedule) location() *time.Location {
	if s.Location == nil {
		return time.UTC
	}
	return s.Location
}
