package httpapi

import (
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
)

// StatusOf is statusOf.
func StatusOf(kind errs.Kind) (int, bool) { return statusOf(kind) }

// Marshal writes an answer as the API does.
func Marshal(v any) string { return string(appendValue(nil, v)) }

// AppendMoment is appendMoment.
func AppendMoment(b []byte, t time.Time) []byte { return appendMoment(b, t) }

// Told is told.
func Told(o Object, asked bool) Object { return told(o, asked) }

// Flaw is what is wrong with a decimal that was read.
func Flaw(d Decimal) error { return d.flaw() }

// DecodeEvent is decodeEvent.
func DecodeEvent(raw []byte) (conference.EventParams, error) { return decodeEvent(raw) }

// DecodeEvents is decodeEvents.
func DecodeEvents(raw []byte) ([]conference.EventParams, error) { return decodeEvents(raw) }
