package redis

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/secretary-api/secretary/core/errs"
)

const (
	defaultTimeout = 100 * time.Millisecond
	probeEvery     = 250 * time.Millisecond
	poolSize       = 50
)

// server is the connections to a Redis server, and whether it answers.
type server struct {
	client *redis.Client
	log    *slog.Logger
	failed func()
	try    func() error // does what requests do: a server may answer, and refuse that

	stop    context.CancelFunc
	stopped context.Context //nolint:containedctx // of the probes, which go on between requests
	probing sync.WaitGroup

	mu    sync.Mutex
	run   string    // which run of which server it is, by the latest connection
	epoch uint64    // how often something may have been missed
	since time.Time // when it went away; zero: it is there
}

// silence has the client log nothing: every failed connection would be told, in a format of its own. See down.
var silence = sync.OnceFunc(logging.Disable) //nolint:gochecknoglobals // it sets a global variable of the client

// CheckURL reports whether a text is the address of a Redis server, such as redis://:password@localhost:6379/0. Errors:
// Invalid "invalid-redis-url", which does not repeat it, as it may hold a password.
func CheckURL(url string) error {
	if _, err := redis.ParseURL(url); err != nil {
		return errs.New(errs.Invalid, "invalid-redis-url", "must be a URL such as redis://user:password@host:6379/0")
	}
	return nil
}

// optionsOf are what every client has: it tries nothing twice by itself, and says nothing.
func optionsOf(url string, timeout time.Duration) (*redis.Options, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, CheckURL(url)
	}
	silence()
	options.Protocol = 2
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = timeout, timeout, timeout, timeout
	options.DialerRetries = 1
	options.MaxRetries = -1
	return options, nil
}

func newServer(url string, timeout time.Duration, log *slog.Logger, failed func(), try func(*redis.Client) error) (*server, error) {
	options, err := optionsOf(url, timeout)
	if err != nil {
		return nil, err
	}
	s := &server{log: log, failed: failed}
	options.PoolSize = poolSize
	options.OnConnect = s.connected
	s.client = redis.NewClient(options)
	s.try = func() error { return try(s.client) }
	s.stopped, s.stop = context.WithCancel(context.Background())
	if err := s.try(); err != nil {
		s.down(err)
	}
	return s, nil
}

func (s *server) close() {
	s.stop()
	s.probing.Wait()
	_ = s.client.Close() // nothing is on its way
}

// connected notes which server a new connection leads to. One that was restarted may have lost, or be missing, anything.
func (s *server) connected(ctx context.Context, conn *redis.Conn) error {
	info, err := conn.Info(ctx, "server").Result()
	if err != nil {
		return err
	}
	_, run, found := strings.Cut(info, "run_id:")
	run, _, _ = strings.Cut(run, "\r\n")
	if !found || run == "" {
		return errors.New("redis: the server does not tell its run_id")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run != run {
		s.run = run
		s.epoch++
	}
	return nil
}

// state is what a server is at a moment.
type state struct {
	run   string
	epoch uint64
	away  bool
}

func (s *server) state() state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return state{s.run, s.epoch, !s.since.IsZero()}
}

// missed notes that this process may have failed to have something forgotten.
func (s *server) missed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch++
}

// down notes that the server does not answer, and has it probed until it does.
func (s *server) down(err error) {
	if s.stopped.Err() != nil {
		return
	}
	s.failed()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.since.IsZero() {
		return
	}
	s.since = time.Now()
	s.log.Warn("Redis is away, records are read from the store", "err", err)
	s.probing.Go(s.probe)
}

func (s *server) probe() {
	for {
		select {
		case <-time.After(probeEvery):
		case <-s.stopped.Done():
			return
		}
		if s.try() != nil {
			continue
		}
		s.mu.Lock()
		s.epoch++ // what was to be forgotten meanwhile was not
		away := time.Since(s.since)
		s.since = time.Time{}
		s.mu.Unlock()
		s.log.Info("Redis is back", "away", away)
		return
	}
}
