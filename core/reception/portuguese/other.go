package portuguese

import (
	"strings"

	"github.com/secretary-api/secretary/core/reception"
)

// forOther reports whether a message says that the visit is for somebody else than who writes: "para a minha filha", "não é
// pra mim", "para outra pessoa". name is who that is, when the name follows: "é para o meu filho João". Where it was asked
// who the patient is, "minha filha" says so too, and a word alone is a name: "João".
func (m *message) forOther(state reception.State) (other bool, name string) {
	if asked := state == reception.CollectingPatient; asked && len(m.tokens) <= maxAnswer {
		if n := m.somebody(0); n > 0 && n >= len(m.tokens)-1 {
			return true, m.givenName(n)
		}
		if word, alone := m.aloneAfter("para|pra|pro|e|o|a|do|da"); alone {
			return false, word
		}
	}
	for i := range m.tokens {
		switch m.tokens[i].folded {
		case "para", "pra", "pro", "pr":
			if n := m.somebody(i + 1); n > 0 {
				return true, m.givenName(i + 1 + n)
			}
			other = other || m.notMe(i)
		}
	}
	return other, ""
}

// maxAnswer is how many words an answer to "para quem é a consulta?" has at most: "é para o meu filho João".
const maxAnswer = 6

// aloneAfter is the only word of a message besides leading ones, unless it means something else.
func (m *message) aloneAfter(leading string) (word string, ok bool) {
	last := len(m.tokens) - 1
	for i := range last {
		if !m.isPhrase(i, leading) {
			return "", false
		}
	}
	if last < 0 || m.tokens[last].used != unused || m.isPlain(last) || m.tokens[last].isNumber() || !m.canBeName(last) {
		return "", false
	}
	return m.tokens[last].raw, true
}

// isSelf reports whether a message is "para mim", "eu mesma" and the like, and nothing else.
func (m *message) isSelf() bool {
	self := false
	for i := range m.tokens {
		switch m.tokens[i].folded {
		case "mim", "eu":
			self = true
		case "para", "pra", "e", "mesmo", "mesma", "sou", "proprio", "propria", "so", "a", "o", "consulta", "paciente", "sim":
		default:
			return false
		}
	}
	return self
}

// somebody is how many tokens at i name a relative or another person, 0 when they do not: "o meu filho".
func (m *message) somebody(i int) int {
	n := 0
	for m.isPhrase(i+n, "o|a|os|as|meu|minha|meus|minhas|um|uma|nosso|nossa") {
		n++
	}
	mine := false
	for j := i; j < i+n; j++ {
		mine = mine || strings.HasPrefix(m.tokens[j].folded, "m") || strings.HasPrefix(m.tokens[j].folded, "n")
	}
	switch m.foldedAt(i + n) {
	case "filho", "filha", "filhinho", "filhinha", "pai", "mae", "avo", "vo", "vovo", "marido", "esposo", "esposa", "mulher", "neto", "neta",
		"irmao", "irma", "tio", "tia", "sogro", "sogra", "primo", "prima", "sobrinho", "sobrinha", "namorado", "namorada", "amigo", "amiga",
		"bebe", "nenem", "crianca", "enteado", "enteada", "cunhado", "cunhada", "companheiro", "companheira", "noivo", "noiva":
		if mine || n == 0 {
			return n + 1
		}
	case "outra", "outro":
		if m.foldedAt(i+n+1) == "pessoa" || m.foldedAt(i+n+1) == "paciente" {
			return n + 2
		}
	case "alguem", "terceiro", "terceiros":
		return n + 1
	}
	return 0
}

// notMe reports whether "para" at i is denied of the writer: "não é pra mim".
func (m *message) notMe(i int) bool {
	if m.foldedAt(i+1) != "mim" {
		return false
	}
	for j := i - 1; j >= 0 && j >= i-3; j-- {
		if f := m.tokens[j].folded; f == "nao" || f == "n" {
			return true
		}
	}
	return false
}

// givenName is the word at i when it is written as a name: "João". A full name is read elsewhere.
func (m *message) givenName(i int) string {
	if i >= len(m.tokens) || m.breaksBefore(i) && m.tokens[i].end || !m.tokens[i].isCapital() || m.isPlain(i) {
		return ""
	}
	return m.tokens[i].raw
}

func (m *message) foldedAt(i int) string {
	if i < 0 || i >= len(m.tokens) {
		return ""
	}
	return m.tokens[i].folded
}
