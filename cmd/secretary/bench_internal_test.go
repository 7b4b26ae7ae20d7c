package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// buildBinary builds the program as `make build` does.
func buildBinary(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "secretary")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", path, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// startBinary starts the program on memory and waits for the first answer of /healthz.
func startBinary(b *testing.B, path string) *exec.Cmd {
	b.Helper()
	free, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := free.Addr().String()
	_ = free.Close()
	cmd := exec.CommandContext(b.Context(), path, "serve")
	cmd.Env = []string{"SECRETARY_ADDR=" + addr, "SECRETARY_LOG_LEVEL=error"}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	client := testClient()
	for {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+addr+"/healthz", http.NoBody)
		if err != nil {
			b.Fatal(err)
		}
		if resp, err := client.Do(req); err == nil {
			_ = resp.Body.Close()
			return cmd
		}
		time.Sleep(500 * time.Microsecond)
	}
}

func stopBinary(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkStartToFirstRequest is how long a new process takes until it has answered a request.
func BenchmarkStartToFirstRequest(b *testing.B) {
	path := buildBinary(b)
	for b.Loop() {
		cmd := startBinary(b, path)
		b.StopTimer()
		stopBinary(b, cmd)
		b.StartTimer()
	}
}

// BenchmarkIdleMemory is the resident memory of a process that has answered one request and had a second of rest.
func BenchmarkIdleMemory(b *testing.B) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		b.Skip("this machine has no /proc")
	}
	path := buildBinary(b)
	var total float64
	for b.Loop() {
		cmd := startBinary(b, path)
		time.Sleep(time.Second)
		total += residentMiB(b, cmd.Process.Pid)
		stopBinary(b, cmd)
	}
	b.ReportMetric(total/float64(b.N), "MiB-RSS")
	b.ReportMetric(0, "ns/op")
}

func residentMiB(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}
