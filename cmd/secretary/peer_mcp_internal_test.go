//go:build peers

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// These tests have the official clients of the Model Context Protocol list and call every tool. `.ci/peers` installs the
// clients, and says where they are.

// toolResult is what a client says of a call, or of the list.
type toolResult struct {
	IsError           bool `json:"isError"`
	Content           []struct{ Text string }
	StructuredContent map[string]any `json:"structuredContent"`
	Tools             []struct{ Name string }
}

// peerClient does what it is told: a call of a tool, or of "" the list.
type peerClient func(t *testing.T, name string, arguments map[string]any) toolResult

// peerNode is a program in Node, of the clients' folder. The Inspector needs a newer Node than the machine may have.
func peerNode(t *testing.T, token string, arguments ...string) *exec.Cmd {
	t.Helper()
	dir := os.Getenv("SECRETARY_TEST_MCP_CLIENTS_DIR")
	if dir == "" {
		t.Fatal("SECRETARY_TEST_MCP_CLIENTS_DIR names no folder with the clients: `make test-peers` makes one")
	}
	node := "node"
	if installed := filepath.Join(dir, "node_modules", ".bin", "node"); exec.Command(installed, "--version").Run() == nil { //nolint:noctx // it ends at once
		node = installed
	}
	cmd := exec.CommandContext(t.Context(), node, arguments...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TOKEN="+token, "HOME="+t.TempDir())
	cmd.WaitDelay = time.Second
	return cmd
}

// typescript is a client of the TypeScript SDK, which stays connected.
func typescript(t *testing.T, url, transport, token string) peerClient {
	t.Helper()
	cmd := peerNode(t, token, "client.mjs", url, transport)
	said := &output{}
	cmd.Stderr = said
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // which ends the program
		if err := cmd.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("the client: %v\n%s", err, said)
		}
	})
	lines := bufio.NewReader(out)
	return func(t *testing.T, name string, arguments map[string]any) (r toolResult) {
		t.Helper()
		asked := map[string]any{}
		if name != "" {
			asked = map[string]any{"name": name, "arguments": arguments}
		}
		if err := json.NewEncoder(in).Encode(asked); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, said)
		}
		line, err := lines.ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, &r)
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s%s", name, err, line, said)
		}
		return r
	}
}

// inspector is the MCP Inspector, which connects anew for each call.
func inspector(_ *testing.T, url, transport, token string) peerClient {
	return func(t *testing.T, name string, arguments map[string]any) toolResult {
		t.Helper()
		do := []string{
			"node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", "--cli", url, "--transport", transport,
			"--header", "Authorization: Bearer " + token, "--format", "json", "-q",
		}
		if name == "" {
			do = append(do, "--method", "tools/list", "--strict") // which fails for schemas that some models do not take
		} else {
			raw, err := json.Marshal(arguments)
			if err != nil {
				t.Fatal(err)
			}
			do = append(do, "--method", "tools/call", "--tool-name", name, "--tool-args-json", string(raw))
		}
		cmd := peerNode(t, token, do...)
		var out, said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &said
		err := cmd.Run()
		var answer struct{ Result toolResult }
		if err == nil {
			err = json.Unmarshal(out.Bytes(), &answer)
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s%s", name, err, out.String(), said.String())
		}
		return answer.Result
	}
}

func TestPeerClientsListAndCallEveryTool(t *testing.T) {
	t.Parallel()
	for client, connect := range map[string]func(t *testing.T, url, transport, token string) peerClient{"Inspector": inspector, "TypeScript": typescript} {
		for transport, path := range map[string]string{"http": "/mcp", "sse": "/sse"} {
			t.Run(client+path, func(t *testing.T) {
				t.Parallel()
				s := startServe(t, demoEnv())
				c, clinic := s.login(t)
				var of struct {
					EntityID int64 `json:"entity_id"`
				}
				var key struct{ Key string }
				if err := c.call(t.Context(), http.MethodGet, "/v1/clinics/"+clinic.TenantID, nil, &of); err != nil {
					t.Fatal(err)
				}
				if err := c.call(t.Context(), http.MethodPost, "/v1/api-keys", map[string]any{
					"entity_id": of.EntityID, "name": "peer", "scopes": []string{"agenda:read", "agenda:write", "clinics:read"},
				}, &key); err != nil {
					t.Fatal(err)
				}
				callEveryTool(t, connect(t, s.url+path, transport, key.Key))
			})
		}
	}
}

// callEveryTool goes the way of an agent, from the list of tools to the end of two visits.
func callEveryTool(t *testing.T, do peerClient) {
	t.Helper()
	var missing []string
	for _, tool := range do(t, "", nil).Tools {
		missing = append(missing, tool.Name)
	}
	if len(missing) != 16 {
		t.Fatalf("tools = %v, want 16", missing)
	}
	call := func(name string, arguments map[string]any) map[string]any {
		t.Helper()
		r := do(t, name, arguments)
		if r.IsError || r.StructuredContent == nil {
			t.Fatalf("%s: %+v", name, r)
		}
		missing = slices.DeleteFunc(missing, func(tool string) bool { return tool == name })
		return r.StructuredContent
	}
	first := func(answer map[string]any, list string) map[string]any {
		t.Helper()
		all, _ := answer[list].([]any)
		if len(all) == 0 {
			t.Fatalf("no %s: %v", list, answer)
		}
		one, _ := all[0].(map[string]any)
		return one
	}
	call("get-current-time", map[string]any{})
	call("list-calendars", map[string]any{})
	call("list-professionals", map[string]any{})
	call("list-services", map[string]any{})
	who, _ := first(call("find-professional", map[string]any{"query": "coração"}), "matches")["professional"].(map[string]any)
	calendar := who["calendarId"]
	free, _ := call("list-free-slots", map[string]any{"professionalId": who["professionalId"], "limit": 8})["slots"].([]any)
	if len(free) < 8 {
		t.Fatalf("%d free slots, want 8", len(free))
	}
	// Not the first one, which may come too close while the test runs.
	start := func(i int) any { slot, _ := free[i].(map[string]any); return slot["start"] }
	made := call("create-event", map[string]any{
		"calendarId": calendar, "summary": "José Conceição", "start": start(2), "patient": map[string]any{"name": "José Conceição", "phone": "+5511955550011"},
	})
	if made["status"] != "confirmed" {
		t.Errorf("create-event: %v", made)
	}
	event := map[string]any{"calendarId": calendar, "eventId": made["eventId"]}
	if got := first(call("list-events", map[string]any{"calendarId": calendar}), "events"); got["eventId"] != made["eventId"] {
		t.Errorf("list-events: %v", got)
	}
	call("get-event", event)
	call("get-freebusy", map[string]any{"calendars": []any{map[string]any{"id": calendar}}, "timeMin": start(0), "timeMax": start(7)})
	if got := call("update-event", map[string]any{"calendarId": calendar, "eventId": made["eventId"], "start": start(4)}); got["start"] != start(4) {
		t.Errorf("update-event: %v", got)
	}
	call("delete-event", event)
	held := call("hold-slot", map[string]any{"professionalId": who["professionalId"], "start": start(3), "patient": map[string]any{"name": "Ana"}})
	visit := map[string]any{"appointmentId": held["appointmentId"]}
	if got := call("confirm-appointment", visit); got["status"] != "confirmed" {
		t.Errorf("confirm-appointment: %v", got)
	}
	call("reschedule-appointment", map[string]any{"appointmentId": held["appointmentId"], "start": start(5)})
	if got := call("cancel-appointment", visit); got["status"] != "cancelled" {
		t.Errorf("cancel-appointment: %v", got)
	}
	if len(missing) > 0 {
		t.Error(fmt.Sprint("not called: ", missing))
	}
}
