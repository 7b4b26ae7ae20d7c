package postgres_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/metering"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// yearOfSessions is what a year has at scale 1; SECRETARY_TEST_SCALE sets the scale.
const yearOfSessions = 1_000_000

// measured makes a store with a year of sessions, each of two models: of 200 entities with ten departments each, the first
// of which has a fifth. A twentieth is in room 1, where there are as many events.
func measured(b *testing.B) ports.Repositories {
	b.Helper()
	url := pgtest.URL(b)
	store, err := postgres.Open(b.Context(), postgres.Options{URL: url})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(store.Close)
	rows := strconv.Itoa(int(yearOfSessions * scale(b)))
	for _, sql := range []string{
		`INSERT INTO entities (name) SELECT 'Clínica ' || n FROM generate_series(1, 200) AS n`,
		`INSERT INTO departments (entity_id, name) SELECT 1 + (n - 1) % 200, 'Cardiologia ' || n FROM generate_series(1, 2000) AS n`,
		`INSERT INTO participants (entity_id, name, type, phone_number)
			SELECT 1 + (n - 1) % 200, 'Agente ' || n, 'AGENT', '+55' || n FROM generate_series(1, 1000) AS n`,
		`INSERT INTO rooms (name, entity_id, department_id, livekit_name)
			SELECT 'Sala ' || n, e, e + 200 * (n / 5 % 10), 'room-' || n
			FROM generate_series(1, 20000) AS n, LATERAL (SELECT CASE WHEN n % 5 = 1 THEN 1 ELSE 1 + n % 200 END AS e) AS e`,
		`INSERT INTO agent_usages (room_id, participant_id, entity_id, department_id, session_start, session_end, duration_seconds,
				total_tokens_input, total_tokens_output, total_audio_minutes, interactions_count, cost_estimate, currency, lines)
			SELECT r.id, r.entity_id, r.entity_id, r.department_id, at, at + interval '10 minutes', 600, 5000 + n, 1000, 1.5, 10, 0.25, 'USD',
				jsonb_build_array(
					jsonb_build_object('kind', 'llm', 'provider', 'openai', 'model', 'gpt-4o', 'input_tokens', 5000 + n, 'output_tokens', 1000,
						'cached_input_tokens', 1000, 'requests', 12, 'cost_micros', 200000),
					jsonb_build_object('kind', 'stt', 'provider', 'deepgram', 'model', 'nova-3', 'audio_ms', 90000, 'cost_micros', 50000))
			FROM generate_series(1, {rows}) AS n
			JOIN rooms AS r ON r.id = CASE WHEN n % 20 = 0 THEN 1 ELSE 1 + n * 7919::bigint % 20000 END,
			LATERAL (SELECT timestamptz '2025-01-01Z' + n * (interval '365 days' / {rows}) AS at) AS at`,
		`INSERT INTO room_events (room_id, name, data, created_at)
			SELECT 1, 'transcript', '{"text":"Bom dia."}', date_trunc('month', now()) + n * (interval '27 days' / ({rows} / 20))
			FROM generate_series(1, {rows} / 20) AS n`,
		`ANALYZE`,
	} {
		if err := fill(b.Context(), url, strings.ReplaceAll(sql, "{rows}", rows)); err != nil {
			b.Fatalf("%s: %v", sql, err)
		}
	}
	return store.Repositories()
}

func BenchmarkUsageReport(b *testing.B) {
	r := measured(b)
	from := time.Date(2025, time.November, 1, 0, 0, 0, 0, time.UTC)
	year := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		q    metering.ReportQuery
	}{
		{"SmallEntity/30d/ByDepartment", metering.ReportQuery{EntityID: 8, GroupBy: metering.ByDepartment, From: from}},
		{"LargeEntity/30d/ByDepartment", metering.ReportQuery{EntityID: 1, GroupBy: metering.ByDepartment, From: from}},
		{"LargeEntity/30d/ByDay", metering.ReportQuery{EntityID: 1, GroupBy: metering.ByDay, From: from}},
		{"LargeEntity/30d/ByModel", metering.ReportQuery{EntityID: 1, GroupBy: metering.ByModel, From: from}},
		{"LargeEntity/365d/ByDepartment", metering.ReportQuery{EntityID: 1, GroupBy: metering.ByDepartment, From: year}},
		{"LargeEntity/365d/ByModel", metering.ReportQuery{EntityID: 1, GroupBy: metering.ByModel, From: year}},
		{"All/30d/ByEntity", metering.ReportQuery{GroupBy: metering.ByEntity, From: from}},
		{"All/365d/ByEntity", metering.ReportQuery{GroupBy: metering.ByEntity, From: year}},
	} {
		c.q.To = from.AddDate(0, 0, 30)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				rows := 0
				err := r.UsageReports.Report(b.Context(), identity.AllEntities(), c.q, func(metering.ReportRow) error { rows++; return nil })
				if err != nil || rows == 0 {
					b.Fatalf("got %d rows, %v", rows, err)
				}
			}
		})
	}
}

func BenchmarkTimeline(b *testing.B) {
	r := measured(b)
	last := conference.TimelineEntry{At: time.Date(2025, time.July, 1, 0, 0, 0, 0, time.UTC), Kind: conference.TimelineRoomEvent, ID: 1}
	for name, cursor := range map[string]string{
		"FirstPage": "", "MiddlePage": last.Position().Encode(page.Fingerprint("timeline", identity.AllEntities(), conference.RoomID(1))),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				got, err := r.Timeline.List(b.Context(), identity.AllEntities(), 1, page.Request{Cursor: cursor})
				if err != nil || len(got.Items) != page.DefaultLimit {
					b.Fatalf("got %d entries, %v", len(got.Items), err)
				}
			}
		})
	}
}
