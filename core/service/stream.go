package service

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// StreamPosition is a place in the events of a room: all up to these ids have been seen. The zero value is before the
// first.
type StreamPosition struct {
	Room  conference.RoomEventID
	Agent conference.AgentSessionEventID
}

// String is the form that [ParseStreamPosition] reads: "12.7".
func (p StreamPosition) String() string { return p.Room.String() + "." + p.Agent.String() }

// ParseStreamPosition reads a position. Errors: Invalid "invalid-position".
func ParseStreamPosition(s string) (StreamPosition, error) {
	room, agent, ok := strings.Cut(s, ".")
	r, err := strconv.ParseUint(room, 10, 63)
	a, other := strconv.ParseUint(agent, 10, 63)
	if !ok || err != nil || other != nil {
		return StreamPosition{}, errs.New(errs.Invalid, "invalid-position", "the position must be the id of an event of the stream, such as 12.7")
	}
	return StreamPosition{conference.RoomEventID(r), conference.AgentSessionEventID(a)}, nil
}

// StreamEvent is an event of a room on its way to who follows it.
type StreamEvent struct {
	Position  StreamPosition          // after it
	Kind      conference.TimelineKind // TimelineRoomEvent or TimelineAgentEvent
	ID        int64                   // among those of its kind
	RoomID    conference.RoomID
	Name      string
	Data      jsonobj.Object
	CreatedAt time.Time
}

// StreamOptions is how rooms are followed. Zero values take the defaults.
type StreamOptions struct {
	Max    int           // how many streams there are at once; the default is 5000
	Ring   int           // how many events of a room a reader may be behind; the default is 1024
	Poll   time.Duration // how often a room is looked at of which nothing is heard; the default is 2 seconds
	Linger time.Duration // how long a room is followed that nobody reads any more; the default is 5 seconds
}

// Streams lets many follow what happens in rooms. However many follow a room, the process reads each of its events once.
type Streams struct {
	d      Deps
	rooms  *Rooms
	encode func(b []byte, e StreamEvent) []byte
	o      StreamOptions

	running     sync.WaitGroup
	mu          sync.Mutex
	hubs        map[string]*hub // by the room's id
	open        int
	unsubscribe func() // nil before the first
	closed      bool
}

// NewStreams makes the use case. encode appends an event in the form that readers get; it is called once for an event,
// however many readers there are.
func NewStreams(d Deps, rooms *Rooms, encode func(b []byte, e StreamEvent) []byte, o StreamOptions) *Streams {
	o.Max, o.Ring = cmp.Or(o.Max, 5000), cmp.Or(o.Ring, 1024)
	o.Poll, o.Linger = cmp.Or(o.Poll, 2*time.Second), cmp.Or(o.Linger, 5*time.Second)
	return &Streams{d: d, rooms: rooms, encode: encode, o: o, hubs: map[string]*hub{}}
}

// Follow begins to follow a room, and logs that: after a position, or with nil from now on. The reader must be closed. A
// position that is not there yet counts as now. Errors: NotFound "room-not-found", Unavailable "too-many-streams", "shutting-down".
func (s *Streams) Follow(ctx context.Context, actor identity.Actor, room conference.RoomID, from *StreamPosition) (*StreamReader, error) {
	r, err := s.rooms.visible(ctx, actor, room)
	if err != nil {
		return nil, err
	}
	h, err := s.enter(ctx, room)
	if err != nil {
		return nil, err
	}
	reader := &StreamReader{s: s, hub: h, entity: r.EntityID}
	reader.leave = sync.OnceFunc(func() { s.leave(reader) })
	// Whoever resumes was told of events that this process may not have heard of yet.
	err = h.refresh(ctx)
	if err == nil {
		err = logRead(ctx, s.d, actor, "rooms", room.String(), r.EntityID, map[string]string{"stream": "opened"})
	}
	if err != nil {
		reader.Close()
		return nil, err
	}
	h.begin(reader, from)
	return reader, nil
}

// Close ends every stream, and lets none begin.
func (s *Streams) Close() {
	s.mu.Lock()
	s.closed = true
	for room := range s.hubs {
		s.drop(room)
	}
	if s.unsubscribe != nil {
		s.unsubscribe()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func errShuttingDown() error {
	err := errs.New(errs.Unavailable, "shutting-down", "the service is stopping")
	err.Retry = time.Second
	return err
}

// enter counts a reader in.
func (s *Streams) enter(ctx context.Context, room conference.RoomID) (*hub, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errShuttingDown()
	}
	if s.open >= s.o.Max {
		err := errs.New(errs.Unavailable, "too-many-streams", "too many streams are open; try again later")
		err.Retry = 5 * time.Second
		return nil, err
	}
	s.open++
	if s.unsubscribe == nil {
		s.unsubscribe = s.d.Bus.Subscribe(ports.TopicRooms, s.hear)
	}
	h, ok := s.hubs[room.String()]
	if !ok {
		hubCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
		h = newHub(s, room, stop)
		s.hubs[room.String()] = h
		s.running.Go(func() { h.run(hubCtx) })
	}
	h.users++
	return h, nil
}

// leave counts a reader out. The room is followed a while longer: most come back.
func (s *Streams) leave(r *StreamReader) {
	r.hub.forget(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	h := r.hub
	if h.users--; h.users > 0 {
		return
	}
	h.left++
	left, room := h.left, h.room.String()
	time.AfterFunc(s.o.Linger, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.hubs[room] == h && h.users == 0 && h.left == left {
			s.drop(room)
		}
	})
}

// drop ends the hub of a room.
func (s *Streams) drop(room string) {
	s.hubs[room].end()
	delete(s.hubs, room)
}

// hear is told that something was appended to a room; "" stands for any.
func (s *Streams) hear(room string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h, ok := s.hubs[room]; ok {
		h.notice()
	}
	if room == "" {
		for _, h := range s.hubs {
			h.notice()
		}
	}
}

const (
	lingerEach = 50 * time.Microsecond  // how long a reader waits for more, for each stream that is open
	lingerMost = 100 * time.Millisecond // and at most
)

// linger is how long a reader that has just got something waits for more: the more readers there are, the more each of
// them takes at once. They do not wait in step.
func (s *Streams) linger() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := min(time.Duration(s.open)*lingerEach, lingerMost)
	return d/2 + rand.N(d+1) //nolint:gosec // only keeps readers apart
}

const (
	streamPage  = 200       // events of either kind that are read at once
	streamBatch = 256 << 10 // bytes, after which a reader is given what there is
)

// StreamReader is one reader of a room's events. It is for one goroutine.
type StreamReader struct {
	s      *Streams
	hub    *hub
	entity clinic.EntityID // of the room, which is for good
	at     StreamPosition
	had    bool // the last call of Next had something
	leave  func()

	// Guarded by the hub.
	joined bool   // it reads from the ring; otherwise it still catches up
	next   uint64 // the number of the frame that it reads next
	lost   bool   // the ring has gone over it
}

// Position is up to where the reader has read.
func (r *StreamReader) Position() StreamPosition { return r.at }

// Close ends reading; again is no error.
func (r *StreamReader) Close() { r.leave() }

// Permits checks whether an actor may still read the room. Errors: Forbidden, NotFound "room-not-found".
func (r *StreamReader) Permits(actor identity.Actor) error {
	if err := actor.Require(identity.EventsRead); err != nil {
		return err
	}
	if !actor.Scope().Includes(r.entity) {
		return errs.Absent("room")
	}
	return nil
}

// Next appends the encoded events that come next to b, in their order: some of those that are there, or the first that
// comes in the time given, or nothing when none does. Errors: Exhausted "slow-reader" when the reader was too far
// behind; Unavailable "shutting-down"; those of the context and of the store. After each it can be resumed from
// [StreamReader.Position] by another reader.
func (r *StreamReader) Next(ctx context.Context, b []byte, wait time.Duration) ([]byte, error) {
	if r.had {
		if err := pause(ctx, r.s.linger(), r.hub.ended); err != nil {
			return b, err
		}
	}
	before := len(b)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		frames, grown, err := r.hub.frames(r)
		if err != nil {
			return b, err
		}
		if frames == nil && grown == nil {
			if b, err = r.catchUp(ctx, b); err != nil {
				return b, err
			}
		}
		for _, f := range frames {
			b, r.at = append(b, f.bytes...), f.at
		}
		if r.had = len(b) > before; r.had {
			return b, nil
		}
		if grown == nil {
			continue // it has just caught up
		}
		select {
		case <-grown:
		case <-timer.C:
			return b, nil
		case <-ctx.Done():
			return b, ctx.Err()
		}
	}
}

// catchUp reads a page from the store, up to where the hub is. A reader that has come there goes on from the ring: at
// exactly that place, because another reader's order of the two kinds may be another one.
func (r *StreamReader) catchUp(ctx context.Context, b []byte) ([]byte, error) {
	target := r.hub.position()
	events, at, err := r.s.read(ctx, r.hub.room, r.at, &target)
	if err != nil {
		return b, err
	}
	for _, e := range events {
		b = r.s.encode(b, e)
	}
	r.at = at
	r.hub.join(r)
	return b, nil
}

// read reads what comes after a position, up to another one when it is given, in its order: by time, then by kind, those
// of a kind by id. It returns how far it came.
func (s *Streams) read(ctx context.Context, room conference.RoomID, at StreamPosition, to *StreamPosition) ([]StreamEvent, StreamPosition, error) {
	all := identity.AllEntities() // whoever reads was checked
	events, agentEvents, err := s.d.Repositories.Timeline.After(ctx, all, room, at.Room, at.Agent, streamPage)
	if err != nil {
		return nil, at, err
	}
	more, moreAgent := len(events) == streamPage, len(agentEvents) == streamPage
	if to != nil {
		kept, keptAgent := len(events), len(agentEvents)
		events = slices.DeleteFunc(events, func(e conference.RoomEvent) bool { return e.ID > to.Room })
		agentEvents = slices.DeleteFunc(agentEvents, func(e conference.AgentSessionEvent) bool { return e.ID > to.Agent })
		more, moreAgent = more && len(events) == kept, moreAgent && len(agentEvents) == keptAgent
	}
	merged := make([]StreamEvent, 0, len(events)+len(agentEvents))
	for len(events)+len(agentEvents) > 0 {
		// Where there is more of a kind than was read, what comes next may be of that kind.
		if len(events) == 0 && more || len(agentEvents) == 0 && moreAgent {
			return merged, at, nil
		}
		if len(agentEvents) == 0 || len(events) > 0 && !events[0].CreatedAt.After(agentEvents[0].CreatedAt) {
			e := events[0]
			at.Room, events = e.ID, events[1:]
			merged = append(merged, StreamEvent{at, conference.TimelineRoomEvent, int64(e.ID), e.RoomID, e.Name, e.Data, e.CreatedAt})
			continue
		}
		e := agentEvents[0]
		at.Agent, agentEvents = e.ID, agentEvents[1:]
		merged = append(merged, StreamEvent{at, conference.TimelineAgentEvent, int64(e.ID), e.RoomID, e.Name, e.Data, e.CreatedAt})
	}
	if to != nil && !more && !moreAgent {
		at = *to // what is not there any more was removed
	}
	return merged, at, nil
}

// pause waits, unless something ends first; the error is the context's.
func pause(ctx context.Context, d time.Duration, ended <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ended:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
