package memory_test

import (
	"context"
	"testing"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

const manyRows = 100_000

// crowded is a store with many participants of many entities, and as many events in one room.
func crowded(b *testing.B) (s *memory.Store, f *porttest.Fixtures, room conference.RoomID) {
	b.Helper()
	s = memory.New()
	f = porttest.NewFixtures(b, storeOf(s))
	for range 100 {
		entity := f.Entity().ID
		err := s.InTx(b.Context(), func(ctx context.Context, r ports.Repositories) error {
			for range manyRows / 100 {
				if _, err := r.Participants.Create(ctx, f.NewParticipant(entity)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	room = f.Room(0).ID
	for range manyRows / 1000 {
		if _, err := s.Repositories().RoomEvents.Append(b.Context(), f.NewRoomEvents(room, 1000)...); err != nil {
			b.Fatal(err)
		}
	}
	return s, f, room
}

func BenchmarkWith100000Rows(b *testing.B) {
	s, f, room := crowded(b)
	r, all := s.Repositories(), identity.AllEntities()
	run := func(name string, do func(i int) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := do(i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("Get", func(i int) error {
		_, err := r.Participants.Get(b.Context(), all, conference.ParticipantID(1+i%manyRows))
		return err
	})
	run("ListMiddleOfAnEntity", func(int) error {
		_, err := r.Participants.List(b.Context(), identity.OnlyEntity(50), conference.ParticipantFilter{}, page.Request{})
		return err
	})
	run("ListByExternalID", func(int) error {
		_, err := r.Participants.List(b.Context(), all, conference.ParticipantFilter{ExternalID: "patient-500"}, page.Request{})
		return err
	})
	run("ListNewestEvents", func(int) error {
		_, err := r.RoomEvents.List(b.Context(), all, conference.EventFilter{RoomID: room, Newest: true}, page.Request{})
		return err
	})
	run("Create", func(int) error {
		_, err := r.Participants.Create(b.Context(), f.NewParticipant(1))
		return err
	})
	run("Update", func(i int) error {
		_, err := r.Participants.Update(b.Context(), all, conference.ParticipantID(1+i%manyRows), func(v *conference.Participant) error {
			v.Name = "Outra"
			return nil
		})
		return err
	})
	run("AppendEvent", func(int) error {
		_, err := r.RoomEvents.Append(b.Context(), f.NewRoomEvents(room, 1)...)
		return err
	})
	run("Append100Events", func(int) error {
		_, err := r.RoomEvents.Append(b.Context(), f.NewRoomEvents(room, 100)...)
		return err
	})
}
