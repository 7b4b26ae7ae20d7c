package postgres

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/secretary-api/secretary/core/fanout"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/ports"
)

const (
	busChannel = "secretary_"           // and the topic
	busBeat    = 250 * time.Millisecond // between two questions whether all has arrived
	busTimeout = 5 * time.Second        // for connecting, and for one statement
)

// bus sends notices with NOTIFY. One connection, which is none of the pool's, listens: it is made when somebody
// subscribes first. A notification is what was published, a tab, and by which store; that of a trigger has no tab.
//
// PostgreSQL wakes who listens before it answers who commits, and a session tells what it was woken for before it
// answers a statement. So when a statement on the listening connection is answered, all has arrived here that was
// committed before it was asked.
type bus struct {
	*fanout.Relay

	pool   *pgxpool.Pool
	config *pgx.ConnConfig
	self   string
}

func newBus(pool *pgxpool.Pool, log *slog.Logger) *bus {
	b := &bus{pool: pool, config: pool.Config().ConnConfig.Copy(), self: id.NewUUID(time.Now()).String()}
	b.Relay = fanout.NewRelay(fanout.Link{Send: b.notify, Listen: b.listen, Now: time.Now, Log: log})
	b.config.ConnectTimeout = busTimeout
	b.config.Tracer = nil // nobody wants to hear of every beat
	b.config.RuntimeParams["application_name"] += " (bus)"
	b.config.RuntimeParams["idle_session_timeout"] = "0"
	b.config.OnNotification = b.receive
	return b
}

// Bus returns the store's bus.
func (s *Store) Bus() ports.Bus { return s.bus }

// notify sends notices in one statement.
func (b *bus) notify(ctx context.Context, notices []fanout.Notice) error {
	ctx, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	var channels, payloads []string
	for _, n := range notices {
		channels, payloads = append(channels, busChannel+n.Topic), append(payloads, n.Key+"\t"+b.self)
	}
	_, err := b.pool.Exec(ctx, `SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS n (channel, payload)`, channels, payloads)
	return err
}

// receive hands a notification on.
func (b *bus) receive(_ *pgconn.PgConn, n *pgconn.Notification) {
	topic, ours := strings.CutPrefix(n.Channel, busChannel)
	key, from, _ := strings.Cut(n.Payload, "\t")
	if ours && from != b.self { // this store's subscribers were told already
		b.Hear(topic, key)
	}
}

// listen listens on one connection until it is lost.
func (b *bus) listen(ctx context.Context) error {
	connecting, cancel := context.WithTimeout(ctx, busTimeout)
	conn, err := pgx.ConnectConfig(connecting, b.config)
	cancel()
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // it is of no use any more, whether the server can be told so or not
	}()
	listening := map[string]bool{}
	for {
		asked := time.Now()
		if err := b.beat(ctx, conn, listening); err != nil {
			return err
		}
		b.Complete(asked)
		if err := b.hear(ctx, conn); err != nil {
			return err
		}
	}
}

// beat has the server answer, after which everything has arrived that was sent before, and begins to listen to topics
// that are new. What was sent to those until then was missed.
func (b *bus) beat(ctx context.Context, conn *pgx.Conn, listening map[string]bool) error {
	ctx, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	begun := false
	for _, topic := range b.Topics() {
		if listening[topic] {
			continue
		}
		if _, err := conn.Exec(ctx, `LISTEN `+pgx.Identifier{busChannel + topic}.Sanitize()); err != nil {
			return err
		}
		listening[topic], begun = true, true
		b.Missed(topic)
	}
	if begun {
		return nil
	}
	return conn.Ping(ctx)
}

// hear receives until it is time for the next beat.
func (b *bus) hear(ctx context.Context, conn *pgx.Conn) error {
	beat, cancel := context.WithTimeout(ctx, busBeat)
	defer cancel()
	woken := make(chan struct{})
	defer close(woken)
	go func() {
		select {
		case <-b.Changed():
			cancel()
		case <-woken:
		}
	}()
	for {
		err := conn.PgConn().WaitForNotification(beat)
		switch {
		case err == nil:
		case beat.Err() != nil && !conn.IsClosed() && ctx.Err() == nil:
			return nil
		default:
			return errors.Join(err, ctx.Err())
		}
	}
}

var _ ports.Bus = (*bus)(nil)
