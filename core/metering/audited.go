package metering

import (
	"encoding/json"

	"github.com/secretary-api/secretary/core/audit"
)

// Audited returns what the audit log tells of a price.
func (v ModelPrice) Audited() []audit.Field {
	return []audit.Field{
		{Name: "entity_id", Value: audit.Number(v.EntityID)},
		{Name: "provider", Value: v.Provider},
		{Name: "model_pattern", Value: v.ModelPattern},
		{Name: "unit", Value: string(v.Unit)},
		{Name: "price", Value: json.Number(fixed(int64(v.Amount), amountPlaces))},
		{Name: "per", Value: v.Per},
		{Name: "currency", Value: v.Currency},
		{Name: "valid_from", Value: audit.Time(v.ValidFrom)},
		{Name: "active", Value: v.Active},
		{Name: "example", Value: v.Example},
	}
}

// Audited returns what the audit log tells of a budget.
func (b Budget) Audited() []audit.Field {
	return []audit.Field{
		{Name: "entity_id", Value: audit.Number(b.EntityID)},
		{Name: "department_id", Value: audit.Number(b.DepartmentID)},
		{Name: "limit_amount", Value: json.Number(fixed(b.LimitMicros, microsPlaces))},
		{Name: "currency", Value: b.Currency},
		{Name: "warn_percent", Value: b.WarnPercent},
		{Name: "refuse", Value: b.Refuse},
		{Name: "active", Value: b.Active},
		{Name: "warned_for", Value: audit.Text(b.WarnedFor)},
		{Name: "exceeded_for", Value: audit.Text(b.ExceededFor)},
	}
}
