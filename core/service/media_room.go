package service

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// The events that the service appends to a room because of what happened on LiveKit, beside those that have LiveKit's own
// names. Those of the agent hold {"participant_id", "agent_name", "request"}, and what else there is to say.
const (
	eventLiveKitStarted  = "livekit_room_started" // {"livekit_sid": ...}, once for each LiveKit room
	eventLiveKitLost     = "livekit_room_lost"    // {"livekit_sid": ...}: LiveKit does not have it any more, and gets it again
	eventAgentRequested  = "agent_requested"
	eventAgentDispatched = "agent_dispatched" // attempt, dispatch_id
	eventAgentMissed     = "agent_missed"     // attempt, reason: it is dispatched again
	eventAgentJoined     = "agent_joined"
	eventAgentLeft       = "agent_left"   // reason
	eventAgentFailed     = "agent_failed" // attempt, reason
)

const (
	// openWithin is how long who opened a room waits for LiveKit.
	openWithin = 3 * time.Second
	// longestOpenWait is how long after a failure LiveKit is asked for a room again, at most.
	longestOpenWait = 30 * time.Second
)

// toOpen has the room made on LiveKit after the transaction, if openNow does not.
func (s *Media) toOpen(ctx context.Context, r ports.Repositories, room conference.RoomID, now time.Time) error {
	if !s.configured() {
		return nil
	}
	return r.Jobs.Enqueue(ctx, jobOf(JobOpenRoom, room, now))
}

// openNow tries to have the room made on LiveKit, and returns it as it is then. When that fails the job of toOpen does it.
func (s *Media) openNow(ctx context.Context, room conference.Room) conference.Room {
	if !s.configured() {
		return room
	}
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	opened, err := s.open(ctx, room.ID)
	if err != nil {
		s.d.Log.WarnContext(ctx, "LiveKit has not made a room yet, which is tried again", slog.String("room", room.ID.String()), slog.Any("err", err))
		return room
	}
	return opened
}

// open has the room made on LiveKit, unless it has been or the room is closed, and returns it as it is then.
func (s *Media) open(ctx context.Context, key conference.RoomID) (room conference.Room, err error) {
	err = s.lockedRoom(ctx, key, func(ctx context.Context) error {
		room, err = s.openLocked(ctx, key)
		return err
	})
	return room, err
}

// openLocked is open for who has the lock of the room. The job that closes a room needs the lock too: a room that is
// closed while LiveKit makes it is closed there afterwards.
func (s *Media) openLocked(ctx context.Context, key conference.RoomID) (conference.Room, error) {
	room, err := s.d.Repositories.Rooms.Get(ctx, identity.AllEntities(), key)
	if err != nil || room.Status == conference.Closed || room.LiveKitSID != "" {
		return room, err
	}
	made, err := s.server.Open(ctx, room)
	if err != nil {
		return room, err
	}
	now := s.d.Now()
	room, err = inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.Room, error) {
		t, err := s.newsOf(ctx, r, key, fromService, now)
		if err != nil {
			return conference.Room{}, err
		}
		if _, err := t.began(ctx, made); err != nil {
			return conference.Room{}, err
		}
		return t.keep(ctx)
	})
	if err == nil {
		s.d.Bus.Publish(ctx, ports.TopicRooms, key.String())
	}
	return room, err
}

// doOpen has the room of a job made. While LiveKit is away it is asked again, for as long as the room is open: a job that
// fails would be given up some time.
func (s *Media) doOpen(ctx context.Context, j ports.Job) error {
	key, err := roomOf(j)
	if err != nil {
		return err
	}
	room, err := s.open(ctx, key)
	if errs.CodeOf(err) != "livekit-unavailable" {
		return err
	}
	now := s.d.Now()
	wait := min(max(now.Sub(room.CreatedAt), time.Second), longestOpenWait)
	again := jobOf(JobOpenRoom, key, now.Add(wait))
	again.Key = "livekit-open:" + key.String() // nothing else is to wait for it
	s.d.Log.WarnContext(ctx, "LiveKit has not made a room yet, which is tried again", slog.String("room", key.String()), slog.Any("err", err))
	return s.d.Repositories.Jobs.Enqueue(ctx, again)
}

// doClose ends the LiveKit room of a closed room.
func (s *Media) doClose(ctx context.Context, j ports.Job) error {
	key, err := roomOf(j)
	if err != nil {
		return err
	}
	return s.lockedRoom(ctx, key, func(ctx context.Context) error {
		room, err := s.d.Repositories.Rooms.Get(ctx, identity.AllEntities(), key)
		if err != nil || room.Status != conference.Closed {
			return err
		}
		return s.server.Close(ctx, room.LiveKitName)
	})
}

// roomOf is the room of a job of [jobOf].
func roomOf(j ports.Job) (conference.RoomID, error) {
	v, err := strconv.ParseInt(j.Arg, 10, 64)
	if err != nil || v <= 0 {
		return 0, errs.Newf(errs.Internal, "job-argument", "the argument of a job %s is not a room", j.Kind)
	}
	return conference.RoomID(v), nil
}

// moved appends "room_status_changed" to a room whose status was another before, and what became of its agent, in the
// transaction that changed it; and has a closed one closed on LiveKit.
func (s *Media) moved(ctx context.Context, r ports.Repositories, before, after conference.Room, now time.Time) error {
	if after.Status != before.Status {
		data := map[string]any{"from": before.Status, "to": after.Status}
		if after.Status == conference.Closed {
			data["reason"] = after.ClosedReason
		}
		if err := note(ctx, r, after.ID, now, eventRoomStatusChanged, data); err != nil {
			return err
		}
		if after.Status == conference.Closed && after.ClosedReason != conference.ClosedByLiveKit {
			if err := s.toClose(ctx, r, after.ID, now); err != nil {
				return err
			}
		}
	}
	return noteAgent(ctx, r, before, after, now)
}

// toClose has the room ended on LiveKit after the transaction.
func (s *Media) toClose(ctx context.Context, r ports.Repositories, room conference.RoomID, now time.Time) error {
	if !s.configured() {
		return nil
	}
	return r.Jobs.Enqueue(ctx, jobOf(JobCloseRoom, room, now))
}

// noteAgent appends the events that tell what became of a room's agent between two states of the room.
func noteAgent(ctx context.Context, r ports.Repositories, before, after conference.Room, now time.Time) error {
	was, is := before.Agent, after.Agent
	if was == is {
		return nil
	}
	tell := func(name string, more map[string]any) error {
		data := map[string]any{"participant_id": orNull(is.ParticipantID), "agent_name": is.Name, "request": is.Number}
		maps.Copy(data, more)
		return note(ctx, r, after.ID, now, name, data)
	}
	requested := is.Number != was.Number
	if requested {
		was = conference.RoomAgent{Attempts: is.Attempts}
		if err := tell(eventAgentRequested, nil); err != nil {
			return err
		}
	}
	if is.Attempts != was.Attempts {
		if err := tell(eventAgentMissed, map[string]any{"attempt": was.Attempts, "reason": is.Reason}); err != nil {
			return err
		}
	}
	if is.DispatchID != "" && is.DispatchID != was.DispatchID {
		if err := tell(eventAgentDispatched, map[string]any{"attempt": is.Attempts, "dispatch_id": is.DispatchID}); err != nil {
			return err
		}
	}
	joined := !is.JoinedAt.IsZero() && (!is.JoinedAt.Equal(was.JoinedAt) || is.Status == conference.AgentJoined && was.Status != conference.AgentJoined)
	if joined {
		if err := tell(eventAgentJoined, nil); err != nil {
			return err
		}
	}
	switch {
	case is.Status == conference.AgentLeft && (joined || was.Status != conference.AgentLeft):
		return tell(eventAgentLeft, map[string]any{"reason": is.Reason})
	case is.Status == conference.AgentFailed && was.Status != conference.AgentFailed:
		return tell(eventAgentFailed, map[string]any{"attempt": is.Attempts, "reason": is.Reason})
	}
	return nil
}

// orNull is a participant's id, or null for none.
func orNull(v conference.ParticipantID) any {
	if v == 0 {
		return nil
	}
	return v
}

var errUnchanged = errors.New("nothing is to be changed")

// lockRoom returns a room, which nobody else changes until the transaction ends. It is taken before what is written about
// the room, by everybody: presences, then events.
func lockRoom(ctx context.Context, r ports.Repositories, key conference.RoomID) (room conference.Room, err error) {
	_, err = r.Rooms.Update(ctx, identity.AllEntities(), key, func(v *conference.Room) error {
		room = *v
		return errUnchanged
	})
	if errors.Is(err, errUnchanged) {
		return room, nil
	}
	return conference.Room{}, err
}
