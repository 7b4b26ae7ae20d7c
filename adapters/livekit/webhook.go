package livekit

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
)

// Event implements [ports.MediaWebhooks]. The signature is a token with the body's hash, which is good for 5 minutes and one
// more. LiveKit sends the Authorization header without "Bearer".
//
// Events of tracks do not tell what kind of participant it is: Participant.Kind is "" then.
func (s *Server) Event(authorization string, body []byte) (conference.MediaEvent, error) {
	if err := s.verify(authorization, body); err != nil {
		return conference.MediaEvent{}, errs.Wrap(errs.Unauthenticated, "invalid-signature", "the signature is missing or wrong", err)
	}
	var told livekit.WebhookEvent
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, &told); err != nil {
		return conference.MediaEvent{}, errs.Wrap(errs.Invalid, "invalid-event", "the event is not one of LiveKit's", err)
	}
	return eventOf(&told)
}

// verify does what the library's webhook package does, which would bring along all that LiveKit's server posts webhooks with.
func (s *Server) verify(authorization string, body []byte) error {
	token, err := auth.ParseAPIToken(authorization)
	if err != nil {
		return err
	}
	if token.APIKey() != s.key {
		return errors.New("livekit: the webhook is signed with another key")
	}
	_, claims, err := token.Verify(s.secret)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(body)
	if subtle.ConstantTimeCompare([]byte(claims.Sha256), []byte(base64.StdEncoding.EncodeToString(hash[:]))) != 1 {
		return errors.New("livekit: the webhook's body is not the one that was signed")
	}
	return nil
}

func eventOf(told *livekit.WebhookEvent) (conference.MediaEvent, error) {
	e := conference.MediaEvent{
		ID: told.GetId(), Name: told.GetEvent(), At: moment(0, told.GetCreatedAt()), Room: roomOf(told.GetRoom()),
	}
	if p := told.GetParticipant(); p != nil {
		e.Participant = participantOf(p)
		if !strings.HasPrefix(e.Name, "participant_") {
			e.Participant.Kind = ""
		}
		if p.GetDisconnectReason() != livekit.DisconnectReason_UNKNOWN_REASON {
			e.Reason = p.GetDisconnectReason().String()
		}
	}
	data := map[string]any{}
	if t := told.GetTrack(); t != nil {
		data["track"] = map[string]any{
			"sid": conference.Storable(t.GetSid()), "type": t.GetType().String(), "source": t.GetSource().String(), "name": conference.Storable(t.GetName()),
			"muted": t.GetMuted(),
		}
	}
	if i := told.GetEgressInfo(); i != nil {
		data["egress"] = map[string]any{"id": conference.Storable(i.GetEgressId()), "status": i.GetStatus().String()}
		e.Room = orElse(e.Room, conference.MediaRoom{Name: i.GetRoomName(), SID: i.GetRoomId()})
	}
	if i := told.GetIngressInfo(); i != nil {
		data["ingress"] = map[string]any{"id": conference.Storable(i.GetIngressId()), "status": i.GetState().GetStatus().String()}
		e.Room = orElse(e.Room, conference.MediaRoom{Name: i.GetRoomName(), SID: i.GetState().GetRoomId()})
	}
	if len(data) > 0 {
		var err error
		if e.Data, err = jsonobj.From(data); err != nil {
			return conference.MediaEvent{}, errs.Wrap(errs.Invalid, "invalid-event", "the event holds what cannot be kept", err)
		}
	}
	return e, nil
}

// orElse is the room of an event, else that of the recording that it is about.
func orElse(room, other conference.MediaRoom) conference.MediaRoom {
	if room.Name != "" {
		return room
	}
	return other
}

// moment is a time of LiveKit's, in milliseconds or, when it does not say those, in seconds; zero when it says neither, or
// nonsense.
func moment(milliseconds, seconds int64) time.Time {
	const year9999 = 253402300799
	switch {
	case milliseconds > 0 && milliseconds <= year9999*1000:
		return time.UnixMilli(milliseconds).UTC()
	case seconds > 0 && seconds <= year9999:
		return time.Unix(seconds, 0).UTC()
	}
	return time.Time{}
}
