package service_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/secretary-api/secretary/core/conference"
	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/jsonobj"
	"github.com/secretary-api/secretary/core/service"
	"github.com/secretary-api/secretary/core/version"
	"github.com/secretary-api/secretary/ports"
)

// textSchemas want a text in transcripts, and no object "secret" in what is known of participants.
type textSchemas struct{}

func (textSchemas) Check(name string, data jsonobj.Object) error {
	_, secret := data.Map()["secret"].(map[string]any)
	switch {
	case name == "transcript" && !strings.Contains(string(data), `"text":"`):
		return errs.InvalidField("data.text", "must be of type string")
	case name == ports.ParticipantContext && secret:
		return errs.InvalidField("data.secret.key", "is not allowed")
	}
	return nil
}

// withSchemas gives an office's rooms schemas of events.
func withSchemas(o *office) {
	d := service.Deps{
		Repositories: o.repos, Tx: o.store, Bus: o.store.Bus(), EventSchemas: textSchemas{}, Now: o.clock.Now, Log: slog.New(slog.DiscardHandler),
	}
	o.rooms = service.NewRooms(d, recordsOnly(d, ""))
}

func TestEventsMustSatisfyTheirSchema(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	withSchemas(o)
	room := o.newRoom(t, o.ana, "visit").ID
	good := conference.EventParams{Name: "transcript", Data: `{"text":"olá"}`}
	for _, bad := range []conference.EventParams{{Name: "transcript", Data: `{"text":7}`}, {Name: " transcript "}} {
		_, err := o.rooms.AppendEvents(t.Context(), o.ana, room, []conference.EventParams{bad})
		wantFields(t, err, "data.text")
		_, err = o.rooms.AppendAgentEvents(t.Context(), o.ana, room, []conference.EventParams{good, bad})
		wantFields(t, err, "events[1].data.text")
	}
	must(o.rooms.AppendEvents(t.Context(), o.ana, room, []conference.EventParams{good, {Name: "joined"}}))(t)
	if got := o.history(t, room); len(got) != 3 {
		t.Errorf("history %v, want that the room was opened and the two good events", got)
	}
}

func TestWhatIsKnownOfParticipantsMustSatisfyItsSchema(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	withSchemas(o)
	room, rita := o.newRoom(t, o.ana, "visit").ID, o.newParticipant(t, o.ana, "Rita").ID
	_, err := o.rooms.AddParticipant(t.Context(), o.ana, room, rita, `{"secret":{}}`)
	wantFields(t, err, "context.secret.key")
	must(o.rooms.AddParticipant(t.Context(), o.ana, room, rita, `{"summary":"retorno"}`))(t)
	_, err = o.rooms.UpdateParticipant(t.Context(), o.ana, room, rita, contextPatch(`{"secret":{"a":1}}`), version.Match{})
	wantFields(t, err, "context.secret.key")
	got := must(o.rooms.UpdateParticipant(t.Context(), o.ana, room, rita, contextPatch(`{"secret":"none"}`), version.Match{}))(t)
	if want := jsonobj.Object(`{"secret":"none","summary":"retorno"}`); sorted(t, got.Context) != want {
		t.Errorf("context %s, want %s", got.Context, want)
	}
}
