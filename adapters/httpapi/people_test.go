package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/service"
)

// handed is what the tests look at of a conversation.
type handed struct {
	Contact string
	State   string
	Handoff *struct {
		Reason string
		Until  *time.Time
		By     *int64
	}
	LastMessage *struct{ Author string } `json:"last_message"`
}

func TestPeopleTakeOverByTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := "/v1/clinics/" + w.ours.frontDesk.tenant + "/conversations"
	waiting := func() []handed {
		t.Helper()
		var list struct{ Items []handed }
		w.do(t, w.manager, http.MethodGet, at+"/waiting", "").decode(t, &list)
		return list.Items
	}
	if got := waiting(); len(got) != 1 || got[0].Contact != w.ours.frontDesk.waiting || got[0].Handoff.Reason != "patient_asked" ||
		got[0].Handoff.By != nil || got[0].Handoff.Until == nil || got[0].LastMessage.Author != "assistant" {
		t.Fatalf("waiting are %+v", got)
	}
	contact := at + "/" + w.ours.frontDesk.waiting
	var answered struct {
		Author, Channel, Status string
		UserID                  *int64 `json:"user_id"`
	}
	w.do(t, w.manager, http.MethodPost, contact+"/answer", `{"text":"Oi, sou a Carla"}`).decode(t, &answered)
	if answered.Author != "staff" || answered.Channel != "api" || answered.Status != "done" || answered.UserID == nil {
		t.Errorf("answered %+v", answered)
	}
	wantProblem(t, w.do(t, w.admin, http.MethodPost, contact+"/take", ""), http.StatusConflict, "conversation-taken")
	var c handed
	w.do(t, w.admin, http.MethodPost, contact+"/take?force=true", "").decode(t, &c)
	if c.Handoff == nil || c.Handoff.By == nil || *c.Handoff.By == *answered.UserID {
		t.Errorf("taken as %+v", c)
	}
	w.do(t, w.admin, http.MethodPost, contact+"/give-back", "").decode(t, &c)
	wantProblem(t, w.do(t, w.admin, http.MethodPost, contact+"/give-back", ""), http.StatusConflict, "conversation-not-handed-off")
	if got := waiting(); c.State != "idle" || len(got) != 0 {
		t.Errorf("given back as %s, and waiting are %+v", c.State, got)
	}
}

// follow opens the stream of our clinic's conversations, and reads its first frame.
func (l *live) follow(t *testing.T, token string) *client {
	t.Helper()
	c := l.get(t, token, "/v1/clinics/"+l.ours.frontDesk.tenant+"/conversations/stream", "")
	if f := c.next(t); c.StatusCode != http.StatusOK || f.event != "open" {
		t.Fatalf("got %s, and the first frame %+v, want open", c.Status, f)
	}
	return c
}

func TestConversationsAreFollowed(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{})
	at := "/v1/clinics/" + l.ours.frontDesk.tenant + "/conversations/"
	stream := l.follow(t, l.admin)
	// until reads frames up to one of a kind, and returns its data.
	until := func(event string) (data struct {
		handed
		Links struct{ Messages string }
	},
	) {
		t.Helper()
		for {
			f := stream.next(t)
			if f == (frame{}) || f.event == "end" {
				t.Fatalf("the stream ended with %+v, before %s", f, event)
			}
			if strings.Contains(f.data, "Quero falar") {
				t.Errorf("a frame tells what was said: %s", f.data)
			}
			if f.event == event {
				if err := json.Unmarshal([]byte(f.data), &data); err != nil {
					t.Fatal(err)
				}
				return data
			}
		}
	}
	theirs := "/v1/clinics/" + l.theirs.frontDesk.tenant + "/conversations/"
	l.do(t, l.manager, http.MethodPost, theirs+l.theirs.frontDesk.phone+"/hand-off", "")
	l.do(t, l.manager, http.MethodPost, at+l.ours.frontDesk.phone+"/messages", `{"text":"Quero falar com uma pessoa"}`)
	got := until("waiting")
	if got.Contact != l.ours.frontDesk.phone || got.State != "handed_off" || got.Handoff.Reason != "patient_asked" {
		t.Errorf("waiting: %+v", got)
	}
	if listed := l.do(t, l.manager, http.MethodGet, got.Links.Messages, ""); listed.status != http.StatusOK || !strings.Contains(listed.body, "Quero falar") {
		t.Errorf("the link leads to %d %s", listed.status, listed.body)
	}
	l.do(t, l.manager, http.MethodPost, at+l.ours.frontDesk.phone+"/take", "")
	if got := until("taken"); got.Handoff == nil || got.Handoff.By == nil {
		t.Errorf("taken: %+v", got)
	}
	l.do(t, l.manager, http.MethodPost, at+l.ours.frontDesk.phone+"/give-back", "")
	if got := until("returned"); got.State != "idle" || got.Handoff != nil {
		t.Errorf("returned: %+v", got)
	}
}

func TestAStreamOfConversationsEndsWithTheRightToIt(t *testing.T) {
	t.Parallel()
	l := newLive(t, service.StreamOptions{}, func(cfg *httpapi.Config) { cfg.Heartbeat = 10 * time.Millisecond })
	var made struct {
		ID  string
		Key string
	}
	l.do(t, l.admin, http.MethodPost, "/v1/api-keys", `{"name":"reception","scopes":["conversations:read"]}`).decode(t, &made)
	stream := l.follow(t, made.Key)
	if f := stream.next(t); f.data == "" || f.event != "" {
		t.Fatalf("got %+v, want a heartbeat", f)
	}
	if got := l.do(t, l.admin, http.MethodDelete, "/v1/api-keys/"+made.ID, ""); got.status != http.StatusNoContent {
		t.Fatalf("revoke: %d %s", got.status, got.body)
	}
	for {
		switch f := stream.next(t); f.event {
		case "end":
			if f.data != `{"reason":"unauthorized"}` {
				t.Errorf("ended with %s", f.data)
			}
			return
		case "":
			if f == (frame{}) {
				t.Fatal("the stream ended without a reason")
			}
		}
	}
}
