package agenda

import (
	"fmt"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

// LocalTime is a time of day on the wall clock, in minutes since midnight: 0 to 1440. 1440, written "24:00", is only
// meant as the end of a window.
type LocalTime int

// EndOfDay is 24:00, the midnight at which a day ends.
const EndOfDay LocalTime = 24 * 60

var errTime = errs.New(errs.Invalid, "invalid-time", `not a time of day such as "08:00"`)

// ParseLocalTime reads "08:00", "8:00" or "08:00:00", up to "24:00". Anything else, seconds other than 00 included, is
// Invalid "invalid-time".
func ParseLocalTime(s string) (LocalTime, error) {
	hours, rest, _ := strings.Cut(s, ":")
	minutes, seconds, long := strings.Cut(rest, ":")
	h, okHours := digits(hours)
	m, okMinutes := digits(minutes)
	t := LocalTime(h*60 + m)
	if !okHours || !okMinutes || len(hours) > 2 || len(minutes) != 2 || m > 59 || t > EndOfDay || long && seconds != "00" {
		return 0, errTime
	}
	return t, nil
}

// LocalTimeOf is what a clock in the zone shows at an instant, to the minute.
func LocalTimeOf(t time.Time, zone *time.Location) LocalTime {
	local := t.In(zone)
	return LocalTime(local.Hour()*60 + local.Minute())
}

// String returns the time as "08:00".
func (t LocalTime) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// IsValid reports whether the time is in 00:00 to 24:00.
func (t LocalTime) IsValid() bool { return t >= 0 && t <= EndOfDay }

// MarshalText implements encoding.TextMarshaler. A time outside the day is Invalid "invalid-time".
func (t LocalTime) MarshalText() ([]byte, error) {
	if !t.IsValid() {
		return nil, errTime
	}
	return []byte(t.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler with [ParseLocalTime].
func (t *LocalTime) UnmarshalText(b []byte) error {
	v, err := ParseLocalTime(string(b))
	if err != nil {
		return err
	}
	*t = v
	return nil
}

// digits reads one to four ASCII digits; strconv would let signs pass.
func digits(s string) (n int, ok bool) {
	if s == "" || len(s) > 4 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// isStart reports whether it is a time of day at which something can begin.
func (t LocalTime) isStart() bool { return t >= 0 && t < EndOfDay }
