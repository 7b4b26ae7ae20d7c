package service

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// RequestAgent has an AI agent sent into the room, and returns the room, and whether the request is a new one: while an
// agent is active, or expected, there is no second one. name is that under which agents register, 1 to 100 characters; "" is
// the configured one. What LiveKit has to be asked for is asked before RequestAgent returns, or as soon as it answers again.
//
// Errors: NotFound "room-not-found", Conflict "room-closed", Invalid "invalid-input", Unavailable "livekit-unconfigured".
func (s *Media) RequestAgent(ctx context.Context, actor identity.Actor, room conference.RoomID, name string) (v conference.Room, fresh bool, err error) {
	if err := actor.Require(identity.RoomsWrite); err != nil {
		return conference.Room{}, false, err
	}
	if err := s.server.Available(); err != nil {
		return conference.Room{}, false, err
	}
	var c errs.Check
	name = valid.Text(&c, "agent_name", cmp.Or(strings.TrimSpace(name), s.opts.AgentName), 100)
	if err := c.Err(); err != nil {
		return conference.Room{}, false, err
	}
	now := s.d.Now()
	v, err = inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.Room, error) {
		fresh = false
		if _, err := r.Rooms.Get(ctx, actor.Scope(), room); err != nil {
			return conference.Room{}, err
		}
		t, err := s.newsOf(ctx, r, room, fromService, now)
		if err != nil || t.room.Agent.Active() {
			return t.room, err
		}
		who, err := agentParticipant(ctx, r, t.room, name, now)
		if err != nil {
			return conference.Room{}, err
		}
		if fresh, err = t.room.RequestAgent(who, name, now.Add(s.opts.AgentDeadline), now); err != nil {
			return conference.Room{}, err
		}
		if err := r.Jobs.Enqueue(ctx, jobOf(JobAgent, room, now)); err != nil {
			return conference.Room{}, err
		}
		return t.keep(ctx)
	})
	if err != nil {
		return conference.Room{}, false, err
	}
	if fresh {
		s.d.Bus.Publish(ctx, ports.TopicRooms, room.String())
		s.tendNow(ctx, room)
		if after, err := s.d.Repositories.Rooms.Get(ctx, actor.Scope(), room); err == nil {
			v = after
		}
	}
	return v, fresh, nil
}

// Agent returns the room with what is known of its agent. Errors: NotFound "room-not-found", "agent-not-found" when it was
// never asked for one.
func (s *Media) Agent(ctx context.Context, actor identity.Actor, room conference.RoomID) (conference.Room, error) {
	if err := actor.Require(identity.RoomsRead); err != nil {
		return conference.Room{}, err
	}
	v, err := s.d.Repositories.Rooms.Get(ctx, actor.Scope(), room)
	if err == nil && v.Agent.Status == "" {
		err = errs.Absent("agent")
	}
	if err != nil {
		return conference.Room{}, err
	}
	return v, nil
}

// DismissAgent sends the room's agent away, or takes the request for one back. Without one it does nothing. Errors: NotFound
// "room-not-found", Stale "version-mismatch", Unavailable "livekit-unconfigured".
func (s *Media) DismissAgent(ctx context.Context, actor identity.Actor, room conference.RoomID, match version.Match) error {
	if err := actor.Require(identity.RoomsWrite); err != nil {
		return err
	}
	if err := s.server.Available(); err != nil {
		return err
	}
	now, dismissed := s.d.Now(), false
	err := s.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		if _, err := r.Rooms.Get(ctx, actor.Scope(), room); err != nil {
			return err
		}
		t, err := s.newsOf(ctx, r, room, fromService, now)
		if err != nil {
			return err
		}
		if err := match.Check(t.room.UpdatedAt); err != nil {
			return err
		}
		if dismissed = t.room.AgentDismissed(now); !dismissed {
			return nil
		}
		if err := r.Jobs.Enqueue(ctx, jobOf(JobAgent, room, now)); err != nil {
			return err
		}
		_, err = t.keep(ctx)
		return err
	})
	if err == nil && dismissed {
		s.d.Bus.Publish(ctx, ports.TopicRooms, room.String())
		s.tendNow(ctx, room)
	}
	return err
}

// agentParticipant returns as whom the agent is in the room: the earlier agent, or one who was put there for it, or a new one.
func agentParticipant(ctx context.Context, r ports.Repositories, room conference.Room, name string, now time.Time) (conference.ParticipantID, error) {
	who, err := linkedAgent(ctx, r, room)
	if err != nil || who != 0 {
		return who, err
	}
	p, err := conference.NewParticipant(conference.ParticipantParams{EntityID: room.EntityID, Name: name, Type: conference.Agent}, now)
	if err != nil {
		return 0, err
	}
	link, err := conference.NewRoomParticipant(room, p, "", now) // first of all: a closed room takes nobody
	if err != nil {
		return 0, err
	}
	if p, err = r.Participants.Create(ctx, p); err != nil {
		return 0, err
	}
	link.ParticipantID = p.ID
	if _, err := r.RoomParticipants.Create(ctx, link); err != nil {
		return 0, err
	}
	return p.ID, note(ctx, r, room.ID, now, eventParticipantAdded, map[string]any{"participant_id": p.ID})
}

// linkedAgent returns the agent among those who are in the room, the earlier one if it still is; 0 when there is none.
func linkedAgent(ctx context.Context, r ports.Repositories, room conference.Room) (conference.ParticipantID, error) {
	if earlier := room.Agent.ParticipantID; earlier != 0 {
		_, err := r.RoomParticipants.Get(ctx, identity.AllEntities(), room.ID, earlier)
		if err == nil {
			return earlier, nil
		}
		if errs.KindOf(err) != errs.NotFound {
			return 0, err
		}
	}
	req := page.Request{Limit: page.MaxLimit}
	for {
		links, err := r.RoomParticipants.List(ctx, identity.AllEntities(), room.ID, req)
		if err != nil {
			return 0, err
		}
		for _, link := range links.Items {
			p, err := r.Participants.Get(ctx, identity.AllEntities(), link.ParticipantID)
			if err != nil {
				return 0, err
			}
			if p.Type == conference.Agent {
				return p.ID, nil
			}
		}
		if req.Cursor = links.NextCursor; req.Cursor == "" {
			return 0, nil
		}
	}
}
