package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
)

type repricings struct{ session }

const repricingColumns = `id, entity_id, from_time, to_time, status, requested_by, last_usage_id, sessions, changed, before::text,
	after::text, created_at, finished_at, updated_at`

func scanRepricing(row pgx.CollectableRow) (v metering.Repricing, err error) {
	err = row.Scan(optionalUUID{&v.ID.UUID}, optionalNumber{(*int64)(&v.EntityID)}, &v.From, &v.To, &v.Status, &v.RequestedBy,
		&v.LastUsageID, &v.Sessions, &v.Changed, jsonList[metering.Money]{&v.Before}, jsonList[metering.Money]{&v.After}, &v.CreatedAt,
		optionalMoment{&v.FinishedAt}, &v.UpdatedAt)
	return v, err
}

// moneyJSON is what [jsonList] reads.
func moneyJSON(money []metering.Money) string {
	text, err := listJSON(money)
	if err != nil { // texts and numbers always marshal
		panic("postgres: " + err.Error())
	}
	return text
}

func (r repricings) Get(ctx context.Context, scope identity.Scope, key metering.RepricingID) (metering.Repricing, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "repricing", scanRepricing,
		`SELECT `+repricingColumns+` FROM repricings WHERE id = $1 AND ($2 OR entity_id = $3)`, uuid(key.UUID), all, entity)
}

func (r repricings) List(ctx context.Context, scope identity.Scope, f metering.RepricingFilter, req page.Request) (page.Page[metering.Repricing], error) {
	var where conditions
	where.inScope("entity_id", scope)
	wanted(&where, "entity_id", f.EntityID)
	return list(ctx, r.session, req, listing[metering.Repricing]{
		list: page.Fingerprint("repricings", scope, f), scope: scope,
		from: `SELECT ` + repricingColumns + ` FROM repricings`, where: &where, scan: scanner[metering.Repricing](scanRepricing),
		sorting: sorting[metering.Repricing]{
			order: "id DESC", // the ids rise with time
			after: func(c *conditions, p page.Position) error {
				key, err := uuidOf(p)
				if err != nil || p.Key != "" {
					return page.BadCursor()
				}
				c.add("id < ?", key)
				return nil
			},
			position: func(v metering.Repricing) page.Position { return page.Position{ID: v.ID.String()} },
		},
	})
}

func (r repricings) Create(ctx context.Context, v metering.Repricing) (metering.Repricing, error) {
	return insert(ctx, r.session, scanRepricing,
		`INSERT INTO repricings (id, entity_id, from_time, to_time, status, requested_by, last_usage_id, sessions, changed, before, after,
			created_at, finished_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING `+repricingColumns, repricingValues(v)...)
}

func (r repricings) Update(ctx context.Context, scope identity.Scope, key metering.RepricingID, change func(*metering.Repricing) error) (metering.Repricing, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[metering.Repricing]{
		what: "repricing", columns: repricingColumns, scan: scanRepricing,
		find: `SELECT ` + repricingColumns + ` FROM repricings WHERE id = $1 AND ($2 OR entity_id = $3)`,
		args: []any{uuid(key.UUID), all, entity},
	}, change, func(v metering.Repricing) (string, []any) {
		return `UPDATE repricings SET entity_id = $2, from_time = $3, to_time = $4, status = $5, requested_by = $6, last_usage_id = $7,
			sessions = $8, changed = $9, before = $10, after = $11, created_at = $12, finished_at = $13, updated_at = $14
			WHERE id = $1`, repricingValues(v)
	})
}

// repricingValues are the columns of a repricing, in their order.
func repricingValues(v metering.Repricing) []any {
	return []any{
		uuid(v.ID.UUID), number(v.EntityID), v.From, v.To, v.Status, v.RequestedBy, v.LastUsageID, v.Sessions, v.Changed,
		moneyJSON(v.Before), moneyJSON(v.After), v.CreatedAt, moment(v.FinishedAt), v.UpdatedAt,
	}
}
