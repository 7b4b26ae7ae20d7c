package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/secretary-api/secretary/adapters/postgres/migration"
)

// migrate brings the database up to date, or tells how far it is.
func (p *program) migrate(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "up" && args[0] != "status" {
		return usagef("the commands are: secretary migrate up, secretary migrate status")
	}
	fs := p.flags("migrate " + args[0])
	cfg, err := loadConfig(fs, args[1:], p.getenv)
	if err != nil {
		return err
	}
	if cfg.Store != storePostgres {
		return errors.New("DATABASE_URL must name the database")
	}
	if args[0] == "up" {
		return p.migrateUp(ctx, cfg)
	}
	return p.migrateStatus(ctx, cfg)
}

func (p *program) migrateUp(ctx context.Context, cfg Config) error {
	applied, err := migration.Up(ctx, cfg.DatabaseURL.reveal(), newLogger(cfg, p.stderr))
	for _, name := range applied {
		fmt.Fprintln(p.stdout, "applied", name)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, "the database is up to date")
	return nil
}

func (p *program) migrateStatus(ctx context.Context, cfg Config) error {
	files, err := migration.Status(ctx, cfg.DatabaseURL.reveal())
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	pending := 0
	for _, f := range files {
		when := "pending"
		if f.Applied {
			when = "applied"
			if !f.AppliedAt.IsZero() {
				when += " " + f.AppliedAt.UTC().Format(time.DateTime) + " UTC"
			}
		} else {
			pending++
		}
		if f.Note != "" {
			when += ": " + f.Note
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Version, f.Name, when)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if pending > 0 {
		fmt.Fprintf(p.stdout, "%d to apply: secretary migrate up\n", pending)
	}
	return nil
}
