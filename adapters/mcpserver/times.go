package mcpserver

import (
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/agenda"
)

// clock reads and writes times of tools in one zone.
type clock struct{ zone *time.Location }

// clockOf is the clock of a zone that a caller names, or of its clinic.
func clockOf(c caller, name string) (clock, error) {
	if name == "" {
		return clock{c.clinic.Location()}, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return clock{}, refusalError{"invalid-input", "timeZone deve ser um fuso IANA, como America/Sao_Paulo."}
	}
	return clock{zone}, nil
}

// write writes a time in the clock's zone, as RFC 3339.
func (c clock) write(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(c.zone).Format(time.RFC3339)
}

// instant reads a time of an argument that is written: "" is the zero time, and a date alone is refused.
func (c clock) instant(argument, s string) (time.Time, error) {
	t, date, err := c.read(argument, s)
	if err == nil && date {
		err = refusalError{"invalid-input", argument + " precisa de data e hora, como 2026-12-01T10:00:00-03:00: consultas não duram o dia todo. Pergunte a hora ao paciente."}
	}
	return t, err
}

// period reads the bounds of what is asked for. A date alone stands for the whole day.
func (c clock) period(from, to string) (time.Time, time.Time, error) {
	start, _, err := c.read("timeMin", from)
	if err != nil {
		return time.Time{}, time.Time{}, err
	}
	end, date, err := c.read("timeMax", to)
	if date {
		end = agenda.DateOf(end, c.zone).AddDays(1).At(0, c.zone)
	}
	return start, end, err
}

// read reads RFC 3339, the same without an offset, which is by the clock's zone, or a date, which is its beginning.
func (c clock) read(argument, s string) (t time.Time, date bool, err error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, false, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), false, nil
	}
	day, hour, timed := strings.Cut(strings.Replace(s, " ", "T", 1), "T")
	d, err := agenda.ParseDate(day)
	if err == nil && !timed {
		return d.At(0, c.zone), true, nil
	}
	if err == nil {
		var at agenda.LocalTime
		if at, err = agenda.ParseLocalTime(hour); err == nil {
			return d.At(at, c.zone), false, nil
		}
	}
	return time.Time{}, false, refusalError{"invalid-input", argument + " não é uma data e hora ISO 8601, como 2026-12-01T10:00:00-03:00."}
}
