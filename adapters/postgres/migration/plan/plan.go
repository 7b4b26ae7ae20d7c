// Package plan finds what is missing between schema.hcl and the migrations. It serves the developer's tool and the tests;
// the service itself never plans a migration.
package plan

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlclient"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/jackc/pgx/v5/stdlib"
)

// Desired is what the migrations should lead to.
type Desired struct {
	Schema  []byte   // the text of schema.hcl
	Exclude []string // objects that schema.hcl cannot declare but an inspection of the database sees, see [Excluded]
}

// Diff runs the migrations in a scratch database that it makes on the server of the admin URL, and compares what they
// made with the desired schema. The changes that are missing are a plan of the given name, which its planner can write to
// the directory; without any the error is [migrate.ErrNoPlan].
func Diff(ctx context.Context, adminURL string, dir migrate.Dir, desired Desired, name string) (_ *migrate.Planner, _ *migrate.Plan, err error) {
	scratch, drop, err := makeScratch(ctx, adminURL)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, drop()) }()

	registerDriver()
	dev, err := sqlclient.Open(ctx, scratch)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()

	want := migrate.StateReaderFunc(func(ctx context.Context) (*schema.Realm, error) {
		var s schema.Schema
		if err := postgres.EvalHCLBytes(desired.Schema, &s, nil); err != nil {
			return nil, fmt.Errorf("schema.hcl: %w", err)
		}
		normalizer, ok := dev.Driver.(schema.Normalizer)
		if !ok {
			return nil, fmt.Errorf("%T cannot normalize a schema", dev.Driver)
		}
		normal, err := normalizer.NormalizeSchema(ctx, &s)
		if err != nil {
			return nil, fmt.Errorf("schema.hcl: %w", err)
		}
		return migrate.Schema(normal).ReadState(ctx)
	})
	planner := migrate.NewPlanner(dev.Driver, dir,
		migrate.PlanWithSchemaQualifier(""),
		migrate.PlanWithIndent("  "),
		migrate.PlanWithMode(migrate.PlanModeDeferred),
		migrate.PlanWithExclude(desired.Exclude...),
		// Without this a changed expression of a check is not seen.
		migrate.PlanWithDiffOptions(schema.DiffNormalized()),
	)
	plan, err := planner.PlanSchema(ctx, name, want)
	return planner, plan, err
}

// Excluded reads the list of objects that are left out of the comparison from the text of atlas.hcl, where it is declared
// once for the Atlas command and for this package: the local value "exclude".
func Excluded(atlasHCL []byte) ([]string, error) {
	file, diags := hclparse.NewParser().ParseHCL(atlasHCL, "atlas.hcl")
	if diags.HasErrors() {
		return nil, diags
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return nil, fmt.Errorf("atlas.hcl is a %T", file.Body)
	}
	for _, block := range body.Blocks {
		if attribute := block.Body.Attributes["exclude"]; block.Type == "locals" && attribute != nil {
			value, diags := attribute.Expr.Value(nil)
			if diags.HasErrors() {
				return nil, diags
			}
			var list []string
			for _, item := range value.AsValueSlice() {
				list = append(list, item.AsString())
			}
			return list, nil
		}
	}
	return nil, errors.New(`atlas.hcl declares no local value "exclude"`)
}

// makeScratch creates an empty database. A used one would not do: what an earlier run left there, such as a function with
// another result, changes the answer.
func makeScratch(ctx context.Context, adminURL string) (scratchURL string, drop func() error, err error) {
	u, err := url.Parse(adminURL)
	if err != nil || u.Host == "" {
		return "", nil, errors.New("the URL of the scratch server must look like postgres://user@host:port/postgres")
	}
	admin, err := sql.Open("pgx", adminURL)
	if err != nil {
		return "", nil, err
	}
	name := "schema_diff_" + strings.ToLower(rand.Text())
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return "", nil, errors.Join(fmt.Errorf("making a scratch database: %w", err), admin.Close())
	}
	u.Path = "/" + name
	query := u.Query()
	query.Set("search_path", "public") // compares this schema alone, not the whole database
	u.RawQuery = query.Encode()
	return u.String(), func() error {
		_, err := admin.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		return errors.Join(err, admin.Close())
	}, nil
}

// driver keeps the registration to once for the process.
var driver sync.Mutex //nolint:gochecknoglobals // database/sql keeps its drivers for the process, and so must this

// registerDriver gives Atlas, which opens the driver "postgres", the one that the service uses.
func registerDriver() {
	driver.Lock()
	defer driver.Unlock()
	if !slices.Contains(sql.Drivers(), "postgres") {
		sql.Register("postgres", stdlib.GetDefaultDriver())
	}
}
