package livekit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/livekit/server-sdk-go/v2/signalling"
	"github.com/twitchtv/twirp"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

const defaultTimeout = 5 * time.Second

// Options says how the server is reached.
type Options struct {
	URL       string        // where this service reaches it; see [CheckURL]
	PublicURL string        // where people reach it; "" means URL
	APIKey    string        // the name of the secret
	APISecret string        // signs tokens, and the server's webhooks
	Timeout   time.Duration // for one operation; 0 means 5 seconds
}

// Server is a LiveKit server. It implements ports.MediaServer and ports.MediaWebhooks, and is safe for concurrent use. No
// error holds the secret or a token.
type Server struct {
	rooms      *lksdk.RoomServiceClient
	dispatches *lksdk.AgentDispatchClient
	key        string
	secret     string
	public     string
	timeout    time.Duration
}

var (
	_ ports.MediaServer   = (*Server)(nil)
	_ ports.MediaWebhooks = (*Server)(nil)
)

// CheckURL reports whether a text is the address of a LiveKit server, such as wss://livekit.example.com: ws, wss, http or
// https, with the path it is served under, if any. Errors: Invalid "invalid-livekit-url", which does not repeat it.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" {
		switch u.Scheme {
		case "ws", "wss", "http", "https":
			return nil
		}
	}
	return errs.New(errs.Invalid, "invalid-livekit-url", "must be a URL such as wss://livekit.example.com")
}

// New returns a server. It fails when an address is none or the key or the secret is missing; it asks nobody.
func New(o Options) (*Server, error) {
	if o.PublicURL == "" {
		o.PublicURL = o.URL
	}
	for _, address := range []string{o.URL, o.PublicURL} {
		if err := CheckURL(address); err != nil {
			return nil, err
		}
	}
	if o.APIKey == "" || o.APISecret == "" {
		return nil, errors.New("livekit: the API key or its secret is missing")
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	address := strings.TrimRight(o.URL, "/")
	return &Server{
		rooms:      lksdk.NewRoomServiceClient(address, o.APIKey, o.APISecret),
		dispatches: lksdk.NewAgentDispatchServiceClient(address, o.APIKey, o.APISecret),
		key:        o.APIKey, secret: o.APISecret, timeout: o.Timeout,
		public: signalling.ToWebsocketURL(strings.TrimRight(o.PublicURL, "/")),
	}, nil
}

// Available implements [ports.MediaServer].
func (s *Server) Available() error { return nil }

// Open implements [ports.MediaServer].
func (s *Server) Open(ctx context.Context, room conference.Room) (conference.MediaRoom, error) {
	settings, err := configuration(room)
	if err != nil {
		return conference.MediaRoom{}, err
	}
	ctx, cancel := s.within(ctx)
	defer cancel()
	made, err := s.rooms.CreateRoom(ctx, &livekit.CreateRoomRequest{
		Name: room.LiveKitName, Metadata: settings.GetMetadata(), EmptyTimeout: settings.GetEmptyTimeout(),
		DepartureTimeout: settings.GetDepartureTimeout(), MaxParticipants: settings.GetMaxParticipants(),
	})
	if err != nil {
		return conference.MediaRoom{}, failure("open a room", err)
	}
	return roomOf(made), nil
}

// Close implements [ports.MediaServer].
func (s *Server) Close(ctx context.Context, name string) error {
	ctx, cancel := s.within(ctx)
	defer cancel()
	if _, err := s.rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: name}); err != nil && !isAbsent(err) {
		return failure("close a room", err)
	}
	return nil
}

// Rooms implements [ports.MediaServer].
func (s *Server) Rooms(ctx context.Context) ([]conference.MediaRoom, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	list, err := s.rooms.ListRooms(ctx, &livekit.ListRoomsRequest{})
	if err != nil {
		return nil, failure("list rooms", err)
	}
	rooms := make([]conference.MediaRoom, 0, len(list.GetRooms()))
	for _, r := range list.GetRooms() {
		rooms = append(rooms, roomOf(r))
	}
	return rooms, nil
}

// Participants implements [ports.MediaServer]. Who is connecting still, or has just left, is not in the room: of those
// LiveKit posts neither joining nor leaving.
func (s *Server) Participants(ctx context.Context, name string) ([]conference.MediaParticipant, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	list, err := s.rooms.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: name})
	switch {
	case isAbsent(err):
		return nil, nil
	case err != nil:
		return nil, failure("list participants", err)
	}
	var present []conference.MediaParticipant
	for _, p := range list.GetParticipants() {
		if p.GetState() == livekit.ParticipantInfo_ACTIVE {
			present = append(present, participantOf(p))
		}
	}
	return present, nil
}

// within limits an operation. The library would try again elsewhere, and for longer, with LiveKit's cloud; a job here does.
func (s *Server) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(lksdk.WithFailover(ctx, false), s.timeout)
}

// configuration is what a room is in LiveKit, whoever makes it: this service, or the first who joins after LiveKit has lost
// it. Everybody in the room can read its metadata: they hold numbers, and nothing of a person.
func configuration(room conference.Room) (*livekit.RoomConfiguration, error) {
	metadata, err := json.Marshal(struct {
		RoomID       int64 `json:"room_id"`
		EntityID     int64 `json:"entity_id,omitempty"`
		DepartmentID int64 `json:"department_id,omitempty"`
	}{int64(room.ID), int64(room.EntityID), int64(room.DepartmentID)})
	if err != nil {
		return nil, fmt.Errorf("livekit: a room's metadata: %w", err)
	}
	seconds := func(d time.Duration) uint32 {
		return uint32(min(max(0, d), conference.MaxRoomTimeout) / time.Second)
	}
	return &livekit.RoomConfiguration{
		EmptyTimeout: seconds(room.Limits.EmptyTimeout), DepartureTimeout: seconds(room.Limits.DepartureTimeout),
		MaxParticipants: uint32(min(max(0, room.Limits.MaxParticipants), conference.MaxRoomParticipants)),
		Metadata:        string(metadata),
	}, nil
}

func roomOf(r *livekit.Room) conference.MediaRoom {
	return conference.MediaRoom{
		Name: r.GetName(), SID: r.GetSid(), Since: moment(r.GetCreationTimeMs(), r.GetCreationTime()),
	}
}

func participantOf(p *livekit.ParticipantInfo) conference.MediaParticipant {
	return conference.MediaParticipant{
		Identity: p.GetIdentity(), SID: p.GetSid(), Name: p.GetName(),
		Kind:     conference.ParticipantKind(p.GetKind().String()),
		JoinedAt: moment(p.GetJoinedAtMs(), p.GetJoinedAt()),
	}
}

func isAbsent(err error) bool {
	refused, ok := errors.AsType[twirp.Error](err)
	return ok && refused.Code() == twirp.NotFound
}

// failure is Unavailable in every case: whether LiveKit is away, does not take the key, or will not do it, the caller cannot
// help it, and the log says which.
func failure(what string, err error) error {
	msg := "the LiveKit server does not answer"
	if refused, ok := errors.AsType[twirp.Error](err); ok {
		switch refused.Code() { //nolint:exhaustive // the rest is the server's trouble
		case twirp.Unauthenticated, twirp.PermissionDenied:
			msg = "the LiveKit server does not take the API key"
		case twirp.InvalidArgument, twirp.Malformed, twirp.OutOfRange, twirp.BadRoute:
			msg = "the LiveKit server refuses"
		}
	}
	return errs.Wrap(errs.Unavailable, "livekit-unavailable", msg, fmt.Errorf("livekit: %s: %w", what, err))
}
