package evolution

import (
	"strings"

	"github.com/secretary-api/secretary/core/phone"
)

// jid is a WhatsApp address: "5511955550011@s.whatsapp.net", or "5511955550011:12@s.whatsapp.net" for one of its devices.
// Since 2025 an account may hide its number behind a lid: "100000000000011@lid".
type jid struct{ user, server string }

func parseJID(s string) jid {
	user, server, _ := strings.Cut(s, "@")
	user, _, _ = strings.Cut(user, ":")
	return jid{strings.TrimPrefix(user, "+"), server}
}

// named reports whether the user part is a telephone number. Channels without WhatsApp Web may leave the server out.
func (j jid) named() bool {
	switch j.server {
	case "s.whatsapp.net", "c.us", "hosted", "":
		return true
	}
	return false
}

func (j jid) hidden() bool { return j.server == "lid" || j.server == "hosted.lid" }

// isPerson tells people from groups (@g.us), status@broadcast, channels (@newsletter), bots, and WhatsApp's own
// announcements, which come from number 0.
func (j jid) isPerson() bool {
	return (j.named() || j.hidden()) && strings.Trim(j.user, "0123456789") == "" && strings.Trim(j.user, "0") != ""
}

// phone returns the number in E.164, "" when the address hides it or it is none.
func (j jid) phone() string {
	if !j.named() || !j.isPerson() {
		return ""
	}
	// The country code is always there, so a plus keeps a foreign number from being read as a national one.
	number, err := phone.Normalize("+" + j.user)
	if err != nil {
		return ""
	}
	return number
}

// numberTo returns what the send call takes for an address: the digits, or the lid as it was received.
func numberTo(address string) (string, bool) {
	j := parseJID(address)
	if !isPlain(address) || !j.isPerson() {
		return "", false
	}
	if j.hidden() {
		return address, true
	}
	return j.user, true
}
