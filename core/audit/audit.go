// Package audit says what the audit log tells of a change to a record: which fields changed, from what to what. Personal
// values and secrets are told as changed, and never what they were or are.
//
// The rule is here once, for stores that are written in Go; a database repeats it in its trigger, and the contract suite
// holds both to it. Values are therefore told as PostgreSQL's to_jsonb tells them.
package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/jsonobj"
)

// Masked stands for a value that is not told: a hidden one, or one that is longer than [MaxValue].
const Masked = "***"

// MaxValue is the longest value that is told, in characters: of a text itself, of anything else as jsonb writes it. It
// bounds an entry, which holds a value twice.
const MaxValue = 4000

// Field is one field of a record, under the name of its column. The id of the record, created_at, updated_at and
// version are no fields: the entry has the first, and the others change with every other one.
//
// A value is nil for none, or a bool, int, int64, string, []string, jsonobj.Object, or, with all the places of a numeric
// column, json.Number, or a []any of what encoding/json decodes with UseNumber; see [Text], [Number], [Time] and [Duration].
type Field struct {
	Name   string
	Value  any
	Hidden bool // a personal value or a secret
}

// Text is an optional text: none when empty.
func Text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Number is an optional id: none when 0.
func Number[I ~int64](n I) any {
	if n == 0 {
		return nil
	}
	return int64(n)
}

// Time is a time in UTC with at most microseconds, "2026-03-09T11:00:00+00:00"; none when zero.
func Time(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Truncate(time.Microsecond).Format("2006-01-02T15:04:05.999999-07:00")
}

// Duration is a length of time in hours, minutes and seconds, "1440:00:00", and never in days.
func Duration(d time.Duration) any {
	return fmt.Sprintf("%02d:%02d:%02d", d/time.Hour, d/time.Minute%60, d/time.Second%60)
}

// Changes tells what differs between two states of a record, which hold the same fields in the same order:
//
//	{"phone_number":{"old":"***","new":"***"},"type":{"old":"medical_clinic","new":null}}
//
// nil stands for no record. Of a new record it tells the fields that are not none, with "new" alone; of a removed one in
// the same way, with "old". It is none when nothing changed.
func Changes(before, after []Field) jsonobj.Object {
	var b bytes.Buffer
	for i := range max(len(before), len(after)) {
		var field Field
		was, is := null, null
		if before != nil {
			field, was = before[i], text(before[i].Value)
		}
		if after != nil {
			field, is = after[i], text(after[i].Value)
		}
		if was == is {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(field.Name) + ":{")
		if before != nil {
			b.WriteString(`"old":` + told(field, before[i].Value, was))
		}
		if before != nil && after != nil {
			b.WriteByte(',')
		}
		if after != nil {
			b.WriteString(`"new":` + told(field, after[i].Value, is))
		}
		b.WriteByte('}')
	}
	if b.Len() == 0 {
		return ""
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte("{"+b.String()+"}")); err != nil {
		panic("audit: " + err.Error()) // it was written by this package
	}
	return jsonobj.Object(compact.String())
}

// told is a value, whose JSON is known, as an entry tells it.
func told(f Field, value any, written string) string {
	if written == null {
		return null
	}
	if f.Hidden || length(value, written) > MaxValue {
		return quote(Masked)
	}
	return written
}

func length(value any, written string) int {
	if s, ok := value.(string); ok {
		written = s
	}
	return utf8.RuneCountInString(written)
}

const null = "null"

// text writes a value as jsonb does, so that what is equal there is equal here, and as long.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return null
	case jsonobj.Object:
		if v.IsNone() {
			return null
		}
		var b strings.Builder
		write(&b, v.Map())
		return b.String()
	case []string:
		var b strings.Builder
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		write(&b, list)
		return b.String()
	case []any:
		var b strings.Builder
		write(&b, v)
		return b.String()
	case string:
		return quote(v)
	case json.Number:
		return number(v)
	case bool, int, int64:
		return fmt.Sprint(v)
	}
	panic(fmt.Sprintf("audit: a field holds a %T", value))
}
