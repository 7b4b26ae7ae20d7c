package migration

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// QueueSchema is the schema of the job queue's tables.
const QueueSchema = "river"

// queueFiles returns the job queue's own migrations.
func queueFiles() ([]file, error) {
	migrator, err := newQueueMigrator(nil)
	if err != nil {
		return nil, err
	}
	var files []file
	for _, m := range migrator.AllVersions() {
		files = append(files, file{version: queueVersion(m.Version), name: strings.ReplaceAll(m.Name, " ", "_")})
	}
	return files, nil
}

// upQueue applies the job queue's migrations that are missing. They are transactions of their own.
func upQueue(ctx context.Context, pool *pgxpool.Pool) (applied []string, err error) {
	migrator, err := newQueueMigrator(pool)
	if err != nil {
		return nil, err
	}
	result, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return nil, fmt.Errorf("migrations of the job queue: %w", err)
	}
	for _, v := range result.Versions {
		applied = append(applied, queueVersion(v.Version))
	}
	return applied, nil
}

// queueVersion is written the same way by the query that reads what was applied.
func queueVersion(version int) string { return fmt.Sprintf("river %03d", version) }

func newQueueMigrator(pool *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	return rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{
		Schema: QueueSchema,
		Logger: slog.New(slog.DiscardHandler), // it logs whole statements
	})
}
