// Package redistest gives tests a Redis server: the one that the environment names, or one of their own, which they may hang
// and kill.
package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

const (
	variable = "SECRETARY_TEST_REDIS_URL"
	patience = 30 * time.Second
)

// URL returns the address of the server that all tests share. It skips the test when there is none.
func URL(tb testing.TB) string {
	tb.Helper()
	url := os.Getenv(variable)
	if url == "" {
		tb.Skip(variable + " is not set: no Redis to test with (`make test` starts one)")
	}
	return url
}

// Server is a server for one test, which keeps nothing.
type Server struct {
	URL string

	address string
	program string
	dir     string
	running *exec.Cmd
}

// Start starts a server, which ends with the test. It skips the test where no other needs Redis, or where the server that
// the others use is elsewhere.
func Start(tb testing.TB) *Server {
	tb.Helper()
	URL(tb)
	s := &Server{dir: tb.TempDir()}
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			s.program = path
			break
		}
	}
	if s.program == "" {
		tb.Skip("there is no redis-server on this machine to start, hang and kill")
	}
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("looking for a free port: %v", err)
	}
	s.address = listener.Addr().String()
	s.URL = "redis://" + s.address + "/0"
	_ = listener.Close() // nothing was accepted
	tb.Cleanup(func() {
		if s.running != nil {
			s.Kill(tb)
		}
	})
	s.Restart(tb)
	return s
}

// Restart starts the server again after Kill, with nothing in it, and waits until it accepts connections.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		tb.Fatalf("the server's address: %v", err)
	}
	log := filepath.Join(s.dir, "log")
	deadline := time.Now().Add(patience)
	for {
		s.running = exec.CommandContext(context.WithoutCancel(tb.Context()), s.program, "--bind", "127.0.0.1", "--port", port,
			"--save", "", "--appendonly", "no", "--dir", s.dir, "--logfile", log)
		if err := s.running.Start(); err != nil {
			tb.Fatalf("starting %s: %v", s.program, err)
		}
		ended := make(chan error, 1)
		go func(cmd *exec.Cmd) { ended <- cmd.Wait() }(s.running)
		if s.accepts(tb, ended, deadline) {
			return
		}
		if time.Now().After(deadline) { // the port may have been another's in between
			said, _ := os.ReadFile(log)
			tb.Fatalf("the Redis server does not start:\n%s", said)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// accepts waits until the server accepts connections, or has ended.
func (s *Server) accepts(tb testing.TB, ended <-chan error, deadline time.Time) bool {
	tb.Helper()
	for time.Now().Before(deadline) {
		select {
		case err := <-ended:
			tb.Logf("redis ended: %v", err)
			return false
		case <-time.After(10 * time.Millisecond):
		}
		if conn, err := new(net.Dialer).DialContext(tb.Context(), "tcp", s.address); err == nil {
			return conn.Close() == nil
		}
	}
	return false
}

// Kill ends the server at once, as a crash would.
func (s *Server) Kill(tb testing.TB) {
	tb.Helper()
	s.signal(tb, syscall.SIGKILL)
	deadline := time.Now().Add(patience)
	for s.running.Process.Signal(syscall.Signal(0)) == nil { // until it was waited for
		if time.Now().After(deadline) {
			tb.Fatal("the Redis server survives SIGKILL")
		}
		time.Sleep(time.Millisecond)
	}
	s.running = nil
}

// Hang has the server do nothing, until Continue.
func (s *Server) Hang(tb testing.TB) {
	tb.Helper()
	s.signal(tb, syscall.SIGSTOP)
}

// Continue ends what Hang began.
func (s *Server) Continue(tb testing.TB) {
	tb.Helper()
	s.signal(tb, syscall.SIGCONT)
}

func (s *Server) signal(tb testing.TB, signal syscall.Signal) {
	tb.Helper()
	if err := s.running.Process.Signal(signal); err != nil {
		tb.Fatal(fmt.Errorf("sending %v to the Redis server: %w", signal, err))
	}
}
