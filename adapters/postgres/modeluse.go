package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

type modelUses struct{ session }

const modelUseColumns = `tenant_id, entity_id, day, provider, model, calls, failures, input_tokens, cached_input_tokens, output_tokens`

func scanModelUse(row pgx.CollectableRow) (u metering.ModelUse, err error) {
	err = row.Scan(optionalUUID{&u.TenantID.UUID}, &u.EntityID, optionalDay{&u.Day}, &u.Provider, &u.Model, &u.Calls, &u.Failures,
		&u.InputTokens, &u.CachedInputTokens, &u.OutputTokens)
	return u, err
}

func (r modelUses) Add(ctx context.Context, u metering.ModelUse) error {
	_, err := insert(ctx, r.session, pgx.RowTo[int64],
		`INSERT INTO model_usage AS known (`+modelUseColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (tenant_id, day, provider, model) DO UPDATE SET calls = known.calls + excluded.calls,
			failures = known.failures + excluded.failures, input_tokens = known.input_tokens + excluded.input_tokens,
			cached_input_tokens = known.cached_input_tokens + excluded.cached_input_tokens,
			output_tokens = known.output_tokens + excluded.output_tokens
		RETURNING calls`,
		uuid(u.TenantID.UUID), u.EntityID, day(u.Day), u.Provider, u.Model, u.Calls, u.Failures, u.InputTokens, u.CachedInputTokens,
		u.OutputTokens)
	return err
}

func (r modelUses) Days(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, first, last agenda.Date) ([]metering.ModelUse, error) {
	every, entity := entityOf(scope)
	var found []metering.ModelUse
	err := r.read(ctx, func(q querier) (err error) {
		found, err = all(ctx, q, scanModelUse,
			`SELECT `+modelUseColumns+` FROM model_usage WHERE tenant_id = $1 AND day BETWEEN $2 AND $3 AND ($4 OR entity_id = $5)
			ORDER BY day, provider COLLATE "C", model COLLATE "C"`, uuid(tenant.UUID), day(first), day(last), every, entity)
		return err
	})
	return found, err
}
