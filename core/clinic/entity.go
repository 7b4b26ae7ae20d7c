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

// EntityID identifies an entity. 0 means none.
type EntityID int64

// String returns the decimal form.
func (i EntityID) String() string { return strconv.FormatInt(int64(i), 10) }

// Entity is a clinic, a company or another organisation: the tenant that everything else belongs to.
type Entity struct {
	ID           EntityID
	Name         string         // 1 to 200 characters
	Type         string         // free, such as "medical_clinic"; up to 100 characters
	Instructions jsonobj.Object // for every agent of the entity; see [Merge]
	Active       bool
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// EntityParams is what an entity is made of.
type EntityParams struct {
	Name         string
	Type         string
	Instructions jsonobj.Object
}

// EntityPatch changes parts of an entity.
type EntityPatch struct {
	Name         patch.Of[string]
	Type         patch.Of[string]
	Instructions patch.Of[jsonobj.Object]
	Active       patch.Of[bool]
}

// EntityFilter selects entities of a list.
type EntityFilter struct {
	Active       *bool // nil: both
	Instructions bool  // tell them too; otherwise every record of the list has none
}

// NewEntity makes an active entity. It fails with Invalid "invalid-input".
func NewEntity(p EntityParams, now time.Time) (Entity, error) {
	e := Entity{Name: p.Name, Type: p.Type, Instructions: p.Instructions, Active: true, CreatedAt: now, UpdatedAt: now}
	return e, e.validate()
}

// Change applies a patch. It fails with Invalid "invalid-input".
func (e *Entity) Change(p EntityPatch, now time.Time) error {
	p.Name.Apply(&e.Name)
	p.Type.Apply(&e.Type)
	if err := jsonobj.Patch(&e.Instructions, p.Instructions); err != nil {
		return err
	}
	p.Active.Apply(&e.Active)
	e.UpdatedAt = version.Next(e.UpdatedAt, now)
	return e.validate()
}

// Deactivate is the soft delete of an entity.
func (e *Entity) Deactivate(now time.Time) {
	e.Active, e.UpdatedAt = false, version.Next(e.UpdatedAt, now)
}

func (e *Entity) validate() error {
	var c errs.Check
	e.Name = valid.Text(&c, "name", e.Name, 200)
	e.Type = valid.OptionalText(&c, "type", e.Type, 100)
	c.Note("instructions", CheckInstructions(e.Instructions))
	return c.Err()
}
