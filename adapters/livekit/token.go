package livekit

import (
	"errors"
	"fmt"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/ports"
)

// JoinToken implements [ports.MediaServer]. The token is for that room only. Its holder hears and sees, speaks, shows a camera
// and a screen, and sends data; and cannot change its own name or attributes, or anything of others or the room.
func (s *Server) JoinToken(room conference.Room, p ports.JoinTokenParams) (token, url string, err error) {
	if room.LiveKitName == "" || p.Identity == "" || p.Lifetime <= 0 { // LiveKit would take them for any room, and 6 hours
		return "", "", errors.New("livekit: a join token needs a room, an identity and a lifetime")
	}
	settings, err := configuration(room)
	if err != nil {
		return "", "", err
	}
	grant := &auth.VideoGrant{RoomJoin: true, Room: room.LiveKitName}
	grant.SetCanSubscribe(true)
	grant.SetCanPublish(true)
	grant.SetCanPublishSources([]livekit.TrackSource{
		livekit.TrackSource_MICROPHONE, livekit.TrackSource_CAMERA, livekit.TrackSource_SCREEN_SHARE, livekit.TrackSource_SCREEN_SHARE_AUDIO,
	})
	grant.SetCanPublishData(true)
	grant.SetCanUpdateOwnMetadata(false)
	token, err = auth.NewAccessToken(s.key, s.secret).
		SetIdentity(p.Identity).SetName(p.Name).SetAttributes(p.Attributes).SetValidFor(p.Lifetime).
		SetVideoGrant(grant).SetRoomConfig(settings).ToJWT()
	if err != nil {
		return "", "", fmt.Errorf("livekit: sign a join token: %w", err)
	}
	return token, s.public, nil
}
