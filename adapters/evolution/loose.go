package evolution

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is kept of an event.
const (
	maxText = 4096 // runes of a text, as many as WhatsApp takes
	maxName = 120  // runes of a name
	maxID   = 254  // bytes of an id, an address, an instance's name
	maxLID  = 60   // digits of a lid
)

// object is a JSON object of which nothing is known: 64-bit numbers come as numbers, strings or {low, high}, and bytes as
// strings or objects, so a typed struct would refuse what it never reads.
type object map[string]json.RawMessage

// objectOf returns nil when raw is not an object.
func objectOf(raw []byte) object {
	var o object
	if json.Unmarshal(raw, &o) != nil {
		return nil
	}
	return o
}

// at returns the object at a path of keys, nil when there is none.
func (o object) at(keys ...string) object {
	for _, key := range keys {
		o = objectOf(o[key])
	}
	return o
}

// text returns a string as a patient wrote it, cleaned; "" when the value is anything else.
func (o object) text(key string) string { return clean(stringOf(o[key]), maxText) }

// stringOf returns "" when raw is not a string.
func stringOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func boolOf(raw json.RawMessage) bool {
	s := strings.Trim(string(raw), `"`)
	return s == "true"
}

// listOf returns the elements of an array; anything else is a list of itself.
func listOf(raw json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return []json.RawMessage{raw}
	}
	return list
}

// timeOf reads seconds since 1970. It is the zero time when they tell none of the years 1970 to 9999.
func timeOf(raw json.RawMessage) time.Time { return since1970(raw, 1) }

// millisecondsOf reads milliseconds since 1970, likewise.
func millisecondsOf(raw json.RawMessage) time.Time { return since1970(raw, 1000) }

// since1970 reads a moment given as a number, a decimal string, or the {low, high} halves of a 64-bit number.
func since1970(raw json.RawMessage, perSecond int64) time.Time {
	const year10000 = 253402300800
	n, ok := integer(raw)
	if halves := objectOf(raw); halves != nil {
		low, lowOK := integer(halves["low"])
		high, highOK := integer(halves["high"])
		// The low half may be written as a signed number.
		n, ok = high<<32|low&0xFFFFFFFF, lowOK && highOK
	}
	if !ok || n <= 0 || n/perSecond >= year10000 {
		return time.Time{}
	}
	return time.Unix(n/perSecond, n%perSecond*int64(time.Second)/perSecond).UTC()
}

func integer(raw json.RawMessage) (int64, bool) {
	s := strings.Trim(string(raw), `" `)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// clean makes text fit to be kept: valid UTF-8, at most limit runes, no control characters but newlines (a tab becomes a
// space), no space around it.
func clean(s string, limit int) string {
	var b strings.Builder
	kept := 0
	for _, r := range strings.TrimSpace(s) {
		if kept == limit {
			break
		}
		if r == '\t' {
			r = ' '
		}
		if r != '\n' && unicode.IsControl(r) {
			continue
		}
		b.WriteRune(r)
		kept++
	}
	return strings.TrimSpace(b.String())
}

// isPlain reports whether s can be an id or a name that is compared, never shown: not empty, bounded, nothing unprintable.
func isPlain(s string) bool {
	return s != "" && len(s) <= maxID && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
