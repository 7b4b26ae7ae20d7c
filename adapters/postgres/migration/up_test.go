package migration_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/postgres/migration"
	"github.com/secretary-api/secretary/migrations"
)

func TestUpAppliesEverythingOnce(t *testing.T) {
	t.Parallel()
	database := empty(t)
	if applied := up(t, database); len(applied) < 6 || applied[1] != "20261122120100_init.sql" || applied[len(applied)-1] < "river 006" {
		t.Errorf("the first run applied %q, want the files and then the job queue's", applied)
	}
	if applied := up(t, database); len(applied) != 0 {
		t.Errorf("the second run applied %q, want nothing", applied)
	}
	if err := migration.Check(t.Context(), connect(t, database)); err != nil {
		t.Errorf("Check: %v, want the database to be up to date", err)
	}
}

// The database's owner is no superuser in any of these tests; this one makes sure of it.
func TestUpNeedsNoSuperuser(t *testing.T) {
	t.Parallel()
	db := connect(t, migrated(t))
	if one[bool](t, db, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") {
		t.Error("the test ran as a superuser, so it shows nothing")
	}
	strangers := column[string](t, db, `SELECT relname::text FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'river'::regnamespace)
  AND relkind IN ('r', 'p') AND pg_get_userbyid(relowner) <> current_user`)
	if len(strangers) > 0 {
		t.Errorf("tables %q belong to somebody else than who migrated", strangers)
	}
}

func TestUpByFourAtOnceAppliesEachFileOnce(t *testing.T) {
	t.Parallel()
	database := empty(t)
	type result struct {
		applied []string
		err     error
	}
	results := make(chan result)
	for range 4 {
		go func() {
			applied, err := migration.Up(t.Context(), database, quiet())
			results <- result{applied, err}
		}()
	}
	var all []string
	workers := 0
	for range 4 {
		r := <-results
		if r.err != nil {
			t.Errorf("Up: %v", r.err)
		}
		if len(r.applied) > 0 {
			workers++
		}
		all = append(all, r.applied...)
	}
	slices.Sort(all)
	if once := slices.Compact(slices.Clone(all)); workers != 1 || len(once) != len(all) {
		t.Errorf("%d processes applied something, %q together; want one, and each file once", workers, all)
	}
	if err := migration.Check(t.Context(), connect(t, database)); err != nil {
		t.Error(err)
	}
}

func TestAFailingFileLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	database := empty(t)
	changed := files(t)
	const name = "20990101000000_broken.sql"
	changed[name] = &fstest.MapFile{Data: []byte("CREATE TABLE half_done (id bigint);\nSELECT 1 / 0;\n")}
	applied, err := seal(t, changed).Up(t.Context(), database, quiet())
	if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "division by zero") {
		t.Errorf("Up: %v, want an error that names the file and what was wrong", err)
	}
	if strings.Contains(err.Error(), "25P02") {
		t.Errorf("Up: %v, want nothing about the transaction that had failed already", err)
	}
	if slices.Contains(applied, name) || len(applied) == 0 {
		t.Errorf("Up applied %q, want all before the broken one", applied)
	}
	db := connect(t, database)
	if one[bool](t, db, "SELECT to_regclass('half_done') IS NOT NULL") {
		t.Error("the table of the broken file is there")
	}
	if left := one[int](t, db, "SELECT count(*)::int FROM atlas_schema_revisions WHERE version = '20990101000000'"); left != 0 {
		t.Error("the broken file is recorded")
	}

	changed[name].Data = []byte("CREATE TABLE half_done (id bigint);\n")
	applied, err = seal(t, changed).Up(t.Context(), database, quiet())
	if err != nil || len(applied) == 0 || applied[0] != name {
		t.Errorf("Up with the file mended: %q, %v; want it to go on with that file", applied, err)
	}
}

func TestAFileWithoutTransactionIsTakenUpWhereItStopped(t *testing.T) {
	t.Parallel()
	database := empty(t)
	changed := fstest.MapFS{}
	const name = "20990101000000_concurrent.sql"
	begin := "-- atlas:txmode none\n\nCREATE TABLE t (id bigint);\nCREATE INDEX CONCURRENTLY t_idx ON t (id);\nCREATE SCHEMA river;\n"
	changed[name] = &fstest.MapFile{Data: []byte(begin + "SELECT 1 / 0;\n")}
	broken := seal(t, changed)
	if _, err := broken.Up(t.Context(), database, quiet()); err == nil {
		t.Fatal("the broken file was applied")
	}
	if err := broken.Check(t.Context(), connect(t, database)); !errors.Is(err, migration.ErrBehind) {
		t.Errorf("Check: %v, want %v", err, migration.ErrBehind)
	}
	changed[name].Data = []byte(begin + "SELECT 1 / 1;\n")
	mended := seal(t, changed)
	if _, err := mended.Up(t.Context(), database, quiet()); err != nil {
		t.Errorf("Up with the end mended: %v", err)
	}
	if err := mended.Check(t.Context(), connect(t, database)); err != nil {
		t.Errorf("Check: %v", err)
	}
}

func TestADatabaseOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	database := empty(t)
	exec(t, connect(t, database), "CREATE TABLE invoices (id bigint)")
	_, err := migration.Up(t.Context(), database, quiet())
	if !errors.Is(err, migration.ErrForeign) || !strings.Contains(err.Error(), "invoices") {
		t.Errorf("Up: %v, want %v with the table's name", err, migration.ErrForeign)
	}
	if one[bool](t, connect(t, database), "SELECT to_regclass('atlas_schema_revisions') IS NOT NULL") {
		t.Error("something was written to it")
	}
}

func TestAnExtensionOrAnotherSchemaMakesNoDatabaseSomebodyElses(t *testing.T) {
	t.Parallel()
	database := empty(t)
	db := connect(t, database)
	exec(t, db, "CREATE EXTENSION pg_trgm")
	exec(t, db, "CREATE SCHEMA monitoring")
	exec(t, db, "CREATE TABLE monitoring.samples (at timestamptz)")
	if applied := up(t, database); len(applied) == 0 {
		t.Error("nothing was applied")
	}
}

// lastOf is the name of the last migration.
func lastOf(f fstest.MapFS) string {
	names := slices.Collect(maps.Keys(f))
	return slices.Max(slices.DeleteFunc(names, func(name string) bool { return !strings.HasSuffix(name, ".sql") }))
}

// Whoever has other files than those that were applied may neither migrate nor serve.
func TestOtherFilesAreRefused(t *testing.T) {
	t.Parallel()
	database := migrated(t)
	const prerequisites, last = "20261122120000_prerequisites.sql", "20990101000000_last.sql"
	for _, c := range []struct {
		name   string
		change func(fstest.MapFS)
		want   error
		says   string
	}{
		{"Edited", func(f fstest.MapFS) {
			f[prerequisites].Data = append(f[prerequisites].Data, "-- a word more\n"...)
		}, migration.ErrChanged, "20261122120000_prerequisites was edited"},
		{"Removed", func(f fstest.MapFS) {
			delete(f, prerequisites)
		}, migration.ErrChanged, "20261122120000_prerequisites was applied and is not there"},
		{"AddedBetween", func(f fstest.MapFS) {
			f["20261122120050_between.sql"] = &fstest.MapFile{Data: []byte("SELECT 1;\n")}
		}, migration.ErrChanged, "20261122120050_between was not applied"},
		{"LastOnesMissing", func(f fstest.MapFS) {
			delete(f, lastOf(f))
		}, migration.ErrAhead, strings.TrimSuffix(lastOf(files(t)), ".sql")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			changed := files(t)
			c.change(changed)
			set := seal(t, changed)
			if err := set.Check(t.Context(), connect(t, database)); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Check: %v, want %v that says %q", err, c.want, c.says)
			}
			changed[last] = &fstest.MapFile{Data: []byte("CREATE TABLE should_not_be (id bigint);\n")}
			applied, err := seal(t, changed).Up(t.Context(), database, quiet())
			if !errors.Is(err, migration.ErrAhead) && !errors.Is(err, migration.ErrChanged) || len(applied) > 0 {
				t.Errorf("Up: %q, %v; want a refusal", applied, err)
			}
		})
	}
}

func TestFilesThatDoNotFitAtlasSumAreRefused(t *testing.T) {
	t.Parallel()
	changed := files(t)
	changed["20261122120100_init.sql"].Data = append(changed["20261122120100_init.sql"].Data, '\n')
	if _, err := migration.Load(changed); !errors.Is(err, migration.ErrChanged) {
		t.Errorf("Load: %v, want %v", err, migration.ErrChanged)
	}
	if _, err := migration.Load(migrations.FS); err != nil {
		t.Errorf("Load of the embedded files: %v", err)
	}
}

func TestCheckNamesTheCommandWhenTheDatabaseIsBehind(t *testing.T) {
	t.Parallel()
	database := empty(t)
	db := connect(t, database)
	behind := func(when string) {
		t.Helper()
		err := migration.Check(t.Context(), db)
		if !errors.Is(err, migration.ErrBehind) || !strings.Contains(err.Error(), "secretary migrate up") {
			t.Errorf("Check of %s: %v, want %v that names the command", when, err, migration.ErrBehind)
		}
	}
	behind("an empty database")
	older := files(t)
	last := lastOf(older)
	delete(older, last)
	if _, err := seal(t, older).Up(t.Context(), database, quiet()); err != nil {
		t.Fatal(err)
	}
	behind("a database of an older version")
	if applied := up(t, database); !slices.Equal(applied, []string{last}) {
		t.Errorf("Up applied %q, want the one that was missing", applied)
	}
	exec(t, db, "DELETE FROM river.river_migration WHERE version = (SELECT max(version) FROM river.river_migration)")
	behind("a database without the last of the job queue's")
}

func TestCheckNamesTheVersionsOfANewerDatabase(t *testing.T) {
	t.Parallel()
	database := migrated(t)
	db := connect(t, database)
	newer := files(t)
	newer["20990101000000_next.sql"] = &fstest.MapFile{Data: []byte("SELECT 1;\n")}
	if _, err := seal(t, newer).Up(t.Context(), database, quiet()); err != nil {
		t.Fatal(err)
	}
	err := migration.Check(t.Context(), db)
	if !errors.Is(err, migration.ErrAhead) || !strings.Contains(err.Error(), "20990101000000_next") {
		t.Errorf("Check: %v, want %v that names the version", err, migration.ErrAhead)
	}
	exec(t, db, "DELETE FROM atlas_schema_revisions WHERE version = '20990101000000'")
	exec(t, db, "INSERT INTO river.river_migration (line, version) VALUES ('main', 900)")
	err = migration.Check(t.Context(), db)
	if !errors.Is(err, migration.ErrAhead) || !strings.Contains(err.Error(), "river 900") {
		t.Errorf("Check: %v, want %v that names the version", err, migration.ErrAhead)
	}
}

func TestStatusTellsWhatWasApplied(t *testing.T) {
	t.Parallel()
	database := empty(t)
	status := func() (versions []string, applied, timed int) {
		list, err := migration.Status(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			versions = append(versions, s.Version)
			if s.Applied {
				applied++
			}
			if !s.AppliedAt.IsZero() {
				timed++
			}
			if s.Note != "" {
				t.Errorf("%s: note %q, want none", s.Version, s.Note)
			}
		}
		return versions, applied, timed
	}
	before, applied, timed := status()
	if applied != 0 || timed != 0 || len(before) < 6 || before[0] != "20261122120000" {
		t.Errorf("of an empty database: %q, %d applied, %d with a time; want all versions and none applied", before, applied, timed)
	}
	if one[bool](t, connect(t, database), "SELECT to_regclass('atlas_schema_revisions') IS NOT NULL") {
		t.Error("asking wrote something")
	}
	up(t, database)
	after, applied, timed := status()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the versions changed (-before +after):\n%s", diff)
	}
	if applied != len(after) || timed != len(after) {
		t.Errorf("of a migrated database: %d applied and %d with a time, want %d", applied, timed, len(after))
	}
}

func TestStatusNotesWhatIsWrong(t *testing.T) {
	t.Parallel()
	database := migrated(t)
	changed := files(t)
	changed["20261122120000_prerequisites.sql"].Data = append(changed["20261122120000_prerequisites.sql"].Data, '\n')
	delete(changed, "20261122120400_audit.sql")
	list, err := seal(t, changed).Status(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	notes := map[string]string{}
	for _, s := range list {
		notes[s.Version] = s.Note
	}
	if notes["20261122120000"] == "" || notes["20261122120400"] == "" || notes["river 001"] != "" {
		t.Errorf("notes %q, want one for the edited file and one for the unknown one", notes)
	}
}
