package portuguese

import "strings"

// forOther reports whether a message says that the visit is for somebody else than who writes: "para a minha filha", "não é
// pra mim", "para outra pessoa". name is who that is, when the name follows: "é para o meu filho João".
func (m *message) forOther() (other bool, name string) {
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
