package memory

import (
	"context"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

func (r roomEvents) After(ctx context.Context, scope identity.Scope, room conference.RoomID, after conference.RoomEventID, limit int) ([]conference.RoomEvent, error) {
	return eventsAfter(ctx, r.session, r.tables().roomEvents, scope, room, intKey(after), limit)
}

func (r agentSessionEvents) After(ctx context.Context, scope identity.Scope, room conference.RoomID, after conference.AgentSessionEventID, limit int) ([]conference.AgentSessionEvent, error) {
	return eventsAfter(ctx, r.session, r.tables().agentEvents, scope, room, intKey(after), limit)
}

// eventsAfter needs no more than the state: transactions take turns, so ids become visible in their order.
func eventsAfter[T any](ctx context.Context, s session, t eventTable[T], scope identity.Scope, room conference.RoomID, after string, limit int) ([]T, error) {
	d, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	if !s.tables().roomInScope(d, scope, room) {
		return nil, nil
	}
	var events []T
	for row := range t.in(d, t.byRoom, intKey(room), past(after)) {
		if len(events) >= min(limit, ports.MaxAfter) {
			break
		}
		events = append(events, t.clone(*row))
	}
	return events, nil
}
