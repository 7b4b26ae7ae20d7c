package jsonobj

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNesting ends a text that would have the scanner call itself without end. encoding/json ends there too.
const maxNesting = 10_000

// scanner passes over a JSON text (RFC 8259) once, from its beginning to its end. It stops at the first byte that cannot be
// there, and notes what an [Object] must not hold besides.
type scanner struct {
	text   string
	at     int  // the next byte; of a broken text the first that is wrong, its length when it ends too early
	broken bool // for good
	fresh  bool // nothing was read yet of the innermost object or array
	depth  int
	spaces int    // how many bytes between the tokens were passed over
	escape string // what is wrong with the first escape that stands for no character; "" when none does
	bound  string // which bound was crossed first; "" when none was
}

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// next passes over spaces, and returns the byte after them.
func (s *scanner) next() byte {
	for s.at < len(s.text) {
		c := s.text[s.at]
		if !isSpace(c) {
			return c
		}
		s.at++
		s.spaces++
	}
	return 0
}

func isSpace(c byte) bool {
	return c <= ' ' && (c == ' ' || c == '\n' || c == '\t' || c == '\r')
}

func (s *scanner) fail() bool {
	s.broken = true
	return false
}

// value passes over a value.
func (s *scanner) value() bool {
	if s.broken {
		return false
	}
	switch s.next() {
	case '{':
		return s.object()
	case '[':
		return s.array()
	case '"':
		return s.quoted()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

func (s *scanner) object() bool {
	s.enter()
	for s.more('}') {
		if !s.key() || !s.value() {
			return false
		}
	}
	s.depth--
	return !s.broken
}

func (s *scanner) array() bool {
	s.enter()
	for s.more(']') {
		if !s.value() {
			return false
		}
	}
	s.depth--
	return !s.broken
}

// enter passes over the bracket that begins an object or an array.
func (s *scanner) enter() {
	if s.depth++; s.depth > MaxDepth && s.bound == "" {
		s.bound = "must not be nested more than " + strconv.Itoa(MaxDepth) + " levels deep"
	}
	if s.depth > maxNesting {
		s.fail()
	}
	if s.broken {
		return
	}
	s.at++
	s.fresh = true
}

// more passes over the comma before the next part of an object or an array, or over the bracket that ends it.
func (s *scanner) more(end byte) bool {
	if s.broken {
		return false
	}
	fresh := s.fresh
	s.fresh = false
	switch c := s.next(); {
	case c == end:
		s.at++
		return false
	case fresh:
		return true
	case c == ',':
		s.at++
		return true
	}
	return s.fail()
}

// key passes over the name of a member and the colon after it.
func (s *scanner) key() bool {
	if s.next() != '"' {
		return s.fail()
	}
	return s.quoted() && s.colon()
}

func (s *scanner) colon() bool {
	if s.next() != ':' {
		return s.fail()
	}
	s.at++
	return true
}

func (s *scanner) word(w string) bool {
	for i := range len(w) {
		if s.peek() != w[i] {
			return s.fail()
		}
		s.at++
	}
	return true
}

// quoted passes over a string.
func (s *scanner) quoted() bool {
	text, i := s.text, s.at+1
	for i < len(text) {
		switch c := text[i]; {
		case c >= utf8.RuneSelf:
			_, size := utf8.DecodeRuneInString(text[i:])
			if size == 1 {
				s.at = i
				return s.fail()
			}
			i += size
		case c == '"':
			s.at = i + 1
			return true
		case c == '\\':
			s.at = i
			if !s.escaped() {
				return false
			}
			i = s.at
		case c < ' ':
			s.at = i
			return s.fail()
		default:
			i++
		}
	}
	s.at = i
	return s.fail()
}

// escaped passes over an escape, or two that are a surrogate pair. \u0000 and half of a pair stand for no character of a
// text. jsonb refuses them, so every store does.
func (s *scanner) escaped() bool {
	s.at++
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at++
		return true
	case 'u':
	default:
		return s.fail()
	}
	high, low := s.unit(), rune(0)
	if s.at+1 < len(s.text) && s.text[s.at:s.at+2] == `\u` && utf16.IsSurrogate(high) {
		s.at++
		low = s.unit()
	}
	switch {
	case s.broken:
		return false
	case s.escape != "":
	case high == 0:
		s.escape = `must not contain the character \u0000`
	case utf16.IsSurrogate(high) && utf16.DecodeRune(high, low) == utf8.RuneError:
		s.escape = "must not contain half of a surrogate pair"
	}
	return true
}

// unit passes over "u00e9" and returns its value.
func (s *scanner) unit() rune {
	s.at++
	var r rune
	for range 4 {
		c := s.peek()
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			s.fail()
			return 0
		}
		r = r<<4 | rune(c)
		s.at++
	}
	return r
}

func (s *scanner) number() bool {
	from, exponent := s.at, ""
	if s.peek() == '-' {
		s.at++
	}
	if s.peek() == '0' {
		s.at++
	} else if !s.digits() {
		return false
	}
	if s.peek() == '.' {
		s.at++
		if !s.digits() {
			return false
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.at++
		sign := s.at
		if c := s.peek(); c == '+' || c == '-' {
			s.at++
		}
		if !s.digits() {
			return false
		}
		exponent = s.text[sign:s.at]
	}
	if s.bound == "" && (s.at-from > maxNumber || !fits(exponent)) {
		s.bound = "must not contain numbers beyond 1e" + strconv.Itoa(maxExponent)
	}
	return true
}

// digits passes over at least one.
func (s *scanner) digits() bool {
	from := s.at
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		s.at++
	}
	return s.at > from || s.fail()
}

func fits(exponent string) bool {
	if exponent == "" {
		return true
	}
	size, err := strconv.Atoi(exponent)
	return err == nil && size >= -maxExponent && size <= maxExponent
}
