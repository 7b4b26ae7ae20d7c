package livekittest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

const (
	variable = "SECRETARY_TEST_LIVEKIT_SERVER"
	patience = 30 * time.Second // before a test fails; nothing is measured with it
	shownLog = 16 << 10         // bytes of the server's log, when a test failed
)

// Server is a LiveKit server for one test. It knows nothing after a restart.
type Server struct {
	URL       string // "ws://127.0.0.1:40001"
	APIKey    string
	APISecret string

	program  string
	dir      string
	address  string
	webhooks []string
	running  *exec.Cmd
	ended    chan error // gets one value when running has ended
}

// Start starts a server, which ends with the test and posts webhooks to the URLs. It skips the test when there is no program
// to start.
func Start(tb testing.TB, webhooks ...string) *Server {
	tb.Helper()
	program := os.Getenv(variable)
	if program == "" {
		tb.Skip(variable + " is not set: no LiveKit server to test with (`make test` builds one)")
	}
	quiet()
	s := &Server{
		APIKey: "testkey", APISecret: "a-secret-for-tests-of-32-characters-or-more",
		program: program, dir: tb.TempDir(), address: freePort(tb, "tcp"), webhooks: webhooks,
	}
	s.URL = "ws://" + s.address
	tb.Cleanup(func() {
		if s.running != nil {
			s.Kill(tb)
		}
		if tb.Failed() {
			tb.Logf("the LiveKit server said:\n%s", s.said())
		}
	})
	s.Restart(tb)
	return s
}

// quiet has LiveKit's library log nothing: it tells what it does, and of failures that the tests bring about.
var quiet = sync.OnceFunc(func() { lksdk.SetLogger(logger.GetDiscardLogger()) }) //nolint:gochecknoglobals // it sets one of the library

// Restart starts the server again after Kill, at the same address, and waits until it answers. It has no rooms.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		s.launch(tb)
		if s.answers(tb, deadline) {
			return
		}
		if time.Now().After(deadline) { // a port may have been another's in between
			tb.Fatalf("the LiveKit server does not start:\n%s", s.said())
		}
	}
}

func (s *Server) launch(tb testing.TB) {
	tb.Helper()
	config := filepath.Join(s.dir, "livekit.yaml")
	if err := os.WriteFile(config, []byte(s.config(tb)), 0o600); err != nil {
		tb.Fatalf("writing the server's configuration: %v", err)
	}
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		tb.Fatalf("opening the server's log: %v", err)
	}
	defer func() { _ = log.Close() }() // the server has its own

	s.running = exec.CommandContext(context.WithoutCancel(tb.Context()), s.program, "--config", config)
	s.running.Stdout, s.running.Stderr = log, log
	if err := s.running.Start(); err != nil {
		tb.Fatalf("starting %s: %v", s.program, err)
	}
	s.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan<- error) { ended <- cmd.Wait() }(s.running, s.ended)
}

// config keeps everything on this machine. A TCP port for media would listen on all addresses.
func (s *Server) config(tb testing.TB) string {
	tb.Helper()
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		tb.Fatalf("the server's address: %v", err)
	}
	_, media, err := net.SplitHostPort(freePort(tb, "udp"))
	if err != nil {
		tb.Fatalf("the server's UDP address: %v", err)
	}
	lines := []string{
		"port: " + port,
		`bind_addresses: ["127.0.0.1"]`,
		"rtc:",
		"  udp_port: " + media,
		"  tcp_port: 0",
		"  use_external_ip: false",
		"  stun_servers: []",
		"  node_ip: 127.0.0.1",
		"  enable_loopback_candidate: true",
		"  interfaces: {includes: [lo, lo0]}",
		fmt.Sprintf("keys: {%s: %s}", s.APIKey, s.APISecret),
		"logging: {level: info, json: false}",
	}
	if len(s.webhooks) > 0 {
		lines = append(lines, fmt.Sprintf(`webhook: {api_key: %s, urls: ["%s"]}`, s.APIKey, strings.Join(s.webhooks, `", "`)))
	}
	return strings.Join(lines, "\n") + "\n"
}

// answers waits until the server answers, or has ended.
func (s *Server) answers(tb testing.TB, deadline time.Time) bool {
	tb.Helper()
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for time.Now().Before(deadline) {
		select {
		case err := <-s.ended:
			tb.Logf("the LiveKit server ended: %v", err)
			s.running = nil
			return false
		case <-time.After(20 * time.Millisecond):
		}
		if s.isUp(tb, client) {
			return true
		}
	}
	return false
}

func (s *Server) isUp(tb testing.TB, client *http.Client) bool {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, "http://"+s.address+"/", http.NoBody)
	if err != nil {
		tb.Fatalf("the server's address: %v", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return err == nil && string(bytes.TrimSpace(body)) == "OK"
}

// Kill ends the server at once, as a crash would: nobody in its rooms is told, and no webhook is sent.
func (s *Server) Kill(tb testing.TB) {
	tb.Helper()
	s.signal(tb, syscall.SIGKILL)
	select {
	case err := <-s.ended:
		tb.Logf("the LiveKit server was killed: %v", err)
	case <-time.After(patience):
		tb.Fatal("the LiveKit server survives SIGKILL")
	}
	s.running = nil
}

// Hang has the server do nothing, until Continue.
func (s *Server) Hang(tb testing.TB) {
	tb.Helper()
	s.signal(tb, syscall.SIGSTOP)
	eventually(tb, "the LiveKit server hangs", s.isStopped)
}

// isStopped reports whether the last thread has noticed SIGSTOP: until then requests may be answered. Where there is no
// /proc to read, it takes that for granted.
func (s *Server) isStopped() bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", s.running.Process.Pid)) // the pattern is good
	return !slices.ContainsFunc(threads, func(file string) bool {
		stat, err := os.ReadFile(file) // "123 (livekit-server) T 1 ..."
		_, state, _ := strings.Cut(string(stat), ") ")
		return err == nil && !strings.HasPrefix(state, "T")
	})
}

// Continue ends what Hang began.
func (s *Server) Continue(tb testing.TB) {
	tb.Helper()
	s.signal(tb, syscall.SIGCONT)
}

func (s *Server) signal(tb testing.TB, signal syscall.Signal) {
	tb.Helper()
	if s.running == nil {
		tb.Fatal("the LiveKit server does not run")
	}
	if err := s.running.Process.Signal(signal); err != nil {
		tb.Fatal(fmt.Errorf("sending %v to the LiveKit server: %w", signal, err))
	}
}

// Token returns a token of the server with a grant, for who is called identity.
func (s *Server) Token(tb testing.TB, identity string, grant auth.VideoGrant) string {
	tb.Helper()
	token, err := auth.NewAccessToken(s.APIKey, s.APISecret).SetIdentity(identity).SetVideoGrant(&grant).SetValidFor(time.Hour).ToJWT()
	if err != nil {
		tb.Fatalf("making a token: %v", err)
	}
	return token
}

// has reports whether somebody is in a room.
func (s *Server) has(tb testing.TB, room, identity string) bool {
	tb.Helper()
	client := lksdk.NewRoomServiceClient(s.URL, s.APIKey, s.APISecret)
	list, err := client.ListParticipants(tb.Context(), &livekit.ListParticipantsRequest{Room: room})
	return err == nil && slices.ContainsFunc(list.GetParticipants(), func(p *livekit.ParticipantInfo) bool {
		return p.GetIdentity() == identity && p.GetState() == livekit.ParticipantInfo_ACTIVE
	})
}

func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

// said is the end of what the server logged.
func (s *Server) said() string {
	log, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	return string(log[max(0, len(log)-shownLog):])
}

// freePort returns an address of this machine that nobody uses, at this moment.
func freePort(tb testing.TB, network string) string {
	tb.Helper()
	var address net.Addr
	var held io.Closer
	if network == "udp" {
		conn, err := new(net.ListenConfig).ListenPacket(tb.Context(), network, "127.0.0.1:0")
		if err != nil {
			tb.Fatalf("looking for a free port: %v", err)
		}
		address, held = conn.LocalAddr(), conn
	} else {
		listener, err := new(net.ListenConfig).Listen(tb.Context(), network, "127.0.0.1:0")
		if err != nil {
			tb.Fatalf("looking for a free port: %v", err)
		}
		address, held = listener.Addr(), listener
	}
	_ = held.Close() // nothing came
	return address.String()
}
