package jsonobj

import "strings"

// Stored is the object of a text that a store keeps: valid JSON, "" for none. A column of jsonb writes a space after each
// comma and colon; such blanks are dropped.
func Stored(text string) Object {
	from := blank(text, 0)
	if from < 0 {
		return Object(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	kept := 0
	for ; from >= 0; from = blank(text, from+1) {
		b.WriteString(text[kept:from])
		kept = from + 1
	}
	b.WriteString(text[kept:])
	return Object(b.String())
}

// blank returns where the next blank outside of a string is, -1 for nowhere. from is outside of a string.
func blank(text string, from int) int {
	for i := from; i < len(text); i++ {
		switch text[i] {
		case ' ', '\n', '\r', '\t':
			return i
		case '"':
			end := closing(text, i)
			if end < 0 {
				return -1
			}
			i = end
		}
	}
	return -1
}

// closing returns where the quote is that ends the string that begins at a quote, -1 for nowhere.
func closing(text string, quote int) int {
	for from := quote + 1; ; {
		n := strings.IndexByte(text[from:], '"')
		if n < 0 {
			return -1
		}
		end := from + n
		escapes := 0
		for escapes < n && text[end-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return end
		}
		from = end + 1
	}
}
