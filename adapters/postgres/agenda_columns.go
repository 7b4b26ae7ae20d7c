package postgres

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/secretary-api/secretary/core/agenda"
)

// Columns whose types only the front desk has. What is written here is read by the types below.

const microsecondsPerMinute = 60 * 1000 * 1000

// day is an optional date.
func day(d agenda.Date) any {
	if d.IsZero() {
		return nil
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// clock is a time of day; a column of type time may be 24:00, too.
func clock(t agenda.LocalTime) pgtype.Time {
	return pgtype.Time{Microseconds: int64(t) * microsecondsPerMinute, Valid: true}
}

// weekdays are the days of the week as a JSON array of texts, "0" is Sunday.
func weekdays(days []time.Weekday) string {
	texts := make([]string, len(days))
	for i, d := range days {
		texts[i] = strconv.Quote(strconv.Itoa(int(d)))
	}
	return "[" + strings.Join(texts, ",") + "]"
}

// texts is a list of texts for a column that is never NULL.
func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// minutes are durations as whole minutes, for a column of type integer[] that is never NULL.
func minutes(list []time.Duration) []int32 {
	out := make([]int32, 0, len(list))
	for _, d := range list {
		out = append(out, int32(d/time.Minute)) //nolint:gosec // two weeks at most
	}
	return out
}

// durationsOf is the other way round; nil when there are none.
func durationsOf(minutes []int32) []time.Duration {
	var out []time.Duration
	for _, n := range minutes {
		out = append(out, time.Duration(n)*time.Minute)
	}
	return out
}

type (
	optionalDay  struct{ to *agenda.Date }
	clockTime    struct{ to *agenda.LocalTime }
	weekdayTexts struct{ to *[]time.Weekday }
)

// ScanDate implements [pgtype.DateScanner].
func (o optionalDay) ScanDate(v pgtype.Date) error {
	*o.to = agenda.Date{}
	if v.Valid && v.InfinityModifier == pgtype.Finite {
		*o.to = agenda.DateOf(v.Time, time.UTC)
	}
	return nil
}

// ScanTime implements [pgtype.TimeScanner]. Hours go by the minute: seconds, which only a row made by hand has, are cut off.
func (c clockTime) ScanTime(v pgtype.Time) error {
	*c.to = agenda.LocalTime(v.Microseconds / microsecondsPerMinute)
	return nil
}

// ScanText implements [pgtype.TextScanner]; the column is read as text. Rows made by hand may have numbers for texts, in
// any order.
func (w weekdayTexts) ScanText(v pgtype.Text) error {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(v.String), &raw); err != nil {
		return err
	}
	days := make([]time.Weekday, len(raw))
	for i, r := range raw {
		n, err := strconv.Atoi(strings.Trim(string(r), `"`))
		if err != nil || n < int(time.Sunday) || n > int(time.Saturday) {
			return fmt.Errorf("%s is no day of the week", r)
		}
		days[i] = time.Weekday(n)
	}
	slices.Sort(days)
	*w.to = slices.Compact(days)
	return nil
}

// rowsFor is a list for a jsonb column that is never NULL.
func rowsFor[T, R any](list []T, row func(T) R) []R {
	out := make([]R, len(list))
	for i, v := range list {
		out[i] = row(v)
	}
	return out
}

// rowsOf reads a jsonb column that holds a list of rows R.
type rowsOf[R interface{ value() T }, T any] struct{ to *[]T }

// ScanBytes implements [pgtype.BytesScanner].
func (o rowsOf[R, T]) ScanBytes(raw []byte) error {
	var rows []R
	if err := json.Unmarshal(raw, &rows); err != nil {
		return err
	}
	*o.to = nil
	for _, r := range rows {
		*o.to = append(*o.to, r.value())
	}
	return nil
}

// The rows of the lists, with the names that the API has for their fields.
type (
	closureRow struct {
		First agenda.Date `json:"first"`
		Last  agenda.Date `json:"last"`
		Name  string      `json:"name"`
	}
	windowRow struct {
		Start agenda.LocalTime `json:"start"`
		End   agenda.LocalTime `json:"end"`
	}
	hoursRow struct {
		Days []time.Weekday `json:"days"`
		windowRow
	}
	overrideRow struct {
		Date    agenda.Date `json:"date"`
		Windows []windowRow `json:"windows"`
	}
)

func closureRowOf(v agenda.Closure) closureRow { return closureRow(v) }

func (r closureRow) value() agenda.Closure { return agenda.Closure(r) }

func windowRowOf(w agenda.Window) windowRow { return windowRow(w) }

func hoursRowOf(h agenda.WeeklyHours) hoursRow { return hoursRow{h.Days, windowRowOf(h.Window)} }

func (r hoursRow) value() agenda.WeeklyHours {
	return agenda.WeeklyHours{Days: r.Days, Window: agenda.Window(r.windowRow)}
}

func overrideRowOf(o agenda.DateOverride) overrideRow {
	return overrideRow{o.Date, rowsFor(o.Windows, windowRowOf)}
}

func (r overrideRow) value() agenda.DateOverride {
	o := agenda.DateOverride{Date: r.Date}
	for _, w := range r.Windows {
		o.Windows = append(o.Windows, agenda.Window(w))
	}
	return o
}
