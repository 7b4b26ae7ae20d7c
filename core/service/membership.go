package service

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// Memberships is what users may do with memberships: an ENTITY_ADMIN everything in its entity, with professionals that
// it can see.
type Memberships struct {
	reader[clinic.Membership, clinic.MembershipID, clinic.MembershipFilter]
	d Deps
}

// NewMemberships makes the use cases of memberships.
func NewMemberships(d Deps) *Memberships {
	return &Memberships{reader[clinic.Membership, clinic.MembershipID, clinic.MembershipFilter]{d.Repositories.Memberships, identity.DirectoryRead}, d}
}

// NewMembership is a membership to be made.
type NewMembership struct {
	ProfessionalID clinic.ProfessionalID
	EntityID       clinic.EntityID     // 0: the actor's own
	DepartmentID   clinic.DepartmentID // 0: the entity as a whole
}

// MembershipChange changes parts of a membership.
type MembershipChange struct {
	Active patch.Of[bool]
}

// Create links a professional to an entity. An ENTITY_ADMIN cannot link one whom it does not see yet: that would show it
// the record of another tenant. Errors: NotFound "professional-not-found", "entity-not-found", "department-not-found",
// Conflict "membership-exists", Invalid "invalid-input".
func (s *Memberships) Create(ctx context.Context, actor identity.Actor, p NewMembership) (clinic.Membership, error) {
	if err := actor.Require(identity.DirectoryWrite); err != nil {
		return clinic.Membership{}, err
	}
	p.EntityID = homeEntity(actor, p.EntityID)
	if err := p.check(); err != nil {
		return clinic.Membership{}, err
	}
	now := s.d.Now()
	return inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (clinic.Membership, error) {
		if err := visibleProfessional(ctx, r, actor, p.ProfessionalID); err != nil {
			return clinic.Membership{}, err
		}
		return link(ctx, r, actor, p, now)
	})
}

// Update changes a membership. Errors: NotFound "membership-not-found".
func (s *Memberships) Update(ctx context.Context, actor identity.Actor, id clinic.MembershipID, p MembershipChange, match version.Match) (clinic.Membership, error) {
	if err := actor.Require(identity.DirectoryWrite); err != nil {
		return clinic.Membership{}, err
	}
	now := s.d.Now()
	return s.d.Repositories.Memberships.Update(ctx, actor.Scope(), id, func(m *clinic.Membership) error {
		if err := match.Check(m.UpdatedAt); err != nil {
			return err
		}
		if p.Active.Present {
			m.SetActive(p.Active.Value, now)
		}
		return nil
	})
}

// Delete ends a membership. Errors: NotFound "membership-not-found".
func (s *Memberships) Delete(ctx context.Context, actor identity.Actor, id clinic.MembershipID, match version.Match) error {
	_, err := s.Update(ctx, actor, id, MembershipChange{Active: patch.Set(false)}, match)
	return err
}

// check names both missing parts at once, before anything is read.
func (p NewMembership) check() error {
	var c errs.Check
	c.That(p.ProfessionalID > 0, "professional_id", "must name a professional")
	c.That(p.EntityID > 0, "entity_id", "must name an entity")
	return c.Err()
}

// link stores a membership in an entity and department that the actor can see. The caller has checked that the
// professional may be linked.
func link(ctx context.Context, r ports.Repositories, actor identity.Actor, p NewMembership, now time.Time) (clinic.Membership, error) {
	if err := activeEntity(ctx, r, actor, p.EntityID); err != nil {
		return clinic.Membership{}, err
	}
	var department *clinic.Department
	if p.DepartmentID != 0 {
		d, err := r.Departments.Get(ctx, actor.Scope(), p.DepartmentID)
		if err != nil {
			return clinic.Membership{}, err
		}
		if !d.Active {
			return clinic.Membership{}, errs.InvalidField("department_id", "must name an active department")
		}
		department = &d
	}
	m, err := clinic.NewMembership(p.ProfessionalID, p.EntityID, department, now)
	if err != nil {
		return clinic.Membership{}, err
	}
	return r.Memberships.Create(ctx, m)
}
