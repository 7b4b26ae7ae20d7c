package porttest

import (
	"cmp"
	"slices"
	"testing"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/ports"
)

// FollowedCalendar is a calendar whose changes are told.
type FollowedCalendar struct {
	ports.Calendar
	ports.CalendarChanges
	CalendarHands

	Expire func() // makes every token too old
}

// followed is a calendar with the token from which on its changes are not known.
type followed struct {
	FollowedCalendar
	diary

	token string
}

// RunCalendarChanges runs the contract of following what changes. open returns a calendar that serves any calendar id and
// holds no event.
func RunCalendarChanges(t *testing.T, open func(t *testing.T) FollowedCalendar) {
	t.Helper()
	tenant := id.New[agenda.Clinic]()
	name := func(calendar string) agenda.Calendar {
		return agenda.Calendar{TenantID: tenant, ProfessionalID: id.New[agenda.ClinicProfessional](), ID: calendar}
	}
	for _, part := range []struct {
		name string
		test func(*testing.T, *followed)
	}{
		{"NothingOfThePastIsTold", testChangesBegin},
		{"WhatWeDoIsTold", testChangesOurs},
		{"WhatIsDoneByHandIsTold", testChangesByHand},
		{"AnotherCalendarsChangesAreNot", testChangesApart},
		{"AnOldTokenIsRefused", testChangesExpired},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			part.test(t, &followed{FollowedCalendar: c, diary: diary{c.Calendar, name("maria@example.com"), name("joao@example.com")}})
		})
	}
}

// begin follows from now on.
func (f *followed) begin(t *testing.T) {
	t.Helper()
	changes, next, err := f.Changes(t.Context(), f.mine, "")
	if err != nil || len(changes) != 0 || next == "" {
		t.Fatalf("beginning to follow: got %v and the token %q, error %v, want a token alone", changes, next, err)
	}
	f.token = next
}

// want checks what was changed since it was last asked. Of what was removed only the ids count.
func (f *followed) want(t *testing.T, want ...agenda.EventChange) {
	t.Helper()
	got, next, err := f.Changes(t.Context(), f.mine, f.token)
	if err != nil || next == "" {
		t.Fatalf("following: got the token %q, error %v, want a token", next, err)
	}
	f.token = next
	byID := func(a, b agenda.EventChange) int { return cmp.Compare(a.ID, b.ID) }
	bare := func(changes []agenda.EventChange) []agenda.EventChange {
		out := []agenda.EventChange{}
		for _, c := range changes {
			if c.Removed {
				c.Event = agenda.Event{ID: c.ID, CalendarID: c.CalendarID}
			}
			out = append(out, c)
		}
		slices.SortFunc(out, byID)
		return out
	}
	wantSame(t, "the changes", bare(got), bare(want))
}

func made(e agenda.Event) agenda.EventChange    { return agenda.EventChange{Event: e} }
func removed(e agenda.Event) agenda.EventChange { return agenda.EventChange{Event: e, Removed: true} }

func testChangesBegin(t *testing.T, f *followed) {
	f.put(t, f.mine, 0)
	f.begin(t)
	f.want(t)
	later := f.put(t, f.mine, 60)
	f.want(t, made(later))
	f.want(t)
}

func testChangesOurs(t *testing.T, f *followed) {
	moved, gone := f.put(t, f.mine, 0), f.put(t, f.mine, 60)
	f.begin(t)
	moved.Start, moved.End = f.at(120), f.at(150)
	okay(t, "put elsewhere", f.FollowedCalendar.Put(t.Context(), f.mine, moved))
	okay(t, "delete", f.FollowedCalendar.Delete(t.Context(), f.mine, gone.ID))
	fresh := f.put(t, f.mine, 180)
	fleeting := f.put(t, f.mine, 240)
	okay(t, "delete", f.FollowedCalendar.Delete(t.Context(), f.mine, fleeting.ID))
	f.want(t, made(moved), removed(gone), made(fresh), removed(fleeting))
	okay(t, "put after it was deleted", f.FollowedCalendar.Put(t.Context(), f.mine, gone))
	f.want(t, made(gone))
}

func testChangesByHand(t *testing.T, f *followed) {
	moved, gone := f.put(t, f.mine, 0), f.put(t, f.mine, 60)
	f.begin(t)
	moved.Start, moved.End = f.at(-120), f.at(-60)
	f.MoveByHand(f.mine, moved.ID, agenda.Interval{Start: moved.Start, End: moved.End})
	f.RemoveByHand(f.mine, gone.ID)
	foreign := agenda.Event{CalendarID: f.mine.ID, Summary: "congresso", Start: f.at(300), End: f.at(360)}
	foreign.ID = f.Plant(f.mine, foreign)
	free := agenda.Event{CalendarID: f.mine.ID, Summary: "lembrete", Start: f.at(300), End: f.at(360), Free: true}
	free.ID = f.Plant(f.mine, free)
	f.want(t, made(moved), removed(gone), made(foreign), made(free))
	f.RemoveByHand(f.mine, foreign.ID)
	f.want(t, removed(foreign))
}

func testChangesApart(t *testing.T, f *followed) {
	f.begin(t)
	f.put(t, f.theirs, 0)
	stranger := agenda.Calendar{TenantID: id.New[agenda.Clinic](), ProfessionalID: f.mine.ProfessionalID, ID: f.mine.ID}
	f.put(t, stranger, 0)
	f.want(t)
}

func testChangesExpired(t *testing.T, f *followed) {
	f.begin(t)
	f.put(t, f.mine, 0)
	f.Expire()
	for _, token := range []string{f.token, "nonsense"} {
		_, next, err := f.Changes(t.Context(), f.mine, token)
		wantError(t, "an old token", err, errs.Conflict, "sync-token-expired")
		if next != "" {
			t.Errorf("an old token leads to the token %q, want none", next)
		}
	}
	f.begin(t)
	later := f.put(t, f.mine, 60)
	f.want(t, made(later))
}
