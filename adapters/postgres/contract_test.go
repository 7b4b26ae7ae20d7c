package postgres_test

import (
	"testing"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/ports/porttest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	porttest.Run(t, func(t *testing.T) porttest.Store {
		t.Helper()
		return storeOf(pgtest.Open(t))
	})
}

func storeOf(s *postgres.Store) porttest.Store {
	return porttest.Store{Repositories: s.Repositories(), Transactor: s}
}
