// Schema-diff is the developer's tool for migrations:
//
//	schema-diff NAME    write migrations/<UTC time>_NAME.sql with what schema.hcl has and the migrations lack
//	schema-diff -check  fail, and say what is missing, when the migrations do not lead to schema.hcl
//	schema-diff -hash   write atlas.sum again, after a file was written or changed by hand
//
// It runs in the root of the project. The first two need a PostgreSQL server where they may make a scratch database, given
// by -dev URL or ATLAS_DEV_URL; make migrate-diff and make migrate-check start one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"

	"ariga.io/atlas/sql/migrate"

	"github.com/secretary-api/secretary/adapters/postgres/migration/plan"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, ".", os.Args[1:], os.Getenv, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "schema-diff:", err)
		os.Exit(1)
	}
}

// run does what the arguments say in the project whose root is given.
func run(ctx context.Context, root string, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("schema-diff", flag.ContinueOnError)
	check := flags.Bool("check", false, "fail when the migrations do not lead to schema.hcl")
	hash := flags.Bool("hash", false, "write atlas.sum again")
	devURL := flags.String("dev", getenv("ATLAS_DEV_URL"), "`URL` of a server where a scratch database may be made")
	if err := flags.Parse(args); err != nil {
		return err
	}
	name := flags.Arg(0)
	if given := len(flags.Args()); given > 1 || (given == 1) == (*check || *hash) || *check && *hash {
		return errors.New("say one of NAME, -check and -hash")
	}
	dir, err := migrate.NewLocalDir(filepath.Join(root, "migrations"))
	if err != nil {
		return err
	}
	switch {
	case *hash:
		return writeSum(dir)
	case *devURL == "":
		return errors.New("no server: give -dev URL or ATLAS_DEV_URL, or use make migrate-diff name=... and make migrate-check")
	case !*check && !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(name):
		return fmt.Errorf("%q is no name for a migration: use small letters, digits and underscores", name)
	}
	desired, err := readDesired(root)
	if err != nil {
		return err
	}
	return diff(ctx, *devURL, dir, desired, name, out)
}

func writeSum(dir migrate.Dir) error {
	sum, err := dir.Checksum()
	if err != nil {
		return err
	}
	return migrate.WriteSumFile(dir, sum)
}

// readDesired reads what the migrations should lead to.
func readDesired(root string) (desired plan.Desired, err error) {
	files := os.DirFS(root)
	if desired.Schema, err = fs.ReadFile(files, "schema.hcl"); err != nil {
		return desired, err
	}
	settings, err := fs.ReadFile(files, "atlas.hcl")
	if err != nil {
		return desired, err
	}
	desired.Exclude, err = plan.Excluded(settings)
	return desired, err
}

// diff writes the migration of the given name, or complains about what is missing when there is no name.
func diff(ctx context.Context, devURL string, dir migrate.Dir, desired plan.Desired, name string, out io.Writer) error {
	if err := migrate.Validate(dir); err != nil {
		return fmt.Errorf("%w: a file differs from atlas.sum; after a change by hand run schema-diff -hash", err)
	}
	planner, missing, err := plan.Diff(ctx, devURL, dir, desired, name)
	switch {
	case errors.Is(err, migrate.ErrNoPlan):
		fmt.Fprintln(out, "the migrations lead to schema.hcl")
		return nil
	case err != nil:
		return err
	case name != "":
		if err := comeLast(dir, missing, time.Now().UTC()); err != nil {
			return err
		}
		if err := planner.WritePlan(missing); err != nil {
			return err
		}
		files, err := dir.Files()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "wrote %s: read it before it is committed\n", files[len(files)-1].Name())
		return nil
	}
	for _, change := range missing.Changes {
		fmt.Fprintln(out, change.Cmd+";")
	}
	return errors.New("the migrations do not lead to schema.hcl: make migrate-diff with a name writes what is missing")
}

// comeLast gives a migration the version of the present, or the one after the last when that is later: clocks differ, and
// files are applied in the order of their versions.
func comeLast(dir migrate.Dir, p *migrate.Plan, now time.Time) error {
	const version = "20060102150405"
	files, err := dir.Files()
	if err != nil {
		return err
	}
	p.Version = now.Format(version)
	if len(files) == 0 || files[len(files)-1].Version() < p.Version {
		return nil
	}
	last, err := time.Parse(version, files[len(files)-1].Version())
	p.Version = last.Add(time.Second).Format(version)
	return err
}
