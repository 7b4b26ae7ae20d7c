package metering

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/audit"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/version"
)

// RepricingParams is what a repricing is made of.
type RepricingParams struct {
	EntityID clinic.EntityID // 0: the sessions of all, and those of no entity
	From     time.Time       // the first moment at which a session may have started
	To       time.Time       // the moment after the last
}

// NewRepricing makes a repricing that nobody has begun. by is who wants it. It fails with Invalid "invalid-input".
func NewRepricing(p RepricingParams, by string, now time.Time) (Repricing, error) {
	var c errs.Check
	c.That(p.EntityID >= 0, "entity_id", "must name an entity")
	c.That(!p.From.IsZero(), "from", "must be a moment")
	c.That(p.From.Before(p.To), "to", "must be after from")
	if err := c.Err(); err != nil {
		return Repricing{}, err
	}
	return Repricing{
		ID: RepricingID{UUID: id.NewUUID(now)}, EntityID: p.EntityID, From: p.From, To: p.To, Status: RepricingPending,
		RequestedBy: by, CreatedAt: now, UpdatedAt: now,
	}, nil
}

// Begin notes that somebody works on it.
func (v *Repricing) Begin(now time.Time) {
	v.Status, v.UpdatedAt = RepricingRunning, version.Next(v.UpdatedAt, now)
}

// Pass notes that so many sessions up to one were looked at, and cost what they did.
func (v *Repricing) Pass(sessions int64, last UsageID, now time.Time) {
	v.Sessions += sessions
	v.LastUsageID, v.UpdatedAt = last, version.Next(v.UpdatedAt, now)
}

// Count notes a session whose cost is another one now.
func (v *Repricing) Count(before, after AgentUsage, now time.Time) {
	v.Before = addMoney(v.Before, Money{before.Currency, before.CostEstimateMicros})
	v.After = addMoney(v.After, Money{after.Currency, after.CostEstimateMicros})
	v.Changed++
	v.Pass(1, after.ID, now)
}

// Finish notes that all sessions are done.
func (v *Repricing) Finish(now time.Time) {
	v.UpdatedAt = version.Next(v.UpdatedAt, now)
	v.Status, v.FinishedAt = RepricingDone, v.UpdatedAt
}

// addMoney adds an amount to a list by currency, and returns a new list.
func addMoney(list []Money, m Money) []Money {
	sum := ReportRow{Costs: slices.Clone(list)}
	sum.AddCost(m)
	return sum.Costs
}

// Reprice prices a session anew, and reports whether that changed what it costs, or how that is made up. A session of
// which nothing was told has nothing to price, whatever its figures.
//
// The record gets a new version, which is no sign of life: a session that is given up ends when it was last heard of.
func (u *AgentUsage) Reprice(prices []ModelPrice) bool {
	if len(u.Readings) == 0 {
		return false
	}
	before := u.Clone()
	u.Price(prices)
	if sameCost(before, *u) {
		return false
	}
	u.UpdatedAt = version.Next(before.UpdatedAt, before.UpdatedAt)
	return true
}

// sameCost reports whether a session costs the same in all its parts.
func sameCost(a, b AgentUsage) bool {
	return a.CostEstimateMicros == b.CostEstimateMicros && a.Currency == b.Currency && a.Unpriced == b.Unpriced && slices.Equal(a.Lines, b.Lines)
}

// Cost is what the audit log tells of what a session costs.
func (u AgentUsage) Cost() []audit.Field {
	return []audit.Field{
		{Name: "cost_estimate", Value: json.Number(fixed(u.CostEstimateMicros, microsPlaces))},
		{Name: "currency", Value: audit.Text(u.Currency)},
		{Name: "unpriced", Value: u.Unpriced},
	}
}
