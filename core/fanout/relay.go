package fanout

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	retry     = 100 * time.Millisecond // before the first new attempt, and twice as long each time
	longest   = 2 * time.Second        // of these waits
	gather    = 20 * time.Millisecond  // between two times of sending
	maxUnsent = 10_000                 // notices that wait to be sent; of more it is only said that there were some
)

// Notice is a key of a topic.
type Notice struct{ Topic, Key string }

// Link is how a relay reaches other processes. All of it is needed.
type Link struct {
	// Send sends notices in their order, each to every process that listens. What fails is sent again.
	Send func(ctx context.Context, notices []Notice) error
	// Listen listens on one connection, until that is lost or ctx ends, and returns why. It hands on what it hears by
	// [Relay.Hear], tells of topics that it begins to listen to by [Relay.Missed], looks for more when [Relay.Changed] says
	// so, and says by [Relay.Complete] how far it has heard everything.
	Listen func(ctx context.Context) error
	// Now is the clock.
	Now func() time.Time
	// Log is told when other processes are out of reach, and when they are back.
	Log *slog.Logger
}

// Relay is what all buses between processes have in common: it tells subscribers of this process at once, gathers what is
// to be sent and sends it until it has been sent, and listens on one connection after the other from the first
// subscription on. It is a ports.Bus.
type Relay struct {
	link   Link
	fanout Fanout

	begin   sync.Once // of the goroutine that listens
	quit    func()
	ctx     context.Context //nolint:containedctx // of what goes on until the relay is closed
	running sync.WaitGroup
	changed chan struct{}

	mu      sync.Mutex
	heard   time.Time // all that was sent before has been handed to fanout
	deaf    time.Time // when the connection was lost, or could not be made at first; zero while it is there
	unsent  []Notice
	since   time.Time // when the first of unsent was published; zero when there is none
	taken   time.Time // the since of those that are just being sent
	sending bool
	closed  bool
}

// NewRelay makes a relay, which must be closed.
func NewRelay(link Link) *Relay {
	r := &Relay{link: link, changed: make(chan struct{}, 1)}
	r.ctx, r.quit = context.WithCancel(context.Background())
	return r
}

// Close sends what waits, when that is possible at once, and stops.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.quit()
	r.begin.Do(func() {})
	r.running.Wait()
}

// Publish tells of keys of a topic. Subscribers of this process are told at once.
func (r *Relay) Publish(_ context.Context, topic string, keys ...string) {
	if len(keys) == 0 {
		return
	}
	now := r.link.Now()
	r.fanout.Publish(now, topic, keys...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if len(r.unsent) == 0 {
		r.since = now
	}
	for _, key := range keys {
		r.unsent = append(r.unsent, Notice{topic, key})
	}
	if len(r.unsent) > maxUnsent {
		r.unsent = gapsOf(r.unsent)
	}
	if !r.sending {
		r.sending = true
		r.running.Go(r.send)
	}
}

// gapsOf says of the topics of notices that there were some.
func gapsOf(notices []Notice) []Notice {
	var gaps []Notice
	for _, n := range notices {
		if gap := (Notice{n.Topic, Missed}); !slices.Contains(gaps, gap) {
			gaps = append(gaps, gap)
		}
	}
	return gaps
}

// Subscribe has fn called with each key of the topic that is published from now on. With the first subscriber of a topic
// this process begins to listen to it, and whoever subscribes is told of a gap when it does.
func (r *Relay) Subscribe(topic string, fn func(key string)) (unsubscribe func()) {
	unsubscribe = r.fanout.Subscribe(topic, fn)
	r.begin.Do(func() { r.running.Go(r.listen) })
	select {
	case r.changed <- struct{}{}:
	default:
	}
	return unsubscribe
}

// Confirmed returns a moment before which everything that was sent, by any process, has been delivered here.
func (r *Relay) Confirmed() time.Time {
	r.mu.Lock()
	until := r.heard
	for _, unsent := range []time.Time{r.since, r.taken} {
		if !unsent.IsZero() && unsent.Before(until) {
			until = unsent
		}
	}
	r.mu.Unlock()
	return r.fanout.Delivered(until)
}

// Topics returns the topics that somebody subscribes to.
func (r *Relay) Topics() []string { return r.fanout.Topics() }

// Changed receives something when there may be more topics.
func (r *Relay) Changed() <-chan struct{} { return r.changed }

// Hear hands on what another process sent.
func (r *Relay) Hear(topic string, keys ...string) {
	r.mu.Lock()
	heard := r.heard
	r.mu.Unlock()
	r.fanout.Publish(heard, topic, keys...)
}

// Missed tells of a gap: what others sent of a topic until now did not come here.
func (r *Relay) Missed(topic string) { r.Hear(topic, Missed) }

// Complete says that all that was sent before a moment has been handed to Hear.
func (r *Relay) Complete(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = until
	if !r.deaf.IsZero() {
		r.link.Log.InfoContext(r.ctx, "other processes are heard again", "after", r.link.Now().Sub(r.deaf))
		r.deaf = time.Time{}
	}
}

// listen listens until the relay is closed.
func (r *Relay) listen() {
	wait := retry
	for {
		err := r.link.Listen(r.ctx)
		if r.ctx.Err() != nil {
			return
		}
		if r.lost(err) {
			wait = retry
		}
		r.sleep(wait)
		wait = min(2*wait, longest)
	}
}

// lost notes that other processes are not heard. It reports whether they were until now.
func (r *Relay) lost(err error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.deaf.IsZero() {
		return false
	}
	r.deaf = r.link.Now()
	r.link.Log.WarnContext(r.ctx, "the connection that listens to other processes was lost", "err", err)
	return true
}

// send sends until nothing waits.
func (r *Relay) send() {
	wait, failed := retry, false
	for {
		batch := r.take()
		if batch == nil {
			return
		}
		err := r.link.Send(context.WithoutCancel(r.ctx), batch)
		switch {
		case err == nil:
			r.sent()
			if failed {
				r.link.Log.InfoContext(r.ctx, "notices are sent to other processes again")
			}
			wait, failed = retry, false
			r.sleep(gather) // more come, and are sent together
		case r.ctx.Err() != nil:
			r.link.Log.WarnContext(r.ctx, "notices were not sent before the end", "notices", len(batch), "err", err)
			return
		default:
			if !failed {
				r.link.Log.WarnContext(r.ctx, "notices cannot be sent to other processes, and are tried again", "notices", len(batch), "err", err)
			}
			failed = true
			r.giveBack(batch)
			r.sleep(wait)
			wait = min(2*wait, longest)
		}
	}
}

// take takes what waits, each notice once; nil is nothing, and ends the goroutine that sends.
func (r *Relay) take() []Notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.unsent) == 0 {
		r.sending = false
		return nil
	}
	seen := make(map[Notice]struct{}, len(r.unsent))
	batch := slices.DeleteFunc(r.unsent, func(n Notice) bool {
		_, known := seen[n]
		seen[n] = struct{}{}
		return known
	})
	r.unsent, r.taken, r.since = nil, r.since, time.Time{}
	return batch
}

func (r *Relay) sent() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken = time.Time{}
}

func (r *Relay) giveBack(batch []Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unsent, r.since, r.taken = append(batch, r.unsent...), r.taken, time.Time{}
}

// sleep waits, but not longer than until the relay is closed.
func (r *Relay) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.ctx.Done():
	}
}
