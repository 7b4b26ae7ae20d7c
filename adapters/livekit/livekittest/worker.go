package livekittest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// Behaviour is what an agent does when it is sent for.
type Behaviour int

// The behaviours. LiveKit tells nobody of any but the first.
const (
	Joins             Behaviour = iota // it comes
	Refuses                            // it is not available
	Ignores                            // it does not answer; LiveKit waits 10 s
	CrashesBeforeJoin                  // it takes the job, and is never seen
	CrashesAfterJoin                   // it comes, in a process of its own, which is killed then; see [ActAsAgent]
)

// Worker is a program that agents run in. It is registered with a server under the agents' name, as a real one would be, and
// deals with jobs one after the other. After a restart of the server another one has to be started.
type Worker struct {
	server *Server
	name   string
	conn   *websocket.Conn
	jobs   chan *Job
	early  []*livekit.ServerMessage // what the server said before the worker worked

	mu        sync.Mutex
	behaviour Behaviour
	identity  string
	offers    int
	writing   sync.Mutex
	ended     chan struct{} // closed when nothing is read any more
}

// Job is a dispatched agent's.
type Job struct {
	ID         string
	DispatchID string
	Room       string // LiveKit's name of it
	RoomSID    string
	AgentName  string
	Metadata   string // as it was given to CreateDispatch
	Behaviour  Behaviour
	Guest      *Guest // the agent in the room, with Joins; nil otherwise
}

// Fields reads the metadata as the JSON object that it should be.
func (j *Job) Fields(tb testing.TB) map[string]any {
	tb.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(j.Metadata), &fields); err != nil {
		tb.Fatalf("the job's metadata: %v in %q", err, j.Metadata)
	}
	return fields
}

// StartWorker registers a worker for agents of a name, and waits until the server knows it. It ends with the test.
func StartWorker(tb testing.TB, s *Server, name string, b Behaviour) *Worker {
	tb.Helper()
	w := &Worker{server: s, name: name, behaviour: b, jobs: make(chan *Job, 100), ended: make(chan struct{})}
	header := http.Header{"Authorization": {"Bearer " + s.Token(tb, "", auth.VideoGrant{Agent: true})}}
	conn, resp, err := websocket.DefaultDialer.DialContext(tb.Context(), s.URL+"/agent?protocol=1", header)
	if err != nil {
		tb.Fatalf("connecting a worker: %v", err)
	}
	_ = resp.Body.Close()
	w.conn = conn
	w.write(tb, &livekit.WorkerMessage{Message: &livekit.WorkerMessage_Register{Register: &livekit.RegisterWorkerRequest{
		Type: livekit.JobType_JT_ROOM, AgentName: name, Version: "test",
	}}})
	w.await(tb, "registering a worker", func(m *livekit.ServerMessage) bool { return m.GetRegister() != nil })
	// The server says that before it is so. It answers a ping after; and what still believes that there is no such worker,
	// which would drop the next job, hears of it a moment later.
	w.write(tb, &livekit.WorkerMessage{Message: &livekit.WorkerMessage_Ping{Ping: &livekit.WorkerPing{}}})
	w.await(tb, "waiting for a worker's registration", func(m *livekit.ServerMessage) bool { return m.GetPong() != nil })
	time.Sleep(100 * time.Millisecond)
	tb.Cleanup(func() { w.Stop(tb) })
	go w.work(tb)
	return w
}

// await reads until the server has said something. What it says before, such as offering a job that another worker left, is
// for work.
func (w *Worker) await(tb testing.TB, what string, said func(*livekit.ServerMessage) bool) {
	tb.Helper()
	for {
		m, err := w.read()
		if err != nil {
			tb.Fatalf("%s: %v", what, err)
		}
		if said(m) {
			return
		}
		w.early = append(w.early, m)
	}
}

// Behave has the agent do this from now on.
func (w *Worker) Behave(b Behaviour) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.behaviour = b
}

// As has the agent join under this identity from now on, in place of the one that the metadata name.
func (w *Worker) As(identity string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.identity = identity
}

// Offers returns how many jobs were offered so far.
func (w *Worker) Offers() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.offers
}

// Next waits for the next job, until the agent has done with it what it does: an agent that joins has joined.
func (w *Worker) Next(tb testing.TB) *Job {
	tb.Helper()
	select {
	case job := <-w.jobs:
		return job
	case <-time.After(patience):
		tb.Fatalf("no job came for %q", w.name)
		return nil
	}
}

// Stop takes the worker away, without a word about its jobs. Agents that joined stay.
func (w *Worker) Stop(tb testing.TB) {
	tb.Helper()
	_ = w.conn.Close() // which may be away already
	select {
	case <-w.ended:
	case <-time.After(patience):
		tb.Error("the worker does not end")
	}
}

// work deals with what the server says until the connection ends. It does not listen to JobTermination: LiveKit puts out an
// agent that does not leave when its dispatch is deleted.
func (w *Worker) work(tb testing.TB) {
	defer close(w.ended)
	for _, m := range w.early {
		w.deal(tb, m)
	}
	for {
		m, err := w.read()
		if err != nil {
			return
		}
		w.deal(tb, m)
	}
}

func (w *Worker) deal(tb testing.TB, m *livekit.ServerMessage) {
	tb.Helper()
	switch {
	case m.GetAvailability() != nil:
		w.offered(tb, m.GetAvailability().GetJob())
	case m.GetAssignment() != nil:
		w.assigned(tb, m.GetAssignment())
	}
}

func (w *Worker) offered(tb testing.TB, j *livekit.Job) {
	tb.Helper()
	w.mu.Lock()
	w.offers++
	behaviour, identity := w.behaviour, w.identity
	w.mu.Unlock()
	switch behaviour {
	case Ignores:
		w.jobs <- jobOf(j, behaviour)
		return
	case Refuses:
		w.jobs <- jobOf(j, behaviour)
	case Joins, CrashesBeforeJoin, CrashesAfterJoin:
	}
	if identity == "" {
		identity = identityOf(j.GetMetadata())
	}
	w.write(tb, &livekit.WorkerMessage{Message: &livekit.WorkerMessage_Availability{Availability: &livekit.AvailabilityResponse{
		JobId: j.GetId(), Available: behaviour != Refuses, ParticipantIdentity: identity, ParticipantName: "Agent",
	}}})
}

func (w *Worker) assigned(tb testing.TB, a *livekit.JobAssignment) {
	tb.Helper()
	w.mu.Lock()
	job := jobOf(a.GetJob(), w.behaviour)
	w.mu.Unlock()
	url := w.server.URL
	if a.GetUrl() != "" {
		url = a.GetUrl()
	}
	switch job.Behaviour {
	case CrashesAfterJoin:
		who := a.GetJob().GetState().GetParticipantIdentity()
		if err := joinAndCrash(url, a.GetToken(), func() bool { return w.server.has(tb, job.Room, who) }); err != nil {
			tb.Errorf("an agent that joins and crashes: %v", err)
		}
	case Joins:
		guest, err := enter(url, a.GetToken())
		if err != nil {
			tb.Errorf("an agent joins: %v", err)
			return
		}
		tb.Cleanup(guest.Leave)
		job.Guest = guest
	case Refuses, Ignores, CrashesBeforeJoin:
	}
	w.jobs <- job
}

func jobOf(j *livekit.Job, b Behaviour) *Job {
	return &Job{
		ID: j.GetId(), DispatchID: j.GetDispatchId(), Room: j.GetRoom().GetName(), RoomSID: j.GetRoom().GetSid(),
		AgentName: j.GetAgentName(), Metadata: j.GetMetadata(), Behaviour: b,
	}
}

// identityOf is the identity that the metadata ask for: "participant-7". An agent that is not told one takes its own.
func identityOf(metadata string) string {
	var fields struct {
		ParticipantID int64 `json:"participant_id"`
	}
	if err := json.Unmarshal([]byte(metadata), &fields); err != nil || fields.ParticipantID == 0 {
		return "agent-of-its-own"
	}
	return "participant-" + strconv.FormatInt(fields.ParticipantID, 10)
}

func (w *Worker) read() (*livekit.ServerMessage, error) {
	_, raw, err := w.conn.ReadMessage()
	if err != nil {
		return nil, err
	}
	var m livekit.ServerMessage
	if err := proto.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("what the server says: %w", err)
	}
	return &m, nil
}

// write may fail when the server was killed: the job is lost then, as it would be.
func (w *Worker) write(tb testing.TB, m *livekit.WorkerMessage) {
	tb.Helper()
	raw, err := proto.Marshal(m)
	if err != nil {
		tb.Errorf("what the worker says: %v", err)
		return
	}
	w.writing.Lock()
	defer w.writing.Unlock()
	_ = w.conn.WriteMessage(websocket.BinaryMessage, raw)
}
