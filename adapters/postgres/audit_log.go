package postgres

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type auditLog struct{ session }

const auditColumns = `id, actor, action, table_name, row_id, entity_id, request_id, detail, changes::text, created_at`

func scanAuditEntry(row pgx.CollectableRow) (v identity.AuditEntry, err error) {
	var detail []byte
	err = row.Scan(&v.ID, &v.Actor, &v.Action, &v.Table, &v.RowID, optionalNumber{(*int64)(&v.EntityID)}, optionalText{&v.RequestID},
		&detail, optionalObject{&v.Changes}, &v.CreatedAt)
	if err == nil {
		err = json.Unmarshal(detail, &v.Detail)
	}
	return v, err
}

func (r auditLog) Append(ctx context.Context, v identity.AuditEntry) (identity.AuditEntry, error) {
	detail, err := json.Marshal(v.Detail)
	if err != nil { // texts always marshal
		return identity.AuditEntry{}, err
	}
	if v.Detail == nil {
		detail = []byte("{}")
	}
	var stored identity.AuditEntry
	err = r.statement(ctx, func(q querier) (err error) {
		stored, err = one(ctx, q, "entry", scanAuditEntry,
			`INSERT INTO audit_log (actor, action, table_name, row_id, entity_id, request_id, detail, changes, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING `+auditColumns,
			v.Actor, v.Action, v.Table, v.RowID, number(v.EntityID), text(v.RequestID), detail, object(v.Changes), v.CreatedAt)
		return err
	})
	return zeroOn(stored, err)
}

func (r auditLog) List(ctx context.Context, scope identity.Scope, f identity.AuditFilter, req page.Request) (page.Page[identity.AuditEntry], error) {
	var where conditions
	where.inScope("entity_id", scope)
	wanted(&where, "entity_id", f.EntityID)
	wanted(&where, "actor", f.Actor)
	wanted(&where, "action", f.Action)
	wanted(&where, "table_name", f.Table)
	wanted(&where, "row_id", f.RowID)
	if !f.From.IsZero() {
		where.add("created_at >= ?", f.From)
	}
	if !f.To.IsZero() {
		where.add("created_at < ?", f.To)
	}
	return list(ctx, r.session, req, listing[identity.AuditEntry]{
		list: page.Fingerprint("audit_log", scope, f), scope: scope,
		from: `SELECT ` + auditColumns + ` FROM audit_log`, where: &where, scan: scanner[identity.AuditEntry](scanAuditEntry),
		sorting: sorting[identity.AuditEntry]{order: "created_at DESC, id DESC", after: beforeEntry, position: entryPosition},
	})
}

func entryPosition(v identity.AuditEntry) page.Position {
	return page.Position{Key: strconv.FormatInt(v.CreatedAt.UnixMicro(), 10), ID: v.ID.String()}
}

// beforeEntry adds the condition that an entry is older than a position: a time, in microseconds, and an id.
func beforeEntry(c *conditions, p page.Position) error {
	micros, err := strconv.ParseInt(p.Key, 10, 64)
	if err != nil {
		return page.BadCursor()
	}
	at := time.UnixMicro(micros).UTC()
	if at.Year() < 1 || at.Year() > 9999 { // no entry of ours, and maybe no time of PostgreSQL's
		return page.BadCursor()
	}
	entry, err := strconv.ParseInt(p.ID, 10, 64)
	if err != nil {
		return page.BadCursor()
	}
	c.add("(created_at, id) < (?, ?)", at, entry)
	return nil
}
