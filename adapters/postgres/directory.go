package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type entities struct{ session }

const entityColumns = `id, name, type, instructions::text, active, created_at, updated_at`

func scanEntity(row pgx.CollectableRow) (v clinic.Entity, err error) {
	err = row.Scan(&v.ID, &v.Name, optionalText{&v.Type}, optionalObject{&v.Instructions}, &v.Active, &v.CreatedAt, &v.UpdatedAt)
	return v, err
}

func (r entities) Get(ctx context.Context, scope identity.Scope, key clinic.EntityID) (clinic.Entity, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "entity", scanEntity,
		`SELECT `+entityColumns+` FROM entities WHERE id = $1 AND ($2 OR id = $3)`, key, all, entity)
}

func (r entities) List(ctx context.Context, scope identity.Scope, f clinic.EntityFilter, req page.Request) (page.Page[clinic.Entity], error) {
	var where conditions
	where.inScope("id", scope)
	where.flag("active", f.Active)
	return list(ctx, r.session, req, listing[clinic.Entity]{
		list: page.Fingerprint("entities", scope, f), scope: scope,
		from: `SELECT ` + entityColumns + ` FROM entities`, where: &where, scan: scanEntity,
		sorting: byID(func(v clinic.Entity) string { return v.ID.String() }),
	})
}

func (r entities) Create(ctx context.Context, v clinic.Entity) (clinic.Entity, error) {
	return create(ctx, r.session, scanEntity,
		`INSERT INTO entities (name, type, instructions, active, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING `+entityColumns,
		v.Name, text(v.Type), object(v.Instructions), v.Active, v.CreatedAt, v.UpdatedAt)
}

func (r entities) Update(ctx context.Context, scope identity.Scope, key clinic.EntityID, change func(*clinic.Entity) error) (clinic.Entity, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[clinic.Entity]{
		what: "entity", scan: scanEntity,
		locked: `SELECT ` + entityColumns + ` FROM entities WHERE id = $1 AND ($2 OR id = $3) FOR NO KEY UPDATE`,
		args:   []any{key, all, entity},
	}, change, func(v clinic.Entity) (string, []any) {
		return `UPDATE entities SET name = $2, type = $3, instructions = $4, active = $5, created_at = $6, updated_at = $7
			WHERE id = $1 RETURNING ` + entityColumns,
			[]any{key, v.Name, text(v.Type), object(v.Instructions), v.Active, v.CreatedAt, v.UpdatedAt}
	})
}

type departments struct{ session }

const departmentColumns = `id, entity_id, name, instructions::text, active, created_at, updated_at`

func scanDepartment(row pgx.CollectableRow) (v clinic.Department, err error) {
	err = row.Scan(&v.ID, &v.EntityID, &v.Name, optionalObject{&v.Instructions}, &v.Active, &v.CreatedAt, &v.UpdatedAt)
	return v, err
}

func (r departments) Get(ctx context.Context, scope identity.Scope, key clinic.DepartmentID) (clinic.Department, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "department", scanDepartment,
		`SELECT `+departmentColumns+` FROM departments WHERE id = $1 AND ($2 OR entity_id = $3)`, key, all, entity)
}

func (r departments) List(ctx context.Context, scope identity.Scope, f clinic.DepartmentFilter, req page.Request) (page.Page[clinic.Department], error) {
	var where conditions
	where.inScope("entity_id", scope)
	wanted(&where, "entity_id", f.EntityID)
	where.flag("active", f.Active)
	return list(ctx, r.session, req, listing[clinic.Department]{
		list: page.Fingerprint("departments", scope, f), scope: scope,
		from: `SELECT ` + departmentColumns + ` FROM departments`, where: &where, scan: scanDepartment,
		sorting: byID(func(v clinic.Department) string { return v.ID.String() }),
	})
}

func (r departments) Create(ctx context.Context, v clinic.Department) (clinic.Department, error) {
	return create(ctx, r.session, scanDepartment,
		`INSERT INTO departments (entity_id, name, instructions, active, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING `+departmentColumns,
		v.EntityID, v.Name, object(v.Instructions), v.Active, v.CreatedAt, v.UpdatedAt)
}

func (r departments) Update(ctx context.Context, scope identity.Scope, key clinic.DepartmentID, change func(*clinic.Department) error) (clinic.Department, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[clinic.Department]{
		what: "department", scan: scanDepartment,
		locked: `SELECT ` + departmentColumns + ` FROM departments WHERE id = $1 AND ($2 OR entity_id = $3) FOR NO KEY UPDATE`,
		args:   []any{key, all, entity},
	}, change, func(v clinic.Department) (string, []any) {
		return `UPDATE departments SET entity_id = $2, name = $3, instructions = $4, active = $5, created_at = $6, updated_at = $7
			WHERE id = $1 RETURNING ` + departmentColumns,
			[]any{key, v.EntityID, v.Name, object(v.Instructions), v.Active, v.CreatedAt, v.UpdatedAt}
	})
}
