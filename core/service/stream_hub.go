package service

import (
	"context"
	"sort"
	"sync"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

const (
	hubGather   = 10 * time.Millisecond // between two looks into the store, however much there is to read
	hubTimeout  = 10 * time.Second      // for one look
	hubPatience = 500 * time.Millisecond
	hubStep     = 5 * time.Millisecond
	ringBytes   = 8 << 20 // of the events of a room that are kept, unless one is larger
)

// frame is an encoded event.
type frame struct {
	bytes []byte
	at    StreamPosition // after it
}

// hub follows one room for all who read it. One goroutine reads the store, and keeps the last events in a ring, which
// the readers go along at their own pace.
type hub struct {
	s      *Streams
	room   conference.RoomID
	wake   chan struct{}
	ended  chan struct{} // closed when the hub ends
	cancel context.CancelFunc

	users, left int // guarded by the Streams

	mu       sync.Mutex
	ring     []frame // what a reader has taken of it does not change any more
	bytes    int
	first    uint64         // the number of the first frame in the ring
	at       StreamPosition // after the last one
	placed   bool           // at is known
	grown    chan struct{}  // closed and made anew when there is something new to see
	readers  map[*StreamReader]struct{}
	asked    uint64 // how often somebody wanted to know that all has been read
	answered uint64 // and up to which of them it has been
	failed   error  // why the last look failed
	stopped  bool
}

func newHub(s *Streams, room conference.RoomID, cancel context.CancelFunc) *hub {
	return &hub{
		s: s, room: room, cancel: cancel, wake: make(chan struct{}, 1), ended: make(chan struct{}),
		grown: make(chan struct{}), readers: map[*StreamReader]struct{}{},
	}
}

// notice has the hub look into the store.
func (h *hub) notice() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// end ends the hub and its readers.
func (h *hub) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cancel()
	h.stopped = true
	close(h.ended)
	h.tell()
}

// tell wakes everybody who waits.
func (h *hub) tell() {
	close(h.grown)
	h.grown = make(chan struct{})
}

// run looks into the store whenever something happened, and now and then in case a notice was lost.
func (h *hub) run(ctx context.Context) {
	poll := time.NewTicker(h.s.o.Poll)
	defer poll.Stop()
	for ctx.Err() == nil {
		select {
		case <-h.wake:
		case <-poll.C:
		case <-ctx.Done():
			return
		}
		h.look(ctx)
		_ = pause(ctx, hubGather, nil) // more come, and are read together
	}
}

// look reads what is new.
func (h *hub) look(ctx context.Context) {
	h.mu.Lock()
	asked := h.asked
	h.mu.Unlock()
	err := h.read(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil && h.failed == nil && ctx.Err() == nil {
		h.s.d.Log.WarnContext(ctx, "a room that is followed cannot be read, and is tried again", "room", h.room.String(), "err", err)
	}
	h.failed = err
	if h.answered < asked {
		h.answered = asked
		h.tell()
	}
}

func (h *hub) read(ctx context.Context) error {
	if err := h.place(ctx); err != nil {
		return err
	}
	for {
		reading, cancel := context.WithTimeout(ctx, hubTimeout)
		events, _, err := h.s.read(reading, h.room, h.position(), nil)
		cancel()
		if err != nil || len(events) == 0 {
			return err
		}
		frames := make([]frame, 0, len(events))
		for _, e := range events {
			frames = append(frames, frame{h.s.encode(nil, e), e.Position})
		}
		h.add(ctx, frames)
	}
}

// place begins at the newest events. The list that tells them may be a little behind, which only makes the ring longer.
func (h *hub) place(ctx context.Context) error {
	h.mu.Lock()
	placed := h.placed
	h.mu.Unlock()
	if placed {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, hubTimeout)
	defer cancel()
	var at StreamPosition
	filter := conference.EventFilter{RoomID: h.room, Newest: true}
	events, err := h.s.d.Repositories.RoomEvents.List(ctx, identity.AllEntities(), filter, page.Request{Limit: 1})
	if err != nil {
		return err
	}
	for _, e := range events.Items {
		at.Room = e.ID
	}
	agentEvents, err := h.s.d.Repositories.AgentSessionEvents.List(ctx, identity.AllEntities(), filter, page.Request{Limit: 1})
	if err != nil {
		return err
	}
	for _, e := range agentEvents.Items {
		at.Agent = e.ID
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at, h.placed = at, true
	return nil
}

// add puts frames into the ring. Readers over whom the ring would go have some time to go on; then they are lost.
func (h *hub) add(ctx context.Context, frames []frame) {
	for range hubPatience / hubStep {
		if !h.overtakes(frames) || pause(ctx, hubStep, nil) != nil {
			break
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	keep := h.first + h.surplus(frames)
	for r := range h.readers {
		if r.joined && r.next < keep {
			r.lost = true
		}
	}
	h.ring = append(h.ring, frames...)
	for _, f := range frames {
		h.bytes += len(f.bytes)
	}
	for ; h.first < keep; h.first++ {
		h.bytes -= len(h.ring[0].bytes)
		h.ring = h.ring[1:]
	}
	h.at = frames[len(frames)-1].at
	h.tell()
}

// overtakes reports whether the ring would go over a reader that is not lost.
func (h *hub) overtakes(frames []frame) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	keep := h.first + h.surplus(frames)
	for r := range h.readers {
		if r.joined && !r.lost && r.next < keep {
			return true
		}
	}
	return false
}

// surplus is how many frames the ring would have too many.
func (h *hub) surplus(frames []frame) uint64 {
	bytes := h.bytes
	for _, f := range frames {
		bytes += len(f.bytes)
	}
	n := 0
	for ; n < len(h.ring) && (len(h.ring)-n+len(frames) > h.s.o.Ring || bytes > ringBytes); n++ {
		bytes -= len(h.ring[n].bytes)
	}
	return uint64(n)
}

func (h *hub) position() StreamPosition {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

// refresh waits until everything has been read that was in the store before.
func (h *hub) refresh(ctx context.Context) error {
	h.mu.Lock()
	h.asked++
	mine := h.asked
	h.mu.Unlock()
	h.notice()
	for {
		h.mu.Lock()
		grown, done, err := h.grown, h.answered >= mine, h.failed
		if h.stopped {
			done, err = true, errShuttingDown()
		}
		h.mu.Unlock()
		if done {
			return err
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// begin puts a new reader where it wants to begin.
func (h *hub) begin(r *StreamReader, from *StreamPosition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.readers[r] = struct{}{}
	r.at = h.at
	if from != nil {
		r.at = StreamPosition{min(from.Room, h.at.Room), min(from.Agent, h.at.Agent)}
	}
	h.seek(r)
}

// join has a reader that has caught up go on from the ring.
func (h *hub) join(r *StreamReader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seek(r)
}

// seek finds the place of a reader in the ring, unless it is not in the ring any more, or was never a place of it.
func (h *hub) seek(r *StreamReader) {
	n := sort.Search(len(h.ring), func(i int) bool { return !before(h.ring[i].at, r.at) })
	switch {
	case r.at == h.at:
		n = len(h.ring)
	case n < len(h.ring) && h.ring[n].at == r.at:
		n++
	default:
		return
	}
	r.joined, r.next = true, h.first+uint64(n)
}

// before compares two places of one ring, of which the later has seen all of the earlier.
func before(a, b StreamPosition) bool {
	return int64(a.Room)+int64(a.Agent) < int64(b.Room)+int64(b.Agent)
}

func (h *hub) forget(r *StreamReader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.readers, r)
}

// frames takes what a reader has not read yet, and what is closed when there is more. Both are nil for a reader that has
// not caught up.
func (h *hub) frames(r *StreamReader) ([]frame, <-chan struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.stopped:
		return nil, nil, errShuttingDown()
	case r.lost:
		return nil, nil, errs.New(errs.Exhausted, "slow-reader", "the reader was too far behind; it may go on from where it was")
	case !r.joined:
		return nil, nil, nil
	}
	waiting := h.ring[r.next-h.first:]
	bytes := 0
	for n := range waiting {
		if bytes += len(waiting[n].bytes); bytes >= streamBatch {
			waiting = waiting[:n+1]
			break
		}
	}
	r.next += uint64(len(waiting))
	return waiting, h.grown, nil
}
