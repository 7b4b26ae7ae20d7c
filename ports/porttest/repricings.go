package porttest

import (
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/metering"
)

// NewRepricing returns a repricing that is half done, of the entity's sessions, or of all for entity 0.
func (f *Fixtures) NewRepricing(entity clinic.EntityID) metering.Repricing {
	n := f.next()
	made := f.Now().Add(time.Duration(n) * time.Minute)
	return metering.Repricing{
		ID: metering.RepricingID{UUID: id.NewUUID(made)}, EntityID: entity, From: f.Now().Add(-48 * time.Hour), To: f.Now(),
		Status: metering.RepricingRunning, RequestedBy: "user:7", LastUsageID: metering.UsageID(n), Sessions: 5, Changed: 2,
		Before: []metering.Money{{Currency: "BRL", Micros: 9_007_199_254_740_993}, {Currency: "USD", Micros: 1}},
		After:  []metering.Money{{Currency: "USD", Micros: 2_350_000}},
		// A done one has an end, too.
		FinishedAt: made.Add(time.Hour), CreatedAt: made, UpdatedAt: made.Add(time.Second),
	}
}

func testRepricings(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[metering.Repricing, metering.RepricingFilter]
	records[metering.Repricing, metering.RepricingID, metering.RepricingFilter]{
		what: "repricing",
		of: func(f *Fixtures) repository[metering.Repricing, metering.RepricingID, metering.RepricingFilter] {
			return f.Repricings
		},
		build: func(f *Fixtures, _ int, entity clinic.EntityID) metering.Repricing { return f.NewRepricing(entity) },
		id:    func(v *metering.Repricing) *metering.RepricingID { return &v.ID }, missing: id.New[metering.Repricing](),
		order:  func(v metering.Repricing) string { return newestFirst(v.ID.UUID) },
		entity: func(_ *Fixtures, v metering.Repricing) clinic.EntityID { return v.EntityID },
		at:     func(v *metering.Repricing) *time.Time { return &v.From },
		change: func(v *metering.Repricing) {
			v.Status, v.LastUsageID, v.Sessions, v.Changed = metering.RepricingDone, 99, 100, 50
			v.Before, v.After = nil, append(v.After, metering.Money{Currency: "EUR", Micros: 3})
			v.FinishedAt, v.UpdatedAt = v.FinishedAt.Add(time.Hour), v.UpdatedAt.Add(time.Hour)
		},
		bare: func(v *metering.Repricing) {
			v.Status, v.LastUsageID, v.Sessions, v.Changed = metering.RepricingPending, 0, 0, 0
			v.Before, v.After, v.FinishedAt = nil, nil, time.Time{}
		},
		damage:   func(v *metering.Repricing) { v.Before[0].Micros, v.After[0].Currency = 0, "XXX" },
		homeless: true, given: true,
		filters: func(_ *Fixtures, rows []metering.Repricing) list {
			some := rows[0]
			if some.EntityID == 0 {
				return nil
			}
			return list{
				{"entity", metering.RepricingFilter{EntityID: some.EntityID}, func(v metering.Repricing) bool { return v.EntityID == some.EntityID }},
			}
		},
		unknown: []unknown[metering.Repricing]{
			{"entity", func(v *metering.Repricing) { v.EntityID = nowhere }},
		},
	}.run(t, open)
}

// newestFirst sorts as the ids do backwards.
func newestFirst(u id.UUID) string {
	for i := range u {
		u[i] = ^u[i]
	}
	return string(u[:])
}
