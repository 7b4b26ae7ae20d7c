package migration_test

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"

	"github.com/secretary-api/secretary/adapters/postgres/migration"
	"github.com/secretary-api/secretary/adapters/postgres/migration/plan"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// drift returns the statements that lead from the migrations to a schema.
func drift(t *testing.T, schema []byte, exclude []string) []string {
	t.Helper()
	dir, err := migration.Dir()
	if err != nil {
		t.Fatal(err)
	}
	_, missing, err := plan.Diff(t.Context(), pgtest.Admin(t), dir, plan.Desired{Schema: schema, Exclude: exclude}, "drift")
	if errors.Is(err, migrate.ErrNoPlan) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var statements []string
	for _, change := range missing.Changes {
		statements = append(statements, change.Cmd)
	}
	return statements
}

func declared(t *testing.T) (schema []byte, exclude []string) {
	t.Helper()
	schema, err := os.ReadFile("../../../schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := os.ReadFile("../../../atlas.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if exclude, err = plan.Excluded(settings); err != nil {
		t.Fatal(err)
	}
	return schema, exclude
}

func TestTheMigrationsLeadToTheSchema(t *testing.T) {
	t.Parallel()
	schema, exclude := declared(t)
	for _, statement := range drift(t, schema, exclude) {
		t.Errorf("schema.hcl has what the migrations lack, run make migrate-diff name=...: %s", statement)
	}
}

// If these changes were not seen, the test above would be blind to them. One comparison sees all of them.
func TestDriftIsSeen(t *testing.T) {
	t.Parallel()
	schema, exclude := declared(t)
	changed := string(schema)
	wanted := map[string]string{}
	for _, c := range []struct {
		name, old, with, want string
	}{
		{"Check", `"price_cents >= 0"`, `"price_cents > 0"`, `professional_services_price_check`},
		{"Column", "table \"entities\" {\n", "table \"entities\" {\n  column \"extra\" {\n    type = text\n    null = true\n  }\n", `ADD COLUMN "extra"`},
		{"Index", "  index \"idx_prof_entity_dept\" {\n    columns = [column.entity_id, column.department_id]\n  }\n", "", `DROP INDEX "idx_prof_entity_dept"`},
		{"Default", `"America/Sao_Paulo"`, `"UTC"`, `"timezone" SET DEFAULT 'UTC'`},
		{"Length", "varchar(1024)", "varchar(1025)", `TYPE character varying(1025)`},
		{"NullsDistinct", "    nulls_distinct = false\n", "", `professional_entities_key`},
		{"Include", "column.ended_transcriptions, column.ended_cost_micros,", "column.ended_transcriptions,", `DROP INDEX "idx_agent_usage_entity_date"`},
		{"Comment", "Only ever appended.", "Appended only.", `Appended only.`},
		{"ForeignKey", "ref_columns = [table.users.column.id]\n    on_update   = NO_ACTION\n    on_delete   = NO_ACTION", "ref_columns = [table.users.column.id]\n    on_update   = NO_ACTION\n    on_delete   = CASCADE", `ON DELETE CASCADE`},
	} {
		before := changed
		if changed = strings.ReplaceAll(changed, c.old, c.with); changed == before {
			t.Fatalf("%s: schema.hcl has no %s", c.name, c.old)
		}
		wanted[c.name] = c.want
	}
	statements := drift(t, []byte(changed), exclude)
	for name, want := range wanted {
		if !slices.ContainsFunc(statements, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("%s: the changed schema.hcl led to %q, want a statement with %s", name, statements, want)
		}
	}
}

// If the constraint were not excluded, a developer's next migration would drop it.
func TestTheExclusionConstraintNeedsItsException(t *testing.T) {
	t.Parallel()
	schema, _ := declared(t)
	if statements := strings.Join(drift(t, schema, nil), "\n"); !strings.Contains(statements, `DROP CONSTRAINT "appointments_no_overlap"`) {
		t.Errorf("without the list of atlas.hcl the migrations led to %q; is the list needed any more?", statements)
	}
}

// An unknown word in schema.hcl is skipped without a word by the library, so a slip of the pen would go unnoticed.
func TestTheSchemaUsesKnownWordsOnly(t *testing.T) {
	t.Parallel()
	schema, _ := declared(t)
	known := map[string]bool{}
	for word := range strings.FieldsSeq(`schema enum table comment column primary_key foreign_key unique index check partition
		values null type default identity generated columns ref_columns on_update on_delete nulls_distinct where on desc include expr as`) {
		known[word] = true
	}
	for _, found := range regexp.MustCompile(`(?m)^ *([a-z_]+)(?: "[a-z_]+")? *[={]`).FindAllStringSubmatch(string(schema), -1) {
		if !known[found[1]] {
			t.Errorf("schema.hcl says %q, which is not among the known words", found[1])
		}
	}
}
