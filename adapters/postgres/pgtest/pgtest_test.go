package pgtest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres/migration"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

func TestURLIsAMigratedDatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	first, second := connect(t, pgtest.URL(t)), connect(t, pgtest.URL(t))
	if err := migration.Check(t.Context(), first); err != nil {
		t.Errorf("Check: %v, want a migrated database", err)
	}
	if _, err := first.Exec(t.Context(), "CREATE TABLE mark ()"); err != nil {
		t.Fatal(err)
	}
	if got := one[bool](t, second, "SELECT to_regclass('mark') IS NULL"); !got {
		t.Error("a table made in one database is in another one")
	}
}

func TestEmptyHoldsNothing(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.Empty(t))
	const relations = `SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`
	if got := one[int](t, db, relations); got != 0 {
		t.Errorf("%d relations, want none", got)
	}
}

func TestOpenIsReady(t *testing.T) {
	t.Parallel()
	if err := pgtest.Open(t).Ready(t.Context()); err != nil {
		t.Errorf("Ready: %v", err)
	}
}

func TestDatabaseIsDroppedWhoeverIsConnected(t *testing.T) { //nolint:tparallel // the subtest has to end before the rest goes on
	t.Parallel()
	name := ""
	t.Run("OfATestThatEnds", func(t *testing.T) {
		database := pgtest.URL(t)
		db, err := pgx.Connect(t.Context(), database) // and never closed
		if err != nil {
			t.Fatal(err)
		}
		name = one[string](t, db, "SELECT current_database()")
	})
	if name == "" {
		t.Skip("there was no database")
	}
	if exists(t, name) {
		t.Errorf("%s is still there", name)
	}
}

// A process that is killed leaves its database, and the next one drops it.
func TestDatabasesOfDeadProcessesAreDropped(t *testing.T) {
	t.Parallel()
	pgtest.Admin(t)
	const child = "PGTEST_CHILD"
	switch os.Getenv(child) {
	case "dies":
		_, _ = os.Stdout.WriteString("database " + one[string](t, connect(t, pgtest.URL(t)), "SELECT current_database()") + "\n")
		os.Exit(3) // without any cleanup
	case "lives":
		pgtest.Empty(t) // coming first here, it sweeps
		return
	}
	again := func(role string) string {
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		command.Env = append(os.Environ(), child+"="+role)
		output, err := command.CombinedOutput()
		if err != nil && role == "lives" {
			t.Fatalf("%v: %s", err, output)
		}
		return string(output)
	}
	_, rest, ok := strings.Cut(again("dies"), "database ")
	name, _, _ := strings.Cut(rest, "\n")
	if !ok || !strings.HasPrefix(name, "secretary_test_") {
		t.Fatalf("the process that dies told no database's name: %q", rest)
	}
	alive := connect(t, pgtest.URL(t))
	again("lives")
	if exists(t, name) {
		t.Errorf("%s is still there, although its process has died", name)
	}
	if err := alive.Ping(t.Context()); err != nil {
		t.Errorf("a database of a living process was dropped: %v", err)
	}
}

func BenchmarkURL(b *testing.B) {
	for b.Loop() {
		b.Run("", func(b *testing.B) { pgtest.URL(b) })
	}
}

func connect(t *testing.T, database string) *pgx.Conn {
	t.Helper()
	db, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	return db
}

func one[T any](t *testing.T, db *pgx.Conn, query string, args ...any) T {
	t.Helper()
	rows, err := db.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func exists(t *testing.T, name string) bool {
	t.Helper()
	return one[bool](t, connect(t, pgtest.Admin(t)), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name)
}
