package livekit_test

import (
	"testing"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/secretary-api/secretary/adapters/livekit/livekittest"
	"github.com/secretary-api/secretary/core/conference"
)

const metadata = `{"participant_id":9,"token":"t"}`

func TestDispatchedAgentComes(t *testing.T) {
	t.Parallel()
	s, real := start(t)
	w := livekittest.StartWorker(t, real, "secretary", livekittest.Joins)
	room := open(t, s)
	id, err := s.Dispatch(t.Context(), room.Name, "secretary", metadata)
	if err != nil {
		t.Fatal(err)
	}
	job := w.Next(t)
	if job.DispatchID != id || job.Metadata != metadata || job.RoomSID != room.SID || job.AgentName != "secretary" {
		t.Errorf("got the job %+v of the dispatch %s in %+v", job, id, room)
	}
	got := present(t, s, 1)[0]
	if got.Identity != "participant-9" || got.Kind != conference.KindAgent || got.SID != job.Guest.SID() {
		t.Errorf("the agent in the room is %+v", got)
	}
	if open(t, s).SID != room.SID {
		t.Error("the dispatch made another room")
	}
}

func TestWithdrawnAgentIsRemoved(t *testing.T) {
	t.Parallel()
	s, real := start(t)
	w := livekittest.StartWorker(t, real, "secretary", livekittest.Joins)
	other := livekittest.StartWorker(t, real, "other", livekittest.Joins)
	room := open(t, s)
	for _, name := range []string{"secretary", "other"} {
		if _, err := s.Dispatch(t.Context(), room.Name, name, ""); err != nil {
			t.Fatal(err)
		}
		other.As("other-agent")
	}
	agent, stays := w.Next(t).Guest, other.Next(t).Guest
	present(t, s, 2)
	for range 2 { // the second time there is none
		if err := s.Withdraw(t.Context(), room.Name, "secretary"); err != nil {
			t.Fatal(err)
		}
	}
	if got := agent.IsRemoved(t); got != livekit.DisconnectReason_PARTICIPANT_REMOVED {
		t.Errorf("the agent was put out because of %v", got)
	}
	if got := present(t, s, 1)[0]; got.Identity != stays.Identity() {
		t.Errorf("in the room is %+v, want the other agent", got)
	}
}

func TestWithdrawInARoomThatIsNotThere(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	if err := s.Withdraw(t.Context(), "no-such-room", "secretary"); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	if rooms, err := s.Rooms(t.Context()); len(rooms) != 0 || err != nil {
		t.Errorf("got the rooms %v, %v, want none", rooms, err)
	}
}

// What LiveKit keeps to itself decides how agents are watched here; another version may do better.
func TestDispatchWithoutAnAgentSucceeds(t *testing.T) {
	t.Parallel()
	s, real := start(t)
	room := open(t, s)
	if _, err := s.Dispatch(t.Context(), room.Name, "secretary", metadata); err != nil {
		t.Fatal(err)
	}
	w := livekittest.StartWorker(t, real, "secretary", livekittest.Refuses)
	if _, err := s.Dispatch(t.Context(), room.Name, "secretary", metadata); err != nil {
		t.Fatal(err)
	}
	if job := w.Next(t); job.Guest != nil {
		t.Errorf("got the job %+v", job)
	}
	w.Behave(livekittest.CrashesBeforeJoin)
	if _, err := s.Dispatch(t.Context(), room.Name, "secretary", metadata); err != nil {
		t.Fatal(err)
	}
	w.Next(t)
	if got := w.Offers(); got != 2 {
		t.Errorf("the worker was asked %d times, want 2: not for the dispatch before it came", got)
	}
	present(t, s, 0)
}

func TestAgentThatCrashedIsThereForAWhile(t *testing.T) {
	t.Parallel()
	s, real := start(t)
	w := livekittest.StartWorker(t, real, "secretary", livekittest.CrashesAfterJoin)
	room := open(t, s)
	if _, err := s.Dispatch(t.Context(), room.Name, "secretary", metadata); err != nil {
		t.Fatal(err)
	}
	w.Next(t)
	present(t, s, 1)
	present(t, s, 0) // within half a minute
}

func TestDispatchMakesAMissingRoom(t *testing.T) {
	t.Parallel()
	s, real := start(t)
	if _, err := s.Dispatch(t.Context(), "a-room", "secretary", ""); err != nil {
		t.Fatal(err)
	}
	list, err := lksdk.NewRoomServiceClient(real.URL, real.APIKey, real.APISecret).ListRooms(t.Context(), &livekit.ListRoomsRequest{})
	if err != nil || len(list.GetRooms()) != 1 || list.GetRooms()[0].GetMetadata() != "" {
		t.Errorf("got the rooms %v, %v, want a bare one", list, err)
	}
}
