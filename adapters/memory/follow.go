package memory

import (
	"context"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

// After needs no more than the state, which is of one moment: transactions take turns, so ids become visible in their order.
func (r timeline) After(ctx context.Context, scope identity.Scope, room conference.RoomID, after conference.RoomEventID, afterAgent conference.AgentSessionEventID, limit int) ([]conference.RoomEvent, []conference.AgentSessionEvent, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, nil, err
	}
	t := r.tables()
	if !t.roomInScope(d, scope, room) {
		return nil, nil, nil
	}
	limit = min(limit, ports.MaxAfter)
	return eventsAfter(d, t.roomEvents, room, intKey(after), limit), eventsAfter(d, t.agentEvents, room, intKey(afterAgent), limit), nil
}

func eventsAfter[T any](d *data, t eventTable[T], room conference.RoomID, after string, limit int) []T {
	var events []T
	for row := range t.in(d, t.byRoom, intKey(room), past(after)) {
		if len(events) >= limit {
			break
		}
		events = append(events, t.clone(*row))
	}
	return events
}
