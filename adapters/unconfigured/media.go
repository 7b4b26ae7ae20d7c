package unconfigured

import (
	"context"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/ports"
)

// Media stands in for LiveKit: everything is Unavailable "livekit-unconfigured", and names what has to be set. Rooms are
// records then.
type Media struct{}

var (
	_ ports.MediaServer   = Media{}
	_ ports.MediaWebhooks = Media{}
)

// Available implements [ports.MediaServer].
func (Media) Available() error {
	return errs.New(errs.Unavailable, "livekit-unconfigured",
		"LiveKit is not configured: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET")
}

// Open implements [ports.MediaServer].
func (m Media) Open(context.Context, conference.Room) (conference.MediaRoom, error) {
	return conference.MediaRoom{}, m.Available()
}

// Close implements [ports.MediaServer].
func (m Media) Close(context.Context, string) error { return m.Available() }

// Rooms implements [ports.MediaServer].
func (m Media) Rooms(context.Context) ([]conference.MediaRoom, error) { return nil, m.Available() }

// Participants implements [ports.MediaServer].
func (m Media) Participants(context.Context, string) ([]conference.MediaParticipant, error) {
	return nil, m.Available()
}

// Dispatch implements [ports.MediaServer].
func (m Media) Dispatch(context.Context, string, string, string) (string, error) {
	return "", m.Available()
}

// Withdraw implements [ports.MediaServer].
func (m Media) Withdraw(context.Context, string, string) error { return m.Available() }

// JoinToken implements [ports.MediaServer].
func (m Media) JoinToken(conference.Room, ports.JoinTokenParams) (token, url string, err error) {
	return "", "", m.Available()
}

// Event implements [ports.MediaWebhooks].
func (m Media) Event(string, []byte) (conference.MediaEvent, error) {
	return conference.MediaEvent{}, m.Available()
}
