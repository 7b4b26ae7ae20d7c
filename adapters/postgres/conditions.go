package postgres

import (
	"strconv"
	"strings"

	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/id"
	"github.com/secretary-api/secretary/core/identity"
)

// conditions are what the rows of a query must meet, and the query's arguments.
type conditions struct {
	sql   strings.Builder
	args  []any
	group group
	picky bool // something chooses among the rows of the group
}

// group are the rows that have one value in a column, which an index (column, key) has in the order of the key.
type group struct {
	column string // "" when the rows are of no group
	value  int64
}

// add adds a condition; each "?" in it is one of the arguments.
func (c *conditions) add(condition string, args ...any) {
	c.picky = true
	c.check(condition, args...)
}

// check is add for a condition that an index would be no help with: it is looked at when the rows come, in their order.
func (c *conditions) check(condition string, args ...any) {
	if c.sql.Len() == 0 {
		c.sql.WriteString(" WHERE ")
	} else {
		c.sql.WriteString(" AND ")
	}
	for _, arg := range args {
		before, after, _ := strings.Cut(condition, "?")
		c.sql.WriteString(before)
		c.sql.WriteString(c.arg(arg))
		condition = after
	}
	c.sql.WriteString(condition)
}

// arg adds an argument and returns its placeholder.
func (c *conditions) arg(v any) string {
	c.args = append(c.args, v)
	return "$" + strconv.Itoa(len(c.args))
}

// inScope adds the condition that the column's entity is in the scope.
func (c *conditions) inScope(column string, scope identity.Scope) {
	if !scope.All() {
		c.add(column+" = ?", int64(scope.EntityID()))
	}
}

// inGroup adds the condition that a row is of the group. There must be an index (column, key of the list). Where others begin
// with the column too, the planner may prefer to read the whole group by one of those and to sort it: a test looks.
func (c *conditions) inGroup(column string, value int64) {
	if c.group.column == "" {
		c.group = group{column, value}
	} else {
		c.add(column+" = ?", value)
	}
}

// ofEntity adds the condition that a row's entity is in the scope and is the wanted one, 0 being any. See inGroup.
func (c *conditions) ofEntity(scope identity.Scope, wanted clinic.EntityID) {
	if !scope.All() {
		c.inGroup("entity_id", int64(scope.EntityID()))
	}
	if wanted != 0 && (scope.All() || wanted != scope.EntityID()) {
		c.inGroup("entity_id", int64(wanted))
	}
}

// wanted adds the condition that a column has the value, unless the value is zero, which asks for any.
func wanted[V comparable](c *conditions, column string, v V) {
	var anything V
	if v != anything {
		c.add(column+" = ?", v)
	}
}

// wantedUUID is wanted for a UUID.
func (c *conditions) wantedUUID(column string, u id.UUID) {
	if !u.IsZero() {
		c.add(column+" = ?", uuid(u))
	}
}

// flag adds the condition that a column is true or false; nil asks for both.
func (c *conditions) flag(column string, asked *bool) {
	if asked != nil {
		c.check(column+" = ?", *asked)
	}
}
