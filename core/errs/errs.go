package errs

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of failure an error is. The HTTP adapter maps each kind to one status.
type Kind int

// The kinds. The zero value is Internal, so that an error nobody classified tells the caller nothing.
const (
	Internal        Kind = iota // everything else; logged once, at the edge
	Invalid                     // input or an invariant
	Unauthenticated             // who are you
	Forbidden                   // seen, but not yours to do
	NotFound                    // absent, or outside the caller's scope
	Conflict                    // unique, overlap, or the wrong state
	Stale                       // a version was lost
	Exhausted                   // a limit was reached; retry later
	Unavailable                 // something the operation needs is away or not configured
	TooLarge                    // the input is bigger than what is accepted
	kindCount
)

// Kinds lists every kind, for the tests of tables that must have a row for each.
func Kinds() []Kind {
	kinds := make([]Kind, 0, kindCount)
	for k := range kindCount {
		kinds = append(kinds, k)
	}
	return kinds
}

// String names the kind, for logs.
func (k Kind) String() string {
	switch k {
	case Internal:
		return "internal"
	case Invalid:
		return "invalid"
	case Unauthenticated:
		return "unauthenticated"
	case Forbidden:
		return "forbidden"
	case NotFound:
		return "not-found"
	case Conflict:
		return "conflict"
	case Stale:
		return "stale"
	case Exhausted:
		return "exhausted"
	case Unavailable:
		return "unavailable"
	case TooLarge:
		return "too-large"
	case kindCount:
	}
	return fmt.Sprintf("kind(%d)", int(k))
}

// Error is an expected failure.
type Error struct {
	Kind    Kind
	Code    string        // stable, kebab-case: "slot-taken"
	Msg     string        // safe to show to the caller
	Fields  []Field       // which parts of the input are wrong, for Invalid
	Retry   time.Duration // how long to wait before trying again, for Exhausted and Unavailable; 0 when unknown
	Version string        // the current version of the record, for Stale; "" when unknown
	Err     error         // the cause, for the log
}

// Field is one wrong part of an input.
type Field struct {
	Path string // where: "body.name"
	Msg  string // why, safe to show; never the value itself
}

// Error implements error. The text is for logs: it includes the cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Code + ": " + e.Msg + ": " + e.Err.Error()
	}
	return e.Code + ": " + e.Msg
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, target) true for an *Error of the same code.
func (e *Error) Is(target error) bool {
	t, ok := errors.AsType[*Error](target)
	return ok && t.Code == e.Code && t.Kind == e.Kind
}

// New makes an error of a kind. msg is shown to the caller.
func New(kind Kind, code, msg string) *Error {
	return &Error{Kind: kind, Code: code, Msg: msg}
}

// Newf is New with a formatted message. Never format a secret or personal data into it.
func Newf(kind Kind, code, format string, args ...any) *Error {
	return New(kind, code, fmt.Sprintf(format, args...))
}

// Wrap classifies a cause: the caller sees code and msg, the log sees err too.
func Wrap(kind Kind, code, msg string, err error) *Error {
	return &Error{Kind: kind, Code: code, Msg: msg, Err: err}
}

// InvalidField is the Invalid error "invalid-input" about one part of the input, such as "body.name".
func InvalidField(path, msg string) *Error {
	return &Error{Kind: Invalid, Code: "invalid-input", Msg: path + ": " + msg, Fields: []Field{{Path: path, Msg: msg}}}
}

// Absent is the NotFound error of one kind of record: "room-not-found".
func Absent(what string) *Error {
	return New(NotFound, what+"-not-found", what+" not found")
}

// KindOf returns the kind of err, Internal when nobody classified it.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// CodeOf returns the code of err, "" when nobody classified it.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Check gathers the wrong parts of an input, so that a caller hears of all of them at once.
type Check struct{ fields []Field }

// That notes a wrong part when ok is false.
func (c *Check) That(ok bool, path, msg string) {
	if !ok {
		c.fields = append(c.fields, Field{Path: path, Msg: msg})
	}
}

// Note adds the fields of an Invalid error, or err itself as a message of path; nil changes nothing.
func (c *Check) Note(path string, err error) {
	if err == nil {
		return
	}
	if e, ok := errors.AsType[*Error](err); ok {
		if len(e.Fields) > 0 {
			c.fields = append(c.fields, e.Fields...)
			return
		}
		c.That(false, path, e.Msg)
		return
	}
	c.That(false, path, err.Error())
}

// Err returns the Invalid error "invalid-input" with every noted part, or nil.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	msg := c.fields[0].Path + ": " + c.fields[0].Msg
	if n := len(c.fields) - 1; n > 0 {
		msg += fmt.Sprintf(" (and %d more)", n)
	}
	return &Error{Kind: Invalid, Code: "invalid-input", Msg: msg, Fields: c.fields}
}
