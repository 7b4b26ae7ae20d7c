package pgtest

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/postgres"
)

const (
	variable = "SECRETARY_TEST_DATABASE_URL"

	// A store of a test needs few connections, and many tests share what the server has.
	maxConns = 5

	// patience is for what is done before and after a test, in which a loaded machine may be slow.
	patience = time.Minute
)

// Admin returns the URL of the server for whoever makes databases and roles of its own there. It skips the test when
// there is no server.
func Admin(tb testing.TB) string {
	tb.Helper()
	admin := os.Getenv(variable)
	if admin == "" {
		tb.Skip(variable + " is not set: no PostgreSQL to test with (`make test` starts one)")
	}
	return admin
}

// URL makes a migrated database that nobody else uses, and returns its URL. The database is dropped when the test ends,
// whoever is still connected. It skips the test when there is no server.
func URL(tb testing.TB) string {
	tb.Helper()
	return database(tb, func(ctx context.Context, s *server) (string, error) {
		template, err := s.template()
		if err != nil {
			return "", fmt.Errorf("making the template: %w", err)
		}
		return s.create(ctx, template)
	})
}

// Empty makes a database with nothing in it, for tests of migrations, and is otherwise as [URL].
func Empty(tb testing.TB) string {
	tb.Helper()
	return database(tb, func(ctx context.Context, s *server) (string, error) { return s.create(ctx, "template0") })
}

// Open opens a store on a database as [URL] makes it. edit changes the options, whose URL is set already. The store is
// closed when the test ends.
func Open(tb testing.TB, edit ...func(*postgres.Options)) *postgres.Store {
	tb.Helper()
	options := postgres.Options{URL: URL(tb), MaxConns: maxConns}
	for _, change := range edit {
		change(&options)
	}
	store, err := postgres.Open(tb.Context(), options)
	if err != nil {
		tb.Fatalf("opening the store: %v", err)
	}
	tb.Cleanup(store.Close) // before the database is dropped
	return store
}

func database(tb testing.TB, create func(context.Context, *server) (string, error)) string {
	tb.Helper()
	admin := Admin(tb)
	s, err := connected(admin)
	if err != nil {
		tb.Fatalf("the server of %s: %v", variable, err)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	name, err := create(ctx, s)
	if err != nil {
		tb.Fatalf("making a database: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), patience)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			tb.Errorf("dropping the test's database: %v", err)
		}
	})
	return s.urlOf(name)
}
