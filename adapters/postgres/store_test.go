package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/clinic"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/page"
	"github.com/secretary-api/secretary/ports"
)

// wantUnavailable checks that a caller is told to come again.
func wantUnavailable(t *testing.T, what string, err error, code string) {
	t.Helper()
	told, is := errors.AsType[*errs.Error](err)
	if !is || told.Kind != errs.Unavailable || told.Code != code || told.Retry <= 0 {
		t.Errorf("%s: got error %v, want Unavailable %q and when to try again", what, err, code)
	}
}

// with adds a parameter to the URL of a database.
func with(database, name, value string) string {
	u, err := url.Parse(database)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func rename(to string) func(*clinic.Entity) error {
	return func(v *clinic.Entity) error {
		v.Name = to
		return nil
	}
}

func (d frontDesk) rename(ctx context.Context, r ports.Repositories, entity clinic.EntityID, to string) error {
	_, err := r.Entities.Update(ctx, identity.AllEntities(), entity, rename(to))
	return err
}

func TestWhoWaitsTooLongIsToldToComeAgain(t *testing.T) {
	t.Parallel()
	for what, edit := range map[string]func(*postgres.Options){
		"for a statement": func(o *postgres.Options) { o.StatementTimeout = 500 * time.Millisecond },
		"for a lock":      func(o *postgres.Options) { o.LockTimeout = 50 * time.Millisecond },
		"by the URL":      func(o *postgres.Options) { o.URL = with(o.URL, "lock_timeout", "50") },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			d := newFrontDesk(t, edit)
			entity := d.Entity().ID
			d.exec(`BEGIN`)
			d.exec(`LOCK TABLE entities`)
			_, err := d.Entities.Get(t.Context(), identity.AllEntities(), entity)
			wantUnavailable(t, "Get", err, "database-busy")
			_, err = d.Entities.List(t.Context(), identity.AllEntities(), clinic.EntityFilter{}, page.Request{})
			wantUnavailable(t, "List", err, "database-busy")
			wantUnavailable(t, "Update", d.rename(t.Context(), d.Fixtures.Repositories, entity, "x"), "database-busy")
			// Hiding it does not help.
			err = d.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				_ = d.rename(ctx, r, entity, "x")
				return nil
			})
			wantUnavailable(t, "InTx", err, "database-busy")
			d.exec(`ROLLBACK`)
			if err := d.rename(t.Context(), d.Fixtures.Repositories, entity, "x"); err != nil {
				t.Errorf("when nobody is in the way: got error %v", err)
			}
		})
	}
}

func TestADeadlockIsRepeated(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	a, b := d.Entity().ID, d.Entity().ID
	runs, met, failed := make(chan struct{}, 20), make(chan struct{}), make(chan error, 2)
	both := func(first, second clinic.EntityID, meet func()) {
		once := true
		failed <- d.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			runs <- struct{}{}
			if err := d.rename(ctx, r, first, fmt.Sprint("first of ", first)); err != nil {
				return err
			}
			if once {
				once = false
				meet()
			}
			return d.rename(ctx, r, second, fmt.Sprint("second of ", first))
		})
	}
	go both(a, b, func() { met <- struct{}{} })
	go both(b, a, func() { <-met })
	for range 2 {
		if err := <-failed; err != nil {
			t.Errorf("got error %v", err)
		}
	}
	if len(runs) != 3 {
		t.Errorf("got %d runs, want one of them repeated", len(runs))
	}
}

func TestWhatCannotBeSerializedIsRepeated(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t, func(o *postgres.Options) { o.URL = with(o.URL, "default_transaction_isolation", "serializable") })
	entity := d.Entity()
	runs := 0
	err := d.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		seen, err := r.Entities.Get(ctx, identity.AllEntities(), entity.ID)
		if err != nil {
			return err
		}
		if runs++; runs == 1 {
			d.exec(`UPDATE entities SET type = 'changed'`)
		}
		return d.rename(ctx, r, entity.ID, "saw "+seen.Type)
	})
	if err != nil || runs != 2 {
		t.Fatalf("got %d runs and error %v, want 2 and none", runs, err)
	}
	if got := one[string](t, d.sql, `SELECT name FROM entities`); got != "saw changed" {
		t.Errorf("the entity's name is %q, want that of the second run", got)
	}
}

func TestARefusalEndsTheTransaction(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	err := d.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		if _, err := r.Entities.Create(ctx, d.NewEntity()); err != nil {
			return err
		}
		bad := d.NewDepartment(1 << 40)
		_, refused := r.Departments.Create(ctx, bad)
		if _, err := r.Entities.Create(ctx, d.NewEntity()); err == nil || err.Error() != refused.Error() {
			t.Errorf("the next call: got error %v, want %v", err, refused)
		}
		return nil
	})
	if errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "unknown-reference" {
		t.Errorf("InTx: got error %v, want Invalid unknown-reference", err)
	}
	if n := one[int](t, d.sql, `SELECT count(*) FROM entities`); n != 0 {
		t.Errorf("got %d entities, want none", n)
	}
}

// killOthers ends every connection to the database but the test's own.
func (d frontDesk) killOthers() {
	d.t.Helper()
	d.exec(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
}

func TestALostConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	entity := d.Entity().ID
	err := d.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		if err := d.rename(ctx, r, entity, "lost"); err != nil {
			return err
		}
		d.killOthers()
		return d.rename(ctx, r, entity, "lost, too")
	})
	wantUnavailable(t, "in the middle", err, "database-unavailable")
	if err := d.rename(t.Context(), d.Fixtures.Repositories, entity, "kept"); err != nil {
		t.Errorf("the next call: got error %v", err)
	}
	err = d.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		defer d.killOthers()
		return d.rename(ctx, r, entity, "lost before the commit")
	})
	wantUnavailable(t, "at the commit", err, "database-unavailable")
	if got := one[string](t, d.sql, `SELECT name FROM entities`); got != "kept" {
		t.Errorf("the entity's name is %q, want the one that was committed", got)
	}
}

func TestOpenTellsWhatIsWrongAndNoPassword(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	config, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	const secret = "s3cr3t-of-nobody"
	at := func(host, user, name string) string {
		return (&url.URL{Scheme: "postgres", User: url.UserPassword(user, secret), Host: host, Path: "/" + name, RawQuery: "sslmode=disable"}).String()
	}
	here := fmt.Sprintf("%s:%d", config.Host, config.Port)
	for what, c := range map[string]struct {
		url  string
		kind errs.Kind
		code string
		says string
	}{
		"nobody listens":     {at("127.0.0.1:1", "secretary", "secretary"), errs.Unavailable, "database-unavailable", "127.0.0.1"},
		"an unknown role":    {at(here, "nobody-of-that-name", config.Database), errs.Unavailable, "database-unavailable", "nobody-of-that-name"},
		"an unknown host":    {at("database.invalid:5432", "secretary", "secretary"), errs.Unavailable, "database-unavailable", "database.invalid"},
		"no port":            {"postgres://secretary:" + secret + "@host:port/secretary", errs.Invalid, "invalid-database-url", "port"},
		"not a URL":          {"password=" + secret + " host", errs.Invalid, "invalid-database-url", ""},
		"a wrong number":     {with(database, "pool_max_conns", "many"), errs.Invalid, "invalid-database-url", "pool_max_conns"},
		"a wrong parameter":  {with(database, "statement_timeout", "soon"), errs.Unavailable, "database-unavailable", "statement_timeout"},
		"an unknown setting": {with(database, "no_such_setting", "1"), errs.Unavailable, "database-unavailable", "no_such_setting"},
	} {
		s, err := postgres.Open(t.Context(), postgres.Options{URL: c.url})
		if err == nil {
			s.Close()
			if what == "an unknown role" {
				continue // the server trusts everybody here
			}
		}
		if errs.KindOf(err) != c.kind || errs.CodeOf(err) != c.code {
			t.Errorf("%s: got error %v, want %v %q", what, err, c.kind, c.code)
			continue
		}
		if text := err.Error(); !strings.Contains(text, c.says) || strings.Contains(text, secret) || config.Password != "" && strings.Contains(text, config.Password) {
			t.Errorf("%s: got error %q, want it to tell of %q and of no password", what, text, c.says)
		}
	}
}

func TestWhoGivesUpWaitingForARowIsGone(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t, func(o *postgres.Options) { o.LockTimeout, o.StatementTimeout = time.Hour, time.Hour })
	entity := d.Entity().ID
	d.exec(`BEGIN`)
	d.exec(`UPDATE entities SET name = 'locked'`)
	for what, wait := range map[string]func(context.Context) error{
		"Update": func(ctx context.Context) error { return d.rename(ctx, d.Fixtures.Repositories, entity, "x") },
		"InTx": func(ctx context.Context) error {
			return d.InTx(ctx, func(ctx context.Context, r ports.Repositories) error { return d.rename(ctx, r, entity, "x") })
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() { failed <- wait(ctx) }()
		for !one[bool](t, d.sql, `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)`) {
			time.Sleep(5 * time.Millisecond)
			d.exec(`SELECT pg_stat_clear_snapshot()`) // inside a transaction it would see the same for ever
		}
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) || errs.KindOf(err) == errs.Unavailable {
			t.Errorf("%s: got error %v, want %v", what, err, context.Canceled)
		}
	}
	d.exec(`ROLLBACK`)
	if err := d.rename(t.Context(), d.Fixtures.Repositories, entity, "x"); err != nil {
		t.Errorf("the next call: got error %v", err)
	}
}

func TestEveryConnectionIsGivenBack(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t, func(o *postgres.Options) { o.MaxConns = 2 })
	entity := d.Entity().ID
	boom := errors.New("boom")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 5 {
		func() {
			defer func() {
				if got := recover(); got != "boom" {
					t.Errorf("recovered %v, want the panic of fn", got)
				}
			}()
			_ = d.InTx(t.Context(), func(ctx context.Context, r ports.Repositories) error {
				_ = d.rename(ctx, r, entity, "x")
				panic("boom")
			})
		}()
		func() {
			defer func() { _ = recover() }()
			_, _ = d.Entities.Update(t.Context(), identity.AllEntities(), entity, func(*clinic.Entity) error { panic("boom") })
		}()
		for what, c := range map[string]struct {
			want error
			fn   func(ctx context.Context, r ports.Repositories) error
		}{
			"an error":   {boom, func(context.Context, ports.Repositories) error { return boom }},
			"a conflict": {nil, func(ctx context.Context, r ports.Repositories) error { return d.twice(ctx, r) }},
			"its end": {context.Canceled, func(_ context.Context, r ports.Repositories) error {
				_, err := r.Entities.Get(gone, identity.AllEntities(), entity)
				return err
			}},
			"nothing": {nil, func(context.Context, ports.Repositories) error { return nil }},
		} {
			if err := d.InTx(t.Context(), c.fn); c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: got error %v, want %v", what, err, c.want)
			}
		}
	}
	if total, used := d.Conns(); used != 0 || total > 2 {
		t.Errorf("%d connections of %d are used by nobody, want none of at most 2", used, total)
	}
	if n := one[int](t, d.sql, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`); n != 0 {
		t.Errorf("%d transactions were left open", n)
	}
}

// twice creates a user twice.
func (d frontDesk) twice(ctx context.Context, r ports.Repositories) error {
	v := d.NewUser(0)
	for range 2 {
		if _, err := r.Users.Create(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

func TestTextsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	texts := []string{
		"e\u0301 is not é", "👩🏽\u200d⚕️ 🇧🇷", "\u202eright to left\u202c", "\ufeffa mark", "a\u00a0space", "tab\tline\r\n", `'; DROP TABLE users; --`, `\x00 \\ % _ $1`,
	}
	var printable []rune
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if unicode.IsPrint(r) {
			printable = append(printable, r)
		}
	}
	for some := range slices.Chunk(printable, 10_000) {
		texts = append(texts, string(some))
	}
	at := d.ClinicOf(d.Entity().ID)
	keep := func(text string) error {
		_, err := d.Clinics.Update(t.Context(), identity.AllEntities(), at.ID, func(v *agenda.Clinic) error {
			v.SystemPrompt = text
			return nil
		})
		return err
	}
	for _, text := range texts {
		if err := keep(text); err != nil {
			t.Fatalf("%.50q: %v", text, err)
		}
		if got, err := d.Clinics.Get(t.Context(), identity.AllEntities(), at.ID); err != nil || got.SystemPrompt != text {
			t.Errorf("got %.50q and error %v, want %.50q", got.SystemPrompt, err, text)
		}
	}
	// What PostgreSQL's texts cannot hold is refused, whoever let it through.
	for _, text := range []string{"a\x00b", "\xff"} {
		if err := keep(text); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%q: got error %v, want Invalid", text, err)
		}
	}
}

func TestTheTrailReachesTheDatabase(t *testing.T) {
	t.Parallel()
	d := newFrontDesk(t)
	entity := d.Entity().ID
	for _, want := range []identity.Trail{
		{Actor: "user:7", RequestID: "request-1"},
		{Actor: `o'clock"; DROP TABLE audit_log; --`, RequestID: `\'$1`},
		{Actor: "secretária 👩🏽\u200d⚕️", RequestID: "ação"},
		{Actor: "user:8"},
	} {
		ctx := identity.WithTrail(t.Context(), want)
		if err := d.rename(ctx, d.Fixtures.Repositories, entity, "by "+want.Actor); err != nil {
			t.Fatalf("%v: %v", want, err)
		}
		newest, err := d.AuditLog.List(t.Context(), identity.AllEntities(), identity.AuditFilter{}, page.Request{Limit: 1})
		if err != nil || len(newest.Items) != 1 || newest.Items[0].Actor != want.Actor || newest.Items[0].RequestID != want.RequestID {
			t.Errorf("got the entries %v and error %v, want one of %v", newest, err, want)
		}
	}
}
