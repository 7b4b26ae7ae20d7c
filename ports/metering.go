package ports

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
)

// AgentUsageRepository keeps agents' sessions. Those of no entity are in the scope of all only.
type AgentUsageRepository interface {
	Reader[metering.AgentUsage, metering.UsageID, metering.UsageFilter]
	Writer[metering.AgentUsage, metering.UsageID]
	// Remember notes that updates with these keys were made to a session, and returns those that were not noted before, in
	// their order, each once. One that another transaction is noting is waited for.
	Remember(ctx context.Context, usage metering.UsageID, keys []string, at time.Time) (fresh []string, err error)
	// Forget removes the keys that were noted before a moment, and returns how many.
	Forget(ctx context.Context, before time.Time) (int, error)
	// Idle returns up to limit sessions, any of those that go on and were not changed since a moment.
	Idle(ctx context.Context, since time.Time, limit int) ([]metering.UsageID, error)
	// Orphaned returns up to limit sessions, any of those that go on although their room was closed before a moment.
	Orphaned(ctx context.Context, closedBefore time.Time, limit int) ([]metering.UsageID, error)
	// Started returns up to limit sessions of the scope that started in [from, to), by id, beginning after one.
	Started(ctx context.Context, scope identity.Scope, from, to time.Time, after metering.UsageID, limit int) ([]metering.UsageID, error)
}

// UsageReports adds sessions up.
type UsageReports interface {
	// Report calls row with every group of the sessions that are in the scope and in the query, by what the report groups
	// by, until row fails, which is its error. There is a row for each group that has a session, with its name if it has one.
	Report(ctx context.Context, scope identity.Scope, q metering.ReportQuery, row func(metering.ReportRow) error) error
}

// ModelPriceRepository keeps prices. The platform's are in every scope to be read, and in the scope of all to be changed.
// The same entity, provider, pattern, unit and valid-from again is Conflict "price-exists".
type ModelPriceRepository interface {
	Reader[metering.ModelPrice, metering.PriceID, metering.ModelPriceFilter]
	Writer[metering.ModelPrice, metering.PriceID]
	// For returns the active prices that an entity's sessions go by: its own and the platform's, by id. For entity 0 they
	// are the platform's.
	For(ctx context.Context, entity clinic.EntityID) ([]metering.ModelPrice, error)
}

// BudgetRepository keeps budgets. A second one of the same entity and department is Conflict "budget-exists".
type BudgetRepository interface {
	Reader[metering.Budget, metering.BudgetID, metering.BudgetFilter]
	Writer[metering.Budget, metering.BudgetID]
	// For returns the active budgets that a session of the entity and the department counts towards, by id.
	For(ctx context.Context, entity clinic.EntityID, department clinic.DepartmentID) ([]metering.Budget, error)
}

// RepricingRepository keeps repricings, listed newest first. Those of all entities are in the scope of all only.
type RepricingRepository interface {
	Create(ctx context.Context, v metering.Repricing) (metering.Repricing, error)
	// Get returns a repricing. Errors: NotFound "repricing-not-found".
	Get(ctx context.Context, scope identity.Scope, id metering.RepricingID) (metering.Repricing, error)
	List(ctx context.Context, scope identity.Scope, filter metering.RepricingFilter, req page.Request) (page.Page[metering.Repricing], error)
	// Update changes one repricing. Errors: NotFound, and whatever change returns.
	Update(ctx context.Context, scope identity.Scope, id metering.RepricingID, change func(*metering.Repricing) error) (metering.Repricing, error)
}
