package metering

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strings"

	"github.com/secretary-api/secretary/core/errs"
)

// reportObject is an object of a report, under names in snake_case.
type reportObject struct {
	path   string
	fields map[string]any
	names  map[string]string // as they were written
}

func newReportObject(object map[string]any, path string) reportObject {
	o := reportObject{path: path, fields: make(map[string]any, len(object)), names: make(map[string]string, len(object))}
	for _, name := range sortedKeys(object) {
		snake := snakeCase(name)
		if _, twice := o.fields[snake]; !twice || name == snake {
			o.fields[snake], o.names[snake] = object[name], name
		}
	}
	return o
}

// at is the path of a field.
func (o reportObject) at(name string) string { return o.path + "." + o.names[name] }

func (o reportObject) hasAny(names ...string) bool {
	for _, name := range names {
		if o.fields[name] != nil {
			return true
		}
	}
	return false
}

// text is a field that is a text, "" otherwise.
func (o reportObject) text(name string) string {
	s, _ := o.fields[name].(string)
	return strings.TrimSpace(s)
}

// object is a field that is an object, an empty one otherwise.
func (o reportObject) object(name string) reportObject {
	inner, _ := o.fields[name].(map[string]any)
	return newReportObject(inner, o.at(name))
}

// count is a field that is a number of something, 0 when it is left out.
func (o reportObject) count(c *errs.Check, name string) int64 { return o.figure(c, name, 1) }

// millis is a field that is a length of time, in seconds or else under its name with "_ms".
func (o reportObject) millis(c *errs.Check, name string) int64 {
	if o.hasAny(name) {
		return o.figure(c, name, 1000)
	}
	return o.figure(c, name+"_ms", 1)
}

// figure is a number, or one in a text as protocol buffers write it, times a factor, to the nearest integer.
func (o reportObject) figure(c *errs.Check, name string, factor int64) int64 {
	var text string
	switch v := o.fields[name].(type) {
	case nil:
		return 0
	case json.Number:
		text = v.String()
	case string:
		text = v
	}
	path := cleanPath(o.at(name))
	exact, err := decimal(text)
	if err != nil {
		c.That(false, path, "must be a number")
		return 0
	}
	n := roundHalfUp(exact.Mul(exact, big.NewRat(factor, 1)))
	switch {
	case exact.Sign() < 0:
		c.That(false, path, "must not be negative")
	case n.Cmp(big.NewInt(maxFigure)) > 0:
		c.That(false, path, "is too large")
	default:
		return n.Int64()
	}
	return 0
}

// maxKey bounds keys, in characters, with room for what a store's caller puts before them.
const maxKey = 200

// key tells the metrics of one request from those of another.
//
// A request is known by its id, a segment of speech by its own, and both within the turn of speech that they were for.
// Speech is recognised in one long request, of which the metrics come piece by piece: there the time tells them apart.
// What has no id, or one that is no plain text, is known by all that it says.
func (o reportObject) key(kind string) string {
	id := o.text("request_id")
	if id == "" {
		return kind + ":" + digest(o.fields)
	}
	parts := []string{kind, id}
	if kind == "tts_metrics" {
		parts = append(parts, o.text("segment_id"))
	}
	parts = append(parts, o.text("speech_id"))
	if kind == "stt_metrics" {
		at, ok := o.fields["timestamp"].(json.Number)
		if !ok {
			return kind + ":" + digest(o.fields)
		}
		parts = append(parts, at.String())
	}
	key := strings.Join(parts, ":")
	if len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return kind + ":" + digest(parts)
	}
	return strings.TrimRight(key, ":")
}

// digest is a fingerprint of decoded JSON. Encoding sorts the names, so it does not depend on how the JSON was written,
// but for the form of its numbers.
func digest(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic("metering: " + err.Error()) // it was decoded from JSON
	}
	fingerprint := sha256.Sum256(text)
	return hex.EncodeToString(fingerprint[:])
}

// snakeCase turns inputTokens into input_tokens, and leaves what is in snake_case as it is.
func snakeCase(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 && name[i-1] != '_' {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
