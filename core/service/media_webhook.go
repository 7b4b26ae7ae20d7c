package service

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/identity"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// The events of who is in a room have LiveKit's names. They hold {"participant_id", "identity", "kind",
// "livekit_participant_sid", "livekit_sid", "at", "source"}, and a leaving its "reason". The participant is null when it is
// a stranger, whose "name" is told then; "at" is LiveKit's time.
const (
	eventParticipantJoined = conference.MediaParticipantJoined
	eventParticipantLeft   = conference.MediaParticipantLeft
)

// Who tells of what happened on LiveKit.
const (
	fromWebhook    = "webhook"
	fromReconciler = "reconciler" // its webhook was lost, or is late
	fromService    = "service"    // the service did it
)

const (
	liveKitSource = "livekit"
	// retriedWithin is how long after the first time LiveKit may send a webhook again: it gives up after 15 seconds, and lets
	// an event wait for 30 at most.
	retriedWithin = time.Minute
	// reasonRoomClosed is why those leave who are in a room when it ends, in LiveKit's words.
	reasonRoomClosed = "ROOM_CLOSED"
)

// Receive takes in what LiveKit posted, verified by its Authorization header: at once, and once. Errors: Unauthenticated
// "invalid-signature", "replayed-webhook", Invalid "invalid-event", Unavailable "livekit-unconfigured".
func (s *Media) Receive(ctx context.Context, authorization string, body []byte) error {
	e, err := s.webhooks.Event(authorization, body)
	if err != nil {
		return err
	}
	if e, err = e.Checked(); err != nil {
		return err
	}
	now := s.d.Now()
	room, err := inTx(ctx, s.d, func(ctx context.Context, r ports.Repositories) (conference.RoomID, error) {
		first, fresh, err := r.WebhookReceipts.Take(ctx, liveKitSource, e.ID, now)
		if err != nil {
			return 0, err
		}
		if !fresh {
			if now.Sub(first) > retriedWithin {
				return 0, errs.New(errs.Unauthenticated, "replayed-webhook", "the webhook was taken in before")
			}
			return 0, nil
		}
		room, err := r.Rooms.ByLiveKitName(ctx, e.Room.Name)
		if errs.KindOf(err) == errs.NotFound { // another service's
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		return room.ID, s.apply(ctx, r, room.ID, e, now)
	})
	if err == nil && room != 0 {
		s.d.Bus.Publish(ctx, ports.TopicRooms, room.String())
	}
	return err
}

// apply notes an event of LiveKit in a room. What belongs to a LiveKit room before the latest one of the room is told, and
// changes nothing else.
func (s *Media) apply(ctx context.Context, r ports.Repositories, room conference.RoomID, e conference.MediaEvent, now time.Time) error {
	t, err := s.newsOf(ctx, r, room, fromWebhook, now)
	if err != nil {
		return err
	}
	current, err := t.began(ctx, e.Room)
	if err != nil {
		return err
	}
	switch {
	case e.Name == conference.MediaRoomStarted && current:
		// That it began is told, whoever said so first.
	case e.Name == conference.MediaRoomFinished && current:
		err = t.finished(ctx, e)
	case e.Name == conference.MediaParticipantJoined && e.Participant.SID != "":
		err = t.joined(ctx, e.Room, e.Participant, e.At)
	case e.Name == conference.MediaParticipantLeft && e.Participant.SID != "":
		err = t.left(ctx, e.Room, e.Participant, e.At, e.Reason)
	default:
		err = t.tell(ctx, e)
	}
	if err != nil {
		return err
	}
	_, err = t.keep(ctx)
	return err
}

// roomNews is what is noted of a room in one transaction. The room is locked.
type roomNews struct {
	media      *Media
	r          ports.Repositories
	before     conference.Room
	room       conference.Room // as it will be
	source     string
	now        time.Time
	noted      bool // an event was appended
	closeThere bool // something goes on on LiveKit although the room is closed
}

func (s *Media) newsOf(ctx context.Context, r ports.Repositories, key conference.RoomID, source string, now time.Time) (*roomNews, error) {
	room, err := lockRoom(ctx, r, key)
	return &roomNews{media: s, r: r, before: room, room: room, source: source, now: now}, err
}

// keep stores what became of the room, and returns it.
func (t *roomNews) keep(ctx context.Context) (conference.Room, error) {
	if t.closeThere {
		if err := t.media.toClose(ctx, t.r, t.room.ID, t.now); err != nil {
			return conference.Room{}, err
		}
	}
	if t.room == t.before {
		return t.room, nil
	}
	after, err := t.r.Rooms.Update(ctx, identity.AllEntities(), t.room.ID, func(v *conference.Room) error {
		*v = t.room
		return nil
	})
	if err != nil {
		return conference.Room{}, err
	}
	return after, t.media.moved(ctx, t.r, t.before, after, t.now)
}

// began notes a LiveKit room that is later than the one that is known, and reports whether it is the latest.
func (t *roomNews) began(ctx context.Context, m conference.MediaRoom) (latest bool, err error) {
	if t.source != fromWebhook && m.SID != "" && t.room.LiveKitSID == "" {
		t.room.LiveKitSince = time.Time{} // LiveKit was asked just now: it does not tell of one that was lost
	}
	if t.room.Began(m, t.now) {
		t.closeThere = t.room.Status == conference.Closed
		err = t.note(ctx, eventLiveKitStarted, map[string]any{"livekit_sid": m.SID})
	}
	return t.isLatest(m), err
}

func (t *roomNews) isLatest(m conference.MediaRoom) bool {
	return m.SID != "" && m.SID == t.room.LiveKitSID
}

func (t *roomNews) note(ctx context.Context, name string, data map[string]any) error {
	t.noted = true
	return note(ctx, t.r, t.room.ID, t.now, name, data)
}

// joined notes that somebody came. Who has left already, by what was told before, is not there.
func (t *roomNews) joined(ctx context.Context, m conference.MediaRoom, p conference.MediaParticipant, at time.Time) error {
	if !p.JoinedAt.IsZero() {
		at = p.JoinedAt
	}
	who, err := t.participant(ctx, p.Identity)
	if err != nil {
		return err
	}
	p = nameless(p, who)
	news, err := t.r.Presences.Join(ctx, conference.Presence{
		RoomID: t.room.ID, SID: p.SID, Identity: p.Identity, ParticipantID: who, Name: p.Name, Kind: p.Kind, JoinedAt: at,
	})
	if err != nil {
		return err
	}
	if news {
		if err := t.tellOf(ctx, eventParticipantJoined, m, p, who, at, nil); err != nil {
			return err
		}
	}
	if !t.isLatest(m) {
		return nil
	}
	present, err := t.r.Presences.Present(ctx, t.room.ID)
	if err != nil || !isPresent(present, p.SID) {
		return err
	}
	t.cameTo(p.Kind, at)
	t.closeThere = t.closeThere || t.room.Status == conference.Closed
	if p.Kind == conference.KindAgent && t.room.Agent.IsDismissed() { // it came all the same
		return t.r.Jobs.Enqueue(ctx, jobOf(JobAgent, t.room.ID, t.now))
	}
	return nil
}

// cameTo notes in the room that somebody of a kind was there.
func (t *roomNews) cameTo(kind conference.ParticipantKind, at time.Time) {
	switch {
	case kind.IsPerson():
		t.room.PersonJoined(t.now)
	case kind == conference.KindAgent && t.room.Status == conference.Closed:
		t.room.AgentWasThere(at, t.now)
	case kind == conference.KindAgent:
		t.room.AgentJoined(at, t.now)
	}
}

// left notes that somebody left. Who was not known to have come was there all the same.
func (t *roomNews) left(ctx context.Context, m conference.MediaRoom, p conference.MediaParticipant, at time.Time, reason string) error {
	who, err := t.participant(ctx, p.Identity)
	if err != nil {
		return err
	}
	p = nameless(p, who)
	before, err := t.r.Presences.Present(ctx, t.room.ID)
	if err != nil {
		return err
	}
	news, err := t.r.Presences.Leave(ctx, conference.Presence{
		RoomID: t.room.ID, SID: p.SID, Identity: p.Identity, ParticipantID: who, Name: p.Name, Kind: p.Kind, LeftAt: at, Reason: reason,
	})
	if err != nil || !news {
		return err
	}
	if err := t.tellOf(ctx, eventParticipantLeft, m, p, who, at, map[string]any{"reason": reason}); err != nil {
		return err
	}
	if !t.isLatest(m) {
		return nil
	}
	if !isPresent(before, p.SID) {
		since := p.JoinedAt
		if since.IsZero() {
			since = at
		}
		if p.Kind != conference.KindAgent || t.room.Status == conference.Closed || mayBeBack(t.room.Agent, since) {
			t.cameTo(p.Kind, since)
		}
	}
	others := slices.DeleteFunc(before, func(v conference.Presence) bool { return v.SID == p.SID })
	if p.Kind == conference.KindAgent && !slices.ContainsFunc(others, isAgent) {
		t.room.AgentLeft(agentReason(reason), at, t.now)
	}
	return nil
}

// finished notes that the LiveKit room has ended: nobody is in it any more, and the room is closed.
func (t *roomNews) finished(ctx context.Context, e conference.MediaEvent) error {
	if err := t.everybodyLeft(ctx, e.Room, e.At, reasonRoomClosed); err != nil {
		return err
	}
	t.room.Close(conference.ClosedByLiveKit, t.now)
	return t.tell(ctx, e)
}

// everybodyLeft notes that nobody is there any more. It changes nothing in the room.
func (t *roomNews) everybodyLeft(ctx context.Context, m conference.MediaRoom, at time.Time, reason string) error {
	for {
		present, err := t.r.Presences.Present(ctx, t.room.ID)
		if err != nil || len(present) == 0 {
			return err
		}
		for _, v := range present {
			v.LeftAt, v.Reason = at, reason
			if _, err := t.r.Presences.Leave(ctx, v); err != nil {
				return err
			}
			if err := t.tellOf(ctx, eventParticipantLeft, m, whoOf(v), v.ParticipantID, at, map[string]any{"reason": reason}); err != nil {
				return err
			}
		}
	}
}

// tell appends an event of LiveKit under its own name.
func (t *roomNews) tell(ctx context.Context, e conference.MediaEvent) error {
	data := e.Data.Map()
	if e.Participant.Identity != "" || e.Participant.SID != "" {
		who, err := t.participant(ctx, e.Participant.Identity)
		if err != nil {
			return err
		}
		data["participant_id"], data["identity"], data["livekit_participant_sid"] = orNull(who), e.Participant.Identity, e.Participant.SID
	}
	data["livekit_sid"], data["at"], data["source"] = e.Room.SID, e.At.UTC(), t.source
	if _, err := jsonobj.From(data); err != nil { // too much of it, with what was added
		data = map[string]any{"livekit_sid": e.Room.SID, "at": e.At.UTC(), "source": t.source}
	}
	return t.note(ctx, e.Name, data)
}

// tellOf appends that somebody came or left.
func (t *roomNews) tellOf(ctx context.Context, name string, m conference.MediaRoom, p conference.MediaParticipant, who conference.ParticipantID, at time.Time, more map[string]any) error {
	data := map[string]any{
		"participant_id": orNull(who), "identity": p.Identity, "kind": p.Kind, "livekit_participant_sid": p.SID,
		"livekit_sid": m.SID, "at": at.UTC(), "source": t.source,
	}
	if p.Name != "" {
		data["name"] = p.Name
	}
	maps.Copy(data, more)
	return t.note(ctx, name, data)
}

// participant is the participant of an identity, if it was put into the room; otherwise 0.
func (t *roomNews) participant(ctx context.Context, who string) (conference.ParticipantID, error) {
	p := conference.ParticipantOf(who)
	if p == 0 {
		return 0, nil
	}
	_, err := t.r.RoomParticipants.Get(ctx, identity.AllEntities(), t.room.ID, p)
	if errs.KindOf(err) == errs.NotFound {
		return 0, nil
	}
	return p, err
}

// nameless is somebody without their name, if they are a participant: it is in that record, and in no other.
func nameless(p conference.MediaParticipant, who conference.ParticipantID) conference.MediaParticipant {
	if who != 0 {
		p.Name = ""
	}
	return p
}

// isPresent reports whether somebody is among those who are present: who is not among as many as are returned may be, too.
func isPresent(present []conference.Presence, sid string) bool {
	return len(present) >= ports.MaxPresent || slices.ContainsFunc(present, func(v conference.Presence) bool { return v.SID == sid })
}

func isAgent(v conference.Presence) bool { return v.Kind == conference.KindAgent }

// mayBeBack reports whether somebody who joined at a moment is not an agent of whom it is known that it left, or was given
// up, after that.
func mayBeBack(a conference.RoomAgent, joinedAt time.Time) bool {
	return a.Active() || joinedAt.After(a.EndedAt)
}

// whoOf is who is present, as LiveKit tells of them.
func whoOf(v conference.Presence) conference.MediaParticipant {
	return conference.MediaParticipant{Identity: v.Identity, SID: v.SID, Name: v.Name, Kind: v.Kind, JoinedAt: v.JoinedAt}
}

// agentReason is why a room's agent is not there any more, when LiveKit tells a reason for its leaving.
func agentReason(reason string) string {
	switch reason {
	case "":
		return conference.AgentReasonVanished
	case reasonRoomClosed, "ROOM_DELETED":
		return conference.AgentReasonRoomClosed
	}
	return reason
}
