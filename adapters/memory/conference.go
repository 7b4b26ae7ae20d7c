package memory

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type conferenceTables struct {
	participants           *table[conference.Participant]
	participantsByEntity   *index[conference.Participant]
	participantsByPhone    *index[conference.Participant]
	participantsByExternal *index[conference.Participant]

	rooms              *table[conference.Room]
	roomsByEntity      *index[conference.Room]
	roomsLive          *index[conference.Room]
	roomsByExternal    *index[conference.Room]
	roomsByLiveKitName *unique[conference.Room]

	roomParticipants       *table[conference.RoomParticipant]
	roomParticipantsByRoom *index[conference.RoomParticipant]
	roomParticipantsByBoth *unique[conference.RoomParticipant]

	roomEvents  eventTable[conference.RoomEvent]
	agentEvents eventTable[conference.AgentSessionEvent]
}

func (s *schema) addConference() {
	s.participants = newTable(s, table[conference.Participant]{
		name: "participants", what: "participant",
		id:      serial(func(v *conference.Participant) *conference.ParticipantID { return &v.ID }),
		inScope: func(_ *data, scope identity.Scope, v *conference.Participant) bool { return scope.Includes(v.EntityID) },
		tidy:    func(v *conference.Participant) { tidyTimes(&v.CreatedAt, &v.UpdatedAt) },
		refs: func(d *data, v *conference.Participant) bool {
			return s.hasEntity(d, v.EntityID) && s.hasProfessional(d, v.ProfessionalID)
		},
	})
	s.participantsByEntity = s.participants.index(func(v *conference.Participant) (string, bool) {
		return intKey(v.EntityID), true
	})
	s.participantsByPhone = s.participants.index(func(v *conference.Participant) (string, bool) {
		return textKey(v.PhoneNumber), true
	})
	s.participantsByExternal = s.participants.index(func(v *conference.Participant) (string, bool) {
		return textKey(v.ExternalID), v.ExternalID != ""
	})

	s.rooms = newTable(s, table[conference.Room]{
		name: "rooms", what: "room",
		id:      serial(func(v *conference.Room) *conference.RoomID { return &v.ID }),
		inScope: func(_ *data, scope identity.Scope, v *conference.Room) bool { return scope.Includes(v.EntityID) },
		tidy: func(v *conference.Room) {
			tidyTimes(&v.OpenedAt, &v.ClosedAt, &v.CreatedAt, &v.UpdatedAt, &v.LiveKitSince)
			tidyTimes(&v.Agent.RequestedAt, &v.Agent.Deadline, &v.Agent.JoinedAt, &v.Agent.EndedAt)
		},
		refs: func(d *data, v *conference.Room) bool {
			return s.hasEntity(d, v.EntityID) && s.hasDepartment(d, v.DepartmentID) && s.hasProfessional(d, v.ProfessionalID) &&
				s.hasParticipant(d, v.Agent.ParticipantID)
		},
	})
	s.roomsByLiveKitName = s.rooms.unique("room-name-taken", "another room has this LiveKit name", func(v *conference.Room) (string, bool) {
		return v.LiveKitName, true
	})
	s.roomsByEntity = s.rooms.index(func(v *conference.Room) (string, bool) { return intKey(v.EntityID), true })
	s.roomsLive = s.rooms.sortedIndex(func(v *conference.Room) (string, bool) { return "", v.IsLive() }, s.rooms.id.key)
	s.roomsByExternal = s.rooms.index(func(v *conference.Room) (string, bool) {
		return textKey(v.ExternalID), v.ExternalID != ""
	})

	s.roomParticipants = newTable(s, table[conference.RoomParticipant]{
		name: "room_participants", what: "room-participant",
		id: serial(func(v *conference.RoomParticipant) *conference.RoomParticipantID { return &v.ID }),
		inScope: func(d *data, scope identity.Scope, v *conference.RoomParticipant) bool {
			return s.roomInScope(d, scope, v.RoomID)
		},
		tidy: func(v *conference.RoomParticipant) { tidyTimes(&v.CreatedAt, &v.UpdatedAt) },
		refs: func(d *data, v *conference.RoomParticipant) bool {
			return s.rooms.has(d, intKey(v.RoomID)) && s.participants.has(d, intKey(v.ParticipantID))
		},
	})
	s.roomParticipantsByBoth = s.roomParticipants.unique("already-in-room", "the participant is already in the room",
		func(v *conference.RoomParticipant) (string, bool) { return bothKey(v.RoomID, v.ParticipantID), true })
	s.roomParticipantsByRoom = s.roomParticipants.index(func(v *conference.RoomParticipant) (string, bool) {
		return intKey(v.RoomID), true
	})

	s.roomEvents = newEventTable(s, "room_events",
		serial(func(v *conference.RoomEvent) *conference.RoomEventID { return &v.ID }),
		func(v *conference.RoomEvent) event { return event{v.RoomID, v.Name, &v.CreatedAt} })
	s.agentEvents = newEventTable(s, "agent_session_events",
		serial(func(v *conference.AgentSessionEvent) *conference.AgentSessionEventID { return &v.ID }),
		func(v *conference.AgentSessionEvent) event { return event{v.RoomID, v.Name, &v.CreatedAt} })
}

func (s *schema) roomInScope(d *data, scope identity.Scope, key conference.RoomID) bool {
	room, ok := s.rooms.get(d, intKey(key))
	return ok && scope.Includes(room.EntityID)
}

// hasParticipant reports whether a participant is there, or none is named.
func (s *schema) hasParticipant(d *data, key conference.ParticipantID) bool {
	return key == 0 || s.participants.has(d, intKey(key))
}

func bothKey(room conference.RoomID, who conference.ParticipantID) string {
	return intKey(room) + intKey(who)
}

// eventTable keeps events of one kind.
type eventTable[T any] struct {
	*table[T]
	byRoom *index[T]
	of     func(*T) event
}

// event is what the kinds of events have in common.
type event struct {
	room conference.RoomID
	name string
	at   *time.Time
}

func newEventTable[T any](s *schema, name string, ident ident[T], of func(*T) event) eventTable[T] {
	t := newTable(s, table[T]{
		name: name, what: "event", id: ident,
		inScope: func(d *data, scope identity.Scope, v *T) bool { return s.roomInScope(d, scope, of(v).room) },
		tidy:    func(v *T) { tidyTimes(of(v).at) },
		refs:    func(d *data, v *T) bool { return s.rooms.has(d, intKey(of(v).room)) },
	})
	return eventTable[T]{
		table: t, of: of,
		byRoom: t.index(func(v *T) (string, bool) { return intKey(of(v).room), true }),
	}
}

func listEvents[T any](ctx context.Context, s session, t eventTable[T], scope identity.Scope, f conference.EventFilter, req page.Request) (page.Page[T], error) {
	rows := group(t.table, t.byRoom, intKey(f.RoomID))
	if f.Newest {
		rows = groupBack(t.table, t.byRoom, intKey(f.RoomID))
	}
	return list(ctx, s, t.table, req, listing[T]{
		scope: scope, list: page.Fingerprint(t.name, scope, f), rows: rows,
		filter: func(v *T) bool {
			e := t.of(v)
			return wants(f.Name, e.name) && !e.at.Before(f.From) && (f.To.IsZero() || e.at.Before(f.To))
		},
	})
}

type roomEvents struct{ session }

func (r roomEvents) Append(ctx context.Context, events ...conference.RoomEvent) ([]conference.RoomEvent, error) {
	return appendAll(ctx, r.session, r.tables().roomEvents.table, events)
}

func (r roomEvents) List(ctx context.Context, scope identity.Scope, f conference.EventFilter, req page.Request) (page.Page[conference.RoomEvent], error) {
	return listEvents(ctx, r.session, r.tables().roomEvents, scope, f, req)
}

type agentSessionEvents struct{ session }

func (r agentSessionEvents) Append(ctx context.Context, events ...conference.AgentSessionEvent) ([]conference.AgentSessionEvent, error) {
	return appendAll(ctx, r.session, r.tables().agentEvents.table, events)
}

func (r agentSessionEvents) List(ctx context.Context, scope identity.Scope, f conference.EventFilter, req page.Request) (page.Page[conference.AgentSessionEvent], error) {
	return listEvents(ctx, r.session, r.tables().agentEvents, scope, f, req)
}

// Prepare implements [ports.EventStorage]: there is nothing to be made ready.
func (s *Store) Prepare(ctx context.Context, _ time.Time) error { return ctx.Err() }

// Drop implements [ports.EventStorage]. It reads every event, which holds up nobody, and only the removal is a
// transaction.
func (s *Store) Drop(ctx context.Context, endedAt time.Time) (months int, err error) {
	d, err := s.view(ctx)
	if err != nil {
		return 0, err
	}
	year, month, _ := endedAt.UTC().Date()
	end := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	room, roomMonths := eventsBefore(d, s.schema.roomEvents, end)
	agent, agentMonths := eventsBefore(d, s.schema.agentEvents, end)
	if roomMonths+agentMonths == 0 {
		return 0, nil
	}
	err = s.transact(ctx, func(tx *tx) error {
		removeAll(tx, s.schema.roomEvents.table, room)
		removeAll(tx, s.schema.agentEvents.table, agent)
		return nil
	})
	return orZero(roomMonths+agentMonths, err)
}

// eventsBefore returns the events before a moment, and of how many months they are.
func eventsBefore[T any](d *data, t eventTable[T], end time.Time) (old []*T, months int) {
	seen := map[int]bool{}
	for row := range t.all(d, "") {
		if at := t.of(row).at; at.Before(end) {
			old = append(old, row)
			seen[at.Year()*12+int(at.Month())] = true
		}
	}
	return old, len(seen)
}

// removeAll removes rows of an earlier state, unless somebody did before.
func removeAll[T any](tx *tx, t *table[T], old []*T) {
	for _, row := range old {
		if t.has(tx.data, t.id.key(row)) {
			t.store(tx, row, nil)
		}
	}
}

type participants struct{ session }

func (r participants) Get(ctx context.Context, scope identity.Scope, key conference.ParticipantID) (conference.Participant, error) {
	return get(ctx, r.session, r.tables().participants, scope, intKey(key))
}

func (r participants) List(ctx context.Context, scope identity.Scope, f conference.ParticipantFilter, req page.Request) (page.Page[conference.Participant], error) {
	t := r.tables()
	rows := ofEntity(t.participants, t.participantsByEntity, scope, f.EntityID)
	switch {
	case f.ExternalID != "":
		rows = group(t.participants, t.participantsByExternal, textKey(f.ExternalID))
	case f.PhoneNumber != "":
		rows = group(t.participants, t.participantsByPhone, textKey(f.PhoneNumber))
	}
	return list(ctx, r.session, t.participants, req, listing[conference.Participant]{
		scope: scope, list: page.Fingerprint("participants", scope, f), rows: rows,
		filter: func(v *conference.Participant) bool {
			return wants(f.EntityID, v.EntityID) && wants(f.Type, v.Type) &&
				wants(f.PhoneNumber, v.PhoneNumber) && wants(f.ExternalID, v.ExternalID)
		},
	})
}

func (r participants) Create(ctx context.Context, v conference.Participant) (conference.Participant, error) {
	return create(ctx, r.session, r.tables().participants, v)
}

func (r participants) Update(ctx context.Context, scope identity.Scope, key conference.ParticipantID, change func(*conference.Participant) error) (conference.Participant, error) {
	return update(ctx, r.session, r.tables().participants, scope, intKey(key), change)
}

type rooms struct{ session }

func (r rooms) Get(ctx context.Context, scope identity.Scope, key conference.RoomID) (conference.Room, error) {
	return get(ctx, r.session, r.tables().rooms, scope, intKey(key))
}

func (r rooms) List(ctx context.Context, scope identity.Scope, f conference.RoomFilter, req page.Request) (page.Page[conference.Room], error) {
	t := r.tables()
	rows := ofEntity(t.rooms, t.roomsByEntity, scope, f.EntityID)
	if f.ExternalID != "" {
		rows = group(t.rooms, t.roomsByExternal, textKey(f.ExternalID))
	}
	return list(ctx, r.session, t.rooms, req, listing[conference.Room]{
		scope: scope, list: page.Fingerprint("rooms", scope, f), rows: rows,
		filter: func(v *conference.Room) bool {
			return wants(f.EntityID, v.EntityID) && wants(f.DepartmentID, v.DepartmentID) &&
				wants(f.Status, v.Status) && wants(f.ExternalID, v.ExternalID)
		},
	})
}

func (r rooms) Live(ctx context.Context, after conference.RoomID, limit int) ([]conference.Room, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var live []conference.Room
	for v := range t.rooms.in(d, t.roomsLive, "", past(intKey(after))) {
		if len(live) >= limit {
			break
		}
		live = append(live, *v)
	}
	return live, nil
}

func (r rooms) Create(ctx context.Context, v conference.Room) (conference.Room, error) {
	return create(ctx, r.session, r.tables().rooms, v)
}

func (r rooms) Update(ctx context.Context, scope identity.Scope, key conference.RoomID, change func(*conference.Room) error) (conference.Room, error) {
	return update(ctx, r.session, r.tables().rooms, scope, intKey(key), conference.Staying(change))
}

func (r rooms) Place(ctx context.Context, scope identity.Scope, key conference.RoomID) (conference.Place, error) {
	v, err := r.Get(ctx, scope, key)
	return v.Place(), err
}

func (r rooms) ByLiveKitName(ctx context.Context, name string) (conference.Room, error) {
	t := r.tables()
	return one(ctx, r.session, t.rooms, func(d *data) (*conference.Room, bool) {
		return t.rooms.find(d, t.roomsByLiveKitName, name)
	})
}

type roomParticipants struct{ session }

func (r roomParticipants) Create(ctx context.Context, v conference.RoomParticipant) (conference.RoomParticipant, error) {
	return create(ctx, r.session, r.tables().roomParticipants, v)
}

func (r roomParticipants) Get(ctx context.Context, scope identity.Scope, room conference.RoomID, who conference.ParticipantID) (conference.RoomParticipant, error) {
	t := r.tables()
	return one(ctx, r.session, t.roomParticipants, func(d *data) (*conference.RoomParticipant, bool) {
		link, ok := t.roomParticipants.find(d, t.roomParticipantsByBoth, bothKey(room, who))
		return link, ok && t.roomInScope(d, scope, room)
	})
}

func (r roomParticipants) List(ctx context.Context, scope identity.Scope, room conference.RoomID, req page.Request) (page.Page[conference.RoomParticipant], error) {
	t := r.tables()
	return list(ctx, r.session, t.roomParticipants, req, listing[conference.RoomParticipant]{
		scope: scope, list: page.Fingerprint("room_participants", scope, room),
		rows:   group(t.roomParticipants, t.roomParticipantsByRoom, intKey(room)),
		filter: func(*conference.RoomParticipant) bool { return true },
	})
}

func (r roomParticipants) Update(ctx context.Context, scope identity.Scope, room conference.RoomID, who conference.ParticipantID, change func(*conference.RoomParticipant) error) (conference.RoomParticipant, error) {
	var stored conference.RoomParticipant
	err := r.change(ctx, func(tx *tx) error {
		link, err := r.link(tx, scope, room, who)
		if err != nil {
			return err
		}
		all := func(*conference.RoomParticipant) bool { return true }
		stored, err = r.tables().roomParticipants.update(tx, intKey(link.ID), all, change)
		return err
	})
	return orZero(stored, err)
}

func (r roomParticipants) Delete(ctx context.Context, scope identity.Scope, room conference.RoomID, who conference.ParticipantID) error {
	return r.change(ctx, func(tx *tx) error {
		link, err := r.link(tx, scope, room, who)
		if err != nil {
			return err
		}
		r.tables().roomParticipants.store(tx, link, nil)
		return nil
	})
}

func (r roomParticipants) link(tx *tx, scope identity.Scope, room conference.RoomID, who conference.ParticipantID) (*conference.RoomParticipant, error) {
	t := r.tables()
	link, ok := t.roomParticipants.find(tx.data, t.roomParticipantsByBoth, bothKey(room, who))
	if !ok || !t.roomInScope(tx.data, scope, room) {
		return nil, errs.Absent(t.roomParticipants.what)
	}
	return link, nil
}
