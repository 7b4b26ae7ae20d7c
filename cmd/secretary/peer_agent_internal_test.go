//go:build peers

package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/secretary-api/secretary/adapters/livekit/livekittest"
)

// These tests run the agent of examples/agent, in Node, against the service and a real LiveKit server. `.ci/peers` installs
// what the agent needs, and says where it is.

// peerAgent is the example's worker with its jobs, which are processes of the same group.
type peerAgent struct {
	process *exec.Cmd
	said    *output
	ended   chan struct{}
}

// startPeerAgent starts the agent, and waits until LiveKit knows it.
func startPeerAgent(t *testing.T, w *call) *peerAgent {
	t.Helper()
	dir := os.Getenv("SECRETARY_TEST_AGENT_DIR")
	if dir == "" {
		t.Fatal("SECRETARY_TEST_AGENT_DIR names no folder with the agent: `make test-peers` makes one")
	}
	p := &peerAgent{process: exec.Command("node", "agent.js", "start"), said: &output{}, ended: make(chan struct{})} //nolint:noctx // it ends with its group, below
	p.process.Dir = dir
	p.process.Env = append(os.Environ(),
		"LIVEKIT_URL="+w.livekit.URL, "LIVEKIT_API_KEY="+w.livekit.APIKey, "LIVEKIT_API_SECRET="+w.livekit.APISecret,
		"AGENT_HEALTH_PORT="+freePort(t))
	p.process.Stdout, p.process.Stderr = p.said, p.said
	p.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.process.WaitDelay = time.Second
	if err := p.process.Start(); err != nil {
		t.Fatalf("starting the agent: %v", err)
	}
	go func() {
		_ = p.process.Wait() // it is killed, or says what is wrong
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-p.process.Process.Pid, syscall.SIGKILL) // which may be away already
		<-p.ended
		if t.Failed() {
			t.Logf("the agent said:\n%s", p.said)
		}
	})
	w.eventually("waiting for the agent to register", func() error {
		select {
		case <-p.ended:
			t.Fatalf("the agent ended")
		default:
		}
		if !strings.Contains(p.said.String(), "registered worker") {
			return fmt.Errorf("it said:\n%s", p.said)
		}
		return nil
	})
	return p
}

// terminate asks the worker to end, as what runs it in production does.
func (p *peerAgent) terminate(t *testing.T) {
	t.Helper()
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("asking the agent to end: %v", err)
	}
}

// kill kills the worker and its jobs, so that none of them can say that it leaves.
func (p *peerAgent) kill(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(-p.process.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatalf("killing the agent: %v", err)
	}
}

// freePort returns a TCP port of 127.0.0.1 that nobody uses, at this moment.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// agentEvent is what the agent appends.
type agentEvent struct {
	Name string
	Data struct{ Text, Identity string }
}

// awaitAgentEvents waits until the agent has appended so many events, and returns them, oldest first.
func (w *call) awaitAgentEvents(room int64, n int) (events []agentEvent) {
	w.t.Helper()
	w.eventually("waiting for what the agent tells", func() error {
		var list struct{ Items []agentEvent }
		w.do(http.MethodGet, fmt.Sprintf("/v1/rooms/%d/agent-events", room), "", &list)
		events = list.Items
		if len(events) < n {
			return fmt.Errorf("there are %d events, want %d: %+v", len(events), n, events)
		}
		return nil
	})
	return events
}

// agentSession is what the service says of an agent's session.
type agentSession struct {
	Input     int64  `json:"total_tokens_input"`
	Output    int64  `json:"total_tokens_output"`
	EndReason string `json:"end_reason"`
	Model     string
}

// awaitSession waits until a room's only session is as it should be.
func (w *call) awaitSession(room int64, what string, is func(agentSession) bool) (s agentSession) {
	w.t.Helper()
	w.eventually(what, func() error {
		var list struct{ Items []agentSession }
		w.do(http.MethodGet, fmt.Sprintf("/v1/usage?room_id=%d", room), "", &list)
		if len(list.Items) != 1 || !is(list.Items[0]) {
			return fmt.Errorf("the sessions are %+v", list.Items)
		}
		s = list.Items[0]
		return nil
	})
	return s
}

func (s agentSession) hasEnded() bool { return s.EndReason == "ended" }

// peerCall is a room in which the example's agent has greeted a patient.
type peerCall struct {
	*call

	agent   *peerAgent
	id      int64 // of the room
	patient *livekittest.Guest
}

func newPeerCall(t *testing.T) peerCall {
	t.Helper()
	w := newCall(t, map[string]string{"SECRETARY_AGENT_DEADLINE": "30s"})
	p := startPeerAgent(t, w)
	room := w.open(`,"departure_timeout_seconds":2`)
	w.requestAgent(room)
	w.awaitAgent(room, "JOINED")
	token := w.token(room, w.patient(room))
	patient := livekittest.Join(t, token.URL, token.Token)
	if greeting := w.awaitAgentEvents(room, 1)[0]; greeting.Name != "answer" || greeting.Data.Text == "" {
		t.Errorf("the agent greets with %+v", greeting)
	}
	return peerCall{w, p, room, patient}
}

func TestPeerAgentConverses(t *testing.T) {
	t.Parallel()
	w := newPeerCall(t)
	w.patient.Room.LocalParticipant.SendText("Estou com dor no joelho.", lksdk.StreamTextOptions{Topic: "lk.chat"})
	events := w.awaitAgentEvents(w.id, 4)[1:]
	var names []string
	for _, e := range events {
		names = append(names, e.Name)
	}
	if want := []string{"transcript", "suggestion", "answer"}; !slices.Equal(names, want) {
		t.Errorf("the agent told %q, want %q", names, want)
	}
	if heard := events[0].Data; heard.Text != "Estou com dor no joelho." || heard.Identity != w.patient.Identity() {
		t.Errorf("the agent heard %+v", heard)
	}
	meanwhile := w.awaitSession(w.id, "waiting for the agent's report", func(s agentSession) bool { return s.Input > 0 && s.Output > 0 })
	if meanwhile.Model != "scripted-1" || meanwhile.EndReason != "" {
		t.Errorf("meanwhile the session is %+v", meanwhile)
	}

	w.do(http.MethodDelete, fmt.Sprintf("/v1/rooms/%d", w.id), "", nil)
	ended := w.awaitSession(w.id, "waiting for the agent to end its session", agentSession.hasEnded)
	if ended.Input < meanwhile.Input || ended.Output < meanwhile.Output {
		t.Errorf("the session ended with %+v, after %+v", ended, meanwhile)
	}
	w.awaitEvents(w.id, "agent_left", 1)
	w.awaitEvents(w.id, "agent_joined", 1)
}

func TestPeerAgentEndsWhenThePatientLeaves(t *testing.T) {
	t.Parallel()
	w := newPeerCall(t)
	w.patient.Leave()
	w.awaitSession(w.id, "waiting for the agent to end its session", agentSession.hasEnded)
	w.awaitAgent(w.id, "LEFT")
	w.awaitRoom(w.id, "waiting for LiveKit to end the empty room", func(r roomState) bool { return r.Status == "CLOSED" })
}

func TestPeerAgentEndsWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	w := newPeerCall(t)
	w.agent.terminate(t)
	ended := w.awaitSession(w.id, "waiting for the agent to end its session", agentSession.hasEnded)
	if ended.Output == 0 {
		t.Errorf("the session ended with %+v", ended)
	}
	if agent := w.awaitAgent(w.id, "LEFT"); agent.Reason == "" {
		t.Error("the agent left without a reason")
	}
}

func TestPeerAgentThatIsKilledHasLeft(t *testing.T) {
	t.Parallel()
	w := newPeerCall(t)
	w.agent.kill(t)
	killed := time.Now()
	agent := w.awaitAgent(w.id, "LEFT")
	if agent.Reason == "" || agent.Attempts != 1 {
		t.Errorf("the agent that was killed is %+v", agent)
	}
	t.Logf("it took %v to find out, with the reason %q", time.Since(killed).Round(time.Second), agent.Reason)
	w.awaitEvents(w.id, "agent_left", 1)
	w.awaitEvents(w.id, "participant_left", 1)
	if r := w.room(w.id); r.Status != "IN_PROGRESS" {
		t.Errorf("with the patient in it the room is %s", r.Status)
	}
}
