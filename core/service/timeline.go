package service

import (
	"context"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// Timeline returns a page of all that happened in a room, in its order: who was put in, both kinds of events, and agents'
// sessions; and logs that. Errors: NotFound "room-not-found", Invalid "invalid-limit", "invalid-cursor".
func (s *Rooms) Timeline(ctx context.Context, actor identity.Actor, room conference.RoomID, req page.Request) (page.Page[conference.TimelineEntry], error) {
	in, err := s.visible(ctx, actor, room)
	if err != nil {
		return page.Page[conference.TimelineEntry]{}, err
	}
	p, err := s.d.Repositories.Timeline.List(ctx, actor.Scope(), room, req)
	if err != nil {
		return p, err
	}
	return logList(ctx, s.d, actor, "rooms", room.String(), in.EntityID, p)
}
