package ports

import (
	"context"

	"github.com/secretary-api/secretary/core/clinic"
)

// EntityRepository keeps entities. The scope of one entity holds that entity. A list has no instructions unless its filter
// asks for them: a page of them can be 12 MB.
type EntityRepository interface {
	Reader[clinic.Entity, clinic.EntityID, clinic.EntityFilter]
	Writer[clinic.Entity, clinic.EntityID]
}

// DepartmentRepository keeps departments. A list has no instructions unless its filter asks for them.
type DepartmentRepository interface {
	Reader[clinic.Department, clinic.DepartmentID, clinic.DepartmentFilter]
	Writer[clinic.Department, clinic.DepartmentID]
}

// ProfessionalRepository keeps professionals. The scope of an entity holds those with an active membership there, and a
// filter by entity or department asks for an active membership too: one that is in the scope, so that no clinic learns
// where else somebody works.
type ProfessionalRepository interface {
	Reader[clinic.Professional, clinic.ProfessionalID, clinic.ProfessionalFilter]
	Writer[clinic.Professional, clinic.ProfessionalID]
}

// MembershipRepository keeps memberships. The same professional, entity and department again is Conflict
// "membership-exists".
type MembershipRepository interface {
	Reader[clinic.Membership, clinic.MembershipID, clinic.MembershipFilter]
	Writer[clinic.Membership, clinic.MembershipID]
	// WorksOnlyAt reports whether every active membership of the professional is in the entity, whoever asks. It is true
	// when there is none.
	WorksOnlyAt(ctx context.Context, professional clinic.ProfessionalID, entity clinic.EntityID) (bool, error)
}
