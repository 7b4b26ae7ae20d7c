package evolution

import (
	"github.com/secretary-api/secretary/core/reception"
)

// decodeEdit reads a message that was changed: what "messages.edited" tells, and what some versions and channels put into
// "messages.upsert" instead, a protocol message that may be wrapped. own is the clinic's own address.
//
// The key in it is the writer's view of the chat, which some versions pass on as it is: fromMe then says that the patient
// wrote it, and remoteJid is the clinic. So fromMe is not looked at, and that address names nobody.
func decodeEdit(data object, own string) (reception.Edit, bool) {
	outer, protocol := data.at("key"), data
	for _, at := range []object{
		data.at("message", "protocolMessage"), data.at("message", "editedMessage", "message", "protocolMessage"),
	} {
		if at != nil {
			protocol = at
		}
	}
	inner := protocol.at("key")
	id := stringOf(inner["id"])
	if !isPlain(id) || protocol.at("editedMessage") == nil {
		return reception.Edit{}, false
	}
	kind, text, ok := contentOf(protocol.at("editedMessage"))
	if !ok || kind != reception.Text {
		return reception.Edit{}, false
	}
	e := reception.Edit{ExternalID: id, Text: text, At: millisecondsOf(protocol["timestampMs"])}
	for _, key := range []object{outer, inner} {
		from := stringOf(key["remoteJid"])
		if !isPlain(from) || !parseJID(from).isPerson() || own != "" && parseJID(from) == parseJID(own) {
			continue
		}
		e.From, e.Phone, e.LID = from, phoneOf(key, true), lidOf(key, true)
		break
	}
	return e, true
}
