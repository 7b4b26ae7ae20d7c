package conference_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
)

func TestParticipantOfAnIdentity(t *testing.T) {
	t.Parallel()
	for _, v := range []conference.ParticipantID{1, 42, 1<<63 - 1} {
		if got := conference.ParticipantOf(v.LiveKitIdentity()); got != v {
			t.Errorf("the participant of %s is %d, want %d", v.LiveKitIdentity(), got, v)
		}
	}
	for _, identity := range []string{"", "7", "participant-", "participant-0", "participant--7", "participant-+7", "participant-07", "participant-7 ", "Participant-7", "participant-9223372036854775808"} {
		if got := conference.ParticipantOf(identity); got != 0 {
			t.Errorf("the participant of %q is %d, want none", identity, got)
		}
	}
}

func TestLimitsOfARoom(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		limits conference.RoomLimits
		field  string // that is wrong
	}{
		"defaults":          {conference.RoomLimits{}, ""},
		"least":             {conference.RoomLimits{EmptyTimeout: 10 * time.Second, DepartureTimeout: time.Second, MaxParticipants: 1}, ""},
		"most":              {conference.RoomLimits{EmptyTimeout: 24 * time.Hour, DepartureTimeout: 24 * time.Hour, MaxParticipants: 10_000}, ""},
		"short":             {conference.RoomLimits{EmptyTimeout: 9 * time.Second}, "empty_timeout_seconds"},
		"long":              {conference.RoomLimits{DepartureTimeout: 24*time.Hour + time.Second}, "departure_timeout_seconds"},
		"no whole seconds":  {conference.RoomLimits{EmptyTimeout: 10*time.Second + time.Millisecond}, "empty_timeout_seconds"},
		"negative":          {conference.RoomLimits{DepartureTimeout: -time.Second}, "departure_timeout_seconds"},
		"too many":          {conference.RoomLimits{MaxParticipants: 10_001}, "max_participants"},
		"fewer than nobody": {conference.RoomLimits{MaxParticipants: -1}, "max_participants"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := conference.NewRoom(conference.RoomParams{Name: "x", Limits: tc.limits}, made())
			if tc.field == "" && err != nil || tc.field != "" && (errs.CodeOf(err) != "invalid-input" || !strings.Contains(err.Error(), tc.field)) {
				t.Errorf("got %v, want a refusal of %q", err, tc.field)
			}
		})
	}
}

func TestTheLatestLiveKitRoomIsKnown(t *testing.T) {
	t.Parallel()
	second := func(n int) time.Time { return made().Add(time.Duration(n) * time.Second) }
	for name, tc := range map[string]struct {
		known, told, want conference.MediaRoom
		news              bool
	}{
		"the first":             {conference.MediaRoom{}, conference.MediaRoom{SID: "a", Since: second(1)}, conference.MediaRoom{SID: "a", Since: second(1)}, true},
		"the first, of no time": {conference.MediaRoom{}, conference.MediaRoom{SID: "a"}, conference.MediaRoom{SID: "a"}, true},
		"none":                  {conference.MediaRoom{}, conference.MediaRoom{Since: second(1)}, conference.MediaRoom{}, false},
		"again":                 {conference.MediaRoom{SID: "a", Since: second(1)}, conference.MediaRoom{SID: "a", Since: second(1)}, conference.MediaRoom{SID: "a", Since: second(1)}, false},
		"again, with its time":  {conference.MediaRoom{SID: "a"}, conference.MediaRoom{SID: "a", Since: second(1)}, conference.MediaRoom{SID: "a", Since: second(1)}, false},
		"again, without":        {conference.MediaRoom{SID: "a", Since: second(1)}, conference.MediaRoom{SID: "a"}, conference.MediaRoom{SID: "a", Since: second(1)}, false},
		"a later one":           {conference.MediaRoom{SID: "a", Since: second(1)}, conference.MediaRoom{SID: "b", Since: second(2)}, conference.MediaRoom{SID: "b", Since: second(2)}, true},
		"an earlier one":        {conference.MediaRoom{SID: "b", Since: second(2)}, conference.MediaRoom{SID: "a", Since: second(1)}, conference.MediaRoom{SID: "b", Since: second(2)}, false},
		"another, of no time":   {conference.MediaRoom{SID: "b", Since: second(2)}, conference.MediaRoom{SID: "a"}, conference.MediaRoom{SID: "b", Since: second(2)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := conference.Room{LiveKitSID: tc.known.SID, LiveKitSince: tc.known.Since, UpdatedAt: made()}
			news := r.Began(tc.told, changed())
			if news != tc.news || r.LiveKitSID != tc.want.SID || !r.LiveKitSince.Equal(tc.want.Since) {
				t.Errorf("got %s since %v, news %v; want %+v, news %v", r.LiveKitSID, r.LiveKitSince, news, tc.want, tc.news)
			}
			if moved := tc.want != tc.known; r.UpdatedAt.Equal(made()) == moved {
				t.Errorf("changed: %v, updated at %v", moved, r.UpdatedAt)
			}
		})
	}
}

func TestALostLiveKitRoomDoesNotComeBackByWhatIsToldLate(t *testing.T) {
	t.Parallel()
	lost := conference.MediaRoom{SID: "a", Since: made()}
	r := conference.Room{LiveKitSID: lost.SID, LiveKitSince: lost.Since, UpdatedAt: made()}
	r.Lost(changed())
	if r.LiveKitSID != "" || r.UpdatedAt.Equal(made()) {
		t.Errorf("got %+v, want no LiveKit room", r)
	}
	if r.Began(lost, changed()) {
		t.Error("the lost one is news")
	}
	if !r.Began(conference.MediaRoom{SID: "b", Since: made().Add(time.Second)}, changed()) || r.LiveKitSID != "b" {
		t.Errorf("got %+v, want the new one", r)
	}
}

func TestAPersonPutsAnOpenRoomInProgress(t *testing.T) {
	t.Parallel()
	for status, want := range map[conference.RoomStatus]conference.RoomStatus{
		conference.Open: conference.InProgress, conference.InProgress: conference.InProgress, conference.Closed: conference.Closed,
	} {
		r := conference.Room{Status: status, UpdatedAt: made()}
		if r.PersonJoined(changed()); r.Status != want || r.UpdatedAt.Equal(made()) != (status == want) {
			t.Errorf("of %s: got %s, updated at %v, want %s", status, r.Status, r.UpdatedAt, want)
		}
	}
}

func TestAnAgentThatHadComeHasLeftAClosedRoomAndNotFailed(t *testing.T) {
	t.Parallel()
	failed := conference.RoomAgent{Status: conference.AgentFailed, Reason: conference.AgentReasonRoomClosed, EndedAt: made()}
	r := conference.Room{Status: conference.Closed, Agent: failed, UpdatedAt: made()}
	if !r.AgentWasThere(made(), changed()) || r.Agent.Status != conference.AgentLeft || !r.Agent.JoinedAt.Equal(made()) || !r.UpdatedAt.Equal(changed()) {
		t.Errorf("got %+v, want that it left", r)
	}
	if r.AgentWasThere(made(), changed()) {
		t.Error("again it is news again")
	}
	for _, other := range []conference.Room{{Status: conference.Open, Agent: failed}, {Status: conference.Closed}} {
		before := other
		if other.AgentWasThere(made(), changed()) || other != before {
			t.Errorf("made %+v of %+v", other, before)
		}
	}
}

func TestOnlySomeKindsArePeople(t *testing.T) {
	t.Parallel()
	for kind, want := range map[conference.ParticipantKind]bool{
		conference.KindStandard: true, conference.KindSIP: true, conference.KindAgent: false, "EGRESS": false, "INGRESS": false, "": false,
	} {
		if got := kind.IsPerson(); got != want {
			t.Errorf("%q is a person: %v, want %v", kind, got, want)
		}
	}
}

func TestTextsOfAnEventAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Rita":                         "Rita",
		"Ri\x00ta\xff":                 "Rita",
		strings.Repeat("a", 254):       strings.Repeat("a", 254),
		strings.Repeat("a", 255):       strings.Repeat("a", 254),
		"a" + strings.Repeat("é", 127): "a" + strings.Repeat("é", 126),
	} {
		e, err := conference.MediaEvent{ID: "EV_1", Name: "x", At: made(), Participant: conference.MediaParticipant{Identity: text, Name: text}}.Checked()
		if got := e.Participant; err != nil || got.Name != want || got.Identity != want || !utf8.ValidString(got.Name) {
			t.Errorf("of %d bytes: got %d bytes, %v, want %d", len(text), len(got.Name), err, len(want))
		}
	}
}

func TestEventsWithIdsThatLiveKitNeverGivesAreRefused(t *testing.T) {
	t.Parallel()
	good := func() conference.MediaEvent {
		return conference.MediaEvent{
			ID: strings.Repeat("x", 100), Name: strings.Repeat("x", 100), At: made(),
			Room: conference.MediaRoom{SID: strings.Repeat("x", 100)}, Participant: conference.MediaParticipant{SID: strings.Repeat("x", 100)},
		}
	}
	if _, err := good().Checked(); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for name, spoil := range map[string]func(*conference.MediaEvent){
		"no id":                  func(e *conference.MediaEvent) { e.ID = "" },
		"long id":                func(e *conference.MediaEvent) { e.ID += "x" },
		"id with a space":        func(e *conference.MediaEvent) { e.ID = "E V" },
		"no name":                func(e *conference.MediaEvent) { e.Name = "" },
		"no time":                func(e *conference.MediaEvent) { e.At = time.Time{} },
		"of no room":             func(e *conference.MediaEvent) { e.Name = "room_finished" },
		"of nobody":              func(e *conference.MediaEvent) { e.Name, e.Room.Name = "track_published", "room-1" },
		"long name":              func(e *conference.MediaEvent) { e.Name += "x" },
		"long SID of a room":     func(e *conference.MediaEvent) { e.Room.SID += "x" },
		"long SID of a stay":     func(e *conference.MediaEvent) { e.Participant.SID += "x" },
		"SID with a null":        func(e *conference.MediaEvent) { e.Participant.SID = "PA\x00" },
		"room's SID with a null": func(e *conference.MediaEvent) { e.Room.SID = "RM\x00" },
	} {
		e := good()
		spoil(&e)
		if _, err := e.Checked(); errs.CodeOf(err) != "invalid-event" {
			t.Errorf("%s: got %v, want invalid-event", name, err)
		}
	}
}
