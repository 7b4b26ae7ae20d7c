package migration_test

import (
	"context"
	"crypto/rand"
	"io/fs"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"ariga.io/atlas/sql/migrate"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/secretary-api/secretary/adapters/postgres/migration"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/migrations"
)

// empty makes an empty database, with an owner of its own who is no superuser, and returns its URL.
func empty(t *testing.T) string {
	t.Helper()
	admin := connect(t, pgtest.Admin(t))
	name := "migration_test_" + strings.ToLower(rand.Text())
	exec(t, admin, "CREATE ROLE "+name+" LOGIN PASSWORD '"+name+"' NOSUPERUSER NOCREATEDB NOCREATEROLE")
	exec(t, admin, "CREATE DATABASE "+name+" OWNER "+name+" TEMPLATE template0")
	t.Cleanup(func() {
		exec(t, admin, "DROP DATABASE "+name+" WITH (FORCE)")
		exec(t, admin, "DROP ROLE "+name)
	})
	u, err := url.Parse(pgtest.Admin(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Path, u.User = "/"+name, url.UserPassword(name, name)
	return u.String()
}

// withParameter returns the URL of a database with a setting of its sessions.
func withParameter(t *testing.T, database, name, value string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = query.Encode()
	return u.String()
}

// migrated is an empty database that [migration.Up] was used on. Tests of what it made use [pgtest.URL], which is quicker.
func migrated(t *testing.T) string {
	t.Helper()
	database := empty(t)
	up(t, database)
	return database
}

func up(t *testing.T, database string) []string {
	t.Helper()
	applied, err := migration.Up(t.Context(), database, quiet())
	if err != nil {
		t.Fatalf("Up: %v", err)
	}
	return applied
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func connect(t *testing.T, database string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 10
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// exec also runs in cleanups, when the test's own context has ended.
func exec(t *testing.T, db *pgxpool.Pool, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(context.WithoutCancel(t.Context()), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// one returns the single value that a query yields.
func one[T any](t *testing.T, db *pgxpool.Pool, query string, args ...any) T {
	t.Helper()
	value, err := pgx.CollectExactlyOneRow(ask(t, db, query, args...), pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// column returns the values of a query's only column.
func column[T any](t *testing.T, db *pgxpool.Pool, query string, args ...any) []T {
	t.Helper()
	values, err := pgx.CollectRows(ask(t, db, query, args...), pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return values
}

func ask(t *testing.T, db *pgxpool.Pool, query string, args ...any) pgx.Rows {
	t.Helper()
	rows, err := db.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return rows
}

// files returns the project's migrations, which a test may then change; seal makes atlas.sum fit again.
func files(t *testing.T) fstest.MapFS {
	t.Helper()
	copied := fstest.MapFS{}
	entries, err := fs.ReadDir(migrations.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		content, err := fs.ReadFile(migrations.FS, entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		copied[entry.Name()] = &fstest.MapFile{Data: content}
	}
	return copied
}

// seal writes an atlas.sum that fits the files, and loads them.
func seal(t *testing.T, changed fstest.MapFS) *migration.Set {
	t.Helper()
	var dir migrate.MemDir
	for name, f := range changed {
		if strings.HasSuffix(name, ".sql") {
			if err := dir.WriteFile(name, f.Data); err != nil {
				t.Fatal(err)
			}
		}
	}
	sum, err := dir.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	text, err := sum.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	changed[migrate.HashFileName] = &fstest.MapFile{Data: text}
	set, err := migration.Load(changed)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
