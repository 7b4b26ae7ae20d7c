package livekit

import (
	"context"

	"github.com/livekit/protocol/livekit"
)

// Dispatch implements [ports.MediaServer]. LiveKit makes the room when there is none, with settings of its own: a room has
// to be opened before.
func (s *Server) Dispatch(ctx context.Context, room, agent, metadata string) (id string, err error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	made, err := s.dispatches.CreateDispatch(ctx, &livekit.CreateAgentDispatchRequest{Room: room, AgentName: agent, Metadata: metadata})
	if err != nil {
		return "", failure("dispatch an agent", err)
	}
	return made.GetId(), nil
}

// Withdraw implements [ports.MediaServer]. LiveKit asks agents to leave, and puts those out that did not after some
// seconds.
func (s *Server) Withdraw(ctx context.Context, room, agent string) error {
	ctx, cancel := s.within(ctx)
	defer cancel()
	// Asked for the dispatches of a room that is not there, LiveKit waits for 3 seconds, and calls itself unavailable.
	rooms, err := s.rooms.ListRooms(ctx, &livekit.ListRoomsRequest{Names: []string{room}})
	if err != nil {
		return failure("look for a room", err)
	}
	if len(rooms.GetRooms()) == 0 {
		return nil
	}
	list, err := s.dispatches.ListDispatch(ctx, &livekit.ListAgentDispatchRequest{Room: room})
	if err != nil {
		return failure("list dispatches", err)
	}
	for _, d := range list.GetAgentDispatches() {
		if d.GetAgentName() != agent {
			continue
		}
		_, err := s.dispatches.DeleteDispatch(ctx, &livekit.DeleteAgentDispatchRequest{Room: room, DispatchId: d.GetId()})
		if err != nil && !isAbsent(err) {
			return failure("withdraw a dispatch", err)
		}
	}
	return nil
}
