package agenda

import (
	"cmp"
	"fmt"
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

// Date is a day of the calendar, without a time zone. The zero value means "none".
type Date struct {
	Year  int // 1 to 9999
	Month time.Month
	Day   int
}

var errDate = errs.New(errs.Invalid, "invalid-date", `not a date such as "2026-12-01"`)

// ParseDate reads "2026-12-01". Anything else, days that no calendar has included, is Invalid "invalid-date".
func ParseDate(s string) (Date, error) {
	if len(s) != len("2026-12-01") || s[4] != '-' || s[7] != '-' {
		return Date{}, errDate
	}
	year, okYear := digits(s[:4])
	month, okMonth := digits(s[5:7])
	day, okDay := digits(s[8:])
	d := Date{year, time.Month(month), day}
	if !okYear || !okMonth || !okDay || !d.IsValid() {
		return Date{}, errDate
	}
	return d, nil
}

// DateOf returns the day that the calendar in loc shows at t.
func DateOf(t time.Time, loc *time.Location) Date {
	year, month, day := t.In(loc).Date()
	return Date{year, month, day}
}

// String returns the date as "2026-12-01", "" for the zero value.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// IsZero reports whether the date is none.
func (d Date) IsZero() bool { return d == Date{} }

// IsValid reports whether the calendar has the date.
func (d Date) IsValid() bool {
	return d.Year >= 1 && d.Year <= 9999 && DateOf(d.midnight(), time.UTC) == d
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.midnight().Weekday() }

// AddDays returns the date n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return DateOf(d.midnight().AddDate(0, 0, n), time.UTC) }

// Compare returns -1, 0 or +1 as d is before, the same as or after o.
func (d Date) Compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

// Before reports whether d is an earlier day than o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After reports whether d is a later day than o.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// At returns the first instant at which the calendar and the clock of loc have reached d and lt, in UTC. So a time that
// a change of the clock skips is the instant of the change (02:30, skipped by a change from 02:00 to 03:00, is 03:00),
// and one that happens twice is the first of the two. Windows stay right that way: one that starts inside
// the skipped hour opens as soon as the hour is over, and one that lies inside it is empty.
func (d Date) At(lt LocalTime, loc *time.Location) time.Time {
	return newZone(loc).at(d.wall(lt))
}

// MarshalText implements encoding.TextMarshaler: "2026-12-01", and "" for the zero value.
func (d Date) MarshalText() ([]byte, error) {
	if !d.IsZero() && !d.IsValid() {
		return nil, errDate
	}
	return []byte(d.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler with [ParseDate]; the empty text is the zero value.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// midnight is when the date begins in UTC.
func (d Date) midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// wall is the reading of a wall clock at lt of the date, in seconds since the same clock read 1970-01-01 00:00.
func (d Date) wall(lt LocalTime) int64 { return d.midnight().Unix() + int64(lt)*60 }
