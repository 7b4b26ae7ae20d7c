package livekittest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/secretary-api/secretary/adapters/livekit/livekittest"
)

const patience = 30 * time.Second

func TestMain(m *testing.M) {
	livekittest.ActAsAgent()
	os.Exit(m.Run())
}

// hooks are the webhooks that came.
type hooks struct {
	url string

	mu   sync.Mutex
	came []*livekit.WebhookEvent
}

func listen(t *testing.T) *hooks {
	t.Helper()
	h := &hooks{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var event livekit.WebhookEvent
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, &event)
		}
		if err != nil {
			t.Errorf("a webhook: %v in %s", err, body)
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.came = append(h.came, &event)
	}))
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

func (h *hooks) names() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var names []string
	for _, event := range h.came {
		name := event.GetEvent()
		if event.GetParticipant() != nil {
			name += " " + event.GetParticipant().GetIdentity()
		}
		names = append(names, name)
	}
	return names
}

func (h *hooks) want(t *testing.T, want ...string) {
	t.Helper()
	for deadline := time.Now().Add(patience); len(h.names()) < len(want) && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if got := h.names(); !slices.Equal(got, want) {
		t.Fatalf("got the webhooks %q, want %q", got, want)
	}
}

func dispatch(t *testing.T, s *livekittest.Server, room, metadata string) {
	t.Helper()
	client := lksdk.NewAgentDispatchServiceClient(s.URL, s.APIKey, s.APISecret)
	_, err := client.CreateDispatch(t.Context(), &livekit.CreateAgentDispatchRequest{Room: room, AgentName: "secretary", Metadata: metadata})
	if err != nil {
		t.Fatal(err)
	}
}

func guest(t *testing.T, s *livekittest.Server, room, identity string) *livekittest.Guest {
	t.Helper()
	return livekittest.Join(t, s.URL, s.Token(t, identity, auth.VideoGrant{RoomJoin: true, Room: room}))
}

func TestGuestsMeet(t *testing.T) {
	t.Parallel()
	h := listen(t)
	s := livekittest.Start(t, h.url)
	anna := guest(t, s, "a-room", "anna")
	otto := guest(t, s, "a-room", "otto")
	otto.Say(t, "hello")
	anna.Hears(t, "hello")
	otto.Leave()
	anna.Speak(t)
	h.want(t, "room_started", "participant_joined anna", "participant_joined otto", "participant_left otto", "track_published anna")
}

func TestAgentJoinsAsItsMetadataSay(t *testing.T) {
	t.Parallel()
	h := listen(t)
	s := livekittest.Start(t, h.url)
	w := livekittest.StartWorker(t, s, "secretary", livekittest.Joins)
	dispatch(t, s, "a-room", `{"participant_id":7}`)
	job := w.Next(t)
	if job.Room != "a-room" || job.Metadata != `{"participant_id":7}` || job.Guest.Identity() != "participant-7" {
		t.Errorf("got the job %+v with %s", job, job.Guest.Identity())
	}
	h.want(t, "room_started", "participant_joined participant-7")
	job.Guest.Leave()
	h.want(t, "room_started", "participant_joined participant-7", "participant_left participant-7")
}

func TestAgentsThatDoNotCome(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]livekittest.Behaviour{"refuses": livekittest.Refuses, "crashes": livekittest.CrashesBeforeJoin} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := listen(t)
			s := livekittest.Start(t, h.url) // of its own: a job that one worker left is offered to the next
			w := livekittest.StartWorker(t, s, "secretary", b)
			dispatch(t, s, "a-room", `{"participant_id":7}`)
			if job := w.Next(t); job.Guest != nil || job.Behaviour != b || w.Offers() != 1 {
				t.Errorf("got the job %+v, %d offers", job, w.Offers())
			}
			w.Stop(t)
			h.want(t, "room_started")
		})
	}
}

func TestAgentThatCrashesInTheRoomIsMissedLater(t *testing.T) {
	t.Parallel()
	h := listen(t)
	s := livekittest.Start(t, h.url)
	w := livekittest.StartWorker(t, s, "secretary", livekittest.CrashesAfterJoin)
	guest(t, s, "a-room", "anna")
	dispatch(t, s, "a-room", `{"participant_id":7}`)
	w.Next(t)
	start := time.Now()
	h.want(t, "room_started", "participant_joined anna", "participant_joined participant-7", "participant_left participant-7")
	t.Log(time.Since(start), h.came[3])
}

func TestRestartForgets(t *testing.T) {
	t.Parallel()
	s := livekittest.Start(t)
	client := lksdk.NewRoomServiceClient(s.URL, s.APIKey, s.APISecret)
	if _, err := client.CreateRoom(t.Context(), &livekit.CreateRoomRequest{Name: "a-room"}); err != nil {
		t.Fatal(err)
	}
	s.Kill(t)
	s.Restart(t)
	rooms, err := client.ListRooms(t.Context(), &livekit.ListRoomsRequest{})
	if err != nil || len(rooms.GetRooms()) != 0 {
		t.Errorf("got the rooms %v, %v after a restart", rooms, err)
	}
}
