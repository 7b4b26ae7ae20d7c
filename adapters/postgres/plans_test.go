package postgres_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/core/page"
)

const (
	// large is how many rows a table may have that a query reads as a whole.
	large = 1000
	// many is how many rows a list may sort for one page: a tenant's that is of the usual size, while a large one's must be
	// read in their order.
	many = 2 * page.MaxLimit
)

func TestEveryQueryIsServedByAnIndex(t *testing.T) {
	t.Parallel()
	all := queries(t)
	p := newPlanner(t, seeded(t))
	for _, sql := range all {
		if flaws := p.flaws(t, sql); len(flaws) > 0 && !readsAll(sql) {
			t.Errorf("%s:\n%s\n%s", strings.Join(flaws, ", "), sql, p.explain(t, sql))
		}
	}
	t.Logf("%d statements", len(all))
	p.checkItself(t)
	p.checkPrepared(t)
}

// readsAll reports whether a statement reads a table as a whole on purpose.
func readsAll(sql string) bool {
	// Twice a minute the queue is compared with River's, whose tables are not ours to index.
	return strings.HasPrefix(sql, "SELECT DISTINCT key FROM jobs WHERE key NOT IN ( SELECT args->>'lane' FROM river.river_job")
}

// checkItself looks whether flaws are found where there are some, and only there.
func (p planner) checkItself(t *testing.T) {
	t.Helper()
	for _, sql := range []string{
		`SELECT id FROM rooms WHERE name = $1`,
		`SELECT id FROM rooms WHERE lower(livekit_name) = $1`,
		`SELECT id FROM room_events WHERE data = $1`,
		`SELECT id FROM agent_session_events WHERE created_at > $1`,
		`SELECT id FROM rooms WHERE id IN (SELECT room_id FROM agent_usages)`,
		`SELECT id FROM rooms WHERE status = $1 ORDER BY name LIMIT 51`,
		`UPDATE rooms SET name = '' WHERE name = $1`,
		`WITH gone AS (DELETE FROM users WHERE password = $1 RETURNING 1) TABLE gone`,
		`SELECT id FROM users WHERE email = $1 AND EXISTS (SELECT FROM rooms WHERE name = $2)`,
	} {
		if len(p.flaws(t, sql)) == 0 {
			t.Errorf("nothing is found wrong with\n%s\n%s", sql, p.explain(t, sql))
		}
	}
	for _, sql := range []string{
		`SELECT id FROM rooms WHERE id = $1`,
		`SELECT id FROM rooms WHERE entity_id = $1 ORDER BY id LIMIT 51`,
		`SELECT id FROM room_events WHERE room_id = $1 AND created_at >= $2`,
		`SELECT id FROM entities WHERE name = $1`, // which are few
	} {
		if flaws := p.flaws(t, sql); len(flaws) > 0 {
			t.Errorf("%v:\n%s\n%s", flaws, sql, p.explain(t, sql))
		}
	}
}

// planner asks a database for its plans.
type planner struct {
	conn *pgx.Conn
	rows map[string]float64 // of each table; a partition that is not empty has those of the whole table
}

func newPlanner(t *testing.T, url string) planner {
	t.Helper()
	p := planner{conn: connect(t, url), rows: map[string]float64{}}
	// The plan that serves every value, as a statement gets that is asked again and again. No partition is left out of it:
	// which are depends on the values.
	if _, err := p.conn.Exec(t.Context(), `SET plan_cache_mode = force_generic_plan; SET enable_partition_pruning = off`); err != nil {
		t.Fatal(err)
	}
	rows, err := p.conn.Query(t.Context(), `
		SELECT c.relname, CASE WHEN c.reltuples > 0
			THEN sum(c.reltuples) OVER (PARTITION BY coalesce(pg_partition_root(c.oid), c.oid)) ELSE 0 END
		FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname IN ('public', 'river')`)
	if err != nil {
		t.Fatal(err)
	}
	var name string
	var count float64
	_, err = pgx.ForEachRow(rows, []any{&name, &count}, func() error {
		p.rows[name] = count
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// node is a step of a plan.
type node struct {
	Type      string   `json:"Node Type"`
	Relation  string   `json:"Relation Name"`
	Condition string   `json:"Index Cond"`
	SortKey   []string `json:"Sort Key"`
	Rows      float64  `json:"Plan Rows"`
	Plans     []node   `json:"Plans"`
}

// plan is how a statement would be done, whatever its arguments.
func (p planner) plan(t *testing.T, sql string) node {
	t.Helper()
	var plans []struct{ Plan node }
	if err := json.Unmarshal([]byte(p.ask(t, `EXPLAIN (FORMAT JSON)`, sql)), &plans); err != nil || len(plans) != 1 {
		t.Fatalf("the plan of %s: %v", sql, err)
	}
	return plans[0].Plan
}

// explain is the plan for people.
func (p planner) explain(t *testing.T, sql string) string {
	t.Helper()
	return p.ask(t, `EXPLAIN`, sql)
}

func (p planner) ask(t *testing.T, explain, sql string) string {
	t.Helper()
	const name = "asked"
	statement, err := p.conn.Prepare(t.Context(), name, sql)
	if err != nil {
		t.Fatalf("prepare %s: %v", sql, err)
	}
	execute := explain + ` EXECUTE ` + name
	if n := len(statement.ParamOIDs); n > 0 {
		execute += `(NULL` + strings.Repeat(`, NULL`, n-1) + `)`
	}
	rows, err := p.conn.Query(t.Context(), execute, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatalf("explain %s: %v", sql, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("explain %s: %v", sql, err)
	}
	if err := p.conn.Deallocate(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// flaws are what is wrong with the plan of a statement.
func (p planner) flaws(t *testing.T, sql string) []string {
	t.Helper()
	var flaws []string
	var walk func(n node, limited bool)
	walk = func(n node, limited bool) {
		switch {
		case n.Type == "Seq Scan" && p.rows[n.Relation] > large:
			flaws = append(flaws, fmt.Sprintf("all %.0f rows of %s are read", p.rows[n.Relation], n.Relation))
		case n.Type == "Sort" && limited && n.Rows > many:
			flaws = append(flaws, fmt.Sprintf("%.0f rows are sorted by %v for one page", n.Rows, n.SortKey))
		}
		for _, next := range n.Plans {
			walk(next, limited || n.Type == "Limit")
		}
	}
	walk(p.plan(t, sql), false)
	return flaws
}
