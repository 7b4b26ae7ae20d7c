package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ariga.io/atlas/sql/migrate"

	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// project copies what the tool works on into a folder of its own.
func project(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "migrations"), os.DirFS("../../migrations")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"schema.hcl", "atlas.hcl"} {
		write(t, filepath.Join(root, name), read(t, filepath.Join("../..", name)))
	}
	return root
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tool runs the tool and returns what it said, its error included.
func tool(t *testing.T, root, devURL string, args ...string) (said string, ok bool) {
	t.Helper()
	var out strings.Builder
	err := run(t.Context(), root, args, func(name string) string {
		if name == "ATLAS_DEV_URL" {
			return devURL
		}
		return ""
	}, &out)
	if err != nil {
		return out.String() + err.Error(), false
	}
	return out.String(), true
}

func TestAChangedSchemaIsFoundWrittenAndFoundNoMore(t *testing.T) {
	t.Parallel()
	server := pgtest.Admin(t)
	root := project(t)
	if said, ok := tool(t, root, server, "-check"); !ok {
		t.Fatalf("-check of the project: %s", said)
	}

	schema := filepath.Join(root, "schema.hcl")
	write(t, schema, read(t, schema)+"table \"extras\" {\n  schema = schema.public\n  column \"id\" {\n    null = false\n    type = bigint\n  }\n}\n")
	if said, ok := tool(t, root, server, "-check"); ok || !strings.Contains(said, `CREATE TABLE "extras"`) || !strings.Contains(said, "make migrate-diff") {
		t.Errorf("-check of a table more: %s, want a failure with the statement and what to do", said)
	}
	if said, ok := tool(t, root, server, "add_extras"); !ok || !strings.Contains(said, "_add_extras.sql") {
		t.Fatalf("add_extras: %s", said)
	}
	written, err := filepath.Glob(filepath.Join(root, "migrations", "*_add_extras.sql"))
	if err != nil || len(written) != 1 {
		t.Fatalf("migrations %q, %v; want one that adds the table", written, err)
	}
	if said, ok := tool(t, root, server, "-check"); !ok {
		t.Errorf("-check after it was written: %s", said)
	}

	write(t, written[0], read(t, written[0])+"-- by hand\n")
	if said, ok := tool(t, root, server, "-check"); ok || !strings.Contains(said, "-hash") {
		t.Errorf("-check after a change by hand: %s, want a failure that names -hash", said)
	}
	if said, ok := tool(t, root, "", "-hash"); !ok {
		t.Errorf("-hash: %s", said)
	}
	if said, ok := tool(t, root, server, "-check"); !ok {
		t.Errorf("-check after -hash: %s", said)
	}
}

func TestArgumentsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	root := project(t)
	for _, c := range []struct {
		devURL string
		args   string
		want   string
	}{
		{"postgres://localhost", "", "say one of"},
		{"postgres://localhost", "a b", "say one of"},
		{"postgres://localhost", "-check -hash", "say one of"},
		{"postgres://localhost", "-check a", "say one of"},
		{"postgres://localhost", "Add-Rooms", "no name for a migration"},
		{"", "-check", "ATLAS_DEV_URL"},
		{"nonsense", "-check", "must look like postgres://"},
	} {
		if said, ok := tool(t, root, c.devURL, strings.Fields(c.args)...); ok || !strings.Contains(said, c.want) {
			t.Errorf("schema-diff %s: %s, want a refusal that says %q", c.args, said, c.want)
		}
	}
}

func TestAMigrationComesAfterAllOthers(t *testing.T) {
	t.Parallel()
	dir, err := migrate.NewLocalDir(t.TempDir())
	if err == nil {
		err = dir.WriteFile("20261123235959_ahead.sql", []byte("SELECT 1;"))
	}
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[time.Time]string{
		time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC): "20261124000000", // the other one was made by a clock that is ahead
		time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC): "20261125120000",
	} {
		var p migrate.Plan
		if err := comeLast(dir, &p, now); err != nil || p.Version != want {
			t.Errorf("at %s the version is %s, %v, want %s", now, p.Version, err, want)
		}
	}
}
