package migration

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// The table and its columns are those that the Atlas command makes.
const (
	revisionsTable  = "atlas_schema_revisions"
	createRevisions = `CREATE TABLE IF NOT EXISTS public.atlas_schema_revisions (
  version varchar NOT NULL PRIMARY KEY,
  description varchar NOT NULL,
  type bigint NOT NULL DEFAULT 2,
  applied bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0,
  executed_at timestamptz NOT NULL,
  execution_time bigint NOT NULL,
  error text,
  error_stmt text,
  hash varchar NOT NULL,
  partial_hashes jsonb,
  operator_version varchar NOT NULL
)`
	selectRevisions = `SELECT version, description, type, applied, total, executed_at, execution_time,
  coalesce(error, ''), coalesce(error_stmt, ''), hash, coalesce(partial_hashes, 'null'), operator_version
  FROM public.atlas_schema_revisions WHERE version NOT LIKE '.%'`
	upsertRevision = `INSERT INTO public.atlas_schema_revisions
  (version, description, type, applied, total, executed_at, execution_time, error, error_stmt, hash, partial_hashes, operator_version)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  ON CONFLICT (version) DO UPDATE SET description = $2, type = $3, applied = $4, total = $5, executed_at = $6,
  execution_time = $7, error = $8, error_stmt = $9, hash = $10, partial_hashes = $11, operator_version = $12`
	rehashRevision = `UPDATE public.atlas_schema_revisions SET hash = $2 WHERE version = $1`
)

// revisions lets the Atlas library keep in a database, or in a transaction, what was applied.
type revisions struct{ db schema.ExecQuerier }

var _ migrate.RevisionReadWriter = revisions{}

func (revisions) Ident() *migrate.TableIdent {
	return &migrate.TableIdent{Name: revisionsTable, Schema: "public"}
}

func (r revisions) ReadRevisions(ctx context.Context) ([]*migrate.Revision, error) {
	return r.query(ctx, selectRevisions+" ORDER BY version")
}

func (r revisions) ReadRevision(ctx context.Context, version string) (*migrate.Revision, error) {
	found, err := r.query(ctx, selectRevisions+" AND version = $1", version)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, migrate.ErrRevisionNotExist
	}
	return found[0], nil
}

func (r revisions) WriteRevision(ctx context.Context, v *migrate.Revision) error {
	partial, err := json.Marshal(v.PartialHashes)
	if err != nil {
		return err
	}
	_, err = r.db.ExecContext(ctx, upsertRevision, v.Version, v.Description, int64(v.Type), v.Applied, v.Total, //nolint:gosec // three small flags
		v.ExecutedAt, int64(v.ExecutionTime), v.Error, v.ErrorStmt, v.Hash, string(partial), v.OperatorVersion)
	return err
}

func (r revisions) DeleteRevision(ctx context.Context, version string) error {
	_, err := r.db.ExecContext(ctx, "DELETE FROM public.atlas_schema_revisions WHERE version = $1", version)
	return err
}

func (r revisions) query(ctx context.Context, query string, args ...any) (_ []*migrate.Revision, err error) {
	rows, err := r.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var found []*migrate.Revision
	for rows.Next() {
		var (
			v       migrate.Revision
			partial sql.RawBytes
		)
		if err := rows.Scan(&v.Version, &v.Description, &v.Type, &v.Applied, &v.Total, &v.ExecutedAt,
			&v.ExecutionTime, &v.Error, &v.ErrorStmt, &v.Hash, &partial, &v.OperatorVersion); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(partial, &v.PartialHashes); err != nil {
			return nil, err
		}
		found = append(found, &v)
	}
	return found, rows.Err()
}
