package service

import (
	"context"
	"errors"

	"github.com/secretary-api/secretary/core/audit"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/ports"
)

// JobReprice prices past sessions again. Its argument is the id of the repricing.
const JobReprice = "reprice"

// auditReprice is the action of an entry that tells what a session costs after a repricing, and cost before.
const auditReprice = "reprice"

// repricePage is how many sessions a repricing looks for at once.
const repricePage = 200

// Repricings is how past sessions get other prices: a MANAGER orders it, and those who read sessions see what came of it.
type Repricings struct {
	reader[metering.Repricing, metering.RepricingID, metering.RepricingFilter]
	d Deps
}

// NewRepricings makes the use cases of repricings.
func NewRepricings(d Deps) *Repricings {
	return &Repricings{reader[metering.Repricing, metering.RepricingID, metering.RepricingFilter]{d.Repositories.Repricings, identity.UsageRead}, d}
}

// Start orders a repricing, which a job does: see [Repricings.Do]. Errors: NotFound "entity-not-found", Invalid
// "invalid-input".
func (s *Repricings) Start(ctx context.Context, actor identity.Actor, p metering.RepricingParams) (metering.Repricing, error) {
	if err := actor.Require(identity.PlatformWrite); err != nil {
		return metering.Repricing{}, err
	}
	now := s.d.Now()
	v, err := metering.NewRepricing(p, actor.String(), now)
	if err != nil {
		return metering.Repricing{}, err
	}
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (metering.Repricing, error) {
		if p.EntityID != 0 { // it need not be active: what it has cost is there
			if _, err := r.Entities.Get(ctx, actor.Scope(), p.EntityID); err != nil {
				return metering.Repricing{}, err
			}
		}
		v, err := r.Repricings.Create(ctx, v)
		if err != nil {
			return metering.Repricing{}, err
		}
		return v, r.Jobs.Enqueue(ctx, ports.Job{Kind: JobReprice, Key: "reprice:" + v.ID.String(), Arg: v.ID.String(), RunAt: now})
	})
}

// Do does a repricing. A job of another kind is not handled, and left to others.
func (s *Repricings) Do(ctx context.Context, j ports.Job) (handled bool, err error) {
	if j.Kind != JobReprice {
		return false, nil
	}
	key, err := id.Parse[metering.Repricing](j.Arg)
	if err != nil {
		return true, err
	}
	return true, s.run(ctx, key)
}

// run goes on where an earlier run stopped, or was killed.
func (s *Repricings) run(ctx context.Context, key metering.RepricingID) error {
	v, err := s.d.Repositories.Repricings.Get(ctx, identity.AllEntities(), key)
	if err != nil {
		return err
	}
	if v.Status == metering.RepricingPending {
		v, err = s.advance(ctx, s.d.Repositories, v, func(v *metering.Repricing) { v.Begin(s.d.Now()) })
	}
	for err == nil && v.Status != metering.RepricingDone {
		v, err = s.page(ctx, v)
	}
	if err == nil {
		s.d.Log.InfoContext(ctx, "a repricing is done", "repricing", v.ID.String(), "sessions", v.Sessions, "changed", v.Changed)
	}
	return err
}

// page does the next sessions, or finishes when there are none. What is stored of the progress goes together with the
// change that it tells of, so that a session is counted once, whatever happens.
func (s *Repricings) page(ctx context.Context, v metering.Repricing) (metering.Repricing, error) {
	r, scope := s.d.Repositories, identity.AllEntities()
	if v.EntityID != 0 {
		scope = identity.OnlyEntity(v.EntityID)
	}
	found, err := r.AgentUsages.Started(ctx, scope, v.From, v.To, v.LastUsageID, repricePage)
	if err != nil {
		return v, err
	}
	if len(found) == 0 {
		return s.advance(ctx, r, v, func(v *metering.Repricing) { v.Finish(s.d.Now()) })
	}
	prices := priceLists{r, map[clinic.EntityID][]metering.ModelPrice{}}
	same, last := int64(0), v.LastUsageID // sessions after the stored progress that cost what they did
	for _, key := range found {
		next, changed, err := s.reprice(ctx, v, key, prices, same, last)
		if err != nil {
			return v, err
		}
		v, last = next, key
		if same++; changed {
			same = 0
		}
	}
	if same == 0 {
		return v, nil
	}
	return s.advance(ctx, r, v, func(v *metering.Repricing) { v.Pass(same, last, s.d.Now()) })
}

// errSameCost leaves a session alone that costs what it did.
var errSameCost = errors.New("the session costs what it did")

// reprice prices one session again. When that changes what it costs, it stores that with the progress: same sessions up to
// last were passed before it.
func (s *Repricings) reprice(ctx context.Context, v metering.Repricing, key metering.UsageID, prices priceLists, same int64, last metering.UsageID) (metering.Repricing, bool, error) {
	before, err := s.d.Repositories.AgentUsages.Get(ctx, identity.AllEntities(), key)
	if err != nil {
		return v, false, err
	}
	list, err := prices.of(ctx, before.EntityID)
	if err != nil {
		return v, false, err
	}
	if peek := before.Clone(); !peek.Reprice(list) { // most have no other cost, and need no lock
		return v, false, nil
	}
	now := s.d.Now()
	next, err := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (metering.Repricing, error) {
		after, err := r.AgentUsages.Update(ctx, identity.AllEntities(), key, func(u *metering.AgentUsage) error {
			before = u.Clone()
			if !u.Reprice(list) {
				return errSameCost
			}
			return nil
		})
		if err != nil {
			return metering.Repricing{}, err
		}
		_, err = r.AuditLog.Append(ctx, identity.AuditEntry{
			Actor: v.RequestedBy, Action: auditReprice, Table: "agent_usages", RowID: key.String(), EntityID: after.EntityID,
			Detail: map[string]string{"repricing": v.ID.String()}, Changes: audit.Changes(before.Cost(), after.Cost()), CreatedAt: now,
		})
		if err != nil {
			return metering.Repricing{}, err
		}
		return s.advance(ctx, r, v, func(v *metering.Repricing) {
			v.Pass(same, last, now)
			v.Count(before, after, now)
		})
	})
	if errors.Is(err, errSameCost) {
		return v, false, nil
	}
	return next, err == nil, err
}

// advance stores how far a repricing is, unless somebody else has gone on with it meanwhile.
func (s *Repricings) advance(ctx context.Context, r ports.Repositories, v metering.Repricing, change func(*metering.Repricing)) (metering.Repricing, error) {
	return r.Repricings.Update(ctx, identity.AllEntities(), v.ID, func(stored *metering.Repricing) error {
		if stored.LastUsageID != v.LastUsageID || stored.Status != v.Status {
			return errs.New(errs.Conflict, "repricing-elsewhere", "somebody else goes on with this repricing")
		}
		change(stored)
		return nil
	})
}

// priceLists are the prices of entities, each read once.
type priceLists struct {
	r    ports.Repositories
	read map[clinic.EntityID][]metering.ModelPrice
}

func (l priceLists) of(ctx context.Context, entity clinic.EntityID) ([]metering.ModelPrice, error) {
	if list, known := l.read[entity]; known {
		return list, nil
	}
	list, err := l.r.ModelPrices.For(ctx, entity)
	if err == nil {
		l.read[entity] = list
	}
	return list, err
}
