package service

import (
	"context"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// JoinToken is what somebody joins a LiveKit room with.
type JoinToken struct {
	Token     string
	URL       string        // of LiveKit
	RoomName  string        // the room's name there
	Identity  string        // the participant's there
	ExpiresIn time.Duration // in which one has to join
}

// The lifetimes of a join token.
const (
	defaultJoinLifetime = 10 * time.Minute
	minJoinLifetime     = 30 * time.Second
	maxJoinLifetime     = 6 * time.Hour
)

// JoinToken issues a token for a participant who is in the room, a CLIENT or a PROFESSIONAL, and logs that: whom it lets in,
// and under which name. Others in the room see the participant's role, "client" or "professional", and the ids of participant
// and room. lifetime is 30 seconds to 6 hours; 0 is 10 minutes.
//
// Errors: NotFound "room-not-found", "room-participant-not-found" for a stranger, Conflict "room-closed", Invalid
// "invalid-input", also for an AGENT, who is dispatched; Unavailable "livekit-unconfigured", and "livekit-unavailable" while
// LiveKit does not have the room yet.
func (s *Media) JoinToken(ctx context.Context, actor identity.Actor, room conference.RoomID, who conference.ParticipantID, lifetime time.Duration) (JoinToken, error) {
	if err := actor.Require(identity.RoomsWrite); err != nil {
		return JoinToken{}, err
	}
	if err := s.server.Available(); err != nil {
		return JoinToken{}, err
	}
	orDefault(&lifetime, defaultJoinLifetime)
	if lifetime < minJoinLifetime || lifetime > maxJoinLifetime {
		return JoinToken{}, errs.InvalidField("ttl_seconds", "must be 30 to 21600")
	}
	in, err := s.d.Repositories.Rooms.Get(ctx, actor.Scope(), room)
	if err != nil {
		return JoinToken{}, err
	}
	if _, err := s.d.Repositories.RoomParticipants.Get(ctx, actor.Scope(), room, who); err != nil {
		return JoinToken{}, err
	}
	// The actor can see who is in the room, one of no entity too.
	p, err := s.d.Repositories.Participants.Get(ctx, identity.AllEntities(), who)
	if err != nil {
		return JoinToken{}, err
	}
	if p.Type == conference.Agent {
		return JoinToken{}, errs.InvalidField("participant_id", "must not be an AGENT, which is dispatched: see POST /v1/rooms/{id}/agent")
	}
	if in.Status != conference.Closed && in.LiveKitSID == "" {
		in = s.openNow(ctx, in)
	}
	switch {
	case in.Status == conference.Closed:
		return JoinToken{}, errs.New(errs.Conflict, "room-closed", "the room is closed")
	case in.LiveKitSID == "":
		return JoinToken{}, errs.New(errs.Unavailable, "livekit-unavailable", "LiveKit does not have the room yet: try again")
	}
	out := JoinToken{RoomName: in.LiveKitName, Identity: who.LiveKitIdentity(), ExpiresIn: lifetime}
	out.Token, out.URL, err = s.server.JoinToken(in, ports.JoinTokenParams{
		Identity: out.Identity, Name: p.Name, Lifetime: lifetime,
		Attributes: map[string]string{
			"role": strings.ToLower(string(p.Type)), "participant_id": who.String(), "room_id": room.String(),
		},
	})
	if err == nil {
		err = logRead(ctx, s.d, actor, "room_participants", room.String(), in.EntityID, map[string]string{
			"participant_id": who.String(), "join_token": lifetime.String(),
		})
	}
	if err != nil {
		return JoinToken{}, err
	}
	return out, nil
}
