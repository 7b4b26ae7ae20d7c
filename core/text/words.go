package text

import (
	"unicode"
	"unicode/utf8"
)

// maxSlug is the longest slug, in bytes.
const maxSlug = 100

// Words returns the folded words of s: its runs of letters and its runs of digits. A number glued to a word is a word of
// its own: "15h30, 0quero" is "15", "h", "30", "0", "quero".
func Words(s string) []string {
	s = Fold(s)
	var words []string
	start, kind := 0, other
	for i, r := range s {
		if k := kindOf(r); k != kind {
			if kind != other {
				words = append(words, s[start:i])
			}
			start, kind = i, k
		}
	}
	if kind != other {
		words = append(words, s[start:])
	}
	return words
}

type kind int

const (
	other kind = iota
	letter
	digit
)

func kindOf(r rune) kind {
	switch {
	case r >= 'a' && r <= 'z':
		return letter
	case r >= '0' && r <= '9':
		return digit
	case r >= utf8.RuneSelf && unicode.IsLetter(r):
		return letter
	case r >= utf8.RuneSelf && unicode.IsDigit(r):
		return digit
	}
	return other
}

// Slug returns an identifier for a URL: "Dr. João Silva" is "dr-joao-silva". It has lower-case letters of the Latin
// alphabet, digits and single hyphens, at most 100 of them, and is empty when s has no such letter or digit.
func Slug(s string) string {
	s = Fold(s)
	slug := make([]byte, 0, min(len(s), maxSlug))
	pending := false // a hyphen, once another letter follows
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			pending = true
			continue
		}
		if pending && len(slug) > 0 {
			if len(slug) >= maxSlug-1 {
				break
			}
			slug = append(slug, '-')
		}
		if len(slug) == maxSlug {
			break
		}
		pending = false
		slug = append(slug, c)
	}
	return string(slug)
}
