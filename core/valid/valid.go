// Package valid checks the texts of an input the same way everywhere: trimmed, bounded in characters, without control
// characters, which the stores or a terminal would choke on.
package valid

import (
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/errs"
	"github.com/secretary-api/secretary/core/phone"
)

// Text checks a text of one line: 1 to limit characters after trimming. It returns the trimmed text.
func Text(c *errs.Check, path, s string, limit int) string {
	s = OptionalText(c, path, s, limit)
	c.That(s != "", path, "must not be empty")
	return s
}

// OptionalText is Text that may be empty.
func OptionalText(c *errs.Check, path, s string, limit int) string {
	s = strings.TrimSpace(s)
	checkRunes(c, path, s, limit, func(r rune) bool { return !unicode.IsControl(r) })
	return s
}

// Prose checks a text of several lines that may be empty: at most limit characters.
func Prose(c *errs.Check, path, s string, limit int) string {
	s = strings.TrimSpace(s)
	checkRunes(c, path, s, limit, func(r rune) bool { return r == '\n' || r == '\t' || r == '\r' || !unicode.IsControl(r) })
	return s
}

// Texts checks a list of at most count texts, and drops repeated ones. It returns nil for an empty list.
func Texts(c *errs.Check, path string, list []string, count, limit int) []string {
	c.That(len(list) <= count, path, "has too many items")
	var out []string
	seen := make(map[string]bool, len(list))
	for _, s := range list {
		s = Text(c, path, s, limit)
		if s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// Email checks an address without a display name and lower-cases it.
func Email(c *errs.Check, path, s string) string {
	s = OptionalText(c, path, s, 254)
	addr, err := mail.ParseAddress(s)
	at := strings.LastIndex(s, "@")
	ok := err == nil && addr.Name == "" && addr.Address == s && at > 0 && !strings.ContainsAny(s, "\" <>")
	c.That(ok, path, "must be an e-mail address")
	return strings.ToLower(s)
}

// IsEmail reports whether Email would accept an address as it stands.
func IsEmail(s string) bool {
	var c errs.Check
	return Email(&c, "email", s) == s && c.Err() == nil
}

// Phone checks a telephone number and returns its E.164 form.
func Phone(c *errs.Check, path, s string) string {
	normal, err := phone.Normalize(s)
	c.Note(path, err)
	return normal
}

// TimeZone checks an IANA zone name such as America/Sao_Paulo.
func TimeZone(c *errs.Check, path, s string) string {
	_, err := time.LoadLocation(s)
	c.That(err == nil && s != "" && s != "Local", path, "must be an IANA time zone, such as America/Sao_Paulo")
	return s
}

// Slug checks an identifier of a URL: lower-case letters, digits and single hyphens, up to limit characters.
func Slug(c *errs.Check, path, s string, limit int) string {
	ok := s != "" && len(s) <= limit && s == url.PathEscape(s)
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		hyphen := r == '-' && i > 0 && i < len(s)-1 && s[i-1] != '-'
		ok = ok && (letter || hyphen)
	}
	c.That(ok, path, "must be lower-case letters, digits and single hyphens")
	return s
}

func checkRunes(c *errs.Check, path, s string, limit int, allowed func(rune) bool) {
	if len(s) <= limit && isPlain(s) {
		return
	}
	c.That(utf8.ValidString(s), path, "must be valid UTF-8")
	if utf8.RuneCountInString(s) > limit {
		c.That(false, path, tooLong(limit))
	}
	c.That(strings.IndexFunc(s, func(r rune) bool { return !allowed(r) }) < 0, path, "must not contain control characters")
}

// isPlain reports whether a text is of ASCII without control characters, which no rule refuses. It is there for the names of
// events, of which there are many.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func tooLong(limit int) string {
	return "must be at most " + strconv.Itoa(limit) + " characters"
}
