package clinic

import (
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// ProfessionalID identifies a professional. 0 means none.
type ProfessionalID int64

// String returns the decimal form.
func (i ProfessionalID) String() string { return strconv.FormatInt(int64(i), 10) }

// Professional is a doctor, a consultant or the like. Without a [Membership] a professional is independent.
type Professional struct {
	ID            ProfessionalID
	Name          string // 1 to 200 characters
	Email         string // "" when unknown
	PhoneNumber   string // E.164
	ExternalID    string // the id in another system; "" when none
	LicenseNumber string // CRM, CREFITO and the like; "" when none
	Active        bool
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// ProfessionalParams is what a professional is made of.
type ProfessionalParams struct {
	Name          string
	Email         string
	PhoneNumber   string
	ExternalID    string
	LicenseNumber string
}

// ProfessionalPatch changes parts of a professional.
type ProfessionalPatch struct {
	Name          patch.Of[string]
	Email         patch.Of[string]
	PhoneNumber   patch.Of[string]
	ExternalID    patch.Of[string]
	LicenseNumber patch.Of[string]
	Active        patch.Of[bool]
}

// ProfessionalFilter selects professionals of a list.
type ProfessionalFilter struct {
	EntityID     EntityID     // with an active membership there; 0: any
	DepartmentID DepartmentID // with an active membership there; 0: any
	PhoneNumber  string       // E.164; "": any
	ExternalID   string       // "": any
	Active       *bool        // nil: both
}

// NewProfessional makes an active professional. It fails with Invalid "invalid-input".
func NewProfessional(p ProfessionalParams, now time.Time) (Professional, error) {
	v := Professional{
		Name: p.Name, Email: p.Email, PhoneNumber: p.PhoneNumber, ExternalID: p.ExternalID, LicenseNumber: p.LicenseNumber,
		Active: true, CreatedAt: now, UpdatedAt: now,
	}
	return v, v.validate()
}

// Change applies a patch. It fails with Invalid "invalid-input".
func (v *Professional) Change(p ProfessionalPatch, now time.Time) error {
	p.Name.Apply(&v.Name)
	p.Email.Apply(&v.Email)
	p.PhoneNumber.Apply(&v.PhoneNumber)
	p.ExternalID.Apply(&v.ExternalID)
	p.LicenseNumber.Apply(&v.LicenseNumber)
	p.Active.Apply(&v.Active)
	v.UpdatedAt = version.Next(v.UpdatedAt, now)
	return v.validate()
}

// Deactivate is the soft delete of a professional.
func (v *Professional) Deactivate(now time.Time) {
	v.Active, v.UpdatedAt = false, version.Next(v.UpdatedAt, now)
}

func (v *Professional) validate() error {
	var c errs.Check
	v.Name = valid.Text(&c, "name", v.Name, 200)
	if v.Email != "" {
		v.Email = valid.Email(&c, "email", v.Email)
	}
	v.PhoneNumber = valid.Phone(&c, "phone_number", v.PhoneNumber)
	v.ExternalID = valid.OptionalText(&c, "external_id", v.ExternalID, 254)
	v.LicenseNumber = valid.OptionalText(&c, "license_number", v.LicenseNumber, 100)
	return c.Err()
}

// MembershipID identifies a membership. 0 means none.
type MembershipID int64

// String returns the decimal form.
func (i MembershipID) String() string { return strconv.FormatInt(int64(i), 10) }

// Membership says that a professional works for an entity, perhaps in one of its departments (professional_entity in
// the store). It is unique on professional, entity and department, "no department" being a value like any other.
type Membership struct {
	ID             MembershipID
	ProfessionalID ProfessionalID
	EntityID       EntityID
	DepartmentID   DepartmentID // 0: the entity as a whole
	Active         bool
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// MembershipFilter selects memberships of a list.
type MembershipFilter struct {
	ProfessionalID ProfessionalID // 0: any
	EntityID       EntityID       // 0: any
	Active         *bool          // nil: both
}

// NewMembership links a professional to an entity, and to the department when it is not nil. The department must be
// the entity's: otherwise Invalid "invalid-input".
func NewMembership(professional ProfessionalID, entity EntityID, department *Department, now time.Time) (Membership, error) {
	var c errs.Check
	c.That(professional > 0, "professional_id", "must name a professional")
	c.That(entity > 0, "entity_id", "must name an entity")
	m := Membership{ProfessionalID: professional, EntityID: entity, Active: true, CreatedAt: now, UpdatedAt: now}
	if department != nil {
		c.That(department.EntityID == entity, "department_id", "must be a department of the entity")
		m.DepartmentID = department.ID
	}
	return m, c.Err()
}

// SetActive ends a membership, or takes it up again.
func (m *Membership) SetActive(active bool, now time.Time) {
	m.Active, m.UpdatedAt = active, version.Next(m.UpdatedAt, now)
}
