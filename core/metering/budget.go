package metering

import (
	"cmp"
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/version"
)

// BudgetID identifies a budget. 0 means none.
type BudgetID int64

// String returns the decimal form.
func (i BudgetID) String() string { return strconv.FormatInt(int64(i), 10) }

// Budget is what the agents of an entity, or of one of its departments, may cost in a calendar month of the clinic's time
// zone. There is one at most for each.
type Budget struct {
	ID           BudgetID
	EntityID     clinic.EntityID
	DepartmentID clinic.DepartmentID // 0: the entity as a whole
	LimitMicros  int64               // millionths of the currency's unit, more than 0
	Currency     string              // ISO 4217; costs in another currency do not count
	WarnPercent  int                 // 1 to 100: the share of the limit at which a warning is given
	Refuse       bool                // whether new sessions are refused at the limit
	Active       bool
	WarnedFor    string // the month, "2026-11", in which a warning was given last; "" when never
	ExceededFor  string // the same for having reached the limit
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// BudgetParams is what a budget is made of.
type BudgetParams struct {
	EntityID     clinic.EntityID
	DepartmentID clinic.DepartmentID
	LimitMicros  int64
	Currency     string
	WarnPercent  int // 0: 80
	Refuse       bool
}

// BudgetPatch changes parts of a budget; whose it is, is for good.
type BudgetPatch struct {
	LimitMicros patch.Of[int64]
	Currency    patch.Of[string]
	WarnPercent patch.Of[int]
	Refuse      patch.Of[bool]
	Active      patch.Of[bool]
}

// BudgetFilter selects budgets of a list.
type BudgetFilter struct {
	EntityID     clinic.EntityID     // 0: any
	DepartmentID clinic.DepartmentID // 0: any
	Active       *bool               // nil: both
}

// defaultWarnPercent is the share of the limit at which a warning is given unless another one is asked for.
const defaultWarnPercent = 80

// NewBudget makes an active budget. It fails with Invalid "invalid-input".
func NewBudget(p BudgetParams, now time.Time) (Budget, error) {
	b := Budget{
		EntityID: p.EntityID, DepartmentID: p.DepartmentID, LimitMicros: p.LimitMicros, Currency: p.Currency,
		WarnPercent: cmp.Or(p.WarnPercent, defaultWarnPercent), Refuse: p.Refuse, Active: true, CreatedAt: now, UpdatedAt: now,
	}
	var c errs.Check
	c.That(b.EntityID > 0, "entity_id", "is required")
	c.That(b.DepartmentID >= 0, "department_id", "must be a department")
	b.validate(&c)
	return b, c.Err()
}

// Change applies a patch. What was told of the month is told again when the limit, its currency or the share is another
// one. It fails with Invalid "invalid-input".
func (b *Budget) Change(p BudgetPatch, now time.Time) error {
	before := *b
	p.LimitMicros.Apply(&b.LimitMicros)
	p.Currency.Apply(&b.Currency)
	p.WarnPercent.Apply(&b.WarnPercent)
	p.Refuse.Apply(&b.Refuse)
	p.Active.Apply(&b.Active)
	if b.LimitMicros != before.LimitMicros || b.Currency != before.Currency || b.WarnPercent != before.WarnPercent {
		b.WarnedFor, b.ExceededFor = "", ""
	}
	b.UpdatedAt = version.Next(b.UpdatedAt, now)
	var c errs.Check
	b.validate(&c)
	return c.Err()
}

// Deactivate is the soft delete of a budget.
func (b *Budget) Deactivate(now time.Time) {
	b.Active, b.UpdatedAt = false, version.Next(b.UpdatedAt, now)
}

func (b *Budget) validate(c *errs.Check) {
	c.That(b.LimitMicros > 0, "limit_amount", "must be more than 0")
	c.That(b.LimitMicros <= maxCost, "limit_amount", "is too large")
	c.That(b.WarnPercent >= 1 && b.WarnPercent <= 100, "warn_percent", "must be between 1 and 100")
	checkCurrency(c, b.Currency)
}

// BudgetState is how a budget stands.
type BudgetState string

// The states.
const (
	BudgetOK       BudgetState = "ok"
	BudgetWarning  BudgetState = "warning"  // the share at which a warning is given is spent
	BudgetExceeded BudgetState = "exceeded" // the limit is reached
)

// State is how the budget stands when so many millionths of its currency are spent.
func (b Budget) State(spentMicros int64) BudgetState {
	switch {
	case spentMicros >= b.LimitMicros:
		return BudgetExceeded
	case spentMicros*100 >= b.LimitMicros*int64(b.WarnPercent): // neither overflows: the limit is bounded
		return BudgetWarning
	}
	return BudgetOK
}

// Note notes how the budget stands in a month, "2026-11", and reports whether that is news: the first warning of the month,
// or the first time that the limit is reached. After the latter a warning is none.
func (b *Budget) Note(state BudgetState, month string, now time.Time) (news bool) {
	switch state {
	case BudgetExceeded:
		news = b.ExceededFor < month
	case BudgetWarning:
		news = b.WarnedFor < month && b.ExceededFor < month
	case BudgetOK:
	}
	if !news {
		return false
	}
	b.WarnedFor = month
	if state == BudgetExceeded {
		b.ExceededFor = month
	}
	b.UpdatedAt = version.Next(b.UpdatedAt, now)
	return true
}
