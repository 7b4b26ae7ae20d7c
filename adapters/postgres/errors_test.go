package postgres_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// TestEveryUniqueValueIsAConflict compares the constraints of the schema with the map of conflicts, both ways.
func TestEveryUniqueValueIsAConflict(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.URL(t))
	rows, err := conn.Query(t.Context(), `
		SELECT c.relname FROM pg_index AS i
		JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS r ON r.oid = i.indrelid
		WHERE (i.indisunique OR i.indisexclusion) AND c.relnamespace = 'public'::regnamespace AND NOT r.relispartition
			AND r.relname <> 'atlas_schema_revisions'`)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	told := func(constraint string) bool {
		switch constraint {
		case "departments_id_entity_key", "clinic_professionals_tenant_key", "professional_services_professional_key", "patients_tenant_key":
			return true // has the primary key in it, and is there for foreign keys to refer to
		case "api_keys_hash_key", "model_prices_key": // of tables that nothing writes to yet
			return true
		}
		_, known := postgres.ConflictCode(constraint)
		return known
	}
	for _, constraint := range schema {
		if !told(constraint) {
			t.Errorf("%s: a row that it refuses is an internal error, want a Conflict", constraint)
		}
	}
	file, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	mapped := regexp.MustCompile(`case "([a-z_]+)":`).FindAllSubmatch(file, -1)
	if len(mapped) < 10 {
		t.Fatalf("found %d constraints in the map of conflicts, want all", len(mapped))
	}
	for _, m := range mapped {
		if !slices.Contains(schema, string(m[1])) {
			t.Errorf("%s: the schema has no such constraint", m[1])
		}
	}
}
