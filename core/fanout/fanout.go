// Package fanout hands short notices to whoever subscribed in this process. Buses are built on it: one in memory needs no
// more, one between processes has what it hears from the others handed out in the same way.
package fanout

import (
	"sync"
	"time"
)

// Missed is the key by which a subscriber learns that it may have missed notices.
const Missed = ""

// limit is how many keys wait for a subscriber at most. One that is so far behind is told of a gap instead.
const limit = 10_000

// Fanout hands keys of topics to subscribers. Nobody who publishes waits for a subscriber. The zero value is ready. It
// must not be copied.
type Fanout struct {
	mu     sync.Mutex
	topics map[string]map[*subscriber]struct{}
	latest time.Time // the latest moment that Delivered has returned
}

// Subscribe has fn called with each key of the topic that is published from now on, in its order, by one goroutine at a
// time. A key that waits already does not wait twice.
func (f *Fanout) Subscribe(topic string, fn func(key string)) (unsubscribe func()) {
	s := &subscriber{fn: fn}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.topics == nil {
		f.topics = map[string]map[*subscriber]struct{}{}
	}
	if f.topics[topic] == nil {
		f.topics[topic] = map[*subscriber]struct{}{}
	}
	f.topics[topic][s] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.topics[topic], s)
		if len(f.topics[topic]) == 0 {
			delete(f.topics, topic)
		}
		s.close()
	}
}

// Topics returns the topics that somebody subscribes to.
func (f *Fanout) Topics() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	topics := make([]string, 0, len(f.topics))
	for topic := range f.topics {
		topics = append(topics, topic)
	}
	return topics
}

// Publish hands keys to the subscribers of a topic. None of them was sent before the moment at.
func (f *Fanout) Publish(at time.Time, topic string, keys ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.topics[topic] {
		s.add(at, keys)
	}
}

// Gap tells every subscriber of every topic that it may have missed notices, none of them sent before the moment at.
func (f *Fanout) Gap(at time.Time) {
	for _, topic := range f.Topics() {
		f.Publish(at, topic, Missed)
	}
}

// Delivered returns the moment before which everything that was sent has been delivered, of which all before until has
// been published here: until, or earlier when a subscriber is behind. It never goes back.
func (f *Fanout) Delivered(until time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, subscribers := range f.topics {
		for s := range subscribers {
			if since, waiting := s.oldest(); waiting && since.Before(until) {
				until = since
			}
		}
	}
	if until.After(f.latest) {
		f.latest = until
	}
	return f.latest
}

// subscriber has a goroutine while keys wait for it.
type subscriber struct {
	fn func(key string)

	mu      sync.Mutex
	waiting []string
	known   map[string]struct{} // the waiting ones
	since   time.Time           // none of the waiting was sent before
	taken   time.Time           // the since of those that the goroutine has taken; zero when it has none
	running bool
	closed  bool
}

func (s *subscriber) add(at time.Time, keys []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		if len(s.waiting) == 0 {
			s.since, s.known = at, map[string]struct{}{}
		}
		if at.Before(s.since) {
			s.since = at
		}
		if _, waits := s.known[key]; waits {
			continue
		}
		if len(s.waiting) == limit {
			clear(s.known)
			s.waiting, key = s.waiting[:0], Missed
		}
		s.waiting = append(s.waiting, key)
		s.known[key] = struct{}{}
	}
	if !s.running && len(s.waiting) > 0 && !s.closed {
		s.running = true
		go s.run()
	}
}

// run calls fn until nothing waits.
func (s *subscriber) run() {
	for {
		keys := s.take()
		if keys == nil {
			return
		}
		for _, key := range keys {
			if s.isClosed() {
				break
			}
			s.fn(key)
		}
	}
}

// take takes what waits; nil is nothing, and ends the goroutine.
func (s *subscriber) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 || s.closed {
		s.running, s.taken = false, time.Time{}
		return nil
	}
	keys := s.waiting
	s.waiting, s.taken = nil, s.since
	return keys
}

// oldest returns a moment before which none of the notices was sent that fn has not returned from.
func (s *subscriber) oldest() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.taken.IsZero() && (len(s.waiting) == 0 || s.taken.Before(s.since)):
		return s.taken, true
	case len(s.waiting) > 0:
		return s.since, true
	}
	return time.Time{}, false
}

func (s *subscriber) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.waiting = true, nil
}

func (s *subscriber) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}
