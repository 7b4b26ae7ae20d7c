package service

import (
	"context"
	"strconv"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

// AuditLog is what users may read of the audit log: an ENTITY_ADMIN what is of its entity. It is written by the store,
// and by the use cases that tell of more than a change.
type AuditLog struct{ d Deps }

// NewAuditLog makes the use cases of the audit log.
func NewAuditLog(d Deps) *AuditLog { return &AuditLog{d} }

// List returns a page of the entries that the actor may see, newest first. Errors: Invalid "invalid-input" for a row of no
// table or a period that ends before it begins, "invalid-limit", "invalid-cursor".
func (s *AuditLog) List(ctx context.Context, actor identity.Actor, f identity.AuditFilter, req page.Request) (page.Page[identity.AuditEntry], error) {
	if err := actor.Require(identity.AuditRead); err != nil {
		return page.Page[identity.AuditEntry]{}, err
	}
	var c errs.Check
	c.That(f.RowID == "" || f.Table != "", "query.row_id", "needs table: ids of different tables are alike")
	c.That(f.From.IsZero() || f.To.IsZero() || f.From.Before(f.To), "query.to", "must be after from")
	if err := c.Err(); err != nil {
		return page.Page[identity.AuditEntry]{}, err
	}
	return s.d.Repositories.AuditLog.List(ctx, actor.Scope(), f, req)
}

// logRead notes that a user or an API key reads what patients are known by or said; what the service reads to do its work
// is not noted. A read that cannot be noted must fail: nothing is shown that is not logged. rowID is the record's that is
// read, or whose list is; "" for a list of everything. entity is whose patients they are, 0 for the platform's. detail
// never holds a patient's words.
func logRead(ctx context.Context, d Deps, actor identity.Actor, table, rowID string, entity clinic.EntityID, detail map[string]string) error {
	if actor.UserID() == 0 && actor.KeyID().IsZero() {
		return nil
	}
	_, err := d.Repositories.AuditLog.Append(ctx, identity.AuditEntry{
		Actor: actor.String(), Action: identity.AuditReading, Table: table, RowID: rowID, EntityID: entity,
		RequestID: identity.TrailOf(ctx).RequestID, Detail: detail, CreatedAt: d.Now(),
	})
	return err
}

// logList is logRead for a page of a list.
func logList[T any](ctx context.Context, d Deps, actor identity.Actor, table, rowID string, entity clinic.EntityID, p page.Page[T]) (page.Page[T], error) {
	if err := logRead(ctx, d, actor, table, rowID, entity, map[string]string{"items": strconv.Itoa(len(p.Items))}); err != nil {
		return page.Page[T]{}, err
	}
	return p, nil
}
