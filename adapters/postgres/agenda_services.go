package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type services struct{ session }

const serviceColumns = `service_id, professional_id, tenant_id, entity_id, service_name, service_slug, service_description,
	service_keywords, price_cents, duration_minutes, is_active, created_at, updated_at`

func scanService(row pgx.CollectableRow) (v agenda.Service, err error) {
	err = row.Scan(optionalUUID{&v.ID.UUID}, optionalUUID{&v.ProfessionalID.UUID}, optionalUUID{&v.TenantID.UUID}, &v.EntityID,
		&v.Name, &v.Slug, optionalText{&v.Description}, &v.Keywords, &v.PriceCents, &v.DurationMinutes, &v.Active,
		&v.CreatedAt, &v.UpdatedAt)
	if len(v.Keywords) == 0 {
		v.Keywords = nil
	}
	return v, err
}

// serviceValues are what the columns hold, in their order.
func serviceValues(v agenda.Service) []any {
	return []any{
		uuid(v.ID.UUID), uuid(v.ProfessionalID.UUID), uuid(v.TenantID.UUID), v.EntityID,
		v.Name, v.Slug, text(v.Description), texts(v.Keywords), v.PriceCents, v.DurationMinutes, v.Active,
		v.CreatedAt, v.UpdatedAt,
	}
}

const serviceInScope = `SELECT ` + serviceColumns + ` FROM professional_services WHERE service_id = $1 AND ($2 OR entity_id = $3)`

func (r services) Get(ctx context.Context, scope identity.Scope, key agenda.ServiceID) (agenda.Service, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "service", scanService, serviceInScope, uuid(key.UUID), all, entity)
}

func (r services) List(ctx context.Context, scope identity.Scope, f agenda.ServiceFilter, req page.Request) (page.Page[agenda.Service], error) {
	var where conditions
	where.inScope("entity_id", scope)
	where.wantedUUID("tenant_id", f.TenantID.UUID)
	where.wantedUUID("professional_id", f.ProfessionalID.UUID)
	where.flag("is_active", f.Active)
	return list(ctx, r.session, req, listing[agenda.Service]{
		list: page.Fingerprint("services", scope, f), scope: scope,
		from: `SELECT ` + serviceColumns + ` FROM professional_services`, where: &where, scan: scanner[agenda.Service](scanService),
		sorting: byUUID("service_id", func(v agenda.Service) string { return v.ID.String() }),
	})
}

func (r services) Create(ctx context.Context, v agenda.Service) (agenda.Service, error) {
	return create(ctx, r.session, scanService,
		`INSERT INTO professional_services (`+serviceColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING `+serviceColumns, serviceValues(v)...)
}

func (r services) Update(ctx context.Context, scope identity.Scope, key agenda.ServiceID, change func(*agenda.Service) error) (agenda.Service, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[agenda.Service]{
		what: "service", columns: serviceColumns, scan: scanService, find: serviceInScope, args: []any{uuid(key.UUID), all, entity}, changedAt: func(v *agenda.Service) time.Time { return v.UpdatedAt },
	}, change, func(v agenda.Service) (string, []any) {
		v.ID = key
		return `UPDATE professional_services SET professional_id = $2, tenant_id = $3, entity_id = $4, service_name = $5,
				service_slug = $6, service_description = $7, service_keywords = $8, price_cents = $9, duration_minutes = $10,
				is_active = $11, created_at = $12, updated_at = $13
			WHERE service_id = $1`, serviceValues(v)
	})
}
