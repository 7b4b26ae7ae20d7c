package postgres

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/secretary-api/secretary/ports"
)

// ConflictCode is the code of the conflict that a constraint's name stands for.
func ConflictCode(constraint string) (code string, known bool) {
	c, known := conflictOf(constraint)
	return c.code, known
}

// Conns returns how many connections the store's pool has, and how many of them somebody uses.
func (s *Store) Conns() (total, used int32) {
	stat := s.pool.Stat()
	return stat.TotalConns(), stat.AcquiredConns()
}

// AppendStatements are the statements that append room events, alone and for several callers.
func AppendStatements() []string {
	return []string{aloneStatement(roomEventTable), sharedStatement(roomEventTable)}
}

// Recorder is a session without a database. It writes down every statement, and answers a query with rows whose ids are
// not zero: as many as its LIMIT allows, and otherwise one.
type Recorder struct {
	Statements []string
	Prepared   []string // the lists among them that are not planned for their values
	InTx       bool     // whether it is a transaction's
}

// Repositories returns repositories that work on the recorder, and each statement of theirs that others share is recorded.
func (r *Recorder) Repositories() ports.Repositories {
	for _, table := range eventTables() {
		one := eventRows{rooms: []int64{1}, names: []string{""}, data: []string{"{}"}, times: make([]time.Time, 1)}
		if _, err := share(context.Background(), r, table, []eventRows{one}); err != nil {
			panic(err)
		}
	}
	return repositories(r, nil)
}

func (r *Recorder) read(ctx context.Context, fn func(q querier) error) error { return r.run(ctx, fn) }

func (r *Recorder) list(ctx context.Context, fn func(q querier) error) error { return r.run(ctx, fn) }

func (r *Recorder) statement(ctx context.Context, fn func(q querier) error) error {
	return r.run(ctx, fn)
}

func (r *Recorder) change(ctx context.Context, fn func(q querier) error) error {
	return r.run(ctx, fn)
}

func (r *Recorder) alone() bool { return !r.InTx }

func (r *Recorder) run(ctx context.Context, fn func(q querier) error) error {
	return translate(ctx, fn(r))
}

func (r *Recorder) note(sql string) {
	if !slices.Contains(r.Statements, sql) {
		r.Statements = append(r.Statements, sql)
	}
}

// Exec implements querier. No row is affected.
func (r *Recorder) Exec(_ context.Context, sql string, _ ...any) (pgconn.CommandTag, error) {
	r.note(sql)
	return pgconn.NewCommandTag("UPDATE 0"), nil
}

// Query implements querier.
func (r *Recorder) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	r.note(sql)
	rows := &recordedRows{left: 1}
	limit := regexp.MustCompile(` LIMIT (\$?)(\d+)$`).FindStringSubmatch(sql)
	if limit == nil {
		return rows, nil
	}
	rows.left, _ = strconv.Atoi(limit[2])
	if limit[1] == "" {
		return rows, nil
	}
	if n, isInt := args[rows.left-1].(int); isInt && strings.HasPrefix(sql, `SELECT * FROM (`) {
		rows.left = n
		if !slices.Contains(r.Prepared, sql) {
			r.Prepared = append(r.Prepared, sql)
		}
	}
	return rows, nil
}

// SendBatch implements querier.
func (r *Recorder) SendBatch(_ context.Context, b *pgx.Batch) pgx.BatchResults {
	for _, q := range b.QueuedQueries {
		r.note(q.SQL)
	}
	return recordedBatch{}
}

type recordedBatch struct{ pgx.BatchResults }

func (recordedBatch) Query() (pgx.Rows, error) { return &recordedRows{left: 1}, nil }

func (recordedBatch) Close() error { return nil }

type recordedRows struct {
	pgx.Rows
	left int
}

func (r *recordedRows) Next() bool {
	r.left--
	return r.left >= 0
}

func (*recordedRows) Close() {}

func (*recordedRows) Err() error { return nil }

func (*recordedRows) CommandTag() pgconn.CommandTag { return pgconn.CommandTag{} }

// Scan leaves most of a row zero; what is filled is what a scanner or a cursor asks for.
func (*recordedRows) Scan(dest ...any) error {
	for _, d := range dest {
		switch d := d.(type) {
		case *[]byte:
			*d = []byte("{}")
		case *time.Time:
			*d = time.Date(2026, time.March, 9, 11, 0, 0, 0, time.UTC)
		case pgtype.UUIDScanner:
			if err := d.ScanUUID(pgtype.UUID{Bytes: [16]byte{15: 1}, Valid: true}); err != nil {
				return err
			}
		}
	}
	return nil
}

var _ session = (*Recorder)(nil)
