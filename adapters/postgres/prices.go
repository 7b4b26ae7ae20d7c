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

type modelPrices struct{ session }

// The column holds the currency's unit, the domain 10^-10 of it. Both ways the database calculates in exact decimals.
const (
	priceColumns = `id, entity_id, provider, model_pattern, unit, (price * 10000000000)::bigint, per, currency, valid_from, active, example,
	created_at, updated_at`

	priceAmount = `$5::bigint::numeric(30, 10) / 10000000000`
)

func scanPrice(row pgx.CollectableRow) (v metering.ModelPrice, err error) {
	err = row.Scan(&v.ID, optionalNumber{(*int64)(&v.EntityID)}, &v.Provider, &v.ModelPattern, &v.Unit, (*int64)(&v.Amount), &v.Per,
		&v.Currency, &v.ValidFrom, &v.Active, &v.Example, &v.CreatedAt, &v.UpdatedAt)
	return v, err
}

func (r modelPrices) Get(ctx context.Context, scope identity.Scope, key metering.PriceID) (metering.ModelPrice, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "price", scanPrice,
		`SELECT `+priceColumns+` FROM model_prices WHERE id = $1 AND ($2 OR entity_id = $3 OR entity_id IS NULL AND $3 > 0)`,
		key, all, entity)
}

func (r modelPrices) List(ctx context.Context, scope identity.Scope, f metering.ModelPriceFilter, req page.Request) (page.Page[metering.ModelPrice], error) {
	var where conditions
	if !scope.All() {
		where.add("(entity_id IS NULL OR entity_id = ?)", int64(scope.EntityID()))
	}
	if f.Platform {
		where.add("entity_id IS NULL")
	}
	wanted(&where, "entity_id", f.EntityID)
	wanted(&where, "provider", f.Provider)
	wanted(&where, "unit", f.Unit)
	where.flag("active", f.Active)
	return list(ctx, r.session, req, listing[metering.ModelPrice]{
		list: page.Fingerprint("model_prices", scope, f), scope: scope,
		from: `SELECT ` + priceColumns + ` FROM model_prices`, where: &where, scan: scanner[metering.ModelPrice](scanPrice),
		sorting: byID(func(v metering.ModelPrice) string { return v.ID.String() }),
	})
}

func (r modelPrices) For(ctx context.Context, entity clinic.EntityID) ([]metering.ModelPrice, error) {
	var found []metering.ModelPrice
	err := r.read(ctx, func(q querier) (err error) {
		found, err = all(ctx, q, scanPrice,
			`SELECT `+priceColumns+` FROM model_prices WHERE active AND (entity_id IS NULL OR entity_id = $1) ORDER BY id`, entity)
		return err
	})
	return found, err
}

func (r modelPrices) Create(ctx context.Context, v metering.ModelPrice) (metering.ModelPrice, error) {
	return create(ctx, r.session, scanPrice,
		`INSERT INTO model_prices (entity_id, provider, model_pattern, unit, price, per, currency, valid_from, active, example,
			created_at, updated_at)
		VALUES ($1, $2, $3, $4, `+priceAmount+`, $6, $7, $8, $9, $10, $11, $12) RETURNING `+priceColumns, priceValues(v)...)
}

// Update sees less than Get does: the platform's prices are everybody's to read, and not to change.
func (r modelPrices) Update(ctx context.Context, scope identity.Scope, key metering.PriceID, change func(*metering.ModelPrice) error) (metering.ModelPrice, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[metering.ModelPrice]{
		what: "price", columns: priceColumns, scan: scanPrice,
		find: `SELECT ` + priceColumns + ` FROM model_prices WHERE id = $1 AND ($2 OR entity_id = $3)`,
		args: []any{key, all, entity}, changedAt: func(v *metering.ModelPrice) time.Time { return v.UpdatedAt },
	}, change, func(v metering.ModelPrice) (string, []any) {
		return `UPDATE model_prices SET entity_id = $1, provider = $2, model_pattern = $3, unit = $4, price = ` + priceAmount + `, per = $6,
			currency = $7, valid_from = $8, active = $9, example = $10, created_at = $11, updated_at = $12
			WHERE id = $13`, append(priceValues(v), key)
	})
}

// priceValues are the columns of a price that are written, in their order.
func priceValues(v metering.ModelPrice) []any {
	return []any{
		number(v.EntityID), v.Provider, v.ModelPattern, v.Unit, int64(v.Amount), v.Per, v.Currency, v.ValidFrom, v.Active, v.Example,
		v.CreatedAt, v.UpdatedAt,
	}
}
