package service_test

import (
	"testing"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/page"
)

func someEvents(n int) []conference.EventParams {
	batch := make([]conference.EventParams, n)
	for i := range batch {
		batch[i] = conference.EventParams{Name: "transcript", Data: `{"text":"olá"}`}
	}
	return batch
}

func TestEventsAreAppendedInTheirOrder(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	batch := []conference.EventParams{{Name: "a"}, {Name: "b", Data: `{"n":1}`}, {Name: " c "}}
	events := must(o.rooms.AppendEvents(t.Context(), o.ana, room, batch))(t)
	if len(events) != 3 || events[0].ID >= events[1].ID || events[1].ID >= events[2].ID || events[0].Data != "{}" || !events[0].CreatedAt.Equal(o.clock.Now()) {
		t.Errorf("got %+v, want three events with rising ids", events)
	}
	filter := conference.EventFilter{RoomID: room, Newest: true}
	got := items(o.rooms.Events(t.Context(), o.ana, filter, page.Request{}))(t)
	if len(got) != 4 || got[0].Name != "c" || got[1].Data != `{"n":1}` || got[3].Name != "room_opened" {
		t.Errorf("got %+v, want them newest first", got)
	}
	filter.Name = "a"
	if got := items(o.rooms.Events(t.Context(), o.ana, filter, page.Request{}))(t); len(got) != 1 {
		t.Errorf("got %+v, want those of the name", got)
	}
	if got := items(o.rooms.AgentEvents(t.Context(), o.ana, filter, page.Request{}))(t); len(got) != 0 {
		t.Errorf("got agents' events %+v, want none", got)
	}
}

func TestAgentEventsAreAppendedInTheirOrder(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	events := must(o.rooms.AppendAgentEvents(t.Context(), o.ana, room, []conference.EventParams{{Name: "a"}, {Name: "b"}}))(t)
	if len(events) != 2 || events[0].Name != "a" || events[0].ID >= events[1].ID {
		t.Errorf("got %+v, want two events with rising ids", events)
	}
	got := items(o.rooms.AgentEvents(t.Context(), o.ana, conference.EventFilter{RoomID: room}, page.Request{}))(t)
	if len(got) != 2 || got[1].Name != "b" {
		t.Errorf("got %+v, want both", got)
	}
}

func TestBatchIsBounded(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	for _, n := range []int{0, conference.MaxBatch + 1} {
		_, err := o.rooms.AppendEvents(t.Context(), o.ana, room, someEvents(n))
		wantFields(t, err, "events")
		_, err = o.rooms.AppendAgentEvents(t.Context(), o.ana, room, someEvents(n))
		wantFields(t, err, "events")
	}
	if got := must(o.rooms.AppendEvents(t.Context(), o.ana, room, someEvents(conference.MaxBatch)))(t); len(got) != conference.MaxBatch {
		t.Errorf("got %d events, want %d", len(got), conference.MaxBatch)
	}
}

func TestBatchWithOneBadEventStoresNone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	room := o.newRoom(t, o.ana, "visit").ID
	_, err := o.rooms.AppendEvents(t.Context(), o.ana, room, []conference.EventParams{{Name: "a"}, {Name: ""}})
	wantFields(t, err, "events[1].name")
	_, err = o.rooms.AppendEvents(t.Context(), o.ana, room, []conference.EventParams{{Name: ""}})
	wantFields(t, err, "name")
	if got := o.history(t, room); len(got) != 1 {
		t.Errorf("got history %v, want only that the room was opened", got)
	}
}
