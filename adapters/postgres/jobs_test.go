package postgres_test

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/ports"
	"github.com/secretary-api/secretary/ports/porttest"
)

// impatient has failing jobs tried again at once.
func impatient(o *postgres.Options) {
	o.Retries = ports.Retries{Attempts: 4, First: time.Millisecond, Longest: 5 * time.Millisecond}
}

// pair opens the stores of two processes on one database.
func pair(t *testing.T) (one, other *postgres.Store) {
	t.Helper()
	url := pgtest.URL(t)
	at := func(o *postgres.Options) { o.URL = url }
	return openStore(t, at, impatient), openStore(t, at, impatient)
}

func openStore(t *testing.T, edit ...func(*postgres.Options)) *postgres.Store {
	t.Helper()
	o := postgres.Options{MaxConns: 5}
	for _, change := range edit {
		change(&o)
	}
	s, err := postgres.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestJobContract(t *testing.T) {
	t.Parallel()
	porttest.RunJobs(t, func(t *testing.T) porttest.JobStore {
		t.Helper()
		one, other := pair(t)
		return porttest.JobStore{Store: storeOf(one), Runner: one, Other: other}
	})
}

func TestLockContract(t *testing.T) {
	t.Parallel()
	porttest.RunLocks(t, func(t *testing.T) (one, other ports.Locks) {
		t.Helper()
		return pair(t)
	})
}
