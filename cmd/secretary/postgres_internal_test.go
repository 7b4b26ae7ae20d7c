package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

const testPassword = "correct horse battery"

// execute runs SQL in a database.
func execute(t *testing.T, database, sql string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(t.Context()) }()
	if _, err := db.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// wantRefused checks that a command ends with an error that says all of the parts, and prints no secret.
func wantRefused(t *testing.T, env map[string]string, args []string, parts ...string) {
	t.Helper()
	env["SECRETARY_ADDR"] = "127.0.0.1:0"
	out, logs, err := runCommand(t, env, testPassword+"\n", args...)
	if err == nil {
		t.Fatalf("%q was not refused:\n%s%s", args, out, logs)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q was refused with %q, want %q in it", args, err, part)
		}
	}
	for _, secret := range []string{testPassword, "hunter2"} {
		if strings.Contains(out+logs+err.Error(), secret) {
			t.Errorf("%q tells a secret: %v\n%s%s", args, err, out, logs)
		}
	}
}

func TestMigrateBringsAnEmptyDatabaseUpToDate(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": pgtest.Empty(t), "SECRETARY_LOG_LEVEL": "error"}
	migrate := func(what string) string {
		t.Helper()
		out, logs, err := runCommand(t, env, "", "migrate", what)
		if err != nil || logs != "" {
			t.Fatalf("migrate %s: %v\n%s", what, err, logs)
		}
		return out
	}
	if got := migrate("status"); !strings.Contains(got, "init") || strings.Contains(got, "applied") || !strings.Contains(got, "to apply: secretary migrate up") {
		t.Errorf("the status of an empty database is\n%s", got)
	}
	if got := migrate("up"); !strings.Contains(got, "_init.sql\n") || !strings.HasSuffix(got, "the database is up to date\n") {
		t.Errorf("migrate up said\n%s", got)
	}
	if got := migrate("status"); !strings.Contains(got, "applied 20") || strings.Contains(got, " pending\n") || strings.Contains(got, "to apply") {
		t.Errorf("the status afterwards is\n%s", got)
	}
	if got := migrate("up"); got != "the database is up to date\n" {
		t.Errorf("migrate up again said\n%s", got)
	}
	execute(t, env["DATABASE_URL"], `INSERT INTO atlas_schema_revisions SELECT '29991231000000', 'later', type, 1, 1, now(), 0, '', '', 'x', 'null', ''
		FROM atlas_schema_revisions LIMIT 1`)
	if got := migrate("status"); !strings.Contains(got, "not known to this program") {
		t.Errorf("the status does not tell of what a newer program did:\n%s", got)
	}
	wantRefused(t, env, []string{"serve"}, "ahead")
}

func TestACommandOnADatabaseThatIsBehindSaysWhatToDo(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": pgtest.Empty(t)}
	wantRefused(t, env, []string{"serve"}, "behind", "secretary migrate up")
	wantRefused(t, env, []string{"user", "create", "-email", "root@clinic.example", "-phone", "+5511955550001"}, "secretary migrate up")
}

func TestServeMigratesWhenItIsTold(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": pgtest.Empty(t), "SECRETARY_MIGRATE": "true"}
	s := startServe(t, env)
	if status := get(t, s.url+"/readyz"); status != http.StatusOK || !strings.Contains(s.stderr.String(), "the database was brought up to date") {
		t.Errorf("/readyz = %d, want 200, and a log that tells of it:\n%s", status, s.stderr)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	startServe(t, map[string]string{"DATABASE_URL": env["DATABASE_URL"]})
}

func TestADatabaseOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	execute(t, database, "CREATE TABLE theirs ()")
	wantRefused(t, map[string]string{"DATABASE_URL": database, "SECRETARY_MIGRATE": "true"}, []string{"serve"}, "not empty", "theirs")
	wantRefused(t, map[string]string{"DATABASE_URL": database}, []string{"migrate", "up"}, "not empty", "theirs")
	wantRefused(t, map[string]string{"DATABASE_URL": database}, []string{"serve"})
	execute(t, database, "DO $$ BEGIN ASSERT to_regclass('theirs') IS NOT NULL AND to_regclass('users') IS NULL; END $$")
}

func TestUserCreateMakesUsersWhoCanLogIn(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": pgtest.URL(t)}
	create := func(args ...string) {
		t.Helper()
		out, logs, err := runCommand(t, env, testPassword+"\n", append([]string{"user", "create", "-phone", "+5511955550001"}, args...)...)
		if err != nil || !strings.Contains(out, "made user") || strings.Contains(out+logs, testPassword) {
			t.Fatalf("%q: %v\n%s%s", args, err, out, logs)
		}
	}
	s := startServe(t, env)
	login := func(email, role string) *client {
		t.Helper()
		c, err := newClient(t.Context(), s.url, credentials{email, testPassword})
		if err != nil {
			t.Fatalf("%s: %v", email, err)
		}
		var me struct{ Role string }
		if err := c.call(t.Context(), http.MethodGet, "/v1/me", nil, &me); err != nil || me.Role != role {
			t.Errorf("%s is %q, %v, want %s", email, me.Role, err, role)
		}
		return c
	}
	create("-email", "Root@Clinic.Example")
	manager := login("root@clinic.example", "MANAGER")
	var entity struct{ ID json.Number }
	if err := manager.call(t.Context(), http.MethodPost, "/v1/entities", map[string]string{"name": "Clínica XYZ"}, &entity); err != nil {
		t.Fatal(err)
	}
	create("-email", "admin@clinic.example", "-role", "ENTITY_ADMIN", "-entity-id", entity.ID.String())
	admin := login("admin@clinic.example", "ENTITY_ADMIN")
	if entities, err := list[created](t.Context(), admin, "/v1/entities"); err != nil || len(entities) != 1 {
		t.Errorf("the administrator sees %v, %v, want its own entity", entities, err)
	}
	wantRefused(t, env, []string{"user", "create", "-email", "ROOT@clinic.example", "-phone", "+5511955550001"}, "e-mail")
	wantRefused(t, env, []string{"user", "create", "-email", "new@clinic.example", "-phone", "+5511955550001", "-role", "ENTITY_ADMIN", "-entity-id", "999"}, "entity")
}

func TestADemoThatIsStartedAgainFindsItself(t *testing.T) {
	t.Parallel()
	env := demoEnv("DATABASE_URL", pgtest.URL(t))
	first := startServe(t, env)
	c, clinic := first.login(t)
	if _, err := c.say(t.Context(), clinic.TenantID, "+"+patient, "Quero fazer botox"); err != nil {
		t.Fatal(err)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second := startServe(t, env)
	c, again := second.login(t)
	talks, err := list[struct{ Contact string }](t.Context(), c, "/v1/clinics/"+clinic.TenantID+"/conversations")
	if again.TenantID != clinic.TenantID || err != nil || len(talks) != 1 {
		t.Errorf("the clinic is %s with %v, %v, want %s and what was said", again.TenantID, talks, err, clinic.TenantID)
	}
	_, old := first.banner(t)
	_, now := second.banner(t)
	for _, who := range []string{"manager", "admin"} {
		if _, err := newClient(t.Context(), second.url, now[who]); err != nil {
			t.Errorf("%s cannot log in: %v", who, err)
		}
		if _, err := newClient(t.Context(), second.url, old[who]); err == nil || now[who].email != old[who].email {
			t.Errorf("%s logs in with the password that was printed the first time", who)
		}
	}
}

func TestTheDemoLeavesADatabaseWithOtherUsersAlone(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	own := map[string]string{"DATABASE_URL": database, "SECRETARY_ADMIN_EMAIL": "root@clinic.example", "SECRETARY_ADMIN_PASSWORD": testPassword}
	if err := startServe(t, own).stop(); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, demoEnv("DATABASE_URL", database), []string{"serve"}, "SECRETARY_DEMO", "empty database")
	own["SECRETARY_DEMO"], own["SECRETARY_ADMIN_PASSWORD"] = "true", "another password"
	wantRefused(t, own, []string{"serve"}, "SECRETARY_DEMO", "empty database")
	s := startServe(t, map[string]string{"DATABASE_URL": database})
	if _, err := newClient(t.Context(), s.url, credentials{"root@clinic.example", testPassword}); err != nil {
		t.Errorf("the manager's password is not what it was: %v", err)
	}
}

func TestTwoProcessesStartOnAnEmptyDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	env := []string{
		"SECRETARY_ADDR=127.0.0.1:0", "DATABASE_URL=" + pgtest.Empty(t), "SECRETARY_MIGRATE=true",
		"SECRETARY_ADMIN_EMAIL=root@clinic.example", "SECRETARY_ADMIN_PASSWORD=" + testPassword,
	}
	one, other := startProcess(t, env), startProcess(t, env)
	for _, p := range []*runningProcess{one, other} {
		address := p.await(t)
		c, err := newClient(t.Context(), "http://"+address, credentials{"root@clinic.example", testPassword})
		if err != nil {
			t.Fatalf("%v\n%s", err, &p.log)
		}
		if users, err := list[created](t.Context(), c, "/v1/users"); err != nil || len(users) != 1 {
			t.Errorf("there are the users %v, %v, want one", users, err)
		}
	}
	for _, p := range []*runningProcess{one, other} {
		if err := p.stop(); err != nil {
			t.Errorf("the process ended with %v\n%s", err, &p.log)
		}
	}
}

// A server that refuses every password stands for PostgreSQL: one for tests may let everybody in.
func TestAWrongPasswordOfTheDatabaseIsToldAndNotRepeated(t *testing.T) {
	t.Parallel()
	server, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			refusePassword(conn)
		}
	}()
	database := "postgres://secretary:hunter2@" + server.Addr().String() + "/secretary?sslmode=disable"
	for _, env := range []map[string]string{{"DATABASE_URL": database}, {"DATABASE_URL": database, "SECRETARY_MIGRATE": "true"}} {
		wantRefused(t, env, []string{"serve"}, "password authentication failed", "secretary")
	}
	wantRefused(t, map[string]string{"DATABASE_URL": database}, []string{"migrate", "status"}, "password authentication failed")
}

// refusePassword reads the first message of a client and answers it as PostgreSQL does when the password is wrong.
func refusePassword(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	var size [4]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return
	}
	if _, err := io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(size[:]))-4); err != nil {
		return
	}
	fields := "SFATAL\x00VFATAL\x00C28P01\x00Mpassword authentication failed for user \"secretary\"\x00\x00"
	answer := binary.BigEndian.AppendUint32([]byte{'E'}, uint32(len(fields)+4))
	_, _ = conn.Write(append(answer, fields...))
}

func TestWithoutItsDatabaseTheServiceIsNotReady(t *testing.T) {
	t.Parallel()
	database := pgtest.URL(t)
	s := startServe(t, map[string]string{"DATABASE_URL": database})
	if status := get(t, s.url+"/readyz"); status != http.StatusOK {
		t.Fatalf("/readyz = %d, want 200", status)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, pgtest.Admin(t), "DROP DATABASE "+pgx.Identifier{strings.TrimPrefix(u.Path, "/")}.Sanitize()+" WITH (FORCE)")
	for path, code := range map[string]string{"/readyz": "not-ready", "/v1/auth/refresh": "database-unavailable"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if path != "/readyz" {
			req.Method, req.Body = http.MethodPost, io.NopCloser(strings.NewReader(`{"refresh_token":"sr_unknown"}`))
			req.Header.Set("Content-Type", "application/json")
		}
		resp, err := testClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		var p problem
		_ = json.Unmarshal(raw, &p)
		if resp.StatusCode != http.StatusServiceUnavailable || p.Code != code || resp.Header.Get("Retry-After") == "" ||
			resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %v %s, want 503 %s with Retry-After", path, resp.StatusCode, resp.Header, raw, code)
		}
		if strings.Contains(string(raw), u.Path[1:]) || strings.Contains(string(raw), u.Host) {
			t.Errorf("%s tells where the database is: %s", path, raw)
		}
	}
	if status := get(t, s.url+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz = %d, want 200: the process is well", status)
	}
}

// runningProcess is `secretary serve` as a process of its own.
type runningProcess struct {
	log       output
	listening chan string // the address, or closed when the process ended without
	stop      func() error
	kill      func()
}

func startProcess(t *testing.T, env []string) *runningProcess {
	t.Helper()
	cmd := programCommand(t, env, "serve")
	p := &runningProcess{listening: make(chan string, 1)}
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		p.read(logs)
	}()
	p.stop = func() error {
		_ = cmd.Process.Signal(os.Interrupt)
		<-read
		return cmd.Wait()
	}
	p.kill = func() {
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait() // it was killed
	}
	return p
}

// read notes the log, and tells the address once it is there.
func (p *runningProcess) read(logs io.Reader) {
	defer close(p.listening)
	lines := bufio.NewScanner(logs)
	for lines.Scan() {
		_, _ = p.log.Write(append(lines.Bytes(), '\n'))
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			p.listening <- m[1]
		}
	}
}

// await waits until the process listens, and returns its address.
func (p *runningProcess) await(t *testing.T) string {
	t.Helper()
	address, ok := <-p.listening
	if !ok {
		t.Fatalf("serve ended: %v\n%s", p.stop(), &p.log)
	}
	return address
}
