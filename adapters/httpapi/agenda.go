package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
)

// Slot is a span of time, its end not included.
type Slot struct {
	Start time.Time `json:"start" example:"2026-12-01T12:00:00Z"`
	End   time.Time `json:"end" example:"2026-12-01T12:30:00Z"`
}

// Patient is whom a visit is for.
type Patient struct {
	Name      string       `json:"name" minLength:"1" maxLength:"200" example:"Ana Pereira" doc:"In answers it is empty once the patient was erased."`
	Phone     *string      `json:"phone" required:"false" nullable:"true" maxLength:"40" example:"+5511955550011"`
	BirthDate *agenda.Date `json:"birth_date" required:"false" nullable:"true" format:"date" example:"1990-05-20"`
}

// OrNull is a record that may be null.
type OrNull[T any] struct{ value *T }

func valueOf[T any](v T) OrNull[T] { return OrNull[T]{&v} }

// MarshalJSON implements json.Marshaler. It leaves characters such as & as they are, like every other answer.
func (o OrNull[T]) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(o.value)
	return buf.Bytes(), err
}

// Schema implements huma.SchemaProvider.
func (OrNull[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[T](), true, ""), {Type: "null"}}}
}

func slotOf(i agenda.Interval) Slot { return Slot{Start: i.Start, End: i.End} }

func (s Slot) core() agenda.Interval { return agenda.Interval{Start: s.Start, End: s.End} }

func patientOf(p agenda.Patient) Patient {
	out := Patient{Name: p.Name, Phone: nullText(p.Phone)}
	if !p.BirthDate.IsZero() {
		out.BirthDate = &p.BirthDate
	}
	return out
}

func (p Patient) core() agenda.Patient {
	out := agenda.Patient{Name: p.Name, Phone: textOf[string](p.Phone)}
	if p.BirthDate != nil {
		out.BirthDate = *p.BirthDate
	}
	return out
}

// mapped converts a list. It is never nil, so that JSON has [] and not null.
func mapped[T, U any](list []T, to func(T) U) []U {
	out := make([]U, 0, len(list))
	for _, v := range list {
		out = append(out, to(v))
	}
	return out
}

// texts is a list of texts that is never null.
func texts(list []string) []string {
	return mapped(list, func(s string) string { return s })
}

// nullKey is the id of a record, nil for none.
func nullKey[T any](key id.Of[T]) *id.Of[T] {
	if key.IsZero() {
		return nil
	}
	return &key
}

// keyOf is the id that a body names, the zero one for none.
func keyOf[T any](key *id.Of[T]) id.Of[T] {
	if key == nil {
		return id.Of[T]{}
	}
	return *key
}

// durationOf is how long n units are, nil for none.
func durationOf(n *int, unit time.Duration) *time.Duration {
	if n == nil {
		return nil
	}
	d := time.Duration(*n) * unit
	return &d
}

// parseMoment reads an RFC 3339 instant, or a date, which stands for the beginning of the day in the zone, or as the end
// of a period for the end of it. "" is the zero time.
func parseMoment(path, s string, zone *time.Location, end bool) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if date, err := agenda.ParseDate(s); err == nil {
		if end {
			date = date.AddDays(1)
		}
		return writable(path, date.At(0, zone))
	}
	// A plus sign that was not escaped arrives as a space, which no instant has.
	at, err := time.Parse(time.RFC3339, strings.Replace(s, " ", "+", 1))
	if err != nil {
		return time.Time{}, errs.InvalidField(path, "must be an RFC 3339 instant or a date, such as 2026-12-01T08:00:00-03:00 or 2026-12-01")
	}
	return writable(path, at.UTC())
}

// writable refuses instants that RFC 3339 could not write in UTC again.
func writable(path string, at time.Time) (time.Time, error) {
	if year := at.UTC().Year(); year < 1 || year > 9998 {
		return time.Time{}, errs.InvalidField(path, "must be in the years 1 to 9998")
	}
	return at, nil
}

// parsePeriod reads the from and to of a query, in the zone of a clinic. Instants need no zone, and so no look-up.
func (s *server) parsePeriod(ctx context.Context, tenant agenda.TenantID, from, to string) (start, end time.Time, err error) {
	zone := time.UTC
	if isDate(from) || isDate(to) {
		if zone, err = s.Agenda.Location(ctx, actor(ctx), tenant); err != nil {
			return start, end, err
		}
	}
	return periodIn(zone, "query", from, to)
}

// periodIn reads a from and a to in a zone; where tells whether they came in the query or the body.
func periodIn(zone *time.Location, where, from, to string) (start, end time.Time, err error) {
	var check errs.Check
	start, err = parseMoment(where+".from", from, zone, false)
	check.Note(where+".from", err)
	end, err = parseMoment(where+".to", to, zone, true)
	check.Note(where+".to", err)
	return start, end, check.Err()
}

func isDate(s string) bool {
	_, err := agenda.ParseDate(s)
	return err == nil
}
