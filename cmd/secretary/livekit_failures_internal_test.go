package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/secretary-api/secretary/adapters/livekit/livekittest"
)

func TestAgentsThatDoNotCome(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T, w *call){
		"no worker": func(*testing.T, *call) {},
		"one of another name": func(t *testing.T, w *call) {
			t.Helper()
			livekittest.StartWorker(t, w.livekit, "other", livekittest.Joins)
		},
		"one that rejects": func(t *testing.T, w *call) {
			t.Helper()
			livekittest.StartWorker(t, w.livekit, "secretary", livekittest.Refuses)
		},
		"one that never joins": func(t *testing.T, w *call) {
			t.Helper()
			livekittest.StartWorker(t, w.livekit, "secretary", livekittest.CrashesBeforeJoin)
		},
		"LiveKit away meanwhile": func(t *testing.T, w *call) { t.Helper(); w.livekit.Kill(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCall(t, map[string]string{"SECRETARY_AGENT_DEADLINE": "1s"})
			room := w.open("")
			start(t, w)
			if status, _ := w.requestAgent(room); status != http.StatusCreated {
				t.Errorf("asking for an agent answered %d", status)
			}
			agent := w.awaitAgent(room, "FAILED")
			want := "did-not-join"
			if name == "LiveKit away meanwhile" {
				want = "livekit-unavailable"
			}
			if agent.Reason != want || agent.Attempts != 3 {
				t.Errorf("the agent failed with %q after %d attempts, want %q after 3", agent.Reason, agent.Attempts, want)
			}
			w.awaitEvents(room, "agent_failed", 1)
			w.awaitEvents(room, "agent_requested", 1)
			if status, again := w.requestAgent(room); status != http.StatusCreated || again.Request != 2 || again.ParticipantID != agent.ParticipantID {
				t.Errorf("asking again answered %d, %+v", status, again)
			}
		})
	}
}

func TestAnAgentThatComesLateIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	w := newCall(t, map[string]string{"SECRETARY_AGENT_DEADLINE": "4s"})
	room := w.open("")
	w.requestAgent(room)
	time.Sleep(time.Second) // nobody heard of the first dispatch
	worker := livekittest.StartWorker(t, w.livekit, "secretary", livekittest.Joins)
	if agent := w.awaitAgent(room, "JOINED"); agent.Attempts < 2 {
		t.Errorf("the agent came by attempt %d", agent.Attempts)
	}
	time.Sleep(3 * time.Second) // for another one to come
	if n := worker.Offers(); n != 1 || w.count(room, "participant_joined") != 1 {
		t.Errorf("%d jobs were given, and %d participants joined", n, w.count(room, "participant_joined"))
	}
}

func TestAnAgentThatCrashesHasLeft(t *testing.T) {
	t.Parallel()
	w := newCall(t, nil)
	livekittest.StartWorker(t, w.livekit, "secretary", livekittest.CrashesAfterJoin)
	room := w.open("")
	w.requestAgent(room)
	if agent := w.awaitAgent(room, "LEFT"); agent.Reason == "" {
		t.Error("the agent left without a reason")
	}
	w.awaitEvents(room, "agent_left", 1)
	w.awaitEvents(room, "participant_left", 1)
	if r := w.room(room); r.Status != "OPEN" {
		t.Errorf("the room is %s", r.Status)
	}
}

func TestWebhooksThatAreLostAreMadeUpFor(t *testing.T) {
	t.Parallel()
	w := newCall(t, nil)
	room := w.open("")
	first, second := w.patient(room), w.patient(room)
	token := w.token(room, first)
	gone := livekittest.Join(t, token.URL, token.Token)
	w.awaitRoom(room, "waiting for the first", func(r roomState) bool { return r.Status == "IN_PROGRESS" })

	w.hooks.down.Store(true)
	token = w.token(room, second)
	livekittest.Join(t, token.URL, token.Token)
	gone.Leave()
	time.Sleep(10 * time.Second)
	w.hooks.down.Store(false)

	w.awaitEvents(room, "participant_joined", 2)
	w.awaitEvents(room, "participant_left", 1)
	time.Sleep(10 * time.Second) // for what LiveKit was still trying to tell
	w.awaitEvents(room, "participant_joined", 2)
	w.awaitEvents(room, "participant_left", 1)
}

func TestALiveKitThatRestartsLeavesTheTruth(t *testing.T) {
	t.Parallel()
	w := newCall(t, nil)
	worker := livekittest.StartWorker(t, w.livekit, "secretary", livekittest.Joins)
	waiting, talking := w.open(""), w.open("")
	w.requestAgent(talking)
	agent := worker.Next(t).Guest
	w.awaitAgent(talking, "JOINED")
	token := w.token(talking, w.patient(talking))
	guest := livekittest.Join(t, token.URL, token.Token)
	w.awaitRoom(talking, "waiting for the patient", func(r roomState) bool { return r.Status == "IN_PROGRESS" })
	before := w.room(waiting)

	w.livekit.Kill(t)
	agent.Leave()
	guest.Leave() // or else the library would come back, and the room with it
	w.livekit.Restart(t)

	// Nobody had come: it is there again. Somebody had: it is over.
	w.awaitRoom(waiting, "waiting for LiveKit to have the room again", func(r roomState) bool {
		return r.Status == "OPEN" && r.LiveKitSID != before.LiveKitSID
	})
	r := w.awaitRoom(talking, "waiting for the conversation to be over", func(r roomState) bool { return r.Status == "CLOSED" })
	if r.ClosedReason != "livekit-lost" || r.Agent.Status != "LEFT" || r.Agent.Reason == "" {
		t.Errorf("the room is %+v, its agent %+v", r, r.Agent)
	}
	w.awaitEvents(talking, "participant_left", 2)
	w.awaitEvents(talking, "agent_left", 1)
	w.awaitEvents(waiting, "livekit_room_started", 2)
}

func TestARoomIsMadeWhenLiveKitIsBack(t *testing.T) {
	t.Parallel()
	w := newCall(t, nil)
	w.livekit.Kill(t)
	room := w.open("")
	if r := w.room(room); r.LiveKitSID != "" || r.Status != "OPEN" {
		t.Errorf("without LiveKit the room is %+v", r)
	}
	patient := w.patient(room)
	if status := w.ask(w.c.token, http.MethodPost, fmt.Sprintf("/v1/rooms/%d/tokens", room), fmt.Sprintf(`{"participant_id":%d}`, patient), nil); status != http.StatusServiceUnavailable {
		t.Errorf("a token for a room that LiveKit does not have answered %d", status)
	}
	w.livekit.Restart(t)
	w.awaitRoom(room, "waiting for LiveKit to have the room", func(r roomState) bool { return r.LiveKitSID != "" })
	w.awaitEvents(room, "livekit_room_started", 1)
}

func TestARoomThatEndsOnLiveKitIsClosed(t *testing.T) {
	t.Parallel()
	w := newCall(t, nil)
	room := w.open("")
	if err := w.media.Close(t.Context(), w.room(room).LiveKitName); err != nil {
		t.Fatal(err)
	}
	r := w.awaitRoom(room, "waiting for the room to be closed", func(r roomState) bool { return r.Status == "CLOSED" })
	if r.ClosedReason != "livekit-finished" {
		t.Errorf("it was closed because of %q", r.ClosedReason)
	}
}

func TestWebhooksThatAreNotLiveKits(t *testing.T) {
	t.Parallel()
	w := newCall(t, nil)
	room := w.open("")
	token := w.token(room, w.patient(room))
	livekittest.Join(t, token.URL, token.Token)
	w.awaitRoom(room, "waiting for the patient", func(r roomState) bool { return r.Status == "IN_PROGRESS" })
	w.awaitEvents(room, "participant_joined", 1)
	before := w.events(room)

	var real hook
	for _, h := range w.hooks.all() {
		if strings.Contains(string(h.body), "participant_joined") {
			real = h
		}
	}
	signed := func(secret string, validFor time.Duration, body []byte) string {
		sum := sha256.Sum256(body)
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
			"iss": w.livekit.APIKey, "exp": time.Now().Add(validFor).Unix(), "sha256": base64.StdEncoding.EncodeToString(sum[:]),
		}).SignedString([]byte(secret))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	finished := bytes.ReplaceAll(bytes.ReplaceAll(real.body, []byte("participant_joined"), []byte("room_finished")), []byte(`"id":"`), []byte(`"id":"F`))
	for name, h := range map[string]hook{
		"unsigned":              {"", real.contentType, finished},
		"altered":               {real.authorization, real.contentType, finished},
		"signed by somebody":    {signed("another-secret-of-32-characters-or-more", time.Minute, finished), real.contentType, finished},
		"signed, but long ago":  {signed(w.livekit.APISecret, -time.Hour, finished), real.contentType, finished},
		"with a token for more": {w.c.token, real.contentType, finished},
	} {
		if status, err := h.post(t.Context(), w.service.url); err != nil || status != http.StatusUnauthorized {
			t.Errorf("%s: %d, %v, want 401", name, status, err)
		}
	}
	// Told again soon it is LiveKit trying again.
	if status, err := real.post(t.Context(), w.service.url); err != nil || status >= http.StatusMultipleChoices {
		t.Errorf("the same again: %d, %v", status, err)
	}
	if r := w.room(room); r.Status != "IN_PROGRESS" || len(w.events(room)) != len(before) {
		t.Errorf("the room is %+v, with %d events, before %d", r, len(w.events(room)), len(before))
	}
	// Signed as it should be, it counts.
	good := hook{signed(w.livekit.APISecret, time.Minute, finished), real.contentType, finished}
	if status, err := good.post(t.Context(), w.service.url); err != nil || status >= http.StatusMultipleChoices || w.room(room).Status != "CLOSED" {
		t.Errorf("signed: %d, %v; the room is %s", status, err, w.room(room).Status)
	}
}

func TestWithoutLiveKitRoomsAreRecords(t *testing.T) {
	t.Parallel()
	s, c := streamed(t, nil)
	w := &call{flow: flow{t, c}, t: t, service: s}
	room := w.post("/v1/rooms", `{"name":"visit"}`)
	for operation, in := range map[string]map[string]any{"tokens": {"participant_id": 1}, "agent": {}} {
		err := c.call(t.Context(), http.MethodPost, fmt.Sprintf("/v1/rooms/%d/%s", room, operation), in, nil)
		if p, ok := errors.AsType[*problemError](err); !ok || p.Status != http.StatusServiceUnavailable ||
			!strings.Contains(p.Detail, "LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET") {
			t.Errorf("%s: %v", operation, err)
		}
	}
	if status, err := (hook{"x", "application/webhook+json", []byte(`{}`)}).post(t.Context(), s.url); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("a webhook answered %d, %v", status, err)
	}
	w.do(http.MethodDelete, fmt.Sprintf("/v1/rooms/%d", room), "", nil)
	if r := w.room(room); r.Status != "CLOSED" {
		t.Errorf("the room is %+v", r)
	}
}
