package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// Event is something that happened in a room, or that an AI agent heard, suggested or answered there.
type Event struct {
	ID        int64     `json:"id" example:"1001" doc:"A later event of a room has a larger id."`
	RoomID    int64     `json:"room_id" example:"41"`
	Name      string    `json:"name" example:"transcript"`
	Data      Object    `json:"data" example:"{\"text\":\"Bom dia, doutor.\"}"`
	CreatedAt time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
}

// NewEvent is what an event is made of.
type NewEvent struct {
	Name string `json:"name" minLength:"1" maxLength:"100" example:"transcript"`
	Data Object `json:"data,omitzero" nullable:"true" example:"{\"text\":\"Bom dia, doutor.\"}" doc:"Left out: {}."`
}

// NewEvents is a batch of events, stored in their order, all or none.
type NewEvents struct {
	Events []NewEvent `json:"events" nullable:"false" minItems:"1" maxItems:"1000"`
}

// AppendedEvents is what became of a batch: its events have one moment.
type AppendedEvents struct {
	Inserted  int       `json:"inserted" example:"2"`
	CreatedAt time.Time `json:"created_at" example:"2025-11-03T14:30:00Z"`
	IDs       []int64   `json:"ids" nullable:"false" example:"[1001,1002]" doc:"In the order of the batch."`
}

func roomEventOf(e conference.RoomEvent) Event {
	return Event{ID: int64(e.ID), RoomID: int64(e.RoomID), Name: e.Name, Data: objectOf(e.Data), CreatedAt: e.CreatedAt}
}

func agentSessionEventOf(e conference.AgentSessionEvent) Event {
	return Event{ID: int64(e.ID), RoomID: int64(e.RoomID), Name: e.Name, Data: objectOf(e.Data), CreatedAt: e.CreatedAt}
}

// appendJSON implements appender.
func (e Event) appendJSON(b []byte) []byte {
	b = appendID(b, `{"id":`, e.ID)
	b = appendID(b, `,"room_id":`, e.RoomID)
	b = appendText(b, `,"name":`, e.Name)
	b = appendObject(b, `,"data":`, e.Data.object)
	b = appendTime(b, `,"created_at":`, e.CreatedAt)
	return append(b, '}')
}

// appendJSON implements appender.
func (a AppendedEvents) appendJSON(b []byte) []byte {
	b = appendID(b, `{"inserted":`, int64(a.Inserted))
	b = appendTime(b, `,"created_at":`, a.CreatedAt)
	b = append(b, `,"ids":[`...)
	for i, id := range a.IDs {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return append(b, ']', '}')
}

// EventBody is a body that the operation decodes itself: huma would decode it twice.
type EventBody struct {
	ByID
	RawBody []byte `contentType:"application/json"`
}

// EventQuery selects events of a room.
type EventQuery struct {
	ByID
	PageQuery
	Name  string    `query:"name" maxLength:"100" example:"transcript"`
	From  time.Time `query:"from" example:"2025-11-03T14:00:00Z" doc:"The first moment, RFC 3339."`
	To    time.Time `query:"to" example:"2025-11-03T15:00:00Z" doc:"The moment after the last, RFC 3339."`
	Order string    `query:"order" enum:"oldest,newest" default:"oldest" doc:"Which comes first."`
}

func (q EventQuery) filter() conference.EventFilter {
	return conference.EventFilter{
		RoomID: conference.RoomID(q.ID), Name: q.Name, From: q.From.UTC(), To: q.To.UTC(), Newest: q.Order == "newest",
	}
}

// eventKind is what differs between room events and agents' events.
type eventKind[E any] struct {
	path   string // "events"
	name   string // of one, for people: "event"
	id     string // of one, in operation ids: "room-event"
	append func(context.Context, identity.Actor, conference.RoomID, []conference.EventParams) ([]E, error)
	list   func(context.Context, identity.Actor, conference.EventFilter, page.Request) (page.Page[E], error)
	dto    func(E) Event
}

func (s *server) registerEvents() {
	registerEventKind(s, eventKind[conference.RoomEvent]{
		path: "events", name: "event", id: "room-event",
		append: s.Rooms.AppendEvents, list: s.Rooms.Events, dto: roomEventOf,
	})
	registerEventKind(s, eventKind[conference.AgentSessionEvent]{
		path: "agent-events", name: "agent session event", id: "agent-event",
		append: s.Rooms.AppendAgentEvents, list: s.Rooms.AgentEvents, dto: agentSessionEventOf,
	})
}

func registerEventKind[E any](s *server, kind eventKind[E]) {
	tags := []string{"events"}
	path := "/v1/rooms/{id}/" + kind.path
	handle(s, huma.Operation{
		OperationID: "list-" + kind.id + "s", Method: http.MethodGet, Path: path, Tags: tags,
		Summary: "List the " + kind.name + "s of a room",
	}, func(ctx context.Context, in *EventQuery) (*answer[List[Event]], error) {
		v, err := kind.list(ctx, actor(ctx), in.filter(), in.request())
		return listed(v, err, kind.dto)
	})
	handleRaw[NewEvent](s, huma.Operation{
		OperationID: "append-" + kind.id, Method: http.MethodPost, Path: path, Tags: tags,
		Summary:       "Append an " + kind.name,
		Description:   "The room may be closed.",
		DefaultStatus: http.StatusCreated,
		Metadata:      map[string]any{checkedBody: true},
	}, func(ctx context.Context, in *EventBody) (*answer[Event], error) {
		params, err := decodeEvent(in.RawBody)
		if err != nil {
			return nil, err
		}
		events, err := kind.append(ctx, actor(ctx), conference.RoomID(in.ID), []conference.EventParams{params})
		if err != nil {
			return nil, err
		}
		return &answer[Event]{kind.dto(events[0])}, nil
	})
	handleRaw[NewEvents](s, huma.Operation{
		OperationID: "append-" + kind.id + "s", Method: http.MethodPost, Path: path + "/batch", Tags: tags,
		Summary:       "Append up to 1000 " + kind.name + "s",
		Description:   "All or none, in their order.",
		DefaultStatus: http.StatusCreated,
		Metadata:      map[string]any{checkedBody: true},
	}, func(ctx context.Context, in *EventBody) (*answer[AppendedEvents], error) {
		params, err := decodeEvents(in.RawBody)
		if err != nil {
			return nil, err
		}
		events, err := kind.append(ctx, actor(ctx), conference.RoomID(in.ID), params)
		if err != nil {
			return nil, err
		}
		out := AppendedEvents{Inserted: len(events), CreatedAt: kind.dto(events[0]).CreatedAt, IDs: make([]int64, len(events))}
		for i, e := range events {
			out.IDs[i] = kind.dto(e).ID
		}
		return &answer[AppendedEvents]{out}, nil
	})
}
