package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/ports/porttest"
)

func TestSearchContract(t *testing.T) {
	t.Parallel()
	porttest.RunSearch(t, func(t *testing.T) porttest.SearchStore {
		t.Helper()
		store, pool := searchStore(t)
		return porttest.SearchStore{Store: storeOf(store), Searcher: sqlSearch{pool}}
	})
}

// searchStore opens a new database, once as a store and once for SQL by hand.
func searchStore(tb testing.TB) (*postgres.Store, *pgxpool.Pool) {
	tb.Helper()
	url := pgtest.URL(tb)
	store, err := postgres.Open(tb.Context(), postgres.Options{URL: url})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(store.Close)
	pool, err := pgxpool.New(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return store, pool
}

// sqlSearch asks the SQL functions, as an integration does.
type sqlSearch struct{ pool *pgxpool.Pool }

func (s sqlSearch) BySpecialty(ctx context.Context, tenant agenda.TenantID, q string) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT professional_name
		FROM find_professional_by_specialty(p_tenant_id := $1, p_search_text := $2)`, tenant, q)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (s sqlSearch) ByService(ctx context.Context, tenant agenda.TenantID, q string) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT professional_name || ': ' || service_name
		FROM find_professional_by_service(p_tenant_id := $1, p_search_text := $2)`, tenant, q)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// query runs a query and reads each row into a struct by position.
func queryAll[R any](tb testing.TB, pool *pgxpool.Pool, sql string, args ...any) []R {
	tb.Helper()
	rows, err := pool.Query(tb.Context(), sql, args...)
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[R])
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	return out
}

// TestSearchFindsWhatCoreFinds compares whole answers: order, scores and reasons, over searches that nobody thought of.
func TestSearchFindsWhatCoreFinds(t *testing.T) {
	t.Parallel()
	store, pool := searchStore(t)
	f := porttest.NewFixtures(t, storeOf(store))
	at := porttest.StoreSearchClinic(f).Clinic
	dir, err := f.Clinics.Directory(t.Context(), identity.AllEntities(), at.ID)
	if err != nil {
		t.Fatal(err)
	}
	write := newWriter()
	write.learn("quero uma consulta com um bom cardiolgista", "dentista médico da pele nefrologista neurologia")
	for _, p := range dir.Professionals {
		write.learn(append(p.SpecialtyKeywords, p.Specialty)...)
	}
	for _, s := range dir.Services {
		write.learn(append(s.Keywords, s.Name)...)
	}
	var searches []string
	for range 150 {
		searches = append(searches, write.phrase())
	}
	answers := 0
	for _, kind := range []struct {
		find func(string) []agenda.Match
		sql  string
	}{
		{dir.FindBySpecialty, `SELECT q, professional_id::text, '', score, reason FROM unnest($2::text[]) WITH ORDINALITY AS s (q, n)
			CROSS JOIN LATERAL find_professional_by_specialty($1, q) WITH ORDINALITY AS f (professional_id, b, c, d, e, f, score, reason, place)
			ORDER BY n, place`},
		{dir.FindByService, `SELECT q, professional_id::text, service_id::text, score, reason FROM unnest($2::text[]) WITH ORDINALITY AS s (q, n)
			CROSS JOIN LATERAL find_professional_by_service($1, q) WITH ORDINALITY
				AS f (professional_id, b, c, d, e, f, score, reason, service_id, g, h, i, place)
			ORDER BY n, place`},
	} {
		type match struct {
			Search, Professional, Service string
			Score                         float32
			Reason                        string
		}
		var want []match
		for _, q := range searches {
			for _, m := range kind.find(q) {
				found := match{Search: q, Professional: m.Professional.ID.String(), Score: float32(m.Score), Reason: m.Reason}
				if m.Service != nil {
					found.Service = m.Service.ID.String()
				}
				want = append(want, found)
			}
		}
		got := queryAll[match](t, pool, kind.sql, at.ID, searches)
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
			t.Errorf("-core +SQL\n%s", diff)
		}
		answers += len(got)
	}
	if answers < len(searches) {
		t.Errorf("%d searches have %d answers: the searches test little", len(searches), answers)
	}
}

func TestSearchOfNothingAnswersNothing(t *testing.T) {
	t.Parallel()
	store, pool := searchStore(t)
	at := porttest.StoreSearchClinic(porttest.NewFixtures(t, storeOf(store))).Clinic
	for _, sql := range []string{
		`find_professional_by_specialty(p_tenant_id := $1::uuid, p_search_text := NULL)`,
		`find_professional_by_service(p_tenant_id := $1::uuid, p_search_text := NULL)`,
		`find_professional_by_specialty(p_tenant_id := nullif($1::uuid, $1), p_search_text := 'cardiologista')`,
		`find_professional_by_service(p_tenant_id := nullif($1::uuid, $1), p_search_text := 'botox')`,
		`get_tenant_professionals(p_tenant_id := nullif($1::uuid, $1))`,
		`get_tenant_with_professionals(p_tenant_id := nullif($1::uuid, $1))`,
	} {
		var n int
		if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM `+sql, at.ID.UUID).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d rows and error %v, want none", sql, n, err)
		}
	}
}

// TestSearchBearsWhatOnlySQLCanStore writes keywords that the service would refuse.
func TestSearchBearsWhatOnlySQLCanStore(t *testing.T) {
	t.Parallel()
	store, pool := searchStore(t)
	f := porttest.NewFixtures(t, storeOf(store))
	all := porttest.StoreSearchClinic(f)
	for _, sql := range []string{
		`UPDATE clinic_professionals SET specialty_keywords = ARRAY[NULL, '', '%', 'tremor'] WHERE professional_name = 'Rui'`,
		`UPDATE clinic_professionals SET specialty = '' WHERE professional_name = 'Eva'`,
		`UPDATE professional_services SET service_keywords = ARRAY[NULL, '', 'rotina'], service_name = '' WHERE service_name = 'Check-up'`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	search := sqlSearch{pool}
	got, err := search.BySpecialty(t.Context(), all.Clinic.ID, "tremor")
	if want := []string{"Rui"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("by speciality: got %v and error %v, want %v", got, err, want)
	}
	got, err = search.ByService(t.Context(), all.Clinic.ID, "rotina")
	if want := []string{"Pedro: "}; err != nil || !slices.Equal(got, want) {
		t.Errorf("by service: got %v and error %v, want %v", got, err, want)
	}
}

func TestTenantFunctionsListWhatIsActive(t *testing.T) {
	t.Parallel()
	store, pool := searchStore(t)
	f := porttest.NewFixtures(t, storeOf(store))
	all := porttest.StoreSearchClinic(f)
	dir, err := f.Clinics.Directory(t.Context(), identity.AllEntities(), all.Clinic.ID)
	if err != nil {
		t.Fatal(err)
	}
	type listed struct {
		Name     string
		Keywords []string
		Calendar string
		Minutes  int
		Services []string // name and price
	}
	var want []listed
	for _, p := range dir.Professionals {
		row := listed{Name: p.Name, Keywords: p.SpecialtyKeywords, Calendar: p.GoogleCalendarID, Minutes: p.ConsultationMinutes}
		for _, s := range dir.ServicesOf(p.ID) {
			row.Services = append(row.Services, fmt.Sprintf("%s %d", s.Name, s.PriceCents))
		}
		want = append(want, row)
	}
	const columns = `professional_name, specialty_keywords, google_calendar_id, consultation_duration_default,
		ARRAY(SELECT concat_ws(' ', s ->> 'service_name', s ->> 'price_cents') FROM jsonb_array_elements(services) AS s)`
	got := queryAll[listed](t, pool, `SELECT `+columns+` FROM get_tenant_professionals(p_tenant_id := $1)`, all.Clinic.ID)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("get_tenant_professionals: -directory +SQL\n%s", diff)
	}
	got = queryAll[listed](t, pool, `SELECT `+columns+` FROM get_tenant_with_professionals(p_tenant_id := $1) AS c
		CROSS JOIN LATERAL jsonb_to_recordset(c.professionals) AS p (professional_name text, specialty_keywords text[],
			google_calendar_id text, consultation_duration_default integer, services jsonb)`, all.Clinic.ID)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("get_tenant_with_professionals: -directory +SQL\n%s", diff)
	}

	type configured struct {
		ID, Name, Instance, Credential, Prompt, TimeZone string
	}
	c := all.Clinic
	rows := queryAll[configured](t, pool, `SELECT tenant_id::text, tenant_name, evolution_instance_name, google_oauth_credential_id,
		system_prompt, timezone FROM get_tenant_with_professionals(p_tenant_id := $1)`, c.ID)
	if diff := cmp.Diff([]configured{{c.ID.String(), c.Name, c.EvolutionInstance, c.GoogleOAuthCredentialID, c.SystemPrompt, c.TimeZone}}, rows); diff != "" {
		t.Errorf("the clinic: -want +got\n%s", diff)
	}
	var whole string
	if err := pool.QueryRow(t.Context(), `SELECT to_jsonb(t)::text FROM get_tenant_with_professionals($1) AS t`, c.ID).Scan(&whole); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(whole, c.WebhookToken) || !json.Valid([]byte(whole)) {
		t.Errorf("the whole row holds the webhook's token, or is no JSON: %s", whole)
	}

	if _, err := f.Clinics.Update(t.Context(), identity.AllEntities(), c.ID, func(v *agenda.Clinic) error {
		v.Active = false
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM get_tenant_with_professionals($1))
		+ (SELECT count(*) FROM get_tenant_professionals($1))`, c.ID).Scan(&n); err != nil || n != 0 {
		t.Errorf("a deactivated clinic: %d rows and error %v, want none", n, err)
	}
}

// manyClinics is a full database: 40 clinics of 50 professionals with 3 services each. It returns one of the clinics.
func manyClinics(tb testing.TB, pool *pgxpool.Pool) (tenant string) {
	tb.Helper()
	if _, err := pool.Exec(tb.Context(), `
		INSERT INTO entities (name) SELECT 'Clínica ' || n FROM generate_series(1, 40) AS n;
		INSERT INTO professionals (name, phone_number) SELECT 'Dr. Fulano ' || n, '+551190000' || n FROM generate_series(1, 50) AS n;
		INSERT INTO tenant_config (entity_id, tenant_name) SELECT id, name FROM entities;
		INSERT INTO clinic_professionals (tenant_id, entity_id, directory_professional_id, professional_name, professional_slug,
			specialty, specialty_keywords, google_calendar_id)
		SELECT c.tenant_id, c.entity_id, p.id, p.name, 'p' || p.id,
			(ARRAY['Cardiologista', 'Clínico Geral', 'Psicóloga', 'Ortopedista e traumatologista', 'Estética'])[1 + p.id % 5],
			ARRAY['coração', 'pressão alta', 'pele', 'queda de cabelo', 'febre'], 'calendar-' || p.id
		FROM tenant_config AS c CROSS JOIN professionals AS p;
		INSERT INTO professional_services (professional_id, tenant_id, entity_id, service_name, service_slug, service_keywords, price_cents)
		SELECT p.professional_id, p.tenant_id, p.entity_id, s.name, 's' || s.n, ARRAY['toxina', 'rugas', 'linhas de expressão'], 100
		FROM clinic_professionals AS p
		CROSS JOIN unnest(ARRAY['Botox', 'Limpeza de pele', 'Avaliação física']) WITH ORDINALITY AS s (name, n);
		ANALYZE;`); err != nil {
		tb.Fatal(err)
	}
	if err := pool.QueryRow(tb.Context(), `SELECT tenant_id::text FROM tenant_config ORDER BY entity_id OFFSET 20 LIMIT 1`).Scan(&tenant); err != nil {
		tb.Fatal(err)
	}
	return tenant
}

// tenantFunctions are the calls of integrations; $1 is the clinic.
func tenantFunctions() map[string]string {
	return map[string]string{
		"Specialty": `find_professional_by_specialty($1, 'quero um cardilogista')`,
		"Keyword":   `find_professional_by_specialty($1, 'tenho pressão alta')`,
		"Service":   `find_professional_by_service($1, 'fazer limpeza de pele')`,
		"List":      `get_tenant_professionals($1)`,
		"Clinic":    `get_tenant_with_professionals($1)`,
	}
}

func TestTenantFunctionsFindTheClinicByIndex(t *testing.T) {
	t.Parallel()
	_, pool := searchStore(t)
	tenant := manyClinics(t, pool)
	for name, call := range tenantFunctions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
				// What the session counted before and has not reported yet is counted too.
				const scans = `SELECT sum(seq_scan) FROM pg_stat_xact_user_tables WHERE relname IN ('clinic_professionals', 'professional_services')`
				var found, before, after int
				if err := tx.QueryRow(t.Context(), scans).Scan(&before); err != nil {
					return err
				}
				if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM `+call, tenant).Scan(&found); err != nil {
					return err
				}
				if err := tx.QueryRow(t.Context(), scans).Scan(&after); err != nil {
					return err
				}
				if found == 0 || before != after {
					t.Errorf("%s: found %d by %d sequential scans, want some by none", call, found, after-before)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func BenchmarkTenantFunctions(b *testing.B) {
	_, pool := searchStore(b)
	tenant := manyClinics(b, pool)
	for name, call := range tenantFunctions() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var found int
				if err := pool.QueryRow(b.Context(), `SELECT count(*) FROM `+call, tenant).Scan(&found); err != nil || found == 0 {
					b.Fatalf("found %d and error %v, want some", found, err)
				}
			}
		})
	}
}
