package migration

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Querier is a pool or a connection.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// revision is a migration that was applied, wholly or in part.
type revision struct {
	version, name, hash string
	applied, total      int64 // statements
	at                  time.Time
	queue               bool // one of the job queue's
}

func (r revision) id() string { return file{version: r.version, name: r.name}.id() }

const (
	selectFiles = `SELECT version, description, hash, applied, total, executed_at, false AS queue
  FROM public.atlas_schema_revisions WHERE version NOT LIKE '.%'`
	selectQueue = `SELECT 'river ' || lpad(version::text, 3, '0'), '', '', 1, 1, created_at, true AS queue
  FROM river.river_migration WHERE line = 'main'`
)

// FileStatus is how far a database is with one migration.
type FileStatus struct {
	Version   string    // "20261122120100", or "river 006" of the job queue
	Name      string    // "init"
	Applied   bool      // wholly
	AppliedAt time.Time // zero when it was not
	Note      string    // what is wrong with it; "" when nothing is
}

// Status tells of every migration, the job queue's last, whether it was applied; and at the end, which others were.
func (s *Set) Status(ctx context.Context, url string) ([]FileStatus, error) {
	pool, err := open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	done, err := readAll(ctx, pool)
	if err != nil {
		return nil, err
	}
	left := map[string]revision{}
	for _, r := range done {
		left[r.version] = r
	}
	var list []FileStatus
	for _, f := range slices.Concat(s.files, s.queue) {
		r, found := left[f.version]
		delete(left, f.version)
		list = append(list, statusOf(f, r, found))
	}
	for _, r := range done {
		if _, unknown := left[r.version]; unknown {
			list = append(list, FileStatus{Version: r.version, Name: r.name, Applied: true, AppliedAt: r.at, Note: "not known to this program"})
		}
	}
	return list, nil
}

func statusOf(f file, r revision, found bool) FileStatus {
	status := FileStatus{Version: f.version, Name: f.name}
	switch {
	case !found:
	case r.applied < r.total:
		status.Note = fmt.Sprintf("stopped after %d of %d statements", r.applied, r.total)
	case r.hash != f.hash:
		status.Note = "it, or one before it, is not what was applied"
		fallthrough
	default:
		status.Applied, status.AppliedAt = true, r.at
	}
	return status
}

// Check tells in one query whether the database has exactly the migrations of the set: nil, or [ErrBehind], [ErrAhead]
// or [ErrChanged] with what to do about it.
func (s *Set) Check(ctx context.Context, q Querier) error {
	done, err := read(ctx, q, selectFiles+" UNION ALL "+selectQueue)
	if err != nil {
		return err
	}
	pending, err := s.compare(done)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return fmt.Errorf("%w: %d of its migrations are missing, the first is %s; run: secretary migrate up",
			ErrBehind, len(pending), pending[0].id())
	}
	return nil
}

// readAll returns what was applied. Unlike the one query of Check it finds the files' revisions also before the job queue
// has its table.
func readAll(ctx context.Context, q Querier) ([]revision, error) {
	files, err := read(ctx, q, selectFiles)
	if err != nil {
		return nil, err
	}
	queue, err := read(ctx, q, selectQueue)
	return append(files, queue...), err
}

// read returns revisions in the order of their versions: none while a table is not there.
func read(ctx context.Context, q Querier, query string) ([]revision, error) {
	var done []revision
	rows, err := q.Query(ctx, query)
	if err == nil {
		done, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r revision, err error) {
			err = row.Scan(&r.version, &r.name, &r.hash, &r.applied, &r.total, &r.at, &r.queue)
			return r, err
		})
	}
	const undefinedTable = "42P01"
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok && refusal.Code == undefinedTable {
		return nil, nil
	}
	slices.SortFunc(done, func(a, b revision) int { return strings.Compare(a.version, b.version) })
	return done, err
}

// open returns a small pool for migrations: the lock's connection, one for the work, and one to spare.
func open(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MinConns, config.MinIdleConns, config.MaxConns = 0, 0, 3
	maps.Copy(config.ConnConfig.RuntimeParams, map[string]string{
		"application_name":  "secretary migrate",
		"search_path":       "public",
		"timezone":          "UTC",
		"statement_timeout": "0", // moving data takes as long as it takes
		// A change of a table waits for the transactions that use it, and everybody else waits behind the change.
		"lock_timeout":                        "15s",
		"idle_in_transaction_session_timeout": "0",
		"client_min_messages":                 "warning",
	})
	return pgxpool.NewWithConfig(ctx, config)
}
