package version_test

import (
	"errors"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/version"
)

func noon() time.Time { return time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC) }

func TestEveryChangeHasAMomentOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ now, want time.Time }{
		"TheClockWentOn":      {noon().Add(time.Hour), noon().Add(time.Hour)},
		"TheClockStands":      {noon(), noon().Add(time.Microsecond)},
		"TheClockWentBack":    {noon().Add(-time.Hour), noon().Add(time.Microsecond)},
		"TheNextMicrosecond":  {noon().Add(time.Microsecond), noon().Add(time.Microsecond)},
		"LessThanTheStorable": {noon().Add(time.Nanosecond), noon().Add(time.Microsecond)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := version.Next(noon(), tt.now)
			if !got.Equal(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if version.Of(got) == version.Of(noon()) {
				t.Errorf("the version %q did not change", version.Of(got))
			}
		})
	}
}

func TestAVersionIsTheSameInEveryZone(t *testing.T) {
	t.Parallel()
	there := noon().In(time.FixedZone("BRT", -3*3600))
	if got, want := version.Of(there), version.Of(noon()); got != want || got == "" {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAChangeIsBoundToVersions(t *testing.T) {
	t.Parallel()
	current, older := version.Of(noon()), version.Of(noon().Add(-time.Minute))
	for name, tt := range map[string]struct {
		match version.Match
		want  bool
	}{
		"Unbound":    {version.Match{}, true},
		"Existing":   {version.Existing(), true},
		"Current":    {version.Exactly(current), true},
		"OneOfTwo":   {version.Exactly(older, current), true},
		"Older":      {version.Exactly(older), false},
		"None":       {version.Exactly(), false},
		"EmptyOne":   {version.Exactly(""), false},
		"Everything": {version.Exactly("*"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.match.Check(noon())
			if (err == nil) != tt.want {
				t.Fatalf("got %v, want a match: %v", err, tt.want)
			}
			if err == nil {
				return
			}
			e, ok := errors.AsType[*errs.Error](err)
			if !ok || e.Kind != errs.Stale || e.Code != "version-mismatch" || e.Version != current {
				t.Errorf("got %+v, want Stale version-mismatch with the version %q", err, current)
			}
		})
	}
}
