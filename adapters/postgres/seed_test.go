package postgres_test

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// scale is how large the seeded database is, of 200 entities with a million events; SECRETARY_TEST_SCALE sets it.
func scale(tb testing.TB) float64 {
	tb.Helper()
	text := os.Getenv("SECRETARY_TEST_SCALE")
	if text == "" {
		return 0.05
	}
	factor, err := strconv.ParseFloat(text, 64)
	if err != nil || factor <= 0 {
		tb.Fatalf("SECRETARY_TEST_SCALE is %q, want a number greater than 0", text)
	}
	return factor
}

// fewest is what a table has at least, however small the scale, unless it has less at scale 1. The entities stay as many
// as they are, too. So a query finds as small a part of a table as it would in a large database, and a table that would be
// large there has more rows than one may read as a whole.
const fewest = 2500

// seed fills one table.
type seed struct {
	table string
	rows  int    // at scale 1
	sql   string // n is the row's number, from 1; {table} is how many rows another table has, {rows} how many this one has; "" are events
}

// seeds are in groups that are filled side by side. A fifth of what tenants have is the first one's. Ids are row numbers,
// as UUIDs where a UUID is wanted.
func seeds() [][]seed {
	return [][]seed{
		{
			{"room_events", 700_000, ""},
			{"conversation_messages", 300_000, `
				(conversation_id, tenant_id, entity_id, direction, channel, external_id, kind, text, status, turn, created_at)
				SELECT pg_temp.key(c), pg_temp.key(e), e, d, 'whatsapp', 'wamid.' || n, 'text', 'Quero marcar uma consulta.',
					CASE WHEN n % 1000 = 0 THEN 'pending' ELSE 'done' END, CASE d WHEN 'in' THEN '{"replies":["Pois não?"]}'::jsonb END,
					now() - n * interval '1 minute'
				FROM rows, LATERAL (SELECT 1 + n % {conversations} AS c) AS c, LATERAL (SELECT pg_temp.entity(c) AS e) AS e,
					LATERAL (SELECT CASE WHEN n / {conversations} % 2 = 0 THEN 'in' ELSE 'out' END AS d) AS d`},
			{"agent_usages", 200_000, `
				(room_id, participant_id, entity_id, department_id, session_start, session_end, total_tokens_input, data)
				SELECT r, 1 + n % {participants}, pg_temp.entity(r), pg_temp.department(r), now() - n * interval '5 minutes',
					CASE WHEN n % 100 > 0 THEN now() - n * interval '5 minutes' + interval '4 minutes' END, n, '{"model":"gpt"}'
				FROM rows, LATERAL (SELECT 1 + n % {rooms} AS r) AS r`},
			{"model_usage", 20_000, `
				(tenant_id, entity_id, day, provider, model, calls, failures, input_tokens, cached_input_tokens, output_tokens)
				SELECT pg_temp.key(e), e, date '2026-01-01' + (n / {entities})::int, 'api.openai.com', 'gpt-4.1-mini', 9, 0, 8000, 0, 600
				FROM rows, LATERAL (SELECT 1 + n % {entities} AS e) AS e`},
			{"conversations", 40_000, `
				(conversation_id, tenant_id, entity_id, contact, state, handoff_reason, handed_at, handed_until, draft, heard_at)
				SELECT pg_temp.key(n), pg_temp.key(e), e, '+55' || n,
					(ARRAY['idle','idle','idle','idle','booked','booked','choosing_slot','confirming','handed_off','opted_out'])[1 + n / 7 % 10],
					CASE WHEN n % 100 = 0 THEN 'emergency' ELSE 'patient_asked' END,
					now() - n * interval '7 minutes', now() + n * interval '7 minutes',
					'{"purpose":"schedule"}', now() - n * interval '7 minutes'
				FROM rows, LATERAL (SELECT pg_temp.entity(n) AS e) AS e`},
			{"patients", 40_000, `
				(patient_id, tenant_id, entity_id, contact, name, name_key, phone)
				SELECT pg_temp.key(n), pg_temp.key(e), e, '+55' || n, 'Ana Lima ' || n, 'ana lima ' || n, '+55' || n
				FROM rows, LATERAL (SELECT pg_temp.entity(n) AS e) AS e`},
			{"consents", 20_000, `
				(tenant_id, entity_id, contact, purpose, granted, how, at)
				SELECT pg_temp.key(e), e, '+55' || n / 3, (ARRAY['reminders','messages'])[1 + n % 2], n % 3 = 0, 'api', now()
				FROM rows, LATERAL (SELECT pg_temp.entity(n / 3) AS e) AS e`},
		},
		{
			{"entities", 200, `(name, type, active) SELECT 'Clínica ' || n, 'medical_clinic', n % 10 > 0 FROM rows`},
			{"departments", 2000, `(entity_id, name, active) SELECT 1 + (n - 1) % {entities}, 'Cardiologia ' || n, n % 10 > 0 FROM rows`},
			{"tenant_config", 200, `
				(tenant_id, entity_id, tenant_name, evolution_instance_name)
				SELECT pg_temp.key(n), n, 'Clínica ' || n, 'instance-' || n FROM rows`},
			{"google_credentials", 2000, `
				(id, entity_id, account, token, scopes, revoked_at)
				SELECT pg_temp.key(n), 1 + (n - 1) % {entities}, 'clinica' || n || '@example.com', '\x01', '{calendar.events}', CASE WHEN n > {entities} THEN now() END
				FROM rows`},
			{"calendar_syncs", 4000, `
				(account_id, calendar_id, sync_token) SELECT pg_temp.key(1 + n % {google_credentials}), 'maria' || n || '@example.com', 'token' FROM rows`},
			{"calendar_writes", 100_000, `
				(account_id, calendar_id, appointment_id, starts_at, ends_at)
				SELECT pg_temp.key(1 + n % {entities}), 'maria' || n % 4000 || '@example.com', pg_temp.key(n), now(), now() FROM rows`},
			{"users", 10_000, `
				(email, password, phone_number, role, entity_id, active)
				SELECT 'user' || n || '@example.com', '$argon2id$' || n, '+55' || n, 'ENTITY_ADMIN', pg_temp.entity(n), n % 10 > 0 FROM rows`},
			{"api_keys", 2000, `
				(id, entity_id, name, prefix, hash)
				SELECT pg_temp.key(n), pg_temp.entity(n), 'n8n', left(md5(n::text), 8), md5(n::text) FROM rows`},
			{"refresh_tokens", 50_000, `
				(id, family, user_id, hash, expires_at)
				SELECT pg_temp.key(n), pg_temp.key(n / 10), 1 + n % {users}, md5(n::text), now() + (n - {rows} / 100) * interval '1 minute' FROM rows`},
			{"idempotency_keys", 50_000, `
				(owner, key, tenant_id, fingerprint, result, expires_at)
				SELECT 'user:' || n % {users}, 'key-' || n, CASE WHEN n % 2 = 0 THEN pg_temp.key(n % {entities}) END, md5(n::text), '{"ids":[1]}', now() + (n - {rows} / 100) * interval '1 second' FROM rows`},
			{"audit_log", 200_000, `
				(actor, action, table_name, row_id, entity_id, changes, created_at)
				SELECT 'user:' || n % {users}, 'update', (ARRAY['users','entities','professionals','appointments'])[1 + n % 4], n % 10000,
					pg_temp.entity(n), '{"active":{"old":true,"new":false}}', now() - ({rows} - n) * interval '1 minute' FROM rows`},
			{"model_prices", 5000, `
				(entity_id, provider, model_pattern, unit, price, currency, valid_from, active)
				SELECT CASE WHEN n % 20 > 0 THEN pg_temp.entity(n) END, 'openai', 'gpt-' || n, 'input_tokens', 0.0000025, 'USD', now(), n % 10 > 0
				FROM rows`},
			{"budgets", 2000, `
				(entity_id, department_id, limit_amount, currency, active)
				SELECT 1 + (n - 1) % {entities}, n, 500, 'USD', n % 10 > 0 FROM rows`},
			{"repricings", 5000, `
				(id, entity_id, from_time, to_time, status, requested_by)
				SELECT pg_temp.key(n), CASE WHEN n % 20 > 0 THEN pg_temp.entity(n) END, now() - interval '1 month', now(), 'done', 'user:1' FROM rows`},
			{"professionals", 20_000, `
				(name, email, phone_number, external_id, active)
				SELECT 'Dra. Maria ' || n, 'maria' || n || '@example.com', '+55' || n, 'crm-' || n, n % 20 > 0 FROM rows`},
			{"professional_entities", 20_000, `
				(professional_id, entity_id, department_id, active)
				SELECT n, pg_temp.entity(n), CASE WHEN n % 4 > 0 THEN pg_temp.department(n) END, n % 10 > 0 FROM rows`},
			{"participants", 100_000, `
				(entity_id, name, type, phone_number, external_id)
				SELECT pg_temp.entity(n), 'Ana Lima ' || n, (CASE WHEN n % 50 = 0 THEN 'AGENT' ELSE 'CLIENT' END)::participant_type, '+55' || n,
					'patient-' || n FROM rows`},
			{"rooms", 100_000, `
				(name, status, entity_id, department_id, professional_id, type, phone_number, external_id, livekit_name, closed_at,
					agent_status, agent_participant_id)
				SELECT 'Sala ' || n, (CASE WHEN n % 50 > 1 THEN 'CLOSED' WHEN n % 50 = 1 THEN 'OPEN' ELSE 'IN_PROGRESS' END)::room_status,
					pg_temp.entity(n), pg_temp.department(n), 1 + n % {professionals}, 'CLIENT', '+55' || n, 'visit-' || n, 'room-' || n,
					CASE WHEN n % 50 > 1 THEN now() - ({rows} - n) * interval '10 minutes' END, 'LEFT', 50 * (1 + n % ({participants} / 50))
				FROM rows`},
			{"room_participants", 200_000, `
				(room_id, participant_id) SELECT 1 + n % {rooms}, 1 + (n + n / {rooms}) % {participants} FROM rows`},
			{"room_presences", 300_000, `
				(room_id, sid, identity, participant_id, name, kind, joined_at, left_at, reason)
				SELECT r, 'PA_' || n, 'participant-' || p, p, 'Ana Lima', 'STANDARD', at, CASE WHEN r % 50 > 0 OR n % 3 = 0 THEN at + interval '9 minutes' END,
					'CLIENT_INITIATED'
				FROM rows, LATERAL (SELECT 1 + n % {rooms} AS r, 1 + n % {participants} AS p, now() - n * interval '4 minutes' AS at) AS of_it`},
			{"webhook_receipts", 50_000, `
				(source, id, received_at) SELECT 'livekit', 'EV_' || n, now() - n * interval '1 second' FROM rows`},
			{"jobs", 5000, `(kind, key, arg, run_at) SELECT 'answer', 'conversation:' || n % 1000, n, now() + n * interval '1 second' FROM rows`},
			{"river.river_job", 20_000, `
				(args, kind, max_attempts, state, finalized_at, attempted_by)
				SELECT jsonb_build_object('lane', 'conversation:' || n, 'job', n), 'head', 25,
					(CASE WHEN live THEN 'scheduled' ELSE 'completed' END)::river.river_job_state, CASE WHEN NOT live THEN now() END, '{secretary}'
				FROM rows, LATERAL (SELECT n <= 1000 AS live) AS live`},
		},
		{
			{"agent_session_events", 300_000, ""},
			{"clinic_professionals", 4000, `
				(professional_id, tenant_id, entity_id, directory_professional_id, professional_name, professional_slug, specialty,
					specialty_keywords, google_calendar_id, is_active)
				SELECT pg_temp.key(n), pg_temp.key(e), e, n, 'Dra. Maria ' || n, 'maria-' || n, 'Cardiologia', '{coração}',
					'maria' || n || '@example.com', n % 10 > 0
				FROM rows, LATERAL (SELECT 1 + (n - 1) % {entities} AS e) AS e`},
			{"professional_services", 8000, `
				(service_id, professional_id, tenant_id, entity_id, service_name, service_slug, price_cents, is_active)
				SELECT pg_temp.key(n), pg_temp.key(p), pg_temp.key(e), e, 'Botox ' || n, 'botox-' || n, 120000, n % 10 > 0
				FROM rows, LATERAL (SELECT 1 + (n - 1) % {clinic_professionals} AS p) AS p, LATERAL (SELECT 1 + (p - 1) % {entities} AS e) AS e`},
			{"appointments", 100_000, `
				(appointment_id, tenant_id, entity_id, professional_id, google_calendar_id, patient_name, patient_phone, contact, starts_at,
					ends_at, blocked_from, blocked_until, group_id, status, held_until, patient_id)
				SELECT pg_temp.key(n), pg_temp.key(e), e, pg_temp.key(p), 'maria' || p || '@example.com', 'Ana Lima', '+55' || n,
					'+55' || n % {conversations}, at, at + interval '25 minutes', at, at + interval '35 minutes',
					CASE WHEN n % 20 < 2 THEN pg_temp.key(n / 20) END,
					(CASE WHEN n % 100 = 0 THEN 'held' WHEN n % 10 < 7 THEN 'confirmed' ELSE 'cancelled' END)::appointment_status,
					CASE WHEN n % 100 = 0 THEN now() + (n - {rows} / 100) * interval '1 second' END,
					CASE WHEN n % 4 > 0 THEN pg_temp.key(1 + n % {patients}) END
				FROM rows, LATERAL (SELECT now() + (n - {rows} / 2) * interval '35 minutes' AS at) AS at, LATERAL (
					SELECT CASE WHEN n % 5 = 0 THEN 1 + {entities} * (n / 5 % ({clinic_professionals} / {entities})) ELSE 1 + n % {clinic_professionals} END AS p
				) AS p, LATERAL (SELECT 1 + (p - 1) % {entities} AS e) AS e`},
			{"calendar_events", 100_000, `
				(tenant_id, calendar_id, event_id, professional_id, appointment_id, summary, starts_at, ends_at)
				SELECT pg_temp.key(e), 'maria' || p || '@example.com', 'sec' || n, pg_temp.key(p), pg_temp.key(n), 'Consulta', at, at + interval '25 minutes'
				FROM rows, LATERAL (SELECT now() + (n - {rows} / 2) * interval '35 minutes' AS at) AS at,
					LATERAL (SELECT 1 + n % {clinic_professionals} AS p) AS p, LATERAL (SELECT 1 + (p - 1) % {entities} AS e) AS e`},
		},
	}
}

// insert makes the statement of a seed.
func (s seed) insert(sizes ...string) string {
	sql := `WITH rows AS (SELECT generate_series(1, {rows}) AS n) INSERT INTO ` + s.table + s.sql
	if s.sql == "" {
		sql = strings.ReplaceAll(events, "{events}", s.table)
	}
	return strings.NewReplacer(sizes...).Replace(sql)
}

// events are of this month and the 23 before it. One room has many. They are put into tables that only then become
// partitions, because an index is made much faster at once than row by row.
const events = `DO $do$
	DECLARE
		v_month timestamptz;
		v_part  text;
	BEGIN
		SET LOCAL timezone = 'UTC';
		FOR i IN 0..23 LOOP
			v_month := date_trunc('month', now()) - make_interval(months => 23 - i);
			v_part := '{events}_p' || to_char(v_month, 'YYYYMM');
			IF to_regclass(v_part) IS NULL THEN
				EXECUTE format('CREATE TABLE %I (LIKE {events} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', v_part);
			END IF;
			EXECUTE format($sql$
				INSERT INTO %I (room_id, name, data, created_at)
				SELECT CASE WHEN n %% 50 = 0 THEN 1 ELSE 1 + n * 7919::bigint %% {rooms} END, 'transcript_' || n %% 20,
					'{"text":"Bom dia."}', $1 + nth * (interval '27 days' / ({rows} / 24))
				FROM generate_series(1, {rows} / 24) AS nth, LATERAL (SELECT nth + $2 * ({rows} / 24) AS n) AS n$sql$, v_part) USING v_month, i;
		END LOOP;
	END;
$do$`

// seeded makes a database as an installation of some years has it, and returns its URL.
func seeded(t *testing.T) string {
	t.Helper()
	url, factor := pgtest.URL(t), scale(t)
	if !one[bool](t, connect(t, url), `SELECT rolsuper FROM pg_roles WHERE rolname = current_user`) {
		t.Skip("a large database is filled without triggers, which only a superuser can do")
	}
	count := func(s seed) string { return strconv.Itoa(max(int(float64(s.rows)*factor), min(s.rows, fewest))) }
	var sizes []string
	for _, s := range slices.Concat(seeds()...) {
		sizes = append(sizes, "{"+s.table+"}", count(s))
	}
	var all sync.WaitGroup
	for _, group := range seeds() {
		all.Go(func() {
			for _, s := range group {
				if err := fill(t.Context(), url, s.insert(slices.Concat(sizes, []string{"{rows}", count(s)})...)); err != nil {
					t.Errorf("filling %s: %v", s.table, err)
				}
			}
		})
	}
	all.Wait()
	for _, table := range []string{"room_events", "agent_session_events"} {
		all.Go(func() {
			err := fill(t.Context(), url, `SELECT ensure_month_partitions('`+table+`', 23, now() - interval '23 months')`)
			if err != nil {
				t.Errorf("making the partitions of %s: %v", table, err)
			}
		})
	}
	all.Wait()
	if err := fill(t.Context(), url, `ANALYZE`); err != nil {
		t.Error(err)
	}
	if t.Failed() {
		t.FailNow()
	}
	return url
}

// fill runs one statement on a connection of its own.
func fill(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, `
		SET session_replication_role = replica; -- without triggers, those of foreign keys included, tables fill in any order
		SET search_path = public;
		CREATE FUNCTION pg_temp.key(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
			AS $$ SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
		CREATE FUNCTION pg_temp.entity(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
			AS $$ SELECT CASE WHEN n % 5 = 0 THEN 1 ELSE 1 + n % 200 END $$;
		CREATE FUNCTION pg_temp.department(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
			AS $$ SELECT pg_temp.entity(n) + 200 * (n % 10) $$`)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return err
}
