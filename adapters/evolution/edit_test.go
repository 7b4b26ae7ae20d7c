package evolution_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretary-api/secretary/adapters/evolution"
	"github.com/secretary-api/secretary/core/reception"
)

func deliveryOf(t *testing.T, body string) reception.Delivery {
	t.Helper()
	d, err := evolution.Decoder{}.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestARecordedEditIsDecoded(t *testing.T) {
	t.Parallel()
	want := []reception.Edit{{
		ExternalID: "3A5F0000000000000002", From: maria, Phone: "+5511955550011", Text: "às 16h na verdade",
		At: time.UnixMilli(417<<32 | (1<<32 - 7930728)).UTC(),
	}}
	d := deliveryOf(t, string(fixture(t, "messages-edited.json")))
	if diff := cmp.Diff(want, d.Edits); diff != "" || len(d.Messages) != 0 {
		t.Errorf("edits (-want +got):\n%s\nmessages: %v", diff, d.Messages)
	}
}

func TestEditsOfOtherShapes(t *testing.T) {
	t.Parallel()
	const outer = `"key":{"id":"NEW","remoteJid":"5511955550011@s.whatsapp.net"}`
	edit := func(key string) string {
		return `{"key":` + key + `,"type":14,"editedMessage":{"conversation":"às 16h"},"timestampMs":"1796040720000"}`
	}
	const theirs = `{"id":"OLD","remoteJid":"5511955550011@s.whatsapp.net"}`
	known := reception.Edit{ExternalID: "OLD", From: maria, Phone: "+5511955550011", Text: "às 16h", At: time.Unix(1796040720, 0).UTC()}
	hidden, nobody := known, known
	hidden.From, hidden.Phone, hidden.LID = "100000000000011@lid", "+5511955550011", "100000000000011@lid"
	nobody.From, nobody.Phone = "", ""
	for name, c := range map[string]struct {
		event, data string
		want        []reception.Edit
	}{
		"OfProtocolMessage": {"messages.upsert", `{` + outer + `,"message":{"protocolMessage":` + edit(theirs) + `}}`, []reception.Edit{known}},
		"Wrapped":           {"messages.upsert", `{` + outer + `,"message":{"editedMessage":{"message":{"protocolMessage":` + edit(theirs) + `}}}}`, []reception.Edit{known}},
		"List":              {"MESSAGES_EDITED", `[` + edit(theirs) + `]`, []reception.Edit{known}},
		"WritersView":       {"messages.edited", edit(`{"id":"OLD","fromMe":true,"remoteJid":"5511912340001@s.whatsapp.net"}`), []reception.Edit{nobody}},
		"WritersViewInside": {"messages.upsert", `{` + outer + `,"message":{"protocolMessage":` + edit(`{"id":"OLD","fromMe":true,"remoteJid":"5511912340001@s.whatsapp.net"}`) + `}}`, []reception.Edit{known}},
		"Lid":               {"messages.edited", edit(`{"id":"OLD","remoteJid":"100000000000011@lid","remoteJidAlt":"5511955550011@s.whatsapp.net"}`), []reception.Edit{hidden}},
		"Deleted":           {"messages.upsert", `{` + outer + `,"message":{"protocolMessage":{"key":` + theirs + `,"type":"REVOKE"}}}`, nil},
		"WithoutText":       {"messages.edited", `{"key":` + theirs + `,"editedMessage":{"imageMessage":{"url":"x"}}}`, nil},
		"WithoutID":         {"messages.edited", edit(`{"remoteJid":"5511955550011@s.whatsapp.net"}`), nil},
		"Nonsense":          {"messages.edited", `7`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deliveryOf(t, `{"event":"`+c.event+`","instance":"sorriso","sender":"5511912340001:3@s.whatsapp.net","data":`+c.data+`}`)
			if diff := cmp.Diff(c.want, d.Edits); diff != "" || len(d.Messages) != 0 {
				t.Errorf("edits (-want +got):\n%s\nmessages: %v", diff, d.Messages)
			}
		})
	}
}

func TestConnectionUpdates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want *reception.Connection
	}{
		"Open":       {string(fixture(t, "connection-update.open.json")), &reception.Connection{State: reception.Open, Reason: 200}},
		"LoggedOut":  {string(fixture(t, "connection-update.close.json")), &reception.Connection{State: reception.Closed, Reason: 401}},
		"Connecting": {`{"event":"CONNECTION_UPDATE","instance":"sorriso","data":{"state":"connecting"}}`, &reception.Connection{State: reception.Connecting}},
		"Unknown":    {`{"event":"connection.update","instance":"sorriso","data":{"state":"pairing","statusReason":1}}`, nil},
		"Nothing":    {`{"event":"connection.update","instance":"sorriso"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, deliveryOf(t, c.body).Connection); diff != "" {
				t.Errorf("connection (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheLidIsToldBesideTheTelephone(t *testing.T) {
	t.Parallel()
	const number = `"5511955550011@s.whatsapp.net"`
	for key, want := range map[string]string{
		`"remoteJid":"100000000000011@lid"`:                               "100000000000011@lid",
		`"remoteJid":"100000000000011:7@lid"`:                             "100000000000011@lid",
		`"remoteJid":` + number + `,"remoteJidAlt":"100000000000011@lid"`: "100000000000011@lid",
		`"remoteJid":` + number + `,"senderLid":"100000000000011@lid"`:    "100000000000011@lid",
		`"remoteJid":` + number + `,"fromMe":true,"senderLid":"1@lid"`:    "", // the clinic's own
		`"remoteJid":` + number:                                           "",
		`"remoteJid":` + number + `,"remoteJidAlt":"1@g.us"`:              "",
	} {
		d := deliveryOf(t, `{"event":"messages.upsert","instance":"sorriso","data":{"key":{"id":"1",`+key+`},"message":{"conversation":"oi"}}}`)
		if len(d.Messages) != 1 || d.Messages[0].LID != want {
			t.Errorf("%s: got %+v, want the lid %q", key, d.Messages, want)
		}
	}
}
