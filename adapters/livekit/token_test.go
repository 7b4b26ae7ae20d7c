package livekit_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	adapter "github.com/secretary-api/secretary/adapters/livekit"
	"github.com/secretary-api/secretary/adapters/livekit/livekittest"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/ports"
)

func TestJoinTokenGrantsJustThis(t *testing.T) {
	t.Parallel()
	token, _, err := offline(t).JoinToken(aRoom(), anna())
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	if _, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return []byte(secret), nil }); err != nil {
		t.Fatal(err)
	}
	issued, err := claims.GetIssuedAt()
	if err != nil {
		t.Fatal(err)
	}
	expires, err := claims.GetExpirationTime()
	if err != nil || expires.Sub(issued.Time) != time.Minute {
		t.Errorf("issued at %v, expires at %v, %v, want a minute", issued, expires, err)
	}
	for _, name := range []string{"iat", "nbf", "exp"} {
		delete(claims, name)
	}
	var want jwt.MapClaims
	if err := json.Unmarshal([]byte(`{
		"iss": "devkey", "sub": "participant-7", "identity": "participant-7", "name": "Anna", "attributes": {"type": "CLIENT"},
		"video": {
			"roomJoin": true, "room": "room-12-abc", "canSubscribe": true, "canPublish": true, "canPublishData": true,
			"canPublishSources": ["microphone", "camera", "screen_share", "screen_share_audio"], "canUpdateOwnMetadata": false
		},
		"roomConfig": {
			"emptyTimeout": 600, "departureTimeout": 60, "maxParticipants": 5,
			"metadata": "{\"room_id\":12,\"entity_id\":3,\"department_id\":4}"
		}
	}`), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Errorf("the token says (-want +got):\n%s", diff)
	}
}

func TestJoinTokenNamesThePublicAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ url, public, want string }{
		{"ws://10.0.0.1:7880", "", "ws://10.0.0.1:7880"},
		{"http://10.0.0.1:7880/", "", "ws://10.0.0.1:7880"},
		{"http://10.0.0.1:7880", "https://livekit.example.com/", "wss://livekit.example.com"},
		{"http://10.0.0.1:7880", "wss://livekit.example.com/lk", "wss://livekit.example.com/lk"},
	} {
		s, err := adapter.New(adapter.Options{URL: test.url, PublicURL: test.public, APIKey: key, APISecret: secret})
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := s.JoinToken(aRoom(), anna()); err != nil || got != test.want {
			t.Errorf("of %q and %q: got %q, %v, want %q", test.url, test.public, got, err, test.want)
		}
	}
}

func TestJoinTokenThatWouldBeForMore(t *testing.T) {
	t.Parallel()
	room, nobody, forever := aRoom(), anna(), anna()
	room.LiveKitName, nobody.Identity, forever.Lifetime = "", "", 0
	for name, token := range map[string]struct {
		room conference.Room
		p    ports.JoinTokenParams
	}{"any room": {room, anna()}, "nobody": {aRoom(), nobody}, "no lifetime": {aRoom(), forever}} {
		if got, _, err := offline(t).JoinToken(token.room, token.p); err == nil {
			t.Errorf("%s: got the token %s", name, got)
		}
	}
}

func TestHolderOfAJoinTokenIsAGuestAndNoMore(t *testing.T) {
	t.Parallel()
	s, real := start(t)
	open(t, s)
	p := anna()
	token, url, err := s.JoinToken(aRoom(), p)
	if err != nil {
		t.Fatal(err)
	}
	guest := livekittest.Join(t, url, token)
	p.Identity = "participant-8"
	other := join(t, s, p)
	guest.Say(t, "hello")
	other.Hears(t, "hello")

	guest.Room.LocalParticipant.SetName("Dr. Anna")
	guest.Room.LocalParticipant.SetAttributes(map[string]string{"type": "PROFESSIONAL"})
	guest.Speak(t) // and is answered, after that was dealt with

	api, err := lksdk.NewLiveKitAPI(lksdk.WithURL(real.URL), lksdk.WithToken(token))
	if err != nil {
		t.Fatal(err)
	}
	rooms := api.Room()
	for name, do := range map[string]func() error{
		"remove": func() error {
			_, err := rooms.RemoveParticipant(t.Context(), &livekit.RoomParticipantIdentity{Room: aRoom().LiveKitName, Identity: p.Identity})
			return err
		},
		"list participants": func() error {
			_, err := rooms.ListParticipants(t.Context(), &livekit.ListParticipantsRequest{Room: aRoom().LiveKitName})
			return err
		},
		"list rooms": func() error {
			_, err := rooms.ListRooms(t.Context(), &livekit.ListRoomsRequest{})
			return err
		},
		"create": func() error {
			_, err := rooms.CreateRoom(t.Context(), &livekit.CreateRoomRequest{Name: "another"})
			return err
		},
		"delete": func() error {
			_, err := rooms.DeleteRoom(t.Context(), &livekit.DeleteRoomRequest{Room: aRoom().LiveKitName})
			return err
		},
	} {
		if do() == nil {
			t.Errorf("it can %s", name)
		}
	}
	for _, got := range present(t, s, 2) {
		if got.Name != "Anna" {
			t.Errorf("it renamed itself: %+v", got)
		}
	}
}

func TestJoinTokenOfARoomThatLiveKitLost(t *testing.T) {
	t.Parallel()
	s, real := start(t)
	join(t, s, anna())
	list, err := lksdk.NewRoomServiceClient(real.URL, real.APIKey, real.APISecret).ListRooms(t.Context(), &livekit.ListRoomsRequest{})
	if err != nil || len(list.GetRooms()) != 1 {
		t.Fatalf("got the rooms %v, %v", list, err)
	}
	made := list.GetRooms()[0]
	if made.GetEmptyTimeout() != 600 || made.GetDepartureTimeout() != 60 || made.GetMaxParticipants() != 5 ||
		made.GetMetadata() != `{"room_id":12,"entity_id":3,"department_id":4}` {
		t.Errorf("LiveKit made the room %v", made)
	}
}

func TestJoinTokenExpires(t *testing.T) {
	t.Parallel()
	s, real := start(t)
	open(t, s)
	claims := jwt.MapClaims{}
	token, _, err := s.JoinToken(aRoom(), anna())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return []byte(real.APISecret), nil }); err != nil {
		t.Fatal(err)
	}
	claims["exp"] = time.Now().Add(-2 * time.Minute).Unix() // LiveKit forgives one
	late, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(real.APISecret))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := livekittest.TryJoin(t, real.URL, late); err == nil {
		t.Error("an expired token lets in")
	}
	if _, err := livekittest.TryJoin(t, real.URL, token); err != nil {
		t.Errorf("the token as it was: %v", err)
	}
}
