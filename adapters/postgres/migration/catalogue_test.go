package migration_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// What schema.hcl cannot declare is not seen by the comparison with it, so it is looked up in the catalogue.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	db := connect(t, pgtest.URL(t))
	for name, look := range map[string]func(*testing.T, *pgxpool.Pool){
		"TheOverlapOfAppointmentsIsExcluded": theOverlapOfAppointmentsIsExcluded,
		"EveryTableWithUpdatedAtKeepsItTrue": everyTableWithUpdatedAtKeepsItTrue,
		"EveryTriggerIsOnItsTable":           everyTriggerIsOnItsTable,
		"EveryFunctionHasItsSignature":       everyFunctionHasItsSignature,
		"EveryExtensionIsThere":              everyExtensionIsThere,
		"EveryForeignKeyIsIndexed":           everyForeignKeyIsIndexed,
		"ForeignKeysRemoveNothing":           foreignKeysRemoveNothing,
		"EveryTableSaysWhatItIs":             everyTableSaysWhatItIs,
		"RowsMayBringTheirIds":               rowsMayBringTheirIds,
		"UpdatesOfSessionsTouchNoIndex":      updatesOfSessionsTouchNoIndex,
		"ReportsAreReadFromTheirIndex":       reportsAreReadFromTheirIndex,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			look(t, db)
		})
	}
}

func theOverlapOfAppointmentsIsExcluded(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	got := column[string](t, db, `SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE contype = 'x' AND connamespace = 'public'::regnamespace`)
	want := []string{"appointments appointments_no_overlap EXCLUDE USING gist (professional_id WITH =, " +
		"tstzrange(blocked_from, blocked_until) WITH &&) WHERE (((status = ANY (ARRAY['held'::appointment_status, " +
		"'confirmed'::appointment_status])) AND (override_reason IS NULL)))"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("exclusion constraints (-want +got):\n%s", diff)
	}
}

func everyTableWithUpdatedAtKeepsItTrue(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	want := column[string](t, db, `SELECT a.attrelid::regclass::text FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'updated_at' AND NOT a.attisdropped ORDER BY 1`)
	// That an API key was used is no change of it. Generated columns, which are not there yet, are the trigger's arguments.
	got := column[string](t, db, `SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'set_updated_at()'::regprocedure
  AND tgenabled = 'O' AND pg_get_triggerdef(oid) LIKE 'CREATE TRIGGER trg_updated_at BEFORE UPDATE %ON % FOR EACH ROW WHEN ((NOT (new.updated_at IS DISTINCT FROM old.updated_at))) EXECUTE FUNCTION set_updated_at(%)'
  AND rtrim(encode(tgargs, 'escape'), '\000') = (SELECT coalesce(string_agg(attname, '\000' ORDER BY attnum), '') FROM pg_attribute
    WHERE attrelid = tgrelid AND attgenerated <> '' AND NOT attisdropped)
  AND (tgattr = '' OR ARRAY['id', 'last_used_at']::name[] = (SELECT array_agg(attname ORDER BY attname) FROM pg_attribute
    WHERE attrelid = tgrelid AND attnum > 0 AND NOT attisdropped AND attnum <> ALL (tgattr)))
  ORDER BY 1`)
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 18 {
		t.Errorf("tables with updated_at, and those whose trigger keeps it (-want +got):\n%s", diff)
	}
}

func everyTriggerIsOnItsTable(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	got := column[string](t, db, `SELECT tgrelid::regclass || ' ' || regexp_replace(pg_get_triggerdef(t.oid), '^CREATE TRIGGER | ON .*$', '', 'g') ||
    ' ' || tgfoid::regproc || CASE tgenabled WHEN 'O' THEN '' ELSE ' not enabled' END
  FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
  WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND tgname <> 'trg_updated_at'`)
	want := []string{
		"clinic_professionals trg_keep_calendar AFTER INSERT OR UPDATE OF google_calendar_id keep_calendar",
		"agent_usages trg_calculate_duration BEFORE INSERT OR UPDATE calculate_agent_duration",
		"rooms trg_refuse_removal BEFORE DELETE OR UPDATE OF id OR TRUNCATE refuse_removal",
	}
	for table := range strings.FieldsSeq(`users entities departments professionals professional_entities model_prices budgets tenant_config
		clinic_professionals professional_services appointments google_credentials patients`) {
		want = append(want, table+" trg_audit AFTER INSERT OR DELETE OR UPDATE audit_row")
	}
	for table := range strings.FieldsSeq("users entities departments") {
		want = append(want, table+" trg_notify_change AFTER DELETE OR UPDATE notify_change")
	}
	const key = "entity_id, name, prefix, hash, scopes, created_by, expires_at, revoked_at" // of which last_used_at is no part
	want = append(want, "api_keys trg_audit AFTER INSERT OR DELETE OR UPDATE OF "+key+" audit_row",
		"api_keys trg_notify_change AFTER DELETE OR UPDATE OF "+key+" notify_change",
		"tenant_config trg_notify_time_zone AFTER INSERT OR DELETE OR UPDATE OF entity_id, timezone notify_time_zone")
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("triggers beside those of updated_at (-want +got):\n%s", diff)
	}
}

func everyFunctionHasItsSignature(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	got := column[string](t, db, `SELECT format('%s(%s) %s', p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid))
  FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`)
	for _, want := range []string{
		"audit_row() trigger",
		"calculate_agent_duration() trigger",
		"ensure_event_partition(p_parent regclass, p_at timestamp with time zone) boolean",
		"ensure_month_partitions(p_parent regclass, p_months_ahead integer DEFAULT 3, p_now timestamp with time zone DEFAULT now()) integer",
		"refuse_removal() trigger",
		"keep_calendar() trigger",
		"notify_time_zone() trigger",
		"set_updated_at() trigger",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("there is no function %s among %q", want, got)
		}
	}
	// What these return is tested where searching is.
	for _, want := range []string{
		"find_professional_by_service(p_tenant_id uuid, p_search_text text) ",
		"find_professional_by_specialty(p_tenant_id uuid, p_search_text text) ",
		"get_tenant_professionals(p_tenant_id uuid) ",
		"get_tenant_with_professionals(p_tenant_id uuid) ",
	} {
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("there is no function %s among %q", want, got)
		}
	}
}

func everyExtensionIsThere(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	got := column[string](t, db, `SELECT extname::text FROM pg_extension WHERE extnamespace = 'public'::regnamespace ORDER BY 1`)
	if diff := cmp.Diff([]string{"btree_gin", "btree_gist", "fuzzystrmatch", "pg_trgm", "unaccent"}, got); diff != "" {
		t.Errorf("extensions (-want +got):\n%s", diff)
	}
}

// Without an index a look-up of the rows that point at a row reads the whole table.
func everyForeignKeyIsIndexed(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	bare := column[string](t, db, `SELECT c.conrelid::regclass || ' ' || c.conname FROM pg_constraint AS c
  JOIN pg_class AS r ON r.oid = c.conrelid
 WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT r.relispartition AND NOT EXISTS (
   SELECT FROM pg_index AS i WHERE i.indrelid = c.conrelid AND i.indpred IS NULL AND i.indkey[0] = c.conkey[1])`)
	if len(bare) > 0 {
		t.Errorf("foreign keys without an index that begins with them: %q", bare)
	}
}

// While a session goes on its figures change every few seconds. Were one of them in an index, each change would be written to
// all of the table's indexes.
func updatesOfSessionsTouchNoIndex(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	const changing = `ARRAY['total_tokens_input', 'total_tokens_output', 'total_audio_minutes', 'interactions_count',
  'transcription_count', 'cost_estimate', 'readings', 'lines', 'data', 'updated_at']`
	if n := column[int](t, db, `SELECT count(*)::int FROM pg_attribute
  WHERE attrelid = 'agent_usages'::regclass AND attname = ANY (`+changing+`)`); n[0] != 10 {
		t.Errorf("%d of the columns are there, want all 10", n[0])
	}
	got := column[string](t, db, `SELECT i.indexrelid::regclass || ' ' || a.attname FROM pg_index AS i
  JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND (a.attnum = ANY (i.indkey) OR i.indpred::text LIKE '%:varattno ' || a.attnum || ' %')
  WHERE i.indrelid = 'agent_usages'::regclass AND a.attname = ANY (`+changing+`)`)
	if len(got) > 0 {
		t.Errorf("in an index are %q", got)
	}
}

func reportsAreReadFromTheirIndex(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	got := column[string](t, db, `SELECT a.attname::text FROM pg_attribute AS a
  LEFT JOIN pg_index AS i ON i.indexrelid = 'idx_agent_usage_entity_date'::regclass AND a.attnum = ANY (i.indkey)
  WHERE a.attrelid = 'agent_usages'::regclass AND i.indexrelid IS NULL AND (a.attname LIKE 'ended%' OR a.attname IN ('entity_id',
    'department_id', 'room_id', 'participant_id', 'session_start', 'duration_seconds', 'currency', 'unpriced'))`)
	if len(got) > 0 {
		t.Errorf("idx_agent_usage_entity_date lacks %q", got)
	}
	// An index is enough where vacuum was.
	options := column[string](t, db, `SELECT unnest(reloptions) FROM pg_class WHERE oid = 'agent_usages'::regclass`)
	for _, want := range []string{"autovacuum_vacuum_insert_scale_factor=0.005", "autovacuum_vacuum_scale_factor=0.02"} {
		if !slices.Contains(options, want) {
			t.Errorf("agent_usages has not %s among its options %q", want, options)
		}
	}
}

func foreignKeysRemoveNothing(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	if got := column[string](t, db, `SELECT conname::text FROM pg_constraint
  WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND confdeltype <> 'a'`); len(got) > 0 {
		t.Errorf("foreign keys that do something when a row is deleted: %q", got)
	}
}

func everyTableSaysWhatItIs(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	if got := column[string](t, db, `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
  AND NOT relispartition AND relname <> 'atlas_schema_revisions' AND obj_description(oid, 'pg_class') IS NULL`); len(got) > 0 {
		t.Errorf("tables without a comment: %q", got)
	}
}

// Rows that are put in with ids of their own, and the sequences set after them, are how data is carried over.
func rowsMayBringTheirIds(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	if got := column[string](t, db, `SELECT table_name || '.' || column_name FROM information_schema.columns
  WHERE table_schema = 'public' AND is_identity = 'YES' AND identity_generation <> 'BY DEFAULT'`); len(got) > 0 {
		t.Errorf("columns that refuse an id: %q", got)
	}
	for _, table := range []string{"entities", "rooms", "room_events", "agent_session_events", "agent_usages", "audit_log", "jobs", "conversation_messages", "consents"} {
		if !one[bool](t, db, "SELECT pg_get_serial_sequence($1, 'id') IS NOT NULL", table) {
			t.Errorf("%s has no sequence that could be set", table)
		}
	}
}
