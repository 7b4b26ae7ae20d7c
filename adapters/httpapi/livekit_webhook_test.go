package httpapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/secretary-api/secretary/core/conference"
)

const liveKitHook = "/v1/webhooks/livekit"

// posted is a webhook of LiveKit, signed as it is unless change spoils it.
func (w *world) posted(tb testing.TB, body string, change ...func(*http.Request)) result {
	tb.Helper()
	return w.do(tb, "", http.MethodPost, liveKitHook, body, append([]func(*http.Request){func(r *http.Request) {
		r.Header.Set("Content-Type", "application/webhook+json")
		r.Header.Set("Authorization", signature(body))
	}}, change...)...)
}

// told is an event of the LiveKit room of a room.
func (w *world) told(tb testing.TB, id int64, event string) string {
	tb.Helper()
	v := w.do(tb, w.manager, http.MethodGet, room(id, ""), "").object(tb)
	name, _ := v["livekit_name"].(string)
	sid, _ := v["livekit_sid"].(string)
	now := realTime().Truncate(time.Second)
	raw, err := json.Marshal(conference.MediaEvent{
		ID: fmt.Sprint("EV_", event, id), Name: event, At: now, Room: conference.MediaRoom{Name: name, SID: sid, Since: now},
		Participant: conference.MediaParticipant{
			Identity: conference.ParticipantID(w.ours.participant).LiveKitIdentity(), SID: "PA_1", Name: "Ana", Kind: conference.KindStandard, JoinedAt: now,
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

func TestLiveKitMovesARoomOn(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	for _, step := range []struct{ event, status string }{
		{conference.MediaRoomStarted, "OPEN"}, {conference.MediaParticipantJoined, "IN_PROGRESS"}, {conference.MediaRoomFinished, "CLOSED"},
	} {
		body := w.told(t, w.ours.room, step.event)
		for range 2 { // LiveKit tries again when our answer is lost
			if got := w.posted(t, body); got.status != http.StatusNoContent || got.body != "" {
				t.Fatalf("%s: %d %s", step.event, got.status, got.body)
			}
			want(t, w.do(t, w.admin, http.MethodGet, room(w.ours.room, ""), ""), http.StatusOK, map[string]any{"status": step.status})
		}
	}
	want(t, w.do(t, w.admin, http.MethodGet, room(w.ours.room, ""), ""), http.StatusOK, map[string]any{"closed_reason": "livekit-finished"})
	w.wantEvents(t, room(w.ours.room, "/events"), conference.MediaParticipantJoined, 1)
}

func TestLiveKitWebhookIsNotReplayed(t *testing.T) {
	t.Parallel()
	var late atomic.Int64 // seconds
	s := openStore(t, func() time.Time { return realTime().Add(time.Duration(late.Load()) * time.Second) })
	s.liveKit = newLiveKit()
	w := newWorldIn(t, s)
	body := w.told(t, w.ours.room, conference.MediaParticipantJoined)
	for range 2 {
		if got := w.posted(t, body); got.status != http.StatusNoContent {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	late.Store(61)
	wantProblem(t, w.posted(t, body), http.StatusUnauthorized, "replayed-webhook")
	w.wantEvents(t, room(w.ours.room, "/events"), conference.MediaParticipantJoined, 1)
}

func TestLiveKitWebhookTakesBothMediaTypes(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	for i, media := range []string{"application/webhook+json", "application/json", "application/webhook+json; charset=utf-8", ""} {
		body := fmt.Sprintf(`{"ID":"EV_%d","Name":"room_started","At":"2026-11-22T12:00:00Z","Room":{"Name":"nobody-knows","SID":"RM_x"}}`, i)
		got := w.posted(t, body, func(r *http.Request) { r.Header.Set("Content-Type", media) })
		if got.status != http.StatusNoContent {
			t.Errorf("%q: %d %s", media, got.status, got.body)
		}
	}
	got := w.posted(t, `{"ID":"EV_9"}`, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
	wantProblem(t, got, http.StatusUnsupportedMediaType, "unsupported-media-type")
}

func TestLiveKitWebhookThatIsNotSignedChangesNothing(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	body := w.told(t, w.ours.room, conference.MediaRoomFinished)
	signed := func(by string) func(*http.Request) {
		return func(r *http.Request) { r.Header["Authorization"] = []string{by} }
	}
	for name, got := range map[string]result{
		"Forged":     w.posted(t, body, signed("signed-by-somebody")),
		"AUsers":     w.posted(t, body, signed("Bearer "+w.manager)),
		"AsABearer":  w.posted(t, body, signed("Bearer "+signature(body))),
		"Altered":    w.posted(t, body+" ", signed(signature(body))),
		"NoJSON":     w.posted(t, "\xff{{", signed(signature(body))),
		"TooDeep":    w.posted(t, strings.Repeat("[", 100), signed(signature(body))),
		"Empty":      w.posted(t, "", signed(signature(body))),
		"Unsigned":   w.posted(t, body, func(r *http.Request) { r.Header.Del("Authorization") }),
		"EmptyToken": w.posted(t, body, signed("")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, got, http.StatusUnauthorized, "invalid-signature")
			want(t, w.do(t, w.admin, http.MethodGet, room(w.ours.room, ""), ""), http.StatusOK, map[string]any{"status": "OPEN"})
		})
	}
}

func TestLiveKitWebhookThatIsNotSignedIsNotRead(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*world{"Unsigned": newConference(t), "Unconfigured": newWorld(t)} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, liveKitHook, io.NopCloser(untouchable{t}))
		r.Header.Set("Content-Type", "application/webhook+json")
		if name == "Unconfigured" {
			r.Header.Set("Authorization", signature("{}"))
			wantProblem(t, send(w.handler, r), http.StatusServiceUnavailable, "livekit-unconfigured")
			continue
		}
		got := send(w.handler, r)
		wantProblem(t, got, http.StatusUnauthorized, "invalid-signature")
		if got.header.Get("WWW-Authenticate") == "" {
			t.Error("a 401 has no WWW-Authenticate")
		}
	}
}

func TestLiveKitWebhookIsBounded(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	event := func(size int) string {
		const head, tail = `{"ID":"EV_large","Name":"egress_started","At":"2026-11-22T12:00:00Z","Data":null,"Other":"`, `"}`
		return head + strings.Repeat("a", size-len(head)-len(tail)) + tail
	}
	if got := w.posted(t, event(1<<20)); got.status != http.StatusNoContent {
		t.Errorf("an event of 1 MiB: %d %s", got.status, got.body)
	}
	wantProblem(t, w.posted(t, event(1<<20+1)), http.StatusRequestEntityTooLarge, "body-too-large")
}

func TestLiveKitWebhookThatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	w := newConference(t)
	for _, body := range []string{`{"hello":1}`, `[]`, "\xff"} {
		wantProblem(t, w.posted(t, body), http.StatusUnprocessableEntity, "invalid-event")
	}
}
