package service

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// AppendEvents appends 1 to conference.MaxBatch events to the room, all or none. A closed room takes them too: what an
// agent still had to tell arrives late. Errors: NotFound "room-not-found", Invalid "invalid-input".
func (s *Rooms) AppendEvents(ctx context.Context, actor identity.Actor, room conference.RoomID, batch []conference.EventParams) ([]conference.RoomEvent, error) {
	events, err := newEvents(ctx, s, actor, room, batch, conference.NewRoomEvent)
	if err != nil {
		return nil, err
	}
	return s.d.Repositories.RoomEvents.Append(ctx, events...)
}

// Events returns a page of the events of the filter's room. Errors: NotFound "room-not-found", Invalid "invalid-limit",
// "invalid-cursor".
func (s *Rooms) Events(ctx context.Context, actor identity.Actor, filter conference.EventFilter, req page.Request) (page.Page[conference.RoomEvent], error) {
	if _, err := s.Get(ctx, actor, filter.RoomID); err != nil {
		return page.Page[conference.RoomEvent]{}, err
	}
	return s.d.Repositories.RoomEvents.List(ctx, actor.Scope(), filter, req)
}

// AppendAgentEvents is [Rooms.AppendEvents] for what an AI agent heard, suggested or answered.
func (s *Rooms) AppendAgentEvents(ctx context.Context, actor identity.Actor, room conference.RoomID, batch []conference.EventParams) ([]conference.AgentSessionEvent, error) {
	events, err := newEvents(ctx, s, actor, room, batch, conference.NewAgentSessionEvent)
	if err != nil {
		return nil, err
	}
	return s.d.Repositories.AgentSessionEvents.Append(ctx, events...)
}

// AgentEvents is [Rooms.Events] for agents' events.
func (s *Rooms) AgentEvents(ctx context.Context, actor identity.Actor, filter conference.EventFilter, req page.Request) (page.Page[conference.AgentSessionEvent], error) {
	if _, err := s.Get(ctx, actor, filter.RoomID); err != nil {
		return page.Page[conference.AgentSessionEvent]{}, err
	}
	return s.d.Repositories.AgentSessionEvents.List(ctx, actor.Scope(), filter, req)
}

// newEvents checks that the actor can see the room, and makes the events of a batch. Rooms are never removed, so the
// room is still there when they are stored.
func newEvents[E any](ctx context.Context, s *Rooms, actor identity.Actor, room conference.RoomID, batch []conference.EventParams, newEvent func(conference.RoomID, conference.EventParams, time.Time) (E, error)) ([]E, error) {
	if _, err := s.Get(ctx, actor, room); err != nil {
		return nil, err
	}
	if len(batch) == 0 || len(batch) > conference.MaxBatch {
		return nil, errs.InvalidField("events", "must be 1 to 1000 events")
	}
	now := s.d.Now()
	events := make([]E, 0, len(batch))
	for i, p := range batch {
		e, err := newEvent(room, p, now)
		if err != nil {
			return nil, inBatch(err, i, len(batch))
		}
		events = append(events, e)
	}
	return events, nil
}

// inBatch says which event of several a wrong field is of: "data" becomes "events[3].data".
func inBatch(err error, i, of int) error {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || of == 1 {
		return err
	}
	var c errs.Check
	for _, f := range e.Fields {
		c.That(false, "events["+strconv.Itoa(i)+"]."+f.Path, f.Msg)
	}
	return c.Err()
}
