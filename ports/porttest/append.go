package porttest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
)

// testCrowd has many append a few events to some rooms at once, some of them to a room that is not there, and some who go
// away meanwhile. Whatever a store does together, each gets what is theirs, and nobody is told of what another one did.
func (e events[T]) testCrowd(t *testing.T, f *Fixtures) {
	const appenders, times = 64, 6
	var rooms []conference.RoomID
	for range 8 {
		rooms = append(rooms, f.Room(0).ID)
	}
	var mu sync.Mutex
	acknowledged := map[conference.RoomID][]conference.RoomEvent{}
	var appending sync.WaitGroup
	for i := range appenders {
		room := rooms[i%len(rooms)]
		each := f.NewRoomEvents(room, 1+i%3)
		lost := f.NewRoomEvents(nowhere, 1)
		appending.Go(func() {
			for n := range times {
				switch (i + n) % 8 {
				case 6:
					_, err := e.append(f, lost...)
					wantError(t, "an unknown room", err, errs.Invalid, "unknown-reference")
					continue
				case 7: // what becomes of it is not known, unless it was stored in time
					ctx, cancel := context.WithCancel(f.ctx())
					go cancel()
					got, err := e.appendIn(ctx, f, each...)
					if err != nil && !errors.Is(err, context.Canceled) {
						t.Errorf("append, and go away: %v", err)
					}
					mu.Lock()
					acknowledged[room] = append(acknowledged[room], got...)
					mu.Unlock()
					continue
				}
				got, err := e.append(f, each...)
				if err != nil || len(got) != len(each) {
					t.Errorf("append: got %d events of %d and error %v", len(got), len(each), err)
					continue
				}
				for k, v := range got {
					if want := each[k]; v.Name != want.Name || v.Data != want.Data || k > 0 && v.ID <= got[k-1].ID {
						t.Errorf("event %d came back as %+v, want %+v", k, v, want)
					}
				}
				mu.Lock()
				acknowledged[room] = append(acknowledged[room], got...)
				mu.Unlock()
			}
		})
	}
	appending.Wait()
	for _, room := range rooms {
		stored := map[conference.RoomEventID]conference.RoomEvent{}
		for _, v := range e.follow(t, f, room, 0, 1000) {
			stored[v.ID] = v
		}
		seen := map[conference.RoomEventID]bool{}
		for _, v := range acknowledged[room] {
			if got, there := stored[v.ID]; !there || seen[v.ID] || got != v {
				t.Errorf("the event %+v is stored as %+v, or was given to two", v, got)
			}
			seen[v.ID] = true
		}
		if list := e.list(t, f, identity.AllEntities(), conference.EventFilter{RoomID: room}); !slices.IsSortedFunc(list, func(a, b conference.RoomEvent) int { return int(a.ID - b.ID) }) {
			t.Errorf("the ids of room %v do not rise", room)
		}
	}
}
