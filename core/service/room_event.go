package service

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// AppendEvents appends 1 to conference.MaxBatch events to the room, all or none. A closed room takes them too: what an
// agent still had to tell arrives late. Errors: NotFound "room-not-found", Invalid "invalid-input".
func (s *Rooms) AppendEvents(ctx context.Context, actor identity.Actor, room conference.RoomID, batch []conference.EventParams) ([]conference.RoomEvent, error) {
	if err := actor.Require(identity.EventsWrite); err != nil { // of room agents only their own kind of events is taken
		return nil, err
	}
	return appendEvents(ctx, s, actor, room, batch, eventKind[conference.RoomEvent]{
		newEvent: conference.NewRoomEvent,
		append: func(ctx context.Context, r ports.Repositories, events []conference.RoomEvent) ([]conference.RoomEvent, error) {
			return r.RoomEvents.Append(ctx, events...)
		},
	})
}

// Events returns a page of the events of the filter's room. Errors: NotFound "room-not-found", Invalid "invalid-limit",
// "invalid-cursor".
func (s *Rooms) Events(ctx context.Context, actor identity.Actor, filter conference.EventFilter, req page.Request) (page.Page[conference.RoomEvent], error) {
	if _, err := s.visible(ctx, actor, filter.RoomID); err != nil {
		return page.Page[conference.RoomEvent]{}, err
	}
	return s.d.Repositories.RoomEvents.List(ctx, actor.Scope(), filter, req)
}

// AppendAgentEvents is [Rooms.AppendEvents] for what an AI agent heard, suggested or answered. A room agent may do it in its
// room until its time there has ended, Forbidden "room-agent-ended".
func (s *Rooms) AppendAgentEvents(ctx context.Context, actor identity.Actor, room conference.RoomID, batch []conference.EventParams) ([]conference.AgentSessionEvent, error) {
	return appendEvents(ctx, s, actor, room, batch, eventKind[conference.AgentSessionEvent]{
		newEvent: conference.NewAgentSessionEvent,
		append: func(ctx context.Context, r ports.Repositories, events []conference.AgentSessionEvent) ([]conference.AgentSessionEvent, error) {
			return r.AgentSessionEvents.Append(ctx, events...)
		},
	})
}

// AgentEvents is [Rooms.Events] for agents' events, and logs that: they hold what was said.
func (s *Rooms) AgentEvents(ctx context.Context, actor identity.Actor, filter conference.EventFilter, req page.Request) (page.Page[conference.AgentSessionEvent], error) {
	room, err := s.visible(ctx, actor, filter.RoomID)
	if err != nil {
		return page.Page[conference.AgentSessionEvent]{}, err
	}
	p, err := s.d.Repositories.AgentSessionEvents.List(ctx, actor.Scope(), filter, req)
	if err != nil {
		return p, err
	}
	return logList(ctx, s.d, actor, "agent_session_events", room.ID.String(), room.EntityID, p)
}

// visible returns a room of the actor's scope, if the actor has the permission. Errors: NotFound "room-not-found".
func (s *Rooms) visible(ctx context.Context, actor identity.Actor, room conference.RoomID) (conference.Room, error) {
	if err := actor.Require(identity.EventsRead); err != nil {
		return conference.Room{}, err
	}
	return s.from.Get(ctx, actor.Scope(), room)
}

// eventKind is what differs between room events and agents' events.
type eventKind[E any] struct {
	newEvent func(conference.RoomID, conference.EventParams, time.Time) (E, error)
	append   func(context.Context, ports.Repositories, []E) ([]E, error)
}

func appendEvents[E any](ctx context.Context, s *Rooms, actor identity.Actor, room conference.RoomID, batch []conference.EventParams, kind eventKind[E]) ([]E, error) {
	now := s.d.Now()
	events, err := newEvents(ctx, s, actor, room, batch, now, kind.newEvent)
	if err != nil {
		return nil, err
	}
	stored, err := write(ctx, s.d, func(ctx context.Context, r ports.Repositories) ([]E, error) {
		return kind.append(ctx, r, events)
	})
	return stored, s.tell(ctx, room, err)
}

// newEvents checks that the actor can see the room, and makes the events of a batch. Rooms are never removed, so the
// room is still there when they are stored.
func newEvents[E any](ctx context.Context, s *Rooms, actor identity.Actor, room conference.RoomID, batch []conference.EventParams, now time.Time, newEvent func(conference.RoomID, conference.EventParams, time.Time) (E, error)) ([]E, error) {
	scope, err := actor.In(room, identity.EventsWrite)
	if err != nil {
		return nil, err
	}
	if _, err := s.d.Repositories.Rooms.Place(ctx, scope, room); err != nil {
		return nil, err
	}
	if len(batch) == 0 || len(batch) > conference.MaxBatch {
		return nil, errs.InvalidField("events", "must be 1 to 1000 events")
	}
	events := make([]E, 0, len(batch))
	for i, p := range batch {
		e, err := newEvent(room, p, now)
		if err != nil {
			return nil, inBatch(err, i, len(batch))
		}
		if err := checkData(s.d, p.Name, p.Data); err != nil {
			return nil, inBatch(err, i, len(batch))
		}
		events = append(events, e)
	}
	return events, nil
}

// checkData checks what an event holds, if the operator has a schema for it.
func checkData(d Deps, name string, data jsonobj.Object) error {
	if d.EventSchemas == nil {
		return nil
	}
	return d.EventSchemas.Check(strings.TrimSpace(name), data)
}

// checkContext checks what is known of a participant in a room in the same way.
func checkContext(d Deps, info jsonobj.Object) error {
	err := checkData(d, ports.ParticipantContext, info)
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return err
	}
	var c errs.Check
	for _, f := range e.Fields {
		c.That(false, "context"+strings.TrimPrefix(f.Path, "data"), f.Msg)
	}
	return c.Err()
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
