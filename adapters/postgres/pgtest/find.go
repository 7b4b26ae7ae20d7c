package pgtest

import (
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Find returns the rows of all tables, those of the queue among them, that hold any of the words, whatever their case:
// "public.patients: (…)".
func (j *Jobs) Find(words ...string) []string {
	j.tb.Helper()
	ctx := j.tb.Context()
	db, err := pgx.Connect(ctx, j.url)
	if err != nil {
		j.tb.Fatalf("connecting to search: %v", err)
	}
	defer func() { _ = db.Close(ctx) }()
	query := func(sql string, args ...any) []string {
		j.tb.Helper()
		rows, err := db.Query(ctx, sql, args...)
		if err != nil {
			j.tb.Fatalf("searching: %v", err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			j.tb.Fatalf("searching: %v", err)
		}
		return found
	}
	var found []string
	for _, table := range query(`SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables
		WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`) {
		for _, row := range query(`SELECT r::text FROM `+table+` AS r
			WHERE EXISTS (SELECT FROM unnest($1::text[]) AS w (word) WHERE strpos(lower(r::text), lower(word)) > 0)`, words) {
			found = append(found, fmt.Sprintf("%s: %s", table, row))
		}
	}
	return found
}
