package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports"
)

const (
	jobWorkers      = 4
	shutdownTimeout = 15 * time.Second
)

// placeholderPhone is the telephone of a manager that is made of an e-mail address and a password only. No telephone has
// it: the ITU gives nobody the country code 999.
const placeholderPhone = "+99900000000"

// credentials is what somebody logs in with.
type credentials struct {
	email    string
	password secret
}

// instance is the service, listening but not answering yet.
type instance struct {
	*app
	listener net.Listener
	url      string
	manager  credentials // none when nobody can log in
	demo     *demoClinic // nil outside of the demo
	log      *slog.Logger
}

// ballast is how many bytes of the heap are never touched, so that the system never has to give them, and the collector
// counts them all the same. Without them the heap, of which little lives, would be collected many times a second: a batch of
// events would cost a quarter more. A higher GOGC would let large heaps, and the 19 MiB of every login, grow as well.
const ballast = 16 << 20

func (p *program) serve(ctx context.Context, args []string) error {
	defer runtime.KeepAlive(make([]byte, ballast))
	cfg, err := loadConfig(p.flags("serve"), args, p.getenv)
	if err != nil {
		return err
	}
	log := newLogger(cfg, p.stderr)
	i, err := start(ctx, cfg, log)
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "listening", slog.String("address", i.listener.Addr().String()), slog.String("version", buildVersion()))
	if i.demo != nil {
		i.printBanner(p.stdout)
	}
	return i.serve(ctx)
}

// start listens, and then makes what the service has from the beginning: connections that come meanwhile wait.
func start(ctx context.Context, cfg Config, log *slog.Logger) (*instance, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("%w; SECRETARY_ADDR or -addr names another address", err)
	}
	i := &instance{listener: listener, url: urlOf(listener.Addr()), log: log}
	if err := i.prepare(ctx, cfg); err != nil {
		if i.app != nil {
			i.store.close()
		}
		return nil, errors.Join(err, listener.Close())
	}
	return i, nil
}

func (i *instance) prepare(ctx context.Context, cfg Config) error {
	if cfg.Demo && !onLoopback(i.listener.Addr().String()) {
		return errors.New("the demo is for a loopback address only, and " + cfg.Addr + " is none on this machine")
	}
	store, err := openStore(ctx, cfg, i.log)
	if err != nil {
		return err
	}
	m := newMetrics()
	err = store.keepCopies(cfg, m, i.log) //nolint:contextcheck // it listens for changes until the store is closed
	if err == nil {
		err = store.carryRooms(cfg, m, i.log)
	}
	if err == nil {
		i.app, err = wire(cfg, store, m, cmp.Or(cfg.PublicURL, i.url), i.log) //nolint:contextcheck // it calls nothing outside of the process
	}
	if err != nil {
		store.close()
		return err
	}
	ctx = identity.WithTrail(ctx, identity.Trail{Actor: identity.Operator})
	i.manager = credentials{cfg.AdminEmail, cfg.AdminPassword}
	none, err := i.services.Users.None(ctx)
	if err != nil {
		return err
	}
	if cfg.Demo {
		if none {
			i.demo, err = seedDemo(ctx, i.services, &i.manager)
		} else {
			i.demo, err = i.findDemo(ctx)
		}
		return err
	}
	if !none {
		return nil
	}
	if i.manager.email == "" {
		i.log.WarnContext(ctx, "nobody can log in: there is no user, and SECRETARY_ADMIN_EMAIL and SECRETARY_ADMIN_PASSWORD are not set")
		return nil
	}
	_, err = i.services.Users.CreateFirst(ctx, i.manager.email, i.manager.password.reveal(), placeholderPhone)
	if errs.CodeOf(err) == "email-taken" {
		return nil // another process on the same database was faster
	}
	return err
}

// urlOf is where a browser on this machine finds an address.
func urlOf(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil { // a TCP listener's always has both
		return "http://" + addr.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// serve answers requests and does jobs until ctx ends. Then it stops accepting, lets requests and jobs that have begun
// finish, and returns what went wrong, nil when nothing did.
func (i *instance) serve(ctx context.Context) error {
	server := &http.Server{
		Handler: i.handler,
		// How long a body may take is the handler's: it knows whether there is one.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(i.log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(i.listener) }()
	go debug.FreeOSMemory() // hashing the first passwords took 19 MiB each, which an idle service need not keep
	stopJobs := i.startJobs(ctx)

	var err error
	select {
	case <-ctx.Done():
		i.log.InfoContext(ctx, "stopping", slog.Any("cause", context.Cause(ctx)))
	case err = <-served:
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	i.services.Streams.Close() // they would go on for ever
	i.services.ConversationStreams.Close()
	i.agents.Close() // as would these
	err = errors.Join(err, shutdown(last, server), stopJobs(last))
	i.services.Matrix.Close()
	i.store.close()
	if err == nil {
		i.log.InfoContext(last, "stopped")
	}
	return err
}

// shutdown stops accepting and waits for the requests that have begun; those that are not done when ctx ends are cut.
func shutdown(ctx context.Context, server *http.Server) error {
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut: %w", err), server.Close())
	}
	return nil
}

// startJobs starts the workers. The function that it returns has them take no further job, waits for those that have
// begun, and cancels them when its context ends. A job is not cancelled sooner: a reply that is being sent would be
// given up, as nobody could know whether it reached the patient.
func (i *instance) startJobs(ctx context.Context) (stop func(context.Context) error) {
	taking, stopTaking := context.WithCancel(context.WithoutCancel(ctx))
	doing, cancelJobs := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() {
		periodic := slices.Concat(i.housekeeping.Periodic(), i.services.Media.Periodic(), i.follow.Periodic(), i.services.FrontDesk.Periodic(),
			i.services.WhatsApp.Periodic(), i.reminders.Periodic())
		done <- i.store.jobs.Work(taking, jobWorkers, periodic, func(_ context.Context, j ports.Job) error { return i.do(doing, j) })
	}()
	return func(ctx context.Context) error {
		defer cancelJobs()
		stopTaking()
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			cancelJobs()
			return errors.Join(errors.New("jobs were cut"), <-done)
		}
	}
}
