package agenda

import (
	"fmt"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

// How much of each kind a professional has at most.
const (
	maxWeekly    = 50
	maxOverrides = 400
	maxWindows   = 50 // on one date
)

// Location is the zone of the professional's hours: their own, or else the clinic's.
func (v ClinicProfessional) Location(at Clinic) *time.Location {
	if v.TimeZone == "" {
		return at.Location()
	}
	return location(v.TimeZone)
}

// Weekly is the week of the professional: WorkingHours, or else the one pair and its days.
func (v ClinicProfessional) Weekly() []WeeklyHours {
	if len(v.WorkingHours) > 0 {
		return v.WorkingHours
	}
	return []WeeklyHours{{Days: v.WorkingDays, Window: Window{Start: v.WorkingStart, End: v.WorkingEnd}}}
}

// Schedule is when the professional works at the clinic, of which at is the record; holidays are those of the time that will
// be asked about, and count when the clinic keeps them. Every date and hour is of the zone that [ClinicProfessional.Location]
// returns, and windows may be overnight. What closes a date and what opens it is in the order that [Schedule] has: an
// override of the professional, a closure or a holiday, the week.
func (v ClinicProfessional) Schedule(at Clinic, holidays []Holiday) Schedule {
	s := Schedule{
		Location: v.Location(at), Weekly: v.Weekly(), Overrides: v.DateOverrides, Closures: at.Closures, Overnight: true,
	}
	if at.NationalHolidays && len(holidays) > 0 {
		s.Closures = slices.Clone(at.Closures)
		for _, h := range holidays {
			s.Closures = append(s.Closures, Closure{First: h.Date, Last: h.Date, Name: h.Name})
		}
	}
	return s
}

// checkHours checks the week of a professional and returns it with the days in order; nil when there is none.
func checkHours(c *errs.Check, path string, list []WeeklyHours) []WeeklyHours {
	c.That(len(list) <= maxWeekly, path, fmt.Sprintf("must be at most %d windows", maxWeekly))
	var out []WeeklyHours
	for i, h := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		h.Days = checkDays(c, at+".days", h.Days)
		h.check(c, at)
		out = append(out, h)
	}
	return out
}

// checkOverrides checks the dates with other hours and returns them in order; nil when there are none.
func checkOverrides(c *errs.Check, path string, list []DateOverride) []DateOverride {
	c.That(len(list) <= maxOverrides, path, fmt.Sprintf("must be at most %d dates", maxOverrides))
	var out []DateOverride
	seen := make(map[Date]bool, len(list))
	for i, o := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		c.That(o.Date.IsValid(), at+".date", "must be a day of the calendar")
		c.That(!seen[o.Date], at+".date", "must not be given twice")
		seen[o.Date] = true
		c.That(len(o.Windows) <= maxWindows, at+".windows", fmt.Sprintf("must be at most %d windows", maxWindows))
		for j, w := range o.Windows {
			w.check(c, fmt.Sprintf("%s.windows[%d]", at, j))
		}
		out = append(out, o.clone())
	}
	slices.SortFunc(out, func(a, b DateOverride) int { return a.Date.Compare(b.Date) })
	return out
}

// checkDays checks days of the week and returns them in order and once.
func checkDays(c *errs.Check, path string, days []time.Weekday) []time.Weekday {
	c.That(len(days) > 0, path, "must not be empty")
	for _, day := range days {
		c.That(day >= time.Sunday && day <= time.Saturday, path, "must be numbers from 0 (Sunday) to 6 (Saturday)")
	}
	days = slices.Clone(days)
	slices.Sort(days)
	return slices.Compact(days)
}

// clone returns a copy that shares nothing with o. A closed date has nil windows, so that there is one form of it.
func (o DateOverride) clone() DateOverride {
	o.Windows = append([]Window(nil), o.Windows...)
	return o
}

func cloneHours(list []WeeklyHours) []WeeklyHours {
	list = slices.Clone(list)
	for i := range list {
		list[i].Days = slices.Clone(list[i].Days)
	}
	return list
}

func cloneOverrides(list []DateOverride) []DateOverride {
	list = slices.Clone(list)
	for i := range list {
		list[i] = list[i].clone()
	}
	return list
}
