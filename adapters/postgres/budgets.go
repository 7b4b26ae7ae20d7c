package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
)

type budgets struct{ session }

// The column holds the currency's unit, the domain millionths of it. Both ways the database calculates in exact decimals.
const (
	budgetColumns = `id, entity_id, department_id, (limit_amount * 1000000)::bigint, currency, warn_percent, refuse, active,
	warned_for, exceeded_for, created_at, updated_at`

	budgetLimit = `$3::bigint::numeric(25, 6) / 1000000`
)

func scanBudget(row pgx.CollectableRow) (v metering.Budget, err error) {
	err = row.Scan(&v.ID, &v.EntityID, optionalNumber{(*int64)(&v.DepartmentID)}, &v.LimitMicros, &v.Currency, &v.WarnPercent, &v.Refuse,
		&v.Active, optionalText{&v.WarnedFor}, optionalText{&v.ExceededFor}, &v.CreatedAt, &v.UpdatedAt)
	return v, err
}

func (r budgets) Get(ctx context.Context, scope identity.Scope, key metering.BudgetID) (metering.Budget, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "budget", scanBudget,
		`SELECT `+budgetColumns+` FROM budgets WHERE id = $1 AND ($2 OR entity_id = $3)`, key, all, entity)
}

func (r budgets) List(ctx context.Context, scope identity.Scope, f metering.BudgetFilter, req page.Request) (page.Page[metering.Budget], error) {
	var where conditions
	where.inScope("entity_id", scope)
	wanted(&where, "entity_id", f.EntityID)
	wanted(&where, "department_id", f.DepartmentID)
	where.flag("active", f.Active)
	return list(ctx, r.session, req, listing[metering.Budget]{
		list: page.Fingerprint("budgets", scope, f), scope: scope,
		from: `SELECT ` + budgetColumns + ` FROM budgets`, where: &where, scan: scanner[metering.Budget](scanBudget),
		sorting: byID(func(v metering.Budget) string { return v.ID.String() }),
	})
}

func (r budgets) For(ctx context.Context, entity clinic.EntityID, department clinic.DepartmentID) ([]metering.Budget, error) {
	var found []metering.Budget
	err := r.read(ctx, func(q querier) (err error) {
		found, err = all(ctx, q, scanBudget,
			`SELECT `+budgetColumns+` FROM budgets WHERE entity_id = $1 AND active AND (department_id IS NULL OR department_id = $2) ORDER BY id`,
			entity, department)
		return err
	})
	return found, err
}

func (r budgets) Create(ctx context.Context, v metering.Budget) (metering.Budget, error) {
	return create(ctx, r.session, scanBudget,
		`INSERT INTO budgets (entity_id, department_id, limit_amount, currency, warn_percent, refuse, active, warned_for, exceeded_for,
			created_at, updated_at)
		VALUES ($1, $2, `+budgetLimit+`, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING `+budgetColumns, budgetValues(v)...)
}

func (r budgets) Update(ctx context.Context, scope identity.Scope, key metering.BudgetID, change func(*metering.Budget) error) (metering.Budget, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[metering.Budget]{
		what: "budget", columns: budgetColumns, scan: scanBudget,
		find: `SELECT ` + budgetColumns + ` FROM budgets WHERE id = $1 AND ($2 OR entity_id = $3)`,
		args: []any{key, all, entity}, changedAt: func(v *metering.Budget) time.Time { return v.UpdatedAt },
	}, change, func(v metering.Budget) (string, []any) {
		return `UPDATE budgets SET entity_id = $1, department_id = $2, limit_amount = ` + budgetLimit + `, currency = $4, warn_percent = $5,
			refuse = $6, active = $7, warned_for = $8, exceeded_for = $9, created_at = $10, updated_at = $11
			WHERE id = $12`, append(budgetValues(v), key)
	})
}

// budgetValues are the columns of a budget that are written, in their order.
func budgetValues(v metering.Budget) []any {
	return []any{
		v.EntityID, number(v.DepartmentID), v.LimitMicros, v.Currency, v.WarnPercent, v.Refuse, v.Active, text(v.WarnedFor),
		text(v.ExceededFor), v.CreatedAt, v.UpdatedAt,
	}
}
