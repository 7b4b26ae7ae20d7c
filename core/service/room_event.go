package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// AppendEvents appends 1 to conference.MaxBatch events to the room, all or none. A closed room takes them too: what an
// agent still had to tell arrives late. With a key, the same batch again is not appended again and comes back as the
// first time. Errors: NotFound "room-not-found", Invalid "invalid-input", "idempotency-key-reused".
func (s *Rooms) AppendEvents(ctx context.Context, actor identity.Actor, room conference.RoomID, batch []conference.EventParams, i Idempotency) ([]conference.RoomEvent, error) {
	return appendEvents(ctx, s, actor, room, batch, i, eventKind[conference.RoomEvent]{
		newEvent: conference.NewRoomEvent,
		append: func(ctx context.Context, r ports.Repositories, events []conference.RoomEvent) ([]conference.RoomEvent, error) {
			return r.RoomEvents.Append(ctx, events...)
		},
		id: func(e conference.RoomEvent) int64 { return int64(e.ID) },
		stored: func(e *conference.RoomEvent, id int64, at time.Time) {
			e.ID, e.CreatedAt = conference.RoomEventID(id), at
		},
	})
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
func (s *Rooms) AppendAgentEvents(ctx context.Context, actor identity.Actor, room conference.RoomID, batch []conference.EventParams, i Idempotency) ([]conference.AgentSessionEvent, error) {
	return appendEvents(ctx, s, actor, room, batch, i, eventKind[conference.AgentSessionEvent]{
		newEvent: conference.NewAgentSessionEvent,
		append: func(ctx context.Context, r ports.Repositories, events []conference.AgentSessionEvent) ([]conference.AgentSessionEvent, error) {
			return r.AgentSessionEvents.Append(ctx, events...)
		},
		id: func(e conference.AgentSessionEvent) int64 { return int64(e.ID) },
		stored: func(e *conference.AgentSessionEvent, id int64, at time.Time) {
			e.ID, e.CreatedAt = conference.AgentSessionEventID(id), at
		},
	})
}

// AgentEvents is [Rooms.Events] for agents' events.
func (s *Rooms) AgentEvents(ctx context.Context, actor identity.Actor, filter conference.EventFilter, req page.Request) (page.Page[conference.AgentSessionEvent], error) {
	if _, err := s.Get(ctx, actor, filter.RoomID); err != nil {
		return page.Page[conference.AgentSessionEvent]{}, err
	}
	return s.d.Repositories.AgentSessionEvents.List(ctx, actor.Scope(), filter, req)
}

// eventKind is what differs between room events and agents' events.
type eventKind[E any] struct {
	newEvent func(conference.RoomID, conference.EventParams, time.Time) (E, error)
	append   func(context.Context, ports.Repositories, []E) ([]E, error)
	id       func(E) int64
	stored   func(e *E, id int64, at time.Time) // sets what the store gave it
}

func appendEvents[E any](ctx context.Context, s *Rooms, actor identity.Actor, room conference.RoomID, batch []conference.EventParams, i Idempotency, kind eventKind[E]) ([]E, error) {
	now := s.d.Now()
	events, err := newEvents(ctx, s, actor, room, batch, now, kind.newEvent)
	if err != nil {
		return nil, err
	}
	if i.Key == "" {
		return kind.append(ctx, s.d.Repositories, events)
	}
	request, err := eventsRequest(room, batch)
	if err != nil {
		return nil, err
	}
	result, err := once(ctx, s.d, actor, i, request, func(ctx context.Context, r ports.Repositories) (jsonobj.Object, error) {
		stored, err := kind.append(ctx, r, events)
		if err != nil {
			return "", err
		}
		ids := make([]int64, 0, len(stored))
		for _, e := range stored {
			ids = append(ids, kind.id(e))
		}
		return jsonobj.Encode(map[string]any{"ids": ids, "created_at": now})
	})
	if err != nil {
		return nil, err
	}
	return receive(result, events, kind)
}

// eventsRequest is a batch in the form that [once] compares: how an object was spaced and ordered makes no difference.
func eventsRequest(room conference.RoomID, batch []conference.EventParams) ([]string, error) {
	request := make([]string, 0, 1+2*len(batch))
	request = append(request, room.String())
	for _, p := range batch {
		data, err := jsonobj.Encode(p.Data.Map())
		if err != nil {
			return nil, err
		}
		request = append(request, p.Name, string(data))
	}
	return request, nil
}

// receive gives events what the store gave them, which is remembered, unlike what the client knows itself. The answer
// to the first request is made in the same way, so that the next one cannot differ.
func receive[E any](result jsonobj.Object, events []E, kind eventKind[E]) ([]E, error) {
	var receipt struct {
		IDs       []int64   `json:"ids"`
		CreatedAt time.Time `json:"created_at"`
	}
	if err := json.Unmarshal([]byte(result), &receipt); err != nil {
		return nil, fmt.Errorf("the record of an idempotency key: %w", err)
	}
	if len(receipt.IDs) != len(events) {
		return nil, fmt.Errorf("the record of an idempotency key has %d ids for %d events", len(receipt.IDs), len(events))
	}
	for n := range events {
		kind.stored(&events[n], receipt.IDs[n], receipt.CreatedAt)
	}
	return events, nil
}

// newEvents checks that the actor can see the room, and makes the events of a batch. Rooms are never removed, so the
// room is still there when they are stored.
func newEvents[E any](ctx context.Context, s *Rooms, actor identity.Actor, room conference.RoomID, batch []conference.EventParams, now time.Time, newEvent func(conference.RoomID, conference.EventParams, time.Time) (E, error)) ([]E, error) {
	if _, err := s.Get(ctx, actor, room); err != nil {
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
