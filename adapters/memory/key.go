package memory

import (
	"encoding/binary"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/page"
)

// Keys of the trees are texts that sort as what they stand for. Parts of a key are joined by +: all but textKey have a
// fixed length, so no key of a group is the beginning of another group's.

func intKey[I ~int64](i I) string {
	b, _ := binary.Append(make([]byte, 0, 8), binary.BigEndian, int64(i)) // an integer never fails
	b[0] ^= 1 << 7                                                        // the sign: what is negative sorts first
	return string(b)
}

func uuidKey(u id.UUID) string { return string(u[:]) }

func timeKey(t time.Time) string { return intKey(t.UnixMicro()) }

// textKey is for groups only: it keeps equal texts together and does not keep their order.
func textKey(s string) string { return intKey(int64(len(s))) + s }

// ident is how the rows of a table are identified.
type ident[T any] struct {
	key    func(*T) string
	text   func(*T) string                   // as in a cursor, or for people
	parse  func(text string) (string, error) // from the text to the key
	number func(*T) int64                    // of a serial id
	assign func(*T, int64)                   // of a serial id; nil when whoever creates a row brings its id
}

// serial ids are numbers that the table gives out, from 1.
func serial[T any, I ~int64](field func(*T) *I) ident[T] {
	return ident[T]{
		key:    func(v *T) string { return intKey(*field(v)) },
		text:   func(v *T) string { return strconv.FormatInt(int64(*field(v)), 10) },
		number: func(v *T) int64 { return int64(*field(v)) },
		assign: func(v *T, n int64) { *field(v) = I(n) },
		parse: func(text string) (string, error) {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return "", page.BadCursor()
			}
			return intKey(n), nil
		},
	}
}

// given ids are UUIDs that whoever creates a row brings along.
func given[T any](field func(*T) id.UUID) ident[T] {
	return ident[T]{
		key:  func(v *T) string { return uuidKey(field(v)) },
		text: func(v *T) string { return field(v).String() },
		parse: func(text string) (string, error) {
			u, err := id.Parse[T](text)
			if err != nil || u.IsZero() {
				return "", page.BadCursor()
			}
			return uuidKey(u.UUID), nil
		},
	}
}

// ordering is how a table is listed.
type ordering[T any] struct {
	key      func(*T) string
	position func(*T) page.Position
	seek     func(page.Position) (string, error) // from the position to the key
}

func byID[T any](i ident[T]) ordering[T] {
	return ordering[T]{
		key:      i.key,
		position: func(v *T) page.Position { return page.Position{ID: i.text(v)} },
		seek: func(p page.Position) (string, error) {
			if p.Key != "" {
				return "", page.BadCursor()
			}
			return i.parse(p.ID)
		},
	}
}

// byTime lists by a time, then by id.
func byTime[T any](i ident[T], at func(*T) time.Time) ordering[T] {
	return ordering[T]{
		key: func(v *T) string { return timeKey(at(v)) + i.key(v) },
		position: func(v *T) page.Position {
			return page.Position{Key: strconv.FormatInt(at(v).UnixMicro(), 10), ID: i.text(v)}
		},
		seek: func(p page.Position) (string, error) {
			micros, err := strconv.ParseInt(p.Key, 10, 64)
			if err != nil {
				return "", page.BadCursor()
			}
			key, err := i.parse(p.ID)
			return intKey(micros) + key, err
		},
	}
}

// utc is a time as every store keeps it.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// tidyTimes makes the times of a row what every store keeps.
func tidyTimes(times ...*time.Time) {
	for _, t := range times {
		*t = utc(*t)
	}
}
