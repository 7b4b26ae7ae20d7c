package postgres_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// entityNames are what the list of entities has.
func entityNames(ctx context.Context, t *testing.T, r ports.Repositories) string {
	t.Helper()
	found, err := r.Entities.List(ctx, identity.AllEntities(), clinic.EntityFilter{}, page.Request{})
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	var names []string
	for _, v := range found.Items {
		names = append(names, v.Name)
	}
	return strings.Join(names, ", ")
}

func TestAReplicaServesLists(t *testing.T) {
	t.Parallel()
	replica := pgtest.URL(t) // it has something else, so that one sees who answers
	if _, err := connect(t, replica).Exec(t.Context(), `INSERT INTO entities (name) VALUES ('of the replica')`); err != nil {
		t.Fatal(err)
	}
	d := newFrontDesk(t, func(o *postgres.Options) { o.ReplicaURL = replica })
	entity := d.Entity()
	if got := entityNames(t.Context(), t, d.Fixtures.Repositories); got != "of the replica" {
		t.Errorf("a list has %q, want what the replica has", got)
	}
	got, err := d.Entities.Get(t.Context(), identity.AllEntities(), entity.ID)
	if err != nil || got.Name != entity.Name {
		t.Errorf("Get: got %q and error %v, want what the database has", got.Name, err)
	}
	entries, err := d.AuditLog.List(t.Context(), identity.AllEntities(), identity.AuditFilter{}, page.Request{Limit: 2})
	if err != nil || len(entries.Items) != 1 || !strings.HasPrefix(entries.Items[0].Actor, "database:") {
		t.Errorf("the audit log: got %v and error %v, want what the replica has", entries, err)
	}
	err = d.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		if got := entityNames(ctx, t, r); got != entity.Name {
			t.Errorf("a list in a transaction has %q, want what the database has", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheDatabaseServesTheListsOfAReplicaThatIsAway(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d := newFrontDesk(t, func(o *postgres.Options) {
		o.ReplicaURL, o.Log = "postgres://secretary:s3cr3t@127.0.0.1:1/secretary", slog.New(slog.NewTextHandler(&log, nil))
	})
	entity := d.Entity()
	for range 3 {
		if got := entityNames(t.Context(), t, d.Fixtures.Repositories); got != entity.Name {
			t.Errorf("a list has %q, want what the database has", got)
		}
	}
	if got := log.String(); strings.Count(got, "level=WARN") != 1 || strings.Contains(got, "s3cr3t") {
		t.Errorf("got the log\n%s\nwant one warning, without the password", got)
	}
}

func TestAListThatTheReplicaCancelsIsTheDatabases(t *testing.T) {
	t.Parallel()
	replica := pgtest.URL(t)
	var log bytes.Buffer
	d := newFrontDesk(t, func(o *postgres.Options) {
		o.ReplicaURL, o.Log = with(replica, "lock_timeout", "20"), slog.New(slog.NewTextHandler(&log, nil))
	})
	entity, busy := d.Entity(), connect(t, replica)
	for _, sql := range []string{`INSERT INTO entities (name) VALUES ('of the replica')`, `BEGIN`, `LOCK TABLE entities`} {
		if _, err := busy.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if got := entityNames(t.Context(), t, d.Fixtures.Repositories); got != entity.Name {
		t.Errorf("a list has %q, want what the database has", got)
	}
	if _, err := busy.Exec(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if got := entityNames(t.Context(), t, d.Fixtures.Repositories); got != "of the replica" {
		t.Errorf("the next list has %q, want what the replica has", got)
	}
	if log.Len() > 0 {
		t.Errorf("got the log\n%s\nwant nothing: the replica was there", log.String())
	}
}
