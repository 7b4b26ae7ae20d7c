package porttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// present is who is in a room.
func present(t *testing.T, f *Fixtures, room conference.RoomID) []conference.Presence {
	t.Helper()
	return ok[[]conference.Presence](t, "present")(f.Presences.Present(t.Context(), room))
}

// note has a presence noted, and checks whether that is news.
func note(t *testing.T, what string, fn func(context.Context, conference.Presence) (bool, error), v conference.Presence, news bool) {
	t.Helper()
	if got := ok[bool](t, what)(fn(t.Context(), v)); got != news {
		t.Errorf("%s: got news %v, want %v", what, got, news)
	}
}

// joined is what is to be known of a presence before the leaving.
func joined(v conference.Presence) conference.Presence {
	v.LeftAt, v.Reason = time.Time{}, ""
	return v
}

func testPresences(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	try(t, open, "WhoHasJoinedIsPresentUntilTheLeaving", func(t *testing.T, f *Fixtures) {
		v := f.NewPresence(f.Room(f.Entity().ID))
		wantSame(t, "who is in an empty room", present(t, f, v.RoomID), nil)
		note(t, "join", f.Presences.Join, v, true) // which knows of no leaving, whatever it is told
		wantSame(t, "after the joining", present(t, f, v.RoomID), []conference.Presence{joined(v)})
		note(t, "leave", f.Presences.Leave, v, true)
		wantSame(t, "after the leaving", present(t, f, v.RoomID), nil)
		note(t, "join again", f.Presences.Join, v, false)
		note(t, "leave again", f.Presences.Leave, v, false)
		wantSame(t, "after all was told again", present(t, f, v.RoomID), nil)
	})
	try(t, open, "WhoHasLeftBeforeJoiningIsNotPresent", func(t *testing.T, f *Fixtures) {
		v := f.NewPresence(f.Room(0))
		note(t, "leave", f.Presences.Leave, v, true)
		note(t, "leave again", f.Presences.Leave, v, false)
		note(t, "join", f.Presences.Join, v, true)
		wantSame(t, "who is present", present(t, f, v.RoomID), nil)
		note(t, "join again", f.Presences.Join, v, false)
		note(t, "leave once more", f.Presences.Leave, v, false)
	})
	try(t, open, "WhatIsNoNewsChangesNothing", func(t *testing.T, f *Fixtures) {
		v := f.NewPresence(f.Room(0))
		other := v
		other.Identity, other.ParticipantID, other.Name, other.Kind = "stranger", 0, "Outra", conference.KindStandard
		other.JoinedAt, other.LeftAt, other.Reason = v.JoinedAt.Add(time.Hour), v.LeftAt.Add(time.Hour), "ROOM_CLOSED"
		note(t, "join", f.Presences.Join, v, true)
		note(t, "join otherwise", f.Presences.Join, other, false)
		wantSame(t, "who is present", present(t, f, v.RoomID), []conference.Presence{joined(v)})
	})
	try(t, open, "TheSameSIDInAnotherRoomIsAnotherPresence", func(t *testing.T, f *Fixtures) {
		v := f.NewPresence(f.Room(0))
		other := v
		other.RoomID = f.Room(0).ID
		note(t, "join", f.Presences.Join, v, true)
		note(t, "join the other room", f.Presences.Join, other, true)
		note(t, "leave the other room", f.Presences.Leave, other, true)
		wantSame(t, "who is present", present(t, f, v.RoomID), []conference.Presence{joined(v)})
		wantSame(t, "who is present in the other room", present(t, f, other.RoomID), nil)
	})
	try(t, open, "WhatIsNotKnownNeedNotBe", func(t *testing.T, f *Fixtures) {
		v := f.NewPresence(f.Room(0))
		v.ParticipantID, v.Identity, v.Name, v.Kind, v.Reason = 0, "", "", "", ""
		note(t, "join", f.Presences.Join, v, true)
		wantSame(t, "who is present", present(t, f, v.RoomID), []conference.Presence{joined(v)})
		note(t, "leave", f.Presences.Leave, v, true)
	})
	try(t, open, "TimesAreKeptInUTCToTheMicrosecond", func(t *testing.T, f *Fixtures) {
		v := f.NewPresence(f.Room(0))
		v.JoinedAt = time.Date(2026, time.March, 9, 9, 30, 0, 123456789, time.FixedZone("-03", -3*60*60))
		note(t, "join", f.Presences.Join, v, true)
		if got, want := present(t, f, v.RoomID)[0].JoinedAt, v.JoinedAt.UTC().Truncate(time.Microsecond); got != want { // the location counts
			t.Errorf("got %v, want %v", got, want)
		}
	})
	try(t, open, "UnknownRoomsAndParticipantsAreInvalid", func(t *testing.T, f *Fixtures) {
		for what, point := range map[string]func(*conference.Presence){
			"room":        func(v *conference.Presence) { v.RoomID = nowhere },
			"participant": func(v *conference.Presence) { v.ParticipantID = nowhere },
		} {
			v := f.NewPresence(f.Room(0))
			point(&v)
			_, err := f.Presences.Join(t.Context(), v)
			wantError(t, "Join, unknown "+what, err, errs.Invalid, "unknown-reference")
			_, err = f.Presences.Leave(t.Context(), v)
			wantError(t, "Leave, unknown "+what, err, errs.Invalid, "unknown-reference")
			wantSame(t, "who is present", present(t, f, v.RoomID), nil)
		}
	})
	try(t, open, "WithoutATimeNothingIsNoted", func(t *testing.T, f *Fixtures) {
		v := f.NewPresence(f.Room(0))
		v.JoinedAt, v.LeftAt = time.Time{}, time.Time{}
		if _, err := f.Presences.Join(t.Context(), v); err == nil {
			t.Error("Join: got no error")
		}
		if _, err := f.Presences.Leave(t.Context(), v); err == nil {
			t.Error("Leave: got no error")
		}
		wantSame(t, "who is present", present(t, f, v.RoomID), nil)
	})
	try(t, open, "PresentIsSortedAndHasAnEnd", testPresentIsSorted)
	try(t, open, "OneOfManyBringsTheNews", testNewsIsToldOnce)
	try(t, open, "ATransactionThatNotesIsWaitedFor", testPresenceIsWaitedFor)
	try(t, open, "LingeringFindsClosedRoomsWithSomebodyInThem", testLingering)
	try(t, open, "CancelledContextStops", func(t *testing.T, f *Fixtures) {
		v, ctx := f.NewPresence(f.Room(0)), cancelled(t)
		_, err := f.Presences.Join(ctx, v)
		wantCancelled(t, "Join", err)
		_, err = f.Presences.Leave(ctx, v)
		wantCancelled(t, "Leave", err)
		_, err = f.Presences.Present(ctx, v.RoomID)
		wantCancelled(t, "Present", err)
		_, err = f.Presences.Lingering(ctx, f.Now(), 1)
		wantCancelled(t, "Lingering", err)
		note(t, "join", f.Presences.Join, v, true)
	})
}

func testPresentIsSorted(t *testing.T, f *Fixtures) {
	room := f.Room(0)
	var sids []string
	for _, sid := range []string{"PA_b", "PA_B", "PA_a", "PA-a", "PA_Z", "pa_a", "PA_á"} { // in the order of bytes, not of a language
		v := f.NewPresence(room)
		v.SID = sid
		sids = append(sids, sid)
		note(t, "join "+sid, f.Presences.Join, v, true)
	}
	slices.Sort(sids)
	got := func() (got []string) {
		for _, v := range present(t, f, room.ID) {
			got = append(got, v.SID)
		}
		return got
	}
	if diff := cmp.Diff(sids, got()); diff != "" {
		t.Errorf("the SIDs: -want +got\n%s", diff)
	}
	okay(t, "fill", f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		for n := range 1000 {
			v := f.NewPresence(room)
			v.SID = fmt.Sprintf("PA_c%04d", n)
			if _, err := r.Presences.Join(ctx, v); err != nil {
				return err
			}
		}
		return nil
	}))
	if some := got(); len(some) != 1000 || !slices.IsSorted(some) || some[999] != "PA_c0994" {
		t.Errorf("got %d presences, the last is %q, want the first 1000", len(some), some[len(some)-1])
	}
}

// testNewsIsToldOnce has many tell of the same joining and of the same leaving at once.
func testNewsIsToldOnce(t *testing.T, f *Fixtures) {
	v := f.NewPresence(f.Room(0))
	var all sync.WaitGroup
	news := make([]bool, 2*racers)
	for i := range news {
		all.Go(func() {
			err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
				if i < racers {
					news[i], err = r.Presences.Join(ctx, v)
				} else {
					news[i], err = r.Presences.Leave(ctx, v)
				}
				return err
			})
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
		})
	}
	all.Wait()
	for what, got := range map[string][]bool{"joining": news[:racers], "leaving": news[racers:]} {
		if count := len(slices.DeleteFunc(slices.Clone(got), func(is bool) bool { return !is })); count != 1 {
			t.Errorf("the %s was news to %d, want 1", what, count)
		}
	}
	wantSame(t, "who is present", present(t, f, v.RoomID), nil)
}

// testPresenceIsWaitedFor tells of a joining while a transaction that noted the same one is open.
func testPresenceIsWaitedFor(t *testing.T, f *Fixtures) {
	boom := errors.New("boom")
	for _, end := range []error{nil, boom} {
		v := f.NewPresence(f.Room(0))
		news := waitsFor(t, f, end, func(ctx context.Context, r ports.Repositories) error {
			if first, err := r.Presences.Join(ctx, v); err != nil || !first {
				t.Errorf("the first: got news %v, error %v", first, err)
			}
			return nil
		}, func(ctx context.Context, r ports.Repositories) (bool, error) { return r.Presences.Join(ctx, v) })
		if news != (end != nil) {
			t.Errorf("after the first transaction ended with %v: got news %v", end, news)
		}
		wantSame(t, "who is present", present(t, f, v.RoomID), []conference.Presence{joined(v)})
	}
}

// waitsFor does first in a transaction, which then ends with an error or not, and, before it has ended, second in another
// one, which has to wait for it. It returns what second did.
func waitsFor(t *testing.T, f *Fixtures, end error, first func(context.Context, ports.Repositories) error, second func(context.Context, ports.Repositories) (bool, error)) bool {
	t.Helper()
	done := make(chan bool, 1)
	err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		if err := first(ctx, r); err != nil {
			return err
		}
		go func() {
			var got bool
			err := f.tx.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
				got, err = second(ctx, r)
				return err
			})
			if err != nil {
				t.Errorf("the second: %v", err)
			}
			done <- got
		}()
		select {
		case got := <-done:
			t.Error("the second did not wait")
			done <- got
		case <-time.After(50 * time.Millisecond): // one that does not wait has the time to show it
		}
		return end
	})
	if !errors.Is(err, end) {
		t.Fatalf("the first transaction: got error %v, want %v", err, end)
	}
	return <-done
}

func testLingering(t *testing.T, f *Fixtures) {
	closed := func(at time.Time) conference.Room {
		v := f.NewRoom(0)
		v.ClosedAt = at
		return store(f, f.Rooms.Create, v)
	}
	stay := func(room conference.Room, left bool) conference.Presence {
		v := f.NewPresence(room)
		note(t, "join", f.Presences.Join, v, true)
		if left {
			note(t, "leave", f.Presences.Leave, v, true)
		}
		return v
	}
	before := f.Now().Add(time.Microsecond)
	goesOn, later, left, empty := closed(time.Time{}), closed(before), closed(f.Now()), closed(f.Now())
	stay(goesOn, false)
	stay(later, false)
	stay(left, true)
	_ = empty
	some := []conference.Room{closed(f.Now()), closed(f.Now().Add(-time.Hour)), closed(f.Now())}
	var last conference.Presence
	for _, room := range []conference.Room{some[2], some[0], some[1]} {
		stay(room, true)
		stay(room, false)
		last = stay(room, false)
	}
	want := []conference.RoomID{some[0].ID, some[1].ID, some[2].ID}
	lingering := func(what string, before time.Time, limit int, want []conference.RoomID) {
		t.Helper()
		got := ok[[]conference.RoomID](t, "lingering")(f.Presences.Lingering(t.Context(), before, limit))
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got rooms %v, want %v", what, got, want)
		}
	}
	lingering("all", before, 10, want)
	two := ok[[]conference.RoomID](t, "lingering")(f.Presences.Lingering(t.Context(), before, 2))
	if slices.Sort(two); len(slices.Compact(two)) != 2 || !slices.Contains(want, two[0]) || !slices.Contains(want, two[1]) {
		t.Errorf("up to 2: got rooms %v, want two of %v", two, want)
	}
	lingering("before the others were closed", f.Now(), 10, want[1:2])
	lingering("none", f.Now().Add(-time.Hour), 10, nil)
	note(t, "leave", f.Presences.Leave, last, true)
	lingering("one is in there still", before, 10, want)
	for _, v := range present(t, f, some[1].ID) {
		v.LeftAt = f.Now()
		note(t, "leave", f.Presences.Leave, v, true)
	}
	lingering("after everybody has left a room", before, 10, []conference.RoomID{want[0], want[2]})
}

func testWebhookReceipts(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	take := func(t *testing.T, f *Fixtures, source, id string, at, first time.Time, fresh bool) {
		t.Helper()
		got, isFresh, err := f.WebhookReceipts.Take(t.Context(), source, id, at)
		okay(t, "take", err)
		if got != first || isFresh != fresh { // the location counts
			t.Errorf("%s %s: got first %v, fresh %v, want %v, %v", source, id, got, isFresh, first, fresh)
		}
	}
	try(t, open, "WhatIsTakenAgainWasTakenBefore", func(t *testing.T, f *Fixtures) {
		first := f.Now()
		take(t, f, "livekit", "EV_1", first, first, true)
		take(t, f, "livekit", "EV_1", first.Add(time.Hour), first, false)
		take(t, f, "livekit", "EV_1", first.Add(-time.Hour), first, false)
		take(t, f, "livekit", "ev_1", first.Add(time.Hour), first.Add(time.Hour), true)
		take(t, f, "evolution", "EV_1", first.Add(time.Hour), first.Add(time.Hour), true)
		long := strings.Repeat("x", 254)
		take(t, f, "livekit", long, first, first, true)
		take(t, f, "livekit", long, first, first, false)
	})
	try(t, open, "TimesAreKeptInUTCToTheMicrosecond", func(t *testing.T, f *Fixtures) {
		at := time.Date(2026, time.March, 9, 9, 30, 0, 123456789, time.FixedZone("-03", -3*60*60))
		kept := at.UTC().Truncate(time.Microsecond)
		take(t, f, "livekit", "EV_1", at, kept, true)
		take(t, f, "livekit", "EV_1", at.Add(time.Hour), kept, false)
	})
	try(t, open, "OneOfManyTakesAFreshOne", func(t *testing.T, f *Fixtures) {
		taken := errs.New(errs.Conflict, "taken", "taken")
		race(t, "taken", func(int) error {
			_, fresh, err := f.WebhookReceipts.Take(t.Context(), "livekit", "EV_1", f.Now())
			if err == nil && !fresh {
				return taken
			}
			return err
		})
	})
	try(t, open, "ATransactionThatTakesIsWaitedFor", func(t *testing.T, f *Fixtures) {
		boom := errors.New("boom")
		for n, end := range []error{nil, boom} {
			id, now := fmt.Sprintf("EV_%d", n), f.Now()
			var first time.Time
			fresh := waitsFor(t, f, end, func(ctx context.Context, r ports.Repositories) error {
				_, _, err := r.WebhookReceipts.Take(ctx, "livekit", id, now)
				return err
			}, func(ctx context.Context, r ports.Repositories) (is bool, err error) {
				first, is, err = r.WebhookReceipts.Take(ctx, "livekit", id, now.Add(time.Second))
				return is, err
			})
			if fresh != (end != nil) || fresh != first.Equal(now.Add(time.Second)) {
				t.Errorf("after the first transaction ended with %v: got fresh %v, first %v", end, fresh, first)
			}
		}
	})
	try(t, open, "OnlyWhatIsOlderIsDeleted", func(t *testing.T, f *Fixtures) {
		for i, at := range []time.Time{f.Now().Add(-time.Hour), f.Now().Add(-time.Microsecond), f.Now(), f.Now().Add(time.Microsecond)} {
			take(t, f, "livekit", fmt.Sprintf("EV_%d", i), at, at, true)
		}
		for _, want := range []int{2, 0} {
			if got := ok[int](t, "delete")(f.WebhookReceipts.DeleteBefore(t.Context(), f.Now())); got != want {
				t.Errorf("got %d deleted, want %d", got, want)
			}
		}
		later := f.Now().Add(time.Hour)
		take(t, f, "livekit", "EV_1", later, later, true)
		take(t, f, "livekit", "EV_2", later, f.Now(), false)
	})
	try(t, open, "CancelledContextStops", func(t *testing.T, f *Fixtures) {
		ctx := cancelled(t)
		_, fresh, err := f.WebhookReceipts.Take(ctx, "livekit", "EV_1", f.Now())
		wantCancelled(t, "Take", err)
		if fresh {
			t.Error("Take with a cancelled context: got fresh")
		}
		_, err = f.WebhookReceipts.DeleteBefore(ctx, f.Now())
		wantCancelled(t, "DeleteBefore", err)
		take(t, f, "livekit", "EV_1", f.Now(), f.Now(), true)
	})
}
