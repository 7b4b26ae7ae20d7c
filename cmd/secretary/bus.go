package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/secretary-api/secretary/adapters/redis"
	"github.com/secretary-api/secretary/ports"
)

// carryRooms has the notices of rooms go by Redis where the configuration names one. Those of changed records stay with the
// store, whose triggers send them, and so does everything in a process that has no other ones to reach: what is kept in
// memory is its alone. close, of the store, ends that too.
//
// It comes after keepCopies: whether copies can be trusted is the store's own bus to say, whatever becomes of Redis.
func (s *store) carryRooms(cfg Config, m *metrics, log *slog.Logger) error {
	if cfg.RedisURL == "" || !s.durable {
		return nil
	}
	if cfg.SigningKey == "" {
		log.Info("SECRETARY_SIGNING_KEY is not set: notices of rooms go by the database, not by Redis")
		return nil
	}
	namespace, err := s.namespace(cfg)
	if err != nil {
		return err
	}
	rooms, err := redis.NewBus(redis.Options{
		URL: cfg.RedisURL.reveal(), Key: []byte(cfg.SigningKey.reveal()), Namespace: namespace, Log: log, Failed: m.busError,
	})
	if err != nil {
		return fmt.Errorf("open the bus: %w", err)
	}
	s.bus = &topicBus{rooms: part{bus: rooms}, others: part{bus: s.bus}}
	closeStore := s.close
	s.close = func() {
		rooms.Close()
		closeStore()
	}
	return nil
}

// topicBus sends the notices of rooms by a bus of their own, and all others by another.
type topicBus struct {
	mu            sync.Mutex
	rooms, others part
	latest        time.Time // that Confirmed has returned
}

// part is a bus, and how many subscribe to it.
type part struct {
	bus         ports.Bus
	subscribers int
}

func (b *topicBus) of(topic string) *part {
	if topic == ports.TopicRooms {
		return &b.rooms
	}
	return &b.others
}

// Publish implements [ports.Bus].
func (b *topicBus) Publish(ctx context.Context, topic string, keys ...string) {
	b.of(topic).bus.Publish(ctx, topic, keys...)
}

// Subscribe implements [ports.Bus].
func (b *topicBus) Subscribe(topic string, fn func(key string)) (unsubscribe func()) {
	p := b.of(topic)
	b.count(p, 1)
	leave := p.bus.Subscribe(topic, fn)
	return sync.OnceFunc(func() {
		leave()
		b.count(p, -1)
	})
}

func (b *topicBus) count(p *part, more int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p.subscribers += more
}

// Confirmed implements [ports.Bus]: what both have confirmed, or the one to which somebody subscribes; the other one
// knows nothing then. Who subscribes to one topic only may ask its bus instead, which the other one does not hold up.
func (b *topicBus) Confirmed() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	var until time.Time
	switch {
	case b.rooms.subscribers == 0:
		until = b.others.bus.Confirmed()
	case b.others.subscribers == 0:
		until = b.rooms.bus.Confirmed()
	default:
		until = b.others.bus.Confirmed()
		if rooms := b.rooms.bus.Confirmed(); rooms.Before(until) {
			until = rooms
		}
	}
	if until.After(b.latest) {
		b.latest = until
	}
	return b.latest
}

var _ ports.Bus = (*topicBus)(nil)
