package googlecalendar_test

import (
	"testing"

	"github.com/secretary-api/secretary/adapters/googlecalendar"
	"github.com/secretary-api/secretary/adapters/googlecalendar/googletest"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

type handled struct {
	*googlecalendar.Client
	people
}

func open(t *testing.T) handled {
	t.Helper()
	s := googletest.Start(t, googletest.AnyCalendar())
	return handled{clientOf(t, s.URL, newVault(s)), people{s}}
}

func TestCalendarContract(t *testing.T) {
	t.Parallel()
	porttest.RunCalendar(t, func(t *testing.T) ports.Calendar { t.Helper(); return open(t) })
}

// Pages of two events, and answers that get lost: nobody may notice.
func TestCalendarContractOnABadDay(t *testing.T) {
	t.Parallel()
	porttest.RunCalendar(t, func(t *testing.T) ports.Calendar {
		t.Helper()
		h := open(t)
		h.server.PageSize(2)
		h.server.Seed(7)
		h.server.Inject(googletest.Fault{Rate: 0.15, Drop: true})
		h.server.Inject(googletest.Fault{Rate: 0.15, Status: 503})
		return handled{clientOf(t, h.server.URL, newVault(h.server), func(o *googlecalendar.Options) { o.Tries = 12 }), h.people}
	})
}

func TestCalendarChangesContract(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]int{"OnePage": 0, "PagesOfOne": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			porttest.RunCalendarChanges(t, func(t *testing.T) porttest.FollowedCalendar {
				t.Helper()
				h := open(t)
				h.server.PageSize(page)
				return porttest.FollowedCalendar{
					Calendar: h.Client, CalendarChanges: h.Client, CalendarHands: h.people, Expire: h.server.ExpireSyncTokens,
				}
			})
		})
	}
}
