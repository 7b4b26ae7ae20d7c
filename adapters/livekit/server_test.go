package livekit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	adapter "github.com/secretary-api/secretary/adapters/livekit"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
)

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"ws://localhost:7880": true, "wss://livekit.example.com": true, "http://127.0.0.1:7880": true, "https://example.com/lk": true,
		"": false, "livekit.example.com": false, "ftp://example.com": false, "wss://": false, "wss://user:word@example.com": false,
		"wss://example.com?key=word": false, "wss://example.com#word": false, "wss://exa mple.com": false,
	} {
		err := adapter.CheckURL(address)
		if (err == nil) != ok {
			t.Errorf("CheckURL(%q) = %v", address, err)
		}
		if err != nil && (errs.CodeOf(err) != "invalid-livekit-url" || strings.Contains(err.Error(), "word")) {
			t.Errorf("CheckURL(%q) = %v, want invalid-livekit-url without the address", address, err)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]adapter.Options{
		"no URL":         {APIKey: key, APISecret: secret},
		"bad public URL": {URL: "ws://localhost", PublicURL: "localhost", APIKey: key, APISecret: secret},
		"no key":         {URL: "ws://localhost", APISecret: secret},
		"no secret":      {URL: "ws://localhost", APIKey: key},
	} {
		if _, err := adapter.New(o); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestOpenMakesTheRoomOnce(t *testing.T) {
	t.Parallel()
	s, real := start(t)
	before := time.Now().Add(-time.Second)
	first := open(t, s)
	if first.Name != "room-12-abc" || !strings.HasPrefix(first.SID, "RM_") {
		t.Errorf("got the room %+v", first)
	}
	if first.Since.Before(before) || first.Since.After(time.Now().Add(time.Second)) || first.Since.Nanosecond()%1e6 != 0 {
		t.Errorf("the room began at %v, want now, in milliseconds", first.Since)
	}
	if diff := cmp.Diff(first, open(t, s)); diff != "" {
		t.Errorf("opened again it is another (-first +second):\n%s", diff)
	}
	rooms, err := s.Rooms(t.Context())
	if diff := cmp.Diff([]conference.MediaRoom{first}, rooms); err != nil || diff != "" {
		t.Errorf("the rooms are (-want +got):\n%s, %v", diff, err)
	}
	list, err := lksdk.NewRoomServiceClient(real.URL, real.APIKey, real.APISecret).ListRooms(t.Context(), &livekit.ListRoomsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	made := list.GetRooms()[0]
	if made.GetEmptyTimeout() != 600 || made.GetDepartureTimeout() != 60 || made.GetMaxParticipants() != 5 {
		t.Errorf("the room's limits are %d s, %d s, %d", made.GetEmptyTimeout(), made.GetDepartureTimeout(), made.GetMaxParticipants())
	}
	if got, want := made.GetMetadata(), `{"room_id":12,"entity_id":3,"department_id":4}`; got != want {
		t.Errorf("the room's metadata are %s, want %s", got, want)
	}
}

func TestCloseEndsTheRoomForAll(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	first := open(t, s)
	guest := join(t, s, anna())
	for range 2 { // the second time there is none
		if err := s.Close(t.Context(), first.Name); err != nil {
			t.Fatal(err)
		}
	}
	if got := guest.IsRemoved(t); got != livekit.DisconnectReason_ROOM_DELETED {
		t.Errorf("the guest was put out because of %v", got)
	}
	if second := open(t, s); second.SID == first.SID || second.Since.Before(first.Since) {
		t.Errorf("a room of the same name is %+v, the first was %+v", second, first)
	}
}

func TestParticipantsAreThoseWhoAreThere(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	if got, err := s.Participants(t.Context(), "no-such-room"); len(got) != 0 || err != nil {
		t.Errorf("an unknown room has the participants %v, %v", got, err)
	}
	open(t, s)
	if got, err := s.Participants(t.Context(), aRoom().LiveKitName); len(got) != 0 || err != nil {
		t.Errorf("a new room has the participants %v, %v", got, err)
	}
	guest := join(t, s, anna())
	want := conference.MediaParticipant{Identity: "participant-7", SID: guest.SID(), Name: "Anna", Kind: conference.KindStandard}
	got := present(t, s, 1)[0]
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(want, "JoinedAt")); diff != "" {
		t.Errorf("the participant is (-want +got):\n%s", diff)
	}
	if since := time.Since(got.JoinedAt); since < -2*time.Second || since > patience {
		t.Errorf("joined at %v, which is not now", got.JoinedAt)
	}
	guest.Leave()
	present(t, s, 0)
}

func TestServerThatIsAway(t *testing.T) {
	t.Parallel()
	s := offline(t)
	for name, err := range everything(t, s) {
		t.Log(name, err)
		wantUnavailable(t, err)
	}
}

// everything is what every operation that asks LiveKit answers.
func everything(t *testing.T, s *adapter.Server) map[string]error {
	t.Helper()
	failed := map[string]error{}
	_, failed["Open"] = s.Open(t.Context(), aRoom())
	failed["Close"] = s.Close(t.Context(), "room")
	_, failed["Rooms"] = s.Rooms(t.Context())
	_, failed["Participants"] = s.Participants(t.Context(), "room")
	_, failed["Dispatch"] = s.Dispatch(t.Context(), "room", "secretary", "{}")
	failed["Withdraw"] = s.Withdraw(t.Context(), "room", "secretary")
	return failed
}

func TestServerThatHangs(t *testing.T) {
	t.Parallel()
	_, real := start(t)
	s, err := adapter.New(adapter.Options{URL: real.URL, APIKey: real.APIKey, APISecret: real.APISecret, Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	real.Hang(t)
	for name, err := range everything(t, s) { // it ends at all: LiveKit would never answer
		t.Log(name, err)
		wantUnavailable(t, err)
	}
	real.Continue(t)
	if _, err := s.Rooms(t.Context()); err != nil {
		t.Errorf("got %v when it goes on", err)
	}
}

func TestServerThatRefusesTheKey(t *testing.T) {
	t.Parallel()
	_, real := start(t)
	for name, o := range map[string]adapter.Options{
		"unknown key":  {URL: real.URL, APIKey: "another", APISecret: real.APISecret},
		"wrong secret": {URL: real.URL, APIKey: real.APIKey, APISecret: secret},
	} {
		s, err := adapter.New(o)
		if err != nil {
			t.Fatal(err)
		}
		for operation, err := range everything(t, s) {
			wantUnavailable(t, err)
			if err == nil || !strings.Contains(err.Error(), "does not take the API key") {
				t.Errorf("%s: %s: got %v", name, operation, err)
			}
		}
	}
}

func TestServerThatWasRestartedHasNoRooms(t *testing.T) {
	t.Parallel()
	s, real := start(t)
	first := open(t, s)
	real.Kill(t)
	_, err := s.Rooms(t.Context())
	wantUnavailable(t, err)
	real.Restart(t)
	if rooms, err := s.Rooms(t.Context()); len(rooms) != 0 || err != nil {
		t.Errorf("got the rooms %v, %v after a restart", rooms, err)
	}
	if second := open(t, s); second.SID == first.SID {
		t.Errorf("got the same room %+v after a restart", second)
	}
}
