package conference_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/page"
)

func TestTimelineIsInTheOrderOfTimeKindAndID(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 123456000, time.UTC)
	want := []conference.TimelineEntry{
		{At: noon, Kind: conference.TimelineParticipant, ID: 9},
		{At: noon, Kind: conference.TimelineRoomEvent, ID: 2},
		{At: noon, Kind: conference.TimelineRoomEvent, ID: 10},
		{At: noon, Kind: conference.TimelineUsageStart, ID: 1},
		{At: noon, Kind: conference.TimelineAgentEvent, ID: 1},
		{At: noon, Kind: conference.TimelineUsageEnd, ID: 1},
		{At: noon.Add(time.Microsecond), Kind: conference.TimelineParticipant, ID: 1},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, conference.TimelineEntry.Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, entry := range want {
		back, err := conference.TimelineAt(entry.Position())
		if err != nil || back != entry {
			t.Errorf("the place of %v is read as %v, %v", entry, back, err)
		}
	}
}

func TestPlacesThatNoTimelineHasAreRefused(t *testing.T) {
	t.Parallel()
	for _, p := range []page.Position{
		{}, {ID: "1"}, {Key: "1.0", ID: "x"}, {Key: "1.5", ID: "1"}, {Key: "1.-1", ID: "1"}, {Key: "x.0", ID: "1"}, {Key: "1", ID: "1"},
	} {
		if _, err := conference.TimelineAt(p); errs.CodeOf(err) != "invalid-cursor" {
			t.Errorf("%v: got error %v, want invalid-cursor", p, err)
		}
	}
}
