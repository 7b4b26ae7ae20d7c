package conference

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/version"
)

// CloseReason says why a room is closed.
type CloseReason string

// The reasons.
const (
	ClosedByRequest CloseReason = "requested"        // by a user or an API key
	ClosedByLiveKit CloseReason = "livekit-finished" // everybody left, nobody came, or somebody closed it there
	ClosedAsLost    CloseReason = "livekit-lost"     // LiveKit does not have it any more, and never told why
)

// RoomLimits are how long LiveKit keeps a room in which nobody is, and how many it lets in.
type RoomLimits struct {
	EmptyTimeout     time.Duration // for the first to come; whole seconds, 10 s to 24 h; the default is 10 minutes
	DepartureTimeout time.Duration // after the last has left; whole seconds, 1 s to 24 h; the default is 1 minute
	MaxParticipants  int           // people and agents; 0: any number
}

// The bounds of limits.
const (
	DefaultEmptyTimeout     = 10 * time.Minute
	DefaultDepartureTimeout = time.Minute
	MinEmptyTimeout         = 10 * time.Second
	MinDepartureTimeout     = time.Second
	MaxRoomTimeout          = 24 * time.Hour
	MaxRoomParticipants     = 10_000
)

func (l RoomLimits) withDefaults() RoomLimits {
	if l.EmptyTimeout == 0 {
		l.EmptyTimeout = DefaultEmptyTimeout
	}
	if l.DepartureTimeout == 0 {
		l.DepartureTimeout = DefaultDepartureTimeout
	}
	return l
}

func (l RoomLimits) validate(c *errs.Check) {
	within := func(v, least time.Duration) bool { return v >= least && v <= MaxRoomTimeout && v%time.Second == 0 }
	c.That(within(l.EmptyTimeout, MinEmptyTimeout), "empty_timeout_seconds", "must be 10 to 86400")
	c.That(within(l.DepartureTimeout, MinDepartureTimeout), "departure_timeout_seconds", "must be 1 to 86400")
	c.That(l.MaxParticipants >= 0 && l.MaxParticipants <= MaxRoomParticipants, "max_participants", "must be 0 to 10000")
}

// MediaRoom is a room as LiveKit has it. Another one of the same name, later, has another SID.
type MediaRoom struct {
	Name  string
	SID   string    // "RM_..."
	Since time.Time // when it began, to the millisecond; zero when LiveKit did not say
}

// ParticipantKind is what LiveKit takes a participant for, in its own words.
type ParticipantKind string

// The kinds. LiveKit may have others, which are neither people nor agents.
const (
	KindStandard ParticipantKind = "STANDARD" // a person with a client
	KindSIP      ParticipantKind = "SIP"      // a person on the telephone
	KindAgent    ParticipantKind = "AGENT"
)

// IsPerson reports whether it is a person.
func (k ParticipantKind) IsPerson() bool { return k == KindStandard || k == KindSIP }

// MediaParticipant is somebody in a LiveKit room. Who comes again has the same identity and another SID.
type MediaParticipant struct {
	Identity string
	SID      string // "PA_..."
	Name     string
	Kind     ParticipantKind
	JoinedAt time.Time // zero when LiveKit did not say
}

// The events of LiveKit that mean something here. Others are only noted.
const (
	MediaRoomStarted       = "room_started"
	MediaRoomFinished      = "room_finished"
	MediaParticipantJoined = "participant_joined"
	MediaParticipantLeft   = "participant_left"
)

// MediaEvent is something that LiveKit tells of a room. It may come late, twice, out of order, or never.
type MediaEvent struct {
	ID          string    // the same when it is told again
	Name        string    // such as "participant_joined"
	At          time.Time // when it happened, to the second
	Room        MediaRoom
	Participant MediaParticipant // zero when it is about nobody
	Reason      string           // why a participant left, in LiveKit's words; "" when it does not say
	Data        jsonobj.Object   // what else it tells, such as the track; none when nothing
}

// Presence is somebody's stay in a LiveKit room: from one joining to the leaving that belongs to it. It is unique by room
// and SID.
type Presence struct {
	RoomID        RoomID
	SID           string // the LiveKit participant's
	Identity      string
	ParticipantID ParticipantID // 0: a stranger, whom nobody put into the room
	Name          string
	Kind          ParticipantKind
	JoinedAt      time.Time // zero while only the leaving is known
	LeftAt        time.Time // zero while present
	Reason        string    // of leaving; "" when not known
}

// identityPrefix is before a participant's id in LiveKit.
const identityPrefix = "participant-"

// LiveKitIdentity is the identity of a participant in LiveKit.
func (i ParticipantID) LiveKitIdentity() string { return identityPrefix + i.String() }

// ParticipantOf returns the participant of a LiveKit identity, 0 when it is not one of ours.
func ParticipantOf(identity string) ParticipantID {
	number, ours := strings.CutPrefix(identity, identityPrefix)
	v, err := strconv.ParseInt(number, 10, 64)
	if !ours || err != nil || v <= 0 || ParticipantID(v).LiveKitIdentity() != identity {
		return 0
	}
	return ParticipantID(v)
}

// Checked returns the event with its texts in a form that can be stored: names that are too long are cut. An event
// without an id, a name or a time, or with ids that LiveKit never gives, is Invalid "invalid-event". So is one of a room or
// of somebody that does not say which room, or who.
func (e MediaEvent) Checked() (MediaEvent, error) {
	about, _, _ := strings.Cut(e.Name, "_")
	ofSomebody := about == "participant" || about == "track"
	ofRoom := ofSomebody || about == "room"
	if !isToken(e.ID, maxMediaID) || !isToken(e.Name, maxMediaID) || e.At.IsZero() || !isSID(e.Room.SID) || !isSID(e.Participant.SID) ||
		ofRoom && (e.Room.SID == "" || e.Room.Name == "") || ofSomebody && (e.Participant.SID == "" || e.Participant.Identity == "") {
		return MediaEvent{}, errs.New(errs.Invalid, "invalid-event", "the event is not one of LiveKit")
	}
	e.Participant = e.Participant.Checked()
	e.Room.Name, e.Reason = Storable(e.Room.Name), storable(e.Reason, maxReason)
	return e, nil
}

// Checked returns the participant with its texts in a form that can be stored: those that are too long are cut.
func (p MediaParticipant) Checked() MediaParticipant {
	p.Identity, p.Name = Storable(p.Identity), Storable(p.Name)
	p.Kind = ParticipantKind(storable(string(p.Kind), maxKind))
	return p
}

// Bounds of what LiveKit tells, in bytes.
const (
	maxMediaID   = 100
	maxMediaText = 254
	maxReason    = 100
	maxKind      = 50
)

func isSID(s string) bool { return s == "" || isToken(s, maxMediaID) }

// isToken reports whether s is of visible ASCII characters, 1 to most.
func isToken(s string, most int) bool {
	invisible := func(r rune) bool { return r <= ' ' || r > '~' }
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, invisible)
}

// Storable is a text that LiveKit tells in a form that can be stored: 254 bytes at most, and nothing that no store keeps.
func Storable(s string) string { return storable(s, maxMediaText) }

// storable cuts s to so many bytes, between two characters, and leaves out what no store keeps.
func storable(s string, most int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	if len(s) <= most {
		return s
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// Began notes which LiveKit room is the latest of the room's name, and reports whether that is news. One that began before
// the one that is known is none: what is told of it came late.
func (r *Room) Began(m MediaRoom, now time.Time) bool {
	switch {
	case m.SID == "":
		return false
	case m.SID == r.LiveKitSID:
		if r.LiveKitSince.IsZero() && !m.Since.IsZero() { // who told of it first did not say
			r.LiveKitSince, r.UpdatedAt = m.Since, version.Next(r.UpdatedAt, now)
		}
		return false
	case m.Since.IsZero() && r.LiveKitSID != "", !m.Since.IsZero() && m.Since.Before(r.LiveKitSince):
		return false
	}
	r.LiveKitSID, r.LiveKitSince = m.SID, m.Since
	r.UpdatedAt = version.Next(r.UpdatedAt, now)
	return true
}

// Lost notes that LiveKit does not have the room any more, which is to be made again. What is still told of the one that
// was lost comes late.
func (r *Room) Lost(now time.Time) {
	r.LiveKitSID = ""
	if !r.LiveKitSince.IsZero() {
		r.LiveKitSince = r.LiveKitSince.Add(time.Millisecond)
	}
	r.UpdatedAt = version.Next(r.UpdatedAt, now)
}

// PersonJoined notes that somebody came: an open room is in progress then.
func (r *Room) PersonJoined(now time.Time) {
	if r.Status == Open {
		r.Status, r.UpdatedAt = InProgress, version.Next(r.UpdatedAt, now)
	}
}

// AgentWasThere notes in a closed room that its agent had come after all, and reports whether that is news: it has left
// then, not failed.
func (r *Room) AgentWasThere(at, now time.Time) bool {
	if r.Status != Closed || r.Agent.Status != AgentFailed {
		return false
	}
	r.Agent.Status, r.Agent.Reason, r.Agent.JoinedAt = AgentLeft, AgentReasonRoomClosed, at
	r.UpdatedAt = version.Next(r.UpdatedAt, now)
	return true
}

// agentSkew is how far LiveKit's clock may be from this one when a moment of one is compared with a moment of the other.
const agentSkew = 5 * time.Second
