package portuguese

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/secretary-api/secretary/core/agenda"
	"github.com/secretary-api/secretary/core/phone"
	"github.com/secretary-api/secretary/core/reception"
)

// patient reads the patient's data. They are looked for everywhere once they were asked for, and behind words such as "meu
// nome é" otherwise. days are the days of the message; those that turn out to be a birth date are taken out.
func (m *message) patient(in reception.Context, days []day) (agenda.Patient, []day) {
	asked := in.State == reception.CollectingPatient
	var p agenda.Patient
	p.BirthDate, days = m.birthDate(in.Today, days, asked)
	p.Phone = m.phone(asked)
	p.Name = m.name(asked)
	return p, days
}

// birthDate takes the first day of the past with its year written out.
func (m *message) birthDate(today agenda.Date, days []day, asked bool) (agenda.Date, []day) {
	for i, d := range days {
		born := m.speaksOfBirth(d.start)
		past := d.withYear && canBeBirth(d.date, today)
		if past && (asked || born || d.date.Year < today.Year-1) {
			m.use(d.start, d.end)
			return d.date, append(append([]day{}, days[:i]...), days[i+1:]...)
		}
	}
	return agenda.Date{}, days
}

func (m *message) speaksOfBirth(i int) bool {
	for j := i - 1; j >= 0 && j >= i-4; j-- {
		switch m.tokens[j].word {
		case "nasci", "nascimento", "nascida", "nascido", "nasceu", "dn", "aniversario":
			return true
		}
	}
	return false
}

// phone takes the first run of numbers that is a Brazilian telephone, or an international one with its plus.
func (m *message) phone(asked bool) string {
	for i := range m.tokens {
		if !m.tokens[i].isNumber() || m.tokens[i].used == usedPatient || m.tokens[i].used == usedDate && !asked {
			continue
		}
		if !asked && !m.wordBefore(i, "telefone", "whatsapp", "numero", "ligar", "ligue") || m.wordBefore(i, "cpf", "rg", "carteirinha") && m.isClose(i) {
			continue
		}
		for end := m.numbersFrom(i); end > i; end-- {
			if number, ok := m.dial(i, end); ok {
				m.use(i, end)
				return number
			}
		}
	}
	return ""
}

// isClose reports whether the label before token i is a document's and stands right before it.
func (m *message) isClose(i int) bool {
	for j := i - 1; j >= 0 && j >= i-2; j-- {
		switch m.tokens[j].word {
		case "cpf", "rg", "carteirinha":
			return true
		}
	}
	return false
}

// numbersFrom is where the numbers end that are written together from token i on.
func (m *message) numbersFrom(i int) int {
	end, digits := i, 0
	for end < len(m.tokens) && m.tokens[end].isNumber() && m.tokens[end].used != usedPatient {
		if end > i && strings.Trim(m.tokens[end].sep, " -.()\u00a0") != "" {
			break
		}
		if digits += len(m.tokens[end].raw); digits > 15 {
			break
		}
		end++
	}
	return end
}

// dial normalises the numbers from start to end.
func (m *message) dial(start, end int) (string, bool) {
	var b strings.Builder
	plus := strings.HasSuffix(strings.TrimRight(m.tokens[start].sep, "( "), "+")
	if plus {
		b.WriteByte('+')
	}
	for i := start; i < end; i++ {
		b.WriteString(m.tokens[i].raw)
	}
	if b.Len() < 10 || m.looksLikeCPF(start, end) {
		return "", false
	}
	number, err := phone.Normalize(b.String())
	if err != nil || !plus && !strings.HasPrefix(number, "+55") {
		return "", false // eleven digits that are no Brazilian number are a document's, not a call abroad
	}
	return number, true
}

// looksLikeCPF reports whether the numbers are written as a taxpayer's number: 123.456.789-09.
func (m *message) looksLikeCPF(start, end int) bool {
	return end-start == 4 && m.tokens[start+1].sep == "." && m.tokens[start+2].sep == "." && len(m.tokens[start].raw) == 3 && len(m.tokens[start+3].raw) == 2
}

// name takes the patient's full name: what stands behind "meu nome é", else, when it was asked for, the first run of words
// that can be one.
func (m *message) name(asked bool) string {
	for i := range m.tokens {
		if n := m.introduction(i, asked); n > 0 {
			if end := max(m.capitalNameEnd(i+n), m.fullNameEnd(i+n)); end > 0 {
				return m.takeName(i+n, end)
			}
		}
	}
	if !asked {
		return ""
	}
	for i := range m.tokens {
		if i > 0 && !m.breaksBefore(i) {
			continue
		}
		if end := m.capitalNameEnd(i); end > 0 {
			return m.takeName(i, end)
		}
	}
	for i := range m.tokens {
		if i > 0 && !m.startsPart(i) {
			continue
		}
		if end := m.fullNameEnd(i); end > 0 {
			return m.takeName(i, end)
		}
	}
	return ""
}

// capitalNameEnd is where a name ends that fills a part of the message from start on, every word with a capital: then
// it may hold words that mean something else too, as Maria das Dores and Socorro Lima do. It is 0 when there is none.
func (m *message) capitalNameEnd(start int) int {
	if start >= len(m.tokens) || isParticle(m.tokens[start].folded) {
		return 0
	}
	words, plain, end := 0, 0, start
	for ; end < len(m.tokens) && (end == start || !m.breaksBefore(end)); end++ {
		t := m.tokens[end]
		if isParticle(t.folded) {
			continue
		}
		if !t.isCapital() || t.raw == strings.ToUpper(t.raw) || isTitle(t.word) {
			return 0
		}
		words++
		if m.isPlain(end) {
			plain++
		}
	}
	last := m.tokens[end-1].folded
	if words < 2 || isParticle(last) || 2*plain >= words && !isSurname(last) && m.isPlain(start) {
		return 0
	}
	return end
}

// breaksBefore reports whether a sentence, a part of one, or a number stands before token i.
func (m *message) breaksBefore(i int) bool {
	t := m.tokens[i]
	return t.end || t.comma || t.isNumber() || m.tokens[i-1].isNumber() || strings.ContainsAny(t.sep, "–—/:")
}

func (m *message) isPlain(i int) bool {
	t := m.tokens[i]
	return vocabulary().plain[t.folded] || t.used == usedDate || t.used == usedSymptom
}

// introduction is how many tokens at i announce the patient's name, 0 when they do not.
func (m *message) introduction(i int, asked bool) int {
	n := 0
	switch m.wordAt(i) {
	case "nome":
		n = 1
		for m.isPhrase(i+n, "completo|do|da|paciente|dele|dela|inteiro|e") {
			n++
		}
		if n == 1 && !asked && !m.tokens[min(i+1, len(m.tokens)-1)].comma {
			return 0
		}
	case "chamo":
		n = 1
	case "chama":
		if m.wordAt(i-1) == "se" {
			n = 1
		}
	case "sou":
		n = 1
		if m.isPhrase(i+1, "o|a") {
			n = 2
		}
	case "paciente":
		n = 1
		for m.isPhrase(i+n, "e|sera|se|chama|o|a") {
			n++
		}
	case "aqui":
		if m.isPhrase(i+1, "e") {
			n = 2
			if m.isPhrase(i+2, "o|a") {
				n = 3
			}
		}
	}
	return n
}

// startsPart reports whether a part of the message begins at token i: after a break, a number, or a word that is no name.
func (m *message) startsPart(i int) bool {
	t := m.tokens[i]
	return t.end || t.comma || strings.ContainsAny(t.sep, "-–—/") || m.tokens[i-1].isNumber() || m.tokens[i-1].used != unused ||
		!m.canBeName(i-1) && !isParticle(m.tokens[i-1].folded)
}

// fullNameEnd is where the full name that begins at start ends, 0 when there is none: two words at least, and particles
// between them.
func (m *message) fullNameEnd(start int) int {
	if start >= len(m.tokens) || isParticle(m.tokens[start].folded) {
		return 0
	}
	words, end := 0, start
	for i := start; i < len(m.tokens) && i < start+10; i++ {
		t := m.tokens[i]
		if i > start && (t.end || t.comma || strings.ContainsAny(t.sep, "-–—/") && t.sep != "-") {
			break
		}
		if isParticle(t.folded) {
			continue
		}
		if !m.canBeName(i) && (words == 0 || !isSurname(t.folded)) {
			break
		}
		words++
		end = i + 1
	}
	if words < 2 {
		return 0
	}
	return end
}

// canBeName reports whether token i can be a word of a person's name.
func (m *message) canBeName(i int) bool {
	t := m.tokens[i]
	if t.raw == "" || t.isNumber() || t.used == usedPatient || t.used == usedDate || t.used == usedHour || t.used == usedSpecialty {
		return false
	}
	if t.used == usedName || utf8.RuneCountInString(t.folded) < 2 && !m.isElided(i) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(t.folded)
	if m.isElided(i) {
		return true
	}
	return unicode.IsLetter(r) && !vocabulary().plain[t.folded] && !vocabulary().plain[t.word]
}

// isElided reports whether token i is the beginning of a name such as D'Ávila.
func (m *message) isElided(i int) bool {
	return i+1 < len(m.tokens) && (m.tokens[i+1].sep == "'" || m.tokens[i+1].sep == "’")
}

// isSurname reports whether a plain word is also a common surname.
func isSurname(word string) bool {
	switch word {
	case "dias", "reis", "leite", "branco", "neto", "filho", "junior", "guerra", "rosa", "porto", "costa", "santos", "domingos",
		"franco", "paz", "luz", "campos", "passos", "marques", "silva", "souza", "sousa", "oliveira", "pereira", "lima", "ferreira", "rodrigues", "almeida",
		"nascimento", "alves", "carvalho", "araujo", "ribeiro", "gomes", "martins", "rocha", "barbosa", "moreira", "melo", "mello", "cardoso", "teixeira",
		"moraes", "morais", "mendes", "freitas", "fernandes", "castro", "andrade", "vieira", "nunes", "machado", "lopes", "soares", "pinto", "azevedo",
		"monteiro", "correia", "correa", "cavalcanti", "moura", "ramos", "barros", "borges", "batista", "miranda", "duarte", "fonseca", "nogueira", "pires",
		"tavares", "farias", "viana", "macedo", "peixoto", "coelho", "cunha", "bezerra", "figueiredo", "magalhaes", "xavier", "sales", "antunes", "aguiar":
		return true
	}
	return false
}

func (m *message) takeName(start, end int) string {
	words := make([]string, 0, end-start)
	shouted := true
	for i := start; i < end; i++ {
		m.tokens[i].used = usedPatient
		words = append(words, m.tokens[i].raw)
		shouted = shouted && m.tokens[i].raw == strings.ToUpper(m.tokens[i].raw)
	}
	joined := joinName(words, m.tokens[start:end])
	if shouted || joined == strings.ToLower(joined) {
		joined = titled(joined)
	}
	return joined
}

// joinName puts the words of a name together; a hyphen or an apostrophe inside stays.
func joinName(words []string, tokens []token) string {
	var b strings.Builder
	for i, w := range words {
		if w == "" {
			continue
		}
		if i > 0 {
			switch tokens[i].sep {
			case "-", "'", "’":
				b.WriteString(tokens[i].sep)
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteString(w)
	}
	return b.String()
}

// titled writes a name with capitals, its particles without.
func titled(name string) string {
	words := strings.Fields(strings.ToLower(name))
	for i, w := range words {
		if i > 0 && isParticle(w) {
			continue
		}
		r, size := utf8.DecodeRuneInString(w)
		words[i] = string(unicode.ToUpper(r)) + w[size:]
	}
	return strings.Join(words, " ")
}
