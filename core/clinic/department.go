package clinic

import (
	"strconv"
	"time"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/patch"
	"github.com/secretary-api/secretary/core/valid"
	"github.com/secretary-api/secretary/core/version"
)

// DepartmentID identifies a department. 0 means none.
type DepartmentID int64

// String returns the decimal form.
func (i DepartmentID) String() string { return strconv.FormatInt(int64(i), 10) }

// Department is an area of an entity, such as Cardiologia, with instructions of its own for agents.
type Department struct {
	ID           DepartmentID
	EntityID     EntityID
	Name         string // 1 to 100 characters
	Instructions jsonobj.Object
	Active       bool
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// DepartmentParams is what a department is made of.
type DepartmentParams struct {
	EntityID     EntityID
	Name         string
	Instructions jsonobj.Object
}

// DepartmentPatch changes parts of a department. A department never moves to another entity.
type DepartmentPatch struct {
	Name         patch.Of[string]
	Instructions patch.Of[jsonobj.Object]
	Active       patch.Of[bool]
}

// DepartmentFilter selects departments of a list.
type DepartmentFilter struct {
	EntityID     EntityID // 0: any
	Active       *bool    // nil: both
	Instructions bool     // tell them too; otherwise every record of the list has none
}

// NewDepartment makes an active department. It fails with Invalid "invalid-input".
func NewDepartment(p DepartmentParams, now time.Time) (Department, error) {
	d := Department{
		EntityID: p.EntityID, Name: p.Name, Instructions: p.Instructions,
		Active: true, CreatedAt: now, UpdatedAt: now,
	}
	return d, d.validate()
}

// Change applies a patch. It fails with Invalid "invalid-input".
func (d *Department) Change(p DepartmentPatch, now time.Time) error {
	p.Name.Apply(&d.Name)
	if err := jsonobj.Patch(&d.Instructions, p.Instructions); err != nil {
		return err
	}
	p.Active.Apply(&d.Active)
	d.UpdatedAt = version.Next(d.UpdatedAt, now)
	return d.validate()
}

// Deactivate is the soft delete of a department.
func (d *Department) Deactivate(now time.Time) {
	d.Active, d.UpdatedAt = false, version.Next(d.UpdatedAt, now)
}

func (d *Department) validate() error {
	var c errs.Check
	c.That(d.EntityID > 0, "entity_id", "must name an entity")
	d.Name = valid.Text(&c, "name", d.Name, 100)
	c.Note("instructions", CheckInstructions(d.Instructions))
	return c.Err()
}
