package postgres_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// told is what a test by hand reads of an entry.
type told struct {
	Actor, Action, Table, RowID, Changes string
	Request                              *string
}

// TestWhatIsDoneByHandIsAudited changes rows as somebody at psql does, with a session set up in an odd way.
func TestWhatIsDoneByHandIsAudited(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	exec := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec(`SET timezone = 'America/Sao_Paulo'; SET intervalstyle = 'iso_8601'; SET datestyle = 'German'`)
	exec(`INSERT INTO entities (id, name) VALUES (1, 'Clínica')`)
	exec(`INSERT INTO tenant_config (tenant_id, entity_id, tenant_name, evolution_webhook_token)
		VALUES ('00000000-0000-7000-8000-000000000001', 1, 'Clínica', 'secret')`)
	exec(`UPDATE tenant_config SET hold_time = '90 seconds', evolution_webhook_token = NULL`)
	exec(`UPDATE tenant_config SET hold_time = '00:01:30', updated_at = now() + interval '1 hour'`) // changes nothing
	exec(`INSERT INTO professionals (id, name, phone_number) VALUES (1, 'Ana', '+5511955550000')`)
	exec(`BEGIN; SELECT set_config('secretary.actor', 'user:7', true), set_config('secretary.request_id', 'request-1', true)`)
	exec(`DELETE FROM professionals; COMMIT`)
	exec(`UPDATE entities SET active = false`) // the settings ended with their transaction

	rows, err := conn.Query(ctx, `SELECT actor, action, table_name, row_id, changes::text, request_id FROM audit_log ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[told])
	if err != nil {
		t.Fatal(err)
	}
	me := "database:" + conn.Config().User
	const clinic = "00000000-0000-7000-8000-000000000001"
	want := []told{
		{me, "create", "entities", "1", `{"name": {"new": "Clínica"}, "active": {"new": true}}`, nil},
		{me, "create", "tenant_config", clinic, `{"cut_off": {"new": "00:00:00"}, "closures": {"new": []}, ` +
			`"timezone": {"new": "America/Sao_Paulo"}, "entity_id": {"new": 1}, ` +
			`"hold_time": {"new": "00:10:00"}, "is_active": {"new": true}, "quiet_from": {"new": "21:00:00"}, "quiet_until": {"new": "08:00:00"}, ` +
			`"tenant_name": {"new": "Clínica"}, "event_details": {"new": "full"}, "maximum_ahead": {"new": "1440:00:00"}, ` +
			`"handoff_return": {"new": "12:00:00"}, "minimum_notice": {"new": "01:00:00"}, "reminder_minutes": {"new": [1440, 120]}, "national_holidays": {"new": true}, ` +
			`"blocking_calendars": {"new": []}, "evolution_webhook_token": {"new": "***"}}`, nil},
		{me, "update", "tenant_config", clinic, `{"hold_time": {"new": "00:01:30", "old": "00:10:00"}, ` +
			`"evolution_webhook_token": {"new": null, "old": "***"}}`, nil},
		{me, "create", "professionals", "1", `{"name": {"new": "Ana"}, "active": {"new": true}, "phone_number": {"new": "***"}}`, nil},
		{"user:7", "delete", "professionals", "1", `{"name": {"old": "Ana"}, "active": {"old": true}, "phone_number": {"old": "***"}}`, new("request-1")},
		{me, "update", "entities", "1", `{"active": {"new": false, "old": true}}`, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the audit log: -want +got\n%s", diff)
	}
}

// TestWhoMayChangeAClinicNeedNotWriteTheAuditLog has a role of few rights change a row, and try to write the log.
func TestWhoMayChangeAClinicNeedNotWriteTheAuditLog(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	role := fmt.Sprintf("secretary_test_%d", conn.PgConn().PID()) // roles are the server's, not the database's
	for _, sql := range []string{
		`CREATE ROLE ` + role, `GRANT SELECT, UPDATE ON entities TO ` + role,
		`INSERT INTO entities (name) VALUES ('Clínica')`, `SET ROLE ` + role, `UPDATE entities SET name = 'Outra'`,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{
		`INSERT INTO audit_log (actor, action, table_name, row_id) VALUES ('user:1', 'update', 'entities', '1')`,
		`DELETE FROM audit_log`,
		`CREATE TEMPORARY TABLE forged (id int); CREATE TRIGGER forge AFTER INSERT ON forged FOR EACH ROW EXECUTE FUNCTION audit_row('id', '')`,
	} {
		if _, err := conn.Exec(ctx, sql); err == nil {
			t.Errorf("%s: got no error", sql)
		}
	}
	if _, err := conn.Exec(ctx, `RESET ROLE`); err != nil {
		t.Fatal(err)
	}
	var entries int
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM audit_log WHERE table_name = 'entities'`).Scan(&entries); err != nil || entries != 2 {
		t.Errorf("got %d entries, error %v, want 2: made and changed", entries, err)
	}
	for _, sql := range []string{`REVOKE ALL ON entities FROM ` + role, `DROP ROLE ` + role} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
