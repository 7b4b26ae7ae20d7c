package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// Budgets is what may be spent on agents: an ENTITY_ADMIN and an API key that may do everything in their entity.
type Budgets struct{ d Deps }

// NewBudgets makes the use cases of budgets.
func NewBudgets(d Deps) *Budgets { return &Budgets{d} }

// BudgetStatus is a budget and how much of it is used up.
type BudgetStatus struct {
	metering.Budget
	Month       string // "2026-11": this month, where the entity is
	SpentMicros int64  // in this month so far, by the sessions that began in it
	State       metering.BudgetState
}

// Get returns a budget. Errors: NotFound "budget-not-found".
func (s *Budgets) Get(ctx context.Context, actor identity.Actor, id metering.BudgetID) (BudgetStatus, error) {
	if err := actor.Require(identity.ReportsRead); err != nil {
		return BudgetStatus{}, err
	}
	v, err := s.d.Repositories.Budgets.Get(ctx, actor.Scope(), id)
	return s.status(ctx, v, err)
}

// List returns a page of budgets. Errors: Invalid "invalid-limit", "invalid-cursor".
func (s *Budgets) List(ctx context.Context, actor identity.Actor, filter metering.BudgetFilter, req page.Request) (page.Page[BudgetStatus], error) {
	var out page.Page[BudgetStatus]
	if err := actor.Require(identity.ReportsRead); err != nil {
		return out, err
	}
	found, err := s.d.Repositories.Budgets.List(ctx, actor.Scope(), filter, req)
	if err != nil {
		return out, err
	}
	out = page.Page[BudgetStatus]{Items: make([]BudgetStatus, 0, len(found.Items)), NextCursor: found.NextCursor}
	spending := newSpending(s.d.Repositories, s.d.Now())
	for _, v := range found.Items {
		status, err := spending.status(ctx, v)
		if err != nil {
			return page.Page[BudgetStatus]{}, err
		}
		out.Items = append(out.Items, status)
	}
	return out, nil
}

// Create makes a budget, of the actor's entity when none is named. Errors: NotFound "entity-not-found",
// "department-not-found", Conflict "budget-exists", Invalid "invalid-input".
func (s *Budgets) Create(ctx context.Context, actor identity.Actor, p metering.BudgetParams) (BudgetStatus, error) {
	if err := actor.Require(identity.BudgetsWrite); err != nil {
		return BudgetStatus{}, err
	}
	p.EntityID = homeEntity(actor, p.EntityID)
	budget, err := metering.NewBudget(p, s.d.Now())
	if err != nil {
		return BudgetStatus{}, err
	}
	budget, err = inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (metering.Budget, error) {
		if err := activeEntity(ctx, r, actor, p.EntityID); err != nil {
			return metering.Budget{}, err
		}
		if p.DepartmentID != 0 {
			department, err := r.Departments.Get(ctx, actor.Scope(), p.DepartmentID)
			if err != nil {
				return metering.Budget{}, err
			}
			if department.EntityID != p.EntityID || !department.Active {
				return metering.Budget{}, errs.InvalidField("department_id", "must name an active department of the entity")
			}
		}
		return r.Budgets.Create(ctx, budget)
	})
	return s.status(ctx, budget, err)
}

// Update changes a budget. Errors: NotFound "budget-not-found", Stale "version-mismatch", Invalid "invalid-input".
func (s *Budgets) Update(ctx context.Context, actor identity.Actor, id metering.BudgetID, p metering.BudgetPatch, match version.Match) (BudgetStatus, error) {
	v, err := s.change(ctx, actor, id, match, func(v *metering.Budget, now time.Time) error { return v.Change(p, now) })
	return s.status(ctx, v, err)
}

// Delete deactivates a budget: it warns of nothing and refuses nothing any more. Errors: NotFound "budget-not-found",
// Stale "version-mismatch".
func (s *Budgets) Delete(ctx context.Context, actor identity.Actor, id metering.BudgetID, match version.Match) error {
	_, err := s.change(ctx, actor, id, match, func(v *metering.Budget, now time.Time) error {
		v.Deactivate(now)
		return nil
	})
	return err
}

func (s *Budgets) change(ctx context.Context, actor identity.Actor, id metering.BudgetID, match version.Match, fn func(*metering.Budget, time.Time) error) (metering.Budget, error) {
	if err := actor.Require(identity.BudgetsWrite); err != nil {
		return metering.Budget{}, err
	}
	now := s.d.Now()
	return s.d.Repositories.Budgets.Update(ctx, actor.Scope(), id, func(v *metering.Budget) error {
		if err := match.Check(v.UpdatedAt); err != nil {
			return err
		}
		return fn(v, now)
	})
}

// status adds what was spent to a budget that was read or written without an error.
func (s *Budgets) status(ctx context.Context, v metering.Budget, err error) (BudgetStatus, error) {
	if err != nil {
		return BudgetStatus{}, err
	}
	return newSpending(s.d.Repositories, s.d.Now()).status(ctx, v)
}

// spending is what was spent in the month of a moment. It reads each entity's once, whichever of its budgets is asked for.
type spending struct {
	r        ports.Repositories
	now      time.Time
	entities map[clinic.EntityID]entitySpending
}

// entitySpending is one entity's.
type entitySpending struct {
	month       string
	whole       metering.ReportRow
	departments map[clinic.DepartmentID][]metering.Money
}

func newSpending(r ports.Repositories, now time.Time) *spending {
	return &spending{r: r, now: now, entities: map[clinic.EntityID]entitySpending{}}
}

func (s *spending) status(ctx context.Context, v metering.Budget) (BudgetStatus, error) {
	of, known := s.entities[v.EntityID]
	if !known {
		var err error
		if of, err = s.read(ctx, v.EntityID); err != nil {
			return BudgetStatus{}, err
		}
		s.entities[v.EntityID] = of
	}
	costs := of.whole.Costs
	if v.DepartmentID != 0 {
		costs = of.departments[v.DepartmentID]
	}
	spent := int64(0)
	for _, cost := range costs {
		if cost.Currency == v.Currency {
			spent = cost.Micros
		}
	}
	return BudgetStatus{Budget: v, Month: of.month, SpentMicros: spent, State: v.State(spent)}, nil
}

func (s *spending) read(ctx context.Context, entity clinic.EntityID) (entitySpending, error) {
	name, err := zoneNameOf(ctx, s.r, entity)
	if err != nil {
		return entitySpending{}, err
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return entitySpending{}, err
	}
	month, from, to := metering.Month(s.now, zone)
	of := entitySpending{month: month, departments: map[clinic.DepartmentID][]metering.Money{}}
	q := metering.ReportQuery{EntityID: entity, From: from, To: to, GroupBy: metering.ByDepartment, Zone: zone}
	err = s.r.UsageReports.Report(ctx, identity.OnlyEntity(entity), q, func(row metering.ReportRow) error {
		of.whole.Add(row)
		of.departments[row.DepartmentID] = row.Costs
		return nil
	})
	return of, err
}

// refuseOverBudget checks that a session of the entity and the department may begin, by the store alone: no budget that
// refuses is used up. Entity 0 has none. Errors: Conflict "budget-exceeded".
func refuseOverBudget(ctx context.Context, r ports.Repositories, entity clinic.EntityID, department clinic.DepartmentID, now time.Time) error {
	if entity == 0 {
		return nil
	}
	budgets, err := r.Budgets.For(ctx, entity, department)
	if err != nil {
		return err
	}
	spending := newSpending(r, now)
	for _, budget := range budgets {
		if !budget.Refuse {
			continue
		}
		status, err := spending.status(ctx, budget)
		if err != nil {
			return err
		}
		if status.State == metering.BudgetExceeded {
			whose := "entity"
			if budget.DepartmentID != 0 {
				whose = "department"
			}
			return errs.Newf(errs.Conflict, "budget-exceeded", "the budget of the %s for %s is used up", whose, status.Month)
		}
	}
	return nil
}

// checkBudgets tells of every active budget that is nearly or all used up, once a month for each. One that cannot be
// checked does not keep the others from it.
func (h *Housekeeping) checkBudgets(ctx context.Context, now time.Time) error {
	var failed []error
	spending := newSpending(h.d.Repositories, now)
	req := page.Request{Limit: page.MaxLimit}
	for {
		found, err := h.d.Repositories.Budgets.List(ctx, identity.AllEntities(), metering.BudgetFilter{Active: new(true)}, req)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, v := range found.Items {
			if err := h.checkBudget(ctx, spending, v, now); err != nil {
				failed = append(failed, fmt.Errorf("budget %s: %w", v.ID, err))
			}
		}
		if found.NextCursor == "" || ctx.Err() != nil {
			return errors.Join(failed...)
		}
		req.Cursor = found.NextCursor
	}
}

func (h *Housekeeping) checkBudget(ctx context.Context, spending *spending, v metering.Budget, now time.Time) error {
	status, err := spending.status(ctx, v)
	if err != nil {
		return err
	}
	if !v.Note(status.State, status.Month, now) { // of a copy: most budgets have no news, and are left alone
		return nil
	}
	currency, news := v.Currency, false
	err = h.d.Tx.InTx(ctx, func(ctx context.Context, r ports.Repositories) error {
		v, err := r.Budgets.Update(ctx, identity.AllEntities(), v.ID, func(v *metering.Budget) error {
			news = false
			if v.Active && v.Currency == currency { // it may have been changed since
				status.State = v.State(status.SpentMicros)
				news = v.Note(status.State, status.Month, now)
			}
			return nil
		})
		if err != nil || !news {
			return err
		}
		status.Budget = v
		_, err = r.AuditLog.Append(ctx, identity.AuditEntry{
			Actor: identity.TrailOf(ctx).Actor, Action: status.event(), Table: "budgets", RowID: v.ID.String(), EntityID: v.EntityID,
			Detail: map[string]string{
				"month": status.Month, "currency": v.Currency,
				"spent": metering.FormatMicros(status.SpentMicros), "limit": metering.FormatMicros(v.LimitMicros),
			},
			CreatedAt: now,
		})
		return err
	})
	if err == nil && news {
		h.d.Log.LogAttrs(ctx, slog.LevelWarn, "a budget is running out", slog.String("event", status.event()),
			slog.String("budget", v.ID.String()), slog.String("entity", v.EntityID.String()), slog.String("department", v.DepartmentID.String()),
			slog.String("month", status.Month), slog.String("spent", metering.FormatMicros(status.SpentMicros)),
			slog.String("limit", metering.FormatMicros(status.LimitMicros)), slog.String("currency", currency))
	}
	return err
}

// event is what the audit log calls the state.
func (s BudgetStatus) event() string {
	if s.State == metering.BudgetExceeded {
		return "budget-exceeded"
	}
	return "budget-warning"
}
