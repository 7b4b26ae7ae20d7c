package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// The classes of advisory locks. A class is the first four bits of a key, so no two classes meet, and none meets the
// locks of migrations, whose keys have 32 bits.
const (
	laneLock   = 1 // held for a transaction: who changes the jobs of a key
	callerLock = 2 // held for a session: those of [Store.Lock]
	crewLock   = 3 // held for a session: a crew that does jobs is alive

	roomEventLock  = 4 // held for a transaction: who appends events to a room
	agentEventLock = 5 // held for a transaction: who appends agents' events to a room
)

// lockKey is the key of an advisory lock.
func lockKey(class int64, name string) int64 {
	hash := sha256.Sum256([]byte(name))
	return class<<60 | int64(binary.BigEndian.Uint64(hash[:8])>>4)
}

const (
	lifelineTimeout = 5 * time.Second        // for connecting, and for one statement
	lifelineRetry   = 200 * time.Millisecond // between two attempts to connect
	lifelinePing    = 5 * time.Second        // finds out about a network that swallows everything
)

// lifeline is the one connection of a process whose session holds its advisory locks. It is none of the pool's: callers
// who wait for a lock, or have one, must not take the connections that they need for their work. One goroutine owns it,
// and all that belongs to it; it reads when it has nothing to do, so that it learns at once when the server hangs up.
type lifeline struct {
	config   *pgx.ConnConfig
	log      *slog.Logger
	begin    sync.Once // of the goroutine, when it is first needed
	quit     func()
	quitting chan struct{}
	ended    chan struct{}
	commands chan command

	holds map[*hold]struct{} // what this connection holds; the goroutine's own

	mu    sync.Mutex
	crews map[int64]bool // the locks of crews, to be held on every connection, and whether this one holds them
}

// hold is a lock that somebody has until they give it back, or until the connection is lost.
type hold struct {
	key  int64
	tell context.CancelCauseFunc // whoever has it, that it was lost
	lost atomic.Bool
}

// command is something to do on the connection.
type command struct {
	do   func(ctx context.Context, conn *pgx.Conn) error
	done chan error
}

func newLifeline(config *pgx.ConnConfig, log *slog.Logger) *lifeline {
	config = config.Copy()
	config.ConnectTimeout = lifelineTimeout
	config.RuntimeParams["application_name"] += " (locks)"
	config.RuntimeParams["idle_session_timeout"] = "0"
	quitting := make(chan struct{})
	return &lifeline{
		config: config, log: log, quitting: quitting, quit: sync.OnceFunc(func() { close(quitting) }),
		ended: make(chan struct{}), commands: make(chan command),
		holds: map[*hold]struct{}{}, crews: map[int64]bool{},
	}
}

// close gives everything back. Whoever still holds a lock is told.
func (l *lifeline) close() {
	l.quit()
	l.begin.Do(func() { close(l.ended) })
	<-l.ended
}

// try gets a lock unless another session has it.
func (l *lifeline) try(ctx context.Context, h *hold) (got bool, err error) {
	err = l.run(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, h.key).Scan(&got); err != nil {
			return err
		}
		if got {
			l.holds[h] = struct{}{}
		}
		return nil
	})
	return got, err
}

// release gives a lock back. One that was lost is not held any more.
func (l *lifeline) release(ctx context.Context, h *hold) {
	if h.lost.Load() {
		return
	}
	l.unlock(ctx, func() int64 {
		if _, held := l.holds[h]; !held {
			return 0
		}
		delete(l.holds, h)
		return h.key
	})
}

// unlock has the session give up the lock that which returns; 0 is none.
func (l *lifeline) unlock(ctx context.Context, which func() int64) {
	err := l.run(context.WithoutCancel(ctx), func(ctx context.Context, conn *pgx.Conn) error {
		key := which()
		if key == 0 {
			return nil
		}
		_, err := conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, key)
		return err
	})
	if err != nil { // then the session has ended, and its locks with it
		l.log.DebugContext(ctx, "a lock was given up with its connection", "err", err)
	}
}

// enlist has a crew counted as alive until it is dismissed, whatever happens to the connection.
func (l *lifeline) enlist(ctx context.Context, crew string) error {
	l.mu.Lock()
	l.crews[lockKey(crewLock, crew)] = false
	l.mu.Unlock()
	return l.run(ctx, l.muster)
}

// dismiss has a crew counted as gone.
func (l *lifeline) dismiss(ctx context.Context, crew string) {
	key := lockKey(crewLock, crew)
	l.mu.Lock()
	held := l.crews[key]
	delete(l.crews, key)
	l.mu.Unlock()
	if held {
		l.unlock(ctx, func() int64 { return key })
	}
}

// muster gets the locks of the crews that this connection does not hold yet. The server may not have noticed that the
// connection before this one is gone: then it is tried again.
func (l *lifeline) muster(ctx context.Context, conn *pgx.Conn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, held := range l.crews {
		if held {
			continue
		}
		var got bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, key).Scan(&got); err != nil {
			return err
		}
		l.crews[key] = got
	}
	return nil
}

// run has the owner of the connection do something. It waits for its turn until ctx ends, but never leaves what has
// begun.
func (l *lifeline) run(ctx context.Context, do func(ctx context.Context, conn *pgx.Conn) error) error {
	l.begin.Do(func() { go l.own() }) //nolint:contextcheck // the connection outlives whoever asks first
	c := command{do: do, done: make(chan error, 1)}
	select {
	case l.commands <- c:
		return translate(context.WithoutCancel(ctx), <-c.done)
	case <-ctx.Done():
		return ctx.Err()
	case <-l.quitting:
		return unavailable("database-unavailable", "the store is closed", nil)
	}
}

// own connects, again and again, until the lifeline is closed.
func (l *lifeline) own() {
	defer close(l.ended)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-l.quitting
		cancel()
	}()
	for ctx.Err() == nil {
		conn, err := l.connect(ctx)
		if err != nil {
			l.refuse(ctx, err)
			continue
		}
		err = l.serve(ctx, conn)
		l.lose(ctx, err)
		l.hangUp(conn)
	}
}

func (l *lifeline) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, lifelineTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return nil, err
	}
	if err := l.muster(ctx, conn); err != nil {
		l.hangUp(conn) //nolint:contextcheck // ctx may be what ended it
		return nil, err
	}
	return conn, nil
}

func (l *lifeline) hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // it is of no use any more, whether the server can be told so or not
}

// refuse answers who asks while there is no connection.
func (l *lifeline) refuse(ctx context.Context, err error) {
	retry := time.NewTimer(lifelineRetry)
	defer retry.Stop()
	for {
		select {
		case c := <-l.commands:
			c.done <- unavailable("database-unavailable", "the database cannot be reached", err)
		case <-retry.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// serve does what is asked until the connection is lost, and returns why it was.
func (l *lifeline) serve(ctx context.Context, conn *pgx.Conn) error {
	ping := time.NewTicker(lifelinePing)
	defer ping.Stop()
	for {
		reading, interrupt := context.WithCancel(ctx)
		hungUp := make(chan error, 1)
		go func() { hungUp <- read(reading, conn) }()
		var next command
		select {
		case next = <-l.commands:
		case <-ping.C:
			next = command{do: l.check, done: make(chan error, 1)}
		case err := <-hungUp:
			interrupt()
			return err
		}
		interrupt()
		read := <-hungUp // of no interest while the connection is good
		err := l.do(ctx, conn, next)
		next.done <- err
		if conn.IsClosed() {
			return errors.Join(err, read)
		}
	}
}

// read reads until ctx ends or the connection is lost. The server says nothing of its own but that it hangs up.
func read(ctx context.Context, conn *pgx.Conn) error {
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
	}
}

func (l *lifeline) check(ctx context.Context, conn *pgx.Conn) error {
	if err := conn.Ping(ctx); err != nil {
		return err
	}
	return l.muster(ctx, conn)
}

func (l *lifeline) do(ctx context.Context, conn *pgx.Conn, c command) error {
	ctx, cancel := context.WithTimeout(ctx, lifelineTimeout)
	defer cancel()
	return c.do(ctx, conn)
}

// lose tells everybody who holds a lock that it is gone.
func (l *lifeline) lose(ctx context.Context, why error) {
	if ctx.Err() == nil {
		l.log.WarnContext(ctx, "the connection that holds the locks was lost", "locks", len(l.holds), "err", why)
	}
	for h := range l.holds {
		h.lost.Store(true)
		h.tell(unavailable("lock-lost", "the lock was lost with the connection that held it", why))
	}
	clear(l.holds)
	l.mu.Lock()
	defer l.mu.Unlock()
	for key := range l.crews {
		l.crews[key] = false
	}
}
