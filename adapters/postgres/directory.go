package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

type entities struct{ session }

const (
	entitySummary = `id, name, type, active, created_at, updated_at`
	entityColumns = entitySummary + `, instructions::text`
)

func entitySummaryFields(v *clinic.Entity) []any {
	return []any{(*int64)(&v.ID), &v.Name, optionalText{&v.Type}, &v.Active, optionalMoment{&v.CreatedAt}, optionalMoment{&v.UpdatedAt}}
}

func entityFields(v *clinic.Entity) []any {
	return append(entitySummaryFields(v), optionalObject{&v.Instructions})
}

func scanEntity(row pgx.CollectableRow) (clinic.Entity, error) {
	return fields[clinic.Entity](entityFields).scan(row)
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
	columns, to := entitySummary, entitySummaryFields
	if f.Instructions {
		columns, to = entityColumns, entityFields
	}
	return list(ctx, r.session, req, listing[clinic.Entity]{
		list: page.Fingerprint("entities", scope, f), scope: scope,
		from: `SELECT ` + columns + ` FROM entities`, where: &where, scan: fields[clinic.Entity](to),
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
	return update(ctx, r.session, entityRow(scope, key), change, saveEntity(key))
}

// UpdateKnown implements [ports.KnownUpdater].
func (r entities) UpdateKnown(ctx context.Context, scope identity.Scope, known clinic.Entity, change func(*clinic.Entity) error) (clinic.Entity, error) {
	return updateKnown(ctx, r.session, entityRow(scope, known.ID), known, change, saveEntity(known.ID))
}

func entityRow(scope identity.Scope, key clinic.EntityID) row[clinic.Entity] {
	all, entity := entityOf(scope)
	return row[clinic.Entity]{
		what: "entity", columns: entityColumns, scan: scanEntity,
		find: `SELECT ` + entityColumns + ` FROM entities WHERE id = $1 AND ($2 OR id = $3)`,
		args: []any{key, all, entity}, changedAt: func(v *clinic.Entity) time.Time { return v.UpdatedAt },
	}
}

func saveEntity(key clinic.EntityID) func(clinic.Entity) (string, []any) {
	return func(v clinic.Entity) (string, []any) {
		return `UPDATE entities SET name = $2, type = $3, instructions = $4, active = $5, created_at = $6, updated_at = $7
			WHERE id = $1`,
			[]any{key, v.Name, text(v.Type), object(v.Instructions), v.Active, v.CreatedAt, v.UpdatedAt}
	}
}

type departments struct{ session }

const (
	departmentSummary = `id, entity_id, name, active, created_at, updated_at`
	departmentColumns = departmentSummary + `, instructions::text`
)

func departmentSummaryFields(v *clinic.Department) []any {
	return []any{(*int64)(&v.ID), (*int64)(&v.EntityID), &v.Name, &v.Active, optionalMoment{&v.CreatedAt}, optionalMoment{&v.UpdatedAt}}
}

func departmentFields(v *clinic.Department) []any {
	return append(departmentSummaryFields(v), optionalObject{&v.Instructions})
}

func scanDepartment(row pgx.CollectableRow) (clinic.Department, error) {
	return fields[clinic.Department](departmentFields).scan(row)
}

func (r departments) Get(ctx context.Context, scope identity.Scope, key clinic.DepartmentID) (clinic.Department, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "department", scanDepartment,
		`SELECT `+departmentColumns+` FROM departments WHERE id = $1 AND ($2 OR entity_id = $3)`, key, all, entity)
}

func (r departments) List(ctx context.Context, scope identity.Scope, f clinic.DepartmentFilter, req page.Request) (page.Page[clinic.Department], error) {
	var where conditions
	where.ofEntity(scope, f.EntityID)
	where.flag("active", f.Active)
	columns, to := departmentSummary, departmentSummaryFields
	if f.Instructions {
		columns, to = departmentColumns, departmentFields
	}
	return list(ctx, r.session, req, listing[clinic.Department]{
		list: page.Fingerprint("departments", scope, f), scope: scope,
		from: `SELECT ` + columns + ` FROM departments`, where: &where, scan: fields[clinic.Department](to),
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
	return update(ctx, r.session, departmentRow(scope, key), change, saveDepartment(key))
}

// UpdateKnown implements [ports.KnownUpdater].
func (r departments) UpdateKnown(ctx context.Context, scope identity.Scope, known clinic.Department, change func(*clinic.Department) error) (clinic.Department, error) {
	return updateKnown(ctx, r.session, departmentRow(scope, known.ID), known, change, saveDepartment(known.ID))
}

func departmentRow(scope identity.Scope, key clinic.DepartmentID) row[clinic.Department] {
	all, entity := entityOf(scope)
	return row[clinic.Department]{
		what: "department", columns: departmentColumns, scan: scanDepartment,
		find: `SELECT ` + departmentColumns + ` FROM departments WHERE id = $1 AND ($2 OR entity_id = $3)`,
		args: []any{key, all, entity}, changedAt: func(v *clinic.Department) time.Time { return v.UpdatedAt },
	}
}

func saveDepartment(key clinic.DepartmentID) func(clinic.Department) (string, []any) {
	return func(v clinic.Department) (string, []any) {
		return `UPDATE departments SET entity_id = $2, name = $3, instructions = $4, active = $5, created_at = $6, updated_at = $7
			WHERE id = $1`,
			[]any{key, v.EntityID, v.Name, object(v.Instructions), v.Active, v.CreatedAt, v.UpdatedAt}
	}
}

var (
	_ ports.KnownUpdater[clinic.Entity]     = entities{}
	_ ports.KnownUpdater[clinic.Department] = departments{}
)
