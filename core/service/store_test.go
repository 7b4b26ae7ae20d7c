package service_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/ports"
)

// store is the store that SECRETARY_TEST_STORE names: memory, unless it says postgres.
type store interface {
	ports.Transactor
	ports.Locks
	ports.EventStorage
	Repositories() ports.Repositories
	Bus() ports.Bus
}

// calendar is the store's calendar, which a test can block and take away.
type calendar interface {
	ports.Calendar
	Block(cal agenda.Calendar, taken agenda.Interval) string
	Fail(err error)
}

// stored is an empty store with what goes with it.
type stored struct {
	store    store
	calendar calendar
	work     func(ports.JobHandler) // does jobs until none is due by the test's clock
}

func openStore(t *testing.T, now func() time.Time) stored {
	t.Helper()
	if os.Getenv("SECRETARY_TEST_STORE") == "postgres" {
		s, jobs := pgtest.OpenWithJobs(t, now)
		return stored{s, pgtest.NewCalendar(t, s.Calendar()), jobs.Work}
	}
	s := memory.New(memory.WithClock(now), memory.WithLogger(slog.New(slog.DiscardHandler)))
	return stored{s, memory.NewCalendar(), func(handle ports.JobHandler) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Work(ctx, 4, nil, handle) }()
		idle, stop := context.WithTimeout(ctx, 20*time.Second)
		defer stop()
		if err := s.Idle(idle); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-done; err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}}
}
