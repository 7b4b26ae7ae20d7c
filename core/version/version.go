// Package version tells states of a record apart, so that an edit can be bound to the state it was made for
// (RFC 9110, section 13.1.1).
//
// The version of a record is the moment of its last change: [Next] gives every change a moment of its own, whatever the
// clock says, because the row is locked while it is changed.
package version

import (
	"slices"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/errs"
)

// Of is the version of a record that was last changed at a moment: short, opaque, and good for an entity tag.
func Of(updatedAt time.Time) string { return strconv.FormatInt(updatedAt.UnixMicro(), 36) }

// Next is the moment of a change: now, or the microsecond after the change before when the clock has not got there.
func Next(before, now time.Time) time.Time {
	if after := before.Add(time.Microsecond); now.Before(after) {
		return after
	}
	return now
}

// Match is which versions a change was made for. The zero value is any.
type Match struct {
	bound    bool
	anything bool
	versions []string
}

// Exactly matches the versions, and nothing when there are none.
func Exactly(versions ...string) Match { return Match{bound: true, versions: versions} }

// Existing matches every version of a record that is there: "*" in If-Match.
func Existing() Match { return Match{bound: true, anything: true} }

// Check fails with Stale "version-mismatch", which names the current version, when a record that was last changed at the
// moment is not in a state that the change was made for.
func (m Match) Check(updatedAt time.Time) error {
	current := Of(updatedAt)
	if !m.bound || m.anything || slices.Contains(m.versions, current) {
		return nil
	}
	e := errs.New(errs.Stale, "version-mismatch", "the record was changed since: read it again")
	e.Version = current
	return e
}
