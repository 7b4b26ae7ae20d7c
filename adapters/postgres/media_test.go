package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// Who changes a room may take a while, and agents append events to it all the time.
func TestWhoChangesARoomHoldsUpNobodyWhoIsIn(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	room, before := d.Room(0), d.Participant(0).ID
	told := d.NewRoomEvents(room.ID, 2)
	if _, err := d.RoomEvents.Append(t.Context(), told[0]); err != nil { // a month's first event has its partition made
		t.Fatal(err)
	}
	err := d.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		changed, err := r.Rooms.Update(ctx, identity.AllEntities(), room.ID, func(v *conference.Room) error {
			name := v.LiveKitName
			*v = d.NewRoom(0)
			v.ID, v.LiveKitName, v.Agent.ParticipantID = room.ID, name, before
			return nil
		})
		if err != nil {
			return err
		}
		if _, err := d.RoomEvents.Append(t.Context(), told[1]); err != nil {
			t.Errorf("append an event: got error %v", err)
		}
		if _, err := d.Presences.Join(t.Context(), d.NewPresence(room)); err != nil {
			t.Errorf("join: got error %v", err)
		}
		link := d.NewRoomParticipant(room)
		link.ParticipantID = changed.Agent.ParticipantID
		if _, err := d.RoomParticipants.Create(t.Context(), link); err != nil {
			t.Errorf("put the agent into the room: got error %v", err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("the change: got error %v", err)
	}
}

func TestAJoiningAfterTheLeavingFillsInTheRest(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	room := d.Room(0)
	want := d.NewPresence(room)
	left := want
	left.Identity, left.ParticipantID, left.Name, left.Kind = "participant", 0, "", ""
	if _, err := d.Presences.Leave(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	again := want
	again.LeftAt, again.Reason = want.LeftAt.Add(time.Hour), "ROOM_CLOSED" // which a joining does not tell
	if _, err := d.Presences.Join(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	rows, err := d.sql.Query(t.Context(), `SELECT room_id, sid, identity, participant_id, name, kind, joined_at AT TIME ZONE 'UTC' AS joined_at,
		left_at AT TIME ZONE 'UTC' AS left_at, reason FROM room_presences`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[conference.Presence])
	if err != nil || got != want {
		t.Errorf("got %+v, error %v, want %+v", got, err, want)
	}
}
