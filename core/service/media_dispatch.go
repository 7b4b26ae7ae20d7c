package service

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

const (
	// agentWithin is how long who asks for an agent, or sends it away, waits for LiveKit.
	agentWithin = 3 * time.Second
	// agentRetry is how long after a failure LiveKit is asked again, while there is time.
	agentRetry = 2 * time.Second
	// maxMetadata is the size of the largest metadata with the instructions in it, in bytes: LiveKit hands it from one
	// machine to another.
	maxMetadata = 16 << 10
)

// tendNow is the job of a room's agent, at once. When that fails the job does it.
func (s *Media) tendNow(ctx context.Context, room conference.RoomID) {
	// What was begun is not left halfway because the caller has gone away.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), agentWithin)
	defer cancel()
	if err := s.tendAgent(ctx, room, s.d.Now()); err != nil {
		s.d.Log.WarnContext(ctx, "LiveKit was not told of a room's agent yet, which is tried again", slog.String("room", room.String()), slog.Any("err", err))
	}
}

// doAgent is the job of a room's agent. While an agent is expected there is a job to come: one at the deadline when LiveKit
// was asked, and otherwise one that asks it.
func (s *Media) doAgent(ctx context.Context, j ports.Job) error {
	key, err := roomOf(j)
	if err != nil {
		return err
	}
	now := s.d.Now()
	if j.RunAt.After(now) { // by the clock of whoever keeps the jobs it is time
		now = j.RunAt
	}
	err = s.tendAgent(ctx, key, now)
	if err == nil || ctx.Err() != nil {
		return err
	}
	room, readErr := s.d.Repositories.Rooms.Get(ctx, identity.AllEntities(), key)
	if readErr != nil || !room.Agent.Expected() {
		return errors.Join(err, readErr)
	}
	// Sooner than a failed job is, and not given up before the request is.
	again := now.Add(agentRetry)
	if deadline := room.Agent.Deadline; deadline.After(now) && deadline.Before(again) {
		again = deadline
	}
	if enqueueErr := s.d.Repositories.Jobs.Enqueue(ctx, jobOf(JobAgent, key, again)); enqueueErr != nil {
		return errors.Join(err, enqueueErr)
	}
	s.d.Log.WarnContext(ctx, "a room's agent was not dispatched, which is tried again", slog.String("room", key.String()), slog.Any("err", err))
	return nil
}

// agentReminder is how long after its deadline an agent's job counts as lost.
const agentReminder = time.Minute

// remindOfAgents has those agents tended to whose jobs were lost, such as one that was given up because the store was away.
func (s *Media) remindOfAgents(ctx context.Context, rooms []conference.Room) error {
	now := s.d.Now()
	for _, room := range rooms {
		if room.Agent.Expected() && now.Sub(room.Agent.Deadline) > agentReminder {
			if err := s.d.Repositories.Jobs.Enqueue(ctx, jobOf(JobAgent, room.ID, now)); err != nil {
				return err
			}
		}
	}
	return nil
}

// tendAgent takes the agent of a room one step further, as it is at now: it may be called at any time, and any number of
// times. Whoever asks LiveKit for anything has the room's lock, so that there is one dispatch at a time.
func (s *Media) tendAgent(ctx context.Context, key conference.RoomID, now time.Time) error {
	return s.lockedRoom(ctx, key, func(ctx context.Context) error {
		room, err := s.d.Repositories.Rooms.Get(ctx, identity.AllEntities(), key)
		if err != nil {
			return err
		}
		agent := room.Agent
		switch {
		case room.Status == conference.Closed: // nobody is there any more
			return nil
		case agent.Expected() && !now.Before(agent.Deadline):
			return s.missed(ctx, room)
		case agent.Status == conference.AgentRequested:
			return s.dispatch(ctx, room)
		case agent.IsDismissed():
			return s.server.Withdraw(ctx, room.LiveKitName, agent.Name)
		}
		return nil
	})
}

// dispatch has LiveKit send the agent. An earlier attempt may have come further than is known here: an agent that is there
// is the one, and any other dispatch is taken back.
func (s *Media) dispatch(ctx context.Context, room conference.Room) error {
	// Also a room that LiveKit had: one that it has lost it would make again without its settings.
	made, err := s.server.Open(ctx, room)
	if err != nil {
		return err
	}
	if made.SID != room.LiveKitSID {
		if room, err = s.noted(ctx, room.ID, func(ctx context.Context, t *roomNews) error {
			_, err := t.began(ctx, made)
			return err
		}); err != nil {
			return err
		}
	}
	if room, err = s.compared(ctx, room); err != nil || room.Agent.Status != conference.AgentRequested {
		return err
	}
	agent := room.Agent
	if err := s.server.Withdraw(ctx, room.LiveKitName, agent.Name); err != nil {
		return err
	}
	metadata, err := s.metadata(ctx, room)
	if err != nil {
		return err
	}
	id, err := s.server.Dispatch(ctx, room.LiveKitName, agent.Name, metadata)
	if err != nil {
		return err
	}
	wanted := false
	if _, err = s.noted(ctx, room.ID, func(ctx context.Context, t *roomNews) error {
		deadline := t.now.Add(s.opts.AgentDeadline)
		if wanted = t.room.AgentDispatched(agent.Number, id, deadline, t.now); !wanted || !t.room.Agent.Expected() {
			return nil
		}
		atDeadline := jobOf(JobAgent, room.ID, deadline)
		atDeadline.Key = "livekit-agent-deadline:" + room.ID.String() // what is to be done at once does not wait for it
		return t.r.Jobs.Enqueue(ctx, atDeadline)
	}); err != nil || wanted {
		return err
	}
	return s.server.Withdraw(ctx, room.LiveKitName, agent.Name)
}

// missed is for when an agent was to have joined by now. Whether it has, LiveKit is asked: that it did may not have been
// told. An attempt that LiveKit cannot even be asked about has come to nothing too, so that there is an end to it.
func (s *Media) missed(ctx context.Context, room conference.Room) error {
	agent, reason := room.Agent, conference.AgentReasonDidNotJoin
	if agent.Status == conference.AgentRequested {
		reason = conference.AgentReasonUnreachable
	}
	after, err := s.compared(ctx, room)
	if err == nil {
		if !after.Agent.Expected() || after.Agent.Number != agent.Number {
			return nil
		}
		err = s.server.Withdraw(ctx, room.LiveKitName, agent.Name)
	}
	if err != nil {
		if ctx.Err() != nil { // the service stops, or has lost the lock: another one asks
			return err
		}
		s.d.Log.WarnContext(ctx, "LiveKit could not be asked whether an agent came", slog.String("room", room.ID.String()), slog.Any("err", err))
		reason = conference.AgentReasonUnreachable
	}
	_, err = s.noted(ctx, room.ID, func(ctx context.Context, t *roomNews) error {
		t.room.AgentMissed(agent.Number, reason, s.opts.AgentAttempts, t.now.Add(s.opts.AgentDeadline), t.now)
		if !t.room.Agent.Expected() {
			return nil
		}
		return t.r.Jobs.Enqueue(ctx, jobOf(JobAgent, room.ID, t.now))
	})
	return err
}

// compared returns a room as it is after LiveKit was asked who is there.
func (s *Media) compared(ctx context.Context, room conference.Room) (conference.Room, error) {
	if err := s.reconcileRoom(ctx, room); err != nil {
		return conference.Room{}, err
	}
	return s.d.Repositories.Rooms.Get(ctx, identity.AllEntities(), room.ID)
}

// noted has something noted of a room in a transaction of its own, and returns the room as it is then.
func (s *Media) noted(ctx context.Context, room conference.RoomID, fn func(context.Context, *roomNews) error) (conference.Room, error) {
	now := s.d.Now()
	v, err := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.Room, error) {
		t, err := s.newsOf(ctx, r, room, fromService, now)
		if err != nil {
			return conference.Room{}, err
		}
		if err := fn(ctx, t); err != nil {
			return conference.Room{}, err
		}
		return t.keep(ctx)
	})
	if err == nil {
		s.d.Bus.Publish(ctx, ports.TopicRooms, room.String())
	}
	return v, err
}

// agentMetadata is what an agent is handed with its job, as JSON.
type agentMetadata struct {
	SecretaryURL     string                   `json:"secretary_url"`
	RoomID           conference.RoomID        `json:"room_id"`
	ParticipantID    conference.ParticipantID `json:"participant_id"`
	Identity         string                   `json:"identity"` // under which it is to join the LiveKit room
	EntityID         *clinic.EntityID         `json:"entity_id"`
	DepartmentID     *clinic.DepartmentID     `json:"department_id"`
	Instructions     jsonobj.Object           `json:"instructions,omitempty"` // left out, with the text, when they are large
	InstructionsText string                   `json:"instructions_text,omitempty"`
	Token            string                   `json:"token"` // with which it calls the service
	TokenExpiresAt   time.Time                `json:"token_expires_at"`
}

// metadata returns what the agent of a room is handed. Instructions that do not fit, or cannot be told now, it fetches.
func (s *Media) metadata(ctx context.Context, room conference.Room) (string, error) {
	agent, now := room.Agent, s.d.Now()
	expires := now.Add(s.opts.AgentLifetime)
	token, err := s.tokens.IssueRoomAgent(identity.RoomAgent{Room: room.ID, Participant: agent.ParticipantID, Number: agent.Number}, now, expires)
	if err != nil {
		return "", err
	}
	m := agentMetadata{
		SecretaryURL: s.opts.SecretaryURL, RoomID: room.ID, ParticipantID: agent.ParticipantID, Identity: agent.ParticipantID.LiveKitIdentity(),
		EntityID: nonZero(room.EntityID), DepartmentID: nonZero(room.DepartmentID), Token: token, TokenExpiresAt: expires.UTC(),
	}
	instructions, err := s.instructions(ctx, room.Place())
	if err != nil {
		s.d.Log.WarnContext(ctx, "an agent is dispatched without its instructions", slog.String("room", room.ID.String()), slog.Any("err", err))
	} else {
		m.Instructions, m.InstructionsText = instructions.Merged, instructions.Text
	}
	text, err := json.Marshal(m)
	if err == nil && len(text) > maxMetadata {
		m.Instructions, m.InstructionsText = "", ""
		text, err = json.Marshal(m)
	}
	return string(text), err
}

// nonZero is nil for 0.
func nonZero[T ~int64](v T) *T {
	if v == 0 {
		return nil
	}
	return &v
}
