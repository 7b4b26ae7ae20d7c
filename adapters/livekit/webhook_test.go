package livekit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/secretary-api/secretary/adapters/livekit"
	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
)

// joined is an event as LiveKit posts it, and one thing more that it may post one day.
const joined = `{"event":"participant_joined","room":{"sid":"RM_1","name":"room-12-abc","emptyTimeout":600,` +
	`"creationTime":"1795288070","creationTimeMs":"1795288070123","turnPassword":"x"},"participant":{"sid":"PA_1",` +
	`"identity":"participant-9","state":"ACTIVE","joinedAt":"1795288073","joinedAtMs":"1795288073456","name":"Agent","kind":"AGENT",` +
	`"attributes":{"lk.agent.name":"secretary"},"kindDetails":["NEW_DETAIL"]},"id":"EV_1","createdAt":"1795288073","new":{"a":[1]}}`

// claimsOf are those of a signature.
func claimsOf(body string) jwt.MapClaims {
	hash := sha256.Sum256([]byte(body))
	return jwt.MapClaims{
		"iss": key, "nbf": time.Now().Unix(), "exp": time.Now().Add(5 * time.Minute).Unix(),
		"sha256": base64.StdEncoding.EncodeToString(hash[:]),
	}
}

func sign(tb testing.TB, claims jwt.MapClaims, with string) string {
	tb.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(with))
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

// event reads a body that is signed as it should be.
func event(tb testing.TB, body string) (conference.MediaEvent, error) {
	tb.Helper()
	e, err := offline(tb).Event(sign(tb, claimsOf(body), secret), []byte(body))
	if err != nil {
		return e, err
	}
	return e.Checked() // as the use case does
}

func TestEventsAsLiveKitPostsThem(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	s, _ := start(t, box.url)
	room := open(t, s)
	guest := join(t, s, anna())
	track := guest.Speak(t)
	came := box.first(t, 3)
	guest.Leave()
	came = append(came, box.first(t, 5)[3:]...)
	if err := s.Close(t.Context(), room.Name); err != nil {
		t.Fatal(err)
	}
	came = append(came, box.first(t, 6)[5])

	who := conference.MediaParticipant{Identity: "participant-7", SID: guest.SID(), Name: "Anna", Kind: conference.KindStandard}
	short := conference.MediaParticipant{Identity: who.Identity, SID: who.SID}
	bare := conference.MediaRoom{Name: room.Name, SID: room.SID}
	microphone := jsonobj.Object(`{"track":{"muted":false,"name":"microphone","sid":"` + track + `","source":"MICROPHONE","type":"AUDIO"}}`)
	for i, want := range []conference.MediaEvent{
		{Name: conference.MediaRoomStarted, Room: room},
		{Name: conference.MediaParticipantJoined, Room: room, Participant: who},
		{Name: "track_published", Room: bare, Participant: short, Data: microphone},
		{Name: "track_unpublished", Room: bare, Participant: short, Data: microphone},
		{Name: conference.MediaParticipantLeft, Room: room, Participant: who, Reason: "CLIENT_INITIATED"},
		{Name: conference.MediaRoomFinished, Room: room},
	} {
		got, err := s.Event(came[i].authorization, came[i].body)
		if err != nil {
			t.Fatalf("%s: %v of %s", want.Name, err, came[i].body)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(want, "ID", "At"), cmpopts.IgnoreFields(short, "JoinedAt")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Name, diff)
		}
		if !strings.HasPrefix(got.ID, "EV_") || time.Since(got.At).Abs() > patience {
			t.Errorf("%s has the id %q and happened at %v", want.Name, got.ID, got.At)
		}
		if _, err := s.Event(came[i].authorization, append(bytes.Clone(came[i].body), ' ')); errs.CodeOf(err) != "invalid-signature" {
			t.Errorf("%s with one byte more: got %v", want.Name, err)
		}
	}
}

func TestEventIsReadWhole(t *testing.T) {
	t.Parallel()
	got, err := event(t, joined)
	want := conference.MediaEvent{
		ID: "EV_1", Name: conference.MediaParticipantJoined, At: time.Unix(1795288073, 0).UTC(),
		Room: conference.MediaRoom{Name: "room-12-abc", SID: "RM_1", Since: time.UnixMilli(1795288070123).UTC()},
		Participant: conference.MediaParticipant{
			Identity: "participant-9", SID: "PA_1", Name: "Agent", Kind: conference.KindAgent,
			JoinedAt: time.UnixMilli(1795288073456).UTC(),
		},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestEventOfOlderServersHasSeconds(t *testing.T) {
	t.Parallel()
	body := strings.NewReplacer(`,"creationTimeMs":"1795288070123"`, "", `"joinedAtMs":"1795288073456",`, "").Replace(joined)
	got, err := event(t, body)
	if err != nil || got.Room.Since.UnixMilli() != 1795288070000 || got.Participant.JoinedAt.UnixMilli() != 1795288073000 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestEventOfARecording(t *testing.T) {
	t.Parallel()
	got, err := event(t, `{"event":"egress_ended","id":"EV_1","createdAt":"1795288073","egressInfo":{"egressId":"EG_1",
		"roomId":"RM_1","roomName":"room-12-abc","status":"EGRESS_COMPLETE"}}`)
	want := conference.MediaEvent{
		ID: "EV_1", Name: "egress_ended", At: time.Unix(1795288073, 0).UTC(), Room: conference.MediaRoom{Name: "room-12-abc", SID: "RM_1"},
		Data: `{"egress":{"id":"EG_1","status":"EGRESS_COMPLETE"}}`,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	got, err = event(t, `{"event":"ingress_started","id":"EV_2","createdAt":"1795288073","ingressInfo":{"ingressId":"IN_1",
		"roomName":"room-12-abc","state":{"status":"ENDPOINT_PUBLISHING","roomId":"RM_1"}}}`)
	want.ID, want.Name, want.Data = "EV_2", "ingress_started", `{"ingress":{"id":"IN_1","status":"ENDPOINT_PUBLISHING"}}`
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestForgedEventsAreRefused(t *testing.T) {
	t.Parallel()
	change := func(name string, value any) jwt.MapClaims {
		claims := claimsOf(joined)
		claims[name] = value
		return claims
	}
	without := claimsOf(joined)
	delete(without, "sha256")
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, claimsOf(joined)).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	good := sign(t, claimsOf(joined), secret)
	person, _, err := offline(t).JoinToken(aRoom(), anna())
	if err != nil {
		t.Fatal(err)
	}
	for name, authorization := range map[string]string{
		"nothing":                   "",
		"no token":                  "secret",
		"another secret":            sign(t, claimsOf(joined), secret+"1"),
		"no secret":                 sign(t, claimsOf(joined), ""),
		"another key":               sign(t, change("iss", "other"), secret),
		"no key":                    sign(t, change("iss", ""), secret),
		"unsigned":                  unsigned,
		"expired":                   sign(t, change("exp", time.Now().Add(-2*time.Minute).Unix()), secret),
		"not yet valid":             sign(t, change("nbf", time.Now().Add(2*time.Minute).Unix()), secret),
		"of another body":           sign(t, claimsOf(joined+" "), secret),
		"of no body":                sign(t, without, secret),
		"somebody's join token":     person,
		"with Bearer":               "Bearer " + good,
		"cut short":                 good[:len(good)-1],
		"a signature of other text": good + "." + good,
	} {
		got, err := offline(t).Event(authorization, []byte(joined))
		if errs.KindOf(err) != errs.Unauthenticated || errs.CodeOf(err) != "invalid-signature" {
			t.Errorf("%s: got %v, want invalid-signature", name, err)
		}
		if diff := cmp.Diff(conference.MediaEvent{}, got); diff != "" {
			t.Errorf("%s: got an event:\n%s", name, diff)
		}
	}
	if _, err := offline(t).Event(good, []byte(joined)); err != nil {
		t.Errorf("as it should be: got %v", err)
	}
}

func TestSignedNonsenseIsInvalid(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 101)
	for name, body := range map[string]string{
		"nothing":              "",
		"no JSON":              "secret",
		"an empty object":      "{}",
		"a list":               "[]",
		"a wrong type":         strings.Replace(joined, `"PA_1"`, `1`, 1),
		"no id":                strings.Replace(joined, `"EV_1"`, `""`, 1),
		"a long id":            strings.Replace(joined, "EV_1", long, 1),
		"an id with a zero":    strings.Replace(joined, "EV_1", `EV\u0000`, 1),
		"no name":              strings.Replace(joined, "participant_joined", "", 1),
		"no time":              strings.Replace(joined, `"createdAt":"1795288073"`, `"createdAt":"0"`, 1),
		"a time of no year":    strings.Replace(joined, `"createdAt":"1795288073"`, `"createdAt":"253402300800"`, 1),
		"no room":              strings.Replace(joined, "room-12-abc", "", 1),
		"no room's id":         strings.Replace(joined, "RM_1", "", 1),
		"a long room's id":     strings.Replace(joined, "RM_1", long, 1),
		"nobody":               strings.Replace(joined, "participant-9", "", 1),
		"nobody's id":          strings.Replace(joined, "PA_1", "", 1),
		"a long somebody's id": strings.Replace(joined, "PA_1", long, 1),
	} {
		if got, err := event(t, body); errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "invalid-event" {
			t.Errorf("%s: got %+v, %v, want invalid-event", name, got, err)
		}
	}
}

func TestTextsOfEventsAreBounded(t *testing.T) {
	t.Parallel()
	body := strings.NewReplacer(`"Agent"`, `"`+strings.Repeat("ção", 100)+`"`, "participant-9", `parti\u0000cipant-9`).Replace(joined)
	got, err := event(t, body)
	if err != nil {
		t.Fatal(err)
	}
	if name := got.Participant.Name; len(name) != 253 && len(name) != 254 || !utf8.ValidString(name) {
		t.Errorf("the name has %d bytes: %q", len(name), name)
	}
	if got.Participant.Identity != "participant-9" {
		t.Errorf("the identity is %q", got.Participant.Identity)
	}
}

func FuzzEvent(f *testing.F) {
	f.Add(joined, "")
	f.Add(`{"event":"room_started","id":"a","createdAt":1,"room":{"sid":"b","name":"c"}}`, "Bearer x.y.z")
	f.Add(`{"event":"track_published","id":"a","createdAt":1,"room":{"sid":"b","name":"c"},"participant":{"sid":"d","identity":"e"},`+
		`"track":{"name":"\u0000é"}}`, "e30.e30.")
	f.Add(`{"event":"egress_ended","id":"a","createdAt":"1","egressInfo":{"egressId":"\ud83d\ude00"}}`, sign(f, claimsOf(""), secret))
	s, err := livekit.New(livekit.Options{URL: "ws://127.0.0.1:1", APIKey: key, APISecret: secret})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, authorization string) {
		if _, err := s.Event(authorization, []byte(body)); errs.CodeOf(err) != "invalid-signature" && body != "" {
			t.Fatalf("signed with %q: %v", authorization, err)
		}
		e, err := s.Event(sign(t, claimsOf(body), secret), []byte(body))
		if err == nil {
			e, err = e.Checked()
		}
		if err != nil {
			if errs.CodeOf(err) != "invalid-event" {
				t.Fatalf("got %v", err)
			}
			return
		}
		if e.ID == "" || e.Name == "" || e.At.IsZero() || e.At.Year() > 9999 {
			t.Errorf("got %+v", e)
		}
		for _, text := range []string{
			e.ID, e.Name, e.Room.Name, e.Room.SID, e.Participant.Identity, e.Participant.SID, e.Participant.Name,
			string(e.Participant.Kind), e.Reason,
		} {
			if len(text) > 254 || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				t.Errorf("got the text %q", text)
			}
		}
		if e.Data != "" && !json.Valid([]byte(e.Data)) {
			t.Errorf("got the data %q", e.Data)
		}
	})
}
