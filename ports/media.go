package ports

import (
	"context"
	"time"

	"github.com/secretary-api/secretary/core/conference"
)

// MediaServer is the LiveKit server on which rooms take place. Every method but Available and JoinToken asks it over the
// network, and must not be called in a transaction. When it does not answer, the error is Unavailable
// "livekit-unavailable"; when none is configured, that of Available.
type MediaServer interface {
	// Available returns nil, or Unavailable "livekit-unconfigured", which names what has to be set. It asks nobody.
	Available() error
	// Open makes the LiveKit room of a room, or returns the one that it has already, with the settings that that one has.
	Open(ctx context.Context, room conference.Room) (conference.MediaRoom, error)
	// Close ends the LiveKit room of a name, and removes everybody from it. That there is none is no error.
	Close(ctx context.Context, name string) error
	// Rooms returns the rooms that there are now, other services' too.
	Rooms(ctx context.Context) ([]conference.MediaRoom, error)
	// Participants returns who is in the room of a name now; nobody when there is none.
	Participants(ctx context.Context, name string) ([]conference.MediaParticipant, error)
	// Dispatch has LiveKit find an agent of a name for a room, and hand it the metadata. LiveKit tries once, does not say
	// whether anybody came, and sends another agent for every call. It returns LiveKit's id of the dispatch.
	Dispatch(ctx context.Context, room, agent, metadata string) (id string, err error)
	// Withdraw takes back all dispatches of agents of that name in the room, and has those that came removed. That there is
	// none, or no such room, is no error.
	Withdraw(ctx context.Context, room, agent string) error
	// JoinToken returns what somebody shows to LiveKit to join a room, and where LiveKit is.
	JoinToken(room conference.Room, p JoinTokenParams) (token, url string, err error)
}

// JoinTokenParams is whom a join token is for.
type JoinTokenParams struct {
	Identity   string
	Name       string
	Attributes map[string]string // what others in the room can read of them
	Lifetime   time.Duration     // in which one has to join; who has joined stays
}

// MediaWebhooks reads what LiveKit posts.
type MediaWebhooks interface {
	// Event verifies the signature of a posted event over its body as it came, with the Authorization header that came with
	// it, and returns the event. Errors: Unauthenticated "invalid-signature", Invalid "invalid-event" for one that is signed
	// and not understood, and that of [MediaServer.Available].
	Event(authorization string, body []byte) (conference.MediaEvent, error)
}

// MaxPresent is how many [PresenceRepository.Present] returns at most.
const MaxPresent = 1000

// PresenceRepository keeps who is and was in LiveKit rooms, for what the service does by itself when LiveKit tells something: it
// answers nobody's request, so there is no scope.
type PresenceRepository interface {
	// Join notes that somebody came, at JoinedAt, which must be given, and reports whether that is news. When only the leaving
	// was known, the rest is filled in, and it is news. The room and the participant, if there is one, must exist: Invalid
	// "unknown-reference".
	Join(ctx context.Context, v conference.Presence) (news bool, err error)
	// Leave notes LeftAt, which must be given, and Reason, and reports whether that is news. Who was not known to have come is
	// known to have left then. Errors: as of Join.
	Leave(ctx context.Context, v conference.Presence) (news bool, err error)
	// Present returns who is in a room, in the order of SIDs, at most [MaxPresent].
	Present(ctx context.Context, room conference.RoomID) ([]conference.Presence, error)
	// Lingering returns up to limit rooms, any of those that were closed before a moment and in which somebody is
	// present still.
	Lingering(ctx context.Context, closedBefore time.Time, limit int) ([]conference.RoomID, error)
}

// WebhookReceiptRepository remembers which webhooks were taken in, so that none is twice. It belongs to no tenant.
type WebhookReceiptRepository interface {
	// Take notes that a webhook of a source is being taken in. The first time it returns at; for one that was taken in before,
	// it returns when that was, and false. A transaction that is taking the same one is waited for.
	Take(ctx context.Context, source, id string, at time.Time) (first time.Time, fresh bool, err error)
	// DeleteBefore removes what was taken in before a moment, and returns how much that was.
	DeleteBefore(ctx context.Context, before time.Time) (int, error)
}
