package memory

import (
	"context"
	"iter"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
)

type directoryTables struct {
	entities *table[clinic.Entity]

	departments         *table[clinic.Department]
	departmentsByEntity *index[clinic.Department]

	professionals           *table[clinic.Professional]
	professionalsByExternal *index[clinic.Professional]
	professionalsByPhone    *index[clinic.Professional]

	memberships               *table[clinic.Membership]
	membershipsByEntity       *index[clinic.Membership]
	membershipsByProfessional *index[clinic.Membership]

	// Active memberships, by professional in a group: walking a group meets the professionals in their order.
	activeAtEntity     *index[clinic.Membership]
	activeAtDepartment *index[clinic.Membership]
}

func (s *schema) addDirectory() {
	s.entities = newTable(s, table[clinic.Entity]{
		name: "entities", what: "entity",
		id:      serial(func(e *clinic.Entity) *clinic.EntityID { return &e.ID }),
		inScope: func(_ *data, scope identity.Scope, e *clinic.Entity) bool { return scope.Includes(e.ID) },
		tidy:    func(e *clinic.Entity) { tidyTimes(&e.CreatedAt, &e.UpdatedAt) },
	})

	s.departments = newTable(s, table[clinic.Department]{
		name: "departments", what: "department",
		id:      serial(func(v *clinic.Department) *clinic.DepartmentID { return &v.ID }),
		inScope: func(_ *data, scope identity.Scope, v *clinic.Department) bool { return scope.Includes(v.EntityID) },
		tidy:    func(v *clinic.Department) { tidyTimes(&v.CreatedAt, &v.UpdatedAt) },
		refs:    func(d *data, v *clinic.Department) bool { return s.entities.has(d, intKey(v.EntityID)) },
	})
	s.departmentsByEntity = s.departments.index(func(v *clinic.Department) (string, bool) { return intKey(v.EntityID), true })

	s.professionals = newTable(s, table[clinic.Professional]{
		name: "professionals", what: "professional",
		id:      serial(func(v *clinic.Professional) *clinic.ProfessionalID { return &v.ID }),
		inScope: s.professionalInScope,
		tidy:    func(v *clinic.Professional) { tidyTimes(&v.CreatedAt, &v.UpdatedAt) },
	})
	s.professionalsByExternal = s.professionals.index(func(v *clinic.Professional) (string, bool) {
		return textKey(v.ExternalID), v.ExternalID != ""
	})
	s.professionalsByPhone = s.professionals.index(func(v *clinic.Professional) (string, bool) {
		return textKey(v.PhoneNumber), true
	})

	s.memberships = newTable(s, table[clinic.Membership]{
		name: "professional_entities", what: "membership",
		id:      serial(func(m *clinic.Membership) *clinic.MembershipID { return &m.ID }),
		inScope: func(_ *data, scope identity.Scope, m *clinic.Membership) bool { return scope.Includes(m.EntityID) },
		tidy:    func(m *clinic.Membership) { tidyTimes(&m.CreatedAt, &m.UpdatedAt) },
		refs: func(d *data, m *clinic.Membership) bool {
			return s.professionals.has(d, intKey(m.ProfessionalID)) && s.entities.has(d, intKey(m.EntityID)) &&
				s.hasDepartment(d, m.DepartmentID)
		},
	})
	s.memberships.unique("membership-exists", "the professional already belongs there", func(m *clinic.Membership) (string, bool) {
		return intKey(m.ProfessionalID) + intKey(m.EntityID) + intKey(m.DepartmentID), true
	})
	s.membershipsByEntity = s.memberships.index(func(m *clinic.Membership) (string, bool) { return intKey(m.EntityID), true })
	s.membershipsByProfessional = s.memberships.index(func(m *clinic.Membership) (string, bool) {
		return intKey(m.ProfessionalID), true
	})
	byProfessional := func(m *clinic.Membership) string { return intKey(m.ProfessionalID) + intKey(m.ID) }
	s.activeAtEntity = s.memberships.sortedIndex(func(m *clinic.Membership) (string, bool) {
		return intKey(m.EntityID), m.Active
	}, byProfessional)
	s.activeAtDepartment = s.memberships.sortedIndex(func(m *clinic.Membership) (string, bool) {
		return intKey(m.DepartmentID), m.Active && m.DepartmentID != 0
	}, byProfessional)
}

// hasEntity reports whether the entity is there, or none is meant.
func (s *schema) hasEntity(d *data, key clinic.EntityID) bool {
	return key == 0 || s.entities.has(d, intKey(key))
}

// hasDepartment reports whether the department is there, or none is meant.
func (s *schema) hasDepartment(d *data, key clinic.DepartmentID) bool {
	return key == 0 || s.departments.has(d, intKey(key))
}

// hasProfessional reports whether the professional is there, or none is meant.
func (s *schema) hasProfessional(d *data, key clinic.ProfessionalID) bool {
	return key == 0 || s.professionals.has(d, intKey(key))
}

func (s *schema) professionalInScope(d *data, scope identity.Scope, v *clinic.Professional) bool {
	return scope.All() || s.worksAt(d, v.ID, scope, 0, 0)
}

// worksAt reports whether one active membership in the scope is in the entity and the department; 0 stands for any.
// What a filter asks for is asked of memberships in the scope, so that it tells nothing about another entity's.
func (s *schema) worksAt(d *data, v clinic.ProfessionalID, scope identity.Scope, entity clinic.EntityID, department clinic.DepartmentID) bool {
	for m := range s.memberships.in(d, s.membershipsByProfessional, intKey(v), "") {
		if m.Active && scope.Includes(m.EntityID) && wants(entity, m.EntityID) && wants(department, m.DepartmentID) {
			return true
		}
	}
	return false
}

type entities struct{ session }

func (r entities) Get(ctx context.Context, scope identity.Scope, key clinic.EntityID) (clinic.Entity, error) {
	return get(ctx, r.session, r.tables().entities, scope, intKey(key))
}

func (r entities) List(ctx context.Context, scope identity.Scope, f clinic.EntityFilter, req page.Request) (page.Page[clinic.Entity], error) {
	t := r.tables()
	return list(ctx, r.session, t.entities, req, listing[clinic.Entity]{
		scope: scope, list: page.Fingerprint("entities", scope, f),
		rows:   everything(t.entities),
		filter: func(e *clinic.Entity) bool { return wantsFlag(f.Active, e.Active) },
		show: func(e *clinic.Entity) {
			if !f.Instructions {
				e.Instructions = ""
			}
		},
	})
}

func (r entities) Create(ctx context.Context, e clinic.Entity) (clinic.Entity, error) {
	return create(ctx, r.session, r.tables().entities, e)
}

func (r entities) Update(ctx context.Context, scope identity.Scope, key clinic.EntityID, change func(*clinic.Entity) error) (clinic.Entity, error) {
	return update(ctx, r.session, r.tables().entities, scope, intKey(key), change)
}

type departments struct{ session }

func (r departments) Get(ctx context.Context, scope identity.Scope, key clinic.DepartmentID) (clinic.Department, error) {
	return get(ctx, r.session, r.tables().departments, scope, intKey(key))
}

func (r departments) List(ctx context.Context, scope identity.Scope, f clinic.DepartmentFilter, req page.Request) (page.Page[clinic.Department], error) {
	t := r.tables()
	return list(ctx, r.session, t.departments, req, listing[clinic.Department]{
		scope: scope, list: page.Fingerprint("departments", scope, f),
		rows: ofEntity(t.departments, t.departmentsByEntity, scope, f.EntityID),
		filter: func(v *clinic.Department) bool {
			return wants(f.EntityID, v.EntityID) && wantsFlag(f.Active, v.Active)
		},
		show: func(v *clinic.Department) {
			if !f.Instructions {
				v.Instructions = ""
			}
		},
	})
}

func (r departments) Create(ctx context.Context, v clinic.Department) (clinic.Department, error) {
	return create(ctx, r.session, r.tables().departments, v)
}

func (r departments) Update(ctx context.Context, scope identity.Scope, key clinic.DepartmentID, change func(*clinic.Department) error) (clinic.Department, error) {
	return update(ctx, r.session, r.tables().departments, scope, intKey(key), change)
}

type professionals struct{ session }

func (r professionals) Get(ctx context.Context, scope identity.Scope, key clinic.ProfessionalID) (clinic.Professional, error) {
	return get(ctx, r.session, r.tables().professionals, scope, intKey(key))
}

func (r professionals) List(ctx context.Context, scope identity.Scope, f clinic.ProfessionalFilter, req page.Request) (page.Page[clinic.Professional], error) {
	t := r.tables()
	return list(ctx, r.session, t.professionals, req, listing[clinic.Professional]{
		scope: scope, list: page.Fingerprint("professionals", scope, f),
		rows: func(d *data, after string) iter.Seq[*clinic.Professional] { return t.candidates(d, scope, f, after) },
		filter: func(v *clinic.Professional) bool {
			return wants(f.PhoneNumber, v.PhoneNumber) && wants(f.ExternalID, v.ExternalID) && wantsFlag(f.Active, v.Active)
		},
	})
}

// candidates yields at least the professionals that the scope and the filter's memberships leave, and those exactly.
func (s *schema) candidates(d *data, scope identity.Scope, f clinic.ProfessionalFilter, after string) iter.Seq[*clinic.Professional] {
	rows := s.narrowest(d, scope, f, after)
	if f.EntityID == 0 && f.DepartmentID == 0 {
		return rows
	}
	return func(yield func(*clinic.Professional) bool) {
		for v := range rows {
			if s.worksAt(d, v.ID, scope, f.EntityID, f.DepartmentID) && !yield(v) {
				return
			}
		}
	}
}

func (s *schema) narrowest(d *data, scope identity.Scope, f clinic.ProfessionalFilter, after string) iter.Seq[*clinic.Professional] {
	entity := f.EntityID
	if !scope.All() {
		entity = scope.EntityID()
	}
	switch {
	case f.ExternalID != "":
		return s.professionals.in(d, s.professionalsByExternal, textKey(f.ExternalID), past(after))
	case f.PhoneNumber != "":
		return s.professionals.in(d, s.professionalsByPhone, textKey(f.PhoneNumber), past(after))
	case f.DepartmentID != 0:
		return s.members(d, s.activeAtDepartment, intKey(f.DepartmentID), after)
	case entity != 0:
		return s.members(d, s.activeAtEntity, intKey(entity), after)
	}
	return s.professionals.all(d, after)
}

// members yields the professionals of a group of memberships, each once, by id, after a key.
func (s *schema) members(d *data, by *index[clinic.Membership], group, after string) iter.Seq[*clinic.Professional] {
	return func(yield func(*clinic.Professional) bool) {
		last := after
		for m := range s.memberships.in(d, by, group, after) {
			key := intKey(m.ProfessionalID)
			if key == last {
				continue
			}
			last = key
			if v, ok := s.professionals.get(d, key); ok && !yield(v) {
				return
			}
		}
	}
}

func (r professionals) Create(ctx context.Context, v clinic.Professional) (clinic.Professional, error) {
	return create(ctx, r.session, r.tables().professionals, v)
}

func (r professionals) Update(ctx context.Context, scope identity.Scope, key clinic.ProfessionalID, change func(*clinic.Professional) error) (clinic.Professional, error) {
	return update(ctx, r.session, r.tables().professionals, scope, intKey(key), change)
}

type memberships struct{ session }

func (r memberships) Get(ctx context.Context, scope identity.Scope, key clinic.MembershipID) (clinic.Membership, error) {
	return get(ctx, r.session, r.tables().memberships, scope, intKey(key))
}

func (r memberships) List(ctx context.Context, scope identity.Scope, f clinic.MembershipFilter, req page.Request) (page.Page[clinic.Membership], error) {
	t := r.tables()
	rows := ofEntity(t.memberships, t.membershipsByEntity, scope, f.EntityID)
	if f.ProfessionalID != 0 {
		rows = group(t.memberships, t.membershipsByProfessional, intKey(f.ProfessionalID))
	}
	return list(ctx, r.session, t.memberships, req, listing[clinic.Membership]{
		scope: scope, list: page.Fingerprint("memberships", scope, f), rows: rows,
		filter: func(m *clinic.Membership) bool {
			return wants(f.ProfessionalID, m.ProfessionalID) && wants(f.EntityID, m.EntityID) && wantsFlag(f.Active, m.Active)
		},
	})
}

func (r memberships) Create(ctx context.Context, m clinic.Membership) (clinic.Membership, error) {
	return create(ctx, r.session, r.tables().memberships, m)
}

func (r memberships) Update(ctx context.Context, scope identity.Scope, key clinic.MembershipID, change func(*clinic.Membership) error) (clinic.Membership, error) {
	return update(ctx, r.session, r.tables().memberships, scope, intKey(key), change)
}

func (r memberships) WorksOnlyAt(ctx context.Context, professional clinic.ProfessionalID, entity clinic.EntityID) (bool, error) {
	d, err := r.view(ctx)
	if err != nil {
		return false, err
	}
	t := r.tables()
	for m := range t.memberships.in(d, t.membershipsByProfessional, intKey(professional), "") {
		if m.Active && m.EntityID != entity {
			return false, nil
		}
	}
	return true, nil
}
