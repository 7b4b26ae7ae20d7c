package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type professionals struct{ session }

const professionalColumns = `id, name, email, phone_number, external_id, license_number, active, created_at, updated_at`

func professionalFields(v *clinic.Professional) []any {
	return []any{
		(*int64)(&v.ID), &v.Name,
		optionalText{&v.Email},
		&v.PhoneNumber,
		optionalText{&v.ExternalID},
		optionalText{&v.LicenseNumber},
		&v.Active,
		optionalMoment{&v.CreatedAt},
		optionalMoment{&v.UpdatedAt},
	}
}

func scanProfessional(row pgx.CollectableRow) (clinic.Professional, error) {
	return fields[clinic.Professional](professionalFields).scan(row)
}

// professionalInScope is the condition, of $1 the id, $2 the scope of all and $3 its entity, that reads and locks one
// professional.
const professionalInScope = ` FROM professionals WHERE id = $1 AND ($2 OR EXISTS (
	SELECT FROM professional_entities AS m WHERE m.professional_id = professionals.id AND m.entity_id = $3 AND m.active))`

func (r professionals) Get(ctx context.Context, scope identity.Scope, key clinic.ProfessionalID) (clinic.Professional, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "professional", scanProfessional,
		`SELECT `+professionalColumns+professionalInScope, key, all, entity)
}

func (r professionals) List(ctx context.Context, scope identity.Scope, f clinic.ProfessionalFilter, req page.Request) (page.Page[clinic.Professional], error) {
	from, key, where := professionalsOf(scope, f)
	wanted(where, "external_id", f.ExternalID)
	wanted(where, "phone_number", f.PhoneNumber)
	where.flag("active", f.Active)
	return list(ctx, r.session, req, listing[clinic.Professional]{
		list: page.Fingerprint("professionals", scope, f), scope: scope,
		from: `SELECT ` + professionalColumns + from, where: where, scan: fields[clinic.Professional](professionalFields),
		sorting: byNumber(func(v clinic.Professional) string { return v.ID.String() }, key, key+" > ?"),
	})
}

// professionalsOf are the professionals with an active membership in the scope, and where the filter asks for one; key is
// their id. Unless the filter names the professional, they are found by their memberships, in the order of their ids.
func professionalsOf(scope identity.Scope, f clinic.ProfessionalFilter) (from, key string, where *conditions) {
	where = &conditions{}
	if scope.All() && f.EntityID == 0 && f.DepartmentID == 0 {
		return ` FROM professionals`, "id", where
	}
	member := &conditions{}
	member.add("active")
	member.inScope("entity_id", scope)
	wanted(member, "entity_id", f.EntityID)
	wanted(member, "department_id", f.DepartmentID)
	members := `SELECT professional_id FROM professional_entities` + member.sql.String()
	where.args = member.args
	if f.ExternalID != "" || f.PhoneNumber != "" {
		where.add("id IN (" + members + ")")
		return ` FROM professionals`, "id", where
	}
	// OFFSET 0 has each looked up as it comes, until the page is full. A join would fetch all of them, and maybe everybody.
	return ` FROM (` + members + ` GROUP BY professional_id) AS m
		CROSS JOIN LATERAL (SELECT ` + professionalColumns + ` FROM professionals WHERE id = m.professional_id OFFSET 0) AS professional`, "professional_id", where
}

func (r professionals) Create(ctx context.Context, v clinic.Professional) (clinic.Professional, error) {
	return create(ctx, r.session, scanProfessional,
		`INSERT INTO professionals (name, email, phone_number, external_id, license_number, active, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING `+professionalColumns,
		v.Name, text(v.Email), v.PhoneNumber, text(v.ExternalID), text(v.LicenseNumber), v.Active, v.CreatedAt, v.UpdatedAt)
}

func (r professionals) Update(ctx context.Context, scope identity.Scope, key clinic.ProfessionalID, change func(*clinic.Professional) error) (clinic.Professional, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[clinic.Professional]{
		what: "professional", columns: professionalColumns, scan: scanProfessional,
		find: `SELECT ` + professionalColumns + professionalInScope,
		args: []any{key, all, entity},
	}, change, func(v clinic.Professional) (string, []any) {
		return `UPDATE professionals SET name = $2, email = $3, phone_number = $4, external_id = $5, license_number = $6, active = $7,
				created_at = $8, updated_at = $9
			WHERE id = $1`,
			[]any{
				key, v.Name, text(v.Email), v.PhoneNumber, text(v.ExternalID), text(v.LicenseNumber), v.Active, v.CreatedAt, v.UpdatedAt,
			}
	})
}

type memberships struct{ session }

const membershipColumns = `id, professional_id, entity_id, department_id, active, created_at, updated_at`

func membershipFields(v *clinic.Membership) []any {
	return []any{
		(*int64)(&v.ID), (*int64)(&v.ProfessionalID), (*int64)(&v.EntityID), optionalNumber{(*int64)(&v.DepartmentID)}, &v.Active, optionalMoment{&v.CreatedAt}, optionalMoment{&v.UpdatedAt},
	}
}

func scanMembership(row pgx.CollectableRow) (clinic.Membership, error) {
	return fields[clinic.Membership](membershipFields).scan(row)
}

func (r memberships) Get(ctx context.Context, scope identity.Scope, key clinic.MembershipID) (clinic.Membership, error) {
	all, entity := entityOf(scope)
	return get(ctx, r.session, "membership", scanMembership,
		`SELECT `+membershipColumns+` FROM professional_entities WHERE id = $1 AND ($2 OR entity_id = $3)`, key, all, entity)
}

func (r memberships) List(ctx context.Context, scope identity.Scope, f clinic.MembershipFilter, req page.Request) (page.Page[clinic.Membership], error) {
	var where conditions
	where.inScope("entity_id", scope)
	wanted(&where, "entity_id", f.EntityID)
	wanted(&where, "professional_id", f.ProfessionalID)
	where.flag("active", f.Active)
	return list(ctx, r.session, req, listing[clinic.Membership]{
		list: page.Fingerprint("memberships", scope, f), scope: scope,
		from: `SELECT ` + membershipColumns + ` FROM professional_entities`, where: &where, scan: fields[clinic.Membership](membershipFields),
		sorting: byID(func(v clinic.Membership) string { return v.ID.String() }),
	})
}

func (r memberships) Create(ctx context.Context, v clinic.Membership) (clinic.Membership, error) {
	return create(ctx, r.session, scanMembership,
		`INSERT INTO professional_entities (professional_id, entity_id, department_id, active, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING `+membershipColumns,
		v.ProfessionalID, v.EntityID, number(v.DepartmentID), v.Active, v.CreatedAt, v.UpdatedAt)
}

func (r memberships) Update(ctx context.Context, scope identity.Scope, key clinic.MembershipID, change func(*clinic.Membership) error) (clinic.Membership, error) {
	all, entity := entityOf(scope)
	return update(ctx, r.session, row[clinic.Membership]{
		what: "membership", columns: membershipColumns, scan: scanMembership,
		find: `SELECT ` + membershipColumns + ` FROM professional_entities WHERE id = $1 AND ($2 OR entity_id = $3)`,
		args: []any{key, all, entity}, changedAt: func(v *clinic.Membership) time.Time { return v.UpdatedAt },
	}, change, func(v clinic.Membership) (string, []any) {
		return `UPDATE professional_entities SET professional_id = $2, entity_id = $3, department_id = $4, active = $5, created_at = $6, updated_at = $7
			WHERE id = $1`,
			[]any{key, v.ProfessionalID, v.EntityID, number(v.DepartmentID), v.Active, v.CreatedAt, v.UpdatedAt}
	})
}

func (r memberships) WorksOnlyAt(ctx context.Context, professional clinic.ProfessionalID, entity clinic.EntityID) (bool, error) {
	var only bool
	err := r.read(ctx, func(q querier) (err error) {
		only, err = one(ctx, q, "membership", pgx.RowTo[bool],
			`SELECT NOT EXISTS (SELECT FROM professional_entities WHERE professional_id = $1 AND entity_id <> $2 AND active)`,
			professional, entity)
		return err
	})
	return only, err
}
