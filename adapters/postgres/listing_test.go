package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// preparedLists are the lists whose plan is kept.
func preparedLists(t *testing.T) []string {
	t.Helper()
	recorded := recordedQueries(t)
	for i, sql := range recorded.Prepared {
		recorded.Prepared[i] = oneLine(sql)
	}
	return recorded.Prepared
}

func TestListsOfAGroupArePrepared(t *testing.T) {
	t.Parallel()
	lists := preparedLists(t)
	for _, group := range []string{"departments.entity_id", "users.entity_id", "participants.entity_id", "rooms.entity_id"} {
		table, column, _ := strings.Cut(group, ".")
		if !slices.ContainsFunc(lists, func(sql string) bool {
			return strings.Contains(sql, " FROM "+table+" WHERE (") && strings.Contains(sql, ") AS p ORDER BY "+column+", id LIMIT $")
		}) {
			t.Errorf("no list by %s is prepared", group)
		}
	}
}

// checkPrepared looks at the plans that are kept. They serve any value, so they must be good for all: the index of the group
// has the rows of the page side by side.
func (p planner) checkPrepared(t *testing.T) {
	t.Helper()
	for _, sql := range preparedLists(t) {
		if flaw := p.strays(t, sql); flaw != "" {
			t.Errorf("%s:\n%s\n%s", flaw, sql, p.explain(t, sql))
		}
	}
	for _, sql := range []string{
		`SELECT id FROM rooms WHERE entity_id = $1 AND id > $2 ORDER BY id LIMIT 51`,
		`SELECT id FROM rooms WHERE (entity_id, id) > ($1, $2) AND entity_id <= $1 ORDER BY name LIMIT 51`,
	} {
		if p.strays(t, sql) == "" {
			t.Errorf("nothing is found wrong with\n%s\n%s", sql, p.explain(t, sql))
		}
	}
}

// With few tenants the planner expects to meet the rows of any of them soon, whatever order it reads the table in.
func TestAPreparedListOfASmallTenantIsShortAmongFewTenants(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, pgtest.URL(t))
	for _, sql := range []string{
		`INSERT INTO entities (name) VALUES ('large'), ('small')`,
		`INSERT INTO departments (entity_id, name) SELECT 1, 'department ' || n FROM generate_series(1, 20000) AS n`,
		`ANALYZE departments`,
	} {
		if _, err := p.conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	checked := 0
	for _, sql := range preparedLists(t) {
		if !strings.Contains(sql, " FROM departments ") {
			continue
		}
		checked++
		if flaw := p.strays(t, sql); flaw != "" {
			t.Errorf("%s:\n%s\n%s", flaw, sql, p.explain(t, sql))
		}
	}
	if checked == 0 {
		t.Error("no list of departments is prepared")
	}
	if sql := `SELECT id FROM departments WHERE entity_id = $1 ORDER BY id LIMIT 51`; p.strays(t, sql) == "" {
		t.Errorf("it is no longer so: the planner reads only the tenant's rows for\n%s\n%s", sql, p.explain(t, sql))
	}
}

// strays is what a plan reads beyond a page of a group, "" for nothing.
func (p planner) strays(t *testing.T, sql string) string {
	t.Helper()
	flaw := ""
	var walk func(n node)
	walk = func(n node) {
		switch n.Type {
		case "Limit":
		case "Index Scan":
			if !strings.Contains(n.Condition, "ROW(") {
				flaw = fmt.Sprintf("%s is read by %q", n.Relation, n.Condition)
			}
		default:
			flaw = "there is a " + n.Type
		}
		for _, next := range n.Plans {
			walk(next)
		}
	}
	walk(p.plan(t, sql))
	return flaw
}
