package memory

import (
	"context"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
)

func (s *schema) addModelUses() {
	s.modelUses = newTable(s, table[metering.ModelUse]{
		name: "model_usage", what: "model-use",
		id:      modelUseKey(),
		inScope: func(_ *data, scope identity.Scope, v *metering.ModelUse) bool { return scope.Includes(v.EntityID) },
		tidy:    func(*metering.ModelUse) {},
		refs: func(d *data, v *metering.ModelUse) bool {
			return s.clinics.has(d, uuidKey(v.TenantID.UUID)) && s.entities.has(d, intKey(v.EntityID))
		},
	})
	s.modelUsesByClinic = s.modelUses.index(func(v *metering.ModelUse) (string, bool) { return uuidKey(v.TenantID.UUID), true })
}

// modelUseKey identifies a clinic's use by day, provider and model, which is their order.
func modelUseKey() ident[metering.ModelUse] {
	all := func(v *metering.ModelUse) string {
		return v.TenantID.String() + " " + v.Day.String() + " " + v.Provider + " " + v.Model // a host has no blank in it
	}
	return ident[metering.ModelUse]{
		key: all, text: all,
		parse: func(text string) (string, error) { return text, nil },
	}
}

type modelUses struct{ session }

func (r modelUses) Add(ctx context.Context, u metering.ModelUse) error {
	t := r.tables().modelUses
	return r.change(ctx, func(tx *tx) error {
		known, found := t.get(tx.data, t.id.key(&u))
		if !found {
			_, err := t.insert(tx, u)
			return err
		}
		sum := *known
		sum.Calls += u.Calls
		sum.Failures += u.Failures
		sum.InputTokens += u.InputTokens
		sum.CachedInputTokens += u.CachedInputTokens
		sum.OutputTokens += u.OutputTokens
		_, err := t.replace(tx, known, sum)
		return err
	})
}

func (r modelUses) Days(ctx context.Context, scope identity.Scope, tenant agenda.TenantID, first, last agenda.Date) ([]metering.ModelUse, error) {
	d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	t := r.tables()
	var found []metering.ModelUse
	for v := range t.modelUses.in(d, t.modelUsesByClinic, uuidKey(tenant.UUID), "") {
		if scope.Includes(v.EntityID) && !v.Day.Before(first) && !v.Day.After(last) {
			found = append(found, *v)
		}
	}
	return found, nil
}
