package evolution

import (
	"strings"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/reception"
)

// Decoder reads the webhooks of an Evolution API server; it implements ports.WebhookDecoder. Messages come with the events
// "messages.upsert" and "send.message", which tells of what the clinic sent. Of those it drops what is not for the front
// desk: groups, status posts, channels, reactions, and what WhatsApp's clients tell one another. What it does not recognise
// it drops too.
//
// The messages come back in the order of the body, which is not the order they were written in, may be repeated, and may be
// old: after a reconnection the server delivers history. The ExternalID and the SentAt tell.
type Decoder struct{}

// Decode implements ports.WebhookDecoder.
func (Decoder) Decode(body []byte) (reception.Delivery, error) {
	envelope := objectOf(body)
	event, instance := stringOf(envelope["event"]), stringOf(envelope["instance"])
	if event == "" || !isPlain(instance) {
		return reception.Delivery{}, errs.New(errs.Invalid, "invalid-webhook", "not an event of an Evolution API instance")
	}
	d := reception.Delivery{Instance: instance}
	own := stringOf(envelope["sender"])
	switch event := eventName(event); event {
	case "messages.upsert", "send.message":
		for _, raw := range listOf(envelope["data"]) {
			data := objectOf(raw)
			if e, ok := decodeEdit(data, own); ok {
				d.Edits = append(d.Edits, e)
			} else if m, ok := decodeMessage(data); ok {
				m.FromClinic = m.FromClinic || event == "send.message"
				d.Messages = append(d.Messages, m)
			}
		}
	case "messages.edited":
		for _, raw := range listOf(envelope["data"]) {
			if e, ok := decodeEdit(objectOf(raw), own); ok {
				d.Edits = append(d.Edits, e)
			}
		}
	case "connection.update":
		if c, ok := connectionOf(objectOf(envelope["data"])); ok {
			d.Connection = &c
		}
	}
	return d, nil
}

// connectionOf reads how an instance says it is connected.
func connectionOf(data object) (reception.Connection, bool) {
	reason, _ := integer(data["statusReason"])
	c := reception.Connection{State: reception.ConnectionState(strings.ToLower(stringOf(data["state"])))}
	if reason > 0 && reason < 10000 {
		c.Reason = int(reason)
	}
	switch c.State {
	case reception.Open, reception.Connecting, reception.Closed, reception.Refused:
		return c, true
	}
	return reception.Connection{}, false
}

// eventName makes one of the spellings in use: "messages.upsert", "MESSAGES_UPSERT", "messages-upsert".
func eventName(s string) string {
	return strings.NewReplacer("_", ".", "-", ".").Replace(strings.ToLower(s))
}

func decodeMessage(data object) (reception.Inbound, bool) {
	key := data.at("key")
	id, from := stringOf(key["id"]), stringOf(key["remoteJid"])
	if !isPlain(id) || !isPlain(from) || !parseJID(from).isPerson() {
		return reception.Inbound{}, false
	}
	kind, text, ok := contentOf(data.at("message"))
	if !ok {
		return reception.Inbound{}, false
	}
	m := reception.Inbound{
		ExternalID: id,
		From:       from,
		Kind:       kind,
		Text:       text,
		SentAt:     timeOf(data["messageTimestamp"]),
		FromClinic: boolOf(key["fromMe"]),
	}
	m.Phone, m.LID = phoneOf(key, m.FromClinic), lidOf(key, m.FromClinic)
	if !m.FromClinic { // else the name is the clinic's own
		m.Name = strings.Join(strings.Fields(clean(stringOf(data["pushName"]), maxName)), " ")
	}
	return m, true
}

// phoneOf returns the patient's number. Behind a lid it may be told beside it, under a name that depends on the version;
// senderPn is the writer's, so of a message that the clinic wrote it is not the patient's.
func phoneOf(key object, fromClinic bool) string {
	for _, address := range addressesIn(key, fromClinic, "senderPn") {
		if number := address.phone(); number != "" {
			return number
		}
	}
	return ""
}

// lidOf returns the patient's lid without the number of a device, likewise.
func lidOf(key object, fromClinic bool) string {
	for _, address := range addressesIn(key, fromClinic, "senderLid") {
		if address.hidden() && address.isPerson() && len(address.user) <= maxLID {
			return address.user + "@lid"
		}
	}
	return ""
}

// addressesIn are what a key calls the patient; sender is how some versions name the writer.
func addressesIn(key object, fromClinic bool, sender string) []jid {
	addresses := []jid{parseJID(stringOf(key["remoteJid"])), parseJID(stringOf(key["remoteJidAlt"]))}
	if !fromClinic {
		addresses = append(addresses, parseJID(stringOf(key[sender])))
	}
	return addresses
}
