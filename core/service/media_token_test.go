package service_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
)

func TestJoinToken(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	for kind, role := range map[conference.ParticipantType]string{conference.Client: "client", conference.Professional: "professional"} {
		p := w.participant(room.ID, kind)
		got := must(w.media.JoinToken(t.Context(), w.ana, room.ID, p.ID, 0))(t)
		want := service.JoinToken{
			Token: fmt.Sprintf("join %s as participant-%d (somebody) map[participant_id:%d role:%s room_id:%d] for 10m0s", room.LiveKitName, p.ID, p.ID, role, room.ID),
			URL:   "wss://livekit.example.com", RoomName: room.LiveKitName, Identity: p.ID.LiveKitIdentity(), ExpiresIn: 10 * time.Minute,
		}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", kind, got, want)
		}
	}
}

func TestJoinTokenIsLogged(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	p := w.participant(room.ID, conference.Client)
	must(w.media.JoinToken(t.Context(), w.ana, room.ID, p.ID, time.Minute))(t)
	list := must(w.repos.AuditLog.List(t.Context(), identity.AllEntities(), identity.AuditFilter{Table: "room_participants"}, page.Request{}))(t)
	if len(list.Items) != 1 {
		t.Fatalf("logged %+v, want one entry", list.Items)
	}
	e := list.Items[0]
	if e.Actor != w.ana.String() || e.Action != identity.AuditReading || e.RowID != room.ID.String() || e.EntityID != w.north.ID ||
		e.Detail["participant_id"] != p.ID.String() || e.Detail["join_token"] != "1m0s" {
		t.Errorf("logged %+v, want who was let in, for how long, and by whom", e)
	}
}

func TestLifetimesOfJoinTokens(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	p := w.participant(room.ID, conference.Client)
	for lifetime, good := range map[time.Duration]bool{
		30 * time.Second: true, 6 * time.Hour: true, 30*time.Second - 1: false, 6*time.Hour + 1: false, -time.Minute: false,
	} {
		got, err := w.media.JoinToken(t.Context(), w.ana, room.ID, p.ID, lifetime)
		if good && (err != nil || got.ExpiresIn != lifetime) {
			t.Errorf("for %v: got %v, %v", lifetime, got.ExpiresIn, err)
		}
		if !good {
			wantRefusal(t, err, errs.Invalid, "invalid-input")
		}
	}
}

func TestJoinTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room, closed := w.newRoom(t, w.ana, "visit"), w.newRoom(t, w.ana, "over")
	inside, gone := w.participant(room.ID, conference.Client), w.participant(closed.ID, conference.Client)
	agent, stranger := w.participant(room.ID, conference.Agent), w.newParticipant(t, w.ana, "Rita")
	if err := w.rooms.Delete(t.Context(), w.ana, closed.ID, version.Match{}); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		actor identity.Actor
		room  conference.RoomID
		who   conference.ParticipantID
		kind  errs.Kind
		code  string
	}{
		"a stranger":           {w.ana, room.ID, stranger.ID, errs.NotFound, "room-participant-not-found"},
		"nobody":               {w.ana, room.ID, 9999, errs.NotFound, "room-participant-not-found"},
		"an agent":             {w.ana, room.ID, agent.ID, errs.Invalid, "invalid-input"},
		"a closed room":        {w.ana, closed.ID, gone.ID, errs.Conflict, "room-closed"},
		"no room":              {w.ana, 9999, inside.ID, errs.NotFound, "room-not-found"},
		"another tenant's":     {w.bruno, room.ID, inside.ID, errs.NotFound, "room-not-found"},
		"by the front desk":    {identity.FrontDesk(w.north.ID), room.ID, inside.ID, errs.Forbidden, "users-only"},
		"of another room's":    {w.ana, room.ID, gone.ID, errs.NotFound, "room-participant-not-found"},
		"closed to a stranger": {w.ana, closed.ID, stranger.ID, errs.NotFound, "room-participant-not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := w.media.JoinToken(t.Context(), row.actor, row.room, row.who, 0)
			wantRefusal(t, err, row.kind, row.code)
			if got != (service.JoinToken{}) {
				t.Errorf("got %+v, want nothing", got)
			}
		})
	}
}

func TestWithoutLiveKitThereAreNoJoinTokens(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	room := w.newRoom(t, w.ana, "visit")
	p := w.participant(room.ID, conference.Client)
	w.live.unset = true
	_, err := w.media.JoinToken(t.Context(), w.ana, room.ID, p.ID, 0)
	wantRefusal(t, err, errs.Unavailable, "livekit-unconfigured")
}

func TestJoinTokenWaitsForTheRoomToBeMade(t *testing.T) {
	t.Parallel()
	w := newMediaWorld(t)
	w.live.fail(true)
	room := w.newRoom(t, w.ana, "visit")
	p := w.participant(room.ID, conference.Client)
	_, err := w.media.JoinToken(t.Context(), w.ana, room.ID, p.ID, 0)
	wantRefusal(t, err, errs.Unavailable, "livekit-unavailable")
	w.live.fail(false)
	must(w.media.JoinToken(t.Context(), w.ana, room.ID, p.ID, 0))(t)
	if _, there := w.live.has(room.LiveKitName); !there || w.room(room.ID).LiveKitSID == "" {
		t.Error("LiveKit does not have the room, want it made first")
	}
}
