package redis

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/secretary-api/secretary/core/fanout"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/ports"
)

const (
	busTimeout = 2 * time.Second
	busBeat    = 250 * time.Millisecond // between two questions whether all has arrived
	busKeys    = 500                    // of one message, so at most 50 kB
	busPool    = 2                      // connections: one sends notices, one asks
)

// Bus carries notices by Redis's channels. It implements [ports.Bus]. One connection listens: it is made when somebody
// subscribes first. A message is by which bus it was sent and the keys, each on a line of its own.
//
// Redis does one thing after the other, and hands what is published to whoever listens in that order. So when a word that
// this bus published comes back to it, all has arrived here that was published before.
type Bus struct {
	*fanout.Relay

	client  *redis.Client
	timeout time.Duration
	failed  func()
	prefix  string // of the channels, before the topic
	self    string
	echo    string // the channel of this bus's own words
}

// NewBus makes a bus. It does not fail when the server is away. Errors: Invalid "invalid-redis-url", "invalid-key".
func NewBus(o Options) (*Bus, error) {
	o = o.withDefaults(busTimeout)
	_, space, err := sealOf(o.Key, o.Namespace)
	if err != nil {
		return nil, err
	}
	options, err := optionsOf(o.URL, o.Timeout)
	if err != nil {
		return nil, err
	}
	options.PoolSize = busPool
	b := &Bus{
		client: redis.NewClient(options), timeout: o.Timeout, failed: o.Failed,
		prefix: formatVersion + space + ":bus:", self: id.NewUUID(time.Now()).String(),
	}
	b.echo = formatVersion + space + ":echo:" + b.self
	b.Relay = fanout.NewRelay(fanout.Link{
		Send: b.send, Listen: b.listen, Now: time.Now, Log: o.Log.With("bus", "Redis"),
	})
	return b, nil
}

// Close sends what waits, when that is possible at once, and gives the connections back. What is published afterwards
// reaches this process only.
func (b *Bus) Close() {
	b.Relay.Close()
	_ = b.client.Close() // nothing is on its way
}

// send publishes notices, as many as possible in one message, and all messages at once.
func (b *Bus) send(ctx context.Context, notices []fanout.Notice) error {
	var topics []string
	keys := map[string][]string{}
	for _, n := range notices {
		if keys[n.Topic] == nil {
			topics = append(topics, n.Topic)
		}
		keys[n.Topic] = append(keys[n.Topic], n.Key)
	}
	pipe := b.client.Pipeline()
	for _, topic := range topics {
		for some := range slices.Chunk(keys[topic], busKeys) {
			pipe.Publish(ctx, b.prefix+topic, b.self+"\n"+strings.Join(some, "\n"))
		}
	}
	_, err := pipe.Exec(ctx)
	if err != nil {
		b.failed()
	}
	return err
}

// listen listens on one connection until it is lost. Nothing is done on the connection after its first failure: the client
// would make it anew by itself, and nobody would know what was missed.
func (b *Bus) listen(ctx context.Context) error {
	ctx, lose := context.WithCancelCause(ctx)
	e := &ear{bus: b, sub: b.client.Subscribe(ctx), answers: make(chan string), listening: map[string]bool{}}
	var receiving sync.WaitGroup
	defer func() {
		lose(nil)
		_ = e.sub.Close() // it is of no use any more
		receiving.Wait()
	}()
	err := e.sub.Subscribe(ctx, b.echo)
	if err == nil {
		receiving.Go(func() { lose(e.receive(ctx)) })
		err = e.keep(ctx)
	}
	if !errors.Is(err, context.Canceled) { // which is the end of the bus
		b.failed()
	}
	return err
}

// ear is a connection that listens.
type ear struct {
	bus       *Bus
	sub       *redis.PubSub
	answers   chan string     // channels that it listens to from now on, and words that came back
	listening map[string]bool // by topic
}

// receive hands on what comes in, until the connection is lost.
func (e *ear) receive(ctx context.Context) error {
	for {
		// Words come back all the time, so silence is a failure: a message of which a part was read cannot be waited for again.
		got, err := e.sub.ReceiveTimeout(ctx, busBeat+2*e.bus.timeout)
		if err != nil {
			return err
		}
		var answer string
		switch m := got.(type) {
		case *redis.Subscription:
			answer = m.Channel
		case *redis.Message:
			if m.Channel != e.bus.echo {
				e.bus.heard(m)
				continue
			}
			answer = m.Payload
		default:
			continue
		}
		select {
		case e.answers <- answer:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// heard hands a message on, unless it is this bus's, whose subscribers were told already.
func (b *Bus) heard(m *redis.Message) {
	topic, ours := strings.CutPrefix(m.Channel, b.prefix)
	from, keys, whole := strings.Cut(m.Payload, "\n")
	if ours && whole && from != b.self {
		b.Hear(topic, strings.Split(keys, "\n")...)
	}
}

// keep asks again and again whether all has arrived, until the connection is lost.
func (e *ear) keep(ctx context.Context) error {
	if err := e.await(ctx, e.bus.echo); err != nil {
		return err
	}
	for {
		asked := time.Now()
		if err := e.beat(ctx); err != nil {
			return err
		}
		e.bus.Complete(asked)
		select {
		case <-time.After(busBeat):
		case <-e.bus.Changed():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// beat begins to listen to topics that are new, for which what was sent until then was missed, and has a word come back.
func (e *ear) beat(ctx context.Context) error {
	var topics, channels []string
	for _, topic := range e.bus.Topics() {
		if !e.listening[topic] {
			topics, channels = append(topics, topic), append(channels, e.bus.prefix+topic)
		}
	}
	if len(topics) > 0 {
		if err := e.sub.Subscribe(ctx, channels...); err != nil {
			return err
		}
		for i, topic := range topics {
			if err := e.await(ctx, channels[i]); err != nil {
				return err
			}
			e.listening[topic] = true
			e.bus.Missed(topic)
		}
	}
	word := id.NewUUID(time.Now()).String()
	if err := e.bus.client.Publish(ctx, e.bus.echo, word).Err(); err != nil {
		return err
	}
	return e.await(ctx, word)
}

// await waits for an answer. A word that comes late is an earlier connection's; a channel that nobody asked for now is told
// when the client made the connection anew.
func (e *ear) await(ctx context.Context, want string) error {
	late := time.NewTimer(e.bus.timeout)
	defer late.Stop()
	for {
		select {
		case got := <-e.answers:
			switch {
			case got == want:
				return nil
			case strings.HasPrefix(got, formatVersion):
				return errors.New("redis: the connection is not the one that it was")
			}
		case <-late.C:
			return errors.New("redis: what was published does not come back")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

var _ ports.Bus = (*Bus)(nil)
