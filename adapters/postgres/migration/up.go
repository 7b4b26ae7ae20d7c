package migration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// The Atlas command takes the same lock.
	lockName = "atlas_migrate_execute"
	lockWait = time.Minute

	operator = "secretary"
)

// Up applies the migrations that a database lacks, each file in a transaction, and returns their names; none when
// nothing was missing. Of several processes one does so while the others wait, up to a minute. On an error the returned
// files stay applied, and nothing of the one that failed; calling it again goes on from there. Errors: [ErrAhead],
// [ErrChanged], [ErrForeign], and what the database refused.
func (s *Set) Up(ctx context.Context, url string, log *slog.Logger) (applied []string, err error) {
	pool, err := open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	db := stdlib.OpenDBFromPool(pool)
	defer func() { err = errors.Join(err, db.Close()) }()

	driver, err := postgres.Open(db)
	if err != nil {
		return nil, err
	}
	unlock, err := driver.Lock(ctx, lockName, lockWait)
	if errors.Is(err, schema.ErrLocked) {
		return nil, fmt.Errorf("another process has been migrating the database for %s: %w", lockWait, err)
	}
	if err != nil {
		return nil, err
	}
	// The lock ends with its connection at the latest, so a failure to give it back, after ctx ended, is no matter.
	defer func() { _ = unlock() }()

	done, err := readAll(ctx, pool)
	if err != nil {
		return nil, err
	}
	if len(done) == 0 {
		if err := refuseForeign(ctx, pool); err != nil {
			return nil, err
		}
	}
	pending, err := s.compare(done)
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, createRevisions); err != nil {
		return nil, fmt.Errorf("making the table of revisions: %w", err)
	}
	queue := false
	for _, f := range pending {
		if f.source == nil {
			queue = true
			continue
		}
		start := time.Now()
		if err := s.apply(ctx, db, f); err != nil {
			return applied, fmt.Errorf("migration %s: %w", f.source.Name(), err)
		}
		log.InfoContext(ctx, "migration applied", "file", f.source.Name(), "took", time.Since(start).Round(time.Millisecond))
		applied = append(applied, f.source.Name())
	}
	if !queue {
		return applied, nil
	}
	names, err := upQueue(ctx, pool)
	for _, name := range names {
		log.InfoContext(ctx, "migration of the job queue applied", "name", name)
	}
	return append(applied, names...), err
}

// apply executes one file in a transaction, or without one when the file says "atlas:txmode none", such as for an index
// that is made concurrently.
func (s *Set) apply(ctx context.Context, db *sql.DB, f file) error {
	if mode := f.source.Directive("txmode"); len(mode) == 1 && mode[0] == "none" {
		// One that stopped in the middle was mended since, and the library keeps the checksum of the first attempt.
		if _, err := db.ExecContext(ctx, rehashRevision, f.version, f.hash); err != nil {
			return err
		}
		return s.execute(ctx, db, f.source)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	if err := s.execute(ctx, tx, f.source); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *Set) execute(ctx context.Context, db schema.ExecQuerier, f *migrate.LocalFile) error {
	driver, err := postgres.Open(db)
	if err != nil {
		return err
	}
	executor, err := migrate.NewExecutor(driver, s.dir, revisions{db}, migrate.WithOperatorVersion(operator))
	if err != nil {
		return err
	}
	err = executor.Execute(ctx, f)
	// What the library adds, that the failure could not be recorded in the transaction which it ended, helps nobody.
	if failed, ok := errors.AsType[*migrate.StmtExecError](err); ok {
		return fmt.Errorf("%w, in the statement: %s", failed.Err, failed.Stmt.Text)
	}
	return err
}

// refuseForeign refuses a database that has tables although nothing was ever applied to it: somebody else's, most
// probably. What extensions own does not count, nor do other schemas than those that are used.
func refuseForeign(ctx context.Context, pool *pgxpool.Pool) error {
	rows, err := pool.Query(ctx, `SELECT n.nspname || '.' || c.relname
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname IN ('public', 'river') AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relname <> $1
   AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 1 LIMIT 5`, revisionsTable)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) == 0 {
		return err
	}
	return fmt.Errorf("%w: it has %s; secretary needs a database of its own", ErrForeign, strings.Join(tables, ", "))
}
