package evolution

import (
	"strings"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/reception"
)

// Decoder reads the webhooks of an Evolution API server; it implements ports.WebhookDecoder. Only the event
// "messages.upsert" holds messages. Of those it drops what is not for the front desk: groups, status posts, channels,
// reactions, edits, and what WhatsApp's clients tell one another. What it does not recognise it drops too.
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
	if eventName(event) != "messages.upsert" {
		return reception.Delivery{Instance: instance}, nil
	}
	var messages []reception.Inbound
	for _, raw := range listOf(envelope["data"]) {
		if m, ok := decodeMessage(objectOf(raw)); ok {
			messages = append(messages, m)
		}
	}
	return reception.Delivery{Instance: instance, Messages: messages}, nil
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
	m.Phone = phoneOf(key, m.FromClinic)
	if !m.FromClinic { // else the name is the clinic's own
		m.Name = strings.Join(strings.Fields(clean(stringOf(data["pushName"]), maxName)), " ")
	}
	return m, true
}

// phoneOf returns the patient's number. Behind a lid it may be told beside it, under a name that depends on the version;
// senderPn is the writer's, so of a message that the clinic wrote it is not the patient's.
func phoneOf(key object, fromClinic bool) string {
	names := []string{"remoteJid", "remoteJidAlt", "senderPn"}
	if fromClinic {
		names = names[:2]
	}
	for _, name := range names {
		if number := parseJID(stringOf(key[name])).phone(); number != "" {
			return number
		}
	}
	return ""
}
