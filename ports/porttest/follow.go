package porttest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// follow is After in the scope of all.
func (e events[T]) follow(t *testing.T, f *Fixtures, room conference.RoomID, after conference.RoomEventID, limit int) []conference.RoomEvent {
	t.Helper()
	return e.views(ok[[]T](t, "after")(e.after(t.Context(), f, identity.AllEntities(), room, after, limit)))
}

func (e events[T]) testAfter(t *testing.T, f *Fixtures) {
	room, other := f.Room(0).ID, f.Room(0).ID
	var all []conference.RoomEvent
	for range 3 { // so that the rooms' events lie between one another
		all = append(all, e.fill(f, room, 2)...)
		e.fill(f, other, 2)
	}
	wantSame(t, "from the beginning", e.follow(t, f, room, 0, 10), all)
	wantSame(t, "after the second", e.follow(t, f, room, all[1].ID, 10), all[2:])
	wantSame(t, "up to the limit", e.follow(t, f, room, all[1].ID, 3), all[2:5])
	wantSame(t, "after an id of another room", e.follow(t, f, room, all[1].ID+1, 10), all[2:])
	wantSame(t, "after the last", e.follow(t, f, room, all[5].ID, 10), nil)
	wantSame(t, "after an id that is not there yet", e.follow(t, f, room, all[5].ID+1_000_000, 10), nil)
	wantSame(t, "none", e.follow(t, f, room, 0, 0), nil)
	wantSame(t, "less than none", e.follow(t, f, room, 0, -1), nil)
	wantSame(t, "a room that is not there", e.follow(t, f, nowhere, 0, 10), nil)
	many := f.NewRoomEvents(room, ports.MaxAfter)
	for i := range many {
		many[i].Data = "{}"
	}
	all = append(all, ok[[]conference.RoomEvent](t, "append")(e.append(f, many...))...)
	if got := e.follow(t, f, room, 0, ports.MaxAfter+1); len(got) != ports.MaxAfter || got[len(got)-1].ID != all[ports.MaxAfter-1].ID {
		t.Errorf("a limit over the largest: got %d events, want the first %d", len(got), ports.MaxAfter)
	}
}

func (e events[T]) testAfterScope(t *testing.T, f *Fixtures) {
	a, b := f.Entity().ID, f.Entity().ID
	room := f.Room(a).ID
	want := e.fill(f, room, 2)
	for what, c := range map[string]struct {
		scope identity.Scope
		want  []conference.RoomEvent
	}{
		"its entity":      {identity.OnlyEntity(a), want},
		"all":             {identity.AllEntities(), want},
		"another entity":  {identity.OnlyEntity(b), nil},
		"the empty scope": {identity.Scope{}, nil},
	} {
		got := ok[[]T](t, what)(e.after(t.Context(), f, c.scope, room, 0, 10))
		wantSame(t, what, e.views(got), c.want)
	}
}

// testFollow has many append to one room, some of them in transactions that stay open for a while, or are given up, and
// somebody follow it by id. An event that becomes visible after one with a larger id would be missed.
func (e events[T]) testFollow(t *testing.T, f *Fixtures) {
	const appenders, times = 8, 15
	room, other := f.Room(0).ID, f.Room(0).ID
	ctx, events, elsewhere := t.Context(), f.NewRoomEvents(room, 2), f.NewRoomEvents(other, 1)
	errGivenUp := errors.New("given up")
	var appending sync.WaitGroup
	for i := range appenders {
		appending.Go(func() {
			for n := range times {
				batch := events[:1+n%2]
				if i%2 == 0 {
					if _, err := e.append(f, batch...); err != nil {
						t.Errorf("append: %v", err)
					}
					continue
				}
				err := f.tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
					in := &Fixtures{Repositories: r}
					if _, err := e.appendIn(ctx, in, batch...); err != nil {
						return err
					}
					time.Sleep(time.Duration(rand.IntN(4)) * time.Millisecond)
					_, err := e.appendIn(ctx, in, elsewhere...)
					if err == nil && n%5 == 4 {
						return errGivenUp
					}
					return err
				})
				if err != nil && !errors.Is(err, errGivenUp) {
					t.Errorf("a transaction: %v", err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() {
		appending.Wait()
		close(done)
	}()
	var got []conference.RoomEvent
	var last conference.RoomEventID
	for ended := false; ; {
		next := e.follow(t, f, room, last, 7)
		for _, v := range next {
			if v.ID <= last {
				t.Fatalf("the id %d comes after %d", v.ID, last)
			}
			last = v.ID
		}
		got = append(got, next...)
		if len(next) > 0 {
			continue
		}
		if ended {
			break
		}
		select {
		case <-done:
			ended = true
		default:
		}
	}
	want := e.list(t, f, identity.AllEntities(), conference.EventFilter{RoomID: room})
	if len(want) == 0 || len(want) > 200 {
		t.Fatalf("the room has %d events, want some, on one page", len(want))
	}
	wantSame(t, "what the follower saw", got, want)
}

// testManyRooms has batches and transactions that append to several rooms at once, in any order.
func (e events[T]) testManyRooms(t *testing.T, f *Fixtures) {
	const appenders, times = 6, 10
	rooms := []conference.RoomID{f.Room(0).ID, f.Room(0).ID, f.Room(0).ID}
	var appending sync.WaitGroup
	var each [][]conference.RoomEvent
	for _, room := range rooms {
		each = append(each, f.NewRoomEvents(room, 2))
	}
	for range appenders {
		appending.Go(func() {
			for range times {
				var batch []conference.RoomEvent
				for _, i := range rand.Perm(len(rooms)) {
					batch = append(batch, each[i]...)
				}
				if _, err := e.append(f, batch...); err != nil {
					t.Errorf("append: %v", err)
				}
			}
		})
	}
	appending.Wait()
	for _, room := range rooms {
		if got := len(e.follow(t, f, room, 0, 1000)); got != 2*appenders*times {
			t.Errorf("room %v has %d events, want %d", room, got, 2*appenders*times)
		}
	}
}
