package porttest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// rising is the sort key of a serial id.
func rising[I ~int64](i I) string { return fmt.Sprintf("%020d", int64(i)) }

func testEntities(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[clinic.Entity, clinic.EntityFilter]
	records[clinic.Entity, clinic.EntityID, clinic.EntityFilter]{
		what: "entity",
		of: func(f *Fixtures) repository[clinic.Entity, clinic.EntityID, clinic.EntityFilter] {
			return f.Entities
		},
		build: func(f *Fixtures, n int, _ clinic.EntityID) clinic.Entity {
			v := f.NewEntity()
			v.Active = n%3 != 1
			return v
		},
		id: func(v *clinic.Entity) *clinic.EntityID { return &v.ID }, missing: nowhere,
		known:  true,
		order:  func(v clinic.Entity) string { return rising(v.ID) },
		entity: func(_ *Fixtures, v clinic.Entity) clinic.EntityID { return v.ID },
		at:     func(v *clinic.Entity) *time.Time { return &v.UpdatedAt },
		change: func(v *clinic.Entity) {
			v.Name, v.Type, v.Instructions, v.Active = "Outro nome", "company", `{"rules":[]}`, !v.Active
			v.UpdatedAt = v.UpdatedAt.Add(time.Hour)
		},
		bare:  func(v *clinic.Entity) { v.Type, v.Instructions, v.Active = "", "", false },
		whole: clinic.EntityFilter{Instructions: true},
		filters: func(*Fixtures, []clinic.Entity) list {
			return list{
				{"active", clinic.EntityFilter{Active: new(true)}, func(v clinic.Entity) bool { return v.Active }},
				{"inactive", clinic.EntityFilter{Active: new(false)}, func(v clinic.Entity) bool { return !v.Active }},
			}
		},
	}.run(t, open)
	try(t, open, "AListHasInstructionsWhenAsked", func(t *testing.T, f *Fixtures) {
		none := f.NewEntity()
		none.Instructions = ""
		stored := []clinic.Entity{f.Entity(), ok[clinic.Entity](t, "create")(f.Entities.Create(t.Context(), none)), f.Entity()}
		wantInstructionsWhenAsked(t, f.Entities, stored, clinic.EntityFilter{}, clinic.EntityFilter{Instructions: true},
			func(v *clinic.Entity) *jsonobj.Object { return &v.Instructions })
	})
}

// wantInstructionsWhenAsked checks lists of all the records that are stored.
func wantInstructionsWhenAsked[T, ID, F any](t *testing.T, repo ports.Reader[T, ID, F], stored []T, without, with F, of func(*T) *jsonobj.Object) {
	t.Helper()
	bare := slices.Clone(stored)
	for i := range bare {
		if i%2 == 0 && of(&bare[i]).IsNone() {
			t.Fatal("the test needs a record with instructions")
		}
		*of(&bare[i]) = ""
	}
	for _, c := range []struct {
		filter, other F
		want          []T
	}{{without, with, bare}, {with, without, stored}} {
		list := func(req page.Request) (page.Page[T], error) {
			return repo.List(t.Context(), identity.AllEntities(), c.filter, req)
		}
		wantWalk(t, list, 1, c.want)
		wantWalk(t, list, len(stored), c.want)
		first := ok[page.Page[T]](t, "the first page")(list(page.Request{Limit: 1}))
		_, err := repo.List(t.Context(), identity.AllEntities(), c.other, page.Request{Limit: 1, Cursor: first.NextCursor})
		wantError(t, "a cursor of the other list", err, errs.Invalid, "invalid-cursor")
	}
}

func testDepartments(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[clinic.Department, clinic.DepartmentFilter]
	records[clinic.Department, clinic.DepartmentID, clinic.DepartmentFilter]{
		what: "department",
		of: func(f *Fixtures) repository[clinic.Department, clinic.DepartmentID, clinic.DepartmentFilter] {
			return f.Departments
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) clinic.Department {
			v := f.NewDepartment(entity)
			v.Active = n%3 != 1
			return v
		},
		id: func(v *clinic.Department) *clinic.DepartmentID { return &v.ID }, missing: nowhere,
		known:  true,
		order:  func(v clinic.Department) string { return rising(v.ID) },
		entity: func(_ *Fixtures, v clinic.Department) clinic.EntityID { return v.EntityID },
		at:     func(v *clinic.Department) *time.Time { return &v.UpdatedAt },
		change: func(v *clinic.Department) {
			v.Name, v.Instructions, v.Active = "Dermatologia", `{"prompt":{}}`, !v.Active
			v.UpdatedAt = v.UpdatedAt.Add(time.Hour)
		},
		bare:  func(v *clinic.Department) { v.Instructions, v.Active = "", false },
		whole: clinic.DepartmentFilter{Instructions: true},
		filters: func(_ *Fixtures, rows []clinic.Department) list {
			entity := rows[0].EntityID
			return list{
				{"entity", clinic.DepartmentFilter{EntityID: entity}, func(v clinic.Department) bool { return v.EntityID == entity }},
				{"active", clinic.DepartmentFilter{Active: new(true)}, func(v clinic.Department) bool { return v.Active }},
				{"inactive of an entity", clinic.DepartmentFilter{EntityID: entity, Active: new(false)}, func(v clinic.Department) bool {
					return v.EntityID == entity && !v.Active
				}},
			}
		},
		unknown: []unknown[clinic.Department]{{"entity", func(v *clinic.Department) { v.EntityID = nowhere }}},
	}.run(t, open)
	try(t, open, "AListHasInstructionsWhenAsked", func(t *testing.T, f *Fixtures) {
		entity := f.Entity().ID
		none := f.NewDepartment(entity)
		none.Instructions = ""
		stored := []clinic.Department{f.Department(entity), ok[clinic.Department](t, "create")(f.Departments.Create(t.Context(), none)), f.Department(entity)}
		instructions := func(v *clinic.Department) *jsonobj.Object { return &v.Instructions }
		wantInstructionsWhenAsked(t, f.Departments, stored, clinic.DepartmentFilter{}, clinic.DepartmentFilter{Instructions: true}, instructions)
		wantInstructionsWhenAsked(t, f.Departments, stored, clinic.DepartmentFilter{EntityID: entity},
			clinic.DepartmentFilter{EntityID: entity, Instructions: true}, instructions)
	})
	try(t, open, "ChangesAtOnceAreAllKept", testChangesAtOnce)
	try(t, open, "UpdateOfARowThatLeftTheScope", testMoved)
}

func testProfessionals(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[clinic.Professional, clinic.ProfessionalFilter]
	records[clinic.Professional, clinic.ProfessionalID, clinic.ProfessionalFilter]{
		what: "professional",
		of: func(f *Fixtures) repository[clinic.Professional, clinic.ProfessionalID, clinic.ProfessionalFilter] {
			return f.Professionals
		},
		build: func(f *Fixtures, n int, _ clinic.EntityID) clinic.Professional {
			v := f.NewProfessional()
			v.Active = n%4 != 1
			return v
		},
		add: func(f *Fixtures, v clinic.Professional, entity clinic.EntityID) (clinic.Professional, error) {
			v, err := f.Professionals.Create(f.ctx(), v)
			if err == nil && entity != 0 {
				f.homes[v.ID] = entity
				_, err = f.Memberships.Create(f.ctx(), f.NewMembership(v.ID, entity, 0))
			}
			return v, err
		},
		id: func(v *clinic.Professional) *clinic.ProfessionalID { return &v.ID }, missing: nowhere,
		order:  func(v clinic.Professional) string { return rising(v.ID) },
		entity: func(f *Fixtures, v clinic.Professional) clinic.EntityID { return f.homes[v.ID] },
		at:     func(v *clinic.Professional) *time.Time { return &v.CreatedAt },
		change: func(v *clinic.Professional) {
			v.Name, v.Email, v.PhoneNumber, v.ExternalID, v.LicenseNumber, v.Active = "Outra", "", "+5511900000000", "x", "y", !v.Active
			v.UpdatedAt = v.UpdatedAt.Add(time.Hour)
		},
		bare:     func(v *clinic.Professional) { v.Email, v.ExternalID, v.LicenseNumber, v.Active = "", "", "", false },
		homeless: true,
		filters: func(f *Fixtures, rows []clinic.Professional) list {
			some := rows[0]
			entity := f.homes[some.ID]
			filters := list{
				{"phone", clinic.ProfessionalFilter{PhoneNumber: some.PhoneNumber}, func(v clinic.Professional) bool { return v.PhoneNumber == some.PhoneNumber }},
				{"external id", clinic.ProfessionalFilter{ExternalID: some.ExternalID}, func(v clinic.Professional) bool { return v.ExternalID == some.ExternalID }},
				{"inactive", clinic.ProfessionalFilter{Active: new(false)}, func(v clinic.Professional) bool { return !v.Active }},
			}
			if entity != 0 {
				filters = append(filters, list{
					{"entity", clinic.ProfessionalFilter{EntityID: entity}, func(v clinic.Professional) bool { return f.homes[v.ID] == entity }},
					{"active of an entity", clinic.ProfessionalFilter{EntityID: entity, Active: new(true)}, func(v clinic.Professional) bool {
						return f.homes[v.ID] == entity && v.Active
					}},
				}...)
			}
			return filters
		},
	}.run(t, open)

	find := func(t *testing.T, f *Fixtures, scope identity.Scope, by clinic.ProfessionalFilter) []clinic.Professional {
		t.Helper()
		return ok[page.Page[clinic.Professional]](t, "list")(f.Professionals.List(t.Context(), scope, by, page.Request{})).Items
	}
	try(t, open, "AnEndedMembershipEndsVisibility", func(t *testing.T, f *Fixtures) {
		entity, v := f.Entity().ID, f.Professional()
		m, scope := f.Membership(v.ID, entity, 0), identity.OnlyEntity(entity)
		wantSame(t, "the professional while a member", ok[clinic.Professional](t, "get")(f.Professionals.Get(t.Context(), scope, v.ID)), v)
		setActive := func(active bool) {
			_, err := f.Memberships.Update(t.Context(), scope, m.ID, func(m *clinic.Membership) error {
				m.SetActive(active, f.Now())
				return nil
			})
			okay(t, "change the membership", err)
		}
		setActive(false)
		_, err := f.Professionals.Get(t.Context(), scope, v.ID)
		wantError(t, "Get after the membership", err, errs.NotFound, "professional-not-found")
		_, err = f.Professionals.Update(t.Context(), scope, v.ID, func(*clinic.Professional) error { return nil })
		wantError(t, "Update after the membership", err, errs.NotFound, "professional-not-found")
		wantSame(t, "the list of the entity", find(t, f, scope, clinic.ProfessionalFilter{}), nil)
		wantSame(t, "the filter by entity", find(t, f, identity.AllEntities(), clinic.ProfessionalFilter{EntityID: entity}), nil)
		wantSame(t, "the list of all", find(t, f, identity.AllEntities(), clinic.ProfessionalFilter{}), []clinic.Professional{v})
		setActive(true)
		wantSame(t, "the list of the entity", find(t, f, scope, clinic.ProfessionalFilter{}), []clinic.Professional{v})
	})
	try(t, open, "AProfessionalOfSeveralDepartmentsIsListedOnce", func(t *testing.T, f *Fixtures) {
		entity, v, next := f.Entity().ID, f.Professional(), f.Professional()
		heart, skin := f.Department(entity).ID, f.Department(entity).ID
		for _, department := range []clinic.DepartmentID{0, skin, heart} {
			f.Membership(v.ID, entity, department)
		}
		f.Membership(next.ID, entity, skin)
		both := []clinic.Professional{v, next}
		scope := identity.OnlyEntity(entity)
		wantSame(t, "the entity's", find(t, f, scope, clinic.ProfessionalFilter{}), both)
		wantSame(t, "a department's", find(t, f, scope, clinic.ProfessionalFilter{DepartmentID: skin}), both)
		wantSame(t, "another department's", find(t, f, identity.AllEntities(), clinic.ProfessionalFilter{DepartmentID: heart}), both[:1])
		wantWalk(t, func(req page.Request) (page.Page[clinic.Professional], error) {
			return f.Professionals.List(t.Context(), scope, clinic.ProfessionalFilter{DepartmentID: skin}, req)
		}, 1, both)
	})
	try(t, open, "AFilterTellsNothingOfAnotherEntitysMemberships", func(t *testing.T, f *Fixtures) {
		mine, theirs, shared := f.Entity().ID, f.Entity().ID, f.Professional()
		f.Membership(shared.ID, mine, 0)
		f.Membership(shared.ID, theirs, f.DepartmentOf(theirs))
		scope := identity.OnlyEntity(mine)
		wantSame(t, "both see the professional", find(t, f, identity.OnlyEntity(theirs), clinic.ProfessionalFilter{}), find(t, f, scope, clinic.ProfessionalFilter{}))
		wantSame(t, "the other entity's", find(t, f, scope, clinic.ProfessionalFilter{EntityID: theirs}), nil)
		wantSame(t, "its department's", find(t, f, scope, clinic.ProfessionalFilter{DepartmentID: f.DepartmentOf(theirs)}), nil)
		wantSame(t, "its department's, for all", find(t, f, identity.AllEntities(), clinic.ProfessionalFilter{DepartmentID: f.DepartmentOf(theirs)}), []clinic.Professional{shared})
	})
}

func testMemberships(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	type list = []filter[clinic.Membership, clinic.MembershipFilter]
	records[clinic.Membership, clinic.MembershipID, clinic.MembershipFilter]{
		what: "membership",
		of: func(f *Fixtures) repository[clinic.Membership, clinic.MembershipID, clinic.MembershipFilter] {
			return f.Memberships
		},
		build: func(f *Fixtures, n int, entity clinic.EntityID) clinic.Membership {
			v := f.NewMembership(f.Professional().ID, entity, f.DepartmentOf(entity))
			v.Active = n%3 != 1
			return v
		},
		id: func(v *clinic.Membership) *clinic.MembershipID { return &v.ID }, missing: nowhere,
		order:  func(v clinic.Membership) string { return rising(v.ID) },
		entity: func(_ *Fixtures, v clinic.Membership) clinic.EntityID { return v.EntityID },
		at:     func(v *clinic.Membership) *time.Time { return &v.CreatedAt },
		change: func(v *clinic.Membership) { v.SetActive(!v.Active, v.UpdatedAt.Add(time.Hour)) },
		bare:   func(v *clinic.Membership) { v.DepartmentID, v.Active = 0, false },
		filters: func(_ *Fixtures, rows []clinic.Membership) list {
			some := rows[0]
			return list{
				{"professional", clinic.MembershipFilter{ProfessionalID: some.ProfessionalID}, func(v clinic.Membership) bool { return v.ProfessionalID == some.ProfessionalID }},
				{"entity", clinic.MembershipFilter{EntityID: some.EntityID}, func(v clinic.Membership) bool { return v.EntityID == some.EntityID }},
				{"active", clinic.MembershipFilter{Active: new(true)}, func(v clinic.Membership) bool { return v.Active }},
			}
		},
		conflicts: []conflict[clinic.Membership]{{"membership-exists", func(first clinic.Membership, second *clinic.Membership) {
			second.ProfessionalID, second.EntityID, second.DepartmentID = first.ProfessionalID, first.EntityID, first.DepartmentID
		}, false}},
		unknown: []unknown[clinic.Membership]{
			{"professional", func(v *clinic.Membership) { v.ProfessionalID = nowhere }},
			{"entity", func(v *clinic.Membership) { v.EntityID = nowhere }},
			{"department", func(v *clinic.Membership) { v.DepartmentID = nowhere }},
		},
	}.run(t, open)

	try(t, open, "NoDepartmentIsAValueLikeAnyOther", func(t *testing.T, f *Fixtures) {
		entity, v := f.Entity().ID, f.Professional().ID
		f.Membership(v, entity, f.DepartmentOf(entity))
		f.Membership(v, f.Entity().ID, 0)
		race(t, "membership-exists", func(int) error {
			_, err := f.Memberships.Create(t.Context(), f.NewMembership(v, entity, 0))
			return err
		})
	})
	try(t, open, "WorksOnlyAtCountsActiveMembershipsEverywhere", func(t *testing.T, f *Fixtures) {
		a, b, v := f.Entity().ID, f.Entity().ID, f.Professional().ID
		want := func(when string, entity clinic.EntityID, want bool) {
			t.Helper()
			if got := ok[bool](t, when)(f.Memberships.WorksOnlyAt(t.Context(), v, entity)); got != want {
				t.Errorf("%s: got %v, want %v", when, got, want)
			}
		}
		want("without a membership", a, true)
		f.Membership(v, a, 0)
		f.Membership(v, a, f.DepartmentOf(a))
		want("with two at the entity", a, true)
		want("with two at another", b, false)
		elsewhere := f.Membership(v, b, 0)
		want("with one elsewhere", a, false)
		_, err := f.Memberships.Update(t.Context(), identity.AllEntities(), elsewhere.ID, func(m *clinic.Membership) error {
			m.SetActive(false, f.Now())
			return nil
		})
		okay(t, "end a membership", err)
		want("with an ended one elsewhere", a, true)
		_, err = f.Memberships.WorksOnlyAt(cancelled(t), v, a)
		wantCancelled(t, "WorksOnlyAt", err)
	})
}
