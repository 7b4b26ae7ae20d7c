package migration

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"ariga.io/atlas/sql/migrate"

	"github.com/secretary-api/secretary/migrations"
)

// The ways in which a database is not what the program needs.
var (
	// ErrBehind is a database that lacks migrations.
	ErrBehind = errors.New("the database is behind this program")
	// ErrAhead is a database that a newer program has migrated.
	ErrAhead = errors.New("the database is ahead of this program")
	// ErrChanged is a database to which other files were applied than those of the program.
	ErrChanged = errors.New("the migrations are not those that were applied to the database")
	// ErrForeign is a database that holds something, but no record of migrations.
	ErrForeign = errors.New("the database is not empty, and no migration was ever recorded in it")
)

// Set is a directory of migrations, with those of the job queue.
type Set struct {
	dir   migrate.Dir
	files []file // in the order of their versions
	queue []file
}

// file is one migration.
type file struct {
	version string // "20261122120100", or "river 006" of the job queue
	name    string
	hash    string             // of it and of all before it; "" of the queue's
	source  *migrate.LocalFile // nil of the queue's
}

// Dir returns the embedded migrations as a directory of the Atlas library.
func Dir() (migrate.Dir, error) {
	s, err := Load(migrations.FS)
	if err != nil {
		return nil, err
	}
	return s.dir, nil
}

// Load reads the migrations of a file system, such as [migrations.FS]. Files which do not agree with their atlas.sum are
// [ErrChanged].
func Load(fsys fs.FS) (*Set, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, err
	}
	dir := &migrate.MemDir{}
	for _, name := range append(names, migrate.HashFileName) {
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		if err := dir.WriteFile(name, content); err != nil {
			return nil, err
		}
	}
	if err := migrate.Validate(dir); err != nil {
		return nil, fmt.Errorf("%w: %s does not fit the files, %w (after a change by hand: go run ./cmd/schema-diff -hash)",
			ErrChanged, migrate.HashFileName, err)
	}
	return newSet(dir)
}

func newSet(dir migrate.Dir) (*Set, error) {
	s := &Set{dir: dir}
	sums, err := dir.Checksum()
	if err != nil {
		return nil, err
	}
	files, err := dir.Files()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		source, ok := f.(*migrate.LocalFile)
		if !ok {
			return nil, fmt.Errorf("migration %s is a %T", f.Name(), f)
		}
		sum, err := sums.SumByName(f.Name())
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", f.Name(), err)
		}
		s.files = append(s.files, file{version: f.Version(), name: f.Desc(), hash: sum, source: source})
	}
	s.queue, err = queueFiles()
	return s, err
}

// Up applies the embedded migrations that a database lacks, see [Set.Up].
func Up(ctx context.Context, url string, log *slog.Logger) (applied []string, err error) {
	s, err := Load(migrations.FS)
	if err != nil {
		return nil, err
	}
	return s.Up(ctx, url, log)
}

// Status tells of every embedded migration whether it was applied, see [Set.Status].
func Status(ctx context.Context, url string) ([]FileStatus, error) {
	s, err := Load(migrations.FS)
	if err != nil {
		return nil, err
	}
	return s.Status(ctx, url)
}

// Check tells in one query whether a database has exactly the embedded migrations, see [Set.Check].
func Check(ctx context.Context, q Querier) error {
	s, err := Load(migrations.FS)
	if err != nil {
		return err
	}
	return s.Check(ctx, q)
}

// compare returns the files that are still to be applied, or why nothing may be. What is wrong first, in the order of
// versions, is what is told: every later checksum depends on it.
func (s *Set) compare(done []revision) (pending []file, err error) {
	var ours, theirs []revision
	for _, r := range done {
		if r.queue {
			theirs = append(theirs, r)
		} else {
			ours = append(ours, r)
		}
	}
	pending, err = merge(s.files, ours)
	if err != nil {
		return nil, err
	}
	more, err := merge(s.queue, theirs)
	return append(pending, more...), err
}

// merge walks along files and revisions, both in the order of their versions.
func merge(files []file, done []revision) (pending []file, err error) {
	for len(files) > 0 || len(done) > 0 {
		switch {
		case len(files) == 0:
			return nil, fmt.Errorf("%w: it has %s, which this version of the program does not know; start the version that "+
				"migrated it, or a newer one", ErrAhead, strings.Join(names(done), ", "))
		case len(done) == 0:
			return append(pending, files...), nil
		case done[0].version < files[0].version:
			return nil, fmt.Errorf("%w: %s was applied and is not there any more", ErrChanged, done[0].id())
		case done[0].version > files[0].version:
			return nil, fmt.Errorf("%w: %s was not applied, although %s was, which comes after it", ErrChanged, files[0].id(), done[0].id())
		case done[0].applied < done[0].total: // a file without a transaction that failed in the middle, the last one
			pending = append(pending, files[0])
		case done[0].hash != files[0].hash:
			return nil, fmt.Errorf("%w: %s was edited after it had been applied; put back what it was, and change the schema by "+
				"another file", ErrChanged, files[0].id())
		}
		files, done = files[1:], done[1:]
	}
	return pending, nil
}

// id is how messages call a migration.
func (f file) id() string { return strings.TrimRight(f.version+"_"+f.name, "_") }

func names(done []revision) []string {
	var list []string
	for _, r := range done {
		list = append(list, r.id())
	}
	return list
}
