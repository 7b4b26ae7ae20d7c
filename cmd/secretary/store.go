package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/migration"
	"github.com/secretary-api/secretary/ports"
)

// store is what one of the stores offers.
type store struct {
	repositories ports.Repositories
	tx           ports.Transactor
	jobs         ports.JobRunner
	locks        ports.Locks
	bus          ports.Bus
	events       ports.EventStorage
	calendar     ports.Calendar
	ready        func(context.Context) error // nil: always
	close        func()
	durable      bool
}

// openStore opens the store that the configuration names.
func openStore(ctx context.Context, cfg Config, log *slog.Logger) (*store, error) {
	if cfg.Store == storePostgres {
		return openPostgres(ctx, cfg, log)
	}
	log.InfoContext(ctx, "the memory store and calendar keep nothing: everything is gone when the process ends")
	return newMemoryStore(log), nil
}

func newMemoryStore(log *slog.Logger) *store {
	s := memory.New(memory.WithLogger(log))
	return &store{
		repositories: s.Repositories(), tx: s, jobs: s, locks: s, bus: s.Bus(), events: s, calendar: memory.NewCalendar(),
		close: func() {},
	}
}

// openPostgres connects to the database, which must be at the version of this program: it is brought there when the
// configuration says so.
func openPostgres(ctx context.Context, cfg Config, log *slog.Logger) (*store, error) {
	url := cfg.DatabaseURL.reveal()
	if cfg.Migrate {
		applied, err := migration.Up(ctx, url, log)
		if err != nil {
			return nil, fmt.Errorf("bring the database up to date: %w", err)
		}
		if len(applied) > 0 {
			log.InfoContext(ctx, "the database was brought up to date", slog.String("applied", strings.Join(applied, ", ")))
		}
	}
	s, err := postgres.Open(ctx, postgres.Options{URL: url, ReplicaURL: cfg.DatabaseReplicaURL.reveal(), Log: log})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &store{
		repositories: s.Repositories(), tx: s, jobs: s, locks: s, bus: s.Bus(), events: s, calendar: s.Calendar(), ready: s.Ready, close: s.Close,
		durable: true,
	}, nil
}
