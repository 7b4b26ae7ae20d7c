package memory

import (
	"context"
	"iter"
	"maps"
	"time"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type auditTables struct {
	audit         *table[identity.AuditEntry]
	auditByTime   *index[identity.AuditEntry]
	auditByEntity *index[identity.AuditEntry]
	auditByActor  *index[identity.AuditEntry]
	auditByAction *index[identity.AuditEntry]
	auditByTable  *index[identity.AuditEntry]
	auditByRow    *index[identity.AuditEntry]
}

func (s *schema) addAuditLog() {
	ids := serial(func(e *identity.AuditEntry) *identity.AuditID { return &e.ID })
	s.audit = newTable(s, table[identity.AuditEntry]{
		name: "audit_log", what: "entry", id: ids,
		order:   byTime(ids, func(e *identity.AuditEntry) time.Time { return e.CreatedAt }),
		inScope: func(_ *data, scope identity.Scope, e *identity.AuditEntry) bool { return scope.Includes(e.EntityID) },
		tidy:    func(e *identity.AuditEntry) { tidyTimes(&e.CreatedAt) },
		clone: func(e identity.AuditEntry) identity.AuditEntry {
			e.Detail = maps.Clone(e.Detail)
			return e
		},
	})
	by := func(group func(*identity.AuditEntry) string) *index[identity.AuditEntry] {
		return s.audit.index(func(e *identity.AuditEntry) (string, bool) { return group(e), true })
	}
	s.auditByTime = by(func(*identity.AuditEntry) string { return "" })
	s.auditByEntity = by(func(e *identity.AuditEntry) string { return intKey(e.EntityID) })
	s.auditByActor = by(func(e *identity.AuditEntry) string { return textKey(e.Actor) })
	s.auditByAction = by(func(e *identity.AuditEntry) string { return textKey(e.Action) })
	s.auditByTable = by(func(e *identity.AuditEntry) string { return textKey(e.Table) })
	s.auditByRow = by(func(e *identity.AuditEntry) string { return textKey(e.Table) + textKey(e.RowID) })
}

type auditLog struct{ session }

func (r auditLog) Append(ctx context.Context, e identity.AuditEntry) (identity.AuditEntry, error) {
	return create(ctx, r.session, r.tables().audit, e)
}

func (r auditLog) List(ctx context.Context, scope identity.Scope, f identity.AuditFilter, req page.Request) (page.Page[identity.AuditEntry], error) {
	t := r.tables()
	from, to := utc(f.From), utc(f.To)
	by, group := t.auditGroup(scope, f)
	return list(ctx, r.session, t.audit, req, listing[identity.AuditEntry]{
		scope: scope, list: page.Fingerprint("audit_log", scope, f),
		rows: func(d *data, after string) iter.Seq[*identity.AuditEntry] {
			if end := timeKey(to); !f.To.IsZero() && (after == "" || end < after) {
				after = end
			}
			return func(yield func(*identity.AuditEntry) bool) {
				for e := range t.audit.backIn(d, by, group, after) {
					if !f.From.IsZero() && e.CreatedAt.Before(from) || !yield(e) {
						return
					}
				}
			}
		},
		filter: func(e *identity.AuditEntry) bool {
			return wants(f.EntityID, e.EntityID) && wants(f.Actor, e.Actor) && wants(f.Action, e.Action) &&
				wants(f.Table, e.Table) && wants(f.RowID, e.RowID)
		},
	})
}

// auditGroup is the index that leaves the fewest entries to look through, and the group in it.
func (s *schema) auditGroup(scope identity.Scope, f identity.AuditFilter) (by *index[identity.AuditEntry], group string) {
	entity := f.EntityID
	if !scope.All() {
		entity = scope.EntityID()
	}
	switch {
	case f.Table != "" && f.RowID != "":
		return s.auditByRow, textKey(f.Table) + textKey(f.RowID)
	case f.Actor != "":
		return s.auditByActor, textKey(f.Actor)
	case entity != 0:
		return s.auditByEntity, intKey(entity)
	case f.Table != "":
		return s.auditByTable, textKey(f.Table)
	case f.Action != "":
		return s.auditByAction, textKey(f.Action)
	}
	return s.auditByTime, ""
}
