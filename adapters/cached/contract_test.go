package cached_test

import (
	"testing"

	"github.com/secretary-api/secretary/adapters/cached"
	"github.com/secretary-api/secretary/adapters/memory"
	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/adapters/redis/redistest"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

// inner is a store to be wrapped.
type inner interface {
	ports.Transactor
	Repositories() ports.Repositories
	Bus() ports.Bus
}

var (
	_ inner = (*memory.Store)(nil)
	_ inner = (*postgres.Store)(nil)
)

// wrap keeps the records of a store until the test ends.
func wrap(tb testing.TB, s inner, o cached.Options) *cached.Store {
	tb.Helper()
	w := cached.Wrap(s.Repositories(), s, s.Bus(), o)
	tb.Cleanup(w.Close)
	return w
}

func storeOf(s *cached.Store) porttest.Store {
	return porttest.Store{Repositories: s.Repositories(), Transactor: s}
}

func TestContractOverMemory(t *testing.T) {
	t.Parallel()
	porttest.Run(t, func(t *testing.T) porttest.Store {
		t.Helper()
		return storeOf(wrap(t, memory.New(), cached.Options{}))
	})
}

func TestContractOverPostgreSQL(t *testing.T) {
	t.Parallel()
	pgtest.Admin(t)
	porttest.Run(t, func(t *testing.T) porttest.Store {
		t.Helper()
		return storeOf(wrap(t, pgtest.Open(t), cached.Options{}))
	})
}

func TestContractWithRedisOverMemory(t *testing.T) {
	t.Parallel()
	redistest.URL(t)
	porttest.Run(t, func(t *testing.T) porttest.Store {
		t.Helper()
		return storeOf(wrap(t, memory.New(), cached.Options{Shared: sharedCache(t)}))
	})
}

func TestContractWithRedisOverPostgreSQL(t *testing.T) {
	t.Parallel()
	redistest.URL(t)
	pgtest.Admin(t)
	porttest.Run(t, func(t *testing.T) porttest.Store {
		t.Helper()
		return storeOf(wrap(t, pgtest.Open(t), cached.Options{Shared: sharedCache(t)}))
	})
}
