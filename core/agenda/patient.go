package agenda

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Initials returns the first letters of the patient's names, in capitals and without the particles between them: "A. S." of
// "Ana da Souza".
func (p Patient) Initials() string {
	var out []string
	for name := range strings.FieldsSeq(p.Name) {
		switch strings.ToLower(name) {
		case "da", "de", "do", "das", "dos", "e":
			continue
		}
		first, _ := utf8.DecodeRuneInString(name)
		out = append(out, string(unicode.ToUpper(first))+".")
	}
	return strings.Join(out, " ")
}
