package livekittest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

// Guest is somebody in a room.
type Guest struct {
	Room *lksdk.Room // what LiveKit's library can do with it

	gone chan struct{} // closed when disconnected
	once sync.Once

	mu    sync.Mutex
	heard []string
}

// Join joins the room of a token, and leaves it with the test. The URL is the server's.
func Join(tb testing.TB, url, token string) *Guest {
	tb.Helper()
	g, err := TryJoin(tb, url, token)
	if err != nil {
		tb.Fatalf("joining a LiveKit room: %v", err)
	}
	return g
}

// TryJoin is Join for a token that may be refused.
func TryJoin(tb testing.TB, url, token string) (*Guest, error) {
	tb.Helper()
	quiet()
	g, err := enter(url, token)
	if err != nil {
		return nil, err
	}
	tb.Cleanup(g.Leave)
	return g, nil
}

func enter(url, token string) (*Guest, error) {
	g := &Guest{gone: make(chan struct{})}
	room, err := lksdk.ConnectToRoomWithToken(url, token, &lksdk.RoomCallback{
		OnDisconnectedWithReason: func(lksdk.DisconnectionReason) { g.once.Do(func() { close(g.gone) }) },
		ParticipantCallback: lksdk.ParticipantCallback{
			OnDataPacket: func(data lksdk.DataPacket, _ lksdk.DataReceiveParams) {
				if packet, ok := data.(*lksdk.UserDataPacket); ok {
					g.mu.Lock()
					defer g.mu.Unlock()
					g.heard = append(g.heard, string(packet.Payload))
				}
			},
		},
	})
	if err != nil {
		return nil, err
	}
	g.Room = room
	return g, nil
}

// Identity returns the guest's identity.
func (g *Guest) Identity() string { return g.Room.LocalParticipant.Identity() }

// SID returns LiveKit's id of this stay.
func (g *Guest) SID() string { return g.Room.LocalParticipant.SID() }

// Leave leaves the room, and says so.
func (g *Guest) Leave() { g.Room.Disconnect() }

// Say sends data to everybody in the room.
func (g *Guest) Say(tb testing.TB, what string) {
	tb.Helper()
	if err := g.Room.LocalParticipant.PublishDataPacket(lksdk.UserData([]byte(what)), lksdk.WithDataPublishReliable(true)); err != nil {
		tb.Fatalf("sending data: %v", err)
	}
}

// Hears waits until data came from somebody else.
func (g *Guest) Hears(tb testing.TB, what string) {
	tb.Helper()
	eventually(tb, "hears "+what, func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return slices.Contains(g.heard, what)
	})
}

// Speak publishes a microphone, which is silent, and returns the track's id.
func (g *Guest) Speak(tb testing.TB) string {
	tb.Helper()
	track, err := lksdk.NewLocalTrackWithCodec(&livekit.Codec{Mime: "audio/opus"})
	if err != nil {
		tb.Fatalf("making a track: %v", err)
	}
	publication, err := g.Room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{
		Name: "microphone", Source: livekit.TrackSource_MICROPHONE,
	})
	if err != nil {
		tb.Fatalf("publishing a track: %v", err)
	}
	return publication.SID()
}

// IsRemoved waits until the server has put the guest out, or closed the room, and returns why.
func (g *Guest) IsRemoved(tb testing.TB) livekit.DisconnectReason {
	tb.Helper()
	select {
	case <-g.gone:
	case <-time.After(patience):
		tb.Fatal("the guest is in the room still")
	}
	return g.Room.DisconnectReason()
}

// eventually waits until something is so.
func eventually(tb testing.TB, what string, so func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("waited in vain: %s", what)
		}
	}
}
