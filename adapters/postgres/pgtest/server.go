package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/secretary-api/secretary/adapters/postgres/migration"
)

// The names of databases begin so: a test's is secretary_test_<process>_<number>.
const (
	testPrefix     = "secretary_test_"
	templatePrefix = "secretary_template_"
)

// The classes of the advisory locks, all of them in the database of the administrator's URL. The second half of a lock's
// key is 0, or the hash of a name.
const (
	setupLock    = 731001 // whoever makes or drops what others may be using
	processLock  = 731002 // of a test process, while it lives
	templateLock = 731003 // shared by the processes that use a template, while they live
)

// server is the database server, as this process uses it.
type server struct {
	url      url.URL
	admin    *pgxpool.Pool
	process  string
	made     atomic.Int64
	template func() (string, error) // the template's name; it is made once

	// mu guards held, the connection that keeps the locks of this process. It is never closed: the server learns from
	// its end that the process has ended.
	mu   sync.Mutex
	held *pgx.Conn
}

//nolint:gochecknoglobals // what the tests of a process share has no other place to be
var connection struct {
	sync.Mutex

	server *server
	err    error
}

// connected returns the server, and connects to it when it is the first to ask.
func connected(admin string) (*server, error) {
	connection.Lock()
	defer connection.Unlock()
	if connection.server == nil && connection.err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		connection.server, connection.err = connect(ctx, admin)
	}
	return connection.server, connection.err
}

func connect(ctx context.Context, admin string) (*server, error) {
	u, err := url.Parse(admin)
	if err != nil || u.Scheme == "" {
		return nil, errors.New("it is not a URL like postgres://user:password@host:port/database")
	}
	config, err := pgxpool.ParseConfig(admin)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 4
	s := &server{url: *u, process: strings.ToLower(rand.Text()[:12])}
	s.template = sync.OnceValues(func() (string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return s.findTemplate(ctx, time.Now())
	})
	if s.admin, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, err
	}
	if s.held, err = pgx.ConnectConfig(ctx, config.ConnConfig); err != nil {
		return nil, err
	}
	if _, err := s.held.Exec(ctx, "SELECT pg_advisory_lock($1, hashtext($2))", processLock, s.process); err != nil {
		return nil, err
	}
	return s, s.setUp(ctx, s.sweep)
}

// setUp does something while no other process does such a thing.
func (s *server) setUp(ctx context.Context, do func(context.Context) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.held.Exec(ctx, "SELECT pg_advisory_lock($1, 0)", setupLock); err != nil {
		return err
	}
	err := do(ctx)
	_, unlockErr := s.held.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1, 0)", setupLock)
	return errors.Join(err, unlockErr)
}

// sweep drops the databases of processes that died, and the templates that no process uses.
func (s *server) sweep(ctx context.Context) error {
	const abandoned = `SELECT datname FROM pg_database AS d
 WHERE starts_with(d.datname, $1)
   AND NOT EXISTS (SELECT FROM pg_locks AS l
        WHERE l.locktype = 'advisory' AND l.classid = $2 AND l.objsubid = 2
          AND l.objid::bigint = hashtext(CASE WHEN $3 THEN split_part(d.datname, '_', 3) ELSE d.datname END)::bigint & 4294967295)`
	ours, err := templateName(time.Now())
	if err != nil {
		return err
	}
	for _, kind := range []struct {
		prefix string
		lock   int
	}{{testPrefix, processLock}, {templatePrefix, templateLock}} {
		rows, err := s.admin.Query(ctx, abandoned, kind.prefix, kind.lock, kind.prefix == testPrefix)
		if err != nil {
			return err
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, name := range names {
			if name == ours {
				continue // nobody uses it yet
			}
			if err := s.drop(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// findTemplate returns the name of the template, which it makes when it is not there or was left unfinished.
func (s *server) findTemplate(ctx context.Context, now time.Time) (string, error) {
	name, err := templateName(now)
	if err != nil {
		return "", err
	}
	return name, s.setUp(ctx, func(ctx context.Context) error {
		if _, err := s.held.Exec(ctx, "SELECT pg_advisory_lock_shared($1, hashtext($2))", templateLock, name); err != nil {
			return err
		}
		var finished bool
		err := s.held.QueryRow(ctx, "SELECT datistemplate FROM pg_database WHERE datname = $1", name).Scan(&finished)
		if err == nil && finished {
			return nil
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return s.makeTemplate(ctx, name)
	})
}

func (s *server) makeTemplate(ctx context.Context, name string) error {
	if err := s.drop(ctx, name); err != nil {
		return err
	}
	if err := s.exec(ctx, "CREATE DATABASE "+quote(name)+" TEMPLATE template0"); err != nil {
		return err
	}
	if _, err := migration.Up(ctx, s.urlOf(name), slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	// A database somebody is connected to cannot be copied.
	return s.exec(ctx, "ALTER DATABASE "+quote(name)+" WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
}

// create makes a database of this process as a copy of another one, and returns its name. Copying files takes a third
// less time than the default strategy, which writes a thousand small files to the log as well.
func (s *server) create(ctx context.Context, template string) (string, error) {
	name := testPrefix + s.process + "_" + strconv.FormatInt(s.made.Add(1), 10)
	for {
		err := s.exec(ctx, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template)+" STRATEGY file_copy")
		refused, ok := errors.AsType[*pgconn.PgError](err)
		if !ok || refused.Code != "55006" { // object_in_use: somebody looks into the template just now
			return name, err
		}
		select {
		case <-ctx.Done():
			return "", err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// drop removes a database if it is there, and ends the sessions in it.
func (s *server) drop(ctx context.Context, name string) error {
	if strings.HasPrefix(name, templatePrefix) {
		err := s.exec(ctx, "ALTER DATABASE "+quote(name)+" WITH IS_TEMPLATE false")
		if absent, ok := errors.AsType[*pgconn.PgError](err); ok && absent.Code == "3D000" {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return s.exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
}

func (s *server) exec(ctx context.Context, statement string) error {
	if _, err := s.admin.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// urlOf returns the URL of a database of the server.
func (s *server) urlOf(name string) string {
	u := s.url
	u.Path = "/" + name
	return u.String()
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
