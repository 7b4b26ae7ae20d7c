package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/adapters/httpapi"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/ports"
)

// textSchemas want texts to be texts, in transcripts and in what is known of participants.
type textSchemas struct{}

func (textSchemas) Check(name string, data jsonobj.Object) error {
	if (name == "transcript" || name == ports.ParticipantContext) && strings.Contains(string(data), `"text":7`) {
		return errs.InvalidField("data.text", "must be of type string")
	}
	return nil
}

func TestWrongEventsAreNamed(t *testing.T) {
	t.Parallel()
	s := openStore(t, realTime)
	s.deps.EventSchemas = textSchemas{}
	w := newWorld(t, func(c *httpapi.Config) { c.Services = newServices(s) })
	room := fmt.Sprintf("/v1/rooms/%d", w.ours.room)
	for _, c := range []struct{ method, path, body, location string }{
		{http.MethodPost, "/events", `{"name":"transcript","data":{"text":7}}`, "body.data.text"},
		{http.MethodPost, "/agent-events", `{"name":"transcript","data":{"text":7}}`, "body.data.text"},
		{http.MethodPost, "/events/batch", `{"events":[{"name":"joined"},{"name":"transcript","data":{"text":7}}]}`, "body.events[1].data.text"},
		{http.MethodPost, "/agent-events/batch", `{"events":[{"name":"joined"},{"name":"transcript","data":{"text":7}}]}`, "body.events[1].data.text"},
		{http.MethodPost, "/participants", fmt.Sprintf(`{"participant_id":%d,"context":{"text":7}}`, w.ours.visitor), "body.context.text"},
		{http.MethodPatch, fmt.Sprintf("/participants/%d", w.ours.participant), `{"context":{"text":7}}`, "body.context.text"},
	} {
		got := w.do(t, w.admin, c.method, room+c.path, c.body)
		p := wantProblem(t, got, http.StatusUnprocessableEntity, "invalid-input")
		if want := fmt.Sprintf(`[map[location:%s message:must be of type string]]`, c.location); fmt.Sprint(p["errors"]) != want {
			t.Errorf("%s %s: errors %v, want %s", c.method, c.path, p["errors"], want)
		}
	}
	if got := w.do(t, w.admin, http.MethodPost, room+"/events", `{"name":"transcript","data":{"text":"olá"}}`); got.status != http.StatusCreated {
		t.Errorf("a good event: %d %s", got.status, got.body)
	}
}
