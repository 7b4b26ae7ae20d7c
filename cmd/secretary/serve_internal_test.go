package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/livekit/livekittest"
	"github.com/secretary-api/secretary/adapters/postgres/pgtest"
)

// runAsProgram makes the test binary the program itself: see programCommand.
const runAsProgram = "SECRETARY_TEST_RUN_AS_PROGRAM"

func TestMain(m *testing.M) {
	livekittest.ActAsAgent()
	if os.Getenv(runAsProgram) == "1" {
		main()
	}
	os.Exit(m.Run())
}

// programCommand is the program as a process of its own, with nothing of the test's environment.
func programCommand(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = append([]string{runAsProgram + "=1"}, env...)
	return cmd
}

// output is a buffer that is written and read at the same time.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// server is `secretary serve` running in this process.
type server struct {
	url    string
	stdout *output
	stderr *output
	cancel context.CancelFunc
	ended  chan error
}

var listening = regexp.MustCompile(`msg=listening address=(\S+)`)

// onPostgres reports whether the service keeps what it has in PostgreSQL in all tests, and not in memory.
func onPostgres() bool { return os.Getenv("SECRETARY_TEST_STORE") == "postgres" }

// startServe runs `secretary serve` on a free port, on a store of its own unless env names a database, until the test ends. It fails when that is no clean end.
func startServe(t *testing.T, env map[string]string) *server {
	t.Helper()
	vars := map[string]string{"SECRETARY_ADDR": "127.0.0.1:0"}
	maps.Copy(vars, env)
	if onPostgres() && vars["DATABASE_URL"] == "" {
		vars["DATABASE_URL"] = pgtest.URL(t)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{stdout: &output{}, stderr: &output{}, cancel: cancel, ended: make(chan error, 1)}
	logs, logWriter := io.Pipe()
	p := program{getenv: environment(vars), stdin: strings.NewReader(""), stdout: s.stdout, stderr: logWriter}
	go func() {
		err := p.run(ctx, []string{"serve"})
		_ = logWriter.Close()
		s.ended <- err
	}()
	address := make(chan string, 1)
	go func() {
		defer close(address)
		lines := bufio.NewScanner(logs)
		for lines.Scan() {
			_, _ = fmt.Fprintln(s.stderr, lines.Text())
			if m := listening.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
			}
		}
	}()
	found, ok := <-address
	if !ok {
		t.Fatalf("serve ended at once: %v\n%s", <-s.ended, s.stderr)
	}
	s.url = "http://" + found
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("serve ended with %v", err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.stderr)
		}
	})
	if status := get(t, s.url+"/healthz"); status != http.StatusOK {
		t.Fatalf("/healthz = %d, want 200", status)
	}
	return s
}

// stop ends the server as a signal would, and returns what run returned. It may be called again.
func (s *server) stop() error {
	s.cancel()
	err := <-s.ended
	s.ended <- err
	return err
}

// awaitRefusal waits until the server accepts no more connections.
func (s *server) awaitRefusal(t *testing.T) {
	t.Helper()
	for {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			return
		}
		_ = conn.Close()
		time.Sleep(time.Millisecond)
	}
}

func get(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := testClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func testClient() *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
}

var bannerLine = regexp.MustCompile(`(?m)^  (\w+) +(\S+)(?:  (\S+))?`)

// banner is what the demo printed: address, docs, clinic, and who may log in.
func (s *server) banner(t *testing.T) (fields map[string]string, users map[string]credentials) {
	t.Helper()
	fields, users = map[string]string{}, map[string]credentials{}
	for _, m := range bannerLine.FindAllStringSubmatch(s.stdout.String(), -1) {
		fields[m[1]] = m[2]
		users[m[1]] = credentials{m[2], secret(m[3])}
	}
	return fields, users
}

// login logs in as the demo's manager.
func (s *server) login(t *testing.T) (*client, directory) {
	t.Helper()
	_, users := s.banner(t)
	c, err := newClient(t.Context(), s.url, users["manager"])
	if err != nil {
		t.Fatalf("%v\n%s", err, s.stdout)
	}
	clinic, err := findClinic(t.Context(), c, func(directory) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	return c, clinic
}

func (s *server) appointments(t *testing.T) []appointment {
	t.Helper()
	c, clinic := s.login(t)
	all, err := list[appointment](t.Context(), c, "/v1/clinics/"+clinic.TenantID+"/appointments")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func demoEnv(more ...string) map[string]string {
	env := map[string]string{"SECRETARY_DEMO": "true"}
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

func TestTheDemoTellsHowToGetIn(t *testing.T) {
	t.Parallel()
	s := startServe(t, demoEnv())
	fields, users := s.banner(t)
	if fields["address"] != s.url || fields["docs"] != s.url+"/docs" {
		t.Errorf("address = %q, docs = %q, want %s and its /docs", fields["address"], fields["docs"], s.url)
	}
	if status := get(t, fields["docs"]); status != http.StatusOK {
		t.Errorf("docs = %d, want 200", status)
	}
	for who, role := range map[string]string{"manager": "MANAGER", "admin": "ENTITY_ADMIN"} {
		c, err := newClient(t.Context(), s.url, users[who])
		if err != nil {
			t.Fatalf("%s: %v", who, err)
		}
		var me struct{ Role string }
		if err := c.call(t.Context(), http.MethodGet, "/v1/me", nil, &me); err != nil || me.Role != role {
			t.Errorf("%s is %q, %v, want %s", who, me.Role, err, role)
		}
	}
	said, log := "It keeps nothing", "keep nothing"
	if onPostgres() {
		said, log = "kept in the database", ""
	}
	if !strings.Contains(s.stdout.String(), said) || !strings.Contains(s.stderr.String(), log) {
		t.Errorf("it does not say what is kept:\n%s%s", s.stdout, s.stderr)
	}
}

func TestThePrintedScriptBooks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ shell, password string }{
		"sh":                   {"sh", ""},
		"dash":                 {"dash", ""},
		"bash":                 {"bash", ""},
		"with an odd password": {"sh", `it's "ten" \ $HOME %s`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, tool := range []string{c.shell, "curl", "sed"} {
				if _, err := exec.LookPath(tool); err != nil {
					t.Skipf("this machine has no %s", tool)
				}
			}
			env := demoEnv()
			if c.password != "" {
				env = demoEnv("SECRETARY_ADMIN_EMAIL", "root@clinic.example", "SECRETARY_ADMIN_PASSWORD", c.password)
			}
			s := startServe(t, env)
			printed := s.stdout.String()
			script := printed[strings.Index(printed, "\nURL=")+1:]
			said, err := exec.CommandContext(t.Context(), c.shell, "-c", script).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			lines := strings.Split(strings.TrimSpace(string(said)), "\n")
			if !strings.Contains(string(said), `(ou responda "este número")`) {
				t.Errorf("a reply with quotes is cut or still encoded:\n%s", said)
			}
			if last := lines[len(lines)-1]; !strings.Contains(last, "Botox com Dra. Maria Costa") {
				t.Errorf("the last line is %q, want the confirmation:\n%s", last, said)
			}
			if c.password != "" {
				return // the banner is not made to be read by a program when the password has blanks
			}
			all := s.appointments(t)
			if len(all) != 1 || all[0].Calendar != "dra-maria-costa@demo.calendar" || all[0].Status != "confirmed" || all[0].End.Sub(all[0].Start) != 45*time.Minute {
				t.Errorf("appointments = %+v, want one of 45 minutes, confirmed, in Dra. Maria's calendar", all)
			}
		})
	}
}

func TestWithoutTheDemoTheFirstManagerComesFromTheEnvironment(t *testing.T) {
	t.Parallel()
	s := startServe(t, map[string]string{
		"SECRETARY_ADMIN_EMAIL": "root@clinic.example", "SECRETARY_ADMIN_PASSWORD": "correct horse battery",
		"SECRETARY_SIGNING_KEY": strings.Repeat("signing-", 4), "EVOLUTION_WEBHOOK_TOKEN": "webhook-token-1234",
		"EVOLUTION_URL": "http://127.0.0.1:9", "EVOLUTION_API_KEY": "evolution-key",
		"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_MODEL": "llama-3", "OPENAI_API_KEY": "hunter2",
	})
	c, err := newClient(t.Context(), s.url, credentials{"root@clinic.example", "correct horse battery"})
	if err != nil {
		t.Fatal(err)
	}
	entities, err := list[created](t.Context(), c, "/v1/entities")
	if err != nil || len(entities) != 0 {
		t.Errorf("entities = %v, %v, want none", entities, err)
	}
	if !strings.Contains(s.stderr.String(), "llama-3") {
		t.Errorf("the log does not name the model:\n%s", s.stderr)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	for _, value := range []string{"correct horse battery", "signing-", "webhook-token-1234", "evolution-key", "hunter2"} {
		if said := s.stdout.String() + s.stderr.String(); strings.Contains(said, value) {
			t.Errorf("the output has %q:\n%s", value, said)
		}
	}
}

func TestARequestThatHasBegunIsAnsweredDuringShutdown(t *testing.T) {
	t.Parallel()
	s := startServe(t, demoEnv())
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	body := `{"email":"nobody@clinic.example","password":"wrong password"}`
	head := "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n"
	if _, err := fmt.Fprintf(conn, head, len(body)); err != nil {
		t.Fatal(err)
	}
	answer := bufio.NewReader(conn)
	// The server asks for the body when the handler reads it, so from here on the request has begun.
	if asked, err := answer.ReadString('\n'); err != nil || !strings.Contains(asked, "100") {
		t.Fatalf("the server said %q, %v, want 100 Continue", asked, err)
	}
	if _, err := answer.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	s.cancel()
	s.awaitRefusal(t)
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(answer, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("status = %d, want 401", resp.StatusCode)
	}
	if err := s.stop(); err != nil {
		t.Errorf("serve ended with %v", err)
	}
}

func TestASignalEndsTheProgramCleanly(t *testing.T) {
	t.Parallel()
	env := []string{"SECRETARY_ADDR=127.0.0.1:0"}
	if onPostgres() {
		env = append(env, "DATABASE_URL="+pgtest.URL(t))
	}
	cmd := programCommand(t, env, "serve")
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	lines := bufio.NewScanner(logs)
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if listening.MatchString(lines.Text()) {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the program ended with %v, want status 0\n%s", err, &said)
	}
	if !strings.Contains(said.String(), "msg=stopped") {
		t.Errorf("the log does not say that it stopped:\n%s", &said)
	}
}

func TestATakenAddressIsToldWithWhatToDo(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	p := program{getenv: environment(map[string]string{"SECRETARY_ADDR": taken.Addr().String()}), stdout: io.Discard, stderr: io.Discard}
	err = p.run(t.Context(), []string{"serve"})
	if err == nil || !strings.Contains(err.Error(), "SECRETARY_ADDR") {
		t.Errorf("error = %v, want one that names SECRETARY_ADDR", err)
	}
}
