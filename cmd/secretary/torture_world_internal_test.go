package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// longestAnswer is how long a client waits for an answer, and a patient for a reply.
const longestAnswer = 30 * time.Second

// torture is a clinic on one database, with processes that serve it and clients that use it.
type torture struct {
	t        *testing.T
	long     bool
	db       *pgxpool.Pool
	services []*process
	whatsApp *whatsApp
	tally    *tally
	http     *http.Client
	session  *session
	kills    int // of processes and of the database
	repeats  int // replies that were sent more often than once
	left     int // holds that nobody finished

	entity int64
	clinic directory
	rooms  []int64

	over    chan struct{} // closed when the clients are to come to an end
	clients sync.WaitGroup
	facts   facts
}

func testDatabase(t *testing.T) string {
	t.Helper()
	return pgtest.URL(t)
}

// newTorture starts so many processes on a database, with what more is configured, and makes a clinic there.
func newTorture(t *testing.T, database string, processes int, long bool, more ...string) *torture {
	t.Helper()
	w := &torture{
		t: t, long: long, whatsApp: newWhatsApp(t), tally: newTally(), over: make(chan struct{}), facts: newFacts(),
		http: &http.Client{Timeout: longestAnswer, Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
	}
	var err error
	if w.db, err = pgxpool.New(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.db.Close)
	t.Cleanup(w.http.CloseIdleConnections)
	for range processes {
		p := &process{t: t, env: append([]string{
			"SECRETARY_ADDR=127.0.0.1:0", "DATABASE_URL=" + database, "SECRETARY_MIGRATE=true",
			"SECRETARY_SIGNING_KEY=" + strings.Repeat("torture-", 4),
			"SECRETARY_ADMIN_EMAIL=root@clinic.example", "SECRETARY_ADMIN_PASSWORD=correct horse battery",
			"EVOLUTION_URL=" + w.whatsApp.url, "EVOLUTION_API_KEY=" + evolutionKey, "EVOLUTION_WEBHOOK_TOKEN=" + webhookToken, "SECRETARY_DEBOUNCE=0s",
		}, more...)}
		w.services = append(w.services, p)
		p.start()
		t.Cleanup(p.end)
	}
	w.seed()
	w.slowDown()
	return w
}

// seed makes a clinic whose slots are few enough to be fought for, and rooms.
func (w *torture) seed() {
	w.t.Helper()
	ctx := w.t.Context()
	c, err := newClient(ctx, w.services[0].address(), credentials{"root@clinic.example", "correct horse battery"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.session = &session{client: c, since: time.Now()}
	post := func(path string, in, out any) {
		if err := c.call(ctx, http.MethodPost, path, in, out); err != nil {
			w.t.Fatal(err)
		}
	}
	var entity created
	post("/v1/entities", map[string]any{"name": demoClinicName, "type": "medical_clinic"}, &entity)
	w.entity = entity.ID
	post("/v1/clinics", map[string]any{
		"entity_id": entity.ID, "tenant_name": demoClinicName, "evolution_instance_name": demoInstance,
		"minimum_notice_minutes": 60, "maximum_days_ahead": 60, "hold_minutes": 1, "national_holidays": false,
		"quiet_hours": map[string]string{"from": "00:00", "until": "00:00"}, // none: at any hour everything is done in the end
	}, &w.clinic)
	for i, doctor := range demoDoctors() {
		post("/v1/clinics/"+w.clinic.TenantID+"/professionals", map[string]any{
			"professional_name": doctor.name, "phone_number": doctor.phone, "specialty": doctor.specialty,
			"google_calendar_id": doctor.calendar, "consultation_duration_default": 20, "buffer_time_minutes": 10,
			"working_hours_start": "06:00", "working_hours_end": "22:00", "working_days": []int{0, 1, 2, 3, 4, 5, 6}, "display_order": i,
		}, nil)
	}
	w.clinic, err = findClinic(ctx, c, func(directory) bool { return true })
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range 2 {
		var room created
		post("/v1/rooms", map[string]any{"name": fmt.Sprint("Sala ", i), "entity_id": entity.ID}, &room)
		w.rooms = append(w.rooms, room.ID)
	}
}

// slowDown makes the database slow where an interruption hurts: between the calendar's event and the confirmation, between
// that and the note of the turn that led to it, and between the sending of a reply and the note of that. Most kills would
// miss those moments otherwise.
func (w *torture) slowDown() {
	w.t.Helper()
	_, err := w.db.Exec(w.t.Context(), `
		CREATE FUNCTION torture() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.04 * random()); RETURN NEW; END';
		CREATE TRIGGER torture BEFORE UPDATE ON appointments FOR EACH ROW WHEN (NEW.status = 'confirmed') EXECUTE FUNCTION torture();
		CREATE TRIGGER torture BEFORE UPDATE ON conversations FOR EACH ROW EXECUTE FUNCTION torture();
		CREATE TRIGGER torture BEFORE UPDATE ON conversation_messages FOR EACH ROW EXECUTE FUNCTION torture();
		CREATE TRIGGER torture BEFORE UPDATE ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION torture();`)
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *torture) expect(ok bool, format string, args ...any) {
	w.t.Helper()
	if !ok {
		w.t.Errorf(format, args...)
	}
}

// query reads one row.
func (w *torture) query(sql string, into ...any) {
	w.t.Helper()
	if err := w.db.QueryRow(w.t.Context(), sql).Scan(into...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// killService kills a process and starts it again.
func (w *torture) killService(i int) {
	w.t.Helper()
	w.kills++
	killed := time.Now()
	w.services[i].kill()
	w.services[i].start()
	w.awaitReady(w.services[i].address())
	w.tally.recovered(time.Since(killed))
}

// takeDatabase ends the database server, by kill or stop, and starts it again after a while.
func (w *torture) takeDatabase(server *databaseServer, how string) {
	w.t.Helper()
	w.kills++
	server.run(how)
	time.Sleep(time.Second)
	server.run("start")
	back := time.Now()
	for _, p := range w.services {
		w.awaitReady(p.address())
	}
	w.awaitWriting()
	w.tally.recovered(time.Since(back))
}

// killEverything is a power failure.
func (w *torture) killEverything(server *databaseServer) {
	w.t.Helper()
	w.kills++
	var all sync.WaitGroup
	for _, p := range w.services {
		all.Go(p.kill)
	}
	all.Go(func() { server.run("kill") })
	all.Wait()
	server.run("start")
	back := time.Now()
	for _, p := range w.services {
		p.start()
		w.awaitReady(p.address())
	}
	w.awaitWriting()
	w.tally.recovered(time.Since(back))
}

func (w *torture) awaitReady(address string) {
	w.t.Helper()
	w.await("the service to be ready", func() bool {
		req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, address+"/readyz", http.NoBody)
		if err != nil {
			w.t.Fatal(err)
		}
		resp, err := w.http.Do(req)
		if err != nil {
			return false
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

func (w *torture) awaitWriting() {
	w.t.Helper()
	w.await("something to be stored", func() bool {
		a, ok := w.send("probe", http.MethodPost, fmt.Sprintf("/v1/rooms/%d/events", w.rooms[0]), nil, map[string]any{"name": "probe"})
		return ok && a.status == http.StatusCreated
	})
}

// await waits for something that must happen.
func (w *torture) await(what string, happened func() bool) {
	w.t.Helper()
	const patience = 4 * time.Minute // nothing is measured with it: a machine may be busy, and holds are looked after each minute
	for deadline := time.Now().Add(patience); !happened(); {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited %v for %s\n%s\n%s", patience, what, w.tally, w.logs())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// logs are the warnings and errors of all processes, the last of them.
func (w *torture) logs() string {
	var b strings.Builder
	for i, p := range w.services {
		lines := strings.Split(p.said.String(), "\n")
		fmt.Fprintf(&b, "process %d said at last:\n%s\n", i, strings.Join(lines[max(0, len(lines)-60):], "\n"))
	}
	return b.String()
}

// process is the service as a process, which is killed and started again.
type process struct {
	t    *testing.T
	env  []string
	said output // warnings and worse
	cmd  *exec.Cmd
	read chan struct{} // closed when all that the process said has been read

	mu  sync.Mutex
	url string // "" while it is away
}

func (p *process) address() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.url
}

func (p *process) setAddress(url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = url
}

// start starts the process and waits until it listens.
func (p *process) start() {
	p.t.Helper()
	p.cmd = programCommand(p.t, p.env, "serve")
	stderr, err := p.cmd.StderrPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	address := make(chan string, 1)
	p.read = make(chan struct{})
	go func() {
		defer close(p.read)
		defer close(address)
		for lines := bufio.NewReader(stderr); ; {
			line, err := lines.ReadString('\n')
			if m := listening.FindStringSubmatch(line); m != nil {
				address <- "http://" + m[1]
			} else if !strings.Contains(line, "level=INFO") {
				_, _ = io.WriteString(&p.said, line)
			}
			if err != nil {
				return
			}
		}
	}()
	found, ok := <-address
	if !ok {
		_ = p.cmd.Wait()
		p.t.Fatalf("serve ended at once:\n%s", &p.said)
	}
	p.setAddress(found)
}

// kill kills the process as nothing can be prepared for: SIGKILL.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	p.setAddress("")
	<-p.read
	_ = p.cmd.Wait()
}

// end ends the process properly, unless that was done before.
func (p *process) end() {
	if p.address() == "" {
		return
	}
	p.setAddress("")
	if p.t.Context().Err() == nil {
		_ = p.cmd.Process.Signal(os.Interrupt)
	}
	<-p.read
	if err := p.cmd.Wait(); err != nil && p.t.Context().Err() == nil {
		p.t.Errorf("serve ended with %v", err)
	}
}

// databaseServer is a PostgreSQL server of a test's own, which keeps what it has promised to keep.
type databaseServer struct {
	t      *testing.T
	script string
	dir    string
	url    string
}

func newDatabaseServer(t *testing.T) *databaseServer {
	t.Helper()
	pgtest.Admin(t) // no tests of PostgreSQL without it
	script, err := filepath.Abs("../../.ci/postgres")
	if err != nil {
		t.Fatal(err)
	}
	if !hasPostgreSQL(t) {
		t.Skip("this machine has no programs of PostgreSQL: no server to take away")
	}
	dir, err := os.MkdirTemp("", "secretary-torture") //nolint:usetesting // the server is not root, and t.TempDir is root's own
	if err != nil {
		t.Fatal(err)
	}
	s := &databaseServer{t: t, script: script, dir: dir}
	// The guard removes the server when its standard input ends, however this process does.
	guard := exec.CommandContext(context.WithoutCancel(t.Context()), script, "guard", dir)
	open, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = open.Close()
		_ = guard.Wait()
	})
	s.url = s.run("start")
	return s
}

// hasPostgreSQL reports whether the script would find PostgreSQL without installing it.
func hasPostgreSQL(t *testing.T) bool {
	t.Helper()
	for _, program := range []string{"postgres", "pg_config"} {
		if _, err := exec.LookPath(program); err == nil {
			return true
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	return err == nil && len(found) > 0
}

// run has the script do something and returns what it printed.
func (s *databaseServer) run(word string) string {
	cmd := exec.CommandContext(s.t.Context(), s.script, word, s.dir)
	cmd.Env = append(os.Environ(), "DURABLE=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Errorf("%s %s: %v\n%s", s.script, word, err, &stderr)
	}
	return strings.TrimSpace(string(out))
}
