package httpapi_test

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/ports"
)

// stored is an empty store and its calendar, in what SECRETARY_TEST_STORE names: memory, unless it says postgres.
type stored struct {
	deps     service.Deps
	calendar calendar
	liveKit  *liveKit // nil: none
}

// calendar is a calendar which a test can block and take away.
type calendar interface {
	ports.Calendar
	Block(cal agenda.Calendar, taken agenda.Interval) string
	Fail(err error)
}

func openStore(tb testing.TB, now func() time.Time) stored {
	tb.Helper()
	if os.Getenv("SECRETARY_TEST_STORE") != "postgres" {
		return inMemory(now)
	}
	s := pgtest.Open(tb)
	return stored{
		deps:     service.Deps{Repositories: s.Repositories(), Tx: service.Remembering(s), Locks: s, Bus: s.Bus(), Now: now, Log: slog.New(slog.DiscardHandler)},
		calendar: pgtest.NewCalendar(tb, s.Calendar()),
	}
}

// inMemory is for what no store matters to.
func inMemory(now func() time.Time) stored {
	s := memory.New(memory.WithClock(now))
	return stored{
		deps:     service.Deps{Repositories: s.Repositories(), Tx: service.Remembering(s), Locks: s, Bus: s.Bus(), Now: now, Log: slog.New(slog.DiscardHandler)},
		calendar: memory.NewCalendar(),
	}
}

// realTime is the clock of the service.
func realTime() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
