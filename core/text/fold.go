package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Base letters of the precomposed Latin letters, from U+00C0 and from U+1E00; '?' is a letter that is kept or spelled out.
const (
	latin = "aaaaaa?ceeeeiiiidnooooo?ouuuuy??aaaaaa?ceeeeiiiidnooooo?ouuuuy?y" +
		"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii??jjkkqlllllll" +
		"lllnnnnnnnnnoooooo??rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
	latinAdditional = "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm" +
		"mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv" +
		"wwwwwwwwwwxxxxyyzzzzzzhtwy?s????aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee" +
		"eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy??????"
)

// Fold returns s in lower case and without accents: "São João" is "sao joao", however its accents are encoded. Other
// characters are kept. Two texts that differ in case and accents only fold to the same text.
func Fold(s string) string {
	if isFolded(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		appendFolded(&b, r)
	}
	return b.String()
}

func isFolded(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return true
}

func appendFolded(b *strings.Builder, r rune) {
	switch {
	case r < utf8.RuneSelf:
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	case r >= 0xC0 && r < 0xC0+rune(len(latin)) && latin[r-0xC0] != '?':
		b.WriteByte(latin[r-0xC0])
	case r >= 0x1E00 && r < 0x1E00+rune(len(latinAdditional)) && latinAdditional[r-0x1E00] != '?':
		b.WriteByte(latinAdditional[r-0x1E00])
	case r >= 0x300 && r <= 0x36F: // a combining mark: its letter has been written
	default:
		appendSpecial(b, r)
	}
}

// appendSpecial writes what has no single base letter.
func appendSpecial(b *strings.Builder, r rune) {
	switch r {
	case 'ª', '\u212B': // 2ª feira; the sign of the ångström, which is an Å
		b.WriteByte('a')
	case 'º':
		b.WriteByte('o')
	case 'ß', 'ẞ':
		b.WriteString("ss")
	case 'æ', 'Æ':
		b.WriteString("ae")
	case 'œ', 'Œ':
		b.WriteString("oe")
	case 'þ', 'Þ':
		b.WriteString("th")
	default:
		b.WriteRune(unicode.ToLower(r))
	}
}
