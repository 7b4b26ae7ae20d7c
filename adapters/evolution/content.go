package evolution

import (
	"cmp"
	"strings"

	"github.com/secretary-api/secretary/core/reception"
)

// maxNesting bounds how many wrappers are opened. WhatsApp's own clients nest two.
const maxNesting = 8

// contentOf returns what the patient said; ok is false when the message says nothing, such as a reaction or a protocol
// message, or is of a kind that nobody knows: most of those are WhatsApp's clients talking to one another.
func contentOf(message object) (kind reception.ContentKind, text string, ok bool) {
	var speech string
	for range maxNesting {
		// The transcription stands beside the audio, or beside what wraps it.
		speech = cmp.Or(speech, transcription(message))
		if text = textOf(message); text != "" {
			return reception.Text, text, true
		}
		inner := unwrap(message)
		if inner == nil {
			break
		}
		message = inner
	}
	switch {
	case has(message, "audioMessage") && speech != "":
		return reception.Text, speech, true
	case has(message, "audioMessage"):
		return reception.Audio, "", true
	case has(message, "imageMessage", "videoMessage", "ptvMessage", "documentMessage", "stickerMessage", "lottieStickerMessage",
		"locationMessage", "liveLocationMessage", "contactMessage", "contactsArrayMessage",
		"pollUpdateMessage", "pollCreationMessage", "pollCreationMessageV2", "pollCreationMessageV3"):
		return reception.Unsupported, "", true
	}
	return "", "", false
}

// unwrap returns the message inside a wrapper, nil when there is none.
func unwrap(message object) object {
	for _, name := range []string{
		"ephemeralMessage", "viewOnceMessage", "viewOnceMessageV2", "viewOnceMessageV2Extension",
		"documentWithCaptionMessage", "deviceSentMessage",
	} {
		if inner := message.at(name, "message"); inner != nil {
			return inner
		}
	}
	return nil
}

// textOf returns the text of one of the shapes that have one. A tapped button or row says what the patient read on it; its
// id stands in when the text is missing.
func textOf(message object) string {
	if text := message.text("conversation"); text != "" {
		return text
	}
	for _, shape := range []struct {
		name   string
		fields []string
	}{
		{"extendedTextMessage", []string{"text"}},
		{"buttonsResponseMessage", []string{"selectedDisplayText", "selectedButtonId"}},
		{"templateButtonReplyMessage", []string{"selectedDisplayText", "selectedId"}},
		{"listResponseMessage", []string{"title"}},
		{"imageMessage", []string{"caption"}},
		{"videoMessage", []string{"caption"}},
		{"documentMessage", []string{"caption"}},
	} {
		content := message.at(shape.name)
		for _, field := range shape.fields {
			if text := content.text(field); text != "" {
				return text
			}
		}
	}
	if text := message.at("listResponseMessage", "singleSelectReply").text("selectedRowId"); text != "" {
		return text
	}
	return interactiveText(message.at("interactiveResponseMessage"))
}

// interactiveText reads the answer to the buttons that the server itself sends; the id is in JSON inside a string.
func interactiveText(response object) string {
	if text := response.at("body").text("text"); text != "" {
		return text
	}
	params := stringOf(response.at("nativeFlowResponseMessage")["paramsJson"])
	return objectOf([]byte(params)).text("id")
}

// transcription is what the server understood of an audio, when it is set up to transcribe. Some versions write "[audio]"
// before it, and what a failed transcription evaluates to in JavaScript after that.
func transcription(message object) string {
	text := strings.TrimSpace(strings.TrimPrefix(message.text("speechToText"), "[audio]"))
	if text == "null" || text == "undefined" {
		return ""
	}
	return text
}

// has reports whether the message holds any of the contents. Absent ones may be present as null.
func has(message object, names ...string) bool {
	for _, name := range names {
		if message.at(name) != nil {
			return true
		}
	}
	return false
}
