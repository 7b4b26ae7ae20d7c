package errs_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/errs"
)

func TestKindsAreAllNamedOnce(t *testing.T) {
	t.Parallel()
	kinds := errs.Kinds()
	if len(kinds) == 0 || kinds[0] != errs.Internal || kinds[len(kinds)-1] != errs.TooLarge {
		t.Errorf("Kinds() = %v, want all from internal to too-large", kinds)
	}
	seen := map[string]bool{}
	for _, k := range kinds {
		if name := k.String(); strings.HasPrefix(name, "kind(") || seen[name] {
			t.Errorf("kind %d is called %q, want a name of its own", int(k), name)
		}
		seen[k.String()] = true
	}
	if got, want := errs.Kind(len(kinds)).String(), fmt.Sprintf("kind(%d)", len(kinds)); got != want {
		t.Errorf("an unknown kind is called %q, want %q", got, want)
	}
	if got := errs.Kind(-1).String(); got != "kind(-1)" {
		t.Errorf("a negative kind is called %q, want kind(-1)", got)
	}
}

func TestUnclassifiedErrorsAreInternalAndSayNothing(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, io.EOF, fmt.Errorf("reading: %w", io.EOF), &errs.Error{}} {
		if kind, code := errs.KindOf(err), errs.CodeOf(err); kind != errs.Internal || code != "" {
			t.Errorf("%v is %v %q, want internal and no code", err, kind, code)
		}
	}
}

func TestClassificationSurvivesWrapping(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("booking: %w", errors.Join(io.EOF, errs.New(errs.Conflict, "slot-taken", "taken")))
	if kind, code := errs.KindOf(err), errs.CodeOf(err); kind != errs.Conflict || code != "slot-taken" {
		t.Errorf("a wrapped error is %v %q, want conflict slot-taken", kind, code)
	}
	twice := errs.Wrap(errs.Unavailable, "calendar-away", "the calendar is away", err)
	if kind := errs.KindOf(twice); kind != errs.Unavailable {
		t.Errorf("an error classified twice is %v, want the outer kind", kind)
	}
}

func TestIsComparesKindAndCode(t *testing.T) {
	t.Parallel()
	taken := errs.New(errs.Conflict, "slot-taken", "the slot is taken")
	wrapped := fmt.Errorf("booking: %w", errs.Wrap(errs.Conflict, "slot-taken", "another text", io.EOF))
	if !errors.Is(wrapped, taken) {
		t.Error("errors of the same kind and code are not the same")
	}
	if !errors.Is(wrapped, io.EOF) {
		t.Error("the cause is lost")
	}
	for _, other := range []error{
		errs.New(errs.Conflict, "room-closed", "the slot is taken"),
		errs.New(errs.Invalid, "slot-taken", "the slot is taken"),
		io.ErrUnexpectedEOF,
	} {
		if errors.Is(wrapped, other) {
			t.Errorf("%v is taken for %v", wrapped, other)
		}
	}
}

func TestTextIsForTheLog(t *testing.T) {
	t.Parallel()
	plain := errs.Newf(errs.NotFound, "room-not-found", "room %d not found", 7)
	if got, want := plain.Error(), "room-not-found: room 7 not found"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	caused := errs.Wrap(errs.Internal, "store", "internal error", io.EOF)
	if got, want := caused.Error(), "store: internal error: EOF"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if strings.Contains(caused.Msg, "EOF") {
		t.Errorf("the text for the caller, %q, tells the cause", caused.Msg)
	}
}

func TestAbsentNamesTheRecord(t *testing.T) {
	t.Parallel()
	err := errs.Absent("room")
	if got, want := *err, (errs.Error{Kind: errs.NotFound, Code: "room-not-found", Msg: "room not found"}); !cmp.Equal(got, want) {
		t.Errorf("Absent: %s", cmp.Diff(want, got))
	}
}

func TestInvalidFieldNamesThePart(t *testing.T) {
	t.Parallel()
	got, _ := errors.AsType[*errs.Error](errs.InvalidField("body.name", "must not be empty"))
	want := &errs.Error{
		Kind: errs.Invalid, Code: "invalid-input", Msg: "body.name: must not be empty",
		Fields: []errs.Field{{Path: "body.name", Msg: "must not be empty"}},
	}
	if !cmp.Equal(got, want) {
		t.Errorf("InvalidField: %s", cmp.Diff(want, got))
	}
}

func TestCheckWithoutWrongPartsIsNoError(t *testing.T) {
	t.Parallel()
	var c errs.Check
	c.That(true, "name", "must not be empty")
	c.Note("phone", nil)
	if err := c.Err(); err != nil {
		t.Errorf("Err() = %v, want nil", err)
	}
}

func TestCheckTellsEveryWrongPartInOrder(t *testing.T) {
	t.Parallel()
	var c errs.Check
	c.That(false, "name", "must not be empty")
	c.That(true, "email", "must be an e-mail address")
	var nested errs.Check
	nested.That(false, "weekly[0].start", "is required")
	nested.That(false, "weekly[1].end", "is required")
	c.Note("schedule", fmt.Errorf("hours: %w", nested.Err()))
	c.Note("phone", errs.New(errs.Invalid, "invalid-phone", "not a telephone number"))
	c.Note("zone", errors.New("unknown zone"))

	got, ok := errors.AsType[*errs.Error](c.Err())
	if !ok {
		t.Fatal("Err() is not an *errs.Error")
	}
	want := []errs.Field{
		{Path: "name", Msg: "must not be empty"},
		{Path: "weekly[0].start", Msg: "is required"},
		{Path: "weekly[1].end", Msg: "is required"},
		{Path: "phone", Msg: "not a telephone number"},
		{Path: "zone", Msg: "unknown zone"},
	}
	if !cmp.Equal(got.Fields, want) {
		t.Errorf("fields: %s", cmp.Diff(want, got.Fields))
	}
	if msg := "name: must not be empty (and 4 more)"; got.Kind != errs.Invalid || got.Code != "invalid-input" || got.Msg != msg {
		t.Errorf("got %v %q %q, want invalid invalid-input %q", got.Kind, got.Code, got.Msg, msg)
	}
}

func TestCheckWithOneWrongPartCountsNoOthers(t *testing.T) {
	t.Parallel()
	var c errs.Check
	c.That(false, "name", "must not be empty")
	got, _ := errors.AsType[*errs.Error](c.Err())
	if want := "name: must not be empty"; got == nil || got.Msg != want {
		t.Errorf("Err() = %v, want %q", got, want)
	}
}
